"""Hands e-mails to the office's mail server: one person each, on a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from bot.channels.email.dialogue import Cut, Dialogue, EncryptedDialogue
from bot.channels.email.letter import NotAsked, letter, outcome_of
from bot.channels.events import OutgoingCall
from bot.channels.sending import AT_ONCE, Outcome, Result
from bot.config.setting_kinds import inside
from bot.config.settings_channels import EmailSettings
from bot.services.services import Services

log = logging.getLogger(__name__)

WAIT_SECONDS = 15.0
"""For each answer of the server (ours)."""

LONGEST_SECONDS = 60.0
"""For one e-mail, with all answers (ours)."""

_PORTS = {"smtps": 465, "smtp": 587}


class EmailSender:
    """Makes one connection for each e-mail; no error is raised, nor an address logged.

    :param threads: where it waits for the server.
    """

    def __init__(
        self, settings: EmailSettings, clock: Callable[[], datetime], threads: Executor
    ) -> None:
        server = urlsplit(settings.url.reveal())
        self._encrypted = server.scheme == "smtps"
        self._host, self._port = server.hostname or "", server.port or _PORTS[server.scheme]
        self._inside = inside(self._host)
        self._user, self._password = unquote(server.username or ""), unquote(server.password or "")
        self._sender = settings.sender
        self._clock, self._threads = clock, threads

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one e-mail over."""
        loop, cut = asyncio.get_running_loop(), Cut()
        try:
            message = letter(call, self._sender, self._clock())
            handing_over = loop.run_in_executor(self._threads, self._hand_over, message, cut)
            await asyncio.wait_for(handing_over, LONGEST_SECONDS)
        except Exception as failure:
            outcome = outcome_of(failure)
            if outcome is None:
                raise
            log.info("e-mail %s was not taken: %s", call.handle, type(failure).__name__)
            return outcome
        finally:
            cut.make()  # else its thread may hand it over beside the next try, or outlive us
        return Outcome(Result.ACCEPTED)

    def _hand_over(self, message: EmailMessage, cut: Cut) -> None:
        """Returns when the server has taken it.

        :raises NotAsked: it was not asked to.
        """
        connected: smtplib.SMTP | None = None
        try:
            try:
                connected = self._connected(cut)
            except (smtplib.SMTPException, OSError) as failure:
                raise NotAsked(failure) from failure
            connected.send_message(message)
        finally:
            if connected is not None:
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    connected.putcmd("QUIT")  # what it says to that changes nothing
                connected.close()

    def _connected(self, cut: Cut) -> smtplib.SMTP:
        """A dialogue in which the server knows us, and nobody listens."""
        context = ssl.create_default_context()
        if self._encrypted:
            connected: smtplib.SMTP = EncryptedDialogue(
                cut, self._host, self._port, timeout=WAIT_SECONDS, context=context
            )
        else:
            connected = Dialogue(cut, self._host, self._port, timeout=WAIT_SECONDS)
        try:
            connected.ehlo_or_helo_if_needed()
            if not (self._encrypted or self._inside):
                connected.starttls(context=context)  # SMTPNotSupportedError: it has none
            if self._user:
                connected.login(self._user, self._password)
        except BaseException:
            connected.close()
            raise
        return connected


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[EmailSender]:
    """The sender of the configured mail server."""
    threads = ThreadPoolExecutor(AT_ONCE, "email")
    try:
        yield EmailSender(services.settings.channels.email, services.clock, threads)
    finally:
        threads.shutdown(wait=False)
