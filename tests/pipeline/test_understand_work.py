"""Streets, visits and registers of interventions, as ``hotspots check`` sees them."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from hotspots import cli, settings
from hotspots.pipeline.check import Record, check
from hotspots.pipeline.understand_work import is_register_in_toml, kind_of_table

if TYPE_CHECKING:
    from pathlib import Path

FORM = (
    "id,observation,easting,northing,date,site,heading,photos,form\r\n"
    '"q:2024-05-01:1","graffiti","353800","429300","2024-05-01","Quay","Care","",""\r\n'
    '"q:2024-05-01:2","a ghost","353810","429300","2024-05-01","Quay","Care","",""\r\n'
)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[-2.7, 53.7], [-2.6, 53.7], [-2.6, 53.8], [-2.7, 53.8], [-2.7, 53.7]]],
}
POINT = {"type": "Point", "coordinates": [-2.7, 53.7]}
REGISTER = (
    "intervention_id,name,what,start,easting,northing,radius_m,crime_groups\n"
    "A1,Quay,lamps renewed,2023-07,353800,429300,100,Burglary\n"
    "A2,Hill,hedges cut,July,353800,429300,100,Burglary\n"
)
TOML = """
[[intervention]]
id = "A1"
name = "Quay"
what = "lamps renewed"
start = "2023-07"
easting = 353800
northing = 429300
radius_m = 100
"""


def one(path: Path, kind: str | None = None) -> Record:
    (record,) = check(path, kind=kind)
    return record


def wrote(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def feature(properties: dict[str, str], geometry: object) -> str:
    found = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [found]})


@pytest.mark.parametrize(
    ("file", "kind", "kept"),
    [
        ("streets/streets.geojson", "streets", 2_404),
        ("field/observations.csv", "visits", 43),
        ("interventions/register.csv", "interventions", 3),
    ],
)
def test_work_of_the_sample_county_is_recognised(
    county: Path, file: str, kind: str, kept: int
) -> None:
    path = county.parent / "inputs" / file
    for record in (one(path), one(path, kind)):
        assert (record.kind, record.verdict) == (kind, "accept")
        assert record.rows["in"] == record.rows["kept"] == kept


def test_their_pasted_lines_load(county: Path, tmp_path: Path) -> None:
    inputs = county.parent / "inputs"
    files = ("streets/streets.geojson", "field/observations.csv", "interventions/register.csv")
    boundary = '[[boundaries]]\nlevel = "district"\nfile = "x"\ncode = "c"\nname = "n"'
    lines = ["[area]", 'id = "a"', 'name = "A"', boundary]
    lines += [line for file in files for line in one(inputs / file).settings]
    found = settings.load(wrote(tmp_path / "pasted.toml", "\n".join(lines)))
    assert len(found.streets) == len(found.field_observations) == 1
    assert found.interventions is not None


def test_a_saved_audit_form_is_a_visit_and_an_unknown_word_is_named(tmp_path: Path) -> None:
    record = one(wrote(tmp_path / "audit.csv", FORM))
    assert (record.kind, record.verdict) == ("visits", "quarantine")
    assert record.rows["kept"] == 1
    assert record.problems[0]["found"] == "a ghost"


def test_remarks_about_lamps_are_no_visit() -> None:
    table = pd.DataFrame({"observation": ["column leans", "repaint"], "lamp_type": ["LED", "LED"]})
    assert kind_of_table(table) is None
    assert kind_of_table(table.drop(columns="observation")) is None
    assert kind_of_table(table.assign(observation="")) == "visits"


def test_points_of_visits_are_recognised_in_a_geographic_file(tmp_path: Path) -> None:
    path = wrote(tmp_path / "seen.geojson", feature({"observation": "Litter"}, POINT))
    record = one(path)
    assert (record.kind, record.row_is, record.rows["kept"]) == ("visits", "feature", 1)


def test_a_register_says_which_row_and_column_is_at_fault(tmp_path: Path) -> None:
    record = one(wrote(tmp_path / "register.csv", REGISTER))
    assert (record.kind, record.verdict) == ("interventions", "quarantine")
    (problem,) = record.problems
    assert (problem["line"], problem["column"], problem["found"]) == (3, "start", "July")
    assert {"name": "what", "found": "what", "sure": "recognised"} in record.columns


def test_a_register_in_toml_is_recognised_and_settings_are_not(tmp_path: Path) -> None:
    path = wrote(tmp_path / "register.toml", TOML)
    tomllib.loads(TOML)
    record = one(path)
    assert (record.kind, record.verdict, record.rows["kept"]) == ("interventions", "accept", 1)
    assert not is_register_in_toml(wrote(tmp_path / "hotspots.toml", '[area]\nid = "a"\n'))
    assert not is_register_in_toml(tmp_path / "none.toml")


def test_areas_of_interventions_are_told_from_boundaries(tmp_path: Path) -> None:
    path = wrote(tmp_path / "areas.geojson", feature({"intervention_id": "A1"}, SQUARE))
    record = one(path)
    assert (record.kind, record.verdict) == ("interventions", "accept")
    assert any(line.startswith("areas = ") for line in record.settings)


def test_groups_of_the_settings_count_in_a_register(tmp_path: Path) -> None:
    register = wrote(tmp_path / "register.csv", REGISTER.replace("Burglary", "shops"))
    own = wrote(
        tmp_path / "own.toml",
        '[area]\nid = "a"\nname = "A"\n[[boundaries]]\nlevel = "district"\n'
        'url = "https://example.gov.uk/d.geojson"\ncode = "c"\nname = "n"\n'
        '[crime_groups]\nshops = ["Shoplifting"]\n',
    )
    for options, kept in (([], 0), (["--settings", str(own)], 1)):
        told = CliRunner().invoke(cli.app, ["check", str(register), "--json", *options])
        assert json.loads(told.stdout)["rows"]["kept"] == kept
