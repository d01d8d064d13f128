"""The telephone on the page: what it shows, as JSON, and what the visitor does with it.

``GET /telephone?number=`` shows one; ``POST /telephone`` ``{"number", "do": "press", "key": "1"}``
does something and shows it then. What cannot be done is answered with 400 and ``{"error"}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

from bot.sandbox.carrier.exchange import Exchange
from bot.sandbox.carrier.telephone import NotNow, Telephone, VoiceCall
from bot.sandbox.cast.telephones import TelephoneOwners


class TelephoneRoutes:
    """Shows the telephones of an exchange and uses them.

    :param clock: milliseconds since the epoch, by the sandbox's clock.
    """

    def __init__(
        self, exchange: Exchange, owners: TelephoneOwners, clock: Callable[[], int]
    ) -> None:
        self._exchange = exchange
        self._owners = owners
        self._clock = clock

    async def show(self, request: web.Request) -> web.Response:
        """What is to be seen on one."""
        return self._shown(request.query.get("number", ""))

    async def use(self, request: web.Request) -> web.Response:
        """Do something with one."""
        try:
            wish = orjson.loads(await request.read())
            number = str(wish["number"])
            await self._do(number, str(wish["do"]), wish)
        except NotNow as error:
            return _json({"error": str(error)}, status=400)
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return _json({"error": '{"number": "+86…", "do": "press", "key": "1"}'}, status=400)
        return self._shown(number)

    async def _do(self, number: str, deed: str, wish: Mapping[str, Any]) -> None:
        exchange = self._exchange
        if deed == "take_up":
            self._owners.hold(number)
        elif deed == "put_away":
            self._owners.let_go(number)
        elif deed == "pick_up":
            await exchange.pick_up(number)
        elif deed == "press":
            await exchange.press(number, str(wish["key"]))
        elif deed == "hang_up":
            await exchange.hang_up(number)
        elif deed == "reject":
            await exchange.reject(number)
        elif deed == "reply":
            await exchange.reply(number, str(wish["text"]))
        elif deed == "switch":
            await exchange.switch(number, on=bool(wish["on"]), signal=bool(wish["signal"]))
        else:
            raise NotNow(f"没有这个动作 / no such thing to do: {deed}")

    def _shown(self, number: str) -> web.Response:
        telephone = self._exchange.telephones.get(number)
        if telephone is None:
            return _json({"error": "没有这部电话 / no such telephone"}, status=400)
        return _json({**_seen(telephone), "now": self._clock()})


def _seen(telephone: Telephone) -> dict[str, Any]:
    return {
        "number": telephone.number,
        "on": telephone.on,
        "signal": telephone.signal,
        "line": telephone.line.value,
        "call": None if telephone.call is None else _call(telephone.call),
        "past": [
            {"at": _milliseconds(call.at), "ended": call.ended.value, "keys": call.keys}
            for call in telephone.past
        ],
        "messages": [
            {"text": message.text, "at": _milliseconds(message.at), "mine": message.mine}
            for message in telephone.messages
        ],
    }


def _call(call: VoiceCall) -> dict[str, Any]:
    picked_up = call.picked_up_at
    return {
        "id": call.id,
        "began": _milliseconds(call.began),
        "picked_up": None if picked_up is None else _milliseconds(picked_up),
        "spoken": [
            {"text": words.text, "began": _milliseconds(words.began), "seconds": words.seconds}
            for words in call.spoken
        ],
        "keys": call.keys,
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _json(facts: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(facts), status=status, content_type="application/json")
