"""The `hotspots` command: words for people, exit codes for machines, and no work of its own."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from hotspots import __version__
from hotspots.errors import HotspotsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hotspots.pipeline import Outcome
    from hotspots.pipeline.check import Record

DEMO_MARK = ".hotspots-demo"
INTERRUPTED = 130
REFUSED = 4
VERDICTS = {
    "accept": "can be used as it is",
    "repair": "can be used; something is put right on the way",
    "quarantine": "can be used but for the rows named below",
    "refuse": "refused",
}


class Kind(StrEnum):
    """What a file can be said to be."""

    LIGHTING = "lighting"
    BOUNDARIES = "boundaries"
    POLICE = "police"
    DEPRIVATION = "deprivation"
    PLACES = "places"


app = typer.Typer(
    name="hotspots",
    help="Places where recorded crime keeps coming back, and maps that partners can act on.",
    epilog="Exit codes: 0 done or nothing to do, 1 failed, 2 usage or settings, 3 data missing, "
    "4 input refused, 130 interrupted.",
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
    with _told(debug=debug):
        _claim_demo_folder(out)
        with _progress() as say:
            from hotspots import pipeline, sample

            say(f"Writing the sample county to {out}")
            outcome = pipeline.refresh(sample.write_county(out), say=say)
        _print_outcome(outcome, as_json=as_json)


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
        typer.Option("--offline", help="Use no network. This version reads local files only."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again even if nothing changed.")
    ] = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Bring tables and maps up to date with the data; where nothing changed, do nothing."""
    with _told(debug=debug):
        with _progress() as say:
            from hotspots import pipeline

            if offline:
                say("Offline: only files that are here are used")
            outcome = pipeline.refresh(settings, out=out, until=until, force=force, say=say)
        _print_outcome(outcome, as_json=as_json)


@app.command(short_help="What a file is, before it is used.")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file, or a folder of files.")],
    *,
    kind: Annotated[
        Kind | None,
        typer.Option("--as", help="What the file is, if it is not to be recognised."),
    ] = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Say what a file is, how it is understood, which rows would not be used, and why."""
    with _told(debug=debug):
        from hotspots.pipeline.check import check as look

        records = look(file, kind=kind.value if kind else None)
        if as_json:
            found = [record.as_json() for record in records]
            typer.echo(json.dumps(found if file.is_dir() else found[0], indent=2))
        else:
            typer.echo("\n\n".join("\n".join(_findings(record)) for record in records))
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
    with _told(debug=debug):
        from hotspots import settings as reading

        rows = reading.explain(settings)
        if as_json:
            typer.echo(json.dumps([row._asdict() for row in rows], indent=2))
        else:
            table = [(row.key, _plain(row.value), row.source) for row in rows]
            typer.echo(_aligned([("setting", "value", "from"), *table]))


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark; it does not fail.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    app(prog_name="hotspots")
    sys.exit(0)


@contextlib.contextmanager
def _told(*, debug: bool) -> Iterator[None]:
    """Turn whatever goes wrong inside into one message on stderr and an exit code."""
    try:
        yield
    except HotspotsError as error:
        _complain(str(error), debug=debug)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        _complain("interrupted; what was published before is untouched.", debug=debug)
        raise typer.Exit(INTERRUPTED) from None
    except (BrokenPipeError, typer.BadParameter):
        raise  # typer ends quietly when the reader of our output left, and explains usage itself
    except Exception as error:  # noqa: BLE001 - the last line of defence: people never see a traceback
        hint = "" if debug else " Run it again with --debug to see where, and report that."
        _complain(f"unexpected {type(error).__name__}: {_one_line(error)}.{hint}", debug=debug)
        raise typer.Exit(1) from None


def _complain(words: str, *, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    typer.echo(f"error: {words}", err=True)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or "no further words"


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Give a function that tells how far it is: on stderr, and plain unless that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False)
    if not console.is_terminal:
        yield lambda words: typer.echo(words, err=True)
        return
    with console.status("working …"):
        yield console.print


def _claim_demo_folder(folder: Path) -> None:
    """Make ``folder`` the demo's own; refuse one that holds anything but an earlier demo."""
    mark = folder / DEMO_MARK
    if not mark.exists() and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is not empty and holds no earlier demo; name another folder."
        raise typer.BadParameter(msg, param_hint="--out")
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("This folder belongs to `hotspots demo`, which writes over it.\n", "utf-8")


def _print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    typer.echo(json.dumps(_record(outcome), indent=2) if as_json else "\n".join(_report(outcome)))


def _record(outcome: Outcome) -> dict[str, object]:
    """Give an outcome as plain values for JSON."""
    account = outcome.account
    return {
        "area_id": outcome.area_id,
        "is_new": outcome.is_new,
        "maps_folder": str(outcome.maps_folder),
        "to_open": [str(path) for path in outcome.to_open],
        "rows": outcome.rows_by_file().loc["total"].to_dict(),
        "account": json.loads(account.to_json(orient="records")),
        "hotspots": dict(outcome.hotspots),
        "notes": list(outcome.notes),
    }


def _report(outcome: Outcome) -> Iterator[str]:
    """Give an outcome as lines for a person to read."""
    if outcome.is_new:
        yield f"New maps of {outcome.area_id} in {outcome.maps_folder}"
    else:
        yield f"Nothing new for {outcome.area_id}: nothing was done."
    if len(outcome.account):
        by_file = outcome.rows_by_file()
        rows = [(str(file), *map(_thousands, counts)) for file, *counts in by_file.itertuples()]
        yield "\nRows (in = kept + unlocated + excluded + duplicate + quarantined)"
        yield _aligned([("file", *by_file.columns), *rows], numbers=True)
    if outcome.hotspots:
        yield "\nHotspots"
        counts = [(group, _thousands(n)) for group, n in outcome.hotspots.items()]
        yield _aligned(counts, numbers=True)
    if outcome.notes:
        yield "\nNotes"
        yield from (f"  {note}" for note in outcome.notes)
    if outcome.to_open:
        yield "\nOpen"
        yield from (f"  {path.resolve().as_uri()}" for path in outcome.to_open)


def _findings(record: Record) -> Iterator[str]:
    """Give what was found of one file as lines for a person to read."""
    kind = "" if record.kind == "unknown" else f"{record.kind}, "
    yield f"{record.file}: {kind}{VERDICTS[record.verdict]}"
    if record.verdict == "refuse":
        yield from (f"  {problem['reason']} {problem['fix']}" for problem in record.problems)
        return
    yield "\nRows (in = kept + unlocated + excluded + duplicate + quarantined)"
    yield _aligned([tuple(record.rows), tuple(map(_thousands, record.rows.values()))])
    if record.columns:
        yield "\nColumns"
        table = [(column["name"], column["found"], column["sure"]) for column in record.columns]
        yield _aligned([("here", "in the file", "how sure"), *table])
    if record.repairs:
        yield "\nPut right"
        yield _aligned((_thousands(each["count"]), each["what"]) for each in record.repairs)
    if record.dropped:
        yield "\nNot used"
        yield _aligned((_thousands(n), status, reason) for status, reason, n in record.dropped)
        yield from (f"  {words}" for words in _examples(record))
    if record.warnings:
        yield "\nLook at"
        yield from (f"  {warning}" for warning in record.warnings)
    if record.settings:
        yield "\nTo use it, paste this into the settings (paths count from the settings file)"
        yield from (f"  {line}" for line in record.settings)


def _examples(record: Record) -> Iterator[str]:
    """Give the first row that a person may want to correct; ``--json`` has more."""
    for problem in record.problems:
        if problem["found"] is not None:
            where = f", column {problem['column']!r}" if problem["column"] else ""
            yield f"for example line {problem['line']}{where}: found {problem['found']!r}"
            yield "--json lists the first rows of each reason"
            return


def _thousands(n: int) -> str:
    return f"{n:,}"


def _plain(value: object) -> str:
    """Write a setting's value as the settings file would."""
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


def _aligned(rows: Iterable[Sequence[str]], *, numbers: bool = False) -> str:
    """Lay rows out in columns; all but the first are flush right if they are ``numbers``."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if numbers and column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    )
    return "\n".join(f"  {line}".rstrip() for line in lines)
