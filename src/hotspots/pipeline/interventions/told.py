"""What ``hotspots intervention`` tells: the register, judged by the last refresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspots import schema, settings, store
from hotspots.errors import SettingsError
from hotspots.pipeline.run import processed_folder
from hotspots.publish import actions as words

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True)
class ToldAction:
    """
    One intervention, ready to be told.

    Attributes
    ----------
    title, what : str
        Its name and months, and what was done.
    sentences : tuple of str
        What it came to by count, for every crime group it aimed at.
    table : DataFrame
        Its rows of ``schema.INTERVENTIONS``.
    """

    title: str
    what: str
    sentences: tuple[str, ...]
    table: pd.DataFrame


@dataclass(frozen=True)
class Told:
    """
    A register, ready to be told.

    Attributes
    ----------
    area_name : str
    actions : tuple of ToldAction
        In the order of their start.
    notes : tuple of str
        What to know of all of them, and what of the register was not used.
    """

    area_name: str
    actions: tuple[ToldAction, ...]
    notes: tuple[str, ...]


def told(settings_file: Path, *, out: Path | None = None) -> Told:
    """
    Read what the last refresh made of the register.

    Parameters
    ----------
    settings_file : Path
    out : Path, optional
        As for a refresh.

    Raises
    ------
    SettingsError
        If the settings name no register.
    DataMissingError
        If there was no refresh before.
    """
    chosen = settings.load(settings_file)
    if chosen.interventions is None:
        msg = (
            f"{settings_file}: no register of interventions is named; add [interventions] with "
            'file = "interventions.csv", then run `hotspots refresh`.'
        )
        raise SettingsError(msg)
    folder = processed_folder(chosen, settings_file, out)
    actions = store.read_table(schema.ACTIONS, folder)
    judged = store.read_table(schema.INTERVENTIONS, folder)
    told_actions = tuple(
        _action(row, judged[judged["intervention_id"] == row["intervention_id"]])
        for _, row in actions.sort_values(["start", "intervention_id"]).iterrows()
    )
    by_count = judged[(judged["measure"] == "count") & (judged["verdict"] != words.NOT_JUDGED)]
    notes = [words.caution(len(by_count))] if len(by_count) else []
    aside = store.read_table(schema.SET_ASIDE, folder)
    files = {path.name for path in settings.expand(chosen.interventions.file)}
    return Told(
        chosen.area.name,
        told_actions,
        (*notes, *_not_used(aside[aside["file"].isin(files)])),
    )


def _action(row: pd.Series, table: pd.DataFrame) -> ToldAction:
    said = words.sentences(table[table["measure"] == "count"])
    return ToldAction(words.title(dict(row)), str(row["what"]), said, table)


def _not_used(aside: pd.DataFrame) -> list[str]:
    return [
        f"{row['file']}, line {row['line']}: {row['status']}, column {row['column']}: "
        f"{row['reason']}"
        for row in aside.to_dict("records")
    ]


def as_json(found: Told) -> dict[str, Any]:
    """Give a register as plain values for JSON."""
    return {
        "area": found.area_name,
        "interventions": [
            {
                "title": each.title,
                "what": each.what,
                "sentences": list(each.sentences),
                "rows": _records(each.table),
            }
            for each in found.actions
        ],
        "notes": list(found.notes),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    months = {name: table[name].dt.strftime("%Y-%m") for name in ("start", "end")}
    plain = table.assign(**months).astype(object)
    records = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in records]
