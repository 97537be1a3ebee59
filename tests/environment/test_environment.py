from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import builders
from hotspots import environment, points, schema
from hotspots.crs import BNG
from hotspots.environment import ground, regimes
from hotspots.sources import lighting


def _layer(
    table: schema.Schema, xy: list[tuple[float, float]], **columns: object
) -> gpd.GeoDataFrame:
    names = {column.name: None for column in table.columns} | columns
    frame = pd.DataFrame(names, index=range(len(xy)))
    typed = frame.astype({column.name: column.dtype for column in table.columns})
    return gpd.GeoDataFrame(typed, geometry=shapely.points(xy), crs=BNG)


class TestLighting:
    square = np.array([shapely.box(0, 0, 100, 100)])

    def test_a_lamp_in_the_middle_leaves_the_corners_dark(self) -> None:
        values = environment.lighting_values(self.square, np.array([shapely.Point(50, 50)]))
        assert values["lamps_n"][0] == 1
        assert values["lamps_per_ha"][0] == pytest.approx(1)
        assert values["dark_share"][0] == pytest.approx(1 - np.pi * 30**2 / 100**2, abs=0.05)
        assert values["nearest_lamp_m"][0] == pytest.approx(38.3, abs=1)

    def test_more_lamps_never_make_it_darker(self) -> None:
        rng = np.random.default_rng(1)
        lamps = shapely.points(rng.uniform(0, 100, (12, 2)))
        shares = [
            environment.lighting_values(self.square, lamps[:n])["dark_share"][0]
            for n in range(1, 13)
        ]
        assert all(later <= sooner for sooner, later in pairwise(shares))

    def test_far_from_every_lamp_nothing_is_known(self) -> None:
        values = environment.lighting_values(self.square, np.array([shapely.Point(900, 900)]))
        assert all(np.isnan(value).all() for value in values.values())

    def test_no_inventory(self) -> None:
        values = environment.lighting_values(self.square, np.empty(0, dtype=object))
        assert np.isnan(values["dark_share"]).all()

    def test_a_sliver_is_measured_too(self) -> None:
        sliver = np.array([shapely.box(0, 0, 1, 1)])
        values = environment.lighting_values(sliver, np.array([shapely.Point(0.5, 9)]))
        assert values["nearest_lamp_m"][0] == pytest.approx(8.5, abs=0.1)


def _hotspot() -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    points = builders.points_table(np.array([[50.0, 50.0], [150.0, 50.0]]))
    points["lsoa21_code"] = ["E01990001", "E01990002"]
    hotspots = gpd.GeoDataFrame(
        {"hotspot_id": ["HS-a-0001"]}, geometry=[shapely.box(0, 0, 200, 100)], crs=BNG
    )
    members = pd.DataFrame(
        {"hotspot_id": "HS-a-0001", "crime_group": "Burglary", "point_id": points["point_id"]}
    ).assign(n=[3, 8])
    return hotspots, members, points


def _measure(lamps: gpd.GeoDataFrame, places: gpd.GeoDataFrame, poor: pd.DataFrame) -> pd.DataFrame:
    around = environment.Surroundings(lamps, places, poor)
    table = environment.measure_hotspots(*_hotspot(), around)
    return table.set_index("measure")


def test_everything_supplied() -> None:
    lamps = _layer(
        schema.LAMPS, [(10, 10), (190, 90)], lamp_id=["a", "b"], authority="Tern Council"
    )
    places = _layer(schema.PLACES, [(260, 50), (2000, 50)], place_id=["pub:1", "pub:2"], kind="pub")
    poor = pd.DataFrame(
        {
            "lsoa_code": ["E01990001", "E01990002"],
            "vintage": "lsoa21",
            "domain": "imd",
            "rank": [5, 500],
            "decile": [1, 7],
        }
    )
    table = _measure(lamps, places, poor)
    assert _value(table, "lamps_per_ha") == pytest.approx(1)
    assert table.loc["lamps_n", "source"] == "Tern Council"
    assert _value(table, "imd_decile") == 7, "the LSOA with most incidents"
    assert _value(table, "nearest_pub_m") == pytest.approx(60)
    assert _value(table, "pub_within_100m") == 1
    assert _value(table, "pub_within_250m") == 1


def test_what_is_absent_is_said_to_be() -> None:
    empty = [schema.empty(each) for each in (schema.LAMPS, schema.PLACES, schema.DEPRIVATION)]
    table = _measure(*empty)
    assert table["value"].isna().all()
    assert set(table["source"]) == {"not supplied"}
    assert {"lamps_per_ha", "dark_share", "imd_decile"} <= set(table.index)


# The ground


def test_the_ground_is_laid_alike_in_chunks_of_any_size() -> None:
    rng = np.random.default_rng(3)
    xy = rng.uniform(0, 800, (40, 2))
    polygons = shapely.buffer(shapely.points(xy), rng.uniform(5, 60, 40))
    whole = [(part.start + owner, places) for part, places, owner in ground.chunks(polygons)]
    small = [
        (part.start + owner, places) for part, places, owner in ground.chunks(polygons, most=50)
    ]
    assert len(whole) == 1
    assert len(small) > 10
    for i in range(2):
        one, many = (np.concatenate([found[i] for found in each]) for each in (whole, small))
        assert len(one) == len(many)
    owners, places = np.concatenate([o for o, _ in small]), np.vstack([p for _, p in small])
    assert shapely.intersects_xy(polygons[owners], places).all()
    number = np.bincount(owners)
    assert number == pytest.approx(shapely.area(polygons) / 100, abs=12)


# What a register says


@pytest.mark.parametrize(
    ("text", "dims", "part_night"),
    [
        ("Dimmed to 76%", 1, np.nan),
        ("Dimmed to 100%", 0, np.nan),
        ("Not dimmed", 0, np.nan),
        ("Undimmed", 0, np.nan),
        ("None", 0, 0),
        ("Part night", 0, 1),
        ("Part-night, dimmed to 50%", 1, 1),
        ("No part night", 0, 0),
        ("Dusk to dawn", 0, 0),
        ("All night", 0, 0),
        ("75%", 1, np.nan),
        ("yes", 1, 1),
        ("R4", np.nan, np.nan),
        ("Regime 2", np.nan, np.nan),
    ],
)
def test_a_regime_is_read_only_where_it_is_certain(
    text: str, dims: float, part_night: float
) -> None:
    assert regimes.is_dimmed(text) == pytest.approx(dims, nan_ok=True)
    assert regimes.is_part_night(text) == pytest.approx(part_night, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OpenDefect", 1),
        ("Open defect", 1),
        ("Lamp out", 1),
        ("Day burner", 1),
        ("Faulty photocell", 1),
        ("No faults", 0),
        ("Fault cleared", 0),
        ("none", 0),
        ("In light", 0),
        ("Level 3", np.nan),
        ("Poor", np.nan),
        ("Good", np.nan),
        ("3", np.nan),
    ],
)
def test_a_grade_of_condition_is_no_fault(text: str, expected: float) -> None:
    assert regimes.is_faulty(text) == pytest.approx(expected, nan_ok=True)


def _lamps(n: int, **columns: object) -> gpd.GeoDataFrame:
    xy = [(10.0 + 20 * i, 50.0) for i in range(n)]
    ids = [f"t:{i}" for i in range(n)]
    return _layer(schema.LAMPS, xy, **{"lamp_id": ids, "authority": "Tern Council", **columns})


def test_part_night_needs_a_register_that_names_it() -> None:
    dims = _lamps(3, dimming=["Dimmed to 75%", "No", None])
    assert np.isnan(regimes.part_night(dims)).all()
    named = _lamps(4, dimming=["Dimmed to 75%", "No", None, "Part night"])
    assert regimes.part_night(named) == pytest.approx([0, 0, np.nan, 1], nan_ok=True)
    own = _lamps(3, dimming="Part night", part_night=["N", "Y", None])
    assert regimes.part_night(own) == pytest.approx([0, 1, 1])


def _hotspot_values(**supplied: Any) -> pd.DataFrame:  # noqa: ANN401 - whatever is supplied
    layers: dict[str, Any] = {
        "lamps": schema.empty(schema.LAMPS),
        "places": schema.empty(schema.PLACES),
        "deprivation": schema.empty(schema.DEPRIVATION),
    }
    around = environment.Surroundings(**(layers | supplied))
    return environment.measure_hotspots(*_hotspot(), around).set_index("measure")


def _value(table: pd.DataFrame, measure: str) -> float:
    return float(table["value"][measure])


def test_a_share_needs_half_of_the_lamps_to_say_anything() -> None:
    told = _hotspot_values(lamps=_lamps(4, dimming=["No", "Dimmed to 50%", None, None]))
    assert _value(told, "dimmed_share") == pytest.approx(0.5)
    silent = _hotspot_values(lamps=_lamps(5, dimming=["No", "Dimmed to 50%", None, None, None]))
    assert np.isnan(_value(silent, "dimmed_share"))
    assert silent.loc["dimmed_share", "source"] == "not supplied"
    assert _value(silent, "lamps_n") == 5


def test_watts_faults_and_spacing_of_a_row_of_lamps() -> None:
    faults = ["OpenDefect", "none", "none", "none"]
    table = _hotspot_values(lamps=_lamps(4, wattage_w=[20.0, 40.0, np.nan, 30.0], fault=faults))
    assert _value(table, "wattage_w") == pytest.approx(30)
    assert table["unit"]["wattage_w"] == "W"
    assert _value(table, "faulty_share") == pytest.approx(0.25)
    assert _value(table, "lamp_spacing_m") == pytest.approx(20)
    assert np.isnan(_value(_hotspot_values(lamps=_lamps(2)), "lamp_spacing_m"))


def test_lamps_on_one_column_do_not_make_a_spacing() -> None:
    lamps = _lamps(4)
    lamps.geometry = shapely.points([(10, 50), (10, 50), (40, 50), (70, 50)])
    assert _value(_hotspot_values(lamps=lamps), "lamp_spacing_m") == pytest.approx(30)


def test_age_is_that_of_the_inventory() -> None:
    installed = [*pd.to_datetime(["2010-01-01", "2012-01-01", "2014-01-01"]), pd.NaT]
    lamps = _lamps(4, installed=installed)
    by_newest = _hotspot_values(lamps=lamps)
    assert _value(by_newest, "lamp_age_years") == pytest.approx(2, abs=0.01)
    assert by_newest.loc["lamp_age_years", "source"] == "Tern Council (newest lamp of 2014)"
    stated = _hotspot_values(lamps=lamps, inventory={"Tern Council": pd.Timestamp("2014-06-01")})
    assert _value(stated, "lamp_age_years") == pytest.approx(2.41, abs=0.01)
    assert stated.loc["lamps_n", "source"] == "Tern Council (inventory of June 2014)"


# Streets, visits, exposure


def _streets(*lines: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    table = {"street_id": [str(i) for i in range(len(lines))], "name": "Tern Row"}
    return gpd.GeoDataFrame(table, geometry=shapely.linestrings(lines), crs=BNG)


def test_street_metres_are_those_inside() -> None:
    table = _hotspot_values(streets=_streets([(-500, 50), (500, 50)]))
    assert _value(table, "street_m") == pytest.approx(200)
    assert _value(table, "street_m_per_ha") == pytest.approx(100)
    assert table["unit"]["street_m_per_ha"] == "m/ha"
    assert np.isnan(_value(table, "longest_gap_m")), "no lamps were supplied"
    far = _hotspot_values(streets=_streets([(0, 900), (50, 900)]))
    assert np.isnan(_value(far, "street_m"))


def test_the_longest_gap_lies_between_lamps_at_the_street() -> None:
    lamps = _layer(
        schema.LAMPS,
        [(-40, 55), (20, 45), (150, 52), (90, 90), (190, 50)],
        lamp_id=list("abcde"),
        authority="Tern Council",
    )
    table = _hotspot_values(lamps=lamps, streets=_streets([(-500, 50), (400, 50)]))
    assert _value(table, "longest_gap_m") == pytest.approx(400 - 190)
    inner = _hotspot_values(lamps=lamps, streets=_streets([(-500, 50), (190, 50)]))
    assert _value(inner, "longest_gap_m") == pytest.approx(150 - 20), "the lamp at 90 is off"
    assert _value(inner, "lamps_per_100m_street") == pytest.approx(4 / 1.9)


def test_a_place_nobody_visited_has_no_count() -> None:
    seen = _layer(
        schema.OBSERVATIONS,
        [(10, 10), (20, 20), (900, 900)],
        observation_id=["1", "2", "3"],
        kind=["graffiti", "graffiti", "broken light"],
        source="Street audit",
    )
    table = _hotspot_values(observations=seen)
    assert _value(table, "field_graffiti_n") == 2
    assert _value(table, "field_broken_light_n") == 0
    assert _value(table, "field_n") == 2
    assert table["source"]["field_n"] == "Street audit"
    elsewhere = _hotspot_values(observations=seen.iloc[[2]])
    assert elsewhere["value"].isna().all()


def test_exposure_is_counted_inside() -> None:
    homes = _layer(
        schema.PLACES, [(5, 5), (6, 6), (300, 50)], place_id=["1", "2", "3"], kind="address"
    )
    table = _hotspot_values(places=homes, exposure="address")
    assert _value(table, "exposure_n") == 2
    assert table["unit"]["exposure_n"] == "address"
    assert "nearest_address_m" not in table.index


# Map points


def test_map_points_are_measured_by_the_same_names_and_like_polygons() -> None:
    xy = builders.street_points(60, seed=4)
    table = builders.points_table(xy)
    cells = points.catchments(xy)
    rng = np.random.default_rng(4)
    at = [tuple(place) for place in xy[:30] + rng.normal(0, 20, (30, 2))]
    lamps = _layer(schema.LAMPS, at, lamp_id=[str(i) for i in range(30)], authority="Tern Council")
    pubs = _layer(schema.PLACES, at[:2], place_id=["pub:1", "pub:2"], kind="pub")
    around = environment.Surroundings(lamps, pubs, schema.empty(schema.DEPRIVATION))
    wide = environment.measure_points(table, cells, around)
    assert wide.index.tolist() == table["point_id"].tolist()
    assert set(wide.dtypes.astype(str)) == {"float64"}
    alone = environment.lighting_values(cells, lamps.geometry.to_numpy())
    for name, values in alone.items():
        assert wide[name].to_numpy() == pytest.approx(values, nan_ok=True)
    brute = np.hypot(*(xy[:, None] - np.array(at[:2])[None]).transpose(2, 0, 1))
    assert wide["nearest_pub_m"].to_numpy() == pytest.approx(brute.min(axis=1))
    assert wide["pub_within_100m"].tolist() == (brute <= 100).sum(axis=1).tolist()
    hotspots = gpd.GeoDataFrame({"hotspot_id": ["HS-a-0001"]}, geometry=[cells[0]], crs=BNG)
    members = pd.DataFrame(
        {"hotspot_id": "HS-a-0001", "crime_group": "Burglary", "point_id": table["point_id"][:1]}
    ).assign(n=1)
    long = environment.measure_hotspots(hotspots, members, table, around)
    assert set(wide.columns) == set(long["measure"]) - {"field_n"}


def test_nothing_supplied_and_no_hotspots_are_measured_too() -> None:
    xy = builders.street_points(5, seed=1)
    lamps, places, poor = map(schema.empty, (schema.LAMPS, schema.PLACES, schema.DEPRIVATION))
    around = environment.Surroundings(lamps, places, poor)
    wide = environment.measure_points(builders.points_table(xy), points.catchments(xy), around)
    assert wide.isna().all(axis=None)
    hotspots, members, table = _hotspot()
    none = environment.measure_hotspots(hotspots.iloc[:0], members.iloc[:0], table, around)
    assert none.empty


# A real register


def test_a_real_register_says_of_dimming_what_it_says_and_of_faults_nothing(shared: Path) -> None:
    path = shared / "data/lighting/salford_streetlights_2014.csv.gz"
    if not path.exists():
        pytest.skip("the register is not here")
    lamps = lighting.read(path, authority="Salford", columns={}).table
    dims = regimes.dimmed(lamps)
    assert np.nanmean(dims) == 1, "only the dimmed ones say anything"
    assert 0.4 < np.isnan(dims).mean() < 0.6
    assert np.isnan(regimes.part_night(lamps)).all()
    assert np.isnan(regimes.faulty(lamps)).all(), "a level of condition is no fault"
