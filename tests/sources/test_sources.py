"""What holds for everything that reads."""

from __future__ import annotations

from hotspots import sources
from immutable import changeable


def test_what_was_read_cannot_be_changed() -> None:
    # Those with an underscore gather what others then return.
    assert changeable(sources) == {"Judged", "_Asking", "_Numbers", "_Search"}
