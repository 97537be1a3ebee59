"""Site sheets: what is known of the vicinity of places, from the tables of the last refresh."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots import schema, store
from hotspots.environment.deprivation import deciles, vintage
from hotspots.environment.field import observed
from hotspots.environment.lighting import lighting
from hotspots.environment.near import near
from hotspots.environment.streets import streets
from hotspots.errors import DataMissingError
from hotspots.pipeline import sheets, site_place
from hotspots.pipeline.assemble import publication
from hotspots.pipeline.folders import MANIFEST
from hotspots.pipeline.run import processed_folder
from hotspots.pipeline.surroundings import surroundings
from hotspots.pipeline.vicinity import Vicinity
from hotspots.publish.site import HOTSPOT_COLUMNS, Reading, Site
from hotspots.publish.site_sheet import DEFAULT, site_pages
from hotspots.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from hotspots.environment import Surroundings
    from hotspots.publish import Publication
    from hotspots.publish.site import Place
    from hotspots.settings import Settings

CHUNK = 200
"""Places looked at in one go, so that memory stays bounded."""

POINTS_REACH = 2.0
"""Map points are given within so many times the reach of the vicinity, to name streets about it."""


@dataclass(frozen=True)
class Ground:
    """
    An area, ready to be asked about places.

    Attributes
    ----------
    publication : Publication
    crime : Vicinity
    around : Surroundings
    """

    publication: Publication
    crime: Vicinity
    around: Surroundings


def ground(settings: Settings, folder: Path, content: Publication) -> Ground:
    """
    Set up an area from its tables.

    Parameters
    ----------
    settings : Settings
    folder : Path
        Tables of a run.
    content : Publication
        What is published of them.
    """
    wanted = (
        schema.COUNTS, schema.COVERAGE, schema.DEPRIVATION, schema.STREETS, schema.OBSERVATIONS,
    )  # fmt: skip
    tables = {each.name: store.read_table(each, folder) for each in wanted}
    crime = Vicinity(
        content.points, tables["counts"], tables["coverage"], months=content.months,
        window_start=content.window_start, window_end=content.window_end,
    )  # fmt: skip
    around = surroundings(settings, tables | {"lamps": content.lamps, "places": content.places})
    return Ground(content, crime, around)


def refreshed(settings_file: Path, out: Path | None) -> tuple[Ground, Path]:
    """
    Set up the area of a settings file from its last refresh.

    Returns
    -------
    Ground, Path
        The area, and the folder that its site sheets go to.

    Raises
    ------
    DataMissingError
        If there was no refresh.
    """
    chosen = load(settings_file)
    folder = processed_folder(chosen, settings_file, out)
    maps = folder.parents[2] / "maps" / chosen.area.id
    manifest = store.read_json(maps / MANIFEST)
    if not isinstance(manifest, dict):
        msg = f"{maps / MANIFEST} is not there; run `hotspots refresh` first."
        raise DataMissingError(msg)
    content = publication(
        chosen, folder, made_on=dt.date.fromisoformat(manifest["made_on"]),
        not_refreshed=tuple(manifest.get("not_refreshed", ())),
    )  # fmt: skip
    return ground(chosen, folder, content), maps / sheets.SITES


def hotspot_sites(settings: Settings, folder: Path, content: Publication) -> Iterator[Site]:
    """
    Look at the places that a refresh makes sheets of: as a rule the hotspots for all crime and ASB.

    A sheet of any other hotspot is one command away; all of them, which the settings may ask for,
    take longer, and more room, than the pages of the area together.

    Parameters
    ----------
    settings : Settings
    folder : Path
        Tables of the run.
    content : Publication
        What is published of them.
    """
    is_every = settings.publish.site_sheets == "every"
    crime_group = None if is_every else schema.ALL_CRIME
    places = site_place.hotspot_places(content, crime_group=crime_group)
    if places:
        here = ground(settings, folder, content)
        yield from sites(here, places, with_streets=False)  # which planning has no table of


@dataclass(frozen=True)
class Written:
    """A sheet that was written: what the place is called, and where the sheet is."""

    title: str
    path: Path


def write_sheet(
    settings_file: Path,
    place: Callable[[Publication], Place],
    *,
    out: Path | None = None,
    purpose: str = DEFAULT,
    to: Path | None = None,
) -> Written:
    """
    Write the sheet of one place from the tables of the last refresh.

    Parameters
    ----------
    settings_file : Path
    place : callable
        Names the place in the area, one of ``pipeline.site_place``.
    out : Path, optional
        As for a refresh.
    purpose : str
        A key of ``publish.site_words.PURPOSES``.
    to : Path, optional
        The file to write; in ``sites`` beside the pages, named after the place, if not given.

    Raises
    ------
    HotspotsError
        If there was no refresh, the place cannot be used, or the file cannot be written.
    """
    here, folder = refreshed(settings_file, out)
    wanted = place(here.publication)
    up = "../" if to is None else ""
    name, html = next(site_pages(here.publication, sites(here, [wanted]), purpose=purpose, up=up))
    path = folder / name if to is None else to
    with store.plain_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8", newline="\n")
        if path.resolve().parent == folder.resolve():
            sheets.note(folder.parent, path)
    return Written(wanted.title, path)


def sites(here: Ground, places: Sequence[Place], *, with_streets: bool = True) -> Iterator[Site]:
    """
    Find out what is known of the vicinity of places.

    Parameters
    ----------
    here : Ground
    places : sequence of Place
        In the area.
    with_streets : bool
        Count by street as well, which only some purposes of a sheet ask for.

    Yields
    ------
    Site
        One for each place, in order.
    """
    for first in range(0, len(places), CHUNK):
        yield from _sites(here, places[first : first + CHUNK], with_streets=with_streets)


def _sites(here: Ground, places: Sequence[Place], *, with_streets: bool) -> Iterator[Site]:
    content, crime = here.publication, here.crime
    zones = np.array([place.zone for place in places], dtype=object)
    middles = np.array([place.middle for place in places], dtype=object)
    readings = _readings(here, zones, middles)
    districts = content.districts
    own = shapely.STRtree(districts.geometry.to_numpy()).query_nearest(middles, all_matches=False)
    district = districts.iloc[own[1]]
    layers = {
        "hotspots": content.hotspots[list(HOTSPOT_COLUMNS)],
        "lamps": content.lamps,
        "places": content.places,
        "lines": here.around.streets,
    }
    touching = {name: _touching(table, zones) for name, table in layers.items()}
    reach_m = POINTS_REACH * shapely.hausdorff_distance(zones, middles)
    covered = _covered(districts.geometry.to_numpy(), zones)
    no_streets = crime.by_street(np.zeros(0, dtype=np.int64))
    for i, (place, code) in enumerate(zip(places, district["area_code"], strict=True)):
        members = crime.inside(zones[i])
        table, n_alike = crime.compare(zones[i], members, code)
        yield Site(
            place=place,
            district=str(district["name"].iloc[i]),
            district_slug=str(district["slug"].iloc[i]),
            covered=float(covered[i]),
            n_points=int(crime.is_now[members].sum()),
            crime=table,
            n_alike=n_alike,
            series=crime.series(members),
            points=crime.points_of(crime.inside(shapely.buffer(middles[i], reach_m[i]))),
            streets=crime.by_street(members) if with_streets else no_streets,
            readings=readings[i],
            **{
                name: table.iloc[touching[name][i]] if len(table) else table
                for name, table in layers.items()
            },
        )


def _covered(districts: NDArray[np.object_], zones: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give the share of each zone that lies in any district."""
    zone, district = shapely.STRtree(districts).query(zones, predicate="intersects")
    ground = shapely.area(shapely.intersection(zones[zone], districts[district]))
    inside = np.bincount(zone, ground, minlength=len(zones))
    return np.asarray(np.minimum(inside / shapely.area(zones), 1.0))


def _touching(table: pd.DataFrame, zones: NDArray[np.object_]) -> list[NDArray[np.int64]]:
    """Give the rows of a layer that each zone touches, in their order."""
    if table.empty:
        return [np.zeros(0, dtype=np.int64)] * len(zones)
    zone, row = shapely.STRtree(table["geometry"].to_numpy()).query(zones, predicate="intersects")
    return [np.sort(row[zone == i]) for i in range(len(zones))]


def _readings(
    here: Ground, zones: NDArray[np.object_], middles: NDArray[np.object_]
) -> list[tuple[Reading, ...]]:
    """Measure every zone; of deprivation that of the LSOA in the middle."""
    around = here.around
    lights = lighting(zones, around)
    lamps_n = next(each.value for each in lights if each.name == "lamps_n")
    measures = [
        *lights,
        *streets(zones, around, lamps_n),
        *deciles(_lsoa(here, middles), around.deprivation),
        *near(middles, around),
        *observed(zones, around),
    ]
    return [
        tuple(Reading(m.name, m.unit, m.source, float(m.value[i])) for m in measures)
        for i in range(len(zones))
    ]


def _lsoa(here: Ground, middles: NDArray[np.object_]) -> pd.Series[str]:
    """Name the LSOA that each place lies in, of the vintage of the deprivation supplied."""
    areas = here.publication.areas
    own = areas[areas["level"] == vintage(here.around.deprivation)]
    found = pd.Series(None, index=range(len(middles)), dtype="str")
    place, row = shapely.STRtree(own.geometry.to_numpy()).query(middles, predicate="intersects")
    found.iloc[place] = own["area_code"].to_numpy()[row]
    return found
