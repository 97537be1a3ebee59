"""Small numbers in tables with totals both ways: nobody can work them out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hotspots.publish.protect import protect

LINES = [[0, 1, 2], [0, 1], [0], [1], [2]]
LIMITS = [3, 3, 3, 3, 3]


def worked_out(counts: np.ndarray, hidden: np.ndarray) -> list[tuple[int, int]]:
    """List the small hidden counts that a patient reader finds, by trying every table there is."""
    small_cells = [(r, i + 2) for r in range(len(counts)) for i in range(3) if 0 < counts[r, i] < 3]
    free = [(r, i) for r in range(len(counts)) for i in range(3) if hidden[r, i + 2]]
    truth = sums(counts)
    seen: dict[tuple[int, int], set[int]] = {cell: set() for cell in small_cells}
    for values in itertools.product(range(1, 10), repeat=len(free)):
        tried = counts.copy()
        for (r, i), value in zip(free, values, strict=True):
            tried[r, i] = value
        got = sums(tried)
        if (got == truth)[~hidden].all() and (got >= 1)[hidden].all():
            for cell in small_cells:
                seen[cell].add(int(got[cell]))
    return [cell for cell, values in seen.items() if len(values) == 1]


def sums(counts: np.ndarray) -> np.ndarray:
    """Add up the printed lines, and the total below them."""
    own = np.stack([counts[:, line].sum(axis=1) for line in LINES], axis=1)
    return np.vstack([own, own.sum(axis=0)])


# Tables that leave no more than four counts to try: all there are can be tried.
@pytest.mark.parametrize("seed", [1, 4, 5, 7, 9, 11])
def test_no_small_count_can_be_worked_out_from_sums(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 7, size=(3, 3))

    hidden = protect(counts, LINES, LIMITS)

    assert hidden[:-1, 2:].sum() <= 4
    assert worked_out(counts, hidden) == []


def test_every_small_count_is_hidden_and_zeros_are_printed() -> None:
    counts = np.array([[2, 0, 40], [9, 8, 30], [50, 20, 10]])

    hidden = protect(counts, LINES, LIMITS)

    assert hidden[0, 2]
    assert not hidden[0, 3]


def test_hiding_one_count_alone_would_not_do() -> None:
    counts = np.array([[2, 12, 40], [9, 8, 30], [50, 20, 10]])

    hidden = protect(counts, LINES, LIMITS)

    assert hidden.sum() > 1
    assert worked_out(counts, hidden) == []


def test_a_table_without_small_counts_is_printed_whole() -> None:
    assert not protect(np.full((3, 3), 10), LINES, LIMITS).any()


def test_two_lines_of_the_same_kinds_are_hidden_together() -> None:
    counts = np.array([[2, 12, 40], [9, 8, 30]])

    hidden = protect(counts, [[0], [0], [1], [2], [0, 1, 2]], [3] * 5)

    np.testing.assert_array_equal(hidden[:, 0], hidden[:, 1])


def test_one_place_alone_gives_nothing_away() -> None:
    hidden = protect(np.array([[2, 12, 40]]), LINES, LIMITS)

    assert hidden[0, 2]
    assert hidden[1, 2]
