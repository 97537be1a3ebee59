"""The command line: words, streams and exit codes, with the pipeline replaced by a fake."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

import hotspots
from hotspots import cli, errors, pipeline, sample, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

HEAVY = ("geopandas", "pandas", "numpy", "prefect", "pydantic", "folium", "sklearn", "pyproj")

SETTINGS = """
[area]
id = "anytown"
name = "Anytown"
[[boundaries]]
level = "district"
file = "districts.geojson"
code = "code"
name = "name"
"""


def outcome(folder: Path, *, is_new: bool = True) -> pipeline.Outcome:
    account = pd.DataFrame(
        [("a.zip", "1.csv", 1000, 900, 50, 30, 15, 5), ("a.zip", "2.csv", 500, 500, 0, 0, 0, 0)],
        columns=[
            "file", "member", "rows_in", "kept", "unlocated", "excluded", "duplicate",
            "quarantined",
        ],
    )  # fmt: skip
    maps = folder / "maps" / "anytown"
    return pipeline.Outcome(
        is_new=is_new,
        area_id="anytown",
        maps_folder=maps,
        to_open=(maps / "index.html", maps / "any town.html"),
        account=account,
        hotspots={"All crime and ASB": 1234, "Burglary": 3},
        notes=("2020-06 is missing",),
    )


class FakePipeline:
    """Remembers how it was called; gives an outcome, or raises."""

    def __init__(self, result: pipeline.Outcome | BaseException) -> None:
        self.result = result
        self.calls: list[tuple[Path, dict[str, object]]] = []

    def refresh(
        self, settings_file: Path, *, say: Callable[[str], None], **options: object
    ) -> pipeline.Outcome:
        self.calls.append((settings_file, options))
        say("ingest")
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


def fake(monkeypatch: pytest.MonkeyPatch, result: pipeline.Outcome | BaseException) -> FakePipeline:
    made = FakePipeline(result)
    monkeypatch.setattr(pipeline, "refresh", made.refresh)
    return made


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_refresh_prints_account_hotspots_notes_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, outcome(tmp_path))
    result = run("refresh")
    assert result.exit_code == 0
    lines = [re.sub(" +", " ", line.strip()) for line in result.stdout.splitlines()]
    assert lines[0] == f"New maps of anytown in {tmp_path / 'maps' / 'anytown'}"
    assert "file in kept unlocated excluded duplicate quarantined" in lines
    assert "a.zip 1,500 1,400 50 30 15 5" in lines
    assert "total 1,500 1,400 50 30 15 5" in lines
    assert "All crime and ASB 1,234" in lines
    assert "2020-06 is missing" in lines
    assert lines[-1] == (tmp_path / "maps/anytown/any town.html").as_uri()
    assert result.stderr == "ingest\n", "progress belongs on stderr, and plain"


def test_refresh_hands_its_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fake(monkeypatch, outcome(tmp_path))
    run(
        "refresh", "--settings", "x.toml", "--until", "2025-06", "--out", tmp_path, "--force",
        "--offline",
    )  # fmt: skip
    assert made.calls == [
        (Path("x.toml"), {"out": tmp_path, "until": "2025-06", "force": True, "offline": True})
    ]


def test_refresh_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fake(monkeypatch, outcome(tmp_path))
    run("refresh")
    assert made.calls == [
        (Path("hotspots.toml"), {"out": None, "until": None, "force": False, "offline": False})
    ]


def test_nothing_new_is_said_and_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, outcome(tmp_path, is_new=False))
    result = run("refresh")
    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing new for anytown: nothing was done.")


def test_json_is_one_value_on_stdout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, outcome(tmp_path))
    found = json.loads(run("refresh", "--json").stdout)
    assert found["is_new"] is True
    assert found["rows"] == {
        "in": 1500, "kept": 1400, "unlocated": 50, "excluded": 30, "duplicate": 15,
        "quarantined": 5,
    }  # fmt: skip
    assert [row["member"] for row in found["account"]] == ["1.csv", "2.csv"]
    assert found["hotspots"]["Burglary"] == 3
    assert found["to_open"][0] == str(tmp_path / "maps/anytown/index.html")


@pytest.mark.parametrize("until", ["2025-13", "2025-6", "June", "2025-06-01", "2025-00", ""])
def test_until_must_be_a_month(until: str) -> None:
    result = run("refresh", "--until", until)
    assert result.exit_code == 2
    assert "write YYYY-MM" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.HotspotsError("no luck"), 1),
        (errors.SettingsError("no luck"), 2),
        (errors.DataMissingError("no luck"), 3),
        (errors.InputError("no luck"), 4),
        (errors.LockedError("no luck"), 1),
    ],
)
def test_errors_are_one_message_and_a_code(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    fake(monkeypatch, error)
    result = run("refresh")
    assert result.exit_code == code
    assert result.stderr == "ingest\nerror: no luck\n"
    assert result.stdout == ""


def test_what_a_file_holds_never_commands_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake(monkeypatch, errors.InputError("found '\x1b[2J\x06\u202eé\u00a0…'"))
    assert run("refresh").stderr == "ingest\nerror: found '\ufffd[2J\ufffd\ufffdé\u00a0…'\n"


def test_the_unexpected_is_one_line_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, ZeroDivisionError("division\nby zero"))
    result = run("refresh")
    assert result.exit_code == 1
    assert "error: unexpected ZeroDivisionError: division by zero. Run it again with --debug" in (
        result.stderr
    )
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), errors.InputError("x")])
def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    fake(monkeypatch, error)
    result = run("refresh", "--debug")
    assert "Traceback" in result.stderr
    assert type(error).__name__ in result.stderr
    assert result.exit_code == getattr(error, "exit_code", 1)


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, KeyboardInterrupt())
    result = run("refresh")
    assert result.exit_code == 130
    assert "error: interrupted" in result.stderr


def test_progress_on_a_terminal_keeps_stdout_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    fake(monkeypatch, outcome(tmp_path))
    result = run("refresh")
    assert "ingest" in result.stderr
    assert "\x1b" not in result.stdout


def test_no_color_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    fake(monkeypatch, outcome(tmp_path))
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", run("refresh").stderr)


# demo


def fake_county(monkeypatch: pytest.MonkeyPatch) -> None:
    def write_county(folder: Path, *, seed: int = 1) -> Path:
        path = folder / "hotspots.toml"
        path.write_text(SETTINGS + f"# {seed}\n")
        return path

    monkeypatch.setattr(sample, "write_county", write_county)


def test_demo_writes_the_county_and_refreshes_it_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_county(monkeypatch)
    made = fake(monkeypatch, outcome(tmp_path))
    folder = tmp_path / "some" / "demo"
    for _ in range(2):
        assert run("demo", "--out", folder).exit_code == 0
    assert [call[0] for call in made.calls] == [folder / "hotspots.toml"] * 2


def test_demo_goes_to_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_county(monkeypatch)
    fake(monkeypatch, outcome(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("demo", "--json").stdout)["area_id"] == "anytown"
    assert (tmp_path / "demo" / "hotspots.toml").exists()


def test_demo_never_writes_over_the_settings_of_a_real_area(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_county(monkeypatch)
    fake(monkeypatch, outcome(tmp_path))
    mine = tmp_path / "hotspots.toml"
    mine.write_text("mine")
    result = run("demo", "--out", tmp_path)
    assert result.exit_code == 2
    assert "name another folder" in result.stderr
    assert mine.read_text() == "mine"


def test_a_demo_folder_that_cannot_be_made_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("demo", "--out", tmp_path / "file" / "demo")
    assert result.exit_code == 1
    assert "error: unexpected" in result.stderr
    assert "Traceback" not in result.stderr


# settings show


def test_settings_show_prints_value_and_source(tmp_path: Path) -> None:
    path = tmp_path / "hotspots.toml"
    path.write_text(SETTINGS)
    lines = [
        re.sub(" +", " ", line.strip())
        for line in run("settings", "show", "--settings", path).stdout.splitlines()
    ]
    assert 'area.id "anytown" hotspots.toml line 3' in lines
    assert "clustering.eps_m 100.0 default" in lines
    assert "area.police_force not set default" in lines


def test_settings_show_json(tmp_path: Path) -> None:
    path = tmp_path / "hotspots.toml"
    path.write_text(SETTINGS)
    rows = json.loads(run("settings", "show", "--settings", path, "--json").stdout)
    assert {"key": "clustering.eps_m", "value": 100.0, "source": "default"} in rows


# init


def test_init_writes_settings_that_load(tmp_path: Path) -> None:
    result = run("init", "Lancashire Constabulary", "--out", tmp_path / "an area")
    assert result.exit_code == 0, result.stderr
    path = tmp_path / "an area" / "hotspots.toml"
    assert str(path) in result.stdout
    assert "hotspots refresh" in result.stdout
    assert settings.load(path).area.id == "lancashire"


def test_init_names_the_file_by_option_and_as_json(tmp_path: Path) -> None:
    path = tmp_path / "gm.toml"
    result = run("init", "greater-manchester", "--settings", path, "--json")
    record = json.loads(result.stdout)
    assert record["settings"] == str(path)
    assert len(record["force"]["districts"]) == 10
    assert "July 2019" in run("init", "greater-manchester", "--out", tmp_path).stdout


def test_init_replaces_settings_only_by_force(tmp_path: Path) -> None:
    assert run("init", "kent", "--out", tmp_path).exit_code == 0
    again = run("init", "essex", "--out", tmp_path)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert run("init", "essex", "--out", tmp_path, "--force").exit_code == 0
    assert settings.load(tmp_path / "hotspots.toml").area.id == "essex"


def test_init_suggests_a_force_and_lists_them_all(tmp_path: Path) -> None:
    result = run("init", "lancashir", "--out", tmp_path)
    assert result.exit_code == 2
    assert "did you mean lancashire" in result.stderr
    assert run("init").exit_code == 2
    listed = run("init", "--list").stdout.splitlines()
    assert len(listed) == 44
    assert any("west-mercia" in line for line in listed)
    assert len(json.loads(run("init", "--list", "--json").stdout)) == 43


# The real program


def program(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hotspots", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    # What makes `--help` slow is what it imports; seconds would depend on the machine.
    code = (
        "import sys; sys.argv = ['hotspots', '--help']\n"
        "from hotspots.cli import main\n"
        "try: main()\n"
        f"except SystemExit: print([name for name in {HEAVY} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "refresh" in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"


def test_version(tmp_path: Path) -> None:
    result = program("--version", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, f"hotspots {hotspots.__version__}\n")


def test_a_settings_fault_reaches_the_shell(tmp_path: Path) -> None:
    result = program("settings", "show", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        "error: hotspots.toml: there is no such settings file; name another with --settings.\n"
    )


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    result = program("refrsh", cwd=tmp_path)
    assert result.returncode == 2
    assert "Error: No such command" in result.stderr


def test_every_command_says_what_it_does() -> None:
    described = typer.main.get_command(cli.app)
    assert all(command.help for command in described.commands.values())  # type: ignore[attr-defined]
