"""The sentences of the quarterly reports: each with the figures it says, none causal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.publish import words
from hotspots.publish.report import HIDDEN, Figure, Sentence
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, Any]

_ORDINALS = ("", "", "second ", "third ", "fourth ", "fifth ", "sixth ", "seventh ", "eighth ",
             "ninth ")  # fmt: skip
_MOST_NAMED = 4
"""Kinds of crime named in one sentence; more are counted."""

_CRIME = ("area_code", "crime_group")

_MONTHS = 3
"""Months in a quarter."""


def figure(shown: str, table: str, row: Row, key: Sequence[str], column: str) -> Figure:
    """Note where a figure of a sentence comes from."""
    return Figure(shown, table, tuple((name, row[name]) for name in key), column)


def kind(group: str) -> str:
    """Write a crime group inside a sentence."""
    return group[:1].lower() + group[1:]


def listed(parts: Sequence[str]) -> str:
    """Join words as in a sentence."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def total(row: Row, *, title: str) -> Sentence:
    """Say how much was reported, and how much that is for its residents."""
    place = row["area_name"]
    if row["count_state"] == HIDDEN:
        return Sentence(
            f"So little was reported in {place} from {title} that its number is not shown."
        )
    n = int(row["count"])
    shown = words.number(n)
    was = "was" if n in {0, 1} else "were"
    noun = "incident" if n in {0, 1} else "incidents"
    when = f"from {title}"
    figures = [figure(shown, "crime", row, _CRIME, "count")]
    months = int(row["months_observed"])
    if months < _MONTHS:
        seen = words.number(months)
        when = f"in {words.many(months, 'month')} of {title}, the only {_ones(months)} with data"
        figures.append(figure(seen, "crime", row, _CRIME, "months_observed"))
    text = f"{words.sentence(shown)} {noun} {was} reported in {place} {when}"
    if pd.notna(row["rate_per_1000"]):
        rate = f"{row['rate_per_1000']:.1f}"
        text += f", {rate} for every 1,000 residents"
        figures.append(figure(rate, "crime", row, _CRIME, "rate_per_1000"))
    return Sentence(text + ".", tuple(figures))


def rank(row: Row) -> Sentence | None:
    """Say where a district stands among the others; None for the whole area."""
    if pd.isna(row["rank"]) or row["ranked_areas"] < 2:  # noqa: PLR2004 - others to stand among
        return None
    place, of = int(row["rank"]), int(row["ranked_areas"])
    by = "rate" if row["ranked_by"] == "rate" else "number"
    size = figure(words.number(of), "crime", row, _CRIME, "ranked_areas")
    if place == of:
        return Sentence(f"That is the lowest {by} of {words.number(of)} districts.", (size,))
    shown = _ordinal(place)
    figures = [size]
    if place > 1:
        figures.append(figure(shown.strip(), "crime", row, _CRIME, "rank"))
    return Sentence(
        f"That is the {shown}highest {by} of {words.number(of)} districts.", tuple(figures)
    )


def _ordinal(place: int) -> str:
    if place < len(_ORDINALS):
        return _ORDINALS[place]
    is_teen = place // 10 % 10 == 1
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending} "


def _ones(n: int) -> str:
    return "one" if n == 1 else "ones"


def usual(row: Row) -> Sentence:
    """Say how the quarter stands against what the place usually sees."""
    n = int(row["quarters_compared"])
    compared = words.number(n)
    said = row["verdict"]
    if said == "not a whole quarter":
        months = words.many(int(row["months_observed"]), "month has", "months have")
        return Sentence(
            f"Only {months} data, so the quarter is compared with no other.",
            (figure(words.number(int(row["months_observed"])), "crime", row, _CRIME,
                    "months_observed"),),
        )  # fmt: skip
    if said == "too few quarters to say":
        there = f"only {compared}" if n else "no"
        quarters = "quarter" if n in {0, 1} else "quarters"
        return Sentence(
            f"There {'is' if n in {0, 1} else 'are'} {there} complete earlier {quarters}, too few "
            "to say what is usual.",
            (figure(compared, "crime", row, _CRIME, "quarters_compared"),) if n else (),
        )
    if said == "too few incidents to say":
        return Sentence("That is too little to say what is usual.")
    low, high = f"{row['usual_low']:,}", f"{row['usual_high']:,}"
    return Sentence(
        f"That is {said} {'with ' if said == 'in line' else ''}what {row['area_name']} usually "
        f"sees: between {low} and {high} a quarter, going by "
        f"{compared} earlier quarters.",
        (
            figure(low, "crime", row, _CRIME, "usual_low"),
            figure(high, "crime", row, _CRIME, "usual_high"),
            figure(compared, "crime", row, _CRIME, "quarters_compared"),
        ),
    )


def last_year(row: Row, *, title: str, before: str) -> Sentence | None:
    """Compare with the same quarter of the year before, or say why not; None for some months."""
    if row["months_observed"] < _MONTHS:
        return None
    if row["change_state"] == HIDDEN:
        return Sentence("The number is too small to compare with a year earlier.")
    if pd.isna(row["change"]):
        text = f"Not all months of {title} have data, so no comparison with a year earlier is made."
        if pd.isna(row["before"]) or pd.isna(row["count"]):
            return Sentence(text)
        shown = words.number(int(row["before"]))
        return Sentence(
            f"{text} From {before} it was {shown}; part of any difference is the time of year.",
            (figure(shown, "crime", row, _CRIME, "before"),),
        )
    earlier, change = words.number(int(row["last_year"])), int(row["change"])
    figures = [figure(earlier, "crime", row, _CRIME, "last_year")]
    if row["change_low"] <= 0 <= row["change_high"]:
        return Sentence(
            f"A year earlier, from {title}, it was {earlier}. The difference is no more than the "
            "usual ups and downs.",
            tuple(figures),
        )
    size = words.number(abs(change))
    ends = sorted((abs(int(row["change_low"])), abs(int(row["change_high"]))))
    low, high = (words.number(end) for end in ends)
    figures += [
        figure(size, "crime", row, _CRIME, "change"),
        *(
            figure(words.number(abs(int(row[name]))), "crime", row, _CRIME, name)
            for name in ("change_low", "change_high")
        ),
    ]
    more = "more" if change > 0 else "fewer"
    return Sentence(
        f"A year earlier, from {title}, it was {earlier}. That is {size} {more} now (between {low} "
        f"and {high} {more}, allowing for the usual ups and downs).",
        tuple(figures),
    )


def unusual_kinds(rows: Iterable[Row]) -> tuple[Sentence, ...]:
    """Name the kinds of crime above and below what is usual."""
    told = [row for row in rows if row["kind"] == "type"]
    tested = [row for row in told if row["verdict"] in {"in line", "above", "below"}]
    if not tested:
        return ()
    found = [
        _kinds([row for row in tested if row["verdict"] == side], side)
        for side in ("above", "below")
    ]
    sentences = [each for each in found if each]
    if not sentences:
        return (Sentence("No kind of crime was above or below what is usual here."),)
    return (
        *sentences,
        Sentence("By chance alone, about one kind in 20 would be outside what is usual."),
    )


def _kinds(rows: Sequence[Row], side: str) -> Sentence | None:
    if not rows:
        return None
    named, figures = [], []
    for row in rows[:_MOST_NAMED]:
        parts = [f"{row[name]:,}" for name in ("count", "usual_low", "usual_high")]
        named.append(f"{kind(row['crime_group'])} ({parts[0]}; usually {parts[1]} to {parts[2]})")
        figures += [
            figure(shown, "crime", row, _CRIME, name)
            for shown, name in zip(parts, ("count", "usual_low", "usual_high"), strict=True)
        ]
    more = len(rows) - _MOST_NAMED
    rest = [f"{words.number(more)} more in the table"] if more > 0 else []
    return Sentence(
        f"{words.sentence(side)} what is usual here: {listed(named + rest)}.", tuple(figures)
    )


def most_frequent(rows: Iterable[Row]) -> Sentence | None:
    """Name the kind of crime that was reported most."""
    told = [row for row in rows if row["kind"] == "type" and pd.notna(row["count"])]
    if not told or not any(row["count"] for row in told):
        return None
    most = max(told, key=lambda row: (row["count"], row["crime_group"]))
    shown = words.number(int(most["count"]))
    reports = "report" if most["count"] == 1 else "reports"
    return Sentence(
        f"The most frequent kind was {kind(most['crime_group'])}, with {shown} {reports}.",
        (figure(shown, "crime", most, _CRIME, "count"),),
    )


def hotspots(row: Row, *, now: str, before: str) -> tuple[Sentence, ...]:
    """Say how many hotspots there are, and how many are new or have gone."""
    place = row["area_name"]
    if pd.isna(row["hotspots"]):
        return (
            Sentence(f"No map was drawn for the end of {now}, so nothing is said of hotspots."),
        )
    n = int(row["hotspots"])
    figures = [figure(words.number(n), "hotspot_changes", row, _CRIME, "hotspots")]
    first = (
        f"At the end of {now}, {place} had {words.many(n, 'hotspot')} of all crime."
        if n
        else f"At the end of {now} no hotspot stood out in {place}."
    )
    told = [Sentence(first, tuple(figures))]
    if pd.isna(row["new"]):
        told.append(Sentence("There is no map of three months earlier to compare it with."))
        return tuple(told)
    if not n and not row["hotspots_before"]:
        told.append(Sentence(f"There was none at the end of {before} either."))
        return tuple(told)
    counts = {name: int(row[name]) for name in ("new", "there_before", "gone")}
    shown = {name: words.number(value) for name, value in counts.items()}
    gone = f"{shown['gone']} of those before {'has' if counts['gone'] == 1 else 'have'} gone"
    if counts["gone"] == 0:
        gone = (
            "none of those before has gone" if row["hotspots_before"] else "there was none before"
        )
    if n:
        new = "none is" if not counts["new"] else f"{shown['new']} {_is(counts['new'])}"
        stayed = (
            "none was" if not counts["there_before"]
            else f"{shown['there_before']} {'was' if counts['there_before'] == 1 else 'were'}"
        )  # fmt: skip
        text = f"Since the end of {before}, {new} new, {stayed} there before, and {gone}."
        if not row["hotspots_before"] and not counts["there_before"]:
            text = f"All are new: there was none at the end of {before}."
            counts = dict.fromkeys(counts, 0)
    else:
        text = f"Since the end of {before}, {gone}."
    names = ("new", "there_before", "gone") if n else ("gone",)
    told.append(
        Sentence(
            text,
            tuple(
                figure(shown[name], "hotspot_changes", row, _CRIME, name)
                for name in names
                if counts[name]
            ),
        )
    )
    if row["compared"] == "re-based":
        told.append(
            Sentence(
                "The list of map points changed in between, so the two maps were compared by area."
            )
        )
    return tuple(told)


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


_METHODS = {
    "raw count": "the map points with most incidents",
    "grid 150 m": "squares of 150 m",
    "KDE 200 m": "a heat map (200 m)",
    "DBSCAN 100 m / 10": "plain clusters (DBSCAN)",
    "LSOA": "small statistical areas (LSOAs)",
}
"""Other ways to choose ground, as a sentence calls them."""


def foretold(rows: Sequence[Row], *, area: str, before: str, title: str) -> tuple[Sentence, ...]:
    """Say how well the hotspots of the quarter before foretold this one."""
    own = [row for row in rows if row["crime_group"] == ALL_CRIME]
    by_method = {row["method"]: row for row in own}
    ours = by_method.get("hotspots")
    if ours is None or pd.isna(ours["hit"]):
        return (
            Sentence(
                f"How well the hotspots of {before} foretold {title} was not tested: that needs a "
                "map at the end of the quarter before and all three months after it, on one list "
                "of map points and among the last that were tested."
            ),
        )
    key = ("crime_group", "method")
    hit, ground = words.percent(ours["hit"]), words.percent(ours["area_share"])
    figures = [
        figure(ground, "foretold", ours, key, "area_share"),
        figure(hit, "foretold", ours, key, "hit"),
    ]
    text = (
        f"In the whole of {area}, the hotspots drawn at the end of {before} covered {ground} of "
        f"the ground and held {hit} of the incidents of {title}"
    )
    if pd.notna(ours["hit_low"]):
        ends = [words.percent(ours[name]) for name in ("hit_low", "hit_high")]
        text += f" (between {ends[0]} and {ends[1]})"
        figures += [
            figure(shown, "foretold", ours, key, name)
            for shown, name in zip(ends, ("hit_low", "hit_high"), strict=True)
        ]
    told = [Sentence(text + ".", tuple(figures))]
    others = [by_method[name] for name in _METHODS if name in by_method]
    others = [row for row in others if pd.notna(row["hit"])]
    if others:
        shown = [words.percent(row["hit"]) for row in others]
        named = [
            f"{_METHODS[row['method']]} {each}" for row, each in zip(others, shown, strict=True)
        ]
        told.append(
            Sentence(
                f"As much ground, chosen another way, held: {listed(named)}.",
                tuple(
                    figure(each, "foretold", row, key, "hit")
                    for row, each in zip(others, shown, strict=True)
                ),
            )
        )
    if pd.notna(ours["hold_rate"]):
        held = words.percent(ours["hold_rate"])
        told.append(
            Sentence(
                f"{held} of the hotspots had clearly more than their surroundings again.",
                (figure(held, "foretold", ours, key, "hold_rate"),),
            )
        )
    return tuple(told)


def data(row: Row, *, title: str) -> tuple[Sentence, ...]:
    """Say how complete the records of the quarter are."""
    n = int(row["months_observed"])
    key = ("quarter",)
    first = (
        Sentence(f"All three months of {title} have data.")
        if n == _MONTHS
        else Sentence(
            f"Only {words.number(n)} of the three months of {title} {'has' if n == 1 else 'have'} "
            "data. A missing month is unknown, not free of crime.",
            (figure(words.number(n), "quality", row, key, "months_observed"),),
        )
    )
    told = [first]
    if pd.notna(row["unlocated_share"]):
        share = words.percent(row["unlocated_share"])
        told.append(
            Sentence(
                f"{share} of the quarter's records in the whole area had no place; they are on no "
                "map and in no count of a district.",
                (figure(share, "quality", row, key, "unlocated_share"),),
            )
        )
    return tuple(told)


def place(row: Row) -> tuple[Sentence, ...]:
    """Say of one hotspot what was reported near it, and since when it has stood out."""
    key = ("hotspot_id",)
    n, months = int(row["n"]), int(row["months_observed"])
    shown, seen = words.number(n), words.number(months)
    was = "incident was" if n == 1 else "incidents were"
    told = [
        Sentence(
            f"{words.sentence(shown)} {was} reported near here in "
            f"{'one month' if months == 1 else f'{seen} months'} of data, within the year to the "
            "end of the quarter.",
            (
                figure(shown, "hotspots", row, key, "n"),
                figure(seen, "hotspots", row, key, "months_observed"),
            ),
        ),
        Sentence(f"It first stood out on the map of {words.month(row['since'])}."),
    ]
    if row["status"]:
        told.append(
            Sentence(
                "It is new: it did not stand out three months earlier."
                if row["status"] == "new"
                else "It stood out three months earlier too."
            )
        )
    if row["n_points"] == 1:
        told.append(Sentence("It rests on a single map point, so its place is uncertain."))
    return tuple(told)
