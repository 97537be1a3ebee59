"""Data that is not what it was last month: refused by name, or used with an exact account."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from faults.harness import (
    AREA,
    FORCE,
    NEWEST,
    Area,
    differing,
    files,
    next_is_whole,
    read_zip,
    street,
    survives,
    write_zip,
)  # fmt: skip
from hotspots import schema, store
from hotspots.errors import DataMissingError, InputError

TABLE = f"data/processed/{AREA}/{{}}.parquet"
LSOAS = """
[[boundaries]]
level = "lsoa11"
file = "lsoa11.geojson"
code = "LSOA11CD"
name = "LSOA11NM"

[[boundaries]]
level = "lsoa21"
file = "lsoa21.geojson"
code = "LSOA21CD"
name = "LSOA21NM"
"""


def refreshed(area: Area, *options: str, **disturbed: Any) -> dict[str, int]:  # noqa: ANN401
    """Refresh an area that takes its fault well; give its row account."""
    ended = area.refresh(*options, **disturbed)
    assert ended.code == 0, ended.words
    return area.rows()


def total(out: Path) -> dict[str, int]:
    manifest = json.loads((out / "maps" / AREA / "manifest.json").read_text("utf-8"))
    found: dict[str, int] = manifest["row_account"]["total"]
    return found


def unlike(area: Area, wanted: dict[str, str], folder: str) -> list[str]:
    """Names of the files below a folder that are not as wanted."""
    return [name for name in differing(files(area.out), wanted) if name.startswith(folder)]


def read(area: Area, which: schema.Schema) -> pd.DataFrame:
    return store.read_table(which, area.tables)


def incidents(out: Path) -> pd.DataFrame:
    """Records that were analysed, without the file they came in."""
    table = store.read_table(schema.INCIDENTS, out / "data" / "processed" / AREA)
    return table.drop(columns=["file", "line"])


def test_fault_column_added(own: Area) -> None:
    own.edit(NEWEST, lambda lines: [f"{lines[0]},Solved", *(f"{row},yes" for row in lines[1:])])
    assert refreshed(own) == total(own.undisturbed)
    assert "'Solved'" in own.alerts()
    assert unlike(own, own.after, "data/") == [TABLE.format("alerts")]
    assert unlike(own, own.after, f"maps/{AREA}/hotspots") == []


@pytest.mark.parametrize("column", ["Crime type", "Longitude", "Month"])
def test_fault_column_removed(column: str, own: Area, tmp_path: Path) -> None:
    shutil.copy(own.archive, tmp_path / "first")

    def cut(lines: list[str]) -> list[str]:
        place = lines[0].split(",").index(column)
        return [",".join(f for i, f in enumerate(row.split(",")) if i != place) for row in lines]

    survives(
        own,
        break_it=lambda: own.edit(NEWEST, cut),
        mend_it=lambda: shutil.copy(tmp_path / "first", own.archive),
        code=InputError.exit_code,
        says=[own.archive.name, street(NEWEST), "line 1", column, "published"],
    )


def test_fault_new_crime_type(own: Area) -> None:
    own.edit(
        NEWEST,
        lambda lines: (
            [row.replace(",Vehicle crime,", ",Drone misuse,") for row in lines[:21]] + lines[21:]
        ),
    )
    n_new = read_zip(own.archive)[street(NEWEST)].count(b",Drone misuse,")
    assert n_new
    before = total(own.undisturbed)
    rows = refreshed(own)
    assert rows["in"] == before["in"]
    assert rows["kept"] == before["kept"] - n_new
    assert rows["quarantined"] == before["quarantined"] + n_new
    aside = read(own, schema.SET_ASIDE)
    assert (aside["value"] == "Drone misuse").sum() == n_new
    assert "'Drone misuse'" in own.alerts()


def test_fault_header_only_month(own: Area) -> None:
    own.edit(NEWEST, lambda lines: lines[:1])
    refreshed(own)
    coverage = read(own, schema.COVERAGE).set_index("month")
    newest = coverage.loc[pd.Timestamp(f"{NEWEST}-01")]
    assert bool(newest["is_header_only"])
    assert "holds no records" in own.alerts()
    # Unknown, not free of crime: what is drawn is what was drawn up to the month before.
    same = [TABLE.format(name) for name in ("incidents", "points", "counts", "hotspots")]
    now = files(own.out)
    assert {name: now[name] for name in same} == {name: own.before[name] for name in same}


def test_fault_month_revised(own: Area, tmp_path: Path) -> None:
    def revise(lines: list[str]) -> list[str]:
        head, gone, moved, *rest = lines
        fields = moved.split(",")
        fields[9] = "Burglary" if fields[9] != "Burglary" else "Vehicle crime"
        new = gone.split(",")
        new[0] = "f" * 64
        return [head, ",".join(fields), *rest, ",".join(new)]

    alone = own.copy(tmp_path / "alone")
    alone.edit(NEWEST, revise)
    month = read_zip(alone.archive)[street(NEWEST)]
    write_zip(own.archive.with_name("2024-04.zip"), {street(NEWEST): month})
    n_month = month.count(b"\n") - 1
    before = total(own.undisturbed)
    rows = refreshed(own)
    assert rows["in"] == before["in"] + n_month
    assert rows["duplicate"] == before["duplicate"] + n_month
    (revision,) = read(own, schema.REVISIONS).to_dict("records")
    assert (revision["added"], revision["removed"], revision["changed"]) == (1, 1, 1)
    refreshed(alone)
    pd.testing.assert_frame_equal(incidents(own.out), incidents(alone.out))
    assert "March 2024" in (own.maps / "changes.html").read_text("utf-8")
    # With the revision withdrawn, all is as it would have been without it.
    own.archive.with_name("2024-04.zip").unlink()
    next_is_whole(own)


def test_fault_force_absent(own: Area, tmp_path: Path) -> None:
    members = read_zip(own.archive)
    shutil.copy(own.archive, tmp_path / "first")
    others = {name.replace(FORCE, "wessex"): data for name, data in members.items()}
    survives(
        own,
        break_it=lambda: write_zip(own.archive, others),
        mend_it=lambda: shutil.copy(tmp_path / "first", own.archive),
        code=DataMissingError.exit_code,
        says=[FORCE],
    )
    # Absent from the newest month only: that month is missing, never zero.
    newest = street(NEWEST)
    write_zip(own.archive, members | {newest.replace(FORCE, "wessex"): members.pop(newest)})
    refreshed(own)
    coverage = read(own, schema.COVERAGE).set_index("month")
    assert bool(coverage.loc[pd.Timestamp(f"{NEWEST}-01"), "is_missing"])
    assert "Other forces published" in own.alerts()
    pd.testing.assert_frame_equal(incidents(own.out), incidents(own.last_good))


def test_fault_same_month_twice(own: Area) -> None:
    members = read_zip(own.archive)
    n_rows = sum(data.count(b"\n") - 1 for data in members.values())
    write_zip(own.archive.with_name("the same again.zip"), members)
    before = total(own.undisturbed)
    rows = refreshed(own)
    assert rows["in"] == before["in"] + n_rows
    assert rows["duplicate"] == before["duplicate"] + n_rows
    assert rows["kept"] == before["kept"]
    assert unlike(own, own.after, f"maps/{AREA}/hotspots") == []
    pd.testing.assert_frame_equal(incidents(own.out), incidents(own.undisturbed))


def test_fault_volume_falls_by_90_percent(own: Area) -> None:
    n_rows = read_zip(own.archive)[street(NEWEST)].count(b"\n") - 1
    own.edit(NEWEST, lambda lines: lines[:9])
    rows = refreshed(own)
    assert rows["in"] == total(own.undisturbed)["in"] - n_rows + 8
    assert "against a usual" in own.alerts()
    assert "8 records in March 2024" in own.alerts()


def test_fault_lsoa_vintage_switch(own: Area, county: Path, tmp_path: Path) -> None:
    boundaries = county.parent / "inputs" / "boundaries"
    for name in ("lsoa11.geojson", "lsoa21.geojson"):
        shutil.copy(boundaries / name, own.settings_file.with_name(name))
    own.settings_file.write_text(own.settings_file.read_text("utf-8") + LSOAS, encoding="utf-8")
    plain = own.copy(tmp_path / "plain")
    refreshed(plain)
    codes = gpd.read_file(boundaries / "lsoa11.geojson")["LSOA11CD"]
    newer = set(gpd.read_file(boundaries / "lsoa21.geojson")["LSOA21CD"])
    old = next(code for code in codes if code not in newer)

    def name_old_areas(lines: list[str]) -> list[str]:
        rows = [row.split(",") for row in lines[1:]]
        return [lines[0], *(",".join([*row[:7], old, *row[8:]]) for row in rows)]

    own.edit("2023-12", name_old_areas)
    own.edit("2024-01", name_old_areas)
    assert refreshed(own) == plain.rows()
    assert "of 2021 from February 2024 on, of 2011 before" in own.alerts()
    for kind in ("csv", "geojson"):  # the GeoPackage names the areas of each point
        assert unlike(own, files(plain.out), f"maps/{AREA}/hotspots.{kind}") == []


def test_fault_mixed_crs(own: Area, tmp_path: Path) -> None:
    shapes = gpd.read_file(own.settings_file.with_name("districts.geojson"))
    first = own.settings_file.read_text("utf-8")
    shapes.to_crs(27700).to_file(own.settings_file.with_name("metres.gpkg"), driver="GPKG")
    own.settings_file.write_text(first.replace("districts.geojson", "metres.gpkg"), "utf-8")
    assert refreshed(own) == total(own.undisturbed)
    assert_alike(own)
    # Metres in a file that by its kind holds degrees are not taken for degrees.
    fresh = own.fresh(tmp_path / "fresh")
    fresh.settings_file.write_text(first, encoding="utf-8")
    outlines = fresh.settings_file.with_name("districts.geojson")
    degrees, metres = outlines.read_bytes(), json.loads(shapes.to_crs(27700).to_json())
    metres.pop("crs")
    survives(
        fresh,
        break_it=lambda: outlines.write_text(json.dumps(metres), encoding="utf-8"),
        mend_it=lambda: outlines.write_bytes(degrees),
        code=InputError.exit_code,
        says=[str(outlines), "no coordinate reference system", "EPSG:27700"],
    )


def assert_alike(area: Area) -> None:
    """Make sure that the hotspots are those of an undisturbed run, but for rounding."""
    ours, theirs = (
        pd.read_csv(out / "maps" / AREA / "hotspots.csv") for out in (area.out, area.undisturbed)
    )
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-6)


def test_fault_district_missing_from_the_boundaries(own: Area, county: Path) -> None:
    file = own.settings_file.with_name("districts.geojson")
    whole = json.loads((county.parent / "inputs/boundaries/districts.geojson").read_text("utf-8"))
    one, whole_text = file.read_text("utf-8"), json.dumps(whole)
    other = next(
        f["properties"] for f in whole["features"] if f["properties"]["LAD24NM"] != "Kelderwick"
    )
    file.write_text(whole_text, encoding="utf-8")
    refreshed(own)
    before = files(own.out)
    file.write_text(one, encoding="utf-8")
    ended = own.refresh()
    assert ended.code == InputError.exit_code
    for words in (file.name, other["LAD24NM"], other["LAD24CD"], "--force"):
        assert words in ended.complaint
    assert files(own.out).items() >= before.items()
    file.write_text(whole_text, encoding="utf-8")
    assert own.refresh().code == 0
    assert files(own.out) == before
    # If it is meant, it is done when asked for.
    file.write_text(one, encoding="utf-8")
    refreshed(own, "--force")
    assert files(own.out) == own.after


def test_fault_stale_source(own: Area) -> None:
    late = ("set_clock", {"at": "2024-12-01T12:00:00+00:00"})
    refreshed(own, first=[late])
    assert "The newest records are of March 2024, 244 days before" in own.alerts()
    assert "not here" in (own.maps / "changes.html").read_text("utf-8")
    assert unlike(own, own.after, f"maps/{AREA}/hotspots.csv") == []
    was = files(own.out)
    later = ("set_clock", {"at": "2025-01-01T12:00:00+00:00"})
    ended = own.refresh(first=[later])
    assert "Nothing new" in ended.words
    assert files(own.out) == was
