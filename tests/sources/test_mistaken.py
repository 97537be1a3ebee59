from __future__ import annotations

import pandas as pd
import pytest

from hotspots.sources.mistaken import told
from hotspots.sources.pairs import recognised


def words(across: str, up: str) -> str | None:
    table = pd.DataFrame({"x": [across] * 3, "y": [up] * 3}, dtype="str")
    found = told(table, recognised(table)[0])
    return None if found is None else " / ".join(found)


@pytest.mark.parametrize(
    ("across", "up", "expected"),
    [
        ("", "", "all of them are empty"),
        ("0", "0.0", "all of them are zero"),
        ("-269482.5", "7065848.8", "Web Mercator"),
        ("372148000", "394396000", "millimetres"),
        ("2.42", "53.44", "lost their minus sign"),
        ("53.44", "2.42", "lost their minus sign"),
        ("732926", "874000", "Irish Transverse Mercator"),
        ("2°25'14.89\"W", "53°26'44.12\"N", "degrees, minutes and seconds"),
    ],
)
def test_what_coordinates_are_instead_is_told(across: str, up: str, expected: str) -> None:
    assert expected in str(words(across, up))


def test_what_is_like_nothing_is_not_guessed_at() -> None:
    assert words("12", "Moor Lane") is None


def test_areas_in_well_known_text_are_told() -> None:
    table = pd.DataFrame({"WKT": ["MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"]}, dtype="str")
    found = told(table, recognised(table)[0])
    assert found is not None
    assert "areas or lines, not points" in found[0]
