"""What may happen to a run: done in its own process, before it begins."""

from __future__ import annotations

import ctypes
import datetime as dt
import errno
import functools
import importlib
import itertools
import os
import resource
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn


def die() -> NoReturn:
    """End without a last word."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def be_told_to_end() -> None:
    """Get the signal of a shutdown."""
    os.kill(os.getpid(), signal.SIGTERM)


def meet_a_full_disk() -> NoReturn:
    """Fail as writing does on a full disk; pyarrow names no file either."""
    raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: No space left on device")


def run_out_of_memory() -> NoReturn:
    """Fail as an array does that finds no room."""
    raise MemoryError


def cut_in_half(path: str) -> None:
    """Cut a file."""
    os.truncate(path, Path(path).stat().st_size // 2)


def replace(path: str, by: str) -> None:
    """Put another file in the place of one."""
    Path(path).write_bytes(Path(by).read_bytes())


def wait_for(path: str) -> None:
    """Tell that we are here, and wait until someone removes the file that tells it."""
    mark = Path(path)
    mark.touch()
    while mark.exists():
        time.sleep(0.01)


def set_clock(at: str) -> None:
    """Let the clock stand at an instant, ISO-8601."""
    now = dt.datetime.fromisoformat(at)

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Clock:
            return cls.fromtimestamp(now.timestamp(), tz)

    for name, module in list(sys.modules.items()):
        if name.startswith("hotspots.") and getattr(module, "dt", None) is not None:
            module.dt = SimpleNamespace(**{**vars(dt), "datetime": Clock})  # type: ignore[attr-defined]


def happen(
    act: str, function: str, moment: str, call: int = 1, of: str = "", **arguments: object
) -> None:
    """
    Let something happen at one call of a function.

    Parameters
    ----------
    act : str
        Name of a function of this module.
    function : str
        ``module:name`` of the function whose call counts.
    moment : str
        ``before`` or ``after`` the call, or ``halfway``: with half of what it wrote.
    call : int
        Which call, from 1; 0 is every one.
    of : str
        Only calls with a path that ends so count.
    **arguments
        Of ``act``.
    """
    module, _, dotted = function.partition(":")
    *owners, name = dotted.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    real = getattr(owner, name)
    calls = itertools.count(1)

    def disturbed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any function
        paths = [each for each in args if isinstance(each, Path)]
        counts = not of or any(path.as_posix().endswith(of) for path in paths)
        if not counts or (next(calls) != call and call):
            return real(*args, **kwargs)
        made = real(*args, **kwargs) if moment != "before" else None
        if moment == "halfway":
            cut_in_half(str(paths[0]))
        getattr(sys.modules[__name__], act)(**arguments)
        return real(*args, **kwargs) if moment == "before" else made

    setattr(owner, name, disturbed)


def die_at_change(change: int) -> None:
    """Die before the ``change``-th change to the disk when outputs are next put in place."""
    from hotspots.pipeline import run

    real = run._put_in_place
    writing = os.O_WRONLY | os.O_RDWR
    changes = itertools.count(1)
    is_watching = False

    def watch(event: str, args: tuple[Any, ...]) -> None:
        is_change = event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}
        is_change = is_change or (event == "open" and bool(args[2] & writing))
        if is_watching and is_change and next(changes) == change:
            die()

    def put_in_place(draft: Path, processed: Path, maps: Path) -> None:
        nonlocal is_watching
        is_watching = True
        real(draft, processed, maps)
        is_watching = False
        run._put_in_place = real

    sys.addaudithook(watch)
    run._put_in_place = put_in_place


def limit_memory(more_mib: int) -> None:
    """Let this process grow by so much and no more."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    size = pages * os.sysconf("SC_PAGE_SIZE") + more_mib * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def be_an_ordinary_user() -> None:
    """Give up the superuser's right to read and write whatever the permissions say."""
    if os.geteuid():
        return
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3 of the call, this process
    nothing = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def move_to(zone: str) -> None:
    """Set the clocks to another time zone."""
    os.environ["TZ"] = zone
    time.tzset()


def delete(path: str) -> None:
    """Delete a file."""
    Path(path).unlink()
