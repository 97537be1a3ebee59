"""The command ``hotspots report``: a quarter's reports for partners."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.commands import DebugOption, JsonOption, RefreshedOption, SettingsOption, app
from hotspots.cli.telling import progress, tell, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspots.pipeline.report import Reported


@app.command(short_help="A quarter's reports for partners.")
def report(
    *,
    quarter: Annotated[
        str | None,
        typer.Option(
            "--quarter",
            metavar="YYYY-QN",
            help="Such as 2025-Q1, or 2025-26-Q1 of a financial year.  "
            "[default: the last complete quarter in the data]",
        ),
    ] = None,
    district: Annotated[
        str | None,
        typer.Option(
            "--district",
            metavar="NAME",
            help="Only the report of this district, by name or code.",
        ),
    ] = None,
    revised: Annotated[
        bool,
        typer.Option(
            "--revised",
            help="An earlier quarter with its records as they were corrected later.",
        ),
    ] = False,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Write a quarter's reports, for the whole area and each district: HTML, Word and Excel."""
    with told(debug=debug):
        from hotspots.pipeline.report import report as make

        with progress() as say:
            made = make(
                settings, quarter=quarter, district=district, revised=revised, out=out, say=say
            )
        tell(
            json.dumps(report_record(made), indent=2) if as_json else "\n".join(report_lines(made))
        )


def report_record(made: Reported) -> dict[str, object]:
    """Give what was made as plain values for JSON."""
    return {
        "area_id": made.area_id,
        "quarter": made.quarter,
        "title": made.title,
        "folder": str(made.folder),
        "files": [str(path) for path in made.files],
        "headlines": list(made.headlines),
        "cautions": list(made.cautions),
    }


def report_lines(made: Reported) -> Iterator[str]:
    """Give what was made as lines for a person to read."""
    yield f"Reports of {made.area_id}, {made.title}, in {made.folder}\n"
    yield from (f"  {each}" for each in (*made.cautions, *made.headlines))
    yield "\nOpen"
    yield f"  {(made.folder / 'index.html').resolve().as_uri()}"
    yield from (f"  {path.resolve().as_uri()}" for path in made.files if path.suffix == ".html")
