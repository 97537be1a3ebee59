"""Areas that polygons share with upright rectangles, for many pairs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shared_with_boxes(
    shapes: NDArray[np.object_], index: NDArray[np.int64], boxes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Area of the intersection of polygons with rectangles, pair by pair.

    Parameters
    ----------
    shapes : array of Polygon, shape (n_shapes,)
        Simple rings without holes.
    index : array of int64, shape (n_pairs,)
        Polygon of each pair.
    boxes : array of float64, shape (n_pairs, 4)
        Least x, least y, greatest x, greatest y of each pair's rectangle.

    Returns
    -------
    array of float64, shape (n_pairs,)

    Notes
    -----
    The area under a ring, cut to a rectangle, is the sum over its edges of the integral of their
    height cut to the rectangle: no polygon need be made, which is twenty times quicker.
    """
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    n_corners = np.bincount(owner, minlength=len(shapes))
    n_edges = n_corners[index] - 1  # the last corner of a ring is the first
    first = (np.cumsum(n_corners) - n_corners)[index]
    pair = np.repeat(np.arange(len(index)), n_edges)
    nth = np.arange(len(pair)) - np.repeat(np.cumsum(n_edges) - n_edges, n_edges)
    start = first[pair] + nth
    x = corners[:, 0]
    left, right = (np.clip(x[at], boxes[pair, 0], boxes[pair, 2]) for at in (start, start + 1))
    # Edges beside the rectangle, more than half of them, have no height over it.
    over = np.flatnonzero(left != right)
    pair, start = pair[over], start[over]
    under = _under_edges(
        corners[start], corners[start + 1], boxes[pair], left=left[over], right=right[over]
    )
    return np.abs(np.bincount(pair, under, minlength=len(index)))


def _under_edges(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    box: NDArray[np.float64],
    *,
    left: NDArray[np.float64],
    right: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Integrate each edge's height above the foot of its rectangle, cut to the rectangle."""
    _, y_low, _, y_high = box.T
    slope = (b[:, 1] - a[:, 1]) / (b[:, 0] - a[:, 0])
    top = y_high - y_low
    from_y, to_y = (a[:, 1] + slope * (x - a[:, 0]) - y_low for x in (left, right))
    rise = to_y - from_y
    level = np.clip((from_y + to_y) / 2, 0, top)
    steep = np.abs(rise) > 1e-6  # noqa: PLR2004 - below a micrometre, the middle is exact enough
    mean = np.divide(_integral(to_y, top) - _integral(from_y, top), rise, out=level, where=steep)
    return np.asarray(mean * (right - left))


def _integral(y: NDArray[np.float64], top: NDArray[np.float64]) -> NDArray[np.float64]:
    """Integrate a height cut to between nothing and ``top``."""
    cut = np.clip(y, 0, top)
    return np.asarray(cut**2 / 2 + top * np.maximum(y - top, 0))
