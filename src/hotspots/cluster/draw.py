"""
Drawing hotspots: weighted DBSCAN on map points, and the excess-mass rule around it.

DBSCAN draws hotspots well and chooses them badly, so points are chosen by their score first,
joined by DBSCAN, cut where a group chains too far, and kept by value until an area budget is
filled (METHODS §4). A batch of maps of the same points, the crime sets of a month or thousands of
simulated ones, is laid side by side as one larger map without links between its parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from hotspots.cluster.cut import split_wide
from hotspots.cluster.dbscan import NOISE, Pairs, label_pairs, pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIRST_GUESS = 0.85
"""Share of one map's level at which candidates of the whole batch are looked for first."""

_MOST_BITS = (1 << 31) - 1
_PLACE_BITS = 24
MOST_MAPS = 256
"""Maps of a batch: 8 bits, which with a density (31) and a place (24) fill a whole number."""


@dataclass(frozen=True)
class DrawRules:
    """
    How hotspots are drawn.

    Attributes
    ----------
    budget_m2 : float
        Area that all hotspots of a set may fill together, in square metres.
    eps_m : float
        Neighbourhood radius of DBSCAN, in metres, inclusive.
    max_width_m : float
        Greatest distance between two corners of a hotspot, in metres, inclusive.
    max_area_m2 : float
        Greatest area of a hotspot, in square metres, inclusive.
    reach : float
        Points are taken until their catchments fill this many budgets.
    least_incidents : int
        A group with fewer incidents in the window is no hotspot: its count would have to be
        masked, and nothing can be said to recur there.
    stay_score : float
        A point that the map before had in a hotspot counts for this many times its score when
        groups are kept: a place does not leave the map and come back because its neighbour in
        rank had one incident more.
    most : int, optional
        Hotspots kept at most, those of most value; as many as the budget holds if not given.
    lone_value : float
        A group of one point counts for this part of its value: one count may be one address or
        one bad month, where neighbours that agree make a place.
    """

    budget_m2: float
    eps_m: float = 100.0
    max_width_m: float = 400.0
    max_area_m2: float = 250_000.0
    reach: float = 2.0
    least_incidents: int = 3
    stay_score: float = 1.2
    lone_value: float = 0.6
    most: int | None = None


@dataclass(frozen=True)
class Maps:
    """
    Hotspots of a batch of maps, one row for each point of each hotspot.

    Attributes
    ----------
    column : array of int64, shape (n_rows,)
        Which map of the batch.
    point : array of int64, shape (n_rows,)
    group : array of int64, shape (n_rows,)
        Numbered from 0 across the whole batch: by map, and by value within a map, most first.
    """

    column: NDArray[np.int64]
    point: NDArray[np.int64]
    group: NDArray[np.int64]

    def labels(self, n_points: int, n_maps: int) -> NDArray[np.int64]:
        """
        Lay the hotspots out as labels.

        Returns
        -------
        array of int64, shape (n_points, n_maps)
            Hotspots of each map numbered by value from 0; -1 elsewhere.
        """
        first = np.full(n_maps, np.iinfo(np.int64).max)
        np.minimum.at(first, self.column, self.group)
        labels = np.full((n_points, n_maps), NOISE, dtype=np.int64)
        labels[self.point, self.column] = self.group - first[self.column]
        return labels


@dataclass(frozen=True)
class _Nodes:
    """The points of a batch that may form hotspots, by map and then by point, and their links."""

    column: NDArray[np.int64]
    point: NDArray[np.int64]
    near: Pairs


def draw_excess_mass(
    score: NDArray[np.float32],
    count: NDArray[np.float32],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
    *,
    last: NDArray[np.int64] | None = None,
) -> Maps:
    """
    Draw the hotspots of a batch of maps.

    Parameters
    ----------
    score : array of float32, shape (n_points, n_maps)
        Expected incidents (EB-mix); zero at points that are not in the universe yet.
    count : array of float32, shape (n_points, n_maps)
        Incidents in the window.
    area_m2 : array of float64, shape (n_points,)
        Catchment areas.
    reach : array of float64, shape (n_points, DIRECTIONS)
        Reaches of the shapes that will be published.
    near : csr_matrix, shape (n_points, n_points)
        Distances within ``rules.eps_m``.
    rules : DrawRules
    last : array of int64, shape (n_points, n_maps), optional
        Hotspots of the map before each, -1 elsewhere; none if not given.

    Returns
    -------
    Maps

    Raises
    ------
    ValueError
        If there are more than ``MOST_MAPS``.
    """
    point, column, level = _choose(score, area_m2, rules)
    nodes = _linked(point, column, near, n_points=len(area_m2), n_maps=score.shape[1])
    at = nodes.point, nodes.column
    weight = count[at].astype(np.float64)
    # The score has chosen already, so one incident near by is enough for DBSCAN to join; a place
    # that only its neighbours' record recommends stays out.
    labels = label_pairs(nodes.near, weight, min_weight=1)
    value = score[at].astype(np.float64)
    before = None if last is None else last[at]
    if before is not None:
        value *= np.where(before == NOISE, 1.0, rules.stay_score)
    parts = split_wide(labels, nodes.near, reach, area_m2, rules, point=nodes.point, last=before)
    excess = value - level[nodes.column] * area_m2[nodes.point]
    return _kept(nodes, parts, weight, excess, area_m2, rules)


def draw_textbook(
    count: NDArray[np.float32],
    area_m2: NDArray[np.float64],
    reach: NDArray[np.float64],
    near: sparse.csr_matrix,
    rules: DrawRules,
    *,
    min_incidents: int,
    seen: NDArray[np.bool_],
) -> Maps:
    """
    Draw the hotspots of a batch of maps by plain weighted DBSCAN over all points seen.

    Parameters
    ----------
    count : array of float32, shape (n_points, n_maps)
        Incidents in the window; their number is a hotspot's value.
    area_m2, reach, near, rules
        As in ``draw_excess_mass``; of the rules only the caps and ``most`` are used.
    min_incidents : int
        Incidents within ``eps_m``, the point's own included, that make a core point.
    seen : array of bool, shape (n_points,)
        The universe as known at the time: a point that appears later must not join clusters now.

    Returns
    -------
    Maps
    """
    pattern = sparse.csr_matrix(
        (np.ones(near.nnz, dtype=np.float32), near.indices, near.indptr), near.shape
    )
    is_core = pattern @ count + count >= min_incidents
    # A point that is no core point and near none is noise, and no core point counts on it.
    is_near = is_core | (pattern @ is_core.astype(np.float32) > 0)
    point, column = np.nonzero(is_near & seen[:, None])
    nodes = _linked(point, column, near, n_points=len(area_m2), n_maps=count.shape[1])
    weight = count[nodes.point, nodes.column].astype(np.float64)
    labels = label_pairs(nodes.near, weight, min_weight=min_incidents)
    parts = split_wide(labels, nodes.near, reach, area_m2, rules, point=nodes.point)
    plain = replace(rules, budget_m2=np.inf, least_incidents=0, lone_value=1.0)
    return _kept(nodes, parts, weight, weight, area_m2, plain)


def _choose(
    score: NDArray[np.float32], area_m2: NDArray[np.float64], rules: DrawRules
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """
    Take the points of each map by density until their catchments fill ``reach`` budgets.

    Returns points, maps, and the density of the last point taken on each map, the level.
    """
    n_maps = score.shape[1]
    if n_maps > MOST_MAPS:
        msg = f"{n_maps} maps in one batch; draw at most {MOST_MAPS} at once"
        raise ValueError(msg)
    per_m2 = np.divide(1.0, area_m2, out=np.zeros_like(area_m2), where=area_m2 > 0)
    density = score * per_m2.astype(np.float32)[:, None]
    limit = rules.reach * rules.budget_m2
    # Sorting all points of all maps would take longest of all: only those above a level that
    # surely takes in too many are sorted. The first map says where that may be for its volume.
    volume = score.sum(axis=0, dtype=np.float64)
    order = np.argsort(-density[:, 0], kind="stable")
    last = min(int(np.searchsorted(np.cumsum(area_m2[order]), limit)), len(order) - 1)
    floor = _FIRST_GUESS * float(density[order[last], 0]) / max(float(volume[0]), 1.0)
    least = floor / 4
    while True:
        cell = np.flatnonzero(density > (floor * volume).astype(np.float32))
        point, column = np.divmod(cell, n_maps)
        if floor <= 0 or bool((np.bincount(column, area_m2[point], n_maps) > limit).all()):
            break
        floor = floor / 2 if floor > least else 0.0
    found = density.ravel()[cell]
    order = _by_map_and_density(column, found)
    point, column, found = point[order], column[order], found[order]
    filled = np.concatenate([[0.0], np.cumsum(area_m2[point])])
    start = np.searchsorted(column, np.arange(n_maps + 1))
    is_taken = filled[1:] - filled[start[column]] <= limit
    taken = np.add.reduceat(np.append(is_taken, 0), start[:-1], dtype=np.int64)
    taken[start[:-1] == start[1:]] = 0
    level = np.zeros(n_maps)
    some = taken > 0
    level[some] = found[start[:-1][some] + taken[some] - 1]
    return point[is_taken], column[is_taken], level


def _by_map_and_density(
    column: NDArray[np.int64], density: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Order by map, then by falling density, then by place in the arrays."""
    # Sorting plain whole numbers takes a tenth of the time of a sort by three keys. The bits of
    # floats above zero rise with their value, so map, density and place fit into one number.
    rising = density.view(np.uint32).astype(np.int64)
    key = (column << 31 | (_MOST_BITS - rising)) << _PLACE_BITS | np.arange(len(column))
    return np.asarray(np.sort(key) & ((1 << _PLACE_BITS) - 1))


def _linked(
    point: NDArray[np.int64],
    column: NDArray[np.int64],
    near: sparse.csr_matrix,
    *,
    n_points: int,
    n_maps: int,
) -> _Nodes:
    """Put chosen points in order and pair those that are neighbours on the same map."""
    key = np.sort(column * n_points + point)
    column, point = np.divmod(key, n_points)
    place = np.full(n_maps * n_points, -1, dtype=np.int32)
    place[key] = np.arange(len(key), dtype=np.int32)
    once = pairs(near)
    begin = np.searchsorted(once.first, np.arange(n_points + 1))[point]
    many = np.bincount(once.first, minlength=n_points)[point]
    row = np.repeat(np.arange(len(key)), many)
    link = np.arange(len(row)) + np.repeat(begin - np.cumsum(many) + many, many)
    other = place[(key - point)[row] + once.second[link]]
    both = np.flatnonzero(other >= 0)
    link = link[both]
    found = Pairs(row[both], other[both].astype(np.int64), once.distance_m[link], link)
    return _Nodes(column, point, found)


def _kept(
    nodes: _Nodes,
    parts: NDArray[np.int64],
    weight: NDArray[np.float64],
    excess: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    rules: DrawRules,
) -> Maps:
    """Keep the groups of each map by value, those that the budget has room for whole."""
    inside = np.flatnonzero(parts != NOISE)
    parts, column, point = parts[inside], nodes.column[inside], nodes.point[inside]
    n_parts = int(parts.max(initial=NOISE)) + 1
    owner = np.zeros(n_parts, dtype=np.int64)
    owner[parts] = column
    is_lone = np.bincount(parts, minlength=n_parts) == 1
    value = np.bincount(parts, excess[inside], n_parts) * np.where(is_lone, rules.lone_value, 1.0)
    area = np.bincount(parts, area_m2[point], n_parts).astype(np.float64)
    large = np.flatnonzero(np.bincount(parts, weight[inside], n_parts) >= rules.least_incidents)
    order = large[np.lexsort((-value[large], owner[large]))]
    kept = order[_fits(owner[order], area[order], rules)]
    group = np.full(n_parts, NOISE, dtype=np.int64)
    group[kept] = np.arange(len(kept))
    number = group[parts]
    is_kept = number != NOISE
    return Maps(column[is_kept], point[is_kept], number[is_kept])


def _fits(
    owner: NDArray[np.int64], area_m2: NDArray[np.float64], rules: DrawRules
) -> NDArray[np.bool_]:
    """
    Fill the budget of each map with its groups, in order of value; pass over what is too large.

    Parameters
    ----------
    owner : array of int64, shape (n_groups,)
        Map of each group, rising.
    area_m2 : array of float64, shape (n_groups,)
    rules : DrawRules

    Returns
    -------
    array of bool, shape (n_groups,)
    """
    is_kept = np.zeros(len(owner), dtype=bool)
    n_maps = int(owner.max(initial=-1)) + 1
    left_m2 = np.full(n_maps, float(rules.budget_m2))
    n_left = np.full(n_maps, len(owner) if rules.most is None else rules.most)
    rest = np.arange(len(owner))
    while len(rest):
        # As many as fit one after the other; what no longer fits is passed over, and on from there.
        of, ground = owner[rest], area_m2[rest]
        start = np.searchsorted(of, of)
        filled = np.concatenate([[0.0], np.cumsum(ground)])
        fits = (filled[1:] - filled[start] <= left_m2[of]) & (
            np.arange(len(of)) - start < n_left[of]
        )
        is_kept[rest[fits]] = True
        left_m2 -= np.bincount(of[fits], ground[fits], n_maps)
        n_left -= np.bincount(of[fits], minlength=n_maps)
        rest = rest[~fits]
        rest = rest[(area_m2[rest] <= left_m2[owner[rest]]) & (n_left[owner[rest]] > 0)]
    return is_kept
