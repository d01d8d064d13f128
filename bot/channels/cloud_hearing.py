"""What a cloud tells in one go, taken in one transaction, before the cloud is answered."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable
from datetime import datetime

from bot.channels.events import CallReport, ChannelAnswer
from bot.channels.hearing import take_answer, take_report
from bot.config.reader import Secret
from bot.services.services import Services
from data.database import Connection
from data.errors import NotFound

log = logging.getLogger(__name__)


def take_all(
    connection: Connection,
    services: Services,
    heard: Iterable[CallReport | ChannelAnswer],
    now: datetime,
) -> int:
    """Take reports and answers in order; how many changed something. Nothing is said back.

    One that is about no call of ours is left out: the same account may serve others, and the cloud
    would only tell it again.
    """
    recorded = unknown = 0
    for one in heard:
        try:
            if isinstance(one, CallReport):
                told = take_report(connection, services, one, now)
            else:
                told = take_answer(connection, services, one, now, heard_back=False)
        except NotFound:
            unknown += 1
        else:
            recorded += bool(told["recorded"])
    if unknown:
        log.warning("%d reports or answers of a cloud were about no call of ours", unknown)
    return recorded


def knows(given: str, token: Secret) -> bool:
    """Whether whoever asks knows the secret part of our address."""
    secret = token.reveal()
    # What is no UTF-8 in an address comes as lone surrogates, which a plain encode() refuses.
    told = given.encode("utf-8", "surrogateescape")
    return bool(secret) and hmac.compare_digest(told, secret.encode())
