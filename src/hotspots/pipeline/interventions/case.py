"""One intervention and one crime group: its ground, its comparison, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots import intervention
from hotspots.pipeline.interventions import like
from hotspots.publish import actions as words
from hotspots.publish.words import month as month_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from hotspots.intervention import Windows
    from hotspots.pipeline.interventions.ground import Basis, Records
    from hotspots.pipeline.tables import CrimeSet

TREATED, RING, CONTROL, CONTROL_RING, REST = range(5)
"""Regions of the map points; the places proposed for comparison follow from REST on."""


@dataclass(frozen=True)
class Action:
    """
    A row of the register with its area found.

    Attributes
    ----------
    row : Series
        Of ``schema.ACTIONS``.
    shape, comparison : geometry, optional
        EPSG:27700; None where the register names a hotspot that nobody knows, or nothing.
    """

    row: pd.Series
    shape: BaseGeometry | None
    comparison: BaseGeometry | None

    @property
    def own_id(self) -> str:
        """Its id."""
        return str(self.row["intervention_id"])

    @property
    def start(self) -> pd.Timestamp:
        """First month of it."""
        return pd.Timestamp(self.row["start"])

    @property
    def end(self) -> pd.Timestamp | None:
        """Last month of it, None while it runs."""
        return None if pd.isna(self.row["end"]) else pd.Timestamp(self.row["end"])

    def runs_in(self, first: pd.Timestamp, last: pd.Timestamp) -> bool:
        """Say whether it runs in any month of a span."""
        return self.start <= last and (self.end is None or self.end >= first)


@dataclass
class Case:
    """
    What is known of one intervention and crime group.

    Attributes
    ----------
    action : Action
    crime_set : CrimeSet
    basis : Basis
    windows : Windows
    counts : array of float64, shape (n_regions, n_months, n_types)
        Of the set's types alone.
    label : array of int64, shape (n_points,)
        Region of each point.
    weight : float
        Of the comparison.
    comparison : str, optional
        What it is, in words or ids.
    candidates : array of float64, shape (2, n_places)
        Incidents of all hotspots that could have been proposed, before and after.
    reason : str, optional
        Why it cannot be judged.
    notes : list of str
    """

    action: Action
    crime_set: CrimeSet
    basis: Basis
    windows: Windows
    counts: NDArray[np.float64]
    label: NDArray[np.int64]
    weight: float = 1.0
    comparison: str | None = None
    candidates: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 0)))
    reason: str | None = None
    notes: list[str] = field(default_factory=list)

    def window(self, region: int) -> NDArray[np.float64]:
        """Incidents of a region before and after, by type, shape (2, n_types)."""
        own = self.counts[region]
        return np.stack([own[self.windows.before].sum(axis=0), own[self.windows.after].sum(axis=0)])

    @property
    def has_ring(self) -> bool:
        """Whether both the area and the comparison have a ring with map points."""
        return all((self.label == each).any() for each in (RING, CONTROL_RING))


def find_areas(
    table: pd.DataFrame, records: Records, past: pd.DataFrame, hotspots: gpd.GeoDataFrame
) -> list[Action]:
    """
    Find the area of every intervention, and the one to compare with where the register has it.

    A hotspot is taken as it was drawn on the last map before the intervention began, or as it is
    drawn today where it is younger.

    Parameters
    ----------
    table : DataFrame
        ``schema.ACTIONS``.
    records : Records
    past : DataFrame
        ``schema.PAST_MAPS``.
    hotspots : GeoDataFrame
        ``schema.HOTSPOTS``.
    """
    today = hotspots.drop_duplicates("hotspot_id").set_index("hotspot_id").geometry

    def shape(wkt: object, hotspot_id: object, start: pd.Timestamp) -> BaseGeometry | None:
        if isinstance(wkt, str):
            return shapely.from_wkt(wkt)
        if not isinstance(hotspot_id, str):
            return None
        drawn = records.hotspot(past, hotspot_id, before=start)
        return today.get(hotspot_id) if drawn is None else drawn

    return [
        Action(
            row,
            shape(row["area_wkt"], row["hotspot_id"], row["start"]),
            shape(row["comparison_wkt"], row["comparison_hotspot_id"], row["start"]),
        )
        for _, row in table.iterrows()
    ]


def prepare(
    action: Action,
    crime_set: CrimeSet,
    *,
    records: Records,
    others: Sequence[Action],
    past: pd.DataFrame,
    ring_m: float,
) -> Case:
    """
    Find what an intervention is compared with, or why it cannot be judged.

    Parameters
    ----------
    action : Action
    crime_set : CrimeSet
    records : Records
    others : sequence of Action
        The rest of the register.
    past : DataFrame
        ``schema.PAST_MAPS``.
    ring_m : float
        Width of the ring that crime may have moved to; nothing in it is compared with.
    """
    basis = records.basis(action.start)
    months = intervention.windows(records.months, start=action.start, end=action.end)
    empty = np.full(len(basis.at.ids), -1, dtype=np.int64)
    n_types = len(crime_set.types)
    case = Case(
        action, crime_set, basis, months, np.zeros((REST, len(records.months), n_types)), empty
    )
    span = (action.start - pd.DateOffset(months=12), _last_judged(records, months))
    meanwhile = [each for each in others if each.shape is not None and each.runs_in(*span)]
    found = _place(case, meanwhile, ring_m)
    case.reason = case.reason or found or _compare(case, meanwhile, past, ring_m)
    _note(case)
    return case


def _last_judged(records: Records, months: Windows) -> pd.Timestamp:
    return records.months[months.after].max() if months.after.any() else records.months[-1]


def _place(case: Case, meanwhile: Sequence[Action], ring_m: float) -> str | None:
    """Put the area and its ring on the map; say what stands in the way of judging it at all."""
    action, months = case.action, case.basis.records.months
    if action.shape is None:
        return words.said("unknown hotspot", hotspot=action.row["hotspot_id"])
    inside = case.basis.within(action.shape)
    ring = case.basis.within(action.shape, reach_m=ring_m) & ~inside
    for each in (*[other.shape for other in meanwhile], action.comparison):
        ring &= ~case.basis.within(each) if each is not None else True
    case.label[ring], case.label[inside] = RING, TREATED
    _count(case, REST)
    if case.windows.fault is not None:
        return words.said(
            case.windows.fault.value,
            start=month_words(action.start),
            first=month_words(months[0]),
            last=month_words(months[-1]),
            until=month_words(months[-1] if action.end is None else min(action.end, months[-1])),
        )
    if not inside.any():
        return words.said("no points")
    if not case.window(TREATED).any():
        return words.said("nothing reported")
    over = [each for each in meanwhile if _overlap(each.shape, action.shape)]
    return words.said("overlaps", others=_names(over)) if over else None


def _names(actions: Sequence[Action]) -> str:
    return words.listed([str(each.row["name"]) for each in actions])


def _overlap(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    return bool(
        one is not None and other is not None and shapely.area(shapely.intersection(one, other)) > 0
    )


def _count(case: Case, n_regions: int) -> None:
    kinds = [t for t in case.basis.records.types if t in case.crime_set.types]
    pick = [case.basis.records.types.index(each) for each in kinds]
    case.counts = case.basis.by_region(case.label, n_regions)[:, :, pick]


def _compare(
    case: Case, meanwhile: Sequence[Action], past: pd.DataFrame, ring_m: float
) -> str | None:
    """Find the comparison: the one of the register, or like hotspots."""
    row = case.action.row
    is_named = pd.notna(row["comparison_wkt"]) or pd.notna(row["comparison_hotspot_id"])
    if is_named:
        return _named_comparison(case, meanwhile, ring_m)
    return _like_hotspots(case, meanwhile, past, ring_m)


def _named_comparison(case: Case, meanwhile: Sequence[Action], ring_m: float) -> str | None:
    shape, row = case.action.comparison, case.action.row
    if shape is None:
        return words.said("comparison unknown", hotspot=row["comparison_hotspot_id"])
    if _overlap(shape, case.action.shape):
        return words.said("comparison overlaps")
    treated = [each for each in meanwhile if _overlap(each.shape, shape)]
    if treated:
        return words.said("comparison treated", others=_names(treated))
    inside = case.basis.within(shape) & (case.label != TREATED)
    if not inside.any():
        return words.said("comparison without points")
    case.label[inside] = CONTROL
    _ring_of_comparison(case, shape, meanwhile, ring_m)
    _count(case, REST)
    case.weight = float((case.label == TREATED).sum() / inside.sum())
    hotspot = row["comparison_hotspot_id"]
    case.comparison = str(hotspot) if pd.notna(hotspot) else "the area named in the register"
    own, other = case.window(TREATED)[0].sum(), case.weight * case.window(CONTROL)[0].sum()
    if own > 0 and not 1 / intervention.MOST_UNLIKE <= other / own <= intervention.MOST_UNLIKE:
        case.notes.append(words.said("unlike", words.NOTES, times=f"{other / own:.1f} times"))
    return None


def _ring_of_comparison(
    case: Case, shape: BaseGeometry, meanwhile: Sequence[Action], ring_m: float
) -> None:
    """Mark the ring around the comparison, on points that are nothing else."""
    ring = case.basis.within(shape, reach_m=ring_m) & (case.label < 0)
    for each in meanwhile:
        if each.shape is not None:
            ring &= ~case.basis.within(each.shape)
    case.label[ring] = CONTROL_RING


def _like_hotspots(
    case: Case, meanwhile: Sequence[Action], past: pd.DataFrame, ring_m: float
) -> str | None:
    """Propose the hotspots most like the area on the last map before the intervention."""
    drawn = like.last_map(past, case.basis, case.crime_set.name, case.action.start)
    if drawn is None:
        return words.said("no map")
    own = case.label == TREATED
    if not (drawn.label[own] >= 0).any():
        return words.said("no hotspot")
    near = case.basis.within(case.action.shape, reach_m=ring_m)
    for each in meanwhile:
        if each.shape is not None:
            near |= case.basis.within(each.shape, reach_m=ring_m)
    places = np.where(np.isin(drawn.label, np.unique(drawn.label[near])), -1, drawn.label)
    left = np.unique(places[places >= 0])
    label = case.label.copy()
    for number, place in enumerate(left):
        label[places == place] = REST + number
    found = _alike(case, label, len(left), past, drawn)
    if not len(found):
        return words.said("no like place", ring=f"{ring_m:.0f}")
    _take(case, label, found, meanwhile, ring_m)
    case.weight = 1 / len(found)
    case.comparison = ", ".join(sorted(str(drawn.ids[left[each]]) for each in found))
    return None


def _alike(
    case: Case, label: NDArray[np.int64], n_places: int, past: pd.DataFrame, drawn: like.Drawn
) -> NDArray[np.int64]:
    """Choose among the places those of the same class, or else of any, that are most alike."""
    if not n_places:
        return np.empty(0, dtype=np.int64)
    counted = Case(case.action, case.crime_set, case.basis, case.windows, case.counts, label)
    _count(counted, REST + n_places)
    months = np.flatnonzero(case.windows.before)
    halves = [months[: len(months) // 2], months[len(months) // 2 :]]
    by_half = np.stack([counted.counts[:, each].sum(axis=(1, 2)) for each in halves], axis=1)
    case.candidates = np.stack(
        [
            counted.counts[REST:, each].sum(axis=(1, 2))
            for each in (case.windows.before, case.windows.after)
        ]
    )
    kind = like.classes(
        past, case.basis, case.crime_set, label, n_regions=REST + n_places, origin=drawn.month
    )
    same = np.flatnonzero(kind[REST:] == kind[TREATED])
    found = same[intervention.alike(by_half[TREATED], by_half[REST:][same])]
    if len(found):
        return found
    found = intervention.alike(by_half[TREATED], by_half[REST:])
    if len(found):
        case.notes.append(words.said("any class", words.NOTES))
    return found


def _take(
    case: Case,
    label: NDArray[np.int64],
    found: NDArray[np.int64],
    meanwhile: Sequence[Action],
    ring_m: float,
) -> None:
    """Make the chosen places the comparison, and mark the rings around them."""
    chosen = np.isin(label, REST + found)
    case.label[chosen & (case.label != TREATED)] = CONTROL
    around = shapely.union_all(shapely.points(case.basis.at.xy[chosen]))
    _ring_of_comparison(case, around, meanwhile, ring_m)
    _count(case, REST)


def _note(case: Case) -> None:
    """Note what makes figures that can be judged uncertain."""
    if case.reason is not None:
        case.notes.clear()
        return
    months, windows = case.basis.records.months, case.windows
    compared = windows.before | windows.after
    last, end = months[-1], case.action.end
    year_end = case.action.start + pd.DateOffset(months=intervention.LONGEST_MONTHS - 1)
    went_on = (last if end is None else min(last, end)) > year_end
    keys = {
        "running": (end is None or end > last) and not went_on,
        "first year": went_on,
        "missing months": windows.is_same_months and _has_gap(case),
        "other months": not windows.is_same_months,
        "rebased": not case.basis.is_own()[compared].all(),
        "few": case.window(TREATED).sum() < FEW,
    }
    case.notes = [words.said(key, words.NOTES) for key, holds in keys.items() if holds] + case.notes


def _has_gap(case: Case) -> bool:
    """Say whether a month lies between the first and the last one judged that is not judged."""
    used = case.basis.records.months[case.windows.after]
    return bool(len(used) < len(pd.date_range(used[0], used[-1], freq="MS")))


FEW = 20
"""Incidents before and after together under which a note says that numbers are small."""
