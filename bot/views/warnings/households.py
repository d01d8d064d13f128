"""Counting by household: the list of a village with its boxes, for who goes from house to house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.calls import Report
from alerts.loop.evacuation.counting import MoveState, Ticks, VillageCount
from alerts.loop.evacuation.model import Card, Household
from alerts.loop.evacuation.move_store import Move
from alerts.loop.evacuation.ticking import Ticked, TickOutcome, is_for
from alerts.model import Alert
from bot.actions.households import (
    AllMoved,
    AllMovedAsk,
    HouseholdOptions,
    HouseholdPage,
    HouseholdPick,
    HouseholdTick,
)
from bot.actions.warnings import ReportTap
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import moved_figures
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, name, shorten
from bot.views.vocabulary import with_thing
from bot.views.warnings.evacuated import village_lines
from bot.views.warnings.frail import frail_line, frail_name
from bot.views.warnings.parts import state_line, title

PAGE_SIZE = 8
"""Households on a page: each has a button, and more are not seen without scrolling."""

_MOST_OF_NAME = 10

_STATES: Mapping[MoveState, str] = {
    MoveState.MOVED: N_("已转移"),
    MoveState.AWAY: N_("已在外"),
    MoveState.REFUSED: N_("不愿转移"),
    MoveState.HOME: N_("未转移"),
}
_BOXES: Mapping[MoveState, str] = {
    MoveState.MOVED: "☑️",
    MoveState.AWAY: "🚪",
    MoveState.REFUSED: "✋",
    MoveState.HOME: "☐",
}


def state_name(state: MoveState, language: str) -> str:
    """What is ticked of a household, in a word: 已转移."""
    return translator(language)(_STATES[state])


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household and its tick; ``by``: who set it."""

    household: Household
    move: Move | None = None
    by: str = ""

    @property
    def state(self) -> MoveState:
        """What is ticked of it."""
        return MoveState.HOME if self.move is None else self.move.state


def household_list(
    alert: Alert,
    card: Card,
    rows: Sequence[HouseholdRow],
    count: VillageCount,
    language: str,
    place: str,
    *,
    page: int = 0,
    call_id: int | None = None,
    picking: bool = False,
    show_phones: bool = True,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One page of a village's households: a box each, whoever cannot go alone first.

    A button each in its own row: half a telephone's width would cut off the name.

    :param rows: all of them; this page shows some.
    :param count: how the village stands.
    :param call_id: the reader's own call, by which they can say figures instead.
    :param picking: a household is chosen, to say something else of it than that it was moved.
    :param place: of the warning.
    """
    _ = translator(language)
    lines = [*filter(None, [title(alert, place, language), state_line(alert, language, zone)])]
    lines.append(bold(_("🏘 {village} 逐户登记").format(village=name(card.name))))
    if alert.in_force and not is_for(alert, card):
        lines.append(_("➖ 预警已不包括这里；还在路上的，到了照样登记（补登）。"))
    lines += village_lines(count, language)
    figures = Button(_("🔢 报数字"), ReportTap(call_id or 1, Report.MOVED).encode())
    if not rows:
        lines += ["", _("这张转移卡没有逐户名单，请报转移的户数、人数。")]
        return Screen("\n".join(lines), Inline(((figures,),)) if call_id else None)
    last = last_page(len(rows), PAGE_SIZE)
    page = min(page, last)
    shown = rows[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    told = [line for row in shown for line in _told(row, language, show_phones, zone)]
    lines += ["", *told] if told else []
    hint = _("选一户：已在外、不愿转移，或改正登记。")
    lines += ["", hint if picking else _("转走一户，按一户；按错了，再按一次这户改正。")]
    buttons: list[tuple[Button, ...]] = [
        (_box(alert, row, language, page, picking=picking),) for row in shown
    ]
    listed = HouseholdPick if picking else HouseholdPage
    words = f"🔄 {page + 1}/{last + 1}" if last else _("🔄 刷新")
    refresh = Button(words, listed(alert.id, card.id, page).encode())
    buttons.append(
        page_buttons(
            page, last, lambda to: listed(alert.id, card.id, to), language, between=refresh
        )
    )
    if picking:
        back = Button(_("⬅️ 返回名单"), HouseholdPage(alert.id, card.id, page).encode())
        return Screen("\n".join(lines), Inline((*buttons, (back,))))
    pick = Button(_("🚪 已在外、✋ 不愿转移 ⋯"), HouseholdPick(alert.id, card.id, page).encode())
    buttons.append((pick,))
    left = [row for row in rows if row.state is MoveState.HOME]
    ways = [Button(_("✅ 全部已转"), AllMovedAsk(alert.id, card.id).encode())] if left else []
    ways += [figures] if call_id else []
    buttons.append(tuple(ways))
    return Screen("\n".join(lines), Inline(tuple(row for row in buttons if row)))


def by_household(alert: Alert, card: Card, language: str) -> Screen:
    """Beside the question for figures: the households can be ticked instead."""
    _ = translator(language)
    words = _("也可以逐户登记：转走一户，按一户，数字自动汇总。")
    button = Button(_("🏘 逐户登记"), HouseholdPage(alert.id, card.id).encode())
    return Screen(words, Inline(((button,),)))


def _box(alert: Alert, row: HouseholdRow, language: str, page: int, *, picking: bool) -> Button:
    """One tap ticks; a household that is ticked is corrected with a second look at it."""
    _ = translator(language)
    household = row.household
    words = _("{box} {number} {head} {persons}人").format(
        box=_BOXES[row.state],
        number=household.number,
        head=shorten(household.head, _MOST_OF_NAME),
        persons=household.persons,
    )
    if household.frail is not None:
        words += f" · {frail_name(household.frail, language)}"
    if row.state is MoveState.HOME and not picking:
        tap = HouseholdTick(alert.id, household.id, MoveState.MOVED, page).encode()
    else:
        tap = HouseholdOptions(alert.id, household.id, page).encode()
    return Button(words, tap)


def _told(row: HouseholdRow, language: str, show_phones: bool, zone: tzinfo) -> list[str]:
    """What has to be known of a household (HTML): who is frail, who takes them, what was ticked."""
    _ = translator(language)
    household, lines = row.household, []
    if household.frail is not None and not row.state.safe:
        lines.append(frail_line(household, language, show_phones=show_phones))
    if row.state is MoveState.REFUSED:
        lines.append(
            _("✋ {number} {head}家不愿转移（{time} {by}）").format(
                number=household.number,
                head=name(household.head),
                time=clock(row.move.at, zone) if row.move else "",
                by=name(row.by),
            )
        )
    return lines


def household_options(
    alert: Alert, card: Card, row: HouseholdRow, language: str, place: str, *, page: int = 0,
    show_phones: bool = True, zone: tzinfo = BEIJING,
) -> Screen:  # fmt: skip
    """One household: what is known of it, and what can be said of it."""
    _ = translator(language)
    household = row.household
    head = _("🏠 {number} {head}家 · {persons}人").format(
        number=household.number, head=name(household.head), persons=household.persons
    )
    lines = [title(alert, place, language), bold(head)]
    if household.address:
        lines.append(f"📍 {name(household.address)}")
    if household.phone and show_phones:
        lines.append(f"☎️ {household.phone}")
    if household.frail is not None:
        lines.append(frail_line(household, language, show_phones=show_phones))
    if row.move is not None:
        lines.append(
            _("现在登记的是：{state}（{time} {by}）").format(
                state=state_name(row.state, language),
                time=clock(row.move.at, zone),
                by=name(row.by),
            )
        )
    wanted = [
        (MoveState.MOVED, _("☑️ 已转移")),
        (MoveState.AWAY, _("🚪 人已在外，不用转")),
        (MoveState.REFUSED, _("✋ 不愿转移")),
        (MoveState.HOME, _("↩️ 登记错了，还没有转")),
    ]
    buttons = [
        (Button(words, HouseholdTick(alert.id, household.id, state, page).encode()),)
        for state, words in wanted
        if state is not row.state
    ]
    back = Button(_("⬅️ 返回名单"), HouseholdPage(alert.id, card.id, page).encode())
    return Screen("\n".join(lines), Inline((*buttons, (back,))))


def ask_all_moved(
    alert: Alert, card: Card, left: Sequence[Household], language: str, place: str
) -> Screen:
    """全部已转: how many that is, and the button that does it."""
    _ = translator(language)
    figures = moved_figures(len(left), sum(each.persons for each in left), language)
    words = _("还有 {figures}没有登记，全部按已转移登记？").format(figures=figures)
    lines = [title(alert, place, language), bold(name(card.name)), words]
    frail = [each for each in left if each.frail is not None]
    if frail:
        lines.append(_("其中老弱 {count} 户，请确认都有人接走：").format(count=len(frail)))
        lines += [frail_line(each, language, show_phones=False) for each in frail[:PAGE_SIZE]]
    lines.append(_("不愿转移、人已在外的不会改动。"))
    yes = Button(_("✅ 是，全部已转"), AllMoved(alert.id, card.id).encode())
    back = Button(_("⬅️ 返回名单"), HouseholdPage(alert.id, card.id).encode())
    return Screen("\n".join(lines), Inline(((yes,), (back,))))


def tick_toast(done: Ticked, language: str, *, by: str = "", zone: tzinfo = BEIJING) -> str:
    """Toast to whoever ticked.

    :param by: who had ticked it before.
    """
    _ = translator(language)
    if done.outcome is TickOutcome.CANCELLED:
        return _("预警已取消，没有登记。")
    if done.outcome is TickOutcome.OVERTAKEN and done.before and done.household:
        return _("{head}家 {time} 已由{by}改为{state}，以后来的为准。还要改，请再按一次。").format(
            head=shorten(done.household.head, _MOST_OF_NAME),
            time=clock(done.before.at, zone),
            by=by,
            state=state_name(done.before.state, language),
        )
    if done.outcome is TickOutcome.ALREADY:
        return _already(done, language, by, zone)
    words = _("☑️ 已登记") + _totals(done.ticks, done.card, language)
    if done.household is not None:
        words = _("{head}家 {persons}人：{state}").format(
            head=shorten(done.household.head, _MOST_OF_NAME),
            persons=done.household.persons,
            state=state_name(done.state, language),
        ) + _totals(done.ticks, done.card, language)
    if done.outcome is TickOutcome.LATE:
        words += "\n" + with_thing(_("{thing}已结束，按补登记入。"), done.alert.hazard, language)
    if done.outcome is TickOutcome.LEFT_OUT:
        words += "\n" + with_thing(
            _("{thing}已不包括这里，按补登记入。"), done.alert.hazard, language
        )
    return words


def _already(done: Ticked, language: str, by: str, zone: tzinfo) -> str:
    _ = translator(language)
    if done.household is None:
        return _("每一户都登记过了，没有改动。") + _totals(done.ticks, done.card, language)
    if done.before is None:
        return _("这一户本来就没有登记。")
    words = _("{head}家 {time} 已由{by}登记为{state}，只算一次。")
    return words.format(
        head=shorten(done.household.head, _MOST_OF_NAME),
        time=clock(done.before.at, zone),
        by=shorten(by, _MOST_OF_NAME),
        state=state_name(done.before.state, language),
    )


def _totals(ticks: Ticks, card: Card, language: str) -> str:
    _ = translator(language)
    words = "\n" + _("{village}已转 {moved}/{every} 户")
    return words.format(
        village=shorten(card.name, 12), moved=ticks.moved.households, every=card.households
    )
