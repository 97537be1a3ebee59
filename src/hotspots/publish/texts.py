"""Names and notes of others as pages show them: readable, in order, and of a bearable length."""

from __future__ import annotations

import re
from typing import Any

LONGEST = 1000
"""Letters of a text that a page shows; twice the longest sentence of our own."""

_HEAD, _TAIL = 700, 200
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PLAIN = frozenset({int, float, bool, type(None)})


def clean(text: str) -> str:
    """
    Make a text safe to put beside others.

    Returns
    -------
    str
        Control characters, which no reader can see and XML cannot hold, are U+FFFD. Characters
        that only turn the order of letters are left out: an override in a street's name would
        turn the words that follow it on the page.
    """
    if text.isprintable():  # nearly all are, and it is told at once
        return text
    return _TURNING.sub("", _UNREADABLE.sub("\ufffd", text))


def readable(text: str) -> str:
    """
    Make a text fit for a page: clean, and cut in the middle where it is endless.

    Returns
    -------
    str
        At most ``LONGEST`` letters; what ends a sentence, such as its figures, is kept. The files
        for other programs have the whole.
    """
    if len(text) > LONGEST:
        text = f"{text[:_HEAD]} … {text[-_TAIL:]}"
    return clean(text)


def all_readable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Make every text readable in nested lists and dictionaries, names of entries too."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {readable(key): all_readable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        # Most of what a page holds are lists of numbers.
        if _PLAIN.issuperset(map(type, value)):
            return value
        return [each if type(each) in _PLAIN else all_readable(each) for each in value]
    return value
