"""The board's server: who gets in, what each may see, and the headers of every answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert, select, update

from alerts import call_store
from alerts.acknowledge import by_button
from alerts.closing import cancel
from alerts.model import Draft, Hazard, Level
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.model import DistressRules
from alerts.release import release
from alerts.rules import Rules
from bot.board.facts import Viewer, board_facts
from bot.board.server import COOKIE, BoardServer
from bot.config.load import load
from bot.config.settings_watch import BoardSettings
from contacts import board_link_store, board_links, people_store
from contacts.divisions.store import load_gazetteer
from data import audit
from data.database import Database
from data.fonts import NAMES_FONT
from data.tables.channels import channel_deliveries
from data.tables.contacts import people
from data.tables.patrol import positions
from data.tables.running import audit as audit_table
from tests.roster import (
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    GOVERNOR,
    NOW,
    OTHER_COUNTY,
    PROVINCE,
    RANGER,
    STRANGER_COMMANDER,
    TOWNSHIP_HEAD,
    VILLAGERS,
)

pytestmark = pytest.mark.one_database

RULES = Rules()


class BoardClock:
    """The time by which the board's server goes; the test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Any:
        return self.now


class Wall:
    """The board's server and a browser in front of it."""

    def __init__(self, database: Database, client: TestClient[Any, Any], clock: BoardClock) -> None:
        self.database, self.client, self.clock = database, client, clock

    def link(self, row: dict[str, Any]) -> str:
        """What /board would give this person, behind the #."""

        def unit(c: Any) -> str:
            person = people_store.person(c, row["id"])
            assert person is not None
            link_id = board_link_store.add_link(c, person.id, self.clock.now)
            key = board_links.key_of(board_link_store.secret(c))
            return board_links.sign(board_links.link_for(link_id, person, self.clock.now), key)

        return self.database.do(unit)

    async def opens(self, link: str, **headers: str) -> Any:
        return await self.client.post("/session", json={"pass": link}, headers=headers)

    async def enters(self, row: dict[str, Any]) -> None:
        self.client.session.cookie_jar.clear()
        answer = await self.opens(self.link(row))
        assert answer.status == 204, await answer.text()

    async def facts(self, **headers: str) -> Any:
        answer = await self.client.get("/facts", headers=headers)
        assert answer.status == 200, await answer.text()
        return await answer.json()


@pytest.fixture
async def wall(database: Database) -> AsyncIterator[Wall]:
    clock = BoardClock()
    settings = replace(load(None, {}), board=BoardSettings(public_url="http://127.0.0.1:1/"))
    board = BoardServer(settings, database, clock)
    board.app.freeze()
    async with TestClient(TestServer(board.app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield Wall(database, client, clock)
    await board.stop()


def released(database: Database, *areas: str, exercise: bool = False) -> int:
    """An orange alert (no second person needed); the first villager has answered it."""

    def unit(c: Any) -> int:
        by = people_store.person(c, GOVERNOR["id"])
        assert by is not None
        draft = Draft(Level.ORANGE, Hazard.RAINSTORM, areas, "<b>立即转移</b>", exercise=exercise)
        alert_id = release(c, draft, by, RULES, NOW).alert_id
        call = call_store.call_of(c, alert_id, VILLAGERS[0]["id"])
        if call is not None:
            by_button(c, call.id, VILLAGERS[0]["telegram_id"], RULES, NOW)
        return alert_id

    return database.do(unit)


async def test_a_warning_bears_the_name_of_the_headquarters(wall: Wall) -> None:
    released(wall.database, COUNTY)
    await wall.enters(COUNTY_COMMANDER)
    (alert,) = (await wall.facts())["alerts"]
    assert alert["sender"] == "吉林省防汛抗旱指挥部"
    assert GOVERNOR["name"] not in alert["sender"]


async def test_where_no_headquarters_is_named_the_warning_bears_the_commander(
    database: Database,
) -> None:
    released(database, COUNTY)

    def look(c: Any) -> Any:
        person = people_store.person(c, COUNTY_COMMANDER["id"])
        assert person is not None
        return board_facts(c, Viewer(person, load_gazetteer(c)), NOW)

    (alert,) = database.read(look)["alerts"]
    assert alert["sender"] == f"吉林省 指挥长 {GOVERNOR['name']}"


async def test_without_a_session_nothing_is_shown_but_what_to_do(wall: Wall) -> None:
    released(wall.database, COUNTY)
    page = await wall.client.get("/")
    assert page.status == 403
    text = await page.text()
    assert "/board" in text and "{why" not in text and VILLAGERS[1]["name"] not in text
    for path in ("/facts", "/map"):
        answer = await wall.client.get(path)
        assert answer.status == 403
        assert await answer.json() == {"refusal": "no_pass"}


@pytest.mark.parametrize(
    "path", ["/", "/open", "/facts", "/map", "/static/board.css", "/static/none.css", "/nowhere"]
)
async def test_every_answer_carries_the_headers(wall: Wall, path: str) -> None:
    for enter in (False, True):
        if enter:
            await wall.enters(COUNTY_COMMANDER)
        headers = (await wall.client.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_the_wall_has_a_font_for_names_that_the_screen_cannot_write(wall: Wall) -> None:
    style = await (await wall.client.get("/static/board.css")).text()
    assert NAMES_FONT.name in style and "names, sans-serif" in style
    answer = await wall.client.get(f"/static/{NAMES_FONT.name}")
    assert (answer.status, answer.content_type) == (200, "font/ttf")
    assert "font-src 'self'" in answer.headers["Content-Security-Policy"]
    assert int(answer.headers["Content-Length"]) == NAMES_FONT.stat().st_size


async def test_the_files_need_nothing_from_elsewhere_and_no_inline_script(wall: Wall) -> None:
    await wall.enters(COUNTY_COMMANDER)
    for path in ("/", "/open"):
        text = await (await wall.client.get(path)).text()
        assert "http" not in text and "<script>" not in text and "onclick" not in text
    assert (await wall.client.get("/static/../server.py")).status == 404
    assert (await wall.client.get("/static/index.html")).status == 404


@pytest.mark.both_databases
async def test_a_link_opens_once_for_a_strict_cookie(wall: Wall) -> None:
    link = wall.link(COUNTY_COMMANDER)
    answer = await wall.opens(link)
    assert answer.status == 204
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    assert link not in cookie
    assert (await wall.client.get("/")).status == 200
    again = await wall.opens(link)
    assert again.status == 403 and await again.json() == {"refusal": "used"}


async def test_the_cookie_is_for_https_only_where_the_board_is(database: Database) -> None:
    board = BoardSettings(public_url="https://fire.example/board")
    server = BoardServer(replace(load(None, {}), board=board), database, BoardClock())
    async with TestClient(TestServer(server.app)) as client:
        answer = await Wall(database, client, BoardClock()).opens(
            Wall(database, client, BoardClock()).link(COUNTY_COMMANDER)
        )
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "Path=/board/" in answer.headers["Set-Cookie"]


async def test_a_link_is_good_for_ten_minutes_a_session_for_twelve_hours(wall: Wall) -> None:
    late = wall.link(COUNTY_COMMANDER)
    wall.clock.now += board_links.LINK_FOR
    assert await (await wall.opens(late)).json() == {"refusal": "expired"}
    await wall.enters(COUNTY_COMMANDER)
    wall.clock.now += board_links.SESSION_FOR - timedelta(seconds=1)
    assert (await wall.client.get("/facts")).status == 200
    wall.clock.now += timedelta(seconds=1)
    assert await (await wall.client.get("/facts")).json() == {"refusal": "expired"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"pass": 5}', b'{"pass": null}', b'"pass"'])
async def test_a_body_that_is_no_pass_is_refused(wall: Wall, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await wall.client.post("/session", data=body, headers=headers)
    assert answer.status in (400, 403)
    large = await wall.client.post("/session", data=b"x" * 10_000, headers=headers)
    assert large.status == 413


async def test_another_site_logs_nobody_in_or_out(wall: Wall) -> None:
    link = wall.link(COUNTY_COMMANDER)
    answer = await wall.opens(link, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403
    form = await wall.client.post("/session", data={"pass": link})
    assert form.status == 403
    assert (await wall.opens(link, **{"Sec-Fetch-Site": "same-origin"})).status == 204
    foreign = {"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}
    assert (await wall.client.post("/leave", data="{}", headers=foreign)).status == 403
    assert (await wall.client.get("/facts")).status == 200
    assert (await wall.client.post("/leave", json={})).status == 204
    assert (await wall.client.get("/facts")).status == 403


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"role": "ranger"},
        {"division_code": OTHER_COUNTY},
        {"telegram_id": None},
        {"telegram_id": 777},
    ],
)
@pytest.mark.both_databases
async def test_who_loses_the_post_loses_the_board_at_once(
    wall: Wall, change: dict[str, Any]
) -> None:
    await wall.enters(COUNTY_COMMANDER)
    assert (await wall.client.get("/facts")).status == 200
    unopened = wall.link(COUNTY_COMMANDER)
    mine = people.c.id == COUNTY_COMMANDER["id"]
    wall.database.do(lambda c: c.execute(update(people).where(mine).values(change)))
    for path in ("/facts", "/map"):
        answer = await wall.client.get(path)
        assert answer.status == 403 and await answer.json() == {"refusal": "not_in_post"}
    assert (await wall.client.get("/")).status == 403
    assert await (await wall.opens(unopened)).json() == {"refusal": "not_in_post"}


async def test_a_session_pass_of_another_database_opens_nothing(wall: Wall) -> None:
    def unit(c: Any) -> str:
        person = people_store.person(c, COUNTY_COMMANDER["id"])
        assert person is not None
        link = board_links.link_for(1, person, NOW)
        return board_links.sign(board_links.session_for(link, NOW), board_links.key_of("guessed"))

    forged = wall.database.read(unit)
    answer = await wall.client.get("/facts", cookies={COOKIE: forged})
    assert await answer.json() == {"refusal": "forged"}


@pytest.mark.both_databases
async def test_a_county_sees_its_county_only(wall: Wall) -> None:
    released(wall.database, PROVINCE)
    await wall.enters(COUNTY_COMMANDER)
    facts = await wall.facts()
    [alert] = facts["alerts"]
    places = [alert["counties"], *[row["code"] for row in alert["places"]]]
    assert set(places[0]) == {COUNTY}
    assert all(code.startswith(COUNTY[:6]) for code in places[1:])
    everybody = str(facts)
    assert STRANGER_COMMANDER["name"] not in everybody
    assert CITY_COMMANDER["phone"] not in everybody and CITY_COMMANDER["name"] not in everybody
    assert VILLAGERS[1]["phone"] in everybody
    assert [
        shape["code"] for shape in (await (await wall.client.get("/map")).json())["shapes"]
    ] == [COUNTY]


@pytest.mark.both_databases
async def test_further_numbers_stand_beside_the_first(wall: Wall) -> None:
    released(wall.database, COUNTY)
    person = VILLAGERS[1]
    more = update(people).where(people.c.phone == person["phone"])
    wall.database.do(lambda c: c.execute(more.values(other_phones="+864333230001x8")))
    await wall.enters(COUNTY_DUTY)
    [alert] = (await wall.facts())["alerts"]
    shown = {row["phone"]: row.get("morePhones") for row in alert["silent"]}
    assert shown[person["phone"]] == ["+864333230001x8"]
    assert sum(more is not None for more in shown.values()) == 1


@pytest.mark.both_databases
async def test_why_the_other_channels_did_not_reach_somebody_stands_with_the_person(
    wall: Wall,
) -> None:
    alert_id = released(wall.database, COUNTY)

    def rung(c: Any) -> int:
        call = call_store.call_of(c, alert_id, VILLAGERS[1]["id"])
        assert call is not None
        tried = {
            "call_id": call.id,
            "alert_id": alert_id,
            "person_id": call.person_id,
            "channel": "voice",
            "address": VILLAGERS[1]["phone"],
            "kind": "call",
            "state": "failed",
            "cause": "powered_off",
            "attempts": 3,
            "not_before": NOW,
            "created_at": NOW,
            "ended_at": NOW,
        }
        c.execute(insert(channel_deliveries).values(tried))
        return call.id

    call_id = wall.database.do(rung)
    await wall.enters(COUNTY_DUTY)
    [alert] = (await wall.facts())["alerts"]
    shown = {row["id"]: row["tried"] for row in alert["silent"] if "tried" in row}
    assert shown == {call_id: ["电话语音：关机（3 次）"]}


async def test_what_does_not_concern_a_county_is_not_shown_there(wall: Wall) -> None:
    released(wall.database, COUNTY)
    await wall.enters(STRANGER_COMMANDER)
    assert (await wall.facts())["alerts"] == []
    await wall.enters(COUNTY_DUTY)
    assert len((await wall.facts())["alerts"]) == 1


async def test_a_township_has_its_villages_and_no_map(wall: Wall) -> None:
    released(wall.database, COUNTY)
    await wall.enters(TOWNSHIP_HEAD)
    [alert] = (await wall.facts())["alerts"]
    codes = {row["code"] for row in alert["places"]}
    assert {row["division_code"] for row in VILLAGERS} <= codes
    assert await (await wall.client.get("/map")).json() is None


@pytest.mark.both_databases
async def test_the_counts_are_those_of_the_calls(wall: Wall) -> None:
    alert_id = released(wall.database, PROVINCE)
    await wall.enters(GOVERNOR)
    [alert] = (await wall.facts())["alerts"]
    calls = wall.database.read(lambda c: call_store.all_calls(c, alert_id))
    total = alert["total"]
    assert total["calls"] == len(calls) and total["answered"] == 1
    assert total["waiting"] == len(calls) - 1 == len(alert["silent"])
    for rows in (alert["tiers"], alert["places"], alert["counties"].values()):
        rows = list(rows)
        for name in ("calls", "answered", "waiting", "unreachable"):
            assert sum(row[name] for row in rows) == total[name]
    assert alert["unreported"] == 1  # answered, and nothing done so far
    assert VILLAGERS[0]["name"] not in {row["name"] for row in alert["silent"]}
    tiers = {row["zh"]: row["calls"] for row in alert["tiers"]}
    assert tiers["村级"] == sum(call.division_code[9:] != "000" for call, _, _ in calls)


async def test_nothing_new_is_not_sent_again_and_never_to_another(wall: Wall) -> None:
    released(wall.database, COUNTY)
    await wall.enters(COUNTY_COMMANDER)
    first = await wall.client.get("/facts")
    tag = first.headers["ETag"]
    same = await wall.client.get("/facts", headers={"If-None-Match": tag})
    assert same.status == 304 and await same.read() == b""
    assert int(same.headers["Board-Now"]) == int(NOW.timestamp() * 1000)
    await wall.enters(COUNTY_DUTY)
    assert (await wall.client.get("/facts", headers={"If-None-Match": tag})).status == 200


@pytest.mark.both_databases
async def test_calls_for_help_are_seen_by_those_in_charge(wall: Wall) -> None:
    def unit(c: Any) -> None:
        fix = {"person_id": RANGER["id"], "taken_at": NOW, "received_at": NOW}
        c.execute(insert(positions).values(**fix, lon=128.2, lat=43.4, live=False, doubts=[]))
        ranger = people_store.person(c, RANGER["id"])
        assert ranger is not None
        raised = distress.raise_distress(c, ranger, NOW, DistressRules())
        assert raised.call.sent_at is None

    wall.database.do(unit)
    await wall.enters(COUNTY_DUTY)
    assert (await wall.facts())["distress"] == []  # not sent yet: it may still be undone

    def send(c: Any) -> None:
        distress.send_due(c, NOW + timedelta(minutes=1), DistressRules())

    wall.database.do(send)
    await wall.enters(COUNTY_COMMANDER)
    [call_for_help] = (await wall.facts())["distress"]
    assert call_for_help["name"] == RANGER["name"] and call_for_help["phone"] == RANGER["phone"]
    assert call_for_help["position"] == [128.2, 43.4] and call_for_help["takenBy"] is None
    await wall.enters(STRANGER_COMMANDER)
    assert (await wall.facts())["distress"] == []


@pytest.mark.both_databases
async def test_what_ended_is_listed_for_a_day(wall: Wall) -> None:
    alert_id = released(wall.database, COUNTY, exercise=True)

    def unit(c: Any) -> None:
        by = people_store.person(c, GOVERNOR["id"])
        assert by is not None
        cancel(c, alert_id, by, NOW)

    wall.database.do(unit)
    await wall.enters(COUNTY_COMMANDER)
    facts = await wall.facts()
    assert facts["alerts"] == []
    [ended] = facts["ended"]
    assert ended["zh"] == "误发，已取消" and ended["exercise"]
    wall.clock.now += timedelta(hours=25)
    await wall.enters(COUNTY_COMMANDER)
    assert (await wall.facts())["ended"] == []


@pytest.mark.both_databases
async def test_the_trail_says_who_opened_it_from_what_kind_of_address(wall: Wall) -> None:
    link = wall.link(COUNTY_COMMANDER)
    assert (await wall.opens(link, **{"X-Forwarded-For": "10.0.0.1, 8.8.8.8"})).status == 204
    subject = f"person:{COUNTY_COMMANDER['id']}"
    [entry] = wall.database.read(lambda c: list(audit.trail(c, subject)))
    assert entry["action"] == "board.opened" and entry["actor"] == COUNTY_COMMANDER["id"]
    assert entry["detail"]["address"] == "public"
    everything = wall.database.read(lambda c: str(list(c.execute(select(audit_table)))))
    assert link not in everything and "8.8.8.8" not in everything
