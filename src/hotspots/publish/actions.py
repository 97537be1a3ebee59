"""What became of an intervention, in words: for the command line and the pages alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.publish import words
from hotspots.schema import ALL_CRIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_JUDGED = "cannot be judged"
"""The verdict where there is none."""

REASONS = {
    "not begun": "It begins in {start}, after the last month with data ({last}).",
    "before the data": "It began in {start} and the data begin in {first}, so what was reported "
    "before it is not known.",
    "too few months before": "Fewer than three months with data lie in the year before it began, "
    "too few to compare with.",
    "too few months after": "Fewer than three months with data lie between its start and {until}, "
    "too few to judge it by.",
    "unknown hotspot": "{hotspot} is on no map drawn before it began and not on today's, so its "
    "area is not known. Correct the id in the register, or draw the area.",
    "no points": "No map point lies in its area. Records are placed on map points about 70 metres "
    "apart, so draw the area a little wider.",
    "nothing reported": "Nothing of this kind was reported in its area in the months before or "
    "after, so there is nothing to compare.",
    "overlaps": "Its area overlaps that of {others} in the same months, so the change of one "
    "cannot be told from that of the other.",
    "comparison overlaps": "The area to compare with overlaps its own, so what changes in one "
    "changes in the other. Draw one that lies apart.",
    "comparison treated": "In the area to compare with something was done too, in the same months "
    "({others}). Choose another.",
    "comparison unknown": "{hotspot}, the hotspot to compare with, is on no map drawn before it "
    "began and not on today's. Correct the id in the register.",
    "comparison without points": "No map point lies in the area to compare with. Draw it wider.",
    "no map": "No hotspots of this kind were drawn before it began, so no place to compare with "
    "can be proposed. Name one in the register.",
    "no hotspot": "Its area was no hotspot of this kind when it began, so no hotspot is like it. "
    "Name an area to compare with in the register.",
    "no like place": "No other hotspot of this kind had between half and twice as many incidents "
    "and lay further than {ring} metres from any intervention. Name an area to compare with in "
    "the register.",
    "no variation": "Too little was reported for an interval.",
}
"""Why an intervention cannot be judged."""

NOTES = {
    "running": "It still runs, so these are figures so far.",
    "first year": "It went on for longer; its first year is judged.",
    "rebased": "The list of map points changed in these months; the areas are compared across the "
    "change (re-based), which makes small differences uncertain.",
    "other months": "The months before are not the same months of the year, so the season may "
    "show in the difference.",
    "missing months": "A month without data is left out, and so is the same month of the year "
    "before or after.",
    "any class": "No hotspot of the same class was alike enough, so these are of any class.",
    "unlike": "Before it began, the area to compare with had {times} as many incidents for each "
    "map point; one more alike would say more.",
    "few": "Numbers are small, so only a large change could have shown.",
    "spread": "Places like it changed {times} times as unevenly as chance alone makes them, and "
    "the interval allows for that.",
}
"""What to know of figures that can be judged."""

WDQ_READ = "The displacement quotient is {wdq:.2f}: {meaning}."

SMALLEST_SHOWN = 0.5
"""A difference that rounds to nothing is none."""

_SHARES = (
    (0.05, "hardly any"), (0.2, "about a tenth"), (0.29, "about a quarter"),
    (0.42, "about a third"), (0.58, "half"), (0.71, "about two thirds"),
    (0.85, "about three quarters"), (0.95, "nearly all"),
)  # fmt: skip


def said(key: str, table: Mapping[str, str] = REASONS, **facts: object) -> str:
    """Put a reason or a note into words."""
    return table[key].format(**facts)


def title(row: Mapping[str, Any]) -> str:
    """Give the name and the months of a row of ``schema.ACTIONS``."""
    when = f"since {words.month(row['start'])}"
    if pd.notna(row["end"]):
        when = words.span(row["start"], row["end"])
    return f"{row['name']}, {when}"


def sentences(counts: pd.DataFrame) -> tuple[str, ...]:
    """
    Say what an intervention came to for every crime group it aimed at.

    Parameters
    ----------
    counts : DataFrame
        Its rows of ``schema.INTERVENTIONS`` by count.
    """
    said = []
    for row in counts.to_dict("records"):
        plain = {str(name): value for name, value in row.items()}
        lead = f"{plain['crime_group']}: " if len(counts) > 1 else ""
        said.append(lead + " ".join(paragraph(plain)))
    return tuple(said)


def headline(row: Mapping[str, Any]) -> str:
    """
    Say in a sentence or two what became of an intervention.

    Parameters
    ----------
    row : mapping
        A row of ``schema.INTERVENTIONS``, by count or by harm.
    """
    if row["verdict"] == NOT_JUDGED:
        return f"It cannot be judged. {row['reason']}"
    what = _what(row)
    when = f"in {words.many(int(row['months_after']), 'month')} with data from "
    when += words.month(row["start"])
    if row["verdict"] == "no clear change":
        return (
            f"No clear change: {_about(row['wdd'])} {what} {_than(row['wdd'])} expected "
            f"{_were(row)} reported {when}, but the 95 % interval goes from {_interval(row)}."
        )
    return (
        f"{_about(row['wdd']).capitalize()} {what} than expected {_were(row)} reported {when} "
        f"(95 % interval {_interval(row)})."
    )


def anyway(row: Mapping[str, Any]) -> str:
    """Say how much of the change in its area is what happens anyway; empty if not judged."""
    if row["verdict"] == NOT_JUDGED or row["measure"] != "count":
        return ""
    change = row["after"] - row["before"] * row["months_after"] / row["months_before"]
    pace = "" if row["months_after"] == row["months_before"] else " month for month"
    there = f"In its own area, reports {_change(change)}{pace}"
    expected = row["expected_anyway"]
    if pd.isna(expected):
        return (
            f"{there}. How much of a bad year goes by itself is not known for this kind of crime "
            "here."
        )
    if change <= -SMALLEST_SHOWN and expected <= -SMALLEST_SHOWN:
        return f"{there}; {_share(expected / change)} is what happens anyway after a bad year."
    return f"{there}; with nothing done they would have been expected to {_would(expected)}."


def beside(row: Mapping[str, Any]) -> str:
    """Say what it is compared with; empty if nothing."""
    if row["verdict"] == NOT_JUDGED or pd.isna(row["comparison"]):
        return ""
    named = str(row["comparison"])
    if not named.startswith("HS-"):
        return (
            f"What was expected follows {named}; it need not have had a bad year too, so hold the "
            "difference against what happens anyway."
        )
    n = named.count(",") + 1
    places = "a hotspot" if n == 1 else f"{words.number(n)} hotspots"
    return (
        f"What was expected follows {places} as busy before ({named}), so the fall after a bad "
        "year is in it already."
    )


def moved(row: Mapping[str, Any]) -> str:
    """Say what the ring around its area adds; empty if there is none."""
    if row["verdict"] == NOT_JUDGED or pd.isna(row["wdd_total"]):
        return ""
    low, high = row["total_low"], row["total_high"]
    text = (
        f"With the ring around it, {_about(row['wdd_total'])} {_than(row['wdd_total'])} expected "
        f"(95 % interval {_between(low, high)})."
    )
    if row["verdict"] != "fewer" or pd.isna(row["wdq"]):  # nothing went that could have moved
        return text
    return f"{text} {WDQ_READ.format(wdq=row['wdq'], meaning=_quotient(row['wdq']))}"


def paragraph(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Give all sentences about one row: what, how much anyway, beside what, moved, notes."""
    notes = "" if pd.isna(row["notes"]) else str(row["notes"])
    parts = (headline(row), anyway(row), beside(row), moved(row), notes)
    return tuple(each for each in parts if each)


def caution(n_judged: int) -> str:
    """Say what must be known of several verdicts together, and of any of them."""
    text = (
        "Other things change beside an intervention, and what is reported is not all that happens: "
        "a difference says that something changed there, not what it was."
    )
    if n_judged > 1:
        text += (
            f" Of {words.number(n_judged)} comparisons, one in 20 would look clear by chance alone."
        )
    return text


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _what(row: Mapping[str, Any]) -> str:
    group = str(row["crime_group"])
    of = "" if group == ALL_CRIME else f" of {group[:1].lower()}{group[1:]}"
    if row["measure"] == "count":
        return f"incident{'' if _is_one(row) else 's'}{of}"
    return f"day{'' if _is_one(row) else 's'} of harm from incidents{of}"


def _were(row: Mapping[str, Any]) -> str:
    return "was" if _is_one(row) else "were"


def _is_one(row: Mapping[str, Any]) -> bool:
    return _whole(row["wdd"]) == 1


def _whole(value: float) -> int:
    return round(abs(value))


def _size(value: float) -> str:
    return words.number(_whole(value))


def _about(value: float) -> str:
    if abs(value) < SMALLEST_SHOWN:
        return "about as many"
    return f"about {_size(value)} {'fewer' if value < 0 else 'more'}"


def _than(value: float) -> str:
    return "as" if abs(value) < SMALLEST_SHOWN else "than"


def _interval(row: Mapping[str, Any]) -> str:
    low, high = row["wdd_low"], row["wdd_high"]
    if row["verdict"] == "no clear change":
        return f"{_whole(low):,} fewer to {_whole(high):,} more"
    return _between(low, high)


def _between(low: float, high: float) -> str:
    if high < 0:
        return f"{_whole(high):,} to {_whole(low):,} fewer"
    if low > 0:
        return f"{_whole(low):,} to {_whole(high):,} more"
    return f"{_whole(low):,} fewer to {_whole(high):,} more"


def _change(change: float) -> str:
    if abs(change) < SMALLEST_SHOWN:
        return "stayed as they were"
    return f"{'fell' if change < 0 else 'rose'} by {_size(change)}"


def _would(expected: float) -> str:
    if abs(expected) < SMALLEST_SHOWN:
        return "stay as they were"
    return f"{'fall' if expected < 0 else 'rise'} by {_size(expected)}"


def _share(share: float) -> str:
    """Say in a few words how much of a fall is meant."""
    found = next((text for most, text in _SHARES if share < most), "")
    if found:
        return f"{found} of that"
    return "all of that, and more," if share > 1.05 else "all of that"  # noqa: PLR2004 - one in 20


def _quotient(wdq: float) -> str:
    if wdq > 1:
        return "beside the comparison, reports around it fell by more than in the area itself"
    if wdq > 0:
        return "beside the comparison, reports around it fell too"
    if wdq >= -1:
        return "beside the comparison, reports around it rose by less than they fell in the area"
    return "beside the comparison, reports around it rose by more than they fell in the area"
