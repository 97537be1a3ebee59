"""The same inputs give the same bytes, wherever, whenever and however often they are read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from faults.harness import AREA, SETTINGS, differing, files, make_area

HERE = Path(__file__).parent
DAY = "2024-06-03"
# The day is printed on every page, so it is held; all else of the clock must not matter.
RUN = """
import os, sys
day, processors, *arguments = sys.argv[1:]
if processors and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(processors)])
import hotspots.pipeline.manifest
from faults import disturbances
from hotspots import cli
disturbances.set_clock(at=day + "T12:00:00+00:00")
sys.argv[1:] = arguments
cli.main()
"""
MORE_LAYERS = """
[[boundaries]]
level = "lsoa21"
file = "lsoa21.geojson"
code = "LSOA21CD"
name = "LSOA21NM"

[deprivation]
file = "iod2025_file7.csv"

[[places]]
kind = "shop"
file = "shops.csv"
licence = "made up"
"""
ZONES = ("UTC", "Pacific/Kiritimati", "America/St_Johns")
N_RUNS = 10


def locales() -> tuple[str, str]:
    """Name the plain locale and another one that this machine has."""
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    others = [name for name in listed.split() if name not in {"C", "POSIX"}]
    return "C", next((name for name in others if not name.startswith("C.")), "C.UTF-8")


@dataclass(frozen=True)
class Variant:
    """One way to run the same thing."""

    seed: int
    zone: str
    locale: str
    n_processors: int
    day: str = DAY

    def environment(self) -> Mapping[str, str]:
        inherited = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("LC_", "LANG", "PYTHONHASHSEED"))
        }
        paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
        threads = str(self.n_processors)
        return inherited | {
            "PYTHONHASHSEED": str(self.seed), "TZ": self.zone, "LC_ALL": self.locale,
            "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads, "ARROW_IO_THREADS": threads,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }  # fmt: skip

    def refresh(self, settings_file: Path, out: Path) -> dict[str, str]:
        arguments = ["refresh", "--settings", str(settings_file), "--out", str(out)]
        done = subprocess.run(
            [sys.executable, "-c", RUN, self.day, str(self.n_processors), *arguments],
            capture_output=True, text=True, check=False, env=self.environment(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return files(out)


PLAIN = Variant(seed=0, zone="UTC", locale="C", n_processors=1)


def variants() -> Iterator[Variant]:
    """Give ten ways to run, of ten hash seeds, in which every other difference comes up."""
    circumstances = zip(cycle(ZONES), cycle(locales()), cycle((1, 2, 2, 1)), strict=False)
    for seed, (zone, locale, n_processors) in zip(range(N_RUNS), circumstances, strict=False):
        yield Variant(seed, zone, locale, n_processors)


@pytest.fixture(scope="module")
def inputs(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small area with a layer of every kind."""
    source = county.parent / "inputs"
    folder = tmp_path_factory.mktemp("same") / "inputs"
    settings_file = make_area(source, folder)
    for name in ("boundaries/lsoa21.geojson", "deprivation/iod2025_file7.csv", "places/shops.csv"):
        shutil.copy(source / name, folder)
    settings_file.write_text(SETTINGS + MORE_LAYERS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plain(inputs: Path) -> dict[str, str]:
    """What a plain run makes."""
    return PLAIN.refresh(inputs / "hotspots.toml", inputs.with_name("plain"))


def test_the_same_bytes_whatever_is_around(
    inputs: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    kinds = {Path(name).suffix for name in plain}
    assert kinds >= {".parquet", ".html", ".gpkg", ".geojson", ".csv", ".json"}
    elsewhere = shutil.copytree(inputs, tmp_path / "Ein anderer Ordner" / "é" / "inputs")

    def run(variant: Variant) -> tuple[Variant, list[str]]:
        folder = inputs if variant.seed % 2 else elsewhere
        out = tmp_path / "out" / str(variant.seed)
        return variant, differing(variant.refresh(folder / "hotspots.toml", out), plain)

    with ThreadPoolExecutor(2) as pool:
        for variant, others in pool.map(run, variants()):
            assert not others, variant


def test_two_areas_at_the_same_time(inputs: Path, plain: dict[str, str], tmp_path: Path) -> None:
    other = shutil.copytree(inputs, tmp_path / "inputs") / "hotspots.toml"
    other.write_text(other.read_text("utf-8").replace(f'id = "{AREA}"', 'id = "other"'), "utf-8")
    alone = PLAIN.refresh(other, tmp_path / "alone")
    both = tmp_path / "both"
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(PLAIN.refresh, [inputs / "hotspots.toml", other], [both, both]))
    assert differing(files(both), plain | alone) == []


def test_another_day_is_another_day_on_the_pages_and_nothing_else(
    inputs: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    next_day = Variant(seed=0, zone="UTC", locale="C", n_processors=1, day="2024-06-04")
    others = differing(next_day.refresh(inputs / "hotspots.toml", tmp_path), plain)
    assert {Path(name).suffix for name in others} == {".html", ".gpkg", ".json"}
    first, second = (
        json.loads((out / "maps" / AREA / "manifest.json").read_text("utf-8"))
        for out in (inputs.with_name("plain"), tmp_path)
    )
    assert (first.pop("made_on"), second.pop("made_on")) == (DAY, "2024-06-04")
    for manifest in (first, second):
        del manifest["outputs"], manifest["seal"]
    assert first == second


def test_made_again_on_another_day_it_keeps_its_day(
    inputs: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    out = shutil.copytree(inputs.with_name("plain"), tmp_path / "out")
    shutil.rmtree(out / "data")
    later = Variant(seed=1, zone="UTC", locale="C", n_processors=2, day="2024-07-01")
    assert differing(later.refresh(inputs / "hotspots.toml", out), plain) == []
