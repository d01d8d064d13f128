"""Rows of linking: who asks to be whom, which accounts are shut out, how old the codes are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from contacts.link_requests import LinkRequest
from data.json_rows import GIVEN_IDS, as_json, looked_up
from data.tables.contacts import blocked_accounts, link_requests, people, shifts


def request(connection: Connection, person_id: int, account: int) -> LinkRequest | None:
    """What this account has shown to be this person."""
    query = select(link_requests).where(
        link_requests.c.person_id == person_id, link_requests.c.telegram_id == account
    )
    row = connection.execute(query).first()
    return None if row is None else LinkRequest(*row)


def requests_of(connection: Connection, person_id: int, now: datetime) -> list[LinkRequest]:
    """The accounts that want to be this person now."""
    query = select(link_requests).where(link_requests.c.person_id == person_id)
    found = [LinkRequest(*row) for row in connection.execute(query)]
    return [wanted for wanted in found if wanted.open(now)]


def save_request(connection: Connection, wanted: LinkRequest) -> None:
    """Write it in the place of what the account showed before."""
    forget_request(connection, wanted.person_id, wanted.account)
    connection.execute(
        insert(link_requests).values(
            person_id=wanted.person_id,
            telegram_id=wanted.account,
            bot_id=wanted.bot_id,
            asker=wanted.asker[:64],
            code_at=wanted.code_at,
            phone_at=wanted.phone_at,
            asked_at=wanted.asked_at,
        )
    )


def forget_request(connection: Connection, person_id: int, account: int) -> None:
    """It was refused, or made good."""
    connection.execute(
        delete(link_requests).where(
            link_requests.c.person_id == person_id, link_requests.c.telegram_id == account
        )
    )


def forget_requests(connection: Connection, person_id: int) -> None:
    """The person is linked, or out of the roster: nobody can become them any more."""
    connection.execute(delete(link_requests).where(link_requests.c.person_id == person_id))


def any_request_before(connection: Connection, before: datetime) -> bool:
    """Whether an account asked before then to be somebody, and nobody decided it."""
    return connection.execute(_ANY_BEFORE, {"before": before}).first() is not None


def delete_requests_before(connection: Connection, before: datetime) -> int:
    """Forget what accounts showed before then and counts no more; returns how many."""
    return connection.execute(delete(link_requests).where(_asked_before(before))).rowcount


def _asked_before(before: Any) -> ColumnElement[bool]:
    """What is still open was shown at the time or later."""
    columns = link_requests.c
    shown = (columns.code_at, columns.phone_at, columns.asked_at)
    return and_(*(or_(at.is_(None), at < before) for at in shown))


def block_account(connection: Connection, account: int, person_id: int, now: datetime) -> None:
    """Shut an account out: it links to nobody until that is lifted."""
    connection.execute(delete(blocked_accounts).where(blocked_accounts.c.telegram_id == account))
    connection.execute(
        insert(blocked_accounts).values(telegram_id=account, person_id=person_id, blocked_at=now)
    )


def is_blocked(connection: Connection, account: int) -> bool:
    """Whether the account is shut out."""
    query = select(blocked_accounts.c.telegram_id).where(blocked_accounts.c.telegram_id == account)
    return connection.execute(query).first() is not None


def blocked_accounts_now(connection: Connection) -> frozenset[int]:
    """Every account that is shut out."""
    return frozenset(connection.execute(select(blocked_accounts.c.telegram_id)).scalars())


def unblock_accounts_of(connection: Connection, person_id: int) -> list[int]:
    """Let in again the accounts that were this person's; returns them."""
    of_person = blocked_accounts.c.person_id == person_id
    query = select(blocked_accounts.c.telegram_id).where(of_person)
    accounts = list(connection.execute(query).scalars())
    connection.execute(delete(blocked_accounts).where(of_person))
    return accounts


def code_made_at(connection: Connection, person_id: int) -> datetime | None:
    """When the person's code was made; ``None`` where nobody noted it."""
    return connection.execute(_CODE_MADE, {"key": person_id}).scalar()


def codes_made_at(connection: Connection, ids: Iterable[int]) -> dict[int, datetime | None]:
    """The same of many."""
    query = select(people.c.id, people.c.invite_made_at).where(looked_up(people.c.id, GIVEN_IDS))
    return {row[0]: row[1] for row in connection.execute(query, {"ids": as_json(ids)})}


def set_codes(connection: Connection, codes: Mapping[int, str], now: datetime) -> None:
    """Give persons new codes: the old ones open nothing any more."""
    if codes:
        rows = [{"_id": key, "_code": code, "_now": now} for key, code in codes.items()]
        connection.execute(_SET_CODE, rows)


def on_shift_from(connection: Connection, ids: Iterable[int], now: datetime) -> set[int]:
    """Those of these persons who are on duty now or will be: a shift gives rights, too."""
    query = select(shifts.c.person_id).where(
        looked_up(shifts.c.person_id, GIVEN_IDS), shifts.c.ends_at > now
    )
    return set(connection.execute(query, {"ids": as_json(ids)}).scalars())


def watched_by(connection: Connection, person_id: int, now: datetime) -> frozenset[str]:
    """The divisions over which the person is on duty now or will be."""
    query = select(shifts.c.division_code).where(
        shifts.c.person_id == person_id, shifts.c.ends_at > now
    )
    return frozenset(connection.execute(query).scalars())


def note_linked(connection: Connection, person_id: int, approved_by: int | None) -> None:
    """A person with rights has a new account, which has not used them yet.

    :param approved_by: who said that the account is theirs.
    """
    values = {"account_is_new": True, "approved_by": approved_by}
    connection.execute(update(people).where(people.c.id == person_id).values(**values))


def note_vouched(connection: Connection, person_id: int) -> None:
    """A roster file says that the account is the person's: that is proof enough, and it is new."""
    note_linked(connection, person_id, None)
    change = update(people).where(people.c.id == person_id)
    connection.execute(change.values(unproven=False))


def note_new(connection: Connection, person_id: int) -> None:
    """The person's account has not used the rights of the post they have now."""
    change = update(people).where(people.c.id == person_id)
    connection.execute(change.values(account_is_new=True))


def want_proof(connection: Connection, ids: Iterable[int]) -> None:
    """The accounts of these persons do not get the rights of a post before they are proven."""
    change = update(people).where(looked_up(people.c.id, GIVEN_IDS)).values(unproven=True)
    connection.execute(change, {"ids": as_json(ids)})


def take_newness(connection: Connection, person_id: int) -> bool:
    """Whether the person's account had not used its rights before now."""
    return connection.execute(_TAKE_NEWNESS, {"person": person_id}).rowcount == 1


def let_in_by(connection: Connection, person_id: int) -> set[int]:
    """Who said that the person's account is theirs, who said that of those, and so on upwards."""
    found: set[int] = set()
    above = approved_by(connection, person_id)
    while above is not None and above not in found:
        found.add(above)
        above = approved_by(connection, above)
    return found


def approved_by(connection: Connection, person_id: int) -> int | None:
    """Who said that the person's account is theirs; ``None``: nobody had to."""
    query = select(people.c.approved_by).where(people.c.id == person_id)
    return connection.execute(query).scalar()


_CODE_MADE = select(people.c.invite_made_at).where(people.c.id == bindparam("key"))
_SET_CODE = (
    update(people)
    .where(people.c.id == bindparam("_id"))
    .values(invite_code=bindparam("_code"), invite_made_at=bindparam("_now"))
)
_TAKE_NEWNESS = (
    update(people)
    .where(people.c.id == bindparam("person"), people.c.account_is_new)
    .values(account_is_new=False)
)
_ANY_BEFORE = select(link_requests.c.person_id).where(_asked_before(bindparam("before"))).limit(1)
