"""The commands Telegram lists behind its menu button, for each post. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.locale import N_, translator
from contacts.people import COMMANDING, PATROLLING, Person, Role

_WORDS: Mapping[str, str] = {
    "warn": N_("发布预警"),
    "status": N_("态势"),
    "who": N_("谁还没有回应"),
    "coverage": N_("哪些村叫不到"),
    "rollcall": N_("点名"),
    "danger": N_("火险等级"),
    "hotspots": N_("热点核查"),
    "feed": N_("现场上报"),
    "board": N_("指挥大屏"),
    "handbook": N_("通讯录"),
    "link": N_("我的绑定"),
    "lang": N_("语言：/lang zh 或 /lang en"),
    "help": N_("能做什么"),
}
_EVERYBODY = ("help", "handbook", "link", "lang")
_COMMANDER = (
    "warn",
    "status",
    "who",
    "coverage",
    "rollcall",
    "danger",
    "hotspots",
    "feed",
    "board",
)
_DUTY_OFFICER = ("status", "who", "coverage", "hotspots", "feed", "board")
_STAFF = ("status", "who", "coverage", "feed")


def commands_of(role: Role | None) -> tuple[str, ...]:
    """What somebody of this post can do; ``None``: anybody who opens the bot."""
    if role is None:
        return _EVERYBODY
    if role in COMMANDING:
        return (*_COMMANDER, *_EVERYBODY)
    if role is Role.DUTY_OFFICER:
        return (*_DUTY_OFFICER, *_EVERYBODY)
    if role is Role.STAFF:
        return (*_STAFF, *_EVERYBODY)
    return ("hotspots", *_EVERYBODY) if role in PATROLLING else _EVERYBODY


def everybodys_menus() -> Sequence[Mapping[str, Any]]:
    """``setMyCommands`` for every private chat: Chinese, and English for phones set to it."""
    scope = {"type": "all_private_chats"}
    return (
        {"commands": _listed(None, "zh"), "scope": scope},
        {"commands": _listed(None, "en"), "scope": scope, "language_code": "en"},
    )


def menu_of(person: Person) -> Mapping[str, Any] | None:
    """``setMyCommands`` for one person's chat, in their language; ``None``: nothing of their own.

    Without a language code it is shown whatever the phone is set to.
    """
    if person.telegram_id is None or commands_of(person.role) == _EVERYBODY:
        return None
    return {
        "commands": _listed(person.role, person.language),
        "scope": {"type": "chat", "chat_id": person.telegram_id},
    }


def _listed(role: Role | None, language: str) -> list[dict[str, str]]:
    _ = translator(language)
    return [{"command": one, "description": _(_WORDS[one])} for one in commands_of(role)]
