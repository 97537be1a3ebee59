"""What an output was made from: its stage, the tables before it, and the inputs they came from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots import store
from hotspots.errors import DataMissingError, InputError, SettingsError, cut
from hotspots.pipeline.folders import MANIFEST, REPORTS, Folders
from hotspots.pipeline.raw_inputs import LAYERS, POLICE
from hotspots.pipeline.report import RECORD
from hotspots.pipeline.stages import STAGES
from hotspots.settings import expand, load, local_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hotspots.pipeline.stages import Stage
    from hotspots.settings import Lighting, Places, Settings, Streets

_POLICE = frozenset({"police_uk", "boundaries"})
KINDS = {
    "incidents": _POLICE, "points": _POLICE, "counts": _POLICE, "coverage": _POLICE,
    "revisions": _POLICE, "alerts": _POLICE,
    "areas": frozenset({"boundaries"}),
    "deprivation": frozenset({"deprivation", "boundaries"}),
    "lamps": frozenset({"lighting", "boundaries"}),
    "places": frozenset({"places", "boundaries"}),
    "streets": frozenset({"streets", "boundaries"}),
    "observations": frozenset({"field", "boundaries"}),
    "actions": frozenset({"interventions", "boundaries"}),
}  # fmt: skip
"""Kinds of input that a table is read from; one that is not here is read from all of them."""

WEIGHED = frozenset({"detect", "interventions"})
"""Stages that read the weights of harm beside their tables."""

_OGL = "Open Government Licence v3.0, if it is from data.police.uk"


@dataclass(frozen=True)
class Link:
    """
    One link of the chain from an output to its inputs.

    Attributes
    ----------
    depth : int
        0 the output, 1 a stage, 2 a table that it wrote, 1 again for each input.
    kind : str
        ``output``, ``stage``, ``table`` or ``input``.
    what : str
    said : tuple of str
        What is known of it, one line each.
    """

    depth: int
    kind: str
    what: str
    said: tuple[str, ...] = ()


def trace(settings_file: Path, name: str, *, out: Path | None = None) -> list[Link]:
    """
    Follow an output back to its inputs.

    Parameters
    ----------
    settings_file : Path
    name : str
        An output: its path, or the end of it, such as ``hotspots.csv``.
    out : Path, optional
        As for a refresh.

    Returns
    -------
    list of Link
        The output first, then each stage it went through with its tables, last one first, then
        the inputs.

    Raises
    ------
    DataMissingError
        If there was no refresh, or its manifest is damaged.
    SettingsError
        If there is no such output, or several.
    """
    settings = load(settings_file)
    folders = Folders.of(settings_file, settings.area.id, out)
    manifest = folders.manifest()
    if manifest is None:
        msg = f"{folders.maps / MANIFEST}: not there or damaged; run `hotspots refresh` first."
        raise DataMissingError(msg)
    found = _report(folders, name)
    if found is None:
        output = _output(folders, manifest, name)
        first = Link(0, "output", f"{output['folder']}/{output['file']}", _made(output, manifest))
        stem = Path(output["file"]).stem
        asked = {stem} if output["folder"] == "processed" else {"pages"}
    else:
        first, asked = found, {"pages"}
        if manifest["run_id"] not in "\n".join(found.said):
            earlier = "it was made from an earlier refresh, whose manifest is not here any more"
            return [Link(0, first.kind, first.what, (*first.said, earlier))]
    stages = chain(asked)
    origins = _origins(settings, folders)
    return [first, *_steps(stages, manifest), *_inputs(stages, manifest, settings_file, origins)]


def chain(asked: set[str]) -> list[tuple[Stage, set[str]]]:
    """
    Find the stages that tables or pages went through.

    Parameters
    ----------
    asked : set of str
        Names of tables, or ``pages``.

    Returns
    -------
    list of (Stage, set of str)
        The last stage first, each with what is needed of what it wrote.
    """
    every = {name for stage in STAGES for name in stage.writes}
    needed = set(asked)
    found = []
    for stage in reversed(STAGES):
        wrote = needed & set(stage.writes)
        if wrote:
            found.append((stage, wrote))
            needed |= every - set(stage.writes) if "all tables" in stage.reads else set(stage.reads)
    return found


def kinds_of(stages: Sequence[tuple[Stage, set[str]]]) -> set[str] | None:
    """Return the kinds of input that stages go back to; None for all of them."""
    kinds: set[str] = set()
    for stage, wrote in stages:
        if stage.name in WEIGHED:
            kinds.add("harm")
        if "inputs" in stage.reads:
            if not wrote <= KINDS.keys():
                return None
            kinds |= {kind for name in wrote for kind in KINDS[name]}
    return kinds


# Outputs


def _output(folders: Folders, manifest: Mapping[str, Any], name: str) -> dict[str, Any]:
    path = Path(name).resolve()
    ending = Path(name).as_posix()
    outputs: list[dict[str, Any]] = manifest["outputs"]
    exact = [each for each in outputs if folders.of_output(each) == path]
    alike = [
        each for each in outputs
        if f"/{each['folder']}/{each['file']}".endswith(f"/{ending}")
        or (each["folder"] == "processed" and each["file"] == f"{ending}.parquet")
    ]  # fmt: skip
    found = exact or alike
    if len(found) != 1:
        known = ", ".join(f"{each['folder']}/{each['file']}" for each in (found or outputs)[-3:])
        how_many = f"may be {len(found)} outputs" if found else "is no output"
        msg = f"--trace {cut(name)!r} {how_many} of the last refresh; name one, such as {known}."
        raise SettingsError(msg)
    return found[0]


def _made(output: Mapping[str, Any], manifest: Mapping[str, Any]) -> tuple[str, ...]:
    code = manifest.get("code")
    by = f"by hotspots {manifest['version']}{f', code {code}' if code else ''}"
    return (
        f"sha256 {output['sha256']}, {output['bytes']:,} bytes",
        f"made on {manifest['made_on']} {by}, run {manifest['run_id']}",
    )


def _report(folders: Folders, name: str) -> Link | None:
    """Return the link of a quarterly report, if it is one."""
    ending = Path(name).as_posix()
    for record in sorted((folders.maps / REPORTS).glob("[!.]*/" + RECORD)):
        made = store.read_json(record)
        files = made.get("files") if isinstance(made, dict) else None
        for file, sha256 in files.items() if isinstance(files, dict) else ():
            path = record.parent / file
            if path == Path(name).resolve() or f"{record.parent.name}/{file}" in {
                ending, ending.removeprefix(f"{REPORTS}/"), ending.removeprefix(f"maps/{REPORTS}/"),
            }:  # fmt: skip
                by = f"by hotspots {made.get('version')}, code {made.get('code')}"
                said = (
                    f"sha256 {sha256}",
                    f"made on {made.get('made_on')} {by}, run {made.get('run_id')}",
                    *(f"residents, sha256 {each}" for each in made.get("population", ())),
                )
                return Link(0, "output", f"maps/{REPORTS}/{record.parent.name}/{file}", said)
    return None


def _steps(stages: Sequence[tuple[Stage, set[str]]], manifest: Mapping[str, Any]) -> Iterator[Link]:
    tables = {
        Path(out["file"]).stem: out for out in manifest["outputs"] if out["folder"] == "processed"
    }
    for stage, wrote in stages:
        yield Link(1, "stage", f"stage {stage.name}: {stage.says}", (f"reads {_all(stage.reads)}",))
        for name in sorted(wrote & tables.keys()):
            table = tables[name]
            yield Link(2, "table", f"table {table['file']}", (f"sha256 {table['sha256']}",))


def _all(names: Sequence[str]) -> str:
    return ", ".join(names)


# Inputs


def _inputs(
    stages: Sequence[tuple[Stage, set[str]]],
    manifest: Mapping[str, Any],
    settings_file: Path,
    origins: Mapping[Path, tuple[str, ...]],
) -> Iterator[Link]:
    kinds = kinds_of(stages)
    home = settings_file.resolve().parent
    for file in manifest["inputs"]:
        if kinds is not None and file["kind"] not in kinds:
            continue
        path = (home / str(file["file"])).resolve()
        licence = _OGL if file["kind"] == "police_uk" else "not stated in the settings"
        origin = origins.get(path) or (*_dated(path), f"licence: {licence}")
        hashed = f"sha256 {file['sha256']}, {file.get('bytes', 0):,} bytes"
        yield Link(1, "input", f"input {file['file']} ({file['kind']})", (hashed, *origin))


def _dated(path: Path) -> tuple[str, ...]:
    """Say when a file that the settings name was written."""
    try:
        when = dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC)
    except OSError:
        return ("named in the settings; it is gone",)
    return (f"named in the settings; the file is dated {when:%Y-%m-%d %H:%M} UTC",)


def _origins(settings: Settings, folders: Folders) -> dict[Path, tuple[str, ...]]:
    """Say of each input where it came from, when, and under which licence."""
    raw = store.RawStore(folders.raw)
    found: dict[Path, tuple[str, ...]] = {}
    licensed: list[Lighting | Places | Streets] = [
        *settings.lighting, *settings.places, *settings.streets
    ]  # fmt: skip
    for layer in licensed:
        for path in _expanded(local_pattern(layer)) if layer.file else ():
            found[path.resolve()] = (*_dated(path), f"licence: {layer.licence}")
    for source in (POLICE, LAYERS):
        try:
            kept = raw.files(source)
        except InputError:  # verify tells which record is damaged
            continue
        for file in kept:
            origin = file.origin
            said = (f"from {origin.url}", f"fetched {origin.fetched_at}",
                    f"licence: {origin.licence} ({origin.publisher})")  # fmt: skip
            found[file.path.resolve()] = said
    return found


def _expanded(pattern: str) -> tuple[Path, ...]:
    try:
        return tuple(expand(pattern))
    except DataMissingError:
        return ()
