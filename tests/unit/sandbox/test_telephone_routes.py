"""The telephone on the page: only the page itself uses it, and every mistake is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox.bot_api.server import BotApiServer
from bot.sandbox.card_apps import CardApps
from bot.sandbox.carrier.exchange import Exchange
from bot.sandbox.carrier.telephone import Line
from bot.sandbox.cast.telephones import Manner, TelephoneOwners
from bot.sandbox.page_routes import Page
from bot.sandbox.telephone_routes import TelephoneRoutes
from bot.services.clocks import MovableClock

NUMBER = "+8619900000034"
CALL = {"id": "1-1", "channel": "voice", "to": NUMBER, "text": "紧急叫应。", "seconds": 3.0}


async def test_only_the_page_uses_it_and_mistakes_are_said() -> None:
    clock, page = MovableClock(), Page()
    exchange = Exchange("s" * 32, "http://127.0.0.1:1", clock)
    owners = TelephoneOwners(exchange, clock, [NUMBER], {NUMBER: Manner.PRESSES_1})
    apps = CardApps(clock, [], "")
    page.telephones = TelephoneRoutes(exchange, owners, apps, page.now)
    async with (
        exchange,
        BotApiServer(app_extensions=(page.extend,)) as server,
        aiohttp.ClientSession(server.base_url) as http,
    ):

        async def use(body: Any, **headers: str) -> tuple[int, Any]:
            async with http.post("/telephone", json=body, headers=headers) as answer:
                told = await answer.json() if answer.status != 403 else None
                return answer.status, told

        wish = {"number": NUMBER, "do": "pick_up"}
        exchange.make(CALL)
        assert (await use(wish, Origin="https://evil.example"))[0] == 403
        assert (await use(wish, Host="evil.example"))[0] == 403
        assert exchange.telephones[NUMBER].line is Line.RINGING
        for wrong in ({}, [], {"number": NUMBER}, wish | {"do": "dance"}, wish | {"number": "+1"}):
            status, told = await use(wrong)
            assert status == 400 and told["error"], wrong
        status, told = await use(wish)
        assert (status, told["line"]) == (200, "talking")
        assert told["call"]["spoken"][0]["text"] == CALL["text"]
        for wrong in (
            {"do": "press"},
            {"do": "press_card", "app": "wecom", "card": "x", "key": "1"},
            {"do": "write", "app": "wecom", "text": " "},
        ):
            status, told = await use(wrong | {"number": NUMBER})
            assert status == 400 and told["error"], wrong


@pytest.mark.parametrize(
    ("manner", "line", "keys"),
    [
        (Manner.PRESSES_1, Line.IDLE, "1"),
        (Manner.HANGS_UP, Line.IDLE, ""),
        (Manner.LETS_IT_RING, Line.RINGING, None),
    ],
)
async def test_owners_answer_in_their_manner_unless_the_visitor_has_it_in_hand(
    manner: Manner, line: Line, keys: str | None
) -> None:

    clock = MovableClock()
    exchange = Exchange("s" * 32, "http://127.0.0.1:1", clock)
    owners = TelephoneOwners(exchange, clock, [NUMBER], {NUMBER: manner})
    telephone = exchange.telephones[NUMBER]
    async with exchange:
        exchange.make(CALL)
        owners.hold(NUMBER)
        clock.advance(timedelta(seconds=10))
        await owners.act()
        assert telephone.line is Line.RINGING
        owners.let_go(NUMBER)
        for _ in range(2):
            await owners.act()
            clock.advance(timedelta(seconds=7))
        await owners.act()
    assert telephone.line is line
    assert [call.keys for call in telephone.past] == ([] if keys is None else [keys])
