"""What is told after a refresh, how often, and that it never changes what a refresh came to."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pytest
from typer.testing import CliRunner

from hotspots import cli, notify, pipeline, settings, store
from hotspots.errors import HotspotsError, InputError, LockedError
from hotspots.pipeline import notifying
from hotspots.pipeline.inputs import settings_record

SETTINGS = """
[area]
id = "anytown"
name = "Anytown"
[[boundaries]]
level = "district"
file = "districts.geojson"
code = "code"
name = "name"
[notify]
file = "told.jsonl"
"""

ALERTS = [
    {"kind": "volume", "month": "2025-01", "subject": "Burglary", "words": "Burglary: 3 records"},
    {"kind": "stale", "month": "2025-01", "subject": "All crime and ASB", "words": "old"},
]

WEBHOOK = """
[notify.webhook]
url = "http://127.0.0.1:9/key"
allow_hosts = ["127.0.0.1:9"]
"""


class Place:
    """A settings file, the outputs beside it, and what was told."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.settings_file = folder / "hotspots.toml"
        self.settings_file.write_text(SETTINGS + more, encoding="utf-8")
        self.maps = folder / "maps" / "anytown"
        self.warnings: list[str] = []

    def publish(self, alerts: list[dict[str, str]], *, until: str = "2025-01") -> None:
        manifest = {"data_months": ["2024-01", until], "alerts": alerts}
        store.write_json(manifest, self.maps / "manifest.json")

    def outcome(self, *not_refreshed: str) -> pipeline.Outcome:
        columns = ["file", "rows_in", "kept", "unlocated", "excluded", "duplicate", "quarantined"]
        return pipeline.Outcome(
            False, "anytown", self.maps, (), pd.DataFrame(columns=columns), {}, (), not_refreshed
        )

    def refresh(self, *not_refreshed: str) -> None:
        with notifying.watched(self.settings_file, warn=self.warnings.append) as tell:
            pass
        tell(self.outcome(*not_refreshed))

    def fail(self, error: BaseException) -> None:
        with (
            pytest.raises(type(error)),
            notifying.watched(self.settings_file, warn=self.warnings.append),
        ):
            raise error

    def told(self) -> list[dict[str, Any]]:
        path = self.settings_file.with_name("told.jsonl")
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """The clock: a list of one."""
    clock = [dt.datetime(2025, 3, 1, 3, 20, tzinfo=dt.UTC)]
    monkeypatch.setattr(notifying, "_now", lambda: clock[0])
    return clock


def test_nobody_is_told_where_all_is_well(place: Place, today: list[dt.datetime]) -> None:
    assert today
    place.publish([])
    place.refresh()
    assert place.told() == []
    assert place.warnings == []


def test_a_failure_is_told_in_plain_words(place: Place) -> None:
    place.fail(InputError("x.csv: line 3: found 'Crime ID abc'; take it out."))
    (message,) = place.told()
    assert message["reasons"] == ["failure"]
    assert "\n".join(message["lines"]) == (
        "The refresh failed: an input file was refused. What was published before is untouched. "
        "Run it by hand to see the whole message (exit code 4)."
    )


def test_a_lock_that_another_run_holds_is_told_as_what_it_is(place: Place) -> None:
    place.fail(LockedError("busy"))
    (message,) = place.told()
    assert "another run was still working on this area" in message["lines"][0]


@pytest.mark.parametrize("error", [ValueError("x"), MemoryError(), asyncio.CancelledError()])
def test_an_end_before_time_is_told_whatever_it_was(place: Place, error: BaseException) -> None:
    place.fail(error)
    (message,) = place.told()
    assert "it ended before it was complete" in message["lines"][0]


def test_who_interrupts_a_refresh_knows_it(place: Place) -> None:
    place.fail(KeyboardInterrupt())
    assert place.told() == []


def test_wrong_settings_are_told_too(place: Place) -> None:
    text = place.settings_file.read_text("utf-8").replace('id = "anytown"', 'id = "Any Town"')
    place.settings_file.write_text(text, encoding="utf-8")
    with pytest.raises(HotspotsError) as caught:
        settings.load(place.settings_file)
    place.fail(caught.value)
    (message,) = place.told()
    assert message["area"] == place.settings_file.parent.name
    assert "the settings are wrong" in message["lines"][0]


def test_old_data_is_told_as_of_today(place: Place, today: list[dt.datetime]) -> None:
    place.publish([], until="2025-01")
    today[0] = dt.datetime(2025, 5, 2, tzinfo=dt.UTC)
    place.refresh()
    assert place.told() == []
    today[0] = dt.datetime(2025, 5, 3, tzinfo=dt.UTC)
    place.refresh()
    (message,) = place.told()
    assert message["reasons"] == ["stale"]
    assert "January 2025, 91 days before 3 May 2025" in message["lines"][0]


def test_sources_that_were_down_are_counted_not_quoted(
    place: Place, today: list[dt.datetime]
) -> None:
    assert today
    place.publish([])
    place.refresh("https://example.org/?key=x: timed out", "police.uk: timed out")
    (message,) = place.told()
    assert message["reasons"] == ["not_refreshed"]
    assert message["lines"][0].startswith("2 sources were down")


def test_alerts_are_told_once_without_their_figures(place: Place, today: list[dt.datetime]) -> None:
    place.publish(ALERTS)
    place.refresh()
    (message,) = place.told()
    assert message["reasons"] == ["alert"]
    (line,) = message["lines"]
    assert line == f"2025-01: far fewer records than usual; see {place.maps / 'changes.html'}"
    today[0] += dt.timedelta(days=60)
    place.refresh()
    assert place.told() == []


def test_what_stands_is_told_again_after_a_week(place: Place, today: list[dt.datetime]) -> None:
    place.publish([])
    counts = []
    for _ in range(9):
        place.refresh("police.uk: down")
        counts.append(len(place.told()))
        today[0] += dt.timedelta(days=1)
    assert counts == [1, 0, 0, 0, 0, 0, 0, 1, 0]


def test_what_ended_and_begins_again_is_told_again(place: Place, today: list[dt.datetime]) -> None:
    assert today
    place.publish([])
    counts = []
    for failed in (True, True, False, True):
        if failed:
            place.fail(ValueError())
        else:
            place.refresh()
        counts.append(len(place.told()))
    assert counts == [1, 0, 0, 1]


def test_only_what_is_wanted_is_told(tmp_path: Path, today: list[dt.datetime]) -> None:
    assert today
    place = Place(tmp_path, 'when = ["failure"]\nrepeat_every_days = 0\n')
    place.publish(ALERTS)
    place.refresh("police.uk: down")
    assert place.told() == []
    for _ in range(2):
        place.fail(ValueError())
    assert len(place.told()) == 2


def test_a_channel_that_fails_is_tried_again_and_only_warned_of(
    tmp_path: Path, today: list[dt.datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert today
    place = Place(tmp_path, WEBHOOK)
    place.publish([])
    place.refresh("police.uk: down")
    place.refresh("police.uk: down")
    assert len(place.told()) == 1, "the file is told once"
    assert len(place.warnings) == 2
    assert place.warnings[0].startswith("no notification by webhook: 127.0.0.1:9 could not be told")
    assert "key" not in "".join(place.warnings)
    sent: list[str] = []
    monkeypatch.setattr(notify, "to_webhook", lambda message, *_, **__: sent.append(message.area))
    place.refresh("police.uk: down")
    assert sent == ["anytown"]


def test_nothing_that_goes_wrong_while_telling_gets_out(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(notify, "to_file", broken)
    place.fail(InputError("refused"))
    assert place.warnings == ["no notification was sent: unexpected ZeroDivisionError."]


def test_no_output_depends_on_whom_to_tell(place: Place) -> None:
    record = settings_record(settings.load(place.settings_file), place.settings_file.parent)
    assert "notify" not in record


# By the command line


def test_the_command_tells_and_ends_as_it_would_have(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        msg = "x.csv: line 3: refused"
        raise InputError(msg)

    monkeypatch.setattr(pipeline, "refresh", refused)
    ended = CliRunner().invoke(cli.app, ["refresh", "--settings", str(place.settings_file)])
    assert ended.exit_code == 4
    assert "x.csv: line 3: refused" in ended.stderr
    (message,) = place.told()
    assert message["reasons"] == ["failure"]


def test_the_command_tells_of_sources_that_were_down(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.publish([], until=f"{dt.datetime.now(tz=dt.UTC):%Y-%m}")
    outcome = place.outcome("police.uk: down")
    monkeypatch.setattr(pipeline, "refresh", lambda *_, **__: outcome)
    arguments = ["refresh", "--settings", str(place.settings_file)]
    assert CliRunner().invoke(cli.app, arguments).exit_code == 5
    (message,) = place.told()
    assert message["reasons"] == ["not_refreshed"]
    assert CliRunner().invoke(cli.app, [*arguments, "--until", "2025-01"]).exit_code == 5
    assert place.told() == [], "old data is what was asked for"
