"""Sentences about what goes with crime: an association or none established, and nothing more."""

from __future__ import annotations

import re

import pandas as pd

from hotspots.publish import evidence

CAUSAL = re.compile(r"caus|because|leads? to|due to|effect|impact|results? in", re.IGNORECASE)


def row(estimator: str, *, factor: str = "nearest_pub_m", **other: object) -> dict[str, object]:
    """One finding about violence near pubs."""
    return {
        "crime_group": "Violence and sexual offences",
        "factor": factor,
        "estimator": estimator,
        "ratio": 1.42,
        "low": 1.2,
        "high": 1.63,
        "evidence": "associated",
        "unit": "within 100 m of a place of the kind pub, yes or no",
        "control": "Burglary / Other theft / Vehicle crime" if estimator == "case_case" else None,
        "smallest": 1.3 if estimator == "case_case" else 1.15,
    } | other


def test_an_association_is_told_with_both_ratios_and_intervals() -> None:
    words = evidence.factor_sentence(pd.DataFrame([row("case_case", ratio=1.3), row("matched")]))
    assert words == (
        "Places within 100 m of a pub had 1.42 times the recorded violence and sexual offences of "
        "places in the same 250 m without one (95 % interval 1.20 to 1.63). Held against burglary, "
        "other theft and vehicle crime at the same places: 1.30 times (95 % interval 1.20 to "
        "1.63). This is an association between places."
    )


def test_what_is_not_established_says_what_this_volume_could_have_shown() -> None:
    both = [row(each, evidence="not established") for each in ("matched", "case_case")]
    words = evidence.factor_sentence(pd.DataFrame(both))
    assert "is not established; at this volume a ratio between 0.77 and 1.30" in words
    assert evidence.ASSOCIATION not in words
    alone = evidence.factor_sentence(pd.DataFrame(both[:1]))
    assert "There was no control crime to hold it against." in alone
    assert "a ratio between 0.87 and 1.15" in alone


def test_smooth_factors_and_groups_are_told_in_their_own_words() -> None:
    unit = "for each 3.1 lamps per hectare (one standard deviation)"
    found = row("matched", factor="lamps_per_ha", unit=unit, crime_group="people", high=4000.0)
    words = evidence.factor_sentence(pd.DataFrame([found]))
    assert words.startswith("For each 3.1 lamps per hectare (one standard deviation) more, places ")
    assert "crime of the group 'people'" in words
    assert "1.20 to more than 10" in words


def test_associations_come_first() -> None:
    rows = [
        row("matched", crime_group="Drugs", evidence="not established"),
        row("matched", crime_group="Public order", factor="nearest_off_licences_m"),
    ]
    order = list(evidence.factor_sentences(pd.DataFrame(rows)))
    assert [each[:2] for each in order] == [
        ("Public order", "nearest_off_licences_m"), ("Drugs", "nearest_pub_m")
    ]  # fmt: skip
    assert "within 100 m of off licences had 1.42 times the recorded public order" in order[0][2]


def test_what_was_not_tested_says_why() -> None:
    words = evidence.untested_sentence("wattage_w", "all", "not supplied")
    assert words == "Not tested: wattage (not supplied)."
    words = evidence.untested_sentence("lamps_per_ha", "Drugs", "too few")
    assert words == "Not fully tested for drugs offences: lamps per hectare (too few)."


def test_no_sentence_here_speaks_of_more_than_association() -> None:
    rows = pd.DataFrame([row("matched"), row("case_case")])
    said = [evidence.factor_sentence(rows), evidence.MONTHS_ONLY, evidence.ASSOCIATION]
    assert not [words for words in said if CAUSAL.search(words)]
