"""The commands ``hotspots status``, ``verify`` and ``doctor``: how things stand."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspots.cli import words
from hotspots.cli.commands import DebugOption, JsonOption, RefreshedOption, SettingsOption, app
from hotspots.cli.telling import printable, tell, told
from hotspots.errors import DataMissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hotspots.doctor import Finding
    from hotspots.pipeline.status import Status
    from hotspots.pipeline.trace import Link
    from hotspots.pipeline.verify import Verified

_LABELS = ("strong", "supported", "watch")
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@app.command(short_help="What is here and how fresh.")
def status(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Say what is here of an area, how fresh it is, and what the next refresh would do."""
    with told(debug=debug):
        from hotspots.pipeline.status import status as look

        found = look(settings, out=out)
        if as_json:
            tell(json.dumps(status_record(found), indent=2))
        else:
            _print_status(found, settings)
    if found.is_lacking:
        raise typer.Exit(DataMissingError.exit_code)


@app.command(short_help="Every output traced to its inputs' hashes.")
def verify(
    *,
    trace: Annotated[
        str | None,
        typer.Option(
            "--trace", metavar="FILE", help="Print what an output was made from, step by step."
        ),
    ] = None,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Hold outputs, inputs and raw files against their hashes, and outputs against each other."""
    with told(debug=debug):
        if trace is not None:
            from hotspots.pipeline.trace import trace as follow

            links = follow(settings, trace, out=out)
            _print_trace(links, as_json=as_json)
            return
        from hotspots.pipeline.verify import verify as look

        with _counting() as step:
            found = look(settings, out=out, step=step)
        if as_json:
            tell(json.dumps(verified_record(found), indent=2))
        else:
            tell("\n".join(verified_lines(found)))
    if found.faults:
        raise typer.Exit(1)


@app.command(short_help="Is this machine fit.")
def doctor(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Say whether this machine can do the work: Python, packages, drivers, memory, disk, clock."""
    with told(debug=debug):
        from hotspots.doctor import FAILING, examine

        found = examine(out or settings.resolve().parent)
        is_failing = any(each.state == FAILING for each in found)
        if as_json:
            record = {"is_fit": not is_failing, "checks": [asdict(each) for each in found]}
            tell(json.dumps(record, indent=2))
        else:
            _print_findings(found)
    if is_failing:
        raise typer.Exit(1)


# status


def status_record(found: Status) -> dict[str, Any]:
    """Give the status of an area as plain values for JSON."""
    record = asdict(found)
    record["folder"] = str(found.folder)
    record["today"] = found.today.isoformat()
    would = None if found.problem else bool(found.reasons)
    return record | {"would_refresh": would, "is_lacking": found.is_lacking}


def _print_status(found: Status, settings: Path) -> None:
    tell(f"{found.area} ({found.area_id}) in {found.folder}, {found.today:%Y-%m-%d}")
    if found.refreshed is None:
        tell(f'Nothing made yet: run hotspots refresh --settings "{settings}"')
    _show(list(status_rows(found)))
    if found.hotspots:
        tell("\nHotspots")
        rows = [
            (group, *(f"{labels.get(label, 0):,}" for label in _LABELS))
            for group, labels in found.hotspots.items()
        ]
        _show([("", *_LABELS), *rows], numbers=True, heading=True)


def status_rows(found: Status) -> Iterator[tuple[str, str]]:
    """Give the status of an area as pairs of a name and words."""
    from hotspots.publish.words import many, month, spans

    if data := found.data:
        import pandas as pd

        first, last, *missing = (
            pd.Timestamp(f"{each}-01") for each in (data.first, data.last, *data.missing)
        )
        age = f"{many(data.age_days, 'day')} old{', stale' if data.is_stale else ''}"
        yield "data", f"{month(first)} to {month(last)}, {age}"
        if missing:
            yield "missing", f"{many(len(missing), 'month')}: {spans(missing)}"
    if last_one := found.refreshed:
        when = last_one.written_at.removesuffix("+00:00").replace("T", " ")
        code = f", code {last_one.code[:12]}" if last_one.code else ""
        yield "refreshed", f"{when} UTC by hotspots {last_one.version}{code}"
    if found.problem:
        yield "next refresh", f"would fail: {found.problem}"
    elif found.reasons:
        yield "next refresh", "would make new outputs"
        yield from (("", f"because {reason}") for reason in found.reasons)
    else:
        yield "next refresh", "would do nothing: nothing here changed"
    if found.asks:
        yield "", f"and asks {many(len(found.asks), 'source')} on the network for news"
    yield from (("not refreshed", each) for each in found.not_refreshed)
    yield from (("damaged", each) for each in found.damaged)
    if found.reports:
        yield "reports", f"{many(len(found.reports), 'quarter')}, the last {found.reports[-1]}"
    yield "disk", ", ".join(f"{name} {_bytes(n)}" for name, n in found.disk_bytes.items())
    yield "lock", "held: a run is working on this area" if found.lock == "held" else found.lock
    if found.is_cut_short and found.lock != "held":
        yield "cut short", "a run was killed; the next refresh takes up or clears what it left"


def _bytes(n: float) -> str:
    for unit in _UNITS[:-1]:
        if n < 1000:  # noqa: PLR2004 - a thousand of each make one of the next
            return f"{n:.0f} {unit}" if unit in _UNITS[:2] else f"{n:.1f} {unit}"
        n /= 1000
    return f"{n:.1f} {_UNITS[-1]}"


# verify


def verified_record(found: Verified) -> dict[str, Any]:
    """Give what was verified as plain values for JSON."""
    return {
        "area_id": found.area_id,
        "maps_folder": str(found.maps_folder),
        "is_whole": not found.faults,
        "checked": dict(found.checked),
        "faults": [asdict(each) for each in found.faults],
    }


def verified_lines(found: Verified) -> Iterator[str]:
    """Give what was verified as lines for a person to read."""
    for each in found.faults:
        yield f"{each.what}: {each.found}. {each.fix}"
    counts = ", ".join(
        f"{n:,} {name.removesuffix('s') if n == 1 else name}" for name, n in found.checked.items()
    )
    if found.faults:
        n = len(found.faults)
        yield f"\n{n:,} {'does' if n == 1 else 'do'} not hold. Looked at: {counts}."
    else:
        yield f"All holds for {found.area_id}. Looked at: {counts}."


@contextlib.contextmanager
def _counting() -> Iterator[Callable[[int, int], None]]:
    """Show how many files were looked at, on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("files", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _print_trace(links: Sequence[Link], *, as_json: bool) -> None:
    if as_json:
        tell(json.dumps([asdict(link) for link in links], indent=2))
        return
    for link in links:
        tell(f"{'  ' * link.depth}{link.what}")
        for line in link.said:
            tell(f"{'  ' * link.depth}  {line}")


# doctor


def _print_findings(found: Sequence[Finding]) -> None:
    _show([(each.state, each.name, each.found) for each in found])
    advice = [each for each in found if each.fix]
    if advice:
        tell("\nTo do")
        for each in advice:
            tell(f"  {each.name}: {each.fix}")


def _show(rows: Sequence[Sequence[str]], *, numbers: bool = False, heading: bool = False) -> None:
    """Print rows in columns: a table on a terminal, plain lines anywhere else."""
    if not sys.stdout.isatty():
        tell(words.aligned(rows, numbers=numbers))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=heading, box=None, padding=(0, 2, 0, 0))
    for number, name in enumerate(rows[0]):
        is_right = numbers and number > 0
        shown = name if heading else ""
        table.add_column(shown, justify="right" if is_right else "left", overflow="fold")
    for row in rows[1:] if heading else rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)
