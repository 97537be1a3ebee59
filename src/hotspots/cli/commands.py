"""The commands: what each asks for, and to whom it hands the work."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from hotspots import __version__
from hotspots.cli import words
from hotspots.cli.telling import progress, tell, told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hotspots.pipeline import Outcome
    from hotspots.settings.catalogue import Force

DEMO_MARK = ".hotspots-demo"
REFUSED = 4
PARTLY_DONE = 5


class Kind(StrEnum):
    """What a file can be said to be."""

    LIGHTING = "lighting"
    BOUNDARIES = "boundaries"
    POLICE = "police"
    DEPRIVATION = "deprivation"
    PLACES = "places"
    STREETS = "streets"
    VISITS = "visits"
    INTERVENTIONS = "interventions"


app = typer.Typer(
    name="hotspots",
    help="Places where recorded crime keeps coming back, and maps that partners can act on.",
    epilog="Exit codes: 0 done or nothing to do, 1 failed, 2 usage or settings, 3 data missing, "
    "4 input refused, 5 partly done: a source was down, 130 interrupted, 143 told to end.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
settings_app = typer.Typer(
    help="The settings of an area.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(settings_app, name="settings")


def _version(wanted: bool) -> None:  # noqa: FBT001 - the form typer gives a callback
    if wanted:
        typer.echo(f"hotspots {__version__}")
        raise typer.Exit


def _month(until: str | None) -> str | None:
    if until is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", until):
        msg = f"'{until}' is not a month; write YYYY-MM, for example 2025-06."
        raise typer.BadParameter(msg)
    return until


SettingsOption = Annotated[
    Path, typer.Option("--settings", metavar="FILE", help="The settings file of the area.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of words.")]
RefreshedOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder that the refresh wrote to.  [default: beside the settings file]",
    ),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@app.callback()
def _common(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Places where recorded crime keeps coming back, and maps that partners can act on."""


@app.command(short_help="The whole job on a made-up county.")
def demo(
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder for the sample county and its maps."),
    ] = Path("demo"),
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Run the whole job on a made-up county, without network, and print the files to open."""
    with told(debug=debug):
        _claim_demo_folder(out)
        with progress() as say:
            from hotspots import pipeline, sample

            say(f"Writing the sample county to {out}")
            outcome = pipeline.refresh(sample.write_county(out), say=say)
        _print_outcome(outcome, as_json=as_json)


@app.command(short_help="Settings for a police force, ready to use.")
def init(
    force: Annotated[
        str | None,
        typer.Argument(
            metavar="FORCE",
            help="A force, by id or name, such as lancashire. With --all-forces or --forces: the "
            "folder for their settings, national if left out.",
        ),
    ] = None,
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder to write the settings to.")
    ] = Path(),
    settings: SettingsOption = Path("hotspots.toml"),
    replace: Annotated[
        bool, typer.Option("--force", help="Replace a settings file that is there.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List the 43 forces of England and Wales.")
    ] = False,
    all_forces: Annotated[
        bool, typer.Option("--all-forces", help="A settings file for each of the 43 forces.")
    ] = False,
    forces: Annotated[
        str | None,
        typer.Option("--forces", metavar="A,B,…", help="A settings file for each of these."),
    ] = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Write the settings file of a police force, with notes; it needs no network."""
    with told(debug=debug):
        from hotspots.settings import catalogue, writing

        if listed:
            _print_forces(catalogue.forces(), as_json=as_json)
            return
        if all_forces or forces is not None:
            named = None if all_forces else (forces or "").split(",")
            _write_all(named, out / (force or "national"), replace=replace, as_json=as_json)
            return
        if force is None:
            msg = "name a force, such as lancashire; --list lists all 43."
            raise typer.BadParameter(msg, param_hint="FORCE")
        found, path = catalogue.force(force), out / settings
        writing.write_settings(found, path, replace=replace)
        _print_written(found, path, as_json=as_json)


@app.command(short_help="Bring tables and maps up to date.")
def refresh(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    until: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM", callback=_month, help="Work as if the data ended with this month."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for data/processed and maps.  [default: beside the settings file]",
        ),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Use no network: only what is here already."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again even if nothing changed.")
    ] = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Bring tables and maps up to date with the data; where nothing changed, do nothing."""
    with told(debug=debug):
        with progress() as say:
            from hotspots import pipeline
            from hotspots.pipeline import notifying

            with notifying.watched(settings, out=out, warn=say) as notify:
                outcome = pipeline.refresh(
                    settings, out=out, until=until, force=force, offline=offline, say=say
                )
            if until is None:  # else old data is what was asked for
                notify(outcome)
        _print_outcome(outcome, as_json=as_json)
    if outcome.not_refreshed:
        for each in outcome.not_refreshed:
            tell(f"not refreshed: {each}", err=True)
        raise typer.Exit(PARTLY_DONE)


@app.command(short_help="What a file is, before it is used.")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file, or a folder of files.")],
    *,
    kind: Annotated[
        Kind | None,
        typer.Option("--as", help="What the file is, if it is not to be recognised."),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            "--settings",
            metavar="FILE",
            help="Settings whose area the records, lights and places must lie in.  "
            "[default: ./hotspots.toml if it is there]",
        ),
    ] = None,
    whole: Annotated[
        bool,
        typer.Option("--whole", help="A file of exactly 1,000 or 2,000 rows is not cut short."),
    ] = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Say what a file is, how it is understood, which rows would not be used, and why."""
    with told(debug=debug):
        from hotspots.pipeline import nearby
        from hotspots.pipeline.check import check as look
        from hotspots.sources.layer import Given

        near = nearby.area_of(settings) if settings else nearby.area_if_any(Path("hotspots.toml"))
        given = Given(near, whole, nearby.groups_of(settings or Path("hotspots.toml")))
        records = look(file, kind=kind.value if kind else None, given=given)
        if as_json:
            found = [record.as_json() for record in records]
            typer.echo(json.dumps(found if file.is_dir() else found[0], indent=2))
        else:
            tell("\n\n".join("\n".join(words.check_lines(record)) for record in records))
    if any(record.verdict == "refuse" for record in records):
        raise typer.Exit(REFUSED)


@settings_app.command()
def show(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Print every setting in force and where it came from."""
    with told(debug=debug):
        from hotspots import settings as reading

        rows = reading.explain(settings)
        if as_json:
            typer.echo(json.dumps([row._asdict() for row in rows], indent=2))
        else:
            table = [(row.key, words.plain(row.value), row.source) for row in rows]
            tell(words.aligned([("setting", "value", "from"), *table]))


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark; it does not fail.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    app(prog_name="hotspots")
    sys.exit(0)


def _claim_demo_folder(folder: Path) -> None:
    """Make ``folder`` the demo's own; refuse one that holds anything but an earlier demo."""
    mark = folder / DEMO_MARK
    if not mark.exists() and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is not empty and holds no earlier demo; name another folder."
        raise typer.BadParameter(msg, param_hint="--out")
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("This folder belongs to `hotspots demo`, which writes over it.\n", "utf-8")


def _print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    tell(
        json.dumps(words.outcome_record(outcome), indent=2)
        if as_json
        else "\n".join(words.outcome_lines(outcome))
    )


def _print_forces(forces: Iterable[Force], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(force) for force in forces], indent=2))
        return
    rows = [(each.id, each.name, str(len(each.districts))) for each in forces]
    typer.echo(words.aligned([("force", "name", "districts"), *rows]))


def _write_all(named: Iterable[str] | None, folder: Path, *, replace: bool, as_json: bool) -> None:
    """Write a settings file for each of many forces, in one folder that they share."""
    from hotspots.settings import catalogue, writing

    found = catalogue.forces() if named is None else [catalogue.force(each) for each in named]
    paths = writing.write_many(found, folder, replace=replace)
    if as_json:
        typer.echo(json.dumps([str(path) for path in paths], indent=2))
        return
    typer.echo(f"Settings of {len(paths)} forces are in {folder}")
    typer.echo(f'Look through them, then run: hotspots national "{folder}"')


def _print_written(force: Force, path: Path, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"settings": str(path), "force": asdict(force)}, indent=2))
        return
    typer.echo(f"Settings of {force.area} are in {path}")
    if force.note:
        typer.echo(f"Note: {force.note}")
    typer.echo(f'Look through them, then run: hotspots refresh --settings "{path}"')
