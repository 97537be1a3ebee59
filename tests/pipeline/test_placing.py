"""Records onto the map."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.crs import BNG, lonlat_to_bng
from hotspots.pipeline.placing import (
    Ids,
    Spots,
    area_at,
    place,
    points_table,
    recount,
    set_apart,
    vintages,
)
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
    places = np.array([(5.0, 5), (15, 5), (10, 5), (-50, 5), (90, 5), (10, -5)])
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


def test_areas_of_many_places_are_those_that_geometry_says() -> None:
    rng = np.random.default_rng(1)
    corners = rng.uniform(0, 900, (40, 2))
    shapes = shapely.buffer(shapely.points(corners), rng.uniform(5, 90, 40))
    codes = [f"{number:02}" for number in rng.permutation(40)]
    areas = gpd.GeoDataFrame({"area_code": codes}, geometry=shapes, crs=BNG)
    xy = rng.uniform(-100, 1_000, (500, 2))
    apart = shapely.distance(shapely.points(xy)[:, None], shapes[None, :])
    nearest = apart == apart.min(axis=1)[:, None]
    assert (apart.min(axis=1) == 0).any()
    expected = [min(np.array(codes)[row]) for row in nearest]
    assert area_at(areas, xy).tolist() == expected


def test_incidents_are_named_and_ordered_by_their_names() -> None:
    stays = np.array([True, False, True, True, True, True, False])
    named = pd.Series(["f", "x", "b", "e", "a", "d", "c"], dtype="str")
    nothing = pd.Series([None] * len(ROWS), dtype="str")
    rows = published(ROWS).assign(outcome=nothing, reported_by=nothing)
    placed = place(rows, Spots.among(rows))
    incidents = placed.incidents(Ids(named, named.array.argsort()), stays)
    schema.check(incidents, schema.INCIDENTS)
    assert incidents["incident_id"].tolist() == ["a", "b", "d", "e", "f"]
    assert incidents["line"].tolist() == [5, 3, 6, 4, 2]


def test_places_a_millionth_of_a_degree_apart_are_different_spots() -> None:
    x, y = QUAY
    near = [(x, y), (x + 1e-6, y), (x, y + 1e-6), (x - 1e-6, y), (x, y - 1e-6), (x + 4e-7, y)]
    table = pd.DataFrame({"longitude": [a for a, _ in near], "latitude": [b for _, b in near]})
    spots = Spots.among(table)
    assert spots.of.tolist() == [0, 1, 2, 3, 4, 0]
    assert spots.longitude.tolist() == [a for a, _ in near[:5]]
    assert spots.latitude.tolist() == [b for _, b in near[:5]]


def published(rows: pd.DataFrame) -> pd.DataFrame:
    lines = pd.Series(range(2, 2 + len(rows)), dtype="int64")
    return rows.assign(file=pd.Series(["a.csv"] * len(rows), dtype="str"), line=lines)


def test_records_are_set_apart_by_place_and_time_with_reasons() -> None:
    east, north = lonlat_to_bng(np.array([QUAY[0]]), np.array([QUAY[1]]))[0]
    ground = shapely.box(east - 5_000, north - 5_000, east, north + 5_000)
    stays, spots, excluded = set_apart(published(ROWS), ground)
    assert stays.sum() == len(spots.of) == 5
    assert excluded.empty
    stays, spots, excluded = set_apart(published(ROWS), ground, until=pd.Timestamp("2024-01-01"))
    assert stays.tolist() == [False, True, False, False, False]
    assert spots.of.tolist() == [1]
    schema.check(excluded, schema.SET_ASIDE)
    assert excluded["line"].tolist() == [2, 4, 5, 6]
    assert set(excluded["reason"]) == {"after the last month asked for, 2024-01"}
    assert set(excluded["status"]) == {"excluded"}
    assert excluded["column"].iloc[0] == "Longitude, Latitude"
    assert excluded["value"].iloc[0] == "-4.500000, 54.200000"


def test_a_record_may_lie_a_quarter_of_a_kilometre_outside() -> None:
    east, north = lonlat_to_bng(np.array([QUAY[0]]), np.array([QUAY[1]]))[0]
    for out_m, n_out in ((249.9, 0), (250.1, 3)):
        right = east - out_m
        ground = shapely.box(right - 5_000, north - 5_000, right, north + 5_000)
        stays, _, excluded = set_apart(published(ROWS), ground)
        assert (stays.sum(), len(excluded)) == (5 - n_out, n_out)
        assert set(excluded["reason"]) <= {"more than 250 m outside the districts"}


def test_rows_set_apart_move_from_kept_to_excluded_file_by_file() -> None:
    account = pd.DataFrame(
        [
            ["a.csv", "", 9, 9, 0, 0, 0, 0],
            ["b.zip", "x.csv", 9, 7, 0, 2, 0, 0],
            ["c.csv", "", 9, 9, 0, 0, 0, 0],
        ],
        columns=schema.ACCOUNT.names,
    )
    excluded = pd.DataFrame({"file": ["a.csv", "b.zip/x.csv", "b.zip/x.csv"]}).astype("str")
    found = recount(account, excluded)
    assert found["kept"].tolist() == [8, 5, 9]
    assert found["excluded"].tolist() == [1, 4, 0]


def test_kept_counts_months_and_types_that_are_there() -> None:
    kept = place(ROWS, Spots.among(ROWS)).kept().reset_index()
    assert kept["month"].dt.month.tolist() == [1, 2, 2]
    assert kept["crime_type"].tolist() == ["Drugs", "Burglary", "Drugs"]
    assert kept["kept"].tolist() == [1, 1, 3]


def test_a_point_without_any_text_has_none() -> None:
    placed = place(ROWS.assign(lsoa_code=ROWS["lsoa_code"].where(ROWS["location"] != "Mill")),
                   Spots.among(ROWS))  # fmt: skip
    found = placed.most_frequent("lsoa_code")
    at = placed.points["longitude"].eq(MILL[0])
    assert found[at].isna().all()
    assert set(found[~at]) == {"E01000002"}


def test_a_month_with_codes_of_both_years_only_is_of_neither() -> None:
    areas = pd.DataFrame(
        {
            "level": ["lsoa11", "lsoa21", "lsoa11", "lsoa21"],
            "area_code": ["E01000001", "E01000002", "E01000002", "E01000009"],
        }
    )
    found = vintages(place(ROWS, Spots.among(ROWS)), areas)
    assert found.to_dict() == {pd.Timestamp("2024-01-01"): "2011"}


def test_points_lie_in_areas_and_keep_the_code_that_was_published() -> None:
    placed = place(ROWS, Spots.among(ROWS))
    east, north = lonlat_to_bng(np.array([QUAY[0]]), np.array([QUAY[1]]))[0]
    around = shapely.box(east - 9_000, north - 9_000, east + 9_000, north + 9_000)
    codes = {
        "district": ["D1"], "ward": ["W1"], "lsoa11": ["E01000001"],
        "lsoa21": ["E01000002", "E01000009"],
    }  # fmt: skip
    areas = gpd.GeoDataFrame(
        {
            "level": [level for level, names in codes.items() for _ in names],
            "area_code": [name for names in codes.values() for name in names],
        },
        geometry=[around, around, around, shapely.box(0, 0, 1, 1), around],
        crs=BNG,
    )
    table = schema.check(points_table(placed, areas), schema.POINTS).set_index("location")
    assert table["district_code"].tolist() == ["D1", "D1"]
    assert table["ward_code"].tolist() == ["W1", "W1"]
    assert table["lsoa11_code"].to_dict() == {"Pier": "E01000001", "Mill": "E01000001"}
    assert table["lsoa21_code"].to_dict() == {"Pier": "E01000002", "Mill": "E01000009"}
    quay = table.geometry["Pier"]
    assert (quay.x, quay.y) == (round(east, 2), round(north, 2))


def test_no_two_places_of_a_wide_field_are_one_spot() -> None:
    across, up = np.divmod(np.arange(1_000), 500)
    x = np.round(QUAY[0] + across * 1e-6, 6)
    y = np.round(QUAY[1] + up * 1e-6, 6)
    spots = Spots.among(pd.DataFrame({"longitude": x, "latitude": y}))
    assert spots.of.tolist() == list(range(1_000))
