"""What a run depends on: its settings, its input files, the code; and the fingerprint of them."""

from __future__ import annotations

import glob
import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots import __version__, store
from hotspots.errors import InputError
from hotspots.settings import expand, local_pattern, police_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspots.settings import Layer, Settings


@dataclass(frozen=True)
class InputFile:
    """
    One input file as it stood when the run began.

    Attributes
    ----------
    path : Path
    name : str
        Path relative to the settings file, with forward slashes, as manifests show it.
    kind : str
        ``police_uk``, ``boundaries``, ``deprivation``, ``lighting``, ``places``, ``streets``,
        ``field``,
        ``harm`` or ``interventions``.
    size_bytes : int
    sha256 : str
    """

    path: Path
    name: str
    kind: str
    size_bytes: int
    sha256: str

    def record(self) -> dict[str, Any]:
        """Return what the manifest says of the file."""
        return {
            "file": self.name,
            "kind": self.kind,
            "bytes": self.size_bytes,
            "sha256": self.sha256,
        }


def gather(settings: Settings, home: Path) -> tuple[InputFile, ...]:
    """
    Find and hash every input file that the settings name.

    Parameters
    ----------
    settings : Settings
    home : Path
        Folder of the settings file.

    Returns
    -------
    tuple of InputFile
        In the order of the settings, each file once for each kind.

    Raises
    ------
    DataMissingError
        If a path or glob finds nothing.
    InputError
        If a file cannot be read.
    """
    found: dict[tuple[str, Path], InputFile] = {}
    for kind, path in _named(settings):
        for file in _files(path):
            if (kind, file) not in found:
                found[kind, file] = _look(file, kind, home)
    return tuple(found.values())


def _named(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Give the kind and path of everything that the settings name, globs expanded."""
    yield from (("police_uk", path) for path in police_files(settings))
    layers: list[tuple[str, Layer]] = [("boundaries", layer) for layer in settings.boundaries]
    if settings.deprivation:
        layers.append(("deprivation", settings.deprivation))
    layers += [("lighting", layer) for layer in settings.lighting]
    layers += [("places", layer) for layer in settings.places]
    layers += [("streets", layer) for layer in settings.streets]
    yield from ((kind, path) for kind, layer in layers for path in expand(local_pattern(layer)))
    for seen in settings.field_observations:
        yield from (("field", path) for path in expand(seen.file))
    if settings.harm.weights:
        yield from (("harm", path) for path in expand(settings.harm.weights))
    if settings.interventions:
        named = settings.interventions
        patterns = [named.file, *([named.areas] if named.areas else [])]
        yield from (("interventions", path) for each in patterns for path in expand(each))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(path.parent.glob(f"{path.stem}.*"))
    return [path]


def _look(path: Path, kind: str, home: Path) -> InputFile:
    name = Path(os.path.relpath(path, home)).as_posix()
    try:
        return InputFile(path, name, kind, path.stat().st_size, store.sha256(path))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); check that the file is there and open."
        raise InputError(msg) from error


def require_unchanged(inputs: tuple[InputFile, ...]) -> None:
    """
    Make sure that no input file changed since it was hashed.

    Raises
    ------
    InputError
        Naming the first file that did; running again starts from what is there now.
    """
    for file in inputs:
        if not file.path.exists() or store.sha256(file.path) != file.sha256:
            msg = f"{file.path}: changed while the run was reading it; run again."
            raise InputError(msg)


def settings_record(settings: Settings, home: Path) -> dict[str, Any]:
    """
    Return the settings as plain values, paths relative to the settings file.

    Whom to tell is none of them: no output depends on it, and no manifest should publish it.
    """
    escaped = glob.escape(str(home))  # as a pattern has it, if the folder's name holds brackets

    def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a settings file can hold
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list):
            return [plain(each) for each in value]
        if isinstance(value, str) and Path(value).is_absolute():
            return Path(os.path.relpath(value.replace(escaped, str(home), 1), home)).as_posix()
        return value

    return dict(plain(settings.model_dump(mode="json", exclude={"notify"})))


def fingerprint(
    settings: dict[str, Any], inputs: tuple[InputFile, ...], *, until: str | None
) -> str:
    """
    Condense all that the outputs depend on.

    Returns
    -------
    str
        64 hexadecimal digits; the same settings, input bytes, end month and code give the same.
    """
    parts = {
        "version": __version__,
        "code": code_hash(),
        "settings": settings,
        "inputs": [file.record() for file in inputs],
        "until": until,
    }
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_hash() -> str:
    """
    Return the SHA-256 over the package's own files, so that new code means new outputs.

    Once for a process: it goes on with the code it started with.
    """
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
