"""The forest-fire danger of a place on a day: what a commander reads after /danger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo

from alerts.model import Level
from alerts.patrol.red_days.model import AskKind
from alerts.patrol.red_days.orders import RedDayPreview
from alerts.season.model import (
    Danger,
    DangerLevel,
    DangerScale,
    danger_of_colour,
    scale_of_sender,
)
from bot.actions.named_places import DangerPlaceMeant
from bot.actions.red_days import LeaveDanger, SetDanger
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock, day_clock
from bot.views.named_places import which_place
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


_SCALES: Mapping[DangerScale, str] = {
    DangerScale.WEATHER: N_("气象三色"),
    DangerScale.COMMAND: N_("指挥部四色"),
    DangerScale.NATIONAL: N_("国标五级"),
}


def scale_name(scale: DangerScale, language: str) -> str:
    """Whose colours a level is of: 气象三色."""
    return translator(language)(_SCALES[scale])


def issued_line(level: Level, issuer: str, language: str) -> str:
    """What a warning of fire danger from outside means: 气象三色的橙色：火险 🟠 四级（橙）.

    :param issuer: who issued it, as they write themselves.
    """
    _ = translator(language)
    danger, scale = danger_of_colour(level), scale_of_sender(issuer)
    meant = danger_name(danger, language)
    if scale is None:
        return _("火险 {level}；没有写明是气象三色还是指挥部四色").format(level=meant)
    words = _("按{scale}：火险 {level}")
    if danger not in scale.levels:
        words = _("⚠️ {scale}没有这个颜色，请核对：火险 {level}")
    return words.format(scale=scale_name(scale, language), level=meant)


def danger_words(danger: Danger, language: str) -> str:
    """A level and whose it is: 🔴 五级（红）· 气象三色."""
    assert danger.level is not None
    words = danger_name(danger.level, language)
    return words if danger.scale is None else f"{words} · {scale_name(danger.scale, language)}"


def danger_of(
    danger: Danger, place: str, decided_for: str, language: str, *, may_set: bool = True
) -> Screen:
    """The danger of a place on a day, and how to set it.

    :param decided_for: the name of the division it was set for, where that is one above.
    :param may_set: whether the reader may set it there.
    """
    _ = translator(language)
    day = _day(danger.day)
    if danger.level is None:
        line = _("{place} {day} 还没有火险等级").format(place=place, day=day)
    else:
        line = _("{place} {day} 火险等级：{level}").format(
            place=place, day=day, level=danger_words(danger, language)
        )
    lines = [bold(line)]
    if decided_for:
        lines.append(_("（按{place}的等级）").format(place=name(decided_for)))
    if may_set:
        words = _("设置：/danger {place} 红 气象，或 /danger {place} 橙 指挥部 明天")
        lines.append(words.format(place=name(place)))
    return Screen("\n".join(lines))


def danger_set(danger: Danger, place: str, language: str) -> Screen:
    """The danger level was set."""
    _ = translator(language)
    assert danger.level is not None
    level = danger_words(danger, language)
    words = _("✅ 已设置：{place} {day} 火险 {level}")
    return Screen(bold(words.format(place=place, day=_day(danger.day), level=level)))


def danger_preview(
    follows: RedDayPreview,
    buttons: Sequence[SetDanger],
    place: str,
    path: str,
    now: datetime,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """What setting the level sends, to how many, and when; the button says the same.

    :param buttons: one, or one for each of those whose colours it may be.
    """
    _ = translator(language)
    button = buttons[0]
    level = danger_name(DangerLevel(button.level), language)
    day = _day(button.day)
    lines = [
        bold(_("下达前请核对")),
        bold(_("{day} 火险 {level}").format(day=day, level=level)),
        f"📍 {escape(path)}",
        "",
    ]
    shown = shorten(place, MOST_OF_PLACE)
    if follows.asks and not follows.persons:
        lines.append(_("⚠️ 这里没有登记要下达的人，设置了也没有人收到要求。"))
        words_on_button = _("✅ 确认设置 {mark}·{place}").format(
            mark=_MARKS[DangerLevel(button.level)], place=shown
        )
    elif follows.asks:
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
    if len(buttons) > 1:
        lines += ["", bold(_("❓ 这是谁发布的？请按相应的按钮。"))]
    rows = [
        (Button(_on_button(words_on_button, each, language), each.encode()),) for each in buttons
    ]
    rows.append((Button(_("取消"), LeaveDanger().encode()),))
    return Screen("\n".join(lines), Inline(tuple(rows)))


def _on_button(words: str, button: SetDanger, language: str) -> str:
    if button.scale is None:
        return words
    return f"{words}·{scale_name(button.scale, language)}"


def danger_outdated(language: str) -> Screen:
    """What a preview becomes whose button was pressed too late."""
    _ = translator(language)
    return Screen(_("这份预览过时了，没有改动。请重新发 /danger。"))


def danger_left(language: str) -> Screen:
    """What a preview becomes that was cancelled."""
    _ = translator(language)
    return Screen(_("没有改动。"))


def place_unclear(
    text: str,
    candidates: Sequence[Candidate],
    total: int,
    language: str,
    *,
    wanted: tuple[DangerLevel | None, date, DangerScale | None],
) -> Screen:
    """There is no such place, or there are several of that name: a button for each.

    :param candidates: those of the name, or a few whose names look alike.
    :param total: how many bear the name; none: there is no such place.
    :param wanted: the level, the day and whose colours that were written with it.
    """
    _ = translator(language)
    level, day, scale = wanted
    preface = _wanted(level, day, language)
    places = [
        (candidate.path, DangerPlaceMeant.of(candidate.division.code, day, level, scale))
        for candidate in candidates
    ]
    leave = Button(_("取消"), LeaveDanger().encode())
    if not total:
        words = bold(_("没有找到「{text}」。").format(text=shorten(text, 30)))
        how = _("请写区划名称（如 敦化市、敦化市大石头镇）或 12 位代码。")
        if not places:
            return Screen("\n".join([preface, words, how]))
        rows = [(Button(shorten(path, 60), meant.encode()),) for path, meant in places]
        lines = [preface, words, how, _("您是不是要找：")]
        return Screen("\n".join(lines), Inline((*rows, (leave,))))
    return which_place(text, places, total, language, preface=preface, more=[leave])


def no_level(word: str, language: str) -> Screen:
    """What stands beside the place is no level: nothing was set."""
    _ = translator(language)
    words = _("「{word}」不是火险等级，没有改动。").format(word=shorten(word, 20))
    levels = _("、").join(danger_name(level, language) for level in DangerLevel)
    return Screen("\n".join([bold(words), _("等级有：{levels}").format(levels=levels)]))


def _wanted(level: DangerLevel | None, day: date, language: str) -> str:
    """What was asked about or to be set: 火险等级 07-02 🔴 五级（红）（没有改动）."""
    _ = translator(language)
    if level is None:
        return _("火险等级 {day}").format(day=_day(day))
    words = _("火险等级 {day} {level}（还没有设置）")
    return words.format(day=_day(day), level=danger_name(level, language))


def _day(day: date) -> str:
    return f"{day:%m-%d}"
