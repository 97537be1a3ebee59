from __future__ import annotations

from itertools import count as counter

import numpy as np
import pytest
from numpy.typing import NDArray

from hotspots import recurrence
from hotspots.recurrence import Event, Register


class _Town:
    """Ten points of a hectare each; groups are given as lists of points, one list a window."""

    def __init__(self, weight: NDArray[np.float64] | None = None) -> None:
        self.register = Register()
        self.numbers = counter(1)
        self.count = np.full(10, 5.0) if weight is None else weight

    def window_of(self, *groups: list[int]) -> tuple[list[int], list[Event]]:
        labels = np.full(10, -1)
        for label, points in enumerate(groups):
            labels[points] = label
        self.register, numbers, events = recurrence.advance(
            self.register, labels, self.count, np.full(10, 1e4),
            new_number=lambda: next(self.numbers),
        )  # fmt: skip
        return numbers.tolist(), events


class TestAdvance:
    def test_a_hotspot_goes_on_in_the_group_with_most_of_its_incidents(self) -> None:
        town = _Town()
        assert town.window_of([0, 1, 2], [6, 7])[0] == [1, 2]
        numbers, events = town.window_of([7, 8], [1, 2, 3])
        assert numbers == [2, 1]
        assert [event.kind for event in events] == ["continued", "continued"]

    def test_an_elsewhere_is_born(self) -> None:
        town = _Town()
        town.window_of([0, 1])
        numbers, events = town.window_of([0, 1], [8, 9])
        assert numbers == [1, 2]
        assert events[1] == Event(2, "born", None, 10)

    def test_a_split_keeps_the_id_with_the_larger_part(self) -> None:
        town = _Town()
        town.window_of([0, 1, 2, 3, 4])
        numbers, events = town.window_of([0, 1], [2, 3, 4])
        assert numbers == [2, 1]
        assert events[0] == Event(2, "split", 1, 10)

    def test_a_merger_keeps_one_id_and_names_the_heir(self) -> None:
        town = _Town()
        town.window_of([0, 1, 2], [3, 4])
        numbers, events = town.window_of([0, 1, 2, 3, 4])
        assert numbers == [1]
        assert Event(2, "merged", 1, 0) in events

    def test_a_hotspot_is_remembered_for_three_windows(self) -> None:
        town = _Town()
        town.window_of([0, 1])
        town.window_of([8])
        town.window_of([8])
        assert 1 in town.window_of([8], [0, 1])[0]

    def test_after_that_it_ends_and_its_id_is_not_used_again(self) -> None:
        town = _Town()
        town.window_of([0, 1])
        kinds = [town.window_of([8])[1] for _ in range(3)]
        assert Event(1, "ended", None, 0) in kinds[2]
        assert town.window_of([8], [0, 1])[0] == [2, 3]

    def test_a_window_without_hotspots(self) -> None:
        town = _Town()
        assert town.window_of() == ([], [])
        town.window_of([0])
        assert town.window_of() == ([], [])

    def test_replay_gives_the_same_ids(self) -> None:
        rng = np.random.default_rng(3)
        windows = [[sorted(rng.choice(10, 4, replace=False).tolist())] for _ in range(20)]
        lives = []
        for _ in range(2):
            town = _Town()
            lives.append([town.window_of(*groups) for groups in windows])
        assert lives[0] == lives[1]

    def test_more_windows_do_not_rename_earlier_ones(self) -> None:
        rng = np.random.default_rng(4)
        windows = [[sorted(rng.choice(10, 3, replace=False).tolist())] for _ in range(12)]
        short, long = _Town(), _Town()
        first = [short.window_of(*groups) for groups in windows[:6]]
        assert [long.window_of(*groups) for groups in windows][:6] == first


def test_a_register_moves_to_another_list_of_points() -> None:
    town = _Town()
    town.window_of([0, 1, 2])
    target = np.array([7, 7, -1, *[-1] * 7])
    moved = recurrence.moved(town.register, target)
    assert moved.number.tolist() == [1]
    assert moved.points.tolist() == [7]
    assert moved.weight.tolist() == [10.0]


def test_a_hotspot_with_no_point_on_another_list_is_still_remembered() -> None:
    town = _Town()
    town.window_of([0], [5, 6])
    town.register = recurrence.moved(town.register, np.array([-1] * 5 + [2, 3, *[-1] * 3]))
    assert town.register.number.tolist() == [1, 2]
    assert town.register.owner.tolist() == [1, 1]
    numbers, events = town.window_of([2, 3])
    assert numbers == [2]
    assert [event.kind for event in events] == ["continued"]
    assert town.register.number.tolist() == [2, 1]


def test_hot_means_half_of_the_incidents_on_drawn_points() -> None:
    hotspot = np.array([0, 0, 1, 1, -1, 2])
    count = np.array([5.0, 5.0, 9.0, 1.0, 50.0, 0.0])
    drawn = np.array([True, False, False, True, True, True])
    hot = recurrence.were_hot(hotspot, count, drawn, n_hotspots=3)
    assert hot.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([1, 1, 1, 1, 0], "persistent"),
        ([0, 0, 0, 0, 1], "emerging"),
        ([1, 1, 1, 0, 0], "former"),
        ([1, 0, 1, 0, 1], "intermittent"),
        ([0, 0, 0, 0, 0], "no pattern"),
        ([1, 1, 1], "too short to say"),
    ],
)
def test_classes(windows: list[int], expected: str) -> None:
    hot = np.array([windows], dtype=bool)
    assert recurrence.classify_recurrence(hot).tolist() == [expected]


def test_recurring_needs_half_of_three_windows() -> None:
    hot = np.array([[1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)
    assert recurrence.is_recurring(hot, np.full(2, 0.02)).tolist() == [True, False]
    assert recurrence.is_recurring(np.ones((1, 2), dtype=bool), np.zeros(1)).tolist() == [False]


def test_what_chance_repeats_is_not_recurring() -> None:
    hot = np.array([[1, 1, 0, 0]] * 3, dtype=bool)
    # Two or more of four: 1 - 0.9**4 - 4 * 0.1 * 0.9**3 = 0.0523 at 0.1.
    assert recurrence.is_recurring(hot, np.array([0.0, 0.09, 0.1])).tolist() == [True, True, False]
