"""Lists too long for one message: the buttons that turn the page. Pure."""

from __future__ import annotations

from collections.abc import Callable

from bot.actions.codec import Action
from bot.locale import translator
from bot.views.screen import Button


def last_page(total: int, size: int) -> int:
    """The number of the last page (the first is 0) of ``total`` things, ``size`` on a page."""
    return max(0, (total - 1) // size)


def page_buttons(
    page: int,
    last: int,
    turn: Callable[[int], Action],
    language: str,
    *,
    between: Button | None = None,
) -> tuple[Button, ...]:
    """One row: back, ``between`` and on, those of them that lead somewhere.

    :param turn: what the button to a page does.
    """
    _ = translator(language)
    row = []
    if page > 0:
        row.append(Button(_("⬅️ 上一页"), turn(min(page, last + 1) - 1).encode()))
    if between is not None:
        row.append(between)
    if page < last:
        row.append(Button(_("下一页 ➡️"), turn(page + 1).encode()))
    return tuple(row)
