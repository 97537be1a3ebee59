"""Bring in what the sources have that is new, and keep it exactly as received."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import shapely

from hotspots.errors import DataMissingError, SettingsError, SourceError
from hotspots.pipeline.raw_inputs import ANSWERS, LAYERS, POLICE, News, labels, local_layer
from hotspots.settings import Boundary, allowed_hosts, catalogue, expand, local_pattern
from hotspots.sources import arcgis, boundaries
from hotspots.sources.police_uk import live
from hotspots.sources.web import Web, fetch_file
from hotspots.store import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hotspots.pipeline.raw_inputs import Layer
    from hotspots.settings import Settings
    from hotspots.sources.web.files import FileFetched
    from hotspots.store import RawStore

LAYERS_A_NIGHT = 2
"""Layers asked in one night whether they changed, so that a night without news stays cheap."""

NEWEST_TRIED = 3
"""How many archives are asked for where the newest that police.uk announces is not there yet."""

_OGL = "Open Government Licence v3.0"
_POLICE_UK = "data.police.uk"


class Shared:
    """
    What looks at the sources for several areas share, so that nothing is asked for twice.

    Use it as a context: an archive that had to be downloaded as a whole is removed at its end.

    Attributes
    ----------
    archives : Opened
        Of police.uk.
    files : dict of str to (Path, FileFetched)
        Address of each plain file that was fetched to where it is kept, and what was said of it.
    """

    def __init__(self) -> None:
        self.archives = live.Opened()
        self.files: dict[str, tuple[Path, FileFetched]] = {}

    def __enter__(self) -> Self:
        self.archives.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.archives.__exit__(*error)


@dataclass(frozen=True)
class _Look:
    """One look at the sources: what is asked for, where it is kept, and what came of it."""

    settings: Settings
    raw: RawStore
    web: Web
    say: Callable[[str], None]
    news: News
    shared: Shared = field(default_factory=Shared)

    def has(self, source: str, label: str) -> bool:
        """Say whether a file of a label is kept and still there."""
        kept = self.raw.newest(source, label)
        return kept is not None and kept.path.exists()

    def keep(self, name: str, *, source: str, label: str, suffix: str, origin: Origin) -> None:
        """Keep a finished draft, and note it if it is new."""
        before = self.raw.newest(source, label)
        kept = self.raw.keep(
            self.raw.draft(name), source=source, label=label, suffix=suffix, origin=origin
        )
        if before is None or before.sha256 != kept.sha256:
            self.news.fetched.append(f"{label}: fetched {kept.size_bytes:,} bytes")

    def tried(self, name: str, work: Callable[[], None]) -> None:
        """Do some of the looking; a source that fails is noted and does not stop the rest."""
        self.say(f"looking at {name}")
        try:
            work()
        except SourceError as error:
            self.news.not_refreshed.append(f"{name}: {error}")
        except DataMissingError:
            self.news.not_refreshed.append(f"{name}: the districts to ask within are not here yet.")


def fetch(
    settings: Settings,
    raw: RawStore,
    *,
    shared: Shared | None = None,
    say: Callable[[str], None],
) -> News:
    """
    Look at every source that the settings do not name as a local file.

    A night on which nothing changed costs at most five requests and no data: police.uk is asked
    for its newest month and whether the archive changed, and at most ``LAYERS_A_NIGHT`` layers
    that were not asked for a while.

    Parameters
    ----------
    settings : Settings
    raw : RawStore
        Keeps what is new; written to only once a download is whole.
    shared : Shared, optional
        What was fetched for other areas; it is not asked for again.
    say : callable
        Told what is being done.

    Returns
    -------
    News

    Raises
    ------
    SettingsError
        If records are to be fetched and the settings name no police force.
    InputError
        If something that was fetched is unsafe or not what it should be.
    """
    news = News()
    entries = labels(settings)
    is_live = not settings.police_uk.files
    if not entries and not is_live:
        return news
    with ExitStack() as stack:
        web = stack.enter_context(Web(allowed_hosts(settings)))
        shared = shared or stack.enter_context(Shared())
        look = _Look(settings, raw, web, say, news, shared)
        for label in _due(look, entries):
            look.tried(label, lambda label=label: _layer(look, label, entries[label]))  # type: ignore[misc]
        if is_live:
            work = _answers if settings.police_uk.source == "api" else _archives
            look.tried(_POLICE_UK, lambda: work(look))
    return news


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC).replace(microsecond=0)


def _origin(url: str, *, licence: str, publisher: str) -> Origin:
    return Origin(url, _now().isoformat(), licence, publisher)


# police.uk -------------------------------------------------------------------------------------


def _archives(look: _Look) -> None:
    """Fetch the publications of a force that are missing, and the newest one if it changed."""
    asked = look.settings.police_uk
    force = look.settings.area.police_force
    if force is None:
        msg = (
            "[area] police_force is not set, so the records of no force can be fetched; set it to "
            'the id in police.uk file names, such as "lancashire", or name files in [police_uk].'
        )
        raise SettingsError(msg)
    newest = _newest(look, asked.url)
    for _ in range(NEWEST_TRIED):
        if _publication(look, newest, force):
            break
        newest = _month_before(newest)  # announced, but its archive is not there yet
    for publication in live.publications_for(newest, asked.months)[1:]:
        if not look.has(POLICE, f"{publication}-{force}"):
            _publication(look, publication, force)


def _newest(look: _Look, url: str) -> str:
    """Return the newest month of police.uk, asked for once in a look."""
    newest = look.shared.archives.newest
    if url not in newest:
        newest[url] = live.last_updated(look.web, url)
    return newest[url]


def _publication(look: _Look, publication: str, force: str) -> bool:
    """Fetch one publication if it is new or changed; say whether it is published at all."""
    label = f"{publication}-{force}"
    key, name = f"{POLICE}/{label}", f"{label}.zip"
    found = live.fetch_publication(
        look.web,
        look.settings.police_uk.url,
        publication=publication,
        force=force,
        months=None,
        into=look.raw.draft(name),
        known=look.raw.noted(key) if look.has(POLICE, label) else None,
        whole_into=look.raw.draft(f"{publication}.zip"),
        opened=look.shared.archives,
    )
    if found is None:
        return True
    look.news.fetched += [f"{label}: {note}" for note in found.notes]
    if found.members:
        origin = _origin(found.url, licence=_OGL, publisher=_POLICE_UK)
        look.keep(name, source=POLICE, label=label, suffix=".zip", origin=origin)
        look.raw.note(key, found.marks or {})
    elif found.is_published:
        look.news.not_refreshed.append(f"{found.url}: it holds nothing of the force {force!r}.")
    return found.is_published


def _month_before(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year:04d}-{number - 1:02d}" if number > 1 else f"{year - 1:04d}-12"


def _answers(look: _Look) -> None:
    """Fetch the records of a small area by its outline, month by month, if there is news."""
    settings = look.settings
    newest = _newest(look, settings.police_uk.url)
    key = f"{POLICE}/{settings.area.id}{ANSWERS}"
    seen = look.raw.noted(key) or {}
    months = live.months_available(look.web, settings.police_uk.url)[: settings.police_uk.months]
    missing = [
        month for month in months if not look.has(POLICE, f"{month}-{settings.area.id}{ANSWERS}")
    ]
    outline = _outline(look)
    # A new publication may revise any month, so all of them are asked for again.
    for month in months if seen.get("last_updated") != newest else missing:
        label = f"{month}-{settings.area.id}{ANSWERS}"
        live.fetch_answers(
            look.web,
            settings.police_uk.url,
            polygon=outline,
            month=month,
            into=look.raw.draft(f"{label}.zip"),
        )
        origin = _origin(settings.police_uk.url, licence=_OGL, publisher=_POLICE_UK)
        look.keep(f"{label}.zip", source=POLICE, label=label, suffix=".zip", origin=origin)
    look.raw.note(key, {"last_updated": newest})


# Layers ----------------------------------------------------------------------------------------


def _due(look: _Look, entries: Mapping[str, Layer]) -> list[str]:
    """Choose the layers to ask for: all that are missing or changed in the settings, few others."""
    missing, known = [], []
    for label, layer in entries.items():
        noted = look.raw.noted(f"{LAYERS}/{label}") or {}
        if not look.has(LAYERS, label) or noted.get("asked") != _asked(layer):
            missing.append(label)
        else:
            known.append((str(noted.get("checked", "")), label))
    oldest = (_now() - dt.timedelta(days=look.settings.fetch.layers_every_days)).isoformat()
    return missing + [label for when, label in sorted(known) if when <= oldest][:LAYERS_A_NIGHT]


def _asked(layer: Layer) -> dict[str, str]:
    where = layer.where if isinstance(layer, Boundary) else None
    return {"url": str(layer.url), "where": where or ""}


def _layer(look: _Look, label: str, layer: Layer) -> None:
    """Fetch one layer unless it is as it was."""
    key = f"{LAYERS}/{label}"
    seen = look.raw.noted(key) or {}
    is_known = look.has(LAYERS, label) and seen.get("asked") == _asked(layer)
    marks = seen.get("marks") if is_known else None
    fetcher = _arcgis_layer if arcgis.is_layer(str(layer.url)) else _plain_file
    found = fetcher(look, label, layer, marks)
    noted = {"asked": _asked(layer), "checked": _now().isoformat(), "marks": found}
    look.raw.note(key, noted)


def _arcgis_layer(
    look: _Look, label: str, layer: Layer, marks: dict[str, Any] | None
) -> dict[str, Any]:
    url = str(layer.url)
    if marks and marks.get("last_edited") == arcgis.last_edited(look.web, url):
        return marks
    name = f"{label}.geojson"
    found = arcgis.fetch_layer(
        look.web,
        url,
        where=(layer.where or "") if isinstance(layer, Boundary) else "",
        fields=[layer.code, layer.name] if isinstance(layer, Boundary) else None,
        bbox_lonlat=_box(look, layer),
        into=look.raw.draft(name),
    )
    look.keep(name, source=LAYERS, label=label, suffix=".geojson", origin=_layer_origin(layer))
    return {"last_edited": found.last_edited} if found.last_edited else {}


def _box(look: _Look, layer: Layer) -> tuple[float, float, float, float] | None:
    """Return the box to ask within: smaller areas come for the districts only."""
    is_asked_by_name = isinstance(layer, Boundary) and (layer.level == "district" or layer.where)
    return None if is_asked_by_name else tuple(_outline(look).bounds)


def _plain_file(
    look: _Look, label: str, layer: Layer, marks: dict[str, Any] | None
) -> dict[str, Any]:
    name, url = f"{label}.download", str(layer.url)
    draft = look.raw.draft(name)
    path, found = look.shared.files.get(url, (None, None))
    if path is not None and found is not None and path.exists():
        shutil.copyfile(path, draft)
    else:
        found = fetch_file(look.web, url, into=draft, known=marks)
    if found is None:
        return marks or {}
    look.keep(name, source=LAYERS, label=label, suffix=found.suffix, origin=_layer_origin(layer))
    kept = look.raw.newest(LAYERS, label)
    if kept:
        look.shared.files[url] = kept.path, found
    return found.marks


def _layer_origin(layer: Layer) -> Origin:
    url = str(layer.url)
    known = catalogue.source_of(url)
    if known:
        return _origin(url, licence=known.licence, publisher=known.publisher)
    publisher = getattr(layer, "authority", "") or urlsplit(url).netloc
    return _origin(url, licence=getattr(layer, "licence", ""), publisher=publisher)


def _outline(look: _Look) -> shapely.Geometry:
    """Give the outline of the districts in degrees."""
    named = labels(look.settings)
    layers = [
        local_layer(layer, look.raw, named)
        for layer in look.settings.boundaries
        if layer.level == "district"
    ]
    tables = [
        boundaries.read(path, level=layer.level, code=layer.code, name=layer.name).table
        for layer in layers
        for path in expand(local_pattern(layer))
    ]
    shapes = [table.to_crs(4326).union_all() for table in tables]
    return shapely.union_all(shapes)
