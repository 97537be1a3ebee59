"""A mail server on this machine that keeps what it is sent; enough of SMTP for ``smtplib``."""

from __future__ import annotations

import base64
import contextlib
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass
class PlayedMail:
    """
    Takes e-mails.

    Attributes
    ----------
    context : SSLContext, optional
        For STARTTLS; without it, the server does not offer any.
    password : str, optional
        That the server asks for.
    from_the_start : bool
        Whether all is encrypted from the first byte.
    letters : list of str
        What was taken.
    in_the_clear : list of str
        Commands that came unencrypted.
    """

    context: ssl.SSLContext | None = None
    password: str | None = None
    from_the_start: bool = False
    letters: list[str] = field(default_factory=list)
    in_the_clear: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        mail = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # Whoever does not trust the certificate hangs up, as some tests want it to.
                with contextlib.suppress(ssl.SSLError):
                    Talk(mail, self.request).go()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Port of this machine."""
        return int(self._server.server_address[1])


class Talk:
    """One connection."""

    def __init__(self, mail: PlayedMail, connection: Any) -> None:  # noqa: ANN401 - a socket
        self._mail = mail
        self._socket = connection
        self._is_encrypted = False
        if mail.from_the_start:
            self._encrypt()
        self._file = self._socket.makefile("rb")

    def go(self) -> None:
        self._say("220 played")
        try:
            while line := self._file.readline():
                words = line.decode().strip()
                if not self._is_encrypted:
                    self._mail.in_the_clear.append(words)
                if not self._answer(words):
                    break
        finally:
            self._file.close()
            self._socket.close()

    def _answer(self, words: str) -> bool:
        command = words.split(" ", maxsplit=1)[0].upper()
        if command == "EHLO":
            offers = ["AUTH PLAIN"] if self._mail.password else []
            if self._mail.context and not self._is_encrypted:
                offers.append("STARTTLS")
            lines = ["played", *offers]
            for each in lines[:-1]:
                self._say(f"250-{each}")
            self._say(f"250 {lines[-1]}")
        elif command == "STARTTLS" and self._mail.context:
            self._say("220 go on")
            self._file.close()
            self._encrypt()
            self._file = self._socket.makefile("rb")
        elif command == "AUTH":
            given = base64.b64decode(words.split(" ")[2]).decode().split("\0")[2]
            self._say("235 welcome" if given == self._mail.password else f"535 not {given}")
        elif command == "RCPT" and "nobody" in words:
            self._say("550 nobody of that name")
        elif command == "DATA":
            self._say("354 go on")
            lines = list(iter(lambda: self._file.readline().decode().rstrip("\r\n"), "."))
            self._mail.letters.append("\n".join(lines))
            self._say("250 taken")
        elif command == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 well")
        return True

    def _encrypt(self) -> None:
        assert self._mail.context is not None
        self._socket = self._mail.context.wrap_socket(self._socket, server_side=True)
        self._is_encrypted = True

    def _say(self, words: str) -> None:
        self._socket.sendall(f"{words}\r\n".encode())
