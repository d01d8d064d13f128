"""The keyboard that stays under the chat: for each post, what it does most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from enum import Enum

from alerts.calls import Call
from alerts.model import Alert
from bot.actions.warnings import Answer
from bot.locale import LANGUAGES, N_, translator
from bot.views.clock import BEIJING, clock, day_clock
from bot.views.follow_up import told
from bot.views.screen import Button, Inline, Reply, Screen, bold
from bot.views.warning import plain_title, title, todo
from contacts.people import COMMANDING, PATROLLING, Person, Role


class Item(Enum):
    """What can be chosen."""

    RELEASE = "release"
    STATUS = "status"
    SILENT = "silent"
    COVERAGE = "coverage"
    HANDBOOK = "handbook"
    ROLL_CALL = "roll_call"
    TASKS = "tasks"
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
    Item.TASKS: N_("📋 我的任务"),
    Item.POSITION: N_("📍 一键报位"),
    Item.FIELD_REPORT: N_("📷 现场上报"),
    Item.DISTRESS: N_("🆘 求救"),
}

_COMMANDING = (
    (Item.RELEASE, Item.STATUS),
    (Item.SILENT, Item.COVERAGE),
    (Item.ROLL_CALL, Item.HANDBOOK, Item.TASKS),
)
_DUTY = ((Item.SILENT, Item.STATUS), (Item.COVERAGE, Item.HANDBOOK), (Item.TASKS,))
_STAFF = ((Item.STATUS, Item.HANDBOOK), (Item.TASKS,))
_PATROL = ((Item.POSITION,), (Item.FIELD_REPORT, Item.DISTRESS), (Item.TASKS,))
# Whoever moves people at night is in danger too, and sees what no office sees.
_VILLAGE = ((Item.TASKS, Item.FIELD_REPORT), (Item.POSITION, Item.DISTRESS))


def label(item: Item, language: str) -> str:
    """The button's text."""
    return translator(language)(_LABELS[item])


def texts(item: Item) -> tuple[str, ...]:
    """The button's text in every language: what a filter listens for."""
    return tuple(dict.fromkeys(label(item, language) for language in LANGUAGES))


_ITEMS = {text: item for item in Item for text in texts(item)}


def item_of(text: str) -> Item | None:
    """The button that sends ``text``, in whatever language it was shown."""
    return _ITEMS.get(text.strip())


def menu_for(person: Person, language: str) -> Reply:
    """The keyboard for this person's post."""
    return menu_of_role(person.role, language)


def menu_of_role(role: Role, language: str) -> Reply:
    """The keyboard for a post."""
    return _keyboard(_rows_for(role), language)


def menu_with_position(role: str | None, language: str) -> Reply:
    """The same with 📍 一键报位 alone in the first row: somebody is asked where they are."""
    rows = _rows_for(next((one for one in Role if one.value == role), None))
    others = [tuple(item for item in row if item is not Item.POSITION) for row in rows]
    return _keyboard(((Item.POSITION,), *(row for row in others if row)), language)


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


def _keyboard(rows: Sequence[Sequence[Item]], language: str) -> Reply:
    return Reply(tuple(tuple(_button(item, language) for item in row) for row in rows))


def tasks(
    calls: Sequence[tuple[Call, Alert]],
    places: Mapping[int, str],
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """📋 我的任务: the warnings this person was called for, those still open with their button.

    :param places: alert id -> name of its area.
    """
    _ = translator(language)
    if not calls:
        return Screen(_("您现在没有任务。有预警时会直接发给您。"))
    blocks, rows = [bold(_("📋 我的任务"))], []
    for call, alert in calls[:5]:
        place = places.get(alert.id, "")
        lines = [title(alert, place, language)]
        if call.open and alert.chasing:
            lines.append(bold(_("⏳ 还没有收到您的回应")))
            words = "✅ " + plain_title(alert, place, language)
            rows.append((Button(words, Answer(call.id).encode()),))
        elif call.answered:
            lines.append(_("✅ {time} 已回应").format(time=clock(call.answered_at, zone)))
            if call.report is not None:
                lines.append(told(call, language, zone))
            if alert.chasing:
                lines.append(
                    todo(alert.hazard, alert.level, call.role, alert.lead_minutes, language)
                )
        else:
            at = alert.released_at or alert.created_at
            lines.append(_("{time} 发布，已结束").format(time=day_clock(at, zone)))
        blocks.append("\n".join(lines))
    return Screen("\n\n".join(blocks), Inline(tuple(rows)) if rows else None)


def _button(item: Item, language: str) -> Button:
    return Button(label(item, language), request_location=item is Item.POSITION)
