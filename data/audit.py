"""The audit trail (留痕): every change, hash-chained, written in the transaction of the change.

Each entry's hash covers the entry and the hash before it, so that a row altered, removed or slipped
in later is found by ``verify``. A tail cut off, or a chain written anew by somebody who holds the
database, is found only with a ``NotedEntry`` kept elsewhere: ``jiaoying audit verify`` prints one,
and ``--noted`` takes it; ``/metrics`` tells the number of entries, which never falls by itself.

Old entries move to the history (``alerts.history``). Then the trail goes on after a signed mark
(``data.trail_marks``), and ``verify`` starts there; ``data.archived_trail`` walks everything.

The database itself refuses to change an entry, to delete one that no mark stands for, and to add
one that leaves a gap (triggers). That stops mistakes, not whoever holds the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, Connection, Text, func, or_, select

from data import trail_marks
from data.json_rows import GIVEN_WORDS, Insertion, as_json, looked_up
from data.tables.columns import to_milliseconds
from data.tables.running import audit, audit_keys
from data.unit_groups import group_of

GENESIS = "0" * 64
COMMAND_LINE = "command_line"
"""The ``via`` of what was done there; see ``acts_from``."""
API = "api"
"""The ``via`` of what another system did by a token; see ``acting_from``."""
_HEAD = "audit_head"
_HIDING = "audit_hiding"
_WHENCE = "audit_whence"
_HIDING_LABEL = b"jiaoying hidden in the trail 1\n"

# A sweep writes thousands of entries, an import tens of thousands.
_append = Insertion(
    audit,
    seq=BigInteger(),
    at=BigInteger(),
    actor=BigInteger(),
    action=Text(),
    subject=Text(),
    detail=Text(),
    hash=Text(),
)

# By the index of subjects: the trail of years is not read for one alert.
_ABOUT = select(audit).where(looked_up(audit.c.subject, GIVEN_WORDS)).order_by(audit.c.seq)
_WHOLE = select(audit).order_by(audit.c.seq)
ROWS_AT_ONCE = 2000
"""So many rows of the trail are in memory while it is walked."""


class Broken(Enum):
    """What is wrong with the first bad entry of a chain."""

    HASH = "hash"  # the entry was altered
    GAP = "gap"  # an entry is missing
    CUT = "cut"  # the chain ends before the entry that was noted
    REWRITTEN = "rewritten"  # another entry stands where the noted one stood
    MARK = "mark"  # the mark that the trail starts from does not bear our signature


class Entry(NamedTuple):  # made by the ten thousand: a third of a dataclass's time
    """One change: who (``people.id``, ``None`` for jiaoying itself) did what to which thing."""

    action: str
    subject: str
    actor: int | None = None
    detail: dict[str, Any] | None = None


def when_done(at: datetime, now: datetime) -> dict[str, Any]:
    """Detail of an entry: when something was done that came late; nothing of what came at once."""
    return {"done_at": to_milliseconds(at)} if at < now else {}


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """The result of a verification: ``broken`` is ``None`` when the chain is whole.

    ``since`` is the first entry looked at: those before it were archived. ``away`` are first and
    last entries of parts of the history that are not here, and so were not looked at.
    """

    entries: int
    head: str
    broken: Broken | None = None
    broken_at: int | None = None
    since: int = 1
    away: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NotedEntry:
    """One entry of the chain, noted where whoever holds the database does not reach."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def length(connection: Connection) -> int:
    """How many entries there are, by the last one's number: cheap.

    Every change writes one: while the length stays, nothing was changed.
    """
    return connection.execute(select(func.max(audit.c.seq))).scalar() or 0


def last(connection: Connection) -> tuple[int, datetime | None]:
    """The last entry's number and time; 0 when there is none."""
    row = connection.execute(
        select(audit.c.seq, audit.c.at).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    return (0, None) if row is None else (row.seq, row.at)


def began_at(connection: Connection) -> datetime | None:
    """The time of the first entry that was not archived; ``None``: there is none."""
    return connection.execute(select(audit.c.at).order_by(audit.c.seq).limit(1)).scalar()


def entries_about(connection: Connection, after: int, beginnings: Iterable[str]) -> int:
    """How many entries after the one of that number are about things named so, as ``person:``."""
    query = select(func.count()).where(
        audit.c.seq > after,
        or_(*(audit.c.subject.startswith(beginning) for beginning in beginnings)),
    )
    return int(connection.execute(query).scalar_one())


def append(connection: Connection, at: datetime, entries: Iterable[Entry]) -> None:
    """Append ``entries`` to the chain, in the caller's transaction."""
    notes = group_of(connection).notes
    head = notes.get(_HEAD)
    if head is None:
        row = connection.execute(
            select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
        ).first()
        head = (row.seq, row.hash) if row else (0, GENESIS)
    seq, last = head
    whence = acts_from(connection)
    stamp = to_milliseconds(at)
    rows = []
    for entry in entries:
        seq += 1
        told = {**whence, **(entry.detail or {})}
        detail = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
        last = link(last, seq, stamp, entry.actor, entry.action, entry.subject, detail)
        rows.append((seq, stamp, entry.actor, entry.action, entry.subject, detail, last))
    if rows:
        _append(connection, rows)
        notes[_HEAD] = (seq, last)


def hidden(connection: Connection, text: str) -> str:
    """A stand-in for a number, name or account in an entry: the same always has the same, and only
    who holds this database's key can try which it is."""
    return all_hidden(connection, [text])[0]


def all_hidden(connection: Connection, texts: Iterable[str]) -> list[str]:
    """The stand-in of each of these: see ``hidden``."""
    notes = group_of(connection).notes
    hiding = notes.get(_HIDING)
    if hiding is None:
        hiding = notes[_HIDING] = Hiding.of(connection)
    return [hiding.hidden(text) for text in texts]


class Hiding:
    """Makes the stand-ins of a database, away from it: see ``hidden``.

    An HMAC begun once: ``hmac`` itself takes four times as long for each of the two texts of ten
    thousands of persons (measured).
    """

    def __init__(self, secret: str) -> None:
        """Make one; ``secret`` is the database's own."""
        key = hashlib.sha256(_HIDING_LABEL + secret.encode()).digest()
        padded = key.ljust(hashlib.sha256().block_size, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))
        self._known: dict[str, str] = {}  # a long file has the same names again and again

    @classmethod
    def of(cls, connection: Connection) -> Hiding:
        """That of this database."""
        # The migrations make the key; tables that were made without them have none.
        return cls(str(connection.execute(select(audit_keys.c.secret)).scalar() or ""))

    def hidden(self, text: str) -> str:
        """The stand-in of one text."""
        shown = self._known.get(text)
        if shown is None:
            inner, outer = self._inner.copy(), self._outer.copy()
            inner.update(text.encode())
            outer.update(inner.digest())
            shown = self._known[text] = outer.hexdigest()[:24]
        return shown


def acts_from(connection: Connection) -> dict[str, str]:
    """Whence the changes of this connection come: of the command line, who runs it and where.

    Empty for the bot, whose entries name the person who acted.
    """
    whence: dict[str, str] | None = connection.info.get(_WHENCE)
    if whence is None:
        whence = connection.get_execution_options().get("acts_from", {})
    return whence


@contextmanager
def acting_from(connection: Connection, whence: Mapping[str, str]) -> Iterator[None]:
    """What is changed meanwhile comes from there: of the API, with ``via`` and ``system``."""
    connection.info[_WHENCE] = dict(whence)
    try:
        yield
    finally:
        connection.info.pop(_WHENCE, None)


def acting_user(connection: Connection) -> str | None:
    """Who acts without a chat: of the command line user@host, of the API ``api:`` and the system.

    ``None`` for the bot.
    """
    whence = acts_from(connection)
    if not whence:
        return None
    if whence["via"] == API:
        return system_name(whence["system"])
    return f"{whence['os_user']}@{whence['host']}"[:160]


def system_name(system: str) -> str:
    """How another system is noted as the one that acts."""
    return f"{API}:{system}"[:160]


def verify(connection: Connection, noted: NotedEntry | None = None) -> ChainCheck:
    """Walk the chain from the last signed mark; stops at the first entry that does not fit.

    :param noted: an entry that was seen before: it must still be there, unchanged. One that was
        archived since is looked for by ``data.archived_trail``.
    """
    mark = trail_marks.newest(connection)
    if mark is not None and not trail_marks.genuine(connection, mark):
        return ChainCheck(mark.seq, mark.hash, Broken.MARK, mark.seq, mark.seq + 1)
    seq, last = (0, GENESIS) if mark is None else (mark.seq, mark.hash)
    with connection.execute(_WHOLE, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        return walk(rows, seq, last, noted=noted)


def walk(
    rows: Iterable[Any], seq: int = 0, last: str = GENESIS, *, noted: NotedEntry | None = None
) -> ChainCheck:
    """Whether ``rows`` of the trail, in order, go on from the entry ``seq`` whose hash is ``last``.

    :param noted: an entry after ``seq`` that must be among them, unchanged.
    """
    since = seq + 1
    for row in rows:
        if row.seq != seq + 1:
            return ChainCheck(seq, last, Broken.GAP, seq + 1, since)
        stamp = to_milliseconds(row.at)
        expected = link(last, row.seq, stamp, row.actor, row.action, row.subject, row.detail)
        if expected != row.hash:
            return ChainCheck(seq, last, Broken.HASH, row.seq, since)
        if noted is not None and row.seq == noted.seq and row.hash != noted.hash:
            return ChainCheck(seq, last, Broken.REWRITTEN, row.seq, since)
        seq, last = row.seq, row.hash
    if noted is not None and noted.seq > seq:
        return ChainCheck(seq, last, Broken.CUT, seq + 1, since)
    return ChainCheck(seq, last, since=since)


def trail(connection: Connection, subject: str) -> Iterator[dict[str, Any]]:
    """The entries about ``subject`` (such as ``alert:7``), oldest first."""
    query = select(audit).where(audit.c.subject == subject).order_by(audit.c.seq)
    for row in connection.execute(query):
        yield {**row._asdict(), "detail": orjson.loads(row.detail)}


def last_done(connection: Connection, action: str, subject: str) -> datetime | None:
    """When this was last done to ``subject``; ``None``: never, or it was archived."""
    query = select(func.max(audit.c.at)).where(audit.c.subject == subject, audit.c.action == action)
    return connection.execute(query).scalar()


def trail_of_alert(
    connection: Connection, alert_id: int, call_ids: Iterable[int]
) -> Iterator[dict[str, Any]]:
    """The entries about an alert and its calls, oldest first."""
    wanted = {f"alert:{alert_id}", *(f"call:{call_id}" for call_id in call_ids)}
    for row in connection.execute(_ABOUT, {"words": as_json(wanted)}):
        yield {**row._asdict(), "detail": orjson.loads(row.detail)}


def link(
    last: str, seq: int, at: int, actor: int | None, action: str, subject: str, detail: str
) -> str:
    """The hash of an entry that follows the one whose hash is ``last``; ``at`` in milliseconds."""
    told = f"{last}\n{seq}\n{at}\n{actor}\n{action}\n{subject}\n{detail}"
    return hashlib.sha256(told.encode()).hexdigest()
