"""Whom to tell: what the settings may say, and what is never shown of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspots import settings
from hotspots.errors import SettingsError

SMALL = """
[area]
id = "anytown"
name = "Anytown"
[[boundaries]]
level = "district"
file = "districts.geojson"
code = "code"
name = "name"
"""

EMAIL = """
[notify.email]
host = "smtp.example.org"
sender = "hotspots@example.org"
to = ["a@example.org"]
"""

WEBHOOK = """
[notify.webhook]
url = "https://hooks.example.org/secret-key"
allow_hosts = ["hooks.example.org"]
"""


def put(folder: Path, text: str) -> Path:
    path = folder / "hotspots.toml"
    path.write_text(SMALL + text, encoding="utf-8")
    return path


def notified(folder: Path, text: str) -> settings.Notify:
    found = settings.load(put(folder, text)).notify
    assert found is not None
    return found


def fault(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.load(put(folder, text))
    return str(caught.value)


def test_nobody_is_told_unless_named(tmp_path: Path) -> None:
    assert settings.load(put(tmp_path, "")).notify is None
    assert settings.notify_section(put(tmp_path, "")) is None


def test_every_way_has_safe_defaults(tmp_path: Path) -> None:
    found = notified(tmp_path, f'[notify]\nfile = "told.jsonl"\n{EMAIL}{WEBHOOK}')
    assert found.when == ("failure", "stale", "not_refreshed", "alert")
    assert found.repeat_every_days == 7
    assert found.file == str(tmp_path / "told.jsonl")
    assert found.email is not None
    assert (found.email.port, found.email.starttls) == (587, True)
    assert found.webhook is not None
    assert found.webhook.url.get_secret_value().endswith("secret-key")
    sections = (settings.Notify, settings.Email, settings.Webhook)
    assert all(f.description for each in sections for f in each.model_fields.values())


def test_the_address_of_a_webhook_is_not_shown(tmp_path: Path) -> None:
    path = put(tmp_path, f"[notify]\n{WEBHOOK}")
    assert "secret-key" not in str(settings.explain(path))
    assert "secret-key" not in repr(settings.load(path))


def test_a_section_is_read_though_the_rest_is_wrong(tmp_path: Path) -> None:
    path = put(tmp_path, '[notify]\nfile = "told.jsonl"\n[area2]\n')
    with pytest.raises(SettingsError):
        settings.load(path)
    found = settings.notify_section(path)
    assert found is not None
    assert found.file == str(tmp_path / "told.jsonl")
    path.write_text("[notify\n", encoding="utf-8")
    assert settings.notify_section(path) is None
    assert settings.notify_section(tmp_path / "none.toml") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[notify]\n", "[notify]: names nobody to tell; add file"),
        ('[notify]\nwhen = ["crash"]\nfile = "x"\n', "expected 'failure', 'stale'"),
        (EMAIL + "starttls = false\n", "[notify] email: nothing is sent in the clear"),
        (EMAIL + 'user = "x"\n', "user and password_file go together"),
        (EMAIL.replace('["a@', '["a b@'), "to item 1: "),
        (EMAIL.replace("[notify.email]", '[notify.email]\npassword = "x"'), "password is unknown"),
        (WEBHOOK.replace("https", "http"), "expected an address that begins with https://"),
        (WEBHOOK.replace('["hooks.', '["other.'), "hooks.example.org, is not in allow_hosts"),
    ],
)
def test_faults_name_the_section_and_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    said = fault(tmp_path, text)
    assert words in said
    assert "secret-key" not in said


def test_a_relay_on_this_machine_and_port_465_need_no_starttls(tmp_path: Path) -> None:
    for more in ("port = 465", 'host = "localhost"\nport = 25'):
        text = EMAIL.replace('host = "smtp.example.org"\n', "") if "host" in more else EMAIL
        assert notified(tmp_path, f"{text}starttls = false\n{more}\n").email


def test_no_password_goes_over_an_open_line(tmp_path: Path) -> None:
    text = EMAIL.replace("smtp.example.org", "localhost") + 'user = "x"\npassword_file = "p"\n'
    assert notified(tmp_path, text).email
    assert "never sent in the clear" in fault(tmp_path, text + "starttls = false\nport = 25\n")
