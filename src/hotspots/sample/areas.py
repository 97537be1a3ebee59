"""Districts, wards and LSOAs of both vintages, cut from one mesh so that they tile exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from hotspots.sample import names
from hotspots.sample.streets import BOX, DISTRICTS, SETTLEMENTS, is_land, to_degrees

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MESH_M = 300.0
_POINTS_PER_LSOA = 22
_LSOAS_PER_WARD = 6
_CHANGED_WARDS = 10
_LSOAS_OF_CHANGED_WARD = 4
_SPLIT_IN_2021 = 6


@dataclass(frozen=True)
class Areas:
    """
    The areas of the county.

    Attributes
    ----------
    lsoas : DataFrame
        One row per smallest piece; ``code11``, ``name11``, ``code21``, ``name21``, ``ward_code``,
        ``ward_name``, ``district_code``, ``district_name``. Most pieces are one LSOA in both
        vintages; in six places 2021 split an LSOA of 2011, in four it merged two.
    cells : array of Polygon, shape (n_cells,)
        Land cells of the mesh, longitude and latitude to six decimals.
    lsoa_of_cell : array of int64, shape (n_cells,)
        Row of ``lsoas`` each cell belongs to.
    seeds : array of float64, shape (n_cells, 2)
        The place each cell is nearest to, metres, EPSG:27700.
    """

    lsoas: pd.DataFrame
    cells: NDArray[np.object_]
    lsoa_of_cell: NDArray[np.int64]
    seeds: NDArray[np.float64]

    def locate(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the row of ``lsoas`` that holds each place on land, metres, EPSG:27700."""
        found: NDArray[np.int64] = self.lsoa_of_cell[cKDTree(self.seeds).query(xy)[1]]
        return found

    def layer(self, columns: dict[str, str]) -> tuple[pd.DataFrame, NDArray[np.object_]]:
        """
        Join the cells of every area of one level.

        Parameters
        ----------
        columns : dict
            Column of ``lsoas`` to published name; the first is the key.

        Returns
        -------
        DataFrame and array of Polygon or MultiPolygon
            One row and one shape per area, sorted by code; longitude and latitude.
        """
        key = next(iter(columns))
        table = self.lsoas[[*columns]].drop_duplicates(key).sort_values(key)
        codes = self.lsoas[key].to_numpy()[self.lsoa_of_cell]
        shapes = [shapely.coverage_union_all(self.cells[codes == code]) for code in table[key]]
        table = table.rename(columns=columns).reset_index(drop=True)
        return table, shapely.orient_polygons(np.array(shapes, dtype=object))


def divide(sites: NDArray[np.float64], rng: np.random.Generator) -> Areas:
    """
    Divide the land into districts, wards and LSOAs of about 22 map points each.

    Parameters
    ----------
    sites : array of float64, shape (n, 2)
        Map points, metres, EPSG:27700; each becomes a cell of the mesh of its own.
    rng : Generator
        Source of chance.
    """
    mesh = _mesh(sites, rng)
    land = is_land(mesh)
    land[: len(sites)] = True
    cells = _cells(mesh)[land]
    seeds = mesh[land]
    district_of_site = _nearest_district(sites)
    centres, district, ward = _lsoa_centres(sites, district_of_site, rng)
    lsoa_of_cell = np.zeros(len(seeds), dtype=np.int64)
    district_of_cell = _nearest_district(seeds)
    for number in range(len(DISTRICTS)):
        inside = np.flatnonzero(district == number)
        here = district_of_cell == number
        lsoa_of_cell[here] = inside[cKDTree(centres[inside]).query(seeds[here])[1]]
    return Areas(_register(centres, district, ward, rng), cells, lsoa_of_cell, seeds)


def _mesh(sites: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the map points and, where there are none, a shaken grid over land and sea."""
    west, south, east, north = BOX
    x, y = np.meshgrid(np.arange(west, east, _MESH_M), np.arange(south, north, _MESH_M))
    grid = np.column_stack([x.ravel(), y.ravel()])
    grid += rng.uniform(-0.4 * _MESH_M, 0.4 * _MESH_M, grid.shape)
    is_empty = cKDTree(sites).query(grid)[0] > _MESH_M / 2
    return np.concatenate([sites, grid[is_empty]])


def _cells(mesh: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return the nearest-place cell of every mesh place, with rounded degrees for corners."""
    cells = shapely.voronoi_polygons(shapely.multipoints(mesh), ordered=True)
    found = shapely.get_parts(cells)
    # Corners are rounded once, before cells are joined: neighbours keep identical borders.
    rounded: NDArray[np.object_] = shapely.transform(found, to_degrees)
    return rounded


def _nearest_district(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give each place the district of the settlement whose edge is relatively nearest."""
    centres = np.array([(town.easting, town.northing) for town in SETTLEMENTS])
    size = np.sqrt([town.radius_m for town in SETTLEMENTS])
    away = np.hypot(*(xy[:, None, :] - centres[None, :, :]).transpose(2, 0, 1)) / size
    owner = np.array([DISTRICTS.index(town.district) for town in SETTLEMENTS])
    nearest: NDArray[np.int64] = owner[away.argmin(axis=1)]
    return nearest


def _group(xy: NDArray[np.float64], k: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return ``k`` centres of compact groups of places, by ten rounds of Lloyd's rule."""
    centres = xy[rng.choice(len(xy), size=k, replace=False)]
    for _ in range(10):
        owner = cKDTree(centres).query(xy)[1]
        number = np.bincount(owner, minlength=k)
        total = np.column_stack([np.bincount(owner, weights=side, minlength=k) for side in xy.T])
        mean = total / np.maximum(number, 1)[:, None]
        centres = np.where(number[:, None] > 0, mean, centres)
    return centres


def _lsoa_centres(
    sites: NDArray[np.float64], district_of_site: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the centre, district and ward of every smallest piece, in order of ward."""
    centres, districts, wards = [], [], []
    first_ward = 0
    for number in range(len(DISTRICTS)):
        here = sites[district_of_site == number]
        pieces = _group(here, max(8, len(here) // _POINTS_PER_LSOA), rng)
        hubs = _group(pieces, max(3, len(pieces) // _LSOAS_PER_WARD), rng)
        ward = cKDTree(hubs).query(pieces)[1]
        order = np.argsort(ward, kind="stable")
        # Renumbered, in case a hub was left without pieces.
        ward = np.unique(ward[order], return_inverse=True)[1]
        centres.append(pieces[order])
        districts.append(np.full(len(pieces), number))
        wards.append(ward + first_ward)
        first_ward += int(ward.max()) + 1
    return np.concatenate(centres), np.concatenate(districts), np.concatenate(wards)


def _register(
    centres: NDArray[np.float64],
    district: NDArray[np.int64],
    ward: NDArray[np.int64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Name and number every area; the codes look like ONS codes and collide with none."""
    n = len(centres)
    ward_names = np.array(names.ward_names(int(ward.max()) + 1, rng), dtype=object)
    first = np.array([ward[district == number].min() for number in range(len(DISTRICTS))])
    table = pd.DataFrame({"ward": ward, "district_name": np.array(DISTRICTS)[district]})
    table["district_code"] = [f"E07999{number + 1:03d}" for number in district]
    table["ward_code"] = [f"E05999{number + 1:03d}" for number in ward]
    table["ward_name"] = ward_names[ward]
    letter = table.groupby("ward").cumcount()
    msoa = ward - first[district] + 1
    table["code11"] = [f"E0199{number + 1:04d}" for number in range(n)]
    table["name11"] = [
        f"{name} {area:03d}{chr(65 + which)}"
        for name, area, which in zip(table["district_name"], msoa, letter, strict=True)
    ]
    table["code21"], table["name21"] = table["code11"], table["name11"]
    return _change_lsoas(table, centres)


def _change_lsoas(table: pd.DataFrame, centres: NDArray[np.float64]) -> pd.DataFrame:
    """Let 2021 split six LSOAs and merge four pairs, one in each of ten wards."""
    table = table.copy()
    sizes = table["ward"].value_counts(sort=False)
    eligible = np.sort(sizes.index[sizes >= _LSOAS_OF_CHANGED_WARD])
    spread_out = eligible[np.linspace(0, len(eligible) - 1, _CHANGED_WARDS).astype(int)]
    for number, ward in enumerate(spread_out):
        rows = np.flatnonzero(table["ward"] == ward)
        gap = np.hypot(*(centres[rows][:, None] - centres[rows][None]).transpose(2, 0, 1))
        gap[np.diag_indices_from(gap)] = np.inf
        a, b = sorted(rows[list(np.unravel_index(gap.argmin(), gap.shape))])
        whole, half = table.index[a], table.index[b]
        stem, last = table.loc[whole, "name11"][:-1], chr(65 + len(rows))
        if number < _SPLIT_IN_2021:
            table.loc[half, ["code11", "name11"]] = table.loc[whole, ["code11", "name11"]].to_list()
            table.loc[whole, ["code21", "name21"]] = [f"E01998{2 * number + 1:03d}", stem + last]
            after = stem + chr(ord(last) + 1)
            table.loc[half, ["code21", "name21"]] = [f"E01998{2 * number + 2:03d}", after]
        else:
            merged = [f"E01998{number + 51:03d}", stem + last]
            table.loc[whole, ["code21", "name21"]] = merged
            table.loc[half, ["code21", "name21"]] = merged
    return table
