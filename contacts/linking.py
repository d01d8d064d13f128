"""Linking a person of the roster to a Telegram account, by invite code or by own phone number.

Each function runs inside a unit of work and writes its audit entry there. Refusals are raised as
``NotAllowed`` with a ``LinkRefusal``; nothing has changed then.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from contacts import people_store
from contacts.access import may_invite
from contacts.people import Contact, Person
from contacts.phones import masked, normalise
from data import audit
from data.database import Connection
from data.errors import InvalidInput, NotAllowed

# Telegram's start payload takes up to 64 of A-Z a-z 0-9 _ -; 12 bytes are 16 of them, 96 bits:
# not to be guessed, and small enough for a code that an old phone reads off paper.
_CODE_BYTES = 12


class LinkRefusal(Enum):
    """Why a link was not made."""

    UNKNOWN_CODE = "unknown_code"
    CODE_USED = "code_used"  # the person is linked to another Telegram account
    OTHERS_CONTACT = "others_contact"  # a contact card that is not the sender's own
    PHONE_INVALID = "phone_invalid"
    PHONE_UNKNOWN = "phone_unknown"  # not in the roster
    ACCOUNT_TAKEN = "account_taken"  # this Telegram account is another person of the roster
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Linked:
    """The person, as linked now; ``already`` when nothing had to be changed."""

    person: Person
    already: bool = False


def new_invite_code() -> str:
    """A fresh code: 16 characters that fit a deep link, from the system's secure source."""
    return secrets.token_urlsafe(_CODE_BYTES)


def link_by_code(connection: Connection, code: str, telegram_id: int, now: datetime) -> Linked:
    """Link the person this invite was printed for to the account that opened it.

    :raises NotAllowed: UNKNOWN_CODE, CODE_USED, ACCOUNT_TAKEN or INACTIVE.
    """
    person = people_store.person_by_invite(connection, code) if 0 < len(code) <= 64 else None
    if person is None:
        raise NotAllowed(LinkRefusal.UNKNOWN_CODE)
    return _link(connection, person, telegram_id, now, "code")


def link_by_contact(
    connection: Connection,
    phone: str,
    contact_user_id: int | None,
    telegram_id: int,
    now: datetime,
) -> Linked:
    """Link by a shared contact, which must be the sender's own.

    Telegram fills ``contact_user_id`` for a number shared by the button; a card forwarded or picked
    from the address book carries another's id, or none.

    :raises NotAllowed: OTHERS_CONTACT, PHONE_INVALID, PHONE_UNKNOWN, CODE_USED, ACCOUNT_TAKEN,
        INACTIVE.
    """
    if contact_user_id != telegram_id:
        raise NotAllowed(LinkRefusal.OTHERS_CONTACT)
    # Telegram gives the country code, always, but the plus sign only sometimes. Without it, a bare
    # number would be taken for a Chinese one, and +1 390... for +86 1390...: somebody else's.
    written = phone if phone.startswith("+") else f"+{phone}"
    try:
        number = normalise(written)
    except InvalidInput as error:
        raise NotAllowed(LinkRefusal.PHONE_INVALID) from error
    person = people_store.person_by_phone(connection, number)
    if person is None:
        raise NotAllowed(LinkRefusal.PHONE_UNKNOWN, phone=masked(number))
    return _link(connection, person, telegram_id, now, "contact")


def unlink(connection: Connection, person_id: int, now: datetime, actor: int | None = None) -> bool:
    """Undo a link, with a new invite code so that the old sheet opens nothing; False: not linked.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    person = people_store.person(connection, person_id)
    if person is None or person.telegram_id is None:
        return False
    people_store.clear_link(connection, person_id, new_invite_code())
    detail = {"telegram_id": person.telegram_id}
    audit.append(
        connection, now, [audit.Entry("person.unlinked", f"person:{person_id}", actor, detail)]
    )
    return True


def not_linked_yet(connection: Connection, officer: Person) -> list[Person]:
    """The persons of an officer's division and below whose invite links they may hand out now.

    Nobody for whoever may hand out none.
    """
    if not may_invite(officer).allowed:
        return []
    people = people_store.people_within(connection, officer.division_code)
    return [person for person in people if person.telegram_id is None]


def started(connection: Connection, telegram_id: int, now: datetime) -> Person | None:
    """A linked person wrote to the bot, so can be reached again, whatever the last send said."""
    person = people_store.person_by_telegram(connection, telegram_id)
    if person is None or person.contact is Contact.OK:
        return person
    people_store.set_contact(connection, {person.id: Contact.OK}, now)
    return replace(person, contact=Contact.OK)


def _link(
    connection: Connection, person: Person, telegram_id: int, now: datetime, how: str
) -> Linked:
    if not person.active:
        raise NotAllowed(LinkRefusal.INACTIVE)
    if person.telegram_id == telegram_id:
        return Linked(started(connection, telegram_id, now) or person, already=True)
    if person.telegram_id is not None:
        raise NotAllowed(LinkRefusal.CODE_USED)
    holder = people_store.person_by_telegram(connection, telegram_id)
    if holder is not None:
        raise NotAllowed(LinkRefusal.ACCOUNT_TAKEN, name=holder.name)
    people_store.set_link(connection, person.id, telegram_id, now)
    detail = {"telegram_id": telegram_id, "how": how}
    audit.append(
        connection, now, [audit.Entry("person.linked", f"person:{person.id}", person.id, detail)]
    )
    return Linked(replace(person, telegram_id=telegram_id, contact=Contact.OK))
