"""A warning that waits for a second person: who was asked, how to reach them, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import escape
from bot.views.telephones import of_officer

MOST_ASKED = 8
"""Persons named; of the others it says how many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody as the reader may see them; ``phone`` is empty when they may not read it."""

    line: str
    phone: str = ""
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits: for whom, from whom, until when; ``duty`` is rung up when nobody can confirm."""

    asked: tuple[Asked, ...]
    by: Asked | None
    until: datetime
    duty: str = ""


def proposal_lines(
    proposal: Proposal, language: str, zone: tzinfo = BEIJING, *, change: bool = False
) -> list[str]:
    """Who was asked, and until when (HTML).

    :param change: it is a change of a warning that runs, not a warning, that waits.
    """
    _ = translator(language)
    lines = [_("已请以下任何一位确认；急时请直接打电话催：")]
    lines += [f"• {asked_line(asked, language)}" for asked in proposal.asked[:MOST_ASKED]]
    more = len(proposal.asked) - MOST_ASKED
    if more > 0:
        lines.append(_("……另有 {count} 人").format(count=more))
    if not proposal.asked:
        words = _("没有别的指挥员可以确认：请打电话给上一级值班员 {duty}。")
        lines = [words.format(duty=escape(of_officer(proposal.duty, language)))]
    until = day_clock(proposal.until, zone)
    words = (
        _("{until} 前没有人确认，就不会变更。")
        if change
        else _("{until} 前没有人确认，就不会发出。")
    )
    lines.append(words.format(until=until))
    return lines


def asked_line(asked: Asked, language: str) -> str:
    """One person in a line (HTML)."""
    _ = translator(language)
    line = escape(asked.line)
    if asked.phone:
        line += f" {escape(asked.phone)}"
    return line if asked.reachable else line + _("（Telegram 联系不上，请打电话）")
