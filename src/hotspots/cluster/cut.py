"""Cutting clusters that chain too far: wider or larger than a hotspot may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotspots.cluster.dbscan import NOISE, joined, renumber
from hotspots.cluster.width import DIRECTIONS, union_widths, widths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.cluster.dbscan import Pairs
    from hotspots.cluster.draw import DrawRules


def split_wide(
    labels: NDArray[np.int64],
    near: Pairs,
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
    *,
    point: NDArray[np.int64],
    last: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """
    Cut each cluster that is wider or larger than the caps.

    Single points, or what is left of the clusters of the map before, are joined again: the two
    neighbouring parts with the narrowest union first, until no union keeps the caps (METHODS §4,
    step 2). That comes to the same as joining, round by round, every two parts that are each
    other's narrowest partner: a union is never narrower than its parts, so no join elsewhere can
    give either of them a better one. Ties: the pair of lowest indices.

    Parameters
    ----------
    labels : array of int64, shape (n_nodes,)
        Numbered from 0; noise stays noise.
    near : Pairs
        Neighbouring nodes.
    reach : array of float64, shape (n_points, DIRECTIONS)
    area_m2 : array of float64, shape (n_points,)
    rules : DrawRules
    point : array of int64, shape (n_nodes,)
        The point that each node stands for.
    last : array of int64, shape (n_nodes,), optional
        Cluster of each node on the map before, -1 for none: what is left of each stays together.

    Returns
    -------
    array of int64, shape (n_nodes,)
        Numbered from 0 in order of first appearance; noise stays noise.
    """
    wide = _too_large(labels, reach, area_m2, rules, point=point)
    part = np.arange(len(labels))
    if len(wide):
        is_wide = np.zeros(len(labels), dtype=bool)
        is_wide[wide] = True
        inner = _within(is_wide, labels, near)
        index = np.cumsum(is_wide) - 1
        a, b = index[near.first[inner]], index[near.second[inner]]
        far, ground = reach[point[wide]], area_m2[point[wide]]
        if last is None:
            into, cost = np.arange(len(wide)), _link_widths(far, a, b, near.link[inner])
        else:
            into = _carried(last[wide], a, b, far, ground, rules)
            a, b = _distinct(into[a], into[b], len(wide))
            cost = union_widths(far, a, b)
        part[wide] = wide[_joined(into, a, b, cost, far, ground, rules)]
    # Whole clusters go under the number of their first node; cut ones have those of their parts.
    inside = np.flatnonzero(labels != NOISE)
    whole = inside if not len(wide) else inside[~is_wide[inside]]
    first = np.zeros(int(labels.max(initial=NOISE)) + 1, dtype=np.int64)
    first[labels[whole[::-1]]] = whole[::-1]
    part[whole] = first[labels[whole]]
    result = np.full(len(labels), NOISE, dtype=np.int64)
    result[inside] = renumber(part[inside])
    return result


def _too_large(
    labels: NDArray[np.int64],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
    *,
    point: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the nodes of all clusters that break a cap, in order of node."""
    inside = np.flatnonzero(labels != NOISE)
    order = _by_label(labels, inside)
    if not len(order):
        return order
    starts = np.flatnonzero(np.diff(labels[order], prepend=NOISE))
    size = np.diff(starts, append=len(order))
    is_over = np.add.reduceat(area_m2[point[order]], starts) > rules.max_area_m2
    # Boxes along the axes are quick to find. What fits in one is no wider than its diagonal, and
    # no narrower than its sides, which are among the directions that count.
    sides = np.ascontiguousarray(reach[:, :: DIRECTIONS // 4])
    box = np.maximum.reduceat(sides[point[order]], starts, axis=0)
    is_over |= widths(box) > rules.max_width_m
    diagonal = np.hypot(box[:, 0] + box[:, 2], box[:, 1] + box[:, 3])
    doubtful = np.flatnonzero(~is_over & (diagonal > rules.max_width_m / 1.01))
    rows = np.repeat(starts[doubtful], size[doubtful]) + _ramp(size[doubtful])
    if len(rows):
        begin = np.cumsum(size[doubtful]) - size[doubtful]
        width = widths(np.maximum.reduceat(reach[point[order[rows]]], begin, axis=0))
        is_over[doubtful] = width > rules.max_width_m
    return np.sort(order[np.repeat(is_over, size)])


def _by_label(labels: NDArray[np.int64], which: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order some nodes by label, then by place."""
    key = np.sort(labels[which] << 32 | which)
    return np.asarray(key & ((1 << 32) - 1))


def _ramp(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count from 0 anew for each size: 3, 2 gives 0, 1, 2, 0, 1."""
    return np.asarray(np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes))


def _within(
    is_wide: NDArray[np.bool_], labels: NDArray[np.int64], near: Pairs
) -> NDArray[np.int64]:
    """Return the pairs within a wide cluster."""
    found = np.flatnonzero(is_wide[near.first])
    return np.asarray(found[labels[near.first[found]] == labels[near.second[found]]])


def _link_widths(
    far: NDArray[np.float64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    link: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the widths of pairs of single points, each two points looked at once."""
    # Simulated maps of one background choose the same points again and again.
    example = np.full(int(link.max(initial=-1)) + 1, -1, dtype=np.int64)
    example[link] = np.arange(len(link))
    there = np.flatnonzero(example >= 0)
    width = np.empty(len(example))
    width[there] = union_widths(far, a[example[there]], b[example[there]])
    return width[link]


def _joined(
    into: NDArray[np.int64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    cost: NDArray[np.float64],
    far: NDArray[np.float64],
    ground: NDArray[np.float64],
    rules: DrawRules,
) -> NDArray[np.int64]:
    """Join paired parts while the caps allow; give each node the index of the first of its part."""
    n = len(ground)
    while True:
        fits = (cost <= rules.max_width_m) & (ground[a] + ground[b] <= rules.max_area_m2)
        a, b, cost = a[fits], b[fits], cost[fits]
        if not len(a):
            return _roots(into)
        joined = _mutual(a, b, cost, n)
        keep, drop = a[joined], b[joined]
        into[drop] = keep
        far[keep] = np.maximum(far[keep], far[drop])
        ground[keep] += ground[drop]
        is_new = np.zeros(n, dtype=bool)
        is_new[keep] = is_new[drop] = True
        touched = is_new[a] | is_new[b]
        as_before = ~touched
        new_a, new_b = _distinct(into[a[touched]], into[b[touched]], n)
        a = np.concatenate([a[as_before], new_a])
        b = np.concatenate([b[as_before], new_b])
        cost = np.concatenate([cost[as_before], union_widths(far, new_a, new_b)])


def _carried(
    last: NDArray[np.int64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    far: NDArray[np.float64],
    ground: NDArray[np.float64],
    rules: DrawRules,
) -> NDArray[np.int64]:
    """
    Keep linked nodes of the same last cluster together, unless that breaks the caps now.

    Returns the index of the first node of each one's part; reach and area of a part are put under
    its first node, in place.
    """
    n = len(last)
    same = (last[a] == last[b]) & (last[a] != NOISE)
    part = renumber(joined(a[same], b[same], n))
    order = np.argsort(part, kind="stable")
    starts = np.flatnonzero(np.diff(part[order], prepend=-1))
    reaches = np.maximum.reduceat(far[order], starts, axis=0)
    area = np.bincount(part, ground)
    broken = (widths(reaches) > rules.max_width_m) | (area > rules.max_area_m2)
    first = order[starts]
    far[first[~broken]], ground[first[~broken]] = reaches[~broken], area[~broken]
    return np.where(broken[part], np.arange(n), first[part])


def _roots(into: NDArray[np.int64]) -> NDArray[np.int64]:
    """Follow each part to the one that it was joined to last."""
    while True:
        further = into[into]
        if np.array_equal(further, into):
            return into
        into = further


def _mutual(
    a: NDArray[np.int64], b: NDArray[np.int64], cost: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Return the pairs in which each is the other's cheapest; ties to the lowest indices."""
    least = np.full(n, np.inf)
    np.minimum.at(least, a, cost)
    np.minimum.at(least, b, cost)
    of_a, of_b = cost == least[a], cost == least[b]
    rivals = np.bincount(a[of_a], minlength=n) + np.bincount(b[of_b], minlength=n)
    both = np.flatnonzero(of_a & of_b)
    is_alone = (rivals[a[both]] == 1) & (rivals[b[both]] == 1)
    if is_alone.all():
        return both
    # Of pairs that cost the same the one of the lowest indices comes first, at either end.
    tied = np.flatnonzero((of_a & (rivals[a] > 1)) | (of_b & (rivals[b] > 1)))
    order = tied[np.lexsort((b[tied], a[tied]))]
    rank = np.full(len(a), len(a))
    rank[order] = np.arange(len(order))
    best = np.full(n, len(a))
    np.minimum.at(best, a[of_a], rank[of_a])
    np.minimum.at(best, b[of_b], rank[of_b])
    first = (rank[both] == best[a[both]]) & (rank[both] == best[b[both]])
    return np.asarray(both[is_alone | first])


def _distinct(
    a: NDArray[np.int64], b: NDArray[np.int64], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put each pair of different parts in order of index, and keep each pair once."""
    key = np.sort((np.minimum(a, b) * n + np.maximum(a, b))[a != b])
    low, high = np.divmod(key[np.diff(key, prepend=-1) > 0], n)
    return low, high
