"""What each scheduler wants to read, so that it starts a command on time; paths of any letters."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hotspots.errors import SettingsError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

LIMIT_HOURS = 6
"""A first download over a slow line takes hours; what takes longer than this hangs."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_XML_SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"

_SERVICE = """\
[Unit]
Description={says}

[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={command}
# 5: a source was down; the maps are whole, of the last good data of it, and say so.
SuccessExitStatus=5
TimeoutStartSec={limit}h
Nice=10
"""

_TIMER = """\
[Unit]
Description={says}

[Timer]
OnCalendar={when}
# After a night without power it runs when the machine is back.
Persistent=true

[Install]
WantedBy=timers.target
"""


@dataclass(frozen=True)
class Job:
    """
    A command, and when it is to run.

    Attributes
    ----------
    name : str
        Letters, digits and hyphens.
    says : str
        What it does, in one line.
    command : tuple of str
        Program and arguments, each as it is.
    folder : Path
        Where it is started.
    at : time
        Of the machine's own clock.
    months : tuple of int
        Months, 1 to 12, on whose day ``day`` it runs; every day if empty.
    day : int
    """

    name: str
    says: str
    command: tuple[str, ...]
    folder: Path
    at: dt.time
    months: tuple[int, ...] = ()
    day: int = 1

    def __post_init__(self) -> None:
        for part in (*self.command, str(self.folder)):
            if not part.isprintable():
                msg = f"{part!r} holds a control character, which no scheduler takes; rename it."
                raise SettingsError(msg)


def cron_when(job: Job) -> str:
    """Return the five fields of cron."""
    days, months = "*", "*"
    if job.months:
        days, months = str(job.day), ",".join(map(str, job.months))
    return f"{job.at.minute} {job.at.hour} {days} {months} *"


def cron_line(job: Job) -> str:
    """Return a line for ``crontab``; what the command says goes to a file in its folder."""
    command = f"cd {shlex.quote(str(job.folder))} && {shlex.join(job.command)}"
    # To cron a percent sign is the end of the line, in quotes too.
    escaped = f"{command} >> {job.name}.log 2>&1".replace("%", r"\%")
    return f"{cron_when(job)} {escaped}\n"


def systemd_files(job: Job) -> dict[str, str]:
    """Return the unit files of systemd, by name: what is run, and when."""
    program, *arguments = job.command
    # In the program's own path a dollar sign is only itself.
    command = [
        _systemd_quoted(program),
        *(_systemd_quoted(a).replace("$", "$$") for a in arguments),
    ]
    service = _SERVICE.format(
        says=job.says,
        folder=str(job.folder).replace("%", "%%"),
        command=" ".join(command),
        limit=LIMIT_HOURS,
    )
    timer = _TIMER.format(says=job.says, when=_calendar(job))
    return {f"{job.name}.service": service, f"{job.name}.timer": timer}


def windows_xml(job: Job) -> str:
    """Return a task for the Task Scheduler of Windows; save it as UTF-16."""
    task = ET.Element("Task", {"version": "1.2", "xmlns": _XML_SPACE})
    _add(task, "RegistrationInfo", Description=job.says)
    _add_trigger(_add(task, "Triggers"), job)
    _add(
        task,
        "Settings",
        MultipleInstancesPolicy="IgnoreNew",
        DisallowStartIfOnBatteries="false",
        StopIfGoingOnBatteries="false",
        StartWhenAvailable="true",
        RunOnlyIfNetworkAvailable="false",
        ExecutionTimeLimit=f"PT{LIMIT_HOURS}H",
    )
    program, *arguments = job.command
    _add(
        _add(task, "Actions"),
        "Exec",
        Command=program,
        Arguments=subprocess.list2cmdline(arguments),
        WorkingDirectory=str(job.folder),
    )
    ET.indent(task)
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(task, encoding="unicode")}\n'


def _systemd_quoted(part: str) -> str:
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    is_plain = escaped == part and not set(part) & set(" '$;") and part
    return part if is_plain else f'"{escaped}"'


def _calendar(job: Job) -> str:
    days = "*-*-*"
    if job.months:
        days = f"*-{','.join(f'{month:02}' for month in job.months)}-{job.day:02}"
    return f"{days} {job.at:%H:%M:00}"


def _add(parent: ET.Element, name: str, **texts: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    for child, text in texts.items():
        ET.SubElement(element, child).text = text
    return element


def _add_trigger(triggers: ET.Element, job: Job) -> None:
    # A day in the past, and no zone: from then on, by the machine's own clock.
    start = f"2025-01-01T{job.at:%H:%M:00}"
    trigger = _add(triggers, "CalendarTrigger", StartBoundary=start, Enabled="true")
    if not job.months:
        _add(trigger, "ScheduleByDay", DaysInterval="1")
        return
    schedule = _add(trigger, "ScheduleByMonth")
    _add(schedule, "DaysOfMonth", Day=str(job.day))
    _add(schedule, "Months", **{_MONTHS[month - 1]: "" for month in job.months})
