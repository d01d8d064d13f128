"""Radar pictures in the county's group while a warning is in force: new ones only, and muted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.config.settings_sources import PictureSettings, SourcesSettings
from data.tables.hotspots import feeds
from tests.roster import COUNTY, FLOOD_GROUP
from tests.stories.story import Story, story_of
from tests.unit.test_sky_pictures import picture


class Radar:
    """A server with a picture for each of the times that the test sets."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.asked: list[str] = []

    def put(self, moment: datetime, body: bytes) -> None:
        self.pictures[f"{moment:%Y%m%d%H%M}"] = body

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        body = self.pictures.get(name)
        return web.Response(status=404) if body is None else web.Response(body=body)


@pytest.fixture
async def radar():
    made, app = Radar(), web.Application()
    app.router.add_get("/{name}.png", made.answer)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/")) + "{time:%Y%m%d%H%M}.png"
    yield made
    await server.close()


@pytest.fixture
async def story(tmp_path: Path, radar: Radar):
    source = PictureSettings(url=radar.url, areas=(COUNTY,))
    async with story_of(tmp_path, sources=SourcesSettings(pictures=(source,))) as running:
        yield running


def at(story: Story, minutes: float = 0) -> datetime:
    """The ten minutes of so many minutes ago."""
    now = story.clock() - timedelta(minutes=minutes)
    return now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % timedelta(minutes=10)


def beijing(moment: datetime) -> str:
    return f"{moment + timedelta(hours=8):%m-%d %H:%M}"


async def shown(story: Story) -> dict[str, Any]:
    """Take the picture that came to the county's group."""
    return await story.server.watch.next_message(FLOOD_GROUP, where=lambda shown: "photo" in shown)


def bytes_of(story: Story, message: dict[str, Any]) -> bytes:
    stored = story.server.world.files.by_id(message["photo"][-1]["file_id"])
    assert stored is not None
    return stored.content


async def warned(story: Story) -> dict[str, Any]:
    """A blue warning for the county, answered by everybody: it holds, and nobody is chased."""
    chief = story["县指挥"]
    await chief.says("/warn 蓝 暴雨 敦化市 注意防范")
    await chief.sees("发布前请核对")
    await chief.taps("确认发布")
    card = await chief.sees("已回应")
    await story["村长0"].sees("暴雨蓝色预警", chat=FLOOD_GROUP)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("暴雨蓝色预警")
        await story[name].taps("收到")
    await story.tick()
    await chief.sees("销号")
    return card


async def later(story: Story, minutes: float) -> None:
    """So much time passes, with one look at the end: nothing of the ladder is due meanwhile."""
    story.clock.advance(timedelta(minutes=minutes))
    await story.tick()


async def test_new_pictures_follow_a_warning_and_old_ones_do_not(
    story: Story, radar: Radar
) -> None:
    duty, village = story["县值班"], story["村长0"]
    await story.tick()
    assert not radar.asked  # nothing is in force here
    first = at(story, 10)
    radar.put(first, picture(shade=1))
    card = await warned(story)
    message = await shown(story)
    assert message["caption"].startswith("🛰 雷达回波图\n🕒 图片时间 " + beijing(first))
    assert "生效中：🔵 敦化市暴雨蓝色预警" in message["caption"]
    assert bytes_of(story, message) == picture(shade=1)
    # The same bytes under a later time, and a web page, are no picture; the next one is.
    radar.put(at(story), picture(shade=1))
    await later(story, 11)
    radar.put(at(story), b"<html>busy</html>")
    await later(story, 11)
    assert await fault(story) == "html"
    second = at(story)
    radar.put(second, picture(shade=2))
    await later(story, 11)
    assert beijing(second) in (await shown(story))["caption"]
    # Whoever watches there may have it stopped, for all to read, and begun again.
    assert "值班" in await village.taps("不再发图", chat=FLOOD_GROUP)
    await duty.taps("不再发图", chat=FLOOD_GROUP)
    await duty.sees("县值班 已让本群不再收图", chat=FLOOD_GROUP)
    third = at(story)
    radar.put(third, picture(shade=3))
    await later(story, 11)
    story.expect_nothing()
    await duty.taps("恢复发图", chat=FLOOD_GROUP)
    await story.tick()
    assert beijing(third) in (await shown(story))["caption"]
    # No new one for two hours: said once in the group, and to whoever watches over jiaoying.
    await later(story, 115)
    await duty.sees("⚠️ 雷达回波图", beijing(third) + " 以后没有新图", chat=FLOOD_GROUP)
    for _ in range(2):
        await later(story, 0.5)
    await story["省指挥"].sees("数据源没有消息", "radar（被拒绝")
    await later(story, 10)
    fourth = at(story)
    radar.put(fourth, picture(shade=4))
    # Lifted: no more, whatever comes.
    chief = story["县指挥"]
    await chief.taps("解除预警", message=card)
    await chief.taps("确定解除")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("预警已解除")
    await village.sees("预警已解除", chat=FLOOD_GROUP)
    asked = len(radar.asked)
    await later(story, 60)
    assert len(radar.asked) == asked
    await story["省指挥"].sees("故障已解除：数据源没有消息")


async def fault(story: Story) -> str | None:
    """What is wrong with the source, as an operator is told."""
    query = select(feeds.c.fault).where(feeds.c.name == "radar")
    return await story.app.services.database.ask(lambda c: c.execute(query).scalar())
