"""The files of the councils: street lights of two authorities, places, deprivation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.sample import names
from hotspots.sample.crime import hardship
from hotspots.sample.streets import SETTLEMENTS, centrality, to_degrees
from hotspots.sample.truth import PLANTED, POORLY_LIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.sample.areas import Areas
    from hotspots.sample.map_points import PointList
    from hotspots.sample.streets import Streets

LSOAS_IN_ENGLAND = 33_755
"""Ranks of the 2025 indices run to this."""

_LAMP_M = 25.0
_KERB_M = 4.5
_MISSING_IN_POORLY_LIT = 0.7
_NON_LIGHTS = ("Illuminated Sign", "Bollard", "Belisha Beacon")
_NON_LIGHT_SHARE = 0.035
_PAD = 24

_DOMAINS = (
    ("Index of Multiple Deprivation (IMD)", "Score", 22.0, 12.0),
    ("Income", "Score (rate)", 0.22, 0.10),
    ("Employment", "Score (rate)", 0.12, 0.05),
    ("Education, Skills and Training", "Score", 22.0, 14.0),
    ("Health Deprivation and Disability", "Score", 0.0, 0.8),
    ("Crime", "Score", 0.0, 0.8),
    ("Barriers to Housing and Services", "Score", 22.0, 9.0),
    ("Living Environment", "Score", 22.0, 14.0),
)
"""Heading, what the publisher calls its measure, and its mean and spread here."""


def lamps(streets: Streets, rng: np.random.Generator) -> pd.DataFrame:
    """
    Put street lights along the streets of the settlements, on alternate sides.

    Parameters
    ----------
    streets : Streets
        Streets; those in the country stay dark.
    rng : Generator
        Source of chance.

    Returns
    -------
    DataFrame
        ``easting``, ``northing`` (metres, EPSG:27700, whole), ``street``, ``settlement`` (place
        in ``SETTLEMENTS``) and ``is_poorly_lit``, west to east. In the poorly lit quarter seven
        in ten are missing.
    """
    spacing = np.full(len(streets.name), _LAMP_M)
    street, share = streets.spread(spacing, rng, jitter=0.12)
    lit = streets.settlement[street] >= 0
    street, share = street[lit], share[lit]
    direction = (streets.end - streets.start)[street] / streets.length_m[street, None]
    side = np.where(np.arange(len(street)) % 2 == 0, _KERB_M, -_KERB_M)
    xy = streets.along(street, share) + side[:, None] * direction[:, ::-1] * (-1.0, 1.0)
    dark = np.hypot(*(xy - (POORLY_LIT.easting, POORLY_LIT.northing)).T) <= POORLY_LIT.radius_m
    stands = ~dark | (rng.random(len(street)) >= _MISSING_IN_POORLY_LIT)
    table = pd.DataFrame(
        {
            "easting": np.rint(xy[:, 0]).astype(np.int64),
            "northing": np.rint(xy[:, 1]).astype(np.int64),
            "street": streets.name[street],
            "settlement": streets.settlement[street],
            "is_poorly_lit": dark,
        }
    )[stands]
    order = ["easting", "northing", "street"]
    result: pd.DataFrame = table.sort_values(order, kind="stable", ignore_index=True)
    return result


def borough_lights(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return Kelderwick's lights as a London borough lays out its asset list."""
    here = table[_district(table).eq("Kelderwick")]
    n = len(here)
    year, month = rng.integers(1998, 2022, n), rng.integers(1, 13, n)
    return pd.DataFrame(
        {
            "Asset_ID": np.arange(1, n + 1),
            "Asset_type": "Street Light",
            "Asset_category": "Lighting",
            "Asset_Position": rng.choice(["Kerbside", "Back of Footway"], n),
            "Adress_number": rng.integers(1, 120, n),
            "Road_description": here["street"].to_numpy(),
            "Asset_XCords": here["easting"].to_numpy(),
            "Asset_YCords": here["northing"].to_numpy(),
            "Structure Material Label": rng.choice(["Galvanised Steel", "Aluminium"], n),
            "Structure Height": rng.choice([5, 6, 8, 10], n, p=[0.35, 0.4, 0.15, 0.1]),
            "Structure Install Date": [
                f"01/{m:02d}/{y} 00:00:00" for m, y in zip(month, year, strict=True)
            ],
        }
    )


def county_lights(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return the other districts' lighting units as a careless county export.

    Types are padded with blanks, wattage is run together with the lamp code, a few units are
    signs or bollards, and a few have zero for coordinates.
    """
    here = table[_district(table).ne("Kelderwick")].reset_index(drop=True)
    n = len(here)
    dark = here["is_poorly_lit"].to_numpy()
    is_old = rng.random(n) < np.where(dark, 0.85, 0.25)
    old_lamp = rng.choice(["35SOX", "55SOX", "70SONT", "100SONT"], n, p=[0.35, 0.2, 0.35, 0.1])
    new_lamp = rng.choice(["18LED", "24LED", "40LED"], n, p=[0.4, 0.45, 0.15])
    is_other = rng.random(n) < _NON_LIGHT_SHARE
    condition = rng.choice(["Good", "Fair", "Poor"], n, p=[0.6, 0.33, 0.07])
    units = pd.DataFrame(
        {
            "UNIT_ID": [f"SM{number:06d}" for number in range(1, n + 1)],
            "UNIT_TYPE": np.where(is_other, rng.choice(_NON_LIGHTS, n), "Street Light"),
            "STREETDESCRIPTION": here["street"].str.upper(),
            "TOWN": [SETTLEMENTS[place].name for place in here["settlement"]],
            "LAMP": np.where(is_old, old_lamp, new_lamp),
            "MOUNTING_HEIGHT": rng.choice([5, 6, 8], n, p=[0.5, 0.35, 0.15]),
            "DIMMING": np.where(
                is_old,
                "",
                rng.choice(["Dimmed to 75%", "Part night", "None"], n, p=[0.6, 0.1, 0.3]),
            ),
            "CONDITION": np.where(dark, "Poor", condition),
            "DEFECT": np.where(rng.random(n) < np.where(dark, 0.35, 0.02), "OpenDefect", ""),
            "EASTINGS": here["easting"],
            "NORTHINGS": here["northing"],
        }
    )
    units["UNIT_TYPE"] = units["UNIT_TYPE"].str.ljust(_PAD)
    units.loc[rng.choice(n, size=7, replace=False), ["EASTINGS", "NORTHINGS"]] = 0
    return units


def _district(table: pd.DataFrame) -> pd.Series[str]:
    names_by_place = np.array([town.district for town in SETTLEMENTS])
    return pd.Series(names_by_place[table["settlement"]], table.index)


def pubs(points: PointList, rng: np.random.Generator) -> pd.DataFrame:
    """Return pubs as an extract of a public map: name, sort name, id, latitude, longitude."""
    rows = _busy_rows(points, 75, 1.0, rng)
    # The night-time economy has its own.
    rows = np.concatenate([rows, np.flatnonzero(points.planted == 0).repeat(2)])
    degrees = to_degrees(_beside(points.xy[rows], rng))
    name = pd.Series(names.pub_names(len(rows), rng))
    return pd.DataFrame(
        {
            "name": name,
            "sort_name": name.str.removeprefix("The "),
            "osm_id": 9_900_000_001 + np.arange(len(rows)),
            "latitude": degrees[:, 1],
            "longitude": degrees[:, 0],
        }
    )


def shops(points: PointList, rng: np.random.Generator) -> pd.DataFrame:
    """Return shops: id, name, latitude, longitude."""
    rows = _busy_rows(points, 260, 1.5, rng)
    shopping = np.flatnonzero(
        np.isin(points.location, ["On or near Shopping Area", "On or near Supermarket"])
        | (points.planted == _planted("Fulmar Parade"))
    )
    rows = np.concatenate([rows, shopping.repeat(3)])
    degrees = to_degrees(_beside(points.xy[rows], rng))
    return pd.DataFrame(
        {
            "id": [f"SHOP{number:04d}" for number in range(1, len(rows) + 1)],
            "name": names.shop_names(len(rows), rng),
            "latitude": degrees[:, 1],
            "longitude": degrees[:, 0],
        }
    )


def schools(points: PointList, rng: np.random.Generator) -> pd.DataFrame:
    """Return schools as a register of establishments: number, name, easting, northing."""
    rows = _busy_rows(points, 46, 0.2, rng)
    xy = np.rint(_beside(points.xy[rows], rng)).astype(np.int64)
    street = [text.removeprefix("On or near ") for text in points.location[rows]]
    return pd.DataFrame(
        {
            "URN": 990_001 + np.arange(len(rows)),
            "EstablishmentName": [f"{name or 'County'} School" for name in street],
            "Easting": xy[:, 0],
            "Northing": xy[:, 1],
        }
    )


def stations(points: PointList, rng: np.random.Generator) -> pd.DataFrame:
    """Return bus and railway stations as a register of stops, one to each larger settlement."""
    towns = [town for town in SETTLEMENTS if town.bustle > 1]
    centre = np.array([(town.easting, town.northing) for town in towns])
    away = np.hypot(*(points.xy[None] - centre[:, None]).transpose(2, 0, 1))
    bus_row = np.flatnonzero(points.planted == _planted("Cartwheel Lane"))[1]
    xy = _beside(points.xy[np.append(away.argmin(axis=1), bus_row)], rng)
    degrees = to_degrees(xy)
    return pd.DataFrame(
        {
            "ATCOCode": [f"9990SMW{number:04d}" for number in range(1, len(xy) + 1)],
            "CommonName": [f"{town.name} Station" for town in towns] + ["Harrowstrand Bus Station"],
            "Longitude": degrees[:, 0],
            "Latitude": degrees[:, 1],
        }
    )


def shopwatch(points: PointList, rng: np.random.Generator) -> pd.DataFrame:
    """Return the members of a radio scheme of shops: id, name, longitude, latitude."""
    parade = np.flatnonzero(points.planted == _planted("Fulmar Parade"))
    rows = np.concatenate([parade.repeat(2), _busy_rows(points, 30, 3.0, rng)])
    degrees = to_degrees(_beside(points.xy[rows], rng))
    return pd.DataFrame(
        {
            "id": [f"SW{number:03d}" for number in range(1, len(rows) + 1)],
            "name": names.shop_names(len(rows), rng),
            "longitude": degrees[:, 0],
            "latitude": degrees[:, 1],
        }
    )


def _planted(street: str) -> int:
    return [spot.street for spot in PLANTED].index(street)


def _busy_rows(
    points: PointList, n: int, pull: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Pick ``n`` different points outside the planted ones, busier ones more readily."""
    weight = np.where(points.planted < 0, 0.15 + pull * centrality(points.xy), 0.0)
    return rng.choice(len(weight), size=n, replace=False, p=weight / weight.sum())


def _beside(xy: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return xy + rng.normal(0, 12, xy.shape)


def deprivation(areas: Areas, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return deprivation of every LSOA of 2021 under the main headings of File 7 of 2025.

    Parameters
    ----------
    areas : Areas
        Districts and LSOAs.
    rng : Generator
        Source of chance.

    Returns
    -------
    DataFrame
        Sorted by LSOA; score, national rank (no two alike in a domain) and decile by domain.
    """
    codes = areas.lsoas["code21"].to_numpy()[areas.lsoa_of_cell]
    depth = pd.Series(hardship(areas.seeds)).groupby(codes).mean()
    here = areas.lsoas.drop_duplicates("code21").set_index("code21").loc[depth.index]
    table = pd.DataFrame(
        {
            "LSOA code (2021)": depth.index,
            "LSOA name (2021)": here["name21"].to_numpy(),
            "Local Authority District code (2024)": here["district_code"].to_numpy(),
            "Local Authority District name (2024)": here["district_name"].to_numpy(),
        }
    )
    for number, (domain, measure, mean, spread) in enumerate(_DOMAINS):
        noise = rng.normal(0, 0.15 if number == 0 else 0.35, len(depth))
        level = (depth.to_numpy() - 0.2 + noise) / 0.6
        share = 1 / (1 + np.exp(1.7 * level))
        rank = _distinct(np.clip(np.rint(share * LSOAS_IN_ENGLAND), 60, LSOAS_IN_ENGLAND - 300))
        floor = 0.01 if mean > 0 else -3.0
        table[f"{domain} {measure}"] = np.round(np.maximum(floor, mean + spread * level), 3)
        table[f"{domain} Rank (where 1 is most deprived)"] = rank
        decile = (rank - 1) * 10 // LSOAS_IN_ENGLAND + 1
        table[f"{domain} Decile (where 1 is most deprived 10% of LSOAs)"] = decile
    table["Total population: mid 2022"] = rng.integers(1_150, 2_300, len(depth))
    return table


def _distinct(rank: NDArray[np.float64]) -> NDArray[np.int64]:
    """Raise ranks that come twice by as little as makes all differ."""
    order = np.argsort(rank, kind="stable")
    steps = np.arange(len(rank))
    spread = np.maximum.accumulate(rank[order] - steps) + steps
    result = np.empty(len(rank), dtype=np.int64)
    result[order] = spread.astype(np.int64)
    return result
