"""A river rises: from a file of readings to the warning of the villages along it."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from alerts import alert_store
from alerts.model import IN_FORCE
from bot.config.settings_sources import SourcesSettings
from bot.config.settings_water import GaugeFeedSettings, WaterSettings
from bot.pictures.curve import HEIGHT, WIDTH
from tests.imported import import_beside
from tests.roster import TOWNSHIP, VILLAGES
from tests.security.scene import forget
from tests.stories.story import Actor, Story, buttons, story_of

ZONE = ZoneInfo("Asia/Shanghai")
STATIONS = (
    "站码,站名,区划代码,河流,设防水位,警戒水位,保证水位,1小时准备转移,1小时立即转移,预警村\n"
    f"10800,黄泥河,{TOWNSHIP},黄泥河,339,340,341.5,,,{VILLAGES[0]}、{VILLAGES[1]}\n"
    f"10801,威虎岭,{TOWNSHIP},,,,,30,50,{VILLAGES[2]}\n"
    f"10802,官地,{TOWNSHIP},沙河,12,13,14,,,\n"
)


class Gauges:
    """The file that another program writes, row by row."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story, self.path, self.rows = story, folder / "water.csv", ["STCD,TM,Z,DRP"]

    def say(self, code: str, value: object, *, rain: object = "", minutes: float = 0) -> None:
        at: datetime = self.story.clock() - timedelta(minutes=minutes)
        self.rows.append(f"{code},{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S},{value},{rain}")
        self.path.write_text("\n".join(self.rows), encoding="gb18030")

    async def rises(self, *levels: float, minutes: float = 4) -> None:
        for level in levels:
            self.say("10800", level)
            await self.story.fast_forward(minutes=minutes)


@pytest.fixture
async def story(tmp_path: Path):
    feed = GaugeFeedSettings(file=str(tmp_path / "water.csv"), every_seconds=60)
    sources, soon = SourcesSettings(gauges=(feed,)), WaterSettings(calm_hours=0.5)
    async with story_of(tmp_path, sources=sources, water=soon) as running:
        path = tmp_path / "stations.csv"
        path.write_text(STATIONS, encoding="utf-8")
        code, said = import_beside(running, "stations", path)
        assert code == 0 and "新增 3" in said and "已导入" in said
        yield running


async def sees_curve(story: Story, actor: Actor, *texts: str) -> Image.Image:
    shown = await story.server.watch.next_message(actor.id, where=lambda one: "photo" in one)
    for text in texts:
        assert text in shown["caption"], shown["caption"]
    stored = story.server.world.files.by_id(shown["photo"][-1]["file_id"])
    assert stored is not None
    picture = Image.open(io.BytesIO(stored.content)).convert("RGB")
    assert picture.size == (WIDTH, HEIGHT)
    return picture


async def test_a_river_rises_and_its_villages_are_warned(story: Story, tmp_path: Path) -> None:
    head, duty, gauges = story["镇长"], story["县值班"], Gauges(story, tmp_path)
    gauges.say("10802", 10.2)
    gauges.say("10801", "", rain=3)
    await gauges.rises(338.6, 338.8, 339.3)
    asked = await head.sees("发不发", "洪水蓝色预警", "黄泥河站", "超过设防水位（339.00米）0.30米")
    assert buttons(asked) == ["👁 预览发布", "✖️ 不发"]
    await sees_curve(story, head, "黄泥河站", "339.30", "超设防 0.30", "每小时涨")
    # Before anybody decided it is higher: one question, the newest.
    await gauges.rises(339.9, 340.5)
    asked = await head.sees(
        "发不发", "洪水黄色预警", "超过警戒水位（340.00米）0.50米", "到保证水位"
    )
    curve = await sees_curve(story, head, "超警戒 0.50")
    drawn = curve.crop((140, 190, 1000, 800)).getcolors(2**20)
    assert drawn is not None and len(drawn) > 5, "nothing but paper"
    await head.taps("预览发布", message=asked)
    await head.sees("洪水黄色预警", "340.50米", "将叫应 2 人")
    await head.taps("确认发布")
    await head.sees("已回应 0 / 2")
    await story["村长0"].sees("洪水黄色预警", "超过警戒水位")
    await story["村长1"].sees("洪水黄色预警")
    # Whoever is on duty looks at all gauges, and at the curve of one.
    await duty.says("/water")
    listed = await duty.sees("敦化市水情", "🟡 黄泥河", "340.50", "超警戒 0.50", "↑7.35/时", "官地")
    lines = listed["text"].splitlines()
    assert "黄泥河" in lines[1] and "1小时 3.0毫米 距准备转移 27" in listed["text"]
    await duty.taps("📈 黄泥河", message=listed)
    await sees_curve(story, duty, "黄泥河站")
    await duty.says("/water 官地站")
    await sees_curve(story, duty, "沙河 官地站", "10.20", "距设防 1.80")
    await duty.says("/water 没有")
    await duty.sees("没有叫「没有」的站")
    # A villager has no such list.
    await story["村长0"].says("/water")
    await story["村长0"].sees("不是")
    # Higher while it runs: an upgrade of that warning, and everybody is asked again.
    await gauges.rises(341.7)
    asked = await head.sees("预警有变更", "洪水橙色预警", "超过保证水位（341.50米）0.20米")
    assert buttons(asked) == ["👁 预览变更", "✖️ 不变更"]
    await sees_curve(story, head, "超保证 0.20")
    await head.taps("预览变更", message=asked)
    shown = await head.sees("变更前请核对", "由黄色升级为橙色", "重新叫应 2 人")
    await head.taps("确认变更为橙色", message=shown)
    for name in ("村长0", "村长1"):
        again = await story[name].sees("洪水橙色预警", "超过保证水位")
        await story[name].taps("收到", message=again)
    assert "已变更预警" in head.shows(asked)["text"]
    alerts = story.app.database.read(lambda c: alert_store.alerts(c, *IN_FORCE))
    assert [one.level.value for one in alerts if one.hazard.value == "river_flood"] == ["orange"]
    # It falls, and stays below: the lifting is proposed, and everybody hears of it.
    await gauges.rises(340.1, 338.5, 338.2, 338.0, minutes=10.5)
    await head.sees("洪水橙色预警")  # the summary of the calling
    asked = await head.sees("水情已退", "已回落", "每小时落")
    await sees_curve(story, head, "338.00")
    await head.taps("预览解除", message=asked)
    await head.taps("确定解除预警")
    for name in ("村长0", "村长1"):
        await story[name].sees("解除")
    await story.settled()
    assert "已解除预警" in head.shows(asked)["text"] and buttons(head.shows(asked)) == ["📊 看态势"]
    forget(story)
