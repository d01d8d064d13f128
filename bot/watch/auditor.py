"""The auditor's tick: look, tell the duty officer, and write a line for the administrator."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from alerts.oversight.auditing import anything_to_do, audit
from alerts.oversight.findings import Source, Telling
from alerts.sources.feed_store import feed_states
from bot.config.settings_patrol import Feed
from bot.runtime.services import Services
from data.database import Connection

log = logging.getLogger(__name__)


async def look_round(services: Services, feeds: Iterable[Feed]) -> None:
    """One look.

    :param feeds: those that are polled.
    """
    now, rules = services.clock(), services.rules.oversight
    polled = {one.name: one for one in feeds}

    def sources(c: Connection) -> list[Source]:
        return [
            Source(
                one.name,
                one.succeeded_at,
                timedelta(seconds=polled[one.name].every_seconds),
                one.failures,
            )
            for one in feed_states(c)
            if one.name in polled
        ]

    needed = await services.database.ask(lambda c: anything_to_do(c, now, rules, sources(c)))
    if not needed:
        return
    told = await services.database.run(lambda c: audit(c, now, rules, sources(c)))
    for one in told:
        if one.telling is Telling.OVER:
            log.warning("%s is over", one.kind.value)
        elif one.officers:
            log.error("%s: %d officers told", one.kind.value, one.officers)
        else:
            log.error("%s, and no officer at the top can be reached", one.kind.value)
