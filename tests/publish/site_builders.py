"""A made-up site on a made-up publication: plain, hostile or bare."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import publication_builders as builders
import shapely

from hotspots import schema
from hotspots.publish import site_sheet
from hotspots.publish.publication import Publication
from hotspots.publish.site import Place, Reading, Site

TYPES = schema.CRIME_TYPES


def site(
    publication: Publication,
    *,
    kind: str = "hotspot",
    n_points: int = 24,
    n_alike: int = 412,
    counts: dict[str, tuple[int, int]] | None = None,
    **changes: object,
) -> Site:
    """Make a site about the first hotspot of a publication."""
    first = publication.hotspots.iloc[0]
    middle = first["geometry"].centroid
    shape = first["geometry"] if kind == "hotspot" else middle
    if kind == "area":
        shape = shapely.box(middle.x - 40, middle.y - 30, middle.x + 40, middle.y + 30)
    slug = first["hotspot_id"] if kind == "hotspot" else f"made-up-{kind}"
    own = first["hotspot_id"] if kind == "hotspot" else ""
    place = Place(slug, first["name"], shape, kind=kind, hotspot_id=own)
    zone = place.zone
    near = publication.points[publication.points.intersects(zone)]
    district = publication.districts.set_index("area_code").loc[first["district_code"]]
    made = Site(
        place=place,
        district=district["name"],
        district_slug=district["slug"],
        covered=1.0,
        n_points=n_points,
        crime=crime(counts, is_compared=n_alike >= 30),
        n_alike=n_alike,
        series=np.where(np.isin(np.arange(36), builders.MISSING), 0, 20 + np.arange(36) % 7),
        points=pd.DataFrame(
            {
                "x": near.geometry.x,
                "y": near.geometry.y,
                "n": np.resize([260, 60, 4], len(near)),
                "street": near["location"].str.removeprefix("On or near "),
            }
        ),
        streets=streets(near["location"].str.removeprefix("On or near ").unique().tolist()),
        hotspots=publication.hotspots[publication.hotspots.intersects(zone)],
        lamps=publication.lamps[publication.lamps.intersects(zone)],
        places=publication.places[publication.places.intersects(zone)],
        lines=gpd.GeoDataFrame(schema.empty(schema.STREETS)),
        readings=readings(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Site


def crime(
    counts: dict[str, tuple[int, int]] | None = None, *, is_compared: bool = True
) -> pd.DataFrame:
    """Make the table of crime types from counts of the year and of all months."""
    given = counts or {name: (3 * i + 5, 9 * i + 12) for i, name in enumerate(TYPES)}
    rows = [(name, *given.get(name, (0, 0))) for name in TYPES]
    table = pd.DataFrame(rows, columns=["crime_type", "year", "whole"]).set_index("crime_type")
    table.loc[schema.ALL_CRIME] = table.sum()
    table = table.loc[[schema.ALL_CRIME, *TYPES]]
    table["district"] = table["year"] * 0.6
    table["typical"] = table["year"] // 2 if is_compared else np.nan
    table["below"] = 0.83 if is_compared else np.nan
    return table


def streets(names: list[str]) -> pd.DataFrame:
    """Make counts by street for three crime types."""
    return pd.DataFrame(
        [
            (name, kind, 2 + 3 * i, 4 + 5 * i)
            for i, name in enumerate(names)
            for kind in ("Burglary", "Robbery", "Shoplifting")
        ],
        columns=["street", "crime_type", "year", "whole"],
    )


def readings() -> tuple[Reading, ...]:
    """Make some lighting, deprivation and places."""
    return (
        Reading("lamps_n", "lamps", "Made-up Council", 41.0),
        Reading("lamp_spacing_m", "m", "Made-up Council", 23.4),
        Reading("dark_share", "share", "Made-up Council", 0.31),
        Reading("imd_decile", "decile, 1 most deprived", "Indices", 2.0),
        Reading("nearest_pub_m", "m", "the lists of places supplied", 84.0),
        Reading("faulty_share", "share", "not supplied", float("nan")),
    )


def html(publication: Publication, made: Site, **options: str) -> str:
    """Write the sheet of a site."""
    return site_sheet.site_html(site_sheet.prepare(publication), made, **options)
