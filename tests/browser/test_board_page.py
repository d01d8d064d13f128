"""The board in a browser: opened by a link, alive, honest when cut off, empty once refused.

``JIAOYING_SCREENSHOTS=folder`` keeps the pictures.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alerts.acknowledge import by_button
from alerts.calls import CallState
from alerts.model import Draft, Hazard, Level
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.model import DistressRules
from alerts.release import release
from alerts.rules import Rules
from bot.board.server import BoardServer
from bot.config.load import load
from bot.config.settings_watch import Board
from bot.runtime.clocks import MovableClock
from contacts import board_link_store, board_links, people_store
from contacts.divisions.codes import Tier
from contacts.divisions.store import shipped_divisions
from contacts.people import Role
from data.database import Database
from data.tables.alerts import calls
from data.tables.contacts import people
from data.tables.patrol import positions
from tests.browser.chromium import Tab, chromium, find_chromium
from tests.roster import CITY_COMMANDER, COUNTY, COUNTY_COMMANDER, EVERYBODY, GOVERNOR, RANGER, fill
from tests.roster import person as row_of

CHROMIUM = find_chromium()
RULES = Rules()

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="没有 Chromium，浏览器测试被跳过！ NO CHROMIUM: install it or set JIAOYING_CHROMIUM",
    ),
]


class Room:
    """The command room: a database, the board's server, its clock."""

    def __init__(self, database: Database, server: BoardServer, clock: MovableClock) -> None:
        self.database, self.server, self.clock = database, server, clock

    def link(self, row: dict[str, Any]) -> str:
        def unit(c: Any) -> str:
            person = people_store.person(c, row["id"])
            assert person is not None
            now = self.clock()
            link_id = board_link_store.add_link(c, person.id, now)
            key = board_links.key_of(board_link_store.secret(c))
            return board_links.sign(board_links.link_for(link_id, person, now), key)

        return f"{self.server.url}/open#{self.database.do(unit)}"

    def change(self, unit: Callable[[Any], Any]) -> Any:
        return self.database.do(unit)

    async def shown(self, tab: Tab, row: dict[str, Any], *, width: int, height: int) -> None:
        await tab.call("Runtime.enable")
        await tab.call("Log.enable")
        await tab.resize(width, height)
        await tab.call("Page.navigate", url=self.link(row))
        await tab.until("document.querySelector('#live')?.textContent.includes('实时')")


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[Room]:
    """A province in the night: a red rainstorm, an exercise, a ranger who calls for help."""
    database = Database(f"sqlite:///{folder / 'room.db'}", synchronous="normal")
    fill(database, EVERYBODY + villagers())
    clock = MovableClock()
    server = BoardServer(replace(load(None, {}), board=Board(port=0)), database, clock)
    await server.start()
    database.do(lambda c: a_night(c, clock))
    try:
        yield Room(database, server, clock)
    finally:
        await server.stop()
        database.close()


def villagers() -> tuple[dict[str, Any], ...]:
    """One person in each village of every thirtieth, and one in each county's office."""
    every = [one for one in shipped_divisions() if one.tier in (Tier.VILLAGE, Tier.COUNTY)]
    chosen = [one for n, one in enumerate(every) if one.tier is Tier.COUNTY or n % 12 == 0]
    names = "王立国 李春梅 朴哲洙 张大山 金英子 刘志强 赵敏 孙德福".split()
    return tuple(
        row_of(
            1000 + n,
            names[n % len(names)],
            one.code,
            Role.VILLAGE_RESPONSIBLE if one.tier is Tier.VILLAGE else Role.DIRECTOR,
            linked=n % 9 != 0,
        )
        for n, one in enumerate(chosen)
        if one.code[:6] != COUNTY[:6] or n % 3
    )


def a_night(c: Any, clock: MovableClock) -> None:
    """What happened in the last quarter of an hour."""
    now = clock() - timedelta(minutes=14)
    governor, county = (people_store.person(c, one["id"]) for one in (GOVERNOR, COUNTY_COMMANDER))
    assert governor is not None and county is not None
    text = "立即转移低洼地、山洪沟口群众，逐户敲门，不漏一人。"
    city = CITY_COMMANDER["division_code"]
    areas = (city, "220200000000", "220500000000", "220600000000")
    wide = Draft(Level.ORANGE, Hazard.RAINSTORM, areas, text)
    alert_id = release(c, wide, governor, RULES, now).alert_id
    drill = Draft(Level.YELLOW, Hazard.FLASH_FLOOD, (COUNTY,), "演练", exercise=True)
    release(c, drill, county, RULES, now + timedelta(minutes=6))
    # Each county in its own mood: some have all answered, some few.
    found = c.execute(select(calls.c.id, calls.c.division_code).where(calls.c.alert_id == alert_id))
    answered = [
        one.id
        for one in found
        if (one.id * 7919) % 100
        < {0: 42, 1: 72, 2: 90, 3: 97}.get(int(one.division_code[4:6]) % 5, 100)
    ]
    state = {"state": CallState.ACKNOWLEDGED.value, "answered_at": now, "due_at": None}
    for n in range(0, len(answered), 500):
        c.execute(update(calls).where(calls.c.id.in_(answered[n : n + 500])).values(state))
    c.execute(
        update(calls).where(calls.c.id.in_(answered[::17])).values(state=CallState.PROXIED.value)
    )
    fix = {"person_id": RANGER["id"], "taken_at": now, "received_at": now, "live": False}
    c.execute(insert(positions).values(**fix, lon=128.31, lat=43.52, doubts=[]))
    ranger = people_store.person(c, RANGER["id"])
    assert ranger is not None
    rules = DistressRules()
    distress.raise_distress(c, ranger, now + timedelta(minutes=11), rules)
    distress.send_due(c, now + timedelta(minutes=12), rules)


async def keep(tab: Tab, name: str) -> None:
    if folder := os.environ.get("JIAOYING_SCREENSHOTS"):
        await tab.screenshot(Path(folder) / f"{name}.png")


async def no_sideways(tab: Tab) -> None:
    """Nothing is wider than the window."""
    wide = await tab.do("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"


async def test_the_wall_shows_the_night_and_moves_with_it(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    async with room(tmp_path) as made, chromium(CHROMIUM, tmp_path) as tab:
        await made.shown(tab, GOVERNOR, width=1440, height=900)
        assert "#" not in await tab.do("location.href")
        assert await tab.do("document.querySelectorAll('.card').length") == 2
        assert await tab.do("document.querySelectorAll('.card.exercise .mark').length") == 1
        assert await tab.do("document.querySelectorAll('path.county').length") == 60
        assert "求救" in await tab.do("document.querySelector('#distress').textContent")
        await no_sideways(tab)
        await keep(tab, "board")

        waiting = "Number(document.querySelector('#silent .count').textContent)"
        before = await tab.do(waiting)

        def one_more(c: Any) -> None:
            one = c.execute(
                select(calls).where(calls.c.state == "waiting", calls.c.alert_id == 1)
            ).first()
            villager = people_store.person(c, one.person_id)
            assert villager is not None
            by_button(c, one.id, villager.telegram_id or 0, RULES, made.clock())

        made.change(
            lambda c: c.execute(
                update(people)
                .where(people.c.telegram_id.is_(None))
                .values(telegram_id=people.c.id + 10**6)
            )
        )
        made.change(one_more)
        await tab.until(f"{waiting} === {before - 1}")
        assert tab.problems == []


async def test_a_city_on_a_phone(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    async with room(tmp_path) as made, chromium(CHROMIUM, tmp_path) as tab:
        await made.shown(tab, CITY_COMMANDER, width=390, height=844)
        await no_sideways(tab)
        assert await tab.do("document.querySelectorAll('path.county').length") == 8
        await keep(tab, "board-phone")
        await tab.do("document.querySelector('#silent').scrollIntoView()")
        await keep(tab, "board-phone-silent")
        await tab.do("document.querySelector('#map').scrollIntoView()")
        await keep(tab, "board-phone-map")
        small = await tab.do(
            "[...document.querySelectorAll('button, a.phone')].filter(b => b.offsetParent"
            " && b.getBoundingClientRect().height < 30).map(b => b.textContent)"
        )
        assert small == []
        assert tab.problems == []


async def test_cut_off_it_says_so_and_comes_back(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    async with room(tmp_path) as made, chromium(CHROMIUM, tmp_path) as tab:
        await made.shown(tab, COUNTY_COMMANDER, width=1440, height=900)
        await keep(tab, "board-county")
        await tab.call("Network.enable")
        gone = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        await tab.call("Network.emulateNetworkConditions", offline=True, **gone)
        await tab.until("!document.querySelector('#lost').hidden", timeout=30)
        assert "连接中断" in await tab.do("document.querySelector('#lost').textContent")
        await keep(tab, "board-lost")
        back = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        await tab.call("Network.emulateNetworkConditions", offline=False, **back)
        await tab.until("document.querySelector('#lost').hidden", timeout=30)


async def test_who_loses_the_post_loses_what_was_shown(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    async with room(tmp_path) as made, chromium(CHROMIUM, tmp_path) as tab:
        await made.shown(tab, COUNTY_COMMANDER, width=1440, height=900)
        mine = people.c.id == COUNTY_COMMANDER["id"]
        made.change(lambda c: c.execute(update(people).where(mine).values(active=False)))
        await tab.until("!document.querySelector('#over').hidden")
        left = await tab.do("document.body.textContent")
        assert "/board" in left and RANGER["name"] not in left and "199 " not in left
        await keep(tab, "board-over")
        await tab.open(f"{made.server.url}/", width=390, height=844)
        await keep(tab, "board-refused")
        assert "/board" in await tab.do("document.body.textContent")
