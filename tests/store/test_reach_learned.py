"""What a refusal says of a person or group, and what takes it back: no one refusal is for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from alerts import alert_store, call_store
from alerts.acknowledge import by_button
from alerts.calls import Reach
from alerts.group_reach import ASK_AGAIN, anything_to_ask, ask_again
from alerts.joining import group_joined, heard
from alerts.outbox.deliveries import SECOND_LOOK, Attempt, Delivery, NewDelivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.oversight import refusal_store
from alerts.oversight.auditing import look
from alerts.oversight.findings import FindingKind, OversightRules
from alerts.preview import preview
from alerts.reach import sender
from alerts.sending import claim, record
from bot.telegram.failures import translated
from bot.telegram.outgoing import attempt_of
from contacts import group_store, people_store
from contacts.people import Contact
from data import audit
from data.database import Database
from data.tables.alerts import deliveries
from data.tables.contacts import people
from tests.roster import BOT_ID, COUNTY_COMMANDER, FIRE_GROUP, FLOOD_GROUP, NOW, VILLAGERS
from tests.store.test_chase import RULES, call_id
from tests.store.test_release import DRAFT, go
from tests.store.test_what_follows_a_send import EVERYTHING, row, take

pytestmark = pytest.mark.one_database


HEAD = VILLAGERS[0]
MINUTE = timedelta(minutes=1)
PASSING = [
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: not enough rights to send text messages to the chat"),
    (403, "Forbidden: CHAT_WRITE_FORBIDDEN"),
    (400, "Bad Request: TOPIC_CLOSED"),
    (400, "Bad Request: the planets are not aligned"),
    (403, "Forbidden: not today"),
]
FOR_GOOD = [
    (403, "Forbidden: bot was blocked by the user", Contact.BLOCKED),
    (403, "Forbidden: user is deactivated", Contact.DEACTIVATED),
    (403, "Forbidden: bot can't initiate conversation with a user", Contact.NEVER_STARTED),
]


def refused(delivery: Delivery, code: int, words: str) -> Attempt:
    body = f'{{"ok":false,"error_code":{code},"description":"{words}"}}'
    return attempt_of(delivery, translated(code, body.encode()))


def called(database: Database) -> Delivery:
    """The warning is out; its message to the head of the first village is taken to be sent."""
    go(database)
    taken = database.do(lambda c: claim(c, "me", NOW, EVERYTHING, BOT_ID))
    return next(one for one in taken if one.person_id == HEAD["id"] and one.call_id)


def contact(database: Database) -> Contact:
    found = database.read(lambda c: people_store.person(c, HEAD["id"]))
    assert found is not None
    return found.contact


def reach(database: Database) -> Reach:
    found = database.read(lambda c: call_store.call(c, call_id(database, HEAD)))
    assert found is not None
    return found.reach


@pytest.mark.parametrize(("code", "words"), PASSING)
def test_a_refusal_that_may_pass_moves_the_ladder_on_and_is_looked_at_again(
    database: Database, code: int, words: str
) -> None:
    mine = called(database)
    database.do(lambda c: record(c, [refused(mine, code, words)], RULES, NOW))
    assert (contact(database), reach(database)) == (Contact.OK, Reach.UNREACHABLE)
    found = row(database, mine)
    assert (found.state, found.not_before) == ("queued", NOW + SECOND_LOOK)
    later = NOW + SECOND_LOOK
    [again] = database.do(lambda c: claim(c, "me", later, EVERYTHING, BOT_ID))
    database.do(lambda c: record(c, [Attempt(again, Result.SENT, 5)], RULES, later))
    assert (contact(database), reach(database)) == (Contact.OK, Reach.DELIVERED)


@pytest.mark.both_databases
@pytest.mark.parametrize(("code", "words"), PASSING)
def test_a_second_look_ends_it_and_the_next_warning_is_tried(
    database: Database, code: int, words: str
) -> None:
    mine = called(database)
    database.do(lambda c: record(c, [refused(mine, code, words)], RULES, NOW))
    later = NOW + SECOND_LOOK
    [again] = database.do(lambda c: claim(c, "me", later, EVERYTHING, BOT_ID))
    database.do(lambda c: record(c, [refused(again, code, words)], RULES, later))
    assert row(database, mine).state == "failed"
    assert reach(database) is Reach.UNREACHABLE
    never_there = words.endswith("chat not found")
    assert contact(database) is (Contact.NEVER_STARTED if never_there else Contact.OK)


@pytest.mark.parametrize(("code", "words", "known"), FOR_GOOD)
def test_what_is_certain_is_believed_at_once_and_taken_back_by_a_word(
    database: Database, code: int, words: str, known: Contact
) -> None:
    mine = called(database)
    database.do(lambda c: record(c, [refused(mine, code, words)], RULES, NOW))
    assert (contact(database), reach(database)) == (known, Reach.UNREACHABLE)
    assert row(database, mine).state == "failed"
    database.do(lambda c: heard(c, HEAD["id"], BOT_ID, RULES, NOW + MINUTE))
    assert contact(database) is Contact.OK
    [again] = database.do(lambda c: claim(c, "me", NOW + MINUTE, EVERYTHING, BOT_ID))
    assert (again.kind, again.person_id) == (MessageKind.CALL, HEAD["id"])
    trail = database.read(lambda c: list(audit.trail(c, f"person:{HEAD['id']}")))
    said = [entry["detail"]["to"] for entry in trail if entry["action"] == "person.contact"]
    assert said == [known.value, "ok"]


def test_a_word_hurries_the_second_look_and_sends_it_once(database: Database) -> None:
    mine = called(database)
    database.do(lambda c: record(c, [refused(mine, *PASSING[0])], RULES, NOW))
    assert database.read(lambda c: sender(c, HEAD["telegram_id"]))[1]
    database.do(lambda c: heard(c, HEAD["id"], BOT_ID, RULES, NOW))
    database.do(lambda c: heard(c, HEAD["id"], BOT_ID, RULES, NOW))
    [again] = database.do(lambda c: claim(c, "me", NOW, EVERYTHING, BOT_ID))
    assert again.id == mine.id
    person, news = database.read(lambda c: sender(c, HEAD["telegram_id"]))
    assert person is not None and (person.id, news) == (HEAD["id"], False)
    assert database.read(lambda c: sender(c, 7)) == (None, False)


def test_a_message_that_arrives_and_a_button_take_it_back_too(database: Database) -> None:
    go(database)
    mine = call_id(database, HEAD)
    lost = update(people).where(people.c.id == HEAD["id"]).values(contact="blocked")
    database.do(lambda c: c.execute(lost))
    account = HEAD["telegram_id"]
    new = NewDelivery(MessageKind.SUMMARY, Lane.REST, account)
    sent = [one for one in take(database, new) if one.kind is MessageKind.SUMMARY]
    database.do(lambda c: record(c, [Attempt(sent[0], Result.SENT, 9)], RULES, NOW))
    assert contact(database) is Contact.OK
    database.do(lambda c: c.execute(lost))
    database.do(lambda c: by_button(c, mine, account, RULES, NOW))
    assert contact(database) is Contact.OK


def test_an_edit_that_is_made_says_nothing_of_the_next_message(database: Database) -> None:
    lost = update(people).where(people.c.id == HEAD["id"]).values(contact="blocked")
    database.do(lambda c: c.execute(lost))
    [edit] = take(database, NewDelivery(MessageKind.ANSWERED, Lane.ANSWER, HEAD["telegram_id"]))
    database.do(lambda c: record(c, [Attempt(edit, Result.SENT, 9)], RULES, NOW))
    assert contact(database) is Contact.BLOCKED


@pytest.mark.parametrize("result", [Result.PERMANENT, Result.IMPOSSIBLE])
def test_whatever_failure_of_a_call_moves_its_ladder_on(database: Database, result: Result) -> None:
    mine = called(database)
    database.do(lambda c: record(c, [Attempt(mine, result, error="too long")], RULES, NOW))
    assert (contact(database), reach(database)) == (Contact.OK, Reach.UNREACHABLE)


def test_the_duty_officer_reads_words_that_nobody_foresaw(database: Database) -> None:
    mine = called(database)
    words = "Bad Request: 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0 is <odd>"
    database.do(lambda c: record(c, [refused(mine, 400, words)], RULES, NOW))
    found = {one.kind: one for one in database.read(lambda c: look(c, NOW, OversightRules()))}
    [[said, count]] = found[FindingKind.UNFORESEEN].facts["words"]
    assert (said, count) == ("Bad Request: 123456789:*** is <odd>", 1)
    day = NOW + timedelta(days=2)
    kinds = {one.kind for one in database.read(lambda c: look(c, day, OversightRules()))}
    assert FindingKind.UNFORESEEN not in kinds


def test_only_so_many_texts_are_kept(database: Database) -> None:
    def unit(c) -> int:
        for number in range(3 * refusal_store.MOST_KEPT):
            refusal_store.note(c, f"{number} " + "x" * 500, NOW + number * MINUTE)
        return len(refusal_store.since(c, NOW - MINUTE))

    assert database.do(unit) == refusal_store.MOST_KEPT


def group_contact(database: Database) -> Contact:
    found = database.read(lambda c: group_store.group(c, FLOOD_GROUP))
    assert found is not None
    return found.contact


@pytest.mark.both_databases
@pytest.mark.parametrize(("code", "words"), PASSING[:4])
def test_a_group_that_refuses_twice_is_said_aloud_and_asked_again(
    database: Database, code: int, words: str
) -> None:
    [post] = take(database, NewDelivery(MessageKind.SUMMARY, Lane.RED, FLOOD_GROUP))
    database.do(lambda c: record(c, [refused(post, code, words)], RULES, NOW))
    assert group_contact(database) is Contact.OK
    later = NOW + SECOND_LOOK
    [again] = database.do(lambda c: claim(c, "me", later, EVERYTHING, BOT_ID))
    database.do(lambda c: record(c, [refused(again, code, words)], RULES, later))
    assert group_contact(database) is Contact.REFUSED

    by = database.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    counts = database.read(lambda c: preview(c, DRAFT, by, RULES))
    assert counts.groups_refuse == 1
    found = {one.kind: one for one in database.read(lambda c: look(c, later, OversightRules()))}
    assert found[FindingKind.GROUPS_REFUSE].facts["names"] == ["敦化防汛"]

    assert database.read(lambda c: anything_to_ask(c, later))
    assert database.do(lambda c: ask_again(c, later)) == 1
    assert not database.read(lambda c: anything_to_ask(c, later))
    assert database.read(lambda c: anything_to_ask(c, later + ASK_AGAIN))
    [asked] = database.do(lambda c: claim(c, "me", later, EVERYTHING, BOT_ID))
    assert asked.params is not None and asked.params["method"] == "sendChatAction"
    database.do(lambda c: record(c, [Attempt(asked, Result.SENT)], RULES, later))
    assert group_contact(database) is Contact.OK
    trail = database.read(lambda c: list(audit.trail(c, f"group:{FLOOD_GROUP}")))
    assert [entry["detail"]["to"] for entry in trail] == ["refused", "ok"]


def test_a_warning_tries_a_group_that_refused_and_not_one_that_threw_the_bot_out(
    database: Database,
) -> None:
    posts = select(deliveries.c.chat_id).where(deliveries.c.kind == "post")
    for known, chats in ((Contact.REFUSED, [FLOOD_GROUP]), (Contact.REMOVED, [])):
        database.do(lambda c, known=known: group_store.mark_group(c, FLOOD_GROUP, known, NOW))
        database.do(lambda c: c.execute(deliveries.delete()))
        go(database)
        assert database.read(lambda c: c.execute(posts).scalars().all()) == chats


def test_a_bot_that_joins_and_may_not_write_is_not_ok(database: Database) -> None:
    database.do(lambda c: group_joined(c, FLOOD_GROUP, BOT_ID, NOW, may_write=False))
    assert group_contact(database) is Contact.REFUSED
    database.do(lambda c: group_joined(c, FLOOD_GROUP, BOT_ID, NOW))
    assert group_contact(database) is Contact.OK


def waiting_posts(database: Database) -> list[tuple[int, int]]:
    query = select(deliveries.c.alert_id, deliveries.c.chat_id).where(
        deliveries.c.kind == "post", deliveries.c.state == "queued"
    )
    return [tuple(found) for found in database.read(lambda c: c.execute(query).all())]


def test_a_group_that_lets_the_bot_back_in_gets_what_is_in_force_once(database: Database) -> None:
    database.do(lambda c: group_store.mark_group(c, FLOOD_GROUP, Contact.REMOVED, NOW))
    alert_id = go(database).alert_id
    assert waiting_posts(database) == []
    database.do(lambda c: group_joined(c, FLOOD_GROUP, BOT_ID, NOW, may_write=False))
    assert waiting_posts(database) == []
    for _ in range(2):  # Telegram may tell it twice
        database.do(lambda c: group_joined(c, FLOOD_GROUP, BOT_ID, NOW + MINUTE))
    database.do(lambda c: group_joined(c, FIRE_GROUP, BOT_ID, NOW + MINUTE))
    assert waiting_posts(database) == [(alert_id, FLOOD_GROUP)]


@pytest.mark.both_databases
@pytest.mark.parametrize("state", ["cancelled", "lifted", "expired", "held", "over"])
def test_what_is_over_or_held_is_not_posted_there(database: Database, state: str) -> None:
    database.do(lambda c: group_store.mark_group(c, FLOOD_GROUP, Contact.REMOVED, NOW))
    alert_id = go(database).alert_id
    values = {
        "cancelled": {"state": "cancelled", "cancelled_at": NOW},
        "lifted": {"state": "lifted", "lifted_at": NOW},
        "expired": {"state": "expired"},
        "held": {"held_at": NOW},
        "over": {"expires_at": NOW},  # and no sweep has been there yet
    }[state]
    database.do(lambda c: alert_store.change_alert(c, alert_id, **values))
    database.do(lambda c: group_joined(c, FLOOD_GROUP, BOT_ID, NOW + MINUTE))
    assert waiting_posts(database) == []
