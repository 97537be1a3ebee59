"""The page that every other page links to for the quarterly reports, whether there are any yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from hotspots.publish import assets, figures

if TYPE_CHECKING:
    from collections.abc import Sequence


def quarters_html(quarters: Sequence[tuple[str, str]]) -> str:
    """
    Write the list of the quarters that have reports.

    Parameters
    ----------
    quarters : sequence of (str, str)
        Name of the folder beside the page, and months in words, the latest first.
    """
    style = assets.static("report.css")
    html = figures.template("quarters.html.jinja").render(
        policy=assets.policy([], [style]),
        style=Markup(style),  # noqa: S704 -- our own file, no data
        quarters=quarters,
    )
    assets.require_self_contained(html, "index.html")
    return html
