"""Telling somebody: what arrives, and what is never said or sent."""

from __future__ import annotations

import datetime as dt
import json
import os
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from hotspots import notify
from hotspots.errors import HotspotsError
from played_mail import PlayedMail

MESSAGE = notify.Message(
    "anytown", ("failure", "not_refreshed"), ("The refresh failed: no room.", "Café down."),
    dt.datetime(2025, 6, 1, 3, 20, tzinfo=dt.UTC),
)  # fmt: skip
SECRET = "correct horse"  # noqa: S105 - made up


@dataclass
class Posts:
    """A web server that keeps what is posted to it."""

    port: int = 0
    status: int = 200
    bodies: list[Any] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@pytest.fixture
def posts() -> Iterator[Posts]:
    kept = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(kept.status)
            self.send_header("Location", f"http://127.0.0.1:{kept.port}/other")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as inherited
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server shows that this machine trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def secret_file(folder: Path, text: str = f"{SECRET}\n") -> Path:
    path = folder / "password"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def mailbox(mail: PlayedMail, security: str = "starttls") -> notify.Mailbox:
    return notify.Mailbox(
        "127.0.0.1", mail.port, "hotspots@example.org", ("a@example.org", "b@example.org"), security
    )


def refusal(message: notify.Message, box: notify.Mailbox) -> str:
    with pytest.raises(HotspotsError) as caught:
        notify.to_email(message, box)
    return str(caught.value)


def test_a_file_gets_one_line_of_json_each_time(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "told.jsonl"
    notify.to_file(MESSAGE, path)
    notify.to_file(replace(MESSAGE, area="othertown"), path)
    first, second = map(json.loads, path.read_text("utf-8").splitlines())
    assert first == {
        "area": "anytown",
        "at": "2025-06-01T03:20:00+00:00",
        "reasons": ["failure", "not_refreshed"],
        "lines": ["The refresh failed: no room.", "Café down."],
        "text": "hotspots anytown: failure, not refreshed\nThe refresh failed: no room.\n"
        "Café down.",
    }
    assert second["area"] == "othertown"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(HotspotsError, match="the notification cannot be written there"):
        notify.to_file(MESSAGE, tmp_path)


def test_an_email_arrives_encrypted_and_with_a_password(
    tmp_path: Path, trusted: ssl.SSLContext
) -> None:
    with PlayedMail(trusted, SECRET) as mail:
        box = replace(mailbox(mail), user="hotspots", password_file=secret_file(tmp_path))
        notify.to_email(MESSAGE, box)
    (letter,) = mail.letters
    read = message_from_string(letter, policy=policy.default)
    assert read["Subject"] == "hotspots anytown: failure, not refreshed"
    assert read["To"] == "a@example.org, b@example.org"
    assert read["Date"].startswith("Sun, 01 Jun 2025 03:20:00")
    assert "Café down." in str(read.get_content())
    assert [words.split(" ")[0] for words in mail.in_the_clear] == ["ehlo", "STARTTLS"]


def test_an_email_may_be_encrypted_from_the_first_byte(trusted: ssl.SSLContext) -> None:
    with PlayedMail(trusted, from_the_start=True) as mail:
        notify.to_email(MESSAGE, mailbox(mail, "tls"))
    assert len(mail.letters) == 1
    assert mail.in_the_clear == []


def test_a_server_without_encryption_gets_nothing() -> None:
    with PlayedMail() as mail:
        words = refusal(MESSAGE, mailbox(mail))
        assert words == f"127.0.0.1:{mail.port} took no e-mail (SMTPNotSupportedError)."
    assert mail.letters == []


def test_a_server_that_is_not_trusted_gets_nothing(
    trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with PlayedMail(trusted) as mail:
        assert "took no e-mail" in refusal(MESSAGE, mailbox(mail))
    assert mail.letters == []


def test_a_password_is_never_repeated(tmp_path: Path, trusted: ssl.SSLContext) -> None:
    with PlayedMail(trusted, "another") as mail:
        box = replace(mailbox(mail), user="hotspots", password_file=secret_file(tmp_path))
        words = refusal(MESSAGE, box)
    assert "SMTPAuthenticationError" in words
    assert SECRET not in words


def test_an_address_that_is_refused_is_counted() -> None:
    with PlayedMail() as mail:
        box = replace(mailbox(mail, "none"), to=("a@example.org", "nobody@example.org"))
        assert "refused 1 of the addresses" in refusal(MESSAGE, box)
    assert len(mail.letters) == 1


def test_a_mail_server_that_is_not_there_is_named() -> None:
    with PlayedMail() as mail:
        box = mailbox(mail, "none")
    assert f"127.0.0.1:{box.port} took no e-mail" in refusal(MESSAGE, box)


def test_a_webhook_gets_the_message_as_json(posts: Posts) -> None:
    notify.to_webhook(MESSAGE, f"http://{posts.host}/key", allow_hosts=[posts.host])
    assert posts.bodies == [MESSAGE.record()]


def test_a_host_that_is_not_allowed_is_told_nothing(posts: Posts) -> None:
    with pytest.raises(HotspotsError, match="not among the hosts that may be told"):
        notify.to_webhook(MESSAGE, f"http://{posts.host}/key", allow_hosts=["example.org"])
    assert posts.bodies == []


@pytest.mark.parametrize("status", [307, 403, 500])
def test_an_answer_that_is_no_success_is_told_and_not_followed(posts: Posts, status: int) -> None:
    posts.status = status
    with pytest.raises(HotspotsError) as caught:
        notify.to_webhook(MESSAGE, f"http://{posts.host}/key", allow_hosts=[posts.host])
    assert str(caught.value) == f"{posts.host} did not take the notification (status {status})."
    assert len(posts.bodies) == 1


def test_an_address_that_nobody_answers_at_is_not_repeated() -> None:
    with pytest.raises(HotspotsError) as caught:
        notify.to_webhook(MESSAGE, "http://127.0.0.1:9/key", allow_hosts=["127.0.0.1:9"])
    assert "127.0.0.1:9 could not be told" in str(caught.value)
    assert "key" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="rights of files are not those of Windows")
def test_a_secret_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = secret_file(tmp_path)
    assert notify.read_secret(path) == SECRET
    path.chmod(0o640)
    with pytest.raises(HotspotsError, match="chmod 600"):
        notify.read_secret(path)


def test_a_secret_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(HotspotsError, match="none: cannot be read"):
        notify.read_secret(tmp_path / "none")
    with pytest.raises(HotspotsError, match="first line is empty"):
        notify.read_secret(secret_file(tmp_path, "\n"))
