"""Roll calls: the question to each person, the result as it grows, the list of the silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.patrol.roll_calls.calling import Answered
from alerts.patrol.roll_calls.model import Counts, RollCall, Standing
from alerts.patrol.roll_calls.roll_store import RollEntry
from bot.actions.roll_calls import RollCallDo, RollCallTap
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import bar, percent
from bot.views.menu import menu_with_position
from bot.views.paging import last_page, page_buttons
from bot.views.patrol.roll_call_wizard import whom_name
from bot.views.screen import Button, Inline, Screen, bold, name
from bot.views.vocabulary import held_name
from contacts.people import Person
from contacts.phones import masked

PAGE_SIZE = 10
"""Persons on a page."""


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One person of a list; ``phone``: whether the reader may see the number."""

    entry: RollEntry
    place: str
    phone: bool


def asked(
    roll_call: RollCall,
    by: Person | None,
    place: str,
    role: str | None,
    language: str,
    *,
    again: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The question to one person: one short message, one big button."""
    _ = translator(language)
    lines = [bold(_("⏰ 还没有收到您的位置"))] if again else []
    who = "" if by is None else f"{held_name(by, language)} {by.name}"
    lines += [
        bold(_("📣 点名 · {place}").format(place=place)),
        _("{who} 点名，请在 {time} 前报位。").format(
            who=name(who), time=bold(clock(roll_call.ends_at, zone))
        ),
        _("👇 按下面最大的「📍 一键报位」"),
    ]
    return Screen("\n".join(lines), menu_with_position(role, language))


def answer_lines(found: Sequence[Answered], language: str) -> list[str]:
    """Lines: what a position did for the roll calls it answered."""
    _ = translator(language)
    lines = []
    for answered in found:
        if answered.standing is Standing.FAR:
            lines.append(bold(_("📣 点名已到，但您不在责任区内")))
            if answered.late:
                lines.append(_("📣 点名已到（迟到）"))
        elif answered.late:
            lines.append(_("📣 点名已到（迟到）"))
        else:
            lines.append(_("📣 点名已到"))
    return lines


def result(
    roll_call: RollCall,
    counts: Counts,
    place: str,
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The result so far; the message is edited while it grows."""
    _ = translator(language)
    lines = [
        _title(roll_call, place, language),
        f"{bar(counts.present, counts.total)} {percent(counts.present, counts.total)}",
        _("👥 应到 {persons} 人").format(persons=counts.total),
        bold(_("✅ 实到 {count} 人").format(count=counts.present)),
    ]
    if counts.far:
        lines.append(_("📏 其中不在责任区 {count} 人").format(count=counts.far))
    if counts.late:
        lines.append(_("🕐 其中迟到 {count} 人").format(count=counts.late))
    lines.append(bold(_("📵 未到 {count} 人").format(count=counts.absent)))
    if counts.unreachable:
        words = _("☎️ 其中联系不上 {count} 人，请打电话")
        lines.append(words.format(count=counts.unreachable))
    if roll_call.open:
        times = _("⏱ {start} 开始，{end} 截止 · 更新 {now}").format(
            start=clock(roll_call.started_at, zone),
            end=clock(roll_call.ends_at, zone),
            now=clock(now, zone),
        )
    else:
        times = _("⏹ {start} 开始，{end} 结束").format(
            start=clock(roll_call.started_at, zone), end=clock(roll_call.closed_at, zone)
        )
    lines.append(times)
    return Screen("\n".join(lines), _result_buttons(roll_call, counts, language))


def already_running(place: str, language: str) -> str:
    """Toast: the same roll call runs already, nothing was started."""
    _ = translator(language)
    return _("{place} 的点名正在进行，没有重复发出。").format(place=place)


def asked_again(count: int, language: str) -> str:
    """Toast after 再叫一次: how many were asked again."""
    _ = translator(language)
    return _("已再叫 {count} 人").format(count=count)


def people_list(
    roll_call: RollCall,
    listed: Sequence[ListedPerson],
    total: int,
    place: str,
    language: str,
    *,
    far: bool = False,
    page: int = 0,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One page of the absent (or of those far away): name, post, village, number."""
    _ = translator(language)
    lines = [_title(roll_call, place, language)]
    if not total:
        lines.append(bold(_("✅ 都在责任区内") if far else _("✅ 没有未到的人")))
        return Screen("\n".join(lines), Inline(((_back(roll_call, language),),)))
    head = _("📏 不在责任区 {count} 人") if far else _("📵 未到 {count} 人，请打电话")
    lines.append(bold(head.format(count=total)))
    for number, row in enumerate(listed, start=page * PAGE_SIZE + 1):
        lines += ["", *_entry(roll_call, number, row, language, zone)]
    do = RollCallDo.FAR if far else RollCallDo.SILENT
    turn = page_buttons(
        page,
        last_page(total, PAGE_SIZE),
        lambda number: RollCallTap(roll_call.id, do, number),
        language,
    )
    # Whoever answers late leaves the list: looked at again before somebody is rung up.
    again = Button(_("🔄 刷新"), RollCallTap(roll_call.id, do, page).encode())
    back = (again, _back(roll_call, language))
    return Screen("\n".join(lines), Inline((turn, back) if turn else (back,)))


def _title(roll_call: RollCall, place: str, language: str) -> str:
    _ = translator(language)
    whom = whom_name(roll_call.whom, language)
    return bold(_("📣 点名 · {place} · {whom}").format(place=place, whom=whom))


def _entry(
    roll_call: RollCall, number: int, listed: ListedPerson, language: str, zone: tzinfo
) -> list[str]:
    _ = translator(language)
    person, entry = listed.entry.person, listed.entry
    phone = person.phone if listed.phone else masked(person.phone)
    who = f"{number}. <b>{name(person.name)}</b> {held_name(person, language)}"
    lines = [f"{who} · {name(listed.place)}", f"　☎️ {phone}"]
    if entry.standing is Standing.UNREACHABLE:
        lines[1] += " " + _("（Telegram 联系不上）")
    if entry.standing is Standing.FAR:
        at = clock(entry.answered_at, zone)
        if entry.away_m is None:
            lines.append("　" + _("{time} 报位在本县之外").format(time=at))
        else:
            km = f"{entry.away_m / 1000:.1f}"
            lines.append("　" + _("{time} 报位离责任区 {km} 公里").format(time=at, km=km))
        if entry.answered_at is not None and roll_call.late(entry.answered_at):
            lines[-1] += " " + bold(_("迟到"))
    return lines


def _result_buttons(roll_call: RollCall, counts: Counts, language: str) -> Inline:
    _ = translator(language)

    def button(words: str, do: RollCallDo) -> Button:
        return Button(words, RollCallTap(roll_call.id, do).encode())

    rows: list[tuple[Button, ...]] = []
    if counts.absent:
        words = _("📵 未到 {count} 人").format(count=counts.absent)
        rows.append((button(words, RollCallDo.SILENT),))
    if counts.far:
        words = _("📏 不在责任区 {count} 人").format(count=counts.far)
        rows.append((button(words, RollCallDo.FAR),))
    last = [button(_("🗺 地图"), RollCallDo.MAP)]
    if roll_call.open:
        if counts.silent:
            last.insert(0, button(_("🔁 再叫一次"), RollCallDo.AGAIN))
        last.append(button(_("⏹ 结束点名"), RollCallDo.CLOSE))
    rows.append(tuple(last))
    return Inline(tuple(rows))


def _back(roll_call: RollCall, language: str) -> Button:
    _ = translator(language)
    return Button(_("⬅️ 返回结果"), RollCallTap(roll_call.id, RollCallDo.SHOW).encode())
