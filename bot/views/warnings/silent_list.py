"""Who has not answered: for the officer who now picks up the telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from alerts.calls import Call, CallOutcome, Proxy, Reach
from alerts.channels.model import Tried
from alerts.escalation import Step
from alerts.model import Alert, State
from alerts.silence import RINGING_FOR, ListPage, Only, Ringing, SilentPlace
from bot.actions.warnings import (
    CallOptions,
    DischargeAsk,
    DischargeNow,
    PageLink,
    ProxyTakeBack,
    ProxyTap,
    Ring,
    RingInstead,
    SilentExport,
    SilentPage,
    SilentPlaces,
    StopRinging,
)
from bot.locale import N_, translator
from bot.views.channels import cause_name, how_it_went
from bot.views.clock import BEIJING, ago, clock
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, name, shorten
from bot.views.vocabulary import called_name, contact_name, proxy_name
from bot.views.warnings.changes import LastChange, last_change_line
from bot.views.warnings.parts import heading, state_line, state_words, title
from bot.views.warnings.proxy_report import proxy_report_button
from bot.views.warnings.reasons import confirm_reason
from contacts.channels import Cause
from contacts.divisions.codes import Tier
from contacts.people import Contact, Person
from contacts.phones import masked

PAGE_SIZE = 8
"""Persons on a page: each has a button, and more are not seen without scrolling."""

PLACES = 20
"""Places on a page, two buttons in a row."""

FIRST_PAGE = ListPage()

_ONLY_THESE = {
    Only.UNREACHABLE: N_("只看 Telegram 联系不上的：{count} 人，只能打电话"),
    Only.NOT_RUNG: N_("只看没人在打的：{count} 人"),
}
_BY_PLACE = {
    Tier.CITY: N_("📂 按市州看"),
    Tier.COUNTY: N_("📂 按县市看"),
    Tier.TOWNSHIP: N_("📂 按乡镇看"),
    Tier.VILLAGE: N_("📂 按村看"),
}

_PLACE_SHOWN = 40

MOST_TAKEN_BACK = 3
"""Proxy answers that can be taken back under a list: the last ones."""


@dataclass(frozen=True, slots=True)
class SilentCall:
    """One open call. ``place`` is where, ``stand_in`` who has answered instead.

    ``ringing`` says who is ringing the person up now, which may be the reader (``mine``);
    ``tried`` how it went by other channels than Telegram; ``failing``, of their numbers, those that
    voice calls did not get through to time and again, and why.
    """

    call: Call
    person: Person
    place: str
    stand_in: str = ""
    ringing: Ringing | None = None
    mine: bool = False
    tried: tuple[Tried, ...] = ()
    failing: Mapping[str, Cause | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListFigures:
    """How many are silent in what is listed: all, those Telegram does not reach, those nobody rings
    up; the tier of the places below, where they are in several; and the division (or the whole,
    empty) that lies around it."""

    everybody: int
    unreachable: int = 0
    not_rung: int = 0
    below: Tier | None = None
    around: str | None = None

    def of(self, only: Only | None) -> int:
        """How many there are of those that are looked at."""
        if only is Only.UNREACHABLE:
            return self.unreachable
        return self.not_rung if only is Only.NOT_RUNG else self.everybody


def silent_list(
    alert: Alert,
    silent: Sequence[SilentCall],
    language: str,
    place: str,
    now: datetime,
    *,
    total: int,
    page: ListPage = FIRST_PAGE,
    figures: ListFigures | None = None,
    step: Step | None = None,
    show_phones: bool = True,
    taken_off: Sequence[tuple[int, str]] = (),
    last: LastChange | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One page of the list: name, post, village, number, for how long; a button each.

    :param silent: the persons of this page only.
    :param taken_off: whom the reader has just recorded as reached, which can be taken back: call
        and name.
    :param last: what was changed of the warning last.
    :param total: how many there are on all pages.
    :param figures: what else of the list can be looked at.
    """
    figures, _ = figures or ListFigures(total), translator(language)
    lines = [*filter(None, [title(alert, place, language), state_line(alert, language, zone)])]
    lines += last_change_line(alert, last, language, zone)
    if not alert.in_force:
        lines += ["", bold(_("叫应已停止，不用再打电话。")), _at(now, language, zone)]
        return Screen("\n".join(lines))
    back: list[tuple[Button, ...]] = [
        (_take_back(call_id, person, language, page),) for call_id, person in taken_off
    ]
    if not figures.everybody:
        lines += ["", bold(_("✅ 没有未回应的人")), _at(now, language, zone)]
        rows = [*back, _ways(alert.id, page, figures, language)]
        shown_rows = tuple(row for row in rows if row)
        return Screen("\n".join(lines), Inline(shown_rows) if shown_rows else None)
    lines.append(bold(_("📵 未回应 {count} 人").format(count=figures.everybody)))
    if page.only is not None:
        lines.append(_(_ONLY_THESE[page.only]).format(count=total))
    elif step is not None:
        lines.append(_("请逐个打电话叫应；叫到一个，按一个。"))
    start = page.page * PAGE_SIZE
    for number, row in enumerate(silent[:PAGE_SIZE], start=start + 1):
        lines += ["", *_entry(number, row, language, now, show_phones)]
    lines += ["", _at(now, language, zone)]
    shown = silent[:PAGE_SIZE] if _running(alert) else []
    rows = [_buttons(row, language, page) for row in shown] + back
    rows.append(_pages(alert.id, page, total, language))
    if _running(alert):
        rows.append(_filters(alert.id, page, figures, language))
        rows.append(_ways(alert.id, page, figures, language))
    return Screen("\n".join(lines), Inline(tuple(row for row in rows if row)))


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place, and how many there have not answered."""

    silent: SilentPlace
    name: str


def silent_places(
    alert: Alert,
    places: Sequence[NamedPlace],
    language: str,
    place: str,
    now: datetime,
    *,
    page: int = 0,
    division: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """Where they are who have not answered: a line and a button for each place below.

    :param places: all of them; this page shows some.
    :param division: the one they lie in; empty for the whole warning.
    """
    _ = translator(language)
    total = sum(known.silent.waiting for known in places)
    lines = [title(alert, place, language), bold(_("📵 未回应 {count} 人").format(count=total)), ""]
    last = last_page(len(places), PLACES)
    page = min(page, last)
    shown = places[page * PLACES : (page + 1) * PLACES]
    lines += [_place_line(known, division, language) for known in shown]
    lines += ["", _at(now, language, zone)]
    below = [
        Button(
            f"{shorten(known.name, 12)} {known.silent.waiting}",
            SilentPage(alert.id, known.silent.code).encode(),
        )
        for known in shown
        if known.silent.code != division
    ]
    rows = [tuple(below[at : at + 2]) for at in range(0, len(below), 2)]
    rows.append(
        page_buttons(page, last, lambda number: SilentPlaces(alert.id, division, number), language)
    )
    rows.append((Button(_("⬅️ 返回名单"), SilentPage(alert.id, division).encode()),))
    return Screen("\n".join(lines), Inline(tuple(row for row in rows if row)))


def _place_line(known: NamedPlace, division: str, language: str) -> str:
    _ = translator(language)
    place = name(shorten(known.name, _PLACE_SHOWN))
    if known.silent.code == division:
        place = _("{place}本级").format(place=place)
    line = _("{place}：{count} 人").format(place=place, count=known.silent.waiting)
    if known.silent.unreachable:
        line += _("（联系不上 {count}）").format(count=known.silent.unreachable)
    return line


def call_options(
    alert: Alert,
    silent: SilentCall,
    language: str,
    now: datetime,
    place: str,
    *,
    page: ListPage = FIRST_PAGE,
    show_phone: bool = True,
    page_link: bool = False,
) -> Screen:
    """After 我在打 or ⋯: the number, how the person was reached, or off the list with a reason.

    :param page: of the list, to go back to.
    :param page_link: whether the person can answer by browser.
    """
    _ = translator(language)
    head = heading(alert, bold(_("怎么叫应到的？")), place, language)
    lines = [head, "", *_entry(0, silent, language, now, show_phone)]
    if silent.mine:
        lines += [
            "",
            _("别人的名单上会显示您在打，{span}后自动取消。").format(span=_lasting(language)),
        ]
    call_id, hows = silent.call.id, (Proxy.PHONE, Proxy.IN_PERSON, Proxy.BROADCAST)
    ways = [
        (Button(f"{mark} {proxy_name(how, language)}", ProxyTap(call_id, how, *page).encode()),)
        for mark, how in zip("📞🚪📢", hows, strict=True)
    ]
    discharge = Button(_("☑️ 销号（须说明原因）"), DischargeAsk(silent.call.id).encode())
    rows = [*ways, proxy_report_button(call_id, language), (discharge,)]
    rows.append((_back(alert, silent, page, language),))
    if page_link:
        rows.insert(3, (Button(_("🔗 发网页链接给本人"), PageLink(silent.call.id).encode()),))
    if silent.ringing is None:
        rows.insert(0, (Button(_("📲 我在打"), Ring(silent.call.id, *page).encode()),))
    elif not silent.mine:
        rows.insert(0, (Button(_("📲 换我来打"), RingInstead(silent.call.id, *page).encode()),))
    return Screen("\n".join(lines), Inline(tuple(rows)))


def _back(alert: Alert, silent: SilentCall, page: ListPage, language: str) -> Button:
    _ = translator(language)
    if silent.mine:
        return Button(_("⬅️ 没打通，返回名单"), StopRinging(silent.call.id, *page).encode())
    to_list = SilentPage(alert.id, page.division, page.page, page.only)
    return Button(_("⬅️ 返回名单"), to_list.encode())


def _lasting(language: str) -> str:
    return ago(RINGING_FOR.total_seconds(), language)


def ring_toast(silent: SilentCall, officer: str, language: str) -> str:
    """Toast to whoever wants to ring somebody up, when ``officer`` does so now."""
    _ = translator(language)
    shown = shorten(silent.person.name, 30)
    if silent.mine:
        return _("📲 已告诉其他人：您在打 {name}").format(name=shown)
    return _("{officer} 正在打 {name}，您先打别人").format(officer=shorten(officer, 30), name=shown)


def sheet_toast(language: str) -> str:
    """Toast to whoever asked for the list as a spreadsheet."""
    _ = translator(language)
    return _("📥 名单马上发来")


def ask_discharge_reason(silent: SilentCall, language: str, alert: Alert, place: str) -> Screen:
    """Ask why this person is taken off the list; nobody is by the words."""
    _ = translator(language)
    words = _("为什么把 {name} 销号？请写一句原因").format(name=shorten(silent.person.name, 30))
    lines = [
        heading(alert, bold(words), place, language),
        _("例如：人在外地，已由副主任负责"),
        _("写完再按一次确认，才会销号。10 分钟内有效。"),
    ]
    return Screen("\n".join(lines), ForceReply())


def confirm_discharge(
    silent: SilentCall, reason: str, nonce: str, language: str, alert: Alert, place: str
) -> Screen:
    """The reason as it was typed, what it does, and the button that does it."""
    _ = translator(language)
    return confirm_reason(
        alert,
        place,
        language,
        question=_("确定把 {name} 销号？").format(name=shorten(silent.person.name, 30)),
        reason=reason,
        follows=_("此人不再追叫，也不再算未回应。"),
        strike_off=DischargeNow(silent.call.id, nonce),
        rewrite=DischargeAsk(silent.call.id),
        back=SilentPage(alert.id),
    )


def proxy_toast(outcome: CallOutcome, person: str, language: str) -> str:
    """Toast to the officer who reached somebody."""
    _ = translator(language)
    shown = shorten(person, 30)
    if outcome is CallOutcome.RECORDED:
        return _("✅ 已登记：{name} 已叫应").format(name=shown)
    if outcome is CallOutcome.ALREADY:
        return _("{name} 已经回应过了").format(name=shown)
    return _("{name} 的叫应已结束，没有登记").format(name=shown)


def settled_toast(alert: Alert, person: str, language: str) -> str:
    """Toast to an officer whose button is about somebody nobody has to call any more."""
    _ = translator(language)
    if not alert.in_force:
        return _("{state}，不用再叫应。").format(state=state_words(alert, language))
    return _("{name} 已回应或已销号，不用再叫应。").format(name=shorten(person, 30))


def take_back_toast(outcome: CallOutcome, person: str, language: str) -> str:
    """Toast to the officer who takes a proxy answer back."""
    _ = translator(language)
    said = {
        CallOutcome.RECORDED: _("↩️ 已撤回：{name} 仍未回应，继续叫应"),
        CallOutcome.CLOSED: _("{name} 的叫应已结束，没有撤回"),
        CallOutcome.ALREADY: _("{name} 仍未回应，正在叫应，没有要撤回的"),
    }.get(outcome, _("没有撤回：只有登记的人能在 1 分钟内撤回"))
    return said.format(name=shorten(person, 30))


def discharged(
    outcome: CallOutcome, person: str, language: str, alert: Alert, place: str
) -> Screen:
    """What the question becomes once it was decided: the person, and in which warning."""
    words = discharge_toast(outcome, person, language)
    return Screen(heading(alert, bold(words), place, language))


def discharge_toast(outcome: CallOutcome, person: str, language: str) -> str:
    """Toast to the officer who took somebody off the list."""
    _ = translator(language)
    shown = shorten(person, 30)
    if outcome is CallOutcome.RECORDED:
        return _("☑️ 已销号：{name}").format(name=shown)
    if outcome is CallOutcome.ALREADY:
        return _("{name} 已经销过号了").format(name=shown)
    return _("{name} 已回应或叫应已结束，没有销号").format(name=shown)


def out_of_reach(person: Person, language: str) -> str:
    """Why Telegram does not reach somebody, in words."""
    _ = translator(language)
    if not person.active:
        return _("已不在名册，请另派人去叫")
    if person.telegram_id is None:
        return _("未绑定 Telegram")
    return _("发送失败") if person.contact is Contact.OK else contact_name(person.contact, language)


def _failing(cause: Cause | None, language: str) -> str:
    """After a number, of which it is known that it is of no use."""
    _ = translator(language)
    why = cause_name(cause, language) if cause is Cause.NO_SUCH_NUMBER else _("一直打不通")
    return _("（{why}）").format(why=why)


def _entry(
    place_in_list: int, row: SilentCall, language: str, now: datetime, show_phone: bool
) -> list[str]:
    _ = translator(language)
    person, call = row.person, row.call
    head = f"{place_in_list}. " if place_in_list else ""
    who = f"{head}<b>{name(person.name)}</b> {called_name(call, person, language)}"
    where = f"　📍 {name(shorten(row.place, _PLACE_SHOWN))}"
    # A number with its country code and no spaces is what phones make a link of.
    numbers = person.numbers if show_phone else person.numbers[:1]
    waited = ago((now - call.called_at).total_seconds(), language)
    # Beside the place, not the number: there it would not fit the line of a telephone.
    lines = [who, f"{where} · " + _("{ago}未回应").format(ago=waited)]
    for number in numbers:
        failing = _failing(row.failing[number], language) if number in row.failing else ""
        lines.append(f"　☎️ {number if show_phone else masked(number)}{failing}")
    if call.reach is Reach.UNREACHABLE:
        why = out_of_reach(person, language)
        lines.append("　⚠️ " + _("联系不上：{why}").format(why=why))
    elif call.reach is Reach.QUEUED:
        lines.append("　⏳ " + _("消息还在排队"))
    lines += [f"　{how_it_went(tried, language)}" for tried in row.tried]
    if row.stand_in:
        lines.append("　👥 " + _("替补 {name} 已回应").format(name=name(row.stand_in)))
    if row.ringing is not None:
        since = ago((now - row.ringing.since).total_seconds(), language)
        words = _("您正在打，{ago}") if row.mine else _("{officer} 正在打，{ago}")
        lines.append("　📲 " + words.format(officer=name(row.ringing.officer), ago=since))
    return lines


def _buttons(row: SilentCall, language: str, page: ListPage) -> tuple[Button, ...]:
    _ = translator(language)
    # No mark before it: half of a telephone's width, which cuts off what is longer.
    reached = _("{name} 已电话叫应").format(name=shorten(row.person.name, 16))
    return (
        Button(reached, ProxyTap(row.call.id, Proxy.PHONE, *page).encode()),
        _ring_button(row, language, page),
    )


def _ring_button(row: SilentCall, language: str, page: ListPage) -> Button:
    """我在打, and what else can be done with one person: one tap, and the others see it.

    Where somebody rings already, only what can be done: nobody is rung twice by a slip.
    """
    _ = translator(language)
    if row.ringing is None:
        return Button(_("📲 我在打 ⋯"), Ring(row.call.id, *page).encode())
    words = _("📲 您在打 ⋯") if row.mine else _("📲 {officer} 在打 ⋯")
    officer = shorten(row.ringing.officer, 8)
    return Button(words.format(officer=officer), CallOptions(row.call.id, *page).encode())


def _take_back(call_id: int, person: str, language: str, page: ListPage) -> Button:
    _ = translator(language)
    words = _("↩️ 撤回：{name} 没有叫应到").format(name=shorten(person, 16))
    return Button(words, ProxyTakeBack(call_id, *page).encode())


def _pages(alert_id: int, page: ListPage, total: int, language: str) -> tuple[Button, ...]:
    last = last_page(total, PAGE_SIZE)
    shown = min(page.page, last)

    def turn(number: int) -> SilentPage:
        return SilentPage(alert_id, page.division, number, page.only)

    words = f"🔄 {shown + 1}/{last + 1}" if last else translator(language)("🔄 刷新")
    refresh = Button(words, turn(shown).encode())
    return page_buttons(page.page, last, turn, language, between=refresh)


def _filters(
    alert_id: int, page: ListPage, figures: ListFigures, language: str
) -> tuple[Button, ...]:
    """All, or only some: for lists of more than a page."""
    if figures.everybody <= PAGE_SIZE and page.only is None:
        return ()
    _ = translator(language)
    counts = (
        (None, _("全部 {count}"), figures.everybody),
        (Only.UNREACHABLE, _("联系不上 {count}"), figures.unreachable),
        (Only.NOT_RUNG, _("没人在打 {count}"), figures.not_rung),
    )
    return tuple(
        Button(
            ("● " if only is page.only else "") + words.format(count=count),
            SilentPage(alert_id, page.division, 0, only).encode(),
        )
        for only, words, count in counts
    )


def _ways(alert_id: int, page: ListPage, figures: ListFigures, language: str) -> tuple[Button, ...]:
    """By place, to another place, and the list as a file."""
    _ = translator(language)
    row = []
    if figures.below is not None:
        words = _(_BY_PLACE[figures.below])
        row.append(Button(words, SilentPlaces(alert_id, page.division).encode()))
    if figures.around is not None:
        row.append(Button(_("↩️ 别的地方"), SilentPlaces(alert_id, figures.around).encode()))
    if figures.everybody:
        sheet = SilentExport(alert_id, page.division, page.only)
        row.append(Button(_("📥 导出表格"), sheet.encode()))
    return tuple(row)


def _at(now: datetime, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    return _("更新于 {time}").format(time=clock(now, zone))


def _running(alert: Alert) -> bool:
    return alert.state is State.RELEASED
