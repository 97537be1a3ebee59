"""The whole job on the sample county: what was planted is found, and nothing good is ever lost."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hotspots import errors, pipeline, schema, store
from hotspots.pipeline import stages
from hotspots.sample import PLANTED, POORLY_LIT
from immutable import changeable

GOLDEN = Path(__file__).with_name("golden_hotspots.csv")


def _refresh(settings_file: Path, out: Path, **options: object) -> pipeline.Outcome:
    return pipeline.refresh(settings_file, out=out, say=lambda _: None, **options)  # type: ignore[arg-type]


def _bytes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.suffix != ".lock"
    }


@pytest.fixture(scope="module")
def hotspots(tables: Path) -> pd.DataFrame:
    return store.read_table(schema.HOTSPOTS, tables)


class TestTruth:
    @pytest.mark.parametrize(
        ("planted", "crime_type"),
        [(each, crime_type) for each in PLANTED for crime_type in each.crime_types],
        ids=lambda value: value if isinstance(value, str) else value.street,
    )
    def test_what_was_planted_is_found(
        self, planted: object, crime_type: str, hotspots: gpd.GeoDataFrame
    ) -> None:
        place = next(each for each in PLANTED if each is planted)
        of_type = hotspots[hotspots["crime_group"] == crime_type]
        here = of_type[of_type.covers(shapely.Point(place.easting, place.northing))]
        assert len(here) == 1
        row = here.iloc[0]
        assert row["rank"] <= 5
        assert place.street in row["streets"]
        assert row["class"] == place.recurrence

    def test_the_poorly_lit_quarter_is_darker(
        self, hotspots: gpd.GeoDataFrame, tables: Path
    ) -> None:
        table = store.read_table(schema.ENVIRONMENT, tables)
        dark = table[table["measure"] == "dark_share"].set_index("subject_id")["value"]
        centre = shapely.Point(POORLY_LIT.easting, POORLY_LIT.northing)
        inside = hotspots[hotspots.distance(centre) < POORLY_LIT.radius_m / 2]["hotspot_id"]
        assert dark.reindex(inside).mean() > 0.4 > dark.median()

    def test_lighting_is_measured_everywhere(
        self, hotspots: gpd.GeoDataFrame, tables: Path
    ) -> None:
        table = store.read_table(schema.ENVIRONMENT, tables)
        lamps = table[table["measure"] == "lamps_per_ha"]
        assert set(lamps["subject_id"]) == set(hotspots["hotspot_id"])
        assert lamps["value"].notna().all()

    def test_golden(self, hotspots: pd.DataFrame, request: pytest.FixtureRequest) -> None:
        columns = ["hotspot_id", "crime_group", "rank", "n", "n_points", "label", "class", "name"]
        text = hotspots[columns].to_csv(index=False, lineterminator="\n")
        if request.config.getoption("--write-golden"):
            GOLDEN.write_text(text, encoding="utf-8", newline="\n")
        assert text == GOLDEN.read_text(encoding="utf-8"), (
            "the sample county's hotspots changed; if they should have, run pytest "
            "--write-golden and say in the CHANGELOG under Results what moved and why"
        )


class TestPublished:
    def test_everything_of_the_map_part_is_there(self, refreshed: pipeline.Outcome) -> None:
        names = {path.name for path in refreshed.maps_folder.iterdir()}
        districts = {path.name for path in refreshed.to_open[1:-1]}
        files = {"index.html", "hotspots.gpkg", "hotspots.geojson", "hotspots.csv", "manifest.json"}
        assert names == files | districts | {"changes.html", "sites", "reports"}
        assert len(districts) == 4
        ends = (refreshed.to_open[0].name, refreshed.to_open[-1].name)
        assert ends == ("index.html", "changes.html")

    def test_the_manifest_traces_every_file(
        self, refreshed: pipeline.Outcome, tables: Path, county: Path
    ) -> None:
        manifest = json.loads((refreshed.maps_folder / "manifest.json").read_text())
        folders = {"maps": refreshed.maps_folder, "processed": tables}
        for output in manifest["outputs"]:
            path = folders[output["folder"]] / output["file"]
            assert store.sha256(path) == output["sha256"]
        for file in manifest["inputs"]:
            assert store.sha256(county.parent / file["file"]) == file["sha256"]
        rows = manifest["row_account"]["total"]
        assert rows["in"] == sum(n for part, n in rows.items() if part != "in")
        assert manifest["hotspots"] == refreshed.hotspots
        assert str(county.parent) not in json.dumps(manifest), "no path of this machine"


class TestAgain:
    def test_unchanged_inputs_do_nothing(
        self, refreshed: pipeline.Outcome, county: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stages, "STAGES", ())
        before = _bytes(refreshed.maps_folder)
        again = _refresh(county, refreshed.maps_folder.parents[1])
        assert not again.is_new
        assert again.hotspots == refreshed.hotspots
        assert again.to_open == refreshed.to_open
        assert _bytes(refreshed.maps_folder) == before

    def test_the_same_inputs_give_the_same_bytes(
        self, refreshed: pipeline.Outcome, county: Path, tmp_path: Path
    ) -> None:
        base = refreshed.maps_folder.parents[1]
        shutil.copytree(base / "maps", tmp_path / "maps")
        outcome = _refresh(county, tmp_path)
        assert outcome.is_new, "the tables were not there"
        assert _bytes(tmp_path) == _bytes(base)

    def test_a_run_that_dies_leaves_the_last_good_and_is_taken_up(
        self,
        refreshed: pipeline.Outcome,
        county: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        base = refreshed.maps_folder.parents[1]
        shutil.copytree(base, tmp_path / "out")
        before = _bytes(tmp_path / "out")
        whole = stages.STAGES
        done: list[str] = []

        def noted(stage: pipeline.Stage) -> pipeline.Stage:
            def work(run: pipeline.Run) -> None:
                done.append(stage.name)
                if stage.name == "measure" and done.count("measure") == 1:
                    raise KeyboardInterrupt
                stage.work(run)

            return replace(stage, work=work)

        monkeypatch.setattr(stages, "STAGES", tuple(noted(stage) for stage in whole))
        manifest = tmp_path / "out" / "maps" / refreshed.area_id / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"run_id"', '"old_run_id"'))
        older = _bytes(tmp_path / "out")
        with pytest.raises(KeyboardInterrupt):
            _refresh(county, tmp_path / "out")
        kept = {k: v for k, v in _bytes(tmp_path / "out").items() if ".draft" not in k}
        assert kept == older, "the last good outputs stay until the new ones are complete"
        _refresh(county, tmp_path / "out")
        assert done == [
            "fetch", "ingest", "detect", "measure", "measure", "score", "interventions", "publish",
        ]  # fmt: skip
        assert _bytes(tmp_path / "out") == before


class TestBadInput:
    """One clear message with the file's name, the right exit code, and the maps untouched."""

    @pytest.fixture
    def spoiled(
        self, county: Path, refreshed: pipeline.Outcome, tmp_path: Path
    ) -> tuple[Path, Path]:
        shutil.copytree(county.parent, tmp_path / "county")
        shutil.copytree(refreshed.maps_folder.parents[1], tmp_path / "out")
        return tmp_path / "county", tmp_path / "out"

    @staticmethod
    def _wrong_file(folder: Path) -> str:
        path = folder / "inputs" / "police_uk" / "2024-03.zip"
        path.write_bytes(b"GIF89a not a zip")
        return path.name

    @staticmethod
    def _empty_zip(folder: Path) -> str:
        path = folder / "inputs" / "police_uk" / "2024-03.zip"
        path.write_bytes(b"PK\x05\x06" + bytes(18))
        return path.name

    @staticmethod
    def _missing_column(folder: Path) -> str:
        path = folder / "inputs" / "boundaries" / "districts.geojson"
        path.write_text(path.read_text().replace('"LAD24CD"', '"OTHER"'))
        return path.name

    @staticmethod
    def _absent_force(folder: Path) -> str:
        settings = folder / "hotspots.toml"
        text = settings.read_text().replace(
            'police_force = "saltmarrow"', 'police_force = "nowhere"'
        )
        settings.write_text(text)
        return "nowhere"

    @staticmethod
    def _no_crs(folder: Path) -> str:
        table = gpd.read_file(folder / "inputs" / "boundaries" / "districts.geojson")
        path = folder / "inputs" / "boundaries" / "no_crs.shp"
        table.to_crs("EPSG:27700").to_file(path)
        path.with_suffix(".prj").unlink()
        settings = folder / "hotspots.toml"
        settings.write_text(settings.read_text().replace("districts.geojson", path.name))
        return path.name

    @staticmethod
    def _missing_file(folder: Path) -> str:
        path = folder / "inputs" / "deprivation" / "iod2025_file7.csv"
        path.unlink()
        return path.name

    @pytest.mark.parametrize(
        ("spoil", "exit_code"),
        [
            (_wrong_file, 4),
            (_empty_zip, 4),
            (_missing_column, 4),
            (_no_crs, 4),
            (_absent_force, 3),
            (_missing_file, 3),
        ],
        ids=lambda value: getattr(value, "__name__", value),
    )
    def test_is_refused(
        self, spoil: Callable[[Path], str], exit_code: int, spoiled: tuple[Path, Path]
    ) -> None:
        folder, out = spoiled
        before = _bytes(out)
        named = spoil(folder)
        with pytest.raises(errors.HotspotsError) as caught:
            _refresh(folder / "hotspots.toml", out)
        assert caught.value.exit_code == exit_code
        assert named in str(caught.value)
        assert {k: v for k, v in _bytes(out).items() if ".draft" not in k} == before


def test_until_is_a_month(county: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.SettingsError, match="YYYY-MM"):
        _refresh(county, tmp_path, until="2023-13")


def test_an_earlier_end_gives_the_map_of_that_time(
    county: Path, refreshed: pipeline.Outcome, tmp_path: Path
) -> None:
    earlier = _refresh(county, tmp_path, until="2023-12")
    history = [
        store.read_table(schema.HISTORY, base / "data" / "processed" / refreshed.area_id)
        for base in (tmp_path, refreshed.maps_folder.parents[1])
    ]
    end = pd.Timestamp("2023-12-01")
    later = history[1][history[1]["window_end"] <= end].reset_index(drop=True)
    pd.testing.assert_frame_equal(history[0], later)
    assert (earlier.maps_folder / "index.html").exists()


def test_an_area_without_any_hotspot_is_published_too(county: Path, tmp_path: Path) -> None:
    shutil.copytree(county.parent, tmp_path / "county")
    settings = tmp_path / "county" / county.name
    settings.write_text(settings.read_text() + "\n[clustering]\nmin_year_incidents = 1000000\n")
    outcome = _refresh(settings, tmp_path / "out")
    assert set(outcome.hotspots.values()) == {0}
    page = outcome.to_open[0].read_text(encoding="utf-8")
    assert "No hotspot was found in Saltmarrow" in page
    assert not _refresh(settings, tmp_path / "out").is_new


def test_a_read_only_settings_folder_sends_outputs_to_the_current_one(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    shutil.copytree(county.parent, home)
    here.mkdir()
    home.chmod(0o555)
    monkeypatch.chdir(here)
    try:
        with pipeline.session(home / county.name) as run:
            assert run.maps_folder == here / "maps" / "saltmarrow"
            assert any("read-only" in words for words in run.said)
    finally:
        home.chmod(0o755)


def test_two_runs_at_once(county: Path, tmp_path: Path) -> None:
    with (
        pipeline.session(county, out=tmp_path),
        pytest.raises(errors.LockedError),
        pipeline.session(county, out=tmp_path),
    ):
        pass


def test_what_was_found_out_cannot_be_changed() -> None:
    names = ("inputs", "understand", "check", "placing", "manifest", "fetch", "coverage", "ingest")
    assert changeable(pipeline, *names) == set()
