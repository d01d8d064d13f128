"""What a mail server's refusal means, and what stands in an e-mail."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.channels.model import Trouble
from bot.channels.email.letter import BadAddress, NotAsked, letter, outcome_of
from bot.channels.events import Handle, OutgoingCall
from bot.channels.sending import Result
from contacts.channels import Cause, Channel

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
CALL = OutgoingCall(
    Handle(812, 1), Channel.EMAIL, "call", "village@example.gov.cn", "立即转移", {}, {}, 0.0,
    True, NOW, queued_at=NOW, title="【演练】敦化市暴雨红色预警", link="https://hd.example.gov.cn/a/x",
)  # fmt: skip


def recipient(code: int, words: bytes = b"no") -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"a@b.cn": (code, words)})


@pytest.mark.parametrize(
    ("failure", "result", "cause"),
    [
        (recipient(550), Result.REFUSED, Cause.NO_SUCH_NUMBER),
        (recipient(550, b"5.1.1 user unknown"), Result.REFUSED, Cause.NO_SUCH_NUMBER),
        (recipient(550, b"5.7.1 relaying denied"), Result.REFUSED, Cause.CARRIER_BLOCKED),
        (recipient(550, b"Relay not permitted"), Result.REFUSED, Cause.CARRIER_BLOCKED),
        (recipient(530, b"5.7.0 authentication required"), Result.LATER, None),
        (smtplib.SMTPDataError(550, b"spam"), Result.REFUSED, Cause.CARRIER_BLOCKED),
        (recipient(552), Result.REFUSED, Cause.CARRIER_BLOCKED),
        (recipient(451), Result.UNCERTAIN, None),
        (smtplib.SMTPDataError(554, b"spam"), Result.REFUSED, Cause.CARRIER_BLOCKED),
        (smtplib.SMTPDataError(421, b"later"), Result.UNCERTAIN, None),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), Result.REFUSED, Cause.NO_SUCH_NUMBER),
        (smtplib.SMTPSenderRefused(550, b"who?", "a@b.cn"), Result.LATER, None),
        (smtplib.SMTPServerDisconnected(), Result.UNCERTAIN, None),
        (TimeoutError(), Result.UNCERTAIN, None),
    ],
)
def test_what_a_refusal_means(failure: Exception, result: Result, cause: Cause | None) -> None:
    outcome = outcome_of(failure)
    assert outcome is not None and (outcome.result, outcome.cause) == (result, cause)


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (smtplib.SMTPAuthenticationError(535, b"who?"), Trouble.NOT_ALLOWED),
        (smtplib.SMTPAuthenticationError(454, b"not now"), None),
        (smtplib.SMTPNotSupportedError("no AUTH"), Trouble.NOT_ALLOWED),
        (smtplib.SMTPConnectError(421, "busy"), None),
        (smtplib.SMTPServerDisconnected(), None),
        (TimeoutError(), None),
    ],
)
def test_a_server_that_was_not_asked_marks_nobody(
    failure: Exception, trouble: Trouble | None
) -> None:
    outcome = outcome_of(NotAsked(failure))
    assert outcome is not None
    assert (outcome.result, outcome.cause, outcome.trouble) == (Result.LATER, None, trouble)


def test_a_bug_is_no_refusal() -> None:
    assert outcome_of(KeyError("bug")) is None


def test_an_e_mail_has_its_warning_in_the_subject_and_one_id_a_try() -> None:
    read = letter(CALL, "yj@example.gov.cn", NOW)
    assert read["Subject"] == CALL.title and read["To"] == CALL.to
    assert "https://hd.example.gov.cn/a/x" in read.get_content()
    assert read["Message-ID"] == "<812-1.1782932400.jiaoying@example.gov.cn>"
    assert read["Message-ID"] == letter(CALL, "yj@example.gov.cn", NOW)["Message-ID"]
    again = letter(replace(CALL, handle=Handle(812, 2)), "yj@example.gov.cn", NOW)
    assert again["Message-ID"] != read["Message-ID"]
    restored = letter(replace(CALL, queued_at=NOW + timedelta(days=1)), "yj@example.gov.cn", NOW)
    assert restored["Message-ID"] != read["Message-ID"]


@pytest.mark.parametrize("address", ["a@b.cn\r\nBcc: c@d.cn", "a@b.cn, c@d.cn", "no address"])
def test_an_address_adds_no_header_and_no_second_reader(address: str) -> None:
    with pytest.raises(BadAddress) as refused:
        letter(replace(CALL, to=address), "yj@example.gov.cn", NOW)
    outcome = outcome_of(refused.value)
    assert outcome is not None and outcome.cause is Cause.NO_SUCH_NUMBER
