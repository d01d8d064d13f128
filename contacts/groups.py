"""Work groups: a Telegram group of one division, for floods, fires or both. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from contacts.people import Contact


class Purpose(Enum):
    """What a group is for; the value is the word of the groups file."""

    FLOOD = "flood"
    FIRE = "fire"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Group:
    """One work group.

    ``contact`` is REMOVED once the bot was thrown out of it, REFUSED while it may not write there.
    """

    chat_id: int
    title: str
    division_code: str
    purpose: Purpose
    contact: Contact = Contact.OK


def purposes_for(purpose: Purpose | str) -> frozenset[Purpose]:
    """The purposes whose groups get a post meant for ``purpose``: that one, and ALL.

    A post for ALL goes to every group.
    """
    wanted = Purpose(purpose)
    return frozenset(Purpose) if wanted is Purpose.ALL else frozenset({wanted, Purpose.ALL})
