"""Who can be called: a person has one post (role) in one division, and a rank in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from contacts.divisions.codes import Tier, tier_of


class Role(Enum):
    """The posts of the field; the value is the word of the people file."""

    COMMANDER = "commander"
    DIRECTOR = "director"
    DEPUTY_DIRECTOR = "deputy_director"
    FLOOD_OFFICE_HEAD = "flood_office_head"
    FIRE_OFFICE_HEAD = "fire_office_head"
    DUTY_OFFICER = "duty_officer"
    STAFF = "staff"
    VILLAGE_RESPONSIBLE = "village_responsible"
    RANGER = "ranger"
    LOOKOUT = "lookout"
    CHECKPOINT = "checkpoint"


COMMANDING = frozenset(
    {
        Role.COMMANDER,
        Role.DIRECTOR,
        Role.DEPUTY_DIRECTOR,
        Role.FLOOD_OFFICE_HEAD,
        Role.FIRE_OFFICE_HEAD,
    }
)
"""Those who may release a warning to their division and below (the issue's scope rule)."""

RIGHTS = COMMANDING | {Role.DUTY_OFFICER}
"""Posts that let their holder release, or act for others: no code alone makes anybody one."""

CODE_FOR = timedelta(days=30)
"""How long an invite code opens something, unless the configuration says otherwise (ours)."""

PATROLLING = frozenset({Role.RANGER, Role.LOOKOUT, Role.CHECKPOINT})
"""三员: rangers, lookouts, checkpoint staff."""


class Contact(Enum):
    """What the last send to a person (or group) taught us about reaching them."""

    OK = "ok"
    NEVER_STARTED = "never_started"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    REMOVED = "removed"  # groups: the bot was thrown out
    REFUSED = "refused"  # groups: the bot may not write there; it is asked about again
    BOT_DOWN = "bot_down"  # their bot cannot speak now (contacts.bots.Down)


MAY_BE_BACK = frozenset({Contact.NEVER_STARTED, Contact.BLOCKED, Contact.DEACTIVATED})
"""Believed of a person until a word of theirs, or a message that arrives, says otherwise."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the roster. ``phone`` is in international form (``+86139…``)."""

    id: int
    name: str
    phone: str = field(repr=False)
    division_code: str
    role: Role
    rank: int
    language: str = "zh"
    telegram_id: int | None = None
    contact: Contact = Contact.OK
    invite_code: str = field(default="", repr=False)
    active: bool = True

    @property
    def tier(self) -> Tier:
        """The tier of the person's division."""
        return tier_of(self.division_code)

    @property
    def reachable(self) -> bool:
        """Linked to Telegram, and the last send did not say otherwise."""
        return self.telegram_id is not None and self.contact is Contact.OK
