"""The forest-fire danger of a place on a day: what a commander reads after /danger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from alerts.season.model import Danger, DangerLevel
from bot.locale import N_, translator
from bot.views.screen import Screen, bold, escape, name
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
