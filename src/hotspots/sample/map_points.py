"""Map points along the streets: two lists, the second in force from a month on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.sample.streets import centrality
from hotspots.sample.truth import PLANTED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.sample.streets import Streets

_POINT_M = 128.0
_POINT_JITTER = 0.4
_COUNTRY_POINT_M = 340.0
_PLANTED_POINT_M = 62.0
_PLANTED_MARGIN_M = 45.0

_COMMON_BELOW = 0.055
_MOVED_ABOVE = 0.80
_GONE_ABOVE = 0.93
"""Fate of a point when the list is replaced, as cuts of a draw from 0 to 1."""

_NUDGE_M = 13.0
_MOST_PLANTED_NUDGE_M = 14.0
_RENAMED_SHARE = 0.8
_NAMELESS_SHARE = 0.045

GENERIC = (
    ("Parking Area", 0.30),
    ("Supermarket", 0.13),
    ("Shopping Area", 0.12),
    ("Petrol Station", 0.12),
    ("Sports/Recreation Area", 0.12),
    ("Park/Open Space", 0.08),
    ("Nightclub", 0.05),
    ("Further/Higher Educational Building", 0.04),
    ("Hospital", 0.02),
    ("Police Station", 0.02),
)
"""Generic names of police.uk's map points, and how the sample county shares them out."""


@dataclass(frozen=True)
class PointList:
    """
    One list of map points.

    Attributes
    ----------
    xy : array of float64, shape (n, 2)
        Metres, EPSG:27700, before publication rounds the degrees.
    site : array of int64
        The place each point stands for; the same site in both lists has the same record.
    location : array of object
        Text of the place as police.uk prints it.
    planted : array of int64
        Place in ``PLANTED`` whose radius holds the point; -1 elsewhere.
    """

    xy: NDArray[np.float64]
    site: NDArray[np.int64]
    location: NDArray[np.object_]
    planted: NDArray[np.int64]


def map_points(streets: Streets, rng: np.random.Generator) -> tuple[PointList, PointList]:
    """
    Put map points along the streets and replace the list once, as the publisher did in 2022.

    Parameters
    ----------
    streets : Streets
        Every street; one has at least one point unless a planted hotspot is too near.
    rng : Generator
        Source of chance.

    Returns
    -------
    two PointList
        The old list and the new. About one point in twenty is common to both; the others moved
        by some 16 m, some moved further along their street, some are gone.
    """
    spacing = np.full(len(streets.name), _POINT_M)
    spacing[streets.settlement < 0] = _COUNTRY_POINT_M
    spacing[streets.planted >= 0] = _PLANTED_POINT_M
    street, share = streets.spread(spacing, rng, jitter=_POINT_JITTER)
    xy = streets.along(street, share)
    planted = streets.planted[street]
    clear = (planted >= 0) | ~_is_near_planted(xy)
    street, share, xy, planted = street[clear], share[clear], xy[clear], planted[clear]
    n = len(xy)
    location, plain = _locations(streets.name[street], planted, xy, rng)
    old = PointList(np.round(xy, 1), np.arange(n), location, planted)
    moved, stays = _moved(old, xy, streets, street, share, rng)
    # Most points called "Supermarket" or "Nightclub" lost that name with the new list.
    lost = np.isin(location, ["On or near Supermarket", "On or near Nightclub"])
    lost &= (rng.random(n) < _RENAMED_SHARE) & (planted < 0)
    renamed = np.where(lost, plain, location)
    return old, PointList(moved[stays], np.flatnonzero(stays), renamed[stays], planted[stays])


def _moved(
    old: PointList,
    xy: NDArray[np.float64],
    streets: Streets,
    street: NDArray[np.int64],
    share: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return where the new list has each point of the old, and whether it has it at all."""
    n, planted = len(xy), old.planted
    fate = np.where(planted >= 0, 0.5, rng.random(n))
    distance = rng.rayleigh(_NUDGE_M, n)
    angle = rng.uniform(0, 2 * np.pi, n)
    distance[planted >= 0] = np.minimum(distance[planted >= 0], _MOST_PLANTED_NUDGE_M)
    nudged = xy + distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    elsewhere = streets.along(street, np.mod(share + rng.uniform(0.2, 0.5, n), 1.0))
    is_common, is_moved, is_gone = (
        fate < _COMMON_BELOW,
        fate > _MOVED_ABOVE,
        fate > _GONE_ABOVE,
    )
    moved: NDArray[np.float64] = np.where(is_moved[:, None], elsewhere, nudged)
    moved = np.where(is_common[:, None], old.xy, moved)
    keep = ~is_gone & ((planted >= 0) | ~_is_near_planted(moved))
    return np.round(moved, 1), keep


def _is_near_planted(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    near = np.zeros(len(xy), dtype=bool)
    for spot in PLANTED:
        away = np.hypot(*(xy - (spot.easting, spot.northing)).T)
        near |= away < spot.radius_m + _PLANTED_MARGIN_M
    return near


def _locations(
    street_name: NDArray[np.object_],
    planted: NDArray[np.int64],
    xy: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the text of each place, and the text it would have as a plain street."""
    n = len(street_name)
    plain = np.array([f"On or near {name}" for name in street_name], dtype=object)
    labels = np.array([f"On or near {label}" for label, _ in GENERIC], dtype=object)
    odds = np.array([weight for _, weight in GENERIC])
    text = plain.copy()
    draw = rng.random(n)
    # Car parks, shops and the like stand where the town is busy.
    is_generic = (draw < 0.015 + 0.03 * centrality(xy)) & (planted < 0)
    text[is_generic] = rng.choice(labels, size=int(is_generic.sum()), p=odds / odds.sum())
    text[(draw > 1 - _NAMELESS_SHARE) & (planted < 0)] = "On or near "
    for place, spot in enumerate(PLANTED):
        here = np.flatnonzero(planted == place)
        if spot.landmark:
            text[here[len(here) // 2]] = f"On or near {spot.landmark}"
    return text, plain
