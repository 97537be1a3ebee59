"""What the reader of an input file made of it, in one form for all kinds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotspots.schema import SET_ASIDE, empty
from hotspots.sources import table_file, vector

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from hotspots.sources.layer import LayerFile

ROWS = ("in", "kept", "unlocated", "excluded", "duplicate", "quarantined")
"""Parts of the row account."""

RECOGNISED = "recognised"
"""How sure a column is that its heading or the settings name."""


@dataclass(frozen=True)
class Understood:
    """A file that its reader took; ``row_is`` says whether its rows are lines or features."""

    kind: str
    rows: dict[str, int]
    settings: tuple[str, ...]
    columns: tuple[dict[str, str], ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    set_aside: pd.DataFrame = field(default_factory=lambda: empty(SET_ASIDE))
    row_is: str = "line"


def of_layer(kind: str, found: LayerFile, settings: Iterable[str], *, row_is: str) -> Understood:
    """Return what became of a file of points or lines, and the settings that use it."""
    return Understood(
        kind,
        rows(found.account),
        tuple(settings),
        columns=columns(found.columns),
        repairs=found.repairs,
        warnings=found.warnings,
        set_aside=found.set_aside,
        row_is=row_is,
    )


def columns(found: Mapping[str, str], sure: str = RECOGNISED) -> tuple[dict[str, str], ...]:
    """Say which column of the file was taken for which of ours, and how sure that is."""
    return tuple({"name": name, "found": column, "sure": sure} for name, column in found.items())


def rows(account: pd.DataFrame) -> dict[str, int]:
    """Add up a row account, by ``ROWS``."""
    return {name: int(account[f"rows_{name}" if name == "in" else name].sum()) for name in ROWS}


def row_is(path: Path) -> str:
    """Say what a row of a file is: a line, or a feature of a geographic file."""
    is_table = table_file.is_packed_table(path) or not vector.is_vector(path)
    return "line" if is_table else "feature"
