"""Tells other systems what happened: signed requests to each webhook, tried again until it has it.

The work of a tick, so it runs in one process at a time, and in the stories. At least once: a
receiver knows an event it had already by its ``id``. One that does not answer rests, and holds up
no other.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
import orjson
from yarl import URL

from alerts import alert_store
from alerts.publishing import counts, store
from alerts.publishing.model import Delivery, Event, next_try
from bot.channels.signing import signed_headers
from bot.config.settings_out import HookSettings
from bot.publishing.as_json import alert_json, time
from bot.publishing.messages import message_json
from bot.publishing.resolving import CheckedResolver
from bot.services.services import Services
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

EVENT_HEADER = "X-Jiaoying-Event"
DELIVERY_HEADER = "X-Jiaoying-Delivery"

ANSWER_SECONDS = 10.0
"""For a receiver to say that it has it (ours)."""

AT_ONCE = 20
"""Events of one webhook at one look (ours)."""

NONCE_BYTES = 18


class Hook:
    """The work of the tick that tells one webhook: one that is slow holds up no other."""

    def __init__(self, services: Services, settings: HookSettings) -> None:
        self._services = services
        self._settings = settings

    def due(self, connection: Connection, now: datetime) -> bool:
        """Whether anything is to be told now."""
        return store.any_due(connection, [self._settings.name], now)

    async def tell(self, _due: bool, _now: datetime) -> None:
        """Tell what is due, of each warning in the order in which it happened, until it fails."""
        database, hook = self._services.database, self._settings
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        connector = aiohttp.TCPConnector(resolver=CheckedResolver())
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            due = await database.ask(
                lambda c: store.due(c, hook.name, self._services.clock(), AT_ONCE)
            )
            for delivery in due:
                if not await self._deliver(session, hook, delivery):
                    return

    async def _deliver(
        self, session: aiohttp.ClientSession, hook: HookSettings, delivery: Delivery
    ) -> bool:
        """Hand one over; whether the receiver has it."""
        status: int | None = None
        try:
            event, body = await self._services.database.ask(partial(self._body, delivery))
            status, error = await self._post(session, hook, delivery, event, body)
        except StoreError:
            raise
        except Exception as bug:  # noqa: BLE001 - one bad event stops no other
            error = f"bug:{type(bug).__name__}"[:40]  # its text may hold the address
            log.error("webhook %s: event %d: %s", hook.name, delivery.event_id, error)
        now = self._services.clock()
        if not error:
            assert status is not None
            told = status
            await self._services.database.run(lambda c: store.sent(c, delivery, told, now))
            return True
        again_at = next_try(delivery, status, now)
        if again_at is None:
            log.error("webhook %s: event %d is given up: %s", hook.name, delivery.event_id, error)
        await self._services.database.run(
            lambda c: store.failed(c, delivery.id, status, error, again_at, now)
        )
        return False

    async def _post(
        self,
        session: aiohttp.ClientSession,
        hook: HookSettings,
        delivery: Delivery,
        event: Event,
        body: bytes,
    ) -> tuple[int | None, str]:
        """The status, and what is wrong as a word of ours; empty: it has it.

        No redirect is followed, and nothing of the answer is read: it could be anybody's.
        """
        url, nonce = URL(hook.url.reveal()), secrets.token_urlsafe(NONCE_BYTES)
        now = self._services.clock()
        headers = signed_headers(
            hook.secret.reveal(), "POST", url.raw_path_qs, body, nonce, now
        ) | {
            "Content-Type": "application/json",
            "User-Agent": "jiaoying",
            EVENT_HEADER: event.kind.value,
            DELIVERY_HEADER: str(delivery.id),
        }
        try:
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except TimeoutError:
            return None, "timeout"
        except aiohttp.ClientConnectorError:
            return None, "unreachable"
        except (aiohttp.ClientError, OSError):
            return None, "broken_off"
        return status, "" if 200 <= status < 300 else "refused"

    def _body(self, delivery: Delivery, connection: Connection) -> tuple[Event, bytes]:
        event = store.event(connection, delivery.event_id)
        assert event is not None
        return event, orjson.dumps(event_json(connection, event, self._services))


def event_json(connection: Connection, event: Event, services: Services) -> dict[str, Any]:
    """What a webhook is told of an event."""
    alert = alert_store.alert(connection, event.alert_id)
    assert alert is not None
    told: dict[str, Any] = {
        "id": event.id,
        "event": event.kind.value,
        "at": time(event.at),
        "alert": alert_json(connection, alert, services),
        "counts": event.detail or counts.counts_of(connection, alert),
    }
    if event.message_number is not None:
        told["message"] = message_json(connection, alert, event.message_number, services)
    return told
