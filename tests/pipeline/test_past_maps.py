"""Maps of every month as a table, and back."""

from __future__ import annotations

import numpy as np
import pandas as pd

import builders
from hotspots import schema
from hotspots.pipeline import past_maps
from hotspots.pipeline.detect import PastMap
from hotspots.pipeline.frames import PointList, point_lists
from hotspots.pipeline.tables import CrimeSet

BURGLARY = CrimeSet("Burglary", "type", ("Burglary",))
ROBBERY = CrimeSet("Robbery", "type", ("Robbery",))
MONTH = pd.Timestamp("2024-03-01")


def _list() -> PointList:
    table = builders.points_table(builders.street_points(9, seed=1))
    counts = builders.counts_table(
        list(table["point_id"]), ["2024-03-01"], np.ones((9, 1)), "Burglary"
    )
    coverage = pd.DataFrame(
        {"month": pd.to_datetime(["2024-03-01"]).as_unit("ms"), "list_id": "list-2024-01"}
    )
    (at,) = point_lists(table, counts, coverage, eps_m=100)
    return at


def test_maps_survive_the_table() -> None:
    at = _list()
    maps = [
        PastMap(MONTH, at, "Burglary", np.array([2, 5, 6]), np.array([30, 4, 4])),
        PastMap(MONTH, at, "Robbery", np.array([], dtype=np.int64), np.array([], dtype=np.int64)),
    ]
    table = past_maps.to_table(maps, lambda number: f"HS-town-{number:04d}")
    schema.check(table, schema.PAST_MAPS)
    assert table["hotspot_id"].tolist() == ["HS-town-0030", "HS-town-0004", "HS-town-0004"]
    known = past_maps.PastMaps(table)
    burglary, robbery = known.labels(at, MONTH, [BURGLARY, ROBBERY])
    assert burglary.tolist() == [-1, -1, 1, -1, -1, 0, 0, -1, -1]
    assert (robbery == -1).all()
    (later,) = known.labels(at, MONTH + pd.DateOffset(months=1), [BURGLARY])
    assert (later == -1).all()


def test_no_maps_make_an_empty_table() -> None:
    table = past_maps.to_table([], str)
    assert schema.check(table, schema.PAST_MAPS).empty
    (labels,) = past_maps.PastMaps(table).labels(_list(), MONTH, [BURGLARY])
    assert (labels == -1).all()
