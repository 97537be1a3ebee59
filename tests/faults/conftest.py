"""The small area that faults happen to, made once."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import harness


@pytest.fixture(scope="session")
def small_settings(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings file of the small area; look, don't touch."""
    folder = tmp_path_factory.mktemp("small") / "last_good" / "inputs"
    return harness.make_area(county.parent / "inputs", folder)


@pytest.fixture(scope="session")
def runs(small_settings: Path) -> Iterator[harness.Runs]:
    """Runs in processes of their own."""
    if not hasattr(signal, "SIGKILL") or not hasattr(os, "fork"):
        pytest.skip("this system has no SIGKILL and no fork")
    with harness.Runs(small_settings) as made:
        yield made


@pytest.fixture(scope="session")
def small_area(small_settings: Path, runs: harness.Runs) -> harness.Area:
    """The small area with its last good outputs; look, don't touch."""
    folder = small_settings.parents[1]
    last_good, undisturbed = folder / "out", folder.with_name("undisturbed")
    ended = runs.refresh(small_settings, last_good, "--until", harness.LAST_GOOD)
    assert ended.code == 0, ended.words
    shutil.copytree(last_good, undisturbed)
    ended = runs.refresh(small_settings, undisturbed)
    assert ended.code == 0, ended.words
    before, after = harness.files(last_good), harness.files(undisturbed)
    assert not any("/." in name for name in (*before, *after)), "an undisturbed run tidies up"
    # A test of "the old or the new" needs the two to differ, in maps and in tables.
    for name in ("maps/{}/index.html", "data/processed/{}/incidents.parquet"):
        assert before[name.format(harness.AREA)] != after[name.format(harness.AREA)]
    return harness.Area(folder, undisturbed, before, after, runs)


@pytest.fixture
def own(small_area: harness.Area, tmp_path: Path) -> harness.Area:
    """Inputs and last good outputs of the small area for a test to disturb."""
    return small_area.copy(tmp_path / "own")
