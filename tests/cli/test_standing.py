"""The commands ``status``, ``verify`` and ``doctor``: what they print and how they end."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from hotspots import cli, doctor
from hotspots.cli import standing as module
from hotspots.doctor import FAILING, OK, Finding
from pipeline.standing_area import Standing, flip, standing

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from hotspots import pipeline


@pytest.fixture
def area(county: Path, refreshed: pipeline.Outcome, tmp_path: Path) -> Standing:
    return standing(county, refreshed, tmp_path / "area")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, list(map(str, arguments)))


def test_status_says_all_in_words_and_that_old_data_is_stale(area: Standing) -> None:
    area.report()
    told = run("status", "--settings", area.settings)
    assert told.exit_code == 3
    for words in (
        "Saltmarrow (saltmarrow)", "April 2021 to March 2024", "stale",
        "two months: September 2021, May 2022", "would do nothing", "the last 2024-Q1",
        "lock", "strong  supported  watch", "All crime and ASB",
    ):  # fmt: skip
        assert words in told.stdout
    assert told.stderr == ""


def test_status_as_json(area: Standing) -> None:
    found = json.loads(run("status", "--settings", area.settings, "--json").stdout)
    assert found["area_id"] == "saltmarrow"
    assert found["data"]["missing"] == ["2021-09", "2022-05"]
    assert found["would_refresh"] is False
    assert found["is_lacking"] is True
    assert found["disk_bytes"]["maps"] > found["disk_bytes"]["raw"]


def test_fresh_data_ends_with_zero(area: Standing) -> None:
    text = area.settings.read_text(encoding="utf-8")
    area.settings.write_text(f"{text}\n[publish]\nstale_after_days = 3650\n", encoding="utf-8")
    told = run("status", "--settings", area.settings)
    assert told.exit_code == 0
    assert "because settings changed: publish" in told.stdout


def test_status_before_anything_was_made(county: Path, tmp_path: Path) -> None:
    told = run("status", "--settings", county, "--out", tmp_path)
    assert told.exit_code == 3
    assert f'Nothing made yet: run hotspots refresh --settings "{county}"' in told.stdout


def test_status_of_inputs_that_are_gone_and_of_a_killed_run(area: Standing) -> None:
    (area.settings.parent / "inputs/boundaries/wards.geojson").unlink()
    area.folders.draft.mkdir()
    told = run("status", "--settings", area.settings)
    assert "would fail: " in told.stdout
    assert "a run was killed" in told.stdout
    record = json.loads(run("status", "--settings", area.settings, "--json").stdout)
    assert record["would_refresh"] is None


def test_verify_says_that_all_holds_or_what_does_not(area: Standing) -> None:
    told = run("verify", "--settings", area.settings)
    assert told.exit_code == 0
    assert told.stdout.startswith("All holds for saltmarrow. Looked at: 1 manifest, ")
    page = area.folders.maps / "index.html"
    flip(page)
    told = run("verify", "--settings", area.settings)
    assert told.exit_code == 1
    first, *_ = told.stdout.splitlines()
    assert first.startswith(f"{page}: it is not as it was made. Run hotspots refresh --force")
    assert "1 does not hold" in told.stdout
    found = json.loads(run("verify", "--settings", area.settings, "--json").stdout)
    assert found["is_whole"] is False
    assert [each["what"] for each in found["faults"]] == [str(page)]
    assert set(found["faults"][0]) == {"what", "found", "fix"}


def test_verify_before_a_refresh_is_missing_data(county: Path, tmp_path: Path) -> None:
    told = run("verify", "--settings", county, "--out", tmp_path)
    assert told.exit_code == 3
    assert "run `hotspots refresh` first" in told.stderr


def test_a_trace_is_indented_and_as_json_a_list(area: Standing) -> None:
    told = run("verify", "--settings", area.settings, "--trace", "lamps")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0] == "processed/lamps.parquet"
    assert "  stage ingest: reading records and council files" in lines
    found = json.loads(
        run("verify", "--settings", area.settings, "--trace", "lamps", "--json").stdout
    )
    assert [link["kind"] for link in found[:3]] == ["output", "stage", "table"]
    assert run("verify", "--settings", area.settings, "--trace", "x").exit_code == 2


def test_doctor_ends_with_one_where_something_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("doctor", "--out", tmp_path).exit_code == 0
    broken = [Finding("disk", FAILING, "none", "Make room."), Finding("text", OK, "utf-8")]
    monkeypatch.setattr(doctor, "examine", lambda _: broken)
    told = run("doctor", "--out", tmp_path)
    assert told.exit_code == 1
    assert "To do\n  disk: Make room." in told.stdout
    found = json.loads(run("doctor", "--out", tmp_path, "--json").stdout)
    assert found["is_fit"] is False
    assert found["checks"][0] == {
        "name": "disk", "state": "failing", "found": "none", "fix": "Make room.",
    }  # fmt: skip


def test_a_terminal_gets_a_table_that_no_file_can_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("group", "n"), ("a\x1b[2J[red]b", "12")]
    module._show(rows, numbers=True, heading=True)
    plain = capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    module._show(rows, numbers=True, heading=True)
    table = capsys.readouterr().out
    for text in (plain, table):
        assert "a\ufffd[2J[red]b" in text
        assert "12" in text


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (1_550_000, "1.6 MB"),
        (2e15, "2000.0 TB"),
    ],
)
def test_sizes_in_words(n: float, words: str) -> None:
    assert module._bytes(n) == words
