"""Every function that reads a text reads one four times as long in about four times the time.

Strangers, feeds and files write what they like: a pattern that tries every way to divide a text
takes minutes for one message. All of ours are asked whose other arguments can be made here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import thread_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import alerts
import bot
import contacts
import data
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import shipped_divisions

pytestmark = pytest.mark.slow

LENGTH = 700
"""Characters of a first look."""

QUICK_SECONDS = 0.001
"""A text of so many that is read so fast is not looked at again."""

LONG = 3000
"""Characters of a second look, which compares it with several times as many."""

TIMES_LONGER, MOST_TIMES = 4, 9.0
"""A text so many times as long may take so many times as long: sixteen times is the square."""

ENDLESS_SECONDS = 20.0

NOT_OF_OTHERS = ("bot.sandbox", "bot.console", "bot.runtime", "bot.config", "data.engines")

PIECES = (
    *("太平村", "敦化市、", "延边朝鲜族自治州", "扩大 敦化市", "满族", "升级", "延长", "6小时"),
    *("收到", "没收到", "好", "不", "救命", "12户35人", "十二户", "1", "139", "1,", "1/", "x1"),
    *("2026-07-10 ", "43.1,128.1 ", " ", "\n", "　", "，", "（", "(", "[", "{", "<", "</a>", "&#"),
    *('"', "\\", "/", "-", "_", ":", ".", "@", "a", "a@", "a.", "A ", "=", "%s", "\0", "+86", "👍"),
    *("e\u0301", "ﷺ", "①", "姓名", "电话：", "<!--", "<![CDATA[", "县"),
)


def _texts(length: int) -> Iterator[tuple[str, str]]:
    for piece in PIECES:
        text = (piece * (length // len(piece) + 1))[:length]
        yield piece, f"x{text}!"


def _known(gazetteer: Gazetteer) -> dict[str, Any]:
    now = datetime(2026, 7, 10, 4, tzinfo=UTC)
    zone = ZoneInfo("Asia/Shanghai")
    return {"Gazetteer": gazetteer, "datetime": now, "tzinfo": zone, "date": now.date()}


def _readers() -> Iterator[Callable[..., Any]]:
    for package in (alerts, bot, contacts, data):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" in found.name or "migrations" in found.name:
                continue
            if found.name.startswith(NOT_OF_OTHERS):
                continue
            for name, function in vars(importlib.import_module(found.name)).items():
                ours = inspect.isfunction(function) and function.__module__ == found.name
                if ours and not name.startswith("_") and not inspect.iscoroutinefunction(function):
                    yield function


def _asked(
    function: Callable[..., Any], known: dict[str, Any]
) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """For each text that a function reads: how to ask it with one in that place."""
    needed = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    texts = [parameter for parameter in needed if str(parameter.annotation) in ("str", "bytes")]
    if any(each not in texts and str(each.annotation) not in known for each in needed):
        return
    usual = {"within": "222403000000", "language": "zh"}
    for read in texts:
        if read.name == "language":
            continue

        def ask(text: str, read: str = read.name) -> Any:
            given: list[Any] = []
            named: dict[str, Any] = {}
            for parameter in needed:
                value = known.get(str(parameter.annotation))
                if value is None:
                    value = text if parameter.name == read else usual.get(parameter.name, "a")
                    if str(parameter.annotation) == "bytes":
                        value = value.encode()
                if parameter.kind is parameter.KEYWORD_ONLY:
                    named[parameter.name] = value
                else:
                    given.append(value)
            found = function(*given, **named)
            return list(found) if inspect.isgenerator(found) else found

        yield read.name, ask


def _seconds(ask: Callable[[str], Any], text: str) -> float:
    began = thread_time()
    try:
        ask(text)
    except RecursionError:
        return ENDLESS_SECONDS
    except Exception:  # noqa: BLE001 - most texts are refused, each reader in its way
        pass
    return thread_time() - began


def _grows_too_fast(ask: Callable[[str], Any], piece: str) -> bool:
    """The best of several looks at each: somebody else may have had the processor."""
    long, longer = (dict(_texts(length))[piece] for length in (LONG, TIMES_LONGER * LONG))
    spent = spent_longer = ENDLESS_SECONDS
    for _ in range(5):
        spent = min(spent, _seconds(ask, long))
        if spent < ENDLESS_SECONDS:
            spent_longer = min(spent_longer, _seconds(ask, longer))
        if spent_longer <= MOST_TIMES * spent < ENDLESS_SECONDS:
            return False
    return True


def test_a_text_four_times_as_long_takes_about_four_times_as_long() -> None:
    gazetteer = Gazetteer(shipped_divisions())
    gazetteer.make_ready()
    known = _known(gazetteer)
    asked, slow = 0, []
    for function in _readers():
        for name, ask in _asked(function, known):
            asked += 1
            for piece, text in _texts(LENGTH):
                if _seconds(ask, text) > QUICK_SECONDS and _grows_too_fast(ask, piece):
                    where = f"{function.__module__}.{function.__qualname__}({name})"
                    slow.append(f"{where}: {piece!r} again and again")
    assert asked > 300, "the readers are not found any more"
    assert not slow, "\n".join(slow)
