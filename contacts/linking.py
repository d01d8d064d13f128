"""Linking a person of the roster to a Telegram account, by invite code or by own phone number.

Who holds a post with rights (``contacts.people.RIGHTS``, or a shift) needs both, or the word of
somebody above: a code is shown to others before it comes to its person, and a number may have been
somebody else's last year.

Each function runs inside a unit of work and writes its audit entry there. Refusals are raised as
``NotAllowed`` with a ``LinkRefusal``; nothing has changed then.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from contacts import board_link_store, bot_store, link_store, people_store
from contacts.access import may_approve_link, may_hand_code, may_invite, require
from contacts.link_requests import LinkRequest, Proof
from contacts.people import CODE_FOR, RIGHTS, Contact, Person
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
    CODE_EXPIRED = "code_expired"
    CODE_USED = "code_used"  # the person is linked to another Telegram account
    OTHERS_CONTACT = "others_contact"  # a contact card that is not the sender's own
    PHONE_INVALID = "phone_invalid"
    PHONE_UNKNOWN = "phone_unknown"  # not in the roster
    NO_SUCH_NUMBER = "no_such_number"  # the same, to an operator who named it
    ACCOUNT_TAKEN = "account_taken"  # this Telegram account is another person of the roster
    ACCOUNT_BLOCKED = "account_blocked"  # it was untied from somebody
    NO_REQUEST = "no_request"  # nothing to approve: too old, refused, or decided already
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Linked:
    """The person, as linked now; ``already`` when nothing had to be changed."""

    person: Person
    already: bool = False


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """Not linked yet: the post gives rights, and ``shown`` alone is not enough.

    ``news``: those who may approve it are to be asked; they were not asked lately.
    """

    person: Person
    shown: Proof
    news: bool


def new_invite_code() -> str:
    """A fresh code: 16 characters that fit a deep link, from the system's secure source."""
    return secrets.token_urlsafe(_CODE_BYTES)


def new_invite_codes(count: int) -> list[str]:
    """As many fresh codes by one call of the secure source: a file brings tens of thousands."""
    written = urlsafe_b64encode(secrets.token_bytes(_CODE_BYTES * count)).decode()
    length = _CODE_BYTES * 4 // 3
    return [written[start : start + length] for start in range(0, len(written), length)]


def link_by_code(
    connection: Connection,
    code: str,
    telegram_id: int,
    now: datetime,
    *,
    bot_id: int | None = None,
    asker: str = "",
    valid_for: timedelta = CODE_FOR,
) -> Linked | LinkAsked:
    """Link the person this invite was printed for to the account that opened it.

    :param bot_id: the bot that was written to.
    :param asker: what the account is called at Telegram.
    :raises NotAllowed: UNKNOWN_CODE, CODE_EXPIRED, CODE_USED, ACCOUNT_TAKEN, ACCOUNT_BLOCKED or
        INACTIVE.
    """
    person = people_store.person_by_invite(connection, code) if 0 < len(code) <= 64 else None
    if person is None:
        raise NotAllowed(LinkRefusal.UNKNOWN_CODE)
    made_at = link_store.code_made_at(connection, person.id)
    if person.telegram_id is None and made_at is not None and now >= made_at + valid_for:
        raise NotAllowed(LinkRefusal.CODE_EXPIRED)
    return _prove(connection, person, telegram_id, now, Proof.CODE, bot_id, asker)


def link_by_contact(
    connection: Connection,
    phone: str,
    contact_user_id: int | None,
    telegram_id: int,
    now: datetime,
    *,
    bot_id: int | None = None,
    asker: str = "",
) -> Linked | LinkAsked:
    """Link by a shared contact, which must be the sender's own.

    Telegram fills ``contact_user_id`` for a number shared by the button; a card forwarded or picked
    from the address book carries another's id, or none.

    :param bot_id: the bot that was written to.
    :param asker: what the account is called at Telegram.
    :raises NotAllowed: OTHERS_CONTACT, PHONE_INVALID, PHONE_UNKNOWN, CODE_USED, ACCOUNT_TAKEN,
        ACCOUNT_BLOCKED, INACTIVE.
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
    return _prove(connection, person, telegram_id, now, Proof.PHONE, bot_id, asker)


def approve(
    connection: Connection, person_id: int, telegram_id: int, by: Person | None, now: datetime
) -> tuple[Linked, LinkRequest]:
    """Somebody above says that the account is this person's: it is linked.

    :param by: who says so; ``None`` for the operator at the command line.
    :raises NotAllowed: ``by`` may not, or there is nothing to approve (``NO_REQUEST``), or the
        account cannot be linked any more: see ``link_by_code``.
    """
    person, wanted = _wanted(connection, person_id, telegram_id, by, now)
    if not _to_be_proven(person, telegram_id):
        _refuse_if_taken(connection, person, telegram_id)
    actor = None if by is None else by.id
    linked = _link(connection, person, telegram_id, now, "approval", actor, approved_by=actor)
    return linked, wanted


def refuse(
    connection: Connection, person_id: int, telegram_id: int, by: Person | None, now: datetime
) -> LinkRequest:
    """Somebody above says that the account is not this person's: what it has shown counts no more.

    A code that came to it opens nothing any more either: it was in the wrong hands. An account that
    was linked already, before the post came, is taken away.

    :raises NotAllowed: ``by`` may not, or there is nothing to refuse (``NO_REQUEST``).
    """
    person, wanted = _wanted(connection, person_id, telegram_id, by, now)
    link_store.forget_request(connection, person_id, telegram_id)
    if _to_be_proven(person, telegram_id):
        unlink(connection, person_id, now, None if by is None else by.id)
    if wanted.code_at is not None:
        link_store.set_codes(connection, {person_id: new_invite_code()}, now)
    detail = {"account": _shown(connection, telegram_id)}
    actor = None if by is None else by.id
    entry = audit.Entry("person.link_refused", f"person:{person_id}", actor, detail)
    audit.append(connection, now, [entry])
    return wanted


def unlink(connection: Connection, person_id: int, now: datetime, actor: int | None = None) -> bool:
    """Undo a link, with a new invite code so that the old sheet opens nothing; False: not linked.

    The account is shut out until somebody lifts that: whoever holds the lost telephone links to
    nobody with it.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    person = people_store.person(connection, person_id)
    if person is None or person.telegram_id is None:
        return False
    untie(connection, person, now)
    detail = {"account": _shown(connection, person.telegram_id)}
    audit.append(
        connection, now, [audit.Entry("person.unlinked", f"person:{person_id}", actor, detail)]
    )
    return True


def untie(connection: Connection, person: Person, now: datetime) -> None:
    """Take a person's account and code away; both open nothing any more, and the board shuts."""
    board_link_store.end_everything_of(connection, person.id)
    people_store.clear_link(connection, person.id, new_invite_code(), now)
    link_store.forget_requests(connection, person.id)
    if person.telegram_id is not None:
        link_store.block_account(connection, person.telegram_id, person.id, now)


def renew_code(
    connection: Connection, person_id: int, now: datetime, actor: int | None = None
) -> bool:
    """Give a person a new invite code: a sheet that was lost opens nothing; False: they are linked.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    person = people_store.person(connection, person_id)
    if person is None or person.telegram_id is not None:
        return False
    link_store.set_codes(connection, {person_id: new_invite_code()}, now)
    audit.append(
        connection, now, [audit.Entry("person.code_renewed", f"person:{person_id}", actor)]
    )
    return True


def unblock(
    connection: Connection, person_id: int, now: datetime, actor: int | None = None
) -> bool:
    """Let in again the accounts that were taken from this person; False: there are none.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    accounts = link_store.unblock_accounts_of(connection, person_id)
    if not accounts:
        return False
    detail = {"accounts": [_shown(connection, account) for account in accounts]}
    entry = audit.Entry("person.unblocked", f"person:{person_id}", actor, detail)
    audit.append(connection, now, [entry])
    return True


def not_linked_yet(connection: Connection, officer: Person, now: datetime) -> list[Person]:
    """The persons below an officer's division whose invite links they may hand out now.

    Nobody for whoever may hand out none.
    """
    if not may_invite(officer).allowed:
        return []
    people = people_store.people_within(connection, officer.division_code)
    free = [
        person
        for person in people
        if person.telegram_id is None and may_hand_code(officer, person).allowed
    ]
    watching = link_store.on_shift_from(connection, [person.id for person in free], now)
    return [person for person in free if person.id not in watching]


def hand_out(
    connection: Connection,
    people: Iterable[Person],
    by: Person | None,
    how: str,
    now: datetime,
    valid_for: timedelta = CODE_FOR,
) -> list[Person]:
    """Note that the codes of these persons are shown; returns the persons with codes to be shown.

    Each holds for half of its time at least: an older one is replaced, and opens nothing any more.

    :param by: who sees them; ``None`` for the operator at the command line.
    :param how: where: ``link`` or ``sheet``.
    """
    shown = list(people)
    made = link_store.codes_made_at(connection, [person.id for person in shown])
    codes = {
        person.id: new_invite_code()
        for person in shown
        if person.telegram_id is None and _half_over(made.get(person.id), valid_for, now)
    }
    link_store.set_codes(connection, codes, now)
    actor = None if by is None else by.id
    entries = [
        audit.Entry("person.invited", f"person:{person.id}", actor, {"how": how})
        for person in shown
    ]
    audit.append(connection, now, entries)
    return [
        replace(person, invite_code=codes.get(person.id, person.invite_code)) for person in shown
    ]


def started(connection: Connection, telegram_id: int, now: datetime) -> Person | None:
    """A linked person wrote to the bot, so can be reached again, whatever the last send said."""
    person = people_store.person_by_telegram(connection, telegram_id)
    if person is None or person.contact is Contact.OK:
        return person
    people_store.set_contact(connection, {person.id: Contact.OK}, now)
    return replace(person, contact=Contact.OK)


def gives_rights(connection: Connection, person: Person, now: datetime) -> bool:
    """Whether being this person lets one release, or act for others."""
    return person.holds(RIGHTS) or bool(link_store.on_shift_from(connection, [person.id], now))


def _shown(connection: Connection, account: int) -> str:
    """An account as the trail has it: it is personal data, and the trail is for good."""
    return audit.hidden(connection, str(account))


def _half_over(made_at: datetime | None, valid_for: timedelta, now: datetime) -> bool:
    return made_at is not None and now - made_at > valid_for / 2


def _prove(
    connection: Connection,
    person: Person,
    telegram_id: int,
    now: datetime,
    proof: Proof,
    bot_id: int | None,
    asker: str,
) -> Linked | LinkAsked:
    """Link, if what the account has shown is enough; else note what it has shown."""
    if not _to_be_proven(person, telegram_id):
        if person.active and person.telegram_id == telegram_id:
            return Linked(started(connection, telegram_id, now) or person, already=True)
        _refuse_if_taken(connection, person, telegram_id)
    if not gives_rights(connection, person, now):
        if person.telegram_id == telegram_id:
            return Linked(started(connection, telegram_id, now) or person, already=True)
        linked = _link(connection, person, telegram_id, now, proof.value, person.id)
        # Enough for a post without rights; one that comes later, or a shift, wants the rest.
        link_store.want_proof(connection, [person.id])
        return replace(linked, person=replace(linked.person, unproven=True))
    known = link_store.request(connection, person.id, telegram_id)
    news = known is None or not known.open(now)
    if known is None or news:
        known = LinkRequest(person.id, telegram_id, bot_id, asker, asked_at=now)
    known = replace(known, code_at=now) if proof is Proof.CODE else replace(known, phone_at=now)
    if all(known.counts(shown, now) for shown in Proof):
        return _link(connection, person, telegram_id, now, "code and contact", person.id)
    link_store.save_request(connection, known)
    if news:
        detail = {"account": _shown(connection, telegram_id), "shown": proof.value}
        entry = audit.Entry("person.link_asked", f"person:{person.id}", None, detail)
        audit.append(connection, now, [entry])
    return LinkAsked(person, proof, news)


def _to_be_proven(person: Person, telegram_id: int) -> bool:
    """Whether the account is the person's, and was linked before the post that gives rights."""
    return person.active and person.unproven and person.telegram_id == telegram_id


def wanted_by(
    connection: Connection, person: Person, telegram_id: int, now: datetime
) -> LinkRequest | None:
    """What somebody above may approve: that this account is, or stays, the person's."""
    wanted = link_store.request(connection, person.id, telegram_id)
    if wanted is not None and wanted.open(now):
        return wanted
    if _to_be_proven(person, telegram_id):
        served_by = bot_store.bot_id_of_person(connection, person.id)
        return LinkRequest(person.id, telegram_id, served_by, "")
    return None


def _refuse_if_taken(connection: Connection, person: Person, telegram_id: int) -> None:
    if not person.active:
        raise NotAllowed(LinkRefusal.INACTIVE)
    if person.telegram_id is not None:
        raise NotAllowed(LinkRefusal.CODE_USED)
    if link_store.is_blocked(connection, telegram_id):
        raise NotAllowed(LinkRefusal.ACCOUNT_BLOCKED)
    holder = people_store.person_by_telegram(connection, telegram_id)
    if holder is not None:
        raise NotAllowed(LinkRefusal.ACCOUNT_TAKEN, name=holder.name)


def _wanted(
    connection: Connection, person_id: int, telegram_id: int, by: Person | None, now: datetime
) -> tuple[Person, LinkRequest]:
    person = people_store.person(connection, person_id)
    if person is None:
        raise NotAllowed(LinkRefusal.NO_REQUEST)
    if by is not None:
        watched = link_store.watched_by(connection, person_id, now)
        require(may_approve_link(by, person, watched))
    wanted = wanted_by(connection, person, telegram_id, now)
    if wanted is None:
        raise NotAllowed(LinkRefusal.NO_REQUEST)
    return person, wanted


def _link(
    connection: Connection,
    person: Person,
    telegram_id: int,
    now: datetime,
    how: str,
    actor: int | None,
    approved_by: int | None = None,
) -> Linked:
    people_store.set_link(connection, person.id, telegram_id, now)
    link_store.forget_requests(connection, person.id)
    if gives_rights(connection, person, now):
        link_store.note_linked(connection, person.id, approved_by)
    detail = {"account": _shown(connection, telegram_id), "how": how}
    audit.append(
        connection, now, [audit.Entry("person.linked", f"person:{person.id}", actor, detail)]
    )
    return Linked(replace(person, telegram_id=telegram_id, contact=Contact.OK))
