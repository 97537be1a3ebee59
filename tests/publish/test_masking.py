"""Small numbers stay hidden even from a reader who adds up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hotspots.publish import masking


def hide(row: list[int], limits: list[int], exempt: list[bool] | None = None) -> list[int]:
    kept = np.array([exempt or [False] * len(row)])
    found: list[int] = masking.hide(np.array([row]), np.array([limits]), kept)[0].tolist()
    return found


def possible(row: list[int], limits: list[int], state: list[int]) -> list[set[int]]:
    """Every value each cell could have, for a reader who knows the total and the rules."""
    ranges = []
    for value, limit, how in zip(row, limits, state, strict=True):
        if how == masking.SHOWN:
            ranges.append([value])
        elif how == masking.FEWER:
            ranges.append(list(range(1, limit)))
        else:
            ranges.append(list(range(limit, sum(row) + 1)))
    answers = [each for each in itertools.product(*ranges) if sum(each) == sum(row)]
    return [set(column) for column in zip(*answers, strict=True)]


def test_limits_are_five_for_violence_and_three_for_the_rest() -> None:
    assert masking.limit_of("Violence and sexual offences") == 5
    assert masking.limit_of("Burglary") == 3


def test_numbers_at_the_limit_are_shown_and_below_are_not() -> None:
    state = hide([4, 1, 2, 3, 5, 60], [5, 3, 3, 3, 5, 3])
    assert state[3:] == [masking.SHOWN] * 3
    assert state[:3] == [masking.FEWER] * 3


def test_one_hidden_cell_takes_a_second_with_it_where_the_total_would_give_it_away() -> None:
    state = hide([2, 40, 9], [3, 3, 3])
    assert state == [masking.FEWER, masking.SHOWN, masking.NOT_SHOWN]


def test_two_ones_are_protected_too() -> None:
    # A rest of two in two cells of one or two can only be one and one.
    state = hide([1, 1, 30], [3, 3, 3])
    assert state == [masking.FEWER, masking.FEWER, masking.NOT_SHOWN]


def test_a_row_that_nothing_can_protect_is_withheld() -> None:
    assert hide([1, 1, 0], [3, 3, 3]) == [masking.WITHHELD, masking.WITHHELD, masking.SHOWN]


def test_zeros_and_exempt_cells_are_printed() -> None:
    assert hide([0, 2, 0], [3, 3, 3], [False, True, False]) == [masking.SHOWN] * 3


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_number_can_be_worked_out(seed: int) -> None:
    chance = np.random.default_rng(seed)
    row = chance.integers(0, 9, size=chance.integers(2, 6)).tolist()
    limits = chance.choice([3, 5], size=len(row)).tolist()
    state = hide(row, limits)
    if masking.WITHHELD in state:
        assert masking.SHOWN not in [s for s, n in zip(state, row, strict=True) if n]
        return
    for how, values in zip(state, possible(row, limits, state), strict=True):
        assert how != masking.FEWER or len(values) > 1


def test_rows_do_not_touch_each_other() -> None:
    chance = np.random.default_rng(1)
    rows = chance.integers(0, 12, size=(50, 6))
    limits = np.full((1, 6), 3)
    free = np.zeros(rows.shape, dtype=bool)
    whole = masking.hide(rows, limits, free)
    apart = [masking.hide(row[None], limits, free[:1])[0] for row in rows]
    assert np.array_equal(whole, np.vstack(apart))


F, S, N, W = masking.FEWER, masking.SHOWN, masking.NOT_SHOWN, masking.WITHHELD


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ([1, 2, 30], [F, F, S]),
        ([2, 2, 30], [F, F, N]),
        ([1, 1, 3], [W, W, W]),
        ([1, 1, 4], [F, F, N]),
        ([1, 3], [W, W]),
        ([1, 4], [F, N]),
        ([2, 3], [F, N]),
        ([2, 40, 9, 9], [F, S, N, S]),
        ([2, 0, 3], [F, S, N]),
        ([3, 3, 3], [S, S, S]),
        ([2], [W]),
        ([0], [S]),
        ([1, 1, 1, 30], [F, F, F, N]),
        ([1, 1, 2, 30], [F, F, F, S]),
    ],
)
def test_no_more_is_hidden_than_is_needed(row: list[int], state: list[int]) -> None:
    assert hide(row, [3] * len(row)) == state


def test_an_exempt_cell_cannot_protect_another() -> None:
    assert hide([2, 40], [3, 3], [False, True]) == [W, S]
    assert hide([4, 9, 40], [5, 3, 3], [False, False, True]) == [F, N, S]


def test_states_are_in_order_of_what_they_hide() -> None:
    assert (S, F, N, W) == (0, 1, 2, 3)
