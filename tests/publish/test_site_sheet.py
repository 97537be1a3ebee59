"""Site sheets: what stands on them, what is hidden, and what no text of the data can do."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import publication_builders as builders
import pytest
import site_builders
from shapely import Point

from hotspots import schema
from hotspots.publish import Publication, audit, page_data, write
from hotspots.publish.site_sheet import site_pages
from hotspots.publish.site_words import PURPOSES
from hotspots.publish.texts import readable

TWELVE = (
    "St Anne's", "O`Brien", "${window.x=1}", "{{7*7}}", "<img src=x onerror=window.x=1>",
    r"C:\20190221", "</script><script>window.x=1</script>", "=1+1", "\u202eevil\u202c",
    "long " * 2000, "nul\0byte", "emoji \U0001f6a8",
)  # fmt: skip


class Text(HTMLParser):
    """Collects the words of a page, and the tags that stand in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self._skips = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.append(tag)
        self._skips = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._skips = self._skips and tag not in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._skips:
            self.words.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def publication() -> Publication:
    return builders.publication()


def sheet(publication: Publication, **changes: object) -> Text:
    made = site_builders.site(publication, **changes)  # type: ignore[arg-type]
    return Text(site_builders.html(publication, made))


def data_of(html: str) -> dict[str, object]:
    block = re.search(r'<script type="application/json" id="site-data">(.*?)</script>', html)
    assert block is not None
    found: dict[str, object] = json.loads(block[1])
    return found


def test_the_sheet_has_its_six_parts_and_the_notices(publication: Publication) -> None:
    page = str(sheet(publication))
    for title in (
        "1 Map", "2 Crime in the vicinity", "3 Hotspots touched", "4 Lighting and surroundings",
        "5 What this does not show", "6 Environmental visual audit",
    ):  # fmt: skip
        assert title in page
    assert "In the 11 months with data from July 2024 to June 2025" in page
    assert "more than in 83 % of 412 similar places" in page
    assert "near, never at" in page
    for heading in audit.HEADINGS:
        assert heading.title in page
    for notice in publication.notices:
        assert notice in page
    assert "because of" not in page.lower()
    assert "caused" not in page.lower()


def test_every_kind_that_a_visit_may_note_is_one_tick() -> None:
    kinds = [item.kind for heading in audit.HEADINGS for item in heading.items if item.kind]
    assert sorted(kinds) == sorted(schema.OBSERVED)


def test_two_renders_are_the_same_bytes(publication: Publication) -> None:
    made = site_builders.site(publication)
    assert site_builders.html(publication, made) == site_builders.html(publication, made)


def test_small_numbers_are_hidden_and_their_comparison_with_them(
    publication: Publication,
) -> None:
    counts = {
        "Burglary": (2, 8), "Violence and sexual offences": (4, 40), "Shoplifting": (90, 300),
        "Robbery": (12, 30),
    }  # fmt: skip
    made = site_builders.site(publication, counts=counts)
    rows = re.findall(
        r'<th scope="row">(.*?)</th>(.*?)</tr>', site_builders.html(publication, made), re.DOTALL
    )
    cells = {name: re.findall(r'"num">(.*?)</td>', line) for name, line in rows}
    assert cells["Burglary"][:2] == ["under 3", "8"]
    assert cells["Violence and sexual offences"][:2] == ["under 5", "40"]
    assert cells["Burglary"][4] == cells["Violence and sexual offences"][4] == "-"
    assert cells["Shoplifting"][:2] == ["90", "300"]
    assert cells["All"][:2] == ["108", "378"]


def test_one_hidden_number_takes_a_second_with_it(publication: Publication) -> None:
    counts = {"Burglary": (2, 8), "Shoplifting": (90, 300), "Robbery": (12, 30)}
    page = str(sheet(publication, counts=counts))
    assert "Robbery not shown 30" in page


def test_too_few_similar_places_are_said_and_not_compared(
    publication: Publication,
) -> None:
    page = str(sheet(publication, n_alike=12))
    assert "Only 12 places of Isle" in page
    assert "Higher than" not in page


def test_missing_months_and_a_change_of_list_are_told(publication: Publication) -> None:
    page = str(sheet(publication))
    assert "two months without data (hatched)" in page
    assert "list of map points changed in July 2023 (dashed)" in page
    assert "A missing month is unknown, not free of crime." in page


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_wording_follows_the_purpose(publication: Publication, purpose: str) -> None:
    made = site_builders.site(publication)
    [(name, html)] = site_pages(publication, [made], purpose=purpose)
    page = str(Text(html))
    assert PURPOSES[purpose].title in page
    assert name == f"{made.place.slug}{'' if purpose == 'planning' else '-' + purpose}.html"
    assert ("Streets to offer target hardening first" in page) == (purpose == "target-hardening")
    assert ("Shopping streets" in page) == (purpose == "business")


def test_streets_are_listed_most_first_and_small_numbers_hidden(
    publication: Publication,
) -> None:
    made = site_builders.site(
        publication, streets=site_builders.streets([f"Street {i}" for i in range(20)])
    )
    page = str(Text(site_builders.html(publication, made, purpose="target-hardening")))
    assert page.index("Street 19 59 99") < page.index("Street 18 56 94")
    assert "10 more streets had fewer." in page
    assert "house number" in page
    few = site_builders.site(publication, streets=site_builders.streets(["Mill Lane"]))
    assert "Mill Lane not shown 4" in str(
        Text(site_builders.html(publication, few, purpose="target-hardening"))
    )


def test_it_links_to_the_district_only_beside_its_pages(publication: Publication) -> None:
    made = site_builders.site(publication)
    assert 'href="../isle-' in site_builders.html(publication, made, up="../")
    assert "href=" not in site_builders.html(publication, made).split("<main>")[1].replace(
        'href="data:,"', ""
    )


def bare(publication: Publication, kind: str) -> dict[str, object]:
    nothing = publication.hotspots.iloc[:0]
    lamps = publication.lamps.iloc[:0]
    points = pd.DataFrame({"x": [], "y": [], "n": np.array([], dtype=np.int64), "street": []})
    return {
        "no lamps": {"lamps": lamps},
        "no deprivation": {"readings": site_builders.readings()[:3]},
        "nothing supplied": {"readings": (), "lamps": lamps},
        "no hotspots": {"hotspots": nothing},
        "no crime": {
            "counts": dict.fromkeys(schema.CRIME_TYPES, (0, 0)),
            "series": np.zeros(36, dtype=np.int64),
            "points": points,
            "streets": site_builders.streets([]),
        },
        "no map point": {"n_points": 0, "n_alike": 0, "points": points},
        "one map point": {"n_points": 1, "n_alike": 3},
    }[kind]


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("no lamps", "Street lighting"),
        ("no deprivation", "Not supplied here."),
        ("nothing supplied", "Not supplied here."),
        ("no hotspots", "No hotspot of July 2024 to June 2025 reaches into the vicinity."),
        ("no crime", "Nothing was reported near here"),
        ("no map point", "There is no map point"),
        ("one map point", "rests on one map point"),
    ],
)
@pytest.mark.parametrize("purpose", ["planning", "business"])
def test_an_empty_part_still_makes_sense(
    publication: Publication, kind: str, says: str, purpose: str
) -> None:
    made = site_builders.site(publication, **bare(publication, kind))  # type: ignore[arg-type]
    page = str(Text(site_builders.html(publication, made, purpose=purpose)))
    assert says in page
    assert "nan" not in page.lower().replace("maintenance", "").replace("tenan", "")


def hostile_site(publication: Publication, text: str) -> str:
    """Write a sheet on which every text of the data is the same hostile one."""
    said = text.replace("\0", "")
    lamps = gpd.GeoDataFrame(
        {"lamp_id": [f"council:{said[:60]}"], "authority": [said]},
        geometry=[publication.hotspots.geometry.iloc[0].centroid],
        crs="EPSG:27700",
    )
    hotspots = publication.hotspots.head(3).assign(name=text, streets=text, district=text)
    made = site_builders.site(publication, lamps=lamps, hotspots=hotspots)
    made = replace(
        made,
        place=replace(made.place, title=text),
        district=text,
        points=made.points.assign(street=text),
        streets=site_builders.streets([text]),
        readings=tuple(replace(each, source=text) for each in made.readings),
        crime=made.crime.rename(index={"Drugs": text}),
    )
    spoilt = replace(publication, area_name=text, notices=(text,))
    return site_builders.html(spoilt, made, purpose="target-hardening")


@pytest.mark.parametrize("text", [*TWELVE, *builders.HOSTILE])
def test_no_text_of_the_data_becomes_markup_or_code(publication: Publication, text: str) -> None:
    page = hostile_site(publication, text)
    plain = site_builders.html(publication, site_builders.site(publication))
    assert Text(page).tags.count("script") == Text(plain).tags.count("script") == 2
    assert "img" not in Text(page).tags
    assert data_of(page)["title"] == readable(text)
    assert "".join(readable(text).split()) in "".join(str(Text(page)).split())


def test_only_the_nearest_lamps_are_drawn_and_that_is_said(
    publication: Publication,
) -> None:
    middle = site_builders.site(publication).place.middle
    at = [Point(middle.x + i % 20 * 9 - 90, middle.y + i // 20 * 9 - 90) for i in range(400)]
    lamps = gpd.GeoDataFrame(
        {"lamp_id": [f"council:{i}" for i in range(400)], "authority": "council"},
        geometry=at,
        crs="EPSG:27700",
    )
    html = site_builders.html(publication, site_builders.site(publication, lamps=lamps))
    assert html.count('<circle class="lamp"') == 300 + 1  # and one in the key
    assert "The 300 street lights nearest to the middle are drawn, of 400" in str(Text(html))
    assert len(data_of(html)["lamps"]) == 300  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["point", "hotspot", "area"])
def test_the_map_has_north_a_scale_the_ring_and_the_place(
    publication: Publication, kind: str
) -> None:
    html = site_builders.html(publication, site_builders.site(publication, kind=kind))
    drawing = html.split("<svg")[1].split("</svg>")[0]
    assert 'class="ring"' in drawing
    assert 'class="north"' in drawing
    assert ">100 m</text>" in drawing
    assert ('class="cross"' in drawing) == (kind == "point")
    assert ('class="site"' in drawing) == (kind != "point")
    assert 'role="img"' in drawing


def test_a_vicinity_beyond_the_boundary_is_said_at_the_top(
    publication: Publication,
) -> None:
    page = str(sheet(publication, covered=0.58))
    assert page.index("42 % of the vicinity lies outside Made-up County") < page.index("1 Map")


def test_pages_link_to_the_sheets_that_were_written_and_no_others(
    publication: Publication, tmp_path: Path
) -> None:
    made = site_builders.site(publication)
    write(publication, tmp_path / "with", sites=[made])
    own = made.place.hotspot_id
    assert [path.name for path in (tmp_path / "with" / "sites").iterdir()] == [f"{own}.html"]
    html = (tmp_path / "with" / "index.html").read_text(encoding="utf-8")
    block = re.search(r'id="hotspots-data">(.*?)</script>', html)
    assert block is not None
    page = json.loads(block[1])
    at = {name: page["fields"].index(name) for name in ("id", "flags")}
    assert [row[at["id"]] for row in page["rows"] if row[at["flags"]] & page_data.HAS_SHEET] == [
        own
    ]
    write(publication, tmp_path / "without")
    assert not (tmp_path / "without" / "sites").exists()
