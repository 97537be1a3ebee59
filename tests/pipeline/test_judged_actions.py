"""Interventions judged: planted falls, none, and every reason why nothing can be said."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray

import builders
from hotspots import schema, settings, store
from hotspots.pipeline.foretold import OWN_GROUND
from hotspots.pipeline.interventions.ground import Records
from hotspots.pipeline.interventions.judge import intervention_tables, judge_actions
from hotspots.pipeline.ranking import HOTSPOTS
from hotspots.pipeline.tables import CrimeSet
from hotspots.sample.truth import INTERVENTIONS
from hotspots.sources import harm

BURGLARY = CrimeSet("Burglary", "type", ("Burglary",))
SIDE, SPACING_M = 20, 150.0
MONTHS = pd.date_range("2022-01-01", "2023-12-01", freq="MS")
START = pd.Timestamp("2023-01-01")
DAYS = {"Burglary": 222.0}

GRID = np.arange(SIDE * SIDE)
HOT = np.flatnonzero((GRID // SIDE % 5 == 2) & (GRID % SIDE % 5 == 2))
"""Sixteen hotspots of one point, 750 m apart."""

TREATED = int(HOT[5])


@dataclass
class Town:
    """A town with hotspots, one of which may change in January 2023."""

    after: float = 6.0
    seed: int = 1
    months: pd.DatetimeIndex = field(default_factory=lambda: MONTHS)
    new_list_from: str = ""

    @property
    def xy(self) -> NDArray[np.float64]:
        return builders.street_points(SIDE * SIDE, seed=2, spacing_m=SPACING_M)

    def counts(self) -> NDArray[np.int64]:
        rate = np.full((SIDE * SIDE, len(self.months)), 0.2)
        rate[HOT] = 6.0
        rate[TREATED, np.asarray(self.months >= START)] = self.after
        is_after = np.asarray(self.months >= START)
        drawn = np.zeros(rate.shape, dtype=np.int64)
        for number, part in enumerate((~is_after, is_after)):
            rng = np.random.default_rng([self.seed, number])
            drawn[:, part] = rng.poisson(rate[:, part])
        return drawn

    def records(self, *, shuffled: bool = False) -> Records:
        old = builders.points_table(self.xy, list_id="list-2022-01", first_month="2022-01-01")
        new = builders.points_table(
            self.xy + 30, list_id="list-2023-01", first_month=f"{self.months[-1]:%Y-%m-%d}"
        )
        is_new = self.months >= pd.Timestamp(self.new_list_from or "2100-01-01")
        counts = self.counts()
        parts = []
        for table, own in ((old, ~is_new), (new, is_new)):
            months = [f"{each:%Y-%m-%d}" for each in self.months[own]]
            if months:
                ids = list(table["point_id"])
                parts.append(builders.counts_table(ids, months, counts[:, own], "Burglary"))
        points = gpd.GeoDataFrame(pd.concat([old, new] if is_new.any() else [old]))
        table = pd.concat(parts)
        if shuffled:
            points, table = (each.sample(frac=1, random_state=3) for each in (points, table))
        lists = np.where(is_new, "list-2023-01", "list-2022-01")
        coverage = pd.DataFrame({"month": self.months.as_unit("ms"), "list_id": lists})
        return Records.of(points, table, coverage)

    def past(self) -> pd.DataFrame:
        ids = builders.points_table(self.xy, list_id="list-2022-01")["point_id"].to_numpy()[HOT]
        rows = [
            ("Burglary", month, point, f"HS-town-{number:04d}")
            for month in pd.date_range("2022-03-01", "2023-12-01", freq="MS")
            for number, point in enumerate(ids)
        ]
        table = pd.DataFrame(rows, columns=schema.PAST_MAPS.names)
        return table.astype({c.name: c.dtype for c in schema.PAST_MAPS.columns})


def circle(point: int, *, radius_m: float = 60.0) -> str:
    return str(shapely.to_wkt(shapely.buffer(shapely.Point(Town().xy[point]), radius_m)))


NOWHERE = "POLYGON ((229000 429000, 229050 429000, 229050 429050, 229000 429000))"


def register(*rows: dict[str, Any]) -> pd.DataFrame:
    given = {
        "intervention_id": "A1", "name": "Gates", "what": "alley gates", "start": START,
        "end": pd.NaT, "crime_groups": "Burglary", "area_wkt": circle(TREATED),
        "hotspot_id": None, "comparison_wkt": None, "comparison_hotspot_id": None, "file": "r.csv",
        "line": 2,
    }  # fmt: skip
    table = pd.DataFrame([given | row for row in rows or ({},)])
    return table.astype({c.name: c.dtype for c in schema.ACTIONS.columns})


def scores(kept: float = 0.5) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "crime_group": "Burglary", "origin": pd.date_range("2022-01-01", periods=6, freq="MS"),
            "horizon_months": 3, "method": HOTSPOTS, "budget": OWN_GROUND, "kept_excess": kept,
        }
    )  # fmt: skip


def judged(
    town: Town, actions: pd.DataFrame | None = None, *, shuffled: bool = False
) -> dict[str, pd.DataFrame]:
    found = judge_actions(
        register() if actions is None else actions,
        town.records(shuffled=shuffled),
        hotspots=gpd.GeoDataFrame(schema.empty(schema.HOTSPOTS)),
        past=town.past(),
        scores=scores(),
        sets=(BURGLARY,),
        weights=DAYS,
    )
    for each in (schema.INTERVENTIONS, schema.ACTION_AREAS, schema.ACTION_CHART):
        schema.check(found[each.name], each)
    return found


def by_count(town: Town, actions: pd.DataFrame | None = None) -> dict[str, Any]:
    """The first row by count."""
    table = judged(town, actions)["interventions"]
    rows = table[table["measure"] == "count"].to_dict("records")
    return {str(name): value for name, value in rows[0].items()}


def test_a_planted_fall_is_found_beside_like_hotspots() -> None:
    town = Town(after=2.0)
    row = by_count(town)
    assert row["verdict"] == "fewer"
    assert row["wdd_low"] < -48 < row["wdd_high"], "12 months of four fewer"
    counts = town.counts()[TREATED]
    assert (row["before"], row["after"]) == (counts[:12].sum(), counts[12:].sum())
    assert (row["months_before"], row["months_after"]) == (12, 12)
    assert row["comparison"].count("HS-town-") == 5
    assert row["control_weight"] == 1 / 5
    assert "HS-town-0005" not in row["comparison"]


def test_the_comparison_holds_every_incident_of_its_places_and_no_other() -> None:
    town = Town()
    row = by_count(town)
    numbers = [int(each[-4:]) for each in row["comparison"].split(", ")]
    counts = town.counts()[HOT[numbers]]
    assert row["control_before"] == counts[:, :12].sum()
    assert row["control_after"] == counts[:, 12:].sum()


def test_no_change_is_said_to_be_clear_in_few_towns_only() -> None:
    verdicts = [by_count(Town(seed=seed))["verdict"] for seed in range(40)]
    assert verdicts.count("no clear change") >= 36


def test_the_comparison_is_chosen_by_what_was_known_before() -> None:
    one, other = (by_count(Town(after=after)) for after in (6.0, 1.0))
    assert one["comparison"] == other["comparison"]
    assert one["control_before"] == other["control_before"]


def test_the_order_of_rows_does_not_matter() -> None:
    one, other = judged(Town()), judged(Town(), shuffled=True)
    for name, table in one.items():
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(other[name]))


def test_harm_is_the_count_times_its_weight() -> None:
    table = judged(Town(after=2.0))["interventions"].set_index("measure")
    names = ["before", "after", "wdd", "wdd_low", "wdd_high", "wdd_total", "control_before"]
    count, days = (table.loc[each, names].to_numpy(dtype=float) for each in ("count", "harm"))
    assert days == pytest.approx(222 * count)
    assert table["expected_anyway"].isna().to_dict() == {"count": False, "harm": True}


def test_half_of_the_excess_is_expected_to_go_anyway() -> None:
    row = by_count(Town())
    town = Town().counts()
    trend = town[:, 12:].sum() / town[:, :12].sum()
    assert row["expected_anyway"] == pytest.approx(row["anyway_low"])
    above_all = trend * row["before"] - row["before"]
    assert row["expected_anyway"] == pytest.approx(above_all - trend * row["before"] / 2, rel=0.25)


def test_missing_months_are_left_out_on_both_sides() -> None:
    row = by_count(Town(months=MONTHS.drop([pd.Timestamp("2022-05-01"), MONTHS[-1]])))
    assert (row["months_before"], row["months_after"]) == (10, 10)
    assert "A month without data is left out" in row["notes"]


def test_across_a_change_of_list_areas_are_compared() -> None:
    row = by_count(Town(after=2.0, new_list_from="2023-01-01"))
    plain = by_count(Town(after=2.0))
    assert row["is_rebased"]
    assert "re-based" in row["notes"]
    assert (row["before"], row["after"]) == (plain["before"], plain["after"])


def test_regions_hold_all_incidents_once() -> None:
    records = Town(new_list_from="2023-01-01").records()
    basis = records.basis(START)
    label = np.arange(len(basis.at.ids)) % 7
    assert basis.by_region(label, 7).sum() == basis.everywhere().sum() == Town().counts().sum()


def test_a_hotspot_of_the_register_is_its_area() -> None:
    row = by_count(Town(), register({"area_wkt": None, "hotspot_id": "HS-town-0005"}))
    assert row["before"] == Town().counts()[TREATED, :12].sum()
    areas = judged(Town())["action_areas"]
    assert set(areas["role"]) == {"action", "ring", "comparison"}


def test_a_named_comparison_counts_by_its_map_points() -> None:
    pair = shapely.to_wkt(
        shapely.buffer(shapely.LineString(Town().xy[[int(HOT[0]), int(HOT[0]) + 1]]), 40)
    )
    row = by_count(Town(), register({"comparison_wkt": pair}))
    assert row["comparison"] == "the area named in the register"
    assert row["control_weight"] == 1 / 2
    assert row["verdict"] in {"fewer", "more", "no clear change"}
    quiet = by_count(Town(), register({"comparison_wkt": circle(0)}))
    assert "times as many incidents for each map point" in quiet["notes"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"start": pd.Timestamp("2024-02-01")}], "It begins in February 2024, after the last"),
        ([{"start": pd.Timestamp("2022-01-01")}], "the data begin in January 2022"),
        ([{"start": pd.Timestamp("2022-03-01")}], "in the year before it began"),
        ([{"start": pd.Timestamp("2023-11-01")}], "between its start and December 2023"),
        ([{"end": pd.Timestamp("2023-02-01")}], "between its start and February 2023"),
        ([{"area_wkt": None, "hotspot_id": "HS-town-9999"}], "HS-town-9999 is on no map"),
        ([{"area_wkt": NOWHERE}], "No map point lies"),
        ([{"comparison_hotspot_id": "HS-town-9999"}], "HS-town-9999, the hotspot to compare"),
        ([{"comparison_wkt": circle(TREATED, radius_m=90)}], "overlaps its own"),
        ([{"area_wkt": circle(0)}], "Its area was no hotspot of this kind"),
        (
            [{}, {"intervention_id": "A2", "name": "Lamps", "area_wkt": circle(TREATED)}],
            "overlaps that of Lamps in the same months",
        ),
        (
            [
                {"comparison_wkt": circle(int(HOT[0]))},
                {"intervention_id": "A2", "name": "Lamps", "area_wkt": circle(int(HOT[0]))},
            ],
            "something was done too, in the same months (Lamps)",
        ),
    ],
)
def test_what_cannot_be_judged_says_why(rows: list[dict[str, Any]], reason: str) -> None:
    row = by_count(Town(), register(*rows))
    assert row["verdict"] == "cannot be judged"
    assert reason in row["reason"]
    assert pd.isna(row["wdd"])
    assert pd.isna(row["comparison"])


def test_actions_in_other_months_do_not_stand_in_the_way() -> None:
    later: dict[str, Any] = {"intervention_id": "A0", "start": MONTHS[-1], "end": MONTHS[-1]}
    past: dict[str, Any] = {"intervention_id": "A9", "start": "2020-01-01", "end": "2021-12-01"}
    for other in (later, past):
        row = {"end": pd.Timestamp("2023-06-01")}
        table = judged(Town(), register(row, other))["interventions"]
        own = table[(table["intervention_id"] == "A1") & (table["measure"] == "count")].iloc[0]
        assert own["verdict"] != "cannot be judged"


def test_nothing_reported_is_nothing_to_judge() -> None:
    actions = register({"crime_groups": "Drugs"})
    drugs = CrimeSet("Drugs", "type", ("Drugs",))
    found = judge_actions(
        actions,
        Town().records(),
        hotspots=gpd.GeoDataFrame(schema.empty(schema.HOTSPOTS)),
        past=Town().past(),
        scores=scores(),
        sets=(BURGLARY, drugs),
        weights=DAYS,
    )
    rows = found["interventions"]
    assert rows["reason"].str.startswith("Nothing of this kind was reported").all()
    assert rows[["before", "after"]].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_treated_places_are_not_compared_with() -> None:
    first = by_count(Town())["comparison"].split(", ")[0]
    other = {"intervention_id": "A2", "area_wkt": circle(int(HOT[int(first[-4:])]))}
    assert first not in by_count(Town(), register({}, other))["comparison"]


def test_the_chart_has_every_month_once() -> None:
    chart = judged(Town(after=2.0))["action_chart"]
    assert chart["month"].tolist() == list(MONTHS.as_unit("ms"))
    assert chart["is_after"].sum() == 12
    last = chart.iloc[-1]
    assert last["total"] < -last["limit"]
    assert chart.loc[~chart["is_after"], "total"].iloc[-1] == pytest.approx(0, abs=1e-9)


def test_without_a_register_tables_are_empty(tmp_path: Path, county: Path) -> None:
    store.write_table(schema.empty(schema.ACTIONS), schema.ACTIONS, tmp_path)
    found = intervention_tables(settings.load(county), tmp_path, weights=harm.read())
    assert all(len(table) == 0 for table in found.values())


def test_the_register_of_the_sample_county_is_judged_as_planted(county: Path, tables: Path) -> None:
    found = intervention_tables(settings.load(county), tables, weights=harm.read())
    table = found["interventions"]
    verdicts = table[table["measure"] == "count"].set_index("intervention_id")["verdict"].to_dict()
    wanted = {True: "fewer", False: "no clear change", None: "cannot be judged"}
    assert verdicts == {each.intervention_id: wanted[each.fell] for each in INTERVENTIONS}
