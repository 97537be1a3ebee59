"""What visits noted: known kinds only, no free text, every row counted."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hotspots import schema
from hotspots.errors import InputError
from hotspots.sources import field

E, N = 353_956, 429_544
NEAR = shapely.box(E - 500, N - 500, E + 500, N + 500)


def _file(
    tmp_path: Path, *rows: str, head: str = "Ref,Observation,Easting,Northing,Date,Note"
) -> Path:
    path = tmp_path / "noted.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def test_kinds_places_and_months_are_kept_and_notes_are_not(tmp_path: Path) -> None:
    path = _file(tmp_path, f"V1,Recessed doorway,{E},{N},09/02/2024,Mr Smith sleeps here",
                 f"V2,overgrown hedges,{E + 5},{N},,")  # fmt: skip
    found = field.read(path, source="Street audit", near=NEAR)
    table = schema.check(found.table, schema.OBSERVATIONS)
    assert table["observation_id"].tolist() == ["seen:V1", "seen:V2"]
    assert table["kind"].tolist() == ["recessed doorway", "overgrowth"]
    assert table["noted"].dt.strftime("%Y-%m").fillna("none").tolist() == ["2024-02", "none"]
    assert set(table["source"]) == {"Street audit"}
    assert not table.astype("str").apply(lambda c: c.str.contains("Smith")).any(axis=None)
    assert found.columns["kind"] == "Observation"


def test_unknown_kinds_are_quarantined_with_the_fix(tmp_path: Path) -> None:
    rows = [f"V1,graffiti,{E},{N},,", f"V2,bad smell,{E},{N},,", "V3,graffiti,0,0,,"]
    rows += [f"V4,litter,{E + 90_000},{N},,", f"V1,graffiti,{E},{N},,"]
    path = _file(tmp_path, *rows)
    found = field.read(path, source="Street audit", near=NEAR)
    account = found.account.iloc[0]
    parts = ["rows_in", "kept", "excluded", "duplicate", "quarantined"]
    assert account[parts].tolist() == [5, 1, 1, 1, 2]
    smell = found.set_aside.set_index("line").loc[3]
    assert smell["value"] == "bad smell"
    assert "write one of: recessed doorway, alley" in smell["reason"]


def test_points_of_a_geographic_file_will_do(tmp_path: Path) -> None:
    path = tmp_path / "noted.gpkg"
    table = gpd.GeoDataFrame(
        {"kind": ["Broken lamp"], "visit_date": ["2024-02-09"]},
        geometry=[shapely.Point(E, N)],
        crs="EPSG:27700",
    )
    table.to_file(path)
    found = field.read(path, source="Street audit").table
    assert found["kind"].tolist() == ["broken light"]
    assert found["noted"].tolist() == [pd.Timestamp("2024-02-01")]


def test_a_file_that_does_not_say_what_was_noted_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, f"V1,{E},{N}", head="Ref,Easting,Northing")
    with pytest.raises(
        InputError, match=r"no column that says what was noted.*Head it observation"
    ):
        field.read(path, source="Street audit")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Escape Routes", "escape route"),
        ("poor sight-line", "poor sight line"),
        ("BUSHES", "overgrowth"),
        ("Recesses", "recessed doorway"),
        ("fly-tipping", "litter"),
        ("ginnel", "alley"),
        ("", None),
        ("see note", None),
    ],
)
def test_words_that_mean_a_kind_are_read_as_it(text: str, kind: str | None) -> None:
    found = field.known_kinds(pd.Series([text])).iloc[0]
    assert (None if pd.isna(found) else found) == kind


def test_every_kind_of_the_schema_is_its_own_word() -> None:
    every = pd.Series(schema.OBSERVED)
    assert field.known_kinds(every).tolist() == list(schema.OBSERVED)
