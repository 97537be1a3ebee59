"""The whole folder: every file, always the same, all saying the same."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pandas as pd
import publication_builders as builders
import pytest

from hotspots import publish
from hotspots.errors import PublishError
from hotspots.publish import write
from hotspots.publish.page_data import FIELDS, to_json
from hotspots.schema import ALL_CRIME
from immutable import changeable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("maps") / "made-up"
    write(builders.publication(), made)
    return made


def data_of(page: Path) -> dict[str, Any]:
    html = page.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="hotspots-data">(.*?)</script>', html)
    assert found
    block: dict[str, Any] = json.loads(found[1])
    return block


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_every_file_is_there(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "changes.html", "hotspots.csv", "hotspots.geojson", "hotspots.gpkg", "index.html",
        "isle-1.html", "isle-2.html", "isle-3.html",
    ]  # fmt: skip


def test_the_same_publication_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write(builders.publication(), tmp_path / "again")
    assert digests(tmp_path / "again") == digests(folder)


def test_row_order_does_not_matter_to_the_pages(folder: Path, tmp_path: Path) -> None:
    plain = builders.publication()
    names = ("hotspots", "members", "series", "mix", "environment", "points", "lamps", "areas")
    turned = {name: getattr(plain, name).iloc[::-1] for name in names}
    write(replace(plain, **turned), tmp_path / "turned")
    assert digests(tmp_path / "turned") == digests(folder)


def test_page_csv_and_geojson_agree(folder: Path) -> None:
    table = pd.read_csv(folder / "hotspots.csv")
    features = json.loads((folder / "hotspots.geojson").read_text(encoding="utf-8"))["features"]
    page = data_of(folder / "index.html")
    id_at, n_at = FIELDS.index("id"), FIELDS.index("n")
    on_page = {row[id_at]: row[n_at] for row in page["rows"]}
    assert on_page == dict(zip(table["hotspot_id"], table["n"], strict=True))
    assert on_page == {f["properties"]["hotspot_id"]: f["properties"]["n"] for f in features}


def test_districts_share_out_the_hotspots_of_the_index(folder: Path) -> None:
    at = FIELDS.index("id")
    whole = sorted(row[at] for row in data_of(folder / "index.html")["rows"])
    parts = [data_of(folder / f"isle-{i}.html")["rows"] for i in (1, 2, 3)]
    assert sorted(row[at] for rows in parts for row in rows) == whole
    html = (folder / "index.html").read_text(encoding="utf-8")
    counts = re.findall(r'<a href="(isle-\d\.html)">.*?<span class="count">(\d+)</span>', html)
    group_at = FIELDS.index("group")
    everything = {
        f"isle-{i}.html": sum(r[group_at] == 0 for r in p) for i, p in enumerate(parts, 1)
    }
    assert {name: int(count) for name, count in counts} == everything


def test_the_data_block_cannot_be_left() -> None:
    text = to_json({"a": "</script><!--\u2028\u2029&"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--\u2028\u2029&"}


def test_no_crime_id_and_no_unmasked_mix_reaches_a_page(folder: Path) -> None:
    page = data_of(folder / "index.html")
    mix_at = FIELDS.index("mix")
    for row in page["rows"]:
        mix, group = row[mix_at], page["groups"][row[FIELDS.index("group")]]
        for number, value in zip(mix[::2], mix[1::2], strict=True):
            name, limit = page["types"][number]
            assert value < 0 or value >= limit or name == group[0]
    assert "crime_id" not in (folder / "index.html").read_text(encoding="utf-8").lower()


def test_pages_warn_of_what_is_wrong_and_only_then(folder: Path, tmp_path: Path) -> None:
    html = unescape((folder / "index.html").read_text(encoding="utf-8"))
    assert "No data for one month of the window's 12: January 2025." in html
    assert "6.5 % of the window" in html
    assert "changed their list of map points in" not in html
    plain = builders.publication()
    good = plain.coverage.assign(is_missing=False, unlocated=0)
    late = good.assign(list_id=["2020-01"] * 30 + ["2025-01"] * 6).astype({"list_id": "str"})
    write(replace(plain, coverage=late), tmp_path / "late")
    html = (tmp_path / "late" / "index.html").read_text(encoding="utf-8")
    assert "changed their list of map points in January 2025" in html
    assert "No data for" not in html
    assert "have no place and are on no map" not in html


def test_notices_method_and_account_stand_on_every_page(folder: Path) -> None:
    for page in folder.glob("*.html"):
        html = page.read_text(encoding="utf-8")
        for text in ("Open Government Licence v3.0", "excess mass, 100 m", "made-up.zip", "8,000"):
            assert text in html, (page.name, text)


def test_a_district_and_a_group_without_hotspots_still_have_their_page(tmp_path: Path) -> None:
    plain = builders.publication()
    hotspots = plain.hotspots[plain.hotspots["district"] != "Isle 2"]
    write(replace(plain, hotspots=hotspots), tmp_path / "some")
    html = (tmp_path / "some" / "isle-2.html").read_text(encoding="utf-8")
    assert f"No hotspot was found in Isle 2 for {ALL_CRIME[0].lower()}{ALL_CRIME[1:]}." in html
    write(replace(plain, hotspots=plain.hotspots.iloc[:0]), tmp_path / "none")
    short = replace(plain, hotspots=plain.hotspots.iloc[:0], months_observed=1)
    write(short, tmp_path / "short")
    html = (tmp_path / "short" / "index.html").read_text(encoding="utf-8")
    assert "One month of the window has data. Hotspots need three, so none is drawn yet." in html
    assert data_of(tmp_path / "none" / "index.html")["rows"] == []


def test_lamps_are_thinned_to_those_near_hotspots_where_there_are_many(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("hotspots.publish.page_lights.LAMPS_MOST", 20)
    write(builders.publication(n_lamps=900), tmp_path / "lit")
    lamps = data_of(tmp_path / "lit" / "isle-1.html")["lamps"]
    assert lamps["reach_m"] in (150, 75, 25)
    assert 0 < len(lamps["at"]) // 2 < lamps["all"]


def test_places_are_thinned_where_there_are_many_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("hotspots.publish.page_layers.PLACES_MOST", 1)
    write(builders.publication(), tmp_path / "many")
    page = tmp_path / "many" / "isle-1.html"
    assert all(each["reach_m"] == 100 for each in data_of(page)["places"])
    assert "the map holds those within 100 m of a hotspot." in page.read_text(encoding="utf-8")


def test_a_crowded_page_keeps_to_its_size(tmp_path: Path) -> None:
    write(builders.publication(n_lamps=30_000, n_hotspots=600, groups={}), tmp_path / "full")
    sizes = {p.name: p.stat().st_size for p in (tmp_path / "full").glob("*.html")}
    assert max(size for name, size in sizes.items() if name.startswith("isle")) <= 1_500_000
    assert sizes["index.html"] <= 4_000_000


def test_without_lamps_the_page_says_not_supplied(tmp_path: Path) -> None:
    write(builders.publication(n_lamps=0), tmp_path / "dark")
    page = data_of(tmp_path / "dark" / "isle-1.html")
    assert page["lamps"] is None
    lighting = [i for i, measure in enumerate(page["measures"]) if measure[0] == "lighting"]
    assert len(lighting) == 4
    around = FIELDS.index("around")
    assert all(row[around][i] is None for row in page["rows"] for i in lighting)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PublishError, match="not empty"):
        write(builders.publication(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_what_is_published_cannot_be_changed() -> None:
    assert changeable(publish) == set()
