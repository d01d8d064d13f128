"""Posts by ``apprise``, to whatever else it reaches: other group tools, lists, push services.

An extra of the installation (``pip install "jiaoying[apprise]"``). It only says whether a post was
taken, not why not: what was not is tried again, as with a server that is busy. Its own throttle is
off: a robot speaks at our pace.
"""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import Any

from bot.channels.robots.wire import Heard

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
LONGEST_SECONDS = 30.0
"""For one post, whatever the service does."""


async def post_by_apprise(url: str, text: str) -> tuple[Heard, str]:
    """Post a text to one service; whatever goes wrong is heard, never raised."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await asyncio.to_thread(_post, url, text)
    except TimeoutError:
        return Heard.LATER, "timeout"
    except Exception as error:  # noqa: BLE001 - a hundred services, each with errors of its own
        return Heard.LATER, type(error).__name__


def _post(url: str, text: str) -> tuple[Heard, str]:
    service = _service(url)
    if service is None:
        return Heard.NEVER, "no such service"
    title, _, body = text.partition("\n")
    taken = service.notify(body=body or title, title=title)
    return (Heard.TAKEN, "") if taken else (Heard.LATER, "not taken")


@cache
def _service(url: str) -> Any:
    from apprise import Apprise, AppriseAsset

    # Its log would hold the addresses, which are secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    service = Apprise.instantiate(url, asset=AppriseAsset(async_mode=False))
    if service is None:
        return None
    service.request_rate_per_sec = 0
    service.socket_connect_timeout = CONNECT_SECONDS
    service.socket_read_timeout = ANSWER_SECONDS
    return service
