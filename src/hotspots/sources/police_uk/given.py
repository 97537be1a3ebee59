"""Which files are given, singly or by their folders, and what each is called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots.errors import DataMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_SUFFIXES = frozenset({".csv", ".json", ".zip", ".gz"})


@dataclass(frozen=True)
class GivenFile:
    """
    A file to look into.

    Attributes
    ----------
    path : Path
        Where it is.
    shown : str
        Its path as it was given, for messages about it.
    parts : tuple of str
        What its label is made of: the last part alone, if that is enough.
    keep : int
        Parts of it that the label always has.
    is_given : bool
        It was given by name, not found in a folder.
    """

    path: Path
    shown: str
    parts: tuple[str, ...]
    keep: int
    is_given: bool


def given_files(given: Iterable[Path]) -> list[GivenFile]:
    """
    Return the files, and those in folders to any depth that may be of police.uk, by their paths.

    Raises
    ------
    DataMissingError
        If a path is not there.
    """
    files: dict[Path, GivenFile] = {}
    for path in given:
        real = path.resolve()
        if real.is_dir():
            inside = (each for each in real.rglob("*") if each.suffix.lower() in _SUFFIXES)
            for each in inside:
                if each.is_file():
                    below = each.relative_to(real)
                    files.setdefault(each, _found(each, str(path / below), len(below.parts)))
        elif real.is_file():
            files[real] = GivenFile(real, str(path), real.parts, 1, is_given=True)
        else:
            raise DataMissingError(f"{path} is not there. Correct police_uk.files in the settings.")
    return [files[path] for path in sorted(files)]


def labelled(files: Sequence[GivenFile]) -> Iterator[tuple[GivenFile, str]]:
    """Give each file the shortest end of its path that no other file shares."""
    labels = {file.path: "/".join(file.parts[-file.keep :]) for file in files}
    keep = {file.path: file.keep for file in files}
    while True:
        times = Counter(labels.values())
        clashing = [file for file in files if times[labels[file.path]] > 1]
        if not clashing:
            break
        for file in clashing:
            keep[file.path] += 1
            labels[file.path] = "/".join(file.parts[-keep[file.path] :])
    return ((file, labels[file.path]) for file in files)


def _found(path: Path, shown: str, depth: int) -> GivenFile:
    return GivenFile(path, shown, path.parts, depth, is_given=False)
