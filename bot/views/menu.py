"""What each post can choose: the keyboard under the chat, and Telegram's list of commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from bot.locale import LANGUAGES, N_, translator
from bot.views.screen import Button, ReplyKeyboard
from contacts.people import COMMANDING, PATROLLING, Person, Role


class Item(Enum):
    """A key of the keyboard."""

    RELEASE = "release"
    STATUS = "status"
    SILENT = "silent"
    COVERAGE = "coverage"
    HANDBOOK = "handbook"
    ROLL_CALL = "roll_call"
    HOTSPOTS = "hotspots"
    FEED = "feed"
    BOARD = "board"
    TASKS = "tasks"
    DUTY_PHONE = "duty_phone"
    POSITION = "position"
    FIELD_REPORT = "field_report"
    DISTRESS = "distress"


_LABELS: Mapping[Item, str] = {
    Item.RELEASE: N_("⚠️ 发布预警"),
    Item.STATUS: N_("📊 态势"),
    Item.SILENT: N_("📵 未回应"),
    Item.COVERAGE: N_("👥 覆盖"),
    Item.HANDBOOK: N_("📖 通讯录"),
    Item.ROLL_CALL: N_("📣 点名"),
    Item.HOTSPOTS: N_("🛰 热点"),
    Item.FEED: N_("🗂 现场情况"),
    Item.BOARD: N_("🖥 大屏"),
    Item.TASKS: N_("📋 我的任务"),
    Item.DUTY_PHONE: N_("☎️ 值班电话"),
    Item.POSITION: N_("📍 一键报位"),
    Item.FIELD_REPORT: N_("📷 现场上报"),
    Item.DISTRESS: N_("🆘 求救"),
}

_COMMANDING = (
    (Item.RELEASE, Item.STATUS),
    (Item.SILENT, Item.COVERAGE),
    (Item.ROLL_CALL, Item.HOTSPOTS, Item.FEED),
    (Item.BOARD, Item.HANDBOOK, Item.TASKS),
)
_DUTY = (
    (Item.SILENT, Item.STATUS),
    (Item.ROLL_CALL, Item.HOTSPOTS, Item.FEED),
    (Item.BOARD, Item.COVERAGE),
    (Item.HANDBOOK, Item.TASKS),
)
_STAFF = ((Item.STATUS, Item.HANDBOOK), (Item.TASKS,))
_PATROL = ((Item.POSITION,), (Item.FIELD_REPORT, Item.DISTRESS), (Item.TASKS, Item.DUTY_PHONE))
# Whoever moves people at night is in danger too, and sees what no office sees.
_VILLAGE = (
    (Item.TASKS, Item.FIELD_REPORT),
    (Item.POSITION, Item.DISTRESS),
    (Item.DUTY_PHONE,),
)


def label(item: Item, language: str) -> str:
    """The key's text."""
    return translator(language)(_LABELS[item])


def texts(item: Item) -> tuple[str, ...]:
    """The key's text in every language."""
    return tuple(dict.fromkeys(label(item, language) for language in LANGUAGES))


@cache
def _items() -> Mapping[str, Item]:
    """By text, in every language; the catalogue is read for it, so not while a bot starts."""
    return {text: item for item in Item for text in texts(item)}


def item_of(text: str) -> Item | None:
    """The key that sends ``text``, in whatever language it was shown; ``None`` for other text."""
    return _items().get(text.strip())


def menu_for(person: Person, language: str) -> ReplyKeyboard:
    """The keyboard for this person's posts: the one that leads, and what a patroller needs."""
    return _keyboard(_rows_of(person), language)


def menu_of_role(role: Role, language: str) -> ReplyKeyboard:
    """The keyboard for a post."""
    return _keyboard(_rows_for(role), language)


def menu_with_position(role: str | None, language: str) -> ReplyKeyboard:
    """The keyboard for a post when a position is asked for: 📍 一键报位 alone in the first row."""
    rows = _rows_for(next((known for known in Role if known.value == role), None))
    others = [tuple(item for item in row if item is not Item.POSITION) for row in rows]
    return _keyboard(((Item.POSITION,), *(row for row in others if row)), language)


def menu_in_danger(person: Person, language: str) -> ReplyKeyboard:
    """The keyboard for whoever cried for help: position, picture and 求救 first, for any post."""
    first = ((Item.POSITION,), (Item.FIELD_REPORT, Item.DISTRESS))
    shown = {item for row in first for item in row}
    rows = [tuple(item for item in row if item not in shown) for row in _rows_of(person)]
    return _keyboard((*first, *(row for row in rows if row)), language)


def _rows_of(person: Person) -> Sequence[Sequence[Item]]:
    rows = _rows_for(person.role)
    if person.holds(PATROLLING) and not any(Item.POSITION in row for row in rows):
        return ((Item.POSITION, Item.FIELD_REPORT, Item.DISTRESS), *rows)
    return rows


def _rows_for(role: Role | None) -> Sequence[Sequence[Item]]:
    if role in COMMANDING:
        return _COMMANDING
    if role is Role.DUTY_OFFICER:
        return _DUTY
    if role in PATROLLING:
        return _PATROL
    if role is Role.STAFF:
        return _STAFF
    return _VILLAGE


def _keyboard(rows: Sequence[Sequence[Item]], language: str) -> ReplyKeyboard:
    return ReplyKeyboard(tuple(tuple(_button(item, language) for item in row) for row in rows))


def _button(item: Item, language: str) -> Button:
    return Button(label(item, language), request_location=item is Item.POSITION)


_COMMANDS: Mapping[str, str] = {
    "warn": N_("发布预警"),
    "update": N_("变更预警：升级、更正、延长、扩大、缩小"),
    "lift": N_("解除预警（过程结束）"),
    "cancel": N_("取消预警（发错了）"),
    "response": N_("应急响应"),
    "templates": N_("模板：预警用语、任务清单、手册卡片"),
    "stages": N_("分阶段预警"),
    "task": N_("交办一项任务"),
    "tasks": N_("清单任务：我的、下面的"),
    "taskchart": N_("清单进度图"),
    "status": N_("态势"),
    "who": N_("谁还没有回应"),
    "frail": N_("还没有转移的老弱"),
    "coverage": N_("哪些村联系不上"),
    "rollcall": N_("点名"),
    "duty": N_("值班：我的班次、换班、接班"),
    "patrol": N_("巡护成果"),
    "danger": N_("火险等级"),
    "hotspots": N_("热点核查"),
    "drafts": N_("待决定的预警"),
    "water": N_("水位、雨量"),
    "card": N_("转移卡：路线、安置点"),
    "feed": N_("现场上报"),
    "daily": N_("日报、周报、月报"),
    "board": N_("指挥大屏"),
    "handbook": N_("通讯录；处置手册：/handbook 山洪"),
    "link": N_("我的绑定"),
    "lang": N_("语言：/lang zh 或 /lang en"),
    "help": N_("能做什么"),
}
_EVERYBODYS_COMMANDS = ("help", "tasks", "handbook", "card", "link", "lang")
_COMMANDER_COMMANDS = (
    "warn",
    "update",
    "lift",
    "cancel",
    "response",
    "stages",
    "task",
    "status",
    "who",
    "frail",
    "coverage",
    "taskchart",
    "duty",
    "rollcall",
    "patrol",
    "danger",
    "hotspots",
    "drafts",
    "water",
    "feed",
    "daily",
    "board",
    "templates",
)
_DUTY_OFFICER_COMMANDS = (
    "task",
    "status",
    "who",
    "frail",
    "coverage",
    "taskchart",
    "duty",
    "rollcall",
    "patrol",
    "hotspots",
    "drafts",
    "water",
    "feed",
    "daily",
    "board",
)
_STAFF_COMMANDS = ("task", "status", "who", "coverage", "duty", "patrol", "feed", "daily")


def commands_of(role: Role | None) -> tuple[str, ...]:
    """The commands of a post; of ``None``, those of anybody who opens the bot."""
    if role is None:
        return _EVERYBODYS_COMMANDS
    if role in COMMANDING:
        return (*_COMMANDER_COMMANDS, *_EVERYBODYS_COMMANDS)
    if role is Role.DUTY_OFFICER:
        return (*_DUTY_OFFICER_COMMANDS, *_EVERYBODYS_COMMANDS)
    if role is Role.STAFF:
        return (*_STAFF_COMMANDS, *_EVERYBODYS_COMMANDS)
    return (
        ("hotspots", "patrol", *_EVERYBODYS_COMMANDS)
        if role in PATROLLING
        else _EVERYBODYS_COMMANDS
    )


def everybodys_menus() -> Sequence[Mapping[str, Any]]:
    """``setMyCommands`` for every private chat: Chinese, and English for phones set to it."""
    scope = {"type": "all_private_chats"}
    return (
        {"commands": _commands_listed(None, "zh"), "scope": scope},
        {"commands": _commands_listed(None, "en"), "scope": scope, "language_code": "en"},
    )


def menu_of(person: Person, *, chosen: bool = False) -> Mapping[str, Any] | None:
    """``setMyCommands`` for one person's chat, in their language; ``None``: nothing of their own.

    Without a language code it is shown whatever the phone is set to.

    :param chosen: they have just chosen the language: then it is theirs in any case.
    """
    if person.telegram_id is None:
        return None
    if commands_of(person.role) == _EVERYBODYS_COMMANDS and not chosen:
        return None
    return {
        "commands": _commands_listed(person.role, person.language),
        "scope": {"type": "chat", "chat_id": person.telegram_id},
    }


def _commands_listed(role: Role | None, language: str) -> list[dict[str, str]]:
    _ = translator(language)
    return [
        {"command": command, "description": _(_COMMANDS[command])} for command in commands_of(role)
    ]
