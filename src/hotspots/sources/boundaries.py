"""Districts, wards, LSOAs and force areas from a file of shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.errors import InputError
from hotspots.schema import AREAS, SET_ASIDE, check
from hotspots.sources import british_isles, vector
from hotspots.sources.columns import listed
from hotspots.sources.rows import account, aside, together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from hotspots.sources.whereabouts import Placed

    Shapes = NDArray[np.object_]

PAGE_SIZES = (1_000, 2_000)
"""Numbers of features at which servers cut a download short."""

_COLLECTION = "GeometryCollection"
_KINDS = (
    "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString",
    "MultiPolygon", _COLLECTION,
)  # fmt: skip
_POLYGON_IDS = [_KINDS.index(kind) for kind in ("Polygon", "MultiPolygon")]
_GRID = shapely.box(0, 0, 700_000, 1_300_000)
_BRITISH_CODE = r"[EWS]\d{8}"
_ONS_CODE = r"[A-Z]\d{8}"
_SHOWN = 5
_HALF = 0.5
_DOUBT = 0.05
_BORDER = (1.125, 235_000.0)  # slope and northing of a line some way north of Scotland's border
_SCOTLAND_FROM_M = 525_000.0
_OVERLAP = 0.01


@dataclass(frozen=True)
class AreaFile:
    """
    One file of areas, read.

    Attributes
    ----------
    table : GeoDataFrame, ``schema.AREAS``, EPSG:27700
        Valid polygons sorted by ``area_code``. ``district_code`` is missing throughout.
    set_aside : DataFrame, ``schema.SET_ASIDE``
        Features left out; the line is the number of the feature.
    account : DataFrame, ``schema.ACCOUNT``
        One row: features in = kept + set aside.
    repairs, warnings : tuple of str
        What was put right, with counts, and what a person should look at, in words.
    """

    table: gpd.GeoDataFrame
    set_aside: pd.DataFrame
    account: pd.DataFrame
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read(
    path: Path,
    *,
    level: str,
    code: str,
    name: str,
    is_whole: bool = False,
    features: Placed | None = None,
) -> AreaFile:
    """
    Read areas of one level, dissolved by their code.

    A feature without a usable shape, or one that comes again in every respect, is set aside and
    counted; but no area may get lost, so the file is refused if one of its codes has no other
    feature. Polygons that cross themselves are mended if two ways of mending agree.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, shapefile or a zip with one of these; polygons.
    level : str
        Kind of area; see ``schema.AREAS``.
    code, name : str
        Columns that hold the ONS code and the name. Rows that share a code become one
        area, so districts can be read from a file of LSOAs.
    is_whole : bool
        A file of exactly 1,000 or 2,000 features is not cut short.
    features : Placed or None
        The features of the file, if they have been read already.

    Raises
    ------
    DataMissingError
        If there is no such file.
    InputError
        If it is damaged, of another kind, its place is not certain, it lacks a column, has a
        blank code or name, two names for one code, one shape under two codes, a code without a
        shape, or shapes that are no areas of Great Britain.
    """
    found = vector.read(path, wanted=[code, name]) if features is None else features
    shapes = found.table
    _refuse_page(path, len(shapes), is_whole=is_whole)
    labels = _labels(path, shapes, code, name)
    if found.is_assumed:
        # A lamp's place may be told from its numbers; on outlines every figure of an area rests.
        msg = (
            f"{path}: the file states no coordinate reference system; its numbers look like "
            "British National Grid metres. If they are, save it again with EPSG:27700 stated (a "
            "shapefile does so in its .prj)."
        )
        raise InputError(msg)
    geometry, repairs = polygons(path, shapes.geometry)
    set_aside = _set_aside(path, labels, geometry, found.fault)
    used = ~geometry.isna() & ~(labels.index + 1).isin(set_aside["line"])
    _refuse_lost(path, labels["area_code"], used)
    areas = gpd.GeoDataFrame(labels[used], geometry=geometry[used], crs=shapes.crs)
    areas = _dissolved(areas, level)
    _refuse_misplaced(path, areas)
    return AreaFile(
        check(areas, AREAS),
        check(set_aside, SET_ASIDE),
        account(path.name, rows_in=len(shapes), kept=int(used.sum()), set_aside=set_aside),
        (*found.repairs, *repairs),
        (*_joined(labels[used], geometry[used]), *_odd_codes(areas), *_overlaps(path, areas)),
    )


def _refuse_page(path: Path, n: int, *, is_whole: bool) -> None:
    if n in PAGE_SIZES and not is_whole:
        msg = (
            f"{path}: found exactly {n:,} features, as downloads have that a server cut short. "
            "Download the whole layer, or say that it is whole (is_whole = true)."
        )
        raise InputError(msg)


def _labels(path: Path, shapes: gpd.GeoDataFrame, code: str, name: str) -> pd.DataFrame:
    missing = [column for column in dict.fromkeys([code, name]) if column not in shapes.columns]
    if missing:
        held = listed(column for column in shapes.columns if column != shapes.geometry.name)
        msg = (
            f"{path}: found no column {listed(missing)}; the file has {held}. "
            "Correct `code` and `name` of this boundary in the settings."
        )
        raise InputError(msg)
    labels = pd.DataFrame(
        {"area_code": _text(path, shapes, code), "name": _text(path, shapes, name)}
    )
    names = labels.groupby("area_code")["name"].nunique()
    if (names > 1).any():
        worst = str(names.idxmax())
        given = labels.loc[labels["area_code"].eq(worst), "name"]
        first = int(given.index[given.ne(given.iloc[0])][0]) + 1
        msg = (
            f"{path}, feature {first}, column {name!r}: the code {worst!r} has "
            f"{names.max()} different names, {listed(given.drop_duplicates().head(_SHOWN))} "
            f"({int((names > 1).sum())} such codes). Correct the code or the name, or name the "
            "column of names that goes with the code in the settings."
        )
        raise InputError(msg)
    return labels


def _text(path: Path, shapes: gpd.GeoDataFrame, column: str) -> pd.Series[str]:
    """Return a column as text without blanks around it; an empty value is refused."""
    text = vector.text(shapes[column])
    empty = text.eq("")
    if empty.any():
        first = int(empty.to_numpy().argmax()) + 1
        msg = (
            f"{path}, feature {first}, column {column!r}: the value is empty "
            f"({int(empty.sum())} of {len(text)} are). Fill it, or name another column."
        )
        raise InputError(msg)
    return text


def polygons(path: Path, geometry: gpd.GeoSeries) -> tuple[gpd.GeoSeries, tuple[str, ...]]:
    """Return valid polygons, missing where a feature has none, and what was mended."""
    shapes = geometry.to_numpy().copy()
    shapes[shapely.is_empty(shapes)] = None
    kinds = pd.Series(shapely.get_type_id(shapes)).map(dict(enumerate(_KINDS)))
    is_mixed = kinds.eq(_COLLECTION).to_numpy()
    shapes[is_mixed] = [_polygons_of(each) for each in shapes[is_mixed]]
    has_shape = ~shapely.is_missing(shapes)
    is_polygon = np.isin(shapely.get_type_id(shapes), _POLYGON_IDS)
    _refuse_first(path, has_shape & ~is_polygon, kinds, "the shape is not a polygon")
    away = has_shape & ~shapely.intersects(shapes, _GRID)
    _refuse_first(path, away, kinds, "the shape lies outside Great Britain")
    broken = has_shape & ~shapely.is_valid(shapes)
    mended = np.array([_mended(each) for each in shapes[broken]], dtype=object)
    doubtful = np.zeros(len(shapes), dtype=bool)
    doubtful[broken] = [each is None for each in mended]
    _refuse_first(path, doubtful, kinds, "the polygon crosses itself in a way that hides its area")
    shapes[broken] = mended
    shapes[has_shape & shapely.is_empty(shapes)] = None
    n = {
        "shapes that cross themselves were mended": int(broken.sum()),
        "shapes have points or lines besides polygons; these were left out": int(is_mixed.sum()),
    }
    repairs = tuple(f"{count:,} {what}" for what, count in n.items() if count)
    return gpd.GeoSeries(shapes, index=geometry.index, crs=geometry.crs), repairs


def _polygons_of(collection: shapely.GeometryCollection) -> shapely.Geometry:
    """Return the polygons of a collection as one shape, or itself if it has none."""
    parts = shapely.get_parts(shapely.get_parts(collection))
    polygons = parts[np.isin(shapely.get_type_id(parts), _POLYGON_IDS)]
    return shapely.union_all([_mended(part) for part in polygons]) if len(polygons) else collection


def _mended(shape: shapely.Geometry) -> shapely.Geometry | None:
    """
    Return a valid shape of polygons only, or None if what is inside it is not certain.

    Where a ring crosses itself so that a part is enclosed twice, one way of mending takes that
    part as inside and the other as outside. A hole outside its ring would be filled by both.
    """
    parts = shapely.get_parts(shape)
    shells = _valid([shapely.Polygon(part.exterior) for part in parts])
    holes = [shapely.union_all(_valid([*map(shapely.Polygon, part.interiors)])) for part in parts]
    beyond = shapely.area(shapely.difference(holes, shells))
    kept = _valid(parts)
    other = [_only_polygons(each) for each in shapely.make_valid(parts, method="linework")]
    doubt = beyond.sum() + shapely.area(shapely.symmetric_difference(kept, other)).sum()
    if doubt > _DOUBT * max(shapely.area(kept).sum(), shapely.area(other).sum()):
        return None
    return _valid([shapely.union_all(kept)])[0]  # parts may overlap


def _valid(shapes: Sequence[shapely.Geometry] | Shapes) -> Shapes:
    """Return valid shapes; by this method a repair leaves polygons only, no lines or points."""
    valid: Shapes = shapely.make_valid(
        np.array(shapes, dtype=object), method="structure", keep_collapsed=False
    )
    return valid


def _only_polygons(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004 - plane


def _refuse_first(path: Path, fault: NDArray[np.bool_], kinds: pd.Series[str], found: str) -> None:
    if fault.any():
        first = int(fault.argmax())
        msg = (
            f"{path}, feature {first + 1}: {found} (found {kinds.iloc[first]}; {int(fault.sum())} "
            f"of {len(fault)} features). Supply the boundaries as polygons with a CRS."
        )
        raise InputError(msg)


def _set_aside(
    path: Path, labels: pd.DataFrame, geometry: gpd.GeoSeries, fault: pd.Series[str]
) -> pd.DataFrame:
    """Return features without a shape as quarantined, and those that come again as duplicates."""
    line = pd.Series(labels.index + 1, labels.index, dtype="int64")
    bare = geometry.isna()
    again = labels.assign(shape=geometry.normalize().to_wkb()).duplicated() & ~bare
    return together(
        [
            aside(
                path.name,
                line[bare],
                status="quarantined",
                reason=fault[bare].fillna("no shape with an area"),
                column="geometry",
                value=labels.loc[bare, "area_code"],
            ),
            aside(
                path.name,
                line[again],
                status="duplicate",
                reason="the same code, name and shape came before",
                value=labels.loc[again, "area_code"],
            ),
        ]
    )


def _refuse_lost(path: Path, codes: pd.Series[str], used: pd.Series[bool]) -> None:
    lost = sorted(set(codes) - set(codes[used]))
    if lost:
        first = int(codes.eq(lost[0]).to_numpy().argmax()) + 1
        msg = (
            f"{path}, feature {first}: the area {lost[0]!r} has no shape with an area "
            f"({len(lost)} of {codes.nunique()} areas). Supply the file with all its shapes."
        )
        raise InputError(msg)


def _dissolved(areas: gpd.GeoDataFrame, level: str) -> gpd.GeoDataFrame:
    # Neighbours may overlap by a hair after simplification, so their union is worked out in full.
    areas = areas.dissolve(by="area_code", as_index=False, sort=True, method="unary")
    areas["geometry"] = gpd.GeoSeries(_valid(areas.geometry), index=areas.index, crs=areas.crs)
    areas["level"] = level
    areas["district_code"] = pd.Series(pd.NA, areas.index, dtype="str")
    areas["area_m2"] = areas.area
    return areas[AREAS.names].astype({column.name: column.dtype for column in AREAS.columns})


def _refuse_misplaced(path: Path, areas: gpd.GeoDataFrame) -> None:
    """Refuse areas at sea, and those whose ONS code is of another country than their place."""
    inner = areas.representative_point()
    slope, level_m = _BORDER
    is_north = inner.y > level_m + slope * inner.x
    country = areas["area_code"].where(areas["area_code"].str.fullmatch(_BRITISH_CODE)).str[:1]
    for fault, found in (
        (~british_isles.on_land(inner.x, inner.y), "lies in no part of Great Britain"),
        (
            country.isin(["E", "W"]) & is_north,
            "has a code of England or Wales and lies in Scotland",
        ),
        (
            country.eq("S") & ~is_north & inner.y.lt(_SCOTLAND_FROM_M),
            "has a code of Scotland and lies in England",
        ),
    ):
        if fault.any():
            first = areas.loc[fault, "area_code"].iloc[0]
            msg = (
                f"{path}: the area {first!r} {found}: easting "
                f"{inner[fault].x.iloc[0]:,.0f}, northing {inner[fault].y.iloc[0]:,.0f} "
                f"({int(fault.sum())} of {len(areas)} areas). Ask the publisher for the right "
                "coordinate reference system, and save it again with that."
            )
            raise InputError(msg)


def _joined(labels: pd.DataFrame, geometry: gpd.GeoSeries) -> Iterator[str]:
    """Say how many areas come out of features of one code, and warn of those that are no parts."""
    codes = labels["area_code"]
    if codes.is_unique:
        return
    yield (
        f"the {len(codes):,} features bear {codes.nunique():,} codes, so {codes.nunique():,} "
        "areas come out; those of one code are joined"
    )
    twice = codes.duplicated(keep=False)
    for code, shapes in geometry[twice].groupby(codes[twice]):
        whole = float(_valid([shapely.union_all(shapes.to_numpy())])[0].area)
        doubled = float(shapes.area.sum()) - whole
        if doubled > _OVERLAP * float(shapes.area.min()):
            lines = ", ".join(str(line + 1) for line in shapes.index[:_SHOWN])
            yield (
                f"the features {lines} all have the code {str(code)!r} but lie on each other: "
                "perhaps one area drawn twice, or a wrong code; they are joined"
            )


def _odd_codes(areas: gpd.GeoDataFrame) -> Iterator[str]:
    """Name codes that are no ONS codes where the others are."""
    codes = areas["area_code"]
    is_odd = ~codes.str.fullmatch(_ONS_CODE)
    if 0 < is_odd.sum() < len(codes) * _HALF:
        yield (
            f"{int(is_odd.sum()):,} of {len(codes):,} codes are not a letter and eight digits as "
            f"the ONS writes them: {listed(codes[is_odd].head(_SHOWN))}"
        )


def _overlaps(path: Path, areas: gpd.GeoDataFrame) -> Iterator[str]:
    """Warn of areas that lie on each other; refuse one shape under two codes."""
    shapes = areas.geometry.to_numpy()
    codes = areas["area_code"].to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    # Most neighbours share a border and no ground, which is told faster than it is measured.
    is_over = ~shapely.touches(shapes[one], shapes[other])
    one, other = one[is_over], other[is_over]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    larger = np.maximum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    same = np.flatnonzero(shared > (1 - _OVERLAP / 10) * larger)
    if len(same):
        pair = listed([str(codes[one[same[0]]]), str(codes[other[same[0]]])])
        msg = (
            f"{path}: the areas {pair} have the same shape, so one code is wrong. "
            "Ask the publisher which, and supply the file again."
        )
        raise InputError(msg)
    wide = np.flatnonzero(shared > _OVERLAP * smaller)
    if len(wide):
        worst = wide[np.argmax(shared[wide] / smaller[wide])]
        pair = listed([str(codes[one[worst]]), str(codes[other[worst]])])
        share = shared[worst] / smaller[worst]
        yield f"{len(wide):,} pairs of areas overlap, {pair} by {share:.0%} of the smaller one"
