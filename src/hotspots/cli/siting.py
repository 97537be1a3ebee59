"""The command ``hotspots site``: a sheet about any place, to read, print and fill in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotspots.cli.commands import DebugOption, JsonOption, RefreshedOption, SettingsOption, app
from hotspots.cli.telling import progress, tell, told

if TYPE_CHECKING:
    from hotspots.publish import Publication
    from hotspots.publish.site import Place

_PAIR = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


@app.command(short_help="A sheet about any place, with an audit form.")
def site(
    *,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="E,N", help="Easting and northing, such as 353800,429300."),
    ] = None,
    lonlat: Annotated[
        str | None,
        typer.Option("--lonlat", metavar="X,Y", help="Longitude and latitude: -2.7,53.76."),
    ] = None,
    hotspot: Annotated[
        str | None, typer.Option("--hotspot", metavar="ID", help="A hotspot: HS-lancashire-0016.")
    ] = None,
    area: Annotated[
        Path | None,
        typer.Option(
            "--area", metavar="FILE", help="An outline: GeoJSON, GeoPackage or zipped shapefile."
        ),
    ] = None,
    radius: Annotated[
        float, typer.Option("--radius", metavar="M", help="How far about it counts, in metres.")
    ] = 250,
    purpose: Annotated[
        Literal["planning", "grant", "target-hardening", "business"],
        typer.Option("--purpose", help="What the sheet is for; its wording follows."),
    ] = "planning",
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write it here.  [default: sites/ of the maps]"),
    ] = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Write a sheet about one place: crime near it, hotspots, lighting, and a form for a visit."""
    with told(debug=debug):
        given = {"--at": at, "--lonlat": lonlat, "--hotspot": hotspot, "--area": area}
        named = [name for name, value in given.items() if value is not None]
        if len(named) != 1:
            found = f"{' and '.join(named)} do not go together" if named else "no place is named"
            msg = f"{found}; give one of --at, --lonlat, --hotspot and --area."
            raise typer.BadParameter(msg)
        pair = _pair(at or lonlat or "", named[0]) if at or lonlat else (0.0, 0.0)
        from hotspots.pipeline import site as sites
        from hotspots.pipeline import site_place

        def place(content: Publication) -> Place:
            if at:
                return site_place.at_point(content, *pair, radius_m=radius)
            if lonlat:
                return site_place.at_lonlat(content, *pair, radius_m=radius)
            if hotspot is not None:
                return site_place.at_hotspot(content, hotspot, radius_m=radius)
            return site_place.in_file(content, area or Path(), radius_m=radius)

        with progress() as say:
            say("looking at what is known of the place")
            written = sites.write_sheet(settings, place, out=out, purpose=purpose, to=to)
        if as_json:
            tell(json.dumps({"title": written.title, "file": str(written.path)}, indent=2))
        else:
            tell(f"Site sheet of {written.title}\n\nOpen\n  {written.path.resolve().as_uri()}")


def _pair(text: str, option: str) -> tuple[float, float]:
    """Read two numbers parted by a comma."""
    found = _PAIR.fullmatch(text)
    if found is None:
        example = "353800,429300" if option == "--at" else "-2.7,53.76"
        msg = f"'{text}' is not two numbers parted by a comma, such as {example}."
        raise typer.BadParameter(msg, param_hint=option)
    return float(found[1]), float(found[2])
