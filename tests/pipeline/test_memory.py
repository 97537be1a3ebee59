from __future__ import annotations

import gc

import pytest

from hotspots.pipeline import memory


def test_looks_are_few_inside_and_as_before_outside() -> None:
    before = gc.get_threshold()
    with memory.few_looks():
        assert gc.get_threshold() == (
            memory.NEW_OBJECTS, memory.YOUNG_LOOKS, memory.MIDDLE_LOOKS,
        )  # fmt: skip
    assert gc.get_threshold() == before


def test_an_error_leaves_them_as_before() -> None:
    before = gc.get_threshold()
    with pytest.raises(OSError, match="full"), memory.few_looks():
        raise OSError("the disk is full")
    assert gc.get_threshold() == before
