"""Tables into the one block of data of a page: rows as arrays, numbers short, nothing hidden."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.naming import street_names
from hotspots.publish import (
    advice,
    cells,
    masking,
    page_district,
    page_layers,
    page_lights,
    shapes,
    texts,
    words,
)
from hotspots.publish.page_roads import roads
from hotspots.schema import HISTORY, HOTSPOTS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.publish.cells import Cells
    from hotspots.publish.publication import Publication

FIELDS = (
    "id", "group", "rank", "rank_harm", "rank_sqrt", "label", "class", "n", "n_points", "area_m2",
    "width_m", "name", "streets", "wards", "district", "harm", "score", "own", "born", "hot",
    "seen", "period", "usual", "chance", "trend", "flags", "mix", "series", "around", "events",
    "ask", "unusual", "done", "at", "shape", "members", "beside",
)  # fmt: skip
"""What each place of a row holds; the page's script finds them by name."""

ONE_EVENT, RECURRING, REBASED, HARM_ROUNDED, MIX_WITHHELD, RARE_BUT_GRAVE = 1, 2, 4, 8, 16, 32
HAS_SHEET = 64

POINT_SIZES = (10, 50, 200)
"""Map points are drawn in four sizes, parted at these counts; the count itself is not given."""

_OUTLINE_STEPS_MOST = 60_000
_FORCE_ROADS_M = (250.0, 100.0, 50.0, 0.0)
_OUTLINE_TOLERANCES_M = (4, 10, 25, 60, 150)
_LABELS = next(c.values for c in HOTSPOTS.columns if c.name == "label")
_CLASSES = next(c.values for c in HOTSPOTS.columns if c.name == "class")
_EVENTS = next(c.values for c in HISTORY.columns if c.name == "event")


@dataclass(frozen=True)
class Sheet:
    """What all pages of a publication share, worked out once."""

    publication: Publication
    cells: Cells
    districts: gpd.GeoDataFrame
    columns: dict[str, list[Any]]
    outlines: list[list[int]]
    measures: list[list[str]]
    layers: list[list[Any]]
    done: list[list[Any]]
    totals: list[dict[str, list[int | None]]]
    points: pd.DataFrame


def prepare(publication: Publication, *, with_sheet: Collection[str] = ()) -> Sheet:
    """
    Work out once what the pages share: every row but its shape, and the district outlines.

    Parameters
    ----------
    publication : Publication
    with_sheet : collection of str
        Ids of the hotspots that have a site sheet.
    """
    ready = cells.prepare(publication)
    districts = publication.districts
    names, measures, around = _around(publication, ready.hotspots)
    columns = _columns(publication, ready, districts)
    columns["flags"] = [
        flags + HAS_SHEET * (hotspot_id in with_sheet)
        for flags, hotspot_id in zip(columns["flags"], columns["id"], strict=True)
    ]
    columns["around"] = around
    columns["events"] = _events(publication, ready.hotspots)
    columns["ask"] = advice.questions(publication, ready.hotspots)
    columns["unusual"] = advice.unusual(publication, ready.hotspots)
    columns["done"] = page_layers.done_near(publication, ready.hotspots.geometry.to_numpy())
    return Sheet(
        publication=publication,
        cells=ready,
        districts=districts,
        columns=columns,
        outlines=_outlines(districts.geometry.to_numpy()),
        measures=measures,
        layers=page_layers.layers(publication, names),
        done=page_layers.done(publication),
        totals=page_district.totals(publication, ready),
        points=_member_points(publication, ready.hotspots),
    )


def force_page(sheet: Sheet) -> dict[str, Any]:
    """Return the data of the page of the whole area: no points, lamps, or unusual measures."""
    rows = np.arange(len(sheet.cells.hotspots))
    lines = sheet.publication.streets.geometry.to_numpy()
    ground = sheet.cells.hotspots.geometry.to_numpy()
    return _page(sheet, rows, tolerance_m=4, is_district=False) | {
        "district": None,
        "roads": roads(lines, ground, within=None, reaches_m=_FORCE_ROADS_M),
    }


def district_page(sheet: Sheet, number: int) -> dict[str, Any]:
    """Return the data of the page of district ``number`` of ``sheet.districts``."""
    district = sheet.districts.iloc[number]
    hotspots = sheet.cells.hotspots
    rows = np.flatnonzero((hotspots["district_code"] == district["area_code"]).to_numpy())
    page = _page(sheet, rows, tolerance_m=1, is_district=True)
    ground = hotspots.geometry.to_numpy()[rows]
    areas = sheet.publication.areas
    level = "lsoa21" if (areas["level"] == "lsoa21").any() else "lsoa11"
    inside = (areas["level"] == level) & (areas["district_code"] == district["area_code"])
    page |= {
        "district": number,
        "lsoas": _outlines(areas[inside].sort_values("area_code").geometry.to_numpy()),
    }
    page |= _points(sheet, rows, page["rows"])
    lines = sheet.publication.streets.geometry.to_numpy()
    page["roads"] = roads(lines, ground, within=district.geometry)
    page |= page_lights.lamps(sheet.publication.lamps, district.geometry, ground)
    page |= page_lights.dark(sheet.publication.lamps, lines, ground)
    kinds = [name for name, measure in sheet.layers if measure >= 0]
    page["places"], beside = page_layers.places(sheet.publication, kinds, district.geometry, ground)
    for row, near in zip(page["rows"], beside, strict=True):
        row[FIELDS.index("beside")] = near
    return page


def to_json(page: dict[str, Any]) -> str:
    """
    Write a page's data so that no text in it can end the block it stands in.

    Returns
    -------
    str
        JSON of readable texts, in which ``<``, ``>``, ``&``, U+2028 and U+2029 are escaped.
    """
    shown = texts.all_readable(page)
    text = json.dumps(shown, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _page(
    sheet: Sheet, rows: NDArray[np.int64], *, tolerance_m: float, is_district: bool
) -> dict[str, Any]:
    publication, hotspots = sheet.publication, sheet.cells.hotspots
    geometry = hotspots.geometry.to_numpy()[rows]
    columns = {name: [held[i] for i in rows] for name, held in sheet.columns.items()}
    columns["shape"] = shapes.encode_polygons(geometry, tolerance_m=tolerance_m)
    columns["members"] = columns["beside"] = [0] * len(rows)
    if not is_district:  # thousands of sentences; the district's page has them
        columns["unusual"] = [0] * len(rows)
    first, last = publication.data_months
    return {
        "area": publication.area_name,
        "made_on": publication.made_on.isoformat(),
        "stale_days": publication.stale_after_days,
        "first_month": [first.year, first.month],
        "last_month": [last.year, last.month],
        "window": publication.months.get_indexer(
            pd.DatetimeIndex([publication.window_start, publication.window_end])
        ).tolist(),
        "list_changes": cells.list_changes(publication),
        "groups": [
            [group, publication.group_kinds.get(group, "type"), sheet.cells.series_limits[group]]
            for group in publication.crime_groups
        ],
        "not_drawn": dict(publication.not_drawn),
        "is_short": publication.months_observed < publication.least_months,
        "types": [[name, masking.limit_of(name)] for name in sheet.cells.types],
        "labels": [[name, words.LABELS[name]] for name in _LABELS],
        "classes": [[name, words.CLASSES[name]] for name in _CLASSES],
        "events": list(_EVENTS),
        "measures": sheet.measures,
        "layers": sheet.layers,
        "done": sheet.done,
        "questions": advice.QUESTIONS,
        "point_sizes": list(POINT_SIZES),
        "districts": [
            [name, slug, *at]
            for name, slug, at in zip(
                sheet.districts["name"],
                sheet.districts["slug"],
                shapes.centres(sheet.districts.geometry.to_numpy()),
                strict=True,
            )
        ],
        "totals": sheet.totals,
        "hectares": page_district.hectares(publication),
        "months_seen": publication.months_observed,
        "outlines": sheet.outlines,
        "fields": list(FIELDS),
        "rows": [list(row) for row in zip(*(columns[name] for name in FIELDS), strict=True)],
    }


def _columns(
    publication: Publication, ready: Cells, districts: gpd.GeoDataFrame
) -> dict[str, list[Any]]:
    """Turn each column of the hotspots into the short form of a page."""
    table = ready.hotspots
    flags = (
        table["is_one_event"] * ONE_EVENT
        + table["is_recurring"] * RECURRING
        + table["is_rebased"] * REBASED
        + table["is_harm_rounded"] * HARM_ROUNDED
        + table["is_mix_withheld"] * MIX_WITHHELD
        + table["is_frequency_desert"] * RARE_BUT_GRAVE
    )
    trend = table[["trend_per_year", "trend_low", "trend_high", "trend_p"]].round(6)
    columns = {
        "id": table["hotspot_id"],
        "group": _numbers(table["crime_group"], publication.crime_groups),
        "rank": table["rank"],
        "rank_harm": table["rank_harm"],
        "rank_sqrt": table["rank_sqrt_harm"],
        "label": _numbers(table["label"], _LABELS),
        "class": _numbers(table["class"], _CLASSES),
        "n": table["n"],
        "n_points": table["n_points"],
        "area_m2": table["area_m2"].round().astype("int64"),
        "width_m": table["width_m"].round().astype("int64"),
        "name": table["name"],
        "streets": _streets(publication, table),
        "wards": _wards(publication, table),
        "district": _numbers(table["district_code"], districts["area_code"]),
        "harm": table["harm"].astype("int64"),
        "score": table["score"].round(1),
        "own": (100 * table["own_share"]).round().astype("int64"),
        "born": words_of_months(table["born"]),
        "hot": table["windows_hot"],
        "seen": table["windows_seen"],
        "period": table["window_months"],
        "usual": table["expected"].round(1),
        "chance": (100 * table["chance_hot"]).round().fillna(-1).astype("int64"),
        "trend": pd.Series(_or_none(trend), dtype="object"),
        "flags": flags,
    }
    lists = {name: column.tolist() for name, column in columns.items()}
    lists |= {"mix": ready.mix, "series": ready.series}
    lists["at"] = shapes.centres(table.geometry.to_numpy())
    return lists


def words_of_months(months: pd.Series[Any]) -> pd.Series[str]:
    """Write each month in words."""
    each = months.drop_duplicates()
    found: pd.Series[str] = months.map(dict(zip(each, each.dt.strftime("%B %Y"), strict=True)))
    return found


def _numbers(values: pd.Series[str], order: Iterable[str]) -> pd.Series[int]:
    return values.map({value: i for i, value in enumerate(order)})


def _or_none(table: pd.DataFrame) -> list[list[float] | int]:
    """Give each row as a list, or 0 where any of it is missing."""
    known = table.notna().all(axis=1)
    return [row if ok else 0 for row, ok in zip(table.to_numpy().tolist(), known, strict=True)]


def _streets(publication: Publication, hotspots: pd.DataFrame) -> pd.Series[str]:
    """Name the streets of each hotspot: those it is called after, then the others by name."""
    points = publication.points
    text = pd.Series(points["location"].to_numpy(), index=points["point_id"].to_numpy())
    every = _of_members(publication, hotspots, street_names(text))
    streets = [
        " / ".join(dict.fromkeys(name for name in f"{own} / {more}".split(" / ") if name))
        for own, more in zip(hotspots["streets"], every, strict=True)
    ]
    return pd.Series(streets, index=hotspots.index, dtype="object")


def _wards(publication: Publication, hotspots: pd.DataFrame) -> pd.Series[str]:
    """Name the wards that the map points of each hotspot lie in."""
    wards = publication.areas[publication.areas["level"] == "ward"]
    names = wards.set_index("area_code")["name"]
    ward = publication.points.set_index("point_id")["ward_code"].map(names)
    return _of_members(publication, hotspots, ward)


def _of_members(
    publication: Publication, hotspots: pd.DataFrame, named: pd.Series[str]
) -> pd.Series[str]:
    """Join what the map points of each hotspot are named, each once and in order."""
    members = publication.members
    names = members["point_id"].map(named).tolist()
    held: dict[tuple[str, str], set[str]] = {}
    for *key, name in zip(members["crime_group"], members["hotspot_id"], names, strict=True):
        if isinstance(name, str):
            held.setdefault((key[0], key[1]), set()).add(name)
    keys = zip(hotspots["crime_group"], hotspots["hotspot_id"], strict=True)
    found = [" / ".join(sorted(held.get(key, ()))) for key in keys]
    return pd.Series(found, index=hotspots.index, dtype="object")


def _around(
    publication: Publication, hotspots: pd.DataFrame
) -> tuple[list[str], list[list[str]], list[list[float | None]]]:
    """Give names of the measures, what is said of them, and each hotspot's value of every one."""
    table = publication.environment
    table = table[table["subject"] == "hotspot"]
    table = table.sort_values(["measure", "subject_id"])
    about = table.assign(is_absent=table["value"].isna()).sort_values("is_absent", kind="stable")
    about = about.drop_duplicates("measure").set_index("measure", drop=False)
    about = about.loc[sorted(about.index, key=words.measure_order)]
    measures = [
        [*words.measure(name, unit), source]
        for name, unit, source in zip(about["measure"], about["unit"], about["source"], strict=True)
    ]
    if not measures:
        return [], [], [[] for _ in range(len(hotspots))]
    wide = table.pivot_table(
        index="subject_id", columns="measure", values="value", dropna=False, observed=True
    )
    wide = wide.reindex(index=hotspots["hotspot_id"], columns=about["measure"]).round(3)
    names = [str(name) for name in about["measure"]]
    return (
        names,
        measures,
        [[None if pd.isna(value) else value for value in row] for row in wide.to_numpy().tolist()],
    )


def _events(publication: Publication, hotspots: pd.DataFrame) -> list[list[list[Any]]]:
    """List what happened to each hotspot besides going on: event, month and the other id."""
    history = publication.history
    told = history[history["event"].isin(["born", "split", "merged", "ended"])]
    told = told.sort_values(["crime_group", "hotspot_id", "window_end"])
    event = _numbers(told["event"], _EVENTS).tolist()
    when = words_of_months(told["window_end"]).tolist()
    other = told["related_id"].astype("object").fillna("").tolist()
    keys = zip(told["crime_group"], told["hotspot_id"], strict=True)
    found: dict[tuple[str, str], list[list[Any]]] = {}
    for key, line in zip(keys, zip(event, when, other, strict=True), strict=True):
        found.setdefault(key, []).append(list(line))
    owners = zip(hotspots["crime_group"], hotspots["hotspot_id"], strict=True)
    return [found.get(owner, []) for owner in owners]


def _member_points(publication: Publication, hotspots: pd.DataFrame) -> pd.DataFrame:
    """Join members to where their map points are, and to the row of their hotspot."""
    where = publication.points.set_index("point_id")[["longitude", "latitude"]]
    members = publication.members.sort_values(list(MEMBERS.key), ignore_index=True)
    joined = members.join(where, on="point_id", how="inner")
    return joined.assign(owner=cells.rows_of(joined, hotspots))


def _points(sheet: Sheet, rows: NDArray[np.int64], page_rows: list[list[Any]]) -> dict[str, Any]:
    """Put the map points of the page's hotspots in one list, and their numbers in each row."""
    here = np.full(len(sheet.cells.hotspots) + 1, -1)  # the last for members of no hotspot
    here[rows] = np.arange(len(rows))
    owner = here[sheet.points["owner"]]
    members = sheet.points.assign(owner=owner)[owner >= 0]
    places = members.drop_duplicates("point_id")
    order = shapes.near_first(places["longitude"].to_numpy(), places["latitude"].to_numpy())
    places = places.iloc[order]
    number = members["point_id"].map(dict(zip(places["point_id"], range(len(places)), strict=True)))
    size = np.searchsorted(POINT_SIZES, members["n"].to_numpy(), side="right")
    held: list[list[int]] = [[] for _ in range(len(rows))]
    for row, point, step in zip(members["owner"], number, size.tolist(), strict=True):
        held[row] += [int(point), step]
    for row, points in zip(page_rows, held, strict=True):
        row[FIELDS.index("members")] = points
    return {
        "points": shapes.encode_points(
            places["longitude"].to_numpy(), places["latitude"].to_numpy()
        )
    }


def _outlines(polygons: NDArray[np.object_]) -> list[list[int]]:
    """Encode shared outlines as finely as the page can afford."""
    found: list[list[int]] = []
    for tolerance_m in _OUTLINE_TOLERANCES_M:
        found = shapes.encode_outlines(polygons, tolerance_m=tolerance_m)
        if sum(map(len, found)) <= _OUTLINE_STEPS_MOST:
            break
    return found
