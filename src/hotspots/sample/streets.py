"""The ground plan of the sample county: coast, settlements and streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer

from hotspots.sample import names
from hotspots.sample.truth import PLANTED

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAYOUT_SEED = 53_75_4_6
"""Draws the county itself, which is the same for every seed of its incidents."""

# Written out in full, so that the bytes do not depend on which shift grids a machine has.
_BNG_TO_DEGREES = (
    "proj=pipeline step inv proj=tmerc lat_0=49 lon_0=-2 k=0.9996012717 x_0=400000 y_0=-100000 "
    "ellps=airy step proj=push v_3 step proj=cart ellps=airy step proj=helmert x=446.448 "
    "y=-125.157 z=542.06 rx=0.15 ry=0.247 rz=0.842 s=-20.489 convention=position_vector "
    "step inv proj=cart ellps=WGS84 step proj=pop v_3 step proj=unitconvert xy_in=rad xy_out=deg"
)

BOX = (216_000.0, 421_000.0, 241_000.0, 442_000.0)
"""West, south, east and north of the county with some sea about it, metres, EPSG:27700."""

_ISLET_M = 850.0
_ROW_M = 86.0
_STREET_M = 290.0
_STREET_STANDS = 0.87
_ROADS_FROM = 1.1
_LANES_FROM = 1.3
"""Where the country begins, in radii of the nearest settlement."""


@dataclass(frozen=True)
class Settlement:
    """A town or village: centre in metres, EPSG:27700; how the streets run, in radians."""

    name: str
    district: str
    easting: float
    northing: float
    radius_m: float
    bearing: float
    bustle: float


SETTLEMENTS = (
    Settlement("Kelderwick", "Kelderwick", 231_800, 428_300, 2_250, 0.30, 3.0),
    Settlement("Netherquay", "Kelderwick", 236_200, 429_300, 600, 1.10, 0.8),
    Settlement("Whelkmere", "Kelderwick", 229_600, 424_600, 520, 0.75, 0.6),
    Settlement("Port Sallow", "Samphire Coast", 222_600, 427_600, 1_750, 0.95, 2.2),
    Settlement("Gullmere", "Samphire Coast", 226_200, 425_300, 620, 0.20, 0.7),
    Settlement("Drifthaven", "Samphire Coast", 220_700, 431_700, 520, 1.35, 0.8),
    Settlement("Scarf Holm", "Samphire Coast", 217_900, 424_000, 330, 0.50, 0.3),
    Settlement("Brackenskerry", "Brackenskerry", 225_300, 436_000, 1_300, 0.55, 1.8),
    Settlement("Lingscar", "Brackenskerry", 229_900, 438_200, 520, 1.20, 0.6),
    Settlement("Eelby", "Brackenskerry", 222_100, 434_300, 470, 0.10, 0.5),
    Settlement("Harrowstrand", "Thrimsey Vale", 234_800, 434_400, 1_550, 1.25, 2.0),
    Settlement("Cold Marram", "Thrimsey Vale", 230_500, 433_300, 480, 0.40, 0.5),
    Settlement("Thrimsey", "Thrimsey Vale", 237_700, 432_100, 470, 0.85, 0.5),
)

DISTRICTS = ("Kelderwick", "Samphire Coast", "Brackenskerry", "Thrimsey Vale")

_ROADS = (
    (0, 1), (0, 2), (0, 4), (0, 11), (0, 10), (0, 12), (1, 12), (12, 10), (2, 4), (4, 3), (3, 5),
    (3, 11), (5, 9), (9, 7), (7, 8), (7, 11), (8, 10), (11, 10), (5, 11), (8, 11), (3, 0),
)  # fmt: skip


@dataclass(frozen=True)
class Streets:
    """
    Streets as straight lengths before they are bent; one entry each.

    Attributes
    ----------
    start, end : array of float64, shape (n, 2)
        Ends in metres, EPSG:27700, before bending.
    name : array of object
        Street name.
    settlement : array of int64
        Place in ``SETTLEMENTS``; -1 in the country, where there are no lamps.
    planted : array of int64
        Place in ``PLANTED``; -1 for every other street. Planted streets are not bent.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    name: NDArray[np.object_]
    settlement: NDArray[np.int64]
    planted: NDArray[np.int64]

    @property
    def length_m(self) -> NDArray[np.float64]:
        """Length of each street in metres."""
        length: NDArray[np.float64] = np.hypot(*(self.end - self.start).T)
        return length

    def along(self, street: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where the ``share`` (0 to 1) of each street's length lies, after bending."""
        straight = self.start[street] + share[:, None] * (self.end - self.start)[street]
        bent: NDArray[np.float64] = np.where(
            self.planted[street, None] >= 0, straight, bend(straight)
        )
        return bent

    def spread(
        self, spacing_m: NDArray[np.float64], rng: np.random.Generator, *, jitter: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return street and share of evenly spread places, at least one on every street."""
        number = np.maximum(1, np.rint(self.length_m / spacing_m)).astype(np.int64)
        street = np.repeat(np.arange(len(number)), number)
        place = np.arange(len(street)) - np.repeat(np.cumsum(number) - number, number)
        wobble = np.where(self.planted[street] >= 0, 0.0, rng.uniform(-jitter, jitter, len(street)))
        return street, (place + 0.5 + wobble) / number[street]


def to_degrees(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn metres of EPSG:27700, shape (n, 2), into longitude and latitude to six decimals."""
    longitude, latitude = Transformer.from_pipeline(_BNG_TO_DEGREES).transform(*xy.T)
    return np.round(np.column_stack([longitude, latitude]), 6)


def bend(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift places smoothly by up to about 100 m, so that no street stays quite straight."""
    x, y = xy.T
    shift = [
        60 * np.sin(y / 330) + 45 * np.sin((x + y) / 710),
        60 * np.sin(x / 290 + 1) + 45 * np.sin((x - y) / 830),
    ]
    bent: NDArray[np.float64] = xy + np.column_stack(shift)
    return bent


def is_land(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which places lie on the main island or on the islet of Scarf Holm."""
    x, y = ((xy - (228_900.0, 431_400.0)) / (10_300.0, 8_600.0)).T
    angle = np.arctan2(y, x)
    shore = (
        1.0
        + 0.06 * np.sin(2 * angle + 0.8)
        + 0.05 * np.sin(3 * angle - 0.6)
        + 0.035 * np.sin(7 * angle + 2.0)
        + 0.02 * np.sin(13 * angle)
        # A firth bites into the north-east coast.
        - 0.30 * np.exp(-(((angle - 0.95) / 0.11) ** 2))
    )
    islet = np.hypot(*(xy - (217_900.0, 424_000.0)).T) < _ISLET_M
    land: NDArray[np.bool_] = (np.hypot(x, y) < shore) | islet
    return land


def centrality(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how central and busy a place is: 0 in the country, up to about 3 in Kelderwick."""
    total = np.zeros(len(xy))
    for town in SETTLEMENTS:
        away = np.hypot(*(xy - (town.easting, town.northing)).T) / (0.42 * town.radius_m)
        total += town.bustle * np.exp(-0.5 * away**2)
    return total


def lay_streets(rng: np.random.Generator) -> Streets:
    """Lay out the streets of every settlement, the roads between them and the planted streets."""
    parts = [_town_streets(place, rng) for place in range(len(SETTLEMENTS))]
    parts += [_roads(rng), _farm_lanes(rng)]
    start = np.concatenate([part[0] for part in parts])
    end = np.concatenate([part[1] for part in parts])
    settlement = np.concatenate([part[2] for part in parts])
    town_of = np.concatenate([settlement, [_town_of(spot.district) for spot in PLANTED]])
    first, last = _planted_ends()
    name = np.full(len(town_of), "", dtype=object)
    for place in np.unique(settlement):
        here = np.flatnonzero(town_of == place)
        name[here] = names.street_names(len(here), rng, is_country=bool(place < 0))
    name[len(settlement) :] = [spot.street for spot in PLANTED]
    return Streets(
        np.concatenate([start, first]),
        np.concatenate([end, last]),
        name,
        town_of,
        np.concatenate([np.full(len(settlement), -1), np.arange(len(PLANTED))]),
    )


def _town_of(district: str) -> int:
    return [town.district for town in SETTLEMENTS].index(district)


def _planted_ends() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw each planted street straight through its centre, as long as its circle is wide."""
    centre = np.array([(spot.easting, spot.northing) for spot in PLANTED])
    radius = np.array([spot.radius_m for spot in PLANTED])
    bearing = np.array([SETTLEMENTS[_town_of(spot.district)].bearing for spot in PLANTED])
    arm = radius[:, None] * np.column_stack([np.cos(bearing), np.sin(bearing)])
    return centre - arm, centre + arm


def _town_streets(
    place: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Lay parallel streets and cross streets over a town of irregular outline."""
    town = SETTLEMENTS[place]
    reach = 1.3 * town.radius_m
    rows = np.arange(-reach, reach, _ROW_M)
    columns = np.arange(-reach, reach, _STREET_M)
    v = np.repeat(rows + rng.uniform(-14, 14, len(rows)), len(columns) - 1)
    # Each row starts its streets elsewhere, else all towns would look like chessboards.
    shift = np.repeat(rng.uniform(-90, 90, len(rows)), len(columns) - 1)
    u = np.tile(columns[:-1], len(rows)) + shift
    along = np.stack([u, v, u + _STREET_M, v])
    every_third = rows[::3]
    u2 = np.tile(columns, len(every_third)) + rng.uniform(-60, 60, len(every_third) * len(columns))
    v2 = np.repeat(every_third, len(columns))
    across = np.stack([u2, v2, u2, v2 + 3 * _ROW_M])
    u0, v0, u1, v1 = np.concatenate([along, across], axis=1)
    angle = np.arctan2(v0 + v1, u0 + u1)
    outline = town.radius_m * (
        1 + 0.16 * np.sin(3 * angle + place) + 0.09 * np.sin(5 * angle + 2 * place)
    )
    keep = (np.hypot(u0 + u1, v0 + v1) / 2 < outline) & (rng.random(len(u0)) < _STREET_STANDS)
    cos, sin = np.cos(town.bearing), np.sin(town.bearing)
    turn = np.array([[cos, sin], [-sin, cos]])
    centre = np.array([town.easting, town.northing])
    start = np.column_stack([u0, v0])[keep] @ turn + centre
    end = np.column_stack([u1, v1])[keep] @ turn + centre
    dry = is_land(bend(start)) & is_land(bend(end))
    return start[dry], end[dry], np.full(int(dry.sum()), place)


def _roads(
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Join the settlements by roads, cut into named lengths of about 700 m."""
    centres = np.array([(town.easting, town.northing) for town in SETTLEMENTS])
    reach = np.array([town.radius_m for town in SETTLEMENTS])
    starts, ends = [], []
    for a, b in _ROADS:
        number = max(2, int(np.hypot(*(centres[b] - centres[a])) // 700))
        share = np.linspace(0, 1, number + 1)[:, None]
        stops = centres[a] + share * (centres[b] - centres[a])
        stops[1:-1] += rng.normal(0, 90, (number - 1, 2))
        starts.append(stops[:-1])
        ends.append(stops[1:])
    start, end = np.concatenate(starts), np.concatenate(ends)
    middle = (start + end) / 2
    away = np.hypot(*(middle[:, None, :] - centres[None, :, :]).transpose(2, 0, 1)) / reach
    keep = (away.min(axis=1) > _ROADS_FROM) & is_land(bend(start)) & is_land(bend(end))
    return start[keep], end[keep], np.full(int(keep.sum()), -1)


def _farm_lanes(
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Scatter short lanes over the country."""
    west, south, east, north = BOX
    start = rng.uniform((west, south), (east, north), (420, 2))
    bearing = rng.uniform(0, 2 * np.pi, len(start))
    end = start + 300 * np.column_stack([np.cos(bearing), np.sin(bearing)])
    centres = np.array([(town.easting, town.northing) for town in SETTLEMENTS])
    reach = np.array([town.radius_m for town in SETTLEMENTS])
    away = np.hypot(*(start[:, None, :] - centres[None, :, :]).transpose(2, 0, 1)) / reach
    keep = (away.min(axis=1) > _LANES_FROM) & is_land(bend(start)) & is_land(bend(end))
    return start[keep], end[keep], np.full(int(keep.sum()), -1)
