"""What somebody waits for is tried again while that can help, and its outcome is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson
import pytest

from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from bot.config.settings import PaceLimits
from bot.telegram.dispatcher import (
    IN_FLIGHT,
    LEASE_LOOK_SECONDS,
    LONGEST_HELD,
    MOST_BUGS,
    MOST_IN_FLIGHT,
    REPLY_PATIENCE,
    REPLY_TRIES,
    REVOKED_SECONDS,
    _needs_a_look,
)
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.outgoing import Outgoing, Request
from bot.telegram.turns import Ready
from data.database import Database
from tests.faults.test_sending import OFFICER, OTHER, Scene, at_work, says, store_kind
from tests.roster import NOW
from tests.waiting import PassTime, let_happen, until

__all__ = ["store_kind"]

LOST = Outcome(OutcomeKind.UNCERTAIN, reason=Reason.CONNECTION_LOST)
BLOCKED = Outcome(OutcomeKind.PERMANENT, reason=Reason.BLOCKED)
REVOKED = Outcome(OutcomeKind.UNAUTHORIZED)
CALM = PaceLimits(30, 1, 20)


def limited(seconds: float) -> Outcome:
    return Outcome(OutcomeKind.TEMPORARY, reason=Reason.RATE_LIMITED, retry_after=seconds)


def words(text: str, chat: int = OFFICER) -> Request:
    return Request("sendMessage", orjson.dumps({"chat_id": chat, "text": text}))


def asks(scene: Scene, request: Request, chat: int = OFFICER) -> asyncio.Task[Outcome]:
    return asyncio.create_task(scene.dispatcher.make(request, chat, Lane.ANSWER))


@pytest.mark.parametrize("failure", [LOST, limited(0.5), Outcome(OutcomeKind.TEMPORARY)])
async def test_a_reply_is_tried_a_few_times(
    database: Database, pass_time: PassTime, failure: Outcome
) -> None:
    async with at_work(database) as scene:
        scene.phones.answer = lambda *_: failure
        asking = asks(scene, words("a"))
        for tries in range(1, REPLY_TRIES + 1):
            await until(lambda tries=tries: len(scene.phones.asked) == tries)  # type: ignore[misc]
            await let_happen()
            assert asking.done() is (tries == REPLY_TRIES)
            await pass_time(float(REPLY_TRIES))
        assert await asking == failure
        await pass_time(60)
        assert len(scene.phones.asked) == REPLY_TRIES
        assert scene.dispatcher.results == {failure.kind.value: REPLY_TRIES}
        await scene.quiet()


@pytest.mark.parametrize(
    ("failure", "again"),
    [
        (limited(REPLY_PATIENCE), True),
        (limited(REPLY_PATIENCE + 0.5), False),
        (BLOCKED, False),
        (Outcome(OutcomeKind.NOT_MODIFIED), False),
        (REVOKED, False),
    ],
)
async def test_a_reply_that_must_wait_too_long_is_given_up(
    database: Database, pass_time: PassTime, failure: Outcome, again: bool
) -> None:
    async with at_work(database) as scene:
        answers = [failure]
        sent = Outcome(OutcomeKind.SENT, {"message_id": 1})
        scene.phones.answer = lambda *_: answers.pop() if answers else sent
        asking = asks(scene, words("a"))
        await until(lambda: scene.phones.asked)
        await let_happen()
        assert asking.done() is not again
        await pass_time(REPLY_PATIENCE + 1)
        assert await asking == (sent if again else failure)
        assert len(scene.phones.asked) == 1 + again


async def test_a_revoked_token_rests_everything_and_is_said(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:
        assert (scene.dispatcher.halted_for, scene.dispatcher.unauthorized) == (0.0, False)
        assert scene.dispatcher.held[Lane.ANSWER] == 0
        scene.phones.answer = lambda *_: REVOKED
        await asks(scene, words("a"))
        assert scene.dispatcher.unauthorized
        assert 0 < scene.dispatcher.halted_for <= REVOKED_SECONDS
        other = asks(scene, words("b", OTHER), OTHER)
        await let_happen()
        assert scene.dispatcher.held[Lane.ANSWER] == 1
        assert scene.dispatcher.busy
        await pass_time(REVOKED_SECONDS)
        await other
        assert len(scene.phones.asked) == 2


async def test_a_chat_that_is_told_to_wait_halts_no_other(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:
        refused = {OFFICER}

        def answer(_method: str, fields: dict[str, object]) -> Outcome:
            if fields["chat_id"] in refused:
                return limited(50)
            return Outcome(OutcomeKind.SENT, {"message_id": 1})

        scene.phones.answer = answer
        asking = asks(scene, words("a"))
        await until(lambda: scene.phones.asked)
        await let_happen()
        assert (await asks(scene, words("b", OTHER), OTHER)).ok
        assert scene.dispatcher.halted_for == 0.0
        refused.clear()
        await pass_time(50.5)
        assert (await asking).ok


async def test_what_is_short_goes_before_an_album_asked_for_earlier(database: Database) -> None:
    async with at_work(database, CALM) as scene:
        scene.may_send = False
        await let_happen()
        media = {"chat_id": OFFICER, "text": "album", "media": [{}, {}]}
        album = asks(scene, Request("sendMediaGroup", orjson.dumps(media)))
        await let_happen()
        asks_short = asks(scene, words("short"))
        await let_happen()
        scene.may_send = True
        await asks_short
        assert scene.phones.got(OFFICER) == ["short"]
        album.cancel()


async def test_a_tap_is_answered_without_waiting_in_turn(database: Database) -> None:
    async with at_work(database) as scene:
        scene.may_send = False
        outcome = await scene.dispatcher.at_once("answerCallbackQuery", {"chat_id": 1, "id": "x"})
        assert outcome.ok
        assert scene.phones.asked == [("answerCallbackQuery", {"chat_id": 1, "id": "x"})]


async def test_a_bug_in_one_delivery_is_tried_some_times(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:

        def answer(*_: object) -> Outcome:
            raise ValueError("a bug")

        scene.phones.answer = answer
        scene.queue(says(OFFICER))
        for tries in range(1, MOST_BUGS + 1):
            await until(lambda tries=tries: len(scene.phones.asked) == tries)  # type: ignore[misc]
            await scene.quiet()
            state = "failed" if tries == MOST_BUGS else "queued"
            assert [found for found, _ in scene.states_of(OFFICER)] == [state]
            scene.clock.advance(timedelta(minutes=10))
            scene.dispatcher.look_again()
            await pass_time(1)
        await scene.quiet()
        assert len(scene.phones.asked) == MOST_BUGS


def ready(at: float, **item: object) -> Ready[Outgoing]:
    made = Outgoing(words("a"), (1, 1), **item)  # type: ignore[arg-type]
    return Ready(made, OFFICER, Lane.RED, at, 1, 1)


@pytest.mark.parametrize(("held", "asked"), [(0.0, False), (LONGEST_HELD, False), (5.1, True)])
def test_what_was_held_for_long_is_asked_about_again(held: float, asked: bool) -> None:
    delivery = says(OFFICER)
    assert _needs_a_look(ready(100 + held, delivery=delivery, true_at=100.0), lambda: NOW) is asked
    assert not _needs_a_look(ready(100 + held, true_at=100.0), lambda: NOW)  # somebody's reply
    unsaid = ready(100, delivery=delivery, true_at=100.0)
    unsaid.item.request = None
    assert _needs_a_look(unsaid, lambda: NOW)
    slept = ready(100, delivery=delivery, true_at=100.0, known_at=NOW)
    assert _needs_a_look(slept, lambda: NOW + timedelta(seconds=held)) is asked


@pytest.mark.parametrize(
    ("per_second", "most"), [(30, IN_FLIGHT), (32, 64), (33, 66), (500, MOST_IN_FLIGHT)]
)
async def test_how_many_requests_may_be_under_way_without_an_outcome_on_disk(
    database: Database, per_second: int, most: int
) -> None:
    scene = Scene(database)
    slots = scene.dispatcher_for(PaceLimits(per_second, 1, 20))._slots
    taken = 0
    while slots.take_at_once():
        taken += 1
    assert taken == most
    scene.asked.close()


async def test_while_the_lease_is_not_ours_it_is_asked_again_soon(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:
        scene.may_send = False
        asking = asks(scene, words("a"))
        await let_happen()
        await pass_time(LEASE_LOOK_SECONDS / 2)
        assert scene.phones.asked == []
        scene.may_send = True
        await pass_time(LEASE_LOOK_SECONDS)
        assert (await asking).ok


@pytest.mark.parametrize(
    ("kind", "followed"),
    [
        (MessageKind.CARD, True),
        (MessageKind.SILENT_LIST, True),
        (MessageKind.REPLY, True),
        (MessageKind.SUMMARY, False),
        (MessageKind.CALL, False),
    ],
)
async def test_after_which_new_messages_an_edit_may_show_nothing_new(
    database: Database, kind: MessageKind, followed: bool
) -> None:
    async with at_work(database) as scene:
        scene.says = {kind: lambda _: words("1 of 4")}
        new = says(OFFICER)
        scene.queue(new if kind is MessageKind.REPLY else new._replace(message=kind))
        await until(lambda: scene.states()["sent"] == 1)
        edit = orjson.dumps({"chat_id": OFFICER, "message_id": 1, "text": "1 of 4"})
        outcome = await asks(scene, Request("editMessageText", edit))
        assert outcome.kind is (OutcomeKind.NOT_MODIFIED if followed else OutcomeKind.SENT)
        assert len(scene.phones.asked) == (1 if followed else 2)
