"""Which months train and which test: origins, their windows, and those that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TRAIN_MONTHS = 12
HORIZONS_MONTHS = (1, 3)
N_ORIGINS = 3
"""Train twelve months, test the next one and three, at the last three origins (METHODS §7)."""

LEAST_TRAIN_MONTHS = 3
"""A training window with fewer observed months is not scored: less than a quarter's record."""


class Fold(NamedTuple):
    """
    One origin and one horizon.

    Attributes
    ----------
    origin : Timestamp
        Last month of the training window.
    horizon_months : int
        Months tested, all observed: from the month after the origin.
    list_id : str
        List of map points in force in every month of the test.
    months_observed : int
        Months with data in the training window; a missing month is not a month of zeros.
    is_rebased : bool
        Whether some of them are of an earlier list.
    """

    origin: pd.Timestamp
    horizon_months: int
    list_id: str
    months_observed: int
    is_rebased: bool


class Unused(NamedTuple):
    """An origin and horizon that cannot be scored, and why, in words."""

    origin: pd.Timestamp
    horizon_months: int
    reason: str


def plan_folds(
    list_of_month: pd.Series,
    *,
    horizons_months: Sequence[int] = HORIZONS_MONTHS,
    n_origins: int = N_ORIGINS,
    train_months: int = TRAIN_MONTHS,
    across_lists: bool = False,
) -> tuple[list[Fold], list[Unused]]:
    """
    Choose the last origins of each list of map points.

    Every horizon is tested from the same origins: the last ones with the longest test that can
    be made there, so that one fit serves all horizons.

    Parameters
    ----------
    list_of_month : Series of str, indexed by month
        List in force in each observed month, in order; a missing month has no row.
    horizons_months : sequence of int
    n_origins : int
        Origins wanted of each list.
    train_months : int
        Calendar months of the training window, missing ones included.
    across_lists : bool
        Also use origins whose training window holds months of an earlier list.

    Returns
    -------
    used : list of Fold
        By origin, then horizon.
    unused : list of Unused
        Tests that could not be made at origins no earlier than the first used of their list; of
        all origins of a list without any.
    """
    used: list[Fold] = []
    unused: list[Unused] = []
    in_force = dict(zip(map(_number, list_of_month.index), list_of_month, strict=True))
    for list_id in list_of_month.unique():
        own = list_of_month.index[list_of_month == list_id]
        tried = {
            origin: [
                _fold(in_force, origin, n, train_months, across_lists=across_lists)
                for n in sorted(horizons_months)
            ]
            for origin in own
        }
        reach = {origin: _reach(folds) for origin, folds in tried.items()}
        usable = [origin for origin in own if reach[origin]]
        chosen = sorted(sorted(usable, key=lambda o: (reach[o], o))[-n_origins:])
        first = chosen[0] if chosen else own[0]
        used += [f for o in chosen for f in tried[o] if isinstance(f, Fold)]
        unused += [
            f for o in own if o >= first for f in tried[o] if isinstance(f, Unused)
        ]  # fmt: skip
    return used, unused


def _reach(folds: Sequence[Fold | Unused]) -> int:
    """Return the longest horizon that can be tested, 0 if none."""
    return max((fold.horizon_months for fold in folds if isinstance(fold, Fold)), default=0)


def _number(month: pd.Timestamp) -> int:
    """Count calendar months from the year 0."""
    return month.year * 12 + month.month


def _fold(
    in_force: Mapping[int, str],
    origin: pd.Timestamp,
    horizon_months: int,
    train_months: int,
    *,
    across_lists: bool,
) -> Fold | Unused:
    """Return the fold, or why there is none, given the list of each observed month."""
    at = _number(origin)
    list_id = in_force[at]
    window = range(at - train_months + 1, at + 1)
    train = [in_force[month] for month in window if month in in_force]
    is_rebased = any(each != list_id for each in train)
    reason = ""
    if len(train) < LEAST_TRAIN_MONTHS:
        reason = f"{len(train)} of its {train_months} training months have data"
    elif is_rebased and not across_lists:
        reason = "its training window straddles a change of the list of map points"
    for i in range(1, horizon_months + 1):
        if reason:
            break
        if in_force.get(at + i) != list_id:
            month = origin + pd.DateOffset(months=i)
            known = "is on another list of map points" if at + i in in_force else "has no data"
            reason = f"test month {month:%Y-%m} {known}"
    if reason:
        return Unused(origin, horizon_months, reason)
    return Fold(origin, horizon_months, list_id, len(train), is_rebased)
