"""The flood of 建始 (Hubei) on 4 July 2023, replayed: from a rain gauge to the lifted warning.

Published (极目新闻, 2023-07-30, of the province's flood office): the county's orange warning at
04:01, and the calling with it; after 5 o'clock one household below 硝洞槽 woken and out, less than
half an hour before 140,000 m³ slid on its house; at 6 a debris flow through three houses at 金家湾;
at 08:02 some 200,000 m³ on three houses at 罗家嘴, whose 17 people had left ten minutes before;
nobody hurt. Ours: millimetres, levels of the river, the numbers of the other households, who
answers when, the rise to red, and the places: it is replayed in Dunhua.
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.config.settings_sources import SourcesSettings
from bot.config.settings_water import GaugeFeedSettings
from tests.imported import import_beside
from tests.roster import FLOOD_GROUP, TOWNSHIP, VILLAGES
from tests.stories.story import Actor, Story, story_of

ZONE = ZoneInfo("Asia/Shanghai")
STATIONS = (
    "站码,站名,区划代码,河流,设防水位,警戒水位,保证水位,1小时准备转移,1小时立即转移,预警村\n"
    f"90401,天生桥,{TOWNSHIP},,,,,30,50,{'、'.join(VILLAGES)}\n"
)


class Rain:
    """The file of the county's rain gauge: millimetres of the last hour."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story, self.path, self.rows = story, folder / "rain.csv", ["STCD,TM,DRP"]

    async def falls(self, millimetres: float) -> None:
        at = self.story.clock().astimezone(ZONE)
        self.rows.append(f"90401,{at:%Y-%m-%d %H:%M:%S},{millimetres}")
        self.path.write_text("\n".join(self.rows), encoding="gb18030")
        await self.story.fast_forward(minutes=1)


@pytest.fixture
async def story(tmp_path: Path):
    feed = GaugeFeedSettings(file=str(tmp_path / "rain.csv"), every_seconds=30)
    async with story_of(tmp_path, sources=SourcesSettings(gauges=(feed,))) as running:
        path = tmp_path / "stations.csv"
        path.write_text(STATIONS, encoding="utf-8")
        assert import_beside(running, "stations", path)[0] == 0
        yield running


async def picture(story: Story, actor: Actor) -> None:
    await story.server.watch.next_message(actor.id, where=lambda one: "photo" in one)


async def moves(actor: Actor, figures: str, recorded: str) -> None:
    """Somebody reports whom they moved: by the button, then in figures."""
    await actor.taps("已转移群众")
    await actor.sees("多少户")
    await actor.says(figures)
    await actor.sees(recorded)


async def test_orange_at_four_nobody_hurt_at_eight(story: Story, tmp_path: Path) -> None:
    head, rain = story["镇长"], Rain(story, tmp_path)
    woken, gully, slope = story["村长0"], story["村长1"], story["村长2"]
    # 04:01: more than 30 mm in an hour. The machine proposes, the township's head decides.
    await rain.falls(34)
    asked = await head.sees("发不发", "山洪灾害橙色预警", "天生桥")
    await head.taps("预览发布", message=asked)
    await picture(story, head)  # the curve
    await head.sees("发布前请核对", "将叫应 3 人")
    await head.taps("确认发布")
    card = await head.sees("山洪灾害橙色预警", "已回应 0 / 3")
    for person in (woken, gully, slope):
        await person.sees("山洪灾害橙色预警", "天生桥")
    await woken.sees("山洪灾害橙色预警", chat=FLOOD_GROUP)
    # The first answers within the five minutes, the others are reminded.
    await story.fast_forward(minutes=2)
    await woken.taps("收到")
    await story.fast_forward(minutes=3)
    for person in (gully, slope):
        await person.sees("没有收到您的回应")
        await person.taps("收到")
    # After 5: the household below the slope is out half an hour before 140,000 m³ come down.
    await story.fast_forward(minutes=10)
    await head.sees("叫应总结", "已回应 3 / 3")
    await moves(woken, "1户3人", "1 户 3 人")
    # It rains on, 72 mm in the last hour, and the machine proposes red. The head of the township
    # raises it, in words of his own, and everybody is asked again.
    await story.fast_forward(minutes=10)
    await rain.falls(72)
    proposed = await head.sees("预警有变更", "山洪灾害红色预警", "降雨72.0毫米")
    await picture(story, head)
    await head.says("/update 升级 红 雨还在下，立即转移所有人")
    change = await head.sees("升级", "🟠", "🔴")
    await head.taps("确认升级", message=change)
    for person in (woken, gully, slope):
        await person.sees("由橙色升级为红色", "立即转移所有人")
    await woken.sees("红色预警", chat=FLOOD_GROUP)
    assert "已回应 0 / 3" in head.shows(card)["text"]
    assert "已变更预警" in head.shows(proposed)["text"], "nothing waits to be decided any more"
    for person in (woken, gully, slope):
        await person.taps("收到")
    # At 6 three households (9 people, ours) are out before the debris flow; by 08:02, ten minutes
    # before some 200,000 m³ bury their houses, three households of 17 people.
    await story.fast_forward(minutes=20)
    await head.sees("叫应总结", "已回应 3 / 3")
    await moves(gully, "3户9人", "3 户 9 人")
    await moves(slope, "3户17人", "3 户 17 人")
    # Over: the head of the township lifts it, and everybody who got it reads so.
    await head.taps("解除预警", message=card)
    await head.taps("确定解除预警", message=card)
    for person in (woken, gully, slope):
        await person.sees("预警已解除")
    await woken.sees("预警已解除", chat=FLOOD_GROUP)
