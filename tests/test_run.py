"""`run.py`: makes the environment, knows when it is whole, repairs it, and hands over."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import run

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]

# A project as small as can be, whose build needs no package: the backend lies beside it.
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "hotspots"
version = "1"
"""

BACKEND = """
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "hotspots-1-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        wheel.writestr("hotspots.pth", str(Path.cwd()))
        wheel.writestr("hotspots-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: hotspots\\nVersion: 1\\n")
        wheel.writestr("hotspots-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("hotspots-1.dist-info/RECORD", "")
    return name
"""  # noqa: E501 - lines of a wheel

TELL = "import os, sys; print(__spec__.name, sys.argv[1:], os.getcwd())"
"""A program that says what it is, how it was called and where."""


class Checkout(NamedTuple):
    """A small project with `run.py` in it, and what two starts at the same moment said."""

    folder: Path
    environment: dict[str, str]
    first_words: tuple[str, str]

    def start(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(self.folder / "run.py"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            cwd=cwd or self.folder,
        )


def write_wheel(folder: Path) -> str:
    """Write a wheel that poses as pytest; give the line of the lock that asks for it."""
    path = folder / "pytest-1-py3-none-any.whl"
    files = {
        "pytest/__init__.py": "",
        "pytest/__main__.py": TELL,
        "pytest-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: pytest\nVersion: 1\n",
        "pytest-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = []
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            record.append(f"{name},sha256={digest.decode().rstrip('=')},{len(text)}")
        wheel.writestr("pytest-1.dist-info/RECORD", "\n".join(record))
    return f"pytest==1 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def write_checkout(folder: Path) -> dict[str, str]:
    """Write the small project; give the variables under which it installs without network."""
    (folder / "hotspots").mkdir(parents=True)
    wheels = folder.parent / "wheels"  # pip parts a list of such folders at spaces
    wheels.mkdir()
    (folder / "run.py").write_bytes((ROOT / "run.py").read_bytes())
    (folder / "requirements.lock").write_text(write_wheel(wheels))
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "hotspots" / "__init__.py").touch()
    (folder / "hotspots" / "__main__.py").write_text(TELL)
    return os.environ | {
        "PATH": str(wheels),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_CONFIG_FILE": os.devnull,
    }


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder = tmp_path_factory.mktemp("place") / "a checkout"
    environment = write_checkout(folder)
    first = Checkout(folder, environment, ("", ""))
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(first.start) for _ in range(2)]
    results = [start.result() for start in both]
    for result in results:
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"hotspots.__main__ ['demo'] {folder}\n", "no arguments: the demo"
    return first._replace(first_words=(results[0].stderr, results[1].stderr))


@pytest.fixture
def here(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point this process's `run` at the small project."""
    folder = checkout.folder
    python = folder / run.PYTHON.relative_to(run.HERE)
    for name, path in {
        "HERE": folder,
        "ENVIRONMENT": folder / ".venv",
        "LOCK": folder / "requirements.lock",
        "PROJECT": folder / "pyproject.toml",
        "STAMP": folder / ".venv" / "stamp.json",
        "GUARD": folder / ".venv" / "guard.lock",
        "PYTHON": python,
    }.items():
        monkeypatch.setattr(run, name, path)
    return folder


def test_two_starts_at_once_make_one_environment(checkout: Checkout) -> None:
    makers = [words for words in checkout.first_words if "Making an environment" in words]
    assert len(makers) == 1
    assert "The environment is ready" in makers[0]


def test_a_second_start_says_nothing_and_hands_its_arguments_over(
    checkout: Checkout, tmp_path: Path
) -> None:
    result = checkout.start("refresh", "--until", "2025-06", cwd=tmp_path)
    assert result.stderr == ""
    assert result.stdout == (f"hotspots.__main__ ['refresh', '--until', '2025-06'] {tmp_path}\n"), (
        "a command works in the folder it was started in"
    )


def test_test_runs_pytest_in_the_checkout(checkout: Checkout, tmp_path: Path) -> None:
    result = checkout.start("test", "-k", "x", cwd=tmp_path)
    assert result.stdout == f"pytest.__main__ ['-k', 'x'] {checkout.folder}\n"


def site_packages(folder: Path) -> Path:
    (found,) = [*(folder / ".venv").glob("[Ll]ib/**/site-packages")]
    return found


def remove_stamp() -> None:
    run.STAMP.unlink()


def remove_python() -> None:
    run.PYTHON.unlink()


def change_stamp(**changes: object) -> None:
    run.STAMP.write_text(json.dumps(json.loads(run.STAMP.read_text()) | changes))


def break_python() -> None:
    run.PYTHON.unlink()
    run.PYTHON.write_text("#!/bin/false\n")
    run.PYTHON.chmod(0o755)


DAMAGE: dict[str, Callable[[], object]] = {
    "no stamp": remove_stamp,
    "half a stamp": lambda: run.STAMP.write_text('{"python":'),
    "a list for a stamp": lambda: run.STAMP.write_text("[]"),
    "another Python": lambda: change_stamp(python="CPython 3.9.1"),
    "a moved folder": lambda: change_stamp(folder="elsewhere"),
    "no packages": lambda: change_stamp(packages=[]),
    "another lock": lambda: run.LOCK.write_text("# another\n"),
    "a package gone": lambda: (site_packages(run.HERE) / "pytest").rename(run.HERE / "gone"),
    "no Python": remove_python,
    "a Python that fails": break_python,
    "the project not found": lambda: (run.HERE / "hotspots").rename(run.HERE / "away"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_noticed(here: Path, damage: str) -> None:
    kept = {path: path.read_bytes() for path in (run.STAMP, run.LOCK)}
    python = run.PYTHON.readlink() if run.PYTHON.is_symlink() else None
    assert run.is_ready()
    DAMAGE[damage]()
    try:
        assert not run.is_ready()
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
        for away, place in (("gone", site_packages(here) / "pytest"), ("away", here / "hotspots")):
            if (here / away).exists():
                (here / away).rename(place)
        if python:
            run.PYTHON.unlink(missing_ok=True)
            run.PYTHON.symlink_to(python)
    assert run.is_ready()


def test_a_changed_project_needs_no_package(checkout: Checkout) -> None:
    path = checkout.folder / "pyproject.toml"
    path.write_text(path.read_text() + "# changed\n")
    # With nothing to install from, only the project itself can be installed.
    offline = checkout._replace(environment=checkout.environment | {"PIP_FIND_LINKS": ""})
    result = offline.start()
    assert result.returncode == 0
    assert "Installing up to" not in result.stderr
    assert "The environment is ready" in result.stderr
    assert offline.start().stderr == ""


def test_a_broken_environment_is_made_anew(checkout: Checkout, here: Path) -> None:
    run.STAMP.unlink()
    run.PYTHON.unlink()
    (site_packages(here) / "pytest" / "__main__.py").unlink()
    result = checkout.start("test")
    assert result.returncode == 0, result.stderr
    assert "only half made and is made anew" in result.stderr
    assert result.stdout.startswith("pytest.__main__ ['--numprocesses=logical', ")


def test_a_wrong_hash_is_refused_and_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    broken = Checkout(folder, write_checkout(folder), ("", ""))
    (folder / "requirements.lock").write_text(f"pytest==1 --hash=sha256:{'0' * 64}\n")
    result = broken.start()
    assert result.returncode == 1
    assert result.stdout == ""
    assert "DO NOT MATCH THE HASHES" in result.stderr, "the installer's own words"
    assert "error: the packages could not be installed" in result.stderr
    assert not (folder / ".venv" / "stamp.json").exists()


def test_an_old_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "OLDEST", (99, 0))
    assert run.main([]) == 1
    assert "error: Python 99.0 or newer is needed, this is" in capsys.readouterr().err


def test_an_old_python_can_read_the_file_that_tells_it_so() -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 7))


def test_an_incomplete_checkout_is_told_so(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "LOCK", here / "no.lock")
    assert run.main([]) == 1
    assert "the checkout is not complete" in capsys.readouterr().err


def test_uv_is_used_where_there_is_one(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "nt":
        pytest.skip("the stand-in for uv is a shell script")
    script = here / "uv"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{here}/said"\n')
    script.chmod(0o755)
    monkeypatch.setattr(run, "uv", lambda: str(script))
    run.install(["-r", "x"], expected=1)
    assert (here / "said").read_text().split("\n")[:2] == ["pip", "install"]
    assert f"--python={run.PYTHON}" in (here / "said").read_text()


def test_strange_package_folders_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    assert {"PYTHONPATH", "PIP_TARGET"}.isdisjoint(run.clean())
