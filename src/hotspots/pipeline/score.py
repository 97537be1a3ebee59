"""Stage: how well hotspots foretold the months after, beside every other way to choose places."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots import forecast, intensity, points, schema
from hotspots.pipeline import ranking
from hotspots.pipeline.drawing import draw_sets
from hotspots.pipeline.frames import frames
from hotspots.pipeline.past_maps import PastMaps
from hotspots.pipeline.tables import WINDOW_MONTHS, is_enough

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.pipeline.drawing import DetectRules
    from hotspots.pipeline.frames import Frame, PointList
    from hotspots.pipeline.tables import CrimeSet

SEED = 1
"""Of the resamples behind the intervals, so that the same inputs give the same bytes."""

N_WORKERS = 2
"""Sets worked on at the same time; their scores come back in the order of the sets."""


@dataclass(frozen=True)
class Polygons:
    """
    Places that an analyst brings.

    Attributes
    ----------
    shapes : array of Polygon or MultiPolygon
        EPSG:27700, best first if they are ranked.
    is_ranked : bool
        Otherwise those with most incidents in training come first.
    """

    shapes: NDArray[np.object_]
    is_ranked: bool


@dataclass(frozen=True)
class Scored:
    """
    Scores, and what could not be scored.

    Attributes
    ----------
    table : DataFrame
        ``schema.SCORES``.
    unused : tuple of Unused
        Tests that could not be made at the last origins of each list, and why.
    """

    table: pd.DataFrame
    unused: tuple[forecast.Unused, ...]


@dataclass(frozen=True)
class _Plan:
    """The tests to make, by origin: with every method, and of earlier hotspots alone."""

    full: Mapping[pd.Timestamp, Sequence[forecast.Fold]]
    history: Mapping[pd.Timestamp, Sequence[forecast.Fold]]
    unused: tuple[forecast.Unused, ...]

    @property
    def months(self) -> frozenset[pd.Timestamp]:
        """Every origin."""
        return frozenset(self.full) | frozenset(self.history)


_Part = tuple[tuple[str, ...], forecast.Fold, "Mapping[str, NDArray[np.generic]]"]


def score(
    lists: Sequence[PointList],
    sets: Sequence[CrimeSet],
    rules: DetectRules,
    past: pd.DataFrame,
    lsoas: gpd.GeoDataFrame,
    *,
    study_area_m2: float,
    with_history: bool = True,
    polygons: Polygons | None = None,
) -> Scored:
    """
    Score hotspots and baselines at the last origins of every list of map points.

    Parameters
    ----------
    lists : sequence of PointList
        Oldest first.
    sets : sequence of CrimeSet
        Those with too little crime in a training window are left out there.
    rules : DetectRules
    past : DataFrame
        ``schema.PAST_MAPS``: the hotspots as they were drawn at each origin.
    lsoas : GeoDataFrame
        Outlines; without rows, that baseline is left out.
    study_area_m2 : float
    with_history : bool
        Also test on earlier lists, and the hotspots of every earlier month of the history on their
        own ground.
    polygons : Polygons, optional
        Places to score beside the others.

    Returns
    -------
    Scored
    """
    # Sets of the same types have the same maps, and are scored once.
    once = tuple({each.types: each for each in sets}.values())
    maps = PastMaps(past)
    plan = _plan(lists, rules.history_months if with_history else 0)
    latest = max(plan.full, default=None)
    parts: list[_Part] = []
    ground: ranking.Ground | None = None
    rims: forecast.Rims | None = None
    resamples: forecast.Resamples | None = None
    at: PointList | None = None
    for frame in frames(lists, wanted=plan.months):
        if frame.at is not at:
            at, ground, rims, resamples = frame.at, None, None, None
        labels = maps.labels(frame.at, frame.month, once)
        if frame.month in plan.full:
            resamples = resamples or forecast.Resamples.of_places(len(frame.at.ids), seed=SEED)
            origin = _Origin.of(frame, once, rules, plan.full[frame.month], study_area_m2)
            ground = _survey(origin, once, rules, labels, lsoas, ground, rims)
            rims = ground.rims
            parts += _full(
                origin, ground, once, labels, resamples, polygons,
                with_hdbscan=frame.month == latest,
            )  # fmt: skip
        else:
            origin = _Origin.of(frame, once, rules, plan.history[frame.month], study_area_m2)
            places, area_m2 = ranking.map_points(frame)
            rims = ranking.rims_of(places, labels, before=rims)
            parts += _alone(origin, rims, area_m2, once, labels)
    return Scored(_table(parts, sets), plan.unused)


def _plan(lists: Sequence[PointList], history_months: int) -> _Plan:
    """Choose the last origins of each list, or of the last with any, and those of the history."""
    in_force = pd.Series(
        {month: each.list_id for each in lists for month in each.counts.months}, dtype="str"
    )
    folds, unused = forecast.plan_folds(in_force, train_months=WINDOW_MONTHS)
    if folds and not history_months:
        folds = [fold for fold in folds if fold.list_id == folds[-1].list_id]
    full = _by_origin(folds)
    first = max(in_force.index) - pd.DateOffset(months=max(history_months, 1) - 1)
    earlier, _ = forecast.plan_folds(
        in_force, train_months=WINDOW_MONTHS, n_origins=history_months, across_lists=True
    )
    history = _by_origin([f for f in earlier if f.origin >= first and f.origin not in full])
    return _Plan(full, history if history_months else {}, tuple(unused))


def _by_origin(folds: Sequence[forecast.Fold]) -> dict[pd.Timestamp, list[forecast.Fold]]:
    found: dict[pd.Timestamp, list[forecast.Fold]] = {}
    for fold in folds:
        found.setdefault(fold.origin, []).append(fold)
    return found


@dataclass(frozen=True)
class _Origin:
    """
    What is known at an origin, and what came after.

    Attributes
    ----------
    frame : Frame
    counts, background : array of float64, shape (n_points, n_sets)
        Of the training window, column by column; each of the background sums to 1, or to 0 for a
        set without enough crime.
    scored : array of int64
        Sets with enough crime.
    tests : dict of Fold to array of float64, shape (n_points, n_sets)
    study_area_m2 : float
    """

    frame: Frame
    counts: NDArray[np.float64]
    background: NDArray[np.float64]
    scored: NDArray[np.int64]
    tests: Mapping[forecast.Fold, NDArray[np.float64]]
    study_area_m2: float

    @classmethod
    def of(
        cls,
        frame: Frame,
        sets: Sequence[CrimeSet],
        rules: DetectRules,
        folds: Sequence[forecast.Fold],
        study_area_m2: float,
    ) -> _Origin:
        groups = [each.types for each in sets]
        counts, observed, _ = frame.window_counts(WINDOW_MONTHS, groups)
        enough = is_enough(counts.sum(axis=0), observed, per_year=rules.min_year_incidents)
        scored = np.flatnonzero(enough)
        tests = {fold: next_counts(frame, fold, sets) for fold in folds}
        background = np.zeros_like(counts)
        around = intensity.Neighbourhood.of(frame.at.xy[frame.seen])
        with ThreadPoolExecutor(N_WORKERS) as pool:
            smooth = pool.map(around.background, counts[frame.seen].T[scored])
            for j, found in zip(scored, smooth, strict=True):
                background[frame.seen, j] = found
        background /= np.maximum(background.sum(axis=0), 1e-12)
        # Every set is asked for alone, many times over.
        counts, background = np.asfortranarray(counts), np.asfortranarray(background)
        return cls(frame, counts, background, scored, tests, study_area_m2)

    def trials(
        self, j: int, area_m2: NDArray[np.float64]
    ) -> Iterator[tuple[forecast.Fold, forecast.Trial]]:
        """Give the tests of a set."""
        for fold, test in self.tests.items():
            yield (
                fold,
                forecast.Trial(
                    self.counts[:, j], test[:, j], self.background[:, j], area_m2,
                    self.study_area_m2,
                ),
            )  # fmt: skip


def next_counts(frame: Frame, fold: forecast.Fold, sets: Sequence[CrimeSet]) -> NDArray[np.float64]:
    """Count the incidents of a test window, points first seen in it included."""
    end = fold.origin + pd.DateOffset(months=fold.horizon_months)
    months = points.window_months(frame.at.counts.months, end=end, length=fold.horizon_months)
    total = frame.at.counts.sums(months, [each.types for each in sets])
    return np.asfortranarray(total, dtype=np.float64)


def _survey(
    origin: _Origin,
    sets: Sequence[CrimeSet],
    rules: DetectRules,
    labels: list[NDArray[np.int64]],
    lsoas: gpd.GeoDataFrame,
    before: ranking.Ground | None,
    rims: forecast.Rims | None,
) -> ranking.Ground:
    """Score the points anew, but take the hotspots as they were drawn then."""
    # What was drawn depends on the map before it; the scores do not, and they alone are wanted.
    nothing_drawn = replace(rules, min_year_incidents=sys.maxsize)
    found, _, _ = draw_sets(origin.frame, WINDOW_MONTHS, sets, nothing_drawn)
    value = np.column_stack([found[each].score for each in sets])
    if before is not None and rims is not None:
        before = replace(before, rims=rims)
    ground = ranking.survey(origin.frame, origin.counts, value, labels, lsoas, before=before)
    labels[:] = [
        ranking.ranked_labels(each, value[:, j], ground.area_m2) for j, each in enumerate(labels)
    ]
    return ground


def _full(
    origin: _Origin,
    ground: ranking.Ground,
    sets: Sequence[CrimeSet],
    labels: Sequence[NDArray[np.int64]],
    resamples: forecast.Resamples,
    polygons: Polygons | None,
    *,
    with_hdbscan: bool,
) -> list[_Part]:
    """Measure every method under every budget."""

    def work(j: int) -> list[_Part]:
        up_to_m2 = max(ranking.AREA_SHARES) * origin.study_area_m2
        brought = {}
        if polygons is not None:
            units = _brought(ground, polygons, origin.counts[:, j])
            brought[ranking.POLYGONS] = units
            up_to_m2 = max(up_to_m2, float(units.area_m2.sum()))
        methods = brought | ranking.rank_all(
            ground, j, labels[j], up_to_m2=up_to_m2, with_hdbscan=with_hdbscan
        )
        budgets = ranking.all_budgets(methods, origin.study_area_m2)
        flagged = {name: forecast.Flagged(units, budgets) for name, units in methods.items()}
        return [
            (sets[j].types, fold, forecast.measure(flagged, trial, resamples))
            for fold, trial in origin.trials(j, ground.area_m2)
        ]

    with ThreadPoolExecutor(N_WORKERS) as pool:
        return [part for parts in pool.map(work, origin.scored.tolist()) for part in parts]


def _brought(
    ground: ranking.Ground, polygons: Polygons, count: NDArray[np.float64]
) -> forecast.Units:
    shapes = polygons.shapes
    if not polygons.is_ranked:
        shapes = shapes[forecast.by_count(ground.points, shapes, count)]
    return forecast.polygon_units(ground.points, shapes)


def _alone(
    origin: _Origin,
    rims: forecast.Rims,
    area_m2: NDArray[np.float64],
    sets: Sequence[CrimeSet],
    labels: Sequence[NDArray[np.int64]],
) -> Iterator[_Part]:
    """Measure the hotspots of an earlier month on their own ground."""
    for j in origin.scored.tolist():
        units = rims.units(labels[j], area_m2)
        budget = forecast.Budget(
            ranking.OWN[ranking.HOTSPOTS], area_m2=float(units.area_m2.sum())
        )  # fmt: skip
        flagged = {ranking.HOTSPOTS: forecast.Flagged(units, (budget,))}
        for fold, trial in origin.trials(j, area_m2):
            yield sets[j].types, fold, forecast.measure(flagged, trial)


def _table(parts: Sequence[_Part], sets: Sequence[CrimeSet]) -> pd.DataFrame:
    """Put the scores of all sets and folds into one table."""
    scored = [
        (each.name, fold, columns)
        for types, fold, columns in parts
        for each in sets
        if each.types == types
    ]
    if not scored:
        return schema.empty(schema.SCORES)
    n_rows = [len(columns["n"]) for _, _, columns in scored]
    keys = pd.DataFrame([{"crime_group": name} | fold._asdict() for name, fold, _ in scored]).loc[
        np.repeat(np.arange(len(scored)), n_rows)
    ]
    columns = {
        name: np.concatenate([each[name] for _, _, each in scored]) for name in scored[0][2]
    }  # fmt: skip
    table = pd.concat([keys.reset_index(drop=True), pd.DataFrame(columns)], axis=1)
    table = table[schema.SCORES.names].astype({c.name: c.dtype for c in schema.SCORES.columns})
    return table.sort_values(list(schema.SCORES.key), ignore_index=True)
