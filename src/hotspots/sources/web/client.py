"""Asking a source: from allowed hosts only, slowly, patiently, and within bounds."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from importlib import metadata
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from hotspots.errors import SourceError
from hotspots.sources.web.answers import Answer, Expected, Head, Marks
from hotspots.sources.web.judging import (
    NO_SUCH_RANGE,
    PARTIAL,
    UNCHANGED,
    judge,
    onward_of,
    parsed,
    require_allowed,
    span_length,
)
from hotspots.sources.web.limits import Clock, Limits, Pace, Patience
from hotspots.sources.web.part import Part
from hotspots.sources.web.trouble import AGAIN, PassingError, address, of_transport

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

Came = TypeVar("Came")

_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@dataclass(frozen=True)
class _Ask:
    """One question: what is sent, whichever host it is sent to in the end."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] | None = None


class Web:
    """
    Asks public sources, and takes answers from allowed hosts only.

    Parameters
    ----------
    hosts : collection of str
        Hosts, or ``host:port`` where the port is not the usual one. Each redirect must lead to
        one of them.
    limits : Limits, optional
        How fast, how long and how often.
    clock : Clock, optional
        The time, for tests.

    Attributes
    ----------
    n_requests : int
        Requests made, redirects and repeats counted.
    n_bytes : int
        Bytes of bodies received.
    """

    def __init__(
        self, hosts: Collection[str], *, limits: Limits | None = None, clock: Clock | None = None
    ) -> None:
        self.n_requests = 0
        self.n_bytes = 0
        self._hosts = frozenset(host.lower() for host in hosts)
        self._limits = limits or Limits()
        self._clock = clock or Clock()
        self._pace = Pace(self._limits.requests_per_s, self._clock)
        self._client = _client()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        expect: Expected,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        known: Marks | None = None,
        tries: int | None = None,
    ) -> Answer:
        """
        Return what is at an address.

        Parameters
        ----------
        url : str
            The address.
        expect : Expected
            What the body should be.
        params, headers : mapping of str to str, optional
            Query and further headers.
        known : Marks, optional
            Marks of what is here already; if the source has nothing newer, the answer is
            ``is_unchanged`` and without a body.
        tries : int, optional
            Fewer or more tries than usual.

        Raises
        ------
        SourceError
            If it cannot be had, or is not what was expected.
        """
        whole = parsed(url).copy_merge_params(dict(params or {}))
        sent = {"Accept-Encoding": "gzip", **(known or Marks()).unless_same(), **(headers or {})}
        return self._body(_Ask("GET", whole, sent), expect, tries)

    def post(
        self, url: str, data: Mapping[str, str], *, expect: Expected, tries: int | None = None
    ) -> Answer:
        """
        Return the answer to a form.

        Parameters
        ----------
        url : str
            The address.
        data : mapping of str to str
            Fields of the form.
        expect : Expected
            What the body should be.
        tries : int, optional
            Fewer or more tries than usual.

        Raises
        ------
        SourceError
            If it cannot be had, or is not what was expected.
        """
        ask = _Ask("POST", parsed(url), {"Accept-Encoding": "gzip"}, data)
        return self._body(ask, expect, tries)

    def size_and_marks(self, url: str) -> Head:
        """
        Return what is known of a file, by asking for its first byte.

        Raises
        ------
        SourceError
            If there is no such file, or the source cannot be reached.
        """
        ask = _Ask("GET", parsed(url), {"Accept-Encoding": "identity", "Range": "bytes=0-0"})

        def once(patience: Patience) -> Head:
            with self._opened(ask, patience) as response:
                return Head(Marks.of(response), has_ranges=response.status_code == PARTIAL)

        return self._patiently(once, deadline_s=self._limits.deadline_s)

    def span(
        self,
        url: httpx.URL | str,
        *,
        first: int | None,
        n_bytes: int,
        known: Marks | None = None,
        whole: Marks | None = None,
    ) -> Answer:
        """
        Return a piece of a file.

        Parameters
        ----------
        url : httpx.URL or str
            The address.
        first : int or None
            Offset of the first byte; None wants the last ``n_bytes``.
        n_bytes : int
            Length of the piece.
        known : Marks, optional
            Marks of the edition that is here already; see ``get``.
        whole : Marks, optional
            Marks of the file that is being read; the piece must be of the same.

        Raises
        ------
        RangesIgnoredError
            If the source sends the whole file instead; nothing of it is received.
        ChangedError
            If the file is another one now.
        SourceError
            If it cannot be had.
        """
        wanted = f"bytes=-{n_bytes}" if first is None else f"bytes={first}-{first + n_bytes - 1}"
        sent = {"Accept-Encoding": "identity", "Range": wanted}
        sent |= (known or Marks()).unless_same() | (whole or Marks()).only_same()
        ask = _Ask("GET", parsed(url), sent)

        def once(patience: Patience) -> Answer:
            with self._opened(ask, patience) as response:
                if _is_known(response, known):
                    return _unchanged(response)
                length = span_length(response, first=first, n_bytes=n_bytes, whole=whole)
                return _answer(response, self._received(response, length, length, patience))

        return self._patiently(once, deadline_s=self._limits.deadline_s)

    def download(
        self,
        url: str,
        into: Path,
        *,
        expect: Expected,
        md5: str | None = None,
        known: Marks | None = None,
    ) -> Answer:
        """
        Download a file, going on where an earlier try or run left off.

        Parameters
        ----------
        url : str
            The address.
        into : Path
            The file; until it is whole, a note of its marks lies beside it.
        expect : Expected
            What it should be.
        md5 : str, optional
            Its published MD5 sum, hexadecimal.
        known : Marks, optional
            Marks of the edition that is here already; see ``get``.

        Raises
        ------
        SourceError
            If it cannot be had, is not what was expected, or is longer or shorter than stated
            or of another MD5 sum; then nothing of it is kept.
        """
        part = Part(into)
        deadline_s = self._limits.download_deadline_s
        answer = self._patiently(
            lambda patience: self._leg(parsed(url), part, expect, known, patience),
            deadline_s=deadline_s,
        )
        if not answer.is_unchanged:
            part.finish(answer.url, md5=md5)
        return answer

    def _leg(
        self,
        url: httpx.URL,
        part: Part,
        expect: Expected,
        known: Marks | None,
        patience: Patience,
    ) -> Answer:
        """Fetch the rest of a download, or as much of it as comes."""
        sent = part.rest_of() or (known or Marks()).unless_same()
        ask = _Ask("GET", url, {"Accept-Encoding": "identity", **sent})
        with self._opened(ask, patience) as response:
            if not part.n_bytes and _is_known(response, known):
                return _unchanged(response)
            if response.status_code == NO_SUCH_RANGE:
                part.settle(response)
            elif part.go_on(response, expect):
                for chunk in self._chunks(response, patience):
                    part.add(chunk, response.url, expect)
                    patience.reached(part.n_bytes)
            part.require_length(response.url)
            return replace(_answer(response, b""), marks=part.marks, n_bytes=part.n_bytes)

    def _body(self, ask: _Ask, expect: Expected, tries: int | None) -> Answer:
        def once(patience: Patience) -> Answer:
            with self._opened(ask, patience) as response:
                if response.status_code == UNCHANGED:
                    return _unchanged(response)
                body = self._received(response, expect.max_bytes, None, patience)
                expect.check(response.url, body)
                return _answer(response, body)

        return self._patiently(once, deadline_s=self._limits.deadline_s, tries=tries)

    def _patiently(
        self, once: Callable[[Patience], Came], *, deadline_s: float, tries: int | None = None
    ) -> Came:
        """Do something until it works, for as long and as often as the limits allow."""
        patience = Patience(self._limits, self._clock, deadline_s=deadline_s, tries=tries)
        try:
            return patience.tries()(once, patience)
        except PassingError as trouble:
            raise trouble.lasting from trouble.__cause__

    @contextmanager
    def _opened(self, ask: _Ask, patience: Patience) -> Iterator[httpx.Response]:
        """Give the response to a question, after redirects, its body not yet read."""
        url = ask.url
        for _ in range(self._limits.hops + 1):
            require_allowed(url, asked=ask.url, hosts=self._hosts)
            try:
                response = self._send(ask, url, patience)
                with closing(response):
                    onward = onward_of(response, asked=ask.url, method=ask.method)
                    if onward is None:
                        judge(response, asked=ask.url)
                        yield response
                        return
            except httpx.RequestError as error:
                raise of_transport(url, error) from error
            url = onward
        msg = (
            f"{address(ask.url)}: more than {self._limits.hops} redirects, perhaps a ring. {AGAIN}"
        )
        raise SourceError(msg)

    def _send(self, ask: _Ask, url: httpx.URL, patience: Patience) -> httpx.Response:
        self._pace.wait()
        self.n_requests += 1
        stall_s = max(0.001, min(self._limits.stall_s, patience.left_s))
        timeout = httpx.Timeout(stall_s, connect=min(self._limits.connect_s, stall_s))
        request = self._client.build_request(
            ask.method, url, headers=dict(ask.headers), data=ask.data, timeout=timeout
        )
        return self._client.send(request, stream=True)

    def _received(
        self, response: httpx.Response, max_bytes: int, exact: int | None, patience: Patience
    ) -> bytes:
        """Return the body, never more than the cap, and of the exact length if one is known."""
        body = bytearray()
        for chunk in self._chunks(response, patience):
            body += chunk
            if len(body) > max_bytes:
                break
        if len(body) > max_bytes or (exact is not None and len(body) != exact):
            limit = f"expected {exact:,}" if exact is not None else f"the limit is {max_bytes:,}"
            msg = f"{address(response.url)}: {limit} bytes, found {len(body):,} or more. {AGAIN}"
            raise SourceError(msg)
        return bytes(body)

    def _chunks(self, response: httpx.Response, patience: Patience) -> Iterator[bytes]:
        """Give the body in pieces until the deadline."""
        for chunk in response.iter_bytes():
            self.n_bytes += len(chunk)
            yield chunk
            if not patience.left_s:
                msg = f"{address(response.url)}: too slow; the time allowed is over. {AGAIN}"
                raise SourceError(msg)


def _client() -> httpx.Client:
    """Return a client that goes through the system's proxy, but never so to this machine."""
    try:
        context = httpx.create_ssl_context()
        return httpx.Client(
            verify=context,
            follow_redirects=False,
            headers={"User-Agent": f"hotspots/{metadata.version('hotspots')}", "Accept": "*/*"},
            mounts={place: httpx.HTTPTransport(verify=context) for place in _LOOPBACK},
        )
    except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
        msg = (
            f"The proxy or the certificates named in the environment cannot be used ({error}). "
            "Correct HTTPS_PROXY or SSL_CERT_FILE, or unset them."
        )
        raise SourceError(msg) from error


def _is_known(response: httpx.Response, known: Marks | None) -> bool:
    """Say whether there is nothing new; a server that knows no conditions tells by its marks."""
    same = known is not None and known.is_of(Marks.of(response))
    return response.status_code == UNCHANGED or same


def _unchanged(response: httpx.Response) -> Answer:
    return replace(_answer(response, b""), is_unchanged=True)


def _answer(response: httpx.Response, body: bytes) -> Answer:
    return Answer(
        url=response.url,
        marks=Marks.of(response),
        is_unchanged=False,
        body=body,
        n_bytes=len(body),
        headers=response.headers,
    )
