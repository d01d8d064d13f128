"""What is long over moves to the history and is found there; nothing is lost on the way.

Two warnings: an old one, long over, and one of yesterday that is in force.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Table, delete, func, insert, select, text, update

from alerts import alert_store, call_store, follow_up
from alerts.acknowledge import by_button
from alerts.calls import CallOutcome, CallState, Report
from alerts.channels import store as channel_store
from alerts.channels.model import Kind
from alerts.channels.queue_store import NewChannelDelivery
from alerts.channels.queue_store import add as add_channel_deliveries
from alerts.closing import cancel, expire
from alerts.history import store
from alerts.history.archiving import Archived, Archiving
from alerts.ledger import ledger_rows
from alerts.model import Draft, Hazard, Level
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.release import release
from alerts.report import progress
from alerts.report_facts import report_facts
from alerts.reports import HelpCounts
from alerts.rules import Rules
from alerts.sending import claim, record
from bot.views.report.xlsx import as_xlsx
from contacts import bot_store, people_store
from contacts.bots import Bot
from contacts.channels import Cause, Channel
from contacts.divisions.store import load_gazetteer
from data import archived_trail, audit, history, trail_marks
from data.audit import Broken, NotedEntry
from data.database import Connection, Database
from data.errors import Conflict, JiaoyingError, NotFound, StoreUnwritable
from data.history import HistoryProblem, history_file
from data.tables import history as kept
from data.tables.alerts import alerts, calls, cards, deliveries, help_requests, reports
from data.tables.channels import channel_deliveries
from data.tables.running import audit as trail
from data.tables.running import audit_marks
from tests.faults.disk import Disk
from tests.roster import BOT_ID, COUNTY, COUNTY_COMMANDER, NOW, PROVINCE, VILLAGERS
from tests.tampering import tamper

RULES = Rules()
LATER = NOW + timedelta(days=500)
BEFORE = NOW + timedelta(days=100)
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")


def send_everything(connection: Connection, now: datetime) -> None:
    taken = claim(connection, "test", now, dict.fromkeys(Lane, 1000), BOT_ID)
    record(
        connection, [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken], RULES, now
    )


def warn(connection: Connection, now: datetime) -> int:
    """Released, sent, answered by the first villager."""
    by = people_store.person(connection, COUNTY_COMMANDER["id"])
    assert by is not None
    alert_id = release(connection, DRAFT, by, RULES, now).alert_id
    send_everything(connection, now)
    call = call_store.call_of(connection, alert_id, VILLAGERS[0]["id"])
    assert call is not None
    by_button(connection, call.id, VILLAGERS[0]["telegram_id"], RULES, now + timedelta(seconds=9))
    return alert_id


@pytest.fixture
def two_warnings(database: Database) -> tuple[int, int]:
    """The old one, which expired, and the one in force. Also a message that is of no warning."""
    database.do(lambda c: bot_store.configure(c, [Bot(BOT_ID, PROVINCE)], NOW))
    old = database.do(lambda c: warn(c, NOW))

    def ended(connection: Connection) -> None:
        expire(connection, NOW + timedelta(days=3))
        send_everything(connection, NOW + timedelta(days=3))
        reply = {"kind": "reply", "lane": 1, "place": 1, "state": "sent", "chat_id": 5}
        reply |= {"sent_at": NOW}
        connection.execute(insert(deliveries).values(**reply, not_before=NOW, created_at=NOW))

    database.do(ended)
    new = database.do(lambda c: warn(c, LATER - timedelta(days=1)))
    return old, new


def archive(database: Database, **options: Any) -> Archived:
    """As the command does it: on a database opened for this."""
    own = Database(database.url)
    try:
        return Archiving(own, BEFORE, LATER, **options).run()
    finally:
        own.close()


def rows(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def rows_of(connection: Connection, table: Table, alert_id: int) -> int:
    query = select(func.count()).where(table.c.alert_id == alert_id)
    return int(connection.execute(query).scalar_one())


_GAZETTEER: list[Any] = []
"""That of the roster, read once: it takes longer than the rest of a report."""


def report(database: Database, alert_id: int) -> Any:
    if not _GAZETTEER:
        _GAZETTEER.append(database.read(load_gazetteer))
    return database.read(lambda c: report_facts(c, alert_id, _GAZETTEER[0]))


def verify_all(database: Database, noted: NotedEntry | None = None) -> audit.ChainCheck:
    return database.read(lambda c: archived_trail.verify_all(c, noted))


def test_what_is_over_goes_and_what_is_in_force_stays(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, new = two_warnings
    live = {table.name: database.read(lambda c, t=table: rows(c, t)) for table in (calls, trail)}
    kept_calls = database.read(lambda c: rows_of(c, calls, new))
    kept_cards = database.read(lambda c: rows_of(c, cards, new))
    moved = archive(database)
    assert moved.alerts == 1
    assert moved.calls == live["calls"] - kept_calls > 0
    assert moved.deliveries > moved.calls  # also the one of no warning
    for table in (calls, cards, deliveries):
        assert database.read(lambda c, t=table: rows_of(c, t, old)) == 0, table.name
    assert database.read(lambda c: rows_of(c, calls, new)) == kept_calls
    assert database.read(lambda c: rows_of(c, cards, new)) == kept_cards
    assert database.read(lambda c: rows_of(c, deliveries, new)) > 0
    none_of_old = select(func.count()).where(deliveries.c.created_at < BEFORE)
    assert database.read(lambda c: c.execute(none_of_old).scalar_one()) == 0
    # Again: nothing more to do, nothing entered.
    entries = database.read(audit.length)
    assert archive(database).rows == 0
    assert database.read(audit.length) == entries


def test_the_report_of_an_archived_warning_is_the_same_as_before(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, new = two_warnings
    before, of_new = report(database, old), report(database, new)
    archive(database)
    after = report(database, old)
    assert after.calls == before.calls
    assert after.trail[:-1] == before.trail
    assert after.trail[-1].action == "alert.archived"
    assert after.summary.progress == before.summary.progress
    assert report(database, new).calls == of_new.calls
    book = load_workbook(BytesIO(as_xlsx(after, "zh", RULES.zone)))
    assert book.worksheets[2].max_row == 1 + len(before.calls)
    assert ledger_rows(after) == ledger_rows(before) != []


def test_what_other_channels_tried_is_archived_with_its_call_and_still_in_the_report(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, _ = two_warnings

    def rung_in_vain(connection: Connection) -> None:
        call = call_store.call_of(connection, old, VILLAGERS[1]["id"])
        assert call is not None
        to = (call.id, old, call.person_id, Channel.VOICE, "+8613900000001", Kind.CALL)
        add_channel_deliveries(connection, [NewChannelDelivery(*to)], NOW)
        [made] = channel_store.of_calls(connection, [call.id])[call.id]
        channel_store.failed(connection, made.id, Cause.POWERED_OFF, NOW)

    database.do(rung_in_vain)
    before = report(database, old)
    assert "电话语音：关机" in str(all_cells(before))
    assert archive(database).channel_deliveries == 1
    assert database.read(lambda c: rows(c, channel_deliveries)) == 0
    after = report(database, old)
    assert after.calls == before.calls
    assert "电话语音：关机" in str(all_cells(after))


def all_cells(facts: Any) -> list[Any]:
    book = load_workbook(BytesIO(as_xlsx(facts, "zh", RULES.zone)))
    return [list(sheet.values) for sheet in book.worksheets]


def tell(connection: Connection, alert_id: int) -> None:
    """The first villager reports what was moved, and that help is needed."""
    call = call_store.call_of(connection, alert_id, VILLAGERS[0]["id"])
    assert call is not None
    account, later = VILLAGERS[0]["telegram_id"], NOW + timedelta(minutes=1)
    told = follow_up.report(connection, call.id, account, Report.MOVED, later, households=12)
    assert told.outcome is CallOutcome.RECORDED
    follow_up.report(connection, call.id, account, Report.HELP, later, text="两台车")


def test_reports_and_cries_for_help_are_archived_with_their_calls(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, _ = two_warnings
    database.do(lambda c: tell(c, old))
    before = report(database, old)
    assert [fact.report for fact in before.calls[1].reports] == [Report.MOVED, Report.HELP]
    moved = archive(database)
    assert (moved.reports, moved.help_requests) == (2, 1)
    for table in (reports, help_requests):
        assert database.read(lambda c, t=table: rows_of(c, t, old)) == 0, table.name
    after = report(database, old)
    assert (after.calls, after.help) == (before.calls, before.help)
    assert after.summary.reports == {Report.MOVED: 1, Report.HELP: 1}
    assert after.summary.help == before.summary.help == HelpCounts(1, 0, 0, 1)


@pytest.mark.parametrize("gone", ["DROP TABLE history.reports", "DELETE FROM history.reports"])
def test_of_a_warning_archived_by_an_earlier_release_the_last_report_is_known(
    database: Database, two_warnings: tuple[int, int], gone: str
) -> None:
    old, _ = two_warnings
    database.do(lambda c: tell(c, old))
    archive(database)
    in_new_history(database, gone)
    after = report(database, old)
    (fact,) = after.calls[1].reports
    assert (fact.report, fact.text) == (Report.HELP, "两台车")


@pytest.mark.one_database
def test_the_count_of_an_archived_warning_is_the_same_as_before(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    def counted(connection: Connection) -> list[Any]:
        found = [known_alert_of(connection, alert_id) for alert_id in two_warnings]
        return [progress(connection, alert) for alert in found]

    before = database.read(counted)
    assert before[0].acknowledged == 1
    archive(database)
    assert database.read(counted) == before


def known_alert_of(connection: Connection, alert_id: int) -> Any:
    found = alert_store.alert(connection, alert_id)
    assert found is not None
    return found


class _Killed(BaseException):
    pass


class Mortal:
    """A database whose process is killed before its n-th transaction."""

    def __init__(self, database: Database, after: int) -> None:
        self._database, self._left = database, after
        self.url = database.url

    def do(self, unit: Any) -> Any:
        if self._left == 0:
            raise _Killed
        self._left -= 1
        return self._database.do(unit)

    def read(self, query: Any) -> Any:
        return self._database.read(query)


def contents(database: Database) -> dict[str, list[Any]]:
    """Everything live and archived together."""

    def together(connection: Connection) -> dict[str, list[Any]]:
        present = history.attach(connection)
        found = {}
        for table in (calls, cards, deliveries, trail):
            there = kept.metadata.tables[f"history.{table.name}"]
            names = [column.name for column in table.columns]
            both = [
                tuple(row)
                for source in ((table, there) if present else (table,))
                for row in connection.execute(select(*(source.c[name] for name in names)))
            ]
            found[table.name] = sorted(map(repr, both))
        return found

    return database.read(together)


def test_a_run_killed_anywhere_is_gone_on_with_and_loses_nothing(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, _ = two_warnings
    before = report(database, old)
    everything = contents(database)
    for runs in count(1):
        own = Database(database.url)
        try:
            with suppress(_Killed):
                # Each goes a transaction further than the last: before and after every step.
                mortal: Any = Mortal(own, runs)
                Archiving(mortal, BEFORE, LATER, chunk=4).run()
                break
        finally:
            own.close()
        # At every moment all is there, counted and shown.
        assert report(database, old).calls == before.calls
        assert report(database, old).trail[: len(before.trail)] == before.trail
        assert verify_all(database).broken is None
        assert database.read(audit.verify).broken is None
    assert runs > 6
    entered = [line for line in report(database, old).trail if line.action == "alert.archived"]
    assert len(entered) == 1
    after = contents(database)
    assert all(len(found) == len(set(found)) for found in after.values())
    assert [len(after[name]) for name in ("calls", "cards", "deliveries")] == [
        len(everything[name]) for name in ("calls", "cards", "deliveries")
    ]
    assert set(everything["audit"]) <= set(after["audit"])


@pytest.mark.usefixtures("two_warnings")
@pytest.mark.one_database
def test_the_chain_goes_on_from_a_signed_mark(database: Database) -> None:
    whole = database.read(audit.verify)
    moved = archive(database)
    assert 0 < moved.entries < whole.entries
    verdict = database.read(audit.verify)
    assert (verdict.broken, verdict.since) == (None, moved.entries + 1)
    assert verdict.entries == whole.entries + 2  # that of the warning, that of the run
    everything = verify_all(database)
    assert (everything.broken, everything.since, everything.away) == (None, 1, ())
    assert everything.head == verdict.head


def test_each_month_has_a_mark_and_a_missing_one_hides_no_other(database: Database) -> None:
    august = [audit.Entry("x.happened", f"x:{n}") for n in range(7)]
    last = database.read(audit.length)  # since July, when the roster was loaded
    database.do(lambda c: audit.append(c, NOW + timedelta(days=40), august))
    database.do(lambda c: audit.append(c, LATER, [audit.Entry("x.happened", "x:now")]))
    own = Database(database.url)
    Archiving(own, LATER - timedelta(days=1), LATER, chunk=3).run()
    own.close()
    found = database.read(trail_marks.marks)
    july, newest = found[0], found[-1]
    assert (july.month, newest.month, newest.seq) == (202607, 202608, last + 7)
    assert verify_all(database).away == ()
    in_history(database, delete(kept.audit).where(kept.audit.c.month == july.month))
    verdict = verify_all(database)
    assert (verdict.broken, verdict.away) == (None, ((1, july.seq),))
    changed = update(kept.audit).where(kept.audit.c.seq == last + 2).values(action="y")
    in_history(database, changed)
    assert verify_all(database).broken is Broken.HASH


@pytest.mark.parametrize(
    "change", [{"hash": "0" * 64}, {"signature": "0" * 64}, {"seq": 2}, {"month": 1}]
)
def test_a_mark_that_was_altered_is_found(database: Database, change: dict[str, Any]) -> None:
    archive(database)
    database.do(lambda c: c.execute(update(audit_marks).values(change)))
    assert database.read(audit.verify).broken is Broken.MARK
    assert verify_all(database).broken is Broken.MARK


@pytest.mark.usefixtures("two_warnings")
def test_a_mark_taken_away_is_found(database: Database) -> None:
    archive(database)
    database.do(lambda c: c.execute(delete(audit_marks)))
    assert database.read(audit.verify).broken is Broken.GAP


def in_history(database: Database, change: Any) -> None:
    """Somebody writes into the history."""

    def unit(connection: Connection) -> None:
        assert history.attach(connection)
        connection.execute(change)

    own = Database(database.url)
    own.do(unit)
    own.close()


@pytest.mark.usefixtures("two_warnings")
def test_an_archived_entry_that_was_altered_or_removed_is_found_by_the_whole_walk(
    database: Database,
) -> None:
    moved = archive(database)
    in_history(database, update(kept.audit).where(kept.audit.c.seq == 3).values(subject="x"))
    assert database.read(audit.verify).broken is None  # it starts after the mark
    verdict = verify_all(database)
    assert (verdict.broken, verdict.broken_at) == (Broken.HASH, 3)
    in_history(database, delete(kept.audit).where(kept.audit.c.seq == 3))
    verdict = verify_all(database)
    assert (verdict.broken, verdict.broken_at) == (Broken.GAP, 3)
    in_history(database, delete(kept.audit).where(kept.audit.c.seq == moved.entries))
    assert verify_all(database).broken is Broken.GAP


@pytest.mark.usefixtures("two_warnings")
def test_a_noted_entry_is_looked_for_in_the_history(database: Database) -> None:
    hashed = select(trail.c.hash).where(trail.c.seq == 2)
    noted = NotedEntry(2, database.read(lambda c: c.execute(hashed).scalar_one()))
    other = NotedEntry(2, "0" * 64)
    archive(database)
    verify = archived_trail.verify_noted
    for check in (verify, archived_trail.verify_all):
        assert database.read(lambda c, check=check: check(c, noted)).broken is None
        found = database.read(lambda c, check=check: check(c, other))
        assert (found.broken, found.broken_at) == (Broken.REWRITTEN, 2)
    head = NotedEntry(database.read(audit.length) + 5, "0" * 64)
    assert database.read(lambda c: verify(c, head)).broken is Broken.CUT
    assert verify_all(database, head).broken is Broken.CUT


@pytest.mark.usefixtures("two_warnings")
def test_a_broken_trail_is_not_archived(database: Database) -> None:
    tamper(database, lambda c: c.execute(update(trail).where(trail.c.seq == 3).values(subject="x")))
    entries = database.read(lambda c: rows(c, trail))
    with pytest.raises(Conflict) as refused:
        archive(database)
    assert refused.value.code is HistoryProblem.BROKEN_TRAIL
    assert refused.value.facts["at"] == 3
    assert database.read(lambda c: rows(c, trail)) >= entries
    assert database.read(trail_marks.newest) is None


def test_numbers_of_archived_rows_are_not_given_again(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    _, new = two_warnings
    highest = database.read(lambda c: c.execute(select(func.max(calls.c.id))).scalar_one())

    def all_over(connection: Connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        cancel(connection, new, by, LATER - timedelta(hours=1))  # while it is in force
        ended = {"expires_at": NOW, "cancelled_at": NOW, "created_at": NOW}
        connection.execute(update(alerts).where(alerts.c.id == new).values(ended))
        connection.execute(update(deliveries).values(state="sent", sent_at=NOW, created_at=NOW))

    database.do(all_over)
    archive(database)
    assert database.read(lambda c: rows(c, calls)) == 0
    assert database.read(lambda c: rows(c, deliveries)) == 0
    alert_id = database.do(lambda c: warn(c, LATER))
    lowest = select(func.min(calls.c.id)).where(calls.c.alert_id == alert_id)
    assert database.read(lambda c: c.execute(lowest).scalar_one()) > highest


@pytest.mark.usefixtures("two_warnings")
def test_a_delivery_still_to_be_sent_is_never_archived(database: Database) -> None:
    waits = {"kind": "reply", "lane": 1, "place": 1, "chat_id": 5, "claimed_by": "test"}
    times = {"not_before": NOW, "created_at": NOW}
    for state in ("queued", "claimed"):
        values = {**waits, **times, "state": state}
        database.do(lambda c, values=values: c.execute(insert(deliveries).values(values)))
    archive(database)
    left = select(deliveries.c.state).where(deliveries.c.created_at < BEFORE)
    assert sorted(database.read(lambda c: c.execute(left).scalars().all())) == ["claimed", "queued"]


def test_what_changed_after_it_was_copied_is_copied_again_not_lost(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, _ = two_warnings
    own = Database(database.url)
    chunk = store.Chunk(calls, 202607, own.read(lambda c: all_ids(c, old)))

    def copied(connection: Connection) -> None:
        history.prepare(connection)
        history.ensure_month(connection, chunk.month)
        store.copy(connection, chunk)

    own.do(copied)
    late = update(calls).where(calls.c.id == chunk.keys[0]).values(report_text="晚到的")
    own.do(lambda c: c.execute(late))
    with pytest.raises(StoreUnwritable) as refused:
        own.do(partial(store.remove, chunk=chunk))
    assert refused.value.code is HistoryProblem.CHANGED
    own.close()
    archive(database)
    lines = report(database, old).calls
    assert "晚到的" in {line.call.report_text for line in lines}


def all_ids(connection: Connection, alert_id: int) -> list[int]:
    return list(
        connection.execute(select(calls.c.id).where(calls.c.alert_id == alert_id)).scalars()
    )


def test_whom_a_narrowing_left_out_is_not_silent_in_what_was_archived_before(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, _ = two_warnings
    archive(database)
    before = report(database, old)
    silent = next(line.call for line in before.calls if line.call.state is CallState.CANCELLED)
    marked = update(kept.calls).where(kept.calls.c.id == silent.id).values(steps=silent.steps + 512)
    in_history(database, marked)
    calls = {line.call.id: line.call for line in report(database, old).calls}
    assert calls[silent.id] == silent._replace(state=CallState.LEFT_OUT)


def test_a_history_of_an_earlier_release_gets_the_columns_it_lacks(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, _ = two_warnings
    in_new_history(database, "ALTER TABLE history.calls DROP COLUMN report_text")
    archive(database)
    assert report(database, old).calls


def in_new_history(database: Database, statement: str) -> None:
    def unit(connection: Connection) -> None:
        history.prepare(connection)
        connection.execute(text(statement))

    own = Database(database.url)
    own.do(unit)
    own.close()


# -- SQLite's file ---------------------------------------------------------------------------------


@pytest.fixture
def file(database: Database, request: pytest.FixtureRequest) -> Path:
    """The history's file, of a database in which two warnings are not archived yet."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL keeps the history in the database itself")
    path = database.url.removeprefix("sqlite:///")
    request.getfixturevalue("two_warnings")
    return history_file(Path(path))


@pytest.mark.one_database
def test_a_file_that_vanished_is_said_and_nothing_more_is_moved(
    database: Database, two_warnings: tuple[int, int], file: Path
) -> None:
    old, new = two_warnings
    archive(database)
    away = file.rename(file.with_name("elsewhere.db"))
    fresh = Database(database.url)
    for attempt in (lambda: archive(database), lambda: report(fresh, old)):
        with pytest.raises(NotFound) as refused:
            attempt()
        assert refused.value.code is HistoryProblem.AWAY
        assert refused.value.facts["file"] == file.name
    assert not file.exists()  # none was begun in its place
    assert report(fresh, new).calls
    verdict = verify_all(fresh)
    assert verdict.broken is None
    assert verdict.away == ((1, database.read(trail_marks.newest).seq),)
    noted = NotedEntry(2, "0" * 64)
    assert fresh.read(lambda c: archived_trail.verify_noted(c, noted)).away == ((2, 2),)
    away.rename(file)
    assert report(fresh, old).calls
    assert verify_all(fresh).away == ()
    fresh.close()


@pytest.mark.one_database
def test_another_file_is_begun_when_that_is_wanted(
    database: Database, two_warnings: tuple[int, int], file: Path
) -> None:
    old, _ = two_warnings
    archive(database)
    file.rename(file.with_name("2026.db"))
    assert archive(database, new=True).rows == 0
    fresh = Database(database.url)
    with pytest.raises(NotFound):
        report(fresh, old)
    assert verify_all(fresh).away
    fresh.close()


@pytest.mark.usefixtures("two_warnings")
@pytest.mark.one_database
def test_a_file_deleted_under_a_run_costs_no_row(database: Database, file: Path) -> None:
    before = database.read(lambda c: rows(c, deliveries))
    own = Database(database.url)
    steps = Archiving(own, BEFORE, LATER, chunk=3, rest=lambda _moved: file.unlink())
    with pytest.raises(JiaoyingError) as refused:
        steps.run()
    assert refused.value.code is HistoryProblem.AWAY
    own.close()
    assert database.read(lambda c: rows(c, deliveries)) >= before - 3


@pytest.mark.usefixtures("two_warnings")
@pytest.mark.parametrize("content", [b"not a database at all, " * 100, b"SQLite format 3\0" * 300])
@pytest.mark.one_database
def test_a_file_that_is_no_history_is_said(database: Database, file: Path, content: bytes) -> None:
    before = database.read(lambda c: rows(c, deliveries))
    file.write_bytes(content)
    with pytest.raises(StoreUnwritable) as refused:
        archive(database)
    assert refused.value.code is HistoryProblem.UNREADABLE
    assert file.read_bytes() == content
    assert database.read(lambda c: rows(c, deliveries)) == before


class DiskOfHistory(Disk):
    """Only the history's file finds no room."""

    @property
    def _switch(self) -> str:
        return super()._switch.replace("PRAGMA ", "PRAGMA history.")


@pytest.mark.usefixtures("file")
@pytest.mark.one_database
def test_a_full_disk_stops_a_run_and_loses_nothing(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    old, _ = two_warnings
    long = {"kind": "reply", "lane": 1, "place": 1, "state": "sent", "sent_at": NOW, "chat_id": 5}
    long |= {"alert_id": old, "params": {"text": "很长" * 2000}}
    row = insert(deliveries).values(**long, not_before=NOW, created_at=NOW)
    database.do(lambda c: [c.execute(row) for _ in range(20)])
    before = report(database, old)
    everything = contents(database)["deliveries"]
    own = Database(database.url)
    disk = DiskOfHistory(own)
    run = Archiving(own, BEFORE, LATER, chunk=3, rest=lambda _moved: disk.fails("full"))
    with pytest.raises(StoreUnwritable) as refused:
        run.run()
    assert "full" in refused.value.facts["reason"]
    own.close()
    assert report(database, old).calls == before.calls
    assert verify_all(database).broken is None
    assert contents(database)["deliveries"] == everything
    assert archive(database).alerts == 1
    assert contents(database)["deliveries"] == everything
    assert report(database, old).calls == before.calls


# -- PostgreSQL's partitions -----------------------------------------------------------------------


def test_a_month_can_be_detached_and_attached_again(
    database: Database, two_warnings: tuple[int, int]
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no partitions")
    old, new = two_warnings
    archive(database)
    month = NOW.astimezone(UTC).strftime("%Y%m")
    for name in ("calls", "audit"):
        detach = f"ALTER TABLE history.{name} DETACH PARTITION history.{name}_{month}"
        database.do(lambda c, detach=detach: c.execute(text(detach)))
    with pytest.raises(NotFound) as refused:
        report(database, old)
    assert refused.value.facts["month"] == int(month)
    assert report(database, new).calls
    verdict = verify_all(database)
    assert (verdict.broken, len(verdict.away)) == (None, 1)
    # What else is of that month is not written beside it.
    database.do(lambda c: c.execute(update(alerts).values(archived_at=None)))
    for name in ("calls", "audit"):
        attach = (
            f"ALTER TABLE history.{name} ATTACH PARTITION history.{name}_{month} "
            f"FOR VALUES IN ({month})"
        )
        database.do(lambda c, attach=attach: c.execute(text(attach)))
    database.do(
        lambda c: c.execute(update(alerts).where(alerts.c.id == old).values(archived_at=LATER))
    )
    assert report(database, old).calls
    assert verify_all(database).away == ()


@pytest.mark.usefixtures("two_warnings")
@pytest.mark.one_database
def test_rows_of_a_detached_month_are_not_moved_beside_it(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no partitions")
    month = int(NOW.astimezone(UTC).strftime("%Y%m"))

    def detached(connection: Connection) -> None:
        history.prepare(connection)
        history.ensure_month(connection, month)
        name = f"calls_{month}"
        connection.execute(text(f"ALTER TABLE history.calls DETACH PARTITION history.{name}"))

    database.do(detached)
    before = database.read(lambda c: rows(c, calls))
    with pytest.raises(NotFound) as refused:
        archive(database)
    assert refused.value.facts["month"] == month
    assert database.read(lambda c: rows(c, calls)) == before
