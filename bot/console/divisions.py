"""Which division a word of the command line means."""

from __future__ import annotations

from typing import TextIO

from bot.locale import translator
from contacts.divisions.gazetteer import Division, Found, Gazetteer


def division_meant(
    gazetteer: Gazetteer, text: str, language: str, out: TextIO, *, careful: bool = False
) -> Division | None:
    """The division that ``text`` means; where it means none or several, that is said.

    :param careful: for what tells people something: 朝阳 alone may be a county or a township.
    """
    _ = translator(language)
    found = gazetteer.find(text, careful=careful)
    if found.division is None:
        if found.outcome is Found.AMBIGUOUS:
            out.write(_("“{text}”有多处，请用代码：").format(text=text) + "\n")
        else:
            words = _("没有区划“{text}”。请写全名（如 黄泥河镇），或 12 位代码。")
            out.write(words.format(text=text) + "\n")
        for candidate in found.candidates:
            out.write(f"  {candidate.division.code} {candidate.path}\n")
    return found.division
