"""The progress board in a browser: opened by a link, updated live, plain when it loses its server.

``JIAOYING_SCREENSHOTS=folder`` keeps the pictures.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect
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
from bot.config.settings_watch import BoardSettings
from bot.services.clocks import MovableClock
from contacts import board_link_store, board_links, people_store
from contacts.divisions.codes import Tier
from contacts.divisions.store import shipped_divisions
from contacts.people import Role
from data.database import Database
from data.tables.alerts import calls, deliveries
from data.tables.contacts import divisions, people
from data.tables.patrol import positions
from tests.browser.chromium import PHONE, Complaints, in_one_browser, keep
from tests.roster import (
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    EVERYBODY,
    GOVERNOR,
    RANGER,
    VILLAGES,
    fill,
)
from tests.roster import person as row_of

RULES = Rules()

pytestmark = in_one_browser


class Room:
    """A command room: a database, the board's server and its clock."""

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

    async def shown(self, page: Page, row: dict[str, Any]) -> None:
        """The board as this person sees it, up to date."""
        await page.goto(self.link(row))
        await expect(page.locator("#live")).to_contain_text("实时")


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[Room]:
    """A province in the night: a red rainstorm, an exercise, a ranger who calls for help."""
    database = Database(f"sqlite:///{folder / 'room.db'}", synchronous="normal")
    fill(database, EVERYBODY + villagers())
    clock = MovableClock()
    server = BoardServer(replace(load(None, {}), board=BoardSettings(port=0)), database, clock)
    await server.start()
    database.do(lambda c: a_night(c, clock))
    try:
        yield Room(database, server, clock)
    finally:
        await server.stop()
        database.close()


def villagers() -> tuple[dict[str, Any], ...]:
    """One person in each village of every thirtieth, and one in each county's office."""
    every = [
        division for division in shipped_divisions() if division.tier in (Tier.VILLAGE, Tier.COUNTY)
    ]
    chosen = [
        division for n, division in enumerate(every) if division.tier is Tier.COUNTY or n % 12 == 0
    ]
    names = "王立国 李春梅 朴哲洙 张大山 金英子 刘志强 赵敏 孙德福".split()
    return tuple(
        row_of(
            1000 + n,
            names[n % len(names)],
            division.code,
            Role.VILLAGE_RESPONSIBLE if division.tier is Tier.VILLAGE else Role.DIRECTOR,
            linked=n % 9 != 0,
        )
        for n, division in enumerate(chosen)
        if division.code[:6] != COUNTY[:6] or n % 3
    )


def a_night(c: Any, clock: MovableClock) -> None:
    """What happened in the last quarter of an hour."""
    now = clock() - timedelta(minutes=14)
    governor, county = (people_store.person(c, row["id"]) for row in (GOVERNOR, COUNTY_COMMANDER))
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
        call.id
        for call in found
        if (call.id * 7919) % 100
        < {0: 42, 1: 72, 2: 90, 3: 97}.get(int(call.division_code[4:6]) % 5, 100)
    ]
    state = {"state": CallState.ACKNOWLEDGED.value, "answered_at": now, "due_at": None}
    for n in range(0, len(answered), 500):
        c.execute(update(calls).where(calls.c.id.in_(answered[n : n + 500])).values(state))
    proxied = {"state": CallState.PROXIED.value, "proxy_by": RANGER["id"]}
    c.execute(update(calls).where(calls.c.id.in_(answered[::17])).values(proxied))
    fix = {"person_id": RANGER["id"], "taken_at": now, "received_at": now, "live": False}
    c.execute(insert(positions).values(**fix, lon=128.31, lat=43.52, doubts=[]))
    ranger = people_store.person(c, RANGER["id"])
    assert ranger is not None
    rules = DistressRules()
    distress.raise_distress(c, ranger, now + timedelta(minutes=11), rules)
    distress.send_due(c, now + timedelta(minutes=12), rules)


async def no_sideways(page: Page) -> None:
    """Nothing is wider than the window."""
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"


async def test_the_wall_shows_the_night_and_moves_with_it(
    tmp_path: Path, page: Page, complaints: Complaints
) -> None:
    async with room(tmp_path) as made:
        await made.shown(page, GOVERNOR)
        assert "#" not in page.url
        assert await page.locator(".card").count() == 2
        assert await page.locator(".card.exercise .mark").count() == 1
        assert await page.locator("path.county").count() == 60
        assert "求救" in await page.locator("#distress").inner_text()
        await no_sideways(page)
        await keep(page, "board")

        silent = page.locator("#silent .count")
        before = int(await silent.inner_text())

        def one_more(c: Any) -> None:
            waiting = c.execute(
                select(calls).where(calls.c.state == "waiting", calls.c.alert_id == 1)
            ).first()
            villager = people_store.person(c, waiting.person_id)
            assert villager is not None
            by_button(c, waiting.id, villager.telegram_id or 0, RULES, made.clock())

        made.change(
            lambda c: c.execute(
                update(people)
                .where(people.c.telegram_id.is_(None))
                .values(telegram_id=people.c.id + 10**6)
            )
        )
        made.change(one_more)
        await expect(silent).to_have_text(str(before - 1))
        assert complaints == []


async def test_a_city_on_a_phone(tmp_path: Path, phone: Page, complaints: Complaints) -> None:
    async with room(tmp_path) as made:
        await made.shown(phone, CITY_COMMANDER)
        await no_sideways(phone)
        assert await phone.locator("path.county").count() == 8
        await keep(phone, "board-phone")
        await phone.locator("#silent").scroll_into_view_if_needed()
        await keep(phone, "board-phone-silent")
        await phone.locator("#map").scroll_into_view_if_needed()
        await keep(phone, "board-phone-map")
        for target in await phone.locator("button:visible, a.phone:visible").all():
            box = await target.bounding_box()
            assert box is not None
            assert box["height"] >= 30, await target.inner_text()
        assert complaints == []


async def test_cut_off_it_says_so_and_comes_back(tmp_path: Path, page: Page) -> None:
    async with room(tmp_path) as made:
        await page.clock.install()
        await made.shown(page, COUNTY_COMMANDER)
        await keep(page, "board-county")
        lost = page.locator("#lost")
        await page.context.set_offline(True)
        await page.clock.fast_forward(11_000)  # milliseconds; what is older than ten seconds is old
        await expect(lost).to_be_visible()
        await expect(lost).to_contain_text("连接中断")
        await keep(page, "board-lost")
        await page.context.set_offline(False)
        await page.clock.fast_forward(3_000)  # it asks again
        await expect(lost).to_be_hidden()


async def test_who_loses_the_post_loses_what_was_shown(tmp_path: Path, page: Page) -> None:
    async with room(tmp_path) as made:
        await made.shown(page, COUNTY_COMMANDER)
        mine = people.c.id == COUNTY_COMMANDER["id"]
        made.change(lambda c: c.execute(update(people).where(mine).values(active=False)))
        await expect(page.locator("#over")).to_be_visible()
        left = await page.locator("body").text_content() or ""
        assert "/board" in left and RANGER["name"] not in left and "199 " not in left
        await keep(page, "board-over")
        await page.set_viewport_size(PHONE)
        await page.goto(f"{made.server.url}/")
        await keep(page, "board-refused")
        await expect(page.locator("body")).to_contain_text("/board")


async def test_a_commander_circles_an_area_and_it_goes_on_in_the_chat(
    tmp_path: Path, page: Page, phone: Page, complaints: Complaints
) -> None:
    async with room(tmp_path) as made:
        at = {code: (128.20 + 0.01 * n, 43.40) for n, code in enumerate(VILLAGES)}

        def place(c: Any) -> None:
            for code, (lon, lat) in at.items():
                where = divisions.c.code == code
                c.execute(update(divisions).where(where).values(lon=lon, lat=lat))

        made.change(place)
        await made.shown(page, COUNTY_COMMANDER)
        await page.get_by_text("圈画预警区域").click()
        await circle(page, 128.21, 43.40, 0.06)
        await expect(page.locator(".area")).to_contain_text("个村")
        await expect(page.locator("path.drawn").last).to_have_attribute("d", re.compile("Z$"))
        await keep(page, "board-drawn")
        await page.get_by_text("发到我的对话").click()
        await expect(page.locator(".area .done")).to_contain_text("还没有发布")
        said = made.change(lambda c: last_message(c, COUNTY_COMMANDER["telegram_id"]))
        assert "您在指挥大屏上画了一个区域" in said and "ar:g:1" in said
        # On a phone, nothing of theirs inside: it says so, and is drawn again.
        await made.shown(phone, COUNTY_COMMANDER)
        await phone.get_by_text("圈画预警区域").scroll_into_view_if_needed()
        await phone.get_by_text("圈画预警区域").click()
        await circle(phone, 128.21, 43.40, 0.06)
        await expect(phone.locator(".area")).to_contain_text("个村")
        await no_sideways(phone)
        await phone.locator(".area").scroll_into_view_if_needed()
        await keep(phone, "board-drawn-phone")
        await phone.get_by_text("重画").click()
        await circle(phone, 127.95, 43.2, 0.06)
        await expect(phone.locator(".area .wrong")).to_contain_text("没有您可以预警的村")
        assert complaints == []


async def test_who_only_watches_draws_nothing(tmp_path: Path, page: Page) -> None:
    async with room(tmp_path) as made:
        await made.shown(page, COUNTY_DUTY)
        assert await page.get_by_text("圈画预警区域").count() == 0
        refused = await page.evaluate(
            "fetch('area', {method: 'POST', body: '{}'}).then((answer) => answer.status)"
        )
        assert refused == 403


async def circle(page: Page, lon: float, lat: float, reach: float) -> None:
    """A circle drawn on the map with the mouse, around a position; degrees."""
    corners = [
        (lon + reach * math.cos(turn / 4), lat + 0.7 * reach * math.sin(turn / 4))
        for turn in range(25)
    ]
    await page.locator(".picture").scroll_into_view_if_needed()
    points = await page.evaluate(_ON_SCREEN, corners)
    await page.mouse.move(*points[0])
    await page.mouse.down()
    for point in points[1:]:
        await page.mouse.move(*point)
    await page.mouse.up()


_ON_SCREEN = """async (corners) => {
    const map = await (await fetch('map')).json();
    const picture = document.querySelector('.picture > svg');
    const to = picture.getScreenCTM();
    return corners.map(([lon, lat]) => {
        const at = new DOMPoint(map.margin + (lon - map.west) * map.perDegreeX,
            map.margin + (map.north - lat) * map.perDegreeY).matrixTransform(to);
        return [at.x, at.y];
    });
}"""


def last_message(c: Any, chat_id: int) -> str:
    query = select(deliveries.c.params).where(deliveries.c.chat_id == chat_id)
    return str(c.execute(query.order_by(deliveries.c.id.desc()).limit(1)).scalar())
