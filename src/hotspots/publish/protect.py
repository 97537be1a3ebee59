"""Small numbers in tables with totals both ways: hidden so that no sum or difference gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_Cell = tuple[int, int]

_MOST_TRIALS = 400
"""Of giving back what was hidden: where nearly all is hidden, it would take minutes."""

_ROUNDING = 1e-6
"""What the solver may be off by."""


def protect(
    counts: NDArray[np.int64], lines: Sequence[Sequence[int]], limits: Sequence[int]
) -> NDArray[np.bool_]:
    """
    Say which cells of a table of places by crime groups are hidden, its last row the total.

    A count from one to its limit less one is hidden. A reader knows every printed sum: of types in
    a group, of groups in all, of places in the whole area. While what is printed leaves only one
    value that a hidden small count can have, further cells are hidden, the smallest that help
    first. Zeros are printed, so a reader also knows that what is hidden is at least one; which of
    the hidden counts are small is not printed.

    Parameters
    ----------
    counts : array of int64, shape (n_places, n_types)
    lines : sequence of sequences of int
        The types that each printed line sums; a line may be a single type.
    limits : sequence of int
        Smallest count printed as it is, by line.

    Returns
    -------
    array of bool, shape (n_places + 1, n_lines)
        True where the count must not be printed.
    """
    puzzle = _Puzzle(counts, [frozenset(line) for line in lines], limits)
    for cell in zip(*np.nonzero(puzzle.small), strict=True):
        small = (int(cell[0]), int(cell[1]))
        while puzzle.is_exposed(small):
            puzzle.hidden[puzzle.next_to(small)] = True
    puzzle.give_back()
    return puzzle.hidden[:, puzzle.line_set]


class _Puzzle:
    """What a reader sees, and what can be worked out from it."""

    def __init__(
        self, counts: NDArray[np.int64], lines: Sequence[frozenset[int]], limits: Sequence[int]
    ) -> None:
        self.sets = sorted(set(lines), key=lambda each: (len(each), sorted(each)))
        self.line_set = [self.sets.index(line) for line in lines]
        limit = np.zeros(len(self.sets), dtype=np.int64)
        for place, most in zip(self.line_set, limits, strict=True):
            limit[place] = max(limit[place], most)
        n_types = counts.shape[1]
        self.inside = np.array([[t in s for t in range(n_types)] for s in self.sets], dtype=bool)
        self.base = counts
        own = counts @ self.inside.T.astype(np.int64)
        self.value = np.vstack([own, own.sum(axis=0)])
        self.small = (self.value > 0) & (self.value < limit)
        self.hidden = self.small.copy()

    def is_exposed(self, cell: _Cell) -> bool:
        """Say whether what is printed leaves a hidden count only one value."""
        row, column = self._columns()
        if not len(row):
            return False
        wanted = self._sum_of(cell, row, column)
        equal, upper = self._constraints(row, column)
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * wanted,
                A_ub=upper[0], b_ub=upper[1], A_eq=equal[0], b_eq=equal[1], method="highs",
            )  # fmt: skip
            if not found.success:  # without an end on this side it is free
                return False
            ends.append(sign * found.fun)
        return bool(ends[1] - ends[0] < 1 - _ROUNDING)

    def _columns(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return places and types of the counts that are not printed one by one."""
        single = np.flatnonzero(self.inside.sum(axis=1) == 1)
        is_known = np.zeros(self.base.shape, dtype=bool)
        for s in single:
            is_known[:, self.inside[s].argmax()] = ~self.hidden[:-1, s]
        row, column = np.nonzero(~is_known)
        return row, column

    def _sum_of(
        self, cell: _Cell, row: NDArray[np.int64], column: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Mark the unknown counts that add up to a cell."""
        place, s = cell
        in_row = (row == place) if place < len(self.base) else np.ones(len(row), dtype=bool)
        part: NDArray[np.float64] = (in_row & self.inside[s][column]).astype(np.float64)
        return part

    def _constraints(
        self, row: NDArray[np.int64], column: NDArray[np.int64]
    ) -> tuple[tuple[NDArray[np.float64] | None, NDArray[np.float64] | None], ...]:
        """Write what is printed as equations, and what is known of the rest as bounds."""
        truth = self.base[row, column].astype(np.float64)
        sums, values, low, low_values = [], [], [], []
        for place, s in np.ndindex(*self.value.shape):
            part = self._sum_of((place, s), row, column)
            if not part.any():
                continue
            known = self.value[place, s] - part @ truth
            if not self.hidden[place, s]:
                sums.append(part)
                values.append(self.value[place, s] - known)
                continue
            low.append(-part)
            low_values.append(known - 1)
        return _matrix(sums, values), _matrix(low, low_values)

    def give_back(self) -> None:
        """Print what need not be hidden after all, the largest first."""
        small = [(int(p), int(s)) for p, s in zip(*np.nonzero(self.small), strict=True)]
        extra = [
            (int(p), int(s)) for p, s in zip(*np.nonzero(self.hidden & ~self.small), strict=True)
        ]
        if len(small) * len(extra) > _MOST_TRIALS:
            return
        for cell in sorted(extra, key=lambda each: -self.value[each]):
            self.hidden[cell] = False
            self.hidden[cell] = any(self.is_exposed(each) for each in small)

    def next_to(self, cell: _Cell) -> _Cell:
        """Choose one more cell to hide: a partner in its row, in its column, or across."""
        for choice in self._choices(cell):
            free = [c for c in choice if not self.hidden[c] and self.value[c] > 0]
            if free:
                return min(free, key=self._cost)
        msg = f"cell {cell} cannot be protected: every printed cell of the table is hidden"
        raise AssertionError(msg)

    def _choices(self, cell: _Cell) -> Iterator[list[_Cell]]:
        place, s = cell
        n_places, n_sets = self.value.shape
        least = int(self.inside.sum(axis=1).min())
        fine = [c for c in range(n_sets) if self.inside[c].sum() == least]
        around = [
            c for c in range(n_sets)
            if c != s and self.inside[c][self.inside[s]].all()
            and not self.hidden[place, c]
        ]  # fmt: skip
        group = self.inside[around[0]] if around else np.ones(self.inside.shape[1], dtype=bool)
        in_group = [c for c in fine if c != s and group[self.inside[c]].all()]
        partners = [(place, c) for c in in_group]
        if not any(self.hidden[c] for c in partners):
            yield partners
        column = [(p, s) for p in range(n_places - 1) if p != place]
        if place < n_places - 1 and not any(self.hidden[c] for c in column):
            yield column
        places, kinds = self._linked(cell, fine)
        yield [(p, c) for p in places for c in kinds if c in in_group or c == s]
        yield [*partners, *column]
        yield [(p, c) for p in places for c in kinds]
        yield [(p, c) for p in range(n_places - 1) for c in fine]
        yield [(place, c) for c in around] + [(n_places - 1, s)]
        yield list(np.ndindex(*self.value.shape))

    def _linked(self, cell: _Cell, fine: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return the places and kinds that hidden cells tie to this one, across any number."""
        places, kinds = {cell[0]} - {len(self.base)}, {cell[1]} & set(fine)
        while True:
            more = {p for p in range(len(self.base)) if self.hidden[p, sorted(kinds)].any()}
            also = {c for c in fine if self.hidden[sorted(places), c].any()}
            if more <= places and also <= kinds:
                return sorted(places), sorted(kinds)
            places |= more
            kinds |= also

    def _cost(self, cell: _Cell) -> tuple[int, int, int, int]:
        """Prefer cells that stand in a row and a column with hidden ones, then small ones."""
        place, s = cell
        links = int(self.hidden[place].any()) + int(self.hidden[:, s].any())
        return -links, int(self.value[cell]), place, s


def _matrix(
    rows: list[NDArray[np.float64]], values: Sequence[float | NDArray[np.float64]]
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    return (np.array(rows), np.array(values, dtype=np.float64)) if rows else (None, None)
