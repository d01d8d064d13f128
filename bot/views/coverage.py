"""/coverage: which villages nobody would hear in."""

from __future__ import annotations

from bot.locale import translator
from bot.views.coverage_text import coverage_lines
from bot.views.screen import Screen, bold, escape
from contacts.coverage import Coverage
from contacts.divisions import Gazetteer


def coverage_message(coverage: Coverage, gazetteer: Gazetteer, language: str, place: str) -> Screen:
    """The counts, and the villages without anybody reachable."""
    _ = translator(language)
    head = bold(_("👥 覆盖：{place}").format(place=place))
    lines = [escape(line) for line in coverage_lines(coverage, gazetteer, language)]
    if coverage.gaps:
        lines += ["", _("请让这些村的责任人打开邀请链接，或按「分享手机号」绑定。")]
    return Screen("\n".join([head, *lines]))
