"""Hotspots and map points measured and compared, from tables of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import shapely

import builders
from hotspots import sample, schema
from hotspots.pipeline import surroundings
from hotspots.settings import load

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load(sample.write_county(tmp_path_factory.mktemp("county")))


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    found = {table.name: schema.empty(table) for table in surroundings.READS}
    now = builders.points_table(builders.street_points(200, seed=1), list_id="list-2024-01")
    old = builders.points_table(builders.street_points(50, seed=2), list_id="list-2020-01")
    both: gpd.GeoDataFrame = pd.concat([old, now], ignore_index=True)
    coverage = {
        "force": "tern",
        "month": pd.to_datetime(["2024-02-01", "2020-01-01", "2024-03-01"]),
        "list_id": ["list-2024-01", "list-2020-01", None],
    }
    return found | {"points": both, "coverage": pd.DataFrame(coverage)}


def test_the_points_in_force_are_those_of_the_last_month_with_any(
    tables: dict[str, pd.DataFrame],
) -> None:
    points = surroundings.points_in_force(tables["points"], tables["coverage"])
    assert set(points["list_id"]) == {"list-2024-01"}
    assert points["point_id"].is_monotonic_increasing
    assert len(points) == 200


def test_without_hotspots_points_are_tested_and_nothing_is_unusual(
    settings: Settings, tables: dict[str, pd.DataFrame]
) -> None:
    found = surroundings.measured(settings, tables)
    schema.check(found.environment, schema.ENVIRONMENT)
    schema.check(found.factors, schema.FACTORS)
    assert schema.check(found.unusual, schema.UNUSUAL).empty


def test_what_stands_out_reaches_the_table(
    settings: Settings, tables: dict[str, pd.DataFrame]
) -> None:
    now = tables["points"][tables["points"]["list_id"] == "list-2024-01"]
    place = now.iloc[[110]]
    hotspot = schema.empty(schema.HOTSPOTS).reindex(range(1))
    hotspot["hotspot_id"], hotspot["crime_group"] = "HS-a-0001", "Burglary"
    hotspot["district_code"] = "E07999001"
    hotspot.geometry = shapely.buffer(place.geometry.to_numpy(), 60)  # type: ignore[attr-defined]
    member = {"hotspot_id": "HS-a-0001", "crime_group": "Burglary", "n": 4}
    pub = schema.empty(schema.PLACES).reindex(range(1))
    pub["place_id"], pub["kind"] = "pub:1", "pub"
    pub.geometry = place.geometry.to_numpy()  # type: ignore[attr-defined]
    tables |= {
        "hotspots": hotspot,
        "members": pd.DataFrame([member]).assign(point_id=place["point_id"].to_numpy()),
        "places": pub,
    }
    found = surroundings.measured(settings, tables).unusual
    assert found["measure"].tolist() == ["nearest_pub_m"]
    assert found["percentile"].tolist() == [0.0]


def test_what_was_put_there_in_answer_to_crime_is_counted_and_never_tested(
    settings: Settings, tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[pd.DataFrame] = []

    def tested(
        _points: object, _counts: object, measures: pd.DataFrame, *_: object
    ) -> tuple[pd.DataFrame, tuple[()]]:
        asked.append(measures)
        return schema.empty(schema.FACTORS), ()

    monkeypatch.setattr(surroundings, "factor_tables", tested)
    points = tables["points"]
    near = schema.empty(schema.PLACES).reindex(range(2))
    near["place_id"], near["kind"] = ["a", "b"], ["Shopwatch", "pub"]
    near.geometry = points.geometry.to_numpy()[60:62]  # type: ignore[attr-defined]
    hotspot = schema.empty(schema.HOTSPOTS).reindex(range(1))
    hotspot["hotspot_id"], hotspot["crime_group"] = "HS-a-0001", "Burglary"
    hotspot.geometry = shapely.buffer(points.geometry.to_numpy()[[60]], 60)  # type: ignore[attr-defined]
    found = surroundings.measured(settings, tables | {"places": near, "hotspots": hotspot})
    assert "Shopwatch_within_100m" in set(found.environment["measure"])
    assert "pub_within_100m" in asked[0]
    assert not [name for name in asked[0] if "Shopwatch" in str(name)]


def test_the_settings_say_the_inventory_and_what_is_exposed(
    settings: Settings, tables: dict[str, pd.DataFrame]
) -> None:
    entry = settings.lighting[0].model_copy(update={"inventory_date": "2014-06"})
    dated = settings.model_copy(update={"lighting": (entry, *settings.lighting[1:])})
    around = surroundings.surroundings(dated, tables)
    assert around.inventory == {entry.authority: pd.Timestamp("2014-06-01")}
    assert around.exposure is None


def test_the_sample_county_comes_with_streets_and_what_was_noted(settings: Settings) -> None:
    assert Path(settings.streets[0].file or "").exists()
    assert Path(settings.field_observations[0].file).exists()
