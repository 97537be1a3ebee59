"""Files of people's own work: streets to measure along, what visits noted, what was done where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.pipeline import paste
from hotspots.pipeline.tables import crime_sets
from hotspots.pipeline.understood import Understood, columns, of_layer, row_is, rows
from hotspots.settings import CRIME_GROUPS
from hotspots.sources import field, intervention_areas, interventions, streets, table_file, vector
from hotspots.sources.columns import by_plain_name, candidates

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from hotspots.sources.layer import Given

_NOTED = ("observation", "observed")
"""Headings of the column that says what was noted; others, such as type, head lamps as well."""

_MOSTLY = 0.5
_TOML_HEAD = 65_536


def is_register_in_toml(path: Path) -> bool:
    """Say whether a file is a register of interventions in TOML, by its name and content."""
    if path.suffix.lower() != ".toml" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"[[intervention]]" in file.read(_TOML_HEAD).replace(b" ", b"")


def kind_of_table(table: pd.DataFrame) -> str | None:
    """
    Recognise what visits noted, or a register of interventions or their areas.

    Parameters
    ----------
    table : DataFrame
        Values by heading, without shapes.

    Returns
    -------
    str or None
        ``visits``, ``interventions``, or None for anything else.
    """
    headings = [str(each) for each in table.columns]
    if "interventionid" in by_plain_name(headings):
        return "interventions"
    noted = next(iter(candidates(headings, _NOTED)), None)
    if noted is None:
        return None
    words = vector.text(table[noted])
    words = words[words.ne("")]
    known = field.known_kinds(words).notna()
    return "visits" if known.empty or known.mean() >= _MOSTLY else None


def read_streets(path: Path, given: Given) -> Understood:
    """Read streets as lines."""
    found = streets.read(path, near=given.near, is_whole=given.is_whole)
    return of_layer(
        "streets", found, paste.streets(path, is_whole=given.is_whole), row_is="feature"
    )


def read_visits(path: Path, given: Given) -> Understood:
    """Read what visits noted, such as a saved audit form."""
    found = field.read(path, source="checked", near=given.near, is_whole=given.is_whole)
    lines = paste.visits(path, is_whole=given.is_whole)
    return of_layer("visits", found, lines, row_is=row_is(path))


def read_interventions(path: Path, given: Given) -> Understood:
    """Read a register of interventions, or the shapes of their areas."""
    is_toml = path.suffix.lower() == ".toml"
    if not is_toml and row_is(path) == "feature":
        return _read_areas(path)
    groups = given.groups or tuple(each.name for each in crime_sets(CRIME_GROUPS))
    found = interventions.read(path, groups=groups, near=given.near)
    headings = [] if is_toml else list(table_file.read(path).table.columns)
    return Understood(
        "interventions",
        rows(found.account),
        tuple(paste.interventions(path)),
        columns=columns(interventions.columns_of(headings)),
        warnings=found.repairs,
        set_aside=found.set_aside,
    )


def _read_areas(path: Path) -> Understood:
    found = intervention_areas.read(path)
    return Understood(
        "interventions",
        rows(found.account),
        tuple(paste.intervention_areas(path)),
        repairs=found.repairs,
        warnings=("these are areas of interventions: the register itself is another file",),
        set_aside=found.set_aside,
        row_is="feature",
    )
