"""Too little to draw hotspots from: a plain sentence, never a crash or a made-up hotspot."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from hotspots import pipeline, schema, store
from hotspots.settings import load, local_pattern

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


def _area(county: Path, folder: Path, places: list[tuple[str, float, float, int]]) -> Path:
    """Give the sample county records at a few places: month, longitude, latitude, how many."""
    shutil.copytree(county.parent, folder)
    settings_file = folder / county.name
    force = "Saltmarrow Constabulary"
    chosen = load(settings_file)
    slug = chosen.area.police_force
    months = sorted({month for month, *_ in places})
    for old in sorted(folder.rglob("*.zip")):
        if "street" in old.name or old.parent.name in {"raw", "police", "police_uk"}:
            old.unlink()
    street = folder / "street"
    for month in months:
        rows = [
            f",{month},{force},{force},{x:.6f},{y:.6f},On or near High Street,,,"
            "Anti-social behaviour,,"
            for when, x, y, n in places
            if when == month
            for _ in range(n)
        ]
        path = street / month / f"{month}-{slug}-street.csv"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    text = settings_file.read_text(encoding="utf-8")
    head, _, rest = text.partition("[police_uk]\n")
    kept = [line for line in rest.splitlines() if not line.startswith("files")]
    lines = ['files = ["street/*/*.csv"]', *kept]
    settings_file.write_text("\n".join([head + "[police_uk]", *lines]) + "\n", encoding="utf-8")
    return settings_file


@pytest.fixture(scope="module")
def somewhere(county: Path) -> tuple[float, float]:
    """A place inside a district of the sample county, degrees."""
    boundary = next(each for each in load(county).boundaries if each.level == "district")
    areas = gpd.read_file(local_pattern(boundary)).to_crs("EPSG:4326")
    inside = areas.geometry.iloc[0].representative_point()
    return float(inside.x), float(inside.y)


def _months(n: int) -> list[str]:
    return [f"{m:%Y-%m}" for m in pd.date_range("2024-01-01", periods=n, freq="MS")]


def _refreshed(settings_file: Path) -> tuple[pipeline.Outcome, str, pd.DataFrame]:
    outcome = pipeline.refresh(settings_file, say=lambda _: None)
    tables = settings_file.parent / "data" / "processed" / outcome.area_id
    page = outcome.to_open[0].read_text(encoding="utf-8")
    return outcome, page, store.read_table(schema.HOTSPOTS, tables)


def test_one_month_gives_counts_and_a_sentence(
    county: Path, somewhere: tuple[float, float], tmp_path: Path
) -> None:
    x, y = somewhere
    places = [("2024-01", x + 0.001 * (i % 9), y + 0.0007 * (i // 9), 1 + i % 5) for i in range(60)]
    outcome, page, hotspots = _refreshed(_area(county, tmp_path / "one", places))
    assert "One month of the window has data. Hotspots need three, so none is drawn yet." in page
    assert hotspots.empty
    assert set(outcome.hotspots.values()) == {0}
    account = outcome.account
    kept = account.loc[account["file"].str.contains("street.csv"), "kept"].sum()
    assert kept == sum(n for *_, n in places)


def test_all_rows_at_one_place_are_at_most_one_hotspot_a_set(
    county: Path, somewhere: tuple[float, float], tmp_path: Path
) -> None:
    places = [(month, *somewhere, 60) for month in _months(12)]
    _, _, hotspots = _refreshed(_area(county, tmp_path / "place", places))
    assert hotspots.groupby("crime_group").size().le(1).all()
    # With one map point there is nothing to stand out from.
    assert set(hotspots["label"]) <= {"watch"}


def test_a_few_points_and_missing_months_are_no_trouble(
    county: Path, somewhere: tuple[float, float], tmp_path: Path
) -> None:
    x, y = somewhere
    months = [m for m in _months(14) if m not in {"2024-05", "2024-06", "2024-11"}]
    places = [(m, x + 0.002 * i, y, 25 if i == 1 else 9) for m in months for i in range(3)]
    outcome, page, hotspots = _refreshed(_area(county, tmp_path / "few", places))
    assert "A missing month is unknown, not free of crime." in page
    assert (hotspots["months_observed"] == 9).all()
    assert outcome.is_new


def test_too_little_crime_gives_the_count_and_no_hotspot(
    county: Path, somewhere: tuple[float, float], tmp_path: Path
) -> None:
    x, y = somewhere
    places = [(m, x + 0.001 * i, y, 1) for m in _months(12) for i in range(9)]
    outcome, page, hotspots = _refreshed(_area(county, tmp_path / "little", places))
    assert hotspots.empty
    assert "No hotspot was found in" in page
    assert '"Anti-social behaviour":108' in page
    assert set(outcome.hotspots.values()) == {0}
