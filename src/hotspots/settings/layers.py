"""What a settings file may say of the layers of an area: outlines, lights, places, streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hotspots.settings.values import Pattern, Query, Text, Url  # noqa: TC001 - read at run time

if TYPE_CHECKING:
    from pydantic import ValidationInfo

Level = Literal["district", "ward", "lsoa11", "lsoa21", "force"]


class Section(BaseModel):
    """A table of the settings file: frozen, and strict about every key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Layer(Section):
    """A file that is either here or fetched from an address."""

    file: Pattern | None = Field(default=None, description="path or glob", examples=["data/raw/x"])
    url: Url | None = Field(
        default=None,
        description="where to fetch it: an ArcGIS layer or a file",
        examples=["https://opendata.example.gov.uk/file.csv"],
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.file is None) == (self.url is None):
            field = type(self).model_fields["file"]
            named = "names both a file and a url" if self.file else "names neither a file nor a url"
            msg = (
                f'{named}; give one: file = "{(field.examples or [""])[0]}" if you have it '
                f'({field.description}), or url = "https://…" to fetch it'
            )
            raise ValueError(msg)
        return self


class Boundary(Layer):
    """One layer of area outlines."""

    level: Level = Field(
        description="kind of area; districts are the reporting units", examples=["district"]
    )
    file: Pattern | None = Field(
        default=None,
        description="GeoJSON, GeoPackage or zipped shapefile",
        examples=["data/raw/districts.gpkg"],
    )
    where: Query | None = Field(
        default=None,
        description="which areas to ask an ArcGIS layer for; only with url",
        examples=["LAD24CD IN ('E06000008', 'E06000009')"],
    )
    code: Text = Field(description="column of the ONS code", examples=["LAD24CD"])
    name: Text = Field(description="column of the name", examples=["LAD24NM"])
    is_whole: bool = Field(
        default=False,
        description="true says that a file of exactly 1,000 or 2,000 areas was not cut short",
    )

    @field_validator("where")
    @classmethod
    def _asks_an_address(cls, where: str | None, info: ValidationInfo) -> str | None:
        if where is not None and info.data.get("file") is not None:
            msg = "only an address can be asked; leave where out, or give url in place of file"
            raise ValueError(msg)
        return where


class Deprivation(Layer):
    """English Indices of Deprivation."""

    file: Pattern | None = Field(
        default=None,
        description="File 7 of the 2019 or 2025 indices, CSV",
        examples=["data/raw/file7.csv"],
    )


class Lighting(Layer):
    """The street lights of one lighting authority."""

    authority: Text = Field(
        description="lighting authority that owns the file", examples=["Anytown Borough Council"]
    )
    file: Pattern | None = Field(
        default=None, description="its list of street lights", examples=["data/raw/lights.csv"]
    )
    licence: Text = Field(
        description="licence line to print on every page",
        examples=["Anytown Borough Council, Open Government Licence v3.0"],
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="columns that cannot be recognised: our name = the file's name",
    )
    inventory_date: str | None = Field(
        default=None,
        pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$",
        description="month at which the list was true, YYYY-MM; if left out, the newest lamp's "
        "is shown where the list has dates of installation",
        examples=["2024-06"],
    )
    is_whole: bool = Field(
        default=False,
        description="true says that a list of exactly 1,000 or 2,000 rows was not cut short",
    )


class Places(Layer):
    """Places of one kind: pubs, shops, schools; or members of a scheme, cameras, projects."""

    kind: Text = Field(description="kind of place", examples=["pub"])
    file: Pattern | None = Field(
        default=None, description="list of the places", examples=["data/raw/pubs.csv"]
    )
    columns: tuple[Text, ...] | None = Field(
        default=None, description="names of the columns in order, for a file without a header"
    )
    licence: Text = Field(
        description="licence line to print on every page",
        examples=["© OpenStreetMap contributors (ODbL)"],
    )
    is_response: bool = Field(
        default=False,
        description="true for what was put there in answer to crime, such as a watch scheme, CCTV, "
        "patrols or a funded project: drawn and counted, never tested for what goes with crime",
    )
    is_whole: bool = Field(
        default=False,
        description="true says that a list of exactly 1,000 or 2,000 rows was not cut short",
    )


class Streets(Layer):
    """Streets as lines, such as OS Open Roads."""

    file: Pattern | None = Field(
        default=None,
        description="lines in GeoJSON, a GeoPackage or a zipped shapefile",
        examples=["data/raw/roads.gpkg"],
    )
    licence: Text = Field(
        description="licence line to print on every page",
        examples=["Contains OS data © Crown copyright and database right"],
    )
    is_whole: bool = Field(
        default=False,
        description="true says that a layer of exactly 1,000 or 2,000 lines was not cut short",
    )


class FieldObservations(Section):
    """What people noted on visits: a kind and a place for each, no free text."""

    file: Pattern = Field(
        description="CSV, GeoPackage or GeoJSON of what was noted",
        examples=["data/raw/observations.csv"],
    )
    source: Text = Field(
        description="who noted it: a team, never a person's name", examples=["Street audit team"]
    )
    is_whole: bool = Field(
        default=False,
        description="true says that a list of exactly 1,000 or 2,000 rows was not cut short",
    )
