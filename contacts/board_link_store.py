"""Links to the command board and the browsers that opened them, as rows.

Each link opens once, whichever process it is opened at, and its session lives as long as its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from data.tables.running import board_keys, board_links, board_sessions

KEPT = timedelta(days=1)
"""How long a row is kept: longer than any link lives."""


@dataclass(frozen=True, slots=True)
class BoardSession:
    """A browser that shows the board: whose it is, from where, since when and until when."""

    link_id: int
    person_id: int
    address: str
    opened_at: datetime
    until: datetime


def secret(connection: Connection) -> str:
    """What this database's links are signed with, unless the configuration says otherwise."""
    return str(connection.execute(select(board_keys.c.secret)).scalar_one())


def add_link(connection: Connection, person_id: int, now: datetime) -> int:
    """Note a new link; returns its number."""
    key = connection.execute(
        insert(board_links).values(person_id=person_id, made_at=now)
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def any_dead(connection: Connection, now: datetime) -> bool:
    """Whether a link or a session ended long ago."""
    given = {"before": now - KEPT}
    return any(connection.execute(query, given).first() is not None for query in _DEAD)


def delete_dead(connection: Connection, now: datetime) -> int:
    """Delete the links and sessions that ended long ago, and from where those were opened."""
    gone = connection.execute(delete(board_links).where(board_links.c.made_at < now - KEPT))
    ended = connection.execute(delete(board_sessions).where(board_sessions.c.until < now - KEPT))
    return gone.rowcount + ended.rowcount


def open_once(connection: Connection, link_id: int, now: datetime) -> bool:
    """Open the link; ``False`` when it was opened before, or taken back."""
    opened = connection.execute(
        update(board_links)
        .where(board_links.c.id == link_id, board_links.c.opened_at.is_(None))
        .values(opened_at=now)
    )
    return opened.rowcount == 1


def add_session(connection: Connection, session: BoardSession) -> None:
    """A link was opened: from now on its browser shows the board."""
    values = {
        "link_id": session.link_id,
        "person_id": session.person_id,
        "address": session.address,
        "opened_at": session.opened_at,
        "until": session.until,
    }
    connection.execute(insert(board_sessions).values(values))


def is_open(connection: Connection, link_id: int, person_id: int) -> bool:
    """Whether the session of this link is still there."""
    query = select(board_sessions.c.link_id).where(
        board_sessions.c.link_id == link_id, board_sessions.c.person_id == person_id
    )
    return connection.execute(query).first() is not None


def sessions(connection: Connection, now: datetime) -> list[BoardSession]:
    """Every browser that may show the board now, the newest first."""
    query = select(board_sessions).where(board_sessions.c.until > now)
    rows = connection.execute(query.order_by(board_sessions.c.link_id.desc()))
    return [BoardSession(*row) for row in rows]


def end_session(connection: Connection, link_id: int) -> bool:
    """End one session; ``False``: there is none of this number."""
    ended = connection.execute(delete(board_sessions).where(board_sessions.c.link_id == link_id))
    return ended.rowcount == 1


def end_everything_of(connection: Connection, person_id: int) -> list[int]:
    """End a person's sessions, and take back the links that were not opened yet; the sessions."""
    query = select(board_sessions.c.link_id).where(board_sessions.c.person_id == person_id)
    ended = list(connection.execute(query).scalars())
    for table in (board_sessions, board_links):
        connection.execute(delete(table).where(table.c.person_id == person_id))
    return ended


def end_everything(connection: Connection) -> int:
    """End every session and take back every link; how many sessions there were."""
    ended = connection.execute(delete(board_sessions)).rowcount
    connection.execute(delete(board_links))
    return ended


_DEAD = (
    select(board_links.c.id).where(board_links.c.made_at < bindparam("before")).limit(1),
    select(board_sessions.c.link_id).where(board_sessions.c.until < bindparam("before")).limit(1),
)
