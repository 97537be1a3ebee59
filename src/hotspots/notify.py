"""Tell somebody: a line in a file, an e-mail or a post to an address. Knows nothing of crime."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hotspots.errors import HotspotsError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

PATIENCE_S = 20.0
"""A refresh that is over does not wait longer than this for a mail server or a webhook."""


@dataclass(frozen=True)
class Message:
    """
    What is told.

    Attributes
    ----------
    area : str
        Id of the area.
    reasons : tuple of str
        ``failure``, ``stale``, ``not_refreshed`` or ``alert``, each once.
    lines : tuple of str
        Plain sentences, no row and no secret among them.
    at : datetime
    """

    area: str
    reasons: tuple[str, ...]
    lines: tuple[str, ...]
    at: dt.datetime

    @property
    def title(self) -> str:
        """The message in one line."""
        return f"hotspots {self.area}: {', '.join(self.reasons).replace('_', ' ')}"

    def record(self) -> dict[str, object]:
        """Return the message as plain values; ``text`` is what chat programs show."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "area": self.area,
            "reasons": list(self.reasons),
            "lines": list(self.lines),
            "text": "\n".join([self.title, *self.lines]),
        }


@dataclass(frozen=True)
class Mailbox:
    """
    How to reach a mail server, and whom through it.

    Attributes
    ----------
    host, port
    sender : str
    to : tuple of str
    security : str
        ``starttls``; ``tls``, encrypted from the first byte; or ``none``.
    user, password_file : optional
    """

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    security: str
    user: str | None = None
    password_file: Path | None = None


def to_file(message: Message, path: Path) -> None:
    """
    Add a line of JSON to a file.

    Raises
    ------
    HotspotsError
        If it cannot be written.
    """
    line = json.dumps(message.record(), ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(line)
    except OSError as error:
        msg = f"{path}: the notification cannot be written there ({error.strerror})."
        raise HotspotsError(msg) from error


def to_email(message: Message, mailbox: Mailbox) -> None:
    """
    Send an e-mail.

    Raises
    ------
    HotspotsError
        If the server cannot be reached, cannot be trusted or does not take it; it names the
        server and never the password.
    """
    letter = EmailMessage()
    letter["Subject"] = message.title
    letter["From"] = mailbox.sender
    letter["To"] = ", ".join(mailbox.to)
    letter["Date"] = message.at
    letter["Auto-Submitted"] = "auto-generated"
    # Not every server takes letters beyond ASCII as they are.
    letter.set_content("\n".join(_paragraphs(message)), cte="quoted-printable")
    try:
        with _connected(mailbox) as server:
            if mailbox.user is not None and mailbox.password_file is not None:
                server.login(mailbox.user, read_secret(mailbox.password_file))
            refused = server.send_message(letter)
    except (OSError, smtplib.SMTPException) as error:
        msg = f"{mailbox.host}:{mailbox.port} took no e-mail ({_kind(error)})."
        raise HotspotsError(msg) from error
    if refused:
        msg = f"{mailbox.host}:{mailbox.port} refused {len(refused)} of the addresses."
        raise HotspotsError(msg)


def to_webhook(message: Message, url: str, *, allow_hosts: Collection[str]) -> None:
    """
    Post the message as JSON; follow no redirect.

    Parameters
    ----------
    message : Message
    url : str
    allow_hosts : collection of str
        ``host`` or ``host:port`` that may be told.

    Raises
    ------
    HotspotsError
        If the host is not allowed, cannot be reached, or does not take it; it names the host and
        never the rest of the address.
    """
    import httpx

    host = urlsplit(url).netloc.casefold()
    if host not in allow_hosts:
        msg = f"{host} is not among the hosts that may be told; add it to allow_hosts."
        raise HotspotsError(msg)
    try:
        with httpx.Client(timeout=PATIENCE_S, follow_redirects=False) as client:
            answer = client.post(url, json=message.record())
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        msg = f"{host} could not be told ({_kind(error)})."
        raise HotspotsError(msg) from error
    if not answer.is_success:
        msg = f"{host} did not take the notification (status {answer.status_code})."
        raise HotspotsError(msg)


def read_secret(path: Path) -> str:
    """
    Read the first line of a file that only its owner may read.

    Raises
    ------
    HotspotsError
        If others may read it too, or nobody can.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            msg = f"{path}: others may read it too, so it is not used; run chmod 600 on it."
            raise HotspotsError(msg)
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read ({_kind(error)})."
        raise HotspotsError(msg) from error
    if not lines or not lines[0]:
        msg = f"{path}: its first line is empty; write the password there."
        raise HotspotsError(msg)
    return lines[0]


def _paragraphs(message: Message) -> Iterator[str]:
    yield from message.lines
    yield ""
    yield f"Sent by hotspots at {message.at:%H:%M UTC on %d %B %Y}."


def _connected(mailbox: Mailbox) -> AbstractContextManager[smtplib.SMTP]:
    """Connect, encrypted before anything is said if it is to be."""
    place = (mailbox.host, mailbox.port)
    if mailbox.security == "tls":
        return smtplib.SMTP_SSL(*place, timeout=PATIENCE_S, context=ssl.create_default_context())
    server = smtplib.SMTP(*place, timeout=PATIENCE_S)
    if mailbox.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _kind(error: Exception) -> str:
    """Say what kind of error it was, in words that repeat nothing of what was sent."""
    return getattr(error, "strerror", None) or type(error).__name__
