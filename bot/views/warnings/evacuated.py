"""How far an evacuation has got: 应转 / 已转 / 未转, by division; the frail; the shelters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.loop.evacuation.counting import Evacuation, Figures, VillageCount
from alerts.loop.evacuation.model import Household
from alerts.loop.evacuation.sheltering import ShelterUse
from alerts.model import Alert
from bot.actions.households import (
    EvacuationPlaces,
    FrailPage,
    HouseholdPage,
    ReturnAsk,
    ShelterPage,
)
from bot.actions.warnings import StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import bar, moved_figures, percent
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, name, shorten
from bot.views.warnings.frail import frail_line
from bot.views.warnings.parts import plain_title, state_line, title

PLACES = 12
"""Divisions on a page: a line and a button each."""

FRAIL = 8
"""Households of the frail on a page: three lines each."""


def figures(of: Figures, language: str) -> str:
    """Households and persons: 12 户 35 人."""
    return moved_figures(of.households, of.persons, language)


def evacuation_lines(found: Evacuation, language: str) -> list[str]:
    """应转, 已转, 未转 of a warning, in lines (HTML); none where nobody is to move."""
    _ = translator(language)
    if not found.any:
        return []
    target, gone = figures(found.target, language), figures(found.moved, language)
    if found.moved.households + found.left.households > found.target.households:
        # Villages without a card have moved people, too: nobody said how many were to.
        target = _("{target}（有转移卡的村）").format(target=target)
        gone = _("{moved}（含转移卡以外的）").format(moved=gone)
    lines = [
        bold(_("🏘 应转 {target}").format(target=target)),
        _("　已转 {moved} · 未转 {left}").format(moved=gone, left=figures(found.left, language)),
    ]
    beside = []
    if found.away.any:
        beside.append(_("已在外 {away}").format(away=figures(found.away, language)))
    if found.refused.any:
        words = _("不愿转移 {refused}")
        beside.append(words.format(refused=figures(found.refused, language)))
    if found.villages:
        words = _("转完 {done}/{every} 村")
        beside.append(words.format(done=found.finished, every=found.villages))
    if beside:
        lines.append("　" + " · ".join(beside))
    if found.differing:
        words = _("　⚠️ {count} 个村逐户登记与报数不一致，以逐户登记为准")
        lines.append(words.format(count=found.differing))
    return lines


def away_line(alert: Alert, away: Figures, language: str) -> list[str]:
    """After the end: that whoever was moved has not been called home yet (HTML)."""
    _ = translator(language)
    if alert.in_force or not away.any:
        return []
    words = _("🏠 已转移 {away}，还没有通知返回")
    return [bold(words.format(away=figures(away, language)))]


def moved_buttons(
    alert: Alert, found: Evacuation, away: Figures, language: str
) -> list[tuple[Button, ...]]:
    """The way to who was moved, and after the end to calling them home."""
    _ = translator(language)
    if alert.hazard.homeward or not (found.any or away.any):
        return []
    rows: list[tuple[Button, ...]] = [
        (Button(_("🏘 转移进度"), EvacuationPlaces(alert.id).encode()),)
    ]
    if not alert.in_force and away.any:
        rows.append((Button(_("🏠 通知返回"), ReturnAsk(alert.id).encode()),))
    return rows


def frail_count(frail: int, language: str) -> list[str]:
    """How many of the frail are not moved yet (HTML); none when all are."""
    _ = translator(language)
    return [bold(_("　🧓 未转移的老弱 {count} 户").format(count=frail))] if frail else []


def evacuation_line(found: Evacuation, language: str) -> str:
    """The same in one line, for lists: 应转 … 已转 … 未转 …"""
    _ = translator(language)
    return _("🏘 应转 {target} 户 · 已转 {moved} · 未转 {left}").format(
        target=found.target.households,
        moved=found.moved.households,
        left=found.left.households,
    )


def village_lines(count: VillageCount, language: str) -> list[str]:
    """How one village stands, in lines (HTML)."""
    _ = translator(language)
    if not count.target.any:  # the warning is no more for there
        moved = _("已转 {moved}").format(moved=figures(count.moved.counted, language))
        return [bold(moved), *differing_line(count, language)]
    words = _("应转 {target} · 已转 {moved} · 未转 {left}")
    lines = [
        bold(
            words.format(
                target=figures(count.target, language),
                moved=figures(count.moved.counted, language),
                left=figures(count.left, language),
            )
        )
    ]
    return lines + differing_line(count, language)


def differing_line(count: VillageCount, language: str) -> list[str]:
    """That ticks and reported figures say different things (HTML), and which count."""
    _ = translator(language)
    if count.moved.said is None:
        return []
    words = _("⚠️ 报数 {said}，逐户登记 {ticked}，统计以逐户登记为准；请核对补登。")
    return [
        words.format(
            said=figures(count.moved.said, language), ticked=figures(count.moved.counted, language)
        )
    ]


@dataclass(frozen=True, slots=True)
class PlaceEvacuated:
    """One division's part; ``card_id``: of a village the reader may look into."""

    code: str
    name: str
    evacuation: Evacuation
    card_id: int | None = None


def evacuation_places(
    alert: Alert,
    total: Evacuation,
    places: Sequence[PlaceEvacuated],
    language: str,
    place: str,
    now: datetime,
    *,
    division: str = "",
    around: str | None = None,
    page: int = 0,
    frail: int = 0,
    returns: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """How it stands in the divisions below one: those with most still to move first.

    :param around: the division around this one, to go back to; ``None``: this is the whole.
    :param frail: how many frail are not moved yet.
    :param returns: whether the reader may call people home.
    """
    _ = translator(language)
    lines = [*filter(None, [title(alert, place, language), state_line(alert, language, zone)])]
    lines.append(bold(_("🏘 转移进度")) + f" · {clock(now, zone)}")
    done, every = total.target.less(total.left).households, total.target.households
    if every:
        lines.append(f"{bar(done, every)} {percent(done, every)}")
    lines += evacuation_lines(total, language) or [
        _("这次预警的范围内没有转移卡，也没有人报转移。")
    ]
    ordered = sorted(places, key=lambda each: (-each.evacuation.left.households, each.code))
    last = last_page(len(ordered), PLACES)
    page = min(page, last)
    shown = ordered[page * PLACES : (page + 1) * PLACES]
    lines += ["", *(_place_line(each, language) for each in shown)] if shown else []
    buttons = [button for each in shown if (button := _place_button(alert, each))]
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    rows.append(
        page_buttons(page, last, lambda to: EvacuationPlaces(alert.id, division, to), language)
    )
    ways = []
    if frail:
        words = _("🧓 未转移的老弱 {count}").format(count=frail)
        ways.append(Button(words, FrailPage(alert.id, division).encode()))
    ways.append(Button(_("🏫 安置点"), ShelterPage(alert.id).encode()))
    rows.append(tuple(ways))
    if returns:
        rows.append((Button(_("🏠 通知返回"), ReturnAsk(alert.id).encode()),))
    back = _("⬅️ 返回预警") if around is None else _("⬅️ 上一级")
    to = StatusOf(alert.id) if around is None else EvacuationPlaces(alert.id, around)
    refresh = Button(_("🔄 刷新"), EvacuationPlaces(alert.id, division, page).encode())
    rows.append((Button(back, to.encode()), refresh))
    return Screen("\n".join(lines), Inline(tuple(row for row in rows if row)))


def _place_line(each: PlaceEvacuated, language: str) -> str:
    _ = translator(language)
    found = each.evacuation
    if found.target.any and not found.left.any:
        words = _("✅ {name}：{target} 户全部转完")
        return words.format(name=name(shorten(each.name, 30)), target=found.target.households)
    words = _("{name}：应转 {target} 户，已转 {moved}，未转 {left}")
    return words.format(
        name=name(shorten(each.name, 30)),
        target=found.target.households,
        moved=found.moved.households,
        left=found.left.households,
    )


def _place_button(alert: Alert, each: PlaceEvacuated) -> Button | None:
    words = shorten(each.name, 12)
    if each.evacuation.left.households:
        words += f" {each.evacuation.left.households}"
    if each.card_id is not None:
        return Button(words, HouseholdPage(alert.id, each.card_id).encode())
    if each.code.endswith("000"):
        return Button(words, EvacuationPlaces(alert.id, each.code).encode())
    return None


@dataclass(frozen=True, slots=True)
class FrailRow:
    """A household of the frail that is not moved, and where it is."""

    household: Household
    place: str
    card_id: int
    refused: bool = False
    village: str = ""  # its name alone, for a button


def frail_list(
    alert: Alert,
    rows: Sequence[FrailRow],
    language: str,
    place: str,
    now: datetime,
    *,
    total: int,
    division: str = "",
    page: int = 0,
    show_phones: bool = True,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The frail who are not moved yet, for those in charge: each with whom to ring up.

    :param rows: those of this page.
    :param total: how many there are on all pages.
    """
    _ = translator(language)
    lines = [*filter(None, [title(alert, place, language), state_line(alert, language, zone)])]
    if not total:
        lines += [
            "",
            bold(_("✅ 登记在册的老弱都已转移")),
            _("更新于 {now}").format(now=clock(now, zone)),
        ]
        back = Button(_("⬅️ 转移进度"), EvacuationPlaces(alert.id, division).encode())
        return Screen("\n".join(lines), Inline(((back,),)))
    lines.append(bold(_("🧓 还没有转移的老弱 {count} 户").format(count=total)))
    lines.append(_("名单只给负责人看，不要转发。先打负责人的电话。"))
    before = None
    for row in rows:
        if row.place != before:
            lines += ["", bold(name(shorten(row.place, 40)))]
            before = row.place
        lines.append(frail_line(row.household, language, show_phones=show_phones))
        if row.refused:
            lines.append("　" + _("✋ 不愿转移，须上门再劝"))
    lines += ["", _("更新于 {now}").format(now=clock(now, zone))]
    last = last_page(total, FRAIL)
    ticks = [
        (
            Button(
                _("🏘 {village} 登记").format(village=shorten(village, 14)),
                HouseholdPage(alert.id, card_id).encode(),
            ),
        )
        for card_id, village in {row.card_id: row.village or row.place for row in rows}.items()
    ]
    refresh = Button(
        f"🔄 {page + 1}/{last + 1}" if last else _("🔄 刷新"),
        FrailPage(alert.id, division, page).encode(),
    )
    turn = page_buttons(
        page, last, lambda to: FrailPage(alert.id, division, to), language, between=refresh
    )
    back = Button(_("⬅️ 转移进度"), EvacuationPlaces(alert.id, division).encode())
    return Screen("\n".join(lines), Inline((*ticks[:6], turn, (back,))))


def which_frail(found: Sequence[tuple[Alert, str]], language: str) -> Screen:
    """Answer to /frail where there is no warning with evacuation cards, or more than one.

    :param found: the warnings, with the names of their areas.
    """
    _ = translator(language)
    if not found:
        return Screen(_("现在没有需要转移群众的预警；各村转移卡上的名单平时用 /card 查看。"))
    rows = tuple(
        (Button(plain_title(alert, shorten(where, 20), language), FrailPage(alert.id).encode()),)
        for alert, where in found
    )
    return Screen(bold(_("🧓 看哪个预警的？")), Inline(rows))


def shelter_list(
    alert: Alert,
    uses: Sequence[ShelterUse],
    language: str,
    place: str,
    now: datetime,
    *,
    page: int = 0,
    names: dict[str, str] | None = None,
    show_phones: bool = True,
    zone: tzinfo = BEIJING,
) -> Screen:
    """How full the shelters are; those that hold too few come first.

    :param names: of the divisions in which they are, by code.
    """
    _ = translator(language)
    lines = [title(alert, place, language), bold(_("🏫 安置点")) + f" · {clock(now, zone)}"]
    if not uses:
        lines += ["", _("转移卡上没有写安置点。")]
    last = last_page(len(uses), PLACES)
    page = min(page, last)
    for use in uses[page * PLACES : (page + 1) * PLACES]:
        lines += [
            "",
            *shelter_lines(use, language, (names or {}).get(use.shelter.division_code, "")),
        ]
        if use.shelter.key_holder:
            phone = use.shelter.key_phone if show_phones else ""
            words = _("　🔑 {holder} {phone}")
            holder = name(use.shelter.key_holder)
            lines.append(words.format(holder=holder, phone=phone).rstrip())
    turn = page_buttons(page, last, lambda to: ShelterPage(alert.id, to), language)
    back = Button(_("⬅️ 转移进度"), EvacuationPlaces(alert.id).encode())
    return Screen("\n".join(lines), Inline(tuple(row for row in (turn, (back,)) if row)))


def shelter_lines(use: ShelterUse, language: str, where: str = "") -> list[str]:
    """How full one shelter is (HTML)."""
    _ = translator(language)
    shelter = use.shelter
    head = bold(name(shorten(f"{where} {shelter.name}".strip(), 40)))
    if shelter.capacity is None:
        words = _("　已到 {arrived} 人 / 应到 {assigned} 人（容量没有登记）")
        told = words.format(arrived=use.arrived, assigned=use.assigned)
    else:
        words = _("　已到 {arrived} 人 / 应到 {assigned} 人 / 可容纳 {capacity} 人")
        told = words.format(arrived=use.arrived, assigned=use.assigned, capacity=shelter.capacity)
    lines = [head, told]
    if use.over:
        lines.append("　" + bold(_("⚠️ 已超出 {over} 人，请另行安置").format(over=use.over)))
    elif use.short:
        lines.append(
            "　" + _("⚠️ 应到人数超出 {short} 人，请提前另备安置点").format(short=use.short)
        )
    return lines


def shelter_full(alert: Alert, use: ShelterUse, language: str, place: str, where: str) -> Screen:
    """To the duty officers: more have arrived in a shelter than it holds."""
    _ = translator(language)
    lines = [
        title(alert, place, language),
        bold(_("🏫 安置点人数已满")),
        *shelter_lines(use, language, where),
    ]
    more = Button(_("🏫 看各安置点"), ShelterPage(alert.id).encode())
    return Screen("\n".join(lines), Inline(((more,),)))
