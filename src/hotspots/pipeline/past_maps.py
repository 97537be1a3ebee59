"""The maps of every month: which points lay in which hotspot, as a table and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots import cluster, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from hotspots.pipeline.detect import PastMap
    from hotspots.pipeline.frames import PointList
    from hotspots.pipeline.tables import CrimeSet


def to_table(maps: Sequence[PastMap], hotspot_id: Callable[[int], str]) -> pd.DataFrame:
    """
    Put the maps of a walk through the months into ``schema.PAST_MAPS``.

    Parameters
    ----------
    maps : sequence of PastMap
    hotspot_id : callable
        Turns a number of the register into an id.
    """
    if not maps:
        return schema.empty(schema.PAST_MAPS)
    n_points = [len(each.points) for each in maps]
    number, at = np.unique(np.concatenate([each.numbers for each in maps]), return_inverse=True)
    ids = np.array([hotspot_id(each) for each in number.tolist()], dtype=object)
    table = pd.DataFrame(
        {
            "crime_group": np.repeat(
                np.array([each.name for each in maps], dtype=object), n_points
            ),
            "window_end": np.repeat(pd.DatetimeIndex([each.month for each in maps]), n_points),
            "point_id": np.concatenate([each.at.ids[each.points].to_numpy() for each in maps]),
            "hotspot_id": ids[at],
        }
    ).astype({column.name: column.dtype for column in schema.PAST_MAPS.columns})
    return table.sort_values(list(schema.PAST_MAPS.key), ignore_index=True)


class PastMaps:
    """
    The hotspots of every set as they were drawn at the end of each month.

    Parameters
    ----------
    table : DataFrame
        ``schema.PAST_MAPS``.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._points = table["point_id"].to_numpy(dtype=object)
        self._hotspots = table["hotspot_id"].to_numpy(dtype=object)
        keys = ["crime_group", "window_end"]
        self._rows = table.groupby(keys, sort=False, observed=True).indices

    def labels(
        self, at: PointList, month: pd.Timestamp, sets: Sequence[CrimeSet]
    ) -> list[NDArray[np.int64]]:
        """
        Return each set's hotspots at the end of a month.

        Parameters
        ----------
        at : PointList
            The list in force in that month.
        month : Timestamp
        sets : sequence of CrimeSet

        Returns
        -------
        list of array of int64, shape (n_points,)
            Hotspots numbered from 0 in the order of their ids; -1 elsewhere.
        """
        found = []
        for crime_set in sets:
            label = np.full(len(at.ids), cluster.NOISE, dtype=np.int64)
            rows = self._rows.get((crime_set.name, month))
            if rows is not None:
                _, number = np.unique(self._hotspots[rows], return_inverse=True)
                label[at.ids.get_indexer(pd.Index(self._points[rows]))] = number
            found.append(label)
        return found
