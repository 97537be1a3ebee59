"""The numbers that may be printed about each hotspot: types, months and harm, small ones hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.publish import masking
from hotspots.schema import CRIME_TYPES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.publish.publication import Publication

MISSING = -1
FEWER = -2
NOT_SHOWN = -3
"""Codes in place of a count: no data, fewer than the limit, hidden to protect another."""

HARM_STEP_DAYS = 1000
"""Harm is a weighted sum of the types, so beside a hidden type it is printed this coarsely."""

_KEY = ["crime_group", "hotspot_id"]


@dataclass(frozen=True)
class Cells:
    """
    Every hotspot of a publication with what may be printed about it.

    Attributes
    ----------
    hotspots : GeoDataFrame, EPSG:27700, shape (n, ...)
        ``schema.HOTSPOTS`` by crime group in the order of the filter, then by rank; ``harm`` is
        rounded where ``is_harm_rounded``; ``types`` lists the crime types in words;
        ``is_mix_withheld`` where even that would give a small number away.
    types : list of str
        Crime types, in the order the mix counts them by.
    mix : list of lists of int, length n
        Type number and count or code, in turn; most frequent first, the hidden ones last.
    series : list of lists of int, length n
        A count or code for each month of ``Publication.months``.
    series_limits : dict of str to int
        Smallest monthly count printed as it is, by crime group.
    """

    hotspots: gpd.GeoDataFrame
    types: list[str]
    mix: list[list[int]]
    series: list[list[int]]
    series_limits: dict[str, int]


def prepare(publication: Publication) -> Cells:
    """Order the hotspots and hide the small numbers; see ``Cells``."""
    order = {group: i for i, group in enumerate(publication.crime_groups)}
    hotspots = publication.hotspots
    place = hotspots["crime_group"].map(order).to_numpy()
    hotspots = hotspots.iloc[np.lexsort([hotspots["hotspot_id"], hotspots["rank"], place])]
    hotspots = hotspots.reset_index(drop=True)
    types = sorted(set(publication.mix["crime_type"]), key=_type_order)
    counts, state = _mix(publication, hotspots, types)
    limits = _series_limits(publication)
    hidden = (state != masking.SHOWN).any(axis=1)
    rounded = (hotspots["harm"] / HARM_STEP_DAYS).round() * HARM_STEP_DAYS
    mix = _encode_mix(counts, state)
    hotspots = hotspots.assign(
        harm=rounded.where(hidden, hotspots["harm"].round()),
        is_harm_rounded=hidden,
        is_mix_withheld=(state == masking.WITHHELD).any(axis=1),
        types=pd.Series([_types_in_words(row, types) for row in mix], dtype="str"),
    )
    return Cells(
        hotspots=hotspots,
        types=types,
        mix=mix,
        series=_series(publication, hotspots, limits),
        series_limits=limits,
    )


def _type_order(crime_type: str) -> tuple[int, str]:
    known = crime_type in CRIME_TYPES
    return (CRIME_TYPES.index(crime_type) if known else len(CRIME_TYPES), crime_type)


def rows_of(table: pd.DataFrame, hotspots: pd.DataFrame) -> NDArray[np.int64]:
    """Find the row of ``hotspots`` that each row of ``table`` is about; -1 for none."""
    keys = pd.MultiIndex.from_frame(hotspots[_KEY])
    found: NDArray[np.int64] = keys.get_indexer(pd.MultiIndex.from_frame(table[_KEY]))
    return found


def _mix(
    publication: Publication, hotspots: pd.DataFrame, types: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Count incidents by hotspot and type, and say how each count is printed."""
    mix = publication.mix
    rows = rows_of(mix, hotspots)
    known = rows >= 0
    columns = pd.Index(types, dtype="str").get_indexer(pd.Index(mix["crime_type"]))
    counts = np.zeros((len(hotspots), len(types)), dtype=np.int64)
    counts[rows[known], columns[known]] = mix["n"].to_numpy()[known]
    limits = np.array([masking.limit_of(name) for name in types], dtype=np.int64)
    # A hotspot of one type prints that type's count as its own, over the year.
    own = hotspots["crime_group"].to_numpy()[:, None] == np.array(types, dtype=object)[None, :]
    return counts, masking.hide(counts, limits, own)


def _encode_mix(counts: NDArray[np.int64], state: NDArray[np.int8]) -> list[list[int]]:
    """List the types of each hotspot: printed ones by count, then hidden ones in a fixed order."""
    code = np.where(state == masking.FEWER, FEWER, counts)
    code[state == masking.NOT_SHOWN] = NOT_SHOWN
    listed = (counts > 0) & (state != masking.WITHHELD)
    # Every hidden cell sorts alike, or its place in the list would tell its size.
    size = np.where(code < 0, 0, -code)
    order = np.argsort(size, axis=1, kind="stable")
    pairs = np.stack([order, np.take_along_axis(code, order, axis=1)], axis=2)
    keep = np.take_along_axis(listed, order, axis=1)
    return [row[kept].ravel().tolist() for row, kept in zip(pairs, keep, strict=True)]


def _types_in_words(mix: list[int], types: list[str]) -> str:
    parts = []
    for number, value in zip(mix[::2], mix[1::2], strict=True):
        name = types[number]
        shown = {FEWER: f"fewer than {masking.limit_of(name)}", NOT_SHOWN: "not shown"}
        parts.append(f"{name} {shown.get(value, value)}")
    return "; ".join(parts)


def _series_limits(publication: Publication) -> dict[str, int]:
    """Give each crime group its limit a month: violence's where it may be in the sum of a group."""
    mix = publication.mix
    violent = set(mix.loc[mix["crime_type"] == masking.VIOLENCE, "crime_group"])
    limits = {}
    for group in publication.crime_groups:
        is_mixed = publication.group_kinds.get(group) == "group" and group in violent
        limits[group] = masking.VIOLENCE_LIMIT if is_mixed else masking.limit_of(group)
    return limits


def _series(
    publication: Publication, hotspots: pd.DataFrame, limits: dict[str, int]
) -> list[list[int]]:
    """Lay each hotspot's months out in a row, small counts and missing months as codes."""
    months = publication.months
    series = publication.series
    rows = rows_of(series, hotspots)
    columns = months.get_indexer(pd.DatetimeIndex(series["month"]))
    known = (rows >= 0) & (columns >= 0)
    counts = np.zeros((len(hotspots), len(months)), dtype=np.int64)
    counts[rows[known], columns[known]] = series["n"].to_numpy()[known]
    limit = np.array([limits[group] for group in hotspots["crime_group"]], dtype=np.int64)
    limit = limit.reshape(-1, 1)
    code = np.where((counts > 0) & (counts < limit), FEWER, counts)
    # The window's total is printed as n, so in the window one hidden month needs another.
    window = (months >= publication.window_start) & (months <= publication.window_end)
    inside = counts[:, window]
    state = masking.hide(inside, limit, np.zeros(inside.shape, dtype=bool))
    printed = np.where(state == masking.FEWER, FEWER, inside)
    code[:, window] = np.where(state >= masking.NOT_SHOWN, NOT_SHOWN, printed)
    code[:, missing_months(publication)] = MISSING
    found: list[list[int]] = code.tolist()
    return found


def missing_months(publication: Publication) -> NDArray[np.bool_]:
    """Say which of ``Publication.months`` have no data."""
    found: NDArray[np.bool_] = publication.coverage_by_month["is_missing"].to_numpy()
    return found


def list_changes(publication: Publication) -> list[int]:
    """Return the places in ``Publication.months`` at which a new list of map points began."""
    lists = publication.coverage_by_month["list_id"]
    held = lists.ffill()
    changed = (held != held.shift()) & held.notna() & held.shift().notna()
    return [int(i) for i in np.flatnonzero(changed.to_numpy())]
