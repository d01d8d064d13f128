"""Where webhooks may go, and that nothing of their settings is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.publishing.model import GIVEN_UP_AFTER, Delivery, Outcome, next_try
from bot.config.errors import SettingError
from bot.config.fingerprint import fingerprint
from bot.config.load import load
from bot.config.setting_kinds import may_be_asked
from tests.roster import NOW

SECRET = "DISTINCTIVE0123456789abcdef01234567"
ENVIRONMENT = {
    "JIAOYING_WEBHOOKS__0__NAME": "province",
    "JIAOYING_WEBHOOKS__0__URL": "https://yj.example.gov.cn/hook?key=DISTINCTIVE",
    "JIAOYING_WEBHOOKS__0__SECRET": SECRET,
}


def test_what_is_configured_is_not_shown() -> None:
    settings = load(None, ENVIRONMENT)
    assert "DISTINCTIVE" not in repr(settings) and "DISTINCTIVE" not in str(fingerprint(settings))
    assert settings.webhooks[0].secret.reveal() == SECRET


@pytest.mark.parametrize(
    "url",
    [
        "http://yj.example.gov.cn/hook",  # heard on the way
        "http://8.8.8.8/hook",
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.1.1]/",
        "https://224.0.0.1/",
        "https://user:DISTINCTIVE@yj.example.gov.cn/",
        "file:///etc/passwd",
        "https://yj.example.gov.cn/#DISTINCTIVE",
        "ftp://yj.example.gov.cn/",
    ],
)
def test_addresses_that_are_refused_are_not_quoted(url: str) -> None:
    with pytest.raises(SettingError) as refused:
        load(None, ENVIRONMENT | {"JIAOYING_WEBHOOKS__0__URL": url})
    assert "DISTINCTIVE" not in str(refused.value) and "169.254" not in str(refused.value)


def test_inside_a_webhook_may_be_without_tls() -> None:
    for url in ("http://10.1.2.3:8080/hook", "http://127.0.0.1/hook", "https://10.1.2.3/hook"):
        assert load(None, ENVIRONMENT | {"JIAOYING_WEBHOOKS__0__URL": url}).webhooks[0].url
    assert may_be_asked("10.0.0.1") and not may_be_asked("yj.example.gov.cn")


def test_one_with_an_address_has_a_name_and_a_secret_of_its_own(tmp_path: Path) -> None:
    for missing in ("NAME", "SECRET"):
        with pytest.raises(SettingError, match="webhooks"):
            load(None, ENVIRONMENT | {f"JIAOYING_WEBHOOKS__0__{missing}": ""})
    file = tmp_path / "config.toml"
    one = f'[[webhooks]]\nname = "a"\nurl = "https://a.example/"\nsecret = "{SECRET}"\n'
    file.write_text(one + one)
    with pytest.raises(SettingError, match="webhooks"):
        load(file, {})


def test_a_webhook_that_fails_is_tried_for_a_day_and_refused_flatly_three_times() -> None:
    delivery = Delivery(1, 1, "province", Outcome.WAITING, 0, NOW, NOW)
    at, tries = NOW, 0
    while True:
        again = next_try(replace(delivery, attempts=tries), 503, at)
        tries += 1
        if again is None:
            break
        assert again > at
        at = again
    assert at - NOW <= GIVEN_UP_AFTER and 280 <= tries <= 300
    # After an outage of ours of two days the first try is not the last.
    assert next_try(delivery, 503, NOW + timedelta(days=2)) is not None
    refused = [next_try(replace(delivery, attempts=tries), 410, NOW) for tries in range(3)]
    assert refused[0] and refused[1] and refused[2] is None
