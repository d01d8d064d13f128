"""Whoever cannot go alone: why, and who takes them along. For those in charge only."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.loop.evacuation.model import Frail, Household
from bot.locale import N_, translator
from bot.views.screen import name

_FRAIL: Mapping[Frail, str] = {
    Frail.BEDRIDDEN: N_("卧床"),
    Frail.DISABLED: N_("残疾"),
    Frail.ILL: N_("患病"),
    Frail.ELDERLY: N_("高龄"),
    Frail.ALONE: N_("独居"),
    Frail.PREGNANT: N_("孕产妇"),
    Frail.CHILD: N_("儿童"),
    Frail.OTHER: N_("需照顾"),
}


def frail_name(frail: Frail, language: str) -> str:
    """Why somebody cannot go alone, in a word: 卧床."""
    return translator(language)(_FRAIL[frail])


def frail_line(household: Household, language: str, *, show_phones: bool = True) -> str:
    """Who of a household cannot go alone, and who takes them along (HTML)."""
    _ = translator(language)
    frail = "" if household.frail is None else frail_name(household.frail, language)
    who = household.frail_who or household.head
    words = (
        _("🧓 {number} {head}家：{who}（{frail}）") if frail else _("🧓 {number} {head}家：{who}")
    )
    line = words.format(
        number=household.number, head=name(household.head), who=name(who), frail=frail
    )
    if household.carer:
        phone = household.carer_phone if show_phones else ""
        line += (
            "\n　"
            + _("🤝 {carer} 负责 {phone}").format(carer=name(household.carer), phone=phone).rstrip()
        )
    elif household.phone and show_phones:
        line += f"\n　☎️ {household.phone}"
    return line
