"""The page of what changed: made from the tables alone, complete, inert and calm."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html import unescape

import pandas as pd
import publication_builders as builders
import pytest

from hotspots.publish.changes import changes_html
from hotspots.schema import ALL_CRIME, HISTORY, MONTH


def text_of(html: str) -> str:
    body = html.partition("</style>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture(scope="module")
def text() -> str:
    return text_of(changes_html(builders.publication()))


@pytest.mark.parametrize(
    "said",
    [
        "newest records are of June 2025, which ended 33 days before 3 August 2025",
        "34 of the 36 months from July 2022 to June 2025 have records.",
        "December 2022: far fewer records than around it.",
        "December 2022 4,000 far fewer than around it",
        "April 2025 4,000 published again with changes",
        "March 2023, January 2025 unknown, not zero no file",
        "April 2025 made-up 4,000 4,003 12 9 7 820 2025-06.zip/street.csv",
        "One month came again with no record more or less; 640 records had another outcome.",
        "made-up.zip/2025-05.csv quotation marks that do not pair 1,234",
        "data.police.uk: no answer within 20 seconds.",
        "made-up.zip 8,000 7,400 520 60 16 4",
        "excess mass, 100 m",
        "Open Government Licence v3.0",
    ],
)
def test_the_page_says(text: str, said: str) -> None:
    assert said in text


def test_hotspots_that_came_and_went_in_the_last_month_are_named() -> None:
    plain = builders.publication()
    drawn = plain.hotspots[plain.hotspots["crime_group"] == ALL_CRIME]
    here, other = drawn["hotspot_id"].iloc[:2]
    rows = [
        (here, "born", None),
        (other, "split", here),
        ("HS-made-up-901", "ended", None),
        ("HS-made-up-902", "merged", other),
    ]
    history = pd.DataFrame(rows, columns=["hotspot_id", "event", "related_id"])
    history = history.assign(crime_group=ALL_CRIME, window_end=plain.window_end, n=0)
    history = history.astype({"window_end": MONTH, "related_id": "str", "hotspot_id": "str"})
    earlier = history.assign(window_end=plain.window_end - pd.DateOffset(months=1))
    both = pd.concat([earlier, history])[plain.history.columns]
    html = changes_html(replace(plain, history=both.astype(plain.history.dtypes)))
    text = text_of(html)
    assert f"{ALL_CRIME} 1 1 1 1" in text
    assert f'<a href="index.html#{here}">' in html
    assert f"{other} {drawn['name'].iloc[1]} split off from another {here}" in text
    assert f"HS-made-up-902 became part of another {other}" in text
    assert 'href="index.html#HS-made-up-901"' not in html


def test_a_quiet_month_is_told_as_such() -> None:
    plain = builders.publication()
    flags = ["is_missing", "is_header_only", "is_short", "is_revised"]
    quiet = replace(
        plain,
        history=plain.history.iloc[:0],
        alerts=plain.alerts.iloc[:0],
        revisions=plain.revisions.iloc[:0],
        quarantine=plain.quarantine.iloc[:0],
        coverage=plain.coverage.assign(**dict.fromkeys(flags, False)),
        not_refreshed=(),
    )
    text = text_of(changes_html(quiet))
    for said in (
        "Nothing was found in the records",
        "No month is missing, empty, short or published again",
        "No hotspot came, went, split",
        "Every row could be read.",
    ):
        assert said in text
    for absent in ("Not refreshed", "Published again", "These records are old"):
        assert absent not in text.partition("About these figures")[0]


def test_old_records_have_a_banner() -> None:
    plain = builders.publication()
    assert "These records are old" not in changes_html(plain)
    old = replace(plain, made_on=dt.date(2025, 10, 1))
    assert "These records are old" in changes_html(old)


def test_a_file_of_only_a_header_is_told_from_a_missing_one() -> None:
    plain = builders.publication()
    empty = plain.coverage["is_missing"]
    coverage = plain.coverage.assign(is_missing=False, is_header_only=empty)
    text = text_of(changes_html(replace(plain, coverage=coverage)))
    assert "March 2023, January 2025 unknown, not zero a file without records" in text
    assert "January 2025 a file without records: unknown, not zero" in text


def test_hostile_texts_stay_texts_on_the_page_of_changes() -> None:
    html = changes_html(builders.hostile())
    for text in builders.HOSTILE:
        if "<" in text:
            assert text not in html
    assert "<script" not in html
    assert unescape(html).count(builders.HOSTILE[0]) >= 2


def test_long_lists_are_cut_and_what_is_left_out_is_counted() -> None:
    plain = builders.publication()
    many = pd.concat([plain.quarantine] * 150, ignore_index=True)
    many = many.assign(file=[f"file-{n}.csv" for n in range(len(many))])
    text = text_of(changes_html(replace(plain, quarantine=many)))
    assert "And 100 more, in the table set_aside." in text


def test_the_page_of_changes_is_small_and_needs_no_script() -> None:
    html = changes_html(builders.publication())
    assert len(html.encode()) < 60_000
    assert "script-src ;" in html
    assert "http" not in html.partition("</style>")[2].replace("http-equiv", "")


def test_hotspots_that_rose_and_fell_most_are_listed_with_both_counts() -> None:
    ready = builders.publication()
    everything = ready.hotspots[ready.hotspots["crime_group"] == ALL_CRIME]
    ids = everything["hotspot_id"].tolist()[:3]
    rows = [
        {
            "hotspot_id": hotspot_id, "crime_group": ALL_CRIME, "window_end": end,
            "event": "continued", "related_id": None, "n": n,
        }
        for hotspot_id, before, now in zip(ids, (90, 50, 1_200), (60, 50, 1_301), strict=True)
        for end, n in ((ready.months[-2], before), (ready.window_end, now))
    ]  # fmt: skip
    history = pd.DataFrame(rows).astype({c.name: c.dtype for c in HISTORY.columns})
    history = history.sort_values([*HISTORY.key], ignore_index=True)
    page = changes_html(replace(ready, history=history))
    part = page.split("up and down most", 1)[1].split("</section>", 1)[0]
    assert part.index(ids[2]) < part.index(ids[0])
    assert ids[1] not in part
    assert "1,200" in part
    assert "1,301" in part
