from __future__ import annotations

from pathlib import Path

import pytest

from hotspots import pipeline
from hotspots.errors import SettingsError
from hotspots.pipeline import simulate
from hotspots.pipeline.simulate import Detectability, MapVerdict, Planted

ALL = "All crime and ASB"


@pytest.fixture(scope="module")
def found(county: Path, refreshed: pipeline.Outcome) -> Detectability:
    return simulate.simulate(
        county, out=refreshed.maps_folder.parents[1], crime_group=ALL,
        plan=Planted(n_hotspots=8, radius_m=120, ratio=8), n_maps=4, n_simulations=99,
    )  # fmt: skip


def test_maps_without_hotspots_show_hardly_any(found: Detectability) -> None:
    assert sum(each.n_drawn for each in found.without) > 20
    assert sum(each.n_strong for each in found.without) <= 2
    assert all(each.n_true == each.n_found == 0 for each in found.without)


def test_planted_hotspots_are_found_and_little_else(found: Detectability) -> None:
    assert found.recall >= 0.6
    assert found.precision >= 0.8


def test_precision_and_recall_are_those_of_the_maps() -> None:
    maps = (MapVerdict(9, 2, 2, 3, 3), MapVerdict(9, 0, 1, 1, 2))
    card = Detectability("x", ALL, 1, 99, (), maps, Planted(n_hotspots=5))
    assert card.precision == pytest.approx(4 / 5)
    assert card.recall == pytest.approx(5 / 10)
    none = Detectability("x", ALL, 1, 99, (), (MapVerdict(9, 0, 0, 0, 0),), Planted())
    assert none.as_json()["precision"] is None
    assert none.recall == 0


def test_a_group_that_is_not_there_is_refused(county: Path, refreshed: pipeline.Outcome) -> None:
    with pytest.raises(SettingsError, match="Piracy"):
        simulate.simulate(county, out=refreshed.maps_folder, crime_group="Piracy", plan=Planted())
