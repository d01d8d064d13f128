"""The address under which a calendar program reads a person's shifts: a signed name. Pure.

A calendar program asks for it for months, with nothing else to show: so it names one row
(``contacts.calendar_link_store``) that its person can end at any time, and opens nothing else than
that person's own shifts. It is compared with the roster at every look: who left, whose account or
post is another, has no calendar any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from contacts.people import Person
from contacts.signed_links import is_genuine, key_for, signed

_PURPOSE = b"jiaoying calendar 1\n"
_FORM = re.compile(
    r"(?P<link>\d{1,18})-(?P<person>\d{1,18})-(?P<account>\d{1,18})\.[A-Za-z0-9_-]{43}", re.ASCII
)
LONGEST = 128
"""Characters of the longest text looked at."""


@dataclass(frozen=True, slots=True)
class CalendarPass:
    """Whose calendar it is: the row, the person, and the Telegram account it was given to."""

    link_id: int
    person_id: int
    account: int


def key_of(secret: str) -> bytes:
    """The signing key: a secret used elsewhere too signs nothing of ours."""
    return key_for(_PURPOSE, secret)


def sign(calendar: CalendarPass, key: bytes) -> str:
    """The pass as text that can stand in an address."""
    return signed(f"{calendar.link_id}-{calendar.person_id}-{calendar.account}", key)


def verify(text: str, key: bytes) -> CalendarPass | None:
    """The pass that ``text`` is; ``None``: not signed by us."""
    form = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    if form is None or not is_genuine(text, key):
        return None
    return CalendarPass(int(form["link"]), int(form["person"]), int(form["account"]))


def still_good(calendar: CalendarPass, person: Person | None) -> bool:
    """Whether the roster still knows the bearer as the pass does."""
    return (
        person is not None
        and person.active
        and person.id == calendar.person_id
        and person.telegram_id == calendar.account
    )
