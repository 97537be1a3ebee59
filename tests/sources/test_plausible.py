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


@pytest.mark.parametrize(("apart_m", "is_fine"), [(30_000, True), (30_001, False)])
def test_two_pairs_may_be_thirty_kilometres_apart(apart_m: float, *, is_fine: bool) -> None:
    other = Evidence(other=places(*[(E, N)] * 4))
    assert of(*[(E, N)] * 3, (E, N + apart_m), evidence=other).fine.iloc[3] == is_fine
    turned = of(*[(E, N)] * 3, (N + apart_m, E), evidence=other)
    assert bool(turned.repairs) is is_fine
    assert turned.fine.iloc[3] == is_fine


def test_half_the_rows_have_to_agree_with_the_other_coordinates() -> None:
    other = Evidence(other=places(*[(E, N)] * 4))
    half = of((E, N), (N, E), *[(530_000, 180_000)] * 2, evidence=other)
    assert half.status.fillna("").tolist() == ["", "", "quarantined", "quarantined"]
    words = r"^f\.csv: its two pairs of coordinates are more than 30 km apart in most rows; name"
    with pytest.raises(InputError, match=words):
        of((E, N), *[(530_000, 180_000)] * 3, evidence=other)


def test_rows_without_other_coordinates_are_left_as_they_are() -> None:
    other = Evidence(other=places((E, N), (E, float("nan")), (float("nan"), N)))
    found = of((E, N), (E, N + 50_000), (E, N + 60_000), evidence=other)
    assert found.fine.all()
    assert found.warnings == []


@pytest.mark.parametrize(("n_irish", "words"), [(2, "agree with them as Irish"), (1, "name the")])
def test_half_the_rows_have_to_agree_as_irish(n_irish: int, words: str) -> None:
    other = Evidence(other=places(*[(146_900.0, 529_800.0)] * 4))
    rows = [(333_900.0, 374_400.0)] * n_irish + [(530_000.0, 180_000.0)] * (4 - n_irish)
    with pytest.raises(InputError, match=words):
        of(*rows, evidence=other)


@pytest.mark.parametrize(("apart_m", "is_near"), [(4_999, True), (5_001, False)])
def test_a_place_may_lie_five_kilometres_outside_the_area(apart_m: float, *, is_near: bool) -> None:
    square = Evidence(near=shapely.box(E - 1_000, N - 1_000, E + 1_000, N + 1_000))
    found = of((E, N), (E + 1_000 + apart_m, N), evidence=square)
    assert found.fine.tolist() == [True, is_near]
    assert found.reason.fillna("").tolist() == ["", "" if is_near else "outside the area"]


def test_nearly_all_rows_have_to_lie_in_the_area_once_they_are_exchanged() -> None:
    square = Evidence(near=shapely.box(E - 1_000, N - 1_000, E + 1_000, N + 1_000))
    found = of(*[(N, E)] * 19, (530_000, 180_000), evidence=square)
    assert found.repairs == [
        "19 rows have easting and northing the wrong way round, as the area of the settings shows"
    ]
    assert found.fine.tolist() == [True] * 19 + [False]
    words = (
        r"^f\.csv: no row lies in the area of the settings or within 5 km of it, though some would "
        r"with easting and northing exchanged; supply the file of that area\.$"
    )
    with pytest.raises(InputError, match=words):
        of(*[(N, E)] * 18, *[(530_000, 180_000)] * 2, evidence=square)
    with pytest.raises(InputError, match="of it; supply"):
        of(*[(N, E)] * 19, is_grid=False, evidence=square)


SEA = (290_000.0, 450_000.0)


@pytest.mark.parametrize(
    ("n_land", "n_sea", "is_refused"),
    [
        (12, 3, False),
        (11, 3, True),
        (7, 2, False),
        (1, 2, False),
        (1, 1, False),
        (0, 2, True),
        (1, 3, True),
    ],
)
def test_a_fifth_of_the_rows_or_two_may_lie_at_sea(
    n_land: int, n_sea: int, *, is_refused: bool
) -> None:
    rows = [(E, N)] * n_land + [SEA] * n_sea
    if is_refused:
        with pytest.raises(InputError, match=f"{n_sea} of {n_land + n_sea} rows lie in the sea"):
            of(*rows)
    else:
        found = of(*rows)
        assert found.fine.tolist() == [True] * n_land + [False] * n_sea
        assert set(found.reason.dropna()) == {"the coordinate is outside Great Britain, in the sea"}


@pytest.mark.parametrize(("n_grid", "is_told"), [(2, False), (3, True)])
def test_what_metres_may_be_is_told_if_most_rows_at_sea_are_metres(
    n_grid: int, *, is_told: bool
) -> None:
    x, y = places(*[SEA] * 4)
    is_grid = pd.Series([True] * n_grid + [False] * (4 - n_grid))
    with pytest.raises(InputError) as caught:
        judge("f.csv", x, y, is_grid, Evidence())
    assert ("; perhaps they are Irish Grid, or" in str(caught.value)) is is_told


@pytest.mark.parametrize(("n_there", "where"), [(2, "in the sea"), (3, "on the Isle of Man")])
def test_most_rows_have_to_lie_where_they_are_said_to(n_there: int, where: str) -> None:
    with pytest.raises(InputError, match=f"4 of 4 rows lie {where}") as caught:
        of(*[(238_000, 475_000)] * n_there, *[SEA] * (4 - n_there))
    assert ("perhaps" in str(caught.value)) == (n_there == 2)


@pytest.mark.parametrize(
    ("x", "y", "is_exchanged"),
    [
        (180_000, 470_000, False),
        (180_000, 470_001, True),
        (10_000, 171_000, False),
        (9_999, 171_000, True),
    ],
)
def test_metres_of_the_irish_grid_have_bounds(x: float, y: float, *, is_exchanged: bool) -> None:
    if is_exchanged:
        assert of(*[(x, y)] * 3).x.tolist() == [y] * 3
    else:
        with pytest.raises(InputError, match="are no coordinates of Great Britain"):
            of(*[(x, y)] * 3)


def test_axes_are_exchanged_if_nearly_all_rows_lie_at_sea_as_given() -> None:
    found = of(*[(180_000, 531_000)] * 19, (400_000, 500_000))
    assert found.x.tolist() == [531_000] * 19 + [500_000]
    assert found.fine.iloc[:19].all()
    assert found.repairs[0].startswith("20 rows")


@pytest.mark.parametrize(("n_irish", "is_refused"), [(19, True), (18, False)])
def test_nearly_all_rows_have_to_lie_in_northern_ireland(n_irish: int, *, is_refused: bool) -> None:
    rows = [(333_900.0, 374_400.0)] * n_irish + [(530_000.0, 180_000.0)] * (20 - n_irish)
    named = Evidence(is_named_irish=True)
    if is_refused:
        with pytest.raises(InputError, match="they all lie in Northern Ireland"):
            of(*rows, evidence=named)
    else:
        assert of(*rows, evidence=named).x.notna().all()


@pytest.mark.parametrize(("apart_m", "is_fine"), [(150_000, True), (150_001, False)])
def test_of_five_rows_one_may_be_too_far_from_the_others(apart_m: float, *, is_fine: bool) -> None:
    found = of(*[(E, N)] * 4, (E, N - apart_m))
    assert found.fine.tolist() == [True] * 4 + [is_fine]
    if not is_fine:
        reason = "more than 150 km from the other rows of the file"
        assert found.reason.iloc[4] == reason


@pytest.mark.parametrize(("apart_m", "is_fine"), [(180_000, True), (180_001, False)])
def test_thrice_as_far_as_most_rows_is_not_too_far(apart_m: float, *, is_fine: bool) -> None:
    wide = [(400_000.0, 300_000.0)] * 5 + [(400_000.0, 240_000.0)] * 6
    found = of(*wide[:6], *wide[6:9], (400_000.0, 300_000.0), (400_000.0, 300_000.0 + apart_m))
    assert found.fine.iloc[-1] == is_fine


LOCAL = Evidence(is_local=True)


@pytest.mark.parametrize(
    ("spread_m", "apart_m", "is_fine"),
    [(0, 60_000, True), (0, 60_001, False), (20_000, 80_000, True), (20_000, 80_001, False)],
)
def test_a_row_of_one_authority_may_lie_so_far_from_the_others(
    spread_m: float, apart_m: float, *, is_fine: bool
) -> None:
    here = [(400_000.0, 300_000.0)] * 20 + [(400_000.0 + spread_m, 300_000.0)] * 10
    found = of(*here, (400_000.0, 300_000.0 - apart_m), evidence=LOCAL)
    assert found.fine.tolist() == [True] * 30 + [is_fine]


@pytest.mark.parametrize(
    ("spread_m", "off_m", "is_fine"),
    [(0, 19_999, True), (0, 20_001, False), (9_000, 26_998, True), (9_000, 27_004, False)],
)
def test_a_row_among_the_others_once_exchanged_may_lie_nearer(
    spread_m: float, off_m: float, *, is_fine: bool
) -> None:
    # Exchanged, a place lies as far from the diagonal, on the other side of it.
    low = 300_000.0
    high = low + off_m / 2**0.5
    here = [(low, high)] * 20 + [(low + spread_m, high)] * 10
    found = of(*here, (high, low), evidence=LOCAL)
    assert found.fine.tolist() == [True] * 30 + [is_fine]
    if not is_fine:
        assert found.reason.iloc[30].endswith("among them if easting and northing are exchanged")


@pytest.mark.parametrize(("n_here", "is_fine"), [(57, True), (58, False)])
def test_only_very_few_rows_are_strays(n_here: int, *, is_fine: bool) -> None:
    here = [(400_000.0, 300_000.0)] * n_here
    found = of(*here, *[(400_000.0, 380_000.0)] * 3, evidence=LOCAL)
    assert found.fine.iloc[-3:].tolist() == [is_fine] * 3
