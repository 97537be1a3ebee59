"""Scores read after a refresh, and polygons scored beside them; the stage on the sample county."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from hotspots import pipeline, schema, store
from hotspots.errors import DataMissingError, SettingsError
from hotspots.pipeline import ranking, scorecard
from hotspots.pipeline.folders import MANIFEST
from hotspots.schema import ALL_CRIME


@pytest.fixture(scope="module")
def out(refreshed: pipeline.Outcome) -> Path:
    """Folder of the refresh of the sample county; look, don't touch."""
    return refreshed.maps_folder.parents[1]


def test_a_refresh_scores_every_set_with_enough_crime(tables: Path) -> None:
    scores = store.read_table(schema.SCORES, tables)
    hotspots = store.read_table(schema.HOTSPOTS, tables)
    assert set(hotspots["crime_group"]) <= set(scores["crime_group"])
    assert scores["is_rebased"].any(), "hotspots across the change of list are marked"
    full = scores[scores["method"] == ranking.POINTS]
    assert not full["is_rebased"].any()
    assert full.groupby("list_id")["origin"].nunique().le(3).all()


def test_planted_hotspots_are_foretold_better_than_by_areas(tables: Path) -> None:
    scores = store.read_table(schema.SCORES, tables)
    rows = scores[
        (scores["crime_group"] == ALL_CRIME)
        & (scores["budget"] == ranking.OWN[ranking.HOTSPOTS])
        & (scores["horizon_months"] == 3)
    ]
    hit = rows.groupby("method")["hit"].mean()
    assert hit[ranking.HOTSPOTS] > hit[ranking.LSOA]


def test_the_latest_of_the_past_maps_is_the_published_one(tables: Path) -> None:
    past = store.read_table(schema.PAST_MAPS, tables)
    members = store.read_table(schema.MEMBERS, tables)
    key = ["crime_group", "hotspot_id", "point_id"]
    last = past[past["window_end"] == past["window_end"].max()]
    pd.testing.assert_frame_equal(
        last[key].sort_values(key, ignore_index=True),
        members[key].sort_values(key, ignore_index=True),
    )


def test_pages_and_manifest_say_how_well_hotspots_foretold(refreshed: pipeline.Outcome) -> None:
    page = (refreshed.maps_folder / "index.html").read_text("utf-8")
    assert "How well it foretold" in page
    assert "Of every 100 recorded crimes of the next" in page
    manifest = store.read_json(refreshed.maps_folder / MANIFEST)
    assert ALL_CRIME in {each["crime_group"] for each in manifest["scores"]}


def test_a_scorecard_says_first_and_lists_after(county: Path, out: Path) -> None:
    card = scorecard.scorecard(county, out=out)
    assert card.sentences[0].startswith("Of every 100 recorded crimes of the next")
    assert card.groups[0] == ALL_CRIME
    assert set(card.groups) == set(card.table["crime_group"])
    one = scorecard.scorecard(county, out=out, crime_group=card.groups[-1], horizon_months=1)
    assert one.groups == card.groups[-1:]
    assert set(one.table["horizon_months"]) == set(one.history["horizon_months"]) == {1}
    plain = scorecard.as_json(one)
    assert plain["scores"][0]["first_origin"] == f"{one.table['first_origin'].iloc[0]:%Y-%m}"


def test_polygons_are_scored_beside_the_very_same_hotspots(
    county: Path, out: Path, tables: Path, tmp_path: Path
) -> None:
    areas: gpd.GeoDataFrame = store.read_table(schema.AREAS, tables)
    lsoas = areas[areas["level"].str.startswith("lsoa")].head(40)
    lsoas[["area_code", "geometry"]].to_file(tmp_path / "mine.gpkg")
    card = scorecard.scorecard(county, out=out, polygons=tmp_path / "mine.gpkg")
    assert card.groups == (ALL_CRIME,)
    assert "your polygons" in card.sentences[0]
    assert scorecard.KNOWLEDGE in card.notes
    ours = card.table[card.table["budget"] == ranking.OWN[ranking.POLYGONS]]
    ours = ours[ours["method"] == ranking.POLYGONS]
    assert ours["hit"].between(0.01, 1).all()
    assert ours["is_filled"].all()
    stored = scorecard.scorecard(county, out=out, crime_group=ALL_CRIME).table
    beside = card.table[~card.table["budget"].isin([ranking.OWN[ranking.POLYGONS]])]
    beside = beside[beside["method"] == ranking.HOTSPOTS]
    pd.testing.assert_frame_equal(
        beside.reset_index(drop=True),
        stored[stored["method"] == ranking.HOTSPOTS].reset_index(drop=True),
    )


def test_without_a_refresh_it_says_so(county: Path, tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="run `hotspots refresh` first"):
        scorecard.scorecard(county, out=tmp_path)


def test_an_unknown_crime_group_names_those_there_are(county: Path, out: Path) -> None:
    with pytest.raises(SettingsError, match=r"'Burglaries' is none of .*Burglary"):
        scorecard.scorecard(county, out=out, crime_group="Burglaries")
