"""What is said to whoever wrote over a card app, where the app asks us to wait."""

from __future__ import annotations

import pytest

from alerts.channels.model import Trouble
from bot.channels.sending import Outcome, Result
from bot.channels.token_api import NoToken
from bot.channels.written_back import FIRST_REST, LONGEST_REST, TRIES, write_back

TAKEN = Outcome(Result.ACCEPTED)
HELD = Outcome(Result.HELD)


@pytest.mark.parametrize(
    ("outcomes", "rests", "said"),
    [
        ([TAKEN], [], True),
        ([HELD, TAKEN], [FIRST_REST], True),
        ([Outcome(Result.HELD, after=2), Outcome(Result.LATER, after=900), TAKEN], [2, 30], True),
        ([HELD] * TRIES, [FIRST_REST] * (TRIES - 1), False),
        ([Outcome(Result.REFUSED)], [], False),
        ([Outcome(Result.UNCERTAIN)], [], False),  # it may have been said
        ([Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED)], [], False),
        ([NoToken("1")], [], False),
        ([HELD, TimeoutError()], [FIRST_REST], False),
    ],
)
async def test_it_is_said_again_where_the_app_asks_us_to_wait(
    outcomes: list[Outcome | Exception], rests: list[float], said: bool
) -> None:
    left, rested = list(outcomes), []

    async def ask() -> Outcome:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(seconds: float) -> None:
        rested.append(seconds)

    assert await write_back("app", ask, sleep) is said
    assert not left and rested == rests and LONGEST_REST == 30
