"""Runs that are killed, starved, raced or moved: nothing is lost and the next run is whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from faults import harness
from faults.harness import (
    AREA,
    Area,
    Runs,
    at,
    differing,
    files,
    next_is_whole,
    published,
    survives,
)  # fmt: skip
from hotspots import pipeline
from hotspots.errors import DataMissingError

N_KILLS = 200

EVERY_STAGE = {
    "before the first stage": at("Stage.run", "before"),
    "ingested, not noted": at("Run.mark_done", "before", 2),
    "ingested": at("Stage.run", "after", 2),
    "detected, not noted": at("Run.mark_done", "before", 3),
    "detected": at("Stage.run", "after", 3),
    "measured, not noted": at("Run.mark_done", "before", 4),
    "scored, not noted": at("Run.mark_done", "before", 5),
    "half a table": at("write_table", "halfway"),
    "half a table of shapes": at("GeoDataFrame.to_parquet", "halfway"),
    "a table of hotspots only": at("Path.replace", "after", of="hotspots.partial"),
    "half a page": at("documents._write", "halfway", 2),
    "half a GeoPackage": at("write_dataframe", "halfway", 2),
    "no manifest": at("Path.replace", "before", of="manifest.json.partial"),
    "all but published": at("complete", "before"),
}

LAST_STEP = {
    "tables away": at("Path.replace", "after", of=f"processed/{AREA}"),
    "tables in place": at("Path.replace", "after", of=".draft/processed"),
    "maps away": at("Path.replace", "after", of=f"maps/{AREA}"),
    "maps in place": at("Path.replace", "after", of=".draft/maps"),
    "published": at("complete", "after"),
}


def are_whole(area: Area, out: Path) -> bool:
    """Tell whether tables and maps are both of the last good run, or both of the new one."""
    return published(out) in (area.before, area.after)


def mended(area: Area, out: Path) -> dict[str, str]:
    """Let a start put in order what a kill in the last step left, though it can do no more."""
    absent = area.settings_file.with_name("absent.toml")
    words = area.settings_file.read_text("utf-8").replace("*.zip", "absent.zip")
    absent.write_text(words, encoding="utf-8")
    with pytest.raises(DataMissingError), pipeline.session(absent, out=out):
        pass
    return published(out)


@pytest.mark.parametrize("moment", [*EVERY_STAGE, *LAST_STEP])
def test_fault_sigkill_at_every_stage(moment: str, own: Area) -> None:
    ended = own.refresh(first=[(EVERY_STAGE | LAST_STEP)[moment]])
    assert ended.code == -signal.SIGKILL, f"the run was to die: {ended}"
    if moment in EVERY_STAGE:
        assert published(own.out) == own.before
    else:
        assert mended(own, own.out) == own.after
    next_is_whole(own)


class Campaign:
    """Kills runs at random moments, and each resumed run again, until there were enough."""

    def __init__(self, area: Area, *, seed: int, length_s: float) -> None:
        self._area, self._length_s = area, length_s
        self._turn = threading.Lock()
        self._chance = random.Random(seed)  # noqa: S311 - moments, not secrets
        self.kills = self.completed = 0

    def wage(self, runs: Runs, out: Path) -> None:
        """Start from the last good outputs, over and over."""
        while self.kills < N_KILLS:
            shutil.copytree(self._area.folder / "out", out)
            while self._is_killed(runs, out):
                pass
            assert files(out) == self._area.after
            self.completed += 1
            shutil.rmtree(out)

    def _is_killed(self, runs: Runs, out: Path) -> bool:
        with self._turn:
            after_s = self._chance.uniform(0, self._length_s)
        ended = runs.refresh(self._area.settings_file, out, signal_after_s=after_s)
        if ended.code == 0:
            return False
        assert ended.code == -signal.SIGKILL, ended.words
        self.kills += 1
        assert are_whole(self._area, out) or mended(self._area, out) in (
            self._area.before,
            self._area.after,
        ), f"killed after {after_s} s"
        return True


def test_fault_sigkill_at_200_random_moments(small_area: Area, tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # noqa: T201 - shown if the test fails
    begin = time.monotonic()
    shutil.copytree(small_area.out, tmp_path / "measured")
    assert small_area.runs.refresh(small_area.settings_file, tmp_path / "measured").code == 0
    # Two at a time, which is about as quick again on two processors.
    campaign = Campaign(small_area, seed=seed, length_s=time.monotonic() - begin)
    with Runs(small_area.settings_file) as beside, ThreadPoolExecutor(2) as pool:
        waged = [
            pool.submit(campaign.wage, runs, tmp_path / name)
            for name, runs in (("one", small_area.runs), ("two", beside))
        ]
        for each in waged:
            each.result()
    assert campaign.kills >= N_KILLS
    assert campaign.completed > 1


@pytest.mark.parametrize("stage", [1, 3, 5])
def test_fault_sigterm(stage: int, own: Area) -> None:
    ended = own.refresh(first=[at("Stage.run", "before", stage, act="be_told_to_end")])
    assert ended.code == 128 + signal.SIGTERM
    assert ended.complaint == "error: told to end; what was published before is untouched."
    assert published(own.out) == own.before
    draft = own.tables.with_name(f".{AREA}.draft")
    assert len([*draft.glob("*.done")]) == stage - 1, "the next run goes on from here"
    next_is_whole(own)


def test_sigterm_in_the_last_step_undoes_or_finishes_it(own: Area, tmp_path: Path) -> None:
    for moment, (name, arguments) in LAST_STEP.items():
        area = own.copy(tmp_path / moment)
        ended = area.refresh(first=[(name, {**arguments, "act": "be_told_to_end"})])
        assert ended.code == 128 + signal.SIGTERM, ended.words
        assert are_whole(area, area.out), moment
        next_is_whole(area)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process may grow by")
def test_fault_memory_limit(own: Area, tmp_path: Path) -> None:
    for more_mib in (0, 1, 2, 4, 8):
        limit = at("Stage.run", "before", 5, act="limit_memory", more_mib=more_mib)
        ended = own.refresh(first=[limit], signal_after_s=60)
        # GDAL and PROJ end the process at times; whoever can still speak says what is missing.
        assert published(own.out) == (own.after if ended.code == 0 else own.before)
    starved = at("write_table", "before", act="run_out_of_memory")
    survives(own.fresh(tmp_path / "fresh"), first=[starved], says=["not enough memory", "close"])
    next_is_whole(own)


def test_fault_two_runs_at_once(own: Area, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    paused = at("Stage.run", "before", 3, act="wait_for", path=str(mark))
    with Runs(own.settings_file) as beside, ThreadPoolExecutor(1) as pool:
        running = pool.submit(own.refresh, first=[paused])
        while not mark.exists():
            assert not running.done(), running.result()
            time.sleep(0.01)
        second = beside.refresh(own.settings_file, own.out)
        assert published(own.out) == own.before
        mark.unlink()
        assert running.result().code == 0
    assert second.code == 1
    assert "Another run" in second.complaint
    assert "wait" in second.complaint
    assert files(own.out) == own.after


def test_fault_stale_lock(own: Area) -> None:
    assert own.refresh(first=[at("Stage.run", "before", 2)]).code == -signal.SIGKILL
    lock = own.tables.with_name(f".{AREA}.lock")
    lock.write_text("a process that is long dead", "utf-8")
    next_is_whole(own)


def test_fault_clock_set_back(own: Area) -> None:
    ended = own.refresh(first=[("set_clock", {"at": "2019-01-01T00:00:00+00:00"})])
    assert ended.code == 0, ended.words
    # All but what is said of the age of the data.
    tables = [name for name in differing(files(own.out), own.after) if name.startswith("data/")]
    assert [Path(name).stem for name in tables] in ([], ["alerts"])
    # With the clock right again, pages made anew do not keep a day before their data.
    assert own.refresh("--force").code == 0
    assert files(own.out) == own.after


@pytest.mark.parametrize(
    ("midnight", "day"),
    [("documents.write", "2026-01-31"), ("Run.mark_done", "2026-02-01")],
    ids=["while publishing", "before"],
)
def test_fault_month_end_during_a_run(midnight: str, day: str, own: Area, tmp_path: Path) -> None:
    last_second = ("set_clock", {"at": "2026-01-31T23:59:59+00:00"})
    strikes = at(midnight, "before", act="set_clock", at="2026-02-01T00:00:01+00:00")
    ended = own.refresh(first=[last_second, strikes])
    assert ended.code == 0, ended.words
    assert own.manifest()["made_on"] == day
    undisturbed = own.copy(tmp_path / "undisturbed")
    shutil.rmtree(undisturbed.out)
    ended = undisturbed.refresh(first=[("set_clock", {"at": f"{day}T12:00:00+00:00"})])
    assert ended.code == 0, ended.words
    assert files(own.out) == files(undisturbed.out), "one day throughout"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_fault_other_time_zone(zone: str, own: Area) -> None:
    ended = own.refresh(first=[("move_to", {"zone": zone})])
    assert ended.code == 0, ended.words
    assert files(own.out) == own.after


def test_fault_c_locale(own: Area) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "hotspots", "refresh", "--settings", str(own.settings_file)]
    done = subprocess.run(
        [*command, "--out", str(own.out)], capture_output=True, check=False, env=os.environ | plain
    )
    assert done.returncode == 0, done.stderr.decode()
    assert files(own.out) == own.after


def test_fault_path_with_spaces(small_area: Area, tmp_path: Path) -> None:
    area = small_area.copy(tmp_path / "Côte d'Or #1, 100% & [more]" / "a b")
    next_is_whole(area)


def test_runs_are_disturbed_where_they_should_be(small_area: Area, tmp_path: Path) -> None:
    ended = small_area.copy(tmp_path / "own").refresh(
        first=[("happen", {"act": "die", "function": "os:nothing", "moment": "before"})]
    )
    assert ended.code == 99
    assert harness.files(tmp_path / "own" / "out") == small_area.before
    with pytest.raises(AssertionError):
        survives(small_area.copy(tmp_path / "other"), says=["nothing is wrong"])
