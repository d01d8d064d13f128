"""A warning as an e-mail, and what a mail server's refusal means. Pure."""

from __future__ import annotations

import re
import smtplib
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from alerts.channels.model import Trouble
from bot.channels.events import OutgoingCall
from bot.channels.reference import reference
from bot.channels.sending import Outcome, Result
from contacts.channels import Cause

_UNKNOWN_MAILBOX = frozenset({550, 551, 553})
"""RFC 5321, 4.2.3: the mailbox does not exist, is elsewhere, or its name is not allowed."""

_FOR_NOW = range(400, 500)

_ASKS_FOR_A_LOGIN = frozenset({530})  # RFC 4954, 6

_ENHANCED = re.compile(r"5\.(\d{1,3}\.\d{1,3})\b", re.ASCII)
_WRONG_MAILBOX = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
"""RFC 3463 and 7505: no such mailbox or domain, a bad address, moved, no e-mail there, disabled."""


class BadAddress(ValueError):
    """What is stored as an address is none."""


def letter(call: OutgoingCall, sender: str, now: datetime) -> EmailMessage:
    """The e-mail of one call. Its id is that of the try, by which a second copy is seen to be one.

    :param sender: the address it comes from.
    :raises BadAddress: nobody can be written to there.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = call.title
    message["From"] = sender
    message["To"] = _address(call.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{reference(call)}.jiaoying@{sender.rpartition('@')[2]}>"
    message["Importance"] = "high"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no "I am on holiday" in return
    message.set_content("\n\n".join(_parts(call)) + "\n", charset="utf-8", cte="base64")
    return message


def _address(text: str) -> Address:
    """One address and nothing else: no second reader, no further header."""
    if not text.isprintable() or any(mark in text for mark in " ,;<>"):
        raise BadAddress
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress from error


def _parts(call: OutgoingCall) -> list[str]:
    """Both languages: it is read on whatever the office has, and passed on."""
    if not call.asks:
        return [call.title, call.text]
    return [
        call.title,
        call.text,
        "请打开下面的网页按「收到」，也可在那里说需要支援。回复本邮件不算答复。\n"
        "Open this page and press 收到 Received; you can ask for help there too."
        " A reply to this e-mail is no answer.",
        call.link,
    ]


class NotAsked(Exception):
    """The server was not asked to take any e-mail: it was not reached, or will not have us.

    :param failure: what it said, or what became of the connection.
    """

    def __init__(self, failure: Exception) -> None:
        super().__init__(type(failure).__name__)
        self.failure = failure


def outcome_of(failure: Exception) -> Outcome | None:
    """What it means that a mail server did not take an e-mail; ``None``: it is our own bug.

    A mailbox that does not exist, or an e-mail that the server will not have, is the address's
    matter; that it does not know us, or cannot be reached, is the channel's.
    """
    if isinstance(failure, NotAsked):
        return _does_not_know_us(failure.failure)
    if isinstance(failure, smtplib.SMTPSenderRefused):
        return _does_not_know_us(failure)
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        [(code, words)] = failure.recipients.values()
        if code in _ASKS_FOR_A_LOGIN:
            return Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words=str(code))
        return _refused(code, _text(words), _UNKNOWN_MAILBOX)
    if isinstance(failure, smtplib.SMTPDataError):
        return _refused(failure.smtp_code, _text(failure.smtp_error), frozenset())
    if isinstance(failure, smtplib.SMTPNotSupportedError | UnicodeError | BadAddress):
        return Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)  # 村长@… on an old server
    if isinstance(failure, smtplib.SMTPException | OSError):  # perhaps after it was handed over
        return Outcome(Result.UNCERTAIN)
    return None


def _does_not_know_us(failure: Exception) -> Outcome:
    """The channel's matter; what does not pass by itself is told to the duty officer."""
    words = ""
    if isinstance(failure, smtplib.SMTPNotSupportedError):  # no AUTH or no STARTTLS: a wrong port
        words = str(failure)
    elif isinstance(failure, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused):
        words = "" if failure.smtp_code in _FOR_NOW else str(failure.smtp_code)
    return Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED if words else None, words=words)


def _refused(code: int, words: str, unknown: frozenset[int]) -> Outcome:
    """What it means that one e-mail was refused.

    :param unknown: codes that mean an unknown mailbox where the server tells no more: the same
        codes say that somebody may not relay, or that the text looks like spam.
    """
    if code in _FOR_NOW:  # this mailbox is full or greylisted; the others may be well
        return Outcome(Result.UNCERTAIN)
    more = _ENHANCED.match(words)
    if more is not None:
        wrong = more[1] in _WRONG_MAILBOX
    else:
        wrong = code in unknown and "relay" not in words.lower()
    cause = Cause.NO_SUCH_NUMBER if wrong else Cause.CARRIER_BLOCKED
    return Outcome(Result.REFUSED, cause=cause)


def _text(words: bytes | str) -> str:
    return words if isinstance(words, str) else words.decode(errors="replace")
