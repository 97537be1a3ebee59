"""How often Python looks for objects that hold one another while a stage is at work."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW_OBJECTS, YOUNG_LOOKS, MIDDLE_LOOKS = 100_000, 50, 100
"""A look after so many new objects, and at older ones after so many looks at the younger."""


@contextmanager
def few_looks() -> Iterator[None]:
    """
    Let Python look seldom for objects that hold one another.

    A stage makes shapes by the ten thousand, none of which holds another, and each look goes
    through them all: a third of the processor time of reading, a twentieth of a whole refresh.
    Whatever nothing refers to any more goes at once as ever.
    """
    before = gc.get_threshold()
    gc.set_threshold(NEW_OBJECTS, YOUNG_LOOKS, MIDDLE_LOOKS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
