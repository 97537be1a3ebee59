"""The sample county and one refresh of it, made once for all tests that look at them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from hotspots import pipeline
from hotspots.sample import write_county
from played_web import PlayedWeb

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine is no fault of the code; what must be quick is measured in benchmarks.
settings.register_profile("whatever the machine does", deadline=None)
settings.load_profile("whatever the machine does")

REFRESHED_ONCE = {"lancashire", "barnet"}
"""Fixtures that take a minute to set up."""

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-golden",
        action="store_true",
        help="write the golden files anew; say in the CHANGELOG why they changed",
    )
    parser.addoption(
        "--fuzz",
        type=int,
        help="damaged inputs tried for each kind of file; a few if not told",
    )
    parser.addoption("--fuzz-first", type=int, default=0, help="the seed of the first of them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file's tests on one core, and those that look at the refreshed real files."""
    for item in items:
        is_real = not REFRESHED_ONCE.isdisjoint(getattr(item, "fixturenames", ()))
        group = "real files" if is_real else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings file of the sample county; look, don't touch."""
    return write_county(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="session")
def refreshed(county: Path, tmp_path_factory: pytest.TempPathFactory) -> pipeline.Outcome:
    """Outcome of one refresh of the sample county; look, don't touch."""
    out = tmp_path_factory.mktemp("refreshed")
    return pipeline.refresh(county, out=out, say=lambda _: None)


@pytest.fixture(scope="session")
def tables(refreshed: pipeline.Outcome) -> Path:
    """Folder of the tables of that refresh."""
    base = refreshed.maps_folder.parents[1]
    return base / "data" / "processed" / refreshed.area_id


@pytest.fixture
def played_web() -> Iterator[PlayedWeb]:
    """A local web with nothing in it yet, that plays police.uk and other publishers."""
    with PlayedWeb() as played:
        yield played


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the real files; tests that need them are skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real files are not here: no shared/data beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def lancashire(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> pipeline.Outcome:
    """Outcome of one refresh of the real Lancashire files; look, don't touch."""
    settings = shared / "settings" / "lancashire.toml"
    return pipeline.refresh(settings, out=tmp_path_factory.mktemp("lan"), say=lambda _: None)


@pytest.fixture(scope="session")
def barnet(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> pipeline.Outcome:
    """Outcome of one refresh of the real Barnet files; look, don't touch."""
    settings = shared / "settings" / "barnet.toml"
    return pipeline.refresh(settings, out=tmp_path_factory.mktemp("bar"), say=lambda _: None)
