"""Where the shapes of a geographic file lie: what it states, and what its numbers say of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError

from hotspots.crs import BNG, WGS84, lonlat_to_bng
from hotspots.errors import InputError, cut

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Mask = NDArray[np.bool_]

_LON_DEG = (-9.5, 3.0)
_LAT_DEG = (49.0, 61.5)
_GRID_M = (700_000.0, 1_300_000.0)
_GRID_FROM_M = 1_000.0
_FEW = 0.05
_MOST = 0.5

# Ireland with its northern counties, coarsely; Kintyre, Galloway and Man lie outside.
_IRELAND_LONLAT = (
    (-11.5, 51.0), (-5.9, 51.6), (-5.35, 53.9), (-5.35, 54.75), (-5.9, 55.2), (-6.1, 55.33),
    (-7.3, 55.5), (-8.8, 55.4), (-11.5, 54.5),
)  # fmt: skip


@dataclass(frozen=True)
class Unplaced:
    """
    Features of a file as it holds them.

    Attributes
    ----------
    table : DataFrame
        Attributes, numbered from 0.
    shapes : array of shapely geometry or None
        As the numbers of the file have them.
    faults : list of str or None
        Why a feature has no shape, where the file holds something that is none.
    crs : CRS or None
        What the file states.
    understood : str or None
        What holds where the file states nothing.
    repairs : tuple of str
        What was put right so far, in words with counts.
    """

    table: pd.DataFrame
    shapes: Shapes
    faults: list[str | None]
    crs: CRS | None
    understood: str | None = None
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placed:
    """
    Features in British National Grid metres.

    Attributes
    ----------
    table : GeoDataFrame of shape (n_features, n_columns + 1), EPSG:27700
        In the order of the file, numbered from 0, the geometry last; missing where there is no
        shape.
    fault : Series of str, indexed like ``table``
        Why a feature has no shape, in words; missing where it has one, or simply none.
    repairs : tuple of str
        What was put right, in words with counts.
    is_assumed : bool
        The file states no CRS, and its numbers were taken for metres of the British grid.
    """

    table: gpd.GeoDataFrame
    fault: pd.Series[str]
    repairs: tuple[str, ...] = ()
    is_assumed: bool = False


@dataclass
class _Numbers:
    """What the bounds of each feature look like; the kinds have nothing in common."""

    bounds: NDArray[np.float64]
    degrees: Mask = field(init=False)
    swapped: Mask = field(init=False)
    metres: Mask = field(init=False)

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.bounds.T
        lon, lat = _LON_DEG, _LAT_DEG
        self.degrees = (x0 >= lon[0]) & (x1 <= lon[1]) & (y0 >= lat[0]) & (y1 <= lat[1])
        self.swapped = (x0 >= lat[0]) & (x1 <= lat[1]) & (y0 >= lon[0]) & (y1 <= lon[1])
        east, north = _GRID_M
        self.metres = (x0 >= 0) & (x1 <= east) & (y0 >= 0) & (y1 <= north)
        self.metres &= np.maximum(x1, y1) > _GRID_FROM_M


def place(path: Path, found: Unplaced) -> Placed:
    """
    Bring features to EPSG:27700.

    A CRS that the numbers contradict is not believed where they leave no doubt: degrees of
    Britain, such degrees in the wrong order, and metres of the British grid have no number in
    common. Each feature is judged by itself.

    Parameters
    ----------
    path : Path
        The file, for messages.
    found : Unplaced
        Its features.

    Raises
    ------
    InputError
        If the place on earth is not certain, or is Ireland.
    """
    shapes, faults = _sound(found)
    numbers = _Numbers(shapely.bounds(shapes))
    has_shape = ~np.isnan(numbers.bounds[:, 0])
    stated = found.crs if found.crs is not None else found.understood
    basis = None if stated is None else CRS.from_user_input(stated)
    if basis is not None and not (basis.is_geographic or basis.is_projected):
        basis = None
    is_stated = found.crs is not None and basis is not None
    _refuse_unknown(path, basis, numbers, has_shape)
    target, repairs = _targets(basis, numbers, is_stated=is_stated)
    if basis is None:
        lost = has_shape & (target == "")
        shapes[lost] = None
        faults[lost] = "its coordinates are neither degrees nor metres of Great Britain"
    shapes[numbers.swapped] = _turned(shapes[numbers.swapped])
    projected = _projected(path, shapes, target, basis)
    _mark_unplaced(projected, has_shape, faults)
    _refuse_ireland(path, projected)
    table = gpd.GeoDataFrame(found.table, geometry=gpd.GeoSeries(projected, crs=BNG))
    fault = pd.Series(faults, table.index, dtype="str")
    is_assumed = not is_stated and bool((target[numbers.metres] == BNG).any())
    return Placed(table, fault, (*found.repairs, *repairs), is_assumed)


def _sound(found: Unplaced) -> tuple[Shapes, NDArray[np.object_]]:
    """Return flat shapes, those with an endless coordinate left out."""
    shapes = shapely.force_2d(found.shapes)
    faults = np.array(found.faults, dtype=object)
    spots, place = shapely.get_coordinates(shapes, return_index=True)
    endless = np.unique(place[~np.isfinite(spots).all(axis=1)])
    shapes[endless] = None
    faults[endless] = "a coordinate is not a number"
    return shapes, faults


def _refuse_unknown(path: Path, basis: CRS | None, numbers: _Numbers, has_shape: Mask) -> None:
    n = int(has_shape.sum())
    known = numbers.degrees | numbers.swapped | numbers.metres
    if basis is None and (~known & has_shape).sum() > _FEW * n:
        msg = (
            f"{path}: the file states no coordinate reference system (a shapefile does so in its "
            ".prj), and its numbers are neither degrees nor metres of Great Britain. Ask the "
            "publisher which one it is, often EPSG:27700, and save it with that."
        )
        raise InputError(msg)
    if basis is None or not basis.is_geographic or not n:
        return
    beyond = (np.abs(numbers.bounds) > [180, 90, 180, 90]).any(axis=1) & ~numbers.metres
    if beyond.sum() > _MOST * n:
        seen = ", ".join(f"{bound:.0f}" for bound in numbers.bounds[beyond][0])
        msg = (
            f"{path}: the coordinates ({seen}) are no degrees, though the file states degrees or, "
            "as GeoJSON may, nothing. If they are British National Grid metres, save it again "
            "with EPSG:27700 stated, or as degrees (EPSG:4326)."
        )
        raise InputError(msg)


def _targets(
    basis: CRS | None, numbers: _Numbers, *, is_stated: bool
) -> tuple[NDArray[np.str_], tuple[str, ...]]:
    """Return for each feature the CRS its numbers are in ("" for the basis), and the repairs."""
    target = np.full(len(numbers.bounds), "", dtype=object)
    in_degrees = numbers.degrees | numbers.swapped
    is_grid = basis is not None and basis.is_projected
    target[numbers.swapped] = WGS84
    repairs = []
    if basis is None or is_grid:
        target[in_degrees] = WGS84
        repairs += _counted(in_degrees, "degrees", WGS84, is_stated=is_stated)
    if basis is None or basis.is_geographic:
        target[numbers.metres] = BNG
        what = "British National Grid metres"
        repairs += _counted(numbers.metres, what, BNG, is_stated=is_stated)
    if numbers.swapped.any():
        n = int(numbers.swapped.sum())
        repairs.append(f"{n:,} features have latitude before longitude; the axes were swapped")
    return target, tuple(repairs)


def _counted(rows: Mask, what: str, crs: str, *, is_stated: bool) -> list[str]:
    if not rows.any():
        return []
    stated = "though the file states another" if is_stated else "the file states no"
    words = f"features are in {what}, {stated} reference system; read as {crs}"
    return [f"{int(rows.sum()):,} {words}"]


def _turned(shapes: Shapes) -> Shapes:
    turned: Shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return turned


def _projected(path: Path, shapes: Shapes, target: NDArray[np.str_], basis: CRS | None) -> Shapes:
    projected = shapes.copy()
    for name in dict.fromkeys(target.tolist()):
        rows = target == name
        crs: Any = name or basis
        if crs is None:
            continue
        try:
            projected[rows] = gpd.GeoSeries(shapes[rows], crs=crs).to_crs(BNG).to_numpy()
        except ProjError as error:
            msg = (
                f"{path}: the layer cannot be brought to EPSG:27700 ({cut(error)}). "
                "Save the layer again as a GeoPackage, for example with QGIS."
            )
            raise InputError(msg) from None
    return projected


def _mark_unplaced(projected: Shapes, has_shape: Mask, faults: NDArray[np.object_]) -> None:
    bounds = shapely.bounds(projected)
    lost = has_shape & ~np.isfinite(bounds).all(axis=1) & (faults == None)  # noqa: E711 - an array
    projected[lost] = None
    faults[lost] = "its coordinates are none of its reference system"


@cache
def _ireland() -> shapely.Polygon:
    lon, lat = np.array(_IRELAND_LONLAT).T
    return shapely.Polygon(lonlat_to_bng(lon, lat))


def _refuse_ireland(path: Path, shapes: Shapes) -> None:
    x0, y0, x1, y1 = shapely.bounds(shapes[~shapely.is_missing(shapes)]).T
    inside = shapely.contains_xy(_ireland(), (x0 + x1) / 2, (y0 + y1) / 2)
    if inside.sum() > _MOST * len(inside):
        msg = (
            f"{path}: {int(inside.sum()):,} of {len(inside):,} features lie in Ireland, outside "
            "Great Britain, which is all this program covers. If they should not, the file states "
            "the wrong coordinate reference system: ask the publisher for the right one."
        )
        raise InputError(msg)
