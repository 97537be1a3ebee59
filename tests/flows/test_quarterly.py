"""The quarterly flow: Prefect adds retries, an artifact and a schedule, and nothing else."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from flows import quarterly as module
from hotspots.errors import DataMissingError, LockedError
from hotspots.pipeline.report import Reported

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
MADE = Reported(
    "anytown", "2025-Q2", "April to June 2025", Path("reports"), (Path("reports/anytown.html"),),
    ("Nothing was reported.",), ("No data for May 2025.",),
)  # fmt: skip


def test_the_artifact_has_the_headlines_and_links_to_the_reports() -> None:
    text = module.markdown(MADE)

    assert "# anytown, April to June 2025" in text
    assert "- No data for May 2025." in text
    assert "- Nothing was reported." in text
    assert "[anytown.html](file://" in text


def test_the_quarterly_deployment_stands_beside_the_nightly_one() -> None:
    text = (ROOT / "prefect.yaml").read_text("utf-8")
    _, nightly, quarterly = text.split("  - name: ")

    assert nightly.startswith("nightly")
    assert quarterly.startswith("quarterly")
    assert "entrypoint: flows/quarterly.py:quarterly" in quarterly
    assert "timezone: Europe/London" in quarterly


def test_a_report_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> NoReturn:
        msg = "no data for that quarter."
        raise DataMissingError(msg)

    settings = tmp_path / "x.toml"
    settings.write_text('[notify]\nfile = "told.jsonl"\n', encoding="utf-8")
    monkeypatch.setattr(module, "report", missing)
    monkeypatch.setattr(module, "task", lambda **_: lambda body: body)
    monkeypatch.setattr(module, "get_run_logger", lambda: logging.getLogger("told"))
    with pytest.raises(DataMissingError):
        module.quarterly.fn(str(settings))
    told = (tmp_path / "told.jsonl").read_text("utf-8")
    assert "The quarterly report failed: data that the settings ask for is missing." in told


def test_a_report_that_hangs_is_ended() -> None:
    assert module.quarterly.timeout_seconds == module.FLOW_LIMIT_S
    assert module.TASK_LIMIT_S < module.FLOW_LIMIT_S


def test_a_report_waits_for_a_refresh_that_holds_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the flow hands to Prefect: one task, tried again, that calls the library."""
    calls: list[object] = []

    def locked(*_: object, **named: object) -> Reported:
        calls.append(named["quarter"])
        if len(calls) == 1:
            msg = "Another run is working on this area."
            raise LockedError(msg)
        return MADE

    class Task:
        """Stands for a Prefect task: tries again as often as it was told."""

        def __init__(self, *, retries: int, **_: object) -> None:
            self.retries = retries

        def __call__(self, body: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                for _ in range(self.retries):
                    try:
                        body()
                    except LockedError:
                        continue
                    return
                body()

            return run

    class Logger:
        """Says nothing."""

        def info(self, *_: object) -> None:
            """Take a word of progress."""

        warning = info

    monkeypatch.setattr(module, "report", locked)
    monkeypatch.setattr(module, "task", Task)
    monkeypatch.setattr(module, "get_run_logger", Logger)
    monkeypatch.setattr(module, "create_markdown_artifact", lambda **_: None)

    state = module.quarterly.fn("hotspots.toml", quarter="2025-Q2")

    assert calls == ["2025-Q2", "2025-Q2"]
    assert "April to June 2025" in str(state.message)
