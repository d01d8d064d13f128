"""What patrols come to, in words: one's own month, and that of those below. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from alerts.patrol.results.model import PatrolSum
from alerts.patrol.results.reading import Line, OwnMonth
from bot.actions.duty import PatrolMonth, PatrolWorkbook
from bot.locale import translator
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, name

ON_A_PAGE = 12
"""Divisions or persons on one page (ours)."""


def month_number(month: date) -> int:
    """As a button bears it: 202611."""
    return month.year * 100 + month.month


def month_of_number(number: int) -> date | None:
    """And back; ``None``: there is no such month."""
    year, month = divmod(number, 100)
    return date(year, month, 1) if 1 <= month <= 12 else None


def month_name(month: date, language: str) -> str:
    """2026年11月, November 2026."""
    return f"{month.year}年{month.month}月" if language == "zh" else f"{month:%B %Y}"


def own(told: OwnMonth, language: str) -> Screen:
    """To a patroller: this month, and today so far."""
    _ = translator(language)
    title = _("🌲 我的巡护 · {month}").format(month=month_name(told.first, language))
    lines = [bold(title), *_lines(told.whole, language), "", bold(_("今天"))]
    if told.today.days:
        lines += _lines(told.today, language, days=False)
    else:
        lines.append(_("还没有位置。按「📍 一键报位」，或分享实时位置。"))
    lines += [
        "",
        _("按可信的位置计算；没有信号时攒下的位置，补发后算在当时那一天。"),
    ]
    return Screen("\n".join(lines))


def _lines(summed: PatrolSum, language: str, *, days: bool = True) -> list[str]:
    _ = translator(language)
    lines = []
    if days:
        lines.append(_("出巡 {days} 天").format(days=summed.days))
    lines += [
        _("时长 {hours} 小时，走了 {km} 公里").format(
            hours=f"{summed.hours:.1f}", km=f"{summed.km:.1f}"
        ),
        _("位置 {count} 个").format(count=summed.positions)
        + (
            _("（另有 {count} 个不可信，不算）").format(count=summed.doubtful)
            if summed.doubtful
            else ""
        ),
    ]
    if summed.share is not None:
        lines.append(_("路线（片区）走到 {share}").format(share=f"{summed.share:.0%}"))
    lines.append(_("上报 {count} 次").format(count=summed.reports))
    return lines


def below(
    code: str,
    place: str,
    month: date,
    lines: Sequence[Line],
    page: int,
    today: date,
    name_of: Callable[[str], str],
    language: str,
) -> Screen:
    """To an officer: the divisions below, or the persons of one."""
    _ = translator(language)
    title = _("🌲 巡护成果 · {place} · {month}").format(
        place=name(place), month=month_name(month, language)
    )
    total = sum((line.sum for line in lines), PatrolSum())
    persons = len({line.person.id for line in lines if line.person}) or total.persons
    said = [bold(title)]
    if lines:
        said.append(
            _("{persons} 人出巡 {days} 人天，{hours} 小时，{km} 公里，上报 {reports} 次").format(
                persons=persons,
                days=total.days,
                hours=f"{total.hours:.0f}",
                km=f"{total.km:.0f}",
                reports=total.reports,
            )
        )
        said.append("")
    else:
        said.append(_("这个月没有巡护位置。"))
    last = last_page(len(lines), ON_A_PAGE)
    page = min(page, last)
    shown = lines[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    said += [f"• {_named(line, name_of)}：{short(line.sum, language)}" for line in shown]
    rows = _rows(code, month, shown, page, last, today, name_of, language)
    return Screen("\n".join(said), Inline(rows))


def _named(line: Line, name_of: Callable[[str], str]) -> str:
    return name(line.person.name if line.person is not None else name_of(line.code))


def short(summed: PatrolSum, language: str) -> str:
    """Days, hours, kilometres, share, reports in one line."""
    _ = translator(language)
    words = _("{days} 天 {hours} 小时 {km} 公里").format(
        days=summed.days, hours=f"{summed.hours:.0f}", km=f"{summed.km:.0f}"
    )
    if summed.share is not None:
        words += _(" 走到 {share}").format(share=f"{summed.share:.0%}")
    return words + (_(" 上报 {count}").format(count=summed.reports) if summed.reports else "")


def _rows(
    code: str,
    month: date,
    shown: Sequence[Line],
    page: int,
    last: int,
    today: date,
    name_of: Callable[[str], str],
    language: str,
) -> tuple[tuple[Button, ...], ...]:
    _ = translator(language)
    number = month_number(month)
    into = [
        Button(name_of(line.code), PatrolMonth(line.code, number).encode())
        for line in shown
        if line.person is None and line.code != code
    ]
    rows = [tuple(into[at : at + 3]) for at in range(0, len(into), 3)]
    turning = page_buttons(page, last, lambda to: PatrolMonth(code, number, to), language)
    if turning:
        rows.append(turning)
    before = date(month.year - (month.month == 1), (month.month + 10) % 12 + 1, 1)
    after = date(month.year + (month.month == 12), month.month % 12 + 1, 1)
    moving = [Button(f"◀ {month_name(before, language)}", _to(code, before))]
    if after <= today:
        moving.append(Button(f"{month_name(after, language)} ▶", _to(code, after)))
    rows.append(tuple(moving))
    sheet = Button(_("📥 导出表格（到人）"), PatrolWorkbook(code, number).encode())
    rows.append((sheet,))
    return tuple(rows)


def _to(code: str, month: date) -> str:
    return PatrolMonth(code, month_number(month)).encode()
