from __future__ import annotations

import pandas as pd
import pytest
import shapely

from hotspots.errors import InputError
from hotspots.sources.plausible import Evidence, Judged, judge

E, N = 353_000.0, 429_000.0


def places(*xy: tuple[float, float]) -> tuple[pd.Series[float], pd.Series[float]]:
    return pd.Series([x for x, _ in xy], dtype="float64"), pd.Series(
        [y for _, y in xy], dtype="float64"
    )


def of(*xy: tuple[float, float], is_grid: bool = True, evidence: Evidence | None = None) -> Judged:
    x, y = places(*xy)
    return judge("f.csv", x, y, pd.Series(is_grid, x.index), evidence or Evidence())


def test_places_on_land_are_left_as_they_are() -> None:
    found = of((E, N), (float("nan"), float("nan")))
    assert found.fine.tolist() == [True, False]
    assert found.reason.isna().all()
    assert (found.repairs, found.warnings) == ([], [])
    assert not of((float("nan"), N)).fine.any()


def test_a_few_rows_at_sea_are_quarantined_and_many_refused() -> None:
    found = of(*[(E, N)] * 9, (290_000, 450_000))
    assert found.status.dropna().to_dict() == {9: "quarantined"}
    with pytest.raises(InputError, match=r"f\.csv: 4 of 13 rows lie in the sea"):
        of(*[(E, N)] * 9, *[(290_000, 450_000)] * 4)
    with pytest.raises(InputError, match="1 of 1 rows"):
        of((290_000, 450_000), is_grid=False)


def test_axes_are_exchanged_where_the_coast_leaves_no_doubt() -> None:
    found = of(*[(180_000 + i, 531_000) for i in range(3)])
    assert found.x.tolist() == [531_000] * 3
    assert found.repairs[0].startswith("3 rows have easting and northing the wrong way round")
    with pytest.raises(InputError, match="are no coordinates of Great Britain"):
        of(*[(180_000 + i, 531_000) for i in range(3)], is_grid=False)


def test_what_may_be_irish_is_never_exchanged() -> None:
    with pytest.raises(InputError, match="Irish"):
        of(*[(255_000 + i, 425_000) for i in range(3)])


def test_irish_metres_of_which_some_lie_at_sea_are_refused() -> None:
    spread = [(262_000 + 1_200 * i, 428_000 - 400 * i) for i in range(60)]
    with pytest.raises(InputError, match="read as Irish Grid they all lie in Northern Ireland"):
        of(*spread)


def test_the_other_coordinates_tell_exchanged_axes_and_contradictions() -> None:
    other = Evidence(other=places(*[(E, N)] * 6))
    found = of(*[(E, N)] * 4, (N, E), (E, N + 90_000), evidence=other)
    assert found.x.tolist()[4] == E
    assert found.repairs[0].startswith("1 rows")
    assert found.status.dropna().to_dict() == {5: "quarantined"}
    with pytest.raises(InputError, match="two pairs of coordinates are more than 30 km apart"):
        of(*[(530_000, 180_000)] * 6, evidence=other)
    near = of(*[(E, N + 3_000)] * 6, evidence=other)
    assert "by more than 3,000 m" in near.warnings[0]


@pytest.mark.parametrize(("apart_m", "is_told"), [(100, False), (101, True)])
def test_a_pair_of_columns_a_little_off_the_other_is_told(apart_m: float, *, is_told: bool) -> None:
    other = Evidence(other=places(*[(E, N)] * 3))
    assert bool(of(*[(E, N + apart_m)] * 3, evidence=other).warnings) is is_told


def test_degrees_are_not_held_against_the_other_coordinates() -> None:
    other = Evidence(other=places(*[(E, N + 90_000)] * 3))
    found = of(*[(E, N)] * 3, is_grid=False, evidence=other)
    assert found.fine.all()
    assert (found.repairs, found.warnings) == ([], [])


def test_the_other_coordinates_tell_irish_metres() -> None:
    belfast = places(*[(146_900.0, 529_800.0)] * 2)
    with pytest.raises(InputError, match="agree with them as Irish Grid"):
        of(*[(333_900, 374_400)] * 2, evidence=Evidence(other=belfast))


def test_words_are_believed_unless_the_other_coordinates_are_of_britain() -> None:
    with pytest.raises(
        InputError, match=r"f\.csv: a heading says so, so its coordinates are Irish"
    ):
        of((E, N), evidence=Evidence(irish="a heading says so"))
    assert of((E, N), evidence=Evidence(places((E, N)), irish="a heading says so")).fine.all()


def test_the_area_excludes_tells_exchanged_axes_and_refuses() -> None:
    square = Evidence(near=shapely.box(E - 1_000, N - 1_000, E + 1_000, N + 1_000))
    found = of((E, N), (E + 5_900, N), (E + 9_000, N), (N, E), evidence=square)
    assert found.status.fillna("").tolist() == ["", "", "excluded", ""]
    assert found.repairs[0].startswith("1 rows")
    assert of(*[(N, E)] * 3, evidence=square).x.tolist() == [E] * 3
    half = of((E, N), (N, E), (530_000, 180_000), (531_000, 180_000), evidence=square)
    assert half.status.fillna("").tolist() == ["", "", "excluded", "excluded"]
    less = of((E, N), (N, E), *[(530_000, 180_000)] * 3, evidence=square)
    assert less.status.fillna("").tolist() == ["", *["excluded"] * 4]
    with pytest.raises(InputError, match="no row lies in the area of the settings"):
        of((530_000, 180_000), evidence=square)
    belfast = Evidence(near=shapely.box(140_000, 520_000, 150_000, 540_000))
    with pytest.raises(InputError, match="read as Irish Grid they lie in the area"):
        of((333_900, 374_400), evidence=belfast)


def test_the_few_far_from_all_others_are_quarantined() -> None:
    here = [(E + 100 * i, N) for i in range(8)]
    assert of(*here, (530_000, 180_000)).status.dropna().to_dict() == {8: "quarantined"}
    assert of(*here, *[(530_000, 180_000)] * 3).fine.all()
    assert of(*here[:3], (530_000, 180_000)).fine.all()


def test_the_isle_of_man_is_refused_and_never_exchanged() -> None:
    with pytest.raises(InputError, match="2 of 2 rows lie on the Isle of Man"):
        of((238_000, 475_000), (238_100, 475_000))
    found = of(*[(E, N)] * 9, (238_000, 475_000))
    assert found.reason.dropna().tolist() == [
        "the coordinate is outside Great Britain, on the Isle of Man"
    ]


def test_axes_are_not_exchanged_if_some_rows_lie_on_land_as_given() -> None:
    with pytest.raises(InputError, match="18 of 20 rows lie in the sea"):
        of(*[(180_000 + i, 531_000) for i in range(18)], *[(E, N)] * 2)


def test_the_name_of_a_file_is_believed_only_with_irish_places() -> None:
    named = Evidence(is_named_irish=True)
    assert of(*[(E, N)] * 3, evidence=named).fine.all()
    with pytest.raises(InputError, match="the name of the file says so, and read as Irish Grid"):
        of(*[(333_900, 374_400)] * 3, evidence=named)


def test_strays_of_one_authority_are_quarantined_and_those_exchanged_are_told() -> None:
    here = [(372_000 + 50 * i, 394_000.0 + 50 * i) for i in range(60)]
    strays = [(394_500, 373_000), (450_000, 394_000)]
    found = of(*here, *strays, evidence=Evidence(is_local=True))
    assert found.reason.dropna().to_dict() == {
        60: "far from all other rows of the file, but among them if easting and northing are "
        "exchanged",
        61: "far from all other rows of the file",
    }
    assert of(*here, *strays).fine.all()
    wide = [(372_000 + 800 * i, 394_000.0) for i in range(60)]
    assert of(*wide, (450_000, 394_000), evidence=Evidence(is_local=True)).fine.all()
    assert of(*here, *[(450_000, 394_000)] * 5, evidence=Evidence(is_local=True)).fine.all()
