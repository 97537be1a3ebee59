"""The faults of an archive: refused by name, nothing lost, and the next good run is whole."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

from faults import harness

if TYPE_CHECKING:
    from collections.abc import Callable

AGAIN = "Download"


def refused(own: harness.Area, change: Callable[[bytes], bytes], *says: str) -> None:
    """Refresh with a changed archive, then with the sound one again."""
    sound = own.archive.read_bytes()
    harness.survives(
        own,
        says=[own.archive.name, *says],
        code=4,
        break_it=lambda: own.archive.write_bytes(change(sound)),
        mend_it=lambda: own.archive.write_bytes(sound),
    )


def with_member(own: harness.Area, member: zipfile.ZipInfo | str, data: bytes, *says: str) -> None:
    """Refresh with one more member in the archive."""

    def change(sound: bytes) -> bytes:
        path = own.archive.with_name("changed.tmp")
        path.write_bytes(sound)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(member, data)
        changed = path.read_bytes()
        path.unlink()
        return changed

    refused(own, change, *says)


def with_number(mark: bytes, offset: int, value: int, size: str) -> Callable[[bytes], bytes]:
    """Change one number in the last header that begins with ``mark``."""

    def change(sound: bytes) -> bytes:
        data = bytearray(sound)
        struct.pack_into(f"<{size}", data, data.rindex(mark) + offset, value)
        return bytes(data)

    return change


def newest() -> str:
    return harness.street(harness.NEWEST)


def test_fault_archive_cut(own: harness.Area) -> None:
    refused(own, lambda sound: sound[: len(sound) // 2], "cut short", AGAIN)


def test_fault_flipped_bytes(own: harness.Area) -> None:
    def change(sound: bytes) -> bytes:
        data = bytearray(sound)
        middle = data.rindex(b"PK\x03\x04") + 200
        data[middle : middle + 8] = bytes(255 - byte for byte in data[middle : middle + 8])
        return bytes(data)

    refused(own, change, newest(), "is damaged", AGAIN)


def test_fault_parent_folder_member(own: harness.Area) -> None:
    with_member(own, "../evil.csv", b"x", "../evil.csv", "leads out of the zip", AGAIN)


def test_fault_absolute_member(own: harness.Area) -> None:
    with_member(own, "/evil.csv", b"x", "/evil.csv", "absolute name", AGAIN)


def test_fault_link_member(own: harness.Area) -> None:
    member = zipfile.ZipInfo("link.csv")
    member.create_system = 3
    member.external_attr = 0o120777 << 16
    with_member(own, member, b"/etc/passwd", "link.csv", "is a link", AGAIN)


def test_fault_bomb_by_ratio(own: harness.Area) -> None:
    name = harness.street("2024-04")
    with_member(own, name, bytes(10**7), name, "the limit is 100 times", AGAIN)


def test_fault_bomb_by_overlap(own: harness.Area) -> None:
    def change(sound: bytes) -> bytes:
        """Let the last entry of the directory point at the bytes of the first."""
        data = bytearray(sound)
        first = data.index(b"PK\x01\x02") + 42
        last = data.rindex(b"PK\x01\x02") + 42
        data[last : last + 4] = data[first : first + 4]
        return bytes(data)

    refused(own, change, "shares bytes with another member", AGAIN)


def test_fault_false_sizes(own: harness.Area) -> None:
    refused(own, with_number(b"PK\x01\x02", 24, 10, "L"), newest(), "states", AGAIN)


def test_fault_encrypted(own: harness.Area) -> None:
    refused(own, with_number(b"PK\x01\x02", 8, 1, "H"), newest(), "encrypted", "without a password")
