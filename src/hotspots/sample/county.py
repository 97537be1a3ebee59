"""Write the whole sample county, ready for ``hotspots demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hotspots.sample import council, police, register, surroundings, words
from hotspots.sample.areas import Areas, divide
from hotspots.sample.crime import draw_incidents
from hotspots.sample.files import csv_bytes, write_geojson, write_shapefile, write_text
from hotspots.sample.map_points import map_points
from hotspots.sample.streets import LAYOUT_SEED, lay_streets

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.sample.map_points import PointList
    from hotspots.sample.streets import Streets

_LAYERS = {
    "districts": {"district_code": "LAD24CD", "district_name": "LAD24NM"},
    "wards": {"ward_code": "WD24CD", "ward_name": "WD24NM", "district_code": "LAD24CD"},
    "lsoa11": {"code11": "LSOA11CD", "name11": "LSOA11NM"},
    "lsoa21": {"code21": "LSOA21CD", "name21": "LSOA21NM"},
}


def write_county(folder: Path, *, seed: int = 20260) -> Path:
    """
    Write the made-up county in published formats.

    The county itself (coast, streets, areas, what is planted) is always the same; the seed
    draws what happens in it and the details of the councils' files. The same seed gives the
    same bytes.

    Parameters
    ----------
    folder : Path
        Where to write ``hotspots.toml`` and ``inputs/``; made if need be. Files of the same
        names are replaced, others left alone.
    seed : int
        Not negative.

    Returns
    -------
    Path
        The settings file.
    """
    layout = np.random.default_rng(LAYOUT_SEED)
    streets = lay_streets(layout)
    lists = map_points(streets, layout)
    areas = divide(lists[0].xy, layout)
    inputs = Path(folder) / "inputs"
    for name in (
        "police_uk",
        "boundaries",
        "deprivation",
        "lighting",
        "places",
        "streets",
        "field",
        "interventions",
    ):
        (inputs / name).mkdir(parents=True, exist_ok=True)
    happening, recording, surveying = np.random.default_rng(seed).spawn(3)
    incidents = draw_incidents(lists, happening)
    police.publish(inputs / "police_uk", incidents, lists, areas, recording)
    _write_boundaries(inputs / "boundaries", areas)
    _write_council_files(inputs, streets, lists[1], areas, surveying)
    write_geojson(
        inputs / "streets/streets.geojson", "streets", *surroundings.street_lines(streets)
    )
    write_text(inputs / "README.txt", words.NOTICE)
    settings = Path(folder) / "hotspots.toml"
    write_text(settings, words.SETTINGS)
    return settings


def _write_boundaries(folder: Path, areas: Areas) -> None:
    for name, columns in _LAYERS.items():
        table, shapes = areas.layer(columns)
        write_geojson(folder / f"{name}.geojson", name, table, shapes)
        if name == "districts":
            write_shapefile(folder / "districts.shp.zip", table, shapes)


def _write_council_files(
    inputs: Path, streets: Streets, points: PointList, areas: Areas, rng: np.random.Generator
) -> None:
    lamps = council.lamps(streets, rng)
    tables: dict[str, pd.DataFrame] = {
        "deprivation/iod2025_file7.csv": council.deprivation(areas, rng),
        "lighting/kelderwick_lights.csv": council.borough_lights(lamps, rng),
        "lighting/saltmarrow_units.csv": council.county_lights(lamps, rng),
        "places/pubs.tsv": council.pubs(points, rng),
        "places/shops.csv": council.shops(points, rng),
        "places/schools.csv": council.schools(points, rng),
        "places/stations.csv": council.stations(points, rng),
        "field/observations.csv": surroundings.observations(rng),
        "interventions/register.csv": register.interventions(),
        "places/shopwatch.csv": council.shopwatch(points, rng),
    }
    for name, table in tables.items():
        (inputs / name).write_bytes(csv_bytes(table, tab=name.endswith(".tsv")))
