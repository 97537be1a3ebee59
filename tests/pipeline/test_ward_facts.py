from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hotspots.pipeline import quarters
from hotspots.pipeline.ward_facts import busiest_part, change, ward_messages
from hotspots.schema import ALL_CRIME


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [(100, 100, "as many"), (110, 100, "as many"), (150, 100, "more"), (100, 150, "fewer"),
     (0, 0, "as many")],
)  # fmt: skip
def test_only_a_change_beyond_the_usual_is_told(now: int, before: int, found: str) -> None:
    assert change(now, before) == found


def test_the_part_with_half_of_the_incidents_is_named() -> None:
    own = pd.DataFrame({"geometry": shapely.points([[0, 9], [9, 0], [-9, 1]]), "n": [5, 3, 2]})
    assert busiest_part(own, np.zeros(2)) == "north"
    assert busiest_part(own.assign(n=[4, 3, 3]), np.zeros(2)) is None
    assert busiest_part(own.iloc[:0], np.zeros(2)) is None


@pytest.fixture
def town() -> dict[str, pd.DataFrame]:
    """Two wards, three points, two years of a quarter."""
    areas = gpd.GeoDataFrame(
        {
            "level": "ward",
            "area_code": ["W1", "W2"],
            "name": ["Mill Ward", "Quiet Ward"],
            "district_code": "D1",
        },
        geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)],
    )
    points = gpd.GeoDataFrame(
        {"point_id": ["a", "b"], "ward_code": ["W1", "W2"], "list_id": "list-2020-01"},
        geometry=shapely.points([[50, 90], [150, 50]]),
    )
    months = pd.DatetimeIndex(
        [f"{year}-{month:02d}-01" for year in (2023, 2024) for month in (1, 2, 3)]
    )
    counts = pd.DataFrame(
        [
            {"point_id": point, "month": month, "crime_type": "Burglary", "n": n}
            for month in months
            for point, n in (("a", 40 if month.year == 2024 else 10), ("b", 1))
        ]
    )
    coverage = pd.DataFrame(
        {
            "month": months, "crime_type": ALL_CRIME, "list_id": "list-2020-01",
            "is_missing": False, "is_header_only": False,
        }
    )  # fmt: skip
    return {"counts": counts, "points": points, "areas": areas, "coverage": coverage}


def test_each_ward_gets_the_message_that_its_records_call_for(
    town: dict[str, pd.DataFrame],
) -> None:
    quarter = quarters.Quarter.named("2024-Q1", "calendar")
    found = ward_messages(**town, quarter=quarter)
    assert found["ward_code"].tolist() == ["W1", "W2"]
    assert "More incidents" in found["message"][0]
    assert "north of the ward" in found["message"][0]
    assert "few incidents" in found["message"][1]
    without = {**town, "coverage": town["coverage"].iloc[1:]}
    found = ward_messages(**without, quarter=quarter)
    assert "no records of a year earlier" in found["message"][0]


def test_without_wards_there_are_no_messages(town: dict[str, pd.DataFrame]) -> None:
    quarter = quarters.Quarter.named("2024-Q1", "calendar")
    bare = {**town, "areas": town["areas"].assign(level="district")}
    assert ward_messages(**bare, quarter=quarter).empty
