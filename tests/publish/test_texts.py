"""Texts of others on pages: what cannot be read or turns the page is taken out, the rest stays."""

from __future__ import annotations

import json

import pytest
from markupsafe import Markup

from hotspots.publish import figures, page_data
from hotspots.publish.texts import LONGEST, clean, readable


@pytest.mark.parametrize(
    "text", ["St Anne's", "O`Brien", "C:\\20190221", "=1+1", "\U0001f468\u200d\U0001f33e", "a\tb\n"]
)
def test_a_text_that_can_be_read_stays_as_it_is(text: str) -> None:
    assert readable(text) == clean(text) == text


def test_what_no_reader_sees_is_shown_as_unknown() -> None:
    assert clean("Mill\x00Street\x1b\x9f\ud800\uffff") == "Mill\ufffdStreet" + "\ufffd" * 4


def test_what_only_turns_the_order_of_letters_is_left_out() -> None:
    assert clean("Quay \u202eteertS\u202c \u2067x\u2069") == "Quay teertS x"
    assert clean("שלום Street") == "שלום Street"


def test_an_endless_text_is_cut_in_the_middle_and_keeps_its_end() -> None:
    cut = readable(f"{'Endless Lane ' * 770}had 40 incidents.")
    assert len(cut) <= LONGEST
    assert cut.startswith("Endless Lane ")
    assert " … " in cut
    assert cut.endswith("had 40 incidents.")
    assert readable("x" * LONGEST) == "x" * LONGEST


def test_templates_make_readable_what_is_put_into_them_and_leave_markup_alone() -> None:
    html = figures.template("quarters.html.jinja").render(
        policy="", style=Markup("x") * 2000, quarters=[("2025-Q2", "Quay \u202e<b>\x00")]
    )  # fmt: skip
    assert "x" * 2000 in html
    assert ">Quay &lt;b&gt;\ufffd</a>" in html


def test_the_data_of_a_page_is_readable_in_names_and_values() -> None:
    page = {"a\u202e": ["b\x00", {"c": ("d" * 2000, 1, None)}]}
    found = json.loads(page_data.to_json(page))
    assert found["a"][0] == "b\ufffd"
    assert len(found["a"][1]["c"][0]) <= LONGEST
    assert found["a"][1]["c"][1:] == [1, None]
