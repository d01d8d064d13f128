"""Satellite telephones and loudspeakers in words, for those who may read numbers."""

from __future__ import annotations

from collections.abc import Iterable

from bot.locale import translator
from bot.views.screen import shorten
from contacts.equipment import Equipment, EquipmentKind
from contacts.phones import display

LONGEST = 40
"""Characters of what a list says of it."""


def equipment_line(equipment: Iterable[Equipment], language: str) -> str:
    """What a village has, in one line of plain text; empty where it has nothing.

    📡 卫星电话 174 0134 9001 📢 大喇叭 2 处
    """
    return " ".join(_piece(piece, language) for piece in equipment)


def _piece(piece: Equipment, language: str) -> str:
    _ = translator(language)
    said = shorten(piece.words, LONGEST)
    if piece.kind is EquipmentKind.LOUDSPEAKER:
        what = display(piece.number) if piece.number else said
        return _("📢 大喇叭 {what}").format(what=what).rstrip()
    if not piece.number:
        return _("📡 卫星电话（号码没登记）{what}").format(what=said)
    return _("📡 卫星电话 {number}").format(number=display(piece.number))


def count_line(coming: int, going: int, language: str) -> str:
    """What an import changes of them."""
    _ = translator(language)
    return _("卫星电话、大喇叭：登记 {coming}，去掉 {going}").format(coming=coming, going=going)
