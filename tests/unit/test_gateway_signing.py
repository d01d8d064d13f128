"""Requests between us and a county's gateway: signed, fresh, unchanged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.signing import (
    NONCE_HEADER,
    SIGNATURE_HEADER,
    SKEW,
    TIMESTAMP_HEADER,
    SignatureFault,
    check_signature,
    signature,
    signed_headers,
)
from data.errors import NotAllowed

SECRET = "a-secret-of-more-than-32-characters"
NONCE = "0123456789abcdef"
NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
BODY = b'{"event":"e1","key":"1"}'
ASKED = ("POST", "/v1/answers", BODY)


def headers(now: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    method, target, body = ASKED
    return signed_headers(secret, method, target, body, NONCE, now)


def fault(given: dict[str, str], *, secret: str = SECRET, now: datetime = NOW, **changed) -> object:
    asked = {"method": "POST", "target": "/v1/answers", "body": BODY} | changed
    with pytest.raises(NotAllowed) as refused:
        check_signature(secret, headers=given, now=now, **asked)
    return refused.value.code


def test_the_signature_is_the_documented_one() -> None:
    """A county's programmer compares with this line of docs/channels.md."""
    assert signature(SECRET, "POST", "/v1/answers", "1782932400", NONCE, BODY) == (
        "6e406a7bd81f0d0037cec9e5ea9662c3c7ddab8ea85abd42ac4253bb7d976e60"
    )


def test_a_signed_request_is_taken_and_its_nonce_kept_as_long_as_its_time_counts() -> None:
    taken = check_signature(SECRET, *ASKED[:2], headers(), BODY, NOW + SKEW)
    assert (taken.nonce, taken.until) == (NONCE, NOW + SKEW)


@pytest.mark.parametrize(
    "changed",
    [
        {"body": BODY.replace(b'"1"', b'"2"')},
        {"target": "/v1/reports"},
        {"target": "/v1/answers?x=1"},
        {"method": "GET"},
    ],
)
def test_what_was_changed_on_the_way_is_forged(changed: dict[str, object]) -> None:
    assert fault(headers(), **changed) is SignatureFault.FORGED


@pytest.mark.parametrize("header", [TIMESTAMP_HEADER, NONCE_HEADER])
def test_time_and_nonce_are_signed_too(header: str) -> None:
    other = {TIMESTAMP_HEADER: str(int(NOW.timestamp()) + 1), NONCE_HEADER: NONCE[::-1]}
    assert fault(headers() | {header: other[header]}) is SignatureFault.FORGED


def test_another_secret_signs_nothing() -> None:
    assert fault(headers(secret="another")) is SignatureFault.FORGED


@pytest.mark.parametrize("away", [SKEW + timedelta(seconds=1), -SKEW - timedelta(seconds=1)])
def test_a_request_of_another_time_is_stale(away: timedelta) -> None:
    assert fault(headers(NOW + away)) is SignatureFault.STALE


@pytest.mark.parametrize("header", [TIMESTAMP_HEADER, NONCE_HEADER, SIGNATURE_HEADER])
@pytest.mark.parametrize("value", ["", "x", "٣" * 10, "1" * 65])
def test_without_its_headers_nothing_is_looked_at(header: str, value: str) -> None:
    assert fault(headers() | {header: value}) is SignatureFault.UNSIGNED


def test_without_a_secret_nobody_is_let_in() -> None:
    assert fault(headers(secret=""), secret="") is SignatureFault.UNSIGNED


def test_a_path_that_is_no_text_is_forged_and_breaks_nothing() -> None:
    assert fault(headers(), target="/v1/calls?after=\udcff") is SignatureFault.FORGED
