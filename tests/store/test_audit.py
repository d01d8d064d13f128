"""The audit trail is a hash chain: a changed, removed or inserted entry is found."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, text, update

from data import audit
from data.audit import Broken, Entry
from data.database import Database
from data.tables.running import audit as table
from tests.tampering import tamper

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)


@pytest.fixture
def database(upgraded_url: str):
    made = Database(upgraded_url)
    for n in range(5):
        entries = [Entry("call.acknowledged", f"call:{n}", 7, {"via": "button", "名": "张三"})] * 2
        made.do(lambda c, entries=entries: audit.append(c, NOW, entries))
    yield made
    made.close()


def test_an_untouched_chain_is_whole(database: Database) -> None:
    verdict = database.read(audit.verify)
    assert (verdict.entries, verdict.broken) == (10, None)
    assert len(verdict.head) == 64


@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "detail", "hash"])
def test_an_altered_entry_is_found(database: Database, column: str) -> None:
    changed = text("2") if column in ("at", "actor") else "x"
    tamper(
        database,
        lambda c: c.execute(update(table).where(table.c.seq == 4).values({column: changed})),
    )
    verdict = database.read(audit.verify)
    assert (verdict.broken, verdict.broken_at) == (Broken.HASH, 4)


def test_a_removed_entry_is_found(database: Database) -> None:
    tamper(database, lambda c: c.execute(delete(table).where(table.c.seq == 4)))
    verdict = database.read(audit.verify)
    assert (verdict.broken, verdict.broken_at) == (Broken.GAP, 4)


def test_a_unit_that_fails_leaves_no_entry(database: Database) -> None:
    def unit(connection) -> None:
        audit.append(connection, NOW, [Entry("alert.released", "alert:1")])
        raise ValueError

    with pytest.raises(ValueError):
        database.do(unit)
    database.do(lambda c: audit.append(c, NOW, [Entry("alert.released", "alert:2")]))
    verdict = database.read(audit.verify)
    assert (verdict.entries, verdict.broken) == (11, None)


def test_the_trail_of_one_thing(database: Database) -> None:
    found = database.read(lambda c: list(audit.trail(c, "call:3")))
    assert [entry["action"] for entry in found] == ["call.acknowledged"] * 2
    assert found[0]["detail"] == {"via": "button", "名": "张三"}
