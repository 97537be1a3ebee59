"""Factors of a made-up county with a planted ratio, from its tables to the table of findings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import builders
from hotspots import risk, schema
from hotspots.pipeline import associate
from hotspots.pipeline.tables import CrimeSet, crime_sets
from hotspots.risk import planted

SETS = crime_sets({"thefts": ("Burglary", "Other theft"), "break-ins": ("Burglary",)})


@pytest.fixture(scope="module")
def town() -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]:
    """Points, counts and measures: twice the burglary within 100 m of a pub, no more theft."""
    chance = np.random.default_rng(1)
    xy = planted.county(2500, side_m=25_000.0, chance=chance)
    points = builders.points_table(xy + np.array([builders.SEA_EASTING, builders.SEA_NORTHING]))
    near = planted.near_places(xy, np.zeros(len(xy)), share=0.2, chance=chance)
    ids = points["point_id"].tolist()
    months = ["2024-01-01", "2024-03-01"]
    counts = pd.concat(
        [
            builders.counts_table(
                ids, months, chance.poisson(np.column_stack([0.8 * times**near] * 2)), crime_type
            )
            for crime_type, times in (("Burglary", 2.0), ("Other theft", 1.0))
        ]
    )
    old = builders.counts_table(ids, ["2019-01-01"], np.full((len(ids), 1), 50), "Burglary")
    measures = pd.DataFrame(
        {
            "nearest_pub_m": np.where(near == 1, 50.0, 400.0),
            "lamps_per_ha": chance.normal(8, 3, len(ids)),
            "wattage_w": np.nan,
            "imd_decile": 3.0,
        },
        index=pd.Index(ids, name="point_id"),
    )
    return points, pd.concat([counts, old], ignore_index=True), measures.iloc[::-1]


def test_a_planted_ratio_is_associated_and_an_empty_factor_is_not(
    town: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    factors, untested = associate.factor_tables(*town, SETS)
    schema.check(factors, schema.FACTORS)
    burglary = factors[factors["crime_group"] == "Burglary"]
    pub, lamps = (
        burglary[burglary["factor"] == each] for each in ("nearest_pub_m", "lamps_per_ha")
    )
    assert pub["estimator"].tolist() == ["case_case", "matched"]
    assert pub["low"].max() < 2 < pub["high"].min()
    assert set(pub["evidence"]) == {risk.ASSOCIATED}
    assert set(lamps["evidence"]) == {risk.NOT_ESTABLISHED}
    assert pub["control"].fillna("none").tolist() == ["Other theft", "none"]
    assert (factors["n_clusters"] >= risk.LEAST_CLUSTERS).all()
    assert ("wattage_w", "all", "not supplied") in untested


def test_only_the_last_three_years_count(
    town: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    points, counts, _ = town
    ground = associate.Ground.of(points, counts, [CrimeSet("b", "type", ("Burglary",))])
    recent = counts[counts["month"] >= "2021-04-01"]
    assert ground.cases.sum() == recent.loc[recent["crime_type"] == "Burglary", "n"].sum()


def test_sets_of_the_same_types_share_their_rows_and_their_tests(
    town: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    factors, _ = associate.factor_tables(*town, SETS)
    first, second = (
        factors[factors["crime_group"] == name].drop(columns="crime_group").reset_index(drop=True)
        for name in ("Burglary", "break-ins")
    )
    pd.testing.assert_frame_equal(first, second)


def test_a_set_without_a_control_is_never_associated_and_says_so(
    town: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    factors, untested = associate.factor_tables(*town, SETS)
    whole = factors[factors["crime_group"] == schema.ALL_CRIME]
    assert set(whole["estimator"]) == {"matched"}
    assert (whole["evidence"] == risk.NOT_ESTABLISHED).all()
    reasons = {each.reason for each in untested if each.crime_group == schema.ALL_CRIME}
    assert any("no crime is left to compare with" in reason for reason in reasons)


def test_exposure_is_held_constant_and_a_place_without_any_does_not_break_it(
    town: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    points, counts, measures = town
    exposure = np.where(measures["nearest_pub_m"] < 100, 20.0, 10.0)
    exposure[:5] = 0
    factors, _ = associate.factor_tables(points, counts, measures, SETS, exposure)
    is_pub = (factors["crime_group"] == "Burglary") & (factors["factor"] == "nearest_pub_m")
    row = factors[is_pub & (factors["estimator"] == "matched")].iloc[0]
    assert row["low"] < 1 < row["high"]
    assert "exposed to crime" in row["held_constant"]


def test_without_measures_or_incidents_the_table_is_empty(
    town: tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    points, counts, measures = town
    none, untested = associate.factor_tables(points, counts, measures[[]], SETS)
    assert none.empty
    assert untested == ()
    assert associate.factor_tables(points, counts.iloc[:0], measures, SETS)[0].empty
