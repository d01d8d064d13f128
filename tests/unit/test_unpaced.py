"""Requests that no limit counts: nobody waits for them, and they are tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.unpaced import MOST_AT_ONCE, TRIES, UnpacedRequests
from tests.waiting import PassTime, let_happen, pass_time

__all__ = ["pass_time"]

SENT = Outcome(OutcomeKind.SENT, True)
LOST = Outcome(OutcomeKind.UNCERTAIN, reason=Reason.CONNECTION_LOST)
LIMITED = Outcome(OutcomeKind.TEMPORARY, reason=Reason.RATE_LIMITED, retry_after=5.0)
OLD = Outcome(OutcomeKind.PERMANENT, reason=Reason.QUERY_EXPIRED)


class Api:
    """Answers what it is told to, once it may."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def call(self, _method: str, payload: Mapping[str, Any]) -> Outcome:
        self.asked.append(payload["id"])
        await self.may_answer.wait()
        return self.answers.pop(0) if self.answers else SENT


def requests_over(api: Api) -> UnpacedRequests:
    return UnpacedRequests(api)  # type: ignore[arg-type]


def ask(requests: UnpacedRequests, *ids: str) -> None:
    for name in ids:
        requests.make("answerCallbackQuery", {"id": name})


async def test_nobody_waits_for_a_server_that_does_not_answer() -> None:
    api = Api()
    api.may_answer.clear()
    requests = requests_over(api)
    ask(requests, "a", "b", "c")
    await let_happen()
    assert (api.asked, requests.busy) == (["a", "b", "c"], True)
    api.may_answer.set()
    await let_happen()
    assert not requests.busy


async def test_more_than_may_be_under_way_leave_in_their_order_as_others_end() -> None:
    api = Api()
    api.may_answer.clear()
    requests = requests_over(api)
    names = [str(number) for number in range(MOST_AT_ONCE + 3)]
    ask(requests, *names)
    await let_happen()
    assert api.asked == names[:MOST_AT_ONCE]
    api.may_answer.set()
    await let_happen()
    assert (api.asked, requests.busy) == (names, False)


@pytest.mark.parametrize(("failure", "rest"), [(LOST, 1.0), (LIMITED, 5.0)])
async def test_what_failed_in_passing_is_tried_again_after_the_rest(
    pass_time: PassTime, failure: Outcome, rest: float
) -> None:
    api = Api(failure)
    requests = requests_over(api)
    ask(requests, "a")
    await let_happen()
    await pass_time(rest - 0.1)
    assert api.asked == ["a"]
    await pass_time(0.2)
    assert (api.asked, requests.busy) == (["a", "a"], False)


async def test_it_is_not_tried_for_ever(pass_time: PassTime) -> None:
    api = Api(*[LOST] * 10)
    requests = requests_over(api)
    ask(requests, "a")
    for _ in range(10):
        await pass_time(1.1)
    assert (api.asked, requests.busy) == (["a"] * TRIES, False)


async def test_what_is_refused_for_good_is_not_tried_again() -> None:
    api = Api(OLD)
    requests = requests_over(api)
    ask(requests, "a")
    await let_happen()
    assert (api.asked, requests.busy) == (["a"], False)


async def test_a_request_that_raises_takes_no_other_with_it() -> None:
    class Breaks(Api):
        async def call(self, method: str, payload: Mapping[str, Any]) -> Outcome:
            if payload["id"] == "bad":
                raise ValueError("a bug")
            return await super().call(method, payload)

    api = Breaks()
    requests = requests_over(api)
    ask(requests, *["bad"] * (MOST_AT_ONCE + 1), "good")
    await let_happen()
    assert (api.asked, requests.busy) == (["good"], False)


async def test_stopping_waits_a_moment_and_no_longer(pass_time: PassTime) -> None:
    api = Api()
    api.may_answer.clear()
    requests = requests_over(api)
    ask(requests, "a")
    await let_happen()
    stopping = asyncio.create_task(requests.finish())
    await let_happen()
    assert not stopping.done()
    await pass_time(3)
    await stopping
    await let_happen()
    assert not requests.busy
    await requests_over(Api()).finish()  # nothing is under way: nothing is waited for
