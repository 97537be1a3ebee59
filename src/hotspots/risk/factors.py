"""Which measures of a place are tried as factors, and in what unit their ratio is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.risk.evidence import LEAST_CLUSTERS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.risk.blocks import Blocks

NEAR_M = 100.0
"""Places of a kind are a factor by whether one stands within so far."""

LEAST_KNOWN = 0.5
"""A measure known at a smaller share of the map points is not tested."""

_SMOOTH = {
    "lamps_per_ha": ("lamps per hectare", 1.0),
    "dark_share": ("percentage points of dark ground", 100.0),
    "longest_gap_m": ("metres of the longest gap between lamps", 1.0),
    "dimmed_share": ("percentage points of dimmed lamps", 100.0),
    "part_night_share": ("percentage points of part-night lamps", 100.0),
    "faulty_share": ("percentage points of faulty lamps", 100.0),
    "wattage_w": ("watts a lamp", 1.0),
    "lamp_age_years": ("years of lamp age", 1.0),
}
"""
Measure to the words of its unit, and how many of those one is.

Lighting is told by one measure for each thing it can say. Deprivation is described, not ranked as
a factor at this scale; what officers noted shows where they looked, and is no factor either.
"""

_PLACE = re.compile(r"nearest_(?!lamp_m$)(?P<kind>.+)_m")


@dataclass(frozen=True)
class Factor:
    """
    A measure as it is tested.

    Attributes
    ----------
    name : str
        Of the measure.
    unit : str
        What the ratio is for, in words.
    values : array of float64, shape (n_points,)
        In that unit; NaN where not known.
    """

    name: str
    unit: str
    values: NDArray[np.float64]


def factors_of(
    measures: pd.DataFrame, blocks: Blocks
) -> tuple[tuple[Factor, ...], tuple[tuple[str, str], ...]]:
    """
    Choose the measures that can be tested.

    Parameters
    ----------
    measures : DataFrame
        One row for each map point, one column of float64 for each measure.
    blocks : Blocks
        Of the same points.

    Returns
    -------
    factors : tuple of Factor
    untested : tuple of (str, str)
        Names of measures that would be factors, and why they are not tested.
    """
    factors, untested = [], []
    for name in sorted(map(str, measures.columns)):
        place = _PLACE.fullmatch(name)
        if name not in _SMOOTH and place is None:
            continue
        found = measures[name].to_numpy(dtype=np.float64)
        reason = _reason(found)
        if not reason:
            factor = _near(name, found, place["kind"]) if place else _smooth(name, found)
            reason = _too_few(factor.values, blocks)
        if reason:
            untested.append((name, reason))
        else:
            factors.append(factor)
    return tuple(factors), tuple(untested)


def _reason(found: NDArray[np.float64]) -> str:
    known = found[~np.isnan(found)]
    if not len(known):
        return "not supplied"
    if len(known) < LEAST_KNOWN * len(found):
        return f"known at only {len(known):,} of {len(found):,} map points"
    return ""


def _too_few(values: NDArray[np.float64], blocks: Blocks) -> str:
    known = values[~np.isnan(values)]
    if known.min() == known.max():
        return "the same at every map point"
    rows = values[blocks.rows]
    least = np.fmin.reduceat(rows, blocks.starts) if len(rows) else rows
    most = np.fmax.reduceat(rows, blocks.starts) if len(rows) else rows
    n_clusters = len(np.unique(blocks.cluster[most > least]))
    if n_clusters >= LEAST_CLUSTERS:
        return ""
    return (
        f"places of the same 250 m differ in it in only {n_clusters} squares of 2 km; "
        f"{LEAST_CLUSTERS} are needed"
    )


def _near(name: str, found: NDArray[np.float64], kind: str) -> Factor:
    values = np.where(np.isnan(found), np.nan, (found <= NEAR_M).astype(np.float64))
    return Factor(name, f"within {NEAR_M:g} m of a place of the kind {kind}, yes or no", values)


def _smooth(name: str, found: NDArray[np.float64]) -> Factor:
    words, times = _SMOOTH[name]
    spread = float(np.nanstd(found))
    values = (found - np.nanmean(found)) / (spread or 1.0)
    return Factor(name, f"for each {spread * times:.3g} {words} (one standard deviation)", values)
