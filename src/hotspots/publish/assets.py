"""What a page carries within itself: libraries, styles, our script, and the lock on all else."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.errors import PublishError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SCRIPT_FILES = (
    "page_parts.js", "page_map.js", "page_layers.js", "page_list.js", "page_profile.js", "page.js",
)  # fmt: skip
_MEDIA_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif"}
_URL = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)", re.IGNORECASE)
_LOADING = frozenset(
    {"src", "srcset", "data", "poster", "background", "href", "xlink:href", "action", "formaction"}
)
_CLICKED = frozenset({("a", "href"), ("a", "xlink:href")})
# An attribute stands as its name and an equals sign, whatever else is odd about a tag.
_MAY_LOAD = re.compile(r"(?:src|srcset|data|poster|background|href|action|style)\s*=")


def static(name: str) -> str:
    """Read one of our own files of ``publish/static``."""
    file = resources.files("hotspots.publish").joinpath("static", name)
    return file.read_text(encoding="utf-8").replace("\r\n", "\n")


def library_script(name: str) -> str:
    """
    Read the script of ``leaflet`` or ``jquery`` from its asset package, as published.

    Raises
    ------
    PublishError
        If the package does not hold the file.
    """
    file = {"leaflet": "leaflet.js", "jquery": "jquery.min.js"}[name]
    text = _text(_library(name) / file)
    # The map of the minified source is a second file, which a browser would go and look for.
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text).strip()


def library_style(name: str) -> str:
    """Read the style sheet of ``leaflet``, its pictures put inside it as data."""
    folder = _library(name)
    text = _text(folder / f"{name}.css")
    # Vector drawing of Internet Explorer 8; no browser that runs the page knows it.
    text = re.sub(r"behavior:\s*url\([^)]*\);", "", text)
    return _URL.sub(lambda found: f"url({_data_uri(folder / found[2])})", text)


def page_script() -> str:
    """Join the files of our own script, in order, into one that leaves one name behind."""
    parts = "\n".join(static(name).strip() for name in _SCRIPT_FILES)
    return f'const hotspotsPage = (() => {{\n"use strict";\n{parts}\nreturn {{ start }};\n}})();'


def policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """
    Write the content security policy that lets in exactly these scripts and styles.

    Parameters
    ----------
    scripts, styles : iterable of str
        Text of each inline ``script`` and ``style``, exactly as it stands between its tags.

    Returns
    -------
    str
        Value of the meta tag: nothing may be fetched, sent, framed or run but what is hashed.
    """
    allowed = (" ".join(_hash(text) for text in texts) for texts in (scripts, styles))
    script, style = allowed
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def require_self_contained(html: str, name: str, *, scripts: Iterable[str] = ()) -> None:
    """
    Refuse a page that would load anything from elsewhere; links people click are fine.

    Parameters
    ----------
    html, name : str
        The page, and what it is called.
    scripts : iterable of str
        Our own scripts, as they stand in it: no text in them is taken for a tag.

    Raises
    ------
    PublishError
        Naming the page and each thing it would load.
    """
    rest = html
    for script in scripts:
        rest = rest.replace(script, "")
    if not _may_load(rest):  # ten times as quick as reading every tag
        return
    reader = _Loads()
    reader.feed(html)
    reader.close()
    if reader.found:
        raise PublishError(
            f"{name}: the page would load {'; '.join(reader.found[:5])}. Put what it needs inside "
            "the page."
        )


def _may_load(html: str) -> bool:
    """Say whether anything in a text looks as if it were loaded; in a page as a rule nothing is."""
    lower = html.lower()
    urls = (found[2] for found in _URL.finditer(lower)) if "url(" in lower else ()
    if "@import" in lower or any(not _is_inside(url) for url in urls):
        return True
    return any(
        not lower.startswith(('"data:', '"#'), found.end()) or found[0].startswith("style")
        for found in _MAY_LOAD.finditer(lower)
        if not (found[0] == "href=" and lower.endswith("<a ", 0, found.start()))
    )


def _is_inside(url: str) -> bool:
    return url.startswith(("data:", "#"))


class _Loads(HTMLParser):
    """Collects what a page would fetch on opening."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for attribute, value in attrs:
            text = (value or "").strip()
            if attribute == "style":
                self._styles(text)
            is_loaded = attribute in _LOADING and (tag, attribute) not in _CLICKED
            if is_loaded and text and not _is_inside(text):
                self.found.append(f"<{tag} {attribute}> {text[:80]}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._styles(data)

    def _styles(self, text: str) -> None:
        urls = [found[2] for found in _URL.finditer(text)]
        self.found += [f"style url({url[:80]})" for url in urls if not _is_inside(url)]
        if "@import" in text.lower():
            self.found.append("style @import")


def _library(name: str) -> Path:
    from xstatic.pkg import jquery, leaflet

    return Path({"leaflet": leaflet, "jquery": jquery}[name].BASE_DIR)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PublishError(
            f"{path.name}: the asset package does not hold it; install the locked requirements "
            "again."
        ) from error


def _text(path: Path) -> str:
    # Browsers hash a script or style after turning every line break into one character.
    return _read(path).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _data_uri(path: Path) -> str:
    media_type = _MEDIA_TYPES.get(path.suffix)
    if media_type is None:
        raise PublishError(f"{path.name}: no picture type that a style sheet may hold.")
    return f"data:{media_type};base64,{base64.b64encode(_read(path)).decode()}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
