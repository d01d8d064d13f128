"""The accounts of those whose posts give rights: those above hear what becomes of them.

Whoever takes over such an account, or makes one, is seen at once by somebody who can ring up the
person it is said to be.
"""

from __future__ import annotations

from datetime import datetime

from alerts import reach
from alerts.account_events import AccountEvent
from alerts.duty.ending import lapse_of
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import AccountNews
from alerts.patrol.results import store as patrol_results
from alerts.roster_checks import store as roster_check_store
from contacts import link_store, people_store
from contacts.leaving import retire
from contacts.linking import gives_rights, unlink
from contacts.people import RIGHTS, Person, Post
from contacts.personal_store import erase
from contacts.superiors import approvers, superiors
from data import audit
from data.database import Connection


def ask_approvers(connection: Connection, person: Person, account: int, now: datetime) -> None:
    """Ask those above whether this account is the person's."""
    message = AccountNews(person.id, AccountEvent.ASKED, account)
    _tell(connection, approvers(connection, person, now), message, now)


def ask_for_proof(connection: Connection, person: Person, now: datetime) -> None:
    """A linked person has a post with rights now: those above are asked whether it is they."""
    if person.telegram_id is not None:
        ask_approvers(connection, person, person.telegram_id, now)


def tell_linked(connection: Connection, person: Person, by: int | None, now: datetime) -> None:
    """The person has an account, if that gives rights.

    :param by: who approved it, and need not be told.
    """
    if gives_rights(connection, person, now):
        above = [officer for officer in superiors(connection, person) if officer.id != by]
        _tell(connection, above, AccountNews(person.id, AccountEvent.LINKED, by=by), now)


def tell_linked_by_file(connection: Connection, people: list[Person], now: datetime) -> None:
    """A roster file names the accounts of these persons, whose posts give rights.

    Nobody else whose account came with it is told instead of those above: it may be forged whole.
    """
    ids = {person.id for person in people}
    for person in people:
        above = superiors(connection, person, ids)
        _tell(connection, above, AccountNews(person.id, AccountEvent.LINKED), now)


def untie(
    connection: Connection, person_id: int, now: datetime, *, leaves: bool, actor: int | None = None
) -> bool:
    """Take a person's account away; False: there was nothing to take.

    :param leaves: out of the roster, too.
    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    person = people_store.person(connection, person_id)
    had = person is not None and person.telegram_id is not None
    take = retire if leaves else unlink
    if not take(connection, person_id, now, actor):
        return False
    roster_check_store.account_gone(connection, person_id)
    if leaves:
        reach.left(connection, [person_id], now)
        lapse_of(connection, [person_id], now)
    if person is not None and had and gives_rights(connection, person, now):
        message = AccountNews(person_id, AccountEvent.UNLINKED, by=actor)
        _tell(connection, superiors(connection, person), message, now)
    return True


def tell_left(connection: Connection, people: list[Person], now: datetime) -> None:
    """These persons, as they were, left by a roster file: their open calls go on at once, and those
    above hear of the accounts that gave rights. Nobody who left with them is told instead."""
    ids = {person.id for person in people}
    reach.left(connection, ids, now)
    lapse_of(connection, ids, now)
    for person in people:
        if person.telegram_id is not None and gives_rights(connection, person, now):
            message = AccountNews(person.id, AccountEvent.UNLINKED)
            _tell(connection, superiors(connection, person, ids), message, now)


def forget(connection: Connection, person_id: int, now: datetime, actor: int | None = None) -> bool:
    """Erase who a person was; False: they are forgotten already.

    Their open calls go to whoever stands in, or to the tier above, at once; those above hear of it,
    if the post gave rights.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    :raises NotFound: see ``contacts.personal_store.erase``.
    """
    person = people_store.person(connection, person_id)
    lapse_of(connection, [person_id], now)
    if person is None or not erase(connection, person_id, now, actor):
        return False
    reach.left(connection, [person_id], now)
    patrol_results.forget_parts(connection, person_id)
    if person.active and person.telegram_id is not None and person.holds(RIGHTS):
        message = AccountNews(person_id, AccountEvent.UNLINKED, by=actor)
        _tell(connection, superiors(connection, person), message, now)
    return True


def tell_post_taken(connection: Connection, person: Person, post: Post, now: datetime) -> None:
    """A post of this person is no longer theirs, if it gave rights."""
    if post.role in RIGHTS:
        held = person.with_posts((post,))
        message = AccountNews(
            person.id, AccountEvent.POST_TAKEN, division=post.division_code, role=post.role.value
        )
        _tell(connection, superiors(connection, held), message, now)


def tell_token(connection: Connection, person: Person, token_id: int, now: datetime) -> None:
    """A token of the API was made that acts in this person's name: they are to know of it; where
    they have no account, or none that is proven, those above."""
    known = people_store.person(connection, person.id)
    reads = known is not None and known.telegram_id is not None and not known.unproven
    told = [known] if known is not None and reads else superiors(connection, person)
    message = AccountNews(person.id, AccountEvent.TOKEN_MADE, token=token_id)
    _tell(connection, told, message, now)


def note_use(connection: Connection, person: Person, now: datetime) -> None:
    """The person has just used the rights of their post: to release, to act for others, or to
    read codes and numbers: the first time with a new account is told to those above.

    A command line that uses their number uses no account: they read it on the card, and where no
    account of theirs is there, or none that is proven, those above do.
    """
    if audit.acts_from(connection):
        known = people_store.person(connection, person.id)
        if known is None or known.telegram_id is None or known.unproven:
            message = AccountNews(person.id, AccountEvent.COMMAND_LINE)
            _tell(connection, superiors(connection, person), message, now)
    elif link_store.take_newness(connection, person.id):
        message = AccountNews(person.id, AccountEvent.USED)
        _tell(connection, superiors(connection, person), message, now)


def _tell(
    connection: Connection, people: list[Person], message: AccountNews, now: datetime
) -> None:
    news = [to_person(person, message, Lane.ANSWER) for person in people]
    outbox_store.add_many(connection, news, now)
