"""``JIAOYING_SECTION__KEY`` variables, laid over the tables of config.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.config.errors import SettingError, SettingFault
from bot.config.reader import EnvText

PREFIX = "JIAOYING_"
NOT_SETTINGS = frozenset({"JIAOYING_CONFIG", "JIAOYING_CHROMIUM", "JIAOYING_NO_APT"})
"""The config file's path, the browser for tests, "install no system packages": no keys."""
NOT_SETTINGS_PREFIXES = ("JIAOYING_TEST_", "JIAOYING_BENCH_")
SHORT_NAMES = {"telegram_token": ["telegram", "bots", "0", "token"]}


def overlay(raw: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Puts each variable's text into ``raw`` where its key belongs; the reader then checks it.

    :raises SettingError: an index of ``telegram.bots`` that does not follow the ones before it.
    """
    for variable in sorted(environ, key=_by_index):
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        if variable.startswith(NOT_SETTINGS_PREFIXES):
            continue
        name = variable.removeprefix(PREFIX).lower()
        _put(raw, SHORT_NAMES.get(name) or name.split("__"), EnvText(environ[variable], variable))


def _put(table: Any, keys: list[str], value: EnvText) -> None:
    *above, last = keys
    for key in above:
        table = _bot(table, key, value) if isinstance(table, list) else _inner(table, key)
    if isinstance(table, list):
        raise _bad_index(table, last, value)
    table[last] = value


def _inner(table: dict[str, Any], key: str) -> Any:
    inner = table.get(key)
    if inner is None and key in ("bots", "feeds", "headquarters", "webhooks", "gauges"):
        inner = [{}]
    elif key == "expires_hours" and isinstance(inner, (int, float)):
        inner = dict.fromkeys(("red", "orange", "yellow", "blue"), inner)
    elif not isinstance(inner, (dict, list)):
        inner = {}
    table[key] = inner
    return inner


def _bot(bots: list[Any], key: str, value: EnvText) -> Any:
    """The bot with this index (0 is the first); the next free index adds one."""
    if key.isdecimal() and int(key) == len(bots):
        bots.append({})
    if not key.isdecimal() or int(key) >= len(bots):
        raise _bad_index(bots, key, value)
    entry = bots[int(key)]
    return entry if isinstance(entry, dict) else {}


def _bad_index(bots: list[Any], key: str, value: EnvText) -> SettingError:
    return SettingError(
        SettingFault.NOT_ALLOWED,
        value.variable,
        key=value.variable,
        value=repr(key),
        wanted_zh=f"序号 0 到 {len(bots)} 再加键名，如 JIAOYING_TELEGRAM__BOTS__0__TOKEN",
        wanted_en=f"an index from 0 to {len(bots)} and a key: JIAOYING_TELEGRAM__BOTS__0__TOKEN",
    )


def _by_index(variable: str) -> str:
    """Sorts BOTS__9 before BOTS__10."""
    return re.sub(r"\d+", lambda number: number[0].zfill(6), variable)
