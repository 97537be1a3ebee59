from __future__ import annotations

import pytest

from hotspots import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.HotspotsError, 1),
        (errors.SchemaError, 1),
        (errors.SettingsError, 2),
        (errors.DataMissingError, 3),
        (errors.InputError, 4),
        (errors.SourceError, 5),
    ],
)
def test_exit_codes_are_those_of_the_manual(kind: type[errors.HotspotsError], code: int) -> None:
    assert kind.exit_code == code
    assert issubclass(kind, errors.HotspotsError)


def test_long_words_are_cut() -> None:
    assert errors.cut("short") == "short"
    assert errors.cut("x" * 300) == "x" * 200 + "…"
    assert errors.cut(ValueError("abcdef"), 3) == "abc…"
