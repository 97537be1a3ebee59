"""The map of a site sheet: a drawing in metres that prints, with nothing to load or to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from hotspots.publish.site import Site, Touched

LAMPS_MOST = 300
"""More street lights are not drawn: those nearest to the middle are."""

NUMBERS_MOST = 9
STREETS_MOST = 14

POINT_SIZES = (10, 50, 200)
"""Map points are drawn in four sizes, parted at these counts; the count itself is not given."""

_SHAPE = 1.3
"""Width of the map for its height."""

_MARGIN = 1.05
_TEXT = {"street": 2.3, "lamp": 1.5, "number": 3.4}
"""Heights of letters, in hundredths of the height of the map."""

_LETTER_WIDTH = 0.56
_LETTERS_MOST = 40
_SCALES_M = (20, 50, 100, 200, 500, 1000)


class Lamp(NamedTuple):
    """A street light: what it is called, and where it stands, metres of EPSG:27700."""

    words: str
    x: float
    y: float


@dataclass(frozen=True)
class Label:
    """A text on the map: where it stands, and from which side it is written."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Sketch:
    """What the template draws; lengths are metres, x to the east and y to the south."""

    width: float
    height: float
    unit: float
    radius_m: float
    ring: str
    site: str
    cross: bool
    outlines: tuple[str, ...]
    districts: tuple[str, ...]
    lines: str
    hotspots: tuple[tuple[str, str], ...]
    numbers: tuple[Label, ...]
    points: tuple[tuple[float, float, int], ...]
    lamps: tuple[tuple[float, float], ...]
    places: tuple[tuple[float, float], ...]
    lamp_labels: tuple[Label, ...]
    streets: tuple[Label, ...]
    scale_m: int
    sizes: dict[str, float]


class Room:
    """Where on the map texts stand already, so that none is written over another."""

    def __init__(self, width: float, height: float) -> None:
        self._half = np.array([width, height]) / 2
        self._taken: list[tuple[float, float, float, float]] = []

    def take(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Take a rectangle if it is on the map and free."""
        wide, high = self._half
        if left < -wide or right > wide or top < -high or bottom > high:
            return False
        if any(left < e and right > w and top < s and bottom > n for w, n, e, s in self._taken):
            return False
        self._taken.append((left, top, right, bottom))
        return True

    def write(self, x: float, y: float, text: str, size: float, gap: float) -> Label | None:
        """Write a text beside, above or below a place, if there is room."""
        wide = len(text) * size * _LETTER_WIDTH
        for anchor, dx, dy in (
            ("start", gap, size * 0.35), ("end", -gap, size * 0.35),
            ("middle", 0.0, -gap), ("middle", 0.0, gap + size * 0.8),
        ):  # fmt: skip
            left = x + dx - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            base = y + dy
            if self.take(left, base - size * 0.85, left + wide, base + size * 0.2):
                return Label(_r(x + dx), _r(base), text, anchor)
        return None


def sketch(
    site: Site,
    districts: gpd.GeoDataFrame,
    lsoas: gpd.GeoDataFrame,
    shown: Sequence[Touched],
    lamps: Sequence[Lamp],
) -> Sketch:
    """
    Draw the vicinity of a site.

    Parameters
    ----------
    site : Site
    districts, lsoas : GeoDataFrame, EPSG:27700
        Outlines, of the whole area.
    shown : sequence of Touched
        Hotspots to draw, in the order of their numbers in the table.
    lamps : sequence of Lamp
        Street lights to draw.
    """
    middle, zone = site.place.middle, site.place.zone
    west, south, east, north = zone.bounds
    high = _MARGIN * max(2 * max(north - middle.y, middle.y - south), (east - west) / _SHAPE)
    wide = _SHAPE * high
    frame = shapely.box(
        middle.x - wide / 2, middle.y - high / 2, middle.x + wide / 2, middle.y + high / 2
    )
    to_map = _Projector(middle.x, middle.y, frame)
    sizes = {name: _r(part * high / 100) for name, part in _TEXT.items()}
    room, unit = Room(wide, high), high / 100
    # The north arrow, the scale bar and the cross keep their ground.
    room.take(wide / 2 - 9 * unit, -high / 2, wide / 2, -high / 2 + 13 * unit)
    room.take(-wide / 2, high / 2 - 7 * unit, -wide / 2 + 40 * unit, high / 2)
    if site.place.kind == "point":
        room.take(-2 * unit, -2 * unit, 2 * unit, 2 * unit)
    points = _points(site, to_map)
    lamp_xy = [to_map.xy(each.x, each.y) for each in lamps]
    for x, y, half in (
        *((x, y, (size + 1) * unit / 2) for x, y, size in points),
        *((x, y, unit / 2) for x, y in lamp_xy),
    ):
        room.take(x - half, y - half, x + half, y + half)
    numbers = _numbers(shown, to_map, room, sizes["number"])
    streets = _streets(site, to_map, room, sizes["street"])
    return Sketch(
        width=_r(wide),
        height=_r(high),
        unit=_r(unit),
        radius_m=site.place.radius_m,
        ring=to_map.path(zone.exterior),
        site="" if site.place.kind == "point" else to_map.path(site.place.shape),
        cross=site.place.kind == "point",
        outlines=to_map.paths(lsoas),
        districts=to_map.paths(districts),
        lines="".join(to_map.paths(site.lines)),
        hotspots=tuple((each.label, to_map.path(each.shape)) for each in shown),
        numbers=numbers,
        points=points,
        lamps=tuple(lamp_xy),
        places=tuple(to_map.places(site.places)),
        lamp_labels=_lamp_labels(lamps, lamp_xy, room, sizes["lamp"]),
        streets=streets,
        scale_m=max(each for each in _SCALES_M if each <= wide / 4),
        sizes=sizes,
    )


class _Projector:
    """Turns shapes of EPSG:27700 into drawing instructions about a middle, cut to a frame."""

    def __init__(self, x: float, y: float, frame: shapely.Polygon) -> None:
        self._x, self._y, self._frame = x, y, frame
        shapely.prepare(frame)

    def xy(self, x: float, y: float) -> tuple[float, float]:
        return _r(x - self._x), _r(self._y - y)

    def places(self, table: gpd.GeoDataFrame) -> list[tuple[float, float]]:
        return [self.xy(point.x, point.y) for point in table.geometry]

    def paths(self, table: gpd.GeoDataFrame) -> tuple[str, ...]:
        if table.empty:
            return ()
        shapes = table.geometry.to_numpy()
        near = shapes[shapely.intersects(self._frame, shapes)]
        edges = np.where(shapely.get_dimensions(near) == 2, shapely.boundary(near), near)  # noqa: PLR2004 - polygons
        return tuple(each for each in map(self.path, edges) if each)

    def path(self, shape: shapely.Geometry) -> str:
        """Write a line or an outline as moves and steps of whole metres."""
        line = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape  # noqa: PLR2004 - polygons
        cut = shapely.intersection(line, self._frame)
        parts = shapely.get_parts(
            shapely.line_merge(cut) if cut.geom_type == "MultiLineString" else cut
        )
        return "".join(self._moves(shapely.simplify(part, 0.5)) for part in parts if part.length)

    def _moves(self, line: shapely.LineString) -> str:
        xy = shapely.get_coordinates(line) - [self._x, self._y]
        whole = np.rint(xy * [10, -10]).astype(np.int64)
        is_ring = len(whole) > 2 and (whole[0] == whole[-1]).all()  # noqa: PLR2004 - a ring has three corners
        steps = np.diff(whole[:-1] if is_ring else whole, axis=0)
        start = f"M{whole[0][0] / 10:g} {whole[0][1] / 10:g}"
        rest = "".join(f" {x / 10:g} {y / 10:g}" for x, y in steps.tolist())
        return f"{start}l{rest.strip()}{'z' if is_ring else ''}" if rest else ""


def _r(value: float) -> float:
    return round(float(value), 1)


def _points(site: Site, to_map: _Projector) -> tuple[tuple[float, float, int], ...]:
    """Give the map points that had incidents, each with its size from one to four."""
    n, x, y = (site.points[name].to_numpy() for name in ("n", "x", "y"))
    held = np.flatnonzero(n > 0)
    size = np.searchsorted(POINT_SIZES, n[held], side="right") + 1
    return tuple(
        (*to_map.xy(x[i], y[i]), step) for i, step in zip(held, size.tolist(), strict=True)
    )


def _numbers(
    shown: Sequence[Touched], to_map: _Projector, room: Room, size: float
) -> tuple[Label, ...]:
    """Write the numbers of the table beside the first hotspots, each near a place inside it."""
    found = []
    for number, each in enumerate(shown[:NUMBERS_MOST], start=1):
        inside = shapely.point_on_surface(each.shape)
        label = room.write(*to_map.xy(inside.x, inside.y), str(number), size, size * 0.9)
        found.append(label)
    return tuple(label for label in found if label is not None)


def _streets(site: Site, to_map: _Projector, room: Room, size: float) -> tuple[Label, ...]:
    """Name streets once each, at the map point with most incidents first."""
    columns = (site.points[name].tolist() for name in ("n", "street", "x", "y"))
    named = sorted(
        (-n, street, x, y)
        for n, street, x, y in zip(*columns, strict=True)
        if isinstance(street, str) and len(street) <= _LETTERS_MOST
    )
    found: dict[str, Label] = {}
    for _, street, x, y in named:
        if len(found) == STREETS_MOST:
            break
        label = None if street in found else room.write(*to_map.xy(x, y), street, size, size * 0.8)
        if label is not None:
            found[street] = label
    return tuple(found.values())


def _lamp_labels(
    lamps: Sequence[Lamp], xy: Sequence[tuple[float, float]], room: Room, size: float
) -> tuple[Label, ...]:
    """Write the id beside each street light where there is room."""
    written = (
        room.write(x, y, lamp.words, size, size * 0.7) if len(lamp.words) <= 12 else None  # noqa: PLR2004 - as above
        for (x, y), lamp in zip(xy, lamps, strict=True)
    )
    return tuple(each for each in written if each is not None)
