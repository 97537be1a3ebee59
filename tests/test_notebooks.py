from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib import image

from hotspots import pipeline

ROOT = Path(__file__).resolve().parents[1]

STEPS = ("1_choose", "2_chains", "3_draw", "4_test", "5_score", "6_recur")
"""Pictures that the walk through the methods draws of each area."""

PROMISED = (
    r"Burglary: k = [\d.]+; at \d+ incidents own record \d+%, surroundings \d+%",
    r"hotspots may fill [\d.]+ km² for each crime set",
    r"Burglary: \d+ hotspots, \d+% of them on two map points or more",
    r"99 maps without hotspots for each set",
    r"Burglary: \d+ strong \(published \d+\), \d+ supported",
    r"Of every 100 records of burglary of the next three months, [\d.]+ \([\d.]+ to [\d.]+\)",
    r"More on as much ground: (no other way|[a-zA-Z*]+)",
    r"excess over their background \d+% came again; a before/after figure must allow",
    r"Burglary: \d+ of \d+ recur; median chance of being hot in a window without hotspots \d+%",
)
"""What it says of each area: choosing, drawing, testing, scoring, recurring."""


def run(name: str, folder: Path, **variables: str) -> str:
    """Run a notebook as a script, with all that it writes in a folder; return what it prints."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HOTSPOTS_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "notebooks" / name)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=folder,
        env=kept | {"TMPDIR": str(folder), "PYTHONUTF8": "1"} | variables,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pictures(said: str, area_id: str) -> list[Path]:
    """Return the pictures of an area, in the order in which they are named."""
    paths = [Path(line[9:]) for line in said.splitlines() if line.startswith("picture: ")]
    return [path for path in paths if path.stem.startswith(f"{area_id}_")]


def require_steps(said: str, area_id: str, *, n_areas: int) -> None:
    """Require every step of the walk: its words, and a picture that shows something."""
    for words in PROMISED:
        assert len(re.findall(words, said)) >= n_areas, words
    assert [path.stem for path in pictures(said, area_id)] == [f"{area_id}_{s}" for s in STEPS]
    for path in pictures(said, area_id):
        pixels = image.imread(path)
        assert min(pixels.shape[:2]) > 300, path
        assert 0.005 < (pixels[..., :3].min(axis=2) < 0.9).mean() < 0.7, path


@pytest.fixture(scope="module")
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one walk through the methods says: of the sample county, and Lancashire if present."""
    folder = tmp_path_factory.mktemp("walk")
    shared = ROOT.parent / "shared"
    if not (shared / "data").is_dir():
        return run("02_methods.py", folder)
    outcome: pipeline.Outcome = request.getfixturevalue("lancashire")
    return run(
        "02_methods.py",
        folder,
        HOTSPOTS_SETTINGS=str(shared / "settings" / "lancashire.toml"),
        HOTSPOTS_OUT=str(outcome.maps_folder.parents[1]),
    )


def test_the_first_look_finds_what_was_planted(tmp_path: Path) -> None:
    assert "drawn as persistent" in run("01_first_look.py", tmp_path)


def test_the_walk_shows_each_step_on_the_sample_county(walk: str) -> None:
    require_steps(walk, "saltmarrow", n_areas=1)


def test_the_walk_shows_that_dbscan_alone_chains(walk: str) -> None:
    widest = re.findall(r"^ +(\d+) +\d+ +[\d.]+ +([\d.]+) +[\d.]+$", walk, re.MULTILINE)
    width_m = {int(eps): float(width) for eps, width in widest[:4]}
    assert list(width_m) == [50, 100, 150, 200]
    assert width_m[50] < 400
    assert width_m[150] > 2000


def test_the_walk_shows_each_step_on_lancashire(walk: str, lancashire: pipeline.Outcome) -> None:
    require_steps(walk, lancashire.area_id, n_areas=2)


def require_lighting(said: str, area: str) -> None:
    """Require what the walk through lighting says of an area, and its pictures."""
    assert re.search(rf"^{area}: [\d,]+ street lights$", said, re.MULTILINE)
    picked = re.search(rf"^{area}: for .+ stepwise Poisson picks (\d+) of 20", said, re.MULTILINE)
    assert picked
    assert int(picked[1]) >= 5, "what the walk warns of shows"
    assert f"{area}: of 80 pairs of random field and crime, 0 come out as associated" in said
    told = said.split(f"\n{area}\n", 1)[1].split("picture: ", 1)[0]
    assert told.count("not established") == told.count("For each") == 4
    stems = {path.stem for path in pictures(said, area.lower())}
    assert stems == {f"{area.lower()}_1_measure", f"{area.lower()}_2_ratios"}


def test_the_walk_through_lighting_claims_nothing_of_the_sample_county(tmp_path: Path) -> None:
    require_lighting(run("03_lighting.py", tmp_path), "Saltmarrow")


def test_the_walk_through_lighting_on_real_lights_and_real_crime(
    barnet: pipeline.Outcome, shared: Path, tmp_path: Path
) -> None:
    said = run(
        "03_lighting.py",
        tmp_path,
        HOTSPOTS_SETTINGS=str(shared / "settings" / "barnet.toml"),
        HOTSPOTS_OUT=str(barnet.maps_folder.parents[1]),
    )
    require_lighting(said, "Saltmarrow")
    require_lighting(said, "Barnet")
