"""Stage: walk through the months, draw every set's hotspots, keep the register of their lives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots import recurrence
from hotspots.cluster import NOISE
from hotspots.pipeline.drawing import DetectRules, Drawn, draw_sets
from hotspots.pipeline.frames import Frame, PointList, frames
from hotspots.pipeline.tables import LEAST_MONTHS, WINDOW_MONTHS, CrimeSet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

LEAST_OBSERVED_SHARE = 2 / 3
"""A quarter or half-year counts towards recurrence if this share of its months was observed."""


@dataclass(frozen=True)
class ShortWindow:
    """A quarter or half-year of one set: its list and its map."""

    at: PointList
    drawn: Drawn


@dataclass(frozen=True)
class PastMap:
    """
    One set's hotspots in an earlier window.

    Attributes
    ----------
    month : Timestamp
        Last month of the window.
    at : PointList
    name : str
        Of the set.
    points : array of int64
        Rows of the list that lie in hotspots.
    numbers : array of int64
        Register number of the hotspot of each.
    """

    month: pd.Timestamp
    at: PointList
    name: str
    points: NDArray[np.int64]
    numbers: NDArray[np.int64]


@dataclass
class Detection:
    """
    All that the walk through the months found.

    Attributes
    ----------
    frame : Frame
        The last one.
    is_rebased : bool
        Whether the last window straddles a change of list.
    months_observed : int
        In the last window.
    drawn : dict of CrimeSet to Drawn
        Of the last window.
    numbers : dict of set name to array of int64
        Register number of each hotspot drawn there.
    born : dict of int to Timestamp
        Window end in which each hotspot was first drawn.
    events : list of (set name, window end, Event)
    short : dict of set name to list of ShortWindow
        Oldest first, only windows with data.
    maps : list of PastMap
        Every map drawn, the last one too, oldest first.
    drawn_in : Frame, optional
        The frame of ``drawn``.
    """

    frame: Frame
    is_rebased: bool = False
    months_observed: int = 0
    drawn: dict[CrimeSet, Drawn] = field(default_factory=dict)
    numbers: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    born: dict[int, pd.Timestamp] = field(default_factory=dict)
    events: list[tuple[str, pd.Timestamp, recurrence.Event]] = field(default_factory=list)
    short: dict[str, list[ShortWindow]] = field(default_factory=lambda: defaultdict(list))
    maps: list[PastMap] = field(default_factory=list)
    drawn_in: Frame | None = None

    def last_map(self) -> dict[CrimeSet, Drawn] | None:
        """Return the map before the present frame, if of its list and of overlapping months."""
        before, now = self.drawn_in, self.frame
        if before is None or before.at is not now.at:
            return None
        reach = pd.DateOffset(months=WINDOW_MONTHS)
        return self.drawn if before.month + reach > now.month else None

    def clear(self, drawn: dict[CrimeSet, Drawn]) -> None:
        """Take counts of a window that is too short, and no hotspots."""
        none = {each: np.full(len(one.count), NOISE, np.int64) for each, one in drawn.items()}
        self.drawn = {each: replace(one, labels=none[each]) for each, one in drawn.items()}
        self.numbers = {each.name: np.empty(0, dtype=np.int64) for each in drawn}


def detect(lists: Sequence[PointList], sets: Sequence[CrimeSet], rules: DetectRules) -> Detection:
    """
    Walk through every observed month, oldest first.

    Each month with at least three observed months behind it gives one window of identities.
    Quarters and half-years back from the last month, within the history that the settings ask
    for, give recurrence.

    Returns
    -------
    Detection
        Without hotspots if the last window has fewer than three observed months.

    Raises
    ------
    ValueError
        If the lists hold no month.
    """
    months = [month for each in lists for month in each.counts.months]
    last = max(months)
    first = last - pd.DateOffset(months=rules.history_months - 1)
    lengths = {crime_set.recurrence_months for crime_set in sets}
    short_ends = {n: _window_ends(months, first=first, length=n) for n in lengths}
    registers: dict[str, recurrence.Register] = defaultdict(recurrence.Register)
    number = count(1)
    ends = {month for each in short_ends.values() for month in each}
    drawn_months = {month for month in months if _observed(months, month) >= LEAST_MONTHS}
    found: Detection | None = None
    for frame in frames(lists, wanted=ends | drawn_months | {last}):
        found = found or Detection(frame)
        if frame.at is not found.frame.at:
            _carry_over(registers, frame, found.frame.at)
        found.frame = frame
        drawn, found.months_observed, found.is_rebased = draw_sets(
            frame, WINDOW_MONTHS, sets, rules, last_map=found.last_map()
        )
        if found.months_observed >= LEAST_MONTHS:
            found.drawn, found.drawn_in = drawn, frame
            _register(found, registers, lambda: next(number))
        for length, short in short_ends.items():
            if frame.month in short:
                alike = [each for each in sets if each.recurrence_months == length]
                _draw_short(found, alike, rules, short[frame.month])
        if found.months_observed < LEAST_MONTHS and frame.month == last:
            found.clear(drawn)
    if found is None:  # for the type checker: the last month is a frame
        msg = "there is no month to draw hotspots for"
        raise ValueError(msg)
    return found


def _observed(months: Sequence[pd.Timestamp], end: pd.Timestamp) -> int:
    """Count the observed months of the window of identities that ends with a month."""
    start = end - pd.DateOffset(months=WINDOW_MONTHS - 1)
    return sum(start <= month <= end for month in months)


def _carry_over(registers: dict[str, recurrence.Register], frame: Frame, older: PointList) -> None:
    """Carry every register over to the list of the frame."""
    landing = frame.landing(older)
    for name, register in registers.items():
        registers[name] = recurrence.moved(register, landing)


def _register(
    found: Detection,
    registers: dict[str, recurrence.Register],
    new_number: Callable[[], int],
) -> None:
    """Match this window's hotspots to those known, and note what happened."""
    month = found.frame.month
    for crime_set, drawn in found.drawn.items():
        name = crime_set.name
        registers[name], found.numbers[name], events = recurrence.advance(
            registers[name], drawn.labels, drawn.count, found.frame.area_m2,
            new_number=new_number,
        )  # fmt: skip
        for event in events:
            found.born.setdefault(event.number, month)
            found.events.append((name, month, event))
        inside = np.flatnonzero(drawn.labels >= 0)
        numbers = found.numbers[name][drawn.labels[inside]]
        found.maps.append(PastMap(month, found.frame.at, name, inside, numbers))


def _window_ends(
    months: Sequence[pd.Timestamp], *, first: pd.Timestamp, length: int
) -> dict[pd.Timestamp, pd.Timestamp]:
    """
    Lay windows back from the last month to the first.

    Returns
    -------
    dict of Timestamp to Timestamp
        For the last observed month of each window with data, the month that ends the window.
    """
    last = months[-1]
    ends: dict[pd.Timestamp, pd.Timestamp] = {}
    for month in months:
        behind = (last.year - month.year) * 12 + last.month - month.month
        end = last - pd.DateOffset(months=behind // length * length)
        if end - pd.DateOffset(months=length - 1) >= first:
            ends = {seen: old for seen, old in ends.items() if old != end} | {month: end}
    return ends


def _draw_short(
    found: Detection, sets: Sequence[CrimeSet], rules: DetectRules, end: pd.Timestamp
) -> None:
    """Draw sets in their quarter or half-year, if enough of its months were observed."""
    length = sets[0].recurrence_months
    drawn, observed, _ = draw_sets(found.frame, length, sets, rules, end=end, with_earlier=False)
    if observed >= LEAST_OBSERVED_SHARE * length:
        for crime_set in sets:
            window = ShortWindow(found.frame.at, drawn[crime_set])
            found.short[crime_set.name].append(window)
