"""The command ``hotspots site``: one place, one file, one line to open it; exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotspots import cli, pipeline, schema, store


@pytest.fixture(scope="module")
def options(county: Path, refreshed: pipeline.Outcome) -> list[str]:
    """What names the sample county and its refresh."""
    return ["--settings", str(county), "--out", str(refreshed.maps_folder.parents[1])]


@pytest.fixture(scope="module")
def hotspot(tables: Path) -> str:
    """Some hotspot of one crime type, which the refresh made no sheet of."""
    hotspots = store.read_table(schema.HOTSPOTS, tables)
    return str(hotspots[hotspots["crime_group"] == "Burglary"]["hotspot_id"].iloc[0])


def test_a_sheet_is_written_and_its_path_printed(
    options: list[str], hotspot: str, tmp_path: Path
) -> None:
    to = tmp_path / "sheet.html"
    result = CliRunner().invoke(cli.app, ["site", "--hotspot", hotspot, "--to", str(to), *options])
    assert result.exit_code == 0, result.output
    assert to.resolve().as_uri() in result.stdout
    assert hotspot in to.read_text(encoding="utf-8")


def test_json_names_the_file_and_the_purpose_is_in_its_name(
    options: list[str], tables: Path
) -> None:
    point = store.read_table(schema.POINTS, tables).geometry.iloc[0]
    asked = ["site", "--at", f"{point.x:.0f},{point.y:.0f}", "--purpose", "business", "--json"]
    result = CliRunner().invoke(cli.app, [*asked, "--radius", "300", *options])
    assert result.exit_code == 0, result.output
    path = Path(json.loads(result.stdout)["file"])
    assert path.name == f"{point.x:.0f}-{point.y:.0f}-300m-business.html"
    assert "Shopping streets" in path.read_text(encoding="utf-8")
    path.unlink()
    path.with_name("sheets.json").unlink()


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        ([], 2, "no place is named"),
        (["--at", "1,2", "--hotspot", "HS-1"], 2, "do not go together"),
        (["--at", "here"], 2, "two numbers"),
        (["--lonlat", "1;2"], 2, "-2.7,53.76"),
        (["--at", "1,2", "--purpose", "gossip"], 2, "gossip"),
        (["--hotspot", "HS-none-0001"], 2, "hotspots.csv lists them"),
        (["--at", "530000,180000"], 4, "lies in no district"),
        (["--lonlat", "53.7,-2.7"], 4, "Longitude comes first"),
        (["--area", "absent.gpkg"], 3, "absent.gpkg"),
    ],
)
def test_bad_places_have_their_exit_codes(
    options: list[str], asked: list[str], code: int, says: str
) -> None:
    result = CliRunner().invoke(cli.app, ["site", *asked, *options])
    assert result.exit_code == code, result.output
    assert says in " ".join(result.output.split())


def test_without_a_refresh_nothing_is_written(county: Path, tmp_path: Path) -> None:
    where = ["--settings", str(county), "--out", str(tmp_path)]
    result = CliRunner().invoke(cli.app, ["site", "--at", "1,2", *where])
    assert result.exit_code == 3
    assert list(tmp_path.iterdir()) == []
