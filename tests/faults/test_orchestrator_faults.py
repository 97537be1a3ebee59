"""Prefect broken in every way, and pages without a network: outputs depend on neither."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import sync_playwright
from prefect import settings
from prefect.testing.utilities import prefect_test_harness

from faults.harness import AREA, Area, at, differing, files, next_is_whole, published
from flows import nightly as module
from hotspots import pipeline

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
FLOW = "import sys; from flows.nightly import nightly; nightly(sys.argv[1], out=sys.argv[2])"

# Prefect's in-process client leaves sockets to its server for the garbage collector to close.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def has_loopback() -> bool:
    """Tell whether this machine reaches itself; a sandbox without any network may not."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=1).close()
    except OSError:
        return False
    return True


needs_loopback = pytest.mark.skipif(not has_loopback(), reason="Prefect needs the loopback address")


@pytest.fixture(scope="module")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Prefect with a server and a home of its own."""
    home = tmp_path_factory.mktemp("prefect")
    own = {
        settings.PREFECT_HOME: home,
        settings.PREFECT_LOCAL_STORAGE_PATH: home / "storage",
        settings.PREFECT_SERVER_ANALYTICS_ENABLED: False,
    }
    with (
        settings.temporary_settings(updates=own),
        prefect_test_harness(server_startup_timeout=180),
    ):
        yield home
    gc.collect()  # while the filter above still holds


def flow(area: Area, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the nightly flow in a process of its own."""
    inherited = {name: text for name, text in os.environ.items() if "PREFECT" not in name}
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    own = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    return subprocess.run(
        [sys.executable, "-c", FLOW, str(area.settings_file), str(area.out)],
        capture_output=True, text=True, check=False, env=inherited | own | environment,
    )  # fmt: skip


def test_fault_prefect_server_down(own: Area, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: every call is refused
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        done = flow(own, tmp_path / "home", PREFECT_API_URL=address)
    assert done.returncode != 0
    assert f"Failed to reach API at {address}" in done.stderr.splitlines()[-1]
    assert files(own.out) == own.before
    # The command line needs no server.
    next_is_whole(own)


@needs_loopback
def test_fault_prefect_database_damaged(own: Area, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "prefect.db").write_bytes(b"no database at all" * 1000)
    done = flow(own, home, PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="5")
    assert done.returncode != 0
    assert "Prefect API server" in done.stderr
    assert files(own.out) == own.before
    next_is_whole(own)


@needs_loopback
def test_fault_stored_result_damaged(own: Area, prefect_home: Path) -> None:
    # Prefect's own store of results is neither written nor read.
    storage = prefect_home / "storage"
    storage.mkdir(exist_ok=True)
    (storage / "0123456789abcdef").write_bytes(b"no result")
    # Ours is the draft that a killed run leaves; what is damaged of it is made again.
    assert own.refresh(first=[at("Stage.run", "before", 5)]).code < 0
    draft = own.tables.with_name(f".{AREA}.draft")
    for name in ("measure.done", "processed/points.parquet", "processed/hotspots.parquet"):
        path = draft / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    state = module.nightly(str(own.settings_file), str(own.out), return_state=True)
    assert state.is_completed(), state.message
    assert differing(files(own.out), own.after) == []
    assert [path.name for path in storage.iterdir()] == ["0123456789abcdef"]


@pytest.mark.parametrize("name", ["run.json", "fetch.done", "notes.json", "alerts.parquet"])
def test_any_file_of_a_draft_may_be_damaged(name: str, own: Area) -> None:
    assert own.refresh(first=[at("Stage.run", "before", 5)]).code < 0
    path = own.tables.with_name(f".{AREA}.draft") / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    next_is_whole(own)


def fail(*_: object, **__: object) -> NoReturn:
    raise RuntimeError


@needs_loopback
@pytest.mark.usefixtures("prefect_home")
def test_fault_report_stage_failing(own: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    *earlier, last = pipeline.STAGES
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "STAGES", (*earlier, replace(last, work=fail)))
        state = module.nightly(str(own.settings_file), str(own.out), return_state=True)
    assert state.is_failed()
    assert published(own.out) == own.before
    # Maps that are out are good, even if Prefect cannot be told of them.
    monkeypatch.setattr(module, "create_markdown_artifact", fail)
    state = module.nightly(str(own.settings_file), str(own.out), return_state=True)
    assert state.is_completed(), state.message
    assert differing(files(own.out), own.after) == []


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_fault_map_opened_offline(small_area: Area) -> None:
    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        around = browser.new_context(offline=True)
        page = around.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        pages = sorted((small_area.undisturbed / "maps" / AREA).glob("*.html"))
        for each in pages:
            page.goto(each.as_uri())
            assert page.locator("h1").count() == 1
        page.goto(pages[1].with_name("index.html").as_uri())
        assert page.locator("path.area").count() > 0
        browser.close()
    assert len(pages) >= 2
    assert all(address.startswith("file:") and address.endswith(".html") for address in asked)
    assert said == []
