"""Stage: which measures of a place go with which crimes, by two estimators that must agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from hotspots import risk, schema
from hotspots.intensity.background import LEAST_EXPOSURE_SHARE
from hotspots.points import CountMatrix, window_months

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.pipeline.tables import CrimeSet

ANALYSED_MONTHS = 36
"""Months whose incidents are tested, on the list of map points in force: what stands at a place
changes slowly, and a ratio needs many incidents."""

SAME_BLOCK = "all that places of the same 250 m have in common"


class Untested(NamedTuple):
    """What was not tested: a factor, for one crime group or for all, and why."""

    factor: str
    crime_group: str
    reason: str


@dataclass(frozen=True)
class Ground:
    """
    Map points in force and what was recorded at them.

    Attributes
    ----------
    point_ids : Index of str, shape (n_points,)
    xy : array of float64, shape (n_points, 2)
    sets : tuple of CrimeSet
        Sets that hold other types than those before them.
    cases, controls : array of float64, shape (n_points, n_sets)
    control_names : tuple of str
        Types of each control; empty where there is none.
    """

    point_ids: pd.Index
    xy: NDArray[np.float64]
    sets: tuple[CrimeSet, ...]
    cases: NDArray[np.float64]
    controls: NDArray[np.float64]
    control_names: tuple[str, ...]

    @classmethod
    def of(cls, points: gpd.GeoDataFrame, counts: pd.DataFrame, sets: Sequence[CrimeSet]) -> Ground:
        """
        Sum the last 36 months at the points of the list in force.

        Parameters
        ----------
        points : GeoDataFrame
            ``schema.POINTS``.
        counts : DataFrame
            ``schema.COUNTS``.
        sets : sequence of CrimeSet
        """
        own = points[points["list_id"] == points["list_id"].max()].sort_values("point_id")
        ids = pd.Index(own["point_id"])
        months = pd.DatetimeIndex(counts["month"].drop_duplicates().sort_values())
        matrix = CountMatrix.from_counts(
            counts, point_ids=ids, months=months, types=schema.CRIME_TYPES
        )
        once = tuple({each.types: each for each in reversed(sets)}.values())[::-1]
        controls = [risk.control_of(each.types) for each in once]
        window = window_months(months, end=months.max(), length=ANALYSED_MONTHS)
        of_sets = [matrix.sums(window, each) for each in ([e.types for e in once], controls)]
        cases, held_against = (each.astype(np.float64) for each in of_sets)
        names = tuple(" / ".join(each) for each in controls)
        return cls(ids, own.get_coordinates().to_numpy(), once, cases, held_against, names)


def factor_tables(
    points: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    measures: pd.DataFrame,
    sets: Sequence[CrimeSet],
    exposure: NDArray[np.float64] | None = None,
) -> tuple[pd.DataFrame, tuple[Untested, ...]]:
    """
    Test every factor against every crime set.

    Parameters
    ----------
    points : GeoDataFrame
        ``schema.POINTS``.
    counts : DataFrame
        ``schema.COUNTS``.
    measures : DataFrame, indexed by point_id
        One column of float64 for each measure; missing where not known.
    sets : sequence of CrimeSet
    exposure : array of float64, optional
        What is exposed to crime at each row of ``measures``.

    Returns
    -------
    factors : DataFrame
        ``schema.FACTORS``, sorted by key.
    untested : tuple of Untested
    """
    if points.empty or counts.empty or measures.empty:
        return schema.empty(schema.FACTORS), ()
    ground = Ground.of(points[points["point_id"].isin(measures.index)], counts, sets)
    blocks = risk.Blocks.of(ground.xy)
    exposed = None if exposure is None else _exposed(exposure, measures.index, ground.point_ids)
    factors, left_out = risk.factors_of(measures.reindex(ground.point_ids), blocks)
    tested = _tested(ground, blocks, factors, exposed)
    parts, untested = [], [Untested(name, "all", reason) for name, reason in left_out]
    for number, factor in enumerate(factors):
        for place, crime_set in enumerate(ground.sets):
            names = [each.name for each in sets if each.types == crime_set.types]
            rows, reason = tested.rows(number, place, factor)
            parts += [{"crime_group": name, **row} for name in names for row in rows]
            if reason:
                untested += [Untested(factor.name, name, reason) for name in names]
    if not parts:
        return schema.empty(schema.FACTORS), tuple(untested)
    table = pd.DataFrame(parts).astype({c.name: c.dtype for c in schema.FACTORS.columns})
    ordered = table[schema.FACTORS.names].sort_values([*schema.FACTORS.key], ignore_index=True)
    return schema.check(ordered, schema.FACTORS), tuple(untested)


def _exposed(
    exposure: NDArray[np.float64], index: pd.Index, point_ids: pd.Index
) -> NDArray[np.float64]:
    """Bring exposure to the points, none under a tenth of the mean, as for the background."""
    found = pd.Series(exposure, index=index).reindex(point_ids).fillna(0.0).to_numpy()
    least = LEAST_EXPOSURE_SHARE * found.mean() if found.any() else 1.0
    return np.maximum(found, least)


@dataclass(frozen=True)
class _Tested:
    """All estimates: of each factor, for all sets; and what goes with them into the table."""

    ground: Ground
    estimates: dict[str, tuple[risk.Estimates, ...]]
    q: dict[str, NDArray[np.float64]]
    associated: NDArray[np.bool_]
    held_constant: dict[str, str]

    def rows(
        self, number: int, place: int, factor: risk.Factor
    ) -> tuple[list[dict[str, object]], str]:
        """Give the rows of one factor and set, and why there are fewer than two."""
        rows: list[dict[str, object]] = []
        verdict = risk.ASSOCIATED if self.associated[number, place] else risk.NOT_ESTABLISHED
        for estimator, of_factors in self.estimates.items():
            found = of_factors[number]
            if any(np.isnan(self.q[each][number, place]) for each in ("matched", estimator)):
                continue
            rows.append(
                {
                    "factor": factor.name,
                    "estimator": estimator,
                    **{
                        name: getattr(found, name)[place]
                        for name in ("ratio", "low", "high", "n", "n_clusters", "smallest")
                    },
                    "q": self.q[estimator][number, place],
                    "evidence": verdict,
                    "unit": factor.unit,
                    "held_constant": self.held_constant[estimator],
                    "control": self.ground.control_names[place]
                    if estimator == "case_case"
                    else None,
                }
            )
        return rows, self._reason(place, {row["estimator"] for row in rows})

    def _reason(self, place: int, made: set[object]) -> str:
        if "matched" not in made:
            return "too few incidents where the factor varies within 250 m"
        if "case_case" in made:
            return ""
        if not self.ground.control_names[place]:
            return "no crime is left to compare with, so that only one estimator could be tried"
        return "too few incidents of the control crime where the factor varies within 250 m"


def _tested(
    ground: Ground,
    blocks: risk.Blocks,
    factors: Sequence[risk.Factor],
    exposure: NDArray[np.float64] | None,
) -> _Tested:
    pairs = risk.CasePairs.of(ground.cases, ground.controls, blocks)
    estimates = {
        "matched": tuple(
            risk.matched(each.values, ground.cases, blocks, exposure=exposure) for each in factors
        ),
        "case_case": tuple(risk.case_case(each.values, pairs) for each in factors),
    }
    q = {name: risk.false_discovery(_p(found, ground)) for name, found in estimates.items()}
    verdicts = [
        risk.is_associated(first, second, of_first) & ~np.isnan(of_second)
        for first, second, of_first, of_second in zip(
            *estimates.values(), q["matched"], q["case_case"], strict=True
        )
    ]
    exposed = "" if exposure is None else ", and what is exposed to crime there"
    held_constant = {
        "matched": SAME_BLOCK + exposed,
        "case_case": f"{SAME_BLOCK}, and what goes with both crimes alike",
    }
    return _Tested(ground, estimates, q, np.array(verdicts, dtype=bool), held_constant)


def _p(found: Sequence[risk.Estimates], ground: Ground) -> NDArray[np.float64]:
    """p-values by factor and set; missing where there are too few squares to tell."""
    shape = (len(found), len(ground.sets))
    enough = np.array([each.n_clusters for each in found]).reshape(shape) >= risk.LEAST_CLUSTERS
    return np.where(enough, np.array([each.p for each in found]).reshape(shape), np.nan)
