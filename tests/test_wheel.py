"""The wheel: built, installed where no source tree is, and put to work there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import hotspots

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
BIN = "Scripts" if os.name == "nt" else "bin"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that finds nothing of the checkout by its surroundings."""
    around = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    around["PIP_NO_INDEX"] = "1"
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, cwd=cwd, env=around
    )


def packaged() -> set[str]:
    """List what belongs in the wheel, by its place in the package."""
    files = (path for path in (SOURCE / "hotspots").rglob("*") if path.is_file())
    return {
        path.relative_to(SOURCE).as_posix()
        for path in files
        if "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with the wheel, and what it depends on borrowed from this one."""
    home = tmp_path_factory.mktemp("environment")
    try:
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(home)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this Python makes no environment with pip: {error}")
    python = home / BIN / "python"
    done = run(python, "-m", "pip", "install", "--no-deps", "--no-index", wheel, cwd=home)
    assert done.returncode == 0, done.stderr
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", asked, cwd=home).stdout.strip())
    # A folder named in a .pth file is searched, but the .pth files in it are not read: the
    # checkout, which is installed there as one, stays out of reach.
    ours = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    (packages / "borrowed.pth").write_text("\n".join(sorted(ours)), encoding="utf-8")
    return home


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (meta,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        text = archive.read(meta).decode()
    assert names == packaged()
    for name in ("harm_weights.csv", "py.typed", "settings/catalogue.toml"):
        assert f"hotspots/{name}" in names
    assert any(name.startswith("hotspots/publish/static/") for name in names)
    for line in ("Requires-Python: >=3.11", "Description-Content-Type: text/markdown",
                 "Requires-Dist: geopandas", "Classifier: Typing :: Typed"):  # fmt: skip
        assert line in text


def test_installed_it_does_the_whole_job_without_the_source_tree(
    installed: Path, tmp_path: Path
) -> None:
    program = installed / BIN / "hotspots"
    where = run(
        installed / BIN / "python", "-c", "import hotspots; print(hotspots.__file__)", cwd=tmp_path
    )
    assert Path(where.stdout.strip()).is_relative_to(installed)

    version = run(program, "--version", cwd=tmp_path)
    assert version.stdout == f"hotspots {hotspots.__version__}\n"
    assert "refresh" in run(program, "--help", cwd=tmp_path).stdout

    done = run(program, "demo", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["is_new"] is True
    assert all(Path(tmp_path, page).is_file() for page in made["to_open"])
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]

    settings = ("--settings", "demo/hotspots.toml")
    whole = run(program, "verify", *settings, cwd=tmp_path)
    assert whole.returncode == 0, whole.stdout
    again = run(program, "refresh", "--json", *settings, cwd=tmp_path)
    assert json.loads(again.stdout)["is_new"] is False
    fit = run(program, "doctor", cwd=tmp_path)
    assert fit.returncode == 0, fit.stdout
