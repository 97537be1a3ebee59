"""The command ``hotspots schedule``: the job every night, by Prefect or the system's scheduler."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.commands import DebugOption, JsonOption, SettingsOption, app
from hotspots.cli.telling import tell, told

if TYPE_CHECKING:
    from hotspots.cli.recipes import Job

REPORT_MONTHS = (3, 6, 9, 12)
REPORT_DAY = 10
"""police.uk publishes the last month of a quarter about two months after it."""

REPORT_AFTER = dt.timedelta(hours=2)
"""By then the night's refresh is over."""

WAYS = """\
Ways to have it every night. All of them run `hotspots refresh`; choose one.

  hotspots schedule --for systemd    Linux: a service and a timer
  hotspots schedule --for cron       Linux, macOS: a line for crontab
  hotspots schedule --for windows    Windows: a task for the Task Scheduler
  hotspots schedule --for prefect    Prefect: pages with every run, its log and its row account

The first three need no server. --write FOLDER writes the files and says what to run then, --at sets
the time, --quarterly adds the quarterly reports. Where clocks change, no time between 01:00 and
02:00 comes exactly once every day: choose another."""

PREFECT = """\
One command starts Prefect's server and serves both flows, the reports among them, until it is
stopped. It listens on this machine only, asks for a password, and tells nobody that it is used:

  {command}

Its pages are at http://127.0.0.1:{port}; the user and password, which its pages ask for, are in
{auth}.
Have it started with the machine by what starts services there. To use a server that you have
already, see prefect.yaml."""


class Way(StrEnum):
    """What can start a command on time."""

    PREFECT = "prefect"
    SYSTEMD = "systemd"
    WINDOWS = "windows"
    CRON = "cron"


def _time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        msg = f"'{text}' is not a time; write HH:MM, for example 03:20."
        raise typer.BadParameter(msg)
    return text


@app.command(short_help="How to have it every night.")
def schedule(
    *,
    way: Annotated[
        Way | None,
        typer.Option("--for", help="Which scheduler.  [default: say what each would do]"),
    ] = None,
    at: Annotated[
        str,
        typer.Option("--at", metavar="HH:MM", callback=_time, help="When, every night."),
    ] = "03:20",
    settings: SettingsOption = Path("hotspots.toml"),
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder for data/processed and maps.  [default: beside the settings file]",
        ),
    ] = None,
    quarterly: Annotated[
        bool, typer.Option("--quarterly", help="The quarterly reports as well.")
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FOLDER", help="Write the files instead of printing them."),
    ] = None,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Start Prefect's server and serve the flows until stopped."),
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=1024, max=65535, help="Of Prefect's server.")
    ] = 4200,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Say, or write, what a scheduler needs to refresh every night; or serve it with Prefect."""
    with told(debug=debug):
        when = dt.time.fromisoformat(at)
        if serve:
            _serve(settings, out, when, port)
        elif way is None:
            _print(WAYS, {}, [], as_json=as_json)
        elif way is Way.PREFECT:
            _print(_prefect_words(settings, out, at, port), {}, [], as_json=as_json)
        else:
            found = jobs(settings, out, when, quarterly=quarterly)
            files, then = _recipe(way, found, write or Path())
            if write is not None:
                _write(files, write)
            said = "" if write is None else f"Written to {write}: {', '.join(files)}."
            _print(said, {} if write else files, then, as_json=as_json)


def jobs(settings: Path, out: Path | None, at: dt.time, *, quarterly: bool) -> list[Job]:
    """
    Give what is to be run.

    Parameters
    ----------
    settings : Path
        Settings file of the area, which must be sound.
    out : Path or None
        Folder of the outputs.
    at : time
        When the refresh begins; the reports begin two hours later.
    quarterly : bool
        Whether the reports are wanted too.

    Raises
    ------
    SettingsError
        If the settings are wrong.
    """
    from hotspots.cli.recipes import Job
    from hotspots.settings import load

    area = load(settings).area
    home = settings.resolve().parent
    elsewhere = () if out is None else ("--out", str(out.resolve()))
    options = ("--settings", str(settings.resolve()), *elsewhere)
    # Not resolved: the link in an environment is what leads to its packages.
    python = (str(Path(sys.executable).absolute()), "-m", "hotspots")
    refresh = Job(
        f"hotspots-{area.id}-nightly", f"Fresh hotspot maps of {_plain(area.name)}",
        (*python, "refresh", *options), home, at,
    )  # fmt: skip
    report = Job(
        f"hotspots-{area.id}-quarterly", f"Quarterly hotspot reports of {_plain(area.name)}",
        (*python, "report", *options), home, _report_time(at), REPORT_MONTHS, REPORT_DAY,
    )  # fmt: skip
    return [refresh, report] if quarterly else [refresh]


def _plain(name: str) -> str:
    """Take out what would mean something to a scheduler; it is only what a person reads."""
    return " ".join(re.sub(r"[^\w ,.'-]+", " ", name).split())


def _report_time(at: dt.time) -> dt.time:
    return (dt.datetime.combine(dt.date.min, at) + REPORT_AFTER).time()


def _recipe(way: Way, found: list[Job], folder: Path) -> tuple[dict[str, str], list[str]]:
    """Give the files of a way by name, and the commands that put them to use."""
    import shlex

    from hotspots.cli import recipes

    if way is Way.CRON:
        name = f"{found[0].name}.cron"
        then = [f"(crontab -l; cat {shlex.quote(str(folder / name))}) | crontab -"]
        return {name: "".join(map(recipes.cron_line, found))}, then
    if way is Way.WINDOWS:
        files = {f"{job.name}.xml": recipes.windows_xml(job) for job in found}
        then = [
            f'schtasks /Create /TN "{job.name}" /XML "{folder / job.name}.xml" /RU "%USERNAME%" '
            "/RP *"
            for job in found
        ]
        return files, then
    units = {name: text for job in found for name, text in recipes.systemd_files(job).items()}
    paths = " ".join(shlex.quote(str(folder / name)) for name in units)
    timers = " ".join(name for name in units if name.endswith(".timer"))
    return units, [
        "mkdir -p ~/.config/systemd/user",
        f"cp {paths} ~/.config/systemd/user/",
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now {timers}",
        "loginctl enable-linger    # so that it runs while you are not logged in",
    ]


def _write(files: dict[str, str], folder: Path) -> None:
    from hotspots.errors import HotspotsError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            # The Task Scheduler reads the encoding that its own files have.
            encoding = "utf-16" if name.endswith(".xml") else "utf-8"
            (folder / name).write_text(text, encoding=encoding, newline="\n")
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); name another with --write."
        raise HotspotsError(msg) from error


def _print(words: str, files: dict[str, str], then: list[str], *, as_json: bool) -> None:
    if as_json:
        tell(json.dumps({"words": words, "files": files, "then": then}, indent=2))
        return
    parts = [words, *(f"{name}:\n\n{text.rstrip()}" for name, text in files.items())]
    if then:
        lead = "Save what is above under these names, then run:" if files else "Now run:"
        parts.append("\n".join([lead, "", *(f"  {line}" for line in then)]))
    tell("\n\n".join(filter(None, parts)))


def _prefect_words(settings: Path, out: Path | None, at: str, port: int) -> str:
    import shlex

    from hotspots.cli.service import AUTH_FILE

    words = [str(Path(sys.executable).absolute()), "-m", "hotspots", "schedule", "--serve"]
    words += ["--settings", str(settings.resolve()), "--at", at, "--port", str(port)]
    words += [] if out is None else ["--out", str(out.resolve())]
    auth = _server_folder(settings, out) / AUTH_FILE
    return PREFECT.format(command=shlex.join(words), port=port, auth=auth)


def _server_folder(settings: Path, out: Path | None) -> Path:
    return (out or settings.parent).resolve() / "data" / "prefect"


def _serve(settings: Path, out: Path | None, at: dt.time, port: int) -> None:
    from hotspots.cli import recipes, service

    nightly, quarterly = jobs(settings, out, at, quarterly=True)
    asked = service.Service(
        settings, out, _server_folder(settings, out), port,
        recipes.cron_when(nightly), recipes.cron_when(quarterly),
    )  # fmt: skip
    service.serve(asked, say=lambda words: tell(words, err=True))
