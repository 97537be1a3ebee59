"""The commands for many forces: ``hotspots init --all-forces`` and ``hotspots national``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotspots import cli
from hotspots.pipeline import national
from hotspots.pipeline.national import Country
from hotspots.pipeline.one_area import Result

RESULTS = (
    Result("alpha", "new"),
    Result("beta", "failed", "beta.zip is damaged", 4),
    Result("gamma", "current", not_refreshed=("data.police.uk: down",)),
)


def test_settings_of_every_force_come_with_one_command(tmp_path: Path) -> None:
    folder = tmp_path / "my country"
    done = CliRunner().invoke(cli.app, ["init", "--all-forces", str(folder)])
    assert done.exit_code == 0, done.output
    assert len(list(folder.glob("*.toml"))) == 43
    assert f'hotspots national "{folder}"' in done.stdout
    again = CliRunner().invoke(cli.app, ["init", "--all-forces", str(folder)])
    assert again.exit_code == 2
    assert "there are settings files already (avon-and-somerset.toml" in again.stderr
    forced = CliRunner().invoke(cli.app, ["init", "--all-forces", str(folder), "--force"])
    assert forced.exit_code == 0


def test_settings_of_some_forces_by_id_or_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, ["init", "--forces", "kent, Gwent Police", "--json"])
    assert done.exit_code == 0, done.output
    wanted = ["national/gwent.toml", "national/kent.toml"]
    assert [Path(each).as_posix() for each in json.loads(done.stdout)] == wanted
    wrong = CliRunner().invoke(cli.app, ["init", "--forces", "kent,gwnet", "other"])
    assert wrong.exit_code == 2
    assert "did you mean gwent" in wrong.stderr
    assert not (tmp_path / "other").exists()


def test_what_each_force_came_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def refresh(folder: Path, **options: object) -> Country:
        asked.append((folder, options["forces"], options["workers"], options["tables_only"]))
        return Country(RESULTS, tmp_path / "maps" / "index.html")

    monkeypatch.setattr(national, "refresh_country", refresh)
    given = ["national", "there", "--forces", "alpha, beta", "--workers", "3", "--tables-only"]
    done = CliRunner().invoke(cli.app, given)
    assert done.exit_code == 5
    assert asked == [(Path("there"), ("alpha", "beta"), 3, True)]
    assert done.stdout.splitlines() == [
        "1 of 3 forces have new maps.",
        "1 of 3 forces had nothing new.",
        "1 of 3 forces failed.",
        "  beta: beta.zip is damaged",
        "  gamma: not refreshed: data.police.uk: down",
        f"Open: {tmp_path / 'maps' / 'index.html'}",
    ]
    done = CliRunner().invoke(cli.app, ["national", "--json"])
    assert asked[-1] == (Path("national"), None, None, False)
    found = json.loads(done.stdout)
    assert [each["state"] for each in found["forces"]] == ["new", "failed", "current"]


def test_a_folder_without_settings_is_data_missing(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["national", str(tmp_path)])
    assert done.exit_code == 3
    assert "init --all-forces" in done.stderr
