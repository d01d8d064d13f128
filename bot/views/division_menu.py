"""Walking the divisions by buttons: into one below, a page on, one up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.actions.codec import Action
from bot.locale import translator
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button
from contacts.divisions.codes import contains
from contacts.divisions.gazetteer import Gazetteer

PAGE_SIZE = 20
"""Divisions on a page, two in a row."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A division to go to."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class DivisionMenu:
    """One division and where one can go from it.

    ``path`` names it from the top down; ``parent`` is the code of the division above, where the
    reader may go there.
    """

    code: str
    path: str
    children: Sequence[Choice]
    parent: str | None = None


def menu_of(gazetteer: Gazetteer, code: str, *, own: str) -> DivisionMenu:
    """The menu of the division ``code``, up to the reader's ``own``."""
    parent = gazetteer.parent(code) if code != own else None
    return DivisionMenu(
        code,
        gazetteer.path(code),
        [Choice(child.code, gazetteer.name(child.code)) for child in gazetteer.children(code)],
        None if parent is None else parent.code,
    )


def menu_within(gazetteer: Gazetteer, code: str, *, own: str) -> DivisionMenu:
    """As ``menu_of``; the reader's ``own`` division when ``code`` is unknown or not within it."""
    known = code in gazetteer and contains(own, code)
    return menu_of(gazetteer, code if known else own, own=own)


class ActionTo(Protocol):
    """Makes the action that leads to a division, or to a page of it."""

    def __call__(self, code: str, page: int = ...) -> Action:
        """The action of a button."""


def menu_rows(
    menu: DivisionMenu, page: int, language: str, *, go: ActionTo, last: int | None = None
) -> list[tuple[Button, ...]]:
    """The buttons to the divisions below, to the pages beside ``page``, and up.

    :param last: the number of the last page, from 0, where something else is longer than the menu.
    """
    _ = translator(language)
    start = page * PAGE_SIZE
    below = [
        Button(child.name, go(child.code).encode())
        for child in menu.children[start : start + PAGE_SIZE]
    ]
    rows = [tuple(below[at : at + 2]) for at in range(0, len(below), 2)]
    if last is None:
        last = last_page(len(menu.children), PAGE_SIZE)
    turn = page_buttons(page, last, lambda number: go(menu.code, number), language)
    if turn:
        rows.append(turn)
    if menu.parent is not None:
        rows.append((Button(_("⬆️ 上一级"), go(menu.parent).encode()),))
    return rows
