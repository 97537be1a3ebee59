"""Small sound files of what a partnership brings along, and what reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fuzz.mutate import Chance
from hotspots.schema import ASB
from hotspots.sources import field, intervention_areas, interventions, population, streets

VISITS = (
    "Ref,Observation,Easting,Northing,Date noted,Note\n"
    "V1,Recessed doorway,353000,429000,23/02/2024,seen from the pavement\n"
    "V2,Graffiti,353010,429010,2024-02-10,\nV3,broken light,353020,429020,Feb 2024,x\n"
    "V4,A smell of fish,353030,429030,01/02/2024,y\n"
)
REGISTER = (
    "intervention_id,name,what was done,start,end,crime groups,easting,northing,radius_m\n"
    'A1,Mill Green opened up,"hedges cut back, lamps renewed",2023-07,,'
    f"{ASB},353000,429000,130\n"
    "A2,Taxi marshals,marshals at the rank,2022-01,2022-06,Burglary,353500,429100,150\n"
)
REGISTER_TOML = """
[[intervention]]
intervention_id = "A1"
name = "Mill Green opened up"
what = "hedges cut back"
start = "2023-07"
easting = 353000
northing = 429000
radius_m = 130
"""
RESIDENTS = (
    "lsoa21_code,lsoa21_name,total_residents\nE01012571,Anytown 007A,1767\n"
    "E01012572,Anytown 007B,1461\n"
)


def lines() -> bytes:
    """Make two streets as GeoJSON."""
    return _collection(
        {"type": "LineString", "coordinates": [[-2.71, 53.76], [-2.709, 53.7601]]},
        {"type": "LineString", "coordinates": [[-2.709, 53.7601], [-2.708, 53.761]]},
        name="High Street",
    )


def grounds() -> bytes:
    """Make the area of an intervention as GeoJSON."""
    ring = [[-2.71, 53.76], [-2.708, 53.76], [-2.708, 53.761], [-2.71, 53.76]]
    return _collection({"type": "Polygon", "coordinates": [ring]}, intervention_id="A1")


def _collection(*geometries: dict[str, Any], **properties: str) -> bytes:
    features = [
        {"type": "Feature", "properties": properties, "geometry": geometry}
        for geometry in geometries
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def read_streets(path: Path, _: Chance) -> Any:  # noqa: ANN401 - files of several kinds
    """Read as a refresh reads streets."""
    return streets.read(path)


def read_visits(path: Path, _: Chance) -> Any:  # noqa: ANN401
    """Read as a refresh reads what visits noted."""
    return field.read(path, source="visits")


def read_register(path: Path, _: Chance) -> Any:  # noqa: ANN401
    """Read as a refresh reads a register of interventions."""
    return interventions.read(path, groups=(ASB, "Burglary"))


def read_grounds(path: Path, _: Chance) -> Any:  # noqa: ANN401
    """Read as a refresh reads the areas of a register."""
    return intervention_areas.read(path)


def read_residents(path: Path, _: Chance) -> None:
    """Read as a report reads residents."""
    found = population.read(path)
    if found.table["residents"].lt(0).any() or found.table["lsoa_code"].duplicated().any():
        msg = f"{path.name}: residents that cannot be were used"
        raise AssertionError(msg)


BROUGHT: Mapping[str, Callable[[Path, Chance], Any]] = {
    "streets": read_streets,
    "visits": read_visits,
    "register": read_register,
    "grounds": read_grounds,
    "residents": read_residents,
}
"""Name of a reader to what gives its file with its account, if it has one."""
