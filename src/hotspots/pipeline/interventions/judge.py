"""Figures of every intervention: differences, what happens anyway, charts, ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import intensity, intervention, schema, store
from hotspots.crs import BNG
from hotspots.pipeline.foretold import OWN_GROUND
from hotspots.pipeline.interventions.case import (
    CONTROL,
    CONTROL_RING,
    RING,
    TREATED,
    Case,
    find_areas,
    prepare,
)
from hotspots.pipeline.interventions.ground import Records
from hotspots.pipeline.ranking import HOTSPOTS
from hotspots.pipeline.tables import CrimeSet, crime_sets
from hotspots.publish import actions as words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from hotspots.settings import Settings

RING_M = 300.0
"""Ring around an area, unless the settings say otherwise (METHODS §9)."""

ANYWAY_MONTHS = 3
"""The kept excess is that of the three months after an origin: the longest that is tested."""

LEAST_ORIGINS = 5
"""With fewer origins nobody can say between which values the kept excess lies."""

SPREAD_SAID = 1.5
"""From here on the words say that like places varied more than by chance."""

_SHARES_BY_CHANCE = (0.025, 0.975)
_MEASURED = (
    "control_before", "control_after", "control_weight", "displacement_before",
    "displacement_after", "wdd", "wdd_low", "wdd_high", "wdd_total", "total_low", "total_high",
    "wdq", "expected_anyway", "anyway_low", "anyway_high",
)  # fmt: skip


def intervention_tables(
    settings: Settings, folder: Path, *, weights: Mapping[str, float]
) -> dict[str, pd.DataFrame]:
    """
    Judge every intervention of the register of a run.

    Parameters
    ----------
    settings : Settings
    folder : Path
        Tables of the run: ``actions``, ``points``, ``counts``, ``coverage``, ``hotspots``,
        ``past_maps`` and ``scores``.
    weights : mapping of crime type to float
        Days of harm of one incident.

    Returns
    -------
    dict of table name to DataFrame
        ``interventions``, ``action_areas`` and ``action_chart``; without rows if there is no
        register.
    """
    actions = store.read_table(schema.ACTIONS, folder)
    if actions.empty:
        made = (schema.INTERVENTIONS, schema.ACTION_AREAS, schema.ACTION_CHART)
        return {each.name: schema.empty(each) for each in made}
    wanted = (schema.POINTS, schema.COUNTS, schema.COVERAGE)
    points, counts, coverage = (store.read_table(each, folder) for each in wanted)
    return judge_actions(
        actions,
        Records.of(points, counts, coverage),
        hotspots=store.read_table(schema.HOTSPOTS, folder),
        past=store.read_table(schema.PAST_MAPS, folder),
        scores=store.read_table(schema.SCORES, folder),
        sets=crime_sets(settings.crime_groups),
        weights=weights,
        ring_m=settings.interventions.ring_m if settings.interventions else RING_M,
    )


def judge_actions(
    actions: pd.DataFrame,
    records: Records,
    *,
    hotspots: gpd.GeoDataFrame,
    past: pd.DataFrame,
    scores: pd.DataFrame,
    sets: Sequence[CrimeSet],
    weights: Mapping[str, float],
    ring_m: float = RING_M,
) -> dict[str, pd.DataFrame]:
    """
    Judge interventions, each for every crime group it aimed at, by count and by harm.

    Parameters
    ----------
    actions : DataFrame
        ``schema.ACTIONS``.
    records : Records
    hotspots, past, scores : DataFrame
        ``schema.HOTSPOTS``, ``schema.PAST_MAPS`` and ``schema.SCORES``.
    sets : sequence of CrimeSet
    weights : mapping of crime type to float
        Days of harm of one incident.
    ring_m : float
        Width of the ring that crime may have moved to.

    Returns
    -------
    dict of table name to DataFrame
        ``interventions``, ``action_areas`` and ``action_chart``, each to its schema.
    """
    found = find_areas(actions, records, past, hotspots)
    by_name = {each.name: each for each in sets}
    rows: list[dict[str, Any]] = []
    areas: list[dict[str, Any]] = []
    charts: list[pd.DataFrame] = []
    for action in found:
        others = [each for each in found if each is not action]
        for group in action.row["crime_groups"].split("; "):
            case = prepare(
                action, by_name[group], records=records, others=others, past=past, ring_m=ring_m
            )
            own = float(case.window(TREATED)[0].sum())
            spread = intervention.spread(*case.candidates, own=own)
            rows += _rows(case, spread, _kept(scores, group), weights)
            areas += _areas(case, ring_m)
            charts += _chart(case, spread)
    return {
        schema.INTERVENTIONS.name: _table(rows, schema.INTERVENTIONS),
        schema.ACTION_AREAS.name: _shapes(areas),
        schema.ACTION_CHART.name: _table(pd.concat(charts) if charts else [], schema.ACTION_CHART),
    }


def _kept(scores: pd.DataFrame, group: str) -> tuple[float, float, float]:
    """Return how much of the excess of a group's hotspots came again: mean and 95 % of origins."""
    own = scores[
        (scores["crime_group"] == group)
        & (scores["method"] == HOTSPOTS)
        & (scores["budget"] == OWN_GROUND)
        & (scores["horizon_months"] == ANYWAY_MONTHS)
    ]["kept_excess"].dropna()
    values = np.clip(own.to_numpy(dtype=np.float64), 0.0, 1.0)
    if not len(values):
        return np.nan, np.nan, np.nan
    low, high = (
        np.quantile(values, _SHARES_BY_CHANCE) if len(values) >= LEAST_ORIGINS else (np.nan, np.nan)
    )
    return float(values.mean()), float(low), float(high)


def _rows(
    case: Case, spread: float, kept: tuple[float, float, float], weights: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Make the rows of one intervention and group, by count and by harm."""
    types = [each for each in case.basis.records.types if each in case.crime_set.types]
    days = np.array([weights[each] for each in types], dtype=np.float64)
    rows = []
    for measure, weight in (("count", np.ones(len(types))), ("harm", days)):
        row = _shared(case, spread) | {"measure": measure}
        row["before"], row["after"] = case.window(TREATED) @ weight
        if case.reason is None:
            row |= _differences(case, weight, spread)
            row |= _by_count(case, kept) if measure == "count" else {}
        rows.append(row)
    return rows


def _shared(case: Case, spread: float) -> dict[str, Any]:
    row, windows = case.action.row, case.windows
    notes = list(case.notes)
    if spread >= SPREAD_SAID and case.reason is None:
        notes.append(words.said("spread", words.NOTES, times=f"{spread:.1f}"))
    return {
        **{name: row[name] for name in ("intervention_id", "name", "start", "end")},
        "crime_group": case.crime_set.name,
        "months_before": int(windows.before.sum()),
        "months_after": int(windows.after.sum()),
        **dict.fromkeys(_MEASURED, np.nan),
        "spread": spread,
        "verdict": "cannot be judged",
        "reason": case.reason,
        "notes": " ".join(notes) or None,
        "comparison": case.comparison if case.reason is None else None,
        "is_rebased": not case.basis.is_own()[windows.before | windows.after].all(),
    }


def _differences(case: Case, weight: NDArray[np.float64], spread: float) -> dict[str, Any]:
    """Work out the differences, without and with the rings."""
    control = case.window(CONTROL)
    rules: dict[str, Any] = {
        "control_weight": case.weight, "ratio": case.windows.ratio, "weights": weight,
        "spread": spread,
    }  # fmt: skip
    local = intervention.wdd(case.window(TREATED), control, **rules)
    if local.variance <= 0:
        return {"reason": words.said("no variation")}
    row = {
        "control_before": control[0] @ weight,
        "control_after": control[1] @ weight,
        "control_weight": case.weight,
        "wdd": local.value,
        "wdd_low": local.low,
        "wdd_high": local.high,
        "verdict": intervention.verdict(local),
    }
    if not case.has_ring:
        return row
    ring, other = case.window(RING), case.window(CONTROL_RING)
    total = intervention.wdd(
        case.window(TREATED), control, displaced=ring, control_displaced=other, **rules
    )
    return row | {
        "displacement_before": ring[0] @ weight,
        "displacement_after": ring[1] @ weight,
        "wdd_total": total.value,
        "total_low": total.low,
        "total_high": total.high,
    }


def _by_count(case: Case, kept: tuple[float, float, float]) -> dict[str, Any]:
    """Add what is worked out of counts alone: the quotient, and what happens anyway."""
    treated, control, ring = (case.window(each).sum(axis=1) for each in (TREATED, CONTROL, RING))
    quotient = intervention.wdq(treated, control, ring) if case.has_ring else None
    names = ("expected_anyway", "anyway_low", "anyway_high")
    basis, windows = case.basis, case.windows
    types = basis.records.types
    pick = [types.index(each) for each in types if each in case.crime_set.types]
    whole = basis.everywhere()[:, pick].sum(axis=1)
    before, after = whole[windows.before].sum(), whole[windows.after].sum()
    seen = np.asarray(basis.at.first_month < case.action.start)
    at_points = basis.by_point(windows.before, case.crime_set.types)
    smooth = np.zeros(len(seen))
    smooth[seen] = intensity.background(at_points[seen], basis.at.xy[seen])
    changes = {
        name: intervention.expected_change(
            float(treated[0]),
            background=float(smooth[case.label == TREATED].sum()),
            kept_excess=share,
            trend=float(after / before) if before else windows.ratio,
            ratio=windows.ratio,
        )
        for name, share in zip(names, kept, strict=True)
    }
    return {"wdq": np.nan if quotient is None else quotient, **changes}


def _areas(case: Case, ring_m: float) -> list[dict[str, Any]]:
    """Draw the area, the ring around it and the comparison."""
    shape = case.action.shape
    if shape is None:
        return []
    key = {"intervention_id": case.action.own_id, "crime_group": case.crime_set.name}
    ring = shapely.difference(shapely.buffer(shape, ring_m, quad_segs=8), shape)
    drawn = {"action": shape, "ring": ring}
    compared = np.flatnonzero(case.label == CONTROL)
    if case.action.comparison is not None:
        drawn["comparison"] = case.action.comparison
    elif case.reason is None and len(compared):
        drawn["comparison"] = case.basis.at.polygon(compared, before=case.action.start)
    return [key | {"role": role, "geometry": each} for role, each in drawn.items()]


def _chart(case: Case, spread: float) -> list[pd.DataFrame]:
    """Make the cumulative chart from a year before the start to the last month with data."""
    months = case.basis.records.months
    start = case.action.start
    shown = np.asarray(months >= start - pd.DateOffset(months=intervention.LONGEST_MONTHS))
    is_after = np.asarray(months >= start)[shown]
    observed = case.counts[TREATED].sum(axis=1)[shown]
    if case.windows.fault is not None or not observed[~is_after].any():
        return []
    types = case.basis.records.types
    pick = [types.index(each) for each in types if each in case.crime_set.types]
    whole = case.basis.everywhere()[:, pick].sum(axis=1)[shown]
    found = intervention.cumulative(observed, whole, is_after=is_after, spread=spread)
    return [
        pd.DataFrame(
            {
                "intervention_id": case.action.own_id,
                "crime_group": case.crime_set.name,
                "month": months[shown],
                "is_after": is_after,
                "n": observed,
                "expected": found.expected,
                "total": found.total,
                "limit": found.limit,
                "is_rebased": ~case.basis.is_own()[shown],
            }
        )
    ]


def _table(rows: Iterable[Any] | pd.DataFrame, to: schema.Schema) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    if table.empty:
        return schema.empty(to)
    table = table[to.names].astype({column.name: column.dtype for column in to.columns})
    return table.sort_values([*to.key], ignore_index=True)


def _shapes(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    if not rows:
        return gpd.GeoDataFrame(schema.empty(schema.ACTION_AREAS))
    table = _table(rows, schema.ACTION_AREAS)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=BNG)
