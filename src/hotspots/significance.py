"""
Whether a hotspot is more than chance would draw: a Monte-Carlo test on map points.

Wherever crime is counted, the best places of a map look hot, hotspots or not. So the set's
incidents are dealt out anew, many times, over a smooth background that has no hotspots; each such
map is drawn as the real one was; and a real hotspot counts for something if it stands out more
than those of the simulated maps do (METHODS §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import xlogy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

N_SIMULATIONS = 999
"""Simulated maps for each set (METHODS §5)."""

STRONG_P = 0.05
"""Largest family-wise p of a strong hotspot (METHODS §5)."""

SUPPORTED_Q = 0.10
"""Largest false discovery rate of a supported hotspot (METHODS §5)."""

LEAST_RATIO = 1.5
"""
A place with less than half as much again as its background is no hotspot, however many incidents
it has: with a hundred thousand of them, what the smoothing gets wrong would else be significant.
"""

HOT_SHARE = 0.5
"""A hotspot is hot on a map if this share of its incidents lies on points drawn there (the rule of
recurrence)."""

LABELS = ("strong", "supported", "watch")

_BATCH_CELLS = 1 << 21
_MOST_MAPS = 64

_SLOTS_PER_POINT = 32
_MOST_SLOTS = 1 << 24


def maps_at_once(n_points: int) -> int:
    """
    Say how many maps are drawn at once: what fits into a processor's cache.

    Parameters
    ----------
    n_points : int

    Returns
    -------
    int
        At least 1; no array of float32 takes more than 8 MB unless one map does.
    """
    return int(np.clip(_BATCH_CELLS // max(n_points, 1), 1, _MOST_MAPS))


class Groups(Protocol):
    """Hotspots of a batch of maps, one row for each point of each hotspot."""

    @property
    def column(self) -> NDArray[np.int64]:
        """Which map of the batch."""

    @property
    def point(self) -> NDArray[np.int64]:
        """Which point."""

    @property
    def group(self) -> NDArray[np.int64]:
        """Which hotspot, numbered from 0 across the batch."""


@dataclass(frozen=True)
class NullMaps:
    """
    What maps without hotspots came to.

    Attributes
    ----------
    llr : array of float64, shape (n_groups,)
        Of every hotspot drawn on any of them, rising.
    largest : array of float64, shape (n_maps,)
        Of each map, rising; zero where nothing was drawn.
    """

    llr: NDArray[np.float64]
    largest: NDArray[np.float64]


def plant(
    expected: NDArray[np.float64], is_hot: NDArray[np.bool_], *, ratio: float
) -> NDArray[np.float64]:
    """
    Raise the risk of some points, the sum over all points kept.

    Parameters
    ----------
    expected : array of float64, shape (n_points,)
    is_hot : array of bool, shape (n_points,)
    ratio : float
        Risk of a hot point over that of the others, each compared with what it expected.

    Returns
    -------
    array of float64, shape (n_points,)
    """
    raised = np.where(is_hot, ratio * expected, expected)
    return np.asarray(raised * (expected.sum() / raised.sum()) if raised.any() else raised)


def scan_llr(
    n: NDArray[np.float64], expected: NDArray[np.float64], *, total: float
) -> NDArray[np.float64]:
    """
    Log-likelihood ratio of the spatial scan statistic: far more inside than expected, or not.

    Parameters
    ----------
    n, expected : array of float64, shape (n_groups,)
        Incidents inside each group, and those the background has there.
    total : float
        Incidents on the map.

    Returns
    -------
    array of float64, shape (n_groups,)
        Zero where there are no more than ``LEAST_RATIO`` times those expected.

    References
    ----------
    Kulldorff (1997), Communications in Statistics: Theory and Methods 26, 1481-1496.
    """
    high = n > LEAST_RATIO * expected
    inside, wanted = n[high], expected[high]
    outside = total - inside
    found = xlogy(inside, inside / wanted) + xlogy(outside, outside / (total - wanted))
    llr = np.zeros(len(n))
    llr[high] = np.maximum(found, 0.0)
    return llr


def simulate_counts(
    expected: NDArray[np.float64],
    xy: NDArray[np.float64],
    *,
    n_incidents: int,
    n_maps: int,
    chance: np.random.Generator,
) -> NDArray[np.float32]:
    """
    Deal out incidents over the points in proportion to what each expects.

    Parameters
    ----------
    expected : array of float64, shape (n_points,)
    xy : array of float64, shape (n_points, 2)
        Metres; the same chance gives a place the same incidents in whatever order points come.
    n_incidents : int
        Incidents on each map.
    n_maps : int
    chance : Generator

    Returns
    -------
    array of float32, shape (n_points, n_maps)
    """
    n = len(expected)
    counts = np.zeros((n_maps, n), dtype=np.float32)
    if n and n_incidents and expected.sum() > 0:
        slots = _slots(expected, xy, chance)
        for row in counts:
            drawn = chance.integers(0, len(slots), size=n_incidents, dtype=np.int32)
            row[:] = np.bincount(slots[drawn], minlength=n)
    return np.ascontiguousarray(counts.T)


def _slots(
    expected: NDArray[np.float64], xy: NDArray[np.float64], chance: np.random.Generator
) -> NDArray[np.int32]:
    """
    Lay out as many slots for each point as its share calls for, so that drawing one is enough.

    This deals a hundred thousand incidents in a millisecond where binomial draws for each point
    take several. The odd part of a slot goes to a point by chance, anew for each batch, so that
    on average every point has exactly its share.
    """
    n_slots = min(_MOST_SLOTS, 1 << int(_SLOTS_PER_POINT * len(expected) - 1).bit_length())
    order = np.lexsort(xy.T)
    filled = np.cumsum(expected[order])
    edges = np.floor(filled * (n_slots / filled[-1]) + chance.random()).astype(np.int64)
    # The first and the last slot share one odd part between them: the last edge is a whole number
    # above the first, wherever chance puts them.
    edges = np.minimum(edges, n_slots)
    edges[-1] = n_slots
    return np.repeat(order.astype(np.int32), np.diff(edges, prepend=0))


def simulate_null(
    expected: NDArray[np.float64],
    expected_again: NDArray[np.float64],
    xy: NDArray[np.float64],
    redraw: Callable[[NDArray[np.float32]], Groups],
    *,
    n_incidents: int,
    n_simulations: int = N_SIMULATIONS,
    seed: int | Sequence[int] = 0,
) -> NullMaps:
    """
    Simulate maps without hotspots, draw them, and keep how hot their hotspots look.

    Parameters
    ----------
    expected : array of float64, shape (n_points,)
        Of ``background``; zero at points not seen yet.
    expected_again : array of float64, shape (n_points,)
        The background of ``expected`` itself: what a simulated map's own estimate comes to. Its
        hotspots are judged by it, so that they gain as much by smoothing as the real ones do.
    xy : array of float64, shape (n_points, 2)
        Metres.
    redraw : callable
        Draws counts of shape (n_points, n_maps) as the real map was drawn.
    n_incidents, n_simulations : int
    seed : int or sequence of int

    Returns
    -------
    NullMaps
    """
    chance = np.random.default_rng(seed)
    at_once = maps_at_once(len(expected))
    found, largest = [], []
    for start in range(0, n_simulations, at_once):
        n_maps = min(at_once, n_simulations - start)
        counts = simulate_counts(
            expected, xy, n_incidents=n_incidents, n_maps=n_maps, chance=chance
        )
        drawn = redraw(counts)
        n = _sums(drawn.group, counts[drawn.point, drawn.column])
        usual = _sums(drawn.group, expected_again[drawn.point])
        llr = scan_llr(n, usual, total=n_incidents)
        owner = np.zeros(len(llr), dtype=np.int64)
        owner[drawn.group] = drawn.column
        top = np.zeros(n_maps)
        np.maximum.at(top, owner, llr)
        found.append(llr)
        largest.append(top)
    none = np.empty(0)
    return NullMaps(
        np.sort(np.concatenate([none, *found])), np.sort(np.concatenate([none, *largest]))
    )


def _sums(
    group: NDArray[np.int64], values: NDArray[np.floating], *, least: int = 0
) -> NDArray[np.float64]:
    """Sum values by group, for at least so many groups."""
    return np.bincount(group, values, least).astype(np.float64)


def family_wise_p(llr: NDArray[np.float64], null: NullMaps) -> NDArray[np.float64]:
    """
    Share of maps without hotspots on which anything stands out as much, the real map among them.

    Parameters
    ----------
    llr : array of float64, shape (n_groups,)
    null : NullMaps

    Returns
    -------
    array of float64, shape (n_groups,)
    """
    n_maps = len(null.largest)
    as_much = n_maps - np.searchsorted(null.largest, llr, side="left")
    return np.asarray((1 + as_much) / (n_maps + 1))


def false_discovery_rate(llr: NDArray[np.float64], null: NullMaps) -> NDArray[np.float64]:
    """
    Hotspots that a map without any would show, over those that the real map shows, as hot or more.

    Parameters
    ----------
    llr : array of float64, shape (n_groups,)
        All hotspots of the real map.
    null : NullMaps

    Returns
    -------
    array of float64, shape (n_groups,)
        At most 1, and never less for a hotspot that stands out less than for one that does more.
    """
    n_maps = len(null.largest)
    as_much = len(null.llr) - np.searchsorted(null.llr, llr, side="left")
    by_chance = (1 + as_much) / (n_maps + 1)
    rising = np.sort(llr)
    real = len(llr) - np.searchsorted(rising, llr, side="left")
    rate = np.minimum(by_chance / real, 1.0)
    # A hotspot is no worse than the best rate of any list that takes it in.
    order = np.argsort(llr, kind="stable")
    best = np.minimum.accumulate(rate[order])
    return np.asarray(best[np.searchsorted(rising, llr, side="right") - 1])


def times_hot(
    labels: NDArray[np.int64],
    counts: NDArray[np.float32],
    expected: NDArray[np.float64],
    drawn: Groups,
    *,
    n_hotspots: int,
) -> NDArray[np.int64]:
    """
    On how many of the simulated maps each real hotspot is hot.

    Parameters
    ----------
    labels : array of int64, shape (n_points,)
        Hotspots numbered from 0; -1 elsewhere.
    counts : array of float32, shape (n_points, n_maps)
    expected : array of float64, shape (n_points,)
        What the counts were dealt out over.
    drawn : Groups
        Hotspots of the simulated maps.
    n_hotspots : int

    Returns
    -------
    array of int64, shape (n_hotspots,)
        Maps on which at least half of the incidents inside lie on points drawn, and
        there are more than ``LEAST_RATIO`` times those expected: a busy street that is drawn at
        its usual number is not hot by chance, it is busy.
    """
    inside = np.flatnonzero(labels >= 0)
    owner = labels[inside]
    row = np.full(len(labels), -1, dtype=np.int64)
    row[inside] = np.arange(len(inside))
    held = np.zeros((len(inside), counts.shape[1]), dtype=np.float32)
    ours = row[drawn.point] >= 0
    point, column = drawn.point[ours], drawn.column[ours]
    held[row[point], column] = counts[point, column]
    member = sparse.csr_matrix(
        (np.ones(len(inside)), (owner, np.arange(len(inside)))), shape=(n_hotspots, len(inside))
    )
    total, taken, usual = (member @ each for each in (counts[inside], held, expected[inside]))
    is_hot = (total > LEAST_RATIO * usual[:, None]) & (taken >= HOT_SHARE * total)
    return np.asarray(is_hot.sum(axis=1))


def judge_groups(
    labels: NDArray[np.int64],
    count: NDArray[np.float64],
    expected: NDArray[np.float64],
    null: NullMaps,
) -> pd.DataFrame:
    """
    Test the hotspots of one set against maps without any.

    Parameters
    ----------
    labels : array of int64, shape (n_points,)
        Hotspots numbered from 0; -1 elsewhere.
    count, expected : array of float64, shape (n_points,)
        Incidents, and those of ``background``.
    null : NullMaps

    Returns
    -------
    DataFrame, one row for each hotspot in order of number
        ``n``, ``expected``, ``llr``, ``p_family``, ``q`` and ``label``.
    """
    inside = labels >= 0
    n_groups = int(labels.max(initial=-1)) + 1
    n = _sums(labels[inside], count[inside], least=n_groups)
    usual = _sums(labels[inside], expected[inside], least=n_groups)
    llr = scan_llr(n, usual, total=float(count.sum()))
    p_family, q = family_wise_p(llr, null), false_discovery_rate(llr, null)
    label = np.select([p_family <= STRONG_P, q <= SUPPORTED_Q], LABELS[:2], LABELS[2])
    return pd.DataFrame(
        {
            "n": n.astype(np.int64),
            "expected": usual,
            "llr": llr,
            "p_family": p_family,
            "q": q,
            "label": pd.Series(label, dtype="str"),
        }
    )
