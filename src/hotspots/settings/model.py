"""What a settings file may say: every key with its type, unit, range, meaning and default."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    field_validator,
    model_validator,
)

from hotspots import schema
from hotspots.errors import cut
from hotspots.settings.layers import (
    Boundary,
    Deprivation,
    FieldObservations,
    Lighting,
    Places,
    Section,
    Streets,
)
from hotspots.settings.notify import Notify  # noqa: TC001 - read at run time
from hotspots.settings.values import Host, Pattern, Text, Url  # noqa: TC001 - read at run time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import ValidationInfo

EPS_BOUNDS_M = (40.0, 125.0)
"""Neighbourhood radii, inclusive, that neither fall apart into single points nor chain."""

CRIME_GROUPS: dict[str, tuple[str, ...]] = {
    "people": ("Violence and sexual offences", "Robbery", "Theft from the person"),
    "places": (schema.ASB, "Criminal damage and arson", "Public order"),
    "property": ("Burglary", "Vehicle crime", "Bicycle theft", "Other theft"),
    "business": ("Shoplifting",),
}
"""The groups analysed beside the single types unless the settings name others."""

Key = tuple[str | int, ...]


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """Name the known word nearest to ``found``, and all of them."""
    names = list(known)
    near = difflib.get_close_matches(found.casefold(), [n.casefold() for n in names], n=1)
    listed = ", ".join(names)
    if near:
        match = next(name for name in names if name.casefold() == near[0])
        return f'did you mean "{match}"? Known here: {listed}'
    return f"leave it out or use one of: {listed}"


class Area(Section):
    """The area that is analysed and published."""

    id: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=40,
        description="short name of the area in folder names and hotspot ids: a-z, 0-9 and hyphens",
        examples=["lancashire"],
    )
    name: Text = Field(description="name of the area for people", examples=["Lancashire"])
    police_force: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="force id in police.uk file names; leave out if the files name no force",
        examples=["lancashire"],
    )


class PoliceUk(Section):
    """Where the crime records come from and how many months of them count."""

    files: tuple[Pattern, ...] = Field(
        default=(),
        description="police.uk archives, downloads, CSV files or folders, or saved API answers; "
        "paths or globs relative to the settings file; leave out to fetch them",
        examples=[["data/raw/*.zip"]],
    )
    source: Literal["archive", "api"] = Field(
        default="archive",
        description="what is fetched: archive, the files of a whole force; api, the crimes inside "
        "the districts, for a small area",
    )
    url: Annotated[Url, AfterValidator(lambda url: url.rstrip("/"))] = Field(
        default="https://data.police.uk", description="where it is fetched from"
    )
    months: int = Field(
        default=36, ge=12, le=240, description="history to analyse, in months up to the latest"
    )
    publications: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="how many of the newest publications of a month are read: one counts, two also "
        "show what was revised; all of named files and two of fetched ones if not given",
    )


class Clustering(Section):
    """How hotspots are drawn."""

    method: Literal["excess-mass", "dbscan"] = Field(
        default="excess-mass",
        description="excess-mass draws the places with most crime for their area; "
        "dbscan is the textbook method over all map points",
    )
    area_budget_share: float = Field(
        default=0.001, gt=0, le=0.05, description="share of the area that hotspots may cover"
    )
    allow_any_eps: bool = Field(
        default=False, description="allow an eps_m outside the measured bounds of 40 to 125 m"
    )
    eps_m: float = Field(
        default=100.0, gt=0, le=1000, description="neighbourhood radius, metres, inclusive"
    )
    min_incidents: int = Field(
        default=10,
        ge=1,
        description="incidents within eps_m that make a core point (method dbscan only)",
    )
    max_width_m: float = Field(
        default=400.0, ge=100, le=5000, description="widest a hotspot may be, metres"
    )
    max_area_m2: float = Field(
        default=250_000.0, ge=10_000, le=10_000_000, description="largest a hotspot may be, m²"
    )
    min_year_incidents: int = Field(
        default=300,
        ge=1,
        description="a crime group with fewer incidents a year in the area gets no hotspots",
    )
    most_hotspots: int | None = Field(
        default=None,
        ge=1,
        description="hotspots of each group at most, those of most value; "
        "if left out, as many as the area budget holds",
        examples=[50],
    )
    exposure: Text | None = Field(
        default=None,
        description="kind of [[places]] that crime is measured against, each counting one, such "
        "as addresses; if left out each map point counts as one",
        examples=["address"],
    )
    simulations: int = Field(
        default=999,
        ge=99,
        le=9999,
        description="maps without hotspots that each group's hotspots are compared with",
    )

    @field_validator("eps_m")
    @classmethod
    def _measured_radius(cls, eps_m: float, info: ValidationInfo) -> float:
        low, high = EPS_BOUNDS_M
        if not info.data.get("allow_any_eps", False) and not low <= eps_m <= high:
            msg = (
                f"expected {low:g} to {high:g} metres, outside which map points fall apart or "
                "chain; choose one of these, or set allow_any_eps = true if you mean it"
            )
            raise ValueError(msg)
        return eps_m


class Harm(Section):
    """How harm is weighed beside the count."""

    weights: Pattern | None = Field(
        default=None,
        description="CSV with crime_type and days, one row for each of the 14 types; "
        "if left out, the medians of sentences that come with hotspots",
        examples=["harm_weights.csv"],
    )


class Interventions(Section):
    """The register of interventions: what was done where and when, never by whom or to whom."""

    file: Pattern = Field(
        description="register of interventions, TOML or CSV: an id, a name, what was done, start, "
        "end, area; it must not name people",
        examples=["data/raw/interventions.csv"],
    )
    areas: Pattern | None = Field(
        default=None,
        description="their areas as GeoJSON, GeoPackage or zipped shapefile, with a column "
        "intervention_id, and role = action or comparison; only for areas not in the register",
        examples=["data/raw/intervention_areas.gpkg"],
    )
    ring_m: float = Field(
        default=300.0,
        ge=50,
        le=2000,
        description="width of the ring around an area that crime may have moved to, metres; "
        "nothing within it is compared with",
    )


class Publish(Section):
    """How the pages are published."""

    stale_after_days: int = Field(
        default=90, ge=1, le=3650, description="age of the data, in days, that puts up a banner"
    )
    site_sheets: Literal["all_crime", "every"] = Field(
        default="all_crime",
        description="which hotspots have a site sheet after each refresh: those for all crime and "
        "ASB, or every one of every crime group, which takes about a minute and 100 MB for a force",
    )


class Population(Section):
    """Residents by LSOA, which the quarterly reports turn into rates."""

    file: Pattern = Field(
        description="CSV or workbook of residents by LSOA: a column of codes, one of residents",
        examples=["data/raw/population.csv"],
    )


class Report(Section):
    """How the quarterly reports are made."""

    quarters: Literal["calendar", "financial"] = Field(
        default="calendar",
        description="calendar: quarter 1 begins in January; financial: quarter 1 begins in April",
    )


class Fetch(Section):
    """How sources on the network are asked."""

    hosts: tuple[Host, ...] = Field(
        default=(),
        description="more hosts that may be asked, beside those of the catalogue and of the "
        "addresses named here",
        examples=[["opendata.example.gov.uk"]],
    )
    layers_every_days: int = Field(
        default=30,
        ge=0,
        le=365,
        description="how often layers by url are asked whether they changed, days",
    )


MOST_GROUPS = 100
"""More groups would test and print the same few types over and over."""


def _checked_groups(groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if len(groups) > MOST_GROUPS:
        msg = f"there are {len(groups):,} groups; name at most {MOST_GROUPS}"
        raise ValueError(msg)
    faults = [*_group_name_faults(groups), *_group_type_faults(groups)]
    if faults:
        raise ValueError("; ".join(faults))
    return groups


def _group_name_faults(groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    taken = {name.casefold(): name for name in (schema.ALL_CRIME, *schema.CRIME_TYPES)}
    for name in groups:
        plain, said = name.strip().casefold(), cut(name, 60)
        if not plain or not name.isprintable():
            yield f"a group cannot be named {said!r}; give it a printable name"
        elif plain in taken:
            yield f'the group name "{said}" is taken by "{cut(taken[plain], 60)}"; choose another'
        else:
            taken[plain] = name


def _group_type_faults(groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, types in groups.items():
        group = f'group "{cut(name, 60)}"'
        if not types:
            yield f"{group} holds no crime type; name at least one or leave the group out"
        for crime_type, times in Counter(types).items():
            said = cut(crime_type, 60)
            if crime_type not in schema.CRIME_TYPES:
                hint = did_you_mean(crime_type, schema.CRIME_TYPES)
                yield f'{group}: "{said}" is no police.uk crime type; {hint}'
            elif times > 1:
                yield f'{group} names "{said}" {times} times; keep one'


def _checked_boundaries(boundaries: tuple[Boundary, ...]) -> tuple[Boundary, ...]:
    if not any(boundary.level == "district" for boundary in boundaries):
        msg = 'none has level = "district", the reporting unit; add a [[boundaries]] that has'
        raise ValueError(msg)
    return boundaries


class Settings(Section):
    """
    Everything a run is told about one area.

    Every path is absolute once loaded and may still be a glob; see `expand`.
    """

    area: Area = Field(description="the area that is analysed and published")
    police_uk: PoliceUk = Field(default_factory=PoliceUk, description="crime records")
    boundaries: Annotated[tuple[Boundary, ...], AfterValidator(_checked_boundaries)] = Field(
        description="layers of area outlines, one of them of districts"
    )
    deprivation: Deprivation | None = Field(
        default=None, description="English Indices of Deprivation, if supplied"
    )
    lighting: tuple[Lighting, ...] = Field(
        default=(), description="street lights, one entry for each lighting authority"
    )
    places: tuple[Places, ...] = Field(default=(), description="places, one entry for each list")
    streets: tuple[Streets, ...] = Field(
        default=(), description="streets as lines, one entry for each layer"
    )
    field_observations: tuple[FieldObservations, ...] = Field(
        default=(), description="what people noted on visits, one entry for each list"
    )
    crime_groups: Annotated[dict[str, tuple[str, ...]], AfterValidator(_checked_groups)] = Field(
        default=CRIME_GROUPS,
        description="groups of police.uk crime types analysed beside the single types; "
        "naming any replaces the default groups",
    )
    clustering: Clustering = Field(default_factory=Clustering, description="how hotspots are drawn")
    harm: Harm = Field(default_factory=Harm, description="how harm is weighed")
    interventions: Interventions | None = Field(
        default=None, description="register of interventions, if there is one"
    )
    publish: Publish = Field(default_factory=Publish, description="how the pages are published")
    population: Population | None = Field(
        default=None, description="residents, for rates in the quarterly reports"
    )
    report: Report = Field(default_factory=Report, description="how the quarterly reports are made")
    fetch: Fetch = Field(default_factory=Fetch, description="how sources on the network are asked")
    notify: Notify | None = Field(
        default=None, description="whom to tell of a failure or old data, if anybody"
    )

    @model_validator(mode="after")
    def _known_exposure(self) -> Self:
        kinds = list(dict.fromkeys(each.kind for each in self.places))
        named = self.clustering.exposure
        if named is not None and named not in kinds:
            known = ", ".join(map(repr, kinds)) or "none is named"
            msg = (
                f"clustering.exposure: {cut(named, 60)!r} is no kind of [[places]] "
                f"(known: {cut(known)}); add a [[places]] of that kind or leave it out"
            )
            raise ValueError(msg)
        return self
