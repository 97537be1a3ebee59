"""
A method's answer, in one form for all methods: ranked units with map points and charged area.

Small footprints flatter a method, for police.uk moves every incident to a map point: a unit is
charged its shape *and* the catchment of every map point inside (METHODS §7). Ground that two
units share is charged once, to the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots.forecast.ground import (
    NOWHERE,
    MapPoints,
    Spills,
    area_spills,
    square_keys,
    square_spills,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Units:
    """
    The places of one method for one crime set, best first.

    Attributes
    ----------
    unit : array of int64, shape (n_points,)
        Unit of each map point, by rank from 0; -1 for none.
    area_m2 : array of float64, shape (n_units,)
        Ground that each unit adds to those ranked before it.
    """

    unit: NDArray[np.int64]
    area_m2: NDArray[np.float64]


def ranked_points(
    density: NDArray[np.float64],
    area_m2: NDArray[np.float64],
    *,
    up_to_m2: float = np.inf,
    at_least: int = 0,
) -> Units:
    """
    Rank single map points, each with its catchment.

    Parameters
    ----------
    density : array of float64, shape (n_points,)
        What to rank by, most first; points of zero or less are left out. Ties: lowest index.
    area_m2 : array of float64, shape (n_points,)
        Catchments; zero where not seen yet, and such points are left out.
    up_to_m2 : float
        Ground after which the rest is not needed; the unit that crosses it is kept.
    at_least : int
        Units to keep all the same.
    """
    offered = np.flatnonzero((density > 0) & (area_m2 > 0))
    order = offered[np.argsort(-density[offered], kind="stable")]
    filled = np.cumsum(area_m2[order])
    order = order[: max(int(np.searchsorted(filled, up_to_m2)) + 1, at_least)]
    unit = np.full(len(density), NOWHERE, dtype=np.int64)
    unit[order] = np.arange(len(order))
    return Units(unit, area_m2[order])


@dataclass(frozen=True)
class Tiles:
    """
    Areas that do not overlap, such as squares or LSOAs, and the catchments of the points inside.

    Attributes
    ----------
    points : MapPoints
    key : array of int64, shape (n_tiles,)
        What each tile is known by, in order.
    area_m2 : array of float64, shape (n_tiles,)
    tile : array of int64, shape (n_points,)
        Tile that each map point lies in; -1 for none.
    spills : Spills
    """

    points: MapPoints
    key: NDArray[np.int64]
    area_m2: NDArray[np.float64]
    tile: NDArray[np.int64]
    spills: Spills

    def ranked(self, count: NDArray[np.float64]) -> Units:
        """
        Rank the tiles by incidents for their area.

        Parameters
        ----------
        count : array of float64, shape (n_points,)
            Incidents at each point; tiles of none are left out.
        """
        inside = self.tile >= 0
        n_tiles = len(self.area_m2)
        total = np.bincount(self.tile[inside], count[inside], minlength=n_tiles)
        offered = np.flatnonzero(total > 0)
        order = offered[np.argsort(-total[offered] / self.area_m2[offered], kind="stable")]
        rank = np.full(n_tiles + 1, NOWHERE, dtype=np.int64)
        rank[order] = np.arange(len(order))
        unit = rank[self.tile]
        return Units(unit, self._charged(order, rank, unit))

    def _charged(
        self, order: NDArray[np.int64], rank: NDArray[np.int64], unit: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Charge a spill when its point's tile is taken, until the tile it lies in is."""
        begins, ends = unit[self.spills.point], rank[self._spilt_into]
        charged = (begins >= 0) & ((ends < 0) | (ends > begins))
        given_back = charged & (ends >= 0)
        m2, n = self.spills.m2, len(order)
        area = self.area_m2[order] + np.bincount(begins[charged], m2[charged], minlength=n)
        area -= np.bincount(ends[given_back], m2[given_back], minlength=n)
        return np.maximum(area, 0.0)

    @cached_property
    def _spilt_into(self) -> NDArray[np.int64]:
        """Tile of each spill, -1 for none that holds a point."""
        at = np.searchsorted(self.key, self.spills.key)
        at[at == len(self.key)] = 0
        return np.where(self.key[at] == self.spills.key, at, NOWHERE)


def square_tiles(points: MapPoints, *, size_m: float, before: Tiles | None = None) -> Tiles:
    """
    Lay a grid of squares over the map points.

    Parameters
    ----------
    points : MapPoints
    size_m : float
        Side of a square; corners lie on multiples of it.
    before : Tiles, optional
        The same grid at another origin: what has not changed since is not worked out again.
    """
    spills = _renewed(points, before, lambda wanted: square_spills(points, wanted, size_m=size_m))
    home = square_keys(np.floor(points.xy[points.seen] / size_m).astype(np.int64))
    key, index = np.unique(home, return_inverse=True)
    tile = np.full(len(points.xy), NOWHERE, dtype=np.int64)
    tile[points.seen] = index
    return Tiles(points, key, np.full(len(key), size_m**2), tile, spills)


def area_tiles(
    points: MapPoints, shapes: NDArray[np.object_], *, before: Tiles | None = None
) -> Tiles:
    """
    Take areas that do not overlap, such as LSOAs, as tiles.

    Parameters
    ----------
    points : MapPoints
    shapes : array of Polygon or MultiPolygon, shape (n_tiles,)
        A point on a shared edge belongs to the first.
    before : Tiles, optional
        The same areas at another origin: what has not changed since is not worked out again.
    """
    tile = np.full(len(points.xy), len(shapes), dtype=np.int64)
    new = points if before is None else points.without(before.points)
    holder, found = new.inside(shapes)
    np.minimum.at(tile, found, holder)
    tile[tile == len(shapes)] = NOWHERE
    if before is not None:
        tile = np.maximum(tile, before.tile)

    def spilt(wanted: NDArray[np.int64]) -> Spills:
        return area_spills(points, wanted[tile[wanted] >= 0], tile=tile, shapes=shapes)

    spills = _renewed(points, before, spilt)
    return Tiles(points, np.arange(len(shapes)), shapely.area(shapes), tile, spills)


def _renewed(
    points: MapPoints, before: Tiles | None, spilt: Callable[[NDArray[np.int64]], Spills]
) -> Spills:
    """Work out the spills of the points that are new or changed, and keep the others."""
    if before is None:
        return spilt(points.seen)
    changed = points.changed_since(before.points)
    return before.spills.renewed(changed, spilt(points.seen[changed[points.seen]]))


def polygon_units(
    points: MapPoints, shapes: NDArray[np.object_], *, owner: NDArray[np.int64] | None = None
) -> Units:
    """
    Take polygons in the order given, as an analyst brings them or as hotspots are published.

    Parameters
    ----------
    points : MapPoints
    shapes : array of Polygon or MultiPolygon, shape (n_shapes,)
        EPSG:27700; they may overlap.
    owner : array of int64, shape (n_shapes,), optional
        Unit of each shape, best first from 0, for units of several shapes; each shape is its own
        if not given.

    Returns
    -------
    Units
        A map point inside several polygons, edges included, belongs to the first.
    """
    owner = np.arange(len(shapes)) if owner is None else owner
    n_units = int(owner.max(initial=-1)) + 1
    holder, found = points.inside(shapes)
    unit = np.full(len(points.xy), n_units, dtype=np.int64)
    np.minimum.at(unit, found, owner[holder])
    unit[unit == n_units] = NOWHERE
    inside = np.flatnonzero(unit >= 0)
    parts = np.concatenate([shapes, points.cells[inside]])
    return Units(unit, _new_ground(parts, np.concatenate([owner, unit[inside]]), n_units))


def by_count(
    points: MapPoints, shapes: NDArray[np.object_], count: NDArray[np.float64]
) -> NDArray[np.int64]:
    """
    Return the order of polygons that came without one: most incidents in training first.

    Parameters
    ----------
    points : MapPoints
    shapes : array of Polygon or MultiPolygon, shape (n_shapes,)
    count : array of float64, shape (n_points,)
        Incidents in the training window.
    """
    holder, found = points.inside(shapes)
    total = np.bincount(holder, count[found], minlength=len(shapes))
    return np.asarray(np.argsort(-total, kind="stable"))


def _new_ground(
    parts: NDArray[np.object_], owner: NDArray[np.int64], n_units: int
) -> NDArray[np.float64]:
    """Return the area that each unit's parts add to the parts of the units before it."""
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(1, n_units))
    groups = np.split(parts[order], starts)[:n_units]  # no units: split still gives one part
    shapes = np.array([shapely.union_all(group) for group in groups], dtype=object)
    area = np.asarray(shapely.area(shapes))
    later, earlier = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    before = earlier < later
    later, earlier = later[before], earlier[before]
    taken = np.split(earlier, np.flatnonzero(np.diff(later)) + 1)
    for unit, others in zip(np.unique(later), taken, strict=False):
        ground = shapely.union_all(shapes[others]) if len(others) > 1 else shapes[others[0]]
        area[unit] -= shapely.area(shapely.intersection(shapes[unit], ground))
    return area
