"""An office's mail server: takes e-mails by SMTP, or refuses them as it is told."""

from __future__ import annotations

import asyncio
import email.policy
from collections import deque
from email import message_from_bytes
from email.message import EmailMessage
from typing import cast


class MailServer:
    """Listens on a port of this machine while it is entered."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refusals: dict[str, int] = {}  # codes by address
        self.after_data: deque[int] = deque()  # codes for the next e-mails; 0 hangs up
        self.says = {"EHLO": "250 mail", "AUTH": "235 well", "QUIT": "221 bye"}
        self.mute = False  # it takes connections and answers nothing
        self.asked = asyncio.Event()
        self.left = asyncio.Event()  # somebody has hung up
        self.verbs: list[str] = []
        self.port = 0

    async def __aenter__(self) -> MailServer:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def to(self, address: str) -> list[EmailMessage]:
        """The e-mails to an address, in order."""
        return [letter for letter in self.letters if letter["To"] == address]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""

        def says(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        says("220 mail")
        while line := (await reader.readline()).decode("utf-8").strip():
            verb = line[:4].upper()
            self.verbs.append(verb)
            self.asked.set()
            if self.mute:
                continue
            if verb == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                says(f"{self.refusals.get(recipient, 250)} there")
            elif verb == "DATA":
                says("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                code = self.after_data.popleft() if self.after_data else 250
                if code in (0, 250):
                    read = message_from_bytes(body[:-3], policy=email.policy.default)
                    self.letters.append(cast(EmailMessage, read))
                    self.recipients.append(recipient)
                if code == 0:
                    break
                says(f"{code} done")
            else:
                says(self.says.get(verb, "250 well"))
                if verb == "QUIT":
                    break
        self.left.set()
        writer.close()
