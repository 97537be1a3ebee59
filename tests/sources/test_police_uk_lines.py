from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.sources.police_uk import lines

PIECES = st.sampled_from([2, 4, 2**18])
TEXTS = st.text(alphabet="\r\n ,a", max_size=14).map(str.encode)


@given(piece=PIECES, text=TEXTS)
def test_lines_end_in_line_feeds_wherever_the_pieces_of_a_text_end(piece: int, text: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_PIECE_BYTES", piece)
        found, ends = lines.with_line_feeds(text)
    assert list(ends) == [at for at, letter in enumerate(found) if letter == ord("\n")]
    plain = text.replace(b"\r\n", b"\n")
    assert found == (plain.replace(b"\r", b"\n") if b"\r" in plain else text)


@given(piece=PIECES, text=TEXTS)
def test_blank_lines_are_told_wherever_the_pieces_of_a_text_end(piece: int, text: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_PIECE_BYTES", piece)
        whole = b"heading\n" + text
        blank, n_lines = lines.blank_lines(whole, lines.line_ends(whole))
    rows = text.split(b"\n") if text and not text.endswith(b"\n") else text.split(b"\n")[:-1]
    assert n_lines == len(rows) + 1
    assert blank == {number for number, row in enumerate(rows, 2) if row in {b"", b"\r"}}
