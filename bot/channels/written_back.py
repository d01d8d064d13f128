"""A few words to whoever wrote to us over a card app: said again where the app asks us to wait.

Nobody queues them: they answer what somebody has just typed, and are of no use in an hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from bot.channels.sending import Outcome, Result
from bot.channels.token_api import NoToken

log = logging.getLogger(__name__)

TRIES = 4
FIRST_REST = 5.0
LONGEST_REST = 30.0
"""Seconds between two tries, where the app does not say (ours), and at most."""

_AGAIN = frozenset({Result.HELD, Result.LATER})


async def write_back(
    name: str,
    ask: Callable[[], Awaitable[Outcome]],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> bool:
    """Say it; returns whether the app took it. What they wrote is taken in all the same.

    :param name: of the app, for the log.
    :param ask: says it once, and tells what became of it.
    """
    for left in reversed(range(TRIES)):
        try:
            outcome = await ask()
        except (aiohttp.ClientError, OSError, TimeoutError, NoToken) as error:
            log.warning("%s: no reply: %s", name, type(error).__name__)
            return False
        if outcome.result is Result.ACCEPTED:
            return True
        if outcome.result not in _AGAIN or outcome.trouble is not None or not left:
            break
        await sleep(min(outcome.after or FIRST_REST, LONGEST_REST))
    log.warning("%s: reply refused: %s %s", name, outcome.result.value, outcome.words)
    return False
