"""A change of a running warning: what of it, which level, how long, where; what was not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from alerts.lifecycle import RANK
from alerts.model import Alert, Family, Hazard, Level
from bot.actions.areas import WaterStep
from bot.actions.changes import (
    AreaChoice,
    ChangeStep,
    ChangeTap,
    ChangeWater,
    PickWarning,
    choose_area,
)
from bot.actions.warnings import CancelAsk, LiftAsk, StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock, span
from bot.views.division_menu import PAGE_SIZE, DivisionMenu, menu_rows
from bot.views.paging import last_page, page_buttons
from bot.views.screen import (
    Button,
    ForceReply,
    Inline,
    Rows,
    Screen,
    bold,
    escape,
    name,
    quote,
    shorten,
)
from bot.views.vocabulary import level_mark, level_name, thing_name, with_thing
from bot.views.warnings.parts import heading, plain_title
from bot.views.warnings.water_menu import Way

HOURS = (3, 6, 12, 24)
"""By how much a warning is prolonged by one tap."""

NAMED = 12
"""Divisions named in a message; of the others it says how many."""


def change_button(alert: Alert, language: str) -> Button:
    """✏️ 变更预警, under the progress card."""
    _ = translator(language)
    words = with_thing(_("✏️ 变更{thing}"), alert.hazard, language)
    if alert.hazard.response:
        words = _("✏️ 变更响应")
    return Button(words, ChangeTap(alert.id, ChangeStep.MENU).encode())


def menu(
    alert: Alert, place: str, language: str, *, note: str = "", zone: tzinfo = BEIJING
) -> Screen:
    """What of the warning is to change; nothing is chosen yet.

    :param note: HTML above it.
    """
    _ = translator(language)
    question = _("变更这次{thing}：改哪一项？").format(thing=thing_name(alert.hazard, language))
    lines = [
        heading(alert, bold(question), place, language),
        _("⏱ 有效至 {until}").format(until=day_clock(alert.expires_at, zone)),
        _("可以改好几项，最后一起核对、一起确认。"),
    ]
    text = "\n".join([note, "", *lines] if note else lines)
    return Screen(
        text, Inline((*edits(alert, language), ends(alert, language), back(alert, language)))
    )


def edits(alert: Alert, language: str) -> Rows:
    _ = translator(language)

    def to(step: ChangeStep, words: str) -> Button:
        return Button(words, ChangeTap(alert.id, step).encode())

    areas = (to(ChangeStep.ADD, _("➕ 扩大区域")), to(ChangeStep.NARROW, _("➖ 缩小区域")))
    return (
        (to(ChangeStep.LEVEL, _("🎚 升级/降级")), to(ChangeStep.TEXT, _("✏️ 改内容"))),
        *(() if alert.places else (areas,)),
        (to(ChangeStep.TIME, _("⏱ 延长时间")),),
    )


def ends(alert: Alert, language: str) -> tuple[Button, Button]:
    """It is over, or it should not have been issued: two things that must not be mistaken."""
    _ = translator(language)
    lift, cancel = _("✅ 解除预警"), _("🚫 取消预警")
    if alert.hazard.response:
        lift, cancel = _("✅ 终止响应"), _("🚫 取消响应")
    if alert.hazard.homeward:
        lift, cancel = _("✅ 办结返回通知"), _("🚫 取消返回通知")
    return Button(lift, LiftAsk(alert.id).encode()), Button(cancel, CancelAsk(alert.id).encode())


def back(alert: Alert, language: str) -> tuple[Button, ...]:
    _ = translator(language)
    return (Button(_("⬅️ 返回态势"), StatusOf(alert.id).encode()),)


def _to_preview(alert: Alert, language: str) -> tuple[Button, ...]:
    _ = translator(language)
    return (Button(_("⬅️ 返回"), ChangeTap(alert.id, ChangeStep.BACK).encode()),)


def ask_level(alert: Alert, place: str, language: str) -> Screen:
    """Which level; the arrows say which way it goes."""
    _ = translator(language)
    rows = []
    for level in Level:
        if level is alert.level:
            continue
        up = RANK[level] > RANK[alert.level]
        words = _("⬆️ 升为 {mark} {level}") if up else _("⬇️ 降为 {mark} {level}")
        shown = words.format(mark=level_mark(level), level=level_name(level, language))
        rows.append((Button(shown, ChangeTap(alert.id, ChangeStep.LEVEL, level.value).encode()),))
    lines = [
        heading(alert, bold(_("改为什么等级？")), place, language),
        _("升级：所有人重新叫应，已回应的也要再回应。降级：只告知，不用再回应。"),
    ]
    return Screen("\n".join(lines), Inline((*rows, _to_preview(alert, language))))


def ask_text(alert: Alert, place: str, language: str, most: int) -> Screen:
    """The whole text anew."""
    _ = translator(language)
    lines = [
        heading(
            alert, bold(_("请写更正后的全文（最多 {most} 字）").format(most=most)), place, language
        ),
        _("现在的内容："),
        quote(in_language(alert.description, language)),
        _("写完先核对，再确认才会发出。"),
    ]
    return Screen("\n".join(lines), ForceReply(_("立即转移…")))


def ask_time(
    alert: Alert, place: str, now: datetime, language: str, zone: tzinfo = BEIJING
) -> Screen:
    """How much longer it is to hold."""
    _ = translator(language)
    rows = [
        (
            Button(
                _("＋{hours} 小时 → {until}").format(
                    hours=hours, until=day_clock(alert.expires_at + timedelta(hours=hours), zone)
                ),
                ChangeTap(alert.id, ChangeStep.TIME, str(hours)).encode(),
            ),
        )
        for hours in HOURS
    ]
    left = (alert.expires_at - now).total_seconds()
    until = _("现在有效至 {until}，还有 {span}").format(
        until=day_clock(alert.expires_at, zone), span=span(max(0, left), language)
    )
    lines = [
        heading(alert, bold(_("延长到什么时候？")), place, language),
        until,
        _("也可以直接打字：6小时、明早8点、30日8时。"),
    ]
    return Screen("\n".join(lines), Inline((*rows, _to_preview(alert, language))))


def ask_added(
    alert: Alert,
    place: str,
    area: DivisionMenu,
    chosen: Sequence[str],
    language: str,
    *,
    held: bool = False,
    page: int = 0,
) -> Screen:
    """One more area: this division, or go to another.

    :param chosen: names of those that were added so far.
    :param held: the division shown belongs to the warning already.
    """
    _ = translator(language)

    def go(code: str, page: int | None = None) -> ChangeTap:
        value = code if page is None else f"{code}.{page}"
        return choose_area(alert.id, ChangeStep.ADD, AreaChoice.OPEN, value)

    lines = [
        heading(alert, bold(_("扩大到哪里？")), place, language),
        _("也可以直接打字写名称，几个地方用「、」隔开；或发一个画好范围的文件（GeoJSON、KML）。"),
        bold(f"📍 {area.path}"),
    ]
    if chosen:
        lines.append(_("已加：{names}").format(names=named(chosen, language)))
    here: Rows = ()
    if held:
        lines.append(with_thing(_("这里已经在{thing}区域内。"), alert.hazard, language))
    else:
        tap = choose_area(alert.id, ChangeStep.ADD, AreaChoice.HERE, area.code)
        here = ((Button(_("✅ 加上此区域"), tap.encode()),),)
    rows = menu_rows(area, page, language, go=go)
    water: Rows = ()
    if alert.hazard.family is Family.FLOOD:
        button = Button(_("🌊 河流、水库"), ChangeWater(alert.id, WaterStep.LIST).encode())
        water = ((button,),)
    return Screen("\n".join(lines), Inline((*here, *rows, *water, _to_preview(alert, language))))


def water_way(alert: Alert, language: str) -> Way:
    """The way to villages along a river, to be added; back leads to the question where to."""
    _ = translator(language)
    again = ChangeTap(alert.id, ChangeStep.ADD)
    return Way(
        lambda step, value: ChangeWater(alert.id, step, value),
        (Button(_("⬅️ 返回"), again.encode()),),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A division of the warning, and whether it stays."""

    code: str
    name: str
    stays: bool


def ask_narrowed(
    alert: Alert, place: str, parts: Sequence[Part], page: int, language: str
) -> Screen:
    """Which parts of the warned area stay: each is ticked on or off."""
    _ = translator(language)
    last = last_page(len(parts), PAGE_SIZE)
    page = min(page, last)

    def tap(choice: AreaChoice, value: str = "") -> str:
        return choose_area(alert.id, ChangeStep.NARROW, choice, value).encode()

    def turn(number: int) -> ChangeTap:
        return choose_area(alert.id, ChangeStep.NARROW, AreaChoice.PAGE, str(number))

    shown = parts[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    buttons = [
        Button(
            ("✅ " if part.stays else "⬜ ") + part.name,
            tap(AreaChoice.HERE, f"{part.code}.{page}"),
        )
        for part in shown
    ]
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    turns = page_buttons(page, last, turn, language)
    if turns:
        rows.append(turns)
    staying = sum(part.stays for part in parts)
    done = _("➡️ 选好了：留 {staying}，去掉 {gone}").format(
        staying=staying, gone=len(parts) - staying
    )
    rows.append(
        (Button(_("全部留"), tap(AreaChoice.ALL)), Button(_("全不留"), tap(AreaChoice.NONE)))
    )
    rows.append((Button(done, ChangeTap(alert.id, ChangeStep.BACK).encode()),))
    lines = [
        heading(
            alert,
            bold(with_thing(_("哪些地方还在{thing}区域内？"), alert.hazard, language)),
            place,
            language,
        ),
        _("✅ 留下，⬜ 去掉；按一下就变。也可以打字：「只留 大石头镇」「去掉 黄泥河镇」。"),
    ]
    return Screen("\n".join(lines), Inline(tuple(rows)))


def nothing_left(alert: Alert, language: str) -> str:
    """Toast: at least one area stays."""
    lift, _cancel = ends(alert, language)
    return translator(language)("至少留一处。全都不用了，请用「{lift}」。").format(lift=lift.text)


def ask_meant(alert: Alert, place: str, areas: Sequence[str], language: str) -> Screen:
    """缩小 黄泥河镇: that it goes, or that only it stays?"""
    _ = translator(language)
    names = shorten(_("、").join(areas), 24)
    lines = [heading(alert, bold(_("缩小：是哪个意思？")), place, language)]
    drop = ChangeTap(alert.id, ChangeStep.MEANT, "drop")
    keep = ChangeTap(alert.id, ChangeStep.MEANT, "keep")
    return Screen(
        "\n".join(lines),
        Inline(
            (
                (Button(_("➖ 去掉 {names}").format(names=names), drop.encode()),),
                (Button(_("📍 只留 {names}").format(names=names), keep.encode()),),
                _to_preview(alert, language),
            )
        ),
    )


def ask_unclear(
    alert: Alert,
    place: str,
    text: str,
    candidates: Sequence[tuple[str, str]],
    language: str,
    *,
    several: bool = True,
) -> Screen:
    """A name that is not exactly one place.

    :param candidates: codes and paths of what may be meant.
    :param several: they bear this name; else they are only like it.
    """
    _ = translator(language)
    if candidates and several:
        words = _("「{text}」是哪一处？")
    elif candidates:
        words = _("没有找到「{text}」，您是不是要找：")
    else:
        words = _("没有找到「{text}」，请再写一次名称。")
    words = words.format(text=shorten(text, 30))
    rows = [
        (Button(path, ChangeTap(alert.id, ChangeStep.UNCLEAR, code).encode()),)
        for code, path in candidates
    ]
    skip = Button(_("✖️ 不要这一处"), ChangeTap(alert.id, ChangeStep.UNCLEAR).encode())
    return Screen(
        heading(alert, bold(words), place, language),
        Inline((*rows, (skip,), _to_preview(alert, language))),
    )


def none_in_force(language: str) -> Screen:
    """There is no warning that the line could be about."""
    _ = translator(language)
    return Screen(_("这里没有您可以变更的有效预警。按「📊 态势」看现有的。"))


def edit_not_used(language: str) -> Screen:
    """Answer to an edited line that no open change was made of."""
    _ = translator(language)
    return Screen(_("您改的这一行没有用上：变更不随它改。要再变更，请重新发 /update。"))


def line_notes(
    language: str,
    *,
    hazard: Hazard | None = None,
    strange: Sequence[str] = (),
    incomplete: Sequence[str] = (),
    against: str = "",
    outside: Sequence[str] = (),
    inside: Sequence[str] = (),
) -> str:
    """What of a line was not used, and why (HTML).

    :param hazard: of what is changed; where it is known.

    :param against: 升级 of a level that is lower, and the like.
    :param outside: places that are to go or stay and are no part of the warning.
    :param inside: places that are to be added and are part of it already.
    """
    _ = translator(language)
    thing = thing_name(hazard, language) if hazard is not None else ""
    lines = [
        _("没有看懂「{word}」，没有用上。要改内容请写「更正 …」。").format(
            word=escape(shorten(word, 20))
        )
        for word in strange
    ]
    lines += [
        _("「{word}」后面没有写清楚，没有用上。").format(word=escape(shorten(word, 20)))
        for word in incomplete
    ]
    if against:
        lines.append(against)
    if outside:
        lines.append(
            _("「{names}」不在这次{thing}的区域内，没有用上。").format(
                names=named(outside, language), thing=thing
            )
        )
    if inside:
        lines.append(
            _("「{names}」已经在{thing}区域内，不用再加。").format(
                names=named(inside, language), thing=thing
            )
        )
    return "\n".join("⚠️ " + line for line in lines)


def wrong_way(word_up: bool, said: Level, held: Level, language: str) -> str:
    """升级 黄 while it is orange: nothing of it is used (HTML)."""
    _ = translator(language)
    words = (
        _("现在是{held}，「升级」不能改成{said}；要降级请写「降级 {said}」。")
        if word_up
        else _("现在是{held}，「降级」不能改成{said}；要升级请写「升级 {said}」。")
    )
    return words.format(held=level_name(held, language), said=level_name(said, language))


def time_not_read(text: str, language: str) -> str:
    """What was typed is no time (HTML)."""
    _ = translator(language)
    return bold(
        _("没有看懂「{text}」。请写 6小时、明早8点、30日8时。").format(
            text=escape(shorten(text, 20))
        )
    )


def ends_earlier(alert: Alert, until: datetime, language: str, zone: tzinfo = BEIJING) -> str:
    """The time is before the end that holds (HTML)."""
    _ = translator(language)
    lift, _cancel = ends(alert, language)
    words = _("{until} 不晚于现在的到期时间，没有延长。要提前结束，请用「{lift}」。")
    return bold(words.format(until=day_clock(until, zone), lift=lift.text))


def which_warning(warnings: Sequence[tuple[Alert, str]], language: str) -> Screen:
    """Several warnings are in force, and the line names none."""
    _ = translator(language)
    rows = tuple(
        (
            Button(
                plain_title(alert, shorten(place, 16), language),
                PickWarning(alert.id).encode(),
            ),
        )
        for alert, place in warnings
    )
    return Screen(
        bold(_("现在有 {count} 条在生效，是哪一条？").format(count=len(warnings))),
        Inline(rows),
    )


def update_usage(warnings: Sequence[tuple[Alert, str]], language: str) -> Screen:
    """How to change a warning in one line, and the warnings in force."""
    _ = translator(language)
    lines = [
        bold(_("一行变更：/update 编号 改什么")),
        "<code>/update 12 升级 红 延长 6小时</code>",
        "<code>/update 扩大 黄泥河镇</code>",
        "<code>/update 缩小到 大石头镇</code>",
        "<code>/update 更正 立即转移到村部</code>",
        _("只有一条在生效时，可以不写编号。先给您核对，确认才会发出。"),
        _("过程结束：/lift 编号（解除）。发错了：/cancel 编号（取消）。"),
    ]
    rows = tuple(
        (
            Button(
                _("{number} {title}").format(
                    number=alert.id, title=plain_title(alert, shorten(place, 14), language)
                ),
                ChangeTap(alert.id, ChangeStep.MENU).encode(),
            ),
        )
        for alert, place in warnings
    )
    return Screen("\n".join(lines), Inline(rows) if rows else None)


def named(places: Sequence[str], language: str) -> str:
    _ = translator(language)
    words = _("、").join(name(place) for place in places[:NAMED])
    if len(places) > NAMED:
        words += _("……共 {count} 处").format(count=len(places))
    return words


def in_language(text: str, language: str) -> str:
    """A template's lines are read in the reader's language."""
    _ = translator(language)
    return "\n".join(_(line) for line in text.strip().splitlines())
