"""A site sheet: one file on one place, to read, to print on A4 and to fill in on a visit."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from markupsafe import Markup

from hotspots.publish import assets, audit, cells, figures, masking, page_data, site_words, words
from hotspots.publish.prompts import prompts_for
from hotspots.publish.site import HOTSPOT_COLUMNS, LEAST_ALIKE, Touched
from hotspots.publish.site_map import LAMPS_MOST, NUMBERS_MOST, Lamp, sketch
from hotspots.publish.site_trend import trend
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.publish.publication import Publication
    from hotspots.publish.site import Site
    from hotspots.publish.site_words import Purpose

DEFAULT = "planning"

HOTSPOTS_MOST = 9
"""Hotspots in the table; more are counted in words."""

STREETS_MOST = 10

NOTHING = "-"
"""Stands where there is no figure."""

_THEMES = {
    "lighting": "Street lighting",
    "places": "Places near the middle",
    "deprivation": "Deprivation: national decile (1 is most)",
    "other": "Also",
}
_SURE = {"strong": 0, "supported": 1, "watch": 2}


@dataclass(frozen=True)
class Common:
    """What all sheets of a publication share, worked out once."""

    publication: Publication
    districts: gpd.GeoDataFrame
    lsoas: gpd.GeoDataFrame
    changes: tuple[int, ...]
    missing: NDArray[np.bool_]


def prepare(publication: Publication) -> Common:
    """Work out what all sheets of a publication share."""
    areas = publication.areas
    level = "lsoa21" if (areas["level"] == "lsoa21").any() else "lsoa11"
    return Common(
        publication,
        publication.districts,
        areas[areas["level"] == level].sort_values("area_code", ignore_index=True),
        tuple(cells.list_changes(publication)),
        cells.missing_months(publication),
    )


def site_pages(
    publication: Publication, sites: Iterable[Site], *, purpose: str = DEFAULT, up: str = "../"
) -> Iterator[tuple[str, str]]:
    """
    Write the sheets of places, one after the other.

    Parameters
    ----------
    publication : Publication
    sites : iterable of Site
    purpose : str
        A key of ``site_words.PURPOSES``.
    up : str
        Where the pages of the districts are, seen from the sheet; empty for no links to them.

    Yields
    ------
    name, html : str
        Name of the file, and what is in it: the same for the same place and publication.
    """
    common = prepare(publication)
    for site in sites:
        name = f"{site.place.slug}{'' if purpose == DEFAULT else f'-{purpose}'}.html"
        yield name, site_html(common, site, purpose=purpose, up=up)


def site_html(common: Common, site: Site, *, purpose: str = DEFAULT, up: str = "") -> str:
    """
    Write the sheet of one place.

    Parameters
    ----------
    common : Common
    site : Site
    purpose, up : str
        As for ``site_pages``.

    Raises
    ------
    PublishError
        If the page would load anything from elsewhere.
    """
    publication, told = common.publication, site_words.PURPOSES[purpose]
    lamps = _lamps(site)
    hotspots = _by_weight(site, publication, told)
    html = figures.template("site.html.jinja").render(
        policy=_policy(),
        style=Markup(_style()),  # noqa: S704 -- our own file, no data
        script=Markup(_script()),  # noqa: S704 -- the same
        data=Markup(page_data.to_json(_data(common, site, lamps))),  # noqa: S704 -- to_json leaves no character of HTML
        site=site,
        place=site.place,
        purpose=told,
        up=up,
        publication=publication,
        where=site_words.place_words(site),
        middle=f"{site.place.middle.x:.0f}, {site.place.middle.y:.0f}",
        summary=site_words.summary(publication, site),
        span=words.span(*publication.data_months),
        window=words.span(publication.window_start, publication.window_end),
        newest=words.month(publication.data_months[1]),
        made_on=words.day(publication.made_on),
        map=sketch(site, common.districts, common.lsoas, hotspots[:NUMBERS_MOST], lamps),
        lamps_drawn=len(lamps),
        place_kinds=", ".join(sorted(set(site.places["kind"].tolist()))),
        crime=_crime(site),
        is_compared=site.n_alike >= LEAST_ALIKE,
        compared=site_words.compared(site),
        trend=trend(common.publication, site, common.missing, common.changes),
        streets=_streets(site, told),
        hotspots=_hotspots(hotspots[:HOTSPOTS_MOST], site.district),
        n_hotspots=len(hotspots),
        more_hotspots=_more(len(hotspots) - HOTSPOTS_MOST, "more is", "more are"),
        around=_around(site),
        warnings=site_words.warnings(publication, site),
        limits=site_words.limits(
[publication.months[i] for i in common.changes],
            list(publication.months[common.missing]),
        ),
        headings=_headings(tuple(site_words.main_types(site))),
        labels={
            label: meaning
            for label, meaning in words.LABELS.items()
            if any(each.label == label for each in hotspots[:HOTSPOTS_MOST])
        },
        notices=publication.notices,
    )  # fmt: skip
    assets.require_self_contained(html, f"{site.place.slug}.html", scripts=[_script()])
    return html


@cache
def _style() -> str:
    return assets.static("site.css")


@cache
def _script() -> str:
    return assets.static("site.js")


@cache
def _policy() -> str:
    return assets.policy([_script()], [_style()])


def _data(common: Common, site: Site, lamps: list[Lamp]) -> dict[str, Any]:
    """Give the script what it needs: the age of the data, and where ticks and lamps are."""
    last = common.publication.data_months[1]
    return {
        "slug": site.place.slug,
        "title": site.place.title,
        "middle": [round(site.place.middle.x), round(site.place.middle.y)],
        "last_month": [last.year, last.month],
        "stale_days": common.publication.stale_after_days,
        "lamps": {each.words: [round(each.x), round(each.y)] for each in lamps},
    }


def _lamps(site: Site) -> list[Lamp]:
    """Choose the street lights to draw, nearest first, and say what each is called."""
    ids, where = site.lamps["lamp_id"].to_numpy(dtype=object), site.lamps["geometry"].to_numpy()
    nearest = np.lexsort([ids, shapely.distance(where, site.place.middle)])[:LAMPS_MOST]
    # Ids are made unique by the authority, which is plain on a map of one.
    names = [str(each).rsplit(":", maxsplit=1)[-1] for each in ids[nearest]]
    places = shapely.get_coordinates(where[nearest]).tolist()
    return [Lamp(name, x, y) for name, (x, y) in zip(names, places, strict=True)]


def _crime(site: Site) -> dict[str, Any]:
    """Lay out the table of crime types, small numbers hidden."""
    lines: list[Any] = list(site.crime.itertuples())
    total, types = lines[0], lines[1:]
    names = [str(each.Index) for each in types]
    limits = np.array([masking.limit_of(name) for name in names], dtype=np.int64)
    year, whole = (
        _states(np.array([getattr(each, span) for each in types], dtype=np.int64), limits)
        for span in ("year", "whole")
    )
    # Hidden types go last and in a fixed order, or their place would tell their size.
    order = sorted(
        (i for i, each in enumerate(types) if each.whole),
        key=lambda i: (0, -types[i].whole) if whole[i] == masking.SHOWN else (1, 0),
    )
    shown, long = (
        masking.FEWER if 0 < value < masking.VIOLENCE_LIMIT else masking.SHOWN
        for value in (total.year, total.whole)
    )
    return {
        "all": _crime_row(masking.VIOLENCE, total, shown, long) | {"name": "All"},
        "rows": [_crime_row(names[i], types[i], year[i], whole[i]) for i in order],
        "none": ", ".join(name for name, each in zip(names, types, strict=True) if not each.whole),
    }


def _states(counts: NDArray[np.int64], limits: NDArray[np.int64]) -> NDArray[np.int8]:
    """Say how each of some counts is printed whose sum is known."""
    none_exempt = np.zeros((1, len(counts)), dtype=bool)
    found: NDArray[np.int8] = masking.hide(counts[None, :], limits, none_exempt)[0]
    return found


def _crime_row(name: str, row: Any, year: int, whole: int) -> dict[str, str]:  # noqa: ANN401 - a row of a table
    limit = masking.limit_of(name)
    return {
        "name": name,
        "year": _cell(row.year, year, limit),
        "whole": _cell(row.whole, whole, limit),
        "district": _about(row.district),
        "typical": _about(row.typical),
        "below": _share(row.below) if year == masking.SHOWN else NOTHING,
    }


def _cell(value: int, state: int, limit: int) -> str:
    if state == masking.SHOWN:
        return f"{value:,}"
    return f"under {limit}" if state == masking.FEWER else "not shown"


def _about(value: float) -> str:
    if math.isnan(value):
        return NOTHING
    return f"{value:,.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"  # noqa: PLR2004 - no decimals from ten


def _more(n: int, one: str, more: str = "") -> str:
    """Say how many more there are; empty if none."""
    return words.sentence(words.many(n, one, more)) if n > 0 else ""


def _share(below: float) -> str:
    if math.isnan(below):
        return NOTHING
    percent = round(100 * below)
    return {0: "under 1 %", 100: "over 99 %"}.get(percent, f"{percent} %")


def _streets(site: Site, purpose: Purpose) -> dict[str, Any] | None:
    """Lay out the streets near which most of the purpose's crime types were reported."""
    if not purpose.types:
        return None
    own = site.streets[site.streets["crime_type"].isin(purpose.types)]
    wide = own.pivot_table(
        index="street", columns="crime_type", values=["year", "whole"], aggfunc="sum", fill_value=0
    ).reindex(
        columns=[(span, kind) for kind in purpose.types for span in ("year", "whole")], fill_value=0
    )
    counts = wide.to_numpy(dtype=np.int64)
    state = np.zeros(counts.shape, dtype=np.int8)
    for column in range(counts.shape[1] if len(counts) else 0):
        state[:, column] = _states(counts[:, column], np.array([masking.OTHER_LIMIT]))
    # A hidden number must not be told by its place in the list.
    told = np.where(state == masking.SHOWN, counts, 0)[:, 1::2].sum(axis=1)
    order = np.lexsort([wide.index.to_numpy(dtype=object), -told])
    lines = [
        (
            str(wide.index[i]),
            [
                _cell(int(n), int(s), masking.OTHER_LIMIT)
                for n, s in zip(counts[i], state[i], strict=True)
            ],
        )
        for i in order[:STREETS_MOST].tolist()
    ]
    return {
        "types": purpose.types,
        "rows": lines,
        "more": _more(len(counts) - STREETS_MOST, "more street"),
    }


def _by_weight(site: Site, publication: Publication, purpose: Purpose) -> list[Touched]:
    """Order the hotspots touched: the place's own, all crime, then the first of each group."""
    order = {group: i for i, group in enumerate(publication.crime_groups)}
    columns = (site.hotspots[name].tolist() for name in HOTSPOT_COLUMNS)

    def weight(each: Touched) -> tuple[int, int, int, str]:
        return _SURE[each.label], order[each.group], each.rank, each.hotspot_id

    seen: Counter[str] = Counter()
    keyed = []
    for each in sorted((Touched(*row) for row in zip(*columns, strict=True)), key=weight):
        first = (each.hotspot_id != site.place.hotspot_id, each.group != ALL_CRIME)
        keyed.append(((*first, seen[each.group], each.group not in purpose.types), each))
        seen[each.group] += 1
    return [each for _, each in sorted(keyed, key=lambda own: (own[0], weight(own[1])))]


def _hotspots(shown: list[Touched], district: str) -> list[dict[str, Any]]:
    return [
        {
            "number": number if number <= NUMBERS_MOST else "",
            "id": each.hotspot_id,
            "group": each.group,
            "name": each.name.removesuffix(f", {district}"),
            "rank": f"{each.rank:,}",
            "label": each.label,
            "class": each.kind,
            "n": f"{each.n:,}",
            "born": f"{each.born:%b %Y}",
        }
        for number, each in enumerate(shown, start=1)
    ]


def _around(site: Site) -> list[dict[str, Any]]:
    """Lay out the readings by theme, each with its source."""
    found: dict[str, dict[str, Any]] = {
        theme: {"theme": theme, "title": title, "lines": [], "sources": []}
        for theme, title in _THEMES.items()
    }
    for each in sorted(site.readings, key=lambda reading: words.measure_order(reading.name)):
        if math.isnan(each.value):
            continue
        theme, name, unit = words.measure(each.name, each.unit)
        entry = found[theme]
        entry["lines"].append((name, _measured(each.value, unit)))
        if each.source not in entry["sources"]:
            entry["sources"].append(each.source)
    return [each for each in found.values() if each["lines"] or each["theme"] != "other"]


def _measured(value: float, unit: str) -> str:
    if unit == "%":
        return words.percent(value) if value else "none"
    is_whole = abs(value) >= 10 or value == round(value)  # noqa: PLR2004 - no decimals from ten
    text = f"{value:,.0f}" if is_whole else f"{value:.1f}"
    return f"{text} {unit}".strip()


@cache
def _headings(types: tuple[str, ...]) -> list[dict[str, Any]]:
    """Give the form its prompts: its own, and those that what is reported here suggests."""
    asked = prompts_for(types, [])
    return [
        {
            "key": heading.key,
            "title": heading.title,
            "prompts": [
                *heading.prompts[:1],
                *(text for name, text in asked if name in heading.asked),
            ][:3]
            if any(name in heading.asked for name, _ in asked)
            else heading.prompts,
            "ticks": [
                {"id": f"{heading.key}-{number}", "words": item.words, "kind": item.kind}
                for number, item in enumerate(heading.items)
            ],
        }
        for heading in audit.HEADINGS
    ]
