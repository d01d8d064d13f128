"""/duty: shifts swapped, stood in for and taken over in chat; hand-overs; gaps told ahead; the
calendar of a phone."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from icalendar import Calendar

from alerts.accounts import untie
from alerts.duty import handover_store
from alerts.duty.gaps import gaps
from bot.board.server import BoardServer
from bot.config.settings_watch import BoardSettings
from contacts import duty_plan_store
from contacts.people import Role
from tests.roster import COUNTY, OTHER_COUNTY, person
from tests.stories.story import Story, buttons, settings_for, story_of

FIRST = person(70, "值班甲", COUNTY, Role.DUTY_OFFICER)
SECOND = person(71, "值班乙", COUNTY, Role.DUTY_OFFICER)
ELSEWHERE = person(72, "图们值班", OTHER_COUNTY, Role.DUTY_OFFICER)
HEAD = person(73, "防办主任", COUNTY, Role.FLOOD_OFFICE_HEAD)
MORE = (FIRST, SECOND, ELSEWHERE, HEAD)
HOUR = timedelta(hours=1)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, more=MORE, alone=True) as running:
        yield running


def planned(story: Story, *shifts: tuple[str, float, float]) -> list[int]:
    """Shifts over the county: whose, from and until so many hours from now; their numbers."""
    now = story.clock()

    def unit(c) -> list[int]:
        made = [
            duty_plan_store.add(
                c, story[who].row["id"], COUNTY, now + begin * HOUR, now + end * HOUR
            )
            for who, begin, end in shifts
        ]
        duty_plan_store.look_at(c, [COUNTY], now)
        return made

    return story.app.database.do(unit)


def on_plan(story: Story) -> list[tuple[str, float, float]]:
    """Who is on the county's plan, from and until so many hours from the story's now."""
    now = story.clock()
    names = {actor.row["id"]: name for name, actor in story.people.items()}
    plan = story.app.database.read(
        lambda c: duty_plan_store.plan(c, COUNTY, now - 300 * HOUR, now + 300 * HOUR)
    )
    return [
        (
            names[each.person_id],
            round((each.starts_at - now) / HOUR, 3),
            round((each.ends_at - now) / HOUR, 3),
        )
        for each in plan
    ]


async def asks_to_swap(story: Story, who: str, other: str, back: str) -> None:
    await story[who].says("/duty")
    home = await story[who].sees("值班 · 敦化市", "我的班次")
    await story[who].taps("🔁 换班", message=home)
    shift = next(text for text in buttons(story[who].shows(home)) if "敦化市" in text)
    await story[who].taps(shift, message=home)
    await story[who].taps(other, message=home)
    await story[who].taps(back, message=home)
    shown = story[who].shows(home)["text"]
    assert "已发给" in shown or "已同意" in shown


async def test_a_swap_is_asked_and_agreed_and_the_head_of_office_hears(story: Story) -> None:
    planned(story, ("县值班", 1, 25), ("值班甲", 25, 49), ("值班乙", 49, 168 + 8))
    await asks_to_swap(story, "县值班", "值班甲", "敦化市")
    asked = await story["值班甲"].sees("县值班 请您帮忙值班", "县值班 替 值班甲 值")
    assert "排班已改" not in asked["text"]
    await story["值班甲"].taps("同意", message=asked)
    await story["县值班"].sees("已同意，排班已改")
    await story["防办主任"].sees("已同意，排班已改", "县值班 请 值班甲")
    assert on_plan(story)[:2] == [("值班甲", 1, 25), ("县值班", 25, 49)]
    await story["值班甲"].forges("dua:1:y")  # pressed twice it is agreed once
    await story["值班甲"].sees("已同意，排班已改")
    assert "已经办结" in await story["值班甲"].forges("dua:1:n")
    assert "不是问您的" in await story["县值班"].forges("dua:1:y")
    assert on_plan(story)[:2] == [("值班甲", 1, 25), ("县值班", 25, 49)]


async def test_who_may_not_keep_a_watch_is_not_asked(story: Story) -> None:
    shift, theirs = planned(story, ("县值班", 1, 25), ("值班甲", 25, 49), ("县值班", 26, 30))[:2]
    officer = story["县值班"]
    for other, words in (
        ("图们值班", "没有值班的职务"),
        ("村长0", "没有值班的职务"),
        ("县值班", "不能请自己"),
    ):
        assert words in await officer.forges(f"dus:{shift}:{story[other].row['id']}")
    assert "现在不是您的" in await officer.forges(f"dus:{theirs}:{SECOND['id']}")
    assert "已经没有了" in await officer.forges("dus:999:71")
    assert "还没有开始" in await officer.forges(f"dui:{shift}:{SECOND['id']}")
    assert "已经有班" in await officer.forges(f"dus:{theirs + 1}:{FIRST['id']}")


async def test_both_ask_each_other_at_once_and_that_is_agreed(story: Story) -> None:
    mine, theirs = planned(story, ("县值班", 1, 25), ("值班甲", 25, 49), ("值班乙", 49, 180))[:2]
    one, other = story["县值班"], story["值班甲"]
    await asks_to_swap(story, "县值班", "值班甲", "敦化市")
    await one.forges(f"dus:{mine}:{FIRST['id']}:{theirs}")  # twice: one ask
    await one.sees("等答复")
    await other.sees("请您帮忙值班")
    await asks_to_swap(story, "县值班", "值班乙", "不换回")  # and somebody else, for the same
    await story["值班乙"].sees("请您帮忙值班")
    await asks_to_swap(story, "值班甲", "县值班", "敦化市")  # the very same, the other way round
    await one.sees("已同意，排班已改")
    await story["防办主任"].sees("已同意，排班已改")
    await one.sees("已作废")  # what the third was asked: the shift is another's by now
    await story["值班乙"].sees("已作废")
    assert not [
        each for each in story.server.messages(SECOND["telegram_id"]) if "✅ 同意" in buttons(each)
    ]
    assert on_plan(story)[:2] == [("值班甲", 1, 25), ("县值班", 25, 49)]


async def test_agreed_late_changes_nothing_and_says_so(story: Story) -> None:
    mine = planned(story, ("县值班", 1, 25), ("值班乙", 25, 200))[0]
    await asks_to_swap(story, "县值班", "值班甲", "不换回")
    asked = await story["值班甲"].sees("请您帮忙值班")
    story.without_ticks.add("duty_asks")  # the answer comes before it lapses by itself
    story.clock.advance(HOUR + timedelta(minutes=1))  # the shift has begun
    await story.tick()
    await story["值班甲"].taps("同意", message=asked)
    await story["县值班"].sees("已作废", "排班不变")
    await story["值班甲"].sees("已作废")
    assert "已作废" in story["值班甲"].shows(asked)["text"]
    assert on_plan(story)[0][0] == "县值班"
    assert "已经开始" in await story["县值班"].forges(f"dus:{mine}:{FIRST['id']}")
    # A stand-in for two hours, from when they agree.
    await story["县值班"].says("/duty")
    home = await story["县值班"].sees("现在值班：县值班")
    await story["县值班"].taps("⏱ 临时替班", message=home)
    await story["县值班"].taps("值班甲", message=home)
    await story["县值班"].taps("2 小时", message=home)
    asked = await story["值班甲"].sees("临时替班")
    await story["值班甲"].taps("同意", message=asked)
    await story["县值班"].sees("排班已改")
    await story["防办主任"].sees("排班已改")
    parts = [each for each in on_plan(story) if each[1] < 20]
    assert [who for who, _, _ in parts] == ["县值班", "值班甲", "县值班"]
    assert parts[1][2] - parts[1][1] == 2
    assert parts[0][2] == parts[1][1] and parts[1][2] == parts[2][1]


async def test_taken_over_now_and_only_once(story: Story) -> None:
    running = planned(story, ("县值班", -2, 6), ("值班甲", 6, 30), ("值班乙", 30, 200))[0]
    one, other = story["值班甲"], story["值班乙"]
    for taker in (one, other):
        await taker.says("/duty")
        home = await taker.sees("现在值班：县值班")
        await taker.taps("🙋 现在接班", message=home)
        assert "接 县值班 的班" in " ".join(buttons(taker.shows(home)))
    await one.taps("接 县值班 的班")
    await story["县值班"].sees("值班甲 现在接班")
    await story["防办主任"].sees("值班甲 现在接班")
    await one.sees("交接班", "没有未办结的事")
    await one.forges(f"duo:{COUNTY}:{running}")  # pressed twice
    await one.sees("您现在是 敦化市 的值班员")
    assert "现在值班：值班甲" in await other.taps("接 县值班 的班")
    assert on_plan(story)[:2] == [("县值班", -2, 0), ("值班甲", 0, 30)]  # their own shift began
    assert "没有值班的职务" in await story["村长0"].forges(f"duo:{COUNTY}:{running}")
    await story["县值班"].says("/duty")
    await story["县值班"].sees("现在值班：值班甲", "您没有排班")


async def test_gaps_are_told_ahead_once_each_and_taken_back(story: Story) -> None:
    days = 24.0
    planned(story, ("县值班", -1, 8 * days), ("值班甲", 9 * days, 12 * days))
    await story.tick()
    head = story["防办主任"]
    story.clock.advance(timedelta(days=1, minutes=1))
    await story.tick()
    told = await head.sees("敦化市 值班有空档", "没有排班")
    assert "🙋 我来值" not in " ".join(buttons(told))  # its end is not seen yet
    await story.tick()
    story.clock.advance(timedelta(days=2))
    await story.tick()  # nothing new, nothing said
    story.clock.advance(timedelta(days=4))
    await story.tick()
    told = await head.sees("敦化市 值班有空档", "至")
    story.clock.advance(timedelta(hours=23))
    await story.tick()
    told = await head.sees("敦化市 值班有空档")
    await story["县值班"].sees("敦化市 值班有空档")  # who is on duty then can stay on
    await head.taps("📨 请人值", message=told)
    chosen = story["防办主任"].shows(told)
    await head.taps("值班乙", message=chosen)
    asked = await story["值班乙"].sees("补空档")
    await story["值班乙"].taps("同意", message=asked)
    await head.sees("排班已改")
    await story.tick()
    await head.sees("空档已补上")
    await story["值班乙"].forges("dug:1")  # it is theirs already
    await story["值班乙"].sees("这一段由您值班")
    assert "已经有人值班" in await story["值班甲"].forges("dug:1")


async def test_who_leaves_leaves_a_gap(story: Story) -> None:
    planned(story, ("县值班", -1, 24), ("值班甲", 24, 48), ("值班乙", 70, 200), ("值班乙", 48, 60))
    await story.tick()
    await everything_taken(story)
    planned(story, ("县值班", 60, 70))
    await asks_to_swap(story, "县值班", "值班甲", "不换回")
    await story["值班甲"].sees("请您帮忙值班")
    now = story.clock()
    story.app.database.do(lambda c: untie(c, FIRST["id"], now, leaves=True))
    await story.settled()
    await story["县值班"].sees("已作废")
    story.clock.advance(timedelta(minutes=1))
    await story.tick()
    while (message := await one_of(story, "防办主任", "县指挥", "州指挥", "州主任")) is not None:
        assert "值班甲" in message or "值班有空档" in message
    told = story["防办主任"].last_with("🙋 我来值")
    await story["防办主任"].taps("🙋 我来值", message=told)
    await story["防办主任"].sees("这一段由您值班")
    await story.tick()
    await story["防办主任"].sees("空档已补上")


async def everything_taken(story: Story) -> None:
    """What was sent until now is not what the story is about."""
    for message in story.server.watch.untaken():
        await story["村长0"].sees(chat=message["chat"]["id"])


async def one_of(story: Story, *names: str) -> str | None:
    """The text of the next message that one of them got; ``None``: there is none left."""
    for message in story.server.watch.untaken():
        for name in names:
            if message["chat"]["id"] == story[name].id:
                return (await story[name].sees())["text"]
    return None


async def test_a_watch_hands_over_with_what_is_open(story: Story) -> None:
    planned(story, ("县值班", -8, 2), ("值班甲", 2, 10), ("值班乙", 10, 200))
    await story.tick()
    await story["县指挥"].says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    await story["县指挥"].taps("确认发布")
    story.without_ticks |= {"sweep", "channels", "cut_off_found"}  # it is about the hand-over
    await everything_taken(story)
    story.clock.advance(timedelta(minutes=95))
    await story.tick()
    asked = await story["县值班"].sees("交接班", "接班：值班甲", "生效中的预警 1 个", "还没有回应")
    await story["县值班"].taps("📝 写交班说明", message=asked)
    await story["县值班"].sees("请发交班说明")
    await story["县值班"].says("长" * 1001)
    await story["县值班"].sees("最多 1000 字")
    # Words full of alarm are what is asked for; nobody reads them before their button.
    await story["县值班"].says("三号沟有烟，滑坡点盯着；大石头镇桥头要盯着，老张说八点回话")
    typed = await story["县值班"].sees("敦化市 交班给 值班甲", "桥头要盯着")
    await story["县值班"].taps("✅ 交班：三号沟有烟", message=typed)
    assert "已交给 值班甲" in story["县值班"].shows(typed)["text"]
    note = await story["值班甲"].sees("交接班：您接班", "交班：县值班", "桥头要盯着", "1 个")
    # A sign is no 已接班: it is said, with the button.
    await story["值班甲"].reacts(note, "👍")
    await story["值班甲"].sees("还没有记录您的答复", "交接班：您接班")
    assert "不在接班名单上" in await story["值班乙"].forges("dur:1")
    await story["值班甲"].taps("已接班", message=note)
    await story["值班甲"].sees("已交接")
    await story["县值班"].sees("已交接", "值班甲")
    await story["值班甲"].forges("dur:1")  # twice
    await story["值班甲"].sees("已交接")
    # The next one: nobody writes, nobody confirms.
    story.clock.advance(timedelta(hours=8))
    await story.tick()
    await story["值班甲"].sees("接班：值班乙")
    story.clock.advance(timedelta(minutes=30))
    await story.tick()
    await story["值班乙"].sees("您接班", "没有另写说明")
    story.clock.advance(timedelta(minutes=31))
    await story.tick()
    await story["防办主任"].sees("交接班没有人确认", "值班乙")
    await story["值班乙"].says("/duty")
    await story["值班乙"].sees("现在值班：值班乙")
    await story["值班乙"].taps("✅ 已接班")
    await story["值班乙"].sees("已交接")
    await story["值班甲"].sees("已交接")


async def test_a_watch_that_is_over_hands_nothing_over(story: Story) -> None:
    """The bot was out for two days: nobody reads what was open, or is said to miss it."""
    planned(story, ("县值班", -8, 2), ("值班甲", 2, 10), ("值班乙", 10, 200))
    await story.fast_forward(minutes=1)
    await everything_taken(story)
    story.clock.advance(timedelta(hours=50))
    await story.tick()
    await story.fast_forward(minutes=40)
    assert [text for text in map(str, story.server.watch.untaken()) if "值班甲" in text] == []
    await everything_taken(story)


WITHOUT_TELEGRAM = person(74, "值班丙", COUNTY, Role.DUTY_OFFICER, linked=False)


async def test_without_a_plan_the_watch_is_handed_to_a_named_colleague(tmp_path: Path) -> None:
    async with story_of(tmp_path, more=(*MORE, WITHOUT_TELEGRAM), alone=True) as story:
        going, one, other = story["县值班"], story["值班甲"], story["值班乙"]
        await story.tick()

        async def chooses(who: str) -> dict:
            await going.says("/duty")
            home = await going.sees("值班 · 敦化市")
            await going.taps("🔄 交班给同事", message=home)
            await going.taps(who, message=home)
            return going.shows(home)

        # To whom it may be, and who it is not for.
        await going.says("/duty")
        home = await going.sees("没有排班，值班员", "交班给同事")
        await going.taps("🔄 交班给同事", message=home)
        assert "没有列出" in going.shows(home)["text"] and "值班丙" in going.shows(home)["text"]
        for actor, person_id, said in (
            (going, WITHOUT_TELEGRAM["id"], "联系不上 值班丙"),
            (going, going.row["id"], "不能请自己"),
            (going, story["村长0"].row["id"], "没有值班的职务"),
            (story["村长0"], one.row["id"], "不在这里值班"),
        ):
            assert said in await actor.forges(f"duv:{COUNTY}:{person_id}"), said

        # Nobody answers: asked again, then told to the head of office; then it is too late.
        chosen = await chooses("值班甲")
        assert "没有未办结的事" in chosen["text"]
        await going.taps("✅ 不写，直接交", message=chosen)
        assert "已发给 值班甲" in going.shows(chosen)["text"]
        await one.sees("县值班 向您交班", "没有未办结的事")
        await going.forges(f"duv:{COUNTY}:{one.row['id']}")  # asked twice it is asked once
        await going.sees("已发给 值班甲")
        assert "不是问您的" in await other.forges("dua:1:y")
        story.clock.advance(timedelta(minutes=16))
        await story.tick()
        await one.sees("还没有您的答复")
        story.clock.advance(timedelta(minutes=15))
        await story.tick()
        for name in ("县值班", "值班甲"):
            await story[name].sees("值班甲 没有接班")
        await story["防办主任"].sees("值班甲 没有接班", "值班甲 199")
        assert "已经办结" in await one.forges("dua:1:y")
        assert on_plan(story) == []

        # Refused: who asked stays on duty. With words, and agreed: the receipt.
        await going.taps("✅ 不写，直接交", message=await chooses("值班乙"))
        await other.taps("不同意", message=await other.sees("向您交班"))
        await going.sees("值班乙 不接班，县值班 仍在值班")
        for who in ("值班甲", "值班乙"):
            await going.taps("📝 写交班说明", message=await chooses(who))
            await going.sees("请发交班说明")
            await going.says("桥头要盯着")
            typed = await going.sees(f"交班给 {who}", "桥头要盯着")
            await going.taps("✅ 交班", message=typed)
            assert f"已发给 {who}" in going.shows(typed)["text"]
        await other.sees("向您交班", "桥头要盯着")
        await one.taps("同意", message=await one.sees("向您交班", "桥头要盯着"))
        await going.sees("值班甲 已接班，县值班 下班")
        await story["防办主任"].sees("值班甲 已接班")
        await other.sees("值班乙 没有接班")  # they need not answer any more
        assert on_plan(story) == [("值班甲", 0, 12)]
        await one.forges("dua:3:y")  # twice
        await one.sees("值班甲 已接班")
        assert "现在值班：值班甲" in await going.forges(f"duv:{COUNTY}:{other.row['id']}")

        # From a shift that runs: it ends, and the next goes on to the end of it.
        story.clock.advance(HOUR)
        await story.tick()
        await one.forges(f"duv:{COUNTY}:{other.row['id']}")
        await one.sees("已发给 值班乙")
        toast = await other.taps("同意", message=await other.sees("值班甲 向您交班"))
        assert not toast, toast
        await one.sees("值班乙 已接班")
        await story["防办主任"].sees("值班乙 已接班")
        assert on_plan(story) == [("值班甲", -1, 0), ("值班乙", 0, 12)]
        # Where no plan is kept, the end of such a watch is nobody's gap: nobody is told of one.
        await story.fast_forward(minutes=2)
        assert not story.app.database.read(
            lambda c: gaps(c, story.clock() - HOUR, story.clock() + 48 * HOUR)
        )
        given = story.app.database.read(
            lambda c: handover_store.latest(c, COUNTY, story.clock() + HOUR)
        )
        assert given is not None and (given.given_by, given.received_by) == (
            one.row["id"],
            other.row["id"],
        )


def shown_address(story: Story) -> str:
    """The calendar's address that the officer was shown last, without its host."""
    text = story["县值班"].last_with("🔄 换新地址")["text"]
    (line,) = [line for line in text.splitlines() if line.startswith("https://")]
    return line.removeprefix("https://board.example")


@asynccontextmanager
async def served(story: Story):
    """The web server, and a browser of somebody outside."""
    shipped = settings_for(story.server)
    board = replace(shipped.board, port=0, public_url="https://board.example")
    server = BoardServer(replace(shipped, board=board), story.app.database, clock=story.clock)
    await server.start()
    try:
        async with aiohttp.ClientSession(server.url) as client:
            yield client
    finally:
        await server.stop()


async def test_the_calendar_of_a_phone_is_its_persons_alone(tmp_path: Path) -> None:
    board = BoardSettings(port=8090, public_url="https://board.example")
    async with story_of(tmp_path, more=MORE, alone=True, board=board) as story:
        planned(story, ("县值班", 1, 25), ("值班甲", 25, 200))
        officer = story["县值班"]

        async def address() -> str:
            await officer.says("/duty")
            home = await officer.sees("我的班次")
            await officer.taps("📆 手机日历订阅", message=home)
            text = officer.shows(home)["text"]
            (line,) = [line for line in text.splitlines() if line.startswith("https://")]
            return line.removeprefix("https://board.example")

        first = await address()
        async with served(story) as client:
            async with client.get(first) as answer:
                assert answer.status == 200
                assert answer.content_type == "text/calendar"
                tag, body = answer.headers["ETag"], await answer.read()
            calendar = Calendar.from_ical(body)
            events = calendar.walk("VEVENT")
            assert [event["summary"] for event in events] == ["值班 · 敦化市"]
            away = events[0].decoded("dtstart") - story.clock() - HOUR
            assert abs(away) < timedelta(seconds=2)
            assert b"+86" not in body
            async with client.get(first, headers={"If-None-Match": tag}) as answer:
                assert answer.status == 304
            for forged in (first.replace("-5-", "-71-"), first[:-6] + "x.ics", "/calendar/1.ics"):
                async with client.get(forged) as answer:
                    assert answer.status == 404, forged
            assert await address() == first  # shown again, it is the same
            await officer.taps("🔄 换新地址")
            second = shown_address(story)
            async with client.get(first) as answer:
                assert answer.status == 410  # leaked: a new one was taken
            async with client.get(second) as answer:
                assert answer.status == 200
            await officer.taps("🚫 停用")
            async with client.get(second) as answer:
                assert answer.status == 410
            third = await address()
            now: datetime = story.clock()
            story.app.database.do(lambda c: untie(c, 5, now, leaves=True))
            async with client.get(third) as answer:
                assert answer.status == 410
        await story.settled()
        while await one_of(story, "州指挥", "州主任", "县指挥", "防办主任") is not None:
            pass
