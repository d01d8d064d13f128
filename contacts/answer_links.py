"""The signed link to the page where somebody answers a warning by browser. Pure: no I/O, no clock.

Whoever has no Telegram gets it by whatever reaches them. It is for one person and one call, and it
says so itself: nothing is stored, and what it shows is read anew each time it is opened. It bears
no secret of the person's; whoever holds it can answer in their place, so it lives no longer than
the warning.

The signature is HMAC-SHA256 over every byte before it, cut to 16 bytes: the link is passed on by
hand, and 128 bits are not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from contacts.signed_links import is_genuine, key_for, signed

LONGEST = 128
"""Characters of the longest text looked at."""

SIGNATURE_BYTES = 16

_PURPOSE = b"jiaoying answer page 1\n"
_FORM = re.compile(
    r"(?P<call>\d{1,18})-(?P<person>\d{1,18})-(?P<until>\d{1,12})\.(?P<signature>[A-Za-z0-9_-]{22})",
    re.ASCII,
)


class LinkFault(Enum):
    """Why a link opens nothing, or there is none."""

    FORGED = "forged"  # not signed by us, or altered
    EXPIRED = "expired"
    NOT_SET_UP = "page_not_set_up"  # there is no address to give out


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """Whose answer to which call it takes; ``until`` is in whole seconds."""

    call_id: int
    person_id: int
    until: datetime


def key_of(secret: str) -> bytes:
    """The signing key: a secret that signs passes to the board signs other bytes there."""
    return key_for(_PURPOSE, secret)


def good_until(expires_at: datetime, now: datetime, hours: float) -> datetime:
    """Until when a link made now is good.

    :param expires_at: when the warning ceases to hold, which no link outlives.
    :param hours: how long it is good at most; 0: as long as the warning.
    """
    return min(expires_at, now + timedelta(hours=hours)) if hours else expires_at


def sign(link: AnswerLink, key: bytes) -> str:
    """The link as text that can stand in an address."""
    told = f"{link.call_id}-{link.person_id}-{int(link.until.timestamp())}"
    return signed(told, key, SIGNATURE_BYTES)


def verify(text: str, key: bytes, now: datetime) -> AnswerLink | LinkFault:
    """The link that ``text`` is, or why it is none. Nothing of it is believed unless it is ours."""
    form = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if form is None or not is_genuine(text, key, SIGNATURE_BYTES):
        return LinkFault.FORGED
    until = datetime.fromtimestamp(int(form["until"]), UTC)
    link = AnswerLink(int(form["call"]), int(form["person"]), until)
    return link if now < until else LinkFault.EXPIRED
