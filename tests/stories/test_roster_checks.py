"""Once a season: an officer asks everybody whether it is still them, and hears who is not."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from data.tables.contacts import people, posts
from tests.roster import TOWNSHIP, VILLAGES
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_late_reports import said

BELOW = ("镇值班", "镇长", "村长0", "村长1", "村长2", "副村长0", "护林员")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_an_officer_checks_the_roster_with_three_taps(story: Story) -> None:
    officer = story["镇长"]
    await officer.says("/coverage")
    await officer.sees("黄泥河镇", "防汛", "名册核对")
    await officer.taps("全员核对")
    await officer.sees("问 7 人", "机器人能问到 7 人")
    await officer.taps("开始核对")
    await story.settled()
    for name in BELOW:
        await story[name].sees("还是您吗", name)
    await story["村长0"].taps("还管这里")
    await story["村长0"].sees("已记下：还是您")
    await story["村长1"].taps("不管这里了")
    await story["村长1"].sees("已告诉上级")
    for name in ("镇长", "镇值班"):
        await story[name].sees("村长1", "不管这里", "接任")
    await officer.says("/coverage")
    covered = await officer.sees("可能已离任 1 人", "本人说不是了")
    assert "村长1" in covered["text"]
    # The buttons stay: whoever pressed the wrong one presses the right one.
    await story["村长1"].taps("还管这里")
    await story["村长1"].sees("已记下：还是您")
    for name in ("镇长", "镇值班"):
        await story[name].sees("已更正", "村长1", "不用再找人接任")
    story.clock.advance(timedelta(days=4))
    await story.tick()
    for name in ("副村长0", "护林员", "村长2", "镇长", "镇值班"):
        await story[name].sees("还没收到您的回答", name)
    story.clock.advance(timedelta(days=4))
    await story.tick()
    told = await officer.sees("核对结束", "还在 2", "没回答 5 人", "副村长0", "护林员")
    assert "村长0" not in told["text"].replace("副村长0", "")
    await story["县值班"].sees("核对结束", "没回答 5 人")
    # Somebody answers after its end: whoever was given the list does not ring them up; but who has
    # another post since reads of nobody here any more.
    moved = update(people).where(people.c.name == "县值班").values(role="village_responsible")
    story.app.database.do(lambda c: c.execute(moved))
    await story["护林员"].taps("还管这里")
    await story["护林员"].sees("已记下：还是您")
    await story.settled()
    listed = said(story, "镇长", "核对结束")["text"]
    assert "还在 3" in listed and "没回答 4 人" in listed and "护林员" not in listed
    assert "没回答 5 人" in said(story, "县值班", "核对结束")["text"]


async def test_of_several_posts_it_is_said_which_is_not_theirs_any_more(story: Story) -> None:
    more = {"person_id": 10, "role": "village_responsible", "division_code": VILLAGES[2]}
    story.app.database.do(lambda c: c.execute(insert(posts).values(more)))
    officer, head = story["镇长"], story["村长0"]
    await officer.says("/coverage")
    await officer.sees("名册核对")
    await officer.taps("全员核对")
    await officer.sees("问 7 人")
    await officer.taps("开始核对")
    await story.settled()
    for name in BELOW:
        await story[name].sees("还是您吗", name)
    await head.taps("有的已不归我管")
    which = await head.sees("哪一处已不归您管", "还没有记下")
    assert [words.split()[-2:] for words in buttons(which)] == [
        ["威虎岭村", "包保责任人"],
        ["大川村", "包保责任人"],
    ]
    forged = f"rn:1:2:{VILLAGES[1]}"
    await head.forges(forged, message_id=which["message_id"])
    await head.sees("名单已有变动，没有记下")
    await head.taps("大川村", message=which)
    await head.sees("已记下", "大川村 包保责任人 不归您管了", "已告诉上级")
    assert buttons(head.shows(which)) == ["↪️ 1. 威虎岭村 包保责任人"]
    for name in ("镇长", "镇值班"):
        told = await story[name].sees("有人说已不管这里", "村长0", "大川村 包保责任人")
        assert "威虎岭村" not in told["text"]
    await head.taps("是我，还管这里")
    await head.sees("已记下：还是您")
    for name in ("镇长", "镇值班"):
        await story[name].sees("已更正", "村长0")


async def test_a_village_head_begins_no_check(story: Story) -> None:
    head = story["村长0"]
    await head.says("/coverage")
    message = await head.sees("威虎岭村")
    assert "全员核对" not in " ".join(buttons(message))
    assert "不能操作" in await head.forges(f"rb:{TOWNSHIP}")


async def test_the_command_begins_one_and_lists_the_silent(story: Story, tmp_path: Path) -> None:
    jiaoying = CommandLine(tmp_path)
    assert (await jiaoying("confirm", TOWNSHIP, "--status")).code == 1
    several = await jiaoying("confirm", "朝阳")
    assert (several.code, "有多处" in several.out) == (1, True), "nobody is asked by mistake"
    begun = await jiaoying("confirm", TOWNSHIP)
    assert (begun.code, "正在问 7 人" in begun.out) == (0, True)
    await story.fast_forward(minutes=1)  # the command line has a clock of its own
    for name in BELOW:
        await story[name].sees("还是您吗")
    await story["护林员"].taps("我不是这个人")
    await story["护林员"].sees("不是本人")
    for name in ("镇长", "镇值班"):
        await story[name].sees("护林员", "绑错了账号")
    again = await jiaoying("confirm", TOWNSHIP)
    assert "不是本人 1" in again.out
    assert "没回答：延边州 敦化市 黄泥河镇 威虎岭村 包保责任人 村长0" in again.out
    facts = (await jiaoying("confirm", "黄泥河镇", "--status", "--json")).facts
    assert (facts["begun"], facts["asked"], facts["silent"], facts["not_me"]) == (False, 7, 6, 1)
