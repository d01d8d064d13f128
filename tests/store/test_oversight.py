"""The watch over jiaoying itself in the database: each finding, who is told, how often, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from alerts.model import State
from alerts.outbox.deliveries import IMPOSSIBLE
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.oversight import refusal_store
from alerts.oversight.auditing import anything_to_do, audit, look, watchers, worst_open
from alerts.oversight.findings import FindingKind, OversightRules, Source, Telling
from alerts.oversight.store import lateness, prove_writable
from contacts import bot_store
from contacts.bots import Bot, Down
from contacts.people import Contact, Role
from data import audit as trail
from data import inbox as inbox_store
from data.database import Connection, Database
from data.tables.alerts import alerts, calls, deliveries
from data.tables.columns import to_milliseconds
from data.tables.contacts import people
from data.tables.running import inbox, pulses
from tests.roster import (
    BOT_ID,
    CITY,
    COUNTY_COMMANDER,
    GOVERNOR,
    NOW,
    PROVINCE,
    VILLAGERS,
    person,
)

pytestmark = pytest.mark.one_database


RULES = OversightRules()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def kinds(c: Connection, now: datetime, sources: Sequence[Source] = ()) -> list[FindingKind]:
    return [finding.kind for finding in look(c, now, RULES, sources)]


def late_call(c: Connection, due: datetime | None, state: State = State.RELEASED) -> int:
    key = c.execute(
        insert(alerts).values(
            identifier=f"A{state.value}{due}"[:31],
            status="Actual",
            level="red",
            hazard="rainstorm",
            headline="暴雨",
            description="转移",
            areas=["222403000000"],
            state=state.value,
            sender_id=COUNTY_COMMANDER["id"],
            created_at=NOW,
            released_at=NOW,
            closed_at=NOW if state is State.CLOSED else None,
            cancelled_at=NOW if state is State.CANCELLED else None,
            expires_at=NOW + timedelta(days=1),
        )
    ).inserted_primary_key
    assert key is not None
    c.execute(
        insert(calls).values(
            alert_id=key[0],
            person_id=VILLAGERS[0]["id"],
            division_code=VILLAGERS[0]["division_code"],
            role="village_responsible",
            state="waiting",
            reach="delivered",
            called_at=NOW,
            due_at=due,
        )
    )
    return int(key[0])


def delivery(c: Connection, due: datetime, lane: Lane = Lane.RED, **more: Any) -> None:
    values = {
        "kind": MessageKind.CALL.value,
        "lane": int(lane),
        "place": 1,
        "state": "queued",
        "bot_id": BOT_ID,
        "chat_id": 10010,
        "not_before": due,
        "created_at": due,
    }
    c.execute(insert(deliveries).values(values | more))


def queued_for_officers(c: Connection) -> list[tuple[str, str, int]]:
    """What was queued for officers since the last look: kind, telling, chat."""
    rows = c.execute(
        select(deliveries)
        .where(deliveries.c.kind == MessageKind.OVERSIGHT.value)
        .order_by(deliveries.c.id)
    ).all()
    c.execute(delete(deliveries).where(deliveries.c.kind == MessageKind.OVERSIGHT.value))
    return [(row.params["kind"], row.params["telling"], row.chat_id) for row in rows]


def test_all_is_well_at_first(database: Database) -> None:
    assert database.read(lambda c: look(c, NOW, RULES)) == []
    assert not database.read(lambda c: anything_to_do(c, NOW, RULES))
    assert database.do(lambda c: audit(c, NOW, RULES)) == []


def test_a_call_whose_step_is_late_by_over_a_minute(database: Database) -> None:
    def unit(c: Connection) -> None:
        late_call(c, NOW)
        assert kinds(c, NOW + MINUTE - SECOND) == []
        (found,) = look(c, NOW + 2 * MINUTE, RULES)
        assert found.kind is FindingKind.CALLS_LATE
        assert found.facts == {"count": 1, "oldest": to_milliseconds(NOW)}
        assert lateness(c, NOW + 2 * MINUTE) == 2 * MINUTE
        assert lateness(c, NOW - SECOND) == timedelta(0)
        c.execute(update(calls).values(due_at=None))
        assert kinds(c, NOW + 2 * MINUTE) == []

    database.do(unit)


@pytest.mark.parametrize("state", [State.PENDING, State.CANCELLED, State.CLOSED, State.EXPIRED])
def test_calls_of_a_warning_not_in_force_are_never_late(database: Database, state: State) -> None:
    def unit(c: Connection) -> None:
        late_call(c, NOW, state)
        assert kinds(c, NOW + 5 * MINUTE) == []

    database.do(unit)


def test_a_queue_that_does_not_drain(database: Database) -> None:
    def unit(c: Connection) -> None:
        delivery(c, NOW)
        delivery(c, NOW + SECOND)
        delivery(c, NOW + timedelta(hours=1))  # to be tried again later: nobody waits for it
        assert kinds(c, NOW + MINUTE - SECOND) == []
        (found,) = look(c, NOW + MINUTE, RULES)
        assert found.kind is FindingKind.QUEUE_STUCK
        assert found.facts == {"count": 2, "oldest": to_milliseconds(NOW), "lanes": ["red"]}
        delivery(c, NOW, state="claimed", claimed_by="w", claimed_at=NOW + 30 * SECOND)
        assert kinds(c, NOW + MINUTE) == []  # it drains, if slowly
        assert kinds(c, NOW + 90 * SECOND) == [FindingKind.QUEUE_STUCK]

    database.do(unit)


def test_what_no_bot_says_is_stuck_too(database: Database) -> None:
    def unit(c: Connection) -> None:
        delivery(c, NOW, bot_id=None)
        assert kinds(c, NOW + MINUTE) == [FindingKind.QUEUE_STUCK]

    database.do(unit)


@pytest.mark.both_databases
def test_a_bot_that_is_down_is_one_finding_not_three(database: Database) -> None:
    def unit(c: Connection) -> None:
        delivery(c, NOW)
        delivery(c, NOW, state="claimed", claimed_by="w", claimed_at=NOW)
        hour = NOW + timedelta(hours=1)
        assert set(kinds(c, hour)) == {FindingKind.QUEUE_STUCK, FindingKind.CLAIMS_STUCK}
        bot_store.mark_down(c, BOT_ID, Down.REVOKED, NOW)
        (found,) = look(c, hour, RULES)
        assert found.kind is FindingKind.BOT_DOWN
        bots = [{"name": "", "division": PROVINCE, "reason": "revoked"}]
        assert found.facts == {"count": 1, "bots": bots, "oldest": to_milliseconds(NOW)}
        bot_store.mark_up(c, BOT_ID, hour)
        assert FindingKind.BOT_DOWN not in kinds(c, hour)

    database.do(unit)


def test_deliveries_left_claimed(database: Database) -> None:
    def unit(c: Connection) -> None:
        delivery(c, NOW, state="claimed", claimed_by="w", claimed_at=NOW)
        delivery(c, NOW, state="sent", claimed_by="w", claimed_at=NOW)
        assert kinds(c, NOW + 10 * MINUTE - SECOND) == []
        (found,) = look(c, NOW + 10 * MINUTE, RULES)
        assert (found.kind, found.facts["count"]) == (FindingKind.CLAIMS_STUCK, 1)

    database.do(unit)


@pytest.mark.both_databases
def test_messages_that_a_bug_kept_from_being_sent(database: Database) -> None:
    day = timedelta(days=1)

    def unit(c: Connection) -> None:
        delivery(c, NOW, state="failed", sent_at=NOW, error="blocked")
        delivery(c, NOW, state="sent", sent_at=NOW)
        assert kinds(c, NOW) == []
        delivery(c, NOW, state="failed", sent_at=NOW, error=IMPOSSIBLE)
        (found,) = look(c, NOW + day - SECOND, RULES)
        assert (found.kind, found.facts["count"]) == (FindingKind.MESSAGES_FAILED, 1)
        assert kinds(c, NOW + day) == []

    database.do(unit)


@pytest.mark.both_databases
def test_updates_not_handled_and_updates_that_failed(database: Database) -> None:
    def unit(c: Connection) -> None:
        inbox_store.put(c, BOT_ID, [{"update_id": 1}, {"update_id": 2}], NOW)
        assert kinds(c, NOW + MINUTE - SECOND) == []
        (found,) = look(c, NOW + MINUTE, RULES)
        assert (found.kind, found.facts["count"]) == (FindingKind.INBOX_STUCK, 2)
        inbox_store.failed(c, BOT_ID, 1)
        assert kinds(c, NOW + MINUTE) == [FindingKind.INBOX_STUCK, FindingKind.UPDATES_FAILED]
        inbox_store.done(c, BOT_ID, 2, NOW)
        assert kinds(c, NOW + MINUTE) == [FindingKind.UPDATES_FAILED]
        c.execute(delete(inbox))
        assert kinds(c, NOW + MINUTE) == []

    database.do(unit)


def test_a_source_that_fell_silent(database: Database) -> None:
    source = Source("firms", NOW, timedelta(minutes=5), fault="html")

    def unit(c: Connection) -> None:
        assert kinds(c, NOW + 15 * MINUTE, [source]) == []
        (found,) = look(c, NOW + 16 * MINUTE, RULES, [source])
        assert found.kind is FindingKind.SOURCE_SILENT
        named = {"count": 1, "names": ["firms"], "faults": ["html"]}
        assert found.facts == named | {"oldest": to_milliseconds(NOW)}

    database.do(unit)


def watch_for(
    database: Database, minutes: float, *, start: float = 0, every: float = 0.5
) -> list[tuple[float, str, str, int]]:
    """Look every half minute; what was told when (minutes), and to which chat."""
    heard = []
    for step in range(int(minutes / every) + 1):
        at = start + step * every

        def unit(c: Connection, at: float = at) -> list[tuple[str, str, int]]:
            audit(c, NOW + at * MINUTE, RULES)
            return queued_for_officers(c)

        heard += [(at, *message) for message in database.do(unit)]
    return heard


def test_the_officer_is_told_once_again_after_half_an_hour_and_when_it_is_over(
    database: Database,
) -> None:
    governor = GOVERNOR["telegram_id"]
    database.do(lambda c: late_call(c, NOW - MINUTE))
    assert watch_for(database, 70) == [
        (0.5, "calls_late", "found", governor),
        (30.5, "calls_late", "again", governor),
        (60.5, "calls_late", "again", governor),
    ]
    database.do(lambda c: c.execute(update(calls).values(due_at=None)))
    assert watch_for(database, 60, start=70.5) == [(71, "calls_late", "over", governor)]
    entries = database.read(lambda c: list(trail.trail(c, "finding:calls_late")))
    assert [entry["action"] for entry in entries] == [
        "oversight.found",
        "oversight.again",
        "oversight.again",
        "oversight.over",
    ]
    assert all(entry["detail"]["told"] == [GOVERNOR["id"]] for entry in entries)
    assert database.read(trail.verify).broken is None


@pytest.mark.both_databases
def test_what_comes_and_goes_is_one_finding(database: Database) -> None:
    database.do(lambda c: late_call(c, NOW - MINUTE))
    heard = watch_for(database, 1)
    for at, due in ((1.5, None), (2, NOW - MINUTE), (2.5, None), (3, NOW - MINUTE)):
        database.do(lambda c, due=due: c.execute(update(calls).values(due_at=due)))
        heard += watch_for(database, 0, start=at)
    assert [message[2] for message in heard] == ["found"]


def test_a_single_look_tells_nobody(database: Database) -> None:
    database.do(lambda c: late_call(c, NOW - MINUTE))
    assert watch_for(database, 0) == []
    database.do(lambda c: c.execute(update(calls).values(due_at=None)))
    assert watch_for(database, 10, start=0.5) == []
    database.do(lambda c: c.execute(update(calls).values(due_at=NOW)))
    assert [message[:3] for message in watch_for(database, 2, start=60)] == [
        (60.5, "calls_late", "found")
    ]


def test_the_message_goes_ahead_of_the_warnings_it_is_about(database: Database) -> None:
    def unit(c: Connection) -> Any:
        late_call(c, NOW - MINUTE)
        for at in (0, 30):
            audit(c, NOW + at * SECOND, RULES)
        query = select(deliveries).where(deliveries.c.kind == MessageKind.OVERSIGHT.value)
        return c.execute(query).one()

    row = database.do(unit)
    assert (row.lane, row.place, row.bot_id) == (int(Lane.ANSWER), 0, BOT_ID)


@pytest.mark.both_databases
def test_who_is_told(database: Database) -> None:
    def names(c: Connection) -> list[str]:
        return [watcher.name for watcher in watchers(c, NOW)]

    def unit(c: Connection) -> None:
        assert names(c) == ["省指挥"]
        c.execute(insert(people), [person(90, "省值班", PROVINCE, Role.DUTY_OFFICER)])
        assert names(c) == ["省值班"]
        bot_store.configure(c, [Bot(BOT_ID, PROVINCE), Bot(2, CITY)], NOW)
        assert names(c) == ["省值班"]
        silenced = people.c.division_code == PROVINCE
        c.execute(update(people).where(silenced).values(contact=Contact.BOT_DOWN.value))
        assert names(c) == ["州指挥"] or names(c) == ["州主任"]
        c.execute(update(people).values(contact=Contact.BLOCKED.value))
        assert names(c) == []

    database.do(unit)


def test_when_nobody_can_be_reached_it_is_told_as_soon_as_somebody_can(database: Database) -> None:
    contact: Callable[[Contact], Any] = lambda state: database.do(  # noqa: E731
        lambda c: c.execute(update(people).values(contact=state.value))
    )
    contact(Contact.BLOCKED)
    database.do(lambda c: late_call(c, NOW - MINUTE))
    assert watch_for(database, 5) == []
    contact(Contact.OK)
    heard = watch_for(database, 5, start=5.5)
    assert [message[:3] for message in heard] == [(5.5, "calls_late", "found")]


def test_the_end_is_told_to_everybody_who_heard_of_it(database: Database) -> None:
    database.do(lambda c: late_call(c, NOW - MINUTE))
    watch_for(database, 1)
    officer = person(90, "省值班", PROVINCE, Role.DUTY_OFFICER)
    database.do(lambda c: c.execute(insert(people), [officer]) and None)
    heard = watch_for(database, 30, start=1.5)
    assert heard == [(30.5, "calls_late", "again", officer["telegram_id"])]
    database.do(lambda c: c.execute(update(calls).values(due_at=None)))
    ended = watch_for(database, 5, start=32)
    assert {(message[2], message[3]) for message in ended} == {
        ("over", GOVERNOR["telegram_id"]),
        ("over", officer["telegram_id"]),
    }


def test_the_worst_kinds_stop_the_heartbeat_once_believed(database: Database) -> None:
    silent = [Source("firms", NOW - timedelta(days=1), MINUTE)]

    def unit(c: Connection) -> None:
        for at in (0, 30):
            audit(c, NOW + at * SECOND, RULES, silent)
        queued_for_officers(c)
        assert worst_open(c, NOW + 30 * SECOND) == []
        late_call(c, NOW - MINUTE)
        audit(c, NOW + 60 * SECOND, RULES, silent)
        assert worst_open(c, NOW + 60 * SECOND) == []
        queued_for_officers(c)
        audit(c, NOW + 90 * SECOND, RULES, silent)
        assert worst_open(c, NOW + 90 * SECOND) == [FindingKind.CALLS_LATE]

    database.do(unit)


def test_the_look_says_what_it_did(database: Database) -> None:
    def unit(c: Connection) -> None:
        late_call(c, NOW - MINUTE)
        assert audit(c, NOW, RULES) == []
        (notice,) = audit(c, NOW + 30 * SECOND, RULES)
        assert (notice.kind, notice.telling, notice.officers) == (
            FindingKind.CALLS_LATE,
            Telling.FOUND,
            1,
        )

    database.do(unit)


@pytest.mark.both_databases
def test_the_store_is_proved_writable_by_one_row(database: Database) -> None:
    database.do(lambda c: prove_writable(c, NOW))
    database.do(lambda c: prove_writable(c, NOW + SECOND))
    rows = database.read(lambda c: c.execute(select(pulses.c.id, pulses.c.at)).all())
    assert [tuple(row) for row in rows] == [(1, NOW + SECOND)]


def refusals_told(c: Connection, now: datetime, words: str = "") -> list[tuple[Telling, Any]]:
    """Words are refused; what the next look says of them, and the words it names first."""
    if words:
        refusal_store.note(c, words, now)
    told = [notice for notice in audit(c, now, RULES) if notice.kind is FindingKind.UNFORESEEN]
    found = [one for one in look(c, now, RULES) if one.kind is FindingKind.UNFORESEEN]
    return [(notice.telling, found[0].facts["words"][0][0]) for notice in told]


def test_new_words_are_told_at_once_while_others_are_open(database: Database) -> None:
    def unit(c: Connection) -> None:
        assert refusals_told(c, NOW, "Bad Request: the planets") == []
        assert refusals_told(c, NOW + 30 * SECOND) == [(Telling.FOUND, "Bad Request: the planets")]
        for minutes in (1, 2):  # the same words again are no news
            assert refusals_told(c, NOW + minutes * MINUTE, "Bad Request: the planets") == []
        for minutes, words in ((3, "Bad Request: a comet"), (4, "Forbidden: an eclipse")):
            at = NOW + minutes * MINUTE
            assert refusals_told(c, at, words) == [(Telling.AGAIN, words)]
            assert refusals_told(c, at + 30 * SECOND, words) == []

    database.do(unit)


def test_more_words_than_are_named_are_all_told_sooner_or_later(database: Database) -> None:
    def unit(c: Connection) -> None:
        refusals_told(c, NOW, "words 0")
        refusals_told(c, NOW + 30 * SECOND)
        for number in range(1, 9):
            at = NOW + (1 + number) * MINUTE
            [(_, first)] = refusals_told(c, at, f"words {number}")
            assert first == f"words {number}"

    database.do(unit)


def test_a_server_that_cannot_listen_is_found(database: Database) -> None:
    (found,) = database.read(lambda c: look(c, NOW, RULES, shut=[("page", 8091)]))
    assert found.kind is FindingKind.DOORS_SHUT
    assert found.facts == {"count": 1, "doors": [["page", 8091]]}
