"""The end of a warning: who is told, what loses its buttons, and which lane hears that it waits.

Always with a second warning beside it, in the same chats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from alerts.calls import INCLUDED, CallState
from alerts.model import State
from alerts.outbox import end_store, shown_store, store
from alerts.outbox.change_messages import ChangeNews
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.duty_messages import DutyAsked, DutyHandover
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import Message, MessageKind, Reminder
from alerts.outbox.stage_messages import StageAsk
from alerts.outbox.task_messages import TaskCheck, TaskNews, TaskWord
from contacts import bot_store
from contacts.bots import Bot
from data.database import Connection, Database
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import people
from data.unit_groups import group_of
from tests.roster import BOT_ID, COUNTY, COUNTY_COMMANDER, NOW, PROVINCE, TOWNSHIP, VILLAGERS

OTHER_BOT = 1000000002
MINE, OTHER = 1, 2  # warnings
LATER = NOW + timedelta(minutes=1)
ACCOUNTS = [row["telegram_id"] for row in VILLAGERS]


def warn(c: Connection, alert_id: int, state: State = State.RELEASED) -> None:
    row = {
        "id": alert_id,
        "identifier": f"a{alert_id}",
        "status": "Actual",
        "level": "red",
        "hazard": "rainstorm",
        "headline": "…",
        "description": "…",
        "areas": [COUNTY],
        "state": state.value,
        "sender_id": COUNTY_COMMANDER["id"],
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=9),
    }
    if state not in (State.PENDING, State.REFUSED):
        row["released_at"] = NOW
    if state in (State.CLOSED, State.CANCELLED, State.LIFTED):
        row[f"{state.value}_at"] = NOW
    c.execute(insert(alerts).values(row))


def call(c: Connection, call_id: int, alert_id: int, person: dict[str, Any], **more: Any) -> None:
    row = {
        "id": call_id,
        "alert_id": alert_id,
        "person_id": person["id"],
        "division_code": person["division_code"],
        "role": person["role"],
        "state": "waiting",
        "reach": "queued",
        "called_at": NOW,
    }
    c.execute(insert(calls).values(row | more))


@pytest.fixture
def c(database: Database) -> Iterator[Connection]:
    """A transaction on a database with two bots, which is taken back."""
    database.do(
        lambda c: bot_store.configure(c, [Bot(BOT_ID, PROVINCE), Bot(OTHER_BOT, TOWNSHIP)], NOW)
    )
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def said(
    c: Connection,
    kind: Message | MessageKind,
    chat: int,
    alert_id: int | None = MINE,
    state: str = "sent",
    **more: Any,
) -> int:
    """A delivery as it stands in the outbox; its number."""
    message_id = more.pop("message_id", None)
    uncertain_at = more.pop("uncertain_at", None)
    store.add(c, NewDelivery(kind, Lane.REST, chat, alert_id=alert_id, **more), NOW)
    newest = select(deliveries.c.id).order_by(deliveries.c.id.desc()).limit(1)
    delivery_id = int(c.execute(newest).scalar_one())
    c.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(state=state, message_id=message_id, uncertain_at=uncertain_at)
    )
    return delivery_id


def waits(c: Connection, kind: MessageKind) -> list[tuple[int, int | None]]:
    """Chat and warning of each message of the kind that is queued."""
    query = select(deliveries.c.chat_id, deliveries.c.alert_id).where(
        deliveries.c.kind == kind.value, deliveries.c.state == "queued", deliveries.c.id > 0
    )
    return sorted(tuple(row) for row in c.execute(query))


def signalled(c: Connection) -> dict[int | None, set[Lane]]:
    """Which lanes of which bots were told of, since it was last asked."""
    signals = group_of(c).signals
    found = store.queued_by(signals)
    signals.clear()
    return found


# -- who is told -----------------------------------------------------------------------------------


def test_each_chat_is_told_once_and_who_ended_it_is_not(c: Connection) -> None:
    warn(c, MINE)
    warn(c, OTHER)
    for chat in (1, 2):
        said(c, MessageKind.CALL, chat, order=LaneOrder.COUNTY)
        said(c, MessageKind.REMIND, chat, order=LaneOrder.TOWNSHIP)
        said(c, MessageKind.CALL, chat, OTHER, order=LaneOrder.GROUP)
    said(c, MessageKind.CALL, 3, OTHER)
    signalled(c)
    assert end_store.tell(c, MINE, end_store.BEARING_WARNING, LATER, but_chats=[2]) == 1
    assert waits(c, MessageKind.CANCEL) == [(1, MINE)]
    query = select(deliveries).where(deliveries.c.kind == "cancel", deliveries.c.id > 0)
    [told] = c.execute(query).all()
    assert (told.lane, told.place) == (int(Lane.CANCEL), int(LaneOrder.TOWNSHIP))
    assert told.not_before == told.created_at == LATER
    assert signalled(c) == {None: {Lane.CANCEL}}


def test_whom_it_is_no_more_for_is_not_told(c: Connection) -> None:
    warn(c, MINE)
    chats = [row["telegram_id"] for row in VILLAGERS]
    for number, row in enumerate(VILLAGERS, 1):
        state = CallState.LEFT_OUT if number == 2 else CallState.WAITING
        call(c, number, MINE, row, state=state.value, steps=INCLUDED * (number == 3))
        said(c, MessageKind.CALL, chats[number - 1], call_id=number, person_id=row["id"])
    theirs = {"person_id": VILLAGERS[1]["id"]}
    said(c, MessageKind.SILENT_LIST, chats[1], **theirs)  # they were told after that
    said(c, MessageKind.NARROWED, chats[1], call_id=2, **theirs)
    said(c, MessageKind.NARROWED, chats[2], call_id=3)  # and was called again
    said(c, MessageKind.SILENT_LIST, 9)
    said(c, MessageKind.POST, -1)
    said(c, MessageKind.NARROWED, -1)
    said(c, MessageKind.POST, -2)
    said(c, MessageKind.NARROWED, -2, state="dropped")
    told = sorted([(chats[0], MINE), (chats[2], MINE), (9, MINE), (-2, MINE)])
    c.execute(delete(deliveries).where(deliveries.c.kind == MessageKind.CANCEL.value))
    assert end_store.tell(c, MINE, end_store.BEARING_WARNING, LATER, narrowed=True) == len(told)
    assert waits(c, MessageKind.CANCEL) == told
    # What they were drawn into afterwards, or lead elsewhere, ends for them, too.
    for kind in (MessageKind.ERRAND, MessageKind.STAND_IN_TOO):
        c.execute(delete(deliveries).where(deliveries.c.kind == MessageKind.CANCEL.value))
        arrived = said(c, kind, chats[1], **theirs)
        end_store.tell(c, MINE, end_store.BEARING_WARNING, LATER, narrowed=True)
        assert (chats[1], MINE) in waits(c, MessageKind.CANCEL), kind
        c.execute(delete(deliveries).where(deliveries.c.id == arrived))


def test_what_arrives_after_the_end_is_followed_by_it(c: Connection) -> None:
    """Expiry is told to those only who were asked to do something about it."""
    warn(c, 99, State.LIFTED)
    for alert_id, (state, kind) in enumerate(product(State, end_store.BEARING_WARNING), 100):
        warn(c, alert_id, state)
        chat = alert_id + 1000
        arrived = said(c, kind, chat, alert_id)
        said(c, kind, 1, 99)  # it is not asked about
        signalled(c)
        over = state in (State.CANCELLED, State.LIFTED)
        told = over or (state is State.EXPIRED and kind in end_store.DRAWN_IN)
        assert end_store.tell_late(c, [arrived], LATER) == told, (state, kind)
        found = [chats for chats in waits(c, MessageKind.CANCEL) if chats[1] == alert_id]
        assert found == ([(chat, alert_id)] if told else [])
        assert signalled(c) == ({None: {Lane.CANCEL}} if told else {})
    assert (1, 99) not in waits(c, MessageKind.CANCEL)


def test_only_what_arrived_or_may_have_is_followed(c: Connection) -> None:
    warn(c, MINE, State.CANCELLED)
    cases = [
        ("sent", None, True),
        ("claimed", None, False),
        ("failed", None, False),
        ("failed", NOW, True),
        ("dropped", NOW, True),
    ]
    for chat, (state, uncertain_at, told) in enumerate(cases, 1):
        ids = [said(c, MessageKind.CALL, chat, state=state, uncertain_at=uncertain_at)]
        assert end_store.tell_late(c, ids, LATER) == told, state
    assert end_store.tell_late(c, [], LATER) == 0


def test_whoever_heard_of_this_end_is_not_told_again(c: Connection) -> None:
    warn(c, MINE, State.LIFTED)
    warn(c, OTHER, State.LIFTED)
    elsewhere = 9_999
    cases = [
        (MessageKind.CANCEL, 0, MINE, 0),
        (MessageKind.CANCEL, 0, OTHER, 1),  # of the other warning
        (MessageKind.CANCEL, elsewhere, MINE, 1),  # to somebody else
        (MessageKind.SUMMARY, 0, MINE, 1),  # about something else
    ]
    in_lane = update(deliveries).values(lane=int(Lane.CANCEL))
    for number, (state, case) in enumerate(product(("sent", "claimed", "queued"), cases)):
        kind, offset, alert_id, told = case
        chat = 20_000 + number
        arrived = said(c, MessageKind.CALL, chat)
        heard = said(c, kind, chat + offset, alert_id, state)
        c.execute(in_lane.where(deliveries.c.id == heard))
        assert end_store.tell_late(c, [arrived], LATER) == told, (state, case)


# -- what loses its buttons ------------------------------------------------------------------------


def over(c: Connection) -> list[Any]:
    query = select(deliveries).where(deliveries.c.kind == "over", deliveries.c.state == "queued")
    return list(c.execute(query.order_by(deliveries.c.chat_id)).all())


def test_messages_that_are_there_lose_their_buttons_after_a_while(c: Connection) -> None:
    warn(c, MINE)
    warn(c, OTHER)
    kinds = (MessageKind.CHASE, MessageKind.SILENT_LIST)
    said(c, MessageKind.CHASE, 1, message_id=71, language="en", role="commander")
    said(c, MessageKind.SILENT_LIST, 2, message_id=72)
    said(c, MessageKind.HELP_WANTED, 3, message_id=73)  # of another kind
    said(c, MessageKind.CHASE, 4, OTHER, message_id=74)  # of another warning
    said(c, MessageKind.CHASE, 5, state="claimed", message_id=75)  # under way
    said(c, MessageKind.CHASE, 6)  # nobody knows which message it became
    signalled(c)
    end_store.take_buttons(c, MINE, kinds, NOW, after=timedelta(minutes=10))
    first, second = over(c)
    assert (first.chat_id, first.params) == (1, {"was": "chase", "message": 71})
    assert (first.language, first.role, first.alert_id) == ("en", "commander", MINE)
    assert (first.lane, first.place) == (int(Lane.CARD), int(LaneOrder.TOWNSHIP))
    assert (first.not_before, first.created_at) == (NOW + timedelta(minutes=10), NOW)
    assert (second.chat_id, second.params) == (2, {"was": "silent_list", "message": 72})
    assert signalled(c) == {None: {Lane.CARD}}
    end_store.take_buttons(c, MINE, (MessageKind.HELP_WANTED,), NOW)
    assert over(c)[-1].not_before == NOW


def test_a_stand_in_that_is_not_needed_any_more_loses_the_buttons(c: Connection) -> None:
    warn(c, MINE)
    for number, person in enumerate(VILLAGERS, 1):
        call(c, number, MINE, person)
        said(c, MessageKind.CALL, person["telegram_id"], call_id=number, message_id=70 + number)
        said(c, MessageKind.REMIND, person["telegram_id"], call_id=number, state="queued")
    signalled(c)
    end_store.take_buttons_of_stand_ins(c, [1, 3], LATER)
    found = over(c)
    assert [row.call_id for row in found] == [1, 3]
    assert [row.params["message"] for row in found] == [71, 73]
    assert {(row.lane, row.not_before) for row in found} == {(int(Lane.ANSWER), LATER)}
    assert signalled(c) == {None: {Lane.ANSWER}}


def test_what_asked_the_left_out_beside_their_call_loses_its_buttons(c: Connection) -> None:
    warn(c, MINE)
    warn(c, OTHER)
    first, second, third = VILLAGERS
    call(c, 1, MINE, first, state="left_out", message_id=71)
    call(c, 2, MINE, second, state="left_out", answered_at=NOW - timedelta(minutes=1))
    call(c, 3, MINE, third, message_id=73)  # it goes on
    call(c, 4, OTHER, first)
    number = 80
    for call_id, (alert_id, person) in enumerate(
        [(MINE, first), (MINE, second), (MINE, third), (OTHER, first)], 1
    ):
        for kind in (ChangeNews(2), MessageKind.REPORT_DUE, MessageKind.NARROWED):
            chat, number = person["telegram_id"], number + 1
            said(c, kind, chat, alert_id, call_id=call_id, message_id=number)
    signalled(c)
    end_store.take_buttons_of_left_out(c, MINE, [1, 2], LATER)
    # Whoever had answered before had nothing to press under what changed.
    assert [(row.call_id, row.params) for row in over(c)] == [
        (1, {"was": "changed", "message": 81, "number": 2}),
        (1, {"was": "report_due", "message": 82, "number": None}),
        (2, {"was": "report_due", "message": 85, "number": None}),
    ]
    assert signalled(c) == {None: {Lane.CARD}}


def test_what_was_sent_about_one_thing_alone_since_it_began_is_edited(c: Connection) -> None:
    news = (TaskWord.NEW, (5,)), (TaskWord.NEW, (5, 6)), (TaskWord.NEW, (6,))
    for chat, (why, tasks) in enumerate(news, 1):
        said(c, TaskNews(tasks, why, len(tasks)), chat, None, message_id=70 + chat)
    about = lambda message: message.tasks  # noqa: E731
    edits = select(deliveries.c.chat_id, deliveries.c.params).where(deliveries.c.state == "queued")
    shown_store.edit(c, TaskNews, about, [5], LATER, since=LATER)
    assert not c.execute(edits).all()  # it began later: that was another's
    shown_store.edit(c, TaskNews, about, [5], LATER, since=NOW)
    [edit] = c.execute(edits).all()
    assert (edit.chat_id, edit.params["message"]) == (1, 71)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: DutyAsked(n),
        lambda n: DutyHandover(n),
        lambda n: StageAsk(n, 60),
        lambda n: TaskCheck(n),
        lambda n: TaskNews((n,), TaskWord.NEW),
    ],
)
def test_of_thousands_of_messages_the_oldest_is_found(
    c: Connection, make: Callable[[int], Message]
) -> None:
    """The list of a whole province ends: no button stays because others came after it."""
    said(c, make(5), 1, None, message_id=71)
    said(c, make(6), 2, None, message_id=72)
    columns = [column for column in deliveries.c if column.name not in ("id", "coalesce_key")]
    copied = select(*columns).where(deliveries.c.chat_id == 2)
    for _ in range(12):
        names = [column.name for column in columns]
        c.execute(insert(deliveries).from_select(names, copied, include_defaults=False))
    one = make(5)
    about = lambda _: (5,)  # noqa: E731
    shown_store.edit(c, type(one), about, [5], LATER, since=NOW)
    [edit] = c.execute(select(deliveries.c.chat_id).where(deliveries.c.state == "queued")).all()
    assert edit.chat_id == 1


def test_the_messages_of_discharged_calls_are_edited(c: Connection) -> None:
    warn(c, MINE)
    warn(c, OTHER)
    first, second, third = VILLAGERS
    call(c, 1, MINE, first, state="discharged", message_id=71)
    call(c, 2, MINE, second, state="cancelled", message_id=72)  # otherwise
    call(c, 3, MINE, third, state="discharged")  # it was never there
    call(c, 4, OTHER, first, state="discharged", message_id=74)  # of the other warning
    call(c, 5, OTHER, second, state="discharged", message_id=75)
    c.execute(update(people).where(people.c.id == second["id"]).values(telegram_id=None))
    signalled(c)
    end_store.edit_discharged(c, MINE, LATER)
    assert waits(c, MessageKind.ANSWERED) == [(first["telegram_id"], MINE)]
    [edit] = c.execute(select(deliveries).where(deliveries.c.kind == "answered")).all()
    assert (edit.call_id, edit.person_id, edit.role) == (1, first["id"], first["role"])
    assert (edit.lane, edit.place) == (int(Lane.CARD), int(LaneOrder.PROVINCE))
    assert edit.bot_id == BOT_ID
    assert signalled(c) == {None: {Lane.CARD}}
    end_store.edit_discharged(c, OTHER, LATER)  # the second has no account
    assert waits(c, MessageKind.ANSWERED) == sorted(
        [(first["telegram_id"], MINE), (first["telegram_id"], OTHER)]
    )


def test_whoever_has_no_bot_yet_is_told_by_the_broadest(c: Connection) -> None:
    warn(c, MINE)
    call(c, 1, MINE, VILLAGERS[0], state="discharged", message_id=71)
    c.execute(update(people).values(bot_id=None))
    end_store.edit_discharged(c, MINE, LATER)
    [edit] = c.execute(select(deliveries).where(deliveries.c.kind == "answered")).all()
    assert edit.bot_id == BOT_ID


# -- which lane hears that something waits ---------------------------------------------------------


def test_of_many_deliveries_every_bot_is_told_and_of_few_each_by_name(c: Connection) -> None:
    new = [NewDelivery(MessageKind.SUMMARY, Lane.REST, 5_000 + n) for n in range(store.MOST_NAMED)]
    signalled(c)
    store.add_many(c, new, NOW)
    assert signalled(c) == {BOT_ID: {Lane.REST}}
    more = NewDelivery(MessageKind.SUMMARY, Lane.RED, 1)
    store.add_many(c, [*new, more], NOW)
    assert signalled(c) == {None: {Lane.REST, Lane.RED}}
    store.add_many(c, [], NOW)
    store.add(c, more._replace(bot_id=OTHER_BOT), NOW)
    assert signalled(c) == {OTHER_BOT: {Lane.RED}}


def test_calls_and_reminders_tell_of_their_lane_only_if_any_was_queued(c: Connection) -> None:
    warn(c, MINE)
    call(c, 1, MINE, VILLAGERS[0])
    signalled(c)
    assert store.add_calls_of(c, MINE, Lane.ORANGE, NOW) == 1
    assert signalled(c) == {None: {Lane.ORANGE}}
    assert store.add_calls_again(c, [], Lane.RED, NOW) == 0
    assert store.add_calls_again(c, [99], Lane.RED, NOW) == 0
    assert signalled(c) == {}
    assert store.add_calls_again(c, [1], Lane.RED, LATER) == 1
    assert signalled(c) == {None: {Lane.RED}}
    # It waits already: it is hurried, if it was put off; then there is nothing to do.
    assert store.add_calls_again(c, [1], Lane.RED, NOW) == 1
    assert signalled(c) == {None: {Lane.RED}}
    assert store.add_calls_again(c, [1], Lane.RED, NOW) == 0
    assert signalled(c) == {}
    again = deliveries.c.coalesce_key == store.again_key(1)
    c.execute(update(deliveries).where(again).values(state="sent"))
    assert store.add_calls_again(c, [1], Lane.RED, NOW) == 1  # that one has left
    assert signalled(c) == {None: {Lane.RED}}
    store.add_reminders(c, [1], Reminder(2), Lane.ORANGE, NOW)
    assert signalled(c) == {None: {Lane.ORANGE}}


def test_whoever_has_no_bot_is_called_again_and_reminded_by_the_broadest(c: Connection) -> None:
    warn(c, MINE)
    head, clerk = VILLAGERS[0], COUNTY_COMMANDER
    call(c, 1, MINE, head)
    call(c, 2, MINE, clerk)
    c.execute(update(people).values(bot_id=None))
    c.execute(update(people).where(people.c.id == clerk["id"]).values(bot_id=OTHER_BOT))
    assert store.add_calls_again(c, [1, 2], Lane.RED, NOW) == 2
    store.add_reminders(c, [1, 2], Reminder(2), Lane.ORANGE, NOW)
    names = "kind call_id bot_id place lane coalesce_key role".split()
    query = select(*(deliveries.c[name] for name in names)).where(deliveries.c.state == "queued")
    found = [tuple(row) for row in c.execute(query.order_by(deliveries.c.id)) if row.call_id]
    village, county = int(LaneOrder.VILLAGE), int(LaneOrder.COUNTY)
    assert sorted(found) == [
        ("call", 1, BOT_ID, village, int(Lane.RED), "again:1", head["role"]),
        ("call", 2, OTHER_BOT, village, int(Lane.RED), "again:2", clerk["role"]),
        ("remind", 1, BOT_ID, village, int(Lane.ORANGE), "remind:1", head["role"]),
        ("remind", 2, OTHER_BOT, county, int(Lane.ORANGE), "remind:2", clerk["role"]),
    ]


def test_calls_are_those_of_the_warning_and_the_numbers_named(c: Connection) -> None:
    warn(c, MINE)
    warn(c, OTHER)
    for number, person in enumerate(VILLAGERS, 1):
        call(c, number, MINE, person)
        call(c, 10 + number, OTHER, person)
    c.execute(update(calls).where(calls.c.id == 2).values(reach="unreachable"))
    assert store.add_calls_of(c, MINE, Lane.RED, NOW) == 2
    assert waits(c, MessageKind.CALL) == [(ACCOUNTS[0], MINE), (ACCOUNTS[2], MINE)]
    c.execute(update(calls).where(calls.c.id == 12).values(state="acknowledged", answered_at=NOW))
    assert store.add_calls_of(c, OTHER, Lane.RED, NOW, ids=(12, 13)) == 1
    assert waits(c, MessageKind.CALL)[-1] == (ACCOUNTS[2], OTHER)
    assert store.add_calls_of(c, OTHER, Lane.RED, NOW, ids=(1, 3)) == 0  # the other warning's


def test_a_reply_is_about_the_call_of_its_message_in_its_chat(c: Connection) -> None:
    warn(c, MINE)
    call(c, 1, MINE, VILLAGERS[0])
    call(c, 2, MINE, VILLAGERS[1])
    chat, other_chat = ACCOUNTS[:2]
    said(c, MessageKind.SUMMARY, chat, message_id=70)  # about no call
    said(c, MessageKind.CALL, chat, call_id=1, message_id=71)
    said(c, MessageKind.CALL, other_chat, call_id=2, message_id=72)
    said(c, MessageKind.REMIND, chat, call_id=1, state="queued", message_id=73)

    def asked(chat_id: int, message_id: int, *alert_ids: int) -> int | None:
        return store.call_of_message(c, alert_ids or (MINE, OTHER), chat_id, message_id)

    assert asked(chat, 71) == 1
    assert asked(other_chat, 72) == 2
    assert asked(chat, 72) is None  # in another chat, numbers mean other messages
    assert asked(chat, 70) is None
    assert asked(chat, 73) is None  # it is not there yet
    assert asked(chat, 71, OTHER) is None


def test_what_was_sent_of_a_warning_since_then(c: Connection) -> None:
    warn(c, MINE)
    warn(c, OTHER)
    kinds = (MessageKind.CALL, MessageKind.REMIND)
    for alert_id, kind, state in (
        (OTHER, MessageKind.CALL, "sent"),
        (MINE, MessageKind.CARD, "sent"),
        (MINE, MessageKind.CALL, "failed"),
    ):
        delivery = said(c, kind, 1, alert_id, state)
        c.execute(update(deliveries).where(deliveries.c.id == delivery).values(sent_at=LATER))
    assert not store.moved_since(c, MINE, kinds, NOW)
    delivery = said(c, MessageKind.CALL, 1)
    c.execute(update(deliveries).where(deliveries.c.id == delivery).values(sent_at=LATER))
    assert store.moved_since(c, MINE, kinds, NOW)
    assert not store.moved_since(c, MINE, kinds, LATER)


def test_a_group_has_a_post_that_is_there_or_may_be_or_waits(c: Connection) -> None:
    warn(c, MINE)
    warn(c, OTHER)
    group = 0
    for state, uncertain_at, has in (
        ("queued", None, True),
        ("claimed", None, True),
        ("sent", None, True),
        ("failed", None, False),
        ("dropped", None, False),
        ("failed", NOW, True),
        ("dropped", NOW, True),
    ):
        group -= 1
        assert not store.posted(c, MINE, group)
        said(c, MessageKind.POST, group, state=state, uncertain_at=uncertain_at)
        assert store.posted(c, MINE, group) is has, (state, uncertain_at)
        assert not store.posted(c, OTHER, group)
    said(c, MessageKind.CHASE, -99)
    said(c, MessageKind.POST_CARD, -99)
    assert not store.posted(c, MINE, -99)


def test_which_messages_of_no_warning_have_left(c: Connection) -> None:
    warn(c, MINE)
    kind = MessageKind.SUMMARY
    said(c, kind, 1, None, "sent", coalesce_key="sent")
    said(c, kind, 2, None, "claimed", coalesce_key="claimed")
    said(c, kind, 3, None, "queued", coalesce_key="queued")
    said(c, kind, 4, None, "dropped", coalesce_key="dropped")
    said(c, kind, 5, MINE, "sent", coalesce_key="of a warning")
    said(c, MessageKind.CARD, 6, None, "sent", coalesce_key="of another kind")
    said(c, kind, 7, None, "sent")
    assert store.reached_keys(c, kind, NOW) == {"sent", "claimed"}
    assert store.reached_keys(c, kind, LATER) == set()
