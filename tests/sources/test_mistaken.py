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


@pytest.mark.parametrize(
    ("across", "up", "is_inside"),
    [
        (400_000, 500_000, True),
        (800_000, 1_000_000, True),
        (399_999, 500_000, False),
        (800_001, 1_000_000, False),
        (450_000, 500_000, True),
        (450_000, 499_999, False),
        (800_000, 1_000_001, False),
    ],
)
def test_irish_metres_have_their_bounds(across: int, up: int, *, is_inside: bool) -> None:
    assert ("Irish Transverse Mercator" in str(words(str(across), str(up)))) is is_inside


@pytest.mark.parametrize(("n_zero", "is_told"), [(9, True), (8, False)])
def test_what_nine_of_ten_rows_are_is_told(n_zero: int, *, is_told: bool) -> None:
    spots = ["0"] * n_zero + ["7"] * (10 - n_zero)
    table = pd.DataFrame({"x": spots, "y": spots}, dtype="str")
    found = told(table, recognised(table)[0])
    assert (found is not None and found[0] == "all of them are zero") is is_told


@pytest.mark.parametrize(
    ("across", "up", "expected"),
    [
        ("-1050000", "6300000", "Web Mercator"),
        ("-1050001", "6300000", None),
        ("250000", "8700000", "Web Mercator"),
        ("250001", "8700000", None),
        ("0", "6299999", None),
        ("0", "8700001", None),
        ("2", "49.5", "minus sign"),
        ("1.99", "49.5", None),
        ("9", "61", "minus sign"),
        ("9.01", "61", None),
        ("5", "49.49", None),
        ("5", "61.01", None),
        ("5000000", "5000000", "millimetres"),
        ("4999999", "5000000", None),
        ("660000000", "1225000000", "millimetres"),
        ("660000000", "1225000001", None),
    ],
)
def test_what_coordinates_may_be_has_bounds(across: str, up: str, expected: str | None) -> None:
    found = words(across, up)
    if expected is None:
        assert found is None
    else:
        assert expected in str(found)
