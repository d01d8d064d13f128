"""A duty officer's night: silent people, answers by proxy, discharges, closing, and a restart."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from alerts.accounts import forget
from bot.app import App
from contacts.people import Contact, Role
from data.tables.contacts import shifts
from tests.roster import COUNTY, FLOOD_GROUP, person
from tests.stories.story import Story, buttons, settings_for, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_who_lists_the_silent_with_their_numbers(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    await story["村长1"].taps("收到")
    officer = story["镇值班"]
    await officer.says("/who")
    message = await officer.sees("未回应 3 人", "村长0", "威虎岭村", "+86199", "村长2")
    assert "村长1" not in message["text"]
    assert [text for text in buttons(message) if "村长0" in text]


async def test_whoever_is_on_shift_over_a_county_is_its_duty_officer(story: Story) -> None:
    """Whatever their post: a village head here; of lists, calls for help and the telephone."""
    now, keeper = story.clock(), story["村长2"]
    shift = {
        "person_id": keeper.row["id"],
        "division_code": COUNTY,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(hours=8),
    }
    story.app.database.do(lambda c: c.execute(insert(shifts).values(shift)))
    await story["村长0"].says("☎️ 值班电话")
    await story["村长0"].sees("敦化市：村长2 199 0000 0012")
    await release(story)
    await everybody_is_called(story)
    await keeper.taps("收到")
    await keeper.says("/who")
    listed = await keeper.sees("未回应 3 人", "村长0", "镇长", "+8619900000007")
    assert "已登记" in await keeper.taps("镇长 已电话叫应", message=listed)
    await story["村长0"].taps("收到")
    await story["村长0"].taps("需要支援")
    await story["村长0"].sees("需要什么支援")
    for name in ("镇值班", "县指挥"):
        await story[name].sees("请求支援", "村长0")
    await keeper.says("/status")
    await keeper.sees("📊 态势", "已回应 3 / 4")


async def test_whoever_was_erased_is_named_in_no_group_and_has_no_number(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长2", "镇长"):
        await story[name].taps("收到")
    gone = story["村长1"].row["id"]
    later = story.clock()
    story.app.database.do(lambda c: forget(c, gone, later))
    await story.fast_forward(minutes=4)
    listed = await story["镇值班"].sees("未回应 1 人", "永安村", "已不在名册，请另派人去叫")
    assert "☎️" not in listed["text"]


async def test_a_village_head_does_not_get_the_list(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    await story["村长1"].says("/who")
    message = await story["村长1"].sees()
    assert "+86" not in message["text"]


async def test_a_proxy_by_another_way_and_a_discharge_with_its_reason(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    officer = story["镇值班"]
    await officer.says("/who")
    listed = await officer.sees("未回应")
    await officer.taps("⋯" if "⋯" in " ".join(buttons(listed)) else "…", message=listed)
    shown = officer.shows(listed)
    assert "怎么叫应到的" in shown["text"]
    await officer.taps("销号", message=shown)
    await officer.sees("为什么把")
    await officer.says("人在外地，已由副主任负责")
    confirm = await officer.sees("确定把 镇长 销号", "人在外地，已由副主任负责")
    await officer.taps("确定销号：人在外地，已由副主任负责", message=confirm)
    assert "已销号" in officer.shows(confirm)["text"]
    await officer.says("/who")
    await officer.sees("未回应")
    await story["县指挥"].says("/status")
    await story["县指挥"].sees("未回应 3")


async def test_a_forged_proxy_of_somebody_not_in_charge_is_refused(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长1", "图们指挥"):
        toast = await story[name].forges("p:1:phone")
        assert "已登记" not in toast
        assert toast


async def test_closing_with_people_silent_needs_a_reason(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    chief = story["县指挥"]
    await chief.taps("销号")
    await chief.taps("写明原因并销号")
    await chief.sees("请写一句销号原因")
    await chief.says("全部已电话核实")
    confirm = await chief.sees("确定用这个原因销号", "全部已电话核实", "4 人未回应")
    await chief.taps("确定销号：全部已电话核实", message=confirm)
    assert "全部已电话核实" in chief.shows(confirm)["text"]
    await chief.sees("销号")  # the summary
    await story.fast_forward(minutes=12)  # nobody is chased any more


async def test_need_help_reaches_the_officers_at_once_with_the_number(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head = story["村长0"]
    await head.taps("收到")
    await head.taps("需要支援")
    await head.sees("需要什么支援")
    messages = {
        name: await story[name].sees("村长0", "+86199", "没有写原因")
        for name in ("镇值班", "县指挥")
    }
    await head.says("两台车，卧床老人 3 名")
    await head.sees("已转给上级")
    await story.settled()
    for name, message in messages.items():  # nobody is told twice: the message now holds the reason
        shown = story[name].shows(message)
        assert "两台车" in shown["text"]
        assert "没有写原因" not in shown["text"]


async def test_a_second_need_is_told_anew(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head = story["村长0"]
    await head.taps("收到")
    await head.taps("无法执行")
    await head.sees("说明原因")
    for name in ("镇值班", "县指挥"):
        await story[name].sees("村长0", "无法执行")
    await head.taps("需要支援")
    await head.sees("需要什么支援")
    for name in ("镇值班", "县指挥"):
        await story[name].sees("村长0", "请求支援")


async def test_many_who_need_help_are_one_list_an_officer(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2"):
        await story[name].taps("收到")
    await story.settled()
    await story["村长0"].taps("需要支援")
    await story["村长0"].sees("需要什么支援")
    for name in ("镇值班", "县指挥"):
        await story[name].sees("村长0", "+86199")
    await story["村长1"].taps("需要支援")
    await story["村长1"].sees("需要什么支援")
    for name in ("镇值班", "县指挥"):
        await story[name].sees("2 人", "村长1", "村长0", "+86199")
    await story["村长2"].taps("无法执行")
    await story["村长2"].sees("说明原因")
    for name in ("镇值班", "县指挥"):
        await story[name].sees("3 人", "村长2", "无法执行", "村长0")


async def test_an_answer_without_a_report_is_asked_for_it(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story.tick()
    await story["县指挥"].sees("销号")
    await story["村长0"].taps("已完成")
    await story.fast_forward(minutes=31)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].sees("报告")


async def test_coverage_says_what_helps_by_cause(tmp_path: Path) -> None:
    """Nobody registered, not linked, blocked: each has its own next step, and no other is told."""
    lost = person(90, "屏蔽", "222403102200", Role.VILLAGE_RESPONSIBLE, contact=Contact.BLOCKED)
    paper = person(91, "未绑", "222403102201", Role.VILLAGE_RESPONSIBLE, linked=False)
    async with story_of(tmp_path, more=(lost, paper)) as story:
        await story["县值班"].says("/coverage")
        said = await story["县值班"].sees(
            "怎么办", "没有登记人员：请乡镇", "没有绑定：请责任人", "屏蔽了机器人：请本人"
        )
        for other in ("没有打开过机器人", "已注销", "没有值班员"):
            assert other not in said["text"]
        await story["州指挥"].says("/coverage")
        await story["州指挥"].sees("没有值班员的区划", "没有值班员：请在通讯录登记")


async def test_coverage_and_the_handbook(story: Story) -> None:
    await story["县值班"].says("/coverage")
    await story["县值班"].sees("敦化市", "村")
    await story["县值班"].says("/handbook 村长0")
    await story["县值班"].sees("村长0", "+86199")
    await story["村长1"].says("/handbook 村长0")
    message = await story["村长1"].sees()
    assert "+8619900000010" not in message["text"]


async def test_the_group_post_shows_the_progress(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    post = story["村长0"].last_with("收到", FLOOD_GROUP)
    await story["村长0"].taps("收到")
    await story.tick()
    assert "1" in story["村长0"].shows(post)["text"]
    assert "4" in story["村长0"].shows(post)["text"]


async def test_a_restart_in_the_middle_of_composing_loses_nothing(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    await chief.sees("发布前请核对")
    await story.app.stop()
    restarted = App(
        settings_for(story.server), story.app.database, clock=story.clock, ticking=False
    )
    story.app = restarted
    await restarted.start()
    try:
        await restarted.ready()
        await chief.taps("确认发布")
        await chief.sees("已回应")
        await everybody_is_called(story)
    finally:
        await story.settled()


@pytest.mark.parametrize("text", ["你好", "😀", "<b>x</b> & *y*", "x" * 4000, "/nonsense"])
async def test_whatever_is_typed_gets_one_clear_answer(story: Story, text: str) -> None:
    await story["村长0"].says(text)
    await story["村长0"].sees()


async def the_list_comes(story: Story) -> dict:
    """Eight minutes of silence in one village, and the duty officer's list."""
    await release(story)
    await everybody_is_called(story)
    for name in ("村长2", "镇长"):
        await story[name].taps("收到")
    await story.fast_forward(minutes=2)
    for name in ("村长0", "村长1"):
        await story[name].sees("没有收到您的回应")
    await story.fast_forward(minutes=3)
    await story["副村长0"].sees("敦化市暴雨红色预警", "村长0")
    await story["副村长0"].taps("收到")
    await story.fast_forward(minutes=1)
    await story["村长1"].sees("村长0", chat=FLOOD_GROUP)
    await story.fast_forward(minutes=2)
    return await story["镇值班"].sees("未回应 2 人", "村长0", "村长1")


async def test_whoever_answers_leaves_the_list_in_the_officers_chat(story: Story) -> None:
    listed = await the_list_comes(story)
    officer = story["镇值班"]
    await story["村长0"].taps("收到")
    await story.tick()
    shown = officer.shows(listed)
    assert "未回应 1 人" in shown["text"]
    assert "村长0" not in shown["text"] + " ".join(buttons(shown))
    await story["村长1"].taps("收到")
    await story.tick()
    await story["县指挥"].sees("销号")  # closed by itself, and still the list is brought up to date
    shown = officer.shows(listed)
    assert "没有未回应的人" in shown["text"]
    assert not [text for text in buttons(shown) if "已电话叫应" in text]


async def test_the_list_does_not_change_under_the_officers_finger(story: Story) -> None:
    listed = await the_list_comes(story)
    officer = story["镇值班"]
    await officer.taps("⋯", message=listed)
    await story["村长1"].taps("收到")
    await story.tick()
    opened = officer.shows(listed)
    assert "怎么叫应到的" in opened["text"]
    await officer.taps("返回名单", message=opened)
    assert "未回应 1 人" in officer.shows(listed)["text"]
    await story["村长0"].taps("收到")
    await story.tick()
    await story["县指挥"].sees("销号")
    assert "没有未回应的人" in officer.shows(listed)["text"]
