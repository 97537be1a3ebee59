"""The command ``hotspots national``, and settings for many forces at once."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.commands import DebugOption, JsonOption, app
from hotspots.cli.telling import progress, tell, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspots.pipeline.national import Country


@app.command(short_help="Refresh many forces, and write a page of them all.")
def national(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A folder with a settings file each.")
    ] = Path("national"),
    *,
    forces: Annotated[
        str | None,
        typer.Option("--forces", metavar="A,B,…", help="Only these, by settings file."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="Forces at work at once.  [default: one for each core, and for each 2 GiB]",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder for data/processed and maps.  [default: FOLDER]"
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use no network: only what is here already.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Do everything again even if nothing changed.")
    ] = False,
    tables_only: Annotated[
        bool,
        typer.Option(
            "--tables-only",
            help="Stop when the hotspots are drawn; publish nothing. The next run goes on there.",
        ),
    ] = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Refresh every force that has a settings file in a folder; one that fails stops no other."""
    with told(debug=debug):
        from hotspots.pipeline.national import refresh_country

        with progress() as say:
            country = refresh_country(
                folder, forces=names(forces), workers=workers, out=out, offline=offline,
                force=force, tables_only=tables_only, say=say,
            )  # fmt: skip
        if as_json:
            tell(json.dumps(_record(country), indent=2))
        else:
            tell("\n".join(country_lines(country)))
    if country.exit_code:
        raise typer.Exit(country.exit_code)


def names(text: str | None) -> tuple[str, ...] | None:
    """Take a list of names apart at its commas."""
    return None if text is None else tuple(each.strip() for each in text.split(",") if each.strip())


def country_lines(country: Country) -> Iterator[str]:
    """Give what a run came to as lines for a person to read."""
    said = {
        "new": "have new maps",
        "tables": "have tables and hotspots, not published",
        "current": "had nothing new",
        "failed": "failed",
    }
    n = len(country.results)
    for state, words in said.items():
        found = country.of_state(state)
        if found:
            yield f"{len(found)} of {n} forces {words}."
    for each in country.of_state("failed"):
        yield f"  {each.area_id}: {each.message}"
    for each in country.results:
        yield from (f"  {each.area_id}: not refreshed: {words}" for words in each.not_refreshed)
    if country.index:
        yield f"Open: {country.index}"


def _record(country: Country) -> dict[str, object]:
    return {
        "index": str(country.index) if country.index else None,
        "forces": [asdict(each) for each in country.results],
    }
