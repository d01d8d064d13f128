"""Tokens of the API are made, and end: each with its entry in the trail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contacts import api_token_store
from contacts.api_tokens import (
    ACTING,
    LONGEST_DAYS,
    LONGEST_NAME,
    ApiToken,
    Ended,
    NewToken,
    Scope,
    TokenProblem,
    life,
    new_token,
    refusal,
)
from contacts.people import Person
from data.audit import Entry, acting_user, append
from data.database import Connection
from data.errors import InvalidInput, NotAllowed, NotFound


def make(
    connection: Connection,
    person: Person,
    name: str,
    scopes: Iterable[Scope],
    division_code: str,
    days: int,
    chance: bytes,
    now: datetime,
) -> tuple[int, NewToken]:
    """Make a token for ``person``; its number, and the token itself, which nobody can show again.

    :param name: what it is for: the system that will use it.
    :param chance: see ``new_token``.
    :raises InvalidInput: with a ``TokenProblem``: no name, too long a life, or a token that would
        confirm what it proposes.
    :raises NotAllowed: the person's posts do not allow it there.
    """
    name, granted = name.strip(), frozenset(scopes) | {Scope.READ}
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(TokenProblem.NAME, most=LONGEST_NAME)
    expires_at = life(days, now)
    if expires_at is None:
        raise InvalidInput(TokenProblem.DAYS, most=LONGEST_DAYS)
    if granted >= ACTING:
        raise InvalidInput(TokenProblem.BOTH_HANDS)
    access = refusal(granted, division_code, person)
    if not access.allowed:
        raise NotAllowed(access, person=person.id)
    made = new_token(chance)
    token = ApiToken(
        id=0,
        person_id=person.id,
        name=name,
        public=made.public,
        digest=made.digest,
        scopes=granted,
        division_code=division_code,
        made_at=now,
        made_by=acting_user(connection) or "?",
        expires_at=expires_at,
    )
    token_id = api_token_store.add(connection, token)
    detail = {
        "token": made.public,
        "name": name,
        "scopes": sorted(scope.value for scope in granted),
        "division": division_code,
        "days": days,
    }
    append(connection, now, [Entry("token.made", f"person:{person.id}", None, detail)])
    return token_id, made


def end(connection: Connection, token_id: int, how: Ended, now: datetime) -> ApiToken:
    """End a token for good.

    :raises NotFound: there is none of this number, or it was ended before.
    """
    token = api_token_store.by_id(connection, token_id)
    if token is None or not api_token_store.end(connection, token_id, how, now):
        raise NotFound(TokenProblem.NO_SUCH, token=token_id)
    detail = {"token": token.public, "name": token.name, "how": how.value}
    append(connection, now, [Entry("token.ended", f"person:{token.person_id}", None, detail)])
    return token


def end_every(connection: Connection, now: datetime) -> int:
    """End all tokens there are; how many."""
    tokens = api_token_store.every(connection)
    for token in tokens:
        end(connection, token.id, Ended.REVOKED, now)
    return len(tokens)


def end_all_of(connection: Connection, person_id: int, now: datetime) -> int:
    """A person leaves: their tokens end with them; how many."""
    numbers = api_token_store.open_of_person(connection, person_id)
    for token_id in numbers:
        end(connection, token_id, Ended.LEFT, now)
    return len(numbers)
