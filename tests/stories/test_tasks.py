"""Tasks of the five lists in the chat: given, done, checked, prolonged, chased; of reports."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.roster import FLOOD_GROUP
from tests.stories.story import QUIET, Story, buttons, story_of
from tests.stories.test_call_and_respond import data_of

HEAD, CHIEF, DUTY = "村长0", "镇长", "镇值班"
VILLAGE = "222403101200"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def sends(story: Story, *, photo: str = "", sticker: bool = False) -> None:
    """The village's head sends a picture, or a sticker."""
    people, head = story.server.people, story[HEAD]
    if sticker:
        content = {"file_id": "CAAC", "file_unique_id": "s1", "width": 9, "height": 9}
        kinds = {"is_animated": False, "is_video": False, "type": "regular"}
        people._say(head.id, None, None, {"sticker": {**content, **kinds}}, None)
    else:
        people.send_photo(head.id, caption=photo)
    await story.settled()


async def test_given_in_a_line_done_with_a_picture_sent_back_and_struck_off(story: Story) -> None:
    chief, head = story[CHIEF], story[HEAD]
    await chief.says(f"/task {VILLAGE} 修涵洞 3天 村长0")
    preview = await chief.sees("列入任务清单？", "修涵洞", "村长0", "还有 3 天")
    await chief.taps("◻️ 照片", message=preview)
    assert "完成时要附：照片" in chief.shows(preview)["text"]
    await chief.taps("✅ 列入清单", message=preview)
    assert "已列入任务清单，已发给责任人" in chief.shows(preview)["text"]
    card = await head.sees("交给您一项任务", "#1 修涵洞", "完成时要附：照片")
    await head.taps("✋ 接手", message=card)
    assert "已接手" in head.shows(card)["text"]
    # A sticker shows nothing; words alone are kept, and the picture is still asked for.
    await head.taps("✅ 完成", message=card)
    await head.sees("完成了？请发来：照片")
    await sends(story, sticker=True)
    await head.sees("表情、贴纸不能作凭据")
    await head.says("修好了")
    await head.sees("已收下", "还要：照片")
    await sends(story, photo="涵洞")
    kept = await head.sees("都齐了，请按「报完成」")
    await head.taps("✅ 报完成", message=kept)
    assert "已报完成，等第二人核查" in head.shows(kept)["text"]
    asked = await chief.sees("报了完成，请核查", "修涵洞")
    await chief.sees_picture("📎")
    await story[DUTY].sees("报了完成，请核查")
    await story[DUTY].sees_picture("📎")
    await chief.taps("↩️ 退回", message=asked)
    await chief.sees("#1 修涵洞 哪里不合格")
    await chief.says("只拍了一头，另一头补拍")
    typed = await chief.sees("退回 #1 修涵洞？", "只拍了一头")
    await chief.edits(story.server.messages(chief.id)[-2], "只拍了一头")
    await chief.sees("改过的话没有用上")
    await chief.taps("↩️ 退回：只拍了一头", message=typed)
    assert "已退回" in chief.shows(typed)["text"]
    back = await head.sees("核查没有通过", "只拍了一头，另一头补拍")
    await head.taps("✅ 完成", message=back)
    await head.sees("完成了？请发来：照片")  # the old picture shows nothing any more
    await sends(story, photo="另一头")
    kept = await head.sees("都齐了")
    await head.taps("✅ 报完成", message=kept)
    asked = await chief.sees("报了完成，请核查")
    await chief.sees_picture("📎")
    again = await story[DUTY].sees("报了完成，请核查")
    await story[DUTY].sees_picture("📎")
    await chief.taps("✅ 核实，销号", message=asked)
    assert "已销号" in chief.shows(asked)["text"]
    await head.sees("核查通过，任务已销号")
    # Late by another, and an old button of the head's: one clear line each.
    assert buttons(story[DUTY].shows(again)) == ["🕘 经过", "📎 看附件"]
    assert "已经结束" in await story[DUTY].forges("tkt:1:strike")
    assert "已经结束" in await head.forges("tkt:1:submit")
    await chief.taps("🕘 经过", message=asked)
    history = chief.shows(asked)["text"]
    for word in (
        "列入清单 镇长",
        "接手 村长0",
        "报完成",
        "退回 镇长",
        "只拍了一头",
        "核查销号 镇长",
    ):
        assert word in history


async def test_asked_step_by_step_prolonged_overdue_and_told_above(story: Story) -> None:
    chief, head, county = story[CHIEF], story[HEAD], story["县值班"]
    await chief.says("/task 清理排水沟")
    await chief.sees("由哪里办")
    await chief.says(VILLAGE)
    asked = await chief.sees("谁办？请选")
    assert any("村长0" in text for text in buttons(asked))
    await chief.says("王老五")
    await chief.sees("没有「王老五」")
    await chief.says("村长0")
    await chief.sees("什么时候办完")
    await chief.says("昨天")
    await chief.sees("已经过了")
    await chief.says("2小时")
    preview = await chief.sees("列入任务清单？", "清理排水沟", "还有 2 小时")
    await chief.taps("✅ 列入清单", message=preview)
    card = await head.sees("交给您一项任务", "清理排水沟")
    # Not taken for half an hour; more time is asked for; near its end; granted.
    await story.fast_forward(minutes=31, step=QUIET)
    await head.sees("还没有人接手这项任务")
    await head.taps("⏳ 延期申请", message=card)
    await head.sees("要延到什么时候")
    await head.taps("✋ 接手", message=card)
    await head.taps("⏳ 延期申请", message=card)
    await head.sees("要延到什么时候")
    await head.says("3小时 涵管没到货")
    await head.sees("已申请延期")
    wanted = await chief.sees("申请延期到", "涵管没到货")
    await story[DUTY].sees("申请延期到", "涵管没到货")
    await story.fast_forward(minutes=30, step=QUIET)
    await head.sees("任务时限快到了")
    await chief.taps("👌 准予延期", message=wanted)
    assert "已准予延期" in chief.shows(wanted)["text"]
    await head.sees("已准予延期")
    await chief.says("/tasks 1")
    shown = await chief.sees("清理排水沟", "还有")
    await chief.taps("🚩 挂牌督办", message=shown)
    await head.sees("已挂牌督办")
    await story.fast_forward(minutes=76, step=QUIET)
    await head.sees("任务时限快到了")
    # Due, and five minutes later (it is under supervision) the tier above hears of it.
    await story.fast_forward(minutes=75, step=QUIET)
    await head.sees("任务到期了")
    await story.fast_forward(minutes=5)
    await head.sees("任务已逾期，已报上一级")
    await chief.sees("逾期没有完成")
    await story[DUTY].sees("逾期没有完成")
    await story.fast_forward(minutes=76, step=QUIET)
    await head.sees("任务已逾期，已报上一级")
    await county.sees("逾期没有完成")
    await county.says("/tasks")
    listed = await county.sees("您名下没有清单任务")
    await county.taps("⏰ 逾期 1", message=listed)
    assert "清理排水沟" in county.shows(listed)["text"]
    await head.says("📋 我的任务")
    mine = await head.sees("清单任务 1 项", "清理排水沟")
    assert any("#1" in text for text in buttons(mine))


async def test_a_call_for_help_becomes_a_problem_on_the_list_once(story: Story) -> None:
    chief, head = story["县指挥"], story[HEAD]
    await chief.says("/warn 橙 暴雨 黄泥河镇 沿河低洼处注意")
    preview = await chief.sees("发布前请核对")
    await chief.taps("确认发布", message=preview)
    for name in ("村长0", "村长1", "村长2", CHIEF):
        await story[name].sees("暴雨橙色预警")
    await head.sees("暴雨橙色预警", chat=FLOOD_GROUP)
    await chief.sees("已回应 0 / 4")
    await head.taps("收到")
    await head.taps("需要支援")
    await head.sees("需要什么支援")
    await head.says("桥被冲了，要钢便桥")
    await head.sees("已转给上级值班员")
    wanted = await chief.sees("请求支援", "桥被冲了")
    await story[DUTY].sees("请求支援", "桥被冲了")
    await chief.taps("📌 转为清单", message=wanted)
    asked = await chief.sees("谁办")
    await chief.taps("村长0", message=asked)
    assert "什么时候办完" in chief.shows(asked)["text"]
    await chief.taps("1 天", message=asked)
    assert "列入问题清单？" in chief.shows(asked)["text"]
    await chief.taps("✅ 列入清单", message=asked)
    await head.sees("交给您一项任务", "桥被冲了，要钢便桥", "所属：")
    await chief.taps("📌 转为清单", message=wanted)
    await chief.sees("已经列入清单", "桥被冲了")
    # Struck off, it settles what was asked for.
    task = head.last_with("✅ 完成", head.id)
    await head.taps("✅ 完成", message=task)
    await head.sees("完成了？")
    await sends(story, photo="钢便桥架好了")
    kept = await head.sees("都齐了，请按「报完成」")
    await head.taps("✅ 报完成", message=kept)
    check = await chief.sees("报了完成，请核查")
    await chief.sees_picture("📎")
    await story[DUTY].sees("报了完成，请核查")
    await story[DUTY].sees_picture("📎")
    await chief.taps("✅ 核实，销号", message=check)
    told = "".join([(await head.sees())["text"] for _ in range(2)])
    assert "您请求的支援已办结" in told and "核查通过，任务已销号" in told
    assert "已解决" in chief.shows(wanted)["text"]
    story.expect_nothing()


async def test_words_and_signs_go_to_the_task_they_are_meant_for(story: Story) -> None:
    chief, head = story[CHIEF], story[HEAD]
    for title in ("修涵洞", "清理排水沟"):
        await chief.says(f"/task {VILLAGE} {title} 3天 村长0")
        await chief.taps("✅ 列入清单")
        await chief.sees("已列入任务清单", title)
    first, second = await head.sees("#1 修涵洞"), await head.sees("#2 清理排水沟")
    # 收到 and 👍 are for warnings: what was asked is shown again, with its buttons.
    await head.says("收到")
    await head.sees("还没有记录您的答复", "#2 清理排水沟")
    await head.reacts(first, "👍")
    await head.sees("还没有记录您的答复", "#1 修涵洞")
    # Whose it is not reads nothing of it, whatever button they forge.
    for act in ("show", "withdraw", "back", "done"):
        assert "归别的岗位" in await story["村长1"].forges(f"tkt:1:{act}")
    # A reply to another task's message is no answer to the question that is open.
    await head.taps("✅ 完成", message=first)
    await head.sees("#1 修涵洞 完成了？")
    await head.says("第二项干完了", reply_to=second["message_id"])
    again = await head.sees("还没有记录您的答复", "#2 清理排水沟")
    assert "✋ 接手" in buttons(again)
    story.server.people.send_photo(head.id, caption="两边", reply_to=second["message_id"])
    await story.settled()
    await head.sees("已收下，记在 #2 清理排水沟")
    # That question is as open as before: a picture gives up nothing that is being written.
    await head.says("涵洞通了")
    await head.sees("#1 修涵洞")
    for name in (CHIEF, DUTY):
        await story[name].sees("#1 修涵洞", "涵洞通了")
    # A cry in a progress goes to the officers, and is kept as progress, too.
    await head.taps("📝 进展", message=second)
    await head.sees("#2 清理排水沟 进展如何")
    await head.says("沟边冒烟，已经有人去看，清淤的先撤出来")
    for name in (DUTY, "县值班"):
        await story[name].sees("有人呼救", "沟边冒烟")
    said = (await head.sees())["text"] + (await head.sees())["text"]
    assert "12119" in said and "进展已记下" in said
    # A reason is shown before it withdraws anything, and waits as long as its question.
    await chief.says("/tasks 2")
    shown = await chief.sees("#2 清理排水沟")
    await chief.taps("☑️ 撤销", message=shown)
    await chief.sees("#2 清理排水沟 为什么撤销")
    await chief.says("村长0怎么还没回应？")
    typed = await chief.sees("撤销 #2 清理排水沟？")
    story.clock.advance(timedelta(minutes=11))
    assert "已过期" in await chief.taps("☑️ 撤销：村长0", message=typed)
    await chief.taps("✏️ 重写", message=typed)
    await chief.sees("#2 清理排水沟 为什么撤销")
    await chief.says("已由水利站清完")
    typed = await chief.sees("撤销 #2 清理排水沟？", "已由水利站清完")
    await chief.taps("☑️ 撤销：已由水利站清完", message=typed)
    await head.sees("任务已撤销", "已由水利站清完")
    assert "✅ 完成" not in buttons(head.shows(second)) and "已撤销" in head.shows(second)["text"]
    assert "这次没有办理" in await chief.forges(data_of(typed))
