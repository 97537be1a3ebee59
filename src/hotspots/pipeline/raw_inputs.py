"""Which local files a run reads: those the settings name, those dropped in, those fetched."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hotspots.errors import DataMissingError, HotspotsError
from hotspots.settings import police_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotspots.settings import (
        Boundary,
        Deprivation,
        Lighting,
        Places,
        PoliceUk,
        Settings,
        Streets,
    )
    from hotspots.store import RawStore

    Layer = Boundary | Deprivation | Lighting | Places | Streets

POLICE = "police_uk"
"""Name of police.uk in the raw store."""

LAYERS = "layers"
"""Name of the layers by URL in the raw store."""

Entry = TypeVar("Entry", "Boundary", "Deprivation", "Lighting", "Places", "Streets")

PUBLICATIONS = 2
"""Of what was fetched, so many publications of a month are read: the newest counts, the one before
shows what was revised. Older ones stay in the raw store."""

ANSWERS = "-answers"
"""Ends the labels of answers of the API."""

_DROPPED = frozenset({".zip", ".csv"})


@dataclass
class News:
    """
    What a look at the sources came to.

    Attributes
    ----------
    fetched : list of str
        What is new, in words.
    not_refreshed : list of str
        Sources that could not be used, and why; what was kept of them still counts.
    """

    fetched: list[str] = field(default_factory=list)
    not_refreshed: list[str] = field(default_factory=list)


def resolve(settings: Settings, raw: RawStore) -> Settings:
    """
    Put local files in the place of everything that is fetched.

    Parameters
    ----------
    settings : Settings
    raw : RawStore
        What was fetched so far; hand-made downloads of police.uk beside it are found as well.

    Returns
    -------
    Settings
        Every layer with a ``file``, ``police_uk.files`` never empty.

    Raises
    ------
    DataMissingError
        If there is no file yet for something the settings ask for.
    """
    named = labels(settings)
    return settings.model_copy(
        update={
            "boundaries": tuple(local_layer(each, raw, named) for each in settings.boundaries),
            "deprivation": settings.deprivation and local_layer(settings.deprivation, raw, named),
            "lighting": tuple(local_layer(each, raw, named) for each in settings.lighting),
            "places": tuple(local_layer(each, raw, named) for each in settings.places),
            "streets": tuple(local_layer(each, raw, named) for each in settings.streets),
            "police_uk": _police(settings, raw),
        }
    )


def files_named(settings: Settings) -> frozenset[Path]:
    """Return the paths that settings name outright, globs left as they are."""
    layers = [*settings.boundaries, *settings.lighting, *settings.places, *settings.streets]
    layers += [settings.deprivation] if settings.deprivation else []
    named = [*settings.police_uk.files, *(str(layer.file) for layer in layers)]
    named += [entry.file for entry in settings.field_observations]
    return frozenset(map(Path, named))


def local_layer(layer: Entry, raw: RawStore, named: Mapping[str, Layer]) -> Entry:
    """
    Give a layer by URL the newest file that was fetched of it; others stay as they are.

    Parameters
    ----------
    layer : Boundary, Deprivation, Lighting, Places or Streets
    raw : RawStore
    named : mapping of str to layer
        As ``labels`` gives it.

    Raises
    ------
    DataMissingError
        If nothing was fetched of it yet.
    """
    if layer.url is None:
        return layer
    label = next(label for label, each in named.items() if each is layer)
    kept = raw.newest(LAYERS, label)
    if kept is None:
        msg = (
            f"{raw.folder}: nothing is here yet of {layer.url}. Run `hotspots refresh` where it "
            "can be reached, or download it and name it as `file` in the settings."
        )
        raise DataMissingError(msg)
    return layer.model_copy(update={"file": str(kept.path), "url": None})


def labels(settings: Settings) -> dict[str, Layer]:
    """
    Name every layer that is fetched by URL.

    Returns
    -------
    dict of str to layer
        Label in the raw store to the entry of the settings; boundaries first, districts before
        the smaller areas, which are asked for within them.
    """
    boundaries = sorted(settings.boundaries, key=lambda layer: layer.level != "district")
    entries: list[tuple[str, Layer]] = [(f"boundaries {each.level}", each) for each in boundaries]
    entries += [("deprivation", settings.deprivation)] if settings.deprivation else []
    entries += [(f"lighting {layer.authority}", layer) for layer in settings.lighting]
    entries += [(f"places {layer.kind}", layer) for layer in settings.places]
    entries += [("streets", layer) for layer in settings.streets]
    seen: Counter[str] = Counter()
    found: dict[str, Layer] = {}
    for words, layer in entries:
        if layer.url is None:
            continue
        label = re.sub(r"[^a-z0-9]+", "-", f"{settings.area.id} {words}".casefold()).strip("-")
        seen[label] += 1
        found[f"{label}-{seen[label]}" if seen[label] > 1 else label] = layer
    return found


def _police(settings: Settings, raw: RawStore) -> PoliceUk:
    asked = settings.police_uk
    if asked.files:
        paths = tuple(str(path) for path in police_files(settings))
        return asked.model_copy(update={"files": paths})
    files = [*_fetched(settings, raw), *_dropped(raw)]
    if not files:
        msg = (
            f"{raw.folder}: no police.uk records are here yet. Run `hotspots refresh` where "
            "data.police.uk can be reached, or put a download from data.police.uk/data there."
        )
        raise DataMissingError(msg)
    return asked.model_copy(
        update={
            "files": tuple(map(str, files)),
            "publications": asked.publications or PUBLICATIONS,
        }
    )


def _fetched(settings: Settings, raw: RawStore) -> list[Path]:
    """Return all that was ever published, or the register could not be replayed to the same ids."""
    kept = raw.files(POLICE)
    is_api = settings.police_uk.source == "api"
    ending = (
        f"{settings.area.id}{ANSWERS}" if is_api else settings.area.police_force or settings.area.id
    )
    own = [file for file in kept if file.label[len("YYYY-MM-") :] == ending]
    if is_api:  # an answer names no force that a later one could take the place of
        own = list({file.label: file for file in own}.values())
    return [file.path for file in own]


def _dropped(raw: RawStore) -> Iterator[Path]:
    """Give the hand-made downloads of police.uk that somebody put into the raw folder."""
    if not raw.folder.is_dir():
        return
    own = {raw.folder / POLICE, raw.folder / LAYERS}
    for path in sorted(raw.folder.rglob("*")):
        is_ours = bool(own & set(path.parents)) or any(p[0] == "." for p in _parts(path, raw))
        is_file = path.suffix.lower() in _DROPPED and path.is_file()
        if is_file and not is_ours and _holds_records(path):
            yield path


def _parts(path: Path, raw: RawStore) -> tuple[str, ...]:
    return path.relative_to(raw.folder).parts


def _holds_records(path: Path) -> bool:
    """Say whether a file is of police.uk; one that looks like it by its name is, if damaged too."""
    from hotspots.sources.police_uk.find import find

    try:
        with ExitStack() as opened:
            found = find([path], force=None, opened=opened)
            return any(member.is_street for member in found.members)
    except HotspotsError:
        return bool(re.match(r"20\d\d-\d\d", path.name))
