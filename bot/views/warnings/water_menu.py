"""The villages along a river, or below a reservoir: which river, from where, to where. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.rivers.model import Stretch, length_km
from bot.actions.areas import WaterStep
from bot.actions.codec import Action
from bot.locale import translator
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten
from contacts.places import Place

ON_A_PAGE = 12


@dataclass(frozen=True, slots=True)
class Way:
    """Whose way it is: the action of a step with its value, and the row that leads out of it."""

    to: Callable[[WaterStep, str], Action]
    out: tuple[Button, ...]


def ask_water(
    rivers: Sequence[Stretch],
    reservoirs: Sequence[Place],
    way: Way,
    language: str,
    *,
    page: int = 0,
    head: str = "",
) -> Screen:
    """Which river or reservoir.

    :param rivers: the first stretch of each.
    :param head: what asks (HTML).
    """
    _ = translator(language)
    buttons = [
        Button(f"🌊 {shorten(first.river, 30)}", way.to(WaterStep.RIVER, str(first.id)).encode())
        for first in rivers
    ] + [
        Button(
            _("💧 {name}下游").format(name=shorten(place.name, 30)),
            way.to(WaterStep.RESERVOIR, place.token).encode(),
        )
        for place in reservoirs
    ]
    lines = [head, bold(_("🌊 哪条河、哪座水库？"))]
    if not buttons:
        lines.append(_("还没有河流和水库。请管理员导入。"))
    last = last_page(len(buttons), ON_A_PAGE)
    page = max(0, min(page, last))
    rows = [(button,) for button in buttons[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]]
    turn = page_buttons(page, last, lambda n: way.to(WaterStep.LIST, str(n)), language)
    return _with_out(lines, rows, turn, way)


def ask_from(stretches: Sequence[Stretch], way: Way, language: str, *, page: int = 0) -> Screen:
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
        lambda each: way.to(WaterStep.FROM, str(each.id)),
        lambda number: way.to(WaterStep.RIVER, f"{first.id}.{number}"),
        page,
        way,
        language,
    )


def ask_to(stretches: Sequence[Stretch], way: Way, language: str, *, page: int = 0) -> Screen:
    """To which stretch: from the one chosen on, downstream."""
    _ = translator(language)
    first = stretches[0]
    words = _("🌊 {river} 从 {stretch} 起，到哪一段为止？")
    lines = [bold(words.format(river=escape(first.river), stretch=escape(first.name)))]
    return _listed(
        lines,
        stretches,
        lambda each: way.to(WaterStep.TO, f"{first.id}.{each.id}"),
        lambda number: way.to(WaterStep.FROM, f"{first.id}.{number}"),
        page,
        way,
        language,
    )


def ask_below(place: Place, stretches: Sequence[Stretch], way: Way, language: str) -> Screen:
    """Down to which stretch below a reservoir."""
    _ = translator(language)
    words = _("💧 {place} 下游，到 {river} 哪一段为止？")
    lines = [bold(words.format(place=escape(place.name), river=escape(stretches[0].river)))]
    rows = [
        (_button(each, way.to(WaterStep.BELOW, f"{place.token}.{each.id}"), language),)
        for each in stretches[: 2 * ON_A_PAGE]
    ]
    return _with_out(lines, rows, (), way)


def _listed(
    lines: Sequence[str],
    stretches: Sequence[Stretch],
    choose: Callable[[Stretch], Action],
    turn_to: Callable[[int], Action],
    page: int,
    way: Way,
    language: str,
) -> Screen:
    last = last_page(len(stretches), ON_A_PAGE)
    page = max(0, min(page, last))
    shown = stretches[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    rows = [(_button(each, choose(each), language),) for each in shown]
    turn = page_buttons(page, last, turn_to, language)
    return _with_out(lines, rows, turn, way)


def _button(each: Stretch, tap: Action, language: str) -> Button:
    _ = translator(language)
    words = f"{each.number} {shorten(each.name, 24)}"
    if each.villages:
        words += _(" · {count} 个村").format(count=len(each.villages))
    elif each.lines:
        words += _(" · {km} 千米").format(km=round(length_km(each.lines)) or 1)
    return Button(words, tap.encode())


def _with_out(
    lines: Sequence[str],
    rows: Sequence[tuple[Button, ...]],
    turn: tuple[Button, ...],
    way: Way,
) -> Screen:
    more = (turn,) if turn else ()
    text = "\n".join(filter(None, lines))
    return Screen(text, Inline((*rows, *more, way.out)))
