"""The schedule on a fresh server of our own: it fires, it lives through a kill, it stops."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from faults.harness import differing, files
from flows import serving as module
from hotspots import sample
from loopback import has_loopback

ROOT = Path(__file__).resolve().parents[2]

EVERY_MINUTE = """
import sys
from dataclasses import replace
from hotspots import cli
from hotspots.cli import service

serve = service.serve
service.serve = lambda asked, say: serve(replace(asked, nightly="* * * * *"), say=say)
sys.argv[0] = "hotspots"
cli.main()
"""
"""The command itself, but for a nightly run that comes every minute."""


pytestmark = [
    pytest.mark.skipif(not has_loopback(), reason="Prefect's server needs the loopback address"),
    pytest.mark.skipif(os.name == "nt", reason="stops what it starts by signals"),
]


@dataclass
class Served:
    """A schedule that runs in a process of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, settings: Path, folder: Path, *start: str) -> Self:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = ["schedule", "--serve", "--settings", str(settings), "--out", str(folder / "out")]
        paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        with (folder / "said.log").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, *start, *command, "--port", str(port)],
                stdout=said,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            )
        return cls(folder, port, process)

    @property
    def home(self) -> Path:
        """Folder of the server."""
        return self.folder / "out" / "data" / "prefect"

    @property
    def said(self) -> str:
        """All that it and the flows said."""
        return (self.folder / "said.log").read_text("utf-8", "replace")

    @property
    def auth(self) -> tuple[str, str]:
        user, _, password = (self.home / "auth").read_text("utf-8").strip().partition(":")
        return user, password

    def api(self, method: str, path: str, **content: Any) -> Any:  # noqa: ANN401 - JSON
        url = f"http://127.0.0.1:{self.port}/api{path}"
        for _ in range(20):
            answer = httpx.request(
                method, url, auth=self.auth, timeout=10, trust_env=False, **content
            )
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.5)  # its database is busy; Prefect's own client tries again too
        return answer.raise_for_status().json()

    def nightly_runs(self, state: str) -> list[dict[str, Any]]:
        wanted = {"flow_runs": {"state": {"type": {"any_": [state]}}}}
        found: list[dict[str, Any]] = self.api("POST", "/flow_runs/filter", json=wanted)
        return found

    def server_processes(self) -> list[int]:
        """Processes of the server, one for each time that it was started."""
        return [int(n) for n in re.findall(r"server is started \(process (\d+)\)", self.said)]

    def until(self, is_true: Callable[[], object], *, seconds: float) -> None:
        """Wait for something to become true; fail when it takes too long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if is_true():
                    return
            except (httpx.HTTPError, FileNotFoundError):
                pass
            assert self.process.poll() is None, self.said
            time.sleep(0.25)
        pytest.fail(f"waited {seconds} seconds in vain:\n{self.said}")

    def stop(self) -> int:
        """Tell it to end; give its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=60)


@contextmanager
def served(settings: Path, folder: Path, *start: str) -> Iterator[Served]:
    """Serve until the test is over."""
    made = Served.start(settings, folder, *start)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.stop()


@pytest.fixture(scope="module")
def every_minute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The sample county with a nightly run every minute, on a fresh server."""
    folder = tmp_path_factory.mktemp("every minute")  # a path with a space
    with served(sample.write_county(folder / "county"), folder, "-c", EVERY_MINUTE) as made:
        yield made


def test_a_schedule_on_a_fresh_server_yields_a_completed_nightly_run(every_minute: Served) -> None:
    every_minute.until(lambda: every_minute.nightly_runs("COMPLETED"), seconds=200)
    (first, *_) = every_minute.nightly_runs("COMPLETED")
    assert first["auto_scheduled"]
    assert (every_minute.folder / "out/maps/saltmarrow/index.html").is_file()
    assert "7 of 7, publish: writing maps and files" in every_minute.said
    latest = every_minute.api("GET", "/artifacts/nightly-saltmarrow/latest")
    assert all(f"## {part}" in latest["data"] for part in ("Maps", "Rows", "Scores", "Changes"))


def test_the_server_asks_for_a_password_that_nobody_else_can_read(every_minute: Served) -> None:
    every_minute.until(lambda: every_minute.nightly_runs("SCHEDULED"), seconds=200)
    refused = httpx.post(
        f"http://127.0.0.1:{every_minute.port}/api/flow_runs/filter", json={}, trust_env=False
    )
    assert refused.status_code == 401
    kept = every_minute.home / "auth"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    logs = every_minute.said + (every_minute.home / "server.log").read_text("utf-8")
    assert every_minute.auth[1] not in logs


def test_a_server_killed_while_a_run_works_loses_nothing(every_minute: Served) -> None:
    undisturbed, out = every_minute.folder / "out", every_minute.folder / "disturbed"
    every_minute.until(lambda: every_minute.nightly_runs("COMPLETED"), seconds=200)
    deployment = every_minute.api("GET", "/deployments/name/nightly/nightly")
    asked = {"parameters": deployment["parameters"] | {"out": str(out)}}
    run = every_minute.api("POST", f"/deployments/{deployment['id']}/create_flow_run", json=asked)
    draft = out / "data/processed/.saltmarrow.draft"
    every_minute.until((draft / "ingest.done").exists, seconds=60)
    os.kill(every_minute.server_processes()[-1], signal.SIGKILL)
    every_minute.until(lambda: len(every_minute.server_processes()) == 2, seconds=60)
    ended = f"/flow_runs/{run['id']}"
    every_minute.until(lambda: every_minute.api("GET", ended)["end_time"], seconds=120)
    assert every_minute.api("GET", ended)["state_type"] == "COMPLETED"
    assert differing(files(out), files(undisturbed)) == []
    every_minute.until(lambda: every_minute.nightly_runs("SCHEDULED"), seconds=60)


def test_a_damaged_database_costs_only_the_folder_that_it_is_in(
    county: Path, tmp_path: Path
) -> None:
    home = tmp_path / "out" / "data" / "prefect"
    home.mkdir(parents=True)
    (home / "prefect.db").write_bytes(b"no database at all" * 1000)
    with served(county, tmp_path, "-m", "hotspots") as refused:
        assert refused.process.wait(timeout=60) == 1
    (complaint,) = refused.said.splitlines()
    assert "Prefect's database is damaged (file is not a database)" in complaint
    assert f"Delete the folder {home} and start again." in complaint
    shutil.rmtree(home)
    with served(county, tmp_path, "-m", "hotspots") as anew:
        anew.until(lambda: anew.api("GET", "/deployments/name/quarterly/quarterly"), seconds=200)
        assert anew.stop() == 0
    assert "Stopping" in anew.said
    assert "Traceback" not in anew.said
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{anew.port}/api/health", trust_env=False)


def test_both_flows_are_served_one_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def noted(*deployments: Any, **options: object) -> None:  # noqa: ANN401 - Prefect's
        asked.extend([deployments, options])

    monkeypatch.setattr(module, "serve", noted)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    module.main(["--settings", "a b.toml", "--nightly", "20 3 * * *", "--quarterly", "1 5 1 3 *"])
    deployments, options = asked
    assert options["limit"] == 1
    assert options["pause_on_shutdown"] is False
    whens = {each.name: each.schedules[0].schedule for each in deployments}
    assert {name: when.cron for name, when in whens.items()} == {
        "nightly": "20 3 * * *", "quarterly": "1 5 1 3 *",
    }  # fmt: skip
    assert {when.timezone for when in whens.values()} == {"Europe/London"}
    # What a run is given can be written down as it is.
    assert json.loads(json.dumps(deployments[0].parameters)) == {
        "settings": "a b.toml", "out": None,
    }  # fmt: skip
