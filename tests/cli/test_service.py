"""What keeps a schedule of our own alive, with plain processes in the place of Prefect's."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import hotspots
from hotspots.cli import service
from hotspots.errors import HotspotsError, LockedError, SettingsError

LIVES = [sys.executable, "-c", "import time; time.sleep(60)"]
DIES = [sys.executable, "-c", "print('no database')"]


def made(folder: Path, *, port: int = 4200, out: Path | None = None) -> service.Service:
    return service.Service(
        folder / "x.toml", out, folder / "prefect", port, "20 3 * * *", "1 2 3 4 *"
    )


def test_the_environment_is_private_and_tells_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://elsewhere.example/api")
    monkeypatch.setenv("PREFECT_API_KEY", "of somebody else")
    found = service.child_environment(made(tmp_path), "hotspots:x")
    assert found["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert found["DO_NOT_TRACK"] == "1"
    assert found["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] == "180"
    assert found["PREFECT_SERVER_API_AUTH_STRING"] == found["PREFECT_API_AUTH_STRING"]
    assert found["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert found["PREFECT_API_DATABASE_CONNECTION_URL"].startswith("sqlite+aiosqlite:///")
    assert "PREFECT_API_KEY" not in found


def test_the_server_listens_on_this_machine_only(tmp_path: Path) -> None:
    command = made(tmp_path, port=4300).server_command()
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "4300"


def test_the_flows_are_given_absolute_paths(tmp_path: Path) -> None:
    command = made(tmp_path, out=tmp_path / "o").flows_command()
    assert command[command.index("--settings") + 1] == str(tmp_path / "x.toml")
    assert command[command.index("--out") + 1] == str(tmp_path / "o")
    assert command[command.index("--nightly") + 1] == "20 3 * * *"


@pytest.mark.skipif(os.name == "nt", reason="rights of files are not those of Windows")
def test_the_password_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    first = service.password(tmp_path)
    user, _, secret = first.partition(":")
    assert user == "hotspots"
    assert len(secret) >= 32
    assert stat.S_IMODE((tmp_path / "auth").stat().st_mode) == 0o600
    assert service.password(tmp_path) == first
    assert (tmp_path / ".gitignore").read_text("utf-8") == "*\n"
    (tmp_path / "auth").unlink()
    assert service.password(tmp_path) != first


def test_an_installation_without_flows_says_what_else_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lib" / "python" / "site-packages" / "hotspots"
    monkeypatch.setattr(hotspots, "__file__", str(package / "__init__.py"))
    with pytest.raises(SettingsError, match="only a checkout of the project has them"):
        service.flows_folder()


def test_the_flows_of_this_checkout_are_found() -> None:
    assert (service.flows_folder() / "nightly.py").is_file()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} of this machine is taken"):
            service.serve(made(tmp_path, port=port), say=lambda _: None)


def test_two_do_not_serve_from_one_folder(tmp_path: Path) -> None:
    with service._alone(tmp_path), pytest.raises(LockedError, match="served from"):
        service.serve(
            service.Service(tmp_path / "x.toml", None, tmp_path, 4200, "x", "x"),
            say=lambda _: None,
        )


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_a_damaged_database_is_named_with_what_to_do(damage: str, tmp_path: Path) -> None:
    database = tmp_path / "prefect.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("create table runs (words)")
        connection.executemany("insert into runs values (?)", [("x" * 4000,)] * 20)
        connection.commit()
    service._require_sound(database)
    content = database.read_bytes()
    half = len(content) // 2
    database.write_bytes(content[:half] if damage == "cut" else content[:half] + b"?" * half)
    with pytest.raises(HotspotsError, match=f"Delete the folder {tmp_path} and start again"):
        service._require_sound(database)


def child(folder: Path, command: list[str]) -> service._Child:
    return service._Child("The server", command, folder, dict(os.environ), None)


@pytest.mark.skipif(os.name == "nt", reason="ends a process by a signal")
def test_what_dies_is_started_again_and_stopped_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    one = child(tmp_path, LIVES)
    assert one.ensure(said.append)
    assert not one.ensure(said.append)
    first = int(said[-1].split("process ")[1].rstrip(")."))
    monkeypatch.setattr(service, "SETTLED_S", 0.0)
    for _ in range(service.TRIES):  # what lived for long may die as often as it likes
        os.kill(int(said[-1].split("process ")[1].rstrip(").")), signal.SIGKILL)
        while one.is_alive:
            time.sleep(0.01)
        assert one.ensure(said.append)
    one.stop()
    assert not one.is_alive
    assert "started again" in said[1]
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_what_dies_at_its_start_is_given_up(tmp_path: Path) -> None:
    one = child(tmp_path, DIES)
    for _ in range(service.TRIES):
        one.ensure(lambda _: None)
        while one.is_alive:
            time.sleep(0.01)
    with pytest.raises(HotspotsError, match="The server does not start: it ended 3 times"):
        one.ensure(lambda _: None)


def test_nobody_waits_for_a_server_that_died(tmp_path: Path) -> None:
    one = child(tmp_path, DIES)
    one.ensure(lambda _: None)
    assert not service._is_up(1, one)
    one.stop()
