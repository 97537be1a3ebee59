"""The command ``hotspots power``: a table, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotspots import cli, pipeline


@pytest.fixture(scope="module")
def options(county: Path, refreshed: pipeline.Outcome) -> list[str]:
    """What names the sample county and its refresh."""
    out = str(refreshed.maps_folder.parents[1])
    return ["--settings", str(county), "--out", out, "--maps", "2"]


def test_it_shows_each_group_with_its_volume_and_how_often_a_ratio_is_found(
    options: list[str],
) -> None:
    result = CliRunner().invoke(cli.app, ["power", *options, "--share", "0.2"])
    assert result.exit_code == 0, result.output
    assert "Within 100 m of a place, as 20 of 100 map points are" in result.stdout
    assert "Burglary" in result.stdout
    assert "All crime and ASB" not in result.stdout, "it has no control crime"
    assert "can be there all the same" in result.stdout
    assert "map 2 of 2" in result.stderr


def test_the_same_seed_gives_the_same_power(options: list[str]) -> None:
    asked = ["power", *options, "--json", "--seed", "3", "--crime-group", "Burglary"]
    first, again = (CliRunner().invoke(cli.app, asked).stdout for _ in range(2))
    assert first == again
    (burglary,) = json.loads(first)["crime_groups"]
    assert burglary["control"] == "Other theft"
    assert burglary["incidents"] > 0
    assert set(burglary["found"]) == {"yes or no", "smooth"}
    assert all(0 <= share <= 1 for share in burglary["found"]["smooth"].values())


def test_what_has_no_power_to_tell_has_its_exit_code(
    county: Path, options: list[str], tmp_path: Path
) -> None:
    run = CliRunner().invoke
    assert run(cli.app, ["power", *options, "--crime-group", "Piracy"]).exit_code == 2
    whole = run(cli.app, ["power", *options, "--crime-group", "All crime and ASB"])
    assert whole.exit_code == 2
    assert "no control crime" in whole.stderr
    missing = run(cli.app, ["power", "--settings", str(county), "--out", str(tmp_path)])
    assert missing.exit_code == 3
