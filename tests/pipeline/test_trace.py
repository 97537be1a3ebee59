"""`hotspots verify --trace`: the chain from an output back to its inputs, whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hotspots import store
from hotspots.errors import DataMissingError, SettingsError
from hotspots.pipeline.stages import STAGES
from hotspots.pipeline.trace import KINDS, chain, kinds_of, trace
from pipeline.standing_area import Standing, standing

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots import pipeline


@pytest.fixture
def area(county: Path, refreshed: pipeline.Outcome, tmp_path: Path) -> Standing:
    return standing(county, refreshed, tmp_path / "area")


def test_every_table_that_is_read_from_inputs_says_from_which() -> None:
    (ingest,) = [stage for stage in STAGES if "inputs" in stage.reads and stage.writes]
    assert set(ingest.writes) - KINDS.keys() == {"account", "set_aside"}
    assert KINDS.keys() - set(ingest.writes) == {"alerts"}


def test_a_page_goes_back_through_every_stage_to_every_input() -> None:
    stages = [stage.name for stage, _ in chain({"pages"})]
    assert stages == ["publish", "interventions", "score", "measure", "detect", "ingest"]
    assert kinds_of(chain({"pages"})) is None


def test_a_table_goes_back_only_to_what_it_needs() -> None:
    assert [stage.name for stage, _ in chain({"lamps"})] == ["ingest"]
    assert kinds_of(chain({"lamps"})) == {"lighting", "boundaries"}
    assert kinds_of(chain({"hotspots"})) == {"harm", "police_uk", "boundaries", "places"}


def test_the_chain_of_the_list_of_hotspots_names_every_hash(area: Standing) -> None:
    links = trace(area.settings, "hotspots.csv")
    manifest = store.read_json(area.folders.maps / "manifest.json")
    said = "\n".join(line for link in links for line in link.said)
    assert links[0].what == "maps/hotspots.csv"
    assert manifest["run_id"] in said
    assert manifest["code"] in said
    for file in manifest["inputs"]:
        assert file["sha256"] in said
    tables = [out for out in manifest["outputs"] if out["folder"] == "processed"]
    assert all(table["sha256"] in said for table in tables if table["file"] != "alerts.parquet")
    assert "licence: Kelderwick Borough Council" in said


@pytest.mark.parametrize("name", ["lamps", "lamps.parquet", "processed/lamps.parquet", "path"])
def test_an_output_is_found_by_path_or_by_its_end(area: Standing, name: str) -> None:
    path = os.fspath(area.folders.processed / "lamps.parquet")
    links = trace(area.settings, path if name == "path" else name)
    assert links[0].what == "processed/lamps.parquet"
    assert {link.what.split("(")[1] for link in links if link.kind == "input"} == {
        "lighting)", "boundaries)",
    }  # fmt: skip


def test_a_fetched_input_says_from_where_when_and_under_which_licence(area: Standing) -> None:
    kept = area.keep()
    path = area.folders.maps / "manifest.json"
    manifest = store.read_json(path)
    name = kept.path.relative_to(area.folders.base).as_posix()
    file = {"file": name, "kind": "boundaries", "bytes": kept.size_bytes, "sha256": kept.sha256}
    store.write_json(manifest | {"inputs": [file]}, path)
    last = trace(area.settings, "areas")[-1]
    assert last.said == (
        f"sha256 {kept.sha256}, 11 bytes", "from https://example.gov.uk/wards",
        "fetched 2024-05-06T07:08:09+00:00", "licence: OGL (Anytown)",
    )  # fmt: skip


def test_a_report_goes_back_to_the_refresh_it_was_made_from(area: Standing) -> None:
    manifest = store.read_json(area.folders.maps / "manifest.json")
    area.report("2024-Q1", manifest["run_id"])
    area.report("2023-Q4", "an earlier run")
    links = trace(area.settings, "reports/2024-Q1/index.html")
    assert links[0].what == "maps/reports/2024-Q1/index.html"
    assert links[-1].kind == "input"
    (only,) = trace(area.settings, "2023-Q4/index.html")
    assert "an earlier refresh" in only.said[-1]


def test_what_cannot_be_traced_is_said(area: Standing) -> None:
    with pytest.raises(SettingsError, match="is no output of the last refresh"):
        trace(area.settings, "nothing.html")
    (area.folders.maps / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataMissingError, match="run `hotspots refresh`"):
        trace(area.settings, "hotspots.csv")
