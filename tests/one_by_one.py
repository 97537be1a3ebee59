"""The rules of drawing put plainly, one map and one cluster at a time: what a batch must equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from hotspots.cluster.dbscan import NOISE, renumber, weighted_dbscan
from hotspots.cluster.width import widths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.cluster import DrawRules


def choose_points(
    density: NDArray[np.float64], area_m2: NDArray[np.float64], rules: DrawRules
) -> tuple[NDArray[np.int64], float]:
    """Take points by density until their catchments fill ``reach`` budgets."""
    order = np.argsort(-density, kind="stable")
    filled = np.cumsum(area_m2[order])
    taken = order[filled <= rules.reach * rules.budget_m2]
    taken = taken[density[taken] > 0]
    level = float(density[taken[-1]]) if len(taken) else 0.0
    return np.sort(taken).astype(np.int64), level


def split_wide(
    labels: NDArray[np.int64],
    near: sparse.csr_matrix,
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
    *,
    last: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Cut each cluster that is wider or larger than the caps, and number the clusters anew."""
    parts = labels.copy()
    next_label = int(labels.max(initial=NOISE)) + 1
    # Sorted once for all clusters: slicing a sparse matrix for each takes longer than cutting it.
    row, column = _links_by_cluster(labels, near)
    owner = labels[row]
    start = None if last is None else _carried(last, row, column, reach, area_m2, rules)
    for members in _too_large(labels, reach, area_m2, rules):
        low, high = np.searchsorted(owner, labels[members[0]] + np.arange(2))
        linked = np.zeros((len(members), len(members)), dtype=bool)
        ends = (np.searchsorted(members, end[low:high]) for end in (row, column))
        linked[tuple(ends)] = True
        kept = None if start is None else renumber(start[members])
        cut = _join_narrowest(linked, reach[members], area_m2[members], rules, start=kept)
        parts[members] = next_label + cut
        next_label += int(cut.max()) + 1
    kept = parts != NOISE
    parts[kept] = renumber(parts[kept])
    return parts


def _links_by_cluster(
    labels: NDArray[np.int64], near: sparse.csr_matrix
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return both ends of each link within a cluster, in order of cluster."""
    links = near.tocoo()
    same = labels[links.row] == labels[links.col]
    row, column = links.row[same], links.col[same]
    order = np.argsort(labels[row], kind="stable")
    return row[order], column[order]


def _too_large(
    labels: NDArray[np.int64],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
) -> list[NDArray[np.int64]]:
    """Return the members of each cluster that breaks a cap, in order of label."""
    inside = np.flatnonzero(labels != NOISE)
    if not len(inside):
        return []
    order = inside[np.argsort(labels[inside], kind="stable")]
    starts = np.flatnonzero(np.diff(labels[order], prepend=NOISE))
    width = widths(np.maximum.reduceat(reach[order], starts, axis=0))
    area = np.add.reduceat(area_m2[order], starts)
    broken = np.flatnonzero((width > rules.max_width_m) | (area > rules.max_area_m2))
    clusters = np.split(order, starts[1:])
    return [clusters[i] for i in broken]


def _carried(
    last: NDArray[np.int64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
) -> NDArray[np.int64]:
    """Return parts: linked points of the same last cluster, unless that breaks the caps now."""
    n = len(last)
    same = (last[row] == last[column]) & (last[row] >= 0)
    cells = (np.ones(int(same.sum()), dtype=bool), (row[same], column[same]))
    links = sparse.csr_matrix(cells, shape=(n, n))
    part = connected_components(links, directed=False)[1].astype(np.int64)
    width = widths(_by_part(part, reach))
    broken = (width > rules.max_width_m) | (np.bincount(part, area_m2) > rules.max_area_m2)
    return np.where(broken[part], len(width) + np.arange(n), part)


def _by_part(part: NDArray[np.int64], reach: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each part reaches."""
    order = np.argsort(part, kind="stable")
    starts = np.flatnonzero(np.diff(part[order], prepend=NOISE))
    return np.asarray(np.maximum.reduceat(reach[order], starts, axis=0))


def _join_narrowest(
    linked: NDArray[np.bool_],
    reach: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
    *,
    start: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Join neighbouring parts, the narrowest union first, while a union keeps the caps."""
    if start is not None:
        member = np.eye(int(start.max()) + 1, dtype=np.int64)[start]
        between = (member.T @ linked @ member > 0) & ~np.eye(len(member.T), dtype=bool)
        ground = _by_part(start, reach), np.bincount(start, area_m2).astype(np.float64)
        return _join_narrowest(between, *ground, rules)[start]
    n = len(area_m2)
    reach, area, linked = reach.copy(), area_m2.copy(), linked.copy()
    part = np.arange(n)
    cost = np.full((n, n), np.inf)
    rows, columns = np.nonzero(np.triu(linked, 1))
    cost[rows, columns] = widths(np.maximum(reach[rows], reach[columns]))
    cost[area[:, None] + area[None, :] > rules.max_area_m2] = np.inf
    while True:
        a, b = np.unravel_index(np.argmin(cost), cost.shape)
        if cost[a, b] > rules.max_width_m:
            return renumber(part)
        part[part == b] = a
        reach[a] = np.maximum(reach[a], reach[b])
        area[a] += area[b]
        linked[a] |= linked[b]
        linked[:, a] |= linked[:, b]
        linked[b] = linked[:, b] = False
        linked[a, a] = False
        cost[b] = cost[:, b] = cost[a] = cost[:, a] = np.inf
        other = np.flatnonzero(linked[a])
        fits = area[a] + area[other] <= rules.max_area_m2
        width = np.where(fits, widths(np.maximum(reach[a], reach[other])), np.inf)
        cost[np.minimum(a, other), np.maximum(a, other)] = width


def keep_by_value(
    labels: NDArray[np.int64],
    score: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    *,
    level: float,
    budget_m2: float,
    lone_value: float = 1.0,
    most: int | None = None,
) -> NDArray[np.int64]:
    """Keep clusters by excess mass until the budget is filled."""
    n_clusters = int(labels.max(initial=NOISE)) + 1
    inside = labels != NOISE
    total = np.bincount(labels[inside], score[inside], minlength=n_clusters)
    area = np.bincount(labels[inside], area_m2[inside], minlength=n_clusters)
    is_lone = np.bincount(labels[inside], minlength=n_clusters) == 1
    value = (total - level * area) * np.where(is_lone, lone_value, 1.0)
    order = np.argsort(-value, kind="stable")
    number = np.full(n_clusters + 1, NOISE, dtype=np.int64)
    left_m2, n_kept = budget_m2, 0
    for cluster in order:
        if n_kept == most:
            break
        if area[cluster] <= left_m2:
            left_m2 -= area[cluster]
            number[cluster] = n_kept
            n_kept += 1
    return np.asarray(number[labels])


def draw_excess_mass(
    score: NDArray[np.float64],
    count: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
    *,
    last: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Draw the hotspots of one crime set in one window."""
    labels = np.full(len(score), NOISE, dtype=np.int64)
    stays = np.zeros(len(score), dtype=bool) if last is None else last != NOISE
    density = np.divide(score, area_m2, out=np.zeros_like(score), where=area_m2 > 0)
    chosen, level = choose_points(density, area_m2, rules)
    if not len(chosen):
        return labels
    links = near[chosen][:, chosen]
    # The score has chosen already, so one incident near by is enough for DBSCAN to join; a place
    # that only its neighbours' record recommends stays out.
    joined = weighted_dbscan(links, count[chosen], min_weight=1)
    kept_apart = None if last is None else last[chosen]
    parts = split_wide(joined, links, reach[chosen], area_m2[chosen], rules, last=kept_apart)
    labels[chosen] = keep_by_value(
        _drop_small(parts, count[chosen], rules),
        np.where(stays, rules.stay_score * score, score)[chosen],
        area_m2[chosen],
        level=level,
        budget_m2=rules.budget_m2,
        lone_value=rules.lone_value,
        most=rules.most,
    )
    return labels


def _drop_small(
    labels: NDArray[np.int64], count: NDArray[np.float64], rules: DrawRules
) -> NDArray[np.int64]:
    """Turn clusters with too few incidents into noise, and number the rest anew."""
    inside = labels != NOISE
    total = np.bincount(labels[inside], count[inside], minlength=1)
    kept = inside & (total[labels] >= rules.least_incidents)
    parts = np.where(kept, labels, NOISE)
    parts[kept] = renumber(parts[kept])
    return parts


def draw_textbook(
    count: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
    *,
    min_incidents: int,
    seen: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Draw hotspots by plain weighted DBSCAN over all points seen, cut at the caps."""
    known = np.flatnonzero(seen)
    labels = np.full(len(count), NOISE, dtype=np.int64)
    labels[known] = weighted_dbscan(near[known][:, known], count[known], min_weight=min_incidents)
    inside = np.flatnonzero(labels != NOISE)
    if not len(inside):
        return labels
    parts = split_wide(
        labels[inside], near[inside][:, inside], reach[inside], area_m2[inside], rules
    )
    numbered = np.full(len(count), NOISE, dtype=np.int64)
    numbered[inside] = keep_by_value(
        parts, count[inside], area_m2[inside], level=0.0, budget_m2=np.inf, most=rules.most
    )
    return numbered
