"""
Maps with a planted ratio: what the estimators are checked on, because there the truth is known.

Two crimes share a baseline; one of them also follows a factor, by a ratio that is given. The
factor may go with the baseline (it is confounded), and any number of further factors have nothing
to do with either crime.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import fft
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL_M = 50.0
"""Of the grid on which rough fields are made; smooth ones need a fifth of their scale."""

NEAR_M = 100.0
"""A place of the yes-or-no factor reaches so far."""

OWN_SCALE_M = 200.0
"""Scale of what is a smooth factor's own, such as how the lamps of a street are set out."""


class Plan(NamedTuple):
    """
    How a map is made.

    Attributes
    ----------
    ratio : float
        Of the crime for one more of the factor.
    n_cases, n_controls : int
        Incidents to be expected.
    confounded_m : float
        Scale of the field that draws both the crimes and the factor; 0 for none.
    confounding : float
        Correlation of the smooth factor with that field; half the logarithm of how much likelier
        a place of the yes-or-no factor is where it is one standard deviation higher.
    baseline_spread : float
        Standard deviation of the logarithm of that field.
    shape : float
        Of the gamma noise of single points: half of it is shared by both crimes, half is not.
    is_rough : bool
        Whether the field differs between neighbours too; see ``random_field``.
    """

    ratio: float = 2.0
    n_cases: int = 8000
    n_controls: int = 8000
    confounded_m: float = 2000.0
    confounding: float = 0.5
    baseline_spread: float = 1.0
    shape: float = 1.0
    is_rough: bool = False


@dataclass(frozen=True)
class PlantedMap:
    """
    A made-up map and its truth.

    Attributes
    ----------
    factor : array of float64, shape (n_points,)
    cases, controls : array of float64, shape (n_points,)
    """

    factor: NDArray[np.float64]
    cases: NDArray[np.float64]
    controls: NDArray[np.float64]


def county(n_points: int, *, side_m: float, chance: np.random.Generator) -> NDArray[np.float64]:
    """
    Scatter map points about 70 m apart over the towns of a made-up county.

    Parameters
    ----------
    n_points : int
    side_m : float
        Of the county.
    chance : Generator

    Returns
    -------
    array of float64, shape (n_points, 2)
        Metres, from its south-western corner.
    """
    steps = np.arange(0.0, side_m, 70.0)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    grid += chance.uniform(-25, 25, grid.shape)
    built = random_field(grid, scale_m=1500.0, chance=chance, is_rough=True)
    return np.asarray(grid[np.sort(np.argsort(built, kind="stable")[-n_points:])])


def random_field(
    xy: NDArray[np.float64],
    *,
    scale_m: float,
    chance: np.random.Generator,
    is_rough: bool = False,
) -> NDArray[np.float64]:
    """
    Draw a random field whose correlation falls off with distance.

    Parameters
    ----------
    xy : array of float64, shape (n_points, 2)
        Metres.
    scale_m : float
    chance : Generator
    is_rough : bool
        Correlation exp(-distance / scale): such a field differs between neighbours too. Else
        exp(-(distance / scale)² / 2), which is smooth below its scale.

    Returns
    -------
    array of float64, shape (n_points,)
        With mean 0 and standard deviation 1 over the points.
    """
    cell_m = CELL_M if is_rough else max(scale_m / 5, 1.0)
    at = (xy - xy.min(axis=0)) / cell_m
    # Three scales of room, or the field would meet itself across the edge.
    shape = [fft.next_fast_len(int(most + 2 + 3 * scale_m / cell_m)) for most in at.max(axis=0)]
    waves = fft.fftfreq(shape[0])[:, None], fft.rfftfreq(shape[1])[None, :]
    squared = (waves[0] ** 2 + waves[1] ** 2) * (2 * np.pi * scale_m / cell_m) ** 2
    amplitude = (1 + squared) ** -0.75 if is_rough else np.exp(-squared / 4)
    noise = fft.rfft2(chance.standard_normal(shape)) * amplitude
    values = map_coordinates(fft.irfft2(noise, s=shape), at.T, order=1)
    return np.asarray((values - values.mean()) / values.std())


def smooth_factor(
    xy: NDArray[np.float64],
    field: NDArray[np.float64],
    *,
    confounding: float,
    chance: np.random.Generator,
) -> NDArray[np.float64]:
    """
    Draw a factor in standard deviations that goes with a field by a given correlation.

    Parameters
    ----------
    xy : array of float64, shape (n_points, 2)
    field : array of float64, shape (n_points,)
    confounding : float
    chance : Generator
    """
    own = random_field(xy, scale_m=OWN_SCALE_M, chance=chance, is_rough=True)
    mixed = confounding * field + np.sqrt(1 - confounding**2) * own
    return np.asarray((mixed - mixed.mean()) / mixed.std())


def near_places(
    xy: NDArray[np.float64],
    field: NDArray[np.float64],
    *,
    share: float = 0.1,
    confounding: float = 1.0,
    chance: np.random.Generator,
) -> NDArray[np.float64]:
    """
    Set down places that seek a field, and say which points lie within 100 m of one.

    Parameters
    ----------
    xy : array of float64, shape (n_points, 2)
    field : array of float64, shape (n_points,)
    share : float
        Of the points that lie near a place, about.
    confounding : float
        A place is e to this power likelier where the field is one higher.
    chance : Generator

    Returns
    -------
    array of float64, shape (n_points,)
        1 or 0.
    """
    keys = -np.log(chance.random(len(xy))) / np.exp(confounding * field)
    tree = cKDTree(xy)
    near = np.zeros(len(xy))
    for point in np.argsort(keys, kind="stable"):
        if near.mean() >= share:
            break
        place = xy[point] + chance.uniform(-NEAR_M / 2, NEAR_M / 2, 2)
        near[tree.query_ball_point(place, NEAR_M)] = 1.0
    return near


def plant(
    xy: NDArray[np.float64], plan: Plan, *, is_smooth: bool, chance: np.random.Generator
) -> PlantedMap:
    """
    Make a factor, and a map on which a crime follows it by the ratio of the plan.

    Parameters
    ----------
    xy : array of float64, shape (n_points, 2)
        Metres.
    plan : Plan
    is_smooth : bool
        A factor in standard deviations; else one of yes or no.
    chance : Generator
    """
    field = random_field(
        xy, scale_m=plan.confounded_m or 500.0, chance=chance, is_rough=plan.is_rough
    )
    strength = plan.confounding if plan.confounded_m else 0.0
    if is_smooth:
        factor = smooth_factor(xy, field, confounding=strength, chance=chance)
    else:
        factor = near_places(xy, field, confounding=2 * strength, chance=chance)
    town = np.exp(plan.baseline_spread * field + random_field(xy, scale_m=3000.0, chance=chance))
    shared, own, other = chance.gamma(2 * plan.shape, 1 / (2 * plan.shape), (3, len(xy)))
    baseline = town * shared
    cases = _deal(baseline * own * plan.ratio**factor, plan.n_cases, chance)
    return PlantedMap(factor, cases, _deal(baseline * other, plan.n_controls, chance))


def _deal(risk: NDArray[np.float64], n: int, chance: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(chance.poisson(risk * (n / risk.sum())), dtype=np.float64)


def noise_factors(
    xy: NDArray[np.float64], n_factors: int, *, chance: np.random.Generator
) -> NDArray[np.float64]:
    """
    Draw factors that have nothing to do with any crime, of scales between 500 m and 2 km.

    Parameters
    ----------
    xy : array of float64, shape (n_points, 2)
    n_factors : int
    chance : Generator

    Returns
    -------
    array of float64, shape (n_points, n_factors)
        Smooth ones and ones of yes or no by turns.
    """
    columns = []
    for number, scale_m in enumerate(np.geomspace(500.0, 2000.0, n_factors).tolist()):
        field = random_field(xy, scale_m=scale_m, chance=chance, is_rough=True)
        is_smooth = number % 2 == 0
        columns.append(field if is_smooth else near_places(xy, field, chance=chance))
    return np.column_stack(columns)
