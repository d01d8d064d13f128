"""One connection to a mail server, which can be ended from outside while it waits for an answer."""

from __future__ import annotations

import contextlib
import smtplib
import socket
from typing import Any


class Cut:
    """Ends a dialogue that goes on in another thread: a server may answer one byte a minute."""

    def __init__(self) -> None:
        self.made = False
        self._dialogue: smtplib.SMTP | None = None

    def watch(self, dialogue: smtplib.SMTP) -> None:
        """This one is to be ended."""
        self._dialogue = dialogue

    def make(self) -> None:
        """End it now. Never waits: what the other thread waits for is at its end."""
        self.made = True
        connected: socket.socket | None = None if self._dialogue is None else self._dialogue.sock
        if connected is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                connected.shutdown(socket.SHUT_RDWR)


class Dialogue(smtplib.SMTP):
    """Without encryption from the start; ``cut`` can end it from when it begins to connect."""

    def __init__(self, cut: Cut, host: str, port: int, **more: Any) -> None:
        self._cut = cut
        cut.watch(self)
        super().__init__(host, port, **more)

    def getreply(self) -> tuple[int, bytes]:
        """What the server answers.

        :raises smtplib.SMTPServerDisconnected: it hung up, or was cut off.
        """
        if self._cut.made:  # before there was a socket to be shut
            self.close()
            raise smtplib.SMTPServerDisconnected("cut off")
        return super().getreply()


class EncryptedDialogue(Dialogue, smtplib.SMTP_SSL):
    """With TLS from the first byte."""
