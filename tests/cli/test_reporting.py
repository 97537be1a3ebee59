"""The command ``hotspots report``: what it prints and how it asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hotspots.cli import app, reporting
from hotspots.errors import DataMissingError
from hotspots.pipeline import report as module
from hotspots.pipeline.report import Reported

MADE = Reported(
    "anytown", "2025-Q2", "April to June 2025", Path("reports"),
    (Path("reports/anytown.html"), Path("reports/anytown.docx")), ("Two incidents were reported.",),
    ("No data for May 2025.",),
)  # fmt: skip


def test_cautions_and_headlines_come_before_what_to_open() -> None:
    text = "\n".join(reporting.report_lines(MADE))

    assert text.index("No data for May") < text.index("Two incidents") < text.index("index.html")
    assert "anytown.docx" not in text


def test_what_was_asked_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def made(settings: Path, **named: object) -> Reported:
        asked.update(named, settings=settings)
        return MADE

    monkeypatch.setattr(module, "report", made)
    found = CliRunner().invoke(
        app, ["report", "--quarter", "2025-Q2", "--district", "Ashby", "--revised", "--json"]
    )

    assert found.exit_code == 0
    assert asked["quarter"] == "2025-Q2"
    assert asked["district"] == "Ashby"
    assert asked["revised"] is True
    assert '"quarter": "2025-Q2"' in found.stdout


def test_missing_data_ends_with_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> Reported:
        msg = "no data for that quarter."
        raise DataMissingError(msg)

    monkeypatch.setattr(module, "report", nothing)
    found = CliRunner().invoke(app, ["report"])

    assert found.exit_code == 3
    assert "no data for that quarter" in found.stderr
