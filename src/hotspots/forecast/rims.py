"""The ground of many sets of hotspots, as published: without a polygon for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hotspots.forecast.ground import LEAST_SPILL_M2, NOWHERE
from hotspots.forecast.units import Units

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hotspots.forecast.ground import MapPoints


@dataclass(frozen=True)
class Rims:
    """
    Where the discs about map points reach into the catchments of other points.

    A hotspot is charged the catchments of its points, those of every point in a disc about one of
    them, and what its discs take of further catchments. Only the last part is geometry, and it is
    the same whatever the hotspots of a crime set are: worked out once for a point, it serves all
    sets and months.

    Attributes
    ----------
    points : MapPoints
    radius_m : float
        Of the discs; no greater than the reach of catchments.
    is_known : array of bool, shape (n_points,)
        Points whose discs have been worked out.
    member, cell : array of int64, shape (n_pieces,)
        The point in the middle of a disc, and the one whose catchment it reaches into.
    piece : array of Polygon, shape (n_pieces,)
        What they share.
    is_inside : array of bool, shape (n_pieces,)
        Whether the other point itself lies in the disc.
    """

    points: MapPoints
    radius_m: float
    is_known: NDArray[np.bool_]
    member: NDArray[np.int64]
    cell: NDArray[np.int64]
    piece: NDArray[np.object_]
    is_inside: NDArray[np.bool_]

    @classmethod
    def none(cls, points: MapPoints, *, radius_m: float) -> Rims:
        """Start without any."""
        no_points = np.empty(0, dtype=np.int64)
        return cls(
            points, radius_m, np.zeros(len(points.xy), dtype=bool), no_points, no_points,
            np.empty(0, dtype=object), np.empty(0, dtype=bool),
        )  # fmt: skip

    def about(
        self,
        points: MapPoints,
        wanted: NDArray[np.int64],
        disc: Callable[[NDArray[np.float64], float], NDArray[np.object_]],
    ) -> Rims:
        """
        Return these with those of further points, at this or a later time.

        Parameters
        ----------
        points : MapPoints
            As known now.
        wanted : array of int64
            Points to know the discs of.
        disc : callable
            Draws discs about places, given a radius.
        """
        changed = points.changed_since(self.points)
        # A disc that a new point's catchment reaches into had pieces of its neighbours before.
        is_old = changed.copy()
        is_old[self.member[changed[self.cell]]] = True
        is_known = self.is_known & ~is_old
        new = wanted[~is_known[wanted]]
        discs = disc(points.xy[new], self.radius_m)
        at, cell = points.near(new, reach_m=2 * self.radius_m)
        apart = cell != new[at]
        at, cell = at[apart], cell[apart]
        piece = np.asarray(shapely.intersection(discs[at], points.cells[cell]), dtype=object)
        is_inside = np.asarray(shapely.intersects_xy(discs[at], points.xy[cell]), dtype=bool)
        some = (shapely.area(piece) > LEAST_SPILL_M2) | is_inside
        kept = is_known[self.member]
        is_known[new] = True
        return Rims(
            points,
            self.radius_m,
            is_known,
            np.concatenate([self.member[kept], new[at[some]]]),
            np.concatenate([self.cell[kept], cell[some]]),
            np.concatenate([self.piece[kept], piece[some]]),
            np.concatenate([self.is_inside[kept], is_inside[some]]),
        )

    def units(self, labels: NDArray[np.int64], area_m2: NDArray[np.float64]) -> Units:
        """
        Take groups of points, best first, as units of the ground they are published with.

        Parameters
        ----------
        labels : array of int64, shape (n_points,)
            Groups by rank from 0; -1 for none. The discs of all of them must be known.
        area_m2 : array of float64, shape (n_points,)
            Catchments.

        Returns
        -------
        Units
            A point in the discs of several groups belongs to the first.
        """
        n_units = int(labels.max(initial=-1)) + 1
        near = np.flatnonzero(labels[self.member] >= 0)
        by, cell = labels[self.member[near]], self.cell[near]
        unit = np.where(labels >= 0, labels, n_units)
        inside = self.is_inside[near]
        np.minimum.at(unit, cell[inside], by[inside])
        taken = unit < n_units
        area = np.bincount(unit[taken], area_m2[taken], minlength=n_units + 1)
        # Groups before the one that takes a catchment pay for their piece of it, and it does not.
        before = by < unit[cell]
        by, cell, m2 = self._shared(by[before], cell[before], self.piece[near[before]])
        area += np.bincount(by, m2, minlength=n_units + 1)
        area -= np.bincount(unit[cell], m2, minlength=n_units + 1)
        return Units(np.where(taken, unit, NOWHERE), np.maximum(area[:n_units], 0.0))

    @staticmethod
    def _shared(
        by: NDArray[np.int64], cell: NDArray[np.int64], piece: NDArray[np.object_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """
        Share catchments out among the groups whose discs reach into them, the first come first.

        Returns
        -------
        by, cell : array of int64, shape (n_shares,)
        m2 : array of float64, shape (n_shares,)
            What the group adds there to the groups before it.
        """
        if not len(cell):
            return by, cell, np.empty(0)
        order = np.lexsort([by, cell])
        by, cell, piece = by[order], cell[order], piece[order]
        is_next = cell[1:] != cell[:-1]
        is_start = np.append(True, is_next)
        start = np.flatnonzero(is_start)[np.cumsum(is_start) - 1]
        # The last piece of each share.
        end = np.flatnonzero(np.append(is_next | (by[1:] != by[:-1]), True))
        first = start[end]
        m2 = shapely.area(piece[end])
        n_pieces = end - first + 1
        several = np.flatnonzero(n_pieces > 1)
        slots = first[several, None] + np.arange(n_pieces.max(initial=0))
        filled = slots <= end[several, None]
        table = np.where(filled, piece[np.minimum(slots, len(piece) - 1)], None)
        m2[several] = shapely.area(shapely.union_all(table, axis=1))
        m2[1:] -= np.where(first[1:] == first[:-1], m2[:-1], 0.0)
        return by[end], cell[end], m2
