"""Takes the buttons off cards that answer nothing any more: the work of a tick for each app.

Nobody who is called waits for it: nothing is taken while a call or news waits in the channel. What
is not noted is taken once more, which changes nothing; whoever presses a card that still has its
buttons reads why it does not count.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from alerts import alert_store, call_store
from alerts.acknowledge import CallResult
from alerts.calls import CallOutcome
from alerts.channels import spent_card_store, take_back_store
from alerts.channels import store as channel_store
from alerts.channels.answers import Taken, Taking
from alerts.channels.delivery_rows import ChannelDelivery
from alerts.channels.spent_card_store import CHANGED_FOR, Turn
from bot.channels.events import Handle, SpentCard
from bot.channels.sending import CHUNK_SECONDS, FORGOTTEN_AFTER, Outcome, Result
from bot.messages.facts import Facts
from bot.services.services import Services
from bot.telegram.windows import Gcra
from bot.views.warnings.card_replies import spent_mark
from bot.views.warnings.channel_card import card_title
from bot.views.warnings.spoken import answer_words
from bot.views.warnings.test_words import test_over, title_of_test
from contacts.channels import Channel
from contacts.people import Person
from data.database import Connection

log = logging.getLogger(__name__)

SECONDS = 5.0
"""Between two looks (ours)."""

SETTLED = timedelta(minutes=10)
"""After a warning ended, or was changed, cards may still arrive that were on their way (ours)."""

REST = timedelta(minutes=1)
"""After a refusal that is not the card's own (ours)."""

TRIES = 5
"""Of one card (ours)."""

_NO_BOT = 0  # nothing that only one bot knows is said here


class CardSender(Protocol):
    """A road to an app, on which a card that was sent can be changed."""

    async def take_buttons(self, card: SpentCard) -> Outcome:
        """Take the buttons off a card; whatever goes wrong is an outcome, never raised."""


CardSenderOpened = Callable[[], AbstractAsyncContextManager[CardSender]]


class SpentCards:
    """The work of the tick for one app."""

    def __init__(
        self, services: Services, channel: Channel, opened: CardSenderOpened, per_second: float
    ) -> None:
        self._services = services
        self.channel = channel
        self._opened = opened
        interval = 1.0 / per_second
        self._pace = Gcra(interval, tolerance=0.0)
        self._chunk = max(1, int(per_second * CHUNK_SECONDS))
        self._done: set[tuple[int, int, int, bool]] = set()  # nothing is left of these
        self._rests_until: datetime | None = None
        self._tries: dict[int, int] = {}

    def due(self, connection: Connection, now: datetime) -> bool:
        """Whether a card is to lose its buttons, and nothing else is to be said first."""
        if self._rests_until is not None and now < self._rests_until:
            return False
        return bool(self._next(1, now, connection)) and not channel_store.anything_due(
            connection, self.channel, now, now - FORGOTTEN_AFTER
        )

    async def take(self, _due: bool, now: datetime) -> None:
        """Take the buttons off the next cards; as many as leave in a moment."""
        cards, nobodys = await self._services.database.ask(lambda c: self._rendered(c, now))
        if nobodys:  # else they would be found again and again, before all others
            await self._services.database.run(lambda c: take_back_store.told(c, nobodys, now))
        async with self._opened() as sender:
            for card in cards:
                loop = asyncio.get_running_loop()
                await asyncio.sleep(self._pace.open_at() - loop.time())
                self._pace.take(loop.time())
                if not await self._take(sender, card):
                    self._rests_until = self._services.clock() + REST
                    return

    async def _take(self, sender: CardSender, card: SpentCard) -> bool:
        """Whether others may be tried now."""
        outcome = await sender.take_buttons(card)
        tries = self._tries.pop(card.handle.delivery_id, 0) + 1
        later = outcome.result in (Result.LATER, Result.UNCERTAIN, Result.HELD)
        if later and tries < TRIES:  # else it would keep the others waiting
            self._tries[card.handle.delivery_id] = tries
            return False
        if later or outcome.result is Result.REFUSED:
            words = self.channel.value, card.handle, outcome.words
            log.info("%s: card %s keeps its buttons: %s", *words)
        ids, now = [card.handle.delivery_id], self._services.clock()
        await self._services.database.run(lambda c: take_back_store.told(c, ids, now))
        return True

    def _next(self, limit: int, now: datetime, connection: Connection) -> list[ChannelDelivery]:
        for turn in spent_card_store.turns(connection, now - CHANGED_FOR[self.channel]):
            key = (turn.test_id, turn.alert_id, turn.version, turn.over)
            if key in self._done:
                continue
            found = spent_card_store.spent(connection, turn, self.channel, now, limit)
            if found:
                return found
            if _settled(turn, now):
                self._done.add(key)
        return []

    def _rendered(
        self, connection: Connection, now: datetime
    ) -> tuple[Sequence[SpentCard], Sequence[int]]:
        """The next cards, and the ids of those of which nothing can be said any more."""
        facts = Facts(connection, self._services, now, _NO_BOT)
        found = self._next(self._chunk, now, connection)
        cards = {each.id: spent_card(facts, each) for each in found}
        nobodys = [number for number, card in cards.items() if card is None]
        return [card for card in cards.values() if card is not None], nobodys


def _settled(turn: Turn, now: datetime) -> bool:
    return now - turn.at > SETTLED


def spent_card(facts: Facts, delivery: ChannelDelivery) -> SpentCard | None:
    """A card that answers nothing any more, as it is to look; ``None``: its person is unknown."""
    person = facts.person(delivery.person_id)
    if delivery.test_line_id is not None:
        return None if person is None else _spent_test(delivery, person)
    call = call_store.call(facts.connection, delivery.call_id)
    alert = alert_store.alert(facts.connection, delivery.alert_id)
    if person is None or call is None or alert is None:
        return None
    place, language = facts.area(alert), person.language
    asked_anew = alert.in_force and not call.left_out
    outcome = CallOutcome.RAISED if asked_anew else CallOutcome.CLOSED
    taking = Taking.AGAIN if asked_anew else Taking.OVER
    taken = Taken(taking, CallResult(outcome, call, alert, person), (person,))
    return SpentCard(
        handle=Handle(delivery.id, delivery.attempts),
        account=delivery.address,
        provider_id=delivery.provider_id or "",
        title=card_title(alert, place, language),
        text=answer_words(taken, place, language, spoken=False, duty="", zone=facts.zone),
        mark=spent_mark(language, asked_anew=asked_anew),
        queued_at=delivery.created_at,
    )


def _spent_test(delivery: ChannelDelivery, person: Person) -> SpentCard:
    language = person.language
    return SpentCard(
        handle=Handle(delivery.id, delivery.attempts),
        account=delivery.address,
        provider_id=delivery.provider_id or "",
        title=title_of_test(language),
        text=test_over(language),
        mark=spent_mark(language, asked_anew=False),
        queued_at=delivery.created_at,
    )
