"""What a manifest says beside hashes, and what a later run holds against it."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from hotspots import schema, store
from hotspots.errors import InputError
from hotspots.pipeline.manifest import (
    made_on,
    require_districts,
    row_account,
    seal,
    write_alerts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots import pipeline

BOUNDARIES = [{"level": "district", "file": "districts.geojson", "url": None}]
AREAS = pd.DataFrame({"level": ["district", "ward"], "area_code": ["E1", "E9"], "name": ["A", "W"]})


def run_over(folder: Path, *, is_forced: bool = False, named: Any = BOUNDARIES) -> Any:  # noqa: ANN401 - stands for a Run
    last = {
        "settings": {"boundaries": BOUNDARIES},
        "districts": [{"code": "E1", "name": "A"}, {"code": "E2", "name": "B"}],
    }
    store.write_json(last, folder / "manifest.json")
    record = {"boundaries": named}
    return SimpleNamespace(maps_folder=folder, is_forced=is_forced, settings_record=record)


def test_a_district_that_vanished_from_its_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"districts\.geojson: B \(E2\) is no longer .* --force"):
        require_districts(run_over(tmp_path), AREAS)


def test_a_district_may_go_where_it_is_meant(tmp_path: Path) -> None:
    require_districts(run_over(tmp_path, is_forced=True), AREAS)
    require_districts(run_over(tmp_path, named=[]), AREAS)
    both = pd.concat([AREAS, AREAS.assign(area_code="E2")])
    require_districts(run_over(tmp_path), both)
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    require_districts(run_over(tmp_path / "none"), both)


def test_the_age_of_the_data_joins_the_alerts_on_the_day_of_publication(
    tables: Path, tmp_path: Path
) -> None:
    coverage = store.read_table(schema.COVERAGE, tables)
    store.write_table(coverage, schema.COVERAGE, tmp_path / "processed")
    store.write_table(schema.empty(schema.ALERTS), schema.ALERTS, tmp_path)
    settings = SimpleNamespace(publish=SimpleNamespace(stale_after_days=90))
    run: Any = SimpleNamespace(
        draft_tables=tmp_path / "processed", draft_folder=tmp_path, settings=settings
    )
    last = coverage.dropna(subset="list_id")["month"].max()
    for years, kinds in ((0, []), (2, ["stale"])):
        write_alerts(run, last.date() + dt.timedelta(days=365 * years))
        found = store.read_table(schema.ALERTS, tmp_path / "processed")
        assert found["kind"].tolist() == kinds


def test_the_manifest_tells_districts_alerts_and_pages(
    refreshed: pipeline.Outcome, tables: Path
) -> None:
    manifest = json.loads((refreshed.maps_folder / "manifest.json").read_text(encoding="utf-8"))
    areas = store.read_table(schema.AREAS, tables)
    codes = sorted(areas.loc[areas["level"] == "district", "area_code"])
    assert [each["code"] for each in manifest["districts"]] == codes
    stored = store.read_table(schema.ALERTS, tables)
    assert [each["words"] for each in manifest["alerts"]] == stored["words"].tolist()
    assert manifest["pages"][-1] == "changes.html"
    assert manifest["not_refreshed"] == []


def test_the_seal_holds_all_but_itself_and_survives_the_file(refreshed: pipeline.Outcome) -> None:
    manifest = store.read_json(refreshed.maps_folder / "manifest.json")
    assert manifest["seal"] == seal(manifest) == seal({**manifest, "seal": "other"})
    assert seal({**manifest, "notes": ["other"]}) != manifest["seal"]
    assert seal({"b": 1.5, "a": ["é"]}) == seal({"a": ["é"], "b": 1.5})


def test_the_row_account_nests_members_in_files_in_a_total() -> None:
    account = pd.DataFrame(
        [["b.zip", "y", 5, 1, 1, 1, 1, 1], ["b.zip", "x", 3, 3, 0, 0, 0, 0],
         ["a.csv", "", 2, 1, 0, 0, 0, 1]],
        columns=schema.ACCOUNT.names,
    )  # fmt: skip

    def rows(*numbers: int) -> dict[str, int]:
        parts = ("in", "kept", "unlocated", "excluded", "duplicate", "quarantined")
        return dict(zip(parts, numbers, strict=True))

    assert row_account(account) == {
        "total": rows(10, 5, 1, 1, 1, 2),
        "files": [
            {"file": "a.csv", "rows": rows(2, 1, 0, 0, 0, 1), "members": []},
            {
                "file": "b.zip",
                "rows": rows(8, 4, 1, 1, 1, 1),
                "members": [
                    {"member": "y", "rows": rows(5, 1, 1, 1, 1, 1)},
                    {"member": "x", "rows": rows(3, 3, 0, 0, 0, 0)},
                ],
            },
        ],
    }


@pytest.mark.parametrize(
    ("manifest", "day"),
    [
        ({"run_id": "r", "made_on": "2024-05-06", "data_months": ["2020-01", "2024-05"]}, True),
        ({"run_id": "r", "made_on": "2024-04-06", "data_months": ["2020-01", "2024-05"]}, False),
        ({"run_id": "x", "made_on": "2024-05-06", "data_months": ["2020-01", "2024-05"]}, False),
        ([], False),
        (None, False),
    ],
)
def test_the_day_is_that_of_the_same_outputs_before(
    tmp_path: Path, manifest: object, *, day: bool
) -> None:
    store.write_json(manifest, tmp_path / "manifest.json")
    run: Any = SimpleNamespace(maps_folder=tmp_path, run_id="r")
    found = made_on(run)
    assert (found == dt.date(2024, 5, 6)) is day
    if not day:
        assert abs((dt.datetime.now(tz=dt.UTC).date() - found).days) <= 1
