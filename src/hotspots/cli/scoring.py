"""The command ``hotspots score``, and how scores are laid out to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotspots.cli import words
from hotspots.cli.commands import (
    DebugOption,
    JsonOption,
    RefreshedOption,
    SettingsOption,
    app,
)
from hotspots.cli.telling import progress, tell, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from hotspots.pipeline.scorecard import Scorecard


@app.command(short_help="How well hotspots foretold what came after.")
def score(
    *,
    settings: SettingsOption = Path("hotspots.toml"),
    out: RefreshedOption = None,
    polygons: Annotated[
        Path | None,
        typer.Option(
            "--polygons",
            metavar="FILE",
            help="Score these places too: GeoJSON, GeoPackage or zipped shapefile; a column rank, "
            "order or priority says which comes first.",
        ),
    ] = None,
    crime_group: Annotated[
        str | None,
        typer.Option("--crime-group", metavar="NAME", help="Only this one, such as Burglary."),
    ] = None,
    horizon: Annotated[
        Literal["1", "3"] | None,
        typer.Option("--horizon", help="Months tested.  [default: the longest there is]"),
    ] = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Say how much of the crime of the months after lay in the hotspots, beside other methods."""
    with told(debug=debug):
        from hotspots.pipeline import scorecard

        with progress() as say:
            if polygons is not None:
                say("scoring the polygons beside the hotspots")
            card = scorecard.scorecard(
                settings, out=out, polygons=polygons, crime_group=crime_group,
                horizon_months=None if horizon is None else int(horizon),
            )  # fmt: skip
        if as_json:
            tell(json.dumps(scorecard.as_json(card), indent=2))
        else:
            tell("\n".join(score_lines(card)))


def score_lines(card: Scorecard) -> Iterator[str]:
    """Give scores as lines for a person to read: words, then tables."""
    yield f"How well hotspots of {card.area_name} foretold\n"
    yield from (f"  {each}" for each in card.sentences)
    if card.notes:
        yield "\nNotes"
        yield from (f"  {each}" for each in card.notes)
    for group in card.groups[:1]:
        rows = card.table[card.table["crime_group"] == group]
        first, last = rows["first_origin"].min(), rows["last_origin"].max()
        yield (
            f"\n{group}: percent of the incidents of {int(rows['horizon_months'].max())} months "
            f"held on as much ground, from {first:%Y-%m} to {last:%Y-%m}"
        )
        yield words.aligned(_by_budget(rows), numbers=True)
        yield "  In brackets a 95 % interval; * not places enough for so much ground"
        yield f"\n{group}: hotspots of every month on their own ground"
        yield words.aligned(_past(card.history[card.history["crime_group"] == group]), numbers=True)
    if len(card.groups) > 1:
        yield "\n  --crime-group NAME shows the tables of another; --json gives all of them"


def _by_budget(rows: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """Lay out one row for each method and one column for each budget."""
    budgets = list(dict.fromkeys(rows["budget"]))
    yield ("", *budgets)
    for method, own in rows.groupby("method", sort=False):
        by_budget = own.set_index("budget")
        yield (str(method), *(_cell(by_budget.loc[budget]) for budget in budgets))
    share = rows.groupby("budget")["area_share"].max() * 100
    shown = share.map(lambda each: f"{each:.2g}" if each < 10 else f"{each:.0f}")  # noqa: PLR2004 - whole numbers from ten
    yield (
        "% of the area",
        *("varies" if each.startswith("top") else shown[each] for each in budgets),
    )


def _cell(row: pd.Series) -> str:
    if row.isna()["hit"]:
        return "-"
    less = "" if row["is_filled"] else " *"
    return f"{100 * row['hit']:.1f} ({100 * row['hit_low']:.1f}-{100 * row['hit_high']:.1f}){less}"


def _past(history: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """Lay out the history, one row for each month and horizon."""
    yield ("from", "months", "held %", "times chance", "above again %", "list")
    for row in history.to_dict("records"):
        figures = (100 * row["hit"], row["pai"], 100 * row["hold_rate"])
        points = row["list_id"].removeprefix("list-")
        yield (
            f"{row['origin']:%Y-%m}", str(row["horizon_months"]),
            *map(_figure, figures), f"{points}, re-based" if row["is_rebased"] else points,
        )  # fmt: skip


def _figure(value: float) -> str:
    return "-" if value != value else f"{value:.1f}"  # noqa: PLR0124 - missing values differ
