"""The tick of test calls: what is rung next, and what came of one that is over."""

from __future__ import annotations

from datetime import datetime

from alerts.test_calls import running
from bot.messages.test_calls import tell_results
from bot.runtime.schedule import Tick
from bot.services.services import Services
from data.database import Connection

SECONDS = 5.0
"""Between two looks at test calls: nobody waits for them."""


def tick_of_tests(services: Services) -> Tick[bool]:
    """Queue what test calls ring next; tell what came of one that is over."""
    rules = services.rules.tests

    async def go_on(_found: bool, now: datetime) -> None:
        def unit(c: Connection) -> int:
            done, ended = running.go_on(c, rules, now)
            for test in ended:
                tell_results(c, services, test, now)
            return done

        while await services.database.run(unit) >= running.CHUNK:
            continue

    return Tick("test_calls", SECONDS, lambda c, now: running.anything_due(c, rules, now), go_on)
