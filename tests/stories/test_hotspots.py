"""From a satellite hotspot to a warning: the nearest patroller refuses, the next finds a fire.

The feed is served by a local HTTP server and replayed poll by poll.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import insert, select, update

from alerts import alert_store
from alerts.model import Hazard
from bench.firms_feed import VIIRS_HEADER
from bot.actions.hotspots import HotspotShow
from bot.config.settings_patrol import FeedSettings
from contacts.people import Role
from data.audit import verify
from data.tables.contacts import divisions, people
from data.tables.hotspots import hotspot_tasks, hotspots
from data.tables.running import conversations
from tests.roster import COUNTY, FIRE_GROUP, TOWNSHIP, VILLAGES, person
from tests.stories.story import Actor, Story, buttons, story_of

FIRE = (43.40000, 128.20000)  # lat, lon; in Dunhua
SECOND = person(31, "护林员二", VILLAGES[0], Role.RANGER)
STEP = 0.0034  # a VIIRS pixel of latitude


class SatelliteFeed:
    """The feed, which answers what the test sets."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.page: str | None = None
        self.asked = 0

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        text = self.page or "\n".join([VIIRS_HEADER, *self.rows])
        return web.Response(text=text, headers={"ETag": f'"{len(text)}"'})

    def see(self, story: Story, *spots: tuple[float, float], minutes: float = 80) -> None:
        """A pass some minutes ago saw these."""
        at = story.clock() - timedelta(minutes=minutes)
        for lat, lon in spots:
            self.rows.append(
                f"{lat:.5f},{lon:.5f},331.2,0.42,0.38,{at:%Y-%m-%d},{at:%H%M},"
                "N20,VIIRS,n,2.0NRT,289.1,4.3,D"
            )


@pytest.fixture
async def sky():
    made = SatelliteFeed()
    app = web.Application()
    app.router.add_get("/feed.csv", made.answer)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/feed.csv"))
    yield made
    await server.close()


@pytest.fixture
async def story(tmp_path: Path, sky: SatelliteFeed):
    feeds = (FeedSettings(name="N20", url=sky.url, every_seconds=60),)
    async with story_of(tmp_path, feeds=feeds) as running:
        running.server.people.add_user(SECOND["telegram_id"], SECOND["name"], phone=SECOND["phone"])
        running.server.started_with_everybody()
        running.people[SECOND["name"]] = Actor(running, SECOND)

        def settle(c: Any) -> None:
            bot = c.execute(select(people.c.bot_id).limit(1)).scalar()
            c.execute(insert(people), [{**SECOND, "bot_id": bot}])
            village = update(divisions).where(divisions.c.code == VILLAGES[0])
            c.execute(village.values(lon=128.22, lat=43.41))

        running.app.database.do(settle)
        yield running


async def reports_from(story: Story, name: str, lat: float, lon: float) -> None:
    story.server.people.send_location(story[name].id, lat, lon, horizontal_accuracy=10)
    await story.settled()
    await story[name].sees("已记录")


async def photographs(story: Story, name: str) -> dict[str, Any]:
    story.server.people.send_photo(story[name].id, caption="现场照片")
    await story.settled()
    await story[name].sees("已上报")
    return await story.server.watch.next_message(FIRE_GROUP)


async def on_the_map(story: Story, name: str) -> dict[str, Any]:
    message = await story.server.watch.next_message(
        story[name].id, where=lambda one: "location" in one
    )
    return message["location"]


async def sees_map(story: Story, *names: str) -> dict[str, Any]:
    """Each of them gets the map of the hotspot; the last one's."""
    for name in names:
        chat = story[name].id
        message = await story.server.watch.next_message(chat, where=lambda shown: "photo" in shown)
        assert "热点 #1 位置图" in message["caption"]
    return message


async def two_are_near(story: Story) -> None:
    """The ranger 1 km away, the second 4 km away."""
    await reports_from(story, "护林员", FIRE[0] + 0.009, FIRE[1])
    await reports_from(story, "护林员二", FIRE[0] + 0.036, FIRE[1])


async def test_a_hotspot_is_verified_by_the_next_nearest_and_a_warning_goes_out(
    story: Story, sky: SatelliteFeed
) -> None:
    ranger, second = story["护林员"], story["护林员二"]
    await two_are_near(story)
    sky.see(story, FIRE)
    await story.fast_forward(seconds=30)
    asked = await ranger.sees(
        "热点核查 #1", "敦化市", "NOAA-20", "1 处高温", "约 1.0 公里", "5 分钟内"
    )
    assert "附近（西南 2.0 公里）" in asked["text"]
    assert "像元" not in asked["text"]
    assert buttons(asked) == ["✅ 我去", "❌ 去不了"]
    # The feed says the same again, and more, while the question is open: nobody is asked twice.
    sky.see(story, (FIRE[0] + STEP, FIRE[1]), minutes=78)
    await story.fast_forward(minutes=2)
    assert await ranger.taps("去不了", message=asked) == ""
    assert "改派别人" in ranger.shows(asked)["text"]
    asked = await second.sees("热点核查 #1", "2 处高温")
    await second.taps("我去", message=asked)
    accepted = second.shows(asked)
    for words in ("已接受", "一键报位", "拍一张照片", "12119"):
        assert words in accepted["text"]
    spot = await on_the_map(story, "护林员二")
    assert abs(spot["latitude"] - FIRE[0]) < 0.01
    await story.fast_forward(minutes=10)
    await reports_from(story, "护林员二", FIRE[0], FIRE[1] + 0.005)
    photo = await photographs(story, "护林员二")
    assert photo["photo"]
    await second.taps("森林火灾", message=asked)
    recorded = second.shows(asked)["text"]
    for words in ("已记录 #1", "森林火灾", "在现场", "有照片", "已报县值班员"):
        assert words in recorded
    await sees_map(story, "县值班", "县指挥")
    officer = await story["县值班"].sees("现场核实：森林火灾", "护林员二", "在现场", "有照片")
    assert not any("发布" in text for text in buttons(officer))
    alarm = await story["县指挥"].sees("现场核实：森林火灾", "预警已拟好")
    await story["县指挥"].taps("发布森林火灾预警", message=alarm)
    preview = await story["县指挥"].sees(
        "森林火灾", "敦化市", "西南2.0公里附近发现火情", "北纬43.40170°、东经128.20000°", "高德"
    )
    # The township of the village beside it is called, not the whole county.
    town = story.app.services.gazetteer.name(TOWNSHIP)
    assert f"{town}森林火灾红色预警" in preview["text"] and town[:3] in buttons(preview)[0]
    assert any("确认发布" in text for text in buttons(preview))
    await story["县指挥"].taps("确认发布", message=preview)
    released = story["县指挥"].shows(preview)
    assert "红色" in released["text"]
    for called in ("镇长", "村长0", "村长1", "村长2", "护林员", "护林员二"):
        await story[called].sees("森林火灾", "附近发现火情")
    story.server.watch.take(story["县指挥"].id)  # the progress card
    # The county's fire group hears of a fire in one of its townships.
    await story["县指挥"].sees("黄泥河镇森林火灾红色预警", chat=FIRE_GROUP)
    [drafted] = [
        found
        for found in story.app.database.read(alert_store.alerts)
        if found.hazard is Hazard.FOREST_FIRE
    ]
    assert drafted.areas == (TOWNSHIP,)
    assert story.app.database.read(verify).broken is None


async def test_silence_goes_on_and_the_county_gets_what_nobody_looked_at(
    story: Story, sky: SatelliteFeed
) -> None:
    ranger, second = story["护林员"], story["护林员二"]
    await two_are_near(story)
    sky.see(story, FIRE)
    await story.fast_forward(seconds=30)
    first = await ranger.sees("热点核查 #1")
    await story.fast_forward(minutes=5)
    await second.sees("热点核查 #1")
    await ranger.taps("我去", message=first)  # late, but nobody else has accepted: he goes
    await second.sees("护林员 去看，您不用去了")
    await on_the_map(story, "护林员")
    await story.fast_forward(minutes=24)
    story.expect_nothing()
    await story.fast_forward(minutes=1)
    due = await ranger.sees("热点 #1 已过 30 分钟", "去不了")
    await story.fast_forward(minutes=5)
    listed = await story["县值班"].sees("过时没有结果", "#1", "护林员 正在前往")
    await ranger.taps("农事用火", message=due)
    answer = ranger.shows(due)["text"]
    assert "没有现场位置" in answer
    assert "还没有照片" in answer
    await story["县值班"].sees("热点 #1 有结果", "农事用火", "没有现场位置")
    # From far away, after the verdict: bound to it, and marked.
    story.server.people.send_location(ranger.id, FIRE[0] + 0.03, FIRE[1], horizontal_accuracy=9)
    await story.settled()
    await ranger.sees("已记录")
    await ranger.sees("已记录 #1", "离热点")
    await story["县值班"].taps("#1", message=listed)
    card = await story["县值班"].sees("热点核查 #1", "已核查", "农事用火", "离热点")
    assert buttons(card) == ["🗺 地图"]
    await story["县值班"].taps("地图", message=card)
    shown = await sees_map(story, "县值班")
    assert "农事用火" in shown["caption"]
    await story.fast_forward(minutes=40)


async def test_many_pixels_reach_the_commander_before_anybody_went(
    story: Story, sky: SatelliteFeed
) -> None:
    sky.see(story, *((FIRE[0] + STEP * n, FIRE[1]) for n in range(4)))
    await story.fast_forward(seconds=30)
    await sees_map(story, "县值班", "县指挥")
    await story["县值班"].sees("4 个像元的热点，请立即核实")
    alarm = await story["县指挥"].sees("4 个像元的热点", "预警已拟好")
    await story["县值班"].sees("没有人去", "附近没有可派的人")
    await story["县指挥"].taps("发布森林火灾预警", message=alarm)
    assert "正在找人" not in alarm["text"] and "附近没有可派的人" in alarm["text"]
    preview = await story["县指挥"].sees("橙色", "附近发现火情")
    await story["县指挥"].taps("✖️ 取消", message=preview)
    await story["县值班"].says("/hotspots")
    listed = await story["县值班"].sees(
        "待核查热点 1 个", "敦化市", "附近没有可派的人", "N20", "最新观测"
    )
    await story["县值班"].taps("#1", message=listed)
    card = await story["县值班"].sees("热点核查 #1")
    await story["县值班"].taps("计划烧除", message=card)
    assert "计划烧除" in story["县值班"].shows(card)["text"]
    for name in ("县值班", "县指挥"):
        await story[name].sees("热点 #1 有结果", "计划烧除")


async def test_a_fire_that_was_none_is_taken_back(story: Story, sky: SatelliteFeed) -> None:
    second = story["护林员二"]
    await reports_from(story, "护林员二", *FIRE)
    sky.see(story, FIRE)
    await story.fast_forward(seconds=30)
    await second.taps("我去", message=await second.sees("热点核查 #1"))
    await on_the_map(story, "护林员二")
    keys = second.last_with("森林火灾")
    data = {
        button["text"]: button["callback_data"]
        for row in keys["reply_markup"]["inline_keyboard"]
        for button in row
    }
    await second.taps("森林火灾", message=keys)
    await sees_map(story, "县值班", "县指挥")
    await story["县值班"].sees("现场核实：森林火灾")
    alarm = await story["县指挥"].sees("现场核实：森林火灾", "预警已拟好")
    await second.forges(data["⭕ 未发现火情"], message_id=keys["message_id"])
    for name in ("县值班", "县指挥"):
        await story[name].sees("热点 #1 已更正：不是森林火灾", "未发现火情", "核实后取消")
    toast = await story["县指挥"].taps("发布森林火灾预警", message=alarm)
    assert "未发现火情" in toast and "没有拟预警" in toast


async def test_an_alarm_says_who_was_asked_and_then_who_goes(
    story: Story, sky: SatelliteFeed
) -> None:
    ranger, second = story["护林员"], story["护林员二"]
    await two_are_near(story)
    sky.see(story, *((FIRE[0] + STEP * n, FIRE[1]) for n in range(4)))
    await story.fast_forward(seconds=30)
    asked = await ranger.sees("4 处高温")
    caption = (await sees_map(story, "县值班", "县指挥"))["caption"]
    for name in ("县值班", "县指挥"):
        alarm = await story[name].sees("4 个像元", "护林员（434 米）", "等答复", "+8619900000030")
        assert "没有可派的人" not in alarm["text"] + caption
    assert "等答复" in caption
    await ranger.taps("去不了", message=asked)
    asked = await second.sees("4 处高温")
    await second.taps("我去", message=asked)
    await on_the_map(story, "护林员二")
    for name in ("县值班", "县指挥"):
        told = await story[name].sees("热点 #1 有人去看了", "去不了", "护林员二", "正在前往")
        assert "+8619900000031" in told["text"]
    await story["县值班"].says("/hotspots")
    listed = await story["县值班"].sees("护林员二", "正在前往")
    await story["县值班"].taps("#1", message=listed)
    await story["县值班"].sees("护林员二", "正在前往", "高德、腾讯地图")


async def test_who_heard_that_nobody_goes_hears_when_somebody_does(
    story: Story, sky: SatelliteFeed
) -> None:
    sky.see(story, FIRE)
    await story.fast_forward(seconds=30)
    await story["县值班"].sees("没有人去", "附近没有可派的人")
    await reports_from(story, "护林员", FIRE[0] + 0.009, FIRE[1])
    await story.fast_forward(minutes=5)
    asked = await story["护林员"].sees("热点核查 #1")
    await story["护林员"].taps("我去", message=asked)
    await on_the_map(story, "护林员")
    await story["县值班"].sees("有人去看了", "护林员", "正在前往")


async def test_the_list_is_for_those_in_charge_and_a_patroller_sees_his_own(
    story: Story, sky: SatelliteFeed
) -> None:
    await reports_from(story, "护林员", FIRE[0] + 0.009, FIRE[1])
    await story["护林员"].says("/hotspots")
    await story["护林员"].sees("现在没有要核查的热点")
    sky.see(story, FIRE)
    await story.fast_forward(seconds=30)
    await story["护林员"].sees("热点核查 #1")
    await story["护林员"].says("/hotspots")
    listed = await story["护林员"].sees("您的热点核查 1 个")
    await story["护林员"].taps("#1", message=listed)
    await story["护林员"].sees("您能去看吗")
    await story["图们指挥"].says("/hotspots")
    await story["图们指挥"].sees("现在没有要核查的热点")
    for data in ("ks:1", "kd:1", "km:1", "kv:1:farm_burning"):
        assert "区划范围" in await story["图们指挥"].forges(data)
    for data in ("ka:1", "kn:1"):
        assert "没有派给您" in await story["图们指挥"].forges(data)
    assert "没有这个" in await story["护林员"].forges("ka:77")
    for data in ("kv:1:volcano", "kv:1", "ka:x", "ks:"):
        assert "失效" in await story["护林员"].forges(data)


async def test_a_feed_in_trouble_is_said_and_loses_nothing(
    story: Story, sky: SatelliteFeed
) -> None:
    await two_are_near(story)
    sky.page = "<html>maintenance</html>"
    await story.fast_forward(minutes=4)
    asked = sky.asked
    assert asked == 3  # after one, two and four minutes: it rests longer each time
    await story["县值班"].says("/hotspots")
    await story["县值班"].sees("N20", "回复是网页", "再试")
    sky.page = None
    sky.see(story, FIRE)
    await story.fast_forward(minutes=8)
    await story["护林员"].sees("热点核查 #1")
    await story["省指挥"].sees("系统故障", "数据源没有消息", "N20")
    await story["省指挥"].sees("故障已解除", "数据源没有消息")
    found = story.app.database.read(lambda c: c.execute(select(hotspots.c.key)).all())
    assert len(found) == 1
    tasks = story.app.database.read(lambda c: c.execute(select(hotspot_tasks.c.id)).all())
    assert len(tasks) == 1
    story.server.watch.take(story["护林员二"].id)


async def drafted_areas(story: Story, sky: SatelliteFeed) -> tuple[str, ...]:
    """The areas of the warning that is drafted for four pixels."""
    sky.see(story, *((FIRE[0] + STEP * n, FIRE[1]) for n in range(4)))
    await story.fast_forward(seconds=30)
    await sees_map(story, "县值班", "县指挥")
    await story["县值班"].sees("4 个像元的热点")
    alarm = await story["县指挥"].sees("预警已拟好")
    await story["县值班"].sees("没有人去")
    await story["县指挥"].taps("发布森林火灾预警", message=alarm)
    await story["县指挥"].sees("发布前请核对")
    kept = select(conversations.c.state)
    return tuple(story.app.database.read(lambda c: c.execute(kept).scalar_one())["areas"])


async def test_a_fire_beside_no_known_village_is_the_countys(
    story: Story, sky: SatelliteFeed
) -> None:
    nowhere = update(divisions).values(lon=None, lat=None)
    story.app.database.do(lambda c: c.execute(nowhere))
    story.app.services.geography.reload()
    assert await drafted_areas(story, sky) == (COUNTY,)


async def test_where_nobody_is_registered_beside_it_the_county_is_called(
    story: Story, sky: SatelliteFeed
) -> None:
    elsewhere = update(people).where(people.c.division_code.startswith(TOWNSHIP[:9]))
    story.app.database.do(lambda c: c.execute(elsewhere.values(division_code="222403102000")))
    assert await drafted_areas(story, sky) == (COUNTY,)


async def test_no_patroller_reads_of_pixels(story: Story, sky: SatelliteFeed) -> None:
    ranger, second = story["护林员"], story["护林员二"]
    await two_are_near(story)
    sky.see(story, FIRE)
    await story.fast_forward(seconds=30)
    asked = await ranger.sees("热点核查 #1")
    await ranger.taps("去不了", message=asked)
    theirs = await second.sees("热点核查 #1")
    await second.taps("我去", message=theirs)
    await on_the_map(story, "护林员二")
    texts = [asked["text"], theirs["text"]]
    for who in (ranger, second):
        await who.forges(HotspotShow(1).encode())
        texts.append((await who.sees("热点核查 #1"))["text"])
        await who.says("/hotspots")
        texts.append((await who.sees("热点"))["text"])
    assert not [text for text in texts if "像元" in text or "像素" in text]
