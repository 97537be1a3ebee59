"""The command ``hotspots simulate``: sentences, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotspots import cli, pipeline

FEW = ["--maps", "2", "--simulations", "99", "--planted", "6", "--radius", "120"]


@pytest.fixture(scope="module")
def options(county: Path, refreshed: pipeline.Outcome) -> list[str]:
    """What names the sample county and its refresh."""
    return ["--settings", str(county), "--out", str(refreshed.maps_folder.parents[1])]


def test_it_says_what_is_found_and_what_is_made_up(options: list[str]) -> None:
    asked = ["simulate", *options, *FEW, "--crime-group", "Burglary", "--ratio", "12"]
    result = CliRunner().invoke(cli.app, asked)
    assert result.exit_code == 0, result.output
    assert "Without any hotspot (2 maps)" in result.stdout
    assert "With 6 hotspots planted on each, 12 times as hot" in result.stdout
    assert "not proved cold" in result.stdout


def test_the_same_seed_gives_the_same_json(options: list[str]) -> None:
    asked = ["simulate", *options, *FEW, "--json", "--seed", "7"]
    first, again = (CliRunner().invoke(cli.app, asked).stdout for _ in range(2))
    assert first == again
    found = json.loads(first)
    assert found["crime_group"] == "All crime and ASB"
    assert len(found["without_hotspots"]) == len(found["with_planted_hotspots"]) == 2
    assert 0 <= found["recall"] <= 1


def test_what_cannot_be_simulated_has_its_exit_code(
    county: Path, options: list[str], tmp_path: Path
) -> None:
    run = CliRunner().invoke
    missing = run(cli.app, ["simulate", "--settings", str(county), "--out", str(tmp_path)])
    assert missing.exit_code == 3
    assert run(cli.app, ["simulate", *options, "--crime-group", "Piracy"]).exit_code == 2
