"""People and groups come to a bot and leave it: who serves them, who can be reached, their calls.

Whoever comes in the middle of a warning gets their open calls at once, from the bot they came to.
"""

from __future__ import annotations

from datetime import datetime

from alerts.accounts import ask_approvers, note_use, tell_linked
from alerts.group_reach import post_after_all
from alerts.outbox import chat_store
from alerts.reach import lost, reached_again
from alerts.rules import Rules
from contacts import bot_store, people_store
from contacts.group_store import group, mark_group, migrate_group
from contacts.groups import Group
from contacts.link_requests import LinkRequest
from contacts.linking import LinkAsked, Linked, approve, link_by_code, link_by_contact, started
from contacts.people import Contact, Person
from data.database import Connection


def join_by_code(
    connection: Connection,
    code: str,
    telegram_id: int,
    bot_id: int,
    rules: Rules,
    now: datetime,
    asker: str = "",
) -> Linked | LinkAsked:
    """Somebody opened an invite link.

    :param asker: what the account is called at Telegram.
    :raises NotAllowed: see ``contacts.linking.link_by_code``.
    """
    linked = link_by_code(
        connection,
        code,
        telegram_id,
        now,
        bot_id=bot_id,
        asker=asker,
        valid_for=rules.code_for,
    )
    _join(connection, linked, telegram_id, bot_id, rules, now)
    return linked


def join_by_contact(
    connection: Connection,
    phone: str,
    contact_user_id: int | None,
    telegram_id: int,
    bot_id: int,
    rules: Rules,
    now: datetime,
    asker: str = "",
) -> Linked | LinkAsked:
    """Somebody shared their telephone number.

    :param contact_user_id: whose number it is, by Telegram.
    :param asker: what the account is called at Telegram.
    :raises NotAllowed: see ``contacts.linking.link_by_contact``.
    """
    linked = link_by_contact(
        connection, phone, contact_user_id, telegram_id, now, bot_id=bot_id, asker=asker
    )
    _join(connection, linked, telegram_id, bot_id, rules, now)
    return linked


def join_by_approval(
    connection: Connection,
    person_id: int,
    telegram_id: int,
    by: Person | None,
    rules: Rules,
    now: datetime,
) -> tuple[Person, LinkRequest]:
    """Somebody above said that an account is a person's: it is served from now on.

    :param by: who said so; ``None`` for the operator at the command line.
    :returns: the person as linked, and what the account had shown.
    :raises NotAllowed: see ``contacts.linking.approve``.
    """
    linked, wanted = approve(connection, person_id, telegram_id, by, now)
    if by is not None:
        note_use(connection, by, now)
    if wanted.bot_id is not None:
        _serve(connection, linked.person, wanted.bot_id, rules, now)
    tell_linked(connection, linked.person, None if by is None else by.id, now)
    return linked.person, wanted


def come_back(
    connection: Connection, telegram_id: int, bot_id: int, rules: Rules, now: datetime
) -> Person | None:
    """A person started the bot or unblocked it; ``None``: nobody of the roster."""
    person = started(connection, telegram_id, now)
    if person is not None:
        _serve(connection, person, bot_id, rules, now)
    return person


def heard(connection: Connection, person_id: int, bot_id: int, rules: Rules, now: datetime) -> None:
    """A person wrote to the bot or pressed a button, and was believed out of reach: they are not,
    and whatever of theirs could not be sent goes out."""
    person = people_store.person(connection, person_id)
    if person is None or person.telegram_id is None or person.contact is Contact.BOT_DOWN:
        return
    if person.contact is Contact.OK:  # what failed was a message, not the person
        reached_again(connection, [person_id], rules, now)
    else:
        come_back(connection, person.telegram_id, bot_id, rules, now)


def leave(
    connection: Connection, telegram_id: int, bot_id: int, rules: Rules, now: datetime
) -> None:
    """A person blocked the bot: of no account when another of our bots serves them."""
    person = people_store.person_by_telegram(connection, telegram_id)
    if person is None:
        return
    if bot_store.bot_id_of_person(connection, person.id) in (None, bot_id):
        lost(connection, person.id, Contact.BLOCKED, rules, now)


def group_joined(
    connection: Connection, chat_id: int, bot_id: int, now: datetime, *, may_write: bool = True
) -> Group | None:
    """The bot was put into a group, or may do there what it could not.

    :param may_write: whether it may write there; otherwise it is asked about again.
    :returns: ``None`` for a group that is not of the groups file.
    """
    known = group(connection, chat_id)
    if known is not None:
        contact = Contact.OK if may_write else Contact.REFUSED
        news = mark_group(connection, chat_id, contact, now)
        bot_store.joined_with(connection, chat_id, bot_id)
        if news and may_write:
            post_after_all(connection, known, now)
    return known


def group_left(connection: Connection, chat_id: int, bot_id: int, now: datetime) -> None:
    """The bot was thrown out of a group: of no account when another of our bots speaks there."""
    if bot_store.bot_id_of_group(connection, chat_id) in (None, bot_id):
        mark_group(connection, chat_id, Contact.REMOVED, now)


def group_moved(connection: Connection, old: int, new: int, now: datetime) -> None:
    """A group became a supergroup: from now on its chat has another number."""
    migrate_group(connection, old, new, now)
    chat_store.move_chat(connection, old, new)


def _join(
    connection: Connection,
    linked: Linked | LinkAsked,
    account: int,
    bot_id: int,
    rules: Rules,
    now: datetime,
) -> None:
    if isinstance(linked, Linked):
        _serve(connection, linked.person, bot_id, rules, now)
        if not linked.already:
            tell_linked(connection, linked.person, None, now)
    elif linked.news:
        ask_approvers(connection, linked.person, account, now)


def _serve(
    connection: Connection, person: Person, bot_id: int, rules: Rules, now: datetime
) -> None:
    bot_store.started_with(connection, person.id, bot_id, now)
    reached_again(connection, [person.id], rules, now)
