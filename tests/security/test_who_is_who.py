"""Nobody becomes somebody else: each attack on who is who, played against the real bot."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import alert_store
from alerts.model import State
from contacts import people_store
from contacts.people import Person, Role
from data import audit
from data.tables.contacts import people, shifts
from tests.roster import CITY, CITY_COMMANDER, COUNTY, TOWNSHIP, VILLAGES, person
from tests.stories.command_line import CommandLine
from tests.stories.story import Actor, Story, buttons, story_of

DIRECTOR = person(70, "县主任", COUNTY, Role.DIRECTOR, linked=False)
OTHER_DUTY = person(71, "县值班二", COUNTY, Role.DUTY_OFFICER, linked=False)
CLERK = person(72, "县文员", COUNTY, Role.STAFF, linked=False)
TOWN_CLERK = person(73, "镇文员", TOWNSHIP, Role.STAFF, linked=False)
TOWN_HEAD = person(74, "副镇长", TOWNSHIP, Role.DEPUTY_DIRECTOR, linked=False)
HEAD = person(75, "新村长", VILLAGES[2], Role.VILLAGE_RESPONSIBLE, linked=False)
UNLINKED = (DIRECTOR, OTHER_DUTY, CLERK, TOWN_CLERK, TOWN_HEAD, HEAD)
SECOND = 77_001
"""The second account of somebody who wants to be somebody else."""
OWN = 77_002
"""The director's own telephone."""


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, more=UNLINKED) as running:
        running.server.people.add_user(SECOND, "第二个手机", phone="+8619911110000")
        running.server.people.add_user(OWN, "主任手机", phone=DIRECTOR["phone"])
        yield running


def actor(story: Story, account: int, name: str = "手机") -> Actor:
    return Actor(story, {"telegram_id": account, "name": name})


async def opens(story: Story, account: int, code: str) -> None:
    story.server.people.press_start(account, code)
    await story.settled()


async def shares(story: Story, account: int) -> None:
    story.server.people.share_contact(account)
    await story.settled()


def now_of(story: Story, row: dict[str, Any]) -> Person:
    found = story.app.database.read(lambda c: people_store.person(c, row["id"]))
    assert found is not None
    return found


def trail(story: Story, row: dict[str, Any]) -> list[str]:
    subject = f"person:{row['id']}"
    return [
        entry["action"]
        for entry in story.app.database.read(lambda c: list(audit.trail(c, subject)))
    ]


async def test_a_duty_officer_reads_codes_of_those_below_without_rights_only(story: Story) -> None:
    duty = story["县值班"]
    await duty.says("/link")
    shown = (await duty.sees("新村长", "镇文员"))["text"]
    for row in (DIRECTOR, OTHER_DUTY, CLERK, TOWN_HEAD):
        assert row["invite_code"] not in shown
        assert row["name"] not in shown
    for row in (HEAD, TOWN_CLERK):
        assert row["invite_code"] in shown
        assert trail(story, row) == ["person.invited"]


async def test_nobody_reads_the_code_of_whoever_will_be_on_duty(story: Story) -> None:
    now = story.clock()
    shift = {
        "person_id": TOWN_CLERK["id"],
        "division_code": COUNTY,
        "starts_at": now + timedelta(days=1),
        "ends_at": now + timedelta(days=2),
    }
    story.app.database.do(lambda c: c.execute(shifts.insert().values(shift)))
    await story["县值班"].says("/link")
    assert "镇文员" not in (await story["县值班"].sees("新村长"))["text"]
    await opens(story, SECOND, TOWN_CLERK["invite_code"])
    await actor(story, SECOND).sees("还差一步")
    await story["县值班"].sees("有人要绑定", "镇文员")
    await story["县指挥"].sees("有人要绑定", "镇文员")


async def test_the_directors_code_alone_makes_nobody_director(story: Story) -> None:
    thief = actor(story, SECOND)
    await opens(story, SECOND, DIRECTOR["invite_code"])
    await thief.sees("还差一步", "县主任", "分享手机号")
    for chief in ("州指挥", "州主任"):
        asked = await story[chief].sees(
            "有人要绑定", "县主任", "第二个手机", "199 0000 0070", "邀请码"
        )
        assert "本人手机号" not in asked["text"]
    await thief.says("/warn 红 暴雨 敦化市 立即转移")
    await thief.sees("请先绑定身份")
    assert not story.app.database.read(
        lambda c: [alert for alert in alert_store.alerts(c) if alert.areas == (COUNTY,)]
    )
    assert now_of(story, DIRECTOR).telegram_id is None
    await shares(story, SECOND)  # a number that is nobody's
    await thief.sees("没有 199****0000 这个号码")
    await opens(story, SECOND, DIRECTOR["invite_code"])  # again: nobody is asked twice
    await thief.sees("还差一步")
    assert trail(story, DIRECTOR) == ["person.link_asked"]


@pytest.mark.parametrize("order", ["code first", "number first"])
async def test_code_and_own_number_together_link_and_those_above_hear_of_it(
    story: Story, order: str
) -> None:
    director = actor(story, OWN, "县主任")
    steps = [lambda: opens(story, OWN, DIRECTOR["invite_code"]), lambda: shares(story, OWN)]
    first, second = steps if order == "code first" else reversed(steps)
    await first()
    await director.sees("还差一步")
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("有人要绑定", "县主任")
    await second()
    await director.sees("绑定成功", "县主任")
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("已绑定账号", "县主任", "199 0000 0070")
    await director.says("/warn 黄 暴雨 敦化市 注意防范")
    await director.sees("注意防范")
    await director.taps("确认发布")
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("第一次行使权限", "县主任")
    for name in ("县指挥", "镇长", "村长0", "村长1", "村长2"):
        await story[name].sees("注意防范")
    story.server.watch.take(-1001)
    await director.sees("已回应 0 / 7")
    assert trail(story, DIRECTOR) == ["person.link_asked", "person.linked"]


async def test_a_number_that_was_shown_yesterday_counts_no_more(story: Story) -> None:
    await shares(story, OWN)
    await actor(story, OWN).sees("还差一步", "邀请链接")
    story.clock.advance(timedelta(hours=24))
    await story.tick()
    story.server.watch.untaken()
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("有人要绑定", "本人手机号")
    await opens(story, OWN, DIRECTOR["invite_code"])
    await actor(story, OWN).sees("还差一步", "分享手机号")
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("有人要绑定", "邀请码")


async def test_somebody_above_approves_and_nobody_else(story: Story) -> None:
    newcomer = actor(story, SECOND)
    await opens(story, SECOND, DIRECTOR["invite_code"])
    await newcomer.sees("还差一步")
    asked = await story["州指挥"].sees("有人要绑定")
    await story["州主任"].sees("有人要绑定")
    data = f"ia:{DIRECTOR['id']}:{SECOND}"
    assert buttons(asked) == ["✅ 已电话核实，批准", "❌ 不是本人"]
    for name in ("县值班", "县指挥", "图们指挥", "村长0"):
        await story[name].forges(data)
        assert now_of(story, DIRECTOR).telegram_id is None, name
    await newcomer.forges(data)
    story.server.watch.take(SECOND)
    for other in (SECOND + 1, 1):
        assert "没有这个绑定申请" in await story["州指挥"].forges(f"ia:{DIRECTOR['id']}:{other}")
    await story["州指挥"].taps("批准", message=asked)
    assert "已批准绑定" in story["州指挥"].shows(asked)["text"]
    await newcomer.sees("绑定成功", "县主任")
    await story["州主任"].sees("已绑定账号", "由 州指挥 批准")
    assert now_of(story, DIRECTOR).telegram_id == SECOND
    assert "没有这个绑定申请" in await story["州主任"].forges(data)


async def test_a_duty_officer_above_approves_no_commander(story: Story) -> None:
    """Nobody gives a right they do not have."""
    await opens(story, SECOND, TOWN_HEAD["invite_code"])
    await actor(story, SECOND).sees("还差一步")
    await story["县指挥"].sees("有人要绑定", "副镇长")
    await story["县值班"].forges(f"ia:{TOWN_HEAD['id']}:{SECOND}")
    assert now_of(story, TOWN_HEAD).telegram_id is None


async def test_who_is_refused_learns_it_and_the_code_is_void(story: Story) -> None:
    await opens(story, SECOND, DIRECTOR["invite_code"])
    await actor(story, SECOND).sees("还差一步")
    asked = await story["州指挥"].sees("有人要绑定")
    await story["州主任"].sees("有人要绑定")
    await story["州指挥"].taps("不是本人", message=asked)
    assert "已作废" in story["州指挥"].shows(asked)["text"]
    await actor(story, SECOND).sees("没有批准绑定")
    await opens(story, SECOND, DIRECTOR["invite_code"])
    await actor(story, SECOND).sees("邀请码无效")
    assert trail(story, DIRECTOR) == ["person.link_asked", "person.link_refused"]


async def test_the_second_person_is_nobody_whom_the_first_let_in(story: Story) -> None:
    """州指挥 lets an account of his own in as 州副主任, and confirms his own warning with it."""
    sock = person(76, "州副主任", CITY, Role.DEPUTY_DIRECTOR, linked=False)
    bot = {"bot_id": now_bot(story)}
    story.app.database.do(lambda c: c.execute(people.insert().values({**sock, **bot})))
    await opens(story, SECOND, sock["invite_code"])
    await actor(story, SECOND).sees("还差一步")
    await story["省指挥"].sees("有人要绑定", "州副主任")  # not 州指挥: he is not above
    await story["州指挥"].forges(f"ia:{sock['id']}:{SECOND}")
    assert now_of(story, sock).telegram_id is None
    story.app.database.do(
        lambda c: c.execute(
            people.update()
            .where(people.c.id == sock["id"])
            .values(telegram_id=SECOND, approved_by=CITY_COMMANDER["id"])
        )
    )
    await story["州指挥"].says("/warn 红 暴雨 延边朝鲜族自治州 立即转移")
    await story["州指挥"].sees("第二名指挥员")
    await story["州指挥"].taps("确认发布")
    for name in ("州主任", "省指挥"):
        await story[name].sees("请您确认发布")
    (alert,) = story.app.database.read(lambda c: alert_store.alerts(c, State.PENDING))
    assert not story.server.watch.take(SECOND), "the account that he let in is not even asked"
    assert "另一个人" in await actor(story, SECOND).forges(f"c:{alert.id}")
    assert story.app.database.read(lambda c: alert_store.alerts(c, State.PENDING)) == [alert]


async def test_a_code_opens_nothing_after_its_days(story: Story) -> None:
    def made(days: float) -> None:
        at = story.clock() - timedelta(days=days)
        change = people.update().where(people.c.id == HEAD["id"]).values(invite_made_at=at)
        story.app.database.do(lambda c: c.execute(change))

    made(30)
    await opens(story, SECOND, HEAD["invite_code"])
    await actor(story, SECOND).sees("邀请码已过期")
    await story["县值班"].says("/link")  # shown anew, it is another code, and the old one is void
    shown = (await story["县值班"].sees("新村长"))["text"]
    fresh = now_of(story, HEAD).invite_code
    assert fresh != HEAD["invite_code"] and fresh in shown
    await opens(story, SECOND, HEAD["invite_code"])
    await actor(story, SECOND).sees("邀请码无效")
    made(29.9)
    await opens(story, SECOND, fresh)
    await actor(story, SECOND).sees("绑定成功", "新村长")


async def test_what_is_half_over_is_renewed_when_shown_and_what_is_fresh_is_not(
    story: Story,
) -> None:
    for days, same in ((14, True), (16, False)):
        at, before = story.clock() - timedelta(days=days), now_of(story, HEAD).invite_code
        change = people.update().where(people.c.id == HEAD["id"]).values(invite_made_at=at)
        story.app.database.do(lambda c, change=change: c.execute(change))
        await story["县值班"].says("/link")
        await story["县值班"].sees("新村长")
        assert (now_of(story, HEAD).invite_code == before) is same


async def test_an_untied_account_links_to_nobody_until_that_is_lifted(
    story: Story, tmp_path: Path
) -> None:
    """A stolen telephone: its account has the number, and perhaps the old sheet."""
    jiaoying = CommandLine(tmp_path)
    thief = story["村长0"]
    people_of_server = story.server.people
    done = await jiaoying("person", "unlink", thief.row["phone"])
    assert done.code == 0 and "unblock" in done.out
    people_of_server.share_contact(thief.id)
    await story.settled()
    await thief.sees("已被停止绑定")
    for row in (thief.row, HEAD):
        await opens(story, thief.id, now_of(story, row).invite_code)
        await thief.sees("已被停止绑定")
    assert (await jiaoying("person", "unblock", thief.row["phone"])).code == 0
    people_of_server.share_contact(thief.id)
    await story.settled()
    await thief.sees("绑定成功", "村长0")
    assert trail(story, thief.row) == ["person.unlinked", "person.unblocked", "person.linked"]
    assert "没有" in (await jiaoying("person", "unblock", thief.row["phone"])).out


async def test_those_above_hear_when_a_commander_is_untied_or_leaves(
    story: Story, tmp_path: Path
) -> None:
    jiaoying = CommandLine(tmp_path)
    await jiaoying("person", "unlink", story["县指挥"].row["phone"])
    await jiaoying("person", "retire", story["镇长"].row["phone"])
    await jiaoying("person", "unlink", story["村长1"].row["phone"])  # no rights: no news
    await story.fast_forward(minutes=3)  # the command line has a clock of its own
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("已解除绑定", "县指挥", "199 0000 0004")
    await story["县值班"].sees("已解除绑定", "镇长")


async def test_the_operator_approves_by_number(story: Story, tmp_path: Path) -> None:
    jiaoying = CommandLine(tmp_path)
    phone = DIRECTOR["phone"]
    nothing = await jiaoying("person", "approve", phone)
    assert nothing.code == 1 and "没有这个绑定申请" in nothing.err
    for account in (SECOND, OWN):
        await opens(story, account, DIRECTOR["invite_code"])
        await actor(story, account).sees("还差一步")
        for chief in ("州指挥", "州主任"):
            await story[chief].sees("有人要绑定")
    several = await jiaoying("person", "approve", phone)
    assert several.code == 1 and str(SECOND) in several.out and str(OWN) in several.out
    assert (await jiaoying("person", "approve", phone, "--account", str(OWN))).code == 0
    await story.fast_forward(minutes=3)  # the command line has a clock of its own
    await actor(story, OWN).sees("绑定成功", "县主任")
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("已绑定账号", "县主任")


def now_bot(story: Story) -> int:
    return int(story.app.database.read(lambda c: c.execute(people.select()).first().bot_id))


async def test_those_above_hear_of_an_account_that_comes_by_a_file(
    story: Story, tmp_path: Path
) -> None:
    """Whoever edits the roster gives a commander's post to an account of their own."""
    jiaoying, row = CommandLine(tmp_path), story["县指挥"].row
    file = tmp_path / "people.csv"

    def write(*rows: dict[str, Any]) -> None:
        lines = [
            f"{row['name']},{row['phone']},{row['division_code']},{row['role']},{SECOND + number}\n"
            for number, row in enumerate(rows)
        ]
        head = "name,phone,division_code,role,telegram_id\n"
        file.write_text(head + "".join(lines), encoding="utf-8")

    write(row)
    asked = await jiaoying("import", "people", file)
    assert asked.code == 1 and "另一个 Telegram 账号" in asked.out and "--yes" in asked.out
    assert now_of(story, row).telegram_id == row["telegram_id"]
    assert (await jiaoying("import", "people", file, "--yes")).code == 0
    assert now_of(story, row).telegram_id == SECOND
    await story.fast_forward(minutes=3)  # the command line has a clock of its own
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("已绑定账号", "县指挥", "199 0000 0004")
    # Those above are of the same file: it is told to those above them.
    write(DIRECTOR, story["州指挥"].row, story["州主任"].row)
    file.write_text(file.read_text("utf-8").replace(str(SECOND), "77010"), encoding="utf-8")
    assert (await jiaoying("import", "people", file, "--yes")).code == 0
    await story.fast_forward(minutes=3)
    told = [(await story["省指挥"].sees("已绑定账号"))["text"] for _ in range(3)]
    assert all(any(name in text for text in told) for name in ("县主任", "州指挥", "州主任"))


async def test_an_old_file_lets_no_untied_account_in(story: Story, tmp_path: Path) -> None:
    jiaoying, row = CommandLine(tmp_path), story["县指挥"].row
    await jiaoying("person", "unlink", row["phone"])
    file = tmp_path / "people.csv"
    head = "name,phone,division_code,role,telegram_id\n"
    for holder in (row, DIRECTOR):
        line = (
            f"{holder['name']},{holder['phone']},{COUNTY},{holder['role']},{row['telegram_id']}\n"
        )
        file.write_text(head + line, encoding="utf-8")
        refused = await jiaoying("import", "people", file, "--yes")
        assert refused.code == 1 and "解除过绑定" in refused.out and "unblock" in refused.out
        assert now_of(story, holder).telegram_id is None
    await story.fast_forward(minutes=3)
    for chief in ("州指挥", "州主任"):
        await story[chief].sees("已解除绑定", "县指挥")
