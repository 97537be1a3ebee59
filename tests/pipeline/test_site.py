"""Site sheets from the tables of a refresh: counted, compared, refused where there is no place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hotspots import pipeline, schema, store
from hotspots.errors import DataMissingError, InputError, SettingsError
from hotspots.pipeline import site, site_place
from hotspots.pipeline.vicinity import ALIKE
from hotspots.publish.site import LEAST_ALIKE, Place
from hotspots.schema import ALL_CRIME
from hotspots.settings import load


@pytest.fixture(scope="module")
def ground(county: Path, refreshed: pipeline.Outcome) -> site.Ground:
    found, folder = site.refreshed(county, refreshed.maps_folder.parents[1])
    assert folder == refreshed.maps_folder / "sites"
    return found


@pytest.fixture(scope="module")
def busiest(ground: site.Ground) -> Place:
    hotspots = ground.publication.hotspots
    first = hotspots[hotspots["crime_group"] == ALL_CRIME].sort_values("rank").iloc[0]
    return site_place.at_hotspot(ground.publication, first["hotspot_id"])


def test_counts_are_those_of_the_map_points_in_the_vicinity(
    ground: site.Ground, busiest: Place, tables: Path
) -> None:
    found = next(site.sites(ground, [busiest]))
    points = store.read_table(schema.POINTS, tables)
    inside = points[shapely.intersects(points.geometry.to_numpy(), busiest.zone)]
    counts = store.read_table(schema.COUNTS, tables)
    counts = counts[counts["point_id"].isin(inside["point_id"])]
    content = ground.publication
    counts = counts[counts["month"].between(*content.data_months)]
    year = counts[counts["month"] >= content.window_start]
    by_type = year.groupby("crime_type")["n"].sum()
    assert found.crime["year"].reindex(by_type.index).tolist() == by_type.tolist()
    assert found.crime.loc[ALL_CRIME, "year"] == year["n"].sum() > 0
    assert found.crime.loc[ALL_CRIME, "whole"] == counts["n"].sum()
    months = counts.groupby("month")["n"].sum().reindex(content.months, fill_value=0)
    assert found.series.tolist() == months.tolist()
    assert found.streets["whole"].sum() <= counts["n"].sum()


def test_similar_places_are_circles_as_large_with_about_as_many_points(
    ground: site.Ground, busiest: Place
) -> None:
    found = next(site.sites(ground, [busiest]))
    crime, content = ground.crime, ground.publication
    district = content.districts.set_index("name").loc[found.district, "area_code"]
    radius_m = float(np.sqrt(busiest.zone.area / np.pi))
    own = content.points["district_code"] == district
    now = content.points["point_id"].isin(
        content.points.loc[content.points["list_id"] == content.points["list_id"].max(), "point_id"]
    )
    here = []
    for x, y in content.points[own & now].get_coordinates().to_numpy():
        if busiest.zone.contains(shapely.Point(x, y)):
            continue
        near = np.hypot(*(crime.xy - [x, y]).T) <= radius_m
        if ALIKE[0] * found.n_points <= (near & crime.is_now).sum() <= ALIKE[1] * found.n_points:
            here.append(crime.year[near, 0].sum())
    assert found.n_alike == len(here)
    if len(here) >= LEAST_ALIKE:
        assert found.crime.loc[ALL_CRIME, "typical"] == np.median(here)


def test_too_few_similar_places_are_not_compared_with(ground: site.Ground, busiest: Place) -> None:
    wide = replace(busiest, radius_m=1000.0)
    found = next(site.sites(ground, [wide]))
    assert found.crime["below"].isna().all() == (found.n_alike < LEAST_ALIKE)


def test_what_stands_in_the_vicinity_is_given(ground: site.Ground, busiest: Place) -> None:
    found = next(site.sites(ground, [busiest]))
    assert found.lamps.intersects(busiest.zone).all()
    assert len(found.lamps) == ground.publication.lamps.intersects(busiest.zone).sum() > 0
    assert busiest.hotspot_id in set(found.hotspots["hotspot_id"])
    values = {each.name: each.value for each in found.readings}
    assert values["lamps_n"] == len(found.lamps)
    assert 1 <= values["imd_decile"] <= 10
    assert 0 < found.covered <= 1


def test_every_hotspot_has_a_sheet_where_the_settings_ask_for_it(
    county: Path, ground: site.Ground, tables: Path
) -> None:
    usual = load(county)
    publish = usual.publish.model_copy(update={"site_sheets": "every"})
    asked = usual.model_copy(update={"publish": publish})
    hotspots = ground.publication.hotspots
    for chosen, rows in (
        (usual, hotspots[hotspots["crime_group"] == ALL_CRIME]),
        (asked, hotspots),
    ):
        found = site.hotspot_sites(chosen, tables, ground.publication)
        assert [each.place.hotspot_id for each in found] == sorted(rows["hotspot_id"])


def test_many_places_are_told_as_each_alone(ground: site.Ground) -> None:
    places = site_place.hotspot_places(ground.publication, crime_group=ALL_CRIME)
    together = list(site.sites(ground, places))
    assert [each.place for each in together] == places
    for one in together[:3]:
        alone = next(site.sites(ground, [one.place]))
        pd.testing.assert_frame_equal(alone.crime, one.crime)
        values, again = (np.array([r.value for r in told.readings]) for told in (alone, one))
        np.testing.assert_allclose(values, again, rtol=1e-9)


def test_a_place_without_map_points_is_told_and_not_compared(ground: site.Ground) -> None:
    content = ground.publication
    west, south, east, north = content.districts.total_bounds
    chance = np.random.default_rng(1)
    area = shapely.union_all(content.districts.geometry.to_numpy())
    xy = chance.uniform([west, south], [east, north], (4000, 2))
    apart = shapely.STRtree(content.points.geometry.to_numpy()).query_nearest(
        shapely.points(xy), return_distance=True, all_matches=False
    )[1]
    empty = xy[(apart > 80) & shapely.contains_xy(area, *xy.T)]
    assert len(empty)
    place = site_place.at_point(content, *empty[0], radius_m=50)
    found = next(site.sites(ground, [place]))
    assert found.n_points == found.n_alike == 0
    assert found.crime.loc[ALL_CRIME, "whole"] == 0
    assert found.crime["below"].isna().all()


def test_a_point_far_away_is_refused_with_a_hint(ground: site.Ground) -> None:
    content = ground.publication
    inside = content.districts.geometry.iloc[0].representative_point()
    with pytest.raises(InputError, match=r"the nearest is .* km away"):
        site_place.at_point(content, 530_000, 180_000)
    with pytest.raises(InputError, match="use --lonlat"):
        site_place.at_point(content, -2.7, 53.7)
    with pytest.raises(InputError, match="the other way round"):
        site_place.at_point(content, round(inside.y), round(inside.x))
    with pytest.raises(InputError, match="Longitude comes first"):
        site_place.at_lonlat(content, 53.7, -2.7)
    with pytest.raises(InputError, match="not in Great Britain"):
        site_place.at_lonlat(content, 100, 10)


def test_a_point_is_called_after_the_nearest_street(ground: site.Ground) -> None:
    content = ground.publication
    point = content.points[content.points["location"].str.endswith("Street")].iloc[0]
    easting, northing = point["geometry"].x, point["geometry"].y
    place = site_place.at_point(content, easting, northing)
    assert place.title.split(",")[0] in point["location"]
    assert place.slug == f"{easting:.0f}-{northing:.0f}"
    same = site_place.at_lonlat(content, point["longitude"], point["latitude"], radius_m=100)
    assert same.shape.distance(place.shape) < 2
    assert same.slug.endswith("-100m")


@pytest.mark.parametrize("radius_m", [0, 49, 1001, float("nan"), float("inf")])
def test_a_radius_out_of_bounds_is_refused(ground: site.Ground, radius_m: float) -> None:
    with pytest.raises(SettingsError, match="50 to 1000"):
        site_place.at_hotspot(ground.publication, "HS-x", radius_m=radius_m)


def test_an_unknown_hotspot_is_refused(ground: site.Ground) -> None:
    with pytest.raises(SettingsError, match=r"HS-x-0001 is none of the"):
        site_place.at_hotspot(ground.publication, "HS-x-0001")


def outline(path: Path, shape: shapely.Geometry) -> Path:
    gpd.GeoDataFrame(geometry=[shape], crs="EPSG:27700").to_file(path, driver="GPKG")
    return path


def test_an_outline_is_read_counted_beyond_its_edge_and_named_after_its_file(
    ground: site.Ground, busiest: Place, tmp_path: Path
) -> None:
    red_line = busiest.middle.buffer(60).envelope
    place = site_place.in_file(ground.publication, outline(tmp_path / "Red Line.gpkg", red_line))
    assert place.slug == "area-red-line"
    assert place.kind == "area"
    assert place.zone.contains(red_line.buffer(249))
    found = next(site.sites(ground, [place]))
    assert int(found.crime["year"].iloc[0]) > 0


def test_an_outline_too_large_or_elsewhere_is_refused(
    ground: site.Ground, busiest: Place, tmp_path: Path
) -> None:
    large = outline(tmp_path / "large.gpkg", busiest.middle.buffer(1200))
    with pytest.raises(InputError, match="m across"):
        site_place.in_file(ground.publication, large)
    elsewhere = outline(tmp_path / "london.gpkg", shapely.box(530000, 180000, 530100, 180100))
    with pytest.raises(InputError, match="polygon in the area"):
        site_place.in_file(ground.publication, elsewhere)
    with pytest.raises(DataMissingError):
        site_place.in_file(ground.publication, tmp_path / "absent.gpkg")


def test_a_refresh_writes_a_sheet_of_every_hotspot_for_all_crime(
    ground: site.Ground, refreshed: pipeline.Outcome
) -> None:
    hotspots = ground.publication.hotspots
    own = hotspots[hotspots["crime_group"] == ALL_CRIME]
    written = sorted(path.name for path in (refreshed.maps_folder / "sites").iterdir())
    assert written == sorted(f"{each}.html" for each in own["hotspot_id"])


def test_a_sheet_asked_for_is_the_one_that_the_refresh_wrote(
    ground: site.Ground, busiest: Place, county: Path, refreshed: pipeline.Outcome, tmp_path: Path
) -> None:
    out = refreshed.maps_folder.parents[1]
    there = refreshed.maps_folder / "sites" / f"{busiest.slug}.html"
    before = there.read_bytes()
    written = site.write_sheet(county, lambda _: busiest, out=out)
    assert written.path == there
    assert there.read_bytes() == before
    free = site.write_sheet(county, lambda _: busiest, out=out, to=tmp_path / "a" / "b.html")
    text = free.path.read_text(encoding="utf-8")
    assert "../" not in text
    assert ground.publication.area_name in text


def test_without_a_refresh_it_says_what_to_run(county: Path, tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="run `hotspots refresh` first"):
        site.refreshed(county, tmp_path)
