from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

import played_faults as play
import played_web
from hotspots import pipeline, schema, store
from hotspots.errors import DataMissingError, SettingsError, SourceError
from hotspots.pipeline import fetch
from hotspots.pipeline.raw_inputs import News, labels
from hotspots.settings import load
from hotspots.sources.police_uk import live
from hotspots.sources.web import Web
from pipeline import made_up_force as mannin
from pipeline.made_up_force import Row

AREA = "mannin"

Months = dict[str, list[Row]]


class Nights:
    """An area on a connected machine, refreshed night after night."""

    def __init__(self, played: played_web.PlayedWeb, folder: Path) -> None:
        self.played = played
        self.folder = folder
        self.outcome: pipeline.Outcome | None = None
        layer = played.publish_layer("districts", mannin.districts())
        folder.mkdir()
        (folder / "hotspots.toml").write_text(
            f"""
            crime_groups = {{}}
            [area]
            id = "{AREA}"
            name = "Mannin"
            police_force = "{mannin.FORCE}"
            [police_uk]
            url = "{played.base_url}"
            months = 12
            [[boundaries]]
            level = "district"
            url = "{layer}"
            code = "LAD24CD"
            name = "LAD24NM"
            [clustering]
            min_year_incidents = 10
            [fetch]
            hosts = ["{played.hosts[1]}"]
            """,
            encoding="utf-8",
        )

    def publish(self, newest: str, months: Months) -> None:
        """Publish an archive and announce it."""
        self.played.publish_archive(newest, mannin.members(months))
        self.played.set_last_updated(newest)

    def night(self, **options: Any) -> pipeline.Outcome:  # noqa: ANN401 - of refresh
        """Refresh once."""
        self.played.forget()
        self.outcome = pipeline.refresh(
            self.folder / "hotspots.toml", say=lambda _: None, **options
        )
        return self.outcome

    def table(self, which: schema.Schema) -> pd.DataFrame:
        return store.read_table(which, self.folder / "data" / "processed" / AREA)

    def outputs(self) -> dict[str, str]:
        """Every published file and its hash."""
        roots = [self.folder / "maps", self.folder / "data" / "processed" / AREA]
        return {
            path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for root in roots
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def kept(self) -> list[str]:
        """What the raw store holds of police.uk, by label and edition."""
        raw = store.RawStore(self.folder / "data" / "raw")
        return [f"{file.label} {file.edition}" for file in raw.files("police_uk")]


@pytest.fixture
def played() -> Iterator[played_web.PlayedWeb]:
    with played_web.PlayedWeb() as found:
        yield found


@pytest.fixture
def nights(played: played_web.PlayedWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    monkeypatch.setattr(fetch, "Web", functools.partial(Web, limits=played_web.QUICK))
    return Nights(played, tmp_path / "area")


def _months(last: str, n: int = 12) -> Months:
    return {month: mannin.month_rows(month) for month in mannin.months_to(last, n)}


def _require_exact(nights: Nights, newest: Months) -> None:
    """Hold incidents and accounts against what was published last of every month."""
    incidents = nights.table(schema.INCIDENTS)
    kept = {f"{month:%Y-%m}": n for month, n in incidents.groupby("month").size().items()}
    assert kept == {
        month: sum(row.is_located for row in rows) for month, rows in newest.items() if rows
    }
    account = nights.table(schema.ACCOUNT)
    parts = account[["kept", "unlocated", "excluded", "duplicate", "quarantined"]].sum(axis=1)
    assert (parts == account["rows_in"]).all()
    assert account["quarantined"].sum() == 0


def test_a_year_of_nights(nights: Nights) -> None:  # noqa: PLR0915 - a year is long
    played = nights.played
    # The first night fetches the one archive that is needed, and the boundaries.
    newest = _months("2024-01")
    nights.publish("2024-01", newest)
    assert nights.night().is_new
    assert nights.kept() == ["2024-01-mannin 1"]
    _require_exact(nights, newest)

    # A night without news: at most five requests, no data, nothing written.
    before = nights.outputs()
    assert not nights.night().is_new
    assert len(played.requests) <= 5
    assert [seen.status for seen in played.requests] == [200, 302, 304]
    assert nights.outputs() == before

    # A new month.
    newest |= _months("2024-02", 1)
    nights.publish("2024-02", _months("2024-02"))
    assert nights.night().is_new
    assert nights.kept() == ["2024-01-mannin 1", "2024-02-mannin 1"]
    _require_exact(nights, newest)

    # A month is revised: two rows go, one comes, one moves, outcomes change.
    march = _months("2024-03")
    revised = [replace(row, outcome="Local resolution") for row in march["2024-02"][2:]]
    at = next(i for i, row in enumerate(revised) if row.crime_id and row.is_located)
    revised[at] = replace(revised[at], point=(revised[at].point + 1) % mannin.N_POINTS)
    revised.append(Row("f" * 64, "2024-02", 3, "Burglary"))
    march["2024-02"] = revised
    nights.publish("2024-03", march)
    nights.night()
    newest |= {"2024-02": revised, "2024-03": march["2024-03"]}
    _require_exact(nights, newest)
    changes = nights.table(schema.REVISIONS)
    february = changes[(changes["month"] == "2024-02-01")].iloc[-1]
    assert (february["removed"], february["added"], february["changed"]) == (2, 1, 1)
    assert february["rows_after"] - february["rows_before"] == -1
    page = (nights.folder / "maps" / AREA / "changes.html").read_text("utf-8")
    assert "February 2024" in page

    # police.uk is down: the last good outputs stay, and it is said.
    before = nights.outputs()
    played.fail("/api/crime-last-updated", play.status(503), for_ever=True)
    down = nights.night()
    assert not down.is_new
    assert "data.police.uk" in down.not_refreshed[0]
    assert nights.outputs() == before
    played.heal()

    # The force did not hand in April; the archive comes without it.
    april = {month: rows for month, rows in _months("2024-04").items() if month != "2024-04"}
    april["2024-02"] = revised
    nights.publish("2024-04", april)
    nights.night()
    _require_exact(nights, newest)

    # May is announced before its archive is there.
    played.set_last_updated("2024-05")
    before = nights.outputs()
    nights.night()
    assert nights.outputs() == before

    # Then it comes, and April with it; a day later it is supplied anew, with a row more.
    may = _months("2024-05")
    may["2024-02"] = revised
    nights.publish("2024-05", may)
    nights.night()
    newest |= {"2024-04": may["2024-04"], "2024-05": may["2024-05"]}
    _require_exact(nights, newest)
    may["2024-05"] = [*may["2024-05"], Row("e" * 64, "2024-05", 3, "Burglary")]
    nights.publish("2024-05", may)
    assert nights.night().is_new
    newest |= {"2024-05": may["2024-05"]}
    _require_exact(nights, newest)
    assert nights.kept()[-2:] == ["2024-05-mannin 1", "2024-05-mannin 2"]

    # The list of map points changes in July; that night the store ignores ranges.
    july = _months("2024-07")
    july |= {"2024-02": revised, "2024-05": may["2024-05"]}
    nights.publish("2024-07", july)
    played.fail("/store/archive/2024-07.zip", play.ranges_ignored(), for_ever=True)
    nights.night()
    newest |= {"2024-06": july["2024-06"], "2024-07": july["2024-07"]}
    _require_exact(nights, newest)
    assert set(nights.table(schema.POINTS)["list_id"]) == {"list-2023-02", "list-2024-07"}
    played.heal()

    # The rest of the year; every publication stays in the raw store.
    for month in ("2024-08", "2024-09", "2024-10", "2024-11", "2024-12"):
        latest = _months(month)
        latest |= {m: newest[m] for m in ("2024-02", "2024-05") if m in latest}
        nights.publish(month, latest)
        nights.night()
        newest |= {month: latest[month]}
    _require_exact(nights, newest)
    assert len(nights.kept()) == 12

    # Replayed from the raw store alone, with no network: the same bytes.
    before = nights.outputs()
    assert nights.night(offline=True, force=True).is_new
    assert not played.requests
    assert nights.outputs() == before


def test_nothing_to_fetch_with_and_nothing_here(nights: Nights) -> None:
    nights.played.fail("/api/crime-last-updated", play.status(503), for_ever=True)
    with pytest.raises(DataMissingError, match=r"(?s)no police\.uk records are here yet.*503"):
        nights.night()
    assert not nights.outputs()


def test_a_download_dropped_by_hand_is_used_while_the_source_is_down(nights: Nights) -> None:
    months = _months("2024-01")
    archive = nights.played.publish_archive("2024-01", mannin.members(months))
    raw = nights.folder / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "my download.zip").write_bytes(archive)
    (raw / "shopping.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    nights.played.fail("/api/crime-last-updated", play.status(503), for_ever=True)
    outcome = nights.night()
    assert outcome.is_new
    assert outcome.not_refreshed
    _require_exact(nights, months)
    # Its pages say what was not refreshed; the next good night makes them anew.
    page = nights.folder / "maps" / AREA / "changes.html"
    assert "not refreshed" in page.read_text("utf-8").lower()
    nights.played.heal()
    nights.played.set_last_updated("2024-01")
    assert nights.night().is_new
    assert nights.kept() == ["2024-01-mannin 1"]


def test_a_deleted_raw_file_is_fetched_again(nights: Nights) -> None:
    nights.publish("2024-01", _months("2024-01"))
    nights.night()
    before = nights.outputs()
    (kept,) = store.RawStore(nights.folder / "data" / "raw").files("police_uk")
    kept.path.unlink()
    with pytest.raises(Exception, match="missing or cannot be read"):
        nights.night(offline=True)
    assert nights.outputs() == before
    nights.night()
    assert kept.path.exists()
    assert nights.outputs() == before


def test_layers_are_asked_again_after_a_while(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.publish("2024-01", _months("2024-01"))
    nights.night()
    now = fetch._now()
    monkeypatch.setattr(fetch, "_now", lambda: now + pd.Timedelta(days=31))
    nights.night()
    assert any("FeatureServer" in path for path in nights.played.paths)
    assert len(nights.played.requests) <= 5
    nights.night()
    assert not any("FeatureServer" in path for path in nights.played.paths)


def test_a_layer_whose_server_is_down_keeps_its_last_edition(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.publish("2024-01", _months("2024-01"))
    nights.night()
    now = fetch._now()
    monkeypatch.setattr(fetch, "_now", lambda: now + pd.Timedelta(days=31))
    path = "/arcgis/rest/services/districts/FeatureServer/0"
    nights.played.fail(path, play.status(500), for_ever=True)
    outcome = nights.night()
    assert not outcome.is_new
    assert "mannin-boundaries-district" in outcome.not_refreshed[0]


def test_smaller_areas_are_asked_for_within_the_districts(nights: Nights) -> None:
    inside = mannin.districts().rename(columns={"LAD24CD": "LSOA21CD", "LAD24NM": "LSOA21NM"})
    far = inside.assign(LSOA21CD="E01990002", geometry=inside.translate(50_000, 0))
    layer = nights.played.publish_layer(
        "lsoas", pd.concat([inside.assign(LSOA21CD="E01990001"), far])
    )
    settings = nights.folder / "hotspots.toml"
    with settings.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[[boundaries]]\nlevel = "lsoa21"\nurl = "{layer}"\n'
            'code = "LSOA21CD"\nname = "LSOA21NM"\n'
        )
    nights.publish("2024-01", _months("2024-01"))
    nights.night()
    areas = nights.table(schema.AREAS)
    assert set(areas.loc[areas["level"] == "lsoa21", "area_code"]) == {"E01990001"}


def test_a_council_file_by_address(nights: Nights) -> None:
    rows = "\n".join(f"L{n},{230_100 + n},430_100".replace("_", "") for n in range(50))
    url = nights.played.publish_file("/lights.csv", f"Asset_ID,Easting,Northing\n{rows}\n".encode())
    with (nights.folder / "hotspots.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[[lighting]]\nauthority = "Mannin"\nurl = "{url}"\nlicence = "made up"\n')
    nights.publish("2024-01", _months("2024-01"))
    nights.night()
    assert len(nights.table(schema.LAMPS)) == 50
    (kept,) = store.RawStore(nights.folder / "data" / "raw").files(
        "layers", "mannin-lighting-mannin"
    )
    assert kept.origin.url == url
    assert kept.origin.licence == "made up"


def test_without_a_force_nothing_can_be_fetched(nights: Nights) -> None:
    settings = nights.folder / "hotspots.toml"
    text = settings.read_text("utf-8").replace(f'police_force = "{mannin.FORCE}"', "")
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="police_force is not set"):
        nights.night()


def _record(
    number: int, month: str, edit: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    row = mannin.month_rows(month)[number]
    lon, lat = mannin._lonlat(month)[row.point]
    record: dict[str, Any] = {
        "category": "burglary",
        "location_type": "Force",
        "location": {
            "latitude": f"{lat:.6f}",
            "longitude": f"{lon:.6f}",
            "street": {"id": row.point, "name": "On or near Heron Street"},
        },
        "context": "",
        "outcome_status": None,
        "persistent_id": hashlib.sha256(f"{month}{number}".encode()).hexdigest(),
        "id": int(month.replace("-", "")) * 1000 + number,
        "location_subtype": "",
        "month": month,
    }
    if edit:
        edit(record)
    return record


def test_a_small_area_by_the_api(nights: Nights) -> None:
    settings = nights.folder / "hotspots.toml"
    text = settings.read_text("utf-8").replace(f'police_force = "{mannin.FORCE}"', "")
    settings.write_text(text.replace("months = 12", 'months = 12\nsource = "api"'), "utf-8")
    months = mannin.months_to("2024-01", 14)
    for month in months:
        nights.played.publish_crimes(month, [_record(n, month) for n in range(40)])
    nights.played.set_months(months[::-1])
    nights.played.set_last_updated("2024-01")
    nights.night()
    assert len(nights.table(schema.INCIDENTS)) == 12 * 40
    before = nights.outputs()
    assert not nights.night().is_new
    assert len(nights.played.requests) <= 5
    assert nights.outputs() == before
    # With the next month one record of an old one is withdrawn.
    nights.played.publish_crimes("2023-12", [_record(n, "2023-12") for n in range(39)])
    nights.played.publish_crimes("2024-02", [_record(n, "2024-02") for n in range(40)])
    nights.played.set_months(["2024-02", *months[::-1]])
    nights.played.set_last_updated("2024-02")
    nights.night()
    incidents = nights.table(schema.INCIDENTS)
    assert (incidents["month"] == "2023-12-01").sum() == 39
    assert (incidents["month"] == "2024-02-01").sum() == 40


# One step at a time


@pytest.mark.parametrize(
    ("month", "before"),
    [
        ("2024-01", "2023-12"),
        ("2024-02", "2024-01"),
        ("2024-12", "2024-11"),
        ("0100-01", "0099-12"),
    ],
)
def test_the_month_before(month: str, before: str) -> None:
    assert fetch._month_before(month) == before


def look(folder: Path, text: str = "") -> Any:  # noqa: ANN401 - stands for a look at the sources
    path = folder / "hotspots.toml"
    path.write_text(
        '[area]\nid = "mannin"\nname = "Mannin"\npolice_force = "mannin"\n[[boundaries]]\n'
        'level = "district"\nfile = "d.gpkg"\ncode = "c"\nname = "n"\n' + text,
        encoding="utf-8",
    )
    said: list[str] = []
    raw = store.RawStore(folder / "raw")
    asked: Any = None
    return fetch._Look(load(path), raw, asked, said.append, News())


def lights(*names: str) -> str:
    return "".join(
        f'[[lighting]]\nauthority = "{name}"\nurl = "https://example.org/{name}"\nlicence = "x"\n'
        for name in names
    )


def kept(seen: Any, source: str, label: str, content: bytes = b"1") -> None:  # noqa: ANN401
    draft = seen.raw.draft("x")
    draft.write_bytes(content)
    origin = store.Origin("https://example.org", "2024-01-01T00:00:00+00:00", "x")
    seen.raw.keep(draft, source=source, label=label, suffix=".csv", origin=origin)


def test_two_of_the_layers_that_are_due_are_asked_the_longest_ago_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(tmp_path, lights("a", "b", "c", "d", "e", "f"))
    now = dt.datetime(2024, 6, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(fetch, "_now", lambda: now)
    entries = labels(seen.settings)
    days = {"a": 31, "b": 40, "c": 30, "d": 29, "f": 50}
    for name, n_days in days.items():
        label = f"mannin-lighting-{name}"
        kept(seen, "layers", label, name.encode())
        url = f"https://example.org/{name if name != 'f' else 'other'}"
        checked = (now - dt.timedelta(days=n_days)).isoformat()
        note = {"asked": {"url": url, "where": ""}, "checked": checked}
        seen.raw.note(f"layers/{label}", note)

    def due() -> str:
        return "".join(label[-1] for label in fetch._due(seen, entries))

    assert due() == "efba"
    monkeypatch.setattr(fetch, "LAYERS_A_NIGHT", 9)
    assert due() == "efbac", "thirty days ago is long enough"


def test_three_archives_are_asked_for_where_none_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(tmp_path)
    asked: list[str] = []

    def publication(_: Any, month: str, force: str) -> bool:  # noqa: ANN401
        assert force == "mannin"
        asked.append(month)
        return False

    monkeypatch.setattr(fetch, "_publication", publication)
    monkeypatch.setattr(live, "last_updated", lambda *_: "2024-02")
    monkeypatch.setattr(live, "publications_for", lambda newest, months: (newest,) * months)
    fetch._archives(seen)
    assert asked[:3] == ["2024-02", "2024-01", "2023-12"]
    assert asked[3:] == ["2023-11"] * 35


def test_of_older_archives_only_those_that_are_missing_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(tmp_path)
    kept(seen, "police_uk", "2021-02-mannin")
    asked: list[str] = []

    def publication(_: object, month: str, __: str) -> bool:
        asked.append(month)
        return True

    monkeypatch.setattr(fetch, "_publication", publication)
    monkeypatch.setattr(live, "last_updated", lambda *_: "2024-02")
    published = ("2024-02", "2021-02", "2018-02")
    monkeypatch.setattr(live, "publications_for", lambda *_: published)
    fetch._archives(seen)
    assert asked == ["2024-02", "2018-02"]


def found(**changes: Any) -> live.Fetched:  # noqa: ANN401
    return live.Fetched("2024-02", "https://example.org/2024-02.zip", **changes)


@pytest.mark.parametrize(
    ("came", "is_there", "news"),
    [
        (None, True, ([], [])),
        (found(is_published=False, notes=("no",)), False, (["2024-02-mannin: no"], [])),
        (
            found(is_published=True),
            True,
            ([], ["https://example.org/2024-02.zip: it holds nothing of the force 'mannin'."]),
        ),
        (
            found(is_published=True, members=("a",), marks={"etag": "1"}),
            True,
            (["2024-02-mannin: fetched 3 bytes"], []),
        ),
    ],
)
def test_what_becomes_of_a_publication(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    came: live.Fetched | None,
    news: tuple[list[str], list[str]],
    *,
    is_there: bool,
) -> None:
    seen = look(tmp_path)

    def fetched(*_: object, into: Path, known: object, whole_into: Path, **__: object) -> object:
        assert known is None
        assert whole_into.name == "2024-02.zip"
        if came and came.members:
            into.write_bytes(b"zip")
        return came

    monkeypatch.setattr(live, "fetch_publication", fetched)
    assert fetch._publication(seen, "2024-02", "mannin") is is_there
    assert (seen.news.fetched, seen.news.not_refreshed) == news
    assert seen.has("police_uk", "2024-02-mannin") is bool(came and came.members)
    marks = {"etag": "1"} if came and came.members else None
    assert seen.raw.noted("police_uk/2024-02-mannin") == marks


def test_marks_are_believed_only_while_the_file_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(tmp_path)
    kept(seen, "police_uk", "2024-02-mannin")
    seen.raw.note("police_uk/2024-02-mannin", {"etag": "1"})
    asked: list[object] = []
    monkeypatch.setattr(live, "fetch_publication", lambda *_, known, **__: asked.append(known))
    fetch._publication(seen, "2024-02", "mannin")
    seen.raw.newest("police_uk", "2024-02-mannin").path.unlink()
    fetch._publication(seen, "2024-02", "mannin")
    assert asked == [{"etag": "1"}, None]


def test_smaller_areas_and_points_are_asked_within_a_box_unless_a_query_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_outline", lambda _: shapely.box(1, 2, 3, 4))
    seen = look(
        tmp_path,
        "".join(
            f'[[boundaries]]\nlevel = "{level}"\nurl = "https://example.org/{level}"\n'
            f'code = "c"\nname = "n"\n{where}'
            for level, where in (("district", ""), ("ward", ""), ("lsoa21", 'where = "1=1"\n'))
        )
        + lights("a"),
    )
    _, district, ward, asked = seen.settings.boundaries
    assert fetch._box(seen, district) is None
    assert fetch._box(seen, asked) is None
    assert fetch._box(seen, ward) == (1, 2, 3, 4)
    assert fetch._box(seen, seen.settings.lighting[0]) == (1, 2, 3, 4)


def test_a_layer_is_named_after_its_council_or_its_host(tmp_path: Path) -> None:
    seen = look(
        tmp_path,
        lights("a") + '[[places]]\nkind = "pub"\nurl = "https://example.org/p"\nlicence = "y"\n',
    )
    lamp = fetch._layer_origin(seen.settings.lighting[0])
    pub = fetch._layer_origin(seen.settings.places[0])
    assert (lamp.publisher, lamp.licence, lamp.url) == ("a", "x", "https://example.org/a")
    assert (pub.publisher, pub.licence) == ("example.org", "y")
    assert lamp.fetched_at.endswith("+00:00")
    assert "." not in lamp.fetched_at, "whole seconds"


def test_a_source_that_fails_does_not_stop_the_rest(tmp_path: Path) -> None:
    seen = look(tmp_path)

    def refuse(error: Exception) -> Callable[[], None]:
        def work() -> None:
            raise error

        return work

    seen.tried("a", refuse(SourceError("down")))
    seen.tried("b", refuse(DataMissingError("none")))
    seen.tried("c", lambda: None)
    assert seen.news.not_refreshed == [
        "a: down",
        "b: the districts to ask within are not here yet.",
    ]


def test_content_that_is_kept_already_is_no_news(tmp_path: Path) -> None:
    seen = look(tmp_path)
    origin = store.Origin("https://example.org", "2024-01-01T00:00:00+00:00", "x")
    for content in (b"12345", b"12345", b"1234"):
        seen.raw.draft("x").write_bytes(content)
        seen.keep("x", source="layers", label="a", suffix=".csv", origin=origin)
    assert seen.news.fetched == ["a: fetched 5 bytes", "a: fetched 4 bytes"]
