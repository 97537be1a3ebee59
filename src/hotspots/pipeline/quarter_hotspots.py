"""The hotspots of a quarter as they were known at its end, and what became of those before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.crs import BNG
from hotspots.pipeline.describe import ground_of, whereabouts
from hotspots.pipeline.frames import frames
from hotspots.pipeline.past_maps import PastMaps
from hotspots.pipeline.tables import WINDOW_MONTHS
from hotspots.publish import masking
from hotspots.publish.report import HIDDEN, NO_DATA, SHOWN
from hotspots.schema import ALL_CRIME, CRIME_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.frames import Frame, PointList
    from hotspots.pipeline.quarters import Quarter
    from hotspots.pipeline.tables import CrimeSet

SAME_LIST, REBASED, NO_EARLIER, NO_MAP = "same list", "re-based", "no earlier map", "no map"

NEW, STAYED = "new", "there before"

_LISTED = (
    "hotspot_id", "rank", "name", "streets", "district", "district_code", "n", "n_points", "label",
    "recurrence", "since", "months_observed", "area_m2", "status", "types", "most",
)  # fmt: skip
"""Columns of the list of hotspots."""

_SHARES = 100
"""Steps of the curve of concentration."""


@dataclass(frozen=True)
class MapThen:
    """
    The hotspots of every set at the end of a month, with nothing known that came later.

    Attributes
    ----------
    month : Timestamp
    list_id : str
    months_observed : int
        Months of the window with data.
    table : DataFrame
        One row for each ``crime_group`` and ``hotspot_id``: ``n``, ``n_points``, ``rank``,
        ``streets``, ``name``, ``district_code``.
    shapes : GeoDataFrame, EPSG:27700
        Of the hotspots of all crime, indexed by id.
    mix : DataFrame
        Incidents of each type in the window, of the hotspots of all crime, by id.
    members : mapping of str to array of float64, shape (n, 2)
        Map points of each hotspot of all crime.
    curve : mapping of str to array of float64
        Share of the incidents on the first 0, 1, 2 … hundredths of the map points, by district
        code, and of all under an empty code.
    """

    month: pd.Timestamp
    list_id: str
    months_observed: int
    table: pd.DataFrame
    shapes: gpd.GeoDataFrame
    mix: pd.DataFrame
    members: Mapping[str, NDArray[np.float64]]
    curve: Mapping[str, NDArray[np.float64]]


def map_months(past_maps: pd.DataFrame, quarter: Quarter) -> tuple[pd.Timestamp | None, ...]:
    """Return the months of the last map of a quarter and of the quarter before; None for none."""
    drawn = set(past_maps["window_end"].unique())

    def last(of: Quarter) -> pd.Timestamp | None:
        return next((month for month in reversed(of.months) if month in drawn), None)

    return last(quarter), last(quarter.before(1))


def maps_then(
    lists: Sequence[PointList],
    past_maps: pd.DataFrame,
    points: gpd.GeoDataFrame,
    sets: Sequence[CrimeSet],
    districts: pd.Series,
    months: Sequence[pd.Timestamp],
) -> dict[pd.Timestamp, MapThen]:
    """
    Put together the maps of some months.

    Parameters
    ----------
    lists : sequence of PointList
        Oldest first.
    past_maps, points : DataFrame
        Each to its schema.
    sets : sequence of CrimeSet
    districts : Series of str
        Name of each district, indexed by its code.
    months : sequence of Timestamp
    """
    drawn = PastMaps(past_maps)
    ids = past_maps[past_maps["window_end"].isin(months)]
    found = {}
    for frame in frames(lists, wanted=set(months)):
        here = ids[ids["window_end"] == frame.month]
        ground = ground_of(frame.at, points)
        found[frame.month] = _map_then(
            frame, drawn.labels(frame.at, frame.month, sets), here, ground, sets, districts
        )
    return found


def _map_then(
    frame: Frame,
    labels: Sequence[NDArray[np.int64]],
    past: pd.DataFrame,
    ground: gpd.GeoDataFrame,
    sets: Sequence[CrimeSet],
    districts: pd.Series,
) -> MapThen:
    counts, months_observed, _ = frame.window_counts(WINDOW_MONTHS, [(t,) for t in CRIME_TYPES])
    parts = []
    shapes = gpd.GeoDataFrame({"geometry": []}, crs=BNG)
    mix = pd.DataFrame(columns=list(CRIME_TYPES), dtype="int64")
    members: dict[str, NDArray[np.float64]] = {}
    for crime_set, label in zip(sets, labels, strict=True):
        own = past.loc[past["crime_group"] == crime_set.name, "hotspot_id"]
        ids = np.sort(own.unique())
        if not len(ids):
            continue
        columns = [CRIME_TYPES.index(name) for name in crime_set.types]
        count = counts[:, columns].sum(axis=1)
        parts.append(_described(ids, label, count, ground, districts, crime_set.name))
        if crime_set.name == ALL_CRIME:
            inside = [np.flatnonzero(label == i) for i in range(len(ids))]
            polygons = [shapely.normalize(frame.polygon(each)) for each in inside]
            shapes = gpd.GeoDataFrame(geometry=polygons, index=ids, crs=BNG)
            total = np.array([counts[each].sum(axis=0) for each in inside])
            mix = pd.DataFrame(total, index=ids, columns=list(CRIME_TYPES)).astype("int64")
            members = {name: frame.at.xy[each] for name, each in zip(ids, inside, strict=True)}
    table = pd.concat(parts, ignore_index=True) if parts else _none()
    seen = frame.seen
    curve = {"": _curve(counts[seen].sum(axis=1))}
    codes = ground["district_code"].to_numpy()
    curve |= {code: _curve(counts[seen & (codes == code)].sum(axis=1)) for code in districts.index}
    return MapThen(
        frame.month, frame.at.list_id, months_observed, table, shapes, mix, members, curve
    )


def _described(
    ids: NDArray[np.object_],
    label: NDArray[np.int64],
    count: NDArray[np.float64],
    ground: gpd.GeoDataFrame,
    districts: pd.Series,
    name: str,
) -> pd.DataFrame:
    inside = label >= 0
    n = np.bincount(label[inside], weights=count[inside], minlength=len(ids)).astype(np.int64)
    order = np.lexsort([ids.astype(str), -n])
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(1, len(ids) + 1)
    members = np.flatnonzero(inside)
    places = whereabouts(label[members], members, count[members], ground, districts, len(ids))
    return places.assign(
        crime_group=name,
        hotspot_id=ids,
        n=n,
        n_points=np.bincount(label[inside], minlength=len(ids)),
        rank=rank,
    )


def _none() -> pd.DataFrame:
    names = ["streets", "district_code", "district", "name", "crime_group", "hotspot_id"]
    return pd.DataFrame({name: pd.Series(dtype="object") for name in names}).assign(
        **{name: pd.Series(dtype="int64") for name in ("n", "n_points", "rank")}
    )


def _curve(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = counts.sum()
    if not total:
        return np.zeros(0)
    held = np.concatenate([[0.0], np.cumsum(np.sort(counts)[::-1])]) / total
    at = np.linspace(0, len(counts), _SHARES + 1)
    found: NDArray[np.float64] = np.interp(at, np.arange(len(held)), held)
    return found


def changes(
    now: MapThen | None,
    before: MapThen | None,
    sets: Sequence[CrimeSet],
    places: Sequence[tuple[str, str]],
) -> pd.DataFrame:
    """
    Count the hotspots of each place that are new, were there before, or have gone.

    Parameters
    ----------
    now, before : MapThen or None
        At the end of the quarter and of the one before; None where none was drawn.
    sets : sequence of CrimeSet
    places : sequence of (code, name)
        The districts, and last the whole area.

    Returns
    -------
    DataFrame
        One row for each place and crime group: ``hotspots``, ``new``, ``there_before``, ``gone``,
        ``hotspots_before``, ``compared``; missing with a ``…_state`` where no map was drawn.
    """
    compared = NO_MAP if now is None else NO_EARLIER if before is None else (
        SAME_LIST if now.list_id == before.list_id else REBASED
    )  # fmt: skip
    here, there = (None if each is None else _homes(each) for each in (now, before))
    rows = []
    for i, (code, name) in enumerate(places):
        for crime_set in sets:
            wanted = None if i == len(places) - 1 else code
            a, b = (_ids(each, crime_set.name, wanted) for each in (here, there))
            all_a, all_b = (_ids(each, crime_set.name, None) for each in (here, there))
            rows.append(
                {
                    "area_code": code, "area_name": name, "crime_group": crime_set.name,
                    "hotspots": len(a) if now else None,
                    "hotspots_before": len(b) if before else None,
                    "new": len(a - all_b) if now and before else None,
                    "there_before": len(a & all_b) if now and before else None,
                    "gone": len(b - all_a) if now and before else None,
                    "compared": compared,
                    "compared_state": SHOWN if now and before else NO_DATA,
                }
            )  # fmt: skip
    whole = ["hotspots", "hotspots_before", "new", "there_before", "gone"]
    return pd.DataFrame(rows).astype(dict.fromkeys(whole, "Int64"))


def _homes(at: MapThen) -> dict[str, dict[str, str]]:
    """Give the district of each hotspot, by set."""
    return {
        str(name): dict(zip(own["hotspot_id"], own["district_code"], strict=True))
        for name, own in at.table.groupby("crime_group")
    }


def _ids(homes: dict[str, dict[str, str]] | None, name: str, code: str | None) -> set[str]:
    own = (homes or {}).get(name, {})
    return {each for each, district in own.items() if code in {None, district}}


def hotspots_table(
    now: MapThen | None, before: MapThen | None, latest: pd.DataFrame, history: pd.DataFrame
) -> pd.DataFrame:
    """
    List the hotspots of all crime at the end of the quarter.

    Parameters
    ----------
    now, before : MapThen or None
    latest : DataFrame
        ``schema.HOTSPOTS``: gives rank and label where its window is that of ``now``.
    history : DataFrame
        ``schema.HISTORY`` up to that month.
    """
    if now is None:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in _LISTED})
    own = now.table[now.table["crime_group"] == ALL_CRIME].set_index("hotspot_id")
    known = latest[(latest["crime_group"] == ALL_CRIME) & (latest["window_end"] == now.month)]
    known = known.set_index("hotspot_id").reindex(own.index)
    born = history[(history["crime_group"] == ALL_CRIME) & (history["window_end"] <= now.month)]
    first = born.groupby("hotspot_id")["window_end"].min()
    earlier = None if before is None else set(
        before.table.loc[before.table["crime_group"] == ALL_CRIME, "hotspot_id"]
    )  # fmt: skip
    types, most = _types(now.mix.reindex(own.index))
    is_latest = bool(known["rank"].notna().all())
    table = own.assign(
        rank=known["rank"].astype("int64") if is_latest else own["rank"],
        label=known["label"] if is_latest else pd.Series(pd.NA, index=own.index, dtype="str"),
        recurrence=known["class"] if is_latest else pd.Series(pd.NA, index=own.index, dtype="str"),
        since=first.reindex(own.index),
        months_observed=now.months_observed,
        area_m2=now.shapes.reindex(own.index).area.round().astype("int64"),
        status="" if earlier is None else np.where(own.index.isin(sorted(earlier)), STAYED, NEW),
        types=pd.Series(types, index=own.index, dtype="object"),
        most=most,
    )
    return table.reset_index().sort_values(["rank", "hotspot_id"], ignore_index=True)


def _types(mix: pd.DataFrame) -> tuple[list[tuple[str, ...]], list[str]]:
    """Give the types of each hotspot, most frequent first: names, and with counts in words."""
    counts = mix.to_numpy()
    limits = np.array([masking.limit_of(name) for name in mix.columns], dtype=np.int64)
    state = masking.hide(counts, limits, np.zeros(counts.shape, dtype=bool))
    types = [str(each) for each in mix.columns]
    names, words = [], []
    for row, hidden in zip(counts, state, strict=True):
        order = [
            i for i in np.argsort(-row, kind="stable") if hidden[i] == masking.SHOWN and row[i]
        ]
        rest = [types[i] for i in np.flatnonzero(hidden)]
        names.append(tuple(types[i] for i in order))
        told = [f"{types[i]} {row[i]:,}" for i in order]
        told += [f"{name} [{HIDDEN}]" for name in rest]
        words.append("; ".join(told))
    return names, words


def gone_table(now: MapThen | None, before: MapThen | None, history: pd.DataFrame) -> pd.DataFrame:
    """List the hotspots of all crime that were there before and are no more, and what became."""
    names = ["hotspot_id", "name", "district_code", "what"]
    if now is None or before is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in names})
    kept = set(now.table.loc[now.table["crime_group"] == ALL_CRIME, "hotspot_id"])
    own = before.table[before.table["crime_group"] == ALL_CRIME]
    own = own[~own["hotspot_id"].isin(kept)].sort_values(["rank", "hotspot_id"])
    when = history["window_end"].between(before.month, now.month, inclusive="right")
    events = history[when & (history["crime_group"] == ALL_CRIME)]
    merged = events[events["event"] == "merged"].drop_duplicates("hotspot_id", keep="last")
    into = merged.set_index("hotspot_id")["related_id"]
    what = [
        f"became part of {into[each]}" if each in into.index else "no longer stands out"
        for each in own["hotspot_id"]
    ]
    return own.assign(what=what)[names].reset_index(drop=True)


def past_counts(history: pd.DataFrame, hotspot_id: str, last: pd.Timestamp) -> pd.Series:
    """Return the incidents of a hotspot's window at the end of each month up to one."""
    own = history[
        (history["crime_group"] == ALL_CRIME)
        & (history["hotspot_id"] == hotspot_id)
        & (history["window_end"] <= last)
        & ~history["event"].isin(["ended", "merged"])
    ]
    return own.set_index("window_end")["n"].sort_index()


def foretold_table(
    scores: pd.DataFrame, origin: pd.Timestamp, *, own_ground: str, horizon_months: int
) -> pd.DataFrame:
    """Return the scores of the maps at ``origin`` by what came in the quarter after."""
    own = scores[
        (scores["origin"] == origin)
        & (scores["horizon_months"] == horizon_months)
        & (scores["budget"] == own_ground)
    ]
    columns = ["crime_group", "method", "hit", "hit_low", "hit_high", "area_share", "pai",
               "hold_rate", "kept_excess", "n_units"]  # fmt: skip
    return own[columns].reset_index(drop=True)
