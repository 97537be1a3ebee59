"""Layers of councils and visits: read, stacked, every row counted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import shapely

from hotspots import schema
from hotspots.environment import lighting
from hotspots.pipeline.layers import read_layers
from hotspots.settings import load, local_pattern

PARTS = ["kept", "unlocated", "excluded", "duplicate", "quarantined"]

NOTHING = {
    "lighting": (), "places": (), "deprivation": None, "streets": (), "field_observations": (),
    "interventions": None,
}  # fmt: skip


def test_files_that_share_a_name_and_ids_lose_nothing(county: Path, tmp_path: Path) -> None:
    settings = load(county)
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        shutil.copy(local_pattern(settings.lighting[1]), tmp_path / folder / "lights.csv")
    layer = settings.lighting[1].model_copy(update={"file": str(tmp_path / "*" / "lights.csv")})
    twice = settings.model_copy(update={**NOTHING, "lighting": (layer, layer)})
    layers = read_layers(twice)
    assert layers.account["file"].tolist() == ["lights.csv", "lights.csv#2"], "each file once"
    assert layers.account["kept"].sum() == len(layers.tables["lamps"])
    set_apart = layers.account[PARTS[1:]].to_numpy().sum()
    assert set_apart == len(schema.check(layers.set_aside, schema.SET_ASIDE)) > 0
    assert layers.tables["lamps"]["lamp_id"].is_unique


def test_streets_and_what_visits_noted_are_tables_and_in_the_account(county: Path) -> None:
    settings = load(county)
    given = {
        "streets": settings.streets * 2,
        "field_observations": settings.field_observations * 2,
    }
    layers = read_layers(settings.model_copy(update={**NOTHING, **given}))
    schema.check(layers.tables["streets"], schema.STREETS)
    schema.check(layers.tables["observations"], schema.OBSERVATIONS)
    account = layers.account.set_index("file")
    assert set(account.index) == {"streets.geojson", "observations.csv"}, "each file once"
    assert account.loc["streets.geojson", "kept"] == len(layers.tables["streets"]) > 0
    assert account.loc["observations.csv", "kept"] == len(layers.tables["observations"]) > 0


def test_lights_in_the_layout_of_another_council_need_other_settings_only(
    county: Path, tmp_path: Path
) -> None:
    settings = load(county)
    (theirs, _) = settings.lighting
    before = read_layers(settings.model_copy(update={**NOTHING, "lighting": (theirs,)}))
    lamps = before.tables["lamps"]
    at = shapely.get_coordinates(lamps.geometry.to_numpy())
    features = [
        {
            "type": "Feature",
            "properties": {"ITEM_IDENT": f"SL{i:06d}", "Unit Type": "SLC ", "ROADNAME": road},
            "geometry": {"type": "Point", "coordinates": [round(x, 2), round(y, 2)]},
        }
        for i, (road, (x, y)) in enumerate(zip(lamps["road_name"], at.tolist(), strict=True))
    ]
    file = tmp_path / "assets.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    other = theirs.model_copy(update={"file": str(file), "authority": "Another Council"})
    after = read_layers(settings.model_copy(update={**NOTHING, "lighting": (other,)}))
    places = shapely.buffer(lamps.geometry.to_numpy()[::500], 80)
    values = [
        lighting.lighting_values(places, layers.tables["lamps"].geometry.to_numpy())
        for layers in (before, after)
    ]
    for name in ("lamps_n", "lamps_per_ha", "nearest_lamp_m", "dark_share"):
        np.testing.assert_allclose(values[1][name], values[0][name], atol=0.05)


def test_layers_that_are_not_named_are_empty(county: Path) -> None:
    layers = read_layers(load(county).model_copy(update=NOTHING))
    assert all(table.empty for table in layers.tables.values())
    assert layers.account.empty
