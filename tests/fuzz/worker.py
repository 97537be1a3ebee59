"""
A process that reads damaged files and says how it went; it may crash or hang, its parent sees.

It is told a kind of file and a range of seeds a line, and answers with lines of JSON: ``at`` before
each seed, ``fault`` for one that went wrong, ``done`` at the end of the range.
"""

from __future__ import annotations

import contextlib
import gc
import json
import random
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fuzz.corpus import Kind, corpus
from fuzz.formats import mutated
from fuzz.outcomes import try_to_read

_MOST_MEMORY_BYTES = 8 * 2**30
_SHRINK_S = 4.0


def damaged(kind: Kind, seed: int) -> tuple[str, bytes, str]:
    """Give the name, the bytes and the reader of the input that a seed stands for."""
    chance = random.Random(seed)  # noqa: S311 - chance, not a secret
    names = sorted(kind.files)
    name = chance.choice(names)
    form, data = kind.files[name]
    _, other = kind.files[chance.choice(names)]
    return name, mutated(form, data, other, chance), chance.choice(kind.readers)


@contextlib.contextmanager
def _placed(name: str, data: bytes) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        path = folder / name
        path.write_bytes(data)
        yield path
    finally:
        shutil.rmtree(folder)


def fault_of(reader: str, name: str, data: bytes, seed: int) -> tuple[str, str] | bool:
    """Read one input; say whether it was used, or the kind of fault and its traceback."""
    unraised: list[str] = []
    sys.unraisablehook = lambda about: unraised.append(repr(about.exc_value))
    try:
        with _placed(name, data) as path:
            chance = random.Random(seed)  # noqa: S311
            is_used = try_to_read(reader, path, chance)
    except Exception as error:  # noqa: BLE001 - any exception is what is looked for
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "hotspots" in frame.filename] or frames[-1:]
        where = f"{Path(ours[-1].filename).name}:{ours[-1].name}"
        return f"{type(error).__name__} in {where}", traceback.format_exc()
    if unraised:
        return "warning", "\n".join(unraised)
    return is_used


def smallest(reader: str, name: str, data: bytes, seed: int) -> bytes:
    """Leave out what the fault does not need, for a few seconds."""
    found = fault_of(reader, name, data, seed)
    kind = found[0] if isinstance(found, tuple) else ""
    end = time.monotonic() + _SHRINK_S
    size = len(data) // 2
    while size and time.monotonic() < end:
        at = 0
        while at < len(data) and time.monotonic() < end:
            less = data[:at] + data[at + size :]
            again = fault_of(reader, name, less, seed)
            if isinstance(again, tuple) and again[0] == kind:
                data = less
            else:
                at += size
            _say({"shrinking": seed})
        size //= 2
    return data


def _say(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _run(kind: Kind, first: int, last: int, folder: Path) -> None:
    n_used, seen = 0, set[str]()
    for seed in range(first, last):
        _say({"at": seed})
        name, data, reader = damaged(kind, seed)
        found = fault_of(reader, name, data, seed)
        if not isinstance(found, tuple):
            n_used += found
            continue
        fault, words = found
        path = folder / f"{seed}-{name}"
        path.write_bytes(data if fault in seen else smallest(reader, name, data, seed))
        seen.add(fault)
        _say({"fault": seed, "kind": fault, "words": words, "input": str(path)})
    gc.collect()
    _say({"done": last - first, "used": n_used})


def main(folder: Path) -> None:
    """Do what the lines of the standard input say, one after the other."""
    with contextlib.suppress(ImportError):  # where there is no such limit, there is none
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    kinds = corpus()
    warnings.simplefilter("error")
    for line in sys.stdin:
        task = json.loads(line)
        _run(kinds[task["kind"]], task["first"], task["last"], folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
