"""The fourth device on the page: what it shows, as JSON, and what the visitor does with it.

A plain telephone, and the apps of WeCom, Feishu and DingTalk of the same person.

``GET /telephone?number=`` shows one; ``POST /telephone`` ``{"number", "do": "press", "key": "1"}``
does something and shows it then. What cannot be done is answered with 400 and ``{"error"}``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import orjson
from aiohttp import web

from bot.sandbox.card_apps import CardApps
from bot.sandbox.carrier.exchange import Exchange
from bot.sandbox.carrier.telephone import NotNow, Telephone, VoiceCall
from bot.sandbox.cast.telephones import TelephoneOwners
from bot.sandbox.providers.card import Card

LOOK_SECONDS = 0.25  # real seconds between two looks at the cards
LONGEST_WORDS = 500


class NoSuchCard(Exception):
    """A button was pressed that is not there any more."""


class TelephoneRoutes:
    """Shows the telephones of an exchange and the apps of their owners, and uses them.

    :param clock: milliseconds since the epoch, by the sandbox's clock.
    :param changed: called with the number of a person one of whose cards has changed.
    """

    def __init__(
        self,
        exchange: Exchange,
        owners: TelephoneOwners,
        apps: CardApps,
        clock: Callable[[], int],
        changed: Callable[[str], None] = lambda _number: None,
    ) -> None:
        self._exchange = exchange
        self._owners = owners
        self._apps = apps
        self._clock = clock
        self._changed = changed
        self._seen: dict[str, dict[str, list[Card]]] = {}
        self._order = count(1)

    async def run(self) -> None:
        """Say when a card of somebody whose device is shown has changed, until cancelled."""
        while True:
            for number in self._owners.held:
                cards = self._apps.cards(number)
                if self._seen.get(number) != cards:
                    self._seen[number] = cards
                    self._changed(number)
            await asyncio.sleep(LOOK_SECONDS)

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
        except NoSuchCard:
            words = "这张卡片已经变了，请看最新的 / this card has changed: look at the newest"
            return _json({"error": words}, status=400)
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return _json({"error": '{"number": "+86…", "do": "press", "key": "1"}'}, status=400)
        return self._shown(number)

    async def _do(self, number: str, deed: str, wish: Mapping[str, Any]) -> None:
        if deed == "take_up":
            self._owners.hold(number)
        elif deed == "put_away":
            self._owners.let_go(number)
        elif deed == "press_card":
            await self._press_card(number, wish)
        elif deed == "write":
            await self._write(number, str(wish["app"]), str(wish["text"]).strip())
        else:
            await self._telephone(number, deed, wish)

    async def _telephone(self, number: str, deed: str, wish: Mapping[str, Any]) -> None:
        exchange = self._exchange
        if deed == "pick_up":
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

    async def _press_card(self, number: str, wish: Mapping[str, Any]) -> None:
        app, card, key = str(wish["app"]), str(wish["card"]), str(wish["key"])
        try:
            await self._apps.press(app, number, card, key)
        except KeyError:
            raise NoSuchCard from None

    async def _write(self, number: str, app: str, text: str) -> None:
        if not 0 < len(text) <= LONGEST_WORDS:
            raise NotNow(f"写 1 到 {LONGEST_WORDS} 个字 / write 1 to {LONGEST_WORDS} characters")
        await self._apps.write(app, number, text)

    def _shown(self, number: str) -> web.Response:
        telephone = self._exchange.telephones.get(number)
        if telephone is None:
            return _json({"error": "没有这部电话 / no such telephone"}, status=400)
        cards = {
            app: [_card(card) for card in cards] for app, cards in self._apps.cards(number).items()
        }
        # Answers to two requests may arrive the other way round: the page keeps the later one.
        order = next(self._order)
        return _json({**_seen(telephone), "cards": cards, "now": self._clock(), "order": order})


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


def _card(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "at": _milliseconds(card.at),
        "title": card.title,
        "text": card.text,
        "buttons": card.buttons,
        "answered": card.answered,
        "link": card.link,
        "mine": card.mine,
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _json(facts: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(facts), status=status, content_type="application/json")
