"""
A schedule of our own: Prefect's server and the flows, started, watched over and stopped together.

Both are processes of their own, so that this package never imports Prefect. Nothing of ours is in
the server's folder: its database holds when runs were and what they said.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import filelock

import hotspots
from hotspots.errors import HotspotsError, LockedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"

START_S = 180.0
"""On a slow disk the server's first start, which makes its database, takes a minute and more."""

STOP_S = 20.0
"""What does not end in this time after it was asked to is ended."""

TRIES = 3
"""A server or flows that die so often at their start will not live."""

SETTLED_S = 60.0
"""What lived as long as this did not die at its start."""

AUTH_FILE, DATABASE, SERVER_LOG = "auth", "prefect.db", "server.log"


@dataclass(frozen=True)
class Service:
    """
    What is to be served, and where.

    Attributes
    ----------
    settings_file : Path
    out : Path or None
        Folder of the outputs; beside the settings file if None.
    folder : Path
        The server's own, for its database, log and password.
    port : int
    nightly, quarterly : str
        When, as five fields of cron.
    """

    settings_file: Path
    out: Path | None
    folder: Path
    port: int
    nightly: str
    quarterly: str

    @property
    def address(self) -> str:
        """Address of the server's pages."""
        return f"http://{HOST}:{self.port}"

    def server_command(self) -> list[str]:
        """Return the command that starts the server."""
        start = [sys.executable, "-m", "prefect", "server", "start"]
        return [*start, "--host", HOST, "--port", str(self.port), "--log-level", "WARNING"]

    def flows_command(self) -> list[str]:
        """Return the command that serves the flows."""
        out = ["--out", str(self.out.resolve())] if self.out else []
        return [
            sys.executable, "-m", "flows.serving", "--settings", str(self.settings_file.resolve()),
            *out, "--nightly", self.nightly, "--quarterly", self.quarterly,
        ]  # fmt: skip


def serve(service: Service, *, say: Callable[[str], None]) -> None:
    """
    Run the server and the flows until a signal or Ctrl-C, and stop both.

    Parameters
    ----------
    service : Service
    say : callable
        Told what is started and what died.

    Raises
    ------
    SettingsError
        If this installation has no flows, or the port is taken.
    HotspotsError
        If the database is damaged, or one of the two does not start.
    LockedError
        If another start serves from the same folder.
    """
    checkout = flows_folder().parent
    service.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(service.folder), (service.folder / SERVER_LOG).open("wb") as log:
        _require_sound(service.folder / DATABASE)
        _require_free(service.port)
        environment = child_environment(service, password(service.folder))
        server = _Child("Prefect's server", service.server_command(), checkout, environment, log)
        flows = _Child("The schedule", service.flows_command(), checkout, environment, None)
        # Prefect's way to end the flows on SIGTERM leaves a traceback; on Ctrl-C it does not.
        flows.ends_on = signal.SIGINT
        try:
            while True:
                _keep_up(server, flows, service, say)
                time.sleep(0.5)
        except KeyboardInterrupt:
            say("Stopping; a run that is cut short is taken up by the next one.")
        finally:
            flows.stop()
            server.stop()


def flows_folder() -> Path:
    """
    Find the flows, which stand beside the package in a checkout and in no wheel.

    Raises
    ------
    SettingsError
        If they are not there.
    """
    folder = Path(hotspots.__file__).resolve().parents[2] / "flows"
    if not (folder / "serving.py").is_file():
        msg = (
            "This installation has no flows: only a checkout of the project has them. Schedule "
            "`hotspots refresh` with your system's own scheduler instead; `hotspots schedule` "
            "says how."
        )
        raise SettingsError(msg)
    return folder


def password(folder: Path) -> str:
    """
    Read the user name and password of the server, ``user:password``; make them at first.

    Only the owner may read the file. To change the password, delete the file and start again.
    """
    path = folder / AUTH_FILE
    # Whatever a backup or a commit of the surroundings would take along, it leaves this out.
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    if not path.exists():
        draft = path.with_name(f"{AUTH_FILE}.partial")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"hotspots:{secrets.token_urlsafe(24)}\n")
        draft.replace(path)
    return path.read_text("utf-8").strip()


def child_environment(service: Service, auth: str) -> dict[str, str]:
    """
    Return the environment of the server, of the flows and of every run.

    Settings of any other Prefect on this machine are left out.
    """
    inherited = {name: text for name, text in os.environ.items() if "PREFECT" not in name}
    around = [os.environ.get(name, "") for name in ("NO_PROXY", "no_proxy")]
    no_proxy = ",".join(filter(None, (HOST, "localhost", *around)))
    return inherited | {
        "DO_NOT_TRACK": "1",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_API_DATABASE_CONNECTION_URL": _database_url(service.folder / DATABASE),
        "PREFECT_API_URL": f"{service.address}/api",
        # Waits of 2, 4, 8, 16, 32 and 64 seconds: a run outlives a server that starts again.
        "PREFECT_CLIENT_MAX_RETRIES": "6",
        "PREFECT_HOME": str(service.folder),
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": f"{START_S:.0f}",
        "PYTHONUNBUFFERED": "1",
    }


def _database_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path.resolve().as_posix()}"


class _Child:
    """A process that is started again when it dies, unless it dies at its start."""

    def __init__(
        self,
        name: str,
        command: list[str],
        folder: Path,
        environment: dict[str, str],
        log: IO[bytes] | None,
    ) -> None:
        self.name = name
        self.ends_on = signal.SIGTERM
        self._command = command
        self._folder = folder
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._began_s = 0.0
        self._deaths = 0

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ensure(self, say: Callable[[str], None]) -> bool:
        """Start it if it is not alive; say whether it was started."""
        if self.is_alive:
            return False
        if self._process is not None:
            lived_s = time.monotonic() - self._began_s
            self._deaths = 1 if lived_s >= SETTLED_S else self._deaths + 1
            self.stop()  # what it left behind
            if self._deaths >= TRIES:
                raise HotspotsError(self._says_that_it_does_not_start())
            say(f"{self.name} ended by itself after {lived_s:,.0f} s and is started again.")
        self._began_s = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - a list of our own, no shell
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log or sys.stderr.fileno(),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us, who stop it in order
        )
        say(f"{self.name} is started (process {self._process.pid}).")
        return True

    def stop(self) -> None:
        """Ask it to end, wait, and end it and whatever it started."""
        if self._process is None:
            return
        if self.is_alive:
            if os.name == "posix":
                self._process.send_signal(self.ends_on)
            else:
                self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=STOP_S)
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        elif self.is_alive:
            self._process.kill()
        self._process.wait()

    def _says_that_it_does_not_start(self) -> str:
        where = f"its last words are in {self._log.name}" if self._log else "its words are above"
        return f"{self.name} does not start: it ended {TRIES} times at once; {where}."


def _keep_up(server: _Child, flows: _Child, service: Service, say: Callable[[str], None]) -> None:
    """Start what is not alive, the server first: the flows ask it for their schedule."""
    if server.ensure(say):
        while not _is_up(service.port, server):
            server.ensure(say)
        say(
            f"Prefect's pages: {service.address} (what they ask for is in "
            f"{service.folder / AUTH_FILE})."
        )
    flows.ensure(say)


def _is_up(port: int, server: _Child) -> bool:
    """Wait until the server answers; give up when it died."""
    import httpx

    end = time.monotonic() + START_S
    with httpx.Client(trust_env=False, timeout=5) as client:
        while server.is_alive:
            with contextlib.suppress(httpx.HTTPError):
                if client.get(f"http://{HOST}:{port}/api/health").is_success:
                    return True
            if time.monotonic() > end:
                msg = f"{server.name} does not answer after {START_S:.0f} seconds."
                raise HotspotsError(msg)
            time.sleep(0.25)
    return False


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    held = filelock.FileLock(folder / "lock")
    try:
        held.acquire(timeout=0)
    except filelock.Timeout as busy:
        msg = f"A schedule is served from {folder} already; stop that one first."
        raise LockedError(msg) from busy
    try:
        yield
    finally:
        held.release()


def _require_sound(database: Path) -> None:
    """Make sure that the database of the last start can be read, if there is one."""
    if not database.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{database.resolve().as_uri()}", uri=True)) as it:
            (verdict,) = it.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        msg = (
            f"{database}: Prefect's database is damaged ({verdict}). It holds only when runs were; "
            f"no table and no map is in it. Delete the folder {database.parent} and start again."
        )
        raise HotspotsError(msg)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere this would take a port from whoever has it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            msg = (
                f"port {port} of this machine is taken, perhaps by a server that a killed start "
                "left behind; end that, or name another with --port."
            )
            raise SettingsError(msg) from None
