"""What schedulers read: right times, and paths of any letters come through whole."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hotspots.cli import recipes
from hotspots.errors import SettingsError

ODD = "/a b/100% of \"it\" & <it>; $HOME\\/'x'/é.toml"
JOB = recipes.Job(
    "hotspots-anytown-nightly", "Fresh maps of Anytown", (sys.executable, "-m", "hotspots", ODD),
    Path("/a b/100%"), dt.time(3, 20),
)  # fmt: skip
QUARTERLY = recipes.Job(
    "hotspots-anytown-quarterly", "Reports", (sys.executable, "report"), Path("/a"),
    dt.time(23, 5), (3, 12), 10,
)  # fmt: skip


def test_cron_gets_five_fields() -> None:
    assert recipes.cron_when(JOB) == "20 3 * * *"
    assert recipes.cron_when(QUARTERLY) == "5 23 10 3,12 *"


def test_cron_hands_the_shell_every_letter_of_a_path() -> None:
    line = recipes.cron_line(JOB)
    assert not re.search(r"(?<!\\)%", line), "a bare percent sign ends a line of cron"
    command = line.rstrip("\n").split(" ", 5)[5].replace(r"\%", "%")
    assert shlex.split(command) == [
        "cd", "/a b/100%", "&&", *JOB.command, ">>", "hotspots-anytown-nightly.log", "2>&1",
    ]  # fmt: skip


def test_systemd_gets_a_service_and_a_timer() -> None:
    files = recipes.systemd_files(JOB)
    assert list(files) == ["hotspots-anytown-nightly.service", "hotspots-anytown-nightly.timer"]
    service, timer = files.values()
    assert "OnCalendar=*-*-* 03:20:00" in timer
    assert "Persistent=true" in timer
    assert "WorkingDirectory=/a b/100%%\n" in service
    assert service.splitlines()[6].endswith(
        r'''-m hotspots "/a b/100%% of \"it\" & <it>; $$HOME\\/'x'/é.toml"'''
    )
    assert (
        "OnCalendar=*-03,12-10 23:05:00"
        in recipes.systemd_files(QUARTERLY)["hotspots-anytown-quarterly.timer"]
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_its_units(tmp_path: Path) -> None:
    for job in (JOB, QUARTERLY):
        for name, text in recipes.systemd_files(job).items():
            (tmp_path / name).write_text(text, encoding="utf-8")
    paths = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stderr, "each complaint begins with the path of a unit"


def texts(task: str) -> dict[str, str]:
    """Texts of a Windows task by the name of their element."""
    root = ET.fromstring(task.encode("utf-16"))  # noqa: S314 - our own
    return {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}


def test_windows_gets_a_task_with_every_letter_of_a_path() -> None:
    found = texts(recipes.windows_xml(JOB))
    assert found["Command"] == sys.executable
    assert found["Arguments"] == subprocess.list2cmdline(["-m", "hotspots", ODD])
    assert found["WorkingDirectory"] == str(Path("/a b/100%"))
    assert found["StartBoundary"].endswith("T03:20:00")
    assert found["DaysInterval"] == "1"
    assert found["MultipleInstancesPolicy"] == "IgnoreNew"
    assert found["ExecutionTimeLimit"] == "PT6H"


def test_windows_gets_the_months_of_a_quarterly_task() -> None:
    found = texts(recipes.windows_xml(QUARTERLY))
    assert found["Day"] == "10"
    assert {"March", "December"} <= found.keys()
    assert not {"June", "DaysInterval"} & found.keys()


@pytest.mark.parametrize("folder", ["/a\nb", "/a\tb"])
def test_a_path_with_a_line_break_is_refused(folder: str) -> None:
    with pytest.raises(SettingsError, match="control character"):
        recipes.Job("x", "x", ("x",), Path(folder), dt.time(1))
