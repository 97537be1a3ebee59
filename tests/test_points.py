from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import builders
from hotspots import points


def _months(*stamps: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(stamps, dtype="datetime64[ms]")


def _seen(by_month: dict[str, list[int]]) -> pd.DataFrame:
    rows = [(pd.Timestamp(month), point) for month, seen in by_month.items() for point in seen]
    return pd.DataFrame(rows, columns=["month", "point"])


class TestDetectLists:
    def test_a_list_goes_on_while_months_share_points(self) -> None:
        seen = _seen({f"2024-{m:02d}": list(range(m, m + 50)) for m in range(1, 7)})
        assert set(points.detect_lists(seen)) == {"list-2024-01"}

    def test_a_month_of_new_points_begins_a_list(self) -> None:
        seen = _seen(
            {
                "2024-01": list(range(100)),
                "2024-02": list(range(20, 120)),
                "2024-03": [*range(1000, 1095), 0, 1, 2, 3, 4],
                "2024-04": list(range(1000, 1095)),
            }
        )
        expected = ["list-2024-01", "list-2024-01", "list-2024-03", "list-2024-03"]
        assert list(points.detect_lists(seen)) == expected

    def test_a_quiet_month_after_a_gap_is_no_new_list(self) -> None:
        # Few points in common with the month before, but nearly all were seen at some time.
        seen = _seen({"2024-01": list(range(100)), "2024-02": [0], "2024-09": list(range(1, 40))})
        assert set(points.detect_lists(seen)) == {"list-2024-01"}

    def test_row_order_does_not_matter(self) -> None:
        seen = _seen({"2024-01": [1, 2, 3], "2024-02": [11, 12, 13]})
        shuffled = seen.sample(frac=1, random_state=1)
        pd.testing.assert_series_equal(points.detect_lists(seen), points.detect_lists(shuffled))


def test_point_ids_tell_lists_and_places_apart() -> None:
    list_id = pd.Series(["list-2024-01", "list-2024-01", "list-2024-07"], index=[5, 6, 7])
    x, y = pd.Series([-4.6, -4.6, -4.6], index=[5, 6, 7]), pd.Series([53.7] * 3, index=[5, 6, 7])
    ids = points.point_ids(list_id, x, y)
    assert ids.index.tolist() == [5, 6, 7]
    assert ids[5] == ids[6] == "2024-01:-4.600000,53.700000"
    assert ids[7] == "2024-07:-4.600000,53.700000"


def test_a_point_on_the_meridian_has_one_name() -> None:
    list_id = pd.Series(["list-2024-01"] * 3)
    ids = points.point_ids(list_id, pd.Series([-0.0, 0.0, -4e-7]), pd.Series([51.5] * 3))
    assert set(ids) == {"2024-01:0.000000,51.500000"}


class TestCountMatrix:
    matrix = points.CountMatrix.from_counts(
        pd.concat(
            [
                builders.counts_table(["a", "b"], ["2024-01-01", "2024-02-01"], n, kind)
                for n, kind in [
                    (np.array([[1, 2], [0, 4]]), "Burglary"),
                    (np.array([[10, 0], [0, 40]]), "Robbery"),
                ]
            ]
        ),
        point_ids=pd.Index(["a", "b", "c"]),
        months=_months("2024-01-01", "2024-02-01"),
        types=["Burglary", "Robbery"],
    )

    def test_sums_over_months_and_types(self) -> None:
        both = self.matrix.sums(np.array([True, True]), [("Burglary",), ("Burglary", "Robbery")])
        assert both.tolist() == [[3, 13], [4, 44], [0, 0]]
        january = self.matrix.sums(np.array([True, False]), [("Robbery",)])
        assert january.ravel().tolist() == [10, 0, 0]

    def test_by_month_conserves_the_count(self) -> None:
        months = self.matrix.by_month(("Burglary", "Robbery"))
        assert months.tolist() == [[11, 2], [0, 44], [0, 0]]
        assert months.sum() == self.matrix.values.sum()

    def test_rows_not_asked_for_are_left_out(self) -> None:
        counts = builders.counts_table(["a", "z"], ["2024-01-01"], np.array([[1], [9]]), "Burglary")
        only = points.CountMatrix.from_counts(
            counts, point_ids=pd.Index(["a"]), months=_months("2024-01-01"), types=["Burglary"]
        )
        assert only.values.sum() == 1


class TestNearestWithin:
    def test_reach_is_inclusive(self) -> None:
        place, target = np.array([[0.0, 0.0]]), np.array([[150.0, 0.0]])
        assert points.nearest_within(place, target, reach_m=150).tolist() == [0]
        assert points.nearest_within(place, target, reach_m=149.9).tolist() == [-1]

    def test_nothing_to_find(self) -> None:
        none = np.empty((0, 2))
        assert points.nearest_within(np.zeros((2, 2)), none, reach_m=1).tolist() == [-1, -1]
        assert points.nearest_within(none, np.zeros((2, 2)), reach_m=1).tolist() == []


def test_neighbour_distances_equal_brute_force() -> None:
    xy = np.vstack([builders.street_points(60, seed=3), [[0, 0], [0, 0]]])
    found = points.neighbour_distances(xy, radius_m=150).tocoo()
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    expected = (apart <= 150) & ~np.eye(len(xy), dtype=bool)
    assert {*zip(found.row, found.col, strict=True)} == {*zip(*np.nonzero(expected), strict=True)}
    np.testing.assert_allclose(found.data, apart[found.row, found.col])
    assert (60, 61) in {*zip(found.row, found.col, strict=True)}, "points at one place are near"


class TestCatchments:
    def test_they_part_the_ground_near_points(self) -> None:
        xy = builders.street_points(80, seed=5)
        cells = points.catchments(xy)
        overlap = shapely.area(cells).sum() - shapely.area(shapely.union_all(cells))
        assert overlap == pytest.approx(0, abs=1)
        assert shapely.contains(cells, shapely.points(xy)).all()
        assert points.furthest_corner(cells, xy).max() <= 100 + 1e-6

    def test_ground_belongs_to_the_nearest_point(self) -> None:
        xy = builders.street_points(50, seed=6)
        cells = points.catchments(xy)
        places = np.random.default_rng(1).uniform(xy.min(axis=0), xy.max(axis=0), (300, 2))
        nearest = points.nearest_within(places, xy, reach_m=95)
        for place, owner in zip(places[nearest >= 0], nearest[nearest >= 0], strict=True):
            assert shapely.distance(cells[owner], shapely.Point(place)) < 1e-6

    def test_one_point_has_a_disc(self) -> None:
        (cell,) = points.catchments(np.array([[0.0, 0.0]]))
        assert shapely.area(cell) == pytest.approx(np.pi * 100**2, rel=0.01)

    @settings(max_examples=15, deadline=None)
    @given(st.integers(2, 60), st.integers(0, 1000))
    def test_growing_month_by_month_equals_working_out_anew(self, n: int, seed: int) -> None:
        xy = builders.street_points(n, seed=seed)
        month = np.random.default_rng(seed).integers(0, 4, n)
        cells, furthest = np.full(n, None, dtype=object), np.zeros(n)
        for now in range(4):
            seen = month <= now
            points.grow_catchments(cells, furthest, xy, seen=seen, new=month == now)
            anew = points.catchments(xy[seen])
            np.testing.assert_allclose(shapely.area(cells[seen]), shapely.area(anew), rtol=1e-9)


def test_window_counts_calendar_months() -> None:
    months = _months("2024-01-01", "2024-04-01", "2025-01-01")
    inside = points.window_months(months, end=pd.Timestamp("2025-01-01"), length=12)
    assert inside.tolist() == [False, True, True]


def test_missing_months_are_named() -> None:
    months = _months("2024-01-01", "2024-02-01", "2024-05-01")
    assert list(points.missing_months(months)) == [*_months("2024-03-01", "2024-04-01")]
    assert len(points.missing_months(_months("2024-01-01"))) == 0
