"""A quarterly report as one HTML file: words first, tables, inline charts; it prints on A4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from hotspots.publish import assets, charts, figures, report_cells, words
from hotspots.publish.report import SHORTHAND
from hotspots.publish.texts import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotspots.publish.report import Place, Quarterly, Report, Table

_PLAIN = ("months", "quarters")
"""Tables that are in the spreadsheet only: the charts show them."""

_WHOLE_AREA = frozenset({"quality", "unlocated", "coverage", "foretold"})
"""Tables that are of the whole area in every report."""

_MOST_ROWS = 60
"""Rows of a table of hotspots in the page; the spreadsheet has all."""


def report_html(quarterly: Quarterly, report: Report) -> str:
    """Write the page of one report."""
    return _render(
        "report.html.jinja",
        f"{report.slug}.html",
        quarterly=quarterly,
        report=report,
        heading=heading(quarterly, report),
        made_on=words.day(quarterly.made_on),
        crime=crime_rows(report),
        has_rates=bool(report.tables["crime"].data["rate_per_1000"].notna().any()),
        charts={name: Markup(charts.svg(each, name=name)) for name, each in report.charts.items()},  # noqa: S704 - charts escapes
        places=[_place(each) for each in report.places],
        tables={
            name: _table(each, report) for name, each in report.tables.items() if name not in _PLAIN
        },
        shorthand=list(SHORTHAND.items()),
    )


def index_html(
    quarterly: Quarterly, made: Sequence[tuple[str, str]], earlier: Sequence[str] = ()
) -> str:
    """
    Write the page that links the reports of a quarter.

    Parameters
    ----------
    quarterly : Quarterly
    made : sequence of (str, str)
        Name and slug of each report that is there.
    earlier : sequence of str
        Names of the other quarters that have reports.
    """
    return _render(
        "reports.html.jinja",
        "index.html",
        quarterly=quarterly,
        made=made,
        earlier=earlier,
        made_on=words.day(quarterly.made_on),
    )


def heading(quarterly: Quarterly, report: Report) -> str:
    """Return the title of a report in words."""
    return f"Crime and hotspots in {readable(report.name)}, {quarterly.title}"


def crime_rows(report: Report) -> list[dict[str, Any]]:
    """Return the rows of the table of crime as pages print them, with the usual range as one."""
    table = report.tables["crime"]
    data = table.data
    printed = report_cells.printed(table)
    names = list(table.words)
    rows = []
    for i, (cells, group) in enumerate(zip(printed, data["crime_group"], strict=True)):
        row: dict[str, Any] = dict(zip(names, cells, strict=True))
        is_usual = pd.notna(data["usual_low"].iloc[i])
        row["usual"] = (
            f"{row['usual_low']} to {row['usual_high']}" if is_usual else row["usual_low"]
        )
        row["kind"] = data["kind"].iloc[i]
        row["spark"] = Markup(charts.sparkline(report.sparklines[group]))  # noqa: S704 - numbers only
        rows.append(row)
    return rows


def sources(place: Place) -> str:
    """Name where the measures of the surroundings come from, each once."""
    return "; ".join(dict.fromkeys(source for _, _, source in place.surroundings))


def _place(place: Place) -> dict[str, Any]:
    name = place.hotspot_id.lower()
    return {
        "it": place,
        "sources": sources(place),
        "id": name,
        "map": Markup(charts.svg(place.map, name=f"{name}-map")),  # noqa: S704 - charts escapes
        "history": Markup(charts.svg(place.history, name=f"{name}-history")),  # noqa: S704
    }


def _table(table: Table, report: Report) -> dict[str, Any]:
    wanted = report_cells.on_pages(table)
    names, heads = list(table.words), list(table.words.values())
    rows = [[row[i] for i in wanted] for row in report_cells.printed(table)]
    title = table.title if table.name in _WHOLE_AREA else f"{table.title}: {report.name}"
    return {
        "title": title,
        "headings": [heads[i] for i in wanted],
        "is_number": [report_cells.is_number(table.data, names[i]) for i in wanted],
        "rows": rows[:_MOST_ROWS],
        "more": max(0, len(rows) - _MOST_ROWS),
    }


def _render(template: str, name: str, **content: Any) -> str:  # noqa: ANN401 - whatever a template asks for
    style = assets.static("report.css")
    html = figures.template(template).render(
        policy=assets.policy([], [style]),
        style=Markup(style),  # noqa: S704 - our own file, no data
        **content,
    )
    assets.require_self_contained(html, name)
    return html
