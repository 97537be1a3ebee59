"""The sample county: same seed, same bytes; in the sea; what was planted is really there."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import tomllib
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree

from hotspots import crs, sample
from hotspots.sample import crime, map_points, streets
from hotspots.schema import ASB, CRIME_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COLUMNS = [
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
    "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context",
]  # fmt: skip
SEA = shapely.box(-4.95, 53.60, -4.15, 53.92)
FORCE_MEMBER = re.compile(r"(\d{4}-\d{2})/\1-saltmarrow-street\.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("county")
    assert sample.write_county(place) == place / "hotspots.toml"
    return place


def _members(folder: Path) -> dict[tuple[str, str], bytes]:
    found: dict[tuple[str, str], bytes] = {}
    for path in sorted((folder / "inputs/police_uk").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            found |= {(path.name, name): archive.read(name) for name in archive.namelist()}
    return found


@pytest.fixture(scope="module")
def members(folder: Path) -> dict[tuple[str, str], bytes]:
    return _members(folder)


def _read(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)


@pytest.fixture(scope="module")
def rows(members: dict[tuple[str, str], bytes]) -> pd.DataFrame:
    """The force's rows; a month published twice counts in its newer publication."""
    newest = {
        name: content for (_, name), content in members.items() if FORCE_MEMBER.fullmatch(name)
    }
    table = pd.concat([_read(content) for content in newest.values()], ignore_index=True)
    located = table["Longitude"].ne("")
    xy = np.full((len(table), 2), np.nan)
    degrees = table.loc[located, ["Longitude", "Latitude"]].astype("float64").to_numpy()
    xy[located] = crs.lonlat_to_bng(degrees[:, 0], degrees[:, 1])
    return table.assign(x=xy[:, 0], y=xy[:, 1])


@pytest.fixture(scope="module")
def located(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with coordinates in the county."""
    return rows[rows["x"].between(216_000, 241_000) & rows["LSOA code"].str.startswith("E0199")]


def _layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "inputs/boundaries" / name)


def _away(
    table: pd.DataFrame, columns: tuple[str, str], place: sample.Planted | sample.Quarter
) -> pd.Series[float]:
    """Distance of every row from a place, in metres."""
    east, north = (table[column].astype("float64") for column in columns)
    return ((east - place.easting) ** 2 + (north - place.northing) ** 2) ** 0.5


def _list_of(table: pd.DataFrame, *, is_new: bool) -> NDArray[np.float64]:
    here = table[(table["Month"] >= sample.NEW_LIST_MONTH) == is_new]
    return here[["x", "y"]].drop_duplicates().to_numpy()


# Bytes


def _digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_gives_the_same_bytes_and_another_seed_others(
    folder: Path, tmp_path: Path
) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    sample.write_county(again)
    sample.write_county(other, seed=7)
    first, different = _digest(folder), _digest(other)
    assert _digest(again) == first
    changed = {name for name in first if first[name] != different[name]}
    kept = {name for name in first if "boundaries" in name or "streets" in name} | {
        "hotspots.toml",
        "inputs/README.txt",
        "inputs/interventions/register.csv",
    }
    assert set(different) == set(first)
    assert changed == set(first) - kept


def test_files_are_small_and_carry_no_clock(folder: Path) -> None:
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert total < 12e6
    for path in folder.rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(2024, 4, 1, 0, 0, 0)}


# The settings file and the notice


def test_settings_name_files_that_exist(folder: Path) -> None:
    settings = tomllib.loads((folder / "hotspots.toml").read_text(encoding="utf-8"))
    assert settings["area"]["police_force"] == "saltmarrow"
    assert settings["police_uk"]["months"] == sample.N_MONTHS
    parts = [*settings["boundaries"], *settings["lighting"], *settings["places"]]
    patterns = [part["file"] for part in [*parts, settings["deprivation"]]]
    for pattern in [*patterns, *settings["police_uk"]["files"]]:
        assert list(folder.glob(pattern)), pattern
    for part in settings["boundaries"]:
        assert {part["code"], part["name"]} <= set(gpd.read_file(folder / part["file"]).columns)


def test_notice_says_that_all_is_made_up(folder: Path) -> None:
    notice = (folder / "inputs/README.txt").read_text(encoding="utf-8")
    assert notice.startswith("All of this is made up.")


# Police records: format


def test_members_have_the_published_form(members: dict[tuple[str, str], bytes]) -> None:
    for (archive, name), content in members.items():
        assert re.fullmatch(r"(\d{4}-\d{2})/\1-(saltmarrow|wrackholm)-street\.csv", name)
        table = _read(content)
        assert list(table.columns) == COLUMNS
        assert set(table["Month"]) == {name[:7]}
        line_end = b"\r\n" if archive == "2022-08.zip" else b"\n"
        assert content.count(b"\n") == len(table) + 1
        assert content.count(line_end) == len(table) + 1
        assert (b"\r" in content) == (archive == "2022-08.zip")


def test_downloads_overlap_by_a_month_and_leave_two_out(
    members: dict[tuple[str, str], bytes],
) -> None:
    months: dict[str, list[str]] = {}
    for archive, name in members:
        if FORCE_MEMBER.fullmatch(name):
            months.setdefault(archive, []).append(name[:7])
    assert list(months) == ["2022-08.zip", "2023-07.zip", "2024-03.zip"]
    assert [max(found) for found in months.values()] == ["2022-08", "2023-07", "2024-03"]
    assert [min(found) for found in months.values()] == ["2021-04", "2022-08", "2023-07"]
    every = set(pd.period_range(sample.FIRST_MONTH, periods=sample.N_MONTHS, freq="M").astype(str))
    assert every - {month for found in months.values() for month in found} == set(
        sample.MISSING_MONTHS
    )
    assert {name for _, name in members if "wrackholm" in name} == {
        "2023-01/2023-01-wrackholm-street.csv",
        "2023-02/2023-02-wrackholm-street.csv",
    }


@pytest.mark.parametrize(
    ("older", "newer", "month"),
    [("2022-08.zip", "2023-07.zip", "2022-08"), ("2023-07.zip", "2024-03.zip", "2023-07")],
)
def test_newer_publication_has_later_outcomes(
    members: dict[tuple[str, str], bytes], older: str, newer: str, month: str
) -> None:
    name = f"{month}/{month}-saltmarrow-street.csv"
    first, second = (_read(members[archive, name]) for archive in (older, newer))
    both = first[first["Crime ID"].ne("")].merge(second, on="Crime ID", suffixes=("", " now"))
    pending = both["Last outcome category"].eq("Under investigation")
    pending_now = both["Last outcome category now"].eq("Under investigation")
    assert pending.mean() > 0.5
    assert pending_now.mean() < 0.05
    assert both.loc[~pending, "Last outcome category"].equals(
        both.loc[~pending, "Last outcome category now"]
    )
    # A few records came late.
    assert 0 < len(second) - len(first) < 40


def test_rows_keep_the_habits_of_the_publisher(rows: pd.DataFrame) -> None:
    assert 100_000 < len(rows) < 130_000
    assert rows["Context"].eq("").all()
    assert set(rows["Crime type"]) == set(CRIME_TYPES)
    is_asb = rows["Crime type"].eq(ASB)
    assert rows["Crime ID"].eq("").equals(is_asb)
    assert rows["Last outcome category"].eq("").equals(is_asb)
    assert rows.loc[~is_asb, "Crime ID"].str.fullmatch(r"[0-9a-f]{64}").all()
    lost = rows["Longitude"].eq("")
    assert (rows["Latitude"].eq("") == lost).all()
    assert (rows["Location"].eq("No Location") == lost).all()
    assert set(rows.loc[lost, "LSOA code"]) == set(rows.loc[lost, "LSOA name"]) == {""}
    assert not (lost & is_asb).any()
    assert lost.mean() == pytest.approx(0.04, abs=0.01)
    assert rows.loc[~lost, "Longitude"].str.fullmatch(r"-?\d\.\d{6}").all()
    assert rows.loc[~lost, "Location"].str.startswith("On or near ").all()


def test_shares_and_sizes_of_crime_types(rows: pd.DataFrame) -> None:
    year = rows[rows["Month"] >= "2023-04"]["Crime type"].value_counts()
    assert year[ASB] / year.sum() == pytest.approx(0.30, abs=0.03)
    assert year["Violence and sexual offences"] / year.sum() == pytest.approx(0.33, abs=0.03)
    assert set(year.index[year < 300]) == {"Possession of weapons", "Theft from the person"}


def test_about_a_third_of_asb_rows_are_twins(rows: pd.DataFrame) -> None:
    asb = rows.loc[rows["Crime type"].eq(ASB), COLUMNS]
    assert asb.duplicated(keep=False).mean() == pytest.approx(1 / 3, abs=0.07)


def test_some_crime_ids_come_twice(rows: pd.DataFrame) -> None:
    with_id = rows[rows["Crime ID"].ne("")]
    repeats = with_id.groupby("Crime ID").agg(n=("Month", "size"), months=("Month", "nunique"))
    repeats = repeats[repeats["n"] > 1]
    assert repeats["n"].eq(2).all()
    assert (len(repeats), int(repeats["months"].eq(2).sum())) == (105, 45)
    places = with_id[with_id["Crime ID"].isin(repeats.index)].groupby("Crime ID")["Longitude"]
    assert 3 <= int(places.nunique().eq(2).sum()) <= 12


def test_crime_is_as_concentrated_as_real_crime(located: pd.DataFrame) -> None:
    year = located[located["Month"] >= "2023-04"]
    n = np.sort(year.groupby(["x", "y"]).size().to_numpy())[::-1]
    held = np.cumsum(n) / n.sum()
    n_points = len(_list_of(located, is_new=True))
    shares = [np.searchsorted(held, part) / n_points for part in (0.25, 0.5, 0.8)]
    assert shares == pytest.approx([0.03, 0.11, 0.33], rel=0.35)


# The sea


def test_everything_lies_in_the_irish_sea(folder: Path, rows: pd.DataFrame) -> None:
    for path in sorted((folder / "inputs/boundaries").glob("*.geojson")):
        shapes = gpd.read_file(path)
        assert shapes.crs.to_epsg() == 4326
        assert shapes.within(SEA).all(), path.name
    with_place = rows[rows["Longitude"].ne("")]
    spots = shapely.points(with_place[["Longitude", "Latitude"]].astype("float64").to_numpy())
    is_far = ~shapely.within(spots, SEA)
    assert 10 <= is_far.sum() <= 100
    distance = np.hypot(with_place["x"] - 228_500, with_place["y"] - 431_500)
    assert distance[is_far].min() > 200_000
    assert with_place.loc[is_far, "LSOA code"].str.fullmatch(r"E01992\d{3}").all()


def test_lamps_and_places_lie_on_land(folder: Path) -> None:
    land = _layer(folder, "districts.geojson").to_crs(27700).union_all().buffer(60)
    inputs = folder / "inputs"
    borough = pd.read_csv(inputs / "lighting/kelderwick_lights.csv")
    county = pd.read_csv(inputs / "lighting/saltmarrow_units.csv")
    schools = pd.read_csv(inputs / "places/schools.csv")
    county = county[county["EASTINGS"] > 0]
    for table, columns in (
        (borough, ["Asset_XCords", "Asset_YCords"]),
        (county, ["EASTINGS", "NORTHINGS"]),
        (schools, ["Easting", "Northing"]),
    ):
        assert shapely.covers(land, shapely.points(table[columns].to_numpy(float))).all()


# Areas


@pytest.mark.parametrize(
    ("name", "code", "pattern"),
    [
        ("districts.geojson", "LAD24CD", r"E07999\d{3}"),
        ("wards.geojson", "WD24CD", r"E05999\d{3}"),
        ("lsoa11.geojson", "LSOA11CD", r"E0199\d{4}"),
        ("lsoa21.geojson", "LSOA21CD", r"E0199\d{4}"),
        ("districts.shp.zip", "LAD24CD", r"E07999\d{3}"),
    ],
)
def test_areas_tile_the_county(folder: Path, name: str, code: str, pattern: str) -> None:
    layer = _layer(folder, name)
    whole = _layer(folder, "districts.geojson").union_all()
    assert layer[code].is_unique
    assert layer[code].str.fullmatch(pattern).all()
    assert layer.is_valid.all()
    assert shapely.coverage_is_valid(layer.geometry.to_numpy())
    assert layer.union_all().symmetric_difference(whole).area < 1e-12
    named = layer.filter(regex="NM$")
    assert named.map(lambda text: bool(str(text).strip())).to_numpy().all()


def test_some_lsoas_changed_between_the_vintages(folder: Path) -> None:
    old = _layer(folder, "lsoa11.geojson").set_index("LSOA11CD")
    new = _layer(folder, "lsoa21.geojson").set_index("LSOA21CD")
    gone, come = set(old.index) - set(new.index), set(new.index) - set(old.index)
    assert (len(gone), len(come)) == (6 + 2 * 4, 2 * 6 + 4)
    before = old.loc[sorted(gone)].union_all()
    assert before.symmetric_difference(new.loc[sorted(come)].union_all()).area < 1e-12


@pytest.mark.parametrize(
    ("layer", "code", "is_new"),
    [("lsoa11.geojson", "LSOA11CD", False), ("lsoa21.geojson", "LSOA21CD", True)],
)
def test_rows_carry_the_lsoa_they_lie_in(
    folder: Path, located: pd.DataFrame, layer: str, code: str, *, is_new: bool
) -> None:
    here = located[(located["Month"] >= sample.LSOA21_MONTH) == is_new]
    here = here.drop_duplicates(["Longitude", "Latitude"])
    areas = _layer(folder, layer)[[code, "geometry"]]
    degrees = here[["Longitude", "Latitude"]].astype("float64").to_numpy().T
    points = gpd.GeoDataFrame(
        {"published": here["LSOA code"].to_numpy()},
        geometry=gpd.points_from_xy(*degrees),
        crs="EPSG:4326",
    )
    joined = points.sjoin(areas, how="left")
    assert (joined["published"] == joined[code]).mean() > 0.99


def test_deprivation_covers_the_lsoas_of_2021(folder: Path) -> None:
    table = pd.read_csv(folder / "inputs/deprivation/iod2025_file7.csv")
    codes = _layer(folder, "lsoa21.geojson")["LSOA21CD"]
    assert list(table["LSOA code (2021)"]) == sorted(codes)
    ranks = table.filter(regex="Rank")
    deciles = table.filter(regex="Decile")
    assert ranks.shape[1] == deciles.shape[1] == 8
    assert ranks.to_numpy().min() >= 1
    assert ranks.to_numpy().max() <= 33_755
    for rank, decile in zip(ranks, deciles, strict=True):
        assert ranks[rank].is_unique
        assert (deciles[decile] == (ranks[rank] - 1) * 10 // 33_755 + 1).all()
    assert deciles.iloc[:, 0].nunique() >= 8


# Map points


def test_map_point_lists_change_once(located: pd.DataFrame) -> None:
    seen: set[tuple[float, float]] = set()
    previous: set[tuple[float, float]] = set()
    for month, here in located.groupby("Month"):
        points = set(zip(here["x"], here["y"], strict=True))
        if previous:
            shared = len(points & previous) / len(points)
            known = len(points & seen) / len(points)
            if month == sample.NEW_LIST_MONTH:
                assert shared < 0.10
                assert known < 0.10
            else:
                assert shared > 0.45
                assert known > 0.50
        seen |= points
        previous = points


def test_map_point_lists_are_spaced_like_real_ones(located: pd.DataFrame) -> None:
    old, new = (_list_of(located, is_new=is_new) for is_new in (False, True))
    assert 3_500 < len(new) <= len(old) < 5_000
    for points in (old, new):
        tree = cKDTree(points)
        nearest = tree.query(points, k=2)[0][:, 1]
        assert 60 < np.median(nearest) < 76
        within = tree.query_ball_point(points, 100, return_length=True)
        assert 2.4 < within.mean() < 3.4
    moved = cKDTree(new).query(old)[0]
    assert np.mean(moved < 0.5) == pytest.approx(0.055, abs=0.02)
    assert np.median(moved) == pytest.approx(16.5, abs=3)
    assert np.quantile(moved, 0.9) < 130


def test_location_texts(located: pd.DataFrame) -> None:
    share = located["Location"].value_counts(normalize=True)
    generic = ["Parking Area", "Supermarket", "Shopping Area", "Petrol Station", "Park/Open Space"]
    assert share[[f"On or near {name}" for name in generic]].gt(0).all()
    assert 0.02 < share["On or near "] < 0.08
    old, new = (
        located[(located["Month"] >= sample.NEW_LIST_MONTH) == is_new]["Location"]
        for is_new in (False, True)
    )
    is_shop = "On or near Supermarket"
    assert new.eq(is_shop).mean() < 0.5 * old.eq(is_shop).mean()


# Lighting


def test_lamps_are_spaced_like_real_ones(folder: Path) -> None:
    table = pd.read_csv(folder / "inputs/lighting/kelderwick_lights.csv")
    xy = table[["Asset_XCords", "Asset_YCords"]].to_numpy(float)
    nearest = cKDTree(xy).query(xy, k=2)[0][:, 1]
    assert 18 < np.median(nearest) < 26
    assert np.quantile(nearest, 0.95) < 40
    assert table["Asset_ID"].is_unique


def test_county_lighting_file_is_as_careless_as_real_ones(folder: Path) -> None:
    table = pd.read_csv(folder / "inputs/lighting/saltmarrow_units.csv", keep_default_na=False)
    assert table["UNIT_TYPE"].str.len().eq(24).all()
    assert table["UNIT_TYPE"].str.strip().ne("Street Light").mean() == pytest.approx(0.03, abs=0.02)
    assert int(table[["EASTINGS", "NORTHINGS"]].eq(0).all(axis=1).sum()) == 7
    assert table["LAMP"].str.fullmatch(r"\d+(LED|SOX|SONT)").all()


def test_the_poorly_lit_quarter_is_poorly_lit_and_burgled(
    folder: Path, located: pd.DataFrame
) -> None:
    quarter = sample.POORLY_LIT
    burglaries = next(spot for spot in sample.PLANTED if spot.crime_types == ("Burglary",))
    apart = np.hypot(burglaries.easting - quarter.easting, burglaries.northing - quarter.northing)
    assert apart + burglaries.radius_m <= quarter.radius_m
    table = pd.read_csv(folder / "inputs/lighting/saltmarrow_units.csv", keep_default_na=False)
    away = _away(table, ("EASTINGS", "NORTHINGS"), quarter)
    inside, around = away <= quarter.radius_m, away.between(quarter.radius_m, 2 * quarter.radius_m)
    points = _list_of(located, is_new=True)
    reach = np.hypot(*(points - (quarter.easting, quarter.northing)).T)
    per_point = inside.sum() / (reach <= quarter.radius_m).sum()
    between = (reach > quarter.radius_m) & (reach <= 2 * quarter.radius_m)
    assert per_point < 0.45 * around.sum() / between.sum()
    faulty = table["DEFECT"].eq("OpenDefect")
    assert faulty[inside].mean() > 5 * faulty[around].mean()


# What was planted


def test_planted_truth_is_whole() -> None:
    names = [spot.name for spot in sample.PLANTED]
    assert len(set(names)) == len(names) == 7
    assert {spot.recurrence for spot in sample.PLANTED} == {
        "persistent",
        "emerging",
        "former",
        "intermittent",
    }
    for spot in sample.PLANTED:
        assert set(spot.crime_types) <= set(CRIME_TYPES)
        assert spot.first_month <= spot.last_month
        assert spot.first_month >= sample.FIRST_MONTH
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.PLANTED[0].ratio = 1.0  # type: ignore[misc]  # frozen: that is the point


def _months_hot(spot: sample.Planted) -> set[str]:
    months = [pd.period_range(first, last, freq="M") for first, last in spot.spells]
    every = {str(month) for spell in months for month in spell}
    return every - set(sample.MISSING_MONTHS)


@pytest.mark.parametrize("spot", sample.PLANTED, ids=lambda spot: spot.name)
def test_planted_hotspots_stand_out_in_the_rows(
    located: pd.DataFrame, spot: sample.Planted
) -> None:
    away = _away(located, ("x", "y"), spot)
    inside, ring = away <= spot.radius_m, away.between(spot.radius_m + 45, 700)
    for other in sample.PLANTED:
        ring &= _away(located, ("x", "y"), other) > other.radius_m
    kind = located["Crime type"].isin(spot.crime_types)
    hot = located["Month"].isin(_months_hot(spot))

    def rate(where: pd.Series[bool], when: pd.Series[bool]) -> float:
        points = len(located.loc[where, ["x", "y"]].drop_duplicates())
        return float((where & kind & when).sum() / points / located.loc[when, "Month"].nunique())

    # Both lists count as points, inside and around alike, so their number cancels out. The
    # surroundings are patchy, as they are in life, so one county tells the ratio roughly.
    assert 0.4 * spot.ratio < rate(inside, hot) / rate(ring, hot) < 2.5 * spot.ratio
    if not hot.all():
        assert rate(inside, ~hot) < 0.2 * rate(inside, hot)


def test_planted_ratios_are_what_the_truth_says() -> None:
    layout = np.random.default_rng(streets.LAYOUT_SEED)
    lists = map_points.map_points(streets.lay_streets(layout), layout)
    change = crime.month_number(sample.NEW_LIST_MONTH)
    found = np.zeros((len(sample.PLANTED), 2))
    for seed in range(8):
        drawn = crime.draw_incidents(lists, np.random.default_rng(seed))
        for row, spot in enumerate(sample.PLANTED):
            kinds = [CRIME_TYPES.index(kind) for kind in spot.crime_types]
            hot = crime.is_hot(spot.spells)
            here = np.isin(drawn.crime_type, kinds) & hot[drawn.month]
            for points, span in zip(lists, (slice(0, change), slice(change, None)), strict=True):
                when = here & np.isin(drawn.month, np.arange(sample.N_MONTHS)[span])
                n = np.bincount(drawn.point[when], minlength=len(points.xy))
                away = np.hypot(*(points.xy - (spot.easting, spot.northing)).T)
                around = (points.planted < 0) & (away < 500)
                found[row] += n[points.planted == row].mean(), n[around].mean()
    told = np.array([spot.ratio for spot in sample.PLANTED])
    assert found[:, 0] / found[:, 1] == pytest.approx(told, rel=0.35)


@pytest.mark.parametrize("spot", sample.PLANTED, ids=lambda spot: spot.name)
def test_planted_points_bear_the_street_name_on_both_lists(
    located: pd.DataFrame, spot: sample.Planted
) -> None:
    away = _away(located, ("x", "y"), spot)
    for is_new in (False, True):
        when = (located["Month"] >= sample.NEW_LIST_MONTH) == is_new
        here = located[when & (away <= spot.radius_m)]
        assert 3 <= len(here[["x", "y"]].drop_duplicates()) <= 4
        streets = {f"On or near {spot.street}", f"On or near {spot.landmark or spot.street}"}
        assert set(here["Location"]) == streets
        near = located[when & (away > spot.radius_m) & (away <= spot.radius_m + 30)]
        assert near.empty
