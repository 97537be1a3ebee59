"""
Whether this machine can do the work: each check says what it found and, if need be, what to do.

It imports nothing of ``hotspots`` and everything else only inside a check, so that it can say what
is missing where nothing else starts.
"""

from __future__ import annotations

import codecs
import datetime as dt
import locale
import math
import os
import platform
import shutil
import socket
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OK, WARNING, FAILING = "ok", "warning", "failing"

OLDEST_PYTHON = (3, 11)
DRIVERS = ("CSV", "ESRI Shapefile", "GPKG", "GeoJSON")
"""GDAL's drivers for the formats that files come in and go out in."""

LEAST_MEMORY_GB, GOOD_MEMORY_GB = 2.0, 4.0
"""The whole analysis of one force takes 1.2 GB, the system and other programs some more."""

LEAST_DISK_GB, GOOD_DISK_GB = 0.5, 5.0
"""One force: 0.2 GB of tables and maps, twice while they are replaced, and 0.02 GB of raw files
more each month; the first download of an archive without byte ranges takes 1.7 GB."""

KNOWN_POINT = (51.42754743020, -2.54407618349, 362269.991, 169978.690)
"""Latitude, longitude, easting, northing of a point of Ordnance Survey's OSTN15 test data."""

GRID_M, COARSE_M = 0.1, 5.0
"""Within the first of the known point with the OSTN grid, within the second without it."""

CLOCK_S = 5.0
"""A file server's clock may differ from ours by this."""

PORTS = {"the Prefect server": 4200}
"""Ports of this machine that a schedule with Prefect listens on."""


@dataclass(frozen=True)
class Finding:
    """
    What a check came to.

    Attributes
    ----------
    name : str
    state : str
        ``ok``, ``warning`` or ``failing``.
    found : str
    fix : str
        What to do; empty where all is well.
    """

    name: str
    state: str
    found: str
    fix: str = ""


def examine(folder: Path) -> list[Finding]:
    """
    Check everything that the work needs of this machine.

    Parameters
    ----------
    folder : Path
        Where outputs go; nothing stays in it.
    """
    place = _there(folder)
    checks: tuple[tuple[str, Callable[[], Iterable[Finding]]], ...] = (
        ("Python", _python),
        ("packages", _packages),
        ("GDAL drivers", _drivers),
        ("coordinates", _coordinates),
        ("memory", _memory),
        ("disk", lambda: _disk(place)),
        ("writing", lambda: _writing(place)),
        ("clock", lambda: _clock(place)),
        ("text", _text),
        ("threads", _threads),
        ("Prefect", _prefect),
        ("Chromium", _chromium),
    )
    return [finding for name, check in checks for finding in _checked(name, check)]


def _checked(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Give what a check found; one that breaks is a finding itself."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - a damaged library may raise anything
        found = f"could not be checked: {type(error).__name__}: {error}"
        yield Finding(name, FAILING, found, "Make the environment anew: python run.py")


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    path = folder.resolve()
    return next(each for each in (path, *path.parents) if each.is_dir())


# The environment


def _python() -> Iterator[Finding]:
    bits = sys.maxsize.bit_length() + 1
    found = f"{platform.python_implementation()} {platform.python_version()}, {bits} bits"
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        yield Finding("Python", FAILING, found, f"Install Python {wanted} or newer.")
    elif sys.maxsize < 2**32:
        yield Finding("Python", FAILING, found, "Install a Python of 64 bits.")
    else:
        yield Finding("Python", OK, f"{found}, {platform.platform(terse=True)}")


def _packages() -> Iterator[Finding]:
    try:
        asked = metadata.requires("hotspots") or []
    except metadata.PackageNotFoundError:
        fix = "Install it: python run.py, or pip install with the wheel."
        yield Finding("packages", FAILING, "hotspots itself is not installed", fix)
        return
    wrong = list(unmet(asked))
    if wrong:
        fix = "Make the environment anew: python run.py, or install the wheel again with pip."
        yield Finding("packages", FAILING, "; ".join(wrong), fix)
    else:
        yield Finding("packages", OK, f"all that hotspots {metadata.version('hotspots')} asks for")


def unmet(asked: Iterable[str]) -> Iterator[str]:
    """
    Name the requirements that the installed packages do not meet.

    Parameters
    ----------
    asked : iterable of str
        As in a package's metadata; those of an extra are left alone.
    """
    from packaging.requirements import Requirement

    for each in map(Requirement, asked):
        if each.marker is not None and not each.marker.evaluate({"extra": ""}):
            continue
        try:
            here = metadata.version(each.name)
        except metadata.PackageNotFoundError:
            yield f"{each.name} is missing"
            continue
        if not each.specifier.contains(here, prereleases=True):
            yield f"{each.name} is {here}, asked for is {each.specifier}"


def _drivers() -> Iterator[Finding]:
    import pyogrio

    here = pyogrio.list_drivers()
    missing = [name for name in DRIVERS if name not in here]
    version = ".".join(map(str, pyogrio.__gdal_version__))
    if missing:
        found = f"GDAL {version} lacks {', '.join(missing)}"
        fix = "Install pyogrio from its wheel, which brings its own GDAL."
        yield Finding("GDAL drivers", FAILING, found, fix)
    else:
        yield Finding("GDAL drivers", OK, f"GDAL {version}: {', '.join(DRIVERS)}")


def _coordinates() -> Iterator[Finding]:
    import pyproj
    from pyproj.transformer import Transformer, TransformerGroup

    lat, lon, easting, northing = KNOWN_POINT
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(lon, lat)
    back = Transformer.from_crs(27700, 4326, always_xy=True).transform(x, y)
    off_m = math.hypot(x - easting, y - northing)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the grid, which is what we ask about
        has_grid = TransformerGroup(4326, 27700).best_available
    how = "with" if has_grid else "without"
    found = f"PROJ {pyproj.proj_version_str}, {off_m:.2f} m from a known point, {how} the OSTN grid"
    is_back = math.isclose(back[0], lon, abs_tol=1e-6) and math.isclose(back[1], lat, abs_tol=1e-6)
    if not is_back or not off_m <= COARSE_M:
        fix = "Unset PROJ_DATA and PROJ_LIB, or install pyproj from its wheel."
        yield Finding("coordinates", FAILING, found, fix)
    elif has_grid and off_m > GRID_M:
        fix = "Replace the OSTN grid in PROJ's data folder, or remove it."
        yield Finding("coordinates", WARNING, found, fix)
    else:
        accuracy = "0.1 m" if has_grid else "about 2 m, enough for published points"
        yield Finding("coordinates", OK, f"{found}: right to {accuracy}")


# The machine


def _memory() -> Iterator[Finding]:
    total_gb = _memory_bytes() / 1e9
    if not total_gb:
        yield Finding("memory", OK, "this system does not say how much there is")
        return
    found = f"{total_gb:.1f} GB"
    if total_gb < LEAST_MEMORY_GB:
        fix = f"Use a machine with {GOOD_MEMORY_GB:g} GB, or give the area fewer months."
        yield Finding("memory", FAILING, found, fix)
    elif total_gb < GOOD_MEMORY_GB:
        yield Finding("memory", WARNING, found, "Close other programs while a refresh runs.")
    else:
        yield Finding("memory", OK, found)


def _memory_bytes() -> int:
    """Return the memory of this machine; 0 where it does not say."""
    if hasattr(os, "sysconf"):
        try:
            return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        except (ValueError, OSError):
            return 0
    return _memory_of_windows()


def _memory_of_windows() -> int:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        )

    status = Status()
    status.length = ctypes.sizeof(status)
    kernel = getattr(ctypes, "windll", None)
    if kernel is None or not kernel.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return 0
    return int(status.total)


def _disk(folder: Path) -> Iterator[Finding]:
    free_gb = shutil.disk_usage(folder).free / 1e9
    found = f"{free_gb:.1f} GB free at {folder}"
    if free_gb < LEAST_DISK_GB:
        yield Finding("disk", FAILING, found, "Make room, or choose another --out.")
    elif free_gb < GOOD_DISK_GB:
        fix = f"Make room: {GOOD_DISK_GB:g} GB also hold a first download and years of raw files."
        yield Finding("disk", WARNING, found, fix)
    else:
        yield Finding("disk", OK, found)


def _writing(folder: Path) -> Iterator[Finding]:
    """Write, rename and lock as a refresh does, in a folder that is gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix=".hotspots-doctor-", dir=folder) as name:
            faults = list(_renaming(Path(name)))
            locks = _locking(Path(name) / "lock")
    except OSError as error:
        fix = "Give yourself the right to write there, or choose another --out."
        yield Finding("writing", FAILING, f"{folder}: {error.strerror}", fix)
        return
    if faults:
        fix = "Use a local disk: outputs here could be half replaced."
        yield Finding("renaming", FAILING, "; ".join(faults), fix)
    else:
        yield Finding("renaming", OK, f"files and folders at {folder} are replaced at once")
    if locks:
        yield Finding("locks", OK, "a lock keeps a second run out")
    else:
        fix = "Use a local disk, or make sure that two runs never meet: locks do not work there."
        yield Finding("locks", FAILING, "a lock does not keep a second run out", fix)


def _renaming(folder: Path) -> Iterator[str]:
    (folder / "new").write_text("new", encoding="utf-8")
    (folder / "old").write_text("old", encoding="utf-8")
    (folder / "new").replace(folder / "old")
    if (folder / "old").read_text(encoding="utf-8") != "new" or (folder / "new").exists():
        yield "a file does not take the place of another"
    (folder / "draft").mkdir()
    (folder / "draft" / "page").write_text("page", encoding="utf-8")
    (folder / "draft").replace(folder / "final")
    if not (folder / "final" / "page").is_file() or (folder / "draft").exists():
        yield "a folder cannot be renamed"


def _locking(path: Path) -> bool:
    import filelock

    with filelock.FileLock(path):
        try:
            filelock.FileLock(path).acquire(timeout=0)
        except filelock.Timeout:
            return True
    return False


def _clock(folder: Path) -> Iterator[Finding]:
    now = dt.datetime.now().astimezone()
    found = f"{now:%Y-%m-%d %H:%M} {now.tzname()} (UTC{now:%z})"
    built = dt.datetime.fromtimestamp(Path(__file__).stat().st_mtime, tz=dt.UTC)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"now")
        file.flush()
        apart_s = abs(os.fstat(file.fileno()).st_mtime - time.time())
    if now < built:
        fix = f"Set the clock: hotspots was installed on {built:%Y-%m-%d}, later than now."
        yield Finding("clock", FAILING, found, fix)
    elif apart_s > CLOCK_S:
        fix = "Set this machine's clock and that of the disk by a time server."
        yield Finding("clock", WARNING, f"{found}; the disk's differs by {apart_s:.0f} s", fix)
    elif not -1 <= (now.utcoffset() or dt.timedelta()).total_seconds() / 3600 <= 1:
        fix = "If that is meant, nothing; schedules go by it."
        yield Finding("clock", WARNING, f"{found}, not that of Great Britain", fix)
    else:
        yield Finding("clock", OK, found)


def _text() -> Iterator[Finding]:
    names = sys.getfilesystemencoding()
    stream = getattr(sys.stdout, "encoding", None) or "none"
    found = f"file names {names}, output {stream}, locale {locale.getlocale()[0] or 'C'}"
    if codecs.lookup(names).name != "utf-8":
        fix = "Set PYTHONUTF8=1: names of files with accents could not be read."
        yield Finding("text", FAILING, found, fix)
    elif stream != "none" and codecs.lookup(stream).name != "utf-8":
        fix = "Set PYTHONUTF8=1 to see every letter; files are always written as UTF-8."
        yield Finding("text", WARNING, found, fix)
    else:
        yield Finding("text", OK, found)


def _threads() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with ThreadPoolExecutor(2) as pool:  # raises where the system starts none
        list(pool.map(int, ("1", "2")))
    limits = [f"{name}={os.environ[name]}" for name in sorted(os.environ) if "_NUM_THREADS" in name]
    found = f"{cores} cores{', limited by ' + ', '.join(limits) if limits else ''}"
    yield Finding("threads", OK, found)


# What not everybody needs


def _prefect() -> Iterator[Finding]:
    try:
        version = metadata.version("prefect")
    except metadata.PackageNotFoundError:
        found = "not installed: the system's own scheduler can run hotspots refresh"
        yield Finding("Prefect", OK, found)
        return
    yield Finding("Prefect", OK, version)
    for name, port in PORTS.items():
        if _is_free(port):
            yield Finding("port", OK, f"{port} is free for {name}")
        else:
            fix = f"Nothing, if {name} runs already; else end what listens there."
            yield Finding("port", WARNING, f"{port}, for {name}, is taken", fix)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asked:
        if os.name != "nt":  # there it would share the port with whoever has it
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _chromium() -> Iterator[Finding]:
    here = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    found = f"{here or 'not here'}; not needed: only the tests of the pages use it"
    yield Finding("Chromium", OK, found)
