"""Outputs that contradict each other are told, whatever their hashes say."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from hotspots import schema, store
from hotspots.pipeline.agreement import disagreements
from hotspots.pipeline.folders import Folders

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots import pipeline


@pytest.fixture
def folders(refreshed: pipeline.Outcome, tmp_path: Path) -> Folders:
    base = refreshed.maps_folder.parents[1]
    shutil.copytree(base, tmp_path / "area")
    return Folders(refreshed.area_id, tmp_path / "area", tmp_path / "raw")


def found(folders: Folders) -> list[str]:
    manifest = folders.manifest()
    assert manifest is not None
    return [each.found for each in disagreements(folders, manifest)]


def change(folders: Folders, table: schema.Schema, rows: pd.DataFrame) -> None:
    rows.to_parquet(folders.processed / f"{table.name}.parquet", index=False)


def test_a_refresh_agrees_with_itself(folders: Folders) -> None:
    assert found(folders) == []


def test_rows_that_do_not_add_up_are_found(folders: Folders) -> None:
    account = store.read_table(schema.ACCOUNT, folders.processed)
    account = account.assign(kept=account["kept"] + (account.index == 0).astype("int64"))
    change(folders, schema.ACCOUNT, account)
    words = found(folders)
    assert any("do not add up" in each for each in words)
    assert any("the manifest counts rows otherwise" in each for each in words)
    assert any("it keeps other rows of" in each for each in words)


def test_a_lost_row_is_missed(folders: Folders) -> None:
    aside = store.read_table(schema.SET_ASIDE, folders.processed)
    duplicates = aside["status"].eq("duplicate")
    change(folders, schema.SET_ASIDE, aside.drop(index=aside.index[duplicates][0]))
    assert found(folders) == ["it counts other rows as duplicate than set_aside.parquet holds"]
    incidents = store.read_table(schema.INCIDENTS, folders.processed)
    change(folders, schema.INCIDENTS, incidents.iloc[1:])
    assert any("than incidents.parquet" in each for each in found(folders))


def test_a_hotspot_must_be_in_the_list_in_the_tables_and_on_its_page(folders: Folders) -> None:
    path = folders.maps / "hotspots.csv"
    listed = pd.read_csv(path, dtype="str")
    first = listed.iloc[0]
    listed.iloc[1:].to_csv(path, index=False)
    assert found(folders) == [f"{first['hotspot_id']} ({first['crime_group']}) is not in it"]
    listed.assign(hotspot_id=["HS-none-0001", *listed["hotspot_id"].iloc[1:]]).to_csv(
        path, index=False
    )
    words = found(folders)
    assert any("HS-none-0001" in each and "hotspots.parquet" in each for each in words)
    assert "HS-none-0001 is not on the page of its district" in words


def test_what_cannot_be_read_is_left_to_its_hash(folders: Folders) -> None:
    for name in ("account", "hotspots", "areas"):
        (folders.processed / f"{name}.parquet").write_bytes(b"x")
    (folders.maps / "hotspots.csv").unlink()
    assert found(folders) == []
