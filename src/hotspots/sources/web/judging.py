"""Whether a host may be asked, where a response leads, and whether it is what was asked for."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import httpx

from hotspots.errors import SourceError
from hotspots.sources.web.answers import Marks, content_range
from hotspots.sources.web.trouble import (
    AGAIN,
    PASSING_STATUSES,
    ChangedError,
    PassingError,
    RangesIgnoredError,
    address,
    of_status,
)

if TYPE_CHECKING:
    from collections.abc import Collection

OK, PARTIAL, UNCHANGED, CHANGED, NO_SUCH_RANGE = 200, 206, 304, 412, 416

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_THE_QUESTION = frozenset({307, 308})


def parsed(url: httpx.URL | str) -> httpx.URL:
    """
    Return an address in its parts.

    Raises
    ------
    SourceError
        If it is none.
    """
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        msg = f"{str(url)[:200]!r} is no address ({error}). Correct it in the settings."
        raise SourceError(msg) from error


def require_allowed(url: httpx.URL, *, asked: httpx.URL, hosts: Collection[str]) -> None:
    """
    Refuse an address that is not of an allowed host, or that anyone could listen to.

    Raises
    ------
    SourceError
        Naming the address that was asked, and the host that it leads to.
    """
    host = url.netloc.decode()
    led = "" if url == asked else f"the source redirects to {host}, and "
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.host)):
        msg = f"{address(asked)}: {led}only https is used. Correct the address in the settings."
        raise SourceError(msg)
    if host not in hosts:
        msg = (
            f"{address(asked)}: {led}{host} is not among the allowed hosts. If you trust it, "
            "add it to `hosts` under [fetch] in the settings."
        )
        raise SourceError(msg)
    if url.userinfo:
        msg = (
            f"{address(asked)}: {led}the address holds a user's name or password. "
            "Use the public address in the settings."
        )
        raise SourceError(msg)


def onward_of(response: httpx.Response, *, asked: httpx.URL, method: str) -> httpx.URL | None:
    """
    Return where a response redirects to; None if it is the answer.

    Raises
    ------
    SourceError
        If it redirects to no address, or a form so that its fields would be lost.
    """
    if response.status_code not in _REDIRECTS:
        return None
    if method != "GET" and response.status_code not in _KEEP_THE_QUESTION:
        msg = (
            f"{address(asked)}: the source redirects, and would forget the question. "
            "Correct the address in the settings."
        )
        raise SourceError(msg)
    try:
        return response.url.join(response.headers["location"])
    except (KeyError, ValueError, httpx.InvalidURL) as error:
        msg = f"{address(asked)}: the source redirects to no address. {AGAIN}"
        raise SourceError(msg) from error


def judge(response: httpx.Response, *, asked: httpx.URL) -> None:
    """
    Raise what a status means, unless there is something to read.

    Raises
    ------
    PassingError
        For a status that may be different in a moment.
    ChangedError
        If the file is no longer the one that was asked for.
    StatusError
        For any other status that is no success.
    """
    status = response.status_code
    wanted_piece = "range" in response.request.headers
    if status in {OK, UNCHANGED} or (wanted_piece and status in {PARTIAL, NO_SUCH_RANGE}):
        return
    if status == CHANGED:
        msg = f"{address(asked)}: the file changed while it was read. {AGAIN}"
        raise ChangedError(msg)
    error = of_status(response.url, status, is_elsewhere=response.url.netloc != asked.netloc)
    if status in PASSING_STATUSES:
        raise PassingError(error, retry_after=response.headers.get("retry-after", ""))
    raise error


def span_length(
    response: httpx.Response, *, first: int | None, n_bytes: int, whole: Marks | None
) -> int:
    """
    Return the length of the piece that a response holds, if it is the piece asked for.

    Raises
    ------
    RangesIgnoredError
        If it is the whole file.
    ChangedError
        If it is of another edition than ``whole``.
    SourceError
        If it is another piece.
    """
    where = address(response.url)
    if response.status_code == OK:
        msg = f"{where}: the source sends only whole files, not pieces of them. {AGAIN}"
        raise RangesIgnoredError(msg)
    stated = content_range(response)
    if whole is not None and not whole.is_of(Marks.of(response)):
        msg = f"{where}: the file changed while it was read. {AGAIN}"
        raise ChangedError(msg)
    if stated is not None and response.status_code == PARTIAL:
        start = max(0, stated[2] - n_bytes) if first is None else first
        end = min(start + n_bytes, stated[2])
        if (stated[0], stated[1]) == (start, end - 1):
            return end - start
    msg = f"{where}: the source sent another piece of the file than was asked for. {AGAIN}"
    raise SourceError(msg)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
