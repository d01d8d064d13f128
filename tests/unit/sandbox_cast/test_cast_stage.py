"""The sandbox's simulated people answer a roll call: at home, far away, or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.sandbox.bot_api.server import TOKEN, BotApiServer
from bot.sandbox.cast.acting import ELSEWHERE, PICK_UP_SECONDS, Cast, scripts_for
from bot.sandbox.cast.roster import Temper, demo_roster
from bot.sandbox.run import set_the_stage
from bot.services.clocks import MovableClock
from bot.services.geography import Geography
from contacts.divisions.boundary_file import load_boundaries
from contacts.people import PATROLLING, Role
from data.database import Database

CALL = {"inline_keyboard": [[{"text": "✅ 收到", "callback_data": "a:1"}]]}
QUESTION = "📣 点名 · 敦化市\n👇 按下面最大的「📍 一键报位」"


async def test_a_roll_call_finds_most_at_home_one_far_away_and_one_silent(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/stage.db")
    geography = Geography(database, lambda: load_boundaries(f"sqlite:///{tmp_path}/x.db", tmp_path))
    roster, clock = demo_roster(), MovableClock()
    scripts = scripts_for(roster.people)
    patrol = [script.account for script in scripts.values() if script.role in PATROLLING]
    async with BotApiServer(clock=clock) as server:
        set_the_stage(server, roster)
        stage = Cast(server, clock, scripts, boundaries=lambda: geography.boundaries)
        for account in patrol:
            message = {"message_id": 9, "chat": {"id": account}, "from": {"is_bot": True}}
            event = {"type": "message", "chat_id": account}
            stage.observe({**event, "message": {**message, "text": QUESTION}})  # type: ignore[typeddict-item]
        clock.advance(timedelta(seconds=100))
        answered = stage.act_due()
        divisions = []
        for account in patrol:
            for sent in server.messages(account):
                if spot := sent.get("location"):
                    divisions.append(
                        geography.boundaries.locate(spot["longitude"], spot["latitude"])
                    )
    database.close()
    silent = sum(script.mute for script in scripts.values())
    far = sum(script.strays for script in scripts.values())
    assert answered == len(divisions) == len(patrol) - silent
    assert divisions.count(ELSEWHERE) == far
    assert silent >= 1 and far >= 1 and len(patrol) > silent + far


async def test_a_phone_in_the_visitors_hand_acts_again_when_it_is_put_away() -> None:
    roster, clock = demo_roster(), MovableClock()
    scripts = scripts_for(roster.people)
    account = next(
        script.account
        for script in scripts.values()
        if script.temper is Temper.PROMPT and script.role is Role.VILLAGE_RESPONSIBLE
    )
    async with BotApiServer(clock=clock) as server:
        set_the_stage(server, roster)
        stage = Cast(server, clock, scripts)
        async with aiohttp.ClientSession() as http:
            asked = {"chat_id": account, "text": "预警", "reply_markup": CALL}
            await http.post(f"{server.base_url}/bot{TOKEN}/sendMessage", json=asked)
        message = server.messages(account)[-1]
        stage.observe({"type": "message", "chat_id": account, "message": message})
        stage.hold(account)
        clock.advance(timedelta(minutes=10))
        assert stage.act_due() == 0
        stage.let_go(account)
        assert stage.act_due() == 0  # whoever takes up a phone looks at it first
        clock.advance(timedelta(seconds=PICK_UP_SECONDS))
        assert stage.act_due() == 1
        stage.let_go(account)  # who was not held goes on as before
        assert stage.act_due() == 0


async def test_an_officer_whose_list_was_sent_anew_goes_on_ringing() -> None:
    roster, clock = demo_roster(), MovableClock()
    scripts = scripts_for(roster.people)
    account = roster.officer.account
    row = [{"text": "张三 已电话叫应", "callback_data": "p:1"}]
    listed = {
        "chat_id": account,
        "text": "未回应 1 人\n\n1. 张三\n12 分钟未回应",
        "reply_markup": {"inline_keyboard": [row]},
    }
    async with BotApiServer(clock=clock) as server, aiohttp.ClientSession() as http:
        set_the_stage(server, roster)
        stage, api = Cast(server, clock, scripts), f"{server.base_url}/bot{TOKEN}"

        def see() -> None:
            newest = server.messages(account)[-1]
            stage.observe({"type": "message", "chat_id": account, "message": newest})

        await http.post(f"{api}/sendMessage", json=listed)
        first = server.messages(account)[-1]
        see()
        stage.hold(account)
        await http.post(f"{api}/sendMessage", json=listed)
        see()
        below = {"chat_id": account, "message_id": first["message_id"], "text": "请看下面的新名单"}
        await http.post(f"{api}/editMessageText", json=below)
        clock.advance(timedelta(minutes=10))
        assert stage.act_due() == 0
        stage.let_go(account)
        clock.advance(timedelta(seconds=PICK_UP_SECONDS))
        assert stage.act_due() == 0  # the button has gone: the newest list is looked at
        clock.advance(timedelta(minutes=2))
        assert stage.act_due() == 1
        see()  # still there: somebody else was on the line, it is tried once more
        clock.advance(timedelta(minutes=2))
        assert stage.act_due() == 1
