"""A page: its words, its map and its data, put together and locked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from hotspots.publish import (
    assets,
    cells,
    figures,
    findings,
    page_data,
    page_district,
    shapes,
    words,
)
from hotspots.publish.map import draw
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from hotspots.publish.page_data import Sheet
    from hotspots.publish.publication import Publication

_UNLOCATED_MOST = 0.05
"""Share of a window's records without a place above which a page warns (PAGES)."""

_FILES = (
    ("hotspots.csv", "spreadsheet"),
    ("hotspots.geojson", "for maps"),
    ("hotspots.gpkg", "for QGIS, with styles"),
)


def pages(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """
    Write the pages of an area: that of the whole, then one for each district.

    Parameters
    ----------
    sheet : Sheet

    Yields
    ------
    name, html : str
        Name of the file, and what is in it.
    """
    said = _on_every_page(sheet.publication)
    yield "index.html", _force_html(sheet, said)
    for number, slug in enumerate(sheet.districts["slug"]):
        yield f"{slug}.html", _district_html(sheet, number, said)


def _on_every_page(publication: Publication) -> dict[str, Any]:
    """Give what the template prints on every page, worked out once."""
    return {
        "area": publication.area_name,
        "span": words.span(publication.window_start, publication.window_end),
        "newest": words.month(publication.data_months[1]),
        "made_on": words.day(publication.made_on),
        "warnings": _warnings(publication),
        "before_trends": _before_trends(publication),
        "files": _FILES,
        "has_wards": bool((publication.areas["level"] == "ward").any()),
        **figures.about(publication),
        "found": findings.associations(publication),
        "classes": words.CLASSES,
        "labels": words.LABELS,
    }


def _force_html(sheet: Sheet, said: dict[str, Any]) -> str:
    """Write the page of the whole area: every hotspot, and links to the districts."""
    found = sheet.cells.hotspots
    everything = found[found["crime_group"] == ALL_CRIME]
    counts = everything["district_code"].value_counts()
    links = [
        (name, f"{slug}.html", int(counts.get(code, 0)))
        for name, slug, code in zip(
            sheet.districts["name"],
            sheet.districts["slug"],
            sheet.districts["area_code"],
            strict=True,
        )
    ]
    place = sheet.publication.area_name
    summary = _summary(sheet, everything, sheet.districts, place)
    data = page_data.force_page(sheet)
    own = {"place": place, "summary": summary, "links": links}
    return _render(sheet, data, "index.html", said | own)


def _district_html(sheet: Sheet, number: int, said: dict[str, Any]) -> str:
    """Write the page of district ``number`` of ``sheet.districts``."""
    district = sheet.districts.iloc[[number]]
    found = sheet.cells.hotspots
    inside = found["district_code"] == district["area_code"].iloc[0]
    everything = found[inside & (found["crime_group"] == ALL_CRIME)]
    place = district["name"].iloc[0]
    summary = _summary(sheet, everything, district, place)
    data = page_data.district_page(sheet, number)
    name = f"{district['slug'].iloc[0]}.html"
    return _render(sheet, data, name, said | {"place": place, "summary": summary, "links": []})


def _render(sheet: Sheet, data: dict[str, Any], name: str, said: dict[str, Any]) -> str:
    publication = sheet.publication
    number = data["district"]
    here = sheet.districts if number is None else sheet.districts.iloc[[number]]
    drawn = draw(shapes.bounds(here.geometry.to_numpy()))
    scripts = [
        *(_library(library) for library in drawn.libraries),
        _page_script(),
        drawn.script,
    ]
    style = _style()
    html = figures.template("page.html.jinja").render(
        policy=assets.policy(scripts, [style]),
        style=Markup(style),  # noqa: S704 -- our own file and Leaflet's, no data
        scripts=[Markup(script) for script in scripts],  # noqa: S704 -- the same, and folium's
        map=Markup(drawn.html),  # noqa: S704 -- folium's container: a number for a name
        data=Markup(page_data.to_json(data)),  # noqa: S704 -- to_json leaves no character of HTML
        is_force=number is None,
        lamps=data.get("lamps"),
        layers=data["layers"],
        **_of_district(sheet, data),
        done=findings.interventions(publication, None if number is None else here.geometry.iloc[0]),
        **said,
    )
    assets.require_self_contained(html, name, scripts=scripts)
    return html


def _of_district(sheet: Sheet, data: dict[str, Any]) -> dict[str, Any]:
    """Give the parts of a page that only a district's has."""
    number, dark = data["district"], data.get("dark")
    if dark and not (dark["lines"] or dark["areas"]):
        dark = None
    _, name, _ = words.measure("dark_share", "")
    source = next((source for _, said, _, source in sheet.measures if said == name), "")
    code = None if number is None else sheet.districts["area_code"].iloc[number]
    kinds = [kind for kind, measure in data["layers"] if measure >= 0]
    thinned = [
        (kind, each["all"], int(each["reach_m"]))
        for kind, each in zip(kinds, data.get("places", ()), strict=False)
        if each["reach_m"]
    ]
    return {
        "thinned": thinned,
        "dark": dark,
        "dark_source": source,
        "months": words.span(*sheet.publication.data_months),
        "streets": [] if code is None else page_district.street_lists(sheet.publication, code),
    }


@cache
def _library(name: str) -> str:
    return assets.library_script(name)


@cache
def _page_script() -> str:
    return assets.page_script()


@cache
def _style() -> str:
    return assets.library_style("leaflet") + "\n" + assets.static("page.css")


def _summary(sheet: Sheet, hotspots: pd.DataFrame, districts: gpd.GeoDataFrame, place: str) -> str:
    """Say in one sentence what matters: how many, how much of the incidents, how many recur."""
    publication = sheet.publication
    if publication.months_observed < publication.least_months:
        observed = words.sentence(words.many(publication.months_observed, "month"))
        has = "has" if publication.months_observed == 1 else "have"
        least = words.number(publication.least_months)
        return f"{observed} of the window {has} data. Hotspots need {least}, so none is drawn yet."
    if hotspots.empty:
        return f"No hotspot was found in {place} for {ALL_CRIME[:1].lower() + ALL_CRIME[1:]}."
    incidents = int(hotspots["n"].sum())
    ground = hotspots["area_m2"].sum() / max(districts["area_m2"].sum(), 1)
    start = f"{words.sentence(words.many(len(hotspots), 'hotspot'))} on {words.percent(ground)} of "
    months = words.many(publication.months_observed, "month")
    reported = f"the ground in {place} had {incidents:,} incidents reported near "
    share = _share_of_all(publication, incidents) if len(districts) == len(sheet.districts) else ""
    recurring = int(hotspots["is_recurring"].sum())
    tail = f"{'it' if len(hotspots) == 1 else 'them'} in {months} of data{share}; "
    how_many = words.many(recurring, "is", "are") if recurring else "none is"
    return f"{start}{reported}{tail}{how_many} recurring."


def _share_of_all(publication: Publication, incidents: int) -> str:
    kept = int(_window(publication)["kept"].sum())
    return f", {words.percent(incidents / kept)} of all that could be mapped" if kept else ""


def _window(publication: Publication) -> pd.DataFrame:
    months = publication.coverage_by_month
    return months.loc[publication.window_start : publication.window_end]


def _warnings(publication: Publication) -> list[str]:
    """Say what is wrong with the window, if anything; the page adds the age of the data itself."""
    window = _window(publication)
    found = []
    missing = window.index[window["is_missing"]]
    if len(missing):
        found.append(
            f"No data for {words.many(len(missing), 'month')} of the window's "
            f"{words.number(len(window))}: {words.spans(list(missing))}. A missing month is "
            "unknown, not free of crime."
        )
    rows = int(window["rows_in"].sum())
    lost = int(window["unlocated"].sum()) / rows if rows else 0
    if lost > _UNLOCATED_MOST:
        found.append(
            f"{words.percent(lost)} of the window's records have no place and are on no map, so "
            "counts here are too low, by a share that differs from month to month."
        )
    months = publication.months
    changed = [months[i] for i in cells.list_changes(publication)]
    inside = [m for m in changed if publication.window_start < m <= publication.window_end]
    found += [
        f"The police changed their list of map points in {words.month(month)}, inside the window. "
        "Earlier incidents were moved to the nearest new point; compare areas, not points."
        for month in inside
    ]
    return found


def _before_trends(publication: Publication) -> str:
    """List in one line what changed in the records over the months shown; empty if nothing did."""
    alerts = publication.alerts
    shown = alerts[(alerts["month"] >= publication.data_months[0]) & (alerts["kind"] != "stale")]
    newest = shown.sort_values("month", ascending=False, kind="stable").drop_duplicates("kind")
    return ", ".join(
        f"{words.ALERTS[kind]} ({words.month(month)})"
        for kind, month in zip(newest["kind"], newest["month"], strict=True)
    )
