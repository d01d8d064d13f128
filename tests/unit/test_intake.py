"""Polling: what is asked for next and after which rest; whose updates wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from bot.telegram import intake as intake_module
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.intake import BATCH, POLL_SECONDS, Intake
from data.errors import StoreBusy
from tests.waiting import PassTime, let_happen

NOW = datetime(2026, 7, 1, tzinfo=UTC)
EMPTY = Outcome(OutcomeKind.SENT, [])
CONFLICT = Outcome(OutcomeKind.CONFLICT, description="terminated")
REFUSED = Outcome(OutcomeKind.UNAUTHORIZED)
LOST = Outcome(OutcomeKind.UNCERTAIN, reason=Reason.CONNECTION_LOST)
LIMITED = Outcome(OutcomeKind.TEMPORARY, reason=Reason.RATE_LIMITED, retry_after=7.0)


def message(number: int, sender: int | None = 1) -> dict[str, Any]:
    who = {} if sender is None else {"from": {"id": sender}}
    return {"update_id": number, "message": {**who, "text": "收到"}}


def came(*updates: dict[str, Any]) -> Outcome:
    return Outcome(OutcomeKind.SENT, list(updates))


class Scene:
    """An intake over a Telegram that answers as scripted, and then never again."""

    bot_id = "7"

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.polls: list[tuple[float, dict[str, Any]]] = []  # when, what
        self.handled: list[int] = []
        self.not_stored: list[int] = []
        self.stored: set[int] = set()
        self.outages = 0
        self.may_end: dict[int, asyncio.Event] = {}
        self.holds = 0.0  # seconds for which a poll is held
        self.patience: list[float] = []  # what each poll was to wait for
        database = SimpleNamespace(run=self._run)
        self.intake = Intake(
            database,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            lambda: NOW,
            self._handle,
            self._tell,
        )
        self.began = asyncio.get_running_loop().time()

    async def poll(self, payload: dict[str, Any], *, seconds: float) -> Outcome:
        self.patience.append(seconds)
        at = asyncio.get_running_loop().time() - self.began
        self.polls.append((round(at, 3), payload))
        if self.holds:
            await asyncio.sleep(self.holds)
        if not self.answers:
            await asyncio.Event().wait()
        return self.answers.pop(0)

    async def _run(self, unit: Callable[[Any], list[int]]) -> list[int]:
        if self.outages:
            self.outages -= 1
            raise StoreBusy("locked")
        return unit(None)

    async def _handle(self, update: dict[str, Any]) -> None:
        self.handled.append(update["update_id"])
        if update["update_id"] in self.may_end:
            await self.may_end[update["update_id"]].wait()

    async def _tell(self, update: dict[str, Any], _error: Exception) -> None:
        self.not_stored.append(update["update_id"])


@pytest.fixture(autouse=True)
def _inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is new."""

    def put(_c: Any, bot_id: int, updates: list[dict[str, Any]], now: datetime) -> list[int]:
        assert (bot_id, now) == (7, NOW)
        return [update["update_id"] for update in updates]

    monkeypatch.setattr(intake_module.inbox, "put", put)


async def polled(
    scene: Scene, still_time: PassTime, seconds: int, step: float = 0.1
) -> list[tuple[float, int]]:
    """When it polled within these seconds, and from which offset."""
    polling = asyncio.create_task(scene.intake.poll())
    await let_happen()
    for _ in range(round(seconds / step)):
        await still_time(step)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    return [(at, payload["offset"]) for at, payload in scene.polls]


async def test_the_offset_is_one_after_the_last_update(still_time: PassTime) -> None:
    scene = Scene(came(message(4), message(9)), came(message(10)))
    assert [offset for _, offset in await polled(scene, still_time, 1)] == [0, 10, 11]
    assert scene.handled == [4, 9, 10]
    assert scene.polls[0][1]["limit"] == BATCH
    assert {"message", "callback_query", "my_chat_member"} <= {
        *scene.polls[0][1]["allowed_updates"]
    }
    assert scene.polls[-1][0] == 0  # without a rest
    assert set(scene.patience) == {POLL_SECONDS}


@pytest.mark.parametrize("answer", [came(message(4)), EMPTY, LOST])
async def test_what_waited_is_asked_for_at_once_and_then_it_is_told(
    still_time: PassTime, answer: Outcome
) -> None:
    """Whoever starts goes on when that was taken in, or was not to be had."""
    scene = Scene(answer, EMPTY)
    told: list[int] = []
    polling = asyncio.create_task(scene.intake.poll(lambda: told.append(len(scene.polls))))
    await let_happen()
    for _ in range(30):
        await still_time(0.1)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    assert told == [1]
    assert scene.patience == [0.0, *[POLL_SECONDS] * (len(scene.polls) - 1)]
    assert len(scene.polls) > 1


async def test_a_server_that_answers_nothing_at_once_is_not_hammered(still_time: PassTime) -> None:
    scene = Scene(EMPTY, EMPTY, EMPTY)
    times = [at for at, _ in await polled(scene, still_time, 1, step=0.05)]
    assert times == [0.0, 0.2, 0.4, 0.6]
    assert scene.intake.heard_at is None  # nobody polls any more


async def test_a_poll_that_was_held_is_followed_at_once(still_time: PassTime) -> None:
    scene = Scene(EMPTY, EMPTY)
    scene.holds = 1.0
    assert [at for at, _ in await polled(scene, still_time, 3)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("answers", "rests"),
    [
        ([CONFLICT, CONFLICT], [10, 10]),
        ([REFUSED, REFUSED], [30, 30]),
        ([LIMITED, LIMITED], [7, 7]),
        ([LOST] * 9, [0.5, 1, 2, 4, 8, 16, 30, 30, 30]),
        ([LOST, LOST, came(message(1)), LOST], [0.5, 1, 0, 0.5]),
        ([LOST, LOST, EMPTY, LOST], [0.5, 1, 0.2, 0.5]),
        ([Outcome(OutcomeKind.SENT, "no list"), LOST], [0.5, 1]),
    ],
)
async def test_how_long_it_rests_after_an_answer_that_is_none(
    still_time: PassTime, answers: list[Outcome], rests: list[float]
) -> None:
    scene = Scene(*answers)
    times = [at for at, _ in await polled(scene, still_time, int(sum(rests)) + 2)]
    assert [round(later - earlier, 3) for earlier, later in pairwise(times)] == rests


async def test_while_the_database_is_out_the_same_updates_are_asked_for_again(
    still_time: PassTime,
) -> None:
    scene = Scene(*[came(message(4))] * 4)
    scene.outages = 3
    polls = await polled(scene, still_time, 9)
    assert [offset for _, offset in polls] == [0, 0, 0, 0, 5]
    times = [at for at, _ in polls]
    assert [round(later - earlier, 3) for earlier, later in pairwise(times)] == [1, 2, 4, 0]
    assert scene.not_stored == [4]  # told once, not at each try
    assert scene.handled == [4]
    scene.outages = 1
    with pytest.raises(StoreBusy):
        await scene.intake.accept([message(4)])
    await let_happen()
    assert scene.not_stored == [4, 4]  # another outage: nobody knows of it


async def test_that_it_hears_telegram_is_known_from_its_answers(still_time: PassTime) -> None:
    scene = Scene(LOST, EMPTY)
    polling = asyncio.create_task(scene.intake.poll())
    await let_happen()
    assert scene.intake.heard_at is None
    await still_time(0.6)
    assert scene.intake.heard_at == NOW
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)


async def test_another_that_polls_is_said_once(
    still_time: PassTime, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(CONFLICT, CONFLICT, came(message(1)), CONFLICT)
    await polled(scene, still_time, 32)
    said = [record for record in caplog.records if "another process polls" in record.message]
    assert len(said) == 2  # and again when it had ended in between


async def test_one_persons_updates_wait_for_each_other_and_for_nobody_elses() -> None:
    scene = Scene()
    first = scene.may_end[1] = asyncio.Event()
    await scene.intake.accept([message(1), message(2), message(3, 5), message(2)])
    await scene.intake.accept([message(1)])  # it is under way
    await let_happen()
    assert (scene.handled, scene.intake.busy) == ([1, 3], True)
    first.set()
    await scene.intake.drain()
    assert (scene.handled, scene.intake.busy) == ([1, 3, 2], False)
    await scene.intake.accept([message(1)])  # it was handled: the inbox knows whether it is new
    await scene.intake.drain()
    assert scene.handled == [1, 3, 2, 1]


@pytest.mark.parametrize(
    ("update", "sender"),
    [
        (message(1, 5), 5),
        ({"update_id": 1, "callback_query": {"id": "x", "from": {"id": 5}}}, 5),
        ({"update_id": 1, "message": {"chat": {"id": -5}}}, -5),
        ({"update_id": 1, "message": {"from": {"id": "5"}}}, 0),
        ({"update_id": 1, "message": {"from": 5}}, 0),
        ({"update_id": 1}, 0),
        ({"update_id": 1, "odd": {}, "message": {"from": {"id": 5}}}, 5),
    ],
)
def test_whose_an_update_is(update: dict[str, Any], sender: int) -> None:
    assert intake_module.sender_of(update) == sender


async def test_only_what_is_new_is_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    monkeypatch.setattr(intake_module.inbox, "put", lambda *_: [2])
    await scene.intake.accept([message(1), message(2)])
    await scene.intake.drain()
    assert scene.handled == [2]
