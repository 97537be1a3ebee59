"""`hotspots doctor`: fit machines pass, and each thing that can be wrong is told with its fix."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from typing import TYPE_CHECKING

import filelock
import pytest

from hotspots import doctor
from hotspots.doctor import FAILING, OK, WARNING, Finding, examine, unmet

if TYPE_CHECKING:
    from pathlib import Path

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil gives it


def one(folder: Path, name: str) -> Finding:
    (found,) = [each for each in examine(folder) if each.name == name]
    return found


def test_this_machine_is_fit_and_nothing_stays_behind(tmp_path: Path) -> None:
    found = examine(tmp_path / "not" / "yet")
    assert [each for each in found if each.state == FAILING] == []
    assert all(each.found for each in found)
    assert [each.name for each in found if each.state != OK and not each.fix] == []
    assert list(tmp_path.iterdir()) == []


def test_it_starts_where_nothing_else_does(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('numpy', 'pandas', 'pydantic', 'pyogrio', 'pyproj', 'filelock'):\n"
        "    sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from hotspots.doctor import examine\n"
        "print([each.name for each in examine(Path()) if each.state == 'failing'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "['GDAL drivers', 'coordinates', 'writing']"


def test_missing_and_wrong_packages_are_named_and_extras_are_not() -> None:
    asked = [
        "pytest>=1", "pytest>=99", "no-such-package>=1", 'no-other; extra == "dev"',
        'no-such-os; sys_platform == "none"',
    ]  # fmt: skip
    found = list(unmet(asked))
    assert [each.split(" is ")[0] for each in found] == ["pytest", "no-such-package"]
    assert found[0].endswith("asked for is >=99")
    assert found[1] == "no-such-package is missing"


@pytest.mark.parametrize(
    ("gb", "state"), [(0.0, OK), (1.9, FAILING), (2.0, WARNING), (3.9, WARNING), (4.0, OK)]
)
def test_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gb: float, state: str) -> None:
    monkeypatch.setattr(doctor, "_memory_bytes", lambda: int(gb * 1e9))
    assert one(tmp_path, "memory").state == state


@pytest.mark.parametrize(
    ("gb", "state"), [(0.4, FAILING), (0.5, WARNING), (4.9, WARNING), (5.0, OK)]
)
def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gb: float, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, int(gb * 1e9)))
    assert one(tmp_path, "disk").state == state


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    found = one(tmp_path, "writing")
    assert (found.state, str(tmp_path) in found.found) == (FAILING, True)
    assert "--out" in found.fix


def test_locks_that_keep_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filelock.FileLock, "acquire", lambda self, **_: self)
    assert one(tmp_path, "locks").state == FAILING


def test_a_clock_before_the_installation_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "doctor.py"
    module.write_text("", encoding="utf-8")
    os.utime(module, (time.time() + 86_400, time.time() + 86_400))
    monkeypatch.setattr(doctor, "__file__", str(module))
    assert one(tmp_path, "clock").state == FAILING


def test_a_disk_with_another_clock_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60)
    assert "the disk's differs by" in one(tmp_path, "clock").found


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no tzset")
def test_a_foreign_time_zone_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for zone, state in (("<+09>-9", WARNING), ("GMT0BST,M3.5.0/1,M10.5.0", OK)):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert one(tmp_path, "clock").state == state
    monkeypatch.undo()
    time.tzset()


def test_a_taken_port_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "PORTS", {"a server": taken.getsockname()[1]})
        assert one(tmp_path, "port").state == WARNING
    assert one(tmp_path, "port").state == OK


def test_a_point_that_comes_out_wrong_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lat, lon, easting, northing = doctor.KNOWN_POINT
    monkeypatch.setattr(doctor, "KNOWN_POINT", (lat, lon, easting + 100, northing))
    assert one(tmp_path, "coordinates").state == FAILING


def test_a_missing_driver_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DRIVERS", (*doctor.DRIVERS, "NoSuchDriver"))
    found = one(tmp_path, "GDAL drivers")
    assert (found.state, "NoSuchDriver" in found.found) == (FAILING, True)


def test_an_old_python_and_names_that_are_no_utf8_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (99, 0))
    assert one(tmp_path, "Python").state == FAILING
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    assert one(tmp_path, "text").state == FAILING
