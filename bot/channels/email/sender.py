"""Hands e-mails to the office's mail server: one person each, on a connection of its own."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from bot.channels.email.letter import letter, outcome_of
from bot.channels.events import OutgoingCall
from bot.channels.sending import AT_ONCE, Outcome, Result
from bot.config.setting_kinds import unheard_on_the_way
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
        self._inside = not self._encrypted and unheard_on_the_way(f"http://{server.netloc}")
        self._user, self._password = unquote(server.username or ""), unquote(server.password or "")
        self._sender = settings.sender
        self._clock, self._threads = clock, threads

    async def send(self, call: OutgoingCall) -> Outcome:
        """Hand one e-mail over."""
        loop = asyncio.get_running_loop()
        try:
            message = letter(call, self._sender, self._clock())
            handing_over = loop.run_in_executor(self._threads, self._hand_over, message)
            await asyncio.wait_for(handing_over, LONGEST_SECONDS)
        except (ConnectionRefusedError, socket.gaierror, ssl.SSLError):
            return Outcome(Result.LATER)
        except Exception as failure:
            outcome = outcome_of(failure)
            if outcome is None:
                raise
            log.info("e-mail %s was not taken: %s", call.handle, type(failure).__name__)
            return outcome
        return Outcome(Result.ACCEPTED)

    def _hand_over(self, message: EmailMessage) -> None:
        context = ssl.create_default_context()
        connected: smtplib.SMTP
        if self._encrypted:
            connected = smtplib.SMTP_SSL(
                self._host, self._port, timeout=WAIT_SECONDS, context=context
            )
        else:
            connected = smtplib.SMTP(self._host, self._port, timeout=WAIT_SECONDS)
        with connected:
            connected.ehlo_or_helo_if_needed()
            if not (self._encrypted or self._inside):
                if not connected.has_extn("starttls"):
                    raise smtplib.SMTPConnectError(connected.default_port, "no STARTTLS")
                connected.starttls(context=context)
            if self._user:
                connected.login(self._user, self._password)
            connected.send_message(message)


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[EmailSender]:
    """The sender of the configured mail server."""
    threads = ThreadPoolExecutor(AT_ONCE, "email")
    try:
        yield EmailSender(services.settings.channels.email, services.clock, threads)
    finally:
        threads.shutdown(wait=False)
