"""What can go wrong between here and a source, each in one clear sentence."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

import httpx

from hotspots.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

AGAIN = "Run it again later; until then the last good data is used."
"""What to do about most troubles of a source."""

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be different in a moment."""

_FOUND = {
    400: "the source does not understand the question (status 400)",
    401: "the source wants a password (status 401)",
    403: "the source refuses access (status 403)",
    404: "there is nothing at this address (status 404)",
    410: "what was at this address is gone (status 410)",
    429: "the source asks for fewer requests (status 429)",
    503: "the source is down or too busy (status 503)",
}
_FIX = {
    400: "Check the address and the conditions of this source in the settings.",
    401: "Only sources without a password can be used; check the address in the settings.",
    403: f"Check that the address is public. {AGAIN}",
    404: "Check the address in the settings; the publisher may have moved it.",
    410: "Look for its new address at the publisher, and name that in the settings.",
}
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
_CERTIFICATE = (
    "If your organisation reads its staff's web traffic, ask for its root certificate and name "
    "that file in the environment as SSL_CERT_FILE. Never switch the check off."
)


class StatusError(SourceError):
    """
    A source answered with a status that is no success.

    Attributes
    ----------
    status : int
        The HTTP status.
    is_elsewhere : bool
        Another host gave it than the one that was asked: there was a redirect.
    """

    def __init__(self, message: str, *, status: int, is_elsewhere: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.is_elsewhere = is_elsewhere


class RangesIgnoredError(SourceError):
    """A source gives the whole file where a piece was asked for."""


class ChangedError(SourceError):
    """A file became another one while it was read by pieces."""


class PassingError(Exception):
    """
    A trouble that may pass, so that another try is worth its while; it never leaves ``Web``.

    Attributes
    ----------
    lasting : SourceError
        What to raise if it does not pass.
    retry_after : str
        What the source says about when to come again; may be empty.
    """

    def __init__(self, lasting: SourceError, *, retry_after: str = "") -> None:
        super().__init__(str(lasting))
        self.lasting = lasting
        self.retry_after = retry_after


def address(url: httpx.URL | str) -> str:
    """Return scheme, host and path: a query or a user's name may hold what is secret."""
    url = httpx.URL(url)
    return f"{url.scheme}://{url.netloc.decode()}{url.path}"


def of_status(url: httpx.URL, status: int, *, is_elsewhere: bool) -> StatusError:
    """Return the error for a status that is no success."""
    found = _FOUND.get(status, f"the source answers with status {status}")
    message = f"{address(url)}: {found}. {_FIX.get(status, AGAIN)}"
    return StatusError(message, status=status, is_elsewhere=is_elsewhere)


def of_transport(url: httpx.URL, error: httpx.RequestError) -> SourceError | PassingError:
    """Return the error for a connection that failed, as one that may pass where it may."""
    where = address(url)
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message or "not verified"
            return SourceError(
                f"{where}: the certificate of the source cannot be trusted ({why}). {_CERTIFICATE}"
            )
    if isinstance(error, httpx.DecodingError):
        return SourceError(f"{where}: the answer is packed in a damaged way. {AGAIN}")
    return PassingError(SourceError(f"{where}: {_found(error, causes)}. {AGAIN}"))


def _found(error: httpx.RequestError, causes: list[BaseException]) -> str:
    """Say what happened to a connection; of several signs the first in the list counts."""
    unreachable = [cause for cause in causes if getattr(cause, "errno", None) in _UNREACHABLE]
    signs = (
        (_any(causes, socket.gaierror), "the name of the host was not found, as without a network"),
        (bool(unreachable), "the host cannot be reached, as without a network"),
        (_any([error], httpx.ConnectTimeout), "no connection within the time allowed"),
        (_any([error], httpx.TimeoutException), "the source stopped sending"),
        (_any([error], httpx.ProxyError), "the proxy of the environment refuses the connection"),
        (_any(causes, ssl.SSLError), "the secure connection could not be made"),
        (_any([error], httpx.ConnectError), "the host refuses the connection"),
    )
    broken = "the connection broke off before the end of the answer"
    return next((found for is_so, found in signs if is_so), broken)


def _any(errors: list[BaseException] | list[httpx.RequestError], kind: type[Exception]) -> bool:
    return any(isinstance(error, kind) for error in errors)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and those behind it; the libraries wrap the system's own."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
