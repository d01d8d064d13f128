"""What a statement finds or changes, with rows beside it that it must leave: calls and warnings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alerts import (
    alert_store,
    board_store,
    call_store,
    conversation_store,
    ladder_store,
    open_calls_store,
    report,
    stand_in_store,
)
from alerts.acknowledge import by_button, by_proxy
from alerts.calls import Proxy, Report
from alerts.chase import anything_due, sweep
from alerts.closing import cancel, close, expire
from alerts.conversation_store import ConversationTopic
from alerts.escalation import Step
from alerts.follow_up import report as tell
from alerts.joining import group_joined, group_left, leave
from alerts.late_reports import climb_reports
from alerts.lookup import watched_alerts
from alerts.model import State
from alerts.outbox import chat_store, end_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind, Reminder
from contacts import people_store
from contacts.access import Access
from contacts.divisions.codes import Tier
from contacts.people import Person
from data.audit import audit
from data.database import Connection, Database
from data.errors import NotAllowed
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import groups, people
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    FLOOD_GROUP,
    NOW,
    OTHER_COUNTY,
    RANGER,
    STRANGER_COMMANDER,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
)
from tests.store.test_chase import RULES, after, send_all
from tests.store.test_two_warnings import Warnings, warnings

__all__ = ["warnings"]
HEADS = [row["id"] for row in VILLAGERS]


def kinds(database: Database, state: str, alert_id: int | None = None) -> list[str]:
    query = select(deliveries.c.kind).where(deliveries.c.state == state)
    if alert_id is not None:
        query = query.where(deliveries.c.alert_id == alert_id)
    return sorted(database.read(lambda c: list(c.execute(query).scalars())))


ENDINGS: dict[str, Callable[[Connection, Person], Any]] = {
    "cancelled": lambda c, by: cancel(c, 1, by, after(3)),
    "expired": lambda c, _: expire(c, NOW + timedelta(hours=24)),
    "closed": lambda c, by: close(c, 1, by, "结束", after(3)),
}
_WITH_THE_WARNING = (
    "call card changed chase confirm confirm_change post post_card remind report_due silent_list"
).split()
ENDED = {
    "cancelled": _WITH_THE_WARNING,
    "expired": _WITH_THE_WARNING,
    "closed": "chase remind silent_list".split(),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_still_waits_when_a_warning_ends(database: Database, ending: str) -> None:
    """Each kind is dropped or left as it is meant to be, and of no other warning."""
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None

    def unit(c: Connection) -> None:
        for alert_id in (1, 2):
            row = {
                "identifier": f"a{alert_id}",
                "status": "Actual",
                "level": "red",
                "hazard": "rainstorm",
                "headline": "…",
                "description": "…",
                "areas": [COUNTY],
                "state": "released",
                "sender_id": by.id,
                "created_at": NOW,
                "released_at": NOW,
                "expires_at": NOW + timedelta(hours=24 * alert_id),
            }
            c.execute(insert(alerts).values(id=alert_id, **row))
            new = [
                NewDelivery(kind, Lane.REST, 5, alert_id=alert_id)
                for kind in MessageKind
                if kind not in (MessageKind.REPLY, MessageKind.SUMMARY, MessageKind.CANCEL)
            ]
            outbox_store.add_many(c, new, NOW)

    database.do(unit)
    others = kinds(database, "queued", 2)
    database.do(lambda c: ENDINGS[ending](c, by))
    assert kinds(database, "dropped") == ENDED[ending]
    assert kinds(database, "queued", 2) == others
    told = [kind for kind in kinds(database, "queued", 1) if kind in ("summary", "cancel")]
    assert told == ([] if ending == "cancelled" else ["summary"])


@pytest.mark.parametrize("ending", ENDINGS)
def test_who_has_answered_has_answered_however_the_warning_ends(
    warnings: Warnings, ending: str
) -> None:
    """Answered, reached by proxy: only the open calls are closed, with what closed them."""
    database, first, second = warnings.database, warnings.call(), warnings.call(HEADS[1])
    account, officer = VILLAGERS[0]["telegram_id"], TOWNSHIP_DUTY["telegram_id"]
    database.do(lambda c: by_button(c, first, account, RULES, after(1)))
    database.do(lambda c: by_proxy(c, second, officer, Proxy.PHONE, after(1)))
    columns = [calls.c[n] for n in "id state answered_at discharged_by discharge_reason".split()]
    query = select(*columns).where(calls.c.id.in_([first, second])).order_by(calls.c.id)
    before = database.read(lambda c: c.execute(query).all())
    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    database.do(lambda c: ENDINGS[ending](c, by))
    assert database.read(lambda c: c.execute(query).all()) == before
    last = database.read(lambda c: call_store.call(c, warnings.call(HEADS[2])))
    assert last is not None
    closed = ("discharged", by.id, "结束") if ending == "closed" else ("cancelled", None, None)
    assert (last.state.value, last.discharged_by, last.discharge_reason) == closed


KINDS = [kind for kind in MessageKind if kind is not MessageKind.REPLY]


def test_a_cancellation_goes_to_whoever_got_the_warning_or_was_drawn_in(database: Database) -> None:
    """One chat for each kind and state, and the same of another warning.

    What is just being sent is decided when it is known what came of it.
    """
    states = ("sent", "claimed", "failed", "queued")
    chats = {(kind, state): n for n, (kind, state) in enumerate(product(KINDS, states), 1)}

    def unit(c: Connection) -> int:
        for alert_id in (1, 2):
            new = [
                NewDelivery(kind, Lane.REST, alert_id * 1000 + chat, alert_id=alert_id)
                for (kind, _), chat in chats.items()
            ]
            outbox_store.add_many(c, new, NOW)
        for state in states:
            ids = [chat for (_, its), chat in chats.items() if its == state]
            its = deliveries.c.chat_id.in_([1000 + n for n in ids] + [2000 + n for n in ids])
            c.execute(update(deliveries).where(its).values(state=state, claimed_by="me"))
        return end_store.tell(c, 1, end_store.BEARING_WARNING, after(1))

    told = database.do(unit)
    query = select(deliveries.c.chat_id, deliveries.c.lane).where(
        deliveries.c.kind == "cancel", deliveries.c.created_at == after(1)
    )
    found = {row.chat_id: row.lane for row in database.read(lambda c: c.execute(query).all())}
    assert found == {
        1000 + chats[kind, "sent"]: int(Lane.CANCEL) for kind in end_store.BEARING_WARNING
    }
    assert told == len(found)


def test_of_a_dead_bot_calls_and_reminders_are_dropped(database: Database) -> None:
    other = 1000000002

    def unit(c: Connection) -> None:
        for bot in (BOT_ID, other):
            new = [NewDelivery(k, Lane.REST, n, bot_id=bot) for k in KINDS for n in (1, 2)]
            outbox_store.add_many(c, new, NOW)
        c.execute(update(deliveries).where(deliveries.c.chat_id == 2).values(state="sent"))

    database.do(unit)
    wait, drop = chat_store.calls_wait_for, chat_store.drop_calls_of_bot
    assert database.read(lambda c: wait(c, BOT_ID))
    assert [database.do(lambda c: drop(c, BOT_ID, 1)) for _ in range(3)] == [1, 1, 0]
    assert not database.read(lambda c: wait(c, BOT_ID))
    assert database.read(lambda c: wait(c, other))
    query = select(deliveries.c.bot_id, deliveries.c.kind).where(deliveries.c.state == "dropped")
    found = database.read(lambda c: {tuple(row) for row in c.execute(query)})
    assert found == {(BOT_ID, "call"), (BOT_ID, "remind")}


def test_a_reminder_goes_to_the_linked_of_these_calls_and_replaces_its_own(
    warnings: Warnings,
) -> None:
    database = warnings.database
    first, second, third = (warnings.call(head) for head in HEADS)

    def unit(c: Connection) -> None:
        c.execute(update(people).where(people.c.id == HEADS[1]).values(telegram_id=None))
        for minutes in (2, 4):
            message = Reminder(minutes)
            outbox_store.add_reminders(c, [first, second], message, Lane.RED, after(minutes))

    database.do(unit)
    query = select(deliveries.c.call_id, deliveries.c.chat_id, deliveries.c.params).where(
        deliveries.c.kind == "remind", deliveries.c.state == "queued"
    )
    mine = query.where(deliveries.c.alert_id == warnings.red)
    [reminder] = database.read(lambda c: c.execute(mine).all())
    assert (reminder.call_id, reminder.chat_id) == (first, VILLAGERS[0]["telegram_id"])
    assert 4 in reminder.params.values()
    assert third not in {row.call_id for row in database.read(lambda c: c.execute(query).all())}


def test_the_call_again_is_of_the_calls_that_are_named(warnings: Warnings) -> None:
    """In force, not queued already, and with the person's own account."""
    database = warnings.database
    first, second, third = (warnings.call(head) for head in HEADS)

    def unit(c: Connection) -> list[int]:
        again = outbox_store.add_calls_again
        return [
            again(c, [first, second], Lane.RED, after(3)),
            again(c, [first, third], Lane.RED, after(3)),
            again(c, [], Lane.RED, after(3)),
        ]

    assert database.do(unit) == [2, 1, 0]
    query = select(deliveries.c.call_id, deliveries.c.chat_id, deliveries.c.person_id).where(
        deliveries.c.kind == "call", deliveries.c.state == "queued"
    )
    found = database.read(lambda c: c.execute(query.order_by(deliveries.c.call_id)).all())
    assert [tuple(row) for row in found] == [
        (call, row["telegram_id"], row["id"])
        for call, row in zip((first, second, third), VILLAGERS, strict=True)
    ]


def test_lists_of_the_silent_are_of_one_warning_and_one_part_of_it(warnings: Warnings) -> None:
    database = warnings.database
    first = warnings.call()
    database.do(lambda c: by_button(c, first, VILLAGERS[0]["telegram_id"], RULES, after(3)))

    def names(low: str, high: str, **more: Any) -> list[int]:
        found = database.read(lambda c: call_store.silent(c, warnings.red, low, high, **more))
        return [call.person_id for call in found]

    assert names("", "~") == HEADS[1:]
    assert names("", "~", limit=1) == HEADS[1:2]
    assert names("", "~", limit=1, offset=1) == HEADS[2:]
    assert names(VILLAGES[2], VILLAGES[2]) == HEADS[2:]
    count = call_store.count_silent
    assert database.read(lambda c: count(c, warnings.red)) == 2
    assert database.read(lambda c: count(c, warnings.red, VILLAGES[1], VILLAGES[1])) == 1
    assert database.read(lambda c: count(c, warnings.same_people)) == 3
    assert database.read(lambda c: call_store.open_exists(c, warnings.red))
    found = database.read(lambda c: board_store.silent(c, warnings.red, TOWNSHIP, 1))
    assert [(call.alert_id, person.id) for call, person in found] == [(warnings.red, HEADS[1])]
    assert database.read(lambda c: board_store.silent(c, warnings.red, OTHER_COUNTY, 9)) == []
    of_heads = database.read(lambda c: open_calls_store.open_calls_of(c, HEADS[:2]))
    assert sorted((call.alert_id, call.person_id) for call in of_heads) == [
        (warnings.red, HEADS[1]),
        (warnings.same_people, HEADS[0]),
        (warnings.same_people, HEADS[1]),
    ]


@pytest.mark.parametrize("answer", [None, "own", "proxy"])
def test_a_stand_in_that_answered_is_named_for_the_call_it_stands_in_for(
    warnings: Warnings, answer: str | None
) -> None:
    database = warnings.database
    for minutes in (2, 5):
        database.do(lambda c, at=minutes: sweep(c, RULES, after(at)))
        send_all(database, after(minutes))
    query = select(calls).where(calls.c.stand_in_for.is_not(None))
    stand_in = database.read(lambda c: c.execute(query).one())
    if answer == "own":
        database.do(lambda c: by_button(c, stand_in.id, 10_020, RULES, after(6)))
    elif answer == "proxy":
        account = TOWNSHIP_DUTY["telegram_id"]
        database.do(lambda c: by_proxy(c, stand_in.id, account, Proxy.PHONE, after(6)))
    asked = [stand_in.stand_in_for, warnings.call(HEADS[1])]
    found = database.read(lambda c: stand_in_store.answered_stand_ins(c, asked))
    assert found == ({} if answer is None else {stand_in.stand_in_for: 20})
    assert database.read(lambda c: stand_in_store.answered_stand_ins(c, asked[1:])) == {}


def test_steps_are_written_to_their_calls(warnings: Warnings) -> None:
    database = warnings.database
    first, second = warnings.call(), warnings.call(HEADS[1])
    query = select(calls).where(calls.c.id.not_in([first, second])).order_by(calls.c.id)
    before = database.read(lambda c: c.execute(query).all())
    rows = [(first, 5, 2, after(3), None), (second, 1, 0, None, after(4))]
    database.do(lambda c: ladder_store.save_steps(c, rows))
    database.do(lambda c: ladder_store.save_steps(c, []))
    columns = [calls.c[n] for n in "id steps repeats last_step_at due_at".split()]
    mine = select(*columns).where(calls.c.id.in_([first, second])).order_by(calls.c.id)
    assert [tuple(r) for r in database.read(lambda c: c.execute(mine).all())] == sorted(rows)
    assert database.read(lambda c: c.execute(query).all()) == before


def test_the_red_ladder_repeats_and_counts_how_often(warnings: Warnings) -> None:
    database, mine = warnings.database, warnings.call()
    for minutes in (2, 5, 8, 14.9, 15, 24.9, 25, 35):
        while database.do(lambda c, at=minutes: sweep(c, RULES, after(at))):
            pass
        send_all(database, after(minutes))
    call = database.read(lambda c: call_store.call(c, mine))
    assert call is not None
    assert (call.repeats, call.last_step_at) == (2, after(35))
    assert call.steps == sum(Step)
    query = select(audit.c.action).where(audit.c.subject == f"call:{mine}").order_by(audit.c.seq)
    assert database.read(lambda c: list(c.execute(query).scalars())) == [
        "call.reminded",
        "call.stand_in_due",
        "call.to_duty_officer",
        "call.to_commander",
        "call.repeated",
        "call.repeated",
    ]


def test_a_report_is_asked_of_its_time_and_its_person_once(warnings: Warnings) -> None:
    database = warnings.database
    ids = [warnings.call(head) for head in HEADS]
    for minutes, call_id, row in zip((1, 2, 3), ids, VILLAGERS, strict=True):
        account = row["telegram_id"]
        database.do(lambda c, i=call_id, a=account, m=minutes: by_button(c, i, a, RULES, after(m)))
    blocked = update(people).where(people.c.id == HEADS[1]).values(contact="blocked")
    database.do(lambda c: c.execute(blocked))
    first = database.read(lambda c: ladder_store.reports_due(c, after(32), 9))
    # The township's head answered half a minute in (the fixture).
    assert [call.id for call in first] == [warnings.call(TOWNSHIP_HEAD["id"]), *ids[:2]]
    assert len(database.read(lambda c: ladder_store.reports_due(c, after(32), 1))) == 1
    assert database.do(lambda c: climb_reports(c, RULES, after(32))) == 3
    assert database.do(lambda c: climb_reports(c, RULES, after(32))) == 0
    query = select(deliveries.c.chat_id).where(deliveries.c.kind == "report_due")
    asked = database.read(lambda c: set(c.execute(query).scalars()))
    assert asked == {VILLAGERS[0]["telegram_id"], TOWNSHIP_HEAD["telegram_id"]}
    assert database.read(lambda c: len(ladder_store.reports_due(c, after(33), 9))) == 1


def test_a_person_is_out_of_reach_in_every_open_call_of_theirs(warnings: Warnings) -> None:
    database = warnings.database
    database.do(
        lambda c: by_button(c, warnings.call(), VILLAGERS[0]["telegram_id"], RULES, after(1))
    )
    assert database.do(lambda c: open_calls_store.out_of_reach(c, HEADS[:2], after(2))) == 3
    assert database.do(lambda c: open_calls_store.out_of_reach(c, HEADS[:2], after(2))) == 0
    query = select(calls.c.id).where(calls.c.reach == "unreachable")
    found = database.read(lambda c: set(c.execute(query.where(calls.c.id > 0)).scalars()))
    expected = {
        warnings.call(HEADS[1]),
        warnings.call(HEADS[0], warnings.same_people),
        warnings.call(HEADS[1], warnings.same_people),
    }
    assert found == expected
    # Back: those who can be reached now, of the persons who are named.
    within = open_calls_store.calls_within_reach
    assert set(database.read(lambda c: within(c, HEADS[1:]))) == {
        warnings.call(HEADS[1]),
        warnings.call(HEADS[1], warnings.same_people),
    }
    database.do(
        lambda c: c.execute(update(people).where(people.c.id == HEADS[1]).values(contact="blocked"))
    )
    assert database.read(lambda c: within(c, HEADS[1:])) == []


@pytest.mark.parametrize("state", State)
def test_which_warnings_are_over_when_their_time_is(database: Database, state: State) -> None:
    by = COUNTY_COMMANDER["id"]

    def unit(c: Connection) -> int:
        return alert_store.add(
            c,
            {
                "identifier": "a",
                "status": "Actual",
                "level": "red",
                "hazard": "rainstorm",
                "headline": "…",
                "description": "…",
                "areas": [COUNTY],
                "state": state.value,
                "sender_id": by,
                "created_at": NOW,
                "released_at": NOW,
                "closed_at": NOW if state is State.CLOSED else None,
                "cancelled_at": NOW if state is State.CANCELLED else None,
                "lifted_at": NOW if state is State.LIFTED else None,
                "expires_at": after(10),
            },
        )

    alert_id = database.do(unit)
    lasting = state in (State.PENDING, State.RELEASED, State.CLOSED)
    assert database.read(lambda c: alert_store.ended(c, after(9.99))) == []
    assert database.read(lambda c: alert_store.ended(c, after(10))) == [alert_id] * lasting
    in_force = lasting  # that the calling is complete ends only the calling
    found = database.read(board_store.in_force)
    assert [alert.id for alert in found] == [alert_id] * in_force
    finished = database.read(alert_store.finished)
    assert finished == [alert_id] * (state is State.RELEASED)
    assert database.read(lambda c: anything_due(c, RULES, NOW)) == (state is State.RELEASED)


def test_how_fast_each_tier_answered_and_what_was_reported(warnings: Warnings) -> None:
    database = warnings.database
    for minutes, row in zip((2, 4, 9), VILLAGERS, strict=True):
        call_id, account = warnings.call(row["id"]), row["telegram_id"]
        database.do(lambda c, i=call_id, a=account, m=minutes: by_button(c, i, a, RULES, after(m)))
    for row, what in ((VILLAGERS[0], Report.DONE), (VILLAGERS[1], Report.HELP)):
        call_id, account = warnings.call(row["id"]), row["telegram_id"]
        database.do(lambda c, i=call_id, a=account, w=what: tell(c, i, a, w, after(10)))
    alert = database.read(lambda c: alert_store.alert(c, warnings.red))
    assert alert is not None
    found = database.read(lambda c: report.summary(c, alert))
    assert found.speed == report.Speed(4, 180.0, 540.0)
    assert found.by_tier == {
        Tier.TOWNSHIP: report.Speed(1, 30.0, 30.0),
        Tier.VILLAGE: report.Speed(3, 240.0, 540.0),
    }
    assert list(found.by_tier) == [Tier.TOWNSHIP, Tier.VILLAGE]
    assert found.reports == {Report.DONE: 1, Report.HELP: 1}
    assert found.not_reported == 2
    [(code, (numbers, fast))] = found.by_division.items()
    assert (code, numbers.calls, fast) == (TOWNSHIP, 4, found.speed)
    assert database.read(lambda c: report.overdue(c, alert, None, after(99))) == 0


def test_a_second_warning_is_not_told_to_who_may_not_watch(warnings: Warnings) -> None:
    database = warnings.database

    def watched(row: dict[str, Any]) -> list[int]:
        def look(c: Connection) -> list[int]:
            person = people_store.person(c, row["id"])
            assert person is not None
            return [alert.id for alert in watched_alerts(c, person, State.RELEASED)]

        return database.read(look)

    assert watched(COUNTY_COMMANDER) == [warnings.same_people, warnings.red]
    assert watched(STRANGER_COMMANDER) == [warnings.other_people]
    # Also beside a warning of another county: it once made "nothing in force" of the refusal.
    with pytest.raises(NotAllowed) as refused:
        watched(RANGER)
    assert refused.value.code is Access.NOT_ON_DUTY
    assert refused.value.facts["alert"] in (warnings.same_people, warnings.red)


def test_a_dialogue_is_one_persons_and_forgotten_after_half_a_day(database: Database) -> None:
    def put(c: Connection) -> None:
        conversation_store.put(c, 1, ConversationTopic.REPORT, {"call": 1}, NOW)
        conversation_store.put(c, 2, ConversationTopic.CLOSE, {"alert": 2}, NOW)
        conversation_store.put(c, 1, ConversationTopic.RELEASE, {"call": 3}, NOW)

    database.do(put)
    asked = database.read(lambda c: conversation_store.get(c, 2, NOW))
    assert asked is not None and asked.open
    heard_until = NOW + conversation_store.QUESTION_OPEN
    for at, hears in ((heard_until, True), (heard_until + timedelta(seconds=1), False)):
        asked = database.read(lambda c, at=at: conversation_store.get(c, 2, at))  # type: ignore[misc]
        assert asked is not None and asked.open is hears
    database.do(lambda c: conversation_store.stop_hearing(c, [1, 2]))
    asked = database.read(lambda c: conversation_store.get(c, 2, NOW))
    assert asked is not None and not asked.open
    until = NOW + conversation_store.FORGOTTEN_AFTER
    found = database.read(lambda c: conversation_store.get(c, 1, until))
    assert found is not None
    assert (found.topic, found.state) == (ConversationTopic.RELEASE, {"call": 3})
    late = until + timedelta(seconds=1)
    assert database.read(lambda c: conversation_store.get(c, 1, late)) is None
    database.do(lambda c: conversation_store.end(c, 1))
    assert database.read(lambda c: conversation_store.get(c, 1, NOW)) is None
    assert database.read(lambda c: conversation_store.get(c, 2, NOW)) is not None


@pytest.mark.parametrize("bot", [None, BOT_ID, 1000000002])
def test_who_leaves_another_bot_than_theirs_is_still_reached(
    database: Database, bot: int | None
) -> None:
    """The same of a group."""
    head = VILLAGERS[0]
    lost = bot in (None, BOT_ID)

    def unit(c: Connection) -> None:
        c.execute(update(people).where(people.c.id == head["id"]).values(bot_id=bot))
        c.execute(update(groups).where(groups.c.chat_id == FLOOD_GROUP).values(bot_id=bot))
        leave(c, head["telegram_id"], BOT_ID, RULES, after(1))
        leave(c, 4_711, BOT_ID, RULES, after(1))  # nobody's account
        group_left(c, FLOOD_GROUP, BOT_ID, after(1))

    database.do(unit)
    query = select(people.c.id).where(people.c.contact == "blocked")
    assert database.read(lambda c: list(c.execute(query).scalars())) == [head["id"]] * lost
    away = select(groups.c.chat_id).where(groups.c.contact == "removed")
    assert database.read(lambda c: list(c.execute(away).scalars())) == [FLOOD_GROUP] * lost
    assert database.do(lambda c: group_joined(c, -5, BOT_ID, after(2))) is None
    assert database.do(lambda c: group_joined(c, FLOOD_GROUP, BOT_ID, after(2))) is not None
    assert database.read(lambda c: list(c.execute(away).scalars())) == []
    speaks = select(groups.c.chat_id).where(groups.c.bot_id == BOT_ID)
    assert FLOOD_GROUP in database.read(lambda c: set(c.execute(speaks).scalars()))
