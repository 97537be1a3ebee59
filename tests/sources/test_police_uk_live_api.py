"""The API of police.uk: areas that it can answer about, and its answers put together."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import played_faults as play
from hotspots.errors import SourceError
from hotspots.sources.police_uk import live, read
from hotspots.sources.police_uk.live import answers, areas
from hotspots.sources.web import StatusError
from played_web import PlayedWeb


def crime(number: int, longitude: float, latitude: float) -> dict[str, Any]:
    street = {"id": number, "name": "On or near Strand Street"}
    place = {"latitude": str(latitude), "longitude": str(longitude), "street": street}
    return {
        "id": number,
        "category": "burglary",
        "month": "2026-07",
        "location": place,
        "location_type": "Force",
        "persistent_id": f"{number:064d}",
        "outcome_status": None,
    }


def lattice(n: int) -> list[dict[str, Any]]:
    """Crimes on a lattice; some lie on the lines that areas are split along."""
    return [
        crime(n * row + column, round(-4.6 + 0.2 * column / n, 6), round(54.1 + 0.1 * row / n, 6))
        for row in range(n)
        for column in range(n)
    ]


def asked(played: PlayedWeb, into: Path, polygon: Any) -> live.AnswersFetched:  # noqa: ANN401
    with played.web() as web:
        return live.fetch_answers(web, played.base_url, polygon=polygon, month="2026-07", into=into)


HOMELY = shapely.box(-4.61, 54.09, -4.39, 54.21)


def test_answers_are_one_file_that_the_reader_understands(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    played_web.publish_crimes("2026-07", lattice(5))
    found = asked(played_web, tmp_path / "a.zip", HOMELY)
    assert found == live.AnswersFetched("2026-07", n_records=25, n_repeated=0, n_areas=1)
    records = read([tmp_path / "a.zip"], force=None)
    assert len(records.records) == 25
    request = played_web.requests[0]
    assert (request.method, request.query) == ("POST", {})
    assert request.form["date"] == "2026-07"
    assert request.form["poly"].startswith("54.")
    with zipfile.ZipFile(tmp_path / "a.zip") as written:
        (info,) = written.infolist()
    assert info.date_time == (1980, 1, 1, 0, 0, 0), "a zip of the same answers has the same bytes"
    assert info.external_attr >> 16 == 0o100644
    assert (info.create_system, info.compress_type) == (3, zipfile.ZIP_DEFLATED)


def test_an_area_that_is_split_gives_each_record_once_and_the_same_bytes(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    played_web.publish_crimes("2026-07", lattice(20))
    asked(played_web, tmp_path / "whole.zip", HOMELY)
    played_web.crimes_max = 60
    split = asked(played_web, tmp_path / "split.zip", shapely.box(-4.6, 54.1, -4.4, 54.2))
    assert split.n_records == 400
    assert split.n_repeated > 0
    assert split.n_areas >= 7
    assert (tmp_path / "split.zip").read_bytes() == (tmp_path / "whole.zip").read_bytes()


def test_an_area_under_the_floor_is_not_split(played_web: PlayedWeb, tmp_path: Path) -> None:
    one_place = [crime(number, -4.4501, 54.1201) for number in range(50)]
    played_web.publish_crimes("2026-07", one_place)
    played_web.crimes_max = 40
    with pytest.raises(SourceError, match="parts under 250 m are not asked for"):
        asked(played_web, tmp_path / "a.zip", HOMELY)
    assert len(played_web.requests) < 60
    assert not list(tmp_path.iterdir())


def test_a_busy_api_is_asked_twice_and_then_once_more_about_next_to_nothing(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    played_web.fail("/api/*", play.status(503), for_ever=True)
    with pytest.raises(SourceError, match=r"the API is down .* even a tiny area gives status 503"):
        asked(played_web, tmp_path / "a.zip", HOMELY)
    areas_asked = [request.form["poly"] for request in played_web.requests]
    assert len(areas_asked) == 4
    assert areas_asked[0] == areas_asked[1] != areas_asked[2] == areas_asked[3]


def test_an_area_too_large_for_the_api_is_left_to_the_archives(
    played_web: PlayedWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotspots.sources.police_uk.live.answers._ASKS_MAX", 10)
    played_web.publish_crimes("2026-07", lattice(20))
    played_web.crimes_max = 20
    with pytest.raises(SourceError, match="over 10 questions for one month"):
        asked(played_web, tmp_path / "a.zip", HOMELY)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"error": "no"}, "expected a list of records"),
        ([{"category": "burglary"}], "expected a list of records"),
        ([5], "expected a list of records"),
        ([{**crime(1, -4.5, 54.1), "month": "2026-06"}], "found records of '2026-06'"),
    ],
)
def test_an_answer_of_another_shape_is_refused(
    played_web: PlayedWeb,
    tmp_path: Path,
    answer: object,
    found: str,
) -> None:
    played_web.fail("/api/*", play.body(json.dumps(answer).encode()), for_ever=True)
    with pytest.raises(SourceError, match=found):
        asked(played_web, tmp_path / "a.zip", HOMELY)


def test_records_without_an_id_are_left_to_the_reader(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    nameless = [{**crime(1, -4.5, 54.1), "id": name} for name in (None, "")]
    answer = play.body(json.dumps([*lattice(2), *nameless]).encode())
    played_web.fail("/api/crimes-street/all-crime", answer)
    assert asked(played_web, tmp_path / "a.zip", HOMELY).n_records == 6


def test_a_month_that_the_api_does_not_have_is_its_own_status(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    played_web.fail("/api/*", play.status(404), for_ever=True)
    with pytest.raises(SourceError, match="status 404"):
        asked(played_web, tmp_path / "a.zip", HOMELY)


# Areas


def star(n: int) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    far = np.where(np.arange(n) % 2, 0.1, 0.2)
    return shapely.Polygon(np.column_stack([far * np.cos(angles) - 4, far * np.sin(angles) + 54]))


@pytest.mark.parametrize(
    "shape",
    [
        star(2_000),
        shapely.Point(-4, 54).buffer(0.1, quad_segs=300),
        shapely.MultiPolygon([shapely.box(n / 50, 54, n / 50 + 0.01, 54.01) for n in range(60)]),
        shapely.box(-4, 54, -3, 55).difference(shapely.box(-3.6, 54.4, -3.4, 54.6)),
        shapely.GeometryCollection([shapely.box(-4, 54, -3, 55), shapely.Point(-4, 54)]),
    ],
)
def test_outlines_have_few_corners_and_lose_nothing(shape: shapely.Geometry) -> None:
    found = areas.outlines(shape, max_corners=200)
    assert len(found) <= 20
    assert all(areas.n_corners(part) <= 200 and part.is_valid for part in found)
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    together = shapely.union_all(found).buffer(1e-9)
    assert all(together.covers(part) for part in polygons)


def test_quarters_cover_the_whole_and_are_half_as_long() -> None:
    whole = star(30)
    parts = areas.quarters(whole)
    assert shapely.union_all(parts).buffer(1e-9).covers(whole)
    assert sum(part.area for part in parts) == pytest.approx(whole.area)
    assert max(areas.size_m(part) for part in parts) <= 0.52 * areas.size_m(whole)


def test_sizes_are_in_metres() -> None:
    assert areas.size_m(shapely.box(-4, 54, -4 + 0.001, 54.0001)) == pytest.approx(65.4, rel=0.01)
    assert areas.size_m(shapely.box(-4, 54, -4 + 0.0001, 54.001)) == pytest.approx(111.3, rel=0.01)
    assert areas.size_m(areas.probe(HOMELY)) < 250
    assert HOMELY.contains(areas.probe(HOMELY))


def test_outlines_are_sent_as_latitude_first() -> None:
    assert areas.as_text(shapely.Polygon([(-4, 54), (-3, 54), (-3.5, 55.1234567)])) == (
        "54.000000,-4.000000:54.000000,-3.000000:55.123457,-3.500000"
    )


@pytest.mark.parametrize(("n_boxes", "n_parts"), [(20, 20), (21, 1)])
def test_an_area_of_more_than_twenty_parts_is_grown_together(n_boxes: int, n_parts: int) -> None:
    gap = 0.00005
    boxes = [
        shapely.box(-4 + gap * 4 * n, 54, -4 + gap * (4 * n + 3), 54.1) for n in range(n_boxes)
    ]
    assert len(areas.outlines(shapely.MultiPolygon(boxes), max_corners=200)) == n_parts


def test_an_outline_of_few_corners_is_left_as_it_is() -> None:
    shape = star(10)
    assert areas.outlines(shape, max_corners=10) == [shapely.Polygon(shape.exterior)]
    (found,) = areas.outlines(shape, max_corners=9)
    assert areas.n_corners(found) <= 9
    assert areas.n_corners(shape) == 10


def test_an_outline_is_first_grown_by_some_ten_metres() -> None:
    shape = shapely.Point(-4, 54).buffer(0.1, quad_segs=300)
    (found,) = areas.outlines(shape, max_corners=200)
    assert found.covers(shape)
    assert shapely.hausdorff_distance(found, shape) < 0.0003
    assert areas.n_corners(found) > 20


def test_a_degree_of_latitude_has_so_many_metres() -> None:
    assert areas.size_m(shapely.box(-4, 54, -4, 55)) == pytest.approx(111_320, rel=1e-9)
    assert areas.size_m(shapely.box(-4, 59, -2, 61)) == pytest.approx(2 * 111_320, rel=1e-9)
    assert areas.size_m(shapely.box(-8, 59.5, -2, 60.5)) == pytest.approx(3 * 111_320, rel=1e-9)


def test_next_to_nothing_is_a_thousandth_of_a_degree() -> None:
    west, south, east, north = areas.probe(HOMELY).bounds
    assert (east - west, north - south) == (pytest.approx(0.001), pytest.approx(0.001))


def test_quarters_are_those_of_the_box() -> None:
    found = areas.quarters(shapely.box(-4, 54, -3, 56))
    assert [part.bounds for part in found] == [
        (-4, 54, -3.5, 55), (-3.5, 54, -3, 55), (-4, 55, -3.5, 56), (-3.5, 55, -3, 56),
    ]  # fmt: skip


def asking(**known: Any) -> answers._Asking:  # noqa: ANN401
    web: Any = None
    return answers._Asking(web, "https://data.police.uk/api", "2026-07", works=True, **known)


def refusal(status: int) -> StatusError:
    return StatusError("no", status=status)


def of_size(metres: float) -> shapely.Polygon:
    return shapely.box(-4, 54, -4 + 1e-9, 54 + metres / 111_320)


@pytest.mark.parametrize(("metres", "is_split"), [(500.5, True), (499.5, False)])
def test_areas_are_split_as_long_as_their_parts_are_large_enough(
    metres: float, *, is_split: bool
) -> None:
    if is_split:
        assert len(list(asking()._parts(of_size(metres), refusal(503)))) == 4
    else:
        words = "refuses even an area of 499 m .status 503.; parts under 250 m are not asked for"
        with pytest.raises(SourceError, match=words):
            asking()._parts(of_size(metres), refusal(503))


@pytest.mark.parametrize(
    ("n", "status", "is_simpler"),
    [(10, 400, True), (10, 413, True), (10, 414, True), (10, 503, False), (8, 400, False)],
)
def test_a_question_that_is_too_long_is_asked_with_fewer_corners(
    n: int, status: int, *, is_simpler: bool
) -> None:
    parts = list(asking()._parts(star(n), refusal(status)))
    assert (len(parts) == 1) is is_simpler
    if is_simpler:
        assert areas.n_corners(parts[0]) <= n // 2


def test_four_hundred_questions_are_asked_about_a_month() -> None:
    with pytest.raises(AttributeError):  # it is asked: there is no web
        asking(n_asks=399)._answer(HOMELY)
    with pytest.raises(SourceError, match="over 400 questions for one month; the area is too"):
        asking(n_asks=400)._answer(HOMELY)


def test_records_are_sorted_by_number_and_other_names_come_first() -> None:
    assert sorted(["10", "9", "b", "a", "1"], key=answers._by_number) == ["a", "b", "1", "9", "10"]


def test_records_that_come_again_are_counted() -> None:
    ask = asking()
    ask._take([{"id": 1}, {"id": "1"}, {"id": 2}, {"id": None}, {}, {"id": ""}, {"id": 1}])
    assert (ask.n_repeated, list(ask.records), len(ask.nameless)) == (2, ["1", "2"], 3)


def test_parts_without_ground_are_no_areas() -> None:
    flat = shapely.Polygon([(-4, 54), (-3, 55), (-4, 54)])
    both = shapely.MultiPolygon([shapely.box(-4, 54, -3, 55), flat])
    assert len(areas.outlines(both, max_corners=200)) == 1


def test_the_order_of_what_an_answer_says_changes_no_bytes(
    played_web: PlayedWeb, tmp_path: Path
) -> None:
    records = lattice(2)
    for name, said in (("a", records), ("b", [dict(reversed(each.items())) for each in records])):
        played_web.fail("/api/crimes-street/all-crime", play.body(json.dumps(said).encode()))
        asked(played_web, tmp_path / f"{name}.zip", HOMELY)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
