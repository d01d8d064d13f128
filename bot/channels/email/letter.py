"""A warning as an e-mail, and what a mail server's refusal means. Pure."""

from __future__ import annotations

import smtplib
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bot.channels.events import OutgoingCall
from bot.channels.sending import Outcome, Result
from contacts.channels import Cause

_UNKNOWN_MAILBOX = frozenset({550, 551, 553})
"""RFC 5321, 4.2.3: the mailbox does not exist, is elsewhere, or its name is not allowed."""

_FOR_NOW = range(400, 500)


class BadAddress(ValueError):
    """What is stored as an address is none."""


def letter(call: OutgoingCall, sender: str, now: datetime) -> EmailMessage:
    """The e-mail of one call. Its id is that of the try, so that a second copy is seen to be one.

    :param sender: the address it comes from.
    :raises BadAddress: nobody can be written to there.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = call.title
    message["From"] = sender
    message["To"] = _address(call.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{call.handle}.jiaoying@{sender.rpartition('@')[2]}>"
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
    return [
        call.title,
        call.text,
        "请打开下面的网页按「收到」，也可在那里说需要支援。回复本邮件不算答复。\n"
        "Open this page and press 收到 Received; you can ask for help there too."
        " A reply to this e-mail is no answer.",
        call.link,
    ]


def outcome_of(failure: Exception) -> Outcome | None:
    """What it means that a mail server did not take an e-mail; ``None``: it is our own bug.

    A mailbox that does not exist, or an e-mail that the server will not have, is the address's
    matter; that it does not know us, or cannot be reached, is the channel's.
    """
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        [(code, _)] = failure.recipients.values()
        return _refused(code)
    if isinstance(failure, smtplib.SMTPDataError):
        return _refused(failure.smtp_code)
    if isinstance(failure, smtplib.SMTPNotSupportedError | UnicodeError | BadAddress):
        return Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)  # 村长@… on an old server
    if isinstance(failure, _NOT_SENT):
        return Outcome(Result.LATER)
    if isinstance(failure, smtplib.SMTPException | OSError):  # perhaps after it was handed over
        return Outcome(Result.UNCERTAIN)
    return None


_NOT_SENT = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
)


def _refused(code: int) -> Outcome:
    if code in _FOR_NOW:  # this mailbox is full or greylisted; the others may be well
        return Outcome(Result.UNCERTAIN)
    unknown = code in _UNKNOWN_MAILBOX
    cause = Cause.NO_SUCH_NUMBER if unknown else Cause.CARRIER_BLOCKED
    return Outcome(Result.REFUSED, cause=cause)
