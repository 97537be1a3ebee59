"""Hotspots to compare with, as they were drawn before an action: of its class, not near it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots import recurrence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.pipeline.interventions.ground import Basis
    from hotspots.pipeline.tables import CrimeSet

MOST_WINDOWS = 12
"""Maps before an action from which the class of a place then is read."""


@dataclass(frozen=True)
class Drawn:
    """
    The hotspots of a set on the last map before an action.

    Attributes
    ----------
    ids : array of str, shape (n_hotspots,)
    label : array of int64, shape (n_points,)
        Of each point of the list in force then, or -1.
    month : Timestamp
        Last month of the map's window.
    """

    ids: NDArray[np.object_]
    label: NDArray[np.int64]
    month: pd.Timestamp


def last_map(past: pd.DataFrame, basis: Basis, group: str, start: pd.Timestamp) -> Drawn | None:
    """
    Return the last map of a group before an action began, or None if there is none.

    Parameters
    ----------
    past : DataFrame
        ``schema.PAST_MAPS``.
    basis : Basis
    group : str
    start : Timestamp
    """
    rows = past[(past["crime_group"] == group) & (past["window_end"] < start)]
    if rows.empty:
        return None
    month = rows["window_end"].max()
    rows = rows[rows["window_end"] == month]
    at = basis.at.ids.get_indexer(pd.Index(rows["point_id"]))
    number, ids = pd.factorize(rows["hotspot_id"], sort=True)
    label = np.full(len(basis.at.ids), -1, dtype=np.int64)
    label[at[at >= 0]] = number[at >= 0]
    return Drawn(np.asarray(ids, dtype=object), label, month) if (at >= 0).any() else None


def classes(
    past: pd.DataFrame,
    basis: Basis,
    crime_set: CrimeSet,
    label: NDArray[np.int64],
    *,
    n_regions: int,
    origin: pd.Timestamp,
) -> NDArray[np.str_]:
    """
    Class places by the maps up to an origin, by the rules of today's hotspots.

    A place was hot on a map if at least half of its points lay in a hotspot. The maps stand a
    quarter or a half-year apart, as the set's recurrence is read, and look back a year each.

    Parameters
    ----------
    past : DataFrame
        ``schema.PAST_MAPS``.
    basis : Basis
    crime_set : CrimeSet
    label : array of int64, shape (n_points,)
        Place of each point of the list in force, or -1.
    n_regions : int
    origin : Timestamp
        Window end of the last map.

    Returns
    -------
    array of str, shape (n_regions,)
    """
    own = past[past["crime_group"] == crime_set.name]
    ends = [
        origin - pd.DateOffset(months=crime_set.recurrence_months * back)
        for back in reversed(range(MOST_WINDOWS))
    ]
    on_lists = basis.labels_on(label)
    hot = []
    for end in ends:
        rows = pd.Index(own.loc[own["window_end"] == end, "point_id"])
        for each, place in zip(basis.records.lists, on_lists, strict=True):
            if len(rows) and end in each.counts.months:
                is_drawn = np.asarray(each.ids.isin(rows))
                ones = np.ones(len(place))
                hot.append(recurrence.were_hot(place, ones, is_drawn, n_hotspots=n_regions))
    table = np.column_stack(hot) if hot else np.zeros((n_regions, 0), dtype=bool)
    return recurrence.classify_recurrence(table)
