from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hotspots import schema, store
from hotspots.crs import BNG
from hotspots.errors import DataMissingError
from hotspots.pipeline import ingest
from hotspots.sample import MISSING_MONTHS, NEW_LIST_MONTH
from hotspots.settings import load

PARTS = ["kept", "unlocated", "excluded", "duplicate", "quarantined"]


@pytest.fixture(scope="module")
def found(tables: Path) -> dict[str, pd.DataFrame]:
    return {each.name: store.read_table(each, tables) for each in schema.STORED}


def test_every_row_is_accounted_for(found: dict[str, pd.DataFrame]) -> None:
    account = found["account"]
    assert (account["rows_in"] == account[PARTS].sum(axis=1)).all()
    is_police = account["member"] != ""
    assert account.loc[is_police, "kept"].sum() == len(found["incidents"])
    apart = found["set_aside"]["status"].value_counts()
    for part in PARTS[1:]:
        assert account[part].sum() == apart.get(part, 0)


def test_counts_hold_every_incident_once(found: dict[str, pd.DataFrame]) -> None:
    assert found["counts"]["n"].sum() == len(found["incidents"])
    assert set(found["counts"]["point_id"]) == set(found["points"]["point_id"])


def test_the_change_of_the_point_list_is_found(found: dict[str, pd.DataFrame]) -> None:
    lists = found["coverage"].dropna(subset="list_id").groupby("list_id")["month"].min()
    assert lists.index.tolist()[1] == f"list-{NEW_LIST_MONTH}"
    assert f"{lists.iloc[1]:%Y-%m}" == NEW_LIST_MONTH


def test_missing_months_are_missing_not_zero(found: dict[str, pd.DataFrame]) -> None:
    coverage = found["coverage"]
    missing = coverage[coverage["is_missing"]]
    assert tuple(f"{month:%Y-%m}" for month in missing["month"]) == MISSING_MONTHS
    total = coverage[coverage["crime_type"] == schema.ALL_CRIME]
    assert total["kept"].sum() == len(found["incidents"])


def test_asb_twins_survive(found: dict[str, pd.DataFrame]) -> None:
    asb = found["incidents"]
    asb = asb[asb["crime_type"] == schema.ASB]
    twins = asb.duplicated(["month", "point_id"], keep=False).mean()
    assert twins > 0.3


def test_both_lsoa_vintages_are_joined(found: dict[str, pd.DataFrame]) -> None:
    points, areas = found["points"], found["areas"]
    for vintage in ("lsoa11", "lsoa21"):
        known = areas.loc[areas["level"] == vintage, "area_code"]
        assert points[f"{vintage}_code"].isin(known).all()
    published = found["incidents"].merge(points, on="point_id", validate="many_to_one")
    old = published["month"] < pd.Timestamp("2023-06-01")
    agrees = (published["lsoa_code"] == published["lsoa11_code"]).where(
        old, published["lsoa_code"] == published["lsoa21_code"]
    )
    assert agrees.mean() > 0.99


def test_smaller_areas_know_their_district(found: dict[str, pd.DataFrame]) -> None:
    areas = found["areas"]
    assert areas["district_code"].notna().all()
    districts = areas[areas["level"] == "district"]
    assert (districts["district_code"] == districts["area_code"]).all()


def test_until_works_as_if_the_data_ended_there(county: Path) -> None:
    found, _ = ingest.ingest(load(county), until=pd.Timestamp("2022-12-01"))
    assert found["incidents"]["month"].max() == pd.Timestamp("2022-12-01")
    assert found["coverage"]["month"].max() == pd.Timestamp("2022-12-01")
    assert found["points"]["first_month"].max() <= pd.Timestamp("2022-12-01")
    account = found["account"]
    assert (account["rows_in"] == account[PARTS].sum(axis=1)).all()


def test_an_area_elsewhere_holds_nothing(county: Path) -> None:
    settings = load(county)
    far = gpd.GeoDataFrame(
        {"code": ["E07999009"], "name": ["Elsewhere"]},
        geometry=[shapely.box(300_000, 300_000, 310_000, 310_000)],
        crs=BNG,
    )
    path = county.parent / "far.gpkg"
    far.to_file(path)
    layer = settings.boundaries[0].model_copy(
        update={"level": "district", "file": str(path), "code": "code", "name": "name"}
    )
    elsewhere = settings.model_copy(update={"boundaries": (layer,)})
    with pytest.raises(DataMissingError, match="No located record lies in the districts"):
        ingest.ingest(elsewhere, until=None)
