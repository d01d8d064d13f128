"""Handing one e-mail to a mail server: who is asked for what, and when it is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from alerts.channels.model import Trouble
from bot.channels.email.sender import EmailSender
from bot.channels.sending import Outcome, Result
from bot.config.reader import Secret
from bot.config.settings_channels import EmailSettings
from tests.stories.mail_server import MailServer
from tests.unit.test_email_letter import CALL, NOW

WITH_LOGIN = "250-mail\r\n250 AUTH PLAIN"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with MailServer() as server:
        yield server


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as some:
        yield some


def sender(mail: MailServer, threads: ThreadPoolExecutor, user: str = "") -> EmailSender:
    url = Secret(f"smtp://{user}127.0.0.1:{mail.port}")
    return EmailSender(EmailSettings(url, "yj@example.gov.cn"), lambda: NOW, threads)


async def test_nothing_goes_outside_without_encryption(
    mail: MailServer, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.email.sender.inside", lambda _: False)
    mail.says["EHLO"] = WITH_LOGIN
    outcome = await sender(mail, threads, "yj:secret@").send(CALL)
    assert (outcome.result, outcome.trouble) == (Result.LATER, Trouble.NOT_ALLOWED)
    assert mail.letters == [] and "AUTH" not in mail.verbs


async def test_a_server_inside_needs_no_encryption(
    mail: MailServer, threads: ThreadPoolExecutor
) -> None:
    mail.says["EHLO"] = WITH_LOGIN
    outcome = await sender(mail, threads, "yj:secret@").send(CALL)
    assert outcome == Outcome(Result.ACCEPTED) and len(mail.letters) == 1


async def test_a_server_that_knows_no_login_makes_nobodys_address_a_bad_one(
    mail: MailServer, threads: ThreadPoolExecutor
) -> None:
    outcome = await sender(mail, threads, "yj:secret@").send(CALL)
    assert (outcome.result, outcome.cause) == (Result.LATER, None)
    assert outcome.trouble is Trouble.NOT_ALLOWED and mail.letters == []


async def test_what_was_taken_is_taken_whatever_is_said_to_the_farewell(
    mail: MailServer, threads: ThreadPoolExecutor
) -> None:
    mail.says["QUIT"] = "421 too busy to say goodbye"
    assert await sender(mail, threads).send(CALL) == Outcome(Result.ACCEPTED)


async def test_a_server_that_falls_silent_is_left_at_once_by_who_gives_up(
    mail: MailServer, threads: ThreadPoolExecutor
) -> None:
    """Its thread would hold a connection, and hand the e-mail over beside the next try."""
    mail.mute = True
    sent = asyncio.create_task(sender(mail, threads).send(CALL))
    await mail.asked.wait()
    sent.cancel()
    await asyncio.wait_for(mail.left.wait(), 5)
