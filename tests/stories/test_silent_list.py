"""Thirty silent people and several officers: by township, only some, who rings whom, as a file."""

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from contacts.access_log_store import Shown, of_person
from contacts.people import Role
from data import audit
from tests.roster import COUNTY, FLOOD_GROUP, person
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import LINE

GUANDI = [f"2224031022{n:02d}" for n in range(20)]  # villages of 官地镇
SHAHEYAN = [f"2224031032{n:02d}" for n in range(10)]  # of 沙河沿镇
MANY = tuple(
    person(100 + n, f"未绑{n}", code, Role.VILLAGE_RESPONSIBLE, linked=False)
    for n, code in enumerate(GUANDI + SHAHEYAN)
)
SECOND = person(99, "县副班", COUNTY, Role.DUTY_OFFICER)
TOWNSHIPS = ("官地镇", "沙河沿镇")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, more=(SECOND, *MANY)) as running:
        yield running


async def listed(story: Story) -> list[dict[str, Any]]:
    """A red warning: whom Telegram does not reach goes on a list at once, to both officers."""
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.sees("发布前请核对", "将叫应 34 人", "30 人联系不上")
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("敦化市暴雨红色预警")
    await story["村长0"].sees("敦化市暴雨红色预警", chat=FLOOD_GROUP)
    await story.fast_forward(seconds=30)
    story.without_ticks |= {"sweep", "audit"}  # here only the list changes, and nobody is reminded
    return [await story[name].sees("未回应 34 人") for name in ("县值班", "县副班")]


def keys(message: dict[str, Any], words: str) -> list[str]:
    return [text for text in buttons(message) if words in text]


async def test_a_county_finds_its_people_by_township(story: Story) -> None:
    first, _ = await listed(story)
    duty = story["县值班"]
    assert "黄泥河镇 " in first["text"] and "官地镇 北河沿村" in first["text"]
    await duty.taps("按乡镇看", message=first)
    places = duty.shows(first)
    assert "官地镇：20 人（联系不上 20）" in places["text"]
    assert "沙河沿镇：10 人" in places["text"] and "黄泥河镇：4 人" in places["text"]
    await duty.taps("沙河沿镇 10", message=places)
    township = duty.shows(first)
    assert "未回应 10 人" in township["text"] and "未绑20" in township["text"]
    assert "官地镇" not in township["text"]
    await duty.taps("下一页", message=township)
    assert "未绑28" in duty.shows(first)["text"]
    # What is recorded there leaves the officer there, and so does an edit when others answer.
    await duty.taps("未绑29 已电话叫应", message=duty.shows(first))
    shown = duty.shows(first)
    assert "未回应 9 人" in shown["text"] and "未绑28" in shown["text"]
    await story["镇值班"].says("/who")
    of_township = await story["镇值班"].sees("未回应 4 人")
    await story["镇值班"].taps("镇长 已电话叫应", message=of_township)
    await story.tick()
    shown = duty.shows(first)
    assert "未回应 9 人" in shown["text"] and "未绑28" in shown["text"]
    await duty.taps("别的地方", message=shown)
    assert "沙河沿镇：9 人" in duty.shows(first)["text"]
    await duty.taps("返回名单", message=duty.shows(first))
    assert "未回应 32 人" in duty.shows(first)["text"]


async def test_only_those_that_telegram_does_not_reach(story: Story) -> None:
    first, _ = await listed(story)
    duty = story["县值班"]
    await duty.taps("联系不上 30", message=first)
    shown = duty.shows(first)
    assert "只看 Telegram 联系不上的：30 人" in shown["text"]
    assert "未绑0" in shown["text"] and "村长0" not in shown["text"]
    assert keys(shown, "● 联系不上 30")
    await duty.taps("未绑0 已电话叫应", message=shown)
    assert "联系不上的：29 人" in duty.shows(first)["text"]
    await duty.taps("全部 33", message=duty.shows(first))
    assert "村长0" in duty.shows(first)["text"]


async def test_nobody_is_rung_up_twice(story: Story) -> None:
    first, second = await listed(story)
    duty, other = story["县值班"], story["县副班"]
    for officer, mine in ((duty, first), (other, second)):
        await officer.taps("联系不上 30", message=mine)
    assert "您在打 未绑0" in await duty.taps("我在打", message=duty.shows(first))
    assert "您正在打" in duty.shows(first)["text"] and "+86199" in duty.shows(first)["text"]
    await story.tick()
    shown = other.shows(second)
    assert "📲 县值班 正在打" in shown["text"]
    assert keys(shown, "县值班 在打") and "没人在打 33" in " ".join(buttons(shown))
    # Not by the forged button of a list from before either: it says who rings.
    assert "县值班 正在打 未绑0" in await other.forges("rg:5:0", message_id=second["message_id"])
    await other.taps("返回名单", message=other.shows(second))
    await other.taps("没人在打 33", message=other.shows(second))
    assert "未绑0 " not in other.shows(second)["text"]
    # Nobody answered the telephone: free for the others.
    await duty.taps("没打通", message=duty.shows(first))
    assert "正在打" not in duty.shows(first)["text"]
    await story.tick()
    assert "没人在打 34" in " ".join(buttons(other.shows(second)))


async def test_ringing_ends_by_itself_or_with_the_answer(story: Story) -> None:
    first, second = await listed(story)
    duty, other = story["县值班"], story["县副班"]
    await duty.taps("我在打", message=first)
    await story.tick()
    assert "县值班 正在打" in other.shows(second)["text"]
    await story.fast_forward(minutes=5)
    await story["村长0"].sees("还有", "官地镇 北河沿村", chat=FLOOD_GROUP)
    assert "正在打" not in other.shows(second)["text"]
    await other.taps("我在打", message=other.shows(second))
    assert "镇长" in other.shows(second)["text"]
    await other.taps("📞 电话叫应", message=other.shows(second))
    await story.tick()
    shown = other.shows(second)["text"]
    assert "未回应 33 人" in shown and "镇长" not in shown and "正在打" not in shown
    assert "已回应或已销号" in await duty.forges("rg:1:0", message_id=first["message_id"])


async def test_one_officer_takes_over_from_another(story: Story) -> None:
    first, second = await listed(story)
    duty, other = story["县值班"], story["县副班"]
    await duty.taps("联系不上 30", message=first)
    await other.taps("联系不上 30", message=second)
    await duty.taps("我在打", message=duty.shows(first))
    await story.tick()
    await other.taps("县值班 在打", message=other.shows(second))
    assert "县值班 正在打" in other.shows(second)["text"]
    await other.taps("换我来打", message=other.shows(second))
    assert "您正在打" in other.shows(second)["text"]
    await duty.taps("没打通", message=duty.shows(first))  # they rang no more: nothing ends
    assert "县副班 正在打" in duty.shows(first)["text"]


async def test_who_may_not_act_for_somebody_rings_nobody(story: Story) -> None:
    await listed(story)
    for name in ("村长1", "图们指挥"):
        assert await story[name].forges("rg:1:0")
        assert await story[name].forges("ri:1:0")
        assert await story[name].forges("lx:1")
        assert await story[name].forges("lp:1::0")
    trail = story.app.database.read(
        lambda c: [entry["action"] for entry in audit.trail_of_alert(c, 1, range(1, 40))]
    )
    assert "call.ringing" not in trail and "alert.silent_exported" not in trail


async def test_the_list_as_a_spreadsheet(story: Story) -> None:
    first, _ = await listed(story)
    duty = story["县值班"]
    await duty.taps("按乡镇看", message=first)
    await duty.taps("官地镇 20", message=duty.shows(first))
    assert "马上发来" in await duty.taps("导出表格", message=duty.shows(first))
    sent = await story.server.watch.next_message(duty.id, where=lambda shown: "document" in shown)
    assert "未回应 20 人" in sent["caption"] and sent["document"]["file_name"].endswith(".xlsx")
    stored = story.server.world.files.by_id(sent["document"]["file_id"])
    sheet = openpyxl.load_workbook(BytesIO(stored.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows) == 21
    assert rows[1][1:5] == ["北河沿村", "未绑0", "包保责任人", MANY[0]["phone"]]
    assert "未绑定" in rows[1][6]
    trail = story.app.database.read(lambda c: list(audit.trail_of_alert(c, 1, ())))
    assert [entry["actor"] for entry in trail if entry["action"] == "alert.silent_exported"] == [5]
    await story.tick()
    looks = story.app.database.read(lambda c: of_person(c, MANY[10]["id"]))  # of no list's page
    assert [(look.viewer_id, look.what) for look in looks] == [(duty.row["id"], Shown.PHONE)]


async def test_a_list_asked_for_says_at_once_who_rings_whom(story: Story) -> None:
    """The reply to /who is a list as any other: it does not stand there with what was true once."""
    await listed(story)
    chief, second = story["县指挥"], story["县副班"]
    await chief.says("/who")
    asked_for = await chief.sees("未回应 34 人")
    await second.taps("我在打")
    await story.tick()
    assert "县副班 正在打" in chief.shows(asked_for)["text"]
    await story["村长0"].taps("收到")
    await story.tick()
    assert "未回应 33 人" in chief.shows(asked_for)["text"]
    assert "更新于" in chief.shows(asked_for)["text"]
