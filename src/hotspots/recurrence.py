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
from scipy import sparse, stats

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
class Life:
    """
    A hotspot as the register remembers it.

    Attributes
    ----------
    number : int
    points : array of int64
        Map points, as rows of the list in force.
    weight : array of float64
        Incidents at those points in the window it was last drawn.
    absent : int
        Windows since it was last drawn.
    """

    number: int
    points: NDArray[np.int64]
    weight: NDArray[np.float64]
    absent: int = 0


@dataclass(frozen=True)
class Register:
    """Every hotspot of one crime set that has not ended."""

    lives: tuple[Life, ...] = field(default=())


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
    lives = []
    for life in register.lives:
        to = target[life.points]
        points, inverse = np.unique(to[to >= 0], return_inverse=True)
        weight = np.zeros(len(points))
        np.add.at(weight, inverse, life.weight[to >= 0])
        lives.append(replace(life, points=points, weight=weight))
    return Register(tuple(lives))


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
    groups = _groups(labels)
    shares, linked = _links(register, groups, area_m2, len(labels))
    heirs = _assign(shares, linked)
    numbers = np.empty(len(groups), dtype=np.int64)
    events = []
    lives = []
    for g, points in enumerate(groups):
        h = heirs.get(g)
        if h is not None:
            number, kind, parent = register.lives[h].number, "continued", None
        else:
            number, parent = new_number(), _parent(register, linked[:, g], shares[:, g])
            kind = "born" if parent is None else "split"
        numbers[g] = number
        weight = count[points]
        events.append(Event(number, kind, parent, int(weight.sum())))
        lives.append(Life(number, points, weight))
    absent, gone = _not_drawn(register, linked, shares, set(heirs.values()), numbers)
    return Register((*lives, *absent)), numbers, events + gone


def _parent(
    register: Register, linked: NDArray[np.bool_], share: NDArray[np.float64]
) -> int | None:
    """Return the hotspot that a new group split from, the one with the greatest share of it."""
    parents = np.flatnonzero(linked)
    return register.lives[int(parents[np.argmax(share[parents])])].number if len(parents) else None


def _groups(labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the points of each group, in order of label."""
    inside = np.flatnonzero(labels >= 0)
    order = inside[np.argsort(labels[inside], kind="stable")]
    edges = np.searchsorted(labels[order], np.arange(1, int(labels.max(initial=-1)) + 1))
    return np.split(order, edges) if len(order) else []


def _links(
    register: Register,
    groups: list[NDArray[np.int64]],
    area_m2: NDArray[np.float64],
    n_points: int,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the share of each old hotspot's weight in each group, and which pairs are linked."""
    old = _membership([life.points for life in register.lives], n_points)
    new = _membership(groups, n_points)
    weighted = old.copy()
    if register.lives:
        weighted.data = np.concatenate([life.weight for life in register.lives])
    total = np.asarray(weighted.sum(axis=1)).ravel()[:, None]
    shares = (weighted @ new.T).toarray() / np.maximum(total, 1e-9)
    both = (old.multiply(area_m2) @ new.T).toarray()
    either = (old @ area_m2)[:, None] + (new @ area_m2)[None, :] - both
    iou = both / np.maximum(either, 1e-9)
    continues = shares >= CONTINUES_SHARE
    parts = shares >= SPLITS_SHARE
    splits = parts & (parts.sum(axis=1) >= 2)[:, None]  # noqa: PLR2004 - two parts make a split
    return shares, (continues | splits) & (iou >= LEAST_IOU)


def _membership(groups: list[NDArray[np.int64]], n_points: int) -> sparse.csr_matrix:
    """Return groups by points, one where a point belongs to a group."""
    sizes = np.array([len(points) for points in groups], dtype=np.int64)
    columns = np.concatenate([*groups, np.empty(0, dtype=np.int64)])
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    ones = np.ones(len(columns))
    return sparse.csr_matrix((ones, columns, indptr), shape=(len(groups), n_points))


def _assign(shares: NDArray[np.float64], linked: NDArray[np.bool_]) -> dict[int, int]:
    """Give each group at most one old hotspot and the reverse, the greatest share first."""
    old, new = np.nonzero(linked)
    heirs: dict[int, int] = {}
    taken: set[int] = set()
    for i in np.lexsort((new, old, -shares[old, new])):
        h, g = int(old[i]), int(new[i])
        if g not in heirs and h not in taken:
            heirs[g] = h
            taken.add(h)
    return heirs


def _not_drawn(
    register: Register,
    linked: NDArray[np.bool_],
    shares: NDArray[np.float64],
    continued: set[int],
    numbers: NDArray[np.int64],
) -> tuple[list[Life], list[Event]]:
    """Return the hotspots that are remembered without being drawn, and those that went."""
    absent, gone = [], []
    is_linked = np.asarray(linked.any(axis=1))
    for h, life in enumerate(register.lives):
        if h in continued:
            continue
        if is_linked[h]:
            into = np.flatnonzero(linked[h])
            heir = int(numbers[into[np.argmax(shares[h, into])]])
            gone.append(Event(life.number, "merged", heir, 0))
        elif life.absent + 1 >= MEMORY_WINDOWS:
            gone.append(Event(life.number, "ended", None, 0))
        else:
            absent.append(replace(life, absent=life.absent + 1))
    return absent, gone


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
    by_chance = stats.binom.sf(n_hot - 1, n_windows, chance_hot)
    return np.asarray((n_hot >= RECURRING_SHARE * n_windows) & (by_chance <= RECURRING_P))
