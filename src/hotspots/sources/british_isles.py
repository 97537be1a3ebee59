"""A coarse outline of Great Britain: enough to tell land from sea, not where the coast runs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from hotspots.crs import BNG

if TYPE_CHECKING:
    from numpy.typing import NDArray

COAST_M = 15_000.0
"""How far off the outline a place still counts as on land, metres: it is drawn that coarsely."""

IRISH_GRIDS = {"EPSG:29902": "Irish Grid", "EPSG:2157": "Irish Transverse Mercator"}

# Headlands in kilometres of the British National Grid, clockwise from Land's End; then the outer
# islands, and the sample county, which is drawn in the Irish Sea.
_OUTLINES_KM = (
    (
        (132, 23), (171, 10), (286, 35), (297, 57), (305, 79), (337, 89), (368, 67), (397, 74),
        (428, 83), (450, 75), (467, 86), (486, 92), (559, 95), (610, 115), (638, 139), (640, 170),
        (624, 214), (634, 233), (647, 249), (656, 294), (639, 332), (622, 344), (567, 344),
        (558, 364), (551, 386), (542, 411), (522, 449), (526, 471), (506, 491), (491, 513),
        (455, 534), (438, 570), (425, 640), (401, 654), (394, 670), (369, 681), (366, 712),
        (366, 740), (389, 787), (398, 807), (415, 846), (403, 870), (323, 873), (296, 889),
        (306, 917), (340, 955), (342, 975), (321, 979), (284, 972), (226, 977), (201, 934),
        (172, 893), (144, 878), (112, 850), (124, 805), (140, 768), (109, 755), (92, 745),
        (125, 721), (135, 692), (115, 660), (129, 639), (159, 605), (204, 618), (216, 597),
        (197, 574), (216, 529), (245, 533), (297, 553), (293, 513), (318, 462), (331, 449),
        (326, 407), (320, 390), (314, 387), (276, 385), (247, 395), (229, 393), (220, 382),
        (236, 361), (210, 321), (255, 330), (256, 280), (215, 251), (189, 241), (170, 225),
        (179, 202), (197, 193), (237, 188), (279, 175), (317, 165), (299, 148), (250, 149),
        (221, 128), (202, 90), (184, 77), (150, 43),
    ),
    (
        (49, 777), (76, 775), (102, 834), (102, 879), (159, 931), (162, 970), (101, 940), (62, 860),
    ),
    ((316, 986), (354, 979), (380, 1035), (377, 1059), (343, 1058), (317, 1025)),
    ((434, 1107), (451, 1108), (474, 1169), (471, 1219), (452, 1219), (395, 1141), (414, 1113)),
    ((80, 4), (95, 3), (96, 20), (81, 21)),
    ((419, 1069), (424, 1069), (424, 1075), (419, 1075)),
    ((212, 143), (214, 143), (214, 148), (212, 148)),
)  # fmt: skip
_SAMPLE_COUNTY_M = (216_000, 421_000, 241_000, 441_000)

# Northern Ireland in kilometres of the Irish Grid, clockwise from Magilligan.
_NORTHERN_IRELAND_KM = (
    (266, 440), (285, 442), (303, 445), (312, 452), (320, 445), (324, 441), (331, 425), (340, 405),
    (348, 394), (360, 381), (367, 359), (362, 345), (354, 332), (339, 330), (332, 313), (325, 310),
    (306, 316), (291, 313), (281, 330), (274, 345), (266, 351), (255, 347), (254, 331), (242, 325),
    (235, 320), (226, 327), (207, 337), (193, 358), (210, 368), (214, 381), (231, 389), (234, 398),
    (237, 413), (243, 425),
)  # fmt: skip
_IRISH_EDGE_M = 3_000.0
_ISLE_OF_MAN_M = (212_000.0, 460_000.0, 253_000.0, 510_000.0)


@cache
def _ulster() -> shapely.Polygon:
    outline = shapely.Polygon(np.array(_NORTHERN_IRELAND_KM) * 1_000.0).buffer(_IRISH_EDGE_M)
    shapely.prepare(outline)
    return outline


@cache
def _land() -> shapely.MultiPolygon:
    shapes = [shapely.Polygon(np.array(outline) * 1_000.0) for outline in _OUTLINES_KM]
    land = shapely.union_all([*shapely.buffer(shapes, COAST_M), shapely.box(*_SAMPLE_COUNTY_M)])
    shapely.prepare(land)
    return land


def on_land(x: pd.Series[float], y: pd.Series[float]) -> pd.Series[bool]:
    """
    Say which places lie in Great Britain, or within ``COAST_M`` of it.

    Parameters
    ----------
    x, y : Series of float64
        Easting and northing in metres, EPSG:27700; a missing place is not on land.
    """
    here = shapely.contains_xy(_land(), x.to_numpy(dtype=float), y.to_numpy(dtype=float))
    return pd.Series(here, x.index, dtype="bool")


def on_isle_of_man(x: pd.Series[float], y: pd.Series[float]) -> pd.Series[bool]:
    """
    Say which places lie on the Isle of Man or close to it: it is no part of Great Britain.

    Parameters
    ----------
    x, y : Series of float64
        Easting and northing in metres, EPSG:27700; a missing place does not.
    """
    west, south, east, north = _ISLE_OF_MAN_M
    return x.between(west, east) & y.between(south, north)


def from_irish(
    x: pd.Series[float], y: pd.Series[float], grid: str
) -> tuple[pd.Series[float], pd.Series[float]]:
    """
    Read eastings and northings as those of an Irish grid.

    Parameters
    ----------
    x, y : Series of float64
        Easting and northing in metres.
    grid : str
        One of ``IRISH_GRIDS``.

    Returns
    -------
    x, y : Series of float64
        The same places in metres, EPSG:27700.
    """
    return _transformed(grid, BNG, x, y)


def in_northern_ireland(x: pd.Series[float], y: pd.Series[float]) -> pd.Series[bool]:
    """
    Say which places lie in Northern Ireland.

    Parameters
    ----------
    x, y : Series of float64
        Easting and northing in metres, EPSG:27700; a missing place does not.
    """
    irish_x, irish_y = _transformed(BNG, "EPSG:29902", x, y)
    here = shapely.contains_xy(_ulster(), irish_x.to_numpy(), irish_y.to_numpy())
    return pd.Series(here, x.index, dtype="bool")


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _transformed(
    source: str, target: str, x: pd.Series[float], y: pd.Series[float]
) -> tuple[pd.Series[float], pd.Series[float]]:
    project = _transformer(source, target)
    known = (x.notna() & y.notna()).to_numpy()
    found: NDArray[np.float64] = np.full((2, len(x)), np.nan)
    found[:, known] = project.transform(x.to_numpy()[known], y.to_numpy()[known])
    found[~np.isfinite(found)] = np.nan
    return pd.Series(found[0], x.index), pd.Series(found[1], x.index)
