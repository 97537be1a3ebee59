"""Faults that the fuzzer found, each in its smallest form, so that they stay mended."""

from __future__ import annotations

import json
import random
from pathlib import Path

import geopandas as gpd
import pytest
from pyproj import CRS

from fuzz import from_web
from fuzz.corpus import LIGHTS, corpus
from fuzz.formats import packed
from hotspots import settings, store
from hotspots.crs import require_bng
from hotspots.errors import CRSError, InputError, SchemaError, SettingsError
from hotspots.pipeline.check import Record, check
from hotspots.schema import COUNTS
from hotspots.sources import boundaries, police_uk, vector
from hotspots.store import Origin, RawStore

ORIGIN = Origin("https://data.example/x.zip", "2024-03-01T00:00:00Z", "made up")
KINDS = corpus()


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def members(kind: str, name: str) -> dict[str, bytes]:
    import io
    import zipfile

    _, data = KINDS[kind].files[name]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def area(geometry: object, **properties: str) -> str:
    feature = {
        "type": "Feature",
        "properties": {"LAD24CD": "E07000117", "LAD24NM": "Aby"} | properties,
        "geometry": geometry,
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def ring(*spots: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[*spots, spots[0]]]}


SQUARE = ((-2.7, 53.7), (-2.6, 53.7), (-2.6, 53.8), (-2.7, 53.8))


def only(path: Path) -> Record:
    (record,) = check(path)
    return record


# What is stored ---------------------------------------------------------------------------------


def test_json_nested_too_deeply_is_damaged(tmp_path: Path) -> None:
    assert store.read_json(write(tmp_path / "x.json", "[" * 100_000)) is None


@pytest.mark.parametrize("record", ["[]", "7", "{}", '{"source": [], "file": {}}'])
def test_damaged_draft_of_a_record_is_dropped(tmp_path: Path, record: str) -> None:
    raw = RawStore(tmp_path)
    draft = write(raw.draft("x").with_name("police_uk-x.zip.origin.json"), record)
    raw.require_whole()
    assert not draft.exists()


def test_record_of_a_long_label_is_finished_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = RawStore(tmp_path)
    label = "lancashire-lighting-blackburn-with-darwen-borough-council-and-its-neighbours"
    draft = write(raw.draft("x"), "abc")
    moved = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if target.name.endswith(".origin.json") and path.parent != target.parent:
            raise KeyboardInterrupt
        return moved(path, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        raw.keep(draft, source="layers", label=label, suffix=".csv", origin=ORIGIN)
    monkeypatch.undo()
    raw.require_whole()
    assert [file.label for file in raw.files("layers")] == [label]


@pytest.mark.parametrize(
    "change", [{"file": "../../x"}, {"file": "other.csv"}, {"edition": float("inf")}]
)
def test_record_that_tells_of_another_file_is_damaged(
    tmp_path: Path, change: dict[str, object]
) -> None:
    raw = RawStore(tmp_path)
    kept = raw.keep(
        write(raw.draft("x"), "abc"), source="layers", label="y", suffix=".csv", origin=ORIGIN
    )
    record = kept.path.with_name(kept.path.name + ".origin.json")
    record.write_text(json.dumps(json.loads(record.read_text()) | change))
    with pytest.raises(InputError, match="record of a raw file is damaged"):
        raw.files("layers")


@pytest.mark.parametrize("n_bytes", [0, 100, -1])
def test_damaged_table_is_refused_by_its_path(tmp_path: Path, n_bytes: int) -> None:
    _, data = KINDS["stored table"].files["counts.parquet"]
    path = write(tmp_path / "counts.parquet", data[:n_bytes])
    with pytest.raises(SchemaError, match=rf"{path}: the table counts is damaged.*--force"):
        store.read_table(COUNTS, tmp_path)


def test_table_of_another_schema_is_refused_by_its_path(tmp_path: Path) -> None:
    _, data = KINDS["stored table"].files["counts.parquet"]
    path = write(tmp_path / "counts.parquet", data.replace(b"crime_type", b"crime_tape"))
    with pytest.raises(SchemaError, match=rf"{path}: counts: .*crime_type is missing"):
        store.read_table(COUNTS, tmp_path)


def test_endless_name_of_a_force_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as refused:
        settings.catalogue.force("x" * 5_000)
    assert len(str(refused.value)) < 300


# What is read -----------------------------------------------------------------------------------


def test_row_in_the_place_of_the_heading_is_not_shown(tmp_path: Path) -> None:
    _, data = KINDS["street CSV"].files["2024-01-lancashire-street.csv"]
    row = data.split(b"\n")[1]
    path = write(tmp_path / "2024-01-lancashire-street.csv", row + b"\n")
    with pytest.raises(InputError, match="line 1: no column") as refused:
        police_uk.read([path], force=None)
    assert row[:40].decode() not in str(refused.value)


@pytest.mark.parametrize("sheet", [None, b"<worksheet"])
def test_workbook_with_a_damaged_sheet_is_refused(tmp_path: Path, sheet: bytes | None) -> None:
    parts: dict[str, bytes | None] = {**members("lights in a workbook", "lights.xlsx")}
    parts["xl/worksheets/sheet1.xml"] = sheet
    held = [(name, data) for name, data in parts.items() if data is not None]
    record = only(write(tmp_path / "lights.xlsx", packed(held)))
    assert record.verdict == "refuse"
    assert "damaged" in record.problems[0]["reason"]


def test_shapefile_whose_crs_is_no_text_is_refused(tmp_path: Path) -> None:
    parts = members("shapefile", "districts.zip")
    parts["layer.prj"] = parts["layer.prj"].replace(b"Greenwich", b"Greenw\xe9ch")
    path = write(tmp_path / "districts.zip", packed(list(parts.items())))
    with pytest.raises(InputError, match="damaged"):
        vector.read(path)


@pytest.mark.parametrize("wrong", [10**400, float("nan"), float("inf")], ids=["huge", "nan", "inf"])
def test_area_whose_coordinates_are_no_numbers_is_missed(tmp_path: Path, wrong: float) -> None:
    spots = ((wrong, 53.7), *SQUARE[1:])
    path = write(tmp_path / "districts.geojson", area(ring(*spots)))
    with pytest.raises(InputError, match="E07000117"):
        boundaries.read(path, level="district", code="LAD24CD", name="LAD24NM")


def test_half_a_letter_in_a_property_harms_no_other(tmp_path: Path) -> None:
    text = area(ring(*SQUARE), note="\ud800", **{"\udc00": "x"})
    record = only(write(tmp_path / "districts.geojson", text))
    assert record.verdict == "accept"


def test_lights_of_the_corpus_are_sound(tmp_path: Path) -> None:
    assert only(write(tmp_path / "lights.csv", LIGHTS)).rows["in"] == len(LIGHTS.splitlines()) - 1


# What is fetched --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["answers", "features"])
def test_half_a_letter_in_an_answer_is_kept_as_it_was_written(tmp_path: Path, kind: str) -> None:
    held = {**KINDS["answers of police.uk"].files, **KINDS["answers of ArcGIS"].files}
    _, data = held[f"{kind}.json"]
    path = write(tmp_path / f"{kind}.json", data.replace(b'"E07000111"', b'"\\ud800"').replace(
        b"On or near", b"\\ud800"))  # fmt: skip
    assert b"\\ud800" in path.read_bytes()
    assert from_web.read_web(path, random.Random(1))  # noqa: S311 - chance, not a secret


def test_endless_key_of_the_settings_is_not_repeated(tmp_path: Path) -> None:
    path = write(tmp_path / "hotspots.toml", f'[{"x" * 3_000}]\n{"y" * 3_000} = "{"z" * 3_000}"\n')
    with pytest.raises(SettingsError) as refused:
        settings.load(path)
    assert max(map(len, str(refused.value).splitlines())) < 600


def test_endless_crime_type_of_a_group_is_not_repeated(tmp_path: Path) -> None:
    text = f'crime_groups = {{ {"y" * 900} = ["{"an " * 2_000}"] }}\n'
    with pytest.raises(SettingsError) as refused:
        settings.load(write(tmp_path / "hotspots.toml", text))
    assert max(map(len, str(refused.value).splitlines())) < 1_200


def test_settings_nested_beyond_all_measure_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "hotspots.toml", "a = " + "[" * 100_000)
    with pytest.raises(SettingsError, match=r"nested too deeply|not valid TOML"):
        settings.load(path)


def test_endless_headings_are_not_repeated(tmp_path: Path) -> None:
    headings = ",".join(["x" * 3_000, *(f"column {number}" for number in range(400))])
    record = only(write(tmp_path / "x.csv", f"{headings}\n{',' * 400}1\n"))
    assert record.verdict == "refuse"
    assert len(record.problems[0]["reason"]) < 1_000


@pytest.mark.parametrize("name", ["location", "outcome_status"])
def test_record_with_a_list_in_the_place_of_an_object_is_quarantined(
    tmp_path: Path, name: str
) -> None:
    _, data = KINDS["API answers"].files["answers.json"]
    records = json.loads(data)
    records[0][name] = []
    record = only(write(tmp_path / "answers.json", json.dumps(records)))
    assert record.rows["in"] == len(records)
    assert record.rows["quarantined"] == 1


@pytest.mark.parametrize("text", [",", ";\n;", "\t\t\n \t\t\n", "," * 5 + "\n" + ",,,,,\n" * 40])
def test_table_of_nothing_but_delimiters_is_refused(tmp_path: Path, text: str) -> None:
    record = only(write(tmp_path / "june.csv", text))
    assert record.verdict == "refuse"


def test_a_heading_of_marks_without_end_is_cut_before_it_is_spelt_out(tmp_path: Path) -> None:
    _, data = KINDS["deprivation"].files["imd.csv"]
    heading, *rows = data.decode("utf-8-sig").splitlines()
    columns = heading.split(",")
    place = next(i for i, each in enumerate(columns) if "Decile" in each)
    columns[place] += "\ufeff" * 1000
    cells = [row.split(",") for row in rows]
    cells[0][place] = "one"
    text = "\n".join(",".join(each) for each in [columns, *cells])
    record = only(write(tmp_path / "imd.csv", text))
    assert record.verdict == "refuse"
    assert len(record.problems[0]["reason"]) < 1_500


def test_the_words_of_a_strange_reference_system_are_cut() -> None:
    told = CRS.from_epsg(27700).to_json().replace("Ordnance", "Prdnance" * 300)
    table = gpd.GeoDataFrame(geometry=[], crs=CRS.from_json(told))
    with pytest.raises(CRSError) as raised:
        require_bng(table, "points")
    assert len(str(raised.value)) < 500
