"""What is worth telling somebody after a refresh, and whom the settings name."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots import notify, store
from hotspots.errors import HotspotsError, LockedError
from hotspots.pipeline.folders import MANIFEST, Folders
from hotspots.settings import IMPLICIT_TLS_PORT, load, notify_section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hotspots.pipeline.run import Outcome
    from hotspots.settings import Email, Notify, Settings

    Channel = tuple[str, Callable[[notify.Message], None]]

_FAILURES = {
    2: "the settings are wrong",
    3: "data that the settings ask for is missing",
    4: "an input file was refused",
    5: "a source gave nothing that can be used, and there is no earlier data of it",
}
"""What went wrong, by the exit code of the error; its own words may repeat what a file holds."""

_ALERTS = {
    "volume": "far fewer records than usual",
    "new type": "a crime type that was not there before",
    "vanished type": "a crime type with no records any more",
    "new column": "a column that was not there before",
    "unlocated": "many records without a place",
    "lsoa vintage": "small areas (LSOA) of another year",
    "point list": "another list of map points",
    "header only": "a file without records",
    "short": "a month that is not complete",
    "force absent": "a month that this force did not publish",
    "revised": "a month that was published again, with many changes",
}


@dataclass(frozen=True)
class Notice:
    """
    One thing worth telling.

    Attributes
    ----------
    reason : str
        As in `[notify] when`.
    key : str
        The same as long as it is the same thing.
    words : str
    """

    reason: str
    key: str
    words: str


@contextmanager
def watched(
    settings_file: Path,
    *,
    out: Path | None = None,
    what: str = "The refresh",
    warn: Callable[[str], None],
) -> Iterator[Callable[[Outcome], None]]:
    """
    Tell whom the settings name if what is done inside fails; the error goes on its way.

    Parameters
    ----------
    settings_file, out
        As for a refresh.
    what : str
        What is done inside, as the subject of a sentence.
    warn : callable
        Told when a notification could not be sent, which changes nothing else.

    Yields
    ------
    callable
        To be called with the outcome where there is one.
    """
    try:
        yield lambda outcome: of_outcome(settings_file, outcome, out=out, warn=warn)
    except (Exception, asyncio.CancelledError) as error:  # the latter is how Prefect ends a flow
        of_failure(settings_file, error, out=out, what=what, warn=warn)
        raise


def of_failure(
    settings_file: Path,
    error: BaseException | None,
    *,
    out: Path | None = None,
    what: str = "The refresh",
    warn: Callable[[str], None],
) -> None:
    """
    Tell that something failed.

    Parameters
    ----------
    settings_file, out, what, warn
        As for ``watched``.
    error : BaseException or None
        None if the process ended without a word.
    """
    code = error.exit_code if isinstance(error, HotspotsError) else 1
    why = _FAILURES.get(code, "it ended before it was complete")
    if isinstance(error, LockedError):
        why = "another run was still working on this area"
    words = (
        f"{what} failed: {why}. What was published before is untouched. "
        f"Run it by hand to see the whole message (exit code {code})."
    )
    _guarded(settings_file, out, lambda _: [Notice("failure", what, words)], warn, keeps=True)


def of_outcome(
    settings_file: Path,
    outcome: Outcome,
    *,
    out: Path | None = None,
    warn: Callable[[str], None],
) -> None:
    """
    Tell what a refresh that did not fail leaves to be told: old data, sources down, alerts.

    Parameters
    ----------
    settings_file, out, warn
        As for ``watched``.
    outcome : Outcome
    """

    def notices(settings: Settings | None) -> list[Notice]:
        manifest = store.read_json(outcome.maps_folder / MANIFEST) or {}
        after_days = settings.publish.stale_after_days if settings else None
        return [
            *_stale(manifest, after_days),
            *_not_refreshed(outcome),
            *_alerts(manifest, outcome.maps_folder),
        ]

    _guarded(settings_file, out, notices, warn, keeps=False)


def _stale(manifest: dict[str, Any], after_days: int | None) -> Iterator[Notice]:
    import pandas as pd

    from hotspots.pipeline import alerts

    months = manifest.get("data_months")
    if months and after_days is not None:
        last = pd.Timestamp(f"{months[-1]}-01")
        for words in alerts.stale(last, made_on=_now().date(), after_days=after_days)["words"]:
            yield Notice("stale", f"after {months[-1]}", words)


def _not_refreshed(outcome: Outcome) -> Iterator[Notice]:
    if n := len(outcome.not_refreshed):
        words = "1 source was" if n == 1 else f"{n} sources were"
        yield Notice(
            "not_refreshed",
            "sources",
            f"{words} down or gave what cannot be used; the last good data is used in its place.",
        )


def _alerts(manifest: dict[str, Any], maps_folder: Path) -> Iterator[Notice]:
    for alert in manifest.get("alerts", []):
        if alert["kind"] != "stale":  # told as of today, not as of the day of publication
            said = _ALERTS.get(alert["kind"], alert["kind"])
            yield Notice(
                "alert",
                f"{alert['kind']} {alert['month']} {alert['subject']}",
                f"{alert['month']}: {said}; see {maps_folder / 'changes.html'}",
            )


def _guarded(
    settings_file: Path,
    out: Path | None,
    find: Callable[[Settings | None], Sequence[Notice]],
    warn: Callable[[str], None],
    *,
    keeps: bool,
) -> None:
    """Tell, and let nothing that goes wrong on the way out of here."""
    try:
        named = notify_section(settings_file)
        if named is not None:
            settings = _loaded(settings_file)
            memory = _memory_file(settings, settings_file, out)
            area = settings.area.id if settings else settings_file.resolve().parent.name
            _tell(area, find(settings), named, memory, warn, keeps=keeps)
    except Exception as error:  # noqa: BLE001 - a refresh does not fail for want of a notification
        warn(f"no notification was sent: unexpected {type(error).__name__}.")


def _loaded(settings_file: Path) -> Settings | None:
    try:
        return load(settings_file)
    except HotspotsError:
        return None


def _memory_file(settings: Settings | None, settings_file: Path, out: Path | None) -> Path | None:
    """Name the file that remembers what was told; settings that are wrong have none."""
    if settings is None:
        return None
    folder = Folders.of(settings_file, settings.area.id, out).processed
    return folder.with_name(f".{folder.name}.notified.json")


def _tell(
    area: str,
    notices: Sequence[Notice],
    named: Notify,
    memory_file: Path | None,
    warn: Callable[[str], None],
    *,
    keeps: bool,
) -> None:
    """Tell by each channel what it was not told lately, and remember it."""
    wanted = [notice for notice in notices if notice.reason in named.when]
    read = store.read_json(memory_file) if memory_file else None
    memory = read if isinstance(read, dict) else {}
    after: dict[str, dict[str, str]] = {}
    for channel, send in _channels(named):
        told = memory.get(channel, {})
        standing = {f"{notice.reason}: {notice.key}" for notice in wanted}
        after[channel] = {key: day for key, day in told.items() if keeps or key in standing}
        due = [each for each in wanted if _is_due(each, told, named.repeat_every_days)]
        if not due:
            continue
        try:
            send(_message(area, due))
        except HotspotsError as error:
            warn(f"no notification by {channel}: {error}")
            continue
        today = _now().date().isoformat()
        after[channel] |= {f"{each.reason}: {each.key}": today for each in due}
    if memory_file and after != memory:
        store.write_json(after, memory_file)


def _is_due(notice: Notice, told: dict[str, str], repeat_every_days: int) -> bool:
    day = told.get(f"{notice.reason}: {notice.key}")
    if day is None:
        return True
    if notice.reason == "alert":  # what stands in the records stands there for years
        return False
    return (_now().date() - dt.date.fromisoformat(day)).days >= repeat_every_days


def _message(area: str, due: Sequence[Notice]) -> notify.Message:
    lines = dict.fromkeys(notice.words for notice in due)
    reasons = dict.fromkeys(notice.reason for notice in due)
    return notify.Message(area, tuple(reasons), tuple(lines), _now())


def _channels(named: Notify) -> Iterator[Channel]:
    """Give each way to tell somebody, by its name in the settings."""
    if named.file is not None:
        path = Path(named.file)
        yield "file", lambda message: notify.to_file(message, path)
    if named.email is not None:
        mailbox = _mailbox(named.email)
        yield "email", lambda message: notify.to_email(message, mailbox)
    if named.webhook is not None:
        url, hosts = named.webhook.url.get_secret_value(), named.webhook.allow_hosts
        yield "webhook", lambda message: notify.to_webhook(message, url, allow_hosts=hosts)


def _mailbox(email: Email) -> notify.Mailbox:
    security = (
        "tls" if email.port == IMPLICIT_TLS_PORT else "starttls" if email.starttls else "none"
    )
    password_file = Path(email.password_file) if email.password_file else None
    return notify.Mailbox(
        email.host, email.port, email.sender, email.to, security, email.user, password_file
    )


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
