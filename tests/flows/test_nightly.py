"""The nightly flow: Prefect adds order, retries, an artifact and a schedule, and nothing else."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pandas as pd
import pytest
from prefect import settings
from prefect.artifacts import Artifact
from prefect.client.schemas.objects import FlowRun
from prefect.states import Crashed
from prefect.testing.utilities import prefect_test_harness

from flows import nightly as module
from hotspots import pipeline, sample, store
from loopback import has_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


pytestmark = [
    # Prefect's in-process client leaves sockets to its server for the garbage collector to close.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.skipif(not has_loopback(), reason="Prefect's server needs the loopback address"),
]

QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


@dataclass
class FakeStage:
    name: str
    run: Callable[[Any], None]
    says: str = "doing it"


@dataclass
class FakeRun:
    """Stands for a run; remembers which stages were run with it."""

    folder: Path
    is_current: bool = False
    area_id: str = "anytown"
    not_refreshed: tuple[str, ...] = ()
    done: list[str] = field(default_factory=list)

    def outcome(self) -> pipeline.Outcome:
        columns = ["file", "rows_in", "kept", "unlocated", "excluded", "duplicate", "quarantined"]
        rows = [("a|b.zip", 1500, 1400, 50, 30, 15, 5), ("c.csv", 10, 10, 0, 0, 0, 0)]
        return pipeline.Outcome(
            is_new=not self.is_current,
            area_id=self.area_id,
            maps_folder=self.folder,
            to_open=(self.folder / "index.html", self.folder / "any town.html"),
            account=pd.DataFrame(rows, columns=columns),
            hotspots={"Burglary": 7},
            notes=("2020-06 is missing",),
            not_refreshed=self.not_refreshed,
        )


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


def staged(
    monkeypatch: pytest.MonkeyPatch, run: FakeRun, stages: dict[str, Callable[[FakeRun], None]]
) -> list[tuple[Path, Path | None]]:
    """Put ``run`` and ``stages`` in the place of the real ones; give the calls of ``session``."""
    calls = []

    @contextmanager
    def session(
        settings_file: Path, *, out: Path | None, say: Callable[[str], None]
    ) -> Iterator[FakeRun]:
        say("looking at the sources")
        calls.append((settings_file, out))
        yield run

    def noted(name: str, body: Callable[[FakeRun], None]) -> FakeStage:
        def work(run: FakeRun) -> None:
            run.done.append(name)
            body(run)

        return FakeStage(name, work)

    monkeypatch.setattr(pipeline, "session", session)
    monkeypatch.setattr(pipeline, "STAGES", tuple(noted(*stage) for stage in stages.items()))
    return calls


def nothing(_: FakeRun) -> None:
    """Do nothing."""


@pytest.mark.usefixtures("harness")
def test_stages_run_in_order_and_leave_one_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = FakeRun(tmp_path)
    calls = staged(monkeypatch, run, {"fetch": nothing, "ingest": nothing, "publish": nothing})
    state = module.nightly("x.toml", out=str(tmp_path), return_state=True)
    assert state.is_completed()
    assert run.done == ["fetch", "ingest", "publish"]
    assert calls == [(Path("x.toml"), tmp_path)]
    artifact = Artifact.get("nightly-anytown")
    text = str(getattr(artifact, "data", None))
    assert r"| a\|b.zip | 1,500 | 1,400 | 50 | 30 | 15 | 5 |" in text
    assert "| total | 1,510 | 1,410 | 50 | 30 | 15 | 5 |" in text
    assert "| Burglary | 7 |" in text
    assert f"[index.html]({(tmp_path / 'index.html').as_uri()})" in text
    assert "- 2020-06 is missing" in text


@pytest.mark.usefixtures("harness")
def test_unchanged_inputs_do_nothing_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = FakeRun(tmp_path, is_current=True, area_id="unchanged")
    staged(monkeypatch, run, {"fetch": nothing, "publish": nothing})
    state = module.nightly("x.toml", return_state=True)
    assert state.is_completed()
    assert state.message == "Nothing new for unchanged: nothing was done."
    assert run.done == []
    assert Artifact.get("nightly-unchanged") is None


@pytest.mark.usefixtures("harness")
def test_fetching_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flaky(run: FakeRun) -> None:
        if run.done.count("fetch") < 3:
            raise ConnectionError

    monkeypatch.setattr(module, "exponential_backoff", lambda **_: [0, 0, 0, 0])
    run = FakeRun(tmp_path)
    staged(monkeypatch, run, {"fetch": flaky, "publish": nothing})
    assert module.nightly("x.toml", return_state=True).is_completed()
    assert run.done == ["fetch", "fetch", "fetch", "publish"]


@pytest.mark.usefixtures("harness")
def test_analysis_is_not_tried_again_and_nothing_follows_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: FakeRun) -> None:
        raise ValueError

    run = FakeRun(tmp_path)
    staged(monkeypatch, run, {"fetch": nothing, "detect": broken, "publish": nothing})
    assert module.nightly("x.toml", return_state=True).is_failed()
    assert run.done == ["fetch", "detect"]


@pytest.mark.usefixtures("harness")
def test_a_stage_that_hangs_is_ended_and_somebody_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hangs(_: FakeRun) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            time.sleep(0.05)

    settings_file = tmp_path / "x.toml"
    settings_file.write_text('[notify]\nfile = "told.jsonl"\n', encoding="utf-8")
    run = FakeRun(tmp_path)
    staged(monkeypatch, run, {"fetch": nothing, "detect": hangs, "publish": nothing})
    monkeypatch.setattr(module, "STAGE_LIMIT_S", 1.0)
    began_s = time.monotonic()
    state = module.nightly(str(settings_file), return_state=True)
    assert time.monotonic() - began_s < 30
    assert state.is_failed()
    assert run.done == ["fetch", "detect"]
    assert '"reasons": ["failure"]' in (tmp_path / "told.jsonl").read_text("utf-8")


@pytest.mark.usefixtures("harness")
def test_a_flow_that_hangs_is_ended_and_somebody_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def session(*_: object, **__: object) -> Iterator[None]:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            time.sleep(0.05)
        yield

    settings_file = tmp_path / "x.toml"
    settings_file.write_text('[notify]\nfile = "told.jsonl"\n', encoding="utf-8")
    monkeypatch.setattr(pipeline, "session", session)
    state = module.nightly.with_options(timeout_seconds=1)(str(settings_file), return_state=True)
    assert state.name == "TimedOut"
    assert len((tmp_path / "told.jsonl").read_text("utf-8").splitlines()) == 1


def test_a_run_whose_process_died_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[notify]\nfile = "told.jsonl"\n', encoding="utf-8")
    died = FlowRun(flow_id=uuid4(), parameters={"settings": str(tmp_path / "x.toml"), "out": None})
    (hook,) = module.nightly.on_crashed_hooks
    hook(module.nightly, died, Crashed())
    told = (tmp_path / "told.jsonl").read_text("utf-8")
    assert "The nightly run failed: it ended before it was complete." in told


def test_limits_are_set_and_a_night_is_longer_than_the_longest_run(tmp_path: Path) -> None:
    made = module._as_task(FakeStage("detect", nothing), FakeRun(tmp_path))  # type: ignore[arg-type]
    assert made.timeout_seconds == module.STAGE_LIMIT_S
    assert made.retries == 0
    assert module.nightly.timeout_seconds == module.FLOW_LIMIT_S < 24 * 3600


def test_the_artifact_has_scores_and_changes(tmp_path: Path) -> None:
    score = {"crime_group": "Burglary", "horizon_months": 3, "hit": 0.0834, "area_share": 0.0015}
    manifest = {
        "scores": [score | {"budget": "as hotspots"}, score | {"budget": "0.1 %", "hit": 0.5}],
        "alerts": [
            {"month": f"2024-{number:02}", "words": f"alert {number}"} for number in range(1, 23)
        ],
    }
    store.write_json(manifest, tmp_path / "manifest.json")
    text = module.markdown(FakeRun(tmp_path).outcome())
    assert "| Burglary | 3 | 8.3% | 0.15% |" in text
    assert "50.0%" not in text
    assert text.index("- 2024-22: alert 22") < text.index("- 2024-03: alert 3")
    assert "alert 2\n" not in text
    assert "- and 2 more on the page of changes" in text


def test_retries_wait_longer_each_time(tmp_path: Path) -> None:
    made = module._as_task(FakeStage("fetch", nothing), FakeRun(tmp_path))  # type: ignore[arg-type]
    assert made.retries == 4
    assert made.retry_delay_seconds == [15, 30, 60, 120]
    assert made.retry_jitter_factor


@pytest.mark.usefixtures("harness")
def test_the_flow_publishes_the_sample_county_once(tmp_path: Path) -> None:
    county = str(sample.write_county(tmp_path))
    first = module.nightly(county, return_state=True)
    assert first.is_completed(), first.message
    assert str(first.message).startswith("New maps of")
    (index,) = tmp_path.glob("maps/*/index.html")
    artifact = Artifact.get(f"nightly-{index.parent.name}")
    assert index.as_uri() in str(getattr(artifact, "data", None))
    again = module.nightly(county, return_state=True)
    assert str(again.message).startswith("Nothing new for")


# The schedule, on a server of its own


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Run a Prefect server on the loopback; give its address and the environment of its clients."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/api"
    inherited = {name: text for name, text in os.environ.items() if "PREFECT" not in name}
    environment = inherited | QUIET | {
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
        "PREFECT_API_URL": address,
        "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        try:
            until(lambda: httpx.get(f"{address}/health", timeout=5).is_success, seconds=180)
            yield address, environment
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def until(is_true: Callable[[], object], *, seconds: float) -> None:
    """Wait for something to become true; fail when it takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if is_true():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.25)
    pytest.fail(f"waited {seconds} seconds in vain")


@pytest.mark.skipif(os.name == "nt", reason="stops the server by its process group")
def test_deployment_gets_a_scheduled_run(tmp_path: Path) -> None:
    def prefect(*words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *words],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=ROOT,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def scheduled() -> list[dict[str, Any]]:
        states = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
        answer = httpx.post(f"{address}/flow_runs/filter", json=states, timeout=5)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return [run for run in found if run["deployment_id"] == deployment["id"]]

    with server(tmp_path) as (address, environment):
        prefect("work-pool", "create", "hotspots", "--type", "process")
        prefect("deploy", "--all")
        deployment = httpx.get(f"{address}/deployments/name/nightly/nightly", timeout=5).json()
        until(scheduled, seconds=60)
        runs = scheduled()
    assert all(run["auto_scheduled"] for run in runs)
    assert all(run["parameters"] == {"settings": "hotspots.toml"} for run in runs)
    times = {pd.Timestamp(run["expected_start_time"]).tz_convert("Europe/London") for run in runs}
    assert {(time.hour, time.minute) for time in times} == {(3, 20)}
    assert deployment["global_concurrency_limit"]["limit"] == 1
    # Work happens in the checkout: no step fetches code.
    steps = [name for step in deployment["pull_steps"] for name in step]
    assert steps == ["prefect.deployments.steps.set_working_directory"]
