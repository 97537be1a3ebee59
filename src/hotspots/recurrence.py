"""
Hotspots over time: the same hotspot in the next window, how often it was hot, its class.

Identities come from a register that is replayed window by window: an old hotspot goes on in the
new group that holds most of its incidents. Ids are never used again, so a link to a hotspot
keeps its meaning (METHODS §6).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special  # scipy.stats takes half a second to load

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CONTINUES_SHARE = 0.5
SPLITS_SHARE = 0.25
LEAST_IOU = 0.1
MEMORY_WINDOWS = 3
"""Directed overlap, parts of a split, overlap of area and memory of the register (METHODS §6)."""

HOT_OVERLAP = 0.5
"""A hotspot was hot in a window if this share of its incidents lay on points drawn there."""

PERSISTENT_SHARE = 0.8
RECENT_SHARE = 0.2
RECURRING_SHARE = 0.5
"""Rules of the recurrence classes (FACTS §4 b, METHODS §6)."""

RECURRING_P = 0.05
"""Largest chance of so many hot windows on maps without hotspots for "recurring"."""

LEAST_WINDOWS_RECURRING = 3
LEAST_WINDOWS_CLASS = 4
"""With fewer windows the words "recurring" and the classes would say more than is known."""


class Event(NamedTuple):
    """One event in a hotspot's life; ``related`` is the number it split from or merged into."""

    number: int
    kind: str
    related: int | None
    n: int


@dataclass(frozen=True)
class Register:
    """
    Every hotspot of one crime set that has not ended.

    Attributes
    ----------
    number : array of int64, shape (n_hotspots,)
    absent : array of int64, shape (n_hotspots,)
        Windows since each was last drawn.
    owner : array of int64, shape (n_rows,)
        Hotspot of each of its map points, as a row of ``number``; rising.
    points : array of int64, shape (n_rows,)
        Map points, as rows of the list in force.
    weight : array of float64, shape (n_rows,)
        Incidents at those points in the window in which the hotspot was last drawn.
    """

    number: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    absent: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    owner: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    points: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    weight: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class _Links:
    """Old hotspots and new groups that may be the same, and the share of the old one's weight."""

    old: NDArray[np.int64]
    new: NDArray[np.int64]
    share: NDArray[np.float64]


def moved(register: Register, target: NDArray[np.int64]) -> Register:
    """
    Carry a register over to another list of map points.

    Parameters
    ----------
    register : Register
    target : array of int64
        Row in the new list of each old point, or -1 where none is near.

    Returns
    -------
    Register
        With the weights of points that share a new point added up.
    """
    to = target[register.points]
    lands = to >= 0
    n = int(target.max(initial=0)) + 1
    key, inverse = np.unique(register.owner[lands] * n + to[lands], return_inverse=True)
    owner, points = np.divmod(key, n)
    weight = _sums(inverse, register.weight[lands], len(key))
    return replace(register, owner=owner, points=points, weight=weight)


def advance(
    register: Register,
    labels: NDArray[np.int64],
    count: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    *,
    new_number: Callable[[], int],
) -> tuple[Register, NDArray[np.int64], list[Event]]:
    """
    Match the groups of a new window to the hotspots known before it.

    Parameters
    ----------
    register : Register
        Hotspots known, on the same list of points as the new groups.
    labels : array of int64, shape (n_points,)
        Groups of the new window numbered from 0; -1 elsewhere.
    count, area_m2 : array of float64, shape (n_points,)
        Incidents in the new window and catchment areas.
    new_number : callable
        Gives the next number that was never used.

    Returns
    -------
    register : Register
    numbers : array of int64, shape (n_groups,)
        Number of each group.
    events : list of Event
        Of this window: groups in order, then hotspots that merged or ended.
    """
    inside = np.flatnonzero(labels >= 0)
    points = inside[np.argsort(labels[inside], kind="stable")]
    group = labels[points]
    n_old, n_groups = len(register.number), int(labels.max(initial=-1)) + 1
    links = _links(register, labels, area_m2, _sums(group, area_m2[points], n_groups))
    heir = _assign(links, n_old, n_groups)
    parent = _greatest(links.new, links.old, links.share, n_groups)
    n = np.bincount(group, count[points], n_groups).astype(np.int64)
    numbers = np.empty(n_groups, dtype=np.int64)
    events = []
    for g, h in enumerate(heir.tolist()):
        numbers[g] = register.number[h] if h >= 0 else new_number()
        kind = "continued" if h >= 0 else "born" if parent[g] < 0 else "split"
        related = int(register.number[parent[g]]) if kind == "split" else None
        events.append(Event(int(numbers[g]), kind, related, int(n[g])))
    is_absent, gone = _not_drawn(register, links, heir, numbers)
    drawn = Register(numbers, np.zeros_like(numbers), group, points, count[points])
    return _with_absent(drawn, register, is_absent), numbers, events + gone


def _sums(of: NDArray[np.int64], values: NDArray[np.floating], n: int) -> NDArray[np.float64]:
    """Sum values by what each is of, 0 to n."""
    return np.bincount(of, values, n).astype(np.float64)


def _links(
    register: Register,
    labels: NDArray[np.int64],
    area_m2: NDArray[np.float64],
    new_area_m2: NDArray[np.float64],
) -> _Links:
    """Return the pairs of an old hotspot and a new group that are linked, by old and by new."""
    n_old, n_new = len(register.number), len(new_area_m2)
    area = area_m2[register.points]
    in_group = labels[register.points]
    shared = in_group >= 0
    key, pair = np.unique(register.owner[shared] * n_new + in_group[shared], return_inverse=True)
    old, new = np.divmod(key, max(n_new, 1))
    total = _sums(register.owner, register.weight, n_old)
    share = _sums(pair, register.weight[shared], len(key)) / np.maximum(total[old], 1e-9)
    both = _sums(pair, area[shared], len(key))
    either = _sums(register.owner, area, n_old)[old] + new_area_m2[new] - both
    is_part = share >= SPLITS_SHARE
    splits = is_part & (np.bincount(old, is_part, n_old)[old] >= 2)  # noqa: PLR2004 - two make a split
    linked = (share >= CONTINUES_SHARE) | splits
    linked &= both / np.maximum(either, 1e-9) >= LEAST_IOU
    return _Links(old[linked], new[linked], share[linked])


def _assign(links: _Links, n_old: int, n_groups: int) -> NDArray[np.int64]:
    """Give each group at most one old hotspot and the reverse, the greatest share first."""
    heir = np.full(n_groups, -1, dtype=np.int64)
    is_taken = np.zeros(n_old, dtype=bool)
    for i in np.lexsort((links.new, links.old, -links.share)):
        h, g = links.old[i], links.new[i]
        if heir[g] < 0 and not is_taken[h]:
            heir[g] = h
            is_taken[h] = True
    return heir


def _greatest(
    of: NDArray[np.int64], other: NDArray[np.int64], share: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Return what each is linked to with the greatest share, ties to the lowest; -1 for none."""
    order = np.lexsort((other, -share, of))
    which, first = np.unique(of[order], return_index=True)
    found = np.full(n, -1, dtype=np.int64)
    found[which] = other[order[first]]
    return found


def _not_drawn(
    register: Register, links: _Links, heir: NDArray[np.int64], numbers: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], list[Event]]:
    """Return which hotspots are remembered without being drawn, and what became of the others."""
    n_old = len(register.number)
    is_left = np.ones(n_old, dtype=bool)
    is_left[heir[heir >= 0]] = False
    into = _greatest(links.old, links.new, links.share, n_old)
    is_gone = is_left & ((into >= 0) | (register.absent + 1 >= MEMORY_WINDOWS))
    gone = []
    for h in np.flatnonzero(is_gone):
        number = int(register.number[h])
        if into[h] >= 0:
            gone.append(Event(number, "merged", int(numbers[into[h]]), 0))
        else:
            gone.append(Event(number, "ended", None, 0))
    return is_left & ~is_gone, gone


def _with_absent(drawn: Register, before: Register, is_absent: NDArray[np.bool_]) -> Register:
    """Put the hotspots that are remembered behind those that are drawn."""
    place = np.cumsum(is_absent) - 1 + len(drawn.number)
    rows = is_absent[before.owner]
    return Register(
        np.concatenate([drawn.number, before.number[is_absent]]),
        np.concatenate([drawn.absent, before.absent[is_absent] + 1]),
        np.concatenate([drawn.owner, place[before.owner[rows]]]),
        np.concatenate([drawn.points, before.points[rows]]),
        np.concatenate([drawn.weight, before.weight[rows]]),
    )


def were_hot(
    hotspot: NDArray[np.int64],
    count: NDArray[np.float64],
    is_drawn: NDArray[np.bool_],
    *,
    n_hotspots: int,
) -> NDArray[np.bool_]:
    """
    Say which of today's hotspots were hot in an earlier window.

    Parameters
    ----------
    hotspot : array of int64, shape (n_points,)
        Today's hotspot that each point of the window's list belongs to, or -1.
    count : array of float64, shape (n_points,)
        Incidents in the window.
    is_drawn : array of bool, shape (n_points,)
        Points inside any hotspot drawn for the window.
    n_hotspots : int

    Returns
    -------
    array of bool, shape (n_hotspots,)
        Where at least half of the incidents in the hotspot lay on drawn points.
    """
    inside = hotspot >= 0
    total = np.bincount(hotspot[inside], count[inside], minlength=n_hotspots)
    drawn = np.bincount(hotspot[inside & is_drawn], count[inside & is_drawn], minlength=n_hotspots)
    return (total > 0) & (drawn >= HOT_OVERLAP * total)


def classify_recurrence(hot: NDArray[np.bool_]) -> NDArray[np.str_]:
    """
    Class each hotspot by the windows in which it was hot.

    Parameters
    ----------
    hot : array of bool, shape (n_hotspots, n_windows)
        Non-overlapping windows with data, oldest first.

    Returns
    -------
    array of str, shape (n_hotspots,)
        ``persistent`` hot in at least 80 % of the windows; ``emerging`` hot only in the last
        20 %; ``former`` hot, but not in the last 20 %; ``intermittent`` otherwise; ``no pattern``
        hot in under 10 %; ``too short to say`` with fewer than four windows.
    """
    n_hotspots, n_windows = hot.shape
    if n_windows < LEAST_WINDOWS_CLASS:
        return np.full(n_hotspots, "too short to say")
    recent = hot[:, n_windows - int(np.ceil(RECENT_SHARE * n_windows)) :].sum(axis=1)
    total = hot.sum(axis=1)
    rules = [
        total < 0.1 * n_windows,
        total >= PERSISTENT_SHARE * n_windows,
        recent == total,
        recent == 0,
    ]
    names = ["no pattern", "persistent", "emerging", "former"]
    return np.select(rules, names, default="intermittent").astype(np.str_)


def is_recurring(hot: NDArray[np.bool_], chance_hot: NDArray[np.float64]) -> NDArray[np.bool_]:
    """
    Say which hotspots were hot in at least half of the windows, and not by chance.

    Parameters
    ----------
    hot : array of bool, shape (n_hotspots, n_windows)
        Non-overlapping windows with data.
    chance_hot : array of float64, shape (n_hotspots,)
        Chance of each to be hot in a window if there were no hotspots.

    Returns
    -------
    array of bool, shape (n_hotspots,)
        None with fewer than three windows. Being hot so often by chance must have a probability
        (binomial, one window as good as another) of at most 5 %.
    """
    n_windows = hot.shape[1]
    if n_windows < LEAST_WINDOWS_RECURRING:
        return np.zeros(len(hot), dtype=bool)
    n_hot = hot.sum(axis=1)
    by_chance = special.bdtrc(n_hot - 1, n_windows, chance_hot)
    return np.asarray((n_hot >= RECURRING_SHARE * n_windows) & (by_chance <= RECURRING_P))
