"""What can go wrong with an answer of the played web, and hosts that do not answer at all."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Fault:
    """
    What goes wrong with one answer.

    ``kind``: ``status`` (with ``status`` and ``headers``), ``stall`` and ``reset`` (after ``share``
    of the body), ``longer`` (states ``n`` bytes more than it sends), ``whole`` (ignores ranges),
    ``body`` (sends ``body`` instead), ``redirect`` (to ``location``), ``fine`` (nothing wrong).
    """

    kind: str
    status: int = 200
    share: float = 0.5
    n: int = 100
    body: bytes = b""
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def status(code: int, **headers: str) -> Fault:
    """Answer with a status; headers by name, ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault("status", status=code, headers=named)


def stall(share: float = 0.5) -> Fault:
    """Stop sending after a share of the body; 0 sends nothing at all."""
    return Fault("stall", share=share)


def reset(share: float = 0.5) -> Fault:
    """Break the connection after a share of the body."""
    return Fault("reset", share=share)


def longer(n: int = 100) -> Fault:
    """State more bytes than are sent."""
    return Fault("longer", n=n)


def ranges_ignored() -> Fault:
    """Send the whole file whatever piece is asked for."""
    return Fault("whole")


def body(data: bytes) -> Fault:
    """Send something else, as a success."""
    return Fault("body", body=data)


def html() -> Fault:
    """Send a web page as a success."""
    return body(b"<!DOCTYPE html>\n<html><body>We will be back soon.</body></html>")


def redirect(location: str) -> Fault:
    """Redirect to another address."""
    return Fault("redirect", location=location)


FINE = Fault("fine")


@contextmanager
def deaf_host() -> Iterator[str]:
    """Give ``host:port`` of a port of this machine that never takes a connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        callers = []
        for _ in range(4):  # the queue of a listener that accepts nobody is soon full
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
            callers.append(caller)
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for caller in callers:
                caller.close()


def closed_host() -> str:
    """Return ``host:port`` of a port of this machine that nobody listens to."""
    with socket.socket() as briefly:
        briefly.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{briefly.getsockname()[1]}"
