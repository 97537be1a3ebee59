"""Read a settings file, tell where each value came from, and find the files it names."""

from __future__ import annotations

import glob
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationError

from hotspots.errors import DataMissingError, SettingsError
from hotspots.settings import catalogue
from hotspots.settings.faults import explain_fault
from hotspots.settings.model import Key, Settings
from hotspots.settings.notify import Notify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspots.settings.layers import Layer


FAULTS_SHOWN = 12
"""Faults of a settings file that one message lists; more are counted."""

DEFAULT_FILE = "hotspots.toml"
"""Name of the settings file a command looks for when none is named."""


class Origin(NamedTuple):
    """One setting: its dotted key (entries count from 1), its value and where it came from."""

    key: str
    value: object
    source: str


def load(path: Path) -> Settings:
    """
    Read and check a settings file.

    Parameters
    ----------
    path : Path
        A TOML file; the paths in it are relative to its folder.

    Returns
    -------
    Settings
        Frozen; every path absolute, globs not yet expanded.

    Raises
    ------
    SettingsError
        If the file cannot be read or breaks a rule: one message with every fault, each with its
        line and key, what was found and what to do.
    """
    return _parse(path)[0]


def notify_section(path: Path) -> Notify | None:
    """
    Read only whom to tell, so that somebody hears of it when the rest of the file is wrong.

    Parameters
    ----------
    path : Path
        As for `load`.

    Returns
    -------
    Notify or None
        None if there is no such section, or nothing can be made of it.
    """
    try:
        section = tomllib.loads(_text(path)).get("notify")
        return Notify.model_validate(_frozen(section), context=path.parent.resolve())
    except (SettingsError, ValueError, RecursionError):
        return None


def explain(path: Path) -> list[Origin]:
    """
    List every setting in force with its value and where it came from.

    Parameters
    ----------
    path : Path
        As for `load`.

    Returns
    -------
    list of Origin
        In the order of `Settings`; the source is "default" or the file's name and line.

    Raises
    ------
    SettingsError
        As for `load`.
    """
    settings, lines = _parse(path)
    return [
        Origin(
            ".".join(str(part + 1 if isinstance(part, int) else part) for part in key),
            value,
            f"{path.name} line {lines[key]}" if key in lines else "default",
        )
        for key, value in _leaves(settings.model_dump(mode="json"))
    ]


def expand(pattern: str) -> list[Path]:
    """
    Find the files that a path or glob of the settings stands for.

    Parameters
    ----------
    pattern : str
        An absolute path or glob; `**` reaches into folders.

    Returns
    -------
    list of Path
        At least one, sorted.

    Raises
    ------
    DataMissingError
        If nothing is there.
    """
    if Path(pattern).exists():
        return [Path(pattern)]
    found = sorted(map(Path, glob.glob(pattern, recursive=True)))  # noqa: PTH207 - absolute globs
    if not found:
        kind = "no file matches" if glob.has_magic(pattern) else "there is no file"
        msg = f"{kind} {pattern}; put the data there or correct the path in the settings."
        raise DataMissingError(msg)
    return found


def police_files(settings: Settings) -> list[Path]:
    """
    Find the crime files the settings name.

    Returns
    -------
    list of Path
        Sorted, each once even if two patterns find it; empty if the settings name none, so that
        they are fetched.

    Raises
    ------
    DataMissingError
        If one of the patterns finds nothing.
    """
    return sorted({path for pattern in settings.police_uk.files for path in expand(pattern)})


def local_pattern(layer: Layer) -> str:
    """
    Give the path or glob of a layer that must be here by now.

    Raises
    ------
    DataMissingError
        If the layer is fetched from an address and was not put in its place.
    """
    if layer.file is None:
        msg = (
            f"{layer.url}: not fetched yet; run `hotspots refresh` where it can be reached, or "
            "download it and name it as `file` in place of `url`."
        )
        raise DataMissingError(msg)
    return layer.file


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """
    List the hosts that may be asked, redirects included.

    Returns
    -------
    frozenset of str
        ``host`` or ``host:port``: those of the catalogue, of `[fetch] hosts` and of every address
        that the settings name.
    """
    layers = [*settings.boundaries, settings.deprivation, *settings.lighting, *settings.places,
              *settings.streets]  # fmt: skip
    urls = [layer.url for layer in layers if layer and layer.url] + [settings.police_uk.url]
    named = (urlsplit(url).netloc.casefold() for url in urls)
    return frozenset({*catalogue.hosts(), *settings.fetch.hosts, *named})


def _parse(path: Path) -> tuple[Settings, dict[Key, int]]:
    """Read a settings file; give the settings and the line of every key in it."""
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = ""
        if "\\" in text:
            hint = " Write Windows paths with forward slashes, or in 'single quotes'."
        msg = f"{path}: not valid TOML: {error}.{hint}"
        raise SettingsError(msg) from None
    except RecursionError:
        msg = f"{path}: its lists or tables are nested too deeply to be settings; write it anew."
        raise SettingsError(msg) from None
    lines = _lines(text)
    try:
        settings = Settings.model_validate(_frozen(data), context=path.parent.resolve())
    except ValidationError as error:
        faults = [explain_fault(detail, lines) for detail in error.errors(include_url=False)]
        msg = f"{path}: {faults[0]}"
        if len(faults) > 1:
            more = [f"and {len(faults) - FAULTS_SHOWN} more"] if len(faults) > FAULTS_SHOWN else []
            msg = "\n  ".join([f"{path}: {len(faults)} faults", *faults[:FAULTS_SHOWN], *more])
        raise SettingsError(msg) from None
    return settings, lines


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        msg = f"{path}: there is no such settings file; name another with --settings."
    except UnicodeDecodeError as error:
        msg = f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8."
    except OSError as error:
        msg = f"{path}: the settings file cannot be read: {error.strerror}."
    raise SettingsError(msg)


def _frozen(value: Any) -> Any:  # noqa: ANN401 - whatever a TOML file holds
    """Turn lists into tuples, all the way down, as the strict model expects them."""
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _leaves(value: object, key: Key = ()) -> Iterator[tuple[Key, object]]:
    """Walk settings down to their values; a list of plain values is one value."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*key, name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*key, number))
    else:
        yield key, value


def _lines(text: str) -> dict[Key, int]:
    """Find the line on which every section and value of a valid TOML text begins."""
    found: dict[Key, int] = {}
    table: Key = ()
    entries: Counter[Key] = Counter()
    chunk, start = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        start = start if chunk else number
        chunk += line + "\n"
        try:
            statement = tomllib.loads(chunk)
        except tomllib.TOMLDecodeError:
            continue  # a value that goes on over the next line
        if chunk.lstrip().startswith("["):
            table = _table_of(statement, entries)
            found[table] = start
        elif statement:
            found |= dict.fromkeys((key for key, _ in _leaves(statement, table)), start)
        chunk = ""
    return found


def _table_of(header: Any, entries: Counter[Key]) -> Key:  # noqa: ANN401 - nested as in the file
    """Give the key of a `[table]` or `[[table]]` header, and count the entries of the latter."""
    key: Key = ()
    while header:
        name, header = next(iter(header.items()))
        key = (*key, name)
        if isinstance(header, list):
            entries[key] += 1
            header = header[0]
        if entries[key]:
            key = (*key, entries[key] - 1)
    return key
