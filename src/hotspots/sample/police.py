"""Publish the incidents as police.uk does: monthly CSV files in three overlapping downloads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.sample import names
from hotspots.sample.crime import MONTHS, Incidents, month_number, published_months
from hotspots.sample.files import csv_bytes, write_zip
from hotspots.sample.streets import to_degrees
from hotspots.sample.truth import LSOA21_MONTH, NEW_LIST_MONTH
from hotspots.schema import ASB, CRIME_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hotspots.sample.areas import Areas
    from hotspots.sample.map_points import PointList


@dataclass(frozen=True)
class Download:
    """One download: its newest month names it; months ``first`` to ``last``, both included."""

    first: str
    last: str
    line_end: str
    has_neighbour: bool


DOWNLOADS = (
    Download("2021-04", "2022-08", "\r\n", has_neighbour=False),
    Download("2022-08", "2023-07", "\n", has_neighbour=True),
    Download("2023-07", "2024-03", "\n", has_neighbour=False),
)
"""Each begins with the month that ended the one before, published again with later outcomes."""

_PENDING = "Under investigation"
_OUTCOMES = (
    ("Investigation complete; no suspect identified", 0.33),
    ("Unable to prosecute suspect", 0.40),
    ("Awaiting court outcome", 0.05),
    ("Court result unavailable", 0.08),
    ("Local resolution", 0.06),
    ("Offender given a caution", 0.03),
    ("Action to be taken by another organisation", 0.03),
    ("Further investigation is not in the public interest", 0.02),
)
_MONTHLY_CLOSURE = 0.35
_LATE_SHARE = 0.004

_OUTSIDE_SHARE = 0.002
_OUTSIDE = np.array(
    [
        (246_310.0, 431_220.0), (247_040.0, 430_610.0), (246_720.0, 432_480.0),
        (690_000.0, 610_000.0), (640_000.0, 850_000.0), (90_000.0, 60_000.0),
        (244_100.0, 436_900.0),
    ]
)  # fmt: skip
"""Across the sound; in the North Sea and the western approaches; a place without an LSOA."""

_OUTSIDE_LSOA = (
    ("E01991001", "Wrackholm 001A"),
    ("E01991002", "Wrackholm 001B"),
    ("E01991003", "Wrackholm 002A"),
    ("E01992001", "Dogger Reach 001A"),
    ("E01992002", "Long Forties 001A"),
    ("E01992003", "Lower Sole 001A"),
    ("", ""),
)
_OUTSIDE_STREETS = (
    "Kittiwake Lane",
    "Fogbell Street",
    "Capstan Road",
    "Rig Approach",
    "Trawl Road",
    "Trench Lane",
    "",
)

_BURST_MONTH = "2021-07"
_BURST_ROWS = 60
_REPUBLISHED = (("2021-11", "2022-01"), ("2022-01", "2022-03"), ("2022-11", "2023-01"))
_REPUBLISHED_ROWS = 15
_NEIGHBOUR_MONTHS = ("2023-01", "2023-02")
_NEIGHBOUR_ROWS = 400


@dataclass(frozen=True)
class Gazetteer:
    """Everything printed about a place; one entry per point of both lists, then the outside."""

    longitude: NDArray[np.object_]
    latitude: NDArray[np.object_]
    location: NDArray[np.object_]
    codes: tuple[NDArray[np.object_], NDArray[np.object_]]
    lsoa_names: tuple[NDArray[np.object_], NDArray[np.object_]]
    first_outside: int


def gazetteer(lists: tuple[PointList, PointList], areas: Areas) -> Gazetteer:
    """Work out what is printed for every map point, with LSOAs of 2011 and 2021."""
    inside = np.concatenate([points.xy for points in lists])
    degrees = to_degrees(np.concatenate([inside, _OUTSIDE]))
    rows = areas.lsoas.iloc[areas.locate(inside)]
    streets = [f"On or near {street}" for street in _OUTSIDE_STREETS]

    def extended(column: str, place: int) -> NDArray[np.object_]:
        outside = [lsoa[place] for lsoa in _OUTSIDE_LSOA]
        return np.concatenate([rows[column].to_numpy(dtype=object), np.array(outside, object)])

    return Gazetteer(
        _six_decimals(degrees[:, 0]),
        _six_decimals(degrees[:, 1]),
        np.concatenate([*(points.location for points in lists), np.array(streets, object)]),
        (extended("code11", 0), extended("code21", 0)),
        (extended("name11", 1), extended("name21", 1)),
        len(inside),
    )


def _six_decimals(values: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.array([f"{value:.6f}" for value in values], dtype=object)


def crime_ids(n: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return ``n`` Crime IDs of 64 hexadecimal digits."""
    text = rng.bytes(32 * n).hex()
    return np.array([text[at : at + 64] for at in range(0, 64 * n, 64)], dtype=object)


def publish(
    folder: Path,
    incidents: Incidents,
    lists: tuple[PointList, PointList],
    areas: Areas,
    rng: np.random.Generator,
) -> list[Path]:
    """
    Write the downloads as ``<last month>.zip`` and return their paths, oldest first.

    Parameters
    ----------
    folder : Path
        Existing folder.
    incidents, lists, areas
        What happened, and where.
    rng : Generator
        Source of chance for ids, outcomes, order and errors of publication.
    """
    places = gazetteer(lists, areas)
    ledger = _ledger(incidents, lists, places, rng)
    neighbour = _neighbour_members(places, rng)
    paths = []
    for download in DOWNLOADS:
        members = _members(ledger, download, places)
        members |= neighbour if download.has_neighbour else {}
        paths.append(folder / f"{download.last}.zip")
        write_zip(paths[-1], members)
    return paths


def _ledger(
    incidents: Incidents,
    lists: tuple[PointList, PointList],
    places: Gazetteer,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Keep everything the force knows, repeats included, one row per row to be published."""
    n = len(incidents.month)
    is_new = incidents.month >= month_number(NEW_LIST_MONTH)
    place = incidents.point + np.where(is_new, len(lists[0].xy), 0)
    strays = np.flatnonzero(incidents.is_located & (rng.random(n) < _OUTSIDE_SHARE))
    odds = np.array([5, 5, 5, 2, 1, 1, 0.3])
    stray_to = rng.choice(len(_OUTSIDE), size=len(strays), p=odds / odds.sum())
    place[strays] = places.first_outside + stray_to
    outcome, closed = _fates(incidents.month, rng)
    ledger = pd.DataFrame(
        {
            "crime_id": crime_ids(n, rng),
            "month": incidents.month,
            "kind": incidents.crime_type,
            "place": np.where(incidents.is_located, place, -1),
            "outcome": outcome,
            "closed": closed,
            # A few records reach the publisher a month late.
            "known": incidents.month + (rng.random(n) < _LATE_SHARE),
        }
    )
    ledger.loc[ledger["kind"] == CRIME_TYPES.index(ASB), "crime_id"] = ""
    ledger = pd.concat([ledger, *_repeats(ledger, rng)], ignore_index=True)
    return ledger.iloc[rng.permutation(len(ledger))].reset_index(drop=True)


def _fates(
    month: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each crime's final outcome, and the month from which it is known."""
    odds = np.array([weight for _, weight in _OUTCOMES])
    outcome = rng.choice(len(odds), size=len(month), p=odds / odds.sum())
    return outcome, month + rng.geometric(_MONTHLY_CLOSURE, len(month)) - 1


def _repeats(ledger: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Publish some Crime IDs twice: in a burst within a month, and again in later months."""
    has_id = ledger["crime_id"].ne("") & ledger["place"].ge(0)
    burst = ledger[has_id & ledger["month"].eq(month_number(_BURST_MONTH))]
    repeats = [burst.iloc[rng.choice(len(burst), size=_BURST_ROWS, replace=False)]]
    for first, again in _REPUBLISHED:
        once = ledger[has_id & ledger["month"].eq(month_number(first))]
        twice = once.iloc[rng.choice(len(once), size=_REPUBLISHED_ROWS, replace=False)].copy()
        shift = month_number(again) - month_number(first)
        twice["month"] += shift
        twice["known"] += shift
        # Every fifth has been corrected to another place in the meantime.
        moved = np.arange(_REPUBLISHED_ROWS) % 5 == 0
        elsewhere = once["place"].to_numpy()[rng.choice(len(once), size=_REPUBLISHED_ROWS)]
        twice["place"] = np.where(moved, elsewhere, twice["place"])
        repeats.append(twice)
    return repeats


def _members(ledger: pd.DataFrame, download: Download, places: Gazetteer) -> dict[str, bytes]:
    """Return the CSV files of one download, as known in its last month."""
    first, last = month_number(download.first), month_number(download.last)
    in_time = ledger["known"] <= last
    members = {}
    for month in published_months():
        if first <= month <= last:
            rows = ledger[in_time & ledger["month"].eq(month)]
            table = _printed(rows, month, last, places, names.FORCE)
            text = csv_bytes(table, line_end=download.line_end)
            members[_member_name(MONTHS[month], names.FORCE_ID)] = text
    return members


def _member_name(month: pd.Period, force_id: str) -> str:
    return f"{month}/{month}-{force_id}-street.csv"


def _printed(
    rows: pd.DataFrame, month: int, as_of: int, places: Gazetteer, force: str
) -> pd.DataFrame:
    """Lay rows of one month out in the twelve published columns, by LSOA and type."""
    vintage = int(month >= month_number(LSOA21_MONTH))
    place = rows["place"].to_numpy()
    is_located = place >= 0
    is_asb = rows["kind"].to_numpy() == CRIME_TYPES.index(ASB)
    known = np.array([label for label, _ in _OUTCOMES], dtype=object)[rows["outcome"]]
    outcome = np.where(rows["closed"].to_numpy() <= as_of, known, _PENDING)
    table = pd.DataFrame(
        {
            "Crime ID": rows["crime_id"].to_numpy(),
            "Month": str(MONTHS[month]),
            "Reported by": force,
            "Falls within": force,
            "Longitude": np.where(is_located, places.longitude[place], ""),
            "Latitude": np.where(is_located, places.latitude[place], ""),
            "Location": np.where(is_located, places.location[place], "No Location"),
            "LSOA code": np.where(is_located, places.codes[vintage][place], ""),
            "LSOA name": np.where(is_located, places.lsoa_names[vintage][place], ""),
            "Crime type": np.array(CRIME_TYPES, dtype=object)[rows["kind"]],
            "Last outcome category": np.where(is_asb, "", outcome),
            "Context": "",
        }
    )
    # Rows without a place come last, as in the published files.
    by = pd.DataFrame({"lost": ~is_located, "lsoa": table["LSOA name"], "kind": rows["kind"].array})
    return table.iloc[by.sort_values(["lost", "lsoa", "kind"], kind="stable").index]


def _neighbour_members(places: Gazetteer, rng: np.random.Generator) -> dict[str, bytes]:
    """Return two months of the force across the sound, which nobody asked for."""
    members = {}
    for text in _NEIGHBOUR_MONTHS:
        month = np.full(_NEIGHBOUR_ROWS, month_number(text))
        outcome, closed = _fates(month, rng)
        rows = pd.DataFrame(
            {
                "crime_id": crime_ids(_NEIGHBOUR_ROWS, rng),
                "kind": rng.choice(len(CRIME_TYPES), size=_NEIGHBOUR_ROWS),
                "place": places.first_outside + rng.choice(3, size=_NEIGHBOUR_ROWS),
                "outcome": outcome,
                "closed": closed,
            }
        )
        rows.loc[rows["kind"] == CRIME_TYPES.index(ASB), "crime_id"] = ""
        table = _printed(rows, month_number(text), month_number("2023-07"), places, names.NEIGHBOUR)
        members[_member_name(pd.Period(text, freq="M"), names.NEIGHBOUR_ID)] = csv_bytes(table)
    return members
