"""All the telephones behind one gateway: rings them, and tells jiaoying what came of it.

What could not be told is told again, by the same event and in the same order.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.carrier.gateway import Gateway
from bot.sandbox.carrier.telephone import ANSWERS, REPORTS, NotNow, Telephone, Told

log = logging.getLogger(__name__)

TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class _Untold:
    path: str
    body: dict[str, Any]
    number: str


class Exchange(Gateway):
    """A carrier's exchange.

    :param changed: called with the number of a telephone on which something happened.
    """

    def __init__(
        self,
        secret: str,
        jiaoying: str,
        clock: Callable[[], datetime],
        changed: Callable[[str], None] = lambda _number: None,
    ) -> None:
        super().__init__(secret, jiaoying, clock)
        self.telephones: dict[str, Telephone] = {}
        self._changed = changed
        self._untold: deque[_Untold] = deque()
        self._telling = asyncio.Lock()
        self._events = (f"{secrets.token_hex(4)}-{number}" for number in itertools.count(1))

    def connect(self, number: str) -> Telephone:
        """Give out a number (``+86139…``); returns its telephone."""
        return self.telephones.setdefault(number, Telephone(number))

    def make(self, call: dict[str, Any]) -> None:
        """Ring the telephone, or write to it."""
        now, number = self.clock(), call["to"]
        telephone = self.telephones.get(number)
        if telephone is None:
            nobody = {"id": call["id"], "state": "failed", "cause": "no_such_number"}
            self._note(number, [Told(REPORTS, {**nobody, "at": now.isoformat()})])
        elif call["channel"] == "sms":
            self._note(number, telephone.write(call, now))
        else:
            self._note(number, telephone.ring(call, now))

    def take_back(self, call_id: str) -> web.Response:
        """Stop ringing, or keep an SMS from coming; 409: it was made already."""
        call = self.calls.get(call_id)
        telephone = None if call is None else self.telephones.get(call["to"])
        if telephone is not None and not telephone.take_back(call_id, self.clock()):
            return web.Response(status=409)
        if telephone is not None:
            self._changed(telephone.number)
        return super().take_back(call_id)

    # -- what owners do ----------------------------------------------------------------------------

    async def pick_up(self, number: str) -> None:
        """Answer the ringing call; as the rest here ``:raises NotNow:`` when it cannot be done."""
        self._note(number, self._of(number).pick_up(self.clock()))
        await self.tell()

    async def press(self, number: str, key: str) -> None:
        """Press a key; what jiaoying says to it is spoken."""
        self._note(number, self._of(number).press(key, self.clock()))
        await self.tell()

    async def hang_up(self, number: str) -> None:
        """End the call."""
        self._note(number, self._of(number).hang_up(self.clock()))
        await self.tell()

    async def reject(self, number: str) -> None:
        """Refuse the ringing call."""
        self._note(number, self._of(number).reject(self.clock()))
        await self.tell()

    async def reply(self, number: str, text: str) -> None:
        """Answer by SMS; what jiaoying says to it comes as an SMS."""
        self._note(number, self._of(number).reply(text, self.clock()))
        await self.tell()

    async def switch(
        self, number: str, *, on: bool | None = None, signal: bool | None = None
    ) -> None:
        """Turn it on or off, or carry it out of the network or back; ``None``: as it is."""
        telephone = self._of(number)
        on = telephone.on if on is None else on
        signal = telephone.signal if signal is None else signal
        self._note(number, telephone.switch(self.clock(), on=on, signal=signal))
        await self.tell()

    # -- what time does ----------------------------------------------------------------------------

    async def act(self) -> None:
        """Let happen what is due by the clock, and tell what is still to be told."""
        now = self.clock()
        for telephone in self.telephones.values():
            before = telephone.line
            told = telephone.pass_time(now)
            if told or telephone.line is not before:
                self._note(telephone.number, told)
        await self.tell()

    async def tell(self) -> None:
        """Tell jiaoying what happened, in order; what it does not take now waits."""
        async with self._telling:
            while self._untold:
                untold = self._untold[0]
                try:
                    status, answer = await self.say(untold.path, untold.body)
                except (aiohttp.ClientError, TimeoutError) as error:
                    log.debug("exchange: not told: %s", error)
                    return
                if status in TRY_AGAIN:
                    return
                self._untold.popleft()
                if status != 200:
                    log.warning("exchange: refused with %d: %s", status, answer)
                elif untold.path == ANSWERS:
                    self._pass_on(untold, str(answer["say"]))

    def _pass_on(self, untold: _Untold, words: str) -> None:
        telephone, now = self._of(untold.number), self.clock()
        if untold.body["channel"] == "sms":
            telephone.writes_back(words, now)
        elif telephone.call is not None and telephone.call.id == untold.body["id"]:
            telephone.says(words, now)
        self._changed(untold.number)

    def _of(self, number: str) -> Telephone:
        telephone = self.telephones.get(number)
        if telephone is None:
            raise NotNow("没有这部电话 / no such telephone")
        return telephone

    def _note(self, number: str, told: Iterable[Told]) -> None:
        for each in told:
            body = {"event": next(self._events), **each.body}
            self._untold.append(_Untold(each.path, body, number))
        self._changed(number)
