"""The page that says what changed: months, hotspots, and what reading the files came across."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from hotspots.publish import assets, figures, words
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from hotspots.publish.publication import Publication

_EVENTS = {
    "born": "new",
    "split": "split off from another",
    "merged": "became part of another",
    "ended": "ended",
}
"""Event of ``schema.HISTORY`` to what the page calls it, in the order of its columns."""

_STEPS_MOST = 5
"""Hotspots listed that rose most, and as many that fell most."""

_LINES_MOST = 200
"""Lines of a list of hotspots or of reasons; what is left out is counted."""


def changes_html(publication: Publication) -> str:
    """Write the page of what changed, from the tables of this publication alone."""
    style = assets.static("page.css")
    html = figures.template("changes.html.jinja").render(
        policy=assets.policy([], [style]),
        style=Markup(style),  # noqa: S704 -- our own file, no data
        area=publication.area_name,
        newest=words.month(publication.data_months[1]),
        made_on=words.day(publication.made_on),
        age=_age(publication),
        stale=_is_stale(publication),
        alerts=_alerts(publication),
        not_refreshed=publication.not_refreshed,
        known=_known(publication),
        odd_months=_odd_months(publication),
        revisions=_revisions(publication),
        only_outcomes=_only_outcomes(publication),
        window=words.month(publication.window_end),
        event_names=list(_EVENTS.values()),
        events=_events(publication),
        **dict(zip(("since", "steps"), _up_and_down(publication), strict=True)),
        **dict(zip(("moved", "more_moved"), _cut(_moved(publication)), strict=True)),
        **dict(zip(("quarantine", "more_reasons"), _cut(_quarantine(publication)), strict=True)),
        is_force=True,
        **figures.about(publication),
    )
    assets.require_self_contained(html, "changes.html")
    return html


def _cut(lines: list[Any]) -> tuple[list[Any], int]:
    return lines[:_LINES_MOST], max(0, len(lines) - _LINES_MOST)


def _days(publication: Publication) -> int:
    """Age in days, counted from the end of the last data month."""
    end = publication.data_months[1] + pd.DateOffset(months=1)
    return (publication.made_on - end.date()).days


def _age(publication: Publication) -> str:
    days = _days(publication)
    return f"which ended {words.many(days, 'day')} before" if days > 0 else "not over on"


def _is_stale(publication: Publication) -> bool:
    return _days(publication) > publication.stale_after_days


def _alerts(publication: Publication) -> list[str]:
    """List what was noticed, the newest month first; the age of the data stands above it."""
    alerts = publication.alerts[publication.alerts["kind"] != "stale"]
    return list(alerts.sort_values("month", ascending=False, kind="stable")["words"])


def _known(publication: Publication) -> str:
    """Say in a sentence how many of the months shown have records."""
    months = publication.coverage_by_month
    known = int((~months["is_missing"]).sum())
    first, last = publication.data_months
    return (
        f"{words.sentence(words.number(known))} of the {words.many(len(months), 'month')} from "
        f"{words.span(first, last)} have records."
    )


def _odd_months(publication: Publication) -> list[tuple[str, str, str]]:
    """List months that are short or revised, with their records, and all those without any."""
    whole = publication.coverage[publication.coverage["crime_type"] == ALL_CRIME]
    states = {"is_short": "far fewer than around it", "is_revised": "published again with changes"}
    odd = whole[whole[list(states)].any(axis=1)].sort_values(["month", "force"], ascending=False)
    known = [
        (
            words.month(row["month"]),
            f"{row['rows_in']:,}",
            "; ".join(told for flag, told in states.items() if row[flag]),
        )
        for row in odd.to_dict("records")
    ]
    bare = {"is_header_only": "a file without records", "is_missing": "no file"}
    months = {told: sorted(set(whole.loc[whole[flag], "month"])) for flag, told in bare.items()}
    unknown = [
        (words.spans(found), "unknown, not zero", told) for told, found in months.items() if found
    ]
    return known + unknown


def _revisions(publication: Publication) -> list[tuple[str, str, str, list[str]]]:
    """List publications that moved more than outcomes, newest month first."""
    table = publication.revisions
    moved = table[table[["added", "removed", "changed"]].sum(axis=1) > 0]
    moved = moved.sort_values(["month", "force", "newer"], ascending=[False, True, True])
    numbers = ("rows_before", "rows_after", "added", "removed", "changed", "outcome_changed")
    return [
        (
            words.month(row["month"]),
            row["force"],
            row["newer"],
            [f"{row[name]:,}" for name in numbers],
        )
        for row in moved.to_dict("records")
    ]


def _only_outcomes(publication: Publication) -> str:
    """Say how many publications brought nothing but other outcomes; empty if there are none."""
    table = publication.revisions
    rest = table[table[["added", "removed", "changed"]].sum(axis=1) == 0]
    if rest.empty:
        return ""
    return (
        f"{words.sentence(words.many(rest['month'].nunique(), 'month'))} came again with no record "
        f"more or less; {words.many(int(rest['outcome_changed'].sum()), 'record')} had another "
        "outcome."
    )


def _last_events(publication: Publication) -> pd.DataFrame:
    history = publication.history
    return history[
        (history["window_end"] == publication.window_end) & history["event"].isin(list(_EVENTS))
    ]


def _events(publication: Publication) -> list[tuple[str, list[int]]]:
    """Count what happened to hotspots in the last month, by crime group in the filter's order."""
    events = _last_events(publication)
    counts = events.groupby(["crime_group", "event"]).size()
    found = [
        (group, [int(counts.get((group, event), 0)) for event in _EVENTS])
        for group in publication.crime_groups
    ]
    return [(group, numbers) for group, numbers in found if any(numbers)]


def _moved(publication: Publication) -> list[tuple[str, str, str, str, bool]]:
    """List the hotspots of all crime to which something happened in the last month."""
    events = _last_events(publication)
    events = events[events["crime_group"] == ALL_CRIME]
    hotspots = publication.hotspots[publication.hotspots["crime_group"] == ALL_CRIME]
    names = dict(zip(hotspots["hotspot_id"], hotspots["name"], strict=True))
    order = events["event"].map(list(_EVENTS).index)
    ordered = events.iloc[order.argsort(kind="stable")]
    return [
        (
            row["hotspot_id"],
            names.get(row["hotspot_id"], ""),
            _EVENTS[row["event"]],
            "" if pd.isna(row["related_id"]) else row["related_id"],
            row["hotspot_id"] in names,
        )
        for row in ordered.to_dict("records")
    ]


def _up_and_down(publication: Publication) -> tuple[str, list[tuple[str, str, str, str]]]:
    """Name the map before, and the hotspots of all crime that rose and fell most since."""
    history = publication.history[publication.history["crime_group"] == ALL_CRIME]
    is_last = history["window_end"] == publication.window_end
    older = history.loc[~is_last, "window_end"].max()
    if pd.isna(older):
        return "", []
    now, before = (
        history[rows & (history["n"] > 0)].set_index("hotspot_id")["n"]
        for rows in (is_last, history["window_end"] == older)
    )
    names = publication.hotspots[publication.hotspots["crime_group"] == ALL_CRIME]
    name = names.set_index("hotspot_id")["name"]
    both = now.index.intersection(before.index).intersection(name.index)
    step = (now[both] - before[both]).sort_values(kind="stable")
    chosen = [*step[step > 0].index[::-1][:_STEPS_MOST], *step[step < 0].index[:_STEPS_MOST]]
    lines = [(each, name[each], f"{before[each]:,}", f"{now[each]:,}") for each in chosen]
    return words.month(older), lines


def _quarantine(publication: Publication) -> list[tuple[str, str, str, str]]:
    """List why rows could not be read, the most frequent reason first."""
    table = publication.quarantine.sort_values(
        ["n", "file", "column", "reason"], ascending=[False, True, True, True]
    )
    return [
        (row["file"], row["column"], row["reason"], f"{row['n']:,}")
        for row in table.to_dict("records")
    ]
