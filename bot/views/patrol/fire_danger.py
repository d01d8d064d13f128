"""The forest-fire danger of a place on a day: what a commander reads after /danger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo

from alerts.patrol.red_days.model import AskKind
from alerts.patrol.red_days.orders import RedDayPreview
from alerts.season.model import Danger, DangerLevel
from bot.actions.red_days import LeaveDanger, SetDanger
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape, name, shorten
from bot.views.warnings.parts import MOST_OF_PLACE
from contacts.divisions.gazetteer import Candidate

_LEVELS: Mapping[DangerLevel, str] = {
    DangerLevel.GREEN: N_("一级（绿）"),
    DangerLevel.BLUE: N_("二级（蓝）"),
    DangerLevel.YELLOW: N_("三级（黄）"),
    DangerLevel.ORANGE: N_("四级（橙）"),
    DangerLevel.RED: N_("五级（红）"),
}
_MARKS: Mapping[DangerLevel, str] = {
    DangerLevel.GREEN: "🟢",
    DangerLevel.BLUE: "🔵",
    DangerLevel.YELLOW: "🟡",
    DangerLevel.ORANGE: "🟠",
    DangerLevel.RED: "🔴",
}


def danger_name(level: DangerLevel, language: str) -> str:
    """A danger level in words: 🔴 五级（红）."""
    return f"{_MARKS[level]} {translator(language)(_LEVELS[level])}"


def danger_of(danger: Danger, place: str, decided_for: str, language: str) -> Screen:
    """The danger of a place on a day, and how to set it.

    :param decided_for: the name of the division it was set for, where that is one above.
    """
    _ = translator(language)
    day = _day(danger.day)
    if danger.level is None:
        line = _("{place} {day} 还没有火险等级").format(place=place, day=day)
    else:
        line = _("{place} {day} 火险等级：{level}").format(
            place=place, day=day, level=danger_name(danger.level, language)
        )
    lines = [bold(line)]
    if decided_for:
        lines.append(_("（按{place}的等级）").format(place=name(decided_for)))
    lines.append(_("设置：/danger 敦化市 红，或 /danger 敦化市 红 明天"))
    return Screen("\n".join(lines))


def danger_set(danger: Danger, place: str, language: str) -> Screen:
    """The danger level was set."""
    _ = translator(language)
    assert danger.level is not None
    level = danger_name(danger.level, language)
    words = _("✅ 已设置：{place} {day} 火险 {level}")
    return Screen(bold(words.format(place=place, day=_day(danger.day), level=level)))


def danger_preview(
    follows: RedDayPreview,
    button: SetDanger,
    place: str,
    path: str,
    now: datetime,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """What setting the level sends, to how many, and when; the button says the same."""
    _ = translator(language)
    level = danger_name(DangerLevel(button.level), language)
    day = _day(button.day)
    lines = [
        bold(_("下达前请核对")),
        bold(_("{day} 火险 {level}").format(day=day, level=level)),
        f"📍 {escape(path)}",
        "",
    ]
    shown = shorten(place, MOST_OF_PLACE)
    if follows.asks:
        lines.append(_("👥 将向 {persons} 人下达当日要求").format(persons=follows.persons))
        words = {AskKind.ORDERS: _("当日要求"), AskKind.ZERO_REPORT: _("零报告")}
        for kind, at in follows.asks:
            when = _("马上发出（现在 {time}）") if at <= now else _("{time} 发出")
            local = clock(at, zone) if at <= now else day_clock(at, zone)
            lines.append(f"🕒 {words[kind]}：" + when.format(time=local))
        lines.append(_("每人须按「收到」；没有回应的会再催，并报值班员。"))
        confirm = _("✅ 确认下达 🔴红·{place}·{persons}人")
        words_on_button = confirm.format(place=shown, persons=follows.persons)
    elif follows.recalled:
        lines.append(_("↩️ 已下达的要求将撤回，通知 {persons} 人").format(persons=follows.recalled))
        confirm = _("✅ 确认撤回 {mark}·{place}·通知{persons}人")
        words_on_button = confirm.format(
            mark=_MARKS[DangerLevel(button.level)], place=shown, persons=follows.recalled
        )
    else:
        lines.append(_("不会通知任何人。"))
        words_on_button = _("✅ 确认设置 {mark}·{place}").format(
            mark=_MARKS[DangerLevel(button.level)], place=shown
        )
    rows = (
        (Button(words_on_button, button.encode()),),
        (Button(_("取消"), LeaveDanger().encode()),),
    )
    return Screen("\n".join(lines), Inline(rows))


def danger_outdated(language: str) -> Screen:
    """What a preview becomes whose button was pressed too late."""
    _ = translator(language)
    return Screen(_("这份预览过时了，没有改动。请重新发 /danger。"))


def danger_left(language: str) -> Screen:
    """What a preview becomes that was cancelled."""
    _ = translator(language)
    return Screen(_("没有改动。"))


def place_unclear(text: str, candidates: Sequence[Candidate], language: str) -> Screen:
    """There is no such place, or there are several of that name."""
    _ = translator(language)
    if not candidates:
        return Screen(_("没有区划“{text}”").format(text=name(text)))
    lines = [_("“{text}”有多处，请用代码：").format(text=name(text))]
    lines += [
        f"<code>{candidate.division.code}</code> {escape(candidate.path)}"
        for candidate in candidates
    ]
    return Screen("\n".join(lines))


def _day(day: date) -> str:
    return f"{day:%m-%d}"
