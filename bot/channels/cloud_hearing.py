"""What a cloud tells in one go: each thing is taken by itself, all before the cloud is answered."""

from __future__ import annotations

import asyncio
import hmac
import logging
import traceback
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.channels.events import CallReport, ChannelAnswer
from bot.channels.hearing import take_answer, take_report
from bot.config.reader import Secret
from bot.services.services import Services
from data.database import Connection
from data.errors import NotFound, StoreError

log = logging.getLogger(__name__)

Unit = Callable[[Connection], bool]
"""Takes one thing; whether it changed anything."""


def taking(services: Services, one: CallReport | ChannelAnswer, now: datetime) -> Unit:
    """What takes a report or an answer. Nothing is said back to whoever answered."""

    def unit(connection: Connection) -> bool:
        if isinstance(one, CallReport):
            told = take_report(connection, services, one, now)
        else:
            told = take_answer(connection, services, one, now, heard_back=False)
        return bool(told["recorded"])

    return unit


async def take_all(services: Services, units: Iterable[Unit]) -> int:
    """Take what a cloud tells, in order; how many things changed something.

    What is about no call of ours is left out: the same account may serve others, and the cloud
    would only tell it again. So is what a bug of ours keeps from being taken: the rest of it must
    not be lost with it.

    :raises StoreError: something could not be written: the cloud is to say it all again.
    """
    # The writer takes them in this order, and commits together what waits for it.
    runs = [services.database.run(unit) for unit in units]
    results = await asyncio.gather(*runs, return_exceptions=True)
    lost = next((result for result in results if isinstance(result, StoreError)), None)
    if lost is not None:
        raise lost
    unknown = sum(isinstance(result, NotFound) for result in results)
    if unknown:
        log.warning("%d reports or answers of a cloud were about no call of ours", unknown)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, NotFound):
            where = "".join(traceback.format_tb(result.__traceback__))  # its text may hold a number
            log.error("a report or an answer was not taken: %s\n%s", type(result).__name__, where)
    return sum(result is True for result in results)


async def take_heard(
    services: Services, heard: Iterable[CallReport | ChannelAnswer], now: datetime
) -> int:
    """The same of reports and answers."""
    return await take_all(services, [taking(services, one, now) for one in heard])


def knows(given: str, token: Secret) -> bool:
    """Whether whoever asks knows the secret part of our address."""
    secret = token.reveal()
    # What is no UTF-8 in an address comes as lone surrogates, which a plain encode() refuses.
    told = given.encode("utf-8", "surrogateescape")
    return bool(secret) and hmac.compare_digest(told, secret.encode())
