"""Expected positions (check-ins) and patrol zones: to patrollers, stations and counties."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from alerts.patrol.positions.model import Position
from alerts.patrol.shifts.missed import CheckedIn
from alerts.patrol.shifts.model import Timing, Watch
from alerts.patrol.zones.model import Whereabouts
from bot.actions.shifts import PatrolReached
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock, day_clock
from bot.views.figures import distance
from bot.views.menu import menu_for
from bot.views.screen import Button, Inline, Screen, bold, name
from bot.views.vocabulary import held_name
from contacts.people import Person
from contacts.phones import display, masked

LISTED = 20
"""Silent patrollers named in one message; of the others it says how many."""

BUTTONS = 8


@dataclass(frozen=True, slots=True)
class SilentPatroller:
    """A patroller who has not checked in: what they missed, their place, their last position."""

    person: Person
    watch: Watch
    place: str
    last: Position | None = None
    show_phone: bool = True


def check_in_lines(
    whereabouts: Whereabouts | None,
    checked: CheckedIn | None,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> list[str]:
    """Lines about a check-in: inside the zone or how far outside, how late, when the next is."""
    _ = translator(language)
    lines = []
    if whereabouts is not None:
        area = whereabouts.zone.name
        if whereabouts.inside:
            lines.append(_("✅ 在巡护区「{zone}」内").format(zone=name(area)))
        else:
            away = distance(whereabouts.outside_m, language)
            lines.append(bold(_("⚠️ 在巡护区「{zone}」外 {away}").format(zone=area, away=away)))
    if checked is None:
        return lines
    if checked.seen.timing is Timing.LATE:
        late = ago(checked.seen.late.total_seconds(), language)
        lines.append(bold(_("⏰ 这次报位晚了 {late}").format(late=late)))
    if checked.next_at is not None:
        lines.append(_("下次报位：{time}").format(time=clock(checked.next_at, zone)))
    return lines


def check_in_missed(
    person: Person, watch: Watch, language: str, *, zone: tzinfo = BEIJING
) -> Screen:
    """To the patroller: a check-in is overdue; the keyboard has the key that sends it."""
    _ = translator(language)
    due = clock(watch.round_at, zone)
    lines = [bold(_("⏰ 您 {time} 应报位，还没有收到。").format(time=due))]
    if watch.missed > 1:
        lines.append(_("已连续 {count} 次没有报位。").format(count=watch.missed))
    lines.append(_("请马上按「📍 一键报位」。再不报位，将通知值班员找您。"))
    lines.append(_("遇到危险请按「🆘 求救」。"))
    return Screen("\n".join(lines), menu_for(person, language))


def silent_patrollers(
    rows: Sequence[SilentPatroller],
    total: int,
    place: str,
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the station or the county: who has not checked in, since when, seen where last."""
    _ = translator(language)
    head = _("⚠️ {place}巡护人员 {total} 人未按时报位").format(place=place, total=total)
    lines = [bold(head), _("请立即打电话核实；打不通请派人寻找。")]
    for row in rows[:LISTED]:
        lines.append("")
        lines.extend(_silent(row, language, now, zone))
    more = total - min(len(rows), LISTED)
    if more > 0:
        lines += ["", _("另有 {more} 人未列出。").format(more=more)]
    lines += ["", _("联系上了，请按下面的名字：")]
    keys = [
        (
            Button(
                _("✅ 已联系上 {name}").format(name=row.person.name),
                PatrolReached(row.person.id).encode(),
            ),
        )
        for row in rows[:BUTTONS]
    ]
    return Screen("\n".join(lines), Inline(tuple(keys)))


def patrollers_back(
    people: Collection[tuple[Person, Position | None]],
    language: str,
    *,
    by: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """To those told of a silence: it is over, by a check-in or because ``by`` reached them."""
    _ = translator(language)
    if by:
        names = _("、").join(person.name for person, _position in people)
        return Screen(bold(_("✅ {by} 已联系上 {names}").format(by=by, names=names)))
    lines = [bold(_("✅ 已报位 {count} 人，不用再找：").format(count=len(people)))]
    for person, position in list(people)[:LISTED]:
        at = "" if position is None else " " + clock(position.fix.taken_at, zone)
        lines.append(f"• {name(person.name)}{at}")
    more = len(people) - LISTED
    if more > 0:
        lines.append(_("另有 {more} 人未列出。").format(more=more))
    return Screen("\n".join(lines))


def reached(person: Person, language: str) -> str:
    """Toast to the officer who has spoken with somebody silent."""
    _ = translator(language)
    return _("✅ 已记录：联系上 {name}").format(name=person.name)


def _silent(row: SilentPatroller, language: str, now: datetime, zone: tzinfo) -> list[str]:
    _ = translator(language)
    person, watch = row.person, row.watch
    phone = display(person.phone) if row.show_phone else masked(person.phone)
    lines = [f"{bold(person.name)} · {held_name(person, language)} · {name(row.place)}", phone]
    if watch.missed_at is not None:
        since = now - watch.missed_at
        at = day_clock if since > timedelta(hours=12) else clock
        words = _("{time} 起没有报位（{ago}，{count} 次）").format(
            time=at(watch.missed_at, zone),
            ago=ago(since.total_seconds(), language),
            count=watch.missed,
        )
        lines.append(words)
    if row.last is None:
        lines.append(_("没有位置记录"))
    else:
        fix = row.last.fix
        spot = f"<code>{fix.lat:.5f},{fix.lon:.5f}</code>"
        words = _("最后位置 {time} {spot}")
        lines.append(words.format(time=day_clock(fix.taken_at, zone), spot=spot))
    return lines
