"""The answer page: looking changes nothing, the button answers, each end has words of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import delete, func, insert, select, update

from alerts import alert_store, call_store, report_store
from alerts.acknowledge import by_button, by_person, by_proxy
from alerts.calls import INCLUDED, Call, CallState, Proxy, Report, Via
from alerts.closing import cancel, expire_alert, lift
from alerts.follow_up import discharge
from alerts.model import Draft, Hazard, Level
from alerts.withdrawals.withdrawing import doubt
from bot.channels.answer_page import HEADERS, LONGEST_WAIT, OF_NO_CALL, OF_ONE_CALL, AnswerPage
from bot.config.load import load
from bot.config.reader import Secret
from bot.config.rules import all_rules
from bot.config.settings_channels import ChannelsSettings, PageSettings
from bot.messages.answer_links import page_link
from bot.services.async_database import AsyncDatabase
from bot.services.geography import Geography
from bot.services.services import Services
from contacts import access_log_store, people_store
from contacts.access_log_store import Way
from data import audit
from data.database import Connection, Database
from data.errors import StoreBusy
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import people, posts, shifts
from data.tables.running import audit as audit_table
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
    VILLAGES,
)
from tests.store.test_release import go
from tests.waiting import PassTime

pytestmark = pytest.mark.one_database

FORM = "application/x-www-form-urlencoded"
HEAD, OTHER = VILLAGERS[0], VILLAGERS[1]
PAGE = PageSettings(url="https://hd.example.gov.cn/", port=0)


class Visit:
    """The page's server, one call of a village head without Telegram, and the clocks."""

    def __init__(self, database: Database, text: str = '<b>"立即转移"</b>') -> None:
        self.database, self.now, self.seconds = database, NOW, 0.0
        self.settings = replace(load(None, {}), channels=ChannelsSettings(page=PAGE))
        services = Services(
            AsyncDatabase(database, readers=1, name="test"),
            self.settings,
            all_rules(self.settings),
            Geography(database, _no_boundaries),
            lambda: self.now,
        )
        self.services, self.rules = services, services.rules.warnings
        self.page = AnswerPage(services, lambda: self.seconds)
        self.page.app.freeze()
        self.client: TestClient[Any, Any] = TestClient(TestServer(self.page.app))
        database.do(
            lambda c: c.execute(
                update(people).where(people.c.id == HEAD["id"]).values(telegram_id=None)
            )
        )
        draft = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), text)
        self.alert_id: int = go(database, draft).alert_id

    def call(self, row: dict[str, Any] = HEAD) -> Call:
        found = self.database.read(lambda c: call_store.call_of(c, self.alert_id, row["id"]))
        assert found is not None
        return found

    def path(self, row: dict[str, Any] = HEAD, settings: PageSettings | None = None) -> str:
        call = self.call(row)

        def address(c: Connection) -> str:
            alert = alert_store.alert(c, self.alert_id)
            assert alert is not None
            return page_link(c, settings or self.settings.channels.page, call, alert, self.now)

        return self.database.read(address).removeprefix("https://hd.example.gov.cn")

    async def sees(self, path: str, status: int = 200, **options: Any) -> str:
        answer = await self.client.get(path, **options)
        return await said(answer, status)

    async def sends(self, path: str, status: int = 200, **form: str) -> str:
        answer = await self.client.post(path, data=form)
        return await said(answer, status)

    def everything(self) -> list[Any]:
        """What a visit could have changed: calls, the trail, the outbox."""
        return self.database.read(
            lambda c: [
                self.call(),
                c.execute(select(func.count()).select_from(audit_table)).scalar_one(),
                c.execute(select(func.count()).select_from(deliveries)).scalar_one(),
            ]
        )


async def said(answer: ClientResponse, status: int) -> str:
    text = await answer.text()
    assert answer.status == status, text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "<script" not in text and len(text.encode()) < 10_000
    return text


def _no_boundaries() -> Any:
    raise AssertionError("no map is needed")


@pytest.fixture
async def visit(database: Database) -> AsyncIterator[Visit]:
    visit = Visit(database)
    async with visit.client:
        yield visit
    await visit.page.stop()


async def test_looking_changes_nothing_whoever_looks(visit: Visit) -> None:
    before, path = visit.everything(), visit.path()
    for _ in range(3):
        page = await visit.sees(path, headers={"User-Agent": "WeChat preview"})
    assert (await visit.client.head(path)).status == 200
    assert visit.everything() == before
    assert HEAD["name"] in page and "敦化市暴雨红色预警" in page and "收到" in page
    assert "&lt;b&gt;" in page and '<b>"立即' not in page  # people's words are no markup
    assert "有效至" in page
    for row in (TOWNSHIP_DUTY, COUNTY_DUTY, OTHER):
        assert row["phone"][-4:] not in page


@pytest.mark.both_databases
async def test_the_button_answers_once(visit: Visit) -> None:
    path = visit.path()
    page = await visit.sends(path, answer="1")  # sees the page anew, by a request of its own
    assert "已记录" in page and "请立即" in page and "镇值班" in page and "tel:1990" in page
    call = visit.call()
    assert (call.state, call.answered_via, call.answered_at) == (
        CallState.ACKNOWLEDGED,
        Via.PAGE,
        NOW,
    )
    visit.now += timedelta(minutes=2)
    before = visit.everything()
    await visit.sends(path, answer="1")
    assert visit.everything() == before
    entries = [
        entry
        for entry in visit.database.read(lambda c: list(audit.trail(c, f"call:{call.id}")))
        if entry["action"] == "call.acknowledged"
    ]
    assert [entry["detail"]["via"] for entry in entries] == ["page"]
    answer = await visit.client.post(path, data={"answer": "1"}, allow_redirects=False)
    assert answer.status == 303 and "/" not in answer.headers["Location"]


async def test_nobody_answers_with_a_link_of_somebody_else(visit: Visit) -> None:
    before, path = visit.everything(), visit.path()
    other = visit.path(OTHER)
    signature = path.rpartition(".")[2]
    forged = [
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        other.rpartition(".")[0] + "." + signature,
        visit.path(settings=replace(PAGE, secret=Secret("x" * 32))),
        "/a/1-1-1.",
        "/a/" + "9" * 300,
    ]
    for link in forged:
        assert "链接无效" in await visit.sees(link, 403)
        assert "not valid" in await visit.sends(link, 403, answer="1")
    assert visit.everything() == before


async def test_a_link_ends_with_the_warning_or_after_its_hours(visit: Visit) -> None:
    alert = visit.database.read(lambda c: alert_store.alert(c, visit.alert_id))
    assert alert is not None
    path = visit.path()
    short = visit.path(settings=replace(PAGE, hours=1))
    visit.now = NOW + timedelta(hours=1)
    assert "已过期" in await visit.sees(short, 410)
    assert "请回应" in await visit.sees(path)
    visit.now = alert.expires_at
    before = visit.everything()
    assert "已过期" in await visit.sends(path, 410, answer="1")
    assert visit.everything() == before


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("cancel", "本次预警是误发，已取消"),
        ("lift", "本次预警已解除"),
        ("expire", "本次预警已到期"),
    ],
)
async def test_a_warning_that_is_over_asks_nothing(visit: Visit, how: str, says: str) -> None:
    path = visit.path()

    def unit(c: Connection) -> None:
        commander = people_store.person(c, COUNTY_COMMANDER["id"])
        assert commander is not None
        if how == "expire":  # shortened since the link was given out
            shorter = update(alerts).where(alerts.c.id == visit.alert_id)
            c.execute(shorter.values(expires_at=NOW))
            expire_alert(c, visit.alert_id, NOW)
        else:
            (cancel if how == "cancel" else lift)(c, visit.alert_id, commander, NOW)

    visit.database.do(unit)
    before = visit.everything()
    for page in (await visit.sees(path), await visit.sends(path, answer="1")):
        assert "不用再回应" in page and says in page and "<form" not in page
    assert visit.everything() == before


async def test_whoever_was_struck_off_or_left_is_told(visit: Visit) -> None:
    path, call = visit.path(), visit.call()
    duty = TOWNSHIP_DUTY["telegram_id"]
    visit.database.do(lambda c: discharge(c, call.id, duty, "人在外地", NOW))
    page = await visit.sends(path, answer="1")
    assert "已从名单中销号" in page and "<form" not in page
    retired = update(people).where(people.c.id == HEAD["id"]).values(active=False)
    visit.database.do(lambda c: c.execute(retired))
    assert "叫应已不在" in await visit.sees(path, 410)
    assert "叫应已不在" in await visit.sends(path, 410, answer="1")


async def test_after_an_officers_word_the_own_answer_still_counts(visit: Visit) -> None:
    path, call = visit.path(), visit.call()
    duty = TOWNSHIP_DUTY["telegram_id"]
    visit.database.do(lambda c: by_proxy(c, call.id, duty, Proxy.PHONE, NOW))
    page = await visit.sees(path)
    assert 'class="answer"' in page and 'value="moved"' in page
    await visit.sends(path, answer="1")
    assert visit.call().answered_via is Via.PAGE


async def test_what_is_answered_in_telegram_shows_on_the_page_and_the_other_way(
    visit: Visit,
) -> None:
    call, path, account = visit.call(OTHER), visit.path(OTHER), OTHER["telegram_id"]
    sent = update(calls).where(calls.c.id == call.id).values(message_id=77, reach="delivered")
    visit.database.do(lambda c: c.execute(sent))
    visit.database.do(lambda c: by_button(c, call.id, account, visit.rules, NOW))
    page = await visit.sees(path)
    assert "已记录" in page and 'class="answer"' not in page
    visit.database.do(lambda c: c.execute(delete(deliveries)))
    await visit.sends(path, report="done")
    assert visit.call(OTHER).report is Report.DONE
    queued = select(deliveries.c.kind, deliveries.c.chat_id)
    told = visit.database.read(lambda c: c.execute(queued).all())
    assert [tuple(row) for row in told] == [("answered", account)]  # the message becomes that


@pytest.mark.both_databases
async def test_reports_by_the_same_page(visit: Visit) -> None:
    path = visit.path()
    # Before the answer there is nothing to report on.
    assert "请回应" in await visit.sends(path, report="moved", households="12", persons="35")
    assert visit.call().report is None
    await visit.sends(path, answer="1")
    page = await visit.sends(path, report="moved", households=" １２ ", persons="35")
    assert "12 户 35 人" in page
    call = visit.call()
    assert (call.report, call.households, call.persons) == (Report.MOVED, 12, 35)
    page = await visit.sends(path, report="help", text='要船\0 <img src=x onerror="1">')
    assert "要船" in page and "<img" not in page
    last = visit.database.read(lambda c: report_store.of_call(c, call.id))[-1]
    assert last.report is Report.HELP and last.text == '要船 <img src=x onerror="1">'
    await visit.sends(path, report="cannot")
    assert visit.call().report is Report.CANNOT


async def test_what_is_no_figure_is_asked_for_again(visit: Visit) -> None:
    path = visit.path()
    await visit.sends(path, answer="1")
    before = visit.everything()
    typed = (("", ""), ("十二户", "3"), ("-1", ""), ("9" * 7, ""), ('"><i>', ""))
    for households, persons in typed:
        page = await visit.sends(path, 400, report="moved", households=households, persons=persons)
        assert "没有记录" in page and "<i>" not in page
        assert "<h1>✅ 已记录" not in page  # the answer was recorded: this was not
    assert "没有记录" in await visit.sends(path, 400, report="help", text="长" * 501)
    assert "没有看懂" in await visit.sends(path, 400, report="holiday")
    assert "没有看懂" in await visit.sends(path, 400)
    assert "没有记录" in await visit.sends(path, 400, report="done", place="99")
    assert visit.everything() == before


async def test_figures_that_are_hardly_meant_are_asked_about(visit: Visit) -> None:
    path = visit.path()
    await visit.sends(path, answer="1")
    before = visit.everything()
    page = await visit.sends(path, report="moved", households="5000", persons="9000")
    assert "真的是" in page and visit.everything() == before
    form = dict(re.findall(r'name="(\w+)" value="(\w*)"', page))
    assert form["sure"] == "1"
    assert "5000 户" in await visit.sends(path, **form)


async def test_no_form_but_ours_is_read(visit: Visit) -> None:
    before, path = visit.everything(), visit.path()
    for options in (
        {"json": {"answer": "1"}},
        {"data": b"answer=1", "headers": {"Content-Type": "text/plain"}},
        {"data": b"answer=1", "headers": {"Content-Type": f"{FORM}; charset=nothing"}},
        {"data": b"answer=1", "headers": {"Content-Type": f"{FORM}; charset=unicode_escape"}},
        {"data": b"answer=\xff\xfe", "headers": {"Content-Type": FORM}},
    ):
        answer = await visit.client.post(path, **options)
        assert answer.status == 400, await answer.text()
    answer = await visit.client.post(path, data={"answer": "1", "text": "x" * 20_000})
    assert answer.status == 413
    assert (await visit.client.put(path, data={"answer": "1"})).status == 405
    assert visit.everything() == before


@pytest.mark.both_databases
async def test_a_link_is_not_opened_without_end(visit: Visit) -> None:
    path, (at_once, every) = visit.path(), OF_ONE_CALL
    for _ in range(at_once):
        await visit.sees(path)
    assert "点得太快" in await visit.sees(path, 429)
    assert (await visit.client.get(path)).headers["Retry-After"]
    await visit.sees(visit.path(OTHER))  # nobody else waits
    visit.seconds += every
    await visit.sends(path, 200 if every < 1 else 429, answer="1")  # the form, then the page anew
    assert visit.call().answered


async def test_who_guesses_is_slowed_down_and_nobody_else(visit: Visit) -> None:
    guesser, neighbour = ({"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2"))
    for _ in range(OF_NO_CALL[0]):
        await visit.sees("/a/1-1-1.x", 403, headers=guesser)
    await visit.sees("/a/1-1-1.x", 429, headers=guesser)
    await visit.sees("/a/1-1-1.x", 403, headers=neighbour)
    await visit.sees(visit.path(), headers=guesser)  # behind the same address somebody is called


@pytest.mark.parametrize("error", [StoreBusy("busy"), ValueError("nobody foresaw it")])
async def test_whatever_goes_wrong_the_person_reads_a_page(
    visit: Visit, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_args: Any, **_options: Any) -> Any:
        raise error

    path = visit.path()
    monkeypatch.setattr(visit.page._database, "run", fails)
    page = await visit.sends(path, 503, answer="1")
    assert "还没有确认记录上" in page and "press again" in page and "12119" in page
    monkeypatch.setattr(visit.page._database, "ask", fails)
    assert "还没有确认记录上" in await visit.sees(path, 503)
    monkeypatch.undo()
    await visit.sends(path, answer="1")
    assert visit.call().answered


async def test_a_database_that_hangs_is_not_waited_for_without_end(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, pass_time: PassTime
) -> None:
    asked = asyncio.Event()

    async def hangs(*_args: Any, **_options: Any) -> Any:
        asked.set()
        await asyncio.Event().wait()

    path = visit.path()
    await visit.sees(path)
    monkeypatch.setattr(visit.page._database, "run", hangs)
    sending = asyncio.create_task(visit.sends(path, 503, answer="1"))
    await asked.wait()
    await pass_time(LONGEST_WAIT)
    assert "还没有确认记录上" in await sending


async def test_a_stand_in_reads_for_whom(visit: Visit) -> None:
    instead = update(calls).where(calls.c.id == visit.call(OTHER).id)
    silent = visit.call().id
    visit.database.do(lambda c: c.execute(instead.values(stand_in_for=silent)))
    page = await visit.sees(visit.path(OTHER))
    assert f"{HEAD['name']} 没有回应，请您顶上" in page
    visit.database.do(lambda c: by_person(c, silent, HEAD["id"], Via.PAGE, visit.rules, visit.now))
    ended = {"state": "discharged", "discharge_reason": "stood_down"}
    visit.database.do(lambda c: c.execute(instead.values(**ended)))
    page = await visit.sends(visit.path(OTHER), answer="1")
    assert "不用再回应" in page and "已有着落" in page and "<form" not in page


@pytest.mark.both_databases
async def test_of_several_places_each_can_be_reported_on(database: Database) -> None:
    held = {"role": "village_responsible", "division_code": VILLAGES[1], "place_code": ""}
    database.do(lambda c: c.execute(insert(posts).values(person_id=HEAD["id"], **held)))
    visit = Visit(database)
    async with visit.client:
        path = visit.path()
        assert "各处都算" in await visit.sees(path)
        page = await visit.sends(path, answer="1")
        second = re.search(r'<option value="2">([^<]+)</option>', page)
        assert second is not None
        page = await visit.sends(path, report="moved", households="4", persons="9", place="2")
        assert f"{second[1]} 已转移群众：4 户 9 人" in page
        where = visit.database.read(lambda c: report_store.of_call(c, visit.call().id))[-1].where
        assert where == (VILLAGES[1], "")
        page = await visit.sends(path, report="moved", households="9000", place="2")
        assert dict(re.findall(r'name="(\w+)" value="(\w*)"', page))["place"] == "2"
    await visit.page.stop()


@pytest.mark.both_databases
async def test_whose_number_was_shown_is_noted_once(visit: Visit) -> None:
    hours = timedelta(hours=12)
    on_shift = {
        "person_id": TOWNSHIP_HEAD["id"],
        "division_code": TOWNSHIP,
        "starts_at": NOW - hours,
        "ends_at": NOW + hours,
    }
    visit.database.do(lambda c: c.execute(insert(shifts).values(on_shift)))
    path = visit.path()

    def looks() -> list[tuple[int, Way]]:
        found = visit.database.read(lambda c: access_log_store.of_person(c, TOWNSHIP_HEAD["id"]))
        return [(look.viewer_id, look.way) for look in found]

    await visit.sees(path)
    assert looks() == []  # no number is shown before the answer
    assert TOWNSHIP_HEAD["name"] in await visit.sends(path, answer="1")
    await visit.sees(path)
    assert looks() == [(HEAD["id"], Way.PAGE)]


async def test_where_numbers_leave_by_the_board_only_none_is_shown(database: Database) -> None:
    visit = Visit(database)
    privacy = replace(visit.settings.privacy, phones="board")
    visit.services = replace(visit.services, settings=replace(visit.settings, privacy=privacy))
    page = AnswerPage(visit.services, lambda: 0.0)
    page.app.freeze()
    async with TestClient(TestServer(page.app)) as client:
        answer = await client.post(visit.path(), data={"answer": "1"})
        text = await said(answer, 200)
    assert "已记录" in text and "镇值班" not in text
    await page.stop()


async def test_it_is_read_in_the_persons_language(visit: Visit) -> None:
    english = update(people).where(people.c.id == HEAD["id"]).values(language="en")
    visit.database.do(lambda c: c.execute(english))
    page = await visit.sees(visit.path())
    assert 'lang="en"' in page and "Please answer" in page
    page = await visit.sends(visit.path(), answer="1")
    assert "Recorded" in page and "Households" in page and "Duty" in page


async def test_a_doubted_answer_is_asked_for_again_with_that_and_not_with_what_was_before(
    visit: Visit,
) -> None:
    call, duty = visit.call(), TOWNSHIP_DUTY["telegram_id"]
    later = visit.now + timedelta(minutes=1)

    def doubted(c: Connection) -> None:
        c.execute(update(calls).where(calls.c.id == call.id).values(steps=INCLUDED))
        by_person(c, call.id, HEAD["id"], Via.PAGE, visit.rules, visit.now)
        doubt(c, call.id, duty, "电话打不通", visit.rules, later)

    visit.database.do(doubted)
    page = await visit.sees(visit.path())
    assert "对您先前的回应存疑" in page and "电话打不通" in page and "又包括" not in page
