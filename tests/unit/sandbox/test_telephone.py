"""One made-up telephone: what happens on it, and what the carrier tells of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox.carrier.exchange import Exchange
from bot.sandbox.carrier.telephone import RINGS, WAITS, Ended, Line, NotNow, Telephone, Told

NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)
NUMBER = "+8619900000034"
CALL = {"id": "812-1", "channel": "voice", "to": NUMBER, "text": "紧急叫应。" * 10, "seconds": 10.0}
SMS = {
    "id": "813-1", "channel": "sms", "to": NUMBER, "text": "暴雨红色预警。收到请回复1。",
    "seconds": 0.0, "valid_until": (NOW + timedelta(hours=1)).isoformat(),
}  # fmt: skip


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def states(told: list[Told]) -> list[tuple[str, str]]:
    return [(each.body["state"], each.body.get("cause", "")) for each in told]


def picked_up() -> Telephone:
    telephone = Telephone(NUMBER)
    assert telephone.ring(CALL, NOW) == []
    telephone.pick_up(at(5))
    return telephone


@pytest.mark.parametrize(
    ("what", "told", "ended"),
    [
        (lambda one: one.pass_time(NOW + RINGS), ("failed", "no_answer"), Ended.MISSED),
        (lambda one: one.reject(at(4)), ("failed", "rejected"), Ended.REJECTED),
        (lambda one: one.switch(at(4), on=False, signal=True), ("failed", "powered_off"),
         Ended.MISSED),
        (lambda one: one.switch(at(4), on=True, signal=False), ("failed", "out_of_reach"),
         Ended.MISSED),
    ],
)  # fmt: skip
def test_a_call_that_nobody_takes(
    what: Callable[[Telephone], list[Told]], told: tuple[str, str], ended: Ended
) -> None:
    telephone = Telephone(NUMBER)
    telephone.ring(CALL, NOW)
    assert telephone.pass_time(at(4)) == [] and telephone.line is Line.RINGING
    assert states(what(telephone)) == [told]
    assert telephone.line is Line.IDLE
    assert [call.ended for call in telephone.past] == [ended]


@pytest.mark.parametrize("seconds", [3.0, 60.0])
def test_who_hangs_up_early_has_not_heard_it(seconds: float) -> None:
    telephone = picked_up()
    [told] = telephone.hang_up(at(5 + seconds))
    heard = seconds > CALL["seconds"]
    assert told.body["state"] == ("heard" if heard else "failed")
    assert told.body.get("cause") == (None if heard else "cut_short")
    assert told.body["seconds"] == seconds and told.body["message_seconds"] > CALL["seconds"]


def test_the_carrier_hangs_up_when_all_is_said_and_no_key_comes() -> None:
    telephone = picked_up()
    assert telephone.call is not None
    end = telephone.call.all_said_at + WAITS
    assert telephone.pass_time(end - timedelta(seconds=1)) == []
    assert states(telephone.pass_time(end)) == [("heard", "")]


def test_a_line_that_is_taken_is_busy_and_one_without_signal_out_of_reach() -> None:
    telephone = picked_up()
    assert states(telephone.ring(CALL | {"id": "814-1"}, at(6))) == [("failed", "busy")]
    gone = Telephone(NUMBER, signal=False)
    assert states(gone.ring(CALL, NOW)) == [("failed", "out_of_reach")]


def test_an_sms_waits_at_the_carrier_until_the_telephone_is_back_or_it_is_too_late() -> None:
    telephone = Telephone(NUMBER, on=False)
    assert telephone.write(SMS, NOW) == [] and telephone.messages == []
    assert states(telephone.switch(at(60), on=True, signal=True)) == [("delivered", "")]
    assert [message.text for message in telephone.messages] == [SMS["text"]]
    late = Telephone(NUMBER, on=False)
    late.write(SMS, NOW)
    assert states(late.pass_time(at(3601))) == [("failed", "powered_off")]
    assert late.switch(at(3700), on=True, signal=True) == []


def test_what_cannot_be_done_says_what_to_do() -> None:
    idle, talking = Telephone(NUMBER), picked_up()
    wrong: list[Callable[[], object]] = [
        lambda: idle.pick_up(NOW), lambda: idle.reject(NOW), lambda: idle.hang_up(NOW),
        lambda: idle.press("1", NOW), lambda: idle.reply("  ", NOW),
        lambda: idle.reply("好" * 501, NOW), lambda: talking.pick_up(NOW),
        lambda: talking.reject(NOW), lambda: talking.press("12", NOW),
        lambda: talking.press("", NOW),
    ]  # fmt: skip
    for deed in wrong:
        with pytest.raises(NotNow, match=" / "):
            deed()


class Unheard(Exchange):
    """Jiaoying answers what is planned; then it takes all."""

    def __init__(self) -> None:
        super().__init__("s" * 32, "http://127.0.0.1:1", lambda: NOW)
        self.planned: list[int | Exception] = []
        self.said: list[dict[str, Any]] = []

    async def say(self, _path: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.said.append(told)
        planned = self.planned.pop(0) if self.planned else 200
        if isinstance(planned, Exception):
            raise planned
        return planned, {"recorded": True, "say": "已记录。"} if "key" in told else {}


async def test_what_jiaoying_did_not_take_is_told_again_by_the_same_event_and_in_order() -> None:
    exchange = Unheard()
    telephone = exchange.connect(NUMBER)
    exchange.planned = [503, aiohttp.ClientError(), TimeoutError()]
    exchange.make(CALL)
    await exchange.pick_up(NUMBER)
    await exchange.press(NUMBER, "1")
    await exchange.act()
    assert telephone.call is not None and len(telephone.call.spoken) == 1
    await exchange.act()
    assert [words.text for words in telephone.call.spoken[1:]] == ["已记录。"]
    states_said = [told.get("state", told.get("key")) for told in exchange.said]
    assert states_said == ["delivered"] * 4 + ["1"]
    assert len({told["event"] for told in exchange.said}) == 2


async def test_a_number_nobody_has_and_a_refusal_hold_up_nothing() -> None:
    exchange = Unheard()
    exchange.planned = [404]
    exchange.make(CALL)
    exchange.make(SMS)
    await exchange.act()
    assert [told["cause"] for told in exchange.said] == ["no_such_number"] * 2
    with pytest.raises(NotNow):
        await exchange.pick_up(NUMBER)


def test_what_is_taken_back_rings_no_more_and_what_was_made_stays() -> None:
    exchange = Unheard()
    telephone = exchange.connect(NUMBER)
    exchange.make(CALL)
    exchange.calls[CALL["id"]] = CALL
    assert exchange.take_back("9-9").status == 404
    assert exchange.take_back(CALL["id"]).status == 204
    assert telephone.line is Line.IDLE
    assert [call.ended for call in telephone.past] == [Ended.MISSED]
    assert exchange.take_back(CALL["id"]).status == 409
    telephone.on = False
    exchange.make(SMS)
    exchange.calls[SMS["id"]] = SMS
    assert exchange.take_back(SMS["id"]).status == 204 and telephone.held == []
    talking = picked_up()
    assert not talking.take_back(CALL["id"], at(6)) and talking.line is Line.TALKING
