from __future__ import annotations

import dataclasses

import publication_builders as builders

from hotspots.publish import advice


def test_each_hotspot_has_its_own_sentences_the_most_unusual_first() -> None:
    ready = builders.publication()
    said = advice.unusual(ready, ready.hotspots)
    assert [len(each) for each in said[:4]] == [2, 0, 0, 2]
    district = ready.hotspots["district"].iloc[0]
    assert said[0][0].startswith(
        f"Lamps stand further apart here than at 19 in 20 similar places in {district}"
    )
    assert "is not established" in said[0][0]
    assert "nearest pub is less far away" in said[0][1]


def test_questions_are_few_and_not_repeated() -> None:
    ready = builders.publication()
    for asked in advice.questions(ready, ready.hotspots):
        assert 1 <= len(asked) <= 8
        assert asked == sorted(set(asked))


def test_what_is_unusual_changes_what_is_asked() -> None:
    ready = builders.publication()
    rows = ready.hotspots.iloc[[0]]
    plain = dataclasses.replace(ready, unusual=ready.unusual.iloc[:0])
    assert advice.questions(ready, rows) != advice.questions(plain, rows)
    assert advice.unusual(plain, rows) == [[]]
