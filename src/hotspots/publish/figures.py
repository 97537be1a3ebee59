"""What stands at the foot of every page: method card, data by month, row account, notices."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from hotspots.publish import assets, texts, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotspots.publish.publication import Publication


@cache
def template(name: str) -> jinja2.Template:
    """Load a template of ``publish/static``; what is put into it is made readable and escaped."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(assets.static),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)


def _shown(value: object) -> object:
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return texts.readable(str(value)) if is_text else value


def about(publication: Publication) -> dict[str, Any]:
    """Return what the templates ``card`` and ``figures`` print."""
    return {
        "method": publication.method,
        "coverage": _coverage(publication),
        "account": _account(publication),
        "notices": publication.notices,
    }


def _coverage(publication: Publication) -> list[dict[str, Any]]:
    """List the months, newest first, as the coverage table prints them."""
    table = publication.coverage_by_month.iloc[::-1]
    share = table["unlocated"] / table["rows_in"].where(table["rows_in"] > 0, np.nan)
    return [
        {
            "month": words.month(month),
            "unknown": _unknown(row),
            "rows_in": f"{row['rows_in']:,}",
            "kept": f"{row['kept']:,}",
            "unlocated": "" if pd.isna(share[month]) else words.percent(share[month]),
            "list": "" if pd.isna(row["list_id"]) else row["list_id"],
        }
        for month, row in zip(table.index, table.to_dict("records"), strict=True)
    ]


def _unknown(row: Mapping[Any, Any]) -> str:
    """Say why nothing is known of a month; empty if something is."""
    if row["is_header_only"]:
        return "a file without records: unknown, not zero"
    return "missing: unknown, not zero" if row["is_missing"] else ""


def _account(publication: Publication) -> list[tuple[str, list[str]]]:
    """Sum the row account by file, and over all files."""
    account = publication.account
    numbers = ["rows_in", "kept", "unlocated", "excluded", "duplicate", "quarantined"]
    by_file = account.groupby("file", sort=True)[numbers].sum()
    by_file.loc["All files"] = account[numbers].sum()
    lines = by_file.astype("int64").to_numpy().tolist()
    return [
        (file, [f"{value:,}" for value in line])
        for file, line in zip(by_file.index, lines, strict=True)
    ]
