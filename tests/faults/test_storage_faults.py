"""Disks that are full or read-only, and inputs that vanish or change: the last good stays."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from faults.harness import (
    AREA,
    FORCE,
    LAST_GOOD,
    NEWEST,
    Area,
    Step,
    at,
    differing,
    files,
    next_is_whole,
    published,
    read_zip,
    small_disk,
    street,
    survives,
    write_zip,
)  # fmt: skip
from hotspots import store
from hotspots.errors import DataMissingError, InputError

ORDINARY: Step = ("be_an_ordinary_user", {})


def full(function: str, call: int = 1, **more: object) -> Step:
    """Let the disk be full at one call of a function."""
    return at(function, "before", call, act="meet_a_full_disk", **more)


WRITERS = {
    "tables": full("write_table"),
    "tables of shapes": full("GeoDataFrame.to_parquet"),
    "notes": full("write_json", of="notes.json"),
    "pages": full("documents._write", 2),
    "the GeoPackage": full("write_dataframe", 3),
    "the mark of completeness": full("write_json", of="complete.json"),
}


@pytest.mark.parametrize("what", WRITERS)
def test_fault_disk_full_at_write(what: str, own: Area) -> None:
    survives(own, first=[WRITERS[what]], says=[str(own.out), "the disk is full", "make room"])


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A folder that can be made a small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        with small_disk(folder, 64):
            pass
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only an administrator can make a small disk")
    return folder


def test_disks_of_any_size_take_all_or_are_called_full(own: Area, disk: Path) -> None:
    whole_kib = sum(path.stat().st_size for path in own.undisturbed.rglob("*")) // 1024
    sizes = [whole_kib * n // 8 for n in (1, 3, 5, 6, 7, 8, 9, 12)]
    refused = 0
    for size_kib in sizes:
        with small_disk(disk, size_kib):
            ended = own.runs.refresh(own.settings_file, disk)
            if ended.code == 0:
                # Made on a disk that was nearly full, and whole all the same.
                assert differing(published(disk), own.after) == []
                continue
            refused += 1
            assert ended.code == 1
            assert f"{disk}: the disk is full" in ended.complaint, size_kib
            assert published(disk) == {}
    assert 3 < refused < len(sizes)
    next_is_whole(own)


RENAMES = {
    "a table": "points.partial",
    "the manifest": "manifest.json.partial",
    "the last tables": f"processed/{AREA}",
    "the new tables": ".draft/processed",
    "the last maps": f"maps/{AREA}",
    "the new maps": ".draft/maps",
}


@pytest.mark.parametrize("what", RENAMES)
def test_fault_disk_full_at_rename(what: str, own: Area) -> None:
    refused = full("Path.replace", of=RENAMES[what])
    survives(own, first=[refused], says=[str(own.out), "the disk is full", "make room"])


@pytest.mark.parametrize("folder", ["data/processed", "maps"])
def test_fault_read_only_output(folder: str, own: Area) -> None:
    place = own.out / folder
    survives(
        own,
        first=[ORDINARY],
        break_it=lambda: place.chmod(0o555),
        mend_it=lambda: place.chmod(0o755),
        says=[str(place), "cannot be written", "--out"],
    )


@pytest.mark.parametrize("name", ["police.zip", "districts.geojson", "lights.csv"])
def test_fault_unreadable_input(name: str, own: Area) -> None:
    file = own.settings_file.with_name(name)
    survives(
        own,
        first=[ORDINARY],
        break_it=lambda: file.chmod(0o000),
        mend_it=lambda: file.chmod(0o644),
        code=InputError.exit_code,
        says=[str(file), "cannot be read", "check"],
    )


@pytest.mark.parametrize(
    ("name", "stage"),
    [("police.zip", 2), ("districts.geojson", 2), ("lights.csv", 4), ("police.zip", 4)],
)
def test_fault_input_changing_while_read(name: str, stage: int, own: Area, tmp_path: Path) -> None:
    file = own.settings_file.with_name(name)
    first, other = tmp_path / "first", tmp_path / "other"
    shutil.copy(file, first)
    shutil.copy(file, other)
    if name == "police.zip":
        members = read_zip(other)
        del members[street(LAST_GOOD)]
        write_zip(other, members)
    else:
        other.write_bytes(other.read_bytes() + b"\n")
    change = at("Stage.run", "before", stage, act="replace", path=str(file), by=str(other))
    survives(
        own,
        first=[change],
        # The first file is back: nothing read from the other one may pass for it.
        mend_it=lambda: shutil.copy(first, file),
        code=InputError.exit_code,
        says=[str(file), "changed while", "run again"],
    )


def test_an_input_that_shrinks_while_it_is_read(own: Area, tmp_path: Path) -> None:
    shutil.copy(own.archive, tmp_path / "first")
    cut = at("Archive.read", "before", act="cut_in_half", path=str(own.archive))
    survives(
        own,
        first=[cut],
        mend_it=lambda: shutil.copy(tmp_path / "first", own.archive),
        code=InputError.exit_code,
        says=[own.archive.name],
    )


@pytest.mark.parametrize("name", ["police.zip", "districts.geojson", "of the raw store"])
def test_fault_raw_file_deleted(name: str, own: Area, tmp_path: Path) -> None:
    file = own.settings_file.with_name(name)
    code, says = DataMissingError.exit_code, ["*.zip" if file == own.archive else name]
    if name == "of the raw store":
        own, file = in_raw_store(own)
        code, says = InputError.exit_code, [str(file), "missing", "Put it back", "fetch it again"]
    survives(
        own,
        break_it=lambda: file.rename(tmp_path / "away"),
        mend_it=lambda: (tmp_path / "away").rename(file),
        code=code,
        says=says,
    )


def in_raw_store(area: Area) -> tuple[Area, Path]:
    """Give an area whose records are raw files, what it comes to, and its newest raw file."""
    raw = store.RawStore(area.settings_file.with_name("data") / "raw")
    words = area.settings_file.read_text("utf-8").replace('files = ["*.zip"]', "")
    area.settings_file.write_text(words, encoding="utf-8")
    origin = store.Origin("https://data.police.uk", "2024-05-01T00:00:00Z", "OGL v3.0")
    for month in (LAST_GOOD, NEWEST):
        members = read_zip(area.archive)
        wanted = {name: members[name] for name in members if name[:7] <= month}
        write_zip(raw.draft("download"), wanted)
        kept = raw.keep(
            raw.draft("download"), source="police_uk", label=f"{month}-{FORCE}", suffix=".zip",
            origin=origin,
        )  # fmt: skip
    area.archive.unlink()
    for out, options in ((area.out, ["--until", LAST_GOOD]), (area.folder / "undisturbed", [])):
        shutil.rmtree(out, ignore_errors=True)
        ended = area.runs.refresh(area.settings_file, out, "--offline", *options)
        assert ended.code == 0, ended.words
    made = replace(area, before=files(area.out), after=files(area.folder / "undisturbed"))
    return replace(made, options=("--offline",)), kept.path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete what is open")
def test_an_input_deleted_under_way(own: Area, tmp_path: Path) -> None:
    shutil.copy(own.archive, tmp_path / "first")
    vanish = at("Stage.run", "before", 5, act="delete", path=str(own.archive))
    survives(
        own,
        first=[vanish],
        mend_it=lambda: shutil.copy(tmp_path / "first", own.archive),
        code=InputError.exit_code,
        says=[str(own.archive)],
    )
