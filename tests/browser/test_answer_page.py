"""The answer page on a small phone, without scripts: read, pressed, reported."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from data.database import Database
from data.tables.contacts import people
from tests.browser.chromium import in_one_browser, keep, opened
from tests.roster import fill
from tests.store.test_answer_page import HEAD, Visit

SMALL = {"width": 360, "height": 740}

pytestmark = in_one_browser


async def fits(page: Page) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SMALL["width"], "it has to be moved sideways"


async def test_a_village_head_answers_on_a_small_phone(browser: Browser, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'page.db'}", synchronous="off")
    fill(database)
    visit = Visit(database, "立即转移低洼地、山洪沟口群众，逐户敲门，不漏一人。")
    named = update(people).where(people.c.id == HEAD["id"]).values(name="王立国")
    database.do(lambda c: c.execute(named))
    small = opened(browser, viewport=SMALL, java_script_enabled=False)
    async with visit.client, small as page:
        await page.goto(str(visit.client.make_url(visit.path())))
        button = page.get_by_role("button", name="收到")
        box = await button.bounding_box()
        assert box is not None and box["width"] > 300 and box["height"] >= 80
        await fits(page)
        await keep(page, "answer-page")
        await button.click()
        await expect(page.get_by_role("heading", name="已记录")).to_be_visible()
        await page.get_by_label("户数").fill("12")
        await page.get_by_label("人数").fill("35")
        await fits(page)
        await keep(page, "answer-page-answered")
        await page.get_by_role("button", name="报告已转移").click()
        await expect(page.get_by_text("12 户 35 人")).to_be_visible()
        await page.goto(str(visit.client.make_url("/a/1-1-1.x")))
        await expect(page.get_by_role("heading", name="链接无效")).to_be_visible()
        await fits(page)
    await visit.page.stop()
    database.close()
