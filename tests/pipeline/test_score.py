"""The stage that scores: every method at the same ground, nothing from the test known before."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import builders
from hotspots import points, schema
from hotspots.cluster import DrawRules
from hotspots.crs import BNG
from hotspots.pipeline import past_maps, ranking, score
from hotspots.pipeline.detect import detect
from hotspots.pipeline.drawing import DetectRules, draw_sets
from hotspots.pipeline.frames import PointList, frames, point_lists
from hotspots.pipeline.tables import CrimeSet

BURGLARY = CrimeSet("Burglary", "type", ("Burglary",))
RARE = CrimeSet("Robbery", "type", ("Robbery",))
RULES = DetectRules(DrawRules(budget_m2=60_000, max_area_m2=30_000), "excess-mass", 10, 100, 36)
N, AREA_M2 = 300, 2.0e6
MONTHS = [f"{stamp:%Y-%m-%d}" for stamp in pd.date_range("2024-01-01", periods=16, freq="MS")]
ORIGIN = pd.Timestamp("2025-01-01")


def _town(
    *,
    after_seed: int = 1,
    n_new: int = 0,
    without: tuple[str, ...] = (),
    n_months: int = len(MONTHS),
    shuffled: bool = False,
) -> tuple[PointList, ...]:
    """A town with a hotspot in its middle; what comes after the origin depends on a seed."""
    beside = builders.street_points(n_new, seed=4) + np.array([31.0, 17.0])
    xy = np.vstack([builders.street_points(N, seed=3), beside])
    first = np.array(["2024-01-01"] * N + ["2025-03-01"] * n_new)
    table = builders.points_table(xy).assign(first_month=pd.to_datetime(first).as_unit("ms"))
    rng = np.random.default_rng(3)
    n = np.zeros((N + n_new, len(MONTHS)), dtype=np.int64)
    n[:N] = rng.poisson(0.15, (N, len(MONTHS)))
    middle = np.hypot(*(xy[:N] - xy[:N].mean(axis=0)).T) < 80
    n[np.flatnonzero(middle)] += 4
    later = np.array(MONTHS) > f"{ORIGIN:%Y-%m-%d}"
    n[:, later] = np.random.default_rng(after_seed).poisson(1.0, (N + n_new, int(later.sum())))
    n[N:, : MONTHS.index("2025-03-01")] = 0
    kept = [month for month in MONTHS[:n_months] if month not in without]
    n = n[:, [month in kept for month in MONTHS]]
    counts = builders.counts_table(list(table["point_id"]), kept, n, "Burglary")
    if shuffled:
        table = table.sample(frac=1, random_state=2)
        counts = counts.sample(frac=1, random_state=2)
    coverage = pd.DataFrame(
        {"month": pd.to_datetime(kept).as_unit("ms"), "list_id": "list-2024-01"}
    )
    return point_lists(table, counts, coverage, eps_m=100)


def _lsoas() -> gpd.GeoDataFrame:
    x, y = builders.SEA_EASTING - 200, builders.SEA_NORTHING - 200
    boxes = [
        shapely.box(x + i * 500, y + j * 500, x + i * 500 + 500, y + j * 500 + 500)
        for i in range(4)
        for j in range(4)
    ]
    codes = [f"E0199{i:04d}" for i in range(len(boxes))]
    return gpd.GeoDataFrame({"area_code": codes}, geometry=boxes, crs=BNG)


def _past(lists: tuple[PointList, ...], *sets: CrimeSet) -> pd.DataFrame:
    found = detect(lists, sets or (BURGLARY,), RULES)
    return past_maps.to_table(found.maps, lambda number: f"HS-town-{number:04d}")


def _scored(
    lists: tuple[PointList, ...],
    *sets: CrimeSet,
    with_history: bool = True,
    polygons: score.Polygons | None = None,
) -> score.Scored:
    sets = sets or (BURGLARY,)
    return score.score(
        lists,
        sets,
        RULES,
        _past(lists, *sets),
        _lsoas(),
        study_area_m2=AREA_M2,
        with_history=with_history,
        polygons=polygons,
    )


def _last_origins(lists: tuple[PointList, ...], *sets: CrimeSet) -> pd.DataFrame:
    """The scores with every method, without the history."""
    table = _scored(lists, *sets).table
    return table[table["origin"].isin(table.loc[table["method"] == ranking.POINTS, "origin"])]


def test_every_method_is_scored_side_by_side() -> None:
    table = _last_origins(_town(), BURGLARY, RARE)
    schema.check(table, schema.SCORES)
    assert set(table["crime_group"]) == {"Burglary"}, "a set with too little crime has no scores"
    assert table["origin"].nunique() == 3
    assert set(table["horizon_months"]) == {1, 3}
    assert set(table["method"]) == set(ranking.METHODS) - {ranking.POLYGONS}
    slow = table[table["method"] == ranking.HDBSCAN_10]
    assert set(slow["origin"]) == {table["origin"].max()}
    area = table[table["is_filled"] & (table["budget"] == "0.5 %")]["charged_area_m2"]
    np.testing.assert_allclose(area, 0.005 * AREA_M2)
    assert table["hit_low"].le(table["hit_high"]).all()


def test_hotspots_are_compared_at_the_ground_they_fill() -> None:
    table = _last_origins(_town())
    same = table[table["budget"] == ranking.OWN[ranking.HOTSPOTS]]
    ours = same[same["method"] == ranking.HOTSPOTS].set_index(["origin", "horizon_months"])
    points = same[same["method"] == ranking.POINTS].set_index(["origin", "horizon_months"])
    np.testing.assert_allclose(ours["charged_area_m2"], points["charged_area_m2"])
    assert (ours["charged_area_m2"] > 0).all()


def test_hotspots_of_every_earlier_month_are_tested_on_their_own_ground() -> None:
    lists = _town()
    table = _scored(lists).table
    past = table[table["method"] == ranking.HOTSPOTS]
    past = past[past["budget"] == ranking.OWN[ranking.HOTSPOTS]]
    origins = {months: list(rows["origin"]) for months, rows in past.groupby("horizon_months")}
    assert origins == {
        1: list(pd.date_range("2024-03-01", "2025-03-01", freq="MS")),
        3: list(pd.date_range("2024-03-01", ORIGIN, freq="MS")),
    }
    assert past["months_observed"].min() == 3
    (month,) = past[(past["origin"] == "2024-06-01") & (past["horizon_months"] == 1)].to_dict(
        "records"
    )
    drawn = _past(lists)
    members = drawn.loc[drawn["window_end"] == "2024-06-01", "point_id"]
    counts = lists[0].counts
    july = np.asarray(counts.months == pd.Timestamp("2024-07-01"))
    came = counts.sums(july, [("Burglary",)])[:, 0]
    assert month["n_all"] == came.sum()
    assert month["n"] >= came[lists[0].ids.get_indexer(pd.Index(members))].sum() > 0


def test_history_needs_nothing_but_the_data() -> None:
    with_later, without = _scored(_town()).table, _scored(_town(n_months=13)).table
    early = with_later["origin"] <= "2024-07-01"
    own = with_later["budget"].eq(ranking.OWN[ranking.HOTSPOTS]) & with_later["method"].eq(
        ranking.HOTSPOTS
    )
    past = without[(without["origin"] <= "2024-07-01") & without["method"].eq(ranking.HOTSPOTS)]
    pd.testing.assert_frame_equal(
        with_later[early & own].reset_index(drop=True), past.reset_index(drop=True)
    )


def test_nothing_that_comes_after_the_origin_changes_what_is_flagged() -> None:
    flagged = []
    for lists in (_town(after_seed=1), _town(after_seed=2, n_new=25)):
        (frame,) = frames(lists, wanted={ORIGIN})
        drawn, _, _ = draw_sets(frame, 12, [BURGLARY], RULES)
        one = drawn[BURGLARY]
        counts, value = one.count[:, None], one.score[:, None]
        ground = ranking.survey(frame, counts, value, [one.labels], _lsoas())
        methods = ranking.rank_all(ground, 0, one.labels, up_to_m2=0.1 * AREA_M2, with_hdbscan=True)
        unit = {name: pd.Series(u.unit, index=frame.at.ids) for name, u in methods.items()}
        area = {name: u.area_m2 for name, u in methods.items()}
        flagged.append((unit, area))
    (before, before_m2), (after, after_m2) = flagged
    for name in before:
        new = after[name].index.difference(before[name].index)
        assert (after[name][new] == -1).all(), name
        pd.testing.assert_series_equal(after[name][before[name].index], before[name])
        np.testing.assert_allclose(after_m2[name], before_m2[name])


def test_maps_of_a_month_do_not_change_with_what_comes_after() -> None:
    one, other = (_past(_town(after_seed=seed)) for seed in (1, 2))
    known = [table[table["window_end"] <= ORIGIN].reset_index(drop=True) for table in (one, other)]
    pd.testing.assert_frame_equal(known[0], known[1])
    assert not one.equals(other)


def test_incidents_at_new_points_count_among_all() -> None:
    lists = _town(n_new=25)
    table = _last_origins(lists)
    last = table[(table["origin"] == ORIGIN) & (table["horizon_months"] == 3)]
    months = lists[0].counts.months.isin(pd.date_range("2025-02-01", "2025-04-01", freq="MS"))
    assert set(last["n_all"]) == {lists[0].counts.sums(months, [("Burglary",)]).sum()}


def test_scores_do_not_depend_on_the_order_of_the_tables() -> None:
    pd.testing.assert_frame_equal(_scored(_town()).table, _scored(_town(shuffled=True)).table)


def test_sets_scored_together_have_the_scores_that_each_has_alone() -> None:
    lists = _town()
    homes = CrimeSet("homes", "group", BURGLARY.types)
    both = CrimeSet("both", "group", (*BURGLARY.types, *RARE.types))
    # The excess that all the ground together had before is nothing but a rounding error.
    table = _scored(lists, BURGLARY, homes, both).table.drop(columns="kept_excess")
    for each in (BURGLARY, homes, both):
        own = table[table["crime_group"] == each.name].reset_index(drop=True)
        alone = _scored(lists, each).table.drop(columns="kept_excess")
        pd.testing.assert_frame_equal(own, alone)


def test_a_missing_test_month_moves_the_origins_back_and_is_said() -> None:
    lists = _town(without=("2025-03-01",))
    found = score.score(
        lists, [BURGLARY], RULES, _past(lists), _lsoas().iloc[:0], study_area_m2=AREA_M2
    )
    three = found.table[found.table["horizon_months"] == 3]
    assert three["origin"].max() == pd.Timestamp("2024-11-01")
    assert "test month 2025-03 has no data" in {each.reason for each in found.unused}
    assert "LSOA" not in set(found.table["method"])


@pytest.mark.parametrize("n_months", [1, 2, 3])
def test_a_record_too_short_to_test_gives_an_empty_table(n_months: int) -> None:
    lists = _town(n_months=n_months)
    found = score.score(
        lists, [BURGLARY], RULES, schema.empty(schema.PAST_MAPS), _lsoas(), study_area_m2=AREA_M2
    )
    assert schema.check(found.table, schema.SCORES).empty
    assert found.unused


def test_polygons_are_scored_in_their_order_at_equal_ground() -> None:
    lists = _town()
    xy = lists[0].xy
    middle = xy.mean(axis=0)
    shapes = points.discs(np.array([middle + 500, middle]), 90)
    tables = {
        is_ranked: _scored(
            lists, with_history=False, polygons=score.Polygons(shapes, is_ranked=is_ranked)
        ).table
        for is_ranked in (True, False)
    }
    at = {"method": ranking.POLYGONS, "budget": "0.5 %"}
    first = {
        ranked: table.loc[(table[list(at)] == pd.Series(at)).all(axis=1), "hit"].mean()
        for ranked, table in tables.items()
    }
    assert first[False] > first[True], "by count, the disc in the middle comes first"
    same = tables[True][tables[True]["budget"] == ranking.OWN[ranking.POLYGONS]]
    filled = same[same["is_filled"]]
    assert {ranking.POLYGONS, ranking.POINTS} <= set(filled["method"])
    by_test = filled.groupby(["origin", "horizon_months"])["charged_area_m2"]
    assert (by_test.max() - by_test.min() < 1e-3).all()


def test_groups_are_ranked_by_value_for_their_ground() -> None:
    labels = np.array([7, 3, 3, -1])
    found = ranking.ranked_labels(labels, np.array([9.0, 1, 1, 50]), np.array([2.0, 1, 1, 1]))
    assert found.tolist() == [0, 1, 1, -1]
