"""Districts and streets counted by hand."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from hotspots.pipeline.local_counts import STREET_COLUMNS, district_totals, street_counts
from hotspots.pipeline.tables import CrimeSet

POINTS = gpd.GeoDataFrame(
    {
        "point_id": ["a", "b", "c", "d", "e", "f"],
        "location": [
            "On or near High Street", "On or near High Street", "On or near High Street",
            "On or near Shopping Area", "On or near Supermarket", "On or near Park/Open Space",
        ],
        "district_code": ["D1", "D1", "D1", "D1", "D1", "D2"],
    },
    geometry=gpd.points_from_xy([0, 200, 5_000, 250, 9_000, 0], [0] * 6),
    crs="EPSG:27700",
)  # fmt: skip
OLD, NEW = pd.Timestamp("2023-01-01"), pd.Timestamp("2025-01-01")
COUNTS = pd.DataFrame(
    [
        ("a", OLD, "Burglary", 2), ("a", NEW, "Burglary", 3), ("b", NEW, "Burglary", 4),
        ("c", NEW, "Burglary", 5), ("d", NEW, "Shoplifting", 6), ("d", NEW, "Burglary", 9),
        ("e", NEW, "Shoplifting", 7), ("f", NEW, "Drugs", 8),
    ],
    columns=["point_id", "month", "crime_type", "n"],
)  # fmt: skip
HOTSPOTS = pd.DataFrame(
    {"crime_group": ["Burglary"] * 2, "hotspot_id": ["HS-2", "HS-1"], "rank": [2, 1]}
)
MEMBERS = pd.DataFrame(
    {"crime_group": ["Burglary"] * 2, "hotspot_id": ["HS-2", "HS-1"], "point_id": ["a", "b"]}
)


def streets(points: gpd.GeoDataFrame) -> pd.DataFrame:
    return street_counts(
        COUNTS, points, HOTSPOTS, MEMBERS, types=("Burglary", "Shoplifting"), window_start=NEW
    )


def rows(points: gpd.GeoDataFrame) -> list[tuple[object, ...]]:
    found = streets(points)[["street", "crime_type", "year", "whole", "hotspot_id"]]
    return [tuple(row) for row in found.to_numpy().tolist()]


def test_points_of_one_name_are_one_street_only_if_they_lie_together() -> None:
    assert rows(POINTS) == [
        ("High Street", "Burglary", 7, 9, "HS-1"),
        ("High Street", "Burglary", 5, 5, ""),
        ("High Street (shopping area)", "Shoplifting", 6, 6, ""),
    ]


def test_the_order_of_the_points_changes_nothing() -> None:
    turned = POINTS.iloc[::-1].reset_index(drop=True)
    assert rows(turned) == rows(POINTS)


def test_without_a_named_street_there_are_no_rows() -> None:
    assert list(streets(POINTS.iloc[5:]).columns) == list(STREET_COLUMNS)
    assert streets(POINTS.iloc[5:]).empty


@pytest.mark.parametrize(
    ("code", "name", "n"), [("D1", "all", 36), ("D1", "b", 23), ("D2", "b", 0)]
)
def test_districts_add_up_by_set(code: str, name: str, n: int) -> None:
    sets = (
        CrimeSet("all", "all", ("Burglary", "Shoplifting", "Drugs")),
        CrimeSet("b", "type", ("Burglary",)),
    )
    assert district_totals(COUNTS, POINTS, sets)[code, name] == n
