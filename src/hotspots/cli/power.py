"""The command ``hotspots power``, and how what it found is told."""

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

    from hotspots.pipeline.power import Power


@app.command(short_help="How large a ratio has to be to show at your volume.")
def power(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    crime_group: Annotated[
        str | None,
        typer.Option("--crime-group", metavar="NAME", help="Such as Burglary.  [default: all]"),
    ] = None,
    share: Annotated[
        float,
        typer.Option("--share", min=0.01, max=0.5, help="Map points near a place, 0.1: 10 %."),
    ] = 0.1,
    factors: Annotated[
        int, typer.Option("--factors", min=1, max=200, help="Factors tested beside each other.")
    ] = 10,
    maps: Annotated[int, typer.Option("--maps", min=1, max=1000, help="Maps to try.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same maps.")] = 1,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Plant ratios on maps like your own and count how often both estimators find them."""
    with told(debug=debug):
        from hotspots.pipeline import power as power_of

        with progress() as say:
            found = power_of.power(
                settings,
                crime_group=crime_group,
                out=out,
                share_near=share,
                n_factors=factors,
                n_maps=maps,
                seed=seed,
                say=say,
            )
        if as_json:
            tell(json.dumps(found.as_json(), indent=2))
        else:
            tell("\n".join(power_lines(found)))


def power_lines(found: Power) -> Iterator[str]:
    """Give what simulated maps came to as a table for each kind of factor."""
    from hotspots.pipeline.power import KINDS, RATIOS

    yield (
        f"{found.area_name}: of 100 maps like those of the last 36 months, so many on which a "
        f"planted ratio would be called associated ({found.n_maps} maps tried, each as one of "
        f"{found.n_tests} tests)."
    )
    near = f"Within 100 m of a place, as {100 * found.share_near:g} of 100 map points are"
    titles = (near, "For one standard deviation more of something smooth")
    width = max(map(len, found.crime_groups))
    for kind, title in enumerate(titles[: len(KINDS)]):
        yield f"\n{title}"
        heads = "".join(f"{f'{ratio:g} times':>11}" for ratio in RATIOS)
        yield f"  {'':<{width}}{'incidents':>11}{'control':>11}{heads}"
        for i, name in enumerate(found.crime_groups):
            shares = "".join(f"{100 * share:>11.0f}" for share in found.found[kind, :, i])
            volumes = f"{found.n_cases[i]:>11,}{found.n_controls[i]:>11,}"
            yield f"  {name:<{width}}{volumes}{shares}"
    yield "\nWhat would not be found here can be there all the same."
