"""The command ``hotspots score``: words first, then tables; JSON; exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotspots import cli, pipeline


@pytest.fixture(scope="module")
def options(county: Path, refreshed: pipeline.Outcome) -> list[str]:
    """What names the sample county and its refresh."""
    return ["--settings", str(county), "--out", str(refreshed.maps_folder.parents[1])]


def test_words_come_first_then_every_method_with_intervals(options: list[str]) -> None:
    result = CliRunner().invoke(cli.app, ["score", *options])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("How well hotspots of ")
    assert lines[2].strip().startswith("Of every 100 recorded crimes of the next")
    for method in ("hotspots", "EB-mix points", "raw count", "DBSCAN 100 m / 10", "LSOA"):
        assert any(line.strip().startswith(f"{method}  ") for line in lines), method
    assert any("hotspots of every month on their own ground" in line for line in lines)
    assert any(", re-based" in line for line in lines)


def test_json_is_one_value(options: list[str]) -> None:
    asked = ["score", *options, "--horizon", "1", "--json"]
    result = CliRunner().invoke(cli.app, asked)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert set(found) == {"area", "sentences", "scores", "history", "notes"}
    assert {row["horizon_months"] for row in found["scores"]} == {1}


def test_missing_data_and_bad_choices_have_their_exit_codes(
    county: Path, options: list[str], tmp_path: Path
) -> None:
    run = CliRunner().invoke
    missing = run(cli.app, ["score", "--settings", str(county), "--out", str(tmp_path)])
    assert missing.exit_code == 3
    assert "run `hotspots refresh` first" in missing.stderr
    assert run(cli.app, ["score", *options, "--horizon", "2"]).exit_code == 2
    assert run(cli.app, ["score", *options, "--crime-group", "Piracy"]).exit_code == 2
    nowhere = run(cli.app, ["score", *options, "--polygons", str(tmp_path / "a.gpkg")])
    assert nowhere.exit_code == 3
