"""What a killed run leaves behind, and what the next one takes up of it."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from faults.harness import (
    AREA,
    LAST_GOOD,
    Area,
    at,
    differing,
    files,
    next_is_whole,
    published,
)  # fmt: skip
from hotspots import pipeline

DRAFT = f"data/processed/.{AREA}.draft"


@pytest.fixture(scope="module")
def measured(small_area: Area, tmp_path_factory: pytest.TempPathFactory) -> Area:
    """Last good outputs, and the draft of a run that was killed before it published."""
    area = small_area.copy(tmp_path_factory.mktemp("measured") / "area")
    assert area.refresh(first=[at("Stage.run", "before", 5)]).code == -signal.SIGKILL
    return area


def test_a_draft_that_was_being_thrown_away_is_not_taken_up(measured: Area, tmp_path: Path) -> None:
    for removal in range(2, 8):
        area = measured.copy(tmp_path / str(removal))
        killed = area.refresh("--force", first=[at("unlink", "before", removal)])
        assert killed.code == -signal.SIGKILL
        with pipeline.session(area.settings_file, out=area.out) as run:
            assert not run.draft_folder.exists(), f"killed before removal {removal}"


def test_killed_in_the_first_run_of_all(own: Area) -> None:
    shutil.rmtree(own.out)
    assert own.refresh(first=[at("Stage.run", "after", 3)]).code == -signal.SIGKILL
    assert published(own.out) == {}
    next_is_whole(own)


def test_after_a_kill_other_inputs_take_up_nothing(measured: Area, tmp_path: Path) -> None:
    area = measured.copy(tmp_path / "area")
    shutil.rmtree(area.out / "maps")
    assert area.refresh("--until", LAST_GOOD).code == 0
    assert files(area.out) == area.before


def test_a_run_killed_before_it_could_say_what_it_came_to_is_done_again(
    measured: Area, tmp_path: Path
) -> None:
    area = measured.copy(tmp_path / "area")
    killed = area.refresh(first=[at("Path.replace", "after", of=".draft/processed")])
    assert killed.code == -signal.SIGKILL
    ended = area.refresh()
    assert "New maps" in ended.words
    assert files(area.out) == area.after


def test_a_killed_forced_run_leaves_nothing_for_a_run_with_nothing_to_do(own: Area) -> None:
    assert own.refresh().code == 0
    assert own.refresh("--force", first=[at("Stage.run", "after", 2)]).code == -signal.SIGKILL
    assert "Nothing new" in own.refresh().words
    assert files(own.out) == own.after


def test_with_a_damaged_manifest_all_is_made_again(own: Area) -> None:
    assert own.refresh().code == 0
    manifest = own.maps / "manifest.json"
    os.truncate(manifest, manifest.stat().st_size // 2)
    ended = own.refresh()
    assert "New maps" in ended.words
    assert files(own.out) == own.after


@pytest.mark.parametrize("has_last_good", [True, False])
def test_killed_before_any_change_to_the_disk_of_the_last_step(
    own: Area, tmp_path: Path, *, has_last_good: bool
) -> None:
    complete = at("Path.replace", "after", of="complete.json.partial")
    assert own.refresh(first=[complete]).code == -signal.SIGKILL
    old = own.before if has_last_good else {}
    for change in itertools.count(1):
        area = own.copy(tmp_path / "area")
        if not has_last_good:
            shutil.rmtree(area.tables)
            shutil.rmtree(area.maps)
        killed = area.refresh(first=[("die_at_change", {"change": change})])
        assert killed.code in {0, -signal.SIGKILL}
        for part in ("data/processed", "maps"):
            found = {name for name in published(area.out).items() if name[0].startswith(part)}
            wanted = [
                {name for name in those.items() if name[0].startswith(part)}
                for those in (old, area.after, {})
            ]
            assert found in wanted, "never half a folder"
        with pipeline.session(area.settings_file, out=area.out):
            assert published(area.out) in (old, area.after), f"killed before change {change}"
        left = {Path(name).parent.name for name in files(area.out) if "/." in name}
        assert not any(name.endswith(".last") for name in left)
        shutil.rmtree(tmp_path / "area")
        if killed.code == 0:
            break
    assert change > 10, "the last step has more changes than that"


def test_what_a_draft_says_is_done_is_what_it_holds(measured: Area) -> None:
    draft = measured.out / DRAFT
    for mark in draft.glob("*.done"):
        assert set(json.loads(mark.read_text("utf-8"))) <= set(made(draft))
    assert differing(published(measured.out), measured.before) == []


def made(draft: Path) -> list[str]:
    """Names of the files of a draft."""
    return [path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file()]
