"""
Damage to bytes, text and JSON, by chance; the same seed gives the same damage.

A mutation takes the bytes of a file, those of another file of the same kind, and a source of
chance. Those that know a format fall back to damaging bytes where the file is not in it any more.
"""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

Chance = random.Random
Mutation = Callable[[bytes, bytes, Chance], bytes]

MOST_BYTES = 2_000_000
"""A mutated file is cut to this size, so that an input stays a small one."""

_NUMBERS = (
    b"0", b"-0", b"-1", b"1e308", b"1e400", b"-1e-400", b"NaN", b"inf", b"-inf", b"Infinity",
    b"2147483648", b"-2147483649", b"18446744073709551616", b"9" * 40, b"9" * 400, b"0x1F",
    b"1,234", b"1.234.567", b"1.00E+12", b"01", b"+5", b".5", b"5.", b"1_000", b"\xd9\xa3",
    b"53.76", b"-2.7", b"353000", b"429000", b"1000", b"2000", b"4294967295", b"1e5", b"--5",
)  # fmt: skip
_TOKENS = (
    b"\x00", b"\x00" * 16, b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n",
    b"\r\n", b"\n\r", b"\n\n\n", b'"', b'""', b'"""', b"'", b",", b",,,", b";", b"\t", b"|",
    b"\\", b"\x1a", b"\x1f\x8b", b"PK\x03\x04", b"{", b"}", b"[", b"]", b"null", b"true", b"<",
    b"<html>", b"&#0;", b"\xe2\x80\xa8", b"\xc2\x85", b"\x0b", b"\x0c", b"\xed\xa0\x80",
    b"\xf0\x9f\x92\xa1", b"\xe2\x82", b"=cmd|'/c calc'!A1", b"%s%n", b"../../etc/passwd", b"-",
    b"2024-13", b"2024-1", b"Jan-24", b"01/01/3000", b"9999-12", b"0000-00", b"20240101", b"N/A",
    b"#REF!", b"sep=;", b"\\u0000", b"\\ud800", b"1e999",
)  # fmt: skip
_HIGH = (0xE9, 0xA3, 0x80, 0x81, 0x8D, 0xFF)
WORDS_32 = (0, 1, 2, 3, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 9994)
_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**400, 1e308, float("nan"), float("inf"), "", "x", "NaN", "-2.7",
    "53.7", "2024-01", "\ud800", "\x00", [], {}, [[]], {"type": "Feature"}, [None], [0, 0],
    [-2.7, 53.7], [353_000, 429_000], "Polygon", "Point", "MultiPolygon", "GeometryCollection",
)  # fmt: skip


# Bytes ------------------------------------------------------------------------------------------


def _span(data: bytes, chance: Chance) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    length = chance.choice((1, 2, 4, 16, 64, 256, len(data)))
    return start, min(len(data), start + chance.randint(1, max(1, length)))


def flip(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Turn a few bits over."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 32))):
        if found:
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def cut(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """End the file early."""
    return data[: chance.randrange(len(data) + 1)]


def take_out(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Leave a part out."""
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def repeat(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Write a part again, once or very often."""
    start, end = _span(data, chance)
    times = chance.choice((1, 2, 10, 1000))
    return data[:end] + (data[start:end] * times)[:200_000] + data[end:]


def splice(data: bytes, other: bytes, chance: Chance) -> bytes:
    """Go on in the middle with another file."""
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def insert(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Put in what means something to some reader."""
    at = chance.choice((0, len(data), chance.randrange(len(data) + 1)))
    return data[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 1, 3, 500)) + data[at:]


def overwrite(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Write a number of two, four or eight bytes over what is there, in either byte order."""
    size, code = chance.choice(((2, "H"), (4, "I"), (4, "I"), (8, "Q")))
    if len(data) < size:
        return data
    at = chance.randrange(len(data) - size + 1)
    at -= at % chance.choice((1, size))
    value = chance.choice(WORDS_32) & (2 ** (8 * size) - 1)
    packed = struct.pack(chance.choice("<>") + code, value)
    return data[:at] + packed + data[at + size :]


BYTES: tuple[Mutation, ...] = (flip, cut, take_out, repeat, splice, insert, overwrite)


# Text -------------------------------------------------------------------------------------------


def change_number(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Put another number in the place of one."""
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", data))
    if not found:
        return insert(data, b"", chance)
    one = chance.choice(found)
    return data[: one.start()] + chance.choice(_NUMBERS) + data[one.end() :]


def change_column(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Leave out, repeat, empty or fill a column, in all lines or from one line on."""
    parts = chance.choice((b",", b",", b";", b"\t"))
    lines = [line.split(parts) for line in data.split(b"\n")]
    column = chance.randrange(max(1, len(lines[0])))
    first = chance.choice((0, 0, chance.randrange(len(lines))))
    deed = chance.randrange(4)
    token = chance.choice(_TOKENS + _NUMBERS)
    for line in lines[first:]:
        if column < len(line):
            line[column : column + 1] = (
                [], [line[column]] * 2, [b""], [token],
            )[deed]  # fmt: skip
    return b"\n".join(parts.join(line) for line in lines)


def exchange_columns(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Exchange two columns in every line, or in all but the heading."""
    lines = [line.split(b",") for line in data.split(b"\n")]
    a, b = (chance.randrange(max(1, len(lines[0]))) for _ in range(2))
    for line in lines[chance.choice((0, 1)) :]:
        if max(a, b) < len(line):
            line[a], line[b] = line[b], line[a]
    return b"\n".join(b",".join(line) for line in lines)


def change_lines(data: bytes, other: bytes, chance: Chance) -> bytes:
    """Leave out, repeat, exchange, empty or borrow lines."""
    lines = data.split(b"\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    deeds: tuple[Callable[[], object], ...] = (
        lambda: lines.pop(at),
        lambda: lines.insert(to, lines[at]),
        lambda: lines.insert(to, lines[0]),
        lambda: lines.insert(to, b""),
        lambda: lines.insert(to, chance.choice(other.split(b"\n"))),
        lambda: lines.insert(to, chance.choice(_TOKENS)),
        lambda: chance.shuffle(lines),
        lambda: lines.extend(lines[1:] * chance.choice((1, 50))),
    )
    chance.choice(deeds)()
    return b"\n".join(lines)


def change_ends(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Give some or all lines another end."""
    ends = chance.choice(([b"\r\n"], [b"\r"], [b"\n", b"\r\n", b"\r"], [b"\n\n"], [b"\x85", b"\n"]))
    lines = data.split(b"\n")
    return b"".join(line + chance.choice(ends) for line in lines)


def recode(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Write the text in another encoding, with or without its mark."""
    text = data.decode("utf-8", "replace")
    code = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "cp500"))
    return text.encode(code, "replace")


def accent(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Put bytes of Windows-1252, or of nothing, among the letters."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 5, 50))):
        if found:
            found[chance.randrange(len(found))] = chance.choice(
                (0xE9, 0xA3, 0x80, 0x81, 0x8D, 0xFF)
            )
    return bytes(found)


TEXT: tuple[Mutation, ...] = (
    *BYTES, change_number, change_number, change_column, change_column, exchange_columns,
    change_lines, change_lines, change_ends, recode, accent,
)  # fmt: skip


# JSON -------------------------------------------------------------------------------------------


def _nodes(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """List every place in a JSON value, as the container and the key or index in it."""
    places: list[tuple[Any, Any]] = []
    left = [value]
    while left:
        one = left.pop()
        keys: Sequence[Any] = list(one) if isinstance(one, dict) else range(len(one))
        places += [(one, key) for key in keys]
        left += [one[key] for key in keys if isinstance(one[key], dict | list)]
    return places


def change_json(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Change, leave out, wrap, repeat or exchange values anywhere in the structure."""
    try:
        value = json.loads(data)
        places = _nodes(value) if isinstance(value, dict | list) else []
    except (ValueError, RecursionError):
        places = []
    if not places:
        return change_number(data, b"", chance)
    for _ in range(chance.choice((1, 1, 2, 5))):
        holder, key = chance.choice(places)
        elsewhere, there = chance.choice(places)
        try:
            deed = chance.randrange(6)
            if deed == 0:
                del holder[key]
            elif deed == 1:
                holder[key] = [holder[key]] * chance.choice((1, 2, 3))
            elif deed == 2:
                holder[key], elsewhere[there] = elsewhere[there], holder[key]
            elif deed == 3 and isinstance(holder[key], list):
                holder[key].reverse()
            else:
                holder[key] = chance.choice(_VALUES)
        except (KeyError, IndexError):
            continue
    return _dumped(value, data)


def _dumped(value: object, data: bytes) -> bytes:
    try:
        return json.dumps(value).encode()
    except (ValueError, RecursionError):  # a value that was put into itself
        return data


def deepen(data: bytes, _other: bytes, chance: Chance) -> bytes:
    """Nest the whole, or open brackets that never close."""
    depth = chance.choice((1, 100, 100_000))
    opening, closing = chance.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"[", b"")))
    return opening * depth + data + closing * depth


JSON: tuple[Mutation, ...] = (
    *BYTES, change_number, recode, accent, deepen, *[change_json] * 10,
)  # fmt: skip
