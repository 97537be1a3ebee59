"""The kinds of text that a setting can be: a path, an address, a host, a query."""

from __future__ import annotations

import glob
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

if TYPE_CHECKING:
    from pydantic import ValidationInfo

LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
"""Names of this machine: what goes there leaves it for nowhere."""


def _absolute(pattern: str, info: ValidationInfo) -> str:
    """Make a path or glob absolute: it is relative to the folder of the settings file."""
    if not pattern.isprintable():  # "C:\raw" holds a carriage return
        msg = "it holds a control character; write paths with / or in 'single quotes'"
        raise ValueError(msg)
    folder: Path | None = info.context
    relative = PurePath(pattern)
    if folder is None or relative.is_absolute():
        return pattern
    parts = relative.parts
    while parts[:1] == ("..",):
        folder, parts = folder.parent, parts[1:]
    is_glob = glob.has_magic(pattern)
    return str(Path(glob.escape(str(folder)) if is_glob else folder, *parts))


def checked_url(url: str) -> str:
    """
    Let an address through that can be fetched safely and printed in a manifest.

    Raises
    ------
    ValueError
        Saying what an address must be, without repeating this one.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # a port that is no number fails here
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or not url.isprintable() or re.search(r"[\s\\]", url):
        msg = "expected a whole address without spaces, such as https://data.police.uk"
        raise ValueError(msg)
    if "@" in parts.netloc:
        msg = "an address may hold no user name or password; leave them out"
        raise ValueError(msg)
    if parts.scheme != "https" and not (parts.scheme == "http" and LOOPBACK.fullmatch(host)):
        msg = "expected an address that begins with https://, so that nobody can alter the answer"
        raise ValueError(msg)
    return url


def _checked_host(host: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", host):
        msg = "expected the name of a host alone, in lower case, such as opendata.example.gov.uk"
        raise ValueError(msg)
    return host


def _one_line(query: str) -> str:
    """Write a query that goes over several lines in one; a list may end with a comma."""
    return re.sub(r",\s*\)", ")", re.sub(r"\s*\n\s*", " ", query)).strip()


Text = Annotated[str, Field(min_length=1)]
Pattern = Annotated[str, Field(min_length=1), AfterValidator(_absolute)]
Query = Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
Url = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(checked_url)]
Host = Annotated[str, Field(min_length=1), AfterValidator(_checked_host)]
