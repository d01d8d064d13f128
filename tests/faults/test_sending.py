"""Nobody waits behind somebody else's messages, and nothing that goes wrong in one stops another.

The dispatcher alone, over a real outbox, with a scripted Telegram.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from alerts.outbox import claim_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Attempt, Delivery, NewDelivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Message, MessageKind, RelayedRequest
from alerts.rules import Rules
from alerts.sending import recover
from bot.config.settings import PaceLimits
from bot.services.async_database import AsyncDatabase
from bot.telegram import claiming, lookout, recording
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.lookout import Lookout
from bot.telegram.outgoing import Request, request_of
from data.database import Connection, Database
from data.errors import StoreBusy
from data.tables.alerts import deliveries
from tests.roster import BOT_ID
from tests.waiting import PassTime, StillClock, let_happen, until

OFFICER, OTHER = 7_001, 7_002
QUICK = PaceLimits(900, 100, 1000)
Answer = Callable[[str, dict[str, Any]], Outcome]


@pytest.fixture
def store_kind() -> str:
    """The dispatcher does not know which database it is."""
    return "sqlite"


class Phones:
    """Telegram, as scripted: what was asked of it, and what it answers."""

    bot_id = str(BOT_ID)

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: Answer = arrives
        self.open = asyncio.Event()  # closed, requests are under way for ever
        self.open.set()

    async def call(self, method: str, body: bytes | dict[str, Any] | None = None) -> Outcome:
        fields = orjson.loads(body) if isinstance(body, bytes) else dict(body or {})
        self.asked.append((method, fields))
        await self.open.wait()
        return self.answer(method, {**fields, "message_id": len(self.asked), "number": 0} | fields)

    def got(self, chat: int) -> list[str]:
        """The texts asked to be shown in this chat."""
        return [fields["text"] for _, fields in self.asked if fields["chat_id"] == chat]


def arrives(_method: str, fields: dict[str, Any]) -> Outcome:
    return Outcome(OutcomeKind.SENT, {"message_id": fields["message_id"]})


class Scene:
    """A dispatcher at work, its outbox and its Telegram."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.phones = Phones()
        self.clock = StillClock()
        self.may_send = True
        self.says: dict[MessageKind, Callable[[Delivery], Request | None]] = {}
        self.asked = AsyncDatabase(database, readers=2, name="test")
        self.lookout = Lookout(self.asked, self.clock)
        self.dispatcher: Dispatcher

    def dispatcher_for(self, limits: PaceLimits) -> Dispatcher:
        return Dispatcher(
            self.asked,
            self.phones,  # type: ignore[arg-type]
            None,
            limits,
            Rules(),
            self.clock,
            self.render,
            "test",
            self.lookout,
            held=lambda: self.may_send,
        )

    def render(self, _c: Connection, taken: Sequence[Delivery]) -> list[Request | None]:
        return [self.says.get(delivery.kind, as_it_is)(delivery) for delivery in taken]

    def queue(self, *new: NewDelivery) -> None:
        self.database.do(lambda c: outbox_store.add_many(c, new, self.clock()))

    def states(self) -> Counter[str]:
        query = select(deliveries.c.state)
        return Counter(self.database.read(lambda c: c.execute(query).scalars().all()))

    def states_of(self, chat: int) -> list[tuple[str, str | None]]:
        query = select(deliveries.c.state, deliveries.c.error)
        query = query.where(deliveries.c.chat_id == chat).order_by(deliveries.c.id)
        return [tuple(row) for row in self.database.read(lambda c: c.execute(query).all())]

    async def quiet(self) -> None:
        await until(lambda: not self.dispatcher.busy)


def as_it_is(delivery: Delivery) -> Request:
    assert delivery.params is not None
    return request_of(RelayedRequest(delivery.params["method"], delivery.params["payload"]))


def says(chat: int, text: str = "…", lane: Lane = Lane.DISTRESS, **more: Any) -> NewDelivery:
    message = RelayedRequest("sendMessage", {"chat_id": chat, "text": text})
    return NewDelivery(message, lane, chat, **more)


def edits(chat: int, message: Message | MessageKind, key: str | None = None) -> NewDelivery:
    return NewDelivery(message, Lane.CARD, chat, coalesce_key=key)


@asynccontextmanager
async def at_work(database: Database, limits: PaceLimits = QUICK) -> AsyncIterator[Scene]:
    scene = Scene(database)
    scene.dispatcher = scene.dispatcher_for(limits)
    working = asyncio.create_task(scene.dispatcher.run())
    try:
        yield scene
        assert not working.done(), "the dispatcher has ended"
    finally:
        scene.phones.open.set()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        scene.asked.close()


# -- nobody waits behind somebody else's -------------------------------------------------------


@pytest.mark.parametrize("waiting", [150, 1_000])
async def test_a_call_for_help_does_not_wait_behind_messages_for_one_officer(
    database: Database, waiting: int
) -> None:
    async with at_work(database, PaceLimits()) as scene:
        scene.queue(*[says(OFFICER, str(number)) for number in range(waiting)])
        await until(lambda: scene.phones.got(OFFICER))
        scene.queue(says(OTHER, "SOS"))
        await until(lambda: scene.phones.got(OTHER))
        assert len(scene.phones.got(OFFICER)) <= 3  # a message a second: the rest waits
        claimed = sum(state == "claimed" for state, _ in scene.states_of(OFFICER))
        assert claimed <= 6


async def test_chats_that_must_wait_take_nobodys_room(
    database: Database, pass_time: PassTime
) -> None:
    """More groups than are held whose minute is full, ahead of everybody else."""
    async with at_work(database, PaceLimits(30, 1, 1)) as scene:
        groups = [-100 - number for number in range(130)]
        scene.queue(*[says(group, "1", Lane.RED) for group in groups])
        for _ in range(60):
            await pass_time(0.2)
            if len(scene.phones.asked) == len(groups):
                break
            await asyncio.sleep(0.01)
        await until(lambda: len(scene.phones.asked) == len(groups))
        scene.queue(*[says(group, "2", Lane.RED) for group in groups])
        scene.queue(says(OTHER, "SOS", Lane.RED))
        await until(lambda: scene.phones.got(OTHER))
        assert not any("2" in scene.phones.got(group) for group in groups)


async def test_all_messages_for_one_chat_leave_though_few_are_held(database: Database) -> None:
    async with at_work(database, PaceLimits(900, 400, 1000)) as scene:
        texts = [str(number) for number in range(400)]
        scene.queue(*[says(OFFICER, text) for text in texts])
        await until(lambda: len(scene.phones.asked) == len(texts))
        assert sorted(scene.phones.got(OFFICER)) == sorted(texts)
        assert scene.phones.got(OFFICER)[0] == "0"


async def test_an_answer_does_not_wait_behind_all_albums_asked_for_before(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database, PaceLimits()) as scene:
        media = [{"type": "photo", "media": f"photo {number}"} for number in range(10)]
        album = RelayedRequest("sendMediaGroup", {"chat_id": OFFICER, "media": media})
        scene.queue(*[NewDelivery(album, Lane.ANSWER, OFFICER) for _ in range(6)])
        await until(lambda: scene.phones.asked)
        scene.queue(says(OFFICER, "/help", Lane.ANSWER))
        await until(lambda: scene.dispatcher.held[Lane.ANSWER] == 6)
        assert len(scene.phones.asked) == 1
        await pass_time(10.6)  # the first album was ten messages
        await until(lambda: len(scene.phones.asked) > 1)
        assert scene.phones.asked[1][1].get("text") == "/help"


async def test_idle_bots_claim_nothing(
    database: Database, pass_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: Counter[int] = Counter()
    claim = claim_store.claim

    def counted(c: Connection, worker: str, now: Any, room: Any, bot: int, **more: Any) -> Any:
        claims[bot] += 1
        return claim(c, worker, now, room, bot, **more)

    monkeypatch.setattr(claiming.claim_store, "claim", counted)
    async with at_work(database) as scene:
        idle = []
        for number in range(67):
            scene.phones.bot_id = str(5_000_000_000 + number)
            idle.append(asyncio.create_task(scene.dispatcher_for(QUICK).run()))
        await until(lambda: len(claims) == 68)
        await scene.quiet()
        claims.clear()
        for number in range(20):
            scene.queue(says(OTHER, str(number)))
            await until(lambda: len(scene.phones.asked) > number)  # noqa: B023
            await pass_time(lookout.RECHECK_SECONDS)
        assert set(claims) == {BOT_ID}
        for task in idle:
            task.cancel()
        await asyncio.gather(*idle, return_exceptions=True)


async def test_what_comes_due_without_a_signal_is_found(
    database: Database, pass_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_store, "queued", lambda *_: None)
    async with at_work(database) as scene:
        await scene.quiet()
        scene.queue(says(OTHER, "SOS"))
        for _ in range(8):
            await pass_time(lookout.LOOK_SECONDS)
        await until(lambda: scene.phones.got(OTHER))


# -- what goes wrong in one stops no other -----------------------------------------------------


async def test_errors_in_sends_give_their_slots_back(database: Database) -> None:
    async with at_work(database) as scene:

        def broken(method: str, fields: dict[str, Any]) -> Outcome:
            if fields["chat_id"] < 1_000:
                raise ValueError("a bug")
            return arrives(method, fields)

        scene.phones.answer = broken
        scene.queue(*[says(1 + number) for number in range(300)])
        scene.queue(says(OTHER, "SOS"))
        await until(lambda: scene.phones.got(OTHER))
        for _ in range(4):
            await scene.quiet()
            scene.clock.advance(timedelta(minutes=1))
            scene.dispatcher.look_again()
        await scene.quiet()
        assert scene.states() == {"sent": 1, "failed": 300}
        assert set(scene.states_of(1)) == {("failed", "impossible")}


async def test_an_error_in_a_reply_is_told_to_whoever_waits(database: Database) -> None:
    async with at_work(database) as scene:

        def broken(_method: str, _fields: dict[str, Any]) -> Outcome:
            raise ValueError("a bug")

        scene.phones.answer = broken
        request = Request("sendMessage", b'{"chat_id":7002,"text":"hello"}')
        for _ in range(300):
            outcome = await scene.dispatcher.make(request, OTHER, Lane.ANSWER)
            assert outcome.kind is OutcomeKind.UNCERTAIN
        scene.phones.answer = arrives
        assert (await scene.dispatcher.make(request, OTHER, Lane.ANSWER)).ok


async def test_what_cannot_be_said_is_set_aside_and_the_others_leave(database: Database) -> None:
    async with at_work(database) as scene:

        def broken(_delivery: Delivery) -> Request:
            raise KeyError("a bug")

        scene.says = {MessageKind.SUMMARY: broken, MessageKind.CARD: broken}
        for kind, lane in ((MessageKind.SUMMARY, Lane.REST), (MessageKind.CARD, Lane.CARD)):
            scene.queue(NewDelivery(kind, lane, OFFICER), says(OTHER, kind.value, lane))
        await until(lambda: len(scene.phones.got(OTHER)) == 2)
        await scene.quiet()
        assert scene.states_of(OFFICER) == [("failed", "impossible")] * 2


async def test_a_row_that_the_database_chokes_on_is_set_aside_alone(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:

        def broken(_delivery: Delivery) -> Request:
            raise OperationalError("SELECT", None, ValueError("value out of range"))

        scene.says = {MessageKind.SUMMARY: broken, MessageKind.CARD: broken}
        for kind, lane in ((MessageKind.SUMMARY, Lane.REST), (MessageKind.CARD, Lane.CARD)):
            scene.queue(NewDelivery(kind, lane, OFFICER), says(OTHER, kind.value, lane))
        for _ in range(100):
            await pass_time(0.5)
            if scene.states()["failed"] == 2:
                break
            await asyncio.sleep(0.02)
        await until(lambda: len(scene.phones.got(OTHER)) == 2)
        await scene.quiet()
        assert scene.states_of(OFFICER) == [("failed", "impossible")] * 2


async def test_an_outage_while_a_request_is_made_is_no_fault_of_the_message(
    database: Database,
) -> None:
    async with at_work(database) as scene:

        def out(_method: str, _fields: dict[str, Any]) -> Outcome:
            raise StoreBusy("locked")

        scene.phones.answer = out
        scene.queue(says(OTHER, "SOS"))
        for tries in range(1, 6):
            await until(lambda: len(scene.phones.asked) == tries)  # noqa: B023
            await scene.quiet()
            scene.clock.advance(timedelta(minutes=2))
            if tries == 5:
                scene.phones.answer = arrives
            scene.dispatcher.look_again()
        await until(lambda: scene.states() == {"sent": 1})


async def test_what_cannot_be_recorded_is_set_aside_and_the_others_are_recorded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = recording.record

    def broken(c: Connection, attempts: Sequence[Attempt], rules: Rules, now: Any) -> None:
        record(c, attempts, rules, now)
        if any(attempt.delivery.chat_id == OFFICER for attempt in attempts):
            raise TypeError("a bug")

    monkeypatch.setattr(recording, "record", broken)
    async with at_work(database) as scene:
        scene.queue(says(OFFICER), *[says(100 + number) for number in range(200)], says(OTHER))
        await until(lambda: len(scene.phones.asked) == 202)
        await scene.quiet()
        assert scene.states() == {"sent": 201, "failed": 1}
        assert scene.states_of(OFFICER) == [("failed", "impossible")]


@pytest.mark.parametrize("error", [StoreBusy("locked"), TypeError("a bug")])
async def test_a_claim_that_fails_is_made_again(
    database: Database,
    error: Exception,
    pass_time: PassTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claim, fails = claim_store.claim, [error, error]

    def broken(*given: Any, **more: Any) -> list[Delivery]:
        if fails:
            raise fails.pop()
        return claim(*given, **more)

    monkeypatch.setattr(claiming.claim_store, "claim", broken)
    async with at_work(database) as scene:
        scene.queue(says(OTHER, "SOS"))
        await until(lambda: len(fails) < 2)
        await pass_time(claiming.REST_SECONDS)
        await until(lambda: not fails)
        await pass_time(claiming.REST_SECONDS)
        await until(lambda: scene.phones.got(OTHER))


async def test_an_outage_while_deliveries_are_rendered_is_waited_for(
    database: Database, pass_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(database) as scene:
        await scene.quiet()
        read, out = database.read, True

        def broken(query: Any) -> Any:
            if out:
                raise StoreBusy("locked")
            return read(query)

        monkeypatch.setattr(database, "read", broken)
        scene.queue(says(OTHER, "SOS"))
        for _ in range(3):
            await until(lambda: scene.dispatcher.busy)
            await pass_time(2.0)
        assert not scene.phones.asked
        out = False
        await pass_time(2.0)
        await until(lambda: scene.phones.got(OTHER))


@pytest.mark.parametrize(
    "error", [OSError("disk I/O error"), OperationalError("PRAGMA", None, Exception("disk I/O"))]
)
async def test_the_look_for_outside_changes_survives_an_error(
    database: Database, error: Exception, pass_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, fails = database.outside_changes, [error, error]

    def broken() -> int:
        if fails:
            raise fails.pop()
        return changes()

    monkeypatch.setattr(database, "outside_changes", broken)
    async with at_work(database) as scene:
        await scene.quiet()
        command_line = Database(database.url)
        command_line.do(lambda c: outbox_store.add_many(c, [says(OTHER, "SOS")], scene.clock()))
        command_line.close()
        for _ in range(200):
            if scene.phones.got(OTHER):
                break
            await pass_time(lookout.LOOK_SECONDS)
            await asyncio.sleep(0.01)
        assert scene.phones.got(OTHER) and not fails


# -- what leaves is true -----------------------------------------------------------------------


async def test_a_card_says_how_things_stand_when_it_leaves_and_one_edit_waits(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database, PaceLimits()) as scene:
        answered = 0

        def card(delivery: Delivery) -> Request:
            fields = {"chat_id": delivery.chat_id, "message_id": 5, "text": f"{answered} of 9"}
            return Request("editMessageText", orjson.dumps(fields))

        scene.says = {MessageKind.CARD: card}
        scene.queue(edits(OFFICER, MessageKind.CARD, "card"))
        await until(lambda: scene.phones.got(OFFICER) == ["0 of 9"])
        for number in range(1, 10):
            answered = number
            scene.queue(edits(OFFICER, MessageKind.CARD, "card"))
            await until(lambda: not scene.states()["queued"])  # it is in the pacer
        await pass_time(1.1)
        await until(lambda: len(scene.phones.asked) > 1)
        assert scene.phones.got(OFFICER) == ["0 of 9", "9 of 9"]
        await scene.quiet()
        await pass_time(1.1)
        await scene.quiet()
        assert len(scene.phones.asked) == 2
        assert scene.states() == {"sent": 2, "dropped": 8}


async def test_an_edit_that_changes_nothing_is_not_made_and_costs_its_chat_no_second(
    database: Database,
) -> None:
    async with at_work(database, PaceLimits()) as scene:
        fields = {"chat_id": OFFICER, "message_id": 5, "text": "page 1"}
        request = Request("editMessageText", orjson.dumps(fields))
        assert (await scene.dispatcher.make(request, OFFICER, Lane.ANSWER)).ok
        outcome = await scene.dispatcher.make(request, OFFICER, Lane.ANSWER)
        assert outcome.kind is OutcomeKind.NOT_MODIFIED and outcome.ok
        assert len(scene.phones.asked) == 1


async def held_for_long(scene: Scene, pass_time: PassTime) -> None:
    """A message for the officer is in the pacer, and its chat was told to wait a minute."""

    def wait(_method: str, _fields: dict[str, Any]) -> Outcome:
        return Outcome(OutcomeKind.TEMPORARY, reason=Reason.RATE_LIMITED, retry_after=60.0)

    scene.phones.answer = wait
    scene.queue(says(OFFICER, "first"))
    await until(lambda: scene.phones.got(OFFICER) == ["first"])
    await scene.quiet()
    scene.phones.answer = arrives
    scene.queue(says(OFFICER, "second", Lane.RED))
    await until(lambda: scene.states()["claimed"] == 1)
    await pass_time(10)
    assert scene.phones.got(OFFICER) == ["first"]


async def test_what_was_held_for_long_and_taken_over_does_not_leave(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:
        await held_for_long(scene, pass_time)
        other = update(deliveries).where(deliveries.c.state == "claimed")
        scene.database.do(lambda c: c.execute(other.values(claimed_by="another")))
        await pass_time(51)
        await scene.quiet()
        assert scene.phones.got(OFFICER) == ["first"]
        assert scene.states()["claimed"] == 1  # the other's, and left to it


async def test_what_was_held_for_long_says_how_things_stand_now(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:
        await held_for_long(scene, pass_time)

        def now(delivery: Delivery) -> Request | None:
            fields = {"chat_id": delivery.chat_id, "text": "now"}
            return Request("sendMessage", orjson.dumps(fields))

        scene.says = {MessageKind.REPLY: now}
        await pass_time(51)
        await until(lambda: scene.phones.got(OFFICER) == ["first", "now"])


async def test_what_was_held_for_long_and_is_over_does_not_leave(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:
        await held_for_long(scene, pass_time)
        scene.says = {MessageKind.REPLY: lambda _: None}
        await pass_time(51)
        await scene.quiet()
        assert scene.phones.got(OFFICER) == ["first"]
        assert scene.states_of(OFFICER)[-1] == ("dropped", "overtaken")


async def test_nothing_is_sent_while_the_lease_is_not_ours(
    database: Database, pass_time: PassTime
) -> None:
    async with at_work(database) as scene:
        await scene.quiet()
        scene.may_send = False
        scene.queue(says(OTHER, "SOS"))
        request = Request("sendMessage", b'{"chat_id":7001,"text":"hello"}')
        reply = asyncio.create_task(scene.dispatcher.make(request, OFFICER, Lane.ANSWER))
        for _ in range(10):
            await pass_time(0.5)
            await let_happen()
        assert not scene.phones.asked
        scene.may_send = True
        scene.dispatcher.look_again()
        await pass_time(1.0)
        assert (await reply).ok
        await until(lambda: scene.phones.got(OTHER))


async def test_what_was_under_way_when_another_took_over_is_the_others(database: Database) -> None:
    async with at_work(database) as scene:
        scene.phones.open.clear()
        scene.queue(says(OTHER, "SOS"))
        await until(lambda: scene.phones.asked)
        scene.may_send = False
        scene.database.do(lambda c: recover(c, BOT_ID, scene.clock()))
        scene.phones.open.set()
        await scene.quiet()
        assert scene.states() == {"queued": 1}  # who sends now sends it again, and records it


async def test_a_request_cut_off_by_the_end_may_have_arrived(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.dispatcher.FINISH_SECONDS", 0.0)
    async with at_work(database) as scene:
        scene.phones.open.clear()
        scene.queue(says(OTHER, "SOS"))
        await until(lambda: scene.phones.asked)
        monkeypatch.setattr(scene.phones.open, "set", lambda: None)  # by ``at_work``, at its end
    query = select(deliveries.c.state, deliveries.c.uncertain_at)
    state, uncertain_at = database.read(lambda c: c.execute(query).one())
    assert state == "queued" and uncertain_at is not None
