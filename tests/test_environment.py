from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import builders
from hotspots import environment, schema
from hotspots.crs import BNG


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
    assert table.loc["lamps_per_ha", "value"] == pytest.approx(1)
    assert table.loc["lamps_n", "source"] == "Tern Council"
    assert table.loc["imd_decile", "value"] == 7, "the LSOA with most incidents"
    assert table.loc["nearest_pub_m", "value"] == pytest.approx(60)
    assert table.loc["pub_within_100m", "value"] == 1
    assert table.loc["pub_within_250m", "value"] == 1


def test_what_is_absent_is_said_to_be() -> None:
    empty = [schema.empty(each) for each in (schema.LAMPS, schema.PLACES, schema.DEPRIVATION)]
    table = _measure(*empty)
    assert table["value"].isna().all()
    assert set(table["source"]) == {"not supplied"}
    assert {"lamps_per_ha", "dark_share", "imd_decile"} <= set(table.index)
