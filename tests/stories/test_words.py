"""What people type, say and sign: understood as meant, or told plainly that it was not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import alert_store, call_store
from alerts.calls import Call, Via
from alerts.model import State
from alerts.patrol.distress import store as distress_store
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.field_reports.model import FieldReport
from data import audit
from tests.roster import COUNTY, FIRE_GROUP, FLOOD_GROUP
from tests.stories.story import Actor, Story, buttons, story_of

RAIN, FLOOD = "敦化市暴雨红色预警", "敦化市山洪灾害红色预警"
CALLED = ("村长0", "村长1", "村长2", "镇长")
QUESTION_DIES = timedelta(minutes=10, seconds=1)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def release(story: Story, hazard: str = "暴雨") -> dict[str, dict[str, Any]]:
    """A red warning of the county is out; the message each person called has got."""
    chief = story["县指挥"]
    await chief.says(f"/warn 红 {hazard} 敦化市 立即转移低洼地群众")
    await chief.sees("发布前请核对")
    await chief.taps("确认发布")
    await chief.sees("已回应")
    got = {name: await story[name].sees(f"敦化市{hazard}") for name in CALLED}
    await story["村长0"].sees(f"敦化市{hazard}", chat=FLOOD_GROUP)
    return got


def call_of(story: Story, name: str, alert_id: int = 1) -> Call:
    person_id = story[name].row["id"]
    found = story.app.database.read(lambda c: call_store.call_of(c, alert_id, person_id))
    assert found is not None
    return found


def state_of(story: Story, alert_id: int = 1) -> State:
    found = story.app.database.read(lambda c: alert_store.alert(c, alert_id))
    assert found is not None
    return found.state


def own(story: Story, actor: Actor) -> dict[str, Any]:
    """The newest message that the person wrote."""
    mine = [m for m in story.server.messages(actor.id) if m["from"]["id"] == actor.id]
    return mine[-1]


# -- an open question swallows no later text ---------------------------------------------------


async def asked_why_closed(story: Story) -> Actor:
    await release(story)
    chief = story["县指挥"]
    await chief.taps("销号")
    await chief.taps("写明原因并销号")
    await chief.sees("请写一句销号原因", RAIN, "才会销号")
    return chief


async def test_hours_later_a_question_is_no_reason_for_closing(story: Story) -> None:
    chief = await asked_why_closed(story)
    story.clock.advance(timedelta(hours=3))
    await chief.says("村长0怎么还没回应？")
    await chief.sees("没有当作销号原因", "没有销号")
    assert state_of(story) is State.RELEASED
    await chief.says("村长0怎么还没回应？")  # said once
    await chief.sees("能做什么")


async def test_a_reason_closes_only_by_the_button_that_shows_it(story: Story) -> None:
    chief = await asked_why_closed(story)
    await chief.says("村长0怎么还没回应？")
    confirm = await chief.sees("确定用这个原因销号", RAIN, "村长0怎么还没回应", "4 人未回应")
    assert state_of(story) is State.RELEASED
    await chief.says("等一下")  # is no other reason
    await chief.sees("没有当作销号原因")
    await chief.taps("重写原因", message=confirm)
    await chief.sees("请写一句销号原因")
    await chief.says("全部电话核实")
    second = await chief.sees("确定用这个原因销号", "全部电话核实")
    await chief.taps("确定销号", message=confirm)  # of the reason before: that is not waiting
    assert "已过期" in chief.shows(confirm)["text"]
    assert state_of(story) is State.RELEASED
    await chief.taps("确定销号：全部电话核实", message=second)
    assert state_of(story) is State.CLOSED
    await chief.sees("叫应总结", "全部电话核实")


async def test_a_confirmation_waits_no_longer_than_its_question(story: Story) -> None:
    chief = await asked_why_closed(story)
    await chief.says("全部电话核实")
    confirm = await chief.sees("确定用这个原因销号")
    story.clock.advance(QUESTION_DIES)
    await chief.taps("确定销号", message=confirm)
    assert "已过期" in chief.shows(confirm)["text"]
    assert state_of(story) is State.RELEASED


@pytest.mark.parametrize("act", ["/lang zh", "📖 通讯录", "button", "收到"])
async def test_a_question_dies_with_whatever_else_is_done(story: Story, act: str) -> None:
    chief = await asked_why_closed(story)
    if act == "button":
        await chief.taps("先看未回应", message=chief.last_with("先看未回应"))
    else:
        await chief.says(act)
        await chief.sees("")
    await chief.says("全部电话核实")
    await chief.sees("没有当作销号原因")
    assert state_of(story) is State.RELEASED


async def asked_why_discharged(story: Story) -> Actor:
    await release(story)
    chief = story["县指挥"]
    await chief.says("/who")
    await chief.sees("镇长")
    await chief.taps("⋯")
    await chief.taps("须说明原因")
    await chief.sees("为什么把", "镇长", RAIN)
    return chief


async def test_nobody_is_struck_off_by_a_later_text(story: Story) -> None:
    chief = await asked_why_discharged(story)
    story.clock.advance(QUESTION_DIES)
    await chief.says("他的电话是多少")
    await chief.sees("没有人被销号")
    assert call_of(story, "镇长").open


async def test_one_is_struck_off_by_the_button_that_shows_the_reason(story: Story) -> None:
    chief = await asked_why_discharged(story)
    await chief.says("骨折住院")
    confirm = await chief.sees("确定把", "镇长", "骨折住院", RAIN, "不再追叫")
    assert call_of(story, "镇长").open
    await chief.taps("确定销号：骨折住院", message=confirm)
    assert "已销号" in chief.shows(confirm)["text"]
    assert call_of(story, "镇长").discharge_reason == "骨折住院"


async def test_figures_typed_too_late_are_asked_for_again(story: Story) -> None:
    await release(story)
    head = story["村长0"]
    await head.taps("收到")
    await head.taps("已转移群众")
    await head.sees("多少户", RAIN)
    story.clock.advance(QUESTION_DIES)
    await head.says("都走完了")
    again = await head.sees("没有当作报告")
    await head.taps("已转移群众", message=again)
    await head.sees("多少户", RAIN)
    story.clock.advance(QUESTION_DIES)
    await head.says("12户35人")
    which = await head.sees("还没有记录", "是转移群众的数字")
    assert call_of(story, "村长0").households is None
    await head.taps("已转移 12 户 35 人", message=which)
    assert call_of(story, "村长0").households == 12


async def test_figures_typed_after_the_end_are_recorded_as_late(story: Story) -> None:
    """Who was moved is a fact; of a warning that was issued in error nobody was."""
    await release(story)
    chief, head = story["县指挥"], story["村长0"]
    await head.taps("收到")
    await chief.taps("解除预警")
    await chief.taps("确定解除")
    await head.sees("预警已解除")
    await head.sees("预警已解除", chat=FLOOD_GROUP)
    for name in CALLED[1:]:
        await story[name].sees("预警已解除")
    await chief.sees("叫应总结")
    await head.says("12户35人")
    late = await head.sees("还没有记录")
    await head.taps("补登 12 户 35 人", message=late)
    assert "预警已结束，按补登记入" in head.shows(late)["text"]
    assert call_of(story, "村长0").households == 12
    story.clock.advance(timedelta(days=4))
    await head.says("13户36人")
    await head.sees("没有记录", "补报数字")


async def test_a_roll_call_begins_with_no_later_text(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/rollcall")
    await chief.sees("哪个区域")
    story.clock.advance(QUESTION_DIES)
    await chief.says("黄泥河镇")
    await chief.sees("没有当作点名区域")


async def test_the_text_of_a_warning_is_what_was_asked_for_and_no_later_one(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移")
    preview = await chief.sees("发布前请核对")
    await chief.says("村长0怎么还没回应？")
    await chief.sees("没有写进去")
    await chief.taps("确认发布", message=preview)
    await chief.sees("已回应")
    for name in CALLED:
        assert "怎么还没回应" not in (await story[name].sees("立即转移"))["text"]
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)


# -- what means 收到, and what does not ---------------------------------------------------------


@pytest.mark.parametrize("text", ["收到，马上转移", "收到 谢谢", "收到👌", "收到，馬上轉移"])
async def test_the_word_with_what_follows_counts(story: Story, text: str) -> None:
    await release(story)
    await story["村长0"].says(text)
    await story["村长0"].sees("已记录", RAIN)
    assert call_of(story, "村长0").answered_via is Via.WORDS


@pytest.mark.parametrize(
    "text", ["1", "OK", "好的", "知道了", "明白", "没收到", "收到没有？", "谁收到了", "桥断了"]
)
async def test_what_is_no_answer_is_said_plainly_with_the_button(story: Story, text: str) -> None:
    await release(story)
    head = story["村长0"]
    await head.says(text)
    told = await head.sees("还没有算您回应", RAIN)
    assert call_of(story, "村长0").open
    assert "已记录" in await head.taps("收到", message=told)
    assert call_of(story, "村长0").answered


async def test_an_edited_text_that_becomes_the_word_counts(story: Story) -> None:
    await release(story)
    head = story["村长0"]
    await head.says("受到")
    await head.sees("还没有算您回应")
    await head.edits(own(story, head), "收到")
    await head.sees("已记录", RAIN)
    assert call_of(story, "村长0").answered


async def test_what_is_forwarded_answers_nothing(story: Story) -> None:
    head, people = story["村长0"], story.server.people
    await head.says("收到")
    await head.sees("没有需要您回应")
    before = own(story, head)
    await release(story)
    people.forward(head.id, head.id, before["message_id"])
    await story.settled()
    await head.sees("还没有算您回应", RAIN)
    assert call_of(story, "村长0").open
    # Nor is a key pressed by it: 🆘 goes on as words, not as the forwarder's call for help.
    chief, ranger = story["县指挥"], story["护林员"]
    for sender, key, told in (
        (chief, "📊 态势", "「📊 态势」是转发来的，没有执行"),
        (ranger, "🆘 求救", "请马上打电话"),
    ):
        await sender.says(key)
        pressed = own(story, sender)
        await story.settled()
        people.forward(chief.id, sender.id, pressed["message_id"])
        await story.settled()
        answers = [m["text"] for m in story.server.messages(chief.id) if "text" in m]
        assert any(told in text for text in answers[-3:]), answers[-3:]
    heard = [m["text"] for m in story.server.messages(story["县值班"].id) if "text" in m]
    assert any("（转发的话）🆘 求救" in text for text in heard), heard
    for message in story.server.watch.untaken():
        story.server.watch.take(message["chat"]["id"])
    assert story.app.database.read(lambda c: distress_store.open_of(c, chief.row["id"])) is None


async def test_an_edit_answers_no_call_made_after_the_text(story: Story) -> None:
    head = story["村长0"]
    await head.says("受到")
    await head.sees("能做什么")
    before = own(story, head)
    story.clock.advance(timedelta(minutes=1))
    await release(story)
    await head.edits(before, "收到")
    await story.settled()
    assert call_of(story, "村长0").open


async def test_a_thumb_up_to_the_call_counts(story: Story) -> None:
    calls = await release(story)
    head = story["村长0"]
    await head.reacts(calls["村长0"], "👍")
    await head.sees("已记录", RAIN)
    assert call_of(story, "村长0").answered_via is Via.REACTION
    await head.reacts(calls["村长0"], None)  # taken back: it stays answered
    assert call_of(story, "村长0").answered


async def test_a_thumb_up_to_a_reminder_counts(story: Story) -> None:
    calls = await release(story)
    for name in CALLED[1:]:
        await story[name].taps("收到")
    await story.fast_forward(minutes=2)
    await story["村长0"].sees("没有收到您的回应")
    await story["村长0"].reacts(calls["村长0"], "👍")  # to the first message, not the newest
    await story["村长0"].sees("已记录", RAIN)
    await story.tick()
    await story["县指挥"].sees("叫应总结")


async def test_a_thumb_up_to_the_message_that_asks_again_counts(story: Story) -> None:
    await release(story)
    await story["村长0"].says("好的")
    asked = await story["村长0"].sees("还没有算您回应")
    await story["村长0"].reacts(asked, "👍")
    await story["村长0"].sees("已记录", RAIN)


@pytest.mark.parametrize("emoji", ["👎", "❤", "🤔"])
async def test_any_other_sign_is_asked_about(story: Story, emoji: str) -> None:
    calls = await release(story)
    await story["村长0"].reacts(calls["村长0"], emoji)
    await story["村长0"].sees("还没有算您回应", RAIN)
    assert call_of(story, "村长0").open


@pytest.mark.parametrize("kind", ["voice", "photo"])
async def test_a_voice_or_picture_in_reply_counts_and_is_passed_on(story: Story, kind: str) -> None:
    calls = await release(story)
    head = story["村长0"]
    send = getattr(story.server.people, f"send_{kind}")
    send(head.id, reply_to=calls["村长0"]["message_id"])
    await story.settled()
    await head.sees("已上报")
    await head.sees("已记录", RAIN)
    call = call_of(story, "村长0")
    assert call.answered_via is Via.MEDIA
    report = only_report(story)
    assert (report.kind, report.alert_id, report.person_id) == (kind, 1, head.row["id"])
    await passed_on(story, "村长0")


async def test_a_picture_by_itself_is_kept_and_asked_about(story: Story) -> None:
    await release(story)
    head = story["村长0"]
    story.server.people.send_photo(head.id)
    await story.settled()
    await head.sees("已上报")
    await head.sees("还没有算您回应", RAIN)
    assert call_of(story, "村长0").open
    sent = await story.server.watch.next_message(FLOOD_GROUP)
    assert "现场上报" in sent["caption"]


async def test_a_sticker_or_a_strange_command_is_asked_about(story: Story) -> None:
    await release(story)
    await story["村长0"].says("/shoudao")
    await story["村长0"].sees("还没有算您回应", RAIN)


# -- two warnings at once ----------------------------------------------------------------------


async def test_the_word_in_reply_answers_the_warning_replied_to(story: Story) -> None:
    rain, flood = await release(story), await release(story, "山洪灾害")
    head = story["村长0"]
    await head.says("收到", reply_to=rain["村长0"]["message_id"])
    more = await head.sees("已记录", RAIN, "还有 1 条待您回应")
    assert FLOOD.replace("敦化市", "") in " ".join(buttons(more))
    assert call_of(story, "村长0", 1).answered and call_of(story, "村长0", 2).open
    await head.says("收到", reply_to=rain["村长0"]["message_id"])  # once more: not the other
    await head.sees("回应，不用再按", RAIN)
    assert call_of(story, "村长0", 2).open
    await head.reacts(flood["村长0"], "👍")
    await head.sees("已记录", FLOOD)


async def test_the_word_in_reply_to_what_is_over_answers_no_other(story: Story) -> None:
    rain, _ = await release(story), await release(story, "山洪灾害")
    chief = story["县指挥"]
    await chief.says("/status")
    await chief.sees("")
    await cancel_first(story)
    await story["村长0"].says("收到", reply_to=rain["村长0"]["message_id"])
    await story["村长0"].sees("已取消", RAIN)
    assert call_of(story, "村长0", 2).open


async def test_in_a_group_the_word_answers_the_post_replied_to(story: Story) -> None:
    await release(story)
    await release(story, "山洪灾害")
    head = story["村长0"]
    first = next(m for m in story.server.messages(FLOOD_GROUP) if RAIN in m.get("text", ""))
    await head.says("收到", chat=FLOOD_GROUP, reply_to=first["message_id"])
    assert call_of(story, "村长0", 1).answered and call_of(story, "村长0", 2).open
    await cancel_first(story)
    await story["村长1"].says("收到", chat=FLOOD_GROUP, reply_to=first["message_id"])
    assert call_of(story, "村长1", 2).open  # it replied to what is over


async def test_without_a_reply_it_is_asked_which(story: Story) -> None:
    await release(story)
    await release(story, "山洪灾害")
    await story["村长0"].says("收到，马上转移")
    which = await story["村长0"].sees("2 条待回应")
    assert [text for text in buttons(which) if "收到" in text and "暴雨" in text]
    assert "山洪灾害" in await story["村长0"].taps("山洪灾害", message=which)
    assert call_of(story, "村长0", 1).open and call_of(story, "村长0", 2).answered
    await story["村长1"].says("收到请支援")
    await story["村长1"].sees("2 条待回应")
    await story["村长1"].sees("您写的话已转给值班员")
    await story["镇值班"].sees("村长1", "收到请支援", "这不算")


async def test_figures_go_to_the_warning_they_answer(story: Story) -> None:
    rain, flood = await release(story), await release(story, "山洪灾害")
    head = story["村长0"]
    for message in (rain, flood):
        await head.taps("收到", message=message["村长0"])
    await head.taps("已转移群众", message=rain["村长0"])
    of_rain = await head.sees("多少户", RAIN)
    await head.taps("已转移群众", message=flood["村长0"])
    await head.sees("多少户", FLOOD)
    await head.says("12户35人", reply_to=of_rain["message_id"])
    await head.sees("12 户 35 人", RAIN)
    assert (call_of(story, "村长0", 1).persons, call_of(story, "村长0", 2).persons) == (35, None)
    await head.says("两户六人", reply_to=flood["村长0"]["message_id"])
    await head.sees("2 户 6 人", FLOOD)
    assert (call_of(story, "村长0", 1).persons, call_of(story, "村长0", 2).persons) == (35, 6)


async def test_figures_nobody_asked_for_are_of_the_one_warning_or_asked_about(
    story: Story,
) -> None:
    rain = await release(story)
    head = story["村长0"]
    await head.taps("收到", message=rain["村长0"])
    await story["护林员"].says("12户35人")
    await story["护林员"].sees("没有记录", "现在还能报数的叫应", "199 0000 0006")
    await head.says("准备转移12户")
    which = await head.sees("还没有记录")
    assert call_of(story, "村长0", 1).households is None
    await head.says("已转移12户35人")  # it can only be this warning's
    await head.sees("12 户 35 人", RAIN)
    flood = await release(story, "山洪灾害")
    await head.taps("收到", message=flood["村长0"])
    await head.says("13户36人")
    both = await head.sees("还没有记录")
    await head.taps("山洪灾害", message=both)
    await story.settled()
    assert [call_of(story, "村长0", n).persons for n in (1, 2)] == [35, 36]
    await head.taps("已转移 12 户：", message=which)
    await story.settled()
    assert call_of(story, "村长0", 1).households == 12


async def test_what_is_reported_in_words_is_recorded_or_said_not_to_be(story: Story) -> None:
    rain = await release(story)
    head, officer = story["村长0"], story["镇值班"]
    await head.taps("收到", message=rain["村长0"])
    await story["护林员"].says("需要支援，两台车")  # nobody called them
    await story["护林员"].sees("还没有转给别人", "199 0000 0006")
    await head.says("桥断了，老人抬不动")
    unused = await head.sees("还没有记录，也没有转给别人", RAIN)
    assert len(buttons(unused)) == 4 and call_of(story, "村长0").report is None
    await head.says("还有三个老人", reply_to=rain["村长0"]["message_id"])  # who is left, not moved
    await head.sees("还没有记录，也没有转给别人", RAIN)
    await head.says("需要支援，两台车")
    await head.sees("需要支援", "两台车", "已转给上级值班员", RAIN)
    for told in (officer, story["县指挥"]):
        await told.sees("请求支援", "两台车")
    await head.says("全村都转移了")
    await head.sees("转移了多少户", RAIN)
    await head.says("又转移3户8人")  # of those after the first: never the total
    await head.sees("没看懂", "总户数", RAIN)
    await head.says("12户35人")
    await head.sees("12 户 35 人", RAIN)
    await head.says("已完成")
    await head.sees("已完成", RAIN)
    flood = await release(story, "山洪灾害")
    await head.taps("收到", message=flood["村长0"])
    await head.says("无法执行")
    which = await head.sees("还没有记录，也没有转给别人")
    assert call_of(story, "村长0", 2).report is None
    await head.taps("无法执行：🔴 敦化市山洪灾害", message=which)
    await head.sees("说明原因", FLOOD)
    for told in (officer, story["县指挥"]):
        await told.sees("无法执行", "山洪灾害")


async def test_what_stands_with_the_answer_is_heard(story: Story) -> None:
    await release(story)
    officer = story["镇值班"]
    helped, cannot, barred = (story[name] for name in ("村长0", "村长1", "村长2"))
    await helped.says("收到请支援，两台车")
    await helped.sees("已记录", RAIN)
    await helped.sees("需要支援", "两台车", "已转给上级值班员")
    for told in (officer, story["县指挥"]):
        await told.sees("请求支援", "两台车")
    post = next(m for m in story.server.messages(FLOOD_GROUP) if RAIN in m.get("text", ""))
    words, post_id = "收到，但是无法执行，桥断了", post["message_id"]
    await cannot.says(words, chat=FLOOD_GROUP, reply_to=post_id)  # which is left in peace
    await officer.sees("村长1", "但是无法执行，桥断了", "这是另外写的")
    await barred.says("收到但路断了去不了")
    await barred.sees("已记录", RAIN)
    unreported = await barred.sees("您写的话已转给值班员", RAIN)
    assert len(buttons(unreported)) == 4
    await officer.sees("村长2", "路断了去不了", "这是另外写的")
    assert all(call_of(story, name).answered for name in ("村长0", "村长1", "村长2"))
    await barred.says("收到，没人手")  # answered before: heard all the same
    await barred.sees("没有待您回应")
    await barred.sees("您写的话已转给值班员", RAIN)
    await officer.sees("没人手", "这是另外写的")


# -- cries for help ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("村长0", "着火了", "12119"),
        ("村长0", "东山冒烟", "12119"),
        ("护林员", "我迷路了", "120"),
        ("村长1", "有人落水", "120"),
        ("村长0", "决堤", "119"),
        ("村长0", "Fire on the east hill!", "12119"),
        ("镇长", "救命", "110"),
    ],
)
async def test_a_cry_reaches_the_duty_officers(
    story: Story, name: str, text: str, number: str
) -> None:
    await story[name].says(text)
    await story[name].sees("已转给值班员", "县值班", "镇值班", "199", number)
    keys = [key for row in story.server.keyboard(story[name].id)["keyboard"] for key in row]
    assert [key["text"] for key in keys[:3]] == ["📍 一键报位", "📷 现场上报", "🆘 求救"]
    for officer in ("县值班", "镇值班"):
        await story[officer].sees("呼救", name, text, "199")
    about = f"person:{story[name].row['id']}"
    [entry] = story.app.database.read(lambda c: list(audit.trail(c, about)))
    assert entry["action"] == "cry.heard"
    assert (entry["detail"]["text"], len(entry["detail"]["told"])) == (text, 2)


async def test_cries_of_one_person_go_on_together_after_a_while(story: Story) -> None:
    head = story["村长0"]
    await head.says("着火了")
    await head.sees("已转给值班员")
    for officer in ("县值班", "镇值班"):
        await story[officer].sees("着火了")
    story.clock.advance(timedelta(seconds=30))
    for text in ("火很大，救命", "房子着火了"):
        await head.says(text)
        await head.sees("一并转去")
    await story.tick()
    story.expect_nothing()
    await story.fast_forward(minutes=3)
    for officer in ("县值班", "镇值班"):
        await story[officer].sees("火很大，救命", "房子着火了")


async def test_a_cry_is_heard_while_a_question_is_open(story: Story) -> None:
    chief = await asked_why_closed(story)
    await chief.says("决堤了")
    said = (await chief.sees())["text"] + (await chief.sees())["text"]
    assert "已转给值班员" in said and "没有当作销号原因" in said
    await story["县值班"].sees("呼救", "决堤了")
    await chief.says("全部电话核实")
    await chief.sees("能做什么")
    assert state_of(story) is State.RELEASED


async def test_a_cry_is_also_the_reason_that_was_asked_for(story: Story) -> None:
    await release(story)
    head = story["村长0"]
    await head.taps("收到")
    await head.taps("需要支援")
    await head.sees("需要什么支援")
    for name in ("镇值班", "县指挥"):
        await story[name].sees("村长0")
    await head.says("有人落水，要冲锋舟")
    said = (await head.sees())["text"] + (await head.sees())["text"]
    assert "已转给值班员" in said and "已转给上级" in said
    for officer in ("县值班", "镇值班"):
        await story[officer].sees("有人落水，要冲锋舟")
    assert call_of(story, "村长0").report_text == "有人落水，要冲锋舟"


async def test_a_cry_is_no_answer_and_the_word_with_it_is(story: Story) -> None:
    await release(story)
    for name, text, told in (
        ("村长0", "救命", "还没有算您回应"),
        ("村长1", "收到，有人落水", "已记录"),
    ):
        await story[name].says(text)
        await story[name].sees("已转给值班员")
        await story[name].sees(told, RAIN)
        for officer in ("县值班", "镇值班"):
            await story[officer].sees(text)


async def test_the_text_of_a_warning_is_no_cry(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 山洪灾害 敦化市")
    await chief.sees("发布前请核对")
    await chief.taps("内容")
    await chief.taps("自己写")
    await chief.sees("请写预警内容")
    await chief.says("河水漫堤，有人被困，请低洼地群众马上转移到高处")
    await chief.sees("发布前请核对", "河水漫堤")


async def cancel_first(story: Story) -> None:
    """The commander cancels the first of two warnings; everybody called hears it."""
    chief = story["县指挥"]
    await chief.forges("X:1")
    await chief.sees("已取消")
    for name in CALLED:
        await story[name].sees("预警已取消")
    await story["村长0"].sees("预警已取消", chat=FLOOD_GROUP)


def only_report(story: Story) -> FieldReport:
    [report] = story.app.database.read(lambda c: field_report_store.latest(c, COUNTY, 5, 0))
    return report


async def passed_on(story: Story, name: str) -> None:
    """The duty officer has it, and the command group."""
    for chat in (story["县值班"].id, FLOOD_GROUP):
        sent = await story.server.watch.next_message(chat)
        assert "现场上报" in sent["caption"] and name in sent["caption"]


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [
        ("photo", "着火了", "12119"),
        ("video", "东山冒烟", "12119"),
        ("voice", "我迷路了", "120"),
        ("document", "决堤了", "119"),
        ("photo", "救命", "110"),
    ],
)
async def test_a_cry_under_a_picture_reaches_the_duty_officers_as_in_words(
    story: Story, kind: str, text: str, number: str
) -> None:
    await release(story)
    getattr(story.server.people, f"send_{kind}")(story["护林员"].id, caption=text)
    await story.settled()
    # Both are on their way at once: which comes first is open.
    read = [await story.server.watch.next_message(story["护林员"].id) for _ in range(2)]
    texts = (message["text"] for message in read)
    reported, passed = sorted(texts, key=lambda text: "已上报" not in text)
    assert "已上报" in reported
    assert all(word in passed for word in ("已转给值班员", "县值班", "镇值班", number, "🆘 求救"))
    for officer in ("县值班", "镇值班"):
        sent = await story.server.watch.next_message(story[officer].id)
        assert text in sent["caption"] and sent[kind]
    await story.server.watch.next_message(FIRE_GROUP)
    about = f"person:{story['护林员'].row['id']}"
    cries = [
        entry["detail"]
        for entry in story.app.database.read(lambda c: list(audit.trail(c, about)))
        if entry["action"] == "cry.heard"
    ]
    assert [(cry["text"], len(cry["told"])) for cry in cries] == [(text, 2)]
    take_off = [call_of(story, name).open for name in CALLED]
    assert all(take_off)  # it answers no call


@pytest.mark.parametrize("caption", ["没有着火", "山火已扑灭", "巡护照片"])
async def test_a_caption_that_is_no_cry_alarms_nobody(story: Story, caption: str) -> None:
    story.server.people.send_photo(story["护林员"].id, caption=caption)
    await story.settled()
    await story["护林员"].sees("已上报")
    await story.server.watch.next_message(FIRE_GROUP)


def raw_message(story: Story, kind: str, **more: Any) -> dict[str, Any]:
    """An update as Telegram gives it, of what the people of a story cannot send."""
    user = {"id": story["护林员"].id, "is_bot": False, "first_name": "护林员"}
    at = int(story.clock().timestamp())
    body = {"message_id": 99_001, "date": at, "from": user, "chat": {**user, "type": "private"}}
    return {"update_id": 990_301, kind: body | more}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("message", {"audio": {"file_id": "a", "file_unique_id": "a", "duration": 3}}),
        (
            "edited_message",
            {
                "edit_date": 1,
                "photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}],
            },
        ),
    ],
)
async def test_a_cry_under_anything_is_heard(story: Story, kind: str, more: dict[str, Any]) -> None:
    if "edit_date" in more:
        more["edit_date"] = int(story.clock().timestamp())
    update = raw_message(story, kind, caption="我迷路了", **more)
    await story.app.lines[0].intake.accept([update])
    await story.settled()
    # An audio message is also told what is understood: which of the two comes first is no promise.
    answers = 2 if kind == "message" else 1
    told = [(await story["护林员"].sees())["text"] for _ in range(answers)]
    assert any("已转给值班员" in words and "120" in words for words in told)
    assert any("能做什么" in words for words in told) == (kind == "message")
    for officer in ("县值班", "镇值班"):
        await story[officer].sees("呼救", "我迷路了")
