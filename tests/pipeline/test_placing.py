"""Records onto the map."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.crs import BNG
from hotspots.pipeline.placing import Spots, area_at, place, vintages
from hotspots.schema import COUNTS, check

QUAY, MILL = (-4.5, 54.2), (-4.51, 54.21)


def records(rows: list[tuple[str, str, tuple[float, float], str, str | None]]) -> pd.DataFrame:
    months, types, spots, locations, codes = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "month": pd.DatetimeIndex([f"{month}-01" for month in months]).as_unit("ms"),
            "crime_type": pd.Series(types, dtype="str"),
            "longitude": [x for x, _ in spots],
            "latitude": [y for _, y in spots],
            "location": pd.Series(locations, dtype="str"),
            "lsoa_code": pd.Series(codes, dtype="str"),
        }
    )


ROWS = records(
    [
        ("2024-02", "Drugs", QUAY, "Quay", "E01000002"),
        ("2024-01", "Drugs", MILL, "Mill", "E01000001"),
        ("2024-02", "Drugs", QUAY, "Pier", None),
        ("2024-02", "Burglary", QUAY, "Pier", "E01000002"),
        ("2024-02", "Drugs", MILL, "Mill", "E01000002"),
    ]
)


def test_places_belong_to_the_area_they_lie_in_or_are_nearest_to() -> None:
    areas = gpd.GeoDataFrame(
        {"area_code": ["b", "a"]},
        geometry=[shapely.box(10, 0, 20, 10), shapely.box(0, 0, 10, 10)],
        crs=BNG,
    )
    places = shapely.points([(5, 5), (15, 5), (10, 5), (-50, 5), (90, 5), (10, -5)])
    assert area_at(areas, places).tolist() == ["a", "b", "a", "a", "b", "a"]
    assert area_at(areas.iloc[:0], places).isna().all()


def test_places_that_agree_to_six_decimals_are_one_spot() -> None:
    spots = Spots.among(ROWS.assign(longitude=ROWS["longitude"] + 1e-9))
    assert len(spots.longitude) == 2
    assert spots.of.tolist() == [0, 1, 0, 0, 1]
    assert spots.latitude.tolist() == [QUAY[1], MILL[1]]
    assert spots.only(np.array([True, False, True, False, True])).of.tolist() == [0, 0, 1]


def test_every_record_has_its_point() -> None:
    placed = place(ROWS, Spots.among(ROWS))
    assert placed.points["point_id"].is_monotonic_increasing
    named = placed.records["point_id"]
    assert (placed.points["point_id"].to_numpy()[placed.point] == named).all()
    at = placed.points.set_index("point_id").loc[named]
    assert np.allclose(at[["longitude", "latitude"]], ROWS[["longitude", "latitude"]])
    assert at["first_month"].dt.month.tolist() == [2, 1, 2, 2, 1]


def test_counts_and_months_hold_every_record_once() -> None:
    placed = place(ROWS, Spots.among(ROWS))
    counts = check(placed.counts(), COUNTS)
    by_hand = placed.records.groupby([*COUNTS.key]).size().rename("n").reset_index()
    assert counts.sort_values([*COUNTS.key], ignore_index=True).equals(
        by_hand.astype(counts.dtypes)
    )
    assert placed.kept().sum() == len(ROWS)


def test_the_most_frequent_text_wins_and_ties_go_by_the_alphabet() -> None:
    placed = place(ROWS, Spots.among(ROWS))
    assert set(placed.most_frequent("location")) == {"Mill", "Pier"}
    assert placed.most_frequent("lsoa_code").tolist() == ["E01000002", "E01000001"]


def test_the_vintage_of_a_month_is_told_by_codes_that_only_one_has() -> None:
    areas = pd.DataFrame(
        {
            "level": ["lsoa11", "lsoa21", "lsoa11", "lsoa21"],
            "area_code": ["E01000001", "E01000002", "E01000003", "E01000003"],
        }
    )
    assert vintages(place(ROWS, Spots.among(ROWS)), areas).tolist() == ["2011", "2021"]
    assert vintages(place(ROWS, Spots.among(ROWS)), areas[areas["level"] == "lsoa21"]).empty
