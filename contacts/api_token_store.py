"""Tokens of the API, and the requests that were done by them, as rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from contacts.api_tokens import ApiToken, Ended, Scope
from data.tables.publishing import api_requests, api_tokens

ANSWERS_KEPT = timedelta(days=7)
"""How long a request's key is remembered (ours): nobody says a request again after a week."""

_BY_PUBLIC = select(api_tokens).where(api_tokens.c.public == bindparam("public"))
_DONE = select(api_requests).where(
    api_requests.c.token_id == bindparam("token"), api_requests.c.key == bindparam("key")
)


class Done(NamedTuple):
    """What a request with a key was answered."""

    digest: str
    status: int
    answer: str


def add(connection: Connection, token: ApiToken) -> int:
    """Keep a new token; its ``id`` is passed over. Returns its number."""
    values = {
        "person_id": token.person_id,
        "name": token.name,
        "public": token.public,
        "digest": token.digest,
        "scopes": sorted(scope.value for scope in token.scopes),
        "division_code": token.division_code,
        "made_at": token.made_at,
        "made_by": token.made_by,
        "expires_at": token.expires_at,
    }
    key = connection.execute(insert(api_tokens).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def by_public(connection: Connection, public: str) -> ApiToken | None:
    """The token with this first part."""
    row = connection.execute(_BY_PUBLIC, {"public": public}).first()
    return None if row is None else _as_token(row)


def by_id(connection: Connection, token_id: int) -> ApiToken | None:
    """The token of this number."""
    row = connection.execute(select(api_tokens).where(api_tokens.c.id == token_id)).first()
    return None if row is None else _as_token(row)


def every(connection: Connection, *, ended: bool = False) -> list[ApiToken]:
    """All tokens, the newest first; those that were ended only when they are asked for."""
    query = select(api_tokens).order_by(api_tokens.c.id.desc())
    if not ended:
        query = query.where(api_tokens.c.ended_at.is_(None))
    return [_as_token(row) for row in connection.execute(query)]


def used(connection: Connection, token_id: int, address: str, now: datetime) -> None:
    """Note when it was last used, and from what kind of address."""
    changed = {"used_at": now, "used_from": address}
    connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(changed))


def end(connection: Connection, token_id: int, how: Ended, now: datetime) -> bool:
    """End a token; ``False``: there is none, or it was ended before."""
    ended = connection.execute(
        update(api_tokens)
        .where(api_tokens.c.id == token_id, api_tokens.c.ended_at.is_(None))
        .values(ended_at=now, ended_how=how.value)
    )
    return ended.rowcount == 1


def open_of_person(connection: Connection, person_id: int) -> list[int]:
    """The numbers of a person's tokens that were not ended."""
    query = select(api_tokens.c.id).where(
        api_tokens.c.person_id == person_id, api_tokens.c.ended_at.is_(None)
    )
    return list(connection.execute(query.order_by(api_tokens.c.id)).scalars())


# -- what was done by them ---------------------------------------------------------------------


def done(connection: Connection, token_id: int, key: str) -> Done | None:
    """What a token's request with this key was answered, if it was done."""
    row = connection.execute(_DONE, {"token": token_id, "key": key}).first()
    return None if row is None else Done(row.digest, row.status, row.answer)


def note_done(connection: Connection, token_id: int, key: str, told: Done, now: datetime) -> None:
    """A request with a key was done, and is answered so if it is said again."""
    values = {"token_id": token_id, "key": key, "at": now, **told._asdict()}
    connection.execute(insert(api_requests).values(values))


def any_old(connection: Connection, now: datetime) -> bool:
    """Whether a request's key may be forgotten."""
    query = select(api_requests.c.key).where(api_requests.c.at < now - ANSWERS_KEPT).limit(1)
    return connection.execute(query).first() is not None


def delete_old(connection: Connection, now: datetime) -> int:
    """Forget the keys of requests that were done long ago."""
    old = api_requests.c.at < now - ANSWERS_KEPT
    return connection.execute(delete(api_requests).where(old)).rowcount


def _as_token(row: Any) -> ApiToken:
    values = dict(row._mapping)
    values["scopes"] = frozenset(map(Scope, row.scopes))
    values["ended_how"] = None if row.ended_how is None else Ended(row.ended_how)
    return ApiToken(**values)
