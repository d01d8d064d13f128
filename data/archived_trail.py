"""The part of the audit trail that was archived, and the walk over the whole of it.

The history keeps the entries; the live database keeps signed marks that say up to which entry each
run of a month goes (``data.trail_marks``). What lies in the history beyond the newest mark was
copied by an archiving that did not come to its end: it is not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from data import history, trail_marks
from data.audit import GENESIS, ROWS_AT_ONCE, Broken, ChainCheck, NotedEntry, verify, walk
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.history import audit, month_of
from data.trail_marks import Mark


def verify_all(connection: Connection, noted: NotedEntry | None = None) -> ChainCheck:
    """Walk the history and then the live trail; stops at the first entry that does not fit.

    A month whose entries are all missing is ``away``: detached, or in a file that is not here. The
    walk goes on after it, from its mark.
    """
    present = history.attach(connection)
    seq, last = 0, GENESIS
    away: list[tuple[int, int]] = []
    for mark in trail_marks.marks(connection):
        if not trail_marks.genuine(connection, mark):
            return ChainCheck(seq, last, Broken.MARK, mark.seq, away=tuple(away))
        inside = noted if noted is not None and seq < noted.seq <= mark.seq else None
        found = _walk(connection, mark, seq, last, inside) if present else None
        if found is None:
            away.append((seq + 1, mark.seq))
        elif found.broken is not None:
            return replace(found, since=1, away=tuple(away))
        seq, last = mark.seq, mark.hash
    live = verify(connection, noted if noted is not None and noted.seq > seq else None)
    return replace(live, since=1, away=tuple(away))


def verify_noted(connection: Connection, noted: NotedEntry) -> ChainCheck:
    """``audit.verify``, and a noted entry that was archived since is looked for in the history."""
    mark = trail_marks.newest(connection)
    checked = verify(connection, None if mark is not None and noted.seq <= mark.seq else noted)
    if checked.broken is not None or mark is None or noted.seq > mark.seq:
        return checked
    hashes = select(audit.c.hash).where(audit.c.seq == noted.seq)
    found = connection.execute(hashes).scalar() if history.attach(connection) else None
    if found is None:
        return replace(checked, away=((noted.seq, noted.seq),))
    if found != noted.hash:
        return replace(checked, broken=Broken.REWRITTEN, broken_at=noted.seq)
    return checked


def entries_about(
    connection: Connection, subjects: Collection[str], since: datetime
) -> Iterator[dict[str, Any]]:
    """The archived entries about these subjects (``alert:7``), oldest first.

    :param since: there are none older than this.
    :raises NotFound: some may have been archived, but the history is not here (``AWAY``).
    """
    mark = trail_marks.newest(connection)
    if mark is None or mark.month < month_of(since):
        return
    history.require(connection)
    names = [column.name for column in audit.columns if column.name != "month"]
    query = (
        select(*(audit.c[name] for name in names))
        .where(audit.c.subject.in_(GIVEN_WORDS), audit.c.seq <= mark.seq)
        .order_by(audit.c.seq)
    )
    for row in connection.execute(query, {"words": as_json(subjects)}):
        yield {**row._asdict(), "detail": orjson.loads(row.detail)}


def _walk(
    connection: Connection, mark: Mark, seq: int, last: str, noted: NotedEntry | None
) -> ChainCheck | None:
    """The entries after ``seq`` up to the mark; ``None`` when the history has none of them."""
    inside = (audit.c.seq > seq, audit.c.seq <= mark.seq)
    if connection.execute(select(audit.c.seq).where(*inside).limit(1)).first() is None:
        return None
    query = select(audit).where(*inside).order_by(audit.c.seq)
    with connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        found = walk(rows, seq, last, noted=noted)
    if found.broken is None and found.entries != mark.seq:
        return replace(found, broken=Broken.GAP, broken_at=found.entries + 1)
    if found.broken is None and found.head != mark.hash:
        return replace(found, broken=Broken.HASH, broken_at=mark.seq)
    return found
