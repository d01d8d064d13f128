"""What opens the board: signed passes. Pure: no I/O, no clock.

``/board`` gives its person a *link* pass: good for ten minutes and for one opening. Opening it
gives the browser a *session* pass in a cookie, good for hours, and makes a row of the session
(``contacts.board_link_store``): a session ends with its row. A pass names the person, the
Telegram account it was given to and the division it shows; at every request these are compared
with the roster, so that a post, an account or a division lost is a board lost at once.

The signature is HMAC-SHA256 over every byte of the pass before it. The numbers (ten minutes, once,
twelve hours) are ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from contacts.access import may_open_board
from contacts.people import Person
from contacts.signed_links import is_genuine, key_for, signed

LINK_FOR = timedelta(minutes=10)
SESSION_FOR = timedelta(hours=12)
LONGEST = 256
"""Characters of the longest text looked at."""

_PURPOSE = b"jiaoying board 1\n"
_FORM = re.compile(
    r"(?P<kind>[ls])-(?P<link>\d{1,18})-(?P<person>\d{1,18})-(?P<account>\d{1,18})"
    r"-(?P<scope>\d{12})-(?P<until>\d{1,12})\.(?P<signature>[A-Za-z0-9_-]{43})",
    re.ASCII,
)


class PassKind(Enum):
    """What a pass is for."""

    LINK = "l"
    SESSION = "s"


class BoardRefusal(Enum):
    """Why the board is not shown."""

    NO_PASS = "no_pass"  # nothing was shown to us
    FORGED = "forged"  # not signed by us, altered, or a pass of the other kind
    EXPIRED = "expired"
    USED = "used"  # the link was opened before
    ENDED = "ended"  # the session was left, or ended by an administrator
    NOT_IN_POST = "not_in_post"  # the post, the division or the account is another now
    NOT_CONFIGURED = "not_configured"  # there is no address to give out


@dataclass(frozen=True, slots=True)
class Pass:
    """Whom the board is for. ``account`` is the Telegram id; ``until`` is in whole seconds."""

    kind: PassKind
    link_id: int
    person_id: int
    account: int
    scope: str
    until: datetime


def key_of(secret: str) -> bytes:
    """The signing key: a secret used elsewhere too signs nothing of ours."""
    return key_for(_PURPOSE, secret)


def link_for(link_id: int, person: Person, now: datetime) -> Pass:
    """The pass of a new link; ``person`` must be linked to Telegram."""
    assert person.telegram_id is not None
    return Pass(
        PassKind.LINK, link_id, person.id, person.telegram_id, person.division_code, now + LINK_FOR
    )


def session_for(link: Pass, now: datetime) -> Pass:
    """The pass of the browser that opened ``link``."""
    return Pass(
        PassKind.SESSION, link.link_id, link.person_id, link.account, link.scope, now + SESSION_FOR
    )


def sign(board_pass: Pass, key: bytes) -> str:
    """The pass as text that can stand in an address or a cookie."""
    until = int(board_pass.until.timestamp())
    numbers = f"{board_pass.link_id}-{board_pass.person_id}-{board_pass.account}"
    return signed(f"{board_pass.kind.value}-{numbers}-{board_pass.scope}-{until}", key)


def verify(text: str, kind: PassKind, key: bytes, now: datetime) -> Pass | BoardRefusal:
    """The pass that ``text`` is, or why it is none. Nothing of it is believed unless it is ours."""
    if not text:
        return BoardRefusal.NO_PASS
    form = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if form is None or not is_genuine(text, key):
        return BoardRefusal.FORGED
    until = datetime.fromtimestamp(int(form["until"]), UTC)
    board_pass = Pass(
        PassKind(form["kind"]),
        int(form["link"]),
        int(form["person"]),
        int(form["account"]),
        form["scope"],
        until,
    )
    if board_pass.kind is not kind:
        return BoardRefusal.FORGED
    return board_pass if now < until else BoardRefusal.EXPIRED


def still_good(board_pass: Pass, person: Person | None) -> BoardRefusal | None:
    """Whether the roster still knows the bearer as the pass does; ``None`` when it does."""
    known = (
        person is not None
        and person.id == board_pass.person_id
        and person.telegram_id == board_pass.account
        and person.division_code == board_pass.scope
        and may_open_board(person).allowed
    )
    return None if known else BoardRefusal.NOT_IN_POST
