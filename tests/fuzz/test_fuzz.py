"""
Readers do not break on damaged files: they use them by an exact account, or say what is wrong.

A few inputs a kind by default; ``--fuzz 10000`` tries ten thousand, ``--fuzz-first 500 --fuzz 1``
the one of seed 500. The smallest input of a fault is written where the failure says.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fuzz.corpus import corpus
from fuzz.worker import damaged, fault_of

TESTS = Path(__file__).resolve().parents[1]
HANG_S = 10.0
START_S = 120.0
KINDS = corpus()


class Worker:
    """A process that reads damaged files; started anew when it crashes or hangs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fuzz.worker", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONFAULTHANDLER": "1"},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._is_fresh = True

    def _listen(self) -> None:
        process, lines = self._process, self._lines
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()

    def run(self, kind: str, first: int, last: int) -> Iterator[dict[str, Any]]:
        """Give what the process says, and as a fault what it could not say any more."""
        at, hung = first, -1
        self._ask(kind, at, last)
        while True:
            try:
                line = self._lines.get(timeout=START_S if self._is_fresh else HANG_S)
            except queue.Empty:
                line = None
            self._is_fresh = False
            if line:
                said = json.loads(line)
                at = said.get("at", at)
                yield said
                if "done" in said:
                    return
                continue
            self.close()
            self._start()
            if line is None and hung != at:  # once may be the fault of a busy machine
                hung = at
            else:
                ended = "hang" if line is None else "crash"
                yield {"fault": at, "kind": ended, "words": "", "input": "none: see the seed"}
                at += 1
            if at == last:
                return
            self._ask(kind, at, last)

    def _ask(self, kind: str, first: int, last: int) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"kind": kind, "first": first, "last": last}) + "\n")
        self._process.stdin.flush()


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    made = Worker(tmp_path_factory.mktemp("faults"))
    yield made
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_used_exactly_or_refused_in_words(
    kind: str, worker: Worker, request: pytest.FixtureRequest
) -> None:
    n = request.config.getoption("--fuzz") or KINDS[kind].usual
    first = request.config.getoption("--fuzz-first")
    faults = [said for said in worker.run(kind, first, first + n) if "fault" in said]
    counts = Counter(fault["kind"] for fault in faults)
    shown = {fault["kind"]: fault for fault in reversed(faults)}
    words = "\n\n".join(
        f"{counts[name]} x {name}; first with --fuzz-first {fault['fault']} --fuzz 1, "
        f"smallest input {fault['input']}\n{fault['words']}"
        for name, fault in shown.items()
    )
    assert not faults, f"{kind}: {len(faults)} of {n} inputs\n{words}"


SOUND = [
    (kind, name, reader)
    for kind, held in KINDS.items()
    for name in held.files
    for reader in held.readers
    if (name.partition(".")[0], reader) not in {("lights", "areas"), ("districts", "lighting")}
]


@pytest.mark.parametrize(("kind", "name", "reader"), SOUND)
def test_sound_files_are_used(kind: str, name: str, reader: str) -> None:
    _, data = KINDS[kind].files[name]
    assert fault_of(reader, name, data, seed=1) is True


def test_same_seed_gives_same_damage() -> None:
    for kind in KINDS.values():
        for seed in range(20):
            assert damaged(kind, seed) == damaged(kind, seed)
