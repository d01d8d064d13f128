"""What is about to leave is asked about once more, many at once, and one that fails stops none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from alerts.outbox.deliveries import Delivery
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from bot.telegram import last_look
from bot.telegram.last_look import MOST_TRIES, REST_SECONDS, LastLook
from bot.telegram.outgoing import Request
from data.errors import StoreBusy
from tests.waiting import PassTime, let_happen

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def delivery(number: int) -> Delivery:
    return Delivery(number, MessageKind.CALL, Lane.RED, 1, 5)


def says(given: Delivery) -> Request:
    return Request("sendMessage", str(given.id).encode())


class Scene:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.over: set[int] = set()
        self.bad: dict[int, Exception] = {}
        self.outages = 0
        self.rendered: list[list[int]] = []
        self.questions = 0
        self.open = asyncio.Event()
        self.open.set()

        def still_true(_c: Any, given: Sequence[Delivery], now: datetime) -> set[int]:
            assert now == NOW
            return {each.id for each in given} - self.over

        monkeypatch.setattr(last_look, "still_true", still_true)
        self.look = LastLook(self, lambda: NOW, self._render)  # type: ignore[arg-type]

    async def ask(self, query: Callable[[Any], Any]) -> Any:
        self.questions += 1
        await self.open.wait()
        if self.outages:
            self.outages -= 1
            raise StoreBusy("locked")
        return query(None)

    def _render(self, _c: Any, given: Sequence[Delivery]) -> list[Request | None]:
        self.rendered.append([each.id for each in given])
        for each in given:
            if each.id in self.bad:
                raise self.bad[each.id]
        return [says(each) for each in given]

    async def at(self, *numbers: int) -> list[Any]:
        return await asyncio.gather(*(self.look.at(delivery(number)) for number in numbers))


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


async def test_what_is_over_says_nothing_and_is_not_rendered(scene: Scene) -> None:
    scene.over = {2}
    assert await scene.at(1, 2, 3) == [says(delivery(1)), None, says(delivery(3))]
    assert scene.rendered == [[1, 3]]
    # Rendered when it was claimed, whether it is true or not.
    assert await scene.look.rendered([delivery(2)]) == [says(delivery(2))]


async def test_questions_gather_while_one_is_under_way(scene: Scene) -> None:
    scene.open.clear()
    asked = [asyncio.create_task(scene.look.at(delivery(1)))]
    await let_happen()
    asked += [asyncio.create_task(scene.look.at(delivery(number))) for number in (2, 3, 4)]
    await let_happen()
    asked[1].cancel()
    await let_happen()
    scene.open.set()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [found[0], *found[2:]] == [says(delivery(number)) for number in (1, 3, 4)]
    assert scene.questions == 2
    assert await scene.at(5) == [says(delivery(5))]
    assert scene.questions == 3


async def test_one_that_cannot_be_said_stops_no_other(scene: Scene) -> None:
    scene.bad = {2: ValueError("damaged")}
    assert await scene.at(1, 2, 3) == [says(delivery(1)), scene.bad[2], says(delivery(3))]


async def test_one_that_the_database_chokes_on_is_tried_again_and_then_left(
    scene: Scene, still_time: PassTime
) -> None:
    scene.bad = {2: OperationalError("SELECT 1", {}, ValueError("damaged"))}
    asking = asyncio.create_task(scene.at(1, 2, 3))
    await let_happen()
    assert not asking.done()
    for _ in range(MOST_TRIES - 1):
        await still_time(REST_SECONDS - 0.001)
        assert not asking.done()
        await still_time(0.001)
    assert await asking == [says(delivery(1)), scene.bad[2], says(delivery(3))]
    assert scene.rendered.count([1, 2, 3]) == 1
    assert scene.rendered.count([2]) == MOST_TRIES
    assert scene.rendered.count([1]) == scene.rendered.count([3]) == 1


async def test_an_outage_is_waited_for(scene: Scene, still_time: PassTime) -> None:
    scene.outages = MOST_TRIES + 2
    asking = asyncio.create_task(scene.at(1, 2))
    await let_happen()
    for _ in range(MOST_TRIES + 1):
        await still_time(REST_SECONDS)
        assert not asking.done()
    await still_time(REST_SECONDS)
    assert await asking == [says(delivery(1)), says(delivery(2))]
    assert scene.rendered == [[1, 2]]
