"""The command ``hotspots simulate``, and how what it found is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.commands import (
    DebugOption,
    JsonOption,
    RefreshedOption,
    SettingsOption,
    app,
)
from hotspots.cli.telling import progress, tell, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspots.pipeline.simulate import Detectability


@app.command(short_help="What the test can and cannot see at your volume.")
def simulate(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    crime_group: Annotated[
        str | None,
        typer.Option(
            "--crime-group", metavar="NAME", help="Such as Burglary.  [default: all crime and ASB]"
        ),
    ] = None,
    ratio: Annotated[
        float, typer.Option("--ratio", min=1, max=100, help="How hot the planted hotspots are.")
    ] = 5.0,
    planted: Annotated[
        int, typer.Option("--planted", min=1, max=500, help="Hotspots planted on a map.")
    ] = 40,
    radius: Annotated[
        float, typer.Option("--radius", min=1, max=500, help="Their radius, metres.")
    ] = 150.0,
    maps: Annotated[
        int, typer.Option("--maps", min=1, max=1000, help="Maps with, and as many without.")
    ] = 10,
    simulations: Annotated[
        int, typer.Option("--simulations", min=99, max=9999, help="Maps each is tested against.")
    ] = 199,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same maps.")] = 1,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Deal out the crime of the last year anew, with and without hotspots, and test the maps."""
    with told(debug=debug):
        from hotspots.pipeline import simulate as simulations_of
        from hotspots.schema import ALL_CRIME

        with progress() as say:
            found = simulations_of.simulate(
                settings,
                crime_group=crime_group or ALL_CRIME,
                plan=simulations_of.Planted(planted, radius, ratio),
                out=out,
                n_maps=maps,
                n_simulations=simulations,
                seed=seed,
                say=say,
            )
        if as_json:
            tell(json.dumps(found.as_json(), indent=2))
        else:
            tell("\n".join(detectability_lines(found)))


def detectability_lines(found: Detectability) -> Iterator[str]:
    """Give what simulated maps came to as sentences."""
    n_maps, plan = len(found.without), found.plan
    drawn = sum(each.n_drawn for each in found.without) / n_maps
    strong = sum(each.n_strong for each in found.without)
    supported = sum(each.n_supported for each in found.without)
    yield f"{found.crime_group} in {found.area_name}: {found.n_incidents:,} incidents on a map\n"
    yield (
        f"  Without any hotspot ({n_maps} maps): {drawn:.0f} places are drawn on each, for a map "
        f"always has busiest places. Called strong in all: {strong}; supported: {supported}."
    )
    yield (
        f"  With {plan.n_hotspots} hotspots planted on each, {plan.ratio:g} times as hot as "
        f"their surroundings, {plan.radius_m:g} m in radius:"
    )
    yield f"    of those planted, {100 * found.recall:.0f} of 100 were found (strong or supported)"
    named = sum(each.n_strong + each.n_supported for each in found.planted)
    if named:
        true = f"{100 * found.precision:.0f} of 100"
        yield f"    of {named} called strong or supported, {true} stood on a planted one"
    else:
        yield "    no place was called strong or supported"
    yield (
        "  What is not found is not proved cold: at this volume a hotspot of this kind is told "
        f"from chance {_often(found.recall)}."
    )


def _often(recall: float) -> str:
    for least, words in ((0.8, "most of the time"), (0.4, "about every second time")):
        if recall >= least:
            return words
    return "less often than not" if recall >= 0.1 else "hardly ever"  # noqa: PLR2004 - one in ten
