"""A page carries what it needs, and nothing else gets in."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from hotspots.errors import PublishError
from hotspots.publish import assets
from hotspots.publish.map import draw

BOUNDS = [[53.8, -3.9], [54.0, -3.5]]


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://example.invalid/a.js"></script>',
        "<script src=//example.invalid/a.js></script>",
        "<script src=a.js></script>",
        '<link rel="stylesheet" href="https://example.invalid/a.css">',
        '<IMG SRC="https://example.invalid/a.png">',
        '<img srcset="a.png 2x">',
        "<style>a { background: url(https://example.invalid/a.png) }</style>",
        "<style>a { background: URL( 'a.png' ) }</style>",
        "<style>@import 'a.css';</style>",
        '<p style="background: url(a.png)">x</p>',
        '<svg><use xlink:href="a.svg#b"/></svg>',
        '<iframe src="page.html"></iframe>',
        '<form action="https://example.invalid/"></form>',
        "<img\nSrc\n=\n'a.png'>",
        '<a href="#top" src="a.png">x</a>',
        '<a href="#top" style="background: &#117;rl(a.png)">x</a>',
        '<link href="#top"><link href = a.css>',
        "<script>own()</script><img src=a.png>",
    ],
)
def test_anything_that_would_be_loaded_is_refused(html: str) -> None:
    with pytest.raises(PublishError, match=r"page\.html: the page would load"):
        assets.require_self_contained(html, "page.html", scripts=["own()"])


def test_links_people_click_and_data_inside_are_fine() -> None:
    html = (
        '<a href="https://example.invalid/">x</a><link rel="icon" href="data:,">'
        '<a href="other.html#here">y</a>'
        "<style>a { background: url(data:image/png;base64,AA) }</style>"
        '<script>const text = "url(https://example.invalid)";</script>'
    )
    assets.require_self_contained(html, "page.html")


def test_a_page_with_nothing_to_load_is_not_read_tag_by_tag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(assets, "_Loads")
    script = 'const data = 1; link.href = "https://example.invalid/";'
    html = (
        '<link rel="icon" href="data:,"><a href="#here">x</a><a href="other.html">y</a>'
        f"<style>a {{ background: url(data:image/png;base64,AA) }}</style><script>{script}</script>"
    )
    assets.require_self_contained(html, "page.html", scripts=[script])


def test_the_libraries_come_whole_and_point_nowhere() -> None:
    script = assets.library_script("leaflet")
    style = assets.library_style("leaflet")
    assert "Leaflet 1.9.3" in script
    assert "jQuery v3.7.1" in assets.library_script("jquery")
    assert "sourceMappingURL" not in script
    assert "\r" not in script + style
    assert all(url.startswith("data:") for url in re.findall(r"url\(([^)]*)\)", style))


def test_the_policy_hashes_exactly_what_stands_between_the_tags() -> None:
    digest = base64.b64encode(hashlib.sha256(b"let a = 1;").digest()).decode()
    policy = assets.policy(["let a = 1;"], ["a {}"])
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_a_map_is_the_same_each_time_and_names_no_other_host() -> None:
    once, again = draw(BOUNDS), draw(BOUNDS)
    assert once == again
    assert once.libraries == ("leaflet",)
    assert "http" not in once.html + once.script
    assert "hotspotsPage.start(map_" in once.script.replace("Map_", "map_")


def test_our_script_builds_no_html_from_text() -> None:
    script = assets.page_script()
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert forbidden not in script
    assert not re.search(r"\b(bindPopup|bindTooltip|setHTML)\b", script)
