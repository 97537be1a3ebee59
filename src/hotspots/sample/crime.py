"""What happens in the sample county: a rate for every map point, month and type, and a draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree

from hotspots.sample.streets import centrality
from hotspots.sample.truth import FIRST_MONTH, MISSING_MONTHS, N_MONTHS, NEW_LIST_MONTH, PLANTED
from hotspots.schema import ASB, CRIME_TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.sample.map_points import PointList

INCIDENTS_PER_MONTH = 3_150
"""Expected rows in a month's file, planted excess aside."""

MONTHS = pd.period_range(FIRST_MONTH, periods=N_MONTHS, freq="M")
"""The months of the county, missing ones included."""

_QUIET_SHARE = 0.35
_QUIET_FACTOR = 0.2
_MEAN_CALM = 1 - _QUIET_SHARE * (1 - _QUIET_FACTOR)
_PATCH_SHARE = 0.75
_PATCH_M = 90.0
"""Three quarters of what sets map points apart they have in common with their street."""

_UNLOCATED_SHARE = 0.05
_BAD_SPELL = ("2021-06", "2021-08")
"""Months, both included, in which twice as many rows lost their place."""


@dataclass(frozen=True)
class Habit:
    """
    How one type of crime behaves.

    Attributes
    ----------
    share : float
        Part of all incidents.
    centre, hardship : float
        Pull of busy places, and of deprived ones.
    shared, own : float
        Spread (log-normal sigma) between map points: the part common to all types, and its own.
    flurry : float
        Variance of the gamma factor that comes and goes with each half-year.
    summer : float
        Height of the yearly wave, July highest; negative for winter crimes.
    """

    share: float
    centre: float
    hardship: float
    shared: float
    own: float
    flurry: float
    summer: float


HABITS = {
    ASB: Habit(0.285, 0.8, 0.20, 0.50, 0.20, 0.08, 0.18),
    "Bicycle theft": Habit(0.010, 1.2, 0.0, 0.60, 0.80, 0.50, 0.20),
    "Burglary": Habit(0.038, 0.3, 0.30, 0.35, 0.25, 0.50, -0.10),
    "Criminal damage and arson": Habit(0.070, 0.4, 0.30, 0.60, 0.30, 0.40, 0.03),
    "Drugs": Habit(0.024, 0.9, 0.35, 1.00, 0.50, 0.30, 0.0),
    "Other crime": Habit(0.025, 0.5, 0.20, 0.70, 0.60, 0.30, 0.0),
    "Other theft": Habit(0.053, 1.0, 0.05, 0.90, 0.60, 0.30, 0.05),
    "Possession of weapons": Habit(0.006, 1.0, 0.35, 1.00, 0.40, 0.30, 0.0),
    "Public order": Habit(0.047, 1.2, 0.25, 1.00, 0.40, 0.30, 0.08),
    "Robbery": Habit(0.011, 1.2, 0.35, 0.90, 0.40, 0.30, -0.05),
    "Shoplifting": Habit(0.057, 2.0, 0.0, 0.90, 1.40, 0.10, -0.03),
    "Theft from the person": Habit(0.004, 2.0, 0.0, 1.00, 0.60, 0.20, 0.05),
    "Vehicle crime": Habit(0.040, 0.3, 0.05, 0.35, 0.25, 0.50, -0.05),
    "Violence and sexual offences": Habit(0.330, 1.1, 0.30, 1.15, 0.40, 0.20, 0.05),
}
"""Shares as in a large English county; two types stay too rare for hotspots of their own."""

_HARDSHIP = (
    (223_200.0, 428_400.0, 700.0, 1.6),
    (233_000.0, 427_100.0, 800.0, 1.3),
    (231_000.0, 429_600.0, 900.0, 0.8),
    (235_300.0, 435_200.0, 700.0, 1.1),
    (224_800.0, 436_500.0, 500.0, 0.9),
    (220_700.0, 431_700.0, 700.0, 0.7),
)
"""Easting, northing, reach in metres and depth of the deprived quarters."""


def hardship(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how deprived a place is, about -0.5 to 2, smoothly over the county."""
    x, y = xy.T
    depth = 0.25 * np.sin(x / 2_300) + 0.25 * np.cos(y / 1_900)
    for east, north, reach, peak in _HARDSHIP:
        depth += peak * np.exp(-0.5 * (np.hypot(x - east, y - north) / reach) ** 2)
    result: NDArray[np.float64] = depth
    return result


@dataclass(frozen=True)
class Incidents:
    """
    What happened, one entry each, in order of month.

    Attributes
    ----------
    month : array of int64
        Place in ``MONTHS``.
    crime_type : array of int64
        Place in ``schema.CRIME_TYPES``.
    point : array of int64
        Row of the point list in force in that month.
    is_located : array of bool
        False where the record lost its place; never for anti-social behaviour.
    """

    month: NDArray[np.int64]
    crime_type: NDArray[np.int64]
    point: NDArray[np.int64]
    is_located: NDArray[np.bool_]


def draw_incidents(lists: tuple[PointList, PointList], rng: np.random.Generator) -> Incidents:
    """
    Draw the incidents of all months; missing months happen too, but nobody publishes them.

    Parameters
    ----------
    lists : two PointList
        The old list, whose points are the sites, and the new; a site keeps its character
        when the list changes.
    rng : Generator
        Source of chance.
    """
    n_sites = len(lists[0].xy)
    noise = rng.standard_normal((2, len(CRIME_TYPES) + 1, n_sites))
    character = np.sqrt(1 - _PATCH_SHARE) * noise[0]
    character += np.sqrt(_PATCH_SHARE) * (_patches(lists[0].xy) @ noise[1].T).T
    is_quiet = rng.random(n_sites) < _QUIET_SHARE
    halves = N_MONTHS // 6
    flurry = np.stack(
        [
            rng.gamma(1 / HABITS[kind].flurry, HABITS[kind].flurry, (halves, n_sites))
            for kind in CRIME_TYPES
        ]
    )
    change = month_number(NEW_LIST_MONTH)
    spans = (np.arange(change), np.arange(change, N_MONTHS))
    parts = []
    for points, months in zip(lists, spans, strict=True):
        calm = np.where(is_quiet, _QUIET_FACTOR, 1.0)[points.site]
        rate = _rates(points, character, flurry, calm, months)
        number = rng.poisson(rate)
        month, kind, point = (axis.astype(np.int64) for axis in np.nonzero(number))
        repeat = number[month, kind, point]
        parts.append([np.repeat(axis, repeat) for axis in (months[month], kind, point)])
    month, kind, point = (np.concatenate(axis) for axis in zip(*parts, strict=True))
    return Incidents(month, kind, point, ~_is_unlocated(month, kind, rng))


def _patches(xy: NDArray[np.float64]) -> sparse.csr_array:
    """Return weights that turn noise into patches of about a street, of the same variance."""
    pairs = cKDTree(xy).sparse_distance_matrix(cKDTree(xy), 3 * _PATCH_M, output_type="coo_matrix")
    weight = np.exp(-0.5 * (pairs.data / _PATCH_M) ** 2)
    near = sparse.csr_array((weight, (pairs.row, pairs.col)), shape=(len(xy), len(xy)))
    size = np.sqrt(near.power(2).sum(axis=1))
    return sparse.csr_array(sparse.diags_array(1 / size) @ near)


def _rates(
    points: PointList,
    character: NDArray[np.float64],
    flurry: NDArray[np.float64],
    calm: NDArray[np.float64],
    months: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return expected incidents, shape (months, types, points)."""
    busy, poor = centrality(points.xy), hardship(points.xy)
    is_planted = points.planted >= 0
    rate = np.empty((len(months), len(CRIME_TYPES), len(points.xy)))
    months_of_year = MONTHS[months].month.to_numpy()
    for number, kind in enumerate(CRIME_TYPES):
        habit = HABITS[kind]
        smooth = (0.6 + habit.centre * busy) * np.exp(habit.hardship * poor)
        spread = np.hypot(habit.shared, habit.own)
        lift = habit.shared * character[-1] + habit.own * character[number] - spread**2 / 2
        # Planted points get no character or flurry: their ratio is exactly what truth says.
        lasting = np.where(is_planted, 1.0, calm / _MEAN_CALM * np.exp(lift)[points.site])
        passing = np.where(is_planted, 1.0, flurry[number][months // 6][:, points.site])
        level = habit.share * INCIDENTS_PER_MONTH * smooth / smooth.sum()
        wave = 1 + habit.summer * np.cos(2 * np.pi * (months_of_year - 7) / 12)
        rate[:, number] = level * lasting * passing * wave[:, None]
    return rate * _planted_factor(points, months)


def _planted_factor(points: PointList, months: NDArray[np.int64]) -> NDArray[np.float64]:
    factor = np.ones((len(months), len(CRIME_TYPES), len(points.xy)))
    for place, spot in enumerate(PLANTED):
        hot = is_hot(spot.spells)[months]
        for kind in spot.crime_types:
            where = np.ix_(hot, np.array([CRIME_TYPES.index(kind)]), points.planted == place)
            factor[where] = spot.ratio
    return factor


def month_number(month: str) -> int:
    """Return the place of a month ``YYYY-MM`` in ``MONTHS``."""
    return [str(each) for each in MONTHS].index(month)


def is_hot(spells: tuple[tuple[str, str], ...]) -> NDArray[np.bool_]:
    """Say for each of ``MONTHS`` whether it lies in one of the spells, both ends included."""
    hot = np.zeros(len(MONTHS), dtype=bool)
    for first, last in spells:
        hot |= np.asarray(MONTHS.isin(pd.period_range(first, last, freq="M")))
    return hot


def published_months() -> list[int]:
    """Return the places in ``MONTHS`` for which a file exists."""
    return [place for place, month in enumerate(MONTHS) if str(month) not in MISSING_MONTHS]


def _is_unlocated(
    month: NDArray[np.int64], kind: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.bool_]:
    share = np.where(is_hot((_BAD_SPELL,))[month], 2 * _UNLOCATED_SHARE, _UNLOCATED_SHARE)
    lost: NDArray[np.bool_] = (rng.random(len(month)) < share) & (kind != CRIME_TYPES.index(ASB))
    return lost
