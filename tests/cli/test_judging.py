"""The command ``hotspots intervention``: words first, then figures; JSON; exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotspots import cli, pipeline, schema, settings, store
from hotspots.pipeline.interventions.judge import intervention_tables
from hotspots.sources import harm


@pytest.fixture(scope="module")
def options(county: Path, tables: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What names the sample county and its judged register."""
    out = tmp_path_factory.mktemp("judged")
    folder = out / "data" / "processed" / tables.name
    folder.mkdir(parents=True)
    for each in (schema.ACTIONS, schema.SET_ASIDE):
        store.write_table(store.read_table(each, tables), each, folder)
    found = intervention_tables(settings.load(county), tables, weights=harm.read())
    for each in (schema.INTERVENTIONS, schema.ACTION_AREAS, schema.ACTION_CHART):
        store.write_table(found[each.name], each, folder)
    return ["--settings", str(county), "--out", str(out)]


def test_each_action_has_its_sentence_and_a_table(options: list[str]) -> None:
    result = CliRunner().invoke(cli.app, ["intervention", *options])
    assert result.exit_code == 0, result.output
    text = result.stdout
    assert text.startswith("Interventions in Saltmarrow")
    assert "Whelk Green opened up, since July 2023" in text
    assert "fewer incidents of anti-social behaviour than expected were reported" in text
    assert "No clear change: " in text
    assert "It cannot be judged. Fewer than three months with data" in text
    assert "is what happens anyway after a bad year" in text
    assert "95 % interval" in text


def test_a_judged_register_as_json(options: list[str]) -> None:
    result = CliRunner().invoke(cli.app, ["intervention", *options, "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert set(found) == {"area", "interventions", "notes"}
    rows = found["interventions"][0]["rows"]
    assert {each["measure"] for each in rows} == {"count", "harm"}
    assert rows[0]["start"] == "2022-01"


def test_without_a_refresh_or_a_register_it_says_so(
    county: Path, refreshed: pipeline.Outcome, tmp_path: Path
) -> None:
    assert refreshed.area_id == "saltmarrow"
    run = CliRunner().invoke
    missing = run(cli.app, ["intervention", "--settings", str(county), "--out", str(tmp_path)])
    assert missing.exit_code == 3
    assert "run `hotspots refresh` first" in missing.stderr
    text = county.read_text("utf-8")
    bare = tmp_path / "bare.toml"
    start = text.index("# What was done where and when")
    end = text.index("register.csv", start) + len('register.csv"\n')
    bare.write_text(text[:start] + text[end:], encoding="utf-8")
    none = run(cli.app, ["intervention", "--settings", str(bare)])
    assert none.exit_code == 2
    assert "no register of interventions is named" in none.stderr
