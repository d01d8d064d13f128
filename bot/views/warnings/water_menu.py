"""The villages along a river, or below a reservoir: which river, from where, to where. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alerts.rivers.model import Stretch, length_km
from bot.actions.areas import WaterStep, WaterTap
from bot.locale import translator
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten
from bot.views.warnings.release_wizard import stop_button
from contacts.places import Place

ON_A_PAGE = 12


def ask_water(
    rivers: Sequence[Stretch],
    reservoirs: Sequence[Place],
    language: str,
    *,
    page: int = 0,
    draft: str = "",
) -> Screen:
    """Which river or reservoir.

    :param rivers: the first stretch of each.
    :param draft: which draft asks (HTML).
    """
    _ = translator(language)
    buttons = [
        Button(f"🌊 {shorten(first.river, 30)}", WaterTap(WaterStep.RIVER, str(first.id)).encode())
        for first in rivers
    ] + [
        Button(
            _("💧 {name}下游").format(name=shorten(place.name, 30)),
            WaterTap(WaterStep.RESERVOIR, place.token).encode(),
        )
        for place in reservoirs
    ]
    lines = [draft, bold(_("🌊 哪条河、哪座水库？"))]
    if not buttons:
        lines.append(_("还没有河流和水库。请管理员导入：jiaoying import rivers 文件"))
    last = last_page(len(buttons), ON_A_PAGE)
    page = max(0, min(page, last))
    rows = [(button,) for button in buttons[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]]
    turn = page_buttons(page, last, lambda n: WaterTap(WaterStep.LIST, str(n)), language)
    return _with_stop(lines, rows, turn, language)


def ask_from(stretches: Sequence[Stretch], language: str, *, page: int = 0) -> Screen:
    """From which stretch of a river; in order from the source."""
    _ = translator(language)
    first = stretches[0]
    lines = [
        bold(_("🌊 {river}：从哪一段开始？").format(river=escape(first.river))),
        _("从上游到下游排列。"),
    ]
    return _listed(
        lines,
        stretches,
        lambda each: WaterTap(WaterStep.FROM, str(each.id)),
        lambda number: WaterTap(WaterStep.RIVER, f"{first.id}.{number}"),
        page,
        language,
    )


def ask_to(stretches: Sequence[Stretch], language: str, *, page: int = 0) -> Screen:
    """To which stretch: from the one chosen on, downstream."""
    _ = translator(language)
    first = stretches[0]
    words = _("🌊 {river} 从 {stretch} 起，到哪一段为止？")
    lines = [bold(words.format(river=escape(first.river), stretch=escape(first.name)))]
    return _listed(
        lines,
        stretches,
        lambda each: WaterTap(WaterStep.TO, f"{first.id}.{each.id}"),
        lambda number: WaterTap(WaterStep.FROM, f"{first.id}.{number}"),
        page,
        language,
    )


def ask_below(place: Place, stretches: Sequence[Stretch], language: str) -> Screen:
    """Down to which stretch below a reservoir."""
    _ = translator(language)
    words = _("💧 {place} 下游，到 {river} 哪一段为止？")
    lines = [bold(words.format(place=escape(place.name), river=escape(stretches[0].river)))]
    rows = [
        (_button(each, WaterTap(WaterStep.BELOW, f"{place.token}.{each.id}"), language),)
        for each in stretches[: 2 * ON_A_PAGE]
    ]
    return _with_stop(lines, rows, (), language)


def _listed(
    lines: Sequence[str],
    stretches: Sequence[Stretch],
    choose: Callable[[Stretch], WaterTap],
    turn_to: Callable[[int], WaterTap],
    page: int,
    language: str,
) -> Screen:
    last = last_page(len(stretches), ON_A_PAGE)
    page = max(0, min(page, last))
    shown = stretches[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    rows = [(_button(each, choose(each), language),) for each in shown]
    turn = page_buttons(page, last, turn_to, language)
    return _with_stop(lines, rows, turn, language)


def _button(each: Stretch, tap: WaterTap, language: str) -> Button:
    _ = translator(language)
    words = f"{each.number} {shorten(each.name, 24)}"
    if each.villages:
        words += _(" · {count} 个村").format(count=len(each.villages))
    elif each.lines:
        words += _(" · {km} 千米").format(km=round(length_km(each.lines)) or 1)
    return Button(words, tap.encode())


def _with_stop(
    lines: Sequence[str],
    rows: Sequence[tuple[Button, ...]],
    turn: tuple[Button, ...],
    language: str,
) -> Screen:
    more = (turn,) if turn else ()
    text = "\n".join(filter(None, lines))
    return Screen(text, Inline((*rows, *more, (stop_button(language),))))
