"""The command ``hotspots schedule``, and that the system's schedulers need no Prefect."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotspots import cli
from hotspots.cli import service

SETTINGS = """
[area]
id = "anytown"
name = "Anytown & District; 100%"
[[boundaries]]
level = "district"
file = "districts.geojson"
code = "code"
name = "name"
"""

NO_PREFECT = """
import sys


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "prefect":
            raise ModuleNotFoundError("No module named 'prefect'")


sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "a b" / "hotspots.toml"
    path.parent.mkdir()
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def schedule(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["schedule", *map(str, arguments)])


def test_without_a_choice_every_way_is_named() -> None:
    said = schedule().stdout
    assert all(f"--for {way}" in said for way in ("systemd", "cron", "windows", "prefect"))


def test_units_are_printed_with_what_to_run_then(settings_file: Path) -> None:
    said = schedule("--for", "systemd", "--settings", settings_file, "--at", "04:05").stdout
    assert "hotspots-anytown-nightly.service:" in said
    assert "OnCalendar=*-*-* 04:05:00" in said
    assert "Description=Fresh hotspot maps of Anytown District 100" in said
    assert "systemctl --user enable --now hotspots-anytown-nightly.timer" in said
    assert "quarterly" not in said


def test_files_are_written_where_they_are_wanted(settings_file: Path, tmp_path: Path) -> None:
    for way in ("systemd", "windows", "cron"):
        found = schedule(
            "--for", way, "--settings", settings_file, "--quarterly", "--write", tmp_path / way
        )
        assert found.exit_code == 0, found.output
        assert str(tmp_path / way) in found.stdout
    names = sorted(path.name for path in tmp_path.glob("*/hotspots-*"))
    assert names == [
        "hotspots-anytown-nightly.cron",
        "hotspots-anytown-nightly.service",
        "hotspots-anytown-nightly.timer",
        "hotspots-anytown-nightly.xml",
        "hotspots-anytown-quarterly.service",
        "hotspots-anytown-quarterly.timer",
        "hotspots-anytown-quarterly.xml",
    ]
    assert (tmp_path / "windows/hotspots-anytown-nightly.xml").read_bytes()[:2] == b"\xff\xfe"
    lines = (tmp_path / "cron/hotspots-anytown-nightly.cron").read_text("utf-8").splitlines()
    assert [line.split(" cd ")[0] for line in lines] == ["20 3 * * *", "20 5 10 3,6,9,12 *"]


def test_outputs_may_go_elsewhere(settings_file: Path, tmp_path: Path) -> None:
    found = schedule(
        "--for", "cron", "--settings", settings_file, "--out", tmp_path / "o", "--json"
    )
    (line,) = json.loads(found.stdout)["files"].values()
    assert shlex.split(line)[-5:-3] == ["--out", str(tmp_path / "o")]


def test_reports_after_midnight_keep_their_day(settings_file: Path) -> None:
    said = schedule("--for", "cron", "--settings", settings_file, "--at", "22:30", "--quarterly")
    assert "\n30 0 10 3,6,9,12 * " in said.stdout


def test_prefect_is_one_command(settings_file: Path) -> None:
    said = schedule("--for", "prefect", "--settings", settings_file, "--port", "4300").stdout
    assert f"-m hotspots schedule --serve --settings '{settings_file}'" in said
    assert "http://127.0.0.1:4300" in said
    assert str(settings_file.parent / "data" / "prefect" / "auth") in said


@pytest.mark.parametrize("text", ["24:00", "3:20", "nightly"])
def test_a_time_is_written_in_hours_and_minutes(text: str) -> None:
    found = schedule("--for", "cron", "--at", text)
    assert found.exit_code == 2
    assert "write HH:MM" in found.stderr


def test_settings_that_are_wrong_are_told_before_a_night(tmp_path: Path) -> None:
    found = schedule("--for", "cron", "--settings", tmp_path / "none.toml")
    assert found.exit_code == 2
    assert "there is no such settings file" in found.stderr


def test_what_is_asked_is_served(settings_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[service.Service] = []

    def noted(each: service.Service, *, say: Callable[[str], None]) -> None:
        say("serving")
        asked.append(each)

    monkeypatch.setattr(service, "serve", noted)
    found = schedule("--serve", "--settings", settings_file, "--at", "02:10", "--port", "4300")
    assert found.exit_code == 0, found.output
    home = settings_file.parent / "data" / "prefect"
    assert asked == [
        service.Service(settings_file, None, home, 4300, "10 2 * * *", "10 4 10 3,6,9,12 *")
    ]


def test_the_line_for_cron_works_where_prefect_cannot_be_imported(
    county: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_PREFECT, encoding="utf-8")
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    blocked = subprocess.run(
        [sys.executable, "-c", "import prefect"], capture_output=True, check=False, env=environment
    )
    assert blocked.returncode
    found = schedule("--for", "cron", "--settings", county, "--out", tmp_path / "o", "--json")
    (line,) = json.loads(found.stdout)["files"].values()
    words = shlex.split(line)
    command = words[words.index("&&") + 1 : words.index(">>")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "o/maps/saltmarrow/index.html").is_file()
