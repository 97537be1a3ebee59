"""The page that leads to the maps of all forces: how fresh each is, and what could not be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from hotspots.publish import assets, figures, words
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class ForceRow:
    """
    One force as it stands.

    Attributes
    ----------
    area_id, name : str
    records_to : Timestamp or None
        Its newest month of records; None where nothing is published.
    made_on : date or None
        The day its maps were made.
    hotspots : mapping of str to int
        Hotspots of all crime by label.
    is_failed : bool
        Whether its last refresh failed, so that its maps are those of before.
    troubles : tuple of str
        What is the matter, in words: why it failed, sources that were not refreshed.
    is_stale : bool
        Whether its records are older than its settings allow.
    """

    area_id: str
    name: str
    records_to: pd.Timestamp | None = None
    made_on: dt.date | None = None
    hotspots: Mapping[str, int] = field(default_factory=dict)
    is_failed: bool = False
    troubles: tuple[str, ...] = ()
    is_stale: bool = False

    @property
    def is_published(self) -> bool:
        """Whether there are maps of it."""
        return self.records_to is not None


def index_html(rows: Sequence[ForceRow]) -> str:
    """
    Write the page, the same for the same rows.

    Parameters
    ----------
    rows : sequence of ForceRow
        Any order; the page has them by name.
    """
    rows = sorted(rows, key=lambda row: (row.name.casefold(), row.area_id))
    days = [row.made_on for row in rows if row.made_on]
    today = max(days) if days else None
    style = assets.static("report.css")
    html = figures.template("national.html.jinja").render(
        policy=assets.policy([], [style]),
        style=Markup(style),  # noqa: S704 - our own file, no data
        summary=_summary(rows),
        made_on=words.day(today) if today else "",
        labels=words.LABELS,
        all_crime=ALL_CRIME,
        lines=[_line(row, today) for row in rows],
        troubles=[row for row in rows if row.troubles],
    )
    assets.require_self_contained(html, "index.html")
    return html


def _summary(rows: Sequence[ForceRow]) -> list[str]:
    """Say how many forces there are, how fresh they are, and how many are in trouble."""
    published = [row for row in rows if row.records_to is not None]
    n = len(rows)
    said = [f"No force of {n} has maps yet."]
    if published:
        months = pd.Series([row.records_to for row in published])
        newest = months.max()
        there = int((months == newest).sum())
        every = "all of them" if there == len(published) else words.number(there)
        said[0] = (
            f"{words.sentence(words.number(len(published)))} of {words.many(n, 'force')} "
            f"{'has' if n == 1 else 'have'} maps. The newest records are of "
            f"{words.month(newest)}, in {every}."
        )
    failed = [row.name for row in rows if row.is_failed]
    if failed:
        said.append(f"The last refresh failed for {', '.join(failed)}; see below.")
    stale = [row.name for row in rows if row.is_stale]
    if stale:
        said.append(f"Records are old in {', '.join(stale)}.")
    return said


def _line(row: ForceRow, today: dt.date | None) -> dict[str, object]:
    return {
        "name": row.name,
        "link": f"{row.area_id}/index.html" if row.is_published else "",
        "records_to": words.month(row.records_to) if row.records_to is not None else "no maps yet",
        "age": _age(row.records_to, today),
        "counts": [_count(row, label) for label in words.LABELS],
        "made_on": words.day(row.made_on) if row.made_on else "",
        "state": _state(row),
    }


def _count(row: ForceRow, label: str) -> str:
    return f"{row.hotspots.get(label, 0):,}" if row.is_published else ""


def _age(month: pd.Timestamp | None, today: dt.date | None) -> str:
    """Say how many days ago a month ended, on the day of the page."""
    if month is None or today is None:
        return ""
    days = (today - (month + pd.DateOffset(months=1)).date()).days
    return f"{days:,}" if days > 0 else "not over"


def _state(row: ForceRow) -> str:
    if row.is_failed:
        return "last refresh failed; earlier maps" if row.is_published else "failed"
    if row.troubles:
        return "some sources not refreshed"
    if row.is_stale:
        return "old records"
    return "as it should be" if row.is_published else "not refreshed yet"
