"""A changed, removed or added audit entry is found and named; a cut-off end by its last known hash.

On both databases, by somebody who writes to the table itself.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from bot.cli import main
from data import audit
from data.audit import Broken, Entry, NotedEntry
from data.database import Database
from data.tables.running import audit as table
from tests.roster import NOW
from tests.tampering import tamper

ENTRIES = 12


@pytest.fixture
def trail(upgraded_url: str) -> Iterator[Database]:
    database = Database(upgraded_url)
    for n in range(ENTRIES):
        entry = Entry("call.acknowledged", f"call:{n}", n, {"via": "button", "名": "张三"})
        database.do(lambda c, n=n, e=entry: audit.append(c, NOW + timedelta(seconds=n), [e]))
    yield database
    database.close()


def reordered(c: Connection) -> None:
    """Two entries change places."""
    for old, new in ((5, 99), (6, 5), (99, 6)):
        c.execute(update(table).where(table.c.seq == old).values(seq=new))


def inserted(c: Connection) -> None:
    """One is slipped in at the end, with a hash made up."""
    row = c.execute(select(table).where(table.c.seq == ENTRIES)).one()._asdict()
    c.execute(insert(table).values({**row, "seq": ENTRIES + 1, "subject": "call:99"}))


def shifted(c: Connection) -> None:
    """One is removed and those behind it move up."""
    c.execute(delete(table).where(table.c.seq == 6))
    for seq in range(7, ENTRIES + 1):
        c.execute(update(table).where(table.c.seq == seq).values(seq=seq - 1))


def changing(**values: object) -> Callable[[Connection], None]:
    return lambda c: c.execute(update(table).where(table.c.seq == 7).values(**values)) and None


TAMPERING: dict[str, tuple[Callable[[Connection], object], Broken, int]] = {
    "who": (changing(actor=1), Broken.HASH, 7),
    "nobody": (changing(actor=None), Broken.HASH, 7),
    "what": (changing(action="call.proxied"), Broken.HASH, 7),
    "of whom": (changing(subject="call:1"), Broken.HASH, 7),
    "when": (changing(at=NOW), Broken.HASH, 7),
    "how": (changing(detail='{"via":"words"}'), Broken.HASH, 7),
    "hash": (changing(hash="0" * 64), Broken.HASH, 7),
    "deleted": (lambda c: c.execute(delete(table).where(table.c.seq == 7)), Broken.GAP, 7),
    "first deleted": (lambda c: c.execute(delete(table).where(table.c.seq == 1)), Broken.GAP, 1),
    "inserted": (inserted, Broken.HASH, ENTRIES + 1),
    "reordered": (reordered, Broken.HASH, 5),
    "shifted": (shifted, Broken.HASH, 6),
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_it_is_found_and_named(trail: Database, tampering: str) -> None:
    tampers, kind, broken_at = TAMPERING[tampering]
    assert trail.read(audit.verify).broken is None
    tamper(trail, tampers)
    verdict = trail.read(audit.verify)
    assert (verdict.broken, verdict.broken_at) == (kind, broken_at)


def mark_of(database: Database, seq: int) -> NotedEntry:
    query = select(table.c.hash).where(table.c.seq == seq)
    return NotedEntry(seq, database.read(lambda c: c.execute(query).scalar_one()))


def test_a_tail_cut_off_is_found_only_with_what_was_noted(trail: Database) -> None:
    noted = mark_of(trail, ENTRIES)
    tamper(trail, lambda c: c.execute(delete(table).where(table.c.seq > 9)))
    assert trail.read(audit.verify).broken is None  # why docs/security.md asks for the note
    verdict = trail.read(lambda c: audit.verify(c, noted))
    assert (verdict.broken, verdict.broken_at) == (Broken.CUT, 10)
    assert trail.read(audit.length) == 9  # the figure of /metrics fell


def test_a_chain_written_anew_is_found_with_what_was_noted(trail: Database) -> None:
    noted = mark_of(trail, 8)
    tamper(trail, lambda c: c.execute(delete(table)))
    forged = [Entry("call.acknowledged", f"call:{n}", 1) for n in range(ENTRIES)]
    trail.do(lambda c: audit.append(c, NOW, forged))
    assert trail.read(audit.verify).broken is None
    verdict = trail.read(lambda c: audit.verify(c, noted))
    assert (verdict.broken, verdict.broken_at) == (Broken.REWRITTEN, 8)


def test_an_older_note_still_holds_when_the_chain_has_grown(trail: Database) -> None:
    noted = mark_of(trail, 4)
    trail.do(lambda c: audit.append(c, NOW, [Entry("alert.released", "alert:1")]))
    assert trail.read(lambda c: audit.verify(c, noted)).broken is None
    assert trail.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar()) == 13


def test_the_command_names_the_entry_and_fails(
    trail: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIAOYING_DATABASE__URL", trail.url)

    def verify(*more: str) -> tuple[int, str]:
        out = io.StringIO()
        return main(["audit", "verify", *more], out), out.getvalue()

    code, output = verify()
    assert code == 0
    noted = output.split()[-1]
    assert verify("--noted", noted)[0] == 0
    tamper(trail, lambda c: c.execute(delete(table).where(table.c.seq > 10)))
    assert verify()[0] == 0
    code, output = verify("--noted", noted)
    assert code == 1 and "11" in output
    tamper(trail, changing(detail="{}"))
    code, output = verify("--json")
    assert code == 1
    assert json.loads(output)["broken_at"] == 7
    with pytest.raises(SystemExit) as usage:
        verify("--noted", "nonsense")
    assert usage.value.code == 2
