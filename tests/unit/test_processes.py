"""Processes at work on one database must be set alike, and their clocks must agree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from alerts.oversight.processes import MOST_APART_MS, differing, wrong_clocks
from bot.config.fingerprint import fingerprint
from bot.config.load import load
from bot.config.reader import Secret
from bot.config.settings import BotSettings, DatabaseSettings, PaceLimits, Settings

SHIPPED = load(None, {})


@dataclass(frozen=True)
class Process:
    name: str
    ahead_ms: int | None = 0
    settings: dict[str, str] = field(default_factory=lambda: {"policy": "1", "telegram": "1"})


def test_processes_that_are_set_alike_are_no_trouble() -> None:
    assert differing([]) is None
    assert differing([Process("a-1-x")]) is None
    assert differing([Process("a-1-x"), Process("b-2-y")]) is None


def test_the_one_that_is_set_otherwise_is_named_with_what_differs() -> None:
    other = Process("b-2-y", settings={"policy": "2", "telegram": "1", "new": "1"})
    found = differing([Process("a-1-x"), other, Process("c-3-z")])
    assert found == {"count": 1, "names": ["b-2"], "sections": ["new", "policy"]}


@pytest.mark.parametrize(
    ("ahead", "wrong"),
    [
        ([0, 0], False),
        ([MOST_APART_MS], False),
        ([MOST_APART_MS + 1], True),
        ([-MOST_APART_MS - 1, 0], True),
        ([MOST_APART_MS // 2, -MOST_APART_MS // 2], False),
        ([MOST_APART_MS // 2 + 1, -MOST_APART_MS // 2], True),  # from each other
        ([None], False),
        ([], False),
    ],
)
def test_clocks_are_compared_with_each_other_and_with_the_database_s(
    ahead: list[int | None], wrong: bool
) -> None:
    processes = [Process(f"m-{number}-x", ahead_ms=ms) for number, ms in enumerate(ahead)]
    assert (wrong_clocks(processes) is not None) is wrong


def test_the_clocks_are_named_the_furthest_first() -> None:
    found = wrong_clocks([Process("a-1-x", 1200), Process("b-2-y", -61_000), Process("c-3-z", 0)])
    assert found == {"count": 2, "clocks": [["b-2", -61], ["a-1", 1]]}


def changed(**values: Any) -> Settings:
    return replace(SHIPPED, **values)


def differs(one: Settings, other: Settings) -> set[str]:
    first, second = fingerprint(one), fingerprint(other)
    assert first.keys() == second.keys()
    return {section for section in first if first[section] != second[section]}


def test_a_fingerprint_tells_which_section_differs() -> None:
    telegram = replace(SHIPPED.telegram, limits=PaceLimits(20, 1, 20))
    assert differs(SHIPPED, load(None, {})) == set()
    assert differs(SHIPPED, changed(telegram=telegram)) == {"telegram"}
    red = replace(SHIPPED.policy.red, remind=SHIPPED.policy.red.remind + 1)
    policy = replace(SHIPPED.policy, red=red)
    assert differs(SHIPPED, changed(policy=policy)) == {"policy"}


def test_what_is_of_one_machine_may_differ() -> None:
    webhook = replace(SHIPPED.telegram.webhook, listen="10.0.0.2", port=9000)
    other = changed(
        database=DatabaseSettings("postgresql://fire@10.0.0.9/jiaoying"),
        telegram=replace(SHIPPED.telegram, webhook=webhook),
        watch=replace(SHIPPED.watch, port=9000, listen="10.0.0.2"),
        board=replace(SHIPPED.board, port=9001, listen="10.0.0.2"),
        media=replace(SHIPPED.media, directory="/srv/media"),
    )
    assert differs(SHIPPED, other) == set()


def test_another_token_is_seen_and_cannot_be_read() -> None:
    bots = (BotSettings("220000000000", Secret("123456:ABCDEFGH")),)
    telegram = replace(SHIPPED.telegram, bots=bots)
    assert differs(SHIPPED, changed(telegram=telegram)) == {"telegram"}
    assert "ABCDEFGH" not in str(fingerprint(changed(telegram=telegram)))
