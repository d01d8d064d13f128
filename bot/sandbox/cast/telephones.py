"""How the telephones of scripted people are answered, or are not.

The visitor's own is answered by nobody else; nor is one that the visitor has in hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum

from bot.sandbox.carrier.exchange import Exchange
from bot.sandbox.carrier.telephone import Line, NotNow, Telephone
from bot.sandbox.cast.acting import LOOK_SECONDS
from bot.sandbox.cast.roster import Character, LinkState, Temper

PICKS_UP_AFTER = timedelta(seconds=8)
LISTENS_FOR = timedelta(seconds=6)
"""Whoever is in a hurry presses the key, or hangs up, before all is said."""


class Manner(Enum):
    """What somebody does when the telephone rings."""

    PRESSES_1 = "presses_1"
    HANGS_UP = "hangs_up"  # picks up, and does not hear it out
    LETS_IT_RING = "lets_it_ring"
    SWITCHED_OFF = "switched_off"


def manners(people: Iterable[Character]) -> dict[str, Manner]:
    """By number, how the telephones of scripted people are answered.

    Who can answer by Telegram lets it ring; of those who never answer every second one is off.
    """
    found, silent = {}, 0
    for person in people:
        if person.temper is Temper.VISITOR:
            continue
        manner = Manner.LETS_IT_RING
        if person.temper is Temper.NEVER:
            silent += 1
            manner = Manner.SWITCHED_OFF if silent % 2 else Manner.LETS_IT_RING
        elif person.link is LinkState.BLOCKED:
            manner = Manner.PRESSES_1
        elif person.link is LinkState.GONE:
            manner = Manner.HANGS_UP
        found[person.number] = manner
    return found


class TelephoneOwners:
    """All who have a telephone; by the sandbox's clock, so that fast-forward carries them along."""

    def __init__(
        self,
        exchange: Exchange,
        clock: Callable[[], datetime],
        numbers: Iterable[str],
        manners: Mapping[str, Manner],
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._manners = manners
        self.held: set[str] = set()  # in the visitor's hand
        for number in numbers:
            telephone = exchange.connect(number)
            telephone.on = manners.get(number) is not Manner.SWITCHED_OFF

    def hold(self, number: str) -> None:
        """The visitor has this telephone in hand: nobody else picks it up."""
        self.held.add(number)

    def let_go(self, number: str) -> None:
        """The visitor put it away: its owner does as ever."""
        self.held.discard(number)

    async def act(self) -> None:
        """Do what is due now, and let happen what time brings."""
        now = self._clock()
        for number, manner in self._manners.items():
            telephone = self._exchange.telephones[number]
            if telephone.line is not Line.IDLE and number not in self.held:
                with suppress(NotNow):  # the call ended meanwhile
                    await self._answer(telephone, manner, now)
        await self._exchange.act()

    async def run(self) -> None:
        """Act until cancelled."""
        while True:
            await self.act()
            await asyncio.sleep(LOOK_SECONDS)

    async def _answer(self, telephone: Telephone, manner: Manner, now: datetime) -> None:
        call, number = telephone.call, telephone.number
        if call is None or manner in (Manner.LETS_IT_RING, Manner.SWITCHED_OFF):
            return
        if call.picked_up_at is None:
            if now - call.began >= PICKS_UP_AFTER:
                await self._exchange.pick_up(number)
        elif now - call.picked_up_at >= LISTENS_FOR:
            if manner is Manner.PRESSES_1 and not call.keys:
                await self._exchange.press(number, "1")
            await self._exchange.hang_up(number)
