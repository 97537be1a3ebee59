"""The figures of report tables as people read them, with the shorthand for what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.publish import words
from hotspots.publish.report import NO_DATA, SHORTHAND

if TYPE_CHECKING:
    from hotspots.publish.report import Table

PERCENT = frozenset({"hit", "hit_low", "hit_high", "area_share", "hold_rate", "kept_excess",
                     "unlocated_share"})  # fmt: skip
"""Shares, printed as percentages."""

_SHARED_STATES = {
    "change_low": "change", "change_high": "change", "usual_high": "usual", "usual_low": "usual",
    "usual_mean": "usual", "new": "compared", "there_before": "compared", "gone": "compared",
    "hotspots_before": "compared", "hotspots": "compared", "ranked_areas": "rank",
}  # fmt: skip
"""Columns whose state stands under another name."""

SHEETS_ONLY = {"hotspots": frozenset({"most", "recurrence", "months_observed"})}
"""Columns too wide for a page, by table; spreadsheets have them."""


def state(table: pd.DataFrame, column: str) -> list[str]:
    """Return why each figure of a column is missing; empty where it is not."""
    name = f"{_SHARED_STATES.get(column, column)}_state"
    is_missing = table[column].isna().tolist()
    if not any(is_missing):
        return [""] * len(table)
    why = table[name].astype("str").tolist() if name in table else [""] * len(table)
    return [
        (each or NO_DATA) if missing else "" for each, missing in zip(why, is_missing, strict=True)
    ]


def is_number(table: pd.DataFrame, column: str) -> bool:
    """Say whether a column holds numbers."""
    return pd.api.types.is_numeric_dtype(table[column]) and not pd.api.types.is_bool_dtype(
        table[column]
    )


def printed(table: Table) -> list[list[str]]:
    """Return the rows of a table as people read them, in the order of ``Table.words``."""
    columns = [
        [
            f"[{missing}]" if missing in SHORTHAND else _text(name, value)
            for value, missing in zip(
                table.data[name].tolist(), state(table.data, name), strict=True
            )
        ]
        for name in table.words
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _text(name: str, value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return words.month(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return words.percent(value) if name in PERCENT else f"{value:,.1f}"
    if isinstance(value, int):
        return f"{value:,}"
    return words.sentence(str(value)) if name == "crime_group" else str(value)


def on_pages(table: Table) -> list[int]:
    """Return the places of the columns that pages have room for."""
    leave = SHEETS_ONLY.get(table.name, frozenset())
    return [i for i, name in enumerate(table.words) if name not in leave]
