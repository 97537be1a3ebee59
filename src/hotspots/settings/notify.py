"""What a settings file may say of whom to tell when a refresh fails or its data grows old."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from hotspots.settings.layers import Section
from hotspots.settings.values import LOOPBACK, Host, Pattern, Text, checked_url

Reason = Literal["failure", "stale", "not_refreshed", "alert"]

Address = Annotated[str, Field(pattern=r"^[^@\s<>,;:\"]+@[^@\s<>,;:\"]+$", max_length=254)]

IMPLICIT_TLS_PORT = 465
"""Mail servers speak TLS from the first byte on this port."""


class Email(Section):
    """The mail server through which notifications go."""

    host: Text = Field(description="name of the mail server", examples=["smtp.example.gov.uk"])
    port: int = Field(
        default=587,
        ge=1,
        le=65535,
        description="587 for starttls; on 465 all is encrypted from the start",
    )
    sender: Address = Field(
        description="address it comes from", examples=["hotspots@example.gov.uk"]
    )
    to: tuple[Address, ...] = Field(
        min_length=1,
        max_length=20,
        description="addresses it goes to",
        examples=[["analyst@example.gov.uk"]],
    )
    starttls: bool = Field(
        default=True,
        description="encrypt the connection; false only on port 465 or for a relay on this machine",
    )
    user: Text | None = Field(default=None, description="user name, if the server asks for one")
    password_file: Pattern | None = Field(
        default=None, description="file that holds the password and that nobody else may read"
    )

    @model_validator(mode="after")
    def _safe(self) -> Self:
        is_plain = not self.starttls and self.port != IMPLICIT_TLS_PORT
        if is_plain and not LOOPBACK.fullmatch(self.host):
            msg = (
                "nothing is sent in the clear; leave starttls out, use port 465, or name a relay "
                "on this machine"
            )
            raise ValueError(msg)
        if (self.user is None) != (self.password_file is None):
            msg = "user and password_file go together; give both or neither"
            raise ValueError(msg)
        if is_plain and self.user is not None:
            msg = "a password is never sent in the clear; leave starttls out"
            raise ValueError(msg)
        return self


class Webhook(Section):
    """An address to which notifications are posted as JSON."""

    url: SecretStr = Field(
        description="where to post to; never shown, for such addresses often hold a key",
        examples=["https://hooks.example.gov.uk/services/hotspots"],
    )
    allow_hosts: tuple[Host, ...] = Field(
        min_length=1,
        description="hosts that may be told; the one of the url must be among them",
        examples=[["hooks.example.gov.uk"]],
    )

    @model_validator(mode="after")
    def _allowed(self) -> Self:  # of the whole section, whose faults do not repeat the address
        url = checked_url(self.url.get_secret_value())
        host = urlsplit(url).netloc.casefold()
        if host not in self.allow_hosts:
            msg = f"the host of the url, {host}, is not in allow_hosts; add it if you mean it"
            raise ValueError(msg)
        return self


class Notify(Section):
    """Whom to tell, and of what."""

    when: tuple[Reason, ...] = Field(
        default=("failure", "stale", "not_refreshed", "alert"),
        min_length=1,
        description="what is told: failure, the refresh failed; stale, the data is older than "
        "[publish] stale_after_days; not_refreshed, a source was down; alert, something to know "
        "before a trend is read",
        examples=[["failure", "stale"]],
    )
    repeat_every_days: int = Field(
        default=7,
        ge=0,
        le=365,
        description="days after which what still stands is told again; alerts are told once",
    )
    file: Pattern | None = Field(
        default=None,
        description="file that gets one line of JSON for each notification",
        examples=["data/notifications.jsonl"],
    )
    email: Email | None = Field(default=None, description="mail server and addresses")
    webhook: Webhook | None = Field(default=None, description="address to post to")

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.file is None and self.email is None and self.webhook is None:
            msg = "names nobody to tell; add file, [notify.email] or [notify.webhook]"
            raise ValueError(msg)
        return self
