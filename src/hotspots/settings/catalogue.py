"""The built-in catalogue: the 43 territorial forces of England and Wales, and public sources."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from hotspots.errors import SettingsError

_SHOWN = 60


@dataclass(frozen=True)
class Force:
    """
    A territorial police force.

    Attributes
    ----------
    id : str
        As in the file names of police.uk.
    name : str
        As police.uk names it.
    area : str
        Name of the police force area for people.
    code : str
        ONS code of the police force area.
    districts : dict of str to str
        ONS code of each local authority district (2024) to its name.
    note : str
        What to know before using its data; mostly empty.
    """

    id: str
    name: str
    area: str
    code: str
    districts: dict[str, str]
    note: str = ""

    @property
    def is_in_england(self) -> bool:
        """Say whether the force is in England; otherwise it is in Wales."""
        return self.code.startswith("E")


@dataclass(frozen=True)
class Source:
    """
    A public source.

    Attributes
    ----------
    id, title, publisher : str
    licence : str
        The line to print.
    url : str
        Where it is fetched from.
    page : str
        Where a person finds it.
    columns : tuple of str
        What it is expected to have; a source may have more.
    """

    id: str
    title: str
    publisher: str
    licence: str
    url: str
    page: str
    columns: tuple[str, ...]


def forces() -> tuple[Force, ...]:
    """Return every force, by id."""
    return tuple(Force(id=name, **entry) for name, entry in sorted(_catalogue()["forces"].items()))


def force(words: str) -> Force:
    """
    Find a force by its id, name or area.

    Parameters
    ----------
    words : str
        In any case, words apart by spaces, hyphens or underscores: "Devon & Cornwall Police",
        "devon and cornwall", "DEVON-AND-CORNWALL".

    Raises
    ------
    SettingsError
        If there is no such force, naming those that come near.
    """
    named = {_plain(name): each for each in forces() for name in (each.name, each.area, each.id)}
    found = named.get(_plain(words))
    if found is None:
        near = difflib.get_close_matches(_plain(words), named, n=3)
        names = dict.fromkeys(named[name].id for name in near)
        hint = f"did you mean {' or '.join(names)}? " if names else ""
        every = f"`hotspots init --list` lists all {len(forces())}."
        msg = f"{words[:_SHOWN]!r}: no such force; {hint}{every}"
        raise SettingsError(msg)
    return found


def sources() -> tuple[Source, ...]:
    """Return every source of the catalogue, in its order."""
    return tuple(
        Source(id=name, **{**entry, "columns": tuple(entry["columns"])})
        for name, entry in _catalogue()["sources"].items()
    )


def source(name: str) -> Source:
    """Return the source of an id, such as ``districts``; a KeyError if there is none."""
    return {each.id: each for each in sources()}[name]


def source_of(url: str) -> Source | None:
    """Say which source of the catalogue an address belongs to, if any."""
    return next((each for each in sources() if url.startswith(each.url)), None)


def hosts() -> frozenset[str]:
    """Return the hosts that may be asked, redirects included."""
    return frozenset(_catalogue()["hosts"])


def _plain(words: str) -> str:
    """Leave of a name what people do not vary: its words, without "police" or "constabulary"."""
    plain = re.findall("[a-z]+", words.casefold().replace("&", " and "))
    dropped = {"police", "constabulary", "service", "force", "the"}
    return " ".join(word for word in plain if word not in dropped)


@cache
def _catalogue() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
