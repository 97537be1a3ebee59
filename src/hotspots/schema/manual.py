"""The tables described for people: ``docs/tables.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.schema.tables import STORED

if TYPE_CHECKING:
    from hotspots.schema.contract import Column


def to_markdown() -> str:
    """Describe every stored table for people; ``docs/tables.md`` is this text."""
    lines = [
        "# Tables",
        "",
        "One file each in `data/processed/<area>/`, Parquet, sorted by key; geometry in EPSG:27700",
        "metres. Made from `src/hotspots/schema`; a test keeps the two alike.",
    ]
    for schema in STORED:
        shape = f" Geometry: {', '.join(sorted(schema.geometry))}." if schema.geometry else ""
        lines += [
            "",
            f"## {schema.name}",
            "",
            f"One row is {schema.row}. Key: {', '.join(schema.key)}.{shape}",
            "",
            "| column | type | unit | may be missing | meaning |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {c.name} | {c.dtype} | {c.unit} | {'yes' if c.nullable else ''} | {_meaning(c)} |"
            for c in schema.columns
        ]
    return "\n".join(lines) + "\n"


def _meaning(column: Column) -> str:
    limits = [
        f"at least {column.low:g}" if column.low is not None else "",
        f"at most {column.high:g}" if column.high is not None else "",
        "one of: " + ", ".join(column.values) if column.values else "",
    ]
    stated = "; ".join(limit for limit in limits if limit)
    return f"{column.meaning} ({stated})" if stated else column.meaning
