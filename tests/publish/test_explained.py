"""One sentence for what is unusual, with its evidence; never a causal word."""

from __future__ import annotations

import re

import pytest

from hotspots.publish.explained import unusual_sentence

CAUSAL = re.compile(
    r"\b(?:caus\w*|because|due to|leads? to|result\w*|drives?|attracts?)\b", re.IGNORECASE
)

MEASURES = (
    "lamp_spacing_m", "lamps_per_ha", "lamps_per_100m_street", "nearest_lamp_m", "dark_share",
    "dark_share_20m", "longest_gap_m", "faulty_share", "part_night_share", "dimmed_share",
    "wattage_w", "lamp_age_years", "nearest_pub_m", "pub_within_250m",
)  # fmt: skip


def _row(**changes: object) -> dict[str, object]:
    return {
        "measure": "lamp_spacing_m",
        "crime_group": "Burglary",
        "value": 45.2,
        "typical": 27.9,
        "percentile": 0.93,
        "matched": "same district",
        "evidence": "not established",
    } | changes


def test_the_sentence_names_the_place_the_figures_and_the_evidence() -> None:
    assert unusual_sentence(_row(), district="Preston", area="Lancashire") == (
        "Lamps stand further apart here than at nine in ten similar places in Preston (45 m; "
        "usually 28 m). Whether that goes with burglary here is not established."
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"percentile": 0.02}, "closer together here than at 19 in 20 similar places"),
        ({"percentile": 0.995}, "further apart here than at 99 in 100 similar places"),
        ({"matched": "whole area"}, "similar places in Lancashire"),
        ({"evidence": "not tested"}, "Whether that goes with burglary was not tested."),
        ({"evidence": "associated"}, "in Lancashire this is associated with burglary."),
        ({"measure": "dark_share", "value": 0.614, "typical": 0.2}, "(61 %; usually 20 %)"),
        ({"measure": "pub_within_250m", "value": 8.0, "typical": 0.0}, "(8; usually 0)"),
        ({"measure": "nearest_bus stop_m", "percentile": 0.0}, "The nearest bus stop is less far"),
    ],
)
def test_the_words_follow_the_row(changes: dict[str, object], expected: str) -> None:
    assert expected in unusual_sentence(_row(**changes), district="Preston", area="Lancashire")


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("evidence", ["associated", "not established", "not tested"])
def test_no_sentence_of_what_is_unusual_is_causal(measure: str, evidence: str) -> None:
    for percentile in (0.05, 0.95):
        row = _row(measure=measure, evidence=evidence, percentile=percentile)
        said = unusual_sentence(row, district="Preston", area="Lancashire")
        assert not CAUSAL.search(said)
        assert "_" not in said
        assert "The figure for" not in said
