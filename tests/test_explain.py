"""What is unusual about a hotspot: matched places, tails, families and evidence."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import builders
from hotspots import explain, schema

N = 400
GROUP = "Burglary"
MEMBERS = 4


def _town(values: dict[str, np.ndarray], *, spacing_m: float = 70.0) -> explain.Places:
    points = builders.points_table(builders.street_points(N, seed=8, spacing_m=spacing_m))
    return explain.Places(points, pd.DataFrame(values, index=points["point_id"]))


def _hotspot(places: explain.Places, own: dict[str, float]) -> tuple[pd.DataFrame, ...]:
    ids = places.points["point_id"]
    middle = [N // 2 + 10 + i for i in range(MEMBERS)]
    hotspots = pd.DataFrame(
        {"hotspot_id": ["HS-a-0001"], "crime_group": [GROUP], "district_code": ["E07999001"]}
    )
    members = pd.DataFrame(
        {"hotspot_id": "HS-a-0001", "crime_group": GROUP, "point_id": ids.iloc[middle], "n": 5}
    )
    rows = pd.DataFrame({"measure": list(own), "value": list(own.values())})
    return hotspots, members, rows.assign(subject="hotspot", subject_id="HS-a-0001")


def _found(places: explain.Places, own: dict[str, float]) -> pd.DataFrame:
    hotspots, members, environment = _hotspot(places, own)
    return explain.unusual(hotspots, members, environment, places)


def test_only_the_tails_are_told_strongest_first() -> None:
    rng = np.random.default_rng(1)
    even = {name: rng.permutation(N) / N for name in ("dark_share", "wattage_w", "faulty_share")}
    table = _found(_town(even), {"dark_share": 0.93, "wattage_w": 0.02, "faulty_share": 0.5})
    assert table.sort_values("rank")["measure"].tolist() == ["wattage_w", "dark_share"]
    dark = table.set_index("measure").loc["dark_share"]
    assert dark["percentile"] == pytest.approx(0.93, abs=0.03)
    assert dark["typical"] == pytest.approx(0.5, abs=0.05)
    assert (table["evidence"] == "not tested").all()
    assert (table["matched"] == "same district").all()


def test_one_measure_of_a_family_and_three_in_all() -> None:
    rng = np.random.default_rng(2)
    names = ["dark_share", "lamps_per_ha", "longest_gap_m", "faulty_share", "wattage_w"]
    table = _found(_town({n: rng.random(N) for n in names}), dict.fromkeys(names, 5.0))
    assert len(table) == explain.MOST
    assert len({explain.family(name) for name in table["measure"]}) == explain.MOST


def test_places_are_those_of_the_map_points_not_of_the_polygon() -> None:
    rng = np.random.default_rng(3)
    apart = rng.uniform(200, 900, N)
    apart[N // 2 + 10 : N // 2 + 10 + MEMBERS] = [10, 20, 30, 40]
    table = _found(_town({"nearest_pub_m": apart}), {"nearest_pub_m": 0.0})
    assert table["value"].tolist() == [25.0]
    assert table["percentile"].tolist() == [0.0]


def test_few_matched_places_in_the_district_lead_to_the_whole_area_and_then_to_none() -> None:
    rng = np.random.default_rng(4)
    places = _town({"dark_share": rng.random(N)})
    here = slice(N // 2, N // 2 + 20)
    places.points.loc[:, "district_code"] = "E07999002"
    places.points.loc[places.points.index[here], "district_code"] = "E07999001"
    table = _found(places, {"dark_share": 2.0})
    assert table["matched"].tolist() == ["whole area"]
    scarce = places.measures["dark_share"].copy()
    scarce.iloc[25:] = np.nan
    assert _found(explain.Places(places.points, scarce.to_frame()), {"dark_share": 2.0}).empty


def test_a_place_of_another_density_is_no_match() -> None:
    town = builders.street_points(N, seed=8)
    sparse = builders.street_points(N, seed=9, spacing_m=400.0) + np.array([9_000.0, 0.0])
    points = builders.points_table(np.vstack([town, sparse]))
    lit = np.concatenate([np.linspace(0, 0.2, N), np.linspace(0.6, 1.0, N)])
    places = explain.Places(points, pd.DataFrame({"dark_share": lit}, index=points["point_id"]))
    table = _found(places, {"dark_share": 0.3})
    assert table["percentile"].tolist() == [1.0], "the dark country is not what it is held against"
    assert int(table["n_matched"].iloc[0]) < N


def test_street_metres_are_matched_on_where_they_are_known() -> None:
    rng = np.random.default_rng(5)
    street = np.where(np.arange(N) % 2 == 0, 300.0, 60.0)
    middle = slice(N // 2 + 10, N // 2 + 10 + MEMBERS)
    street[middle] = 300.0
    share = np.where(street > 100, rng.uniform(0, 0.2, N), rng.uniform(0.8, 1, N))
    places = _town({"dark_share": share, "street_m_per_ha": street})
    assert _found(places, {"dark_share": 0.5})["percentile"].tolist() == [1.0]


def test_points_of_the_groups_hotspots_are_not_compared_with() -> None:
    rng = np.random.default_rng(6)
    places = _town({"dark_share": rng.random(N)})
    alone = _found(places, {"dark_share": 2.0})["n_matched"].iloc[0]
    hotspots, members, environment = _hotspot(places, {"dark_share": 2.0})
    ids = places.points["point_id"].iloc[190 : 190 + MEMBERS].to_numpy()
    more = pd.concat([members, members.assign(hotspot_id="HS-a-0002", point_id=ids)])
    fewer = explain.unusual(hotspots, more, environment, places)["n_matched"].iloc[0]
    assert fewer == alone - MEMBERS


def test_evidence_is_that_of_the_measure_else_of_its_whole_family() -> None:
    table = pd.DataFrame(
        {
            "crime_group": GROUP,
            "hotspot_id": ["HS-a-0001"] * 4,
            "measure": ["dark_share", "lamp_spacing_m", "pub_within_250m", "wattage_w"],
            "rank": [1, 2, 3, 4],
            "value": 1.0,
            "typical": 0.5,
            "percentile": 0.99,
            "n_matched": 50,
            "matched": "same district",
            "evidence": "not tested",
        }
    )
    table = table.astype({c.name: c.dtype for c in schema.UNUSUAL.columns})[schema.UNUSUAL.names]
    factors = pd.DataFrame(
        {
            "crime_group": [GROUP, GROUP, GROUP, GROUP, "Robbery"],
            "factor": ["dark_share", "dark_share", "lamps_per_ha", "nearest_pub_m", "wattage_w"],
            "evidence": ["associated", "associated", "not established", "associated", "associated"],
        }
    )
    graded = explain.with_evidence(table, factors).set_index("measure")["evidence"]
    assert graded.to_dict() == {
        "dark_share": "associated",
        "lamp_spacing_m": "not established",
        "pub_within_250m": "associated",
        "wattage_w": "not tested",
    }


def test_deprivation_and_sums_are_not_called_unusual() -> None:
    for name in ("imd_decile", "lamps_n", "street_m", "field_n", "exposure_n", "street_m_per_ha"):
        assert explain.family(name) == ""


def test_no_hotspots_give_an_empty_table() -> None:
    places = _town({"dark_share": np.ones(N)})
    hotspots, members, environment = _hotspot(places, {"dark_share": 1.0})
    none = explain.unusual(hotspots.iloc[:0], members.iloc[:0], environment.iloc[:0], places)
    assert none.empty
    assert isinstance(places.points, gpd.GeoDataFrame)
