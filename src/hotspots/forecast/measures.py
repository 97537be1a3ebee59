"""How well flagged ground held the crime that came after: every measure of METHODS §7."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse, special

from hotspots.forecast.units import Units, ranked_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

HOLD_P = 0.05
"""A hotspot holds if so many incidents would come by chance less often than this (METHODS §7)."""

INTERVAL = (0.025, 0.975)
"""Quantiles of the resamples between which an interval lies."""


@dataclass(frozen=True)
class Budget:
    """
    How much of a ranking is flagged.

    Attributes
    ----------
    name : str
        As the table of scores shows it: "0.5 %", "top 50".
    area_m2 : float, optional
        Charged area to fill; the unit that crosses it counts pro rata.
    top : int, optional
        Units to take, whatever their area.
    """

    name: str
    area_m2: float | None = None
    top: int | None = None


@dataclass(frozen=True)
class Trial:
    """
    One crime set at one origin: what was known there, and what came.

    Attributes
    ----------
    train : array of float64, shape (n_points,)
        Incidents in the training window.
    test : array of float64, shape (n_points,)
        Incidents in the test window. Those at points not seen by the origin lie in no unit, but
        they count among all.
    background : array of float64, shape (n_points,)
        Chance of each point to have an incident if there were no hotspots; sums to 1.
    area_m2 : array of float64, shape (n_points,)
        Catchments; zero where not seen by the origin.
    study_area_m2 : float
    """

    train: NDArray[np.float64]
    test: NDArray[np.float64]
    background: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    study_area_m2: float

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """Points known at the origin."""
        return self.area_m2 > 0

    @cached_property
    def caught(self) -> NDArray[np.float64]:
        """Incidents of the test that some unit could hold."""
        return np.where(self.seen, self.test, 0.0)

    @cached_property
    def most(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Area and incidents of the best map that hindsight could draw, as a curve."""
        density = np.divide(
            self.caught, self.area_m2, out=np.zeros_like(self.caught), where=self.seen
        )
        best = ranked_points(density, self.area_m2)
        held = np.bincount(best.unit + 1, self.caught, minlength=len(best.area_m2) + 1)[1:]
        return _curve(best.area_m2), _curve(held.astype(np.float64))


def _curve(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return running totals from zero."""
    return np.concatenate([[0.0], np.cumsum(steps)])


@dataclass(frozen=True)
class Flagged:
    """
    What a method flags under several budgets.

    Attributes
    ----------
    units : Units
    budgets : tuple of Budget
    """

    units: Units
    budgets: tuple[Budget, ...]

    @cached_property
    def parts(self) -> NDArray[np.float64]:
        """
        How much of each unit every budget flags, shape (n_units, n_budgets).

        1 for a whole unit, a fraction for the one that crosses the budget, else 0. Units that no
        budget reaches have no row.
        """
        area_m2 = self.units.area_m2
        filled = np.cumsum(area_m2)
        wanted = [
            budget.area_m2 or 0.0
            if budget.top is None
            else filled[min(budget.top, len(filled)) - 1]
            if len(filled)
            else 0.0
            for budget in self.budgets
        ]
        reached = int(np.searchsorted(filled, max(wanted, default=0.0), side="right")) + 1
        before, size = (filled - area_m2)[:reached, None], area_m2[:reached, None]
        # A unit on ground charged already costs nothing and is whole as soon as it is reached.
        parts = np.where(
            size > 0, (wanted - before) / np.where(size > 0, size, 1.0), wanted >= before
        )
        for j, budget in enumerate(self.budgets):
            if budget.top is not None:
                parts[:, j] = np.arange(len(parts)) < budget.top
        return np.clip(parts, 0.0, 1.0)

    @cached_property
    def is_filled(self) -> NDArray[np.bool_]:
        """Whether the method has units enough for each budget, rounding errors aside."""
        n, area_m2 = len(self.units.area_m2), float(self.units.area_m2.sum())
        return np.array(
            [
                area_m2 >= (budget.area_m2 or 0.0) * (1 - 1e-9)
                if budget.top is None
                else n >= budget.top
                for budget in self.budgets
            ]
        )

    @cached_property
    def _members(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Points of the units that some budget reaches, and the unit of each."""
        unit = self.units.unit
        points = np.flatnonzero((unit >= 0) & (unit < len(self.parts)))
        return points, unit[points]

    @cached_property
    def _steps(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """
        Order the budgets by what they flag, and say what each adds to the one before it.

        Budgets hold one another, so that a unit is in one or two of the steps only.
        """
        order = np.argsort(self.parts.sum(axis=0), kind="stable")
        steps = np.diff(self.parts[:, order], axis=1, prepend=0.0)
        return order, np.ascontiguousarray(steps.T)

    def added(
        self, values: NDArray[np.float64], some: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """
        Say what the values of map points add to each step from a budget to the next larger one.

        Parameters
        ----------
        values : array of float64, shape (n_points,)
        some : array of int64
            The points where there is any, in order.

        Returns
        -------
        n : array of int64, shape (n_budgets,)
            Entries of each step.
        point : array of int64, shape (n_entries,)
            By step, then in order.
        value : array of float32, shape (n_entries,)
        """
        _, steps = self._steps
        unit = self.units.unit[some]
        reached = (unit >= 0) & (unit < len(self.parts))
        points, shares = some[reached], steps[:, unit[reached]]
        step, at = np.nonzero(shares)
        value = (shares[step, at] * values[points[at]]).astype(np.float32)
        return np.bincount(step, minlength=len(steps)), points[at], value

    def by_budget(self, by_step: NDArray[np.float32]) -> NDArray[np.float64]:
        """Turn what each step adds into what each budget holds, in the order of the budgets."""
        order, _ = self._steps
        total = np.empty(by_step.shape)
        total[order] = np.cumsum(by_step, axis=0)
        return total

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum values of the map points over each unit that a budget reaches."""
        points, unit = self._members
        total = np.bincount(unit, values[points], minlength=len(self.parts))
        return np.asarray(total, dtype=np.float64)


@dataclass(frozen=True)
class Resamples:
    """
    Map points drawn again and again with all their incidents, for intervals.

    Incidents come in bursts at the same places, so that resampling them one by one gives
    intervals that are too short: month by month, hit rates of the same flagged ground vary 1.4
    times as much (in variance) on the Lancashire files. Resampling places gives 0.7 to 1.0 times.

    Attributes
    ----------
    weight : array of float32, shape (n_points, n_resamples)
        How often each point is drawn: independent Poisson counts of mean 1, the large-sample form
        of the bootstrap.
    """

    weight: NDArray[np.float32]

    @classmethod
    def of_places(cls, n_points: int, *, seed: int, n_resamples: int = 200) -> Resamples:
        """Draw resamples; all crime sets and methods of an origin should share them."""
        drawn = np.random.default_rng(seed).poisson(1.0, (n_points, n_resamples))
        return cls(drawn.astype(np.float32))

    def hit_intervals(
        self, methods: Iterable[Flagged], test: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """
        Return a 95 % interval of the hit rate.

        Parameters
        ----------
        methods : iterable of Flagged
        test : array of float64, shape (n_points,)

        Returns
        -------
        array of float64, shape (2, n_cases)
            Low and high of each method and budget; missing where nothing came.
        """
        methods, some = tuple(methods), np.flatnonzero(test)
        n_cases = [len(each.budgets) for each in methods]
        if not len(some):
            return np.full((2, sum(n_cases)), np.nan)
        # One matrix for everything, all that came in its last row: many small ones cost twice.
        came = (np.array([len(some)]), some, test[some].astype(np.float32))
        parts = [*(each.added(test, some) for each in methods), came]
        n, point, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        begins, shape = np.append(0, np.cumsum(n)), (len(n), len(test))
        drawn = sparse.csr_matrix((value, point, begins), shape=shape) @ self.weight
        by_method = np.split(drawn[:-1], np.cumsum(n_cases)[:-1])
        held = np.concatenate(
            [each.by_budget(steps) for each, steps in zip(methods, by_method, strict=True)]
        )
        total = np.maximum(drawn[-1], 1.0)
        share = np.minimum(held / total, 1.0)
        return np.asarray(np.quantile(share, INTERVAL, axis=1), dtype=np.float64)


def measure(
    methods: Mapping[str, Flagged], trial: Trial, resamples: Resamples | None = None
) -> dict[str, NDArray[np.generic]]:
    """
    Score several methods for one crime set at one origin.

    Parameters
    ----------
    methods : mapping of method name to Flagged
    trial : Trial
    resamples : Resamples, optional
        Of the same map points; without them there are no intervals.

    Returns
    -------
    dict of column name to array, one value for each method and budget
        ``method``; ``budget``; ``n`` and ``n_all``, incidents of the test in flagged ground and
        in all; ``charged_area_m2``; ``area_share`` of the study area; ``is_filled``, false where
        the method had not enough units; ``n_units`` flagged, pro rata; ``hit`` with ``hit_low``
        and ``hit_high``, ``pai``, ``pei``, ``rri``, ``ser`` (incidents per km²), ``hold_rate`` and
        ``kept_excess`` (METHODS §7), missing where they would divide by zero. Arrays, for a
        table of each of many sets and origins would cost more than the scores.
    """
    names = [(name, budget.name) for name, each in methods.items() for budget in each.budgets]
    method, budget = np.array(names, dtype=object).reshape(-1, 2).T
    totals = [_totals(each, trial) for each in methods.values()] or [np.zeros((0, 6))]
    n, n_before, share, n_units, n_holding, area_m2 = np.concatenate(totals).T
    total_before, total = float(trial.train.sum()), float(trial.test.sum())
    excess_before = _ratio(n_before, share * total_before) - 1
    excess = _ratio(n, share * total) - 1
    if resamples is None or not methods:
        low, high = np.full((2, len(n)), np.nan)
    else:
        low, high = resamples.hit_intervals(methods.values(), trial.test)
    filled = [each.is_filled for each in methods.values()]
    hit, area_share = _share(n, total), area_m2 / trial.study_area_m2
    return {
        "method": method,
        "budget": budget,
        "n": n,
        "n_all": np.full(len(n), total),
        "charged_area_m2": area_m2,
        "area_share": area_share,
        "is_filled": np.concatenate([*filled, np.empty(0, dtype=bool)]),
        "n_units": n_units,
        "hit": hit,
        "hit_low": low,
        "hit_high": high,
        "pai": _ratio(hit, area_share),
        "pei": _ratio(n, np.interp(area_m2, *trial.most)),
        "rri": _ratio(_ratio(n, n_before), _ratio(total, total_before)),
        "ser": _ratio(n, area_m2 / 1e6),
        "hold_rate": _share(n_holding, n_units),
        "kept_excess": _ratio(excess, np.where(excess_before > 0, excess_before, 0.0)),
    }


def _totals(flagged: Flagged, trial: Trial) -> NDArray[np.float64]:
    """
    Add up what each budget flags, one row for each.

    Returns
    -------
    array of float64, shape (n_budgets, 6)
        Incidents of the test, of training, share of the background; units, units that hold, area.
    """
    come, known, share = (
        flagged.sums(each) for each in (trial.caught, trial.train, trial.background)
    )
    held = holds(come, share * float(trial.test.sum()))
    area_m2 = flagged.units.area_m2[: len(come)]
    units = np.column_stack([come, known, share, np.ones(len(come)), held, area_m2])
    return np.asarray(flagged.parts.T @ units)


def _ratio(
    above: NDArray[np.float64] | float, below: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Divide, with a missing value where there is nothing to divide by."""
    top, bottom = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0))


def _share(part: NDArray[np.float64], whole: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Divide a part by its whole; rounding makes it no more than that."""
    return np.minimum(_ratio(part, whole), 1.0)


def holds(n: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.bool_]:
    """
    Say which counts exceed what the background leads to expect, by a one-sided Poisson test.

    Parameters
    ----------
    n, expected : array of float64, shape (n_units,)
        Incidents in the test window, and the mean without hotspots.
    """
    # The chance of n or more: the regularised lower incomplete gamma function of (n, mean).
    found = n > 0
    found[found] = special.gammainc(n[found], np.maximum(expected[found], 0.0)) < HOLD_P
    return found
