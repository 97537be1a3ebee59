"""Whether the outputs of a refresh agree with each other: row account, hotspots, pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots import schema, store
from hotspots.errors import HotspotsError
from hotspots.pipeline.manifest import row_account
from hotspots.publish.publication import slugs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotspots.pipeline.folders import Folders

_AGAIN = "Run hotspots refresh --force to make the outputs again."
_STATES = ("unlocated", "excluded", "duplicate", "quarantined")
_LIST = "hotspots.csv"


@dataclass(frozen=True)
class Fault:
    """
    Something that does not hold.

    Attributes
    ----------
    what : str
        The file.
    found, fix : str
        What is wrong with it, and what to do.
    """

    what: str
    found: str
    fix: str


def disagreements(folders: Folders, manifest: Mapping[str, Any]) -> Iterator[Fault]:
    """
    Find where the outputs of a refresh contradict each other.

    Parameters
    ----------
    folders : Folders
    manifest : mapping
        Of the last refresh.

    Yields
    ------
    Fault
        None of them for a file that is missing or cannot be read: its hash tells that.
    """
    yield from _account(folders, manifest)
    yield from _hotspots(folders)


def _read(wanted: schema.Schema, folders: Folders) -> pd.DataFrame | None:
    try:
        return store.read_table(wanted, folders.processed)
    except HotspotsError:
        return None


def _account(folders: Folders, manifest: Mapping[str, Any]) -> Iterator[Fault]:
    account = _read(schema.ACCOUNT, folders)
    if account is None:
        return
    path = str(folders.processed / f"{schema.ACCOUNT.name}.parquet")
    label = account["file"] + ("/" + account["member"]).where(account["member"].ne(""), "")
    parts = account[["kept", *_STATES]].sum(axis=1)
    for name in label[account["rows_in"] != parts]:
        yield Fault(path, f"the rows of {name} do not add up", _AGAIN)
    if manifest.get("row_account") != row_account(account):
        yield Fault(path, "the manifest counts rows otherwise", _AGAIN)
    set_aside = _read(schema.SET_ASIDE, folders)
    if set_aside is not None:
        counts = set_aside["status"].value_counts()
        for state in _STATES:
            if counts.get(state, 0) != account[state].sum():
                found = f"it counts other rows as {state} than set_aside.parquet holds"
                yield Fault(path, found, _AGAIN)
    incidents = _read(schema.INCIDENTS, folders)
    if incidents is not None:
        counts = incidents["file"].value_counts()
        kept = account["kept"].groupby(label).sum()
        for name, n in counts[counts > 0].items():
            if kept.get(name) != n:
                yield Fault(path, f"it keeps other rows of {name} than incidents.parquet", _AGAIN)


def _hotspots(folders: Folders) -> Iterator[Fault]:
    """Say which hotspots are not the same in the list, in the tables and on their pages."""
    drawn, areas = _read(schema.HOTSPOTS, folders), _read(schema.AREAS, folders)
    path = folders.maps / _LIST
    try:
        listed = pd.read_csv(path, usecols=["hotspot_id", "crime_group", "district_code"])
    except (OSError, ValueError):
        return
    if drawn is not None:
        ours = set(zip(drawn["hotspot_id"], drawn["crime_group"], strict=True))
        theirs = set(zip(listed["hotspot_id"], listed["crime_group"], strict=True))
        for hotspot_id, group in sorted(ours ^ theirs, key=str):
            where = "hotspots.parquet" if (hotspot_id, group) in theirs else "it"
            yield Fault(str(path), f"{hotspot_id} ({group}) is not in {where}", _AGAIN)
    if areas is not None:
        yield from _pages(folders, listed, areas)


def _pages(folders: Folders, listed: pd.DataFrame, areas: pd.DataFrame) -> Iterator[Fault]:
    districts = areas[areas["level"] == "district"].sort_values(["name", "area_code"])
    names = slugs(districts["name"], districts["area_code"])
    page_of = dict(zip(districts["area_code"], names, strict=True))
    for code, rows in listed.groupby("district_code"):
        path = folders.maps / f"{page_of.get(code)}.html"
        try:
            page = path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        for hotspot_id in sorted(rows["hotspot_id"]):
            if f'"{hotspot_id}"' not in page:
                yield Fault(str(path), f"{hotspot_id} is not on the page of its district", _AGAIN)
