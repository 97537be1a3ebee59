"""The lines of a settings file that would use a checked file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hotspots.pipeline.likely import AreaColumns

_LICENCE = 'licence = "…"      # the line its licence asks for, printed on every page'

_WHOLE = "is_whole = true     # it has as many rows as a server gives before it stops"


def police(path: Path, forces: Sequence[str]) -> Iterator[str]:
    """Give the lines for police.uk records of ``forces`` (none for API answers)."""
    yield "[police_uk]"
    yield f"files = [{_text(path.as_posix())}]"
    if forces:
        yield f"# under [area]: police_force = {' or '.join(map(_text, forces))}"


def boundaries(path: Path, found: Sequence[AreaColumns]) -> Iterator[str]:
    """Give the block for the areas of a file, and as comments those of coarser areas in it."""
    for number, columns in enumerate(found):
        mark = "# " if number else ""
        if number:
            yield f"# or, dissolved from the same file into {columns.n_areas:,}:"
        guess = "" if columns.sure == "recognised" else "      # likely: make sure"
        yield f"{mark}[[boundaries]]"
        yield f"{mark}level = {_text(columns.level)}{guess}"
        yield f"{mark}file = {_text(path.as_posix())}"
        yield f"{mark}code = {_text(columns.code)}{guess}"
        yield f"{mark}name = {_text(columns.name)}{guess}"


def deprivation(path: Path) -> Iterator[str]:
    """Give the lines for the Indices of Deprivation."""
    yield "[deprivation]"
    yield f"file = {_text(path.as_posix())}"


def lighting(path: Path, *, is_whole: bool = False) -> Iterator[str]:
    """Give the block for the street lights of one authority."""
    yield "[[lighting]]"
    yield 'authority = "…"    # name of the lighting authority'
    yield f"file = {_text(path.as_posix())}"
    if is_whole:
        yield _WHOLE
    yield _LICENCE


def places(path: Path, columns: Sequence[str] | None, *, is_whole: bool = False) -> Iterator[str]:
    """Give the block for places; ``columns`` are those of a file without a heading."""
    yield "[[places]]"
    yield 'kind = "…"         # what they are, such as pub'
    yield f"file = {_text(path.as_posix())}"
    if columns:
        named = ", ".join(map(_text, columns))
        yield f"columns = [{named}]   # likely, by their values: make sure"
    if is_whole:
        yield _WHOLE
    yield _LICENCE


def streets(path: Path, *, is_whole: bool = False) -> Iterator[str]:
    """Give the block for streets as lines."""
    yield "[[streets]]"
    yield f"file = {_text(path.as_posix())}"
    if is_whole:
        yield _WHOLE
    yield _LICENCE


def visits(path: Path, *, is_whole: bool = False) -> Iterator[str]:
    """Give the block for what visits noted."""
    yield "[[field_observations]]"
    yield f"file = {_text(path.as_posix())}"
    yield 'source = "…"       # who noted it: a team, never a person\'s name'
    if is_whole:
        yield _WHOLE


def interventions(path: Path) -> Iterator[str]:
    """Give the lines for a register of interventions."""
    yield "[interventions]"
    yield f"file = {_text(path.as_posix())}"


def intervention_areas(path: Path) -> Iterator[str]:
    """Give the lines for the areas of interventions that are drawn in a file of their own."""
    yield "[interventions]"
    yield 'file = "…"         # the register itself: CSV or TOML'
    yield f"areas = {_text(path.as_posix())}"


def _text(value: str) -> str:
    """Write text as TOML does, which is as JSON does."""
    return json.dumps(value, ensure_ascii=False)
