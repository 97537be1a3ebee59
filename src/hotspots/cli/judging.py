"""The command ``hotspots intervention``: what became of each action of the register."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.cli import words
from hotspots.cli.commands import DebugOption, JsonOption, RefreshedOption, SettingsOption, app
from hotspots.cli.telling import tell, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from hotspots.pipeline.interventions.told import Told

HEAD = (
    "", "months", "before", "after", "compared before", "after", "difference", "95 % interval",
    "anyway",
)  # fmt: skip


@app.command(short_help="What was reported before and after each action.")
def intervention(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Say what was reported before and after each action of the register, beside like places."""
    with told(debug=debug):
        from hotspots.pipeline.interventions import told as judged

        found = judged.told(settings, out=out)
        if as_json:
            tell(json.dumps(judged.as_json(found), indent=2))
        else:
            tell("\n".join(intervention_lines(found)))


def intervention_lines(found: Told) -> Iterator[str]:
    """Give a judged register as lines for a person to read: words, then figures."""
    yield f"Interventions in {found.area_name}"
    if not found.actions:
        yield "\n  The register holds none that can be used."
    for action in found.actions:
        yield f"\n{action.title}"
        yield f"  What was done: {action.what}"
        yield from (f"  {each}" for each in action.sentences)
        shown = action.table.dropna(subset="before")
        if len(shown):
            yield words.aligned(
                [HEAD, *(_cells(each) for _, each in shown.iterrows())], numbers=True
            )
    if found.notes:
        yield "\nNotes"
        yield from (f"  {each}" for each in found.notes)


def _cells(row: pd.Series) -> tuple[str, ...]:
    unit = "" if row["measure"] == "count" else ", days of harm"
    weight = row["control_weight"]
    compared = [_figure(row[name] * weight) for name in ("control_before", "control_after")]
    interval = "-"
    if not math.isnan(row["wdd"]):
        interval = f"{_figure(row['wdd_low'], sign=True)} to {_figure(row['wdd_high'], sign=True)}"
    return (
        f"{row['crime_group']}{unit}",
        f"{row['months_before']} / {row['months_after']}",
        _figure(row["before"]),
        _figure(row["after"]),
        *compared,
        _figure(row["wdd"], sign=True),
        interval,
        _figure(row["expected_anyway"], sign=True),
    )


def _figure(value: float, *, sign: bool = False) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:+,.0f}" if sign else f"{value:,.0f}"
