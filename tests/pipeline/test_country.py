"""Many forces without Prefect: the plan, a process for each, and what becomes of one that dies."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import played_faults as play
import played_web
from hotspots import store
from hotspots.errors import DataMissingError, HotspotsError, SettingsError
from hotspots.pipeline import country_page, fetch, national, one_area
from hotspots.pipeline.one_area import Job, Result
from hotspots.sources.web import Web
from pipeline import made_up_force as mannin

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = """\
[area]
id = "{id}"
name = "{name}"
police_force = "{id}"
[police_uk]
files = ["{id}.zip"]
[[boundaries]]
level = "district"
file = "d.gpkg"
code = "c"
name = "n"
"""


def write(folder: Path, name: str, *, n_bytes: int = 10, area_id: str = "") -> Path:
    """Settings of a force, and a file as large as its records."""
    path = folder / f"{name}.toml"
    path.write_text(SETTINGS.format(id=area_id or name, name=name.title()), encoding="utf-8")
    (folder / f"{area_id or name}.zip").write_bytes(b"x" * n_bytes)
    return path


def done_by(monkeypatch: pytest.MonkeyPatch, work: Any) -> None:  # noqa: ANN401
    monkeypatch.setattr(national, "refresh_apart", work)


def test_tables_and_hotspots_are_made_without_what_draws_pages() -> None:
    # Each force of a country is a process of its own, and would load it again.
    code = (
        "import sys, hotspots.pipeline.ingest, hotspots.pipeline.assemble\n"
        "print([name for name in ('folium', 'jinja2', 'matplotlib', 'sklearn')"
        " if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


# The plan


def test_the_largest_force_goes_first(tmp_path: Path) -> None:
    for name, n_bytes in (("alpha", 10), ("beta", 30), ("gamma", 20)):
        write(tmp_path, name, n_bytes=n_bytes)
    made = national.plan(tmp_path)
    assert [(job.area_id, job.n_bytes) for job in made.jobs] == [
        ("beta", 30), ("gamma", 20), ("alpha", 10),
    ]  # fmt: skip
    assert made.refused == ()


def test_a_force_with_bad_settings_is_refused_and_the_others_are_planned(tmp_path: Path) -> None:
    write(tmp_path, "alpha")
    (tmp_path / "beta.toml").write_text("[area]\nid = 5\n", encoding="utf-8")
    write(tmp_path, "copy", area_id="alpha")
    made = national.plan(tmp_path)
    assert [job.area_id for job in made.jobs] == ["alpha"]
    assert [each.exit_code for each in made.refused] == [2, 2]
    assert "beta.toml" in made.refused[0].message
    assert "the area id 'alpha' is that of" in made.refused[1].message


def test_only_some_forces_can_be_asked_for(tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        write(tmp_path, name)
    assert [job.area_id for job in national.plan(tmp_path, forces=["beta"]).jobs] == ["beta"]
    with pytest.raises(SettingsError, match=r"no settings file of gamma; .* --forces gamma"):
        national.plan(tmp_path, forces=["beta", "gamma"])


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="hotspots init --all-forces"):
        national.plan(tmp_path)


def test_workers_are_as_many_as_cores_and_memory_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    def workers(cores: int, memory_gib: float) -> int:
        pages = {"SC_PAGE_SIZE": 2**12, "SC_PHYS_PAGES": int(memory_gib * 2**18)}
        monkeypatch.setattr(os, "cpu_count", lambda: cores)
        monkeypatch.setattr(os, "sysconf", pages.__getitem__, raising=False)
        return national.default_workers()

    assert [workers(2, 24), workers(16, 16), workers(8, 1)] == [2, 8, 1]
    monkeypatch.delattr(os, "sysconf")
    assert national.default_workers() == 8


# The sources, asked once for all


@pytest.fixture
def police() -> Iterator[played_web.PlayedWeb]:
    """A police.uk whose archive holds three forces with the same records."""
    with played_web.PlayedWeb() as played:
        months = {month: mannin.month_rows(month) for month in mannin.months_to("2024-12", 12)}
        own = mannin.members(months)
        every = {
            name.replace(mannin.FORCE, force): data.replace(b"Mannin Police", force.encode())
            for name, data in own.items()
            if mannin.FORCE in name
            for force in ("alpha", "beta", "gamma")
        }
        played.publish_archive("2024-12", every)
        played.set_last_updated("2024-12")
        yield played


def online(folder: Path, police: played_web.PlayedWeb) -> None:
    mannin.districts().to_file(folder / "d.gpkg")
    for name in ("alpha", "beta", "gamma"):
        text = SETTINGS.format(id=name, name=name.title()).replace(
            f'files = ["{name}.zip"]', f'url = "{police.base_url}"\nmonths = 12'
        )
        more = f'[fetch]\nhosts = ["{police.hosts[1]}"]\n'
        (folder / f"{name}.toml").write_text(text + more, encoding="utf-8")


@pytest.mark.parametrize("has_ranges", [True, False])
def test_forces_share_what_is_downloaded(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    police: played_web.PlayedWeb,
    *,
    has_ranges: bool,
) -> None:
    monkeypatch.setattr(fetch, "Web", functools.partial(Web, limits=played_web.QUICK))
    if not has_ranges:
        police.fail("/store/*", play.ranges_ignored(), for_ever=True)
    online(tmp_path, police)
    made = national.plan(tmp_path)
    assert sorted(job.area_id for job in made.jobs) == ["alpha", "beta", "gamma"]
    assert [job.not_refreshed for job in made.jobs] == [()] * 3
    assert all(job.n_bytes for job in made.jobs)
    kept = store.RawStore(tmp_path / "data" / "raw").files("police_uk")
    assert [file.label for file in kept] == ["2024-12-alpha", "2024-12-beta", "2024-12-gamma"]
    assert police.paths.count("/api/crime-last-updated") == 1
    archives = [seen for seen in police.requests if seen.path.endswith("2024-12.zip")]
    whole = sum(seen.n_bytes > 20_000 for seen in archives)
    assert whole <= 2, "one for the directory that is a whole small archive, or one download"
    assert not list((tmp_path / "data" / "raw" / ".drafts").glob("*.zip"))

    police.forget()
    assert [job.not_refreshed for job in national.plan(tmp_path).jobs] == [()] * 3
    assert len(police.requests) == 3, "the newest month, a redirect, and: it is unchanged"


def test_a_file_that_many_forces_name_is_fetched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, police: played_web.PlayedWeb
) -> None:
    monkeypatch.setattr(fetch, "Web", functools.partial(Web, limits=played_web.QUICK))
    online(tmp_path, police)
    url = police.publish_file("/lights.csv", b"easting,northing\n230000,430000\n")
    for path in tmp_path.glob("*.toml"):
        entry = f'[[lighting]]\nauthority = "Any"\nlicence = "x"\nurl = "{url}"\n'
        path.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8")
    made = national.plan(tmp_path)
    assert [job.not_refreshed for job in made.jobs] == [()] * 3
    assert police.paths.count("/lights.csv") == 1
    kept = store.RawStore(tmp_path / "data" / "raw").files("layers")
    assert [file.label for file in kept] == [
        f"{a}-lighting-any" for a in ("alpha", "beta", "gamma")
    ]
    assert len({file.sha256 for file in kept}) == 1


def test_a_source_that_is_down_is_noted_for_each_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, police: played_web.PlayedWeb
) -> None:
    monkeypatch.setattr(fetch, "Web", functools.partial(Web, limits=played_web.QUICK))
    police.fail("/api/*", play.status(500), for_ever=True)
    online(tmp_path, police)
    made = national.plan(tmp_path)
    assert [len(job.not_refreshed) for job in made.jobs] == [1, 1, 1]
    assert [job.not_refreshed for job in national.plan(tmp_path, offline=True).jobs] == [()] * 3


# Side by side


def test_no_more_forces_are_at_work_than_there_are_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, most, guard = 0, 0, threading.Lock()

    def work(job: Job) -> Result:
        nonlocal at_work, most
        with guard:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.02)
        with guard:
            at_work -= 1
        return Result(job.area_id, "current")

    for number in range(9):
        write(tmp_path, f"force-{number}")
    done_by(monkeypatch, work)
    said: list[str] = []
    done = national.refresh_country(tmp_path, workers=2, offline=True, say=said.append)
    assert most == 2
    assert done.exit_code == 0
    assert [each.area_id for each in done.results] == [f"force-{n}" for n in range(9)]
    assert said[0] == "refreshing 9 forces, 2 at a time"
    assert said[-1].startswith("9 of 9: force-")


def test_exit_codes_say_all_some_or_none() -> None:
    fine, down = Result("a", "new"), Result("b", "current", not_refreshed=("x",))
    bad = Result("c", "failed", "why", 4)
    codes = {(fine,): 0, (fine, down): 5, (fine, bad): 5, (bad,): 1}
    assert {each: national.Country(each, None).exit_code for each in codes} == codes


def test_an_interrupted_run_starts_no_more_forces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        write(tmp_path, f"force-{number}")
    begun: list[str] = []

    def work(job: Job) -> Result:
        begun.append(job.area_id)
        raise KeyboardInterrupt

    done_by(monkeypatch, work)
    with pytest.raises(KeyboardInterrupt):
        national.refresh_country(tmp_path, workers=1, offline=True)
    assert len(begun) < 5


# A process for each


def test_a_job_comes_back_from_its_process_as_a_result(tmp_path: Path) -> None:
    job = Job("anytown", "Anytown", str(tmp_path / "none.toml"), not_refreshed=("down",))
    found = one_area.refresh_apart(job)
    assert (found.state, found.exit_code, found.not_refreshed) == ("failed", 2, ("down",))
    assert "there is no such settings file" in found.message
    with pytest.raises(HotspotsError, match="no such settings file"):
        one_area.refresh_or_raise(job)


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
def test_a_process_that_dies_is_a_failure_of_its_force_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job("anytown", "Anytown", str(tmp_path / "none.toml"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "dies"))
    (tmp_path / "dies").write_text("#!/bin/sh\necho out of cheese\nkill -9 $$\n")
    (tmp_path / "dies").chmod(0o755)
    found = one_area.refresh_apart(job)
    assert found.is_failed
    assert "was ended by signal 9 (out of cheese)" in found.message
    assert "fewer workers" in found.message


def test_a_process_is_the_same_whoever_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    monkeypatch.setenv("OMP_NUM_THREADS", "16")
    found = one_area._surroundings()
    assert "MALLOC_TRIM_THRESHOLD_" not in found
    assert found["OMP_NUM_THREADS"] == "1"
    assert found["PATH"] == os.environ["PATH"]


def test_whatever_goes_wrong_in_a_force_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(job: Job) -> str:
        raise ZeroDivisionError(job.name)

    monkeypatch.setattr(one_area, "_done", broken)
    found = one_area.refresh_here(Job("anytown", "Anytown", str(tmp_path / "a.toml")))
    assert found.exit_code == 1
    assert found.message.startswith("unexpected ZeroDivisionError: Anytown. See where with")


def test_a_process_ends_when_whoever_asked_is_gone() -> None:
    code = (
        "from hotspots.pipeline import one_area as o; import time; "
        "o.refresh_here = lambda job: (print('at work', flush=True), time.sleep(600)); o.main()"
    )
    job = json.dumps(asdict(Job("anytown", "Anytown", "x.toml"))).encode() + b"\n"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write(job)
        child.stdin.flush()
        assert child.stdout.readline() == b"at work\n"
        child.stdin.close()
        assert child.wait(timeout=20) == 1


# The page


def test_a_force_left_out_keeps_the_words_of_its_last_run(tmp_path: Path) -> None:
    files = [write(tmp_path, name) for name in ("alpha", "beta")]
    failed = Result("beta", "failed", "beta.zip is damaged", 4)
    page = country_page.write_index(files, [Result("alpha", "new"), failed])
    assert "beta.zip is damaged" in page.read_text(encoding="utf-8")
    before = page.stat().st_mtime_ns
    assert country_page.write_index(files, [Result("alpha", "current")]) == page
    assert page.stat().st_mtime_ns == before, "nothing new, so nothing is written"
    country_page.write_index(files, [Result("beta", "current")])
    assert "damaged" not in page.read_text(encoding="utf-8")
    (page.parent / country_page.RECORD).write_text("[]")
    country_page.write_index(files, [])
    record = store.read_json(page.parent / country_page.RECORD)
    assert [each["area"] for each in record["forces"]] == ["alpha", "beta"]
    assert [each["is_failed"] for each in record["forces"]] == [False, False]
