"""Many forces: each way of doing the work gives the same bytes, and none stops another."""

from __future__ import annotations

import gc
import shutil
from typing import TYPE_CHECKING

import made_up_country
import pytest
from prefect import settings
from prefect.artifacts import Artifact
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.testing.utilities import prefect_test_harness

from flows import national as module
from hotspots.pipeline import national
from hotspots.pipeline.national import Country, Plan, refresh_country
from hotspots.pipeline.one_area import Job, Result
from loopback import has_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = "[crime_groups]\n[clustering]\nsimulations = 99\nmin_year_incidents = 100\n"
CORRUPT = "force-02"


pytestmark = [
    # Clients in this process leave sockets for the garbage collector to close.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.skipif(not has_loopback(), reason="Prefect and Dask need the loopback address"),
]


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("prefect")
    own = {settings.PREFECT_HOME: home, settings.PREFECT_SERVER_ANALYTICS_ENABLED: False}
    with (
        settings.temporary_settings(updates=own),
        prefect_test_harness(server_startup_timeout=180),
    ):
        yield
    gc.collect()  # while the filter above still holds


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small forces, the second of which has a zip that was cut short; look, don't touch."""
    folder = tmp_path_factory.mktemp("country")
    for number in (1, 2, 3):
        made_up_country.write_force(
            folder, number, rows=4_000 - 1_000 * number, points=80, months=14, more_settings=SMALL
        )
    archive = folder / "source" / f"{CORRUPT}.zip"
    archive.write_bytes(archive.read_bytes()[:5_000])
    return folder


def copy_of(country: Path, folder: Path) -> Path:
    shutil.copytree(country, folder)
    return folder


def outputs(folder: Path) -> dict[str, bytes]:
    """Every file that was made."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for root in (folder / "maps", folder / "data" / "processed")
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


@pytest.fixture(scope="module")
def one_by_one(country: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The outputs of the forces one after the other, and without Prefect."""
    folder = copy_of(country, tmp_path_factory.mktemp("one by one") / "forces")
    done = refresh_country(folder, workers=1)
    assert [each.state for each in done.results] == ["new", "failed", "new"]
    assert done.exit_code == 5
    assert "force-02.zip" in done.results[1].message
    return outputs(folder)


def test_a_force_that_fails_stops_no_other(one_by_one: dict[str, bytes]) -> None:
    page = one_by_one["maps/index.html"].decode()
    assert '<a href="force-01/index.html">Force 1</a>' in page
    assert '<th scope="row">Force 2</th>' in page
    assert "The last refresh failed for Force 2" in page
    told = page.partition("What could not be done")[2]
    assert "source/force-02.zip" in told.replace("\\", "/")
    assert "one by one" not in page, "the page may be given away; it names no folder of ours"
    assert "maps/force-03/index.html" in one_by_one
    assert not [name for name in one_by_one if name.startswith("maps/force-02/")]


def test_tables_alone_are_not_published_and_the_next_run_goes_on_from_them(
    country: Path, one_by_one: dict[str, bytes], tmp_path: Path
) -> None:
    folder = copy_of(country, tmp_path / "forces")
    some = {"forces": ["force-03"], "workers": 1}
    done = refresh_country(folder, **some, tables_only=True)  # type: ignore[arg-type]
    assert [each.state for each in done.results] == ["tables"]
    assert done.index is None
    assert not (folder / "maps").exists()
    draft = folder / "data" / "processed" / ".force-03.draft" / "processed"
    drawn = (draft / "hotspots.parquet").stat().st_mtime_ns
    done = refresh_country(folder, **some)  # type: ignore[arg-type]
    assert [each.state for each in done.results] == ["new"]
    made = folder / "data" / "processed" / "force-03"
    assert (made / "hotspots.parquet").stat().st_mtime_ns == drawn
    found = outputs(folder)
    assert all(found[name] == one_by_one[name] for name in found if "force-03/" in name)
    assert "not refreshed yet" in found["maps/index.html"].decode()


@pytest.mark.usefixtures("harness")
@pytest.mark.parametrize("dask", [None, "local"])
def test_side_by_side_or_on_a_cluster_the_bytes_are_the_same(
    country: Path, one_by_one: dict[str, bytes], tmp_path: Path, dask: str | None
) -> None:
    folder = copy_of(country, tmp_path / "forces")
    state = module.national(str(folder), workers=2, dask=dask, return_state=True)
    assert state.is_completed(), state.message
    assert state.name == "PartlyDone"
    assert str(state.message).startswith("2 of 3 forces are up to date")
    made = outputs(folder)
    assert made.keys() == one_by_one.keys()
    assert not [name for name in made if made[name] != one_by_one[name]]
    text = str(getattr(Artifact.get("national"), "data", None))
    assert "- force-01: new maps" in text
    assert "- force-02: failed: " in text


@pytest.mark.usefixtures("harness")
def test_the_run_fails_only_where_every_force_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "anytown.toml").write_text("[area]\n", encoding="utf-8")
    state = module.national(str(tmp_path), workers=1, return_state=True)
    assert state.is_failed()
    assert "All 1 forces failed" in str(state.message)
    assert "anytown.toml" in str(state.message)

    job = Job("anytown", "Anytown", str(tmp_path / "anytown.toml"))
    done = Country((Result("anytown", "new"),), tmp_path / "index.html")
    monkeypatch.setattr(national, "plan", lambda *_, **__: Plan((job,)))
    monkeypatch.setattr(national, "finish", lambda *_, **__: done)
    state = module.national(str(tmp_path), workers=1, return_state=True)
    assert state.is_completed()
    assert state.name == "Completed"


def test_who_does_the_work_is_one_setting() -> None:
    from prefect_dask.task_runners import DaskTaskRunner

    here = module.runner(3, None)
    assert isinstance(here, ThreadPoolTaskRunner)
    assert here._max_workers == 3
    there = module.runner(None, "tcp://10.0.0.5:8786")
    assert isinstance(there, DaskTaskRunner)
    assert there.address == "tcp://10.0.0.5:8786"
    local = module.runner(2, "local")
    assert isinstance(local, DaskTaskRunner)
    assert local.cluster_kwargs["n_workers"] == 2
    assert local.cluster_kwargs["host"] == "127.0.0.1"
    assert local.cluster_kwargs["dashboard_address"] is None
