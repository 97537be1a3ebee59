"""Today's hotspots over time: windows in which they were hot, incidents by month, trends."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots import movement, recurrence
from hotspots.pipeline.tables import CrimeSet, month_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.detect import Detection, ShortWindow
    from hotspots.pipeline.frames import PointList


@dataclass(frozen=True)
class Timeline:
    """
    Every list of map points, seen from the one in force.

    Attributes
    ----------
    lists : tuple of PointList
        Oldest first; the last is in force.
    landings : tuple of array of int64
        For each list, the point in force that its points land on; -1 where none is near.
    start : Timestamp
        First month shown and used for trends.
    """

    lists: tuple[PointList, ...]
    landings: tuple[NDArray[np.int64], ...]
    start: pd.Timestamp

    @classmethod
    def of(cls, found: Detection, lists: Sequence[PointList], *, history_months: int) -> Timeline:
        """Look back from the last frame over some months of history."""
        now = found.frame.at
        older = [each for each in lists if each is not now]
        landings = [found.frame.landing(each) for each in older]
        start = found.frame.month - pd.DateOffset(months=history_months - 1)
        return cls((*older, now), (*landings, np.arange(len(now.ids))), start)

    def hotspots_of(self, labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return for each list the hotspot that each of its points belongs to, or -1."""
        return [np.where(landing >= 0, labels[landing], -1) for landing in self.landings]

    def months_of(self, at: PointList) -> NDArray[np.bool_]:
        """Mark the months of a list that are shown."""
        return np.asarray(at.counts.months >= self.start)

    def counts_of(self, crime_set: CrimeSet) -> list[NDArray[np.int64]]:
        """Count the incidents of a set at the points of each list, in the months shown."""
        return [at.counts.by_month(crime_set.types)[:, self.months_of(at)] for at in self.lists]


def recurrence_table(
    timeline: Timeline,
    labels: NDArray[np.int64],
    windows: Sequence[ShortWindow],
    crime_set: CrimeSet,
    chance_hot: NDArray[np.float64],
) -> pd.DataFrame:
    """
    Say in which windows each of today's hotspots was hot, and the class they make.

    Parameters
    ----------
    timeline : Timeline
    labels : array of int64, shape (n_points,)
        Today's hotspots on the list in force.
    windows : sequence of ShortWindow
        Non-overlapping windows with data, oldest first.
    crime_set : CrimeSet
    chance_hot : array of float64, shape (n_hotspots,)
        Chance of each to be hot in such a window if there were no hotspots.

    Returns
    -------
    DataFrame, one row for each hotspot
        Columns ``windows_hot``, ``windows_seen``, ``window_months``, ``chance_hot``, ``class``,
        ``is_recurring``.
    """
    n = int(labels.max(initial=-1)) + 1
    on_list = dict(zip(map(id, timeline.lists), timeline.hotspots_of(labels), strict=True))
    hot = np.zeros((n, len(windows)), dtype=bool)
    for i, window in enumerate(windows):
        hotspot = on_list[id(window.at)]
        is_drawn = window.drawn.labels >= 0
        hot[:, i] = recurrence.were_hot(hotspot, window.drawn.count, is_drawn, n_hotspots=n)
    return pd.DataFrame(
        {
            "windows_hot": hot.sum(axis=1),
            "windows_seen": len(windows),
            "window_months": crime_set.recurrence_months,
            "chance_hot": chance_hot,
            "class": recurrence.classify_recurrence(hot),
            "is_recurring": recurrence.is_recurring(hot, chance_hot),
        }
    )


def monthly(
    timeline: Timeline, labels: NDArray[np.int64], counts: Sequence[NDArray[np.int64]]
) -> pd.DataFrame:
    """
    Count the incidents of a set in each hotspot, month by month.

    Parameters
    ----------
    timeline : Timeline
    labels : array of int64, shape (n_points,)
        Today's hotspots on the list in force.
    counts : sequence of array of int64
        Of ``Timeline.counts_of``.

    Returns
    -------
    DataFrame, hotspots by observed months
        Columns have two levels: ``month`` and ``is_rebased``, true for earlier lists.
    """
    n = int(labels.max(initial=-1)) + 1
    parts = []
    on_lists = zip(timeline.lists, timeline.hotspots_of(labels), counts, strict=True)
    for at, hotspot, own in on_lists:
        shown, inside = timeline.months_of(at), hotspot >= 0
        total = np.zeros((n, own.shape[1]))
        np.add.at(total, hotspot[inside], own[inside])
        is_rebased = np.full(total.shape[1], at is not timeline.lists[-1])
        names = ["month", "is_rebased"]
        columns = pd.MultiIndex.from_arrays([at.counts.months[shown], is_rebased], names=names)
        parts.append(pd.DataFrame(total, columns=columns))
    return pd.concat(parts, axis=1)


def trends(series: pd.DataFrame, counts: Sequence[NDArray[np.int64]]) -> pd.DataFrame:
    """
    Measure the trend of each hotspot's share of the area's incidents of a set.

    Parameters
    ----------
    series : DataFrame
        From ``monthly``.
    counts : sequence of array of int64
        Of ``Timeline.counts_of``.

    Returns
    -------
    DataFrame, one row for each hotspot
        Columns ``trend_per_year``, ``trend_low``, ``trend_high``, ``trend_p``.
    """
    whole = np.concatenate([each.sum(axis=0) for each in counts])
    months = month_numbers(pd.DatetimeIndex(series.columns.get_level_values("month")))
    observed = whole > 0
    share = series.to_numpy()[:, observed] / whole[observed]
    found = movement.trends(months[observed], share)
    return pd.DataFrame(found._asdict()).add_prefix("trend_")


def series_rows(
    series: pd.DataFrame, hotspot_ids: NDArray[np.str_], crime_set: CrimeSet
) -> pd.DataFrame:
    """Turn hotspots by months into rows of ``schema.SERIES``; a month of none is a zero."""
    n, width = series.shape
    return pd.DataFrame(
        {
            "hotspot_id": np.repeat(hotspot_ids, width),
            "crime_group": crime_set.name,
            "month": np.tile(series.columns.get_level_values("month").to_numpy(), n),
            "n": series.to_numpy().ravel(),
            "is_rebased": np.tile(series.columns.get_level_values("is_rebased").to_numpy(), n),
        }
    )


def season_rows(counts: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """
    Say at which time of the year most is recorded; a row of the method card, or none.

    Parameters
    ----------
    counts : DataFrame
        ``schema.COUNTS`` of the months shown.
    """
    by_month = counts.groupby("month")["n"].sum().sort_index()
    months = month_numbers(pd.DatetimeIndex(by_month.index)) - 1
    found = movement.seasons(months, by_month.to_numpy(dtype=np.float64))
    if not found:
        return ()
    most, least = max(found, key=lambda each: each.ratio), min(found, key=lambda each: each.ratio)
    high, low = (f"{calendar.month_name[each.month]} ({each.ratio:.2f} of a mean month)"
                 for each in (most, least))  # fmt: skip
    years = min(each.years for each in found)
    return (
        (
            "Time of the year",
            f"most is recorded in {high}, least in {low}, over {years} years or more",
        ),
    )
