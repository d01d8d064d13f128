"""Words that whoever has answered writes, and that no button asked for: they were not passed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alerts.calls import Call, Report
from alerts.model import Alert
from bot.actions.warnings import ReportTap
from bot.locale import translator
from bot.views.screen import Button, Inline, Screen, bold, escape
from bot.views.telephones import FIRE_LINE
from bot.views.vocabulary import report_name
from bot.views.warnings.parts import heading, plain_title, report_buttons

_FEW = 2
_MOST_WARNINGS = 5


def words_unused(
    calls: Sequence[tuple[Call, Alert]],
    places: Mapping[int, str],
    language: str,
    *,
    said: Report | None = None,
) -> Screen:
    """The buttons that report; of several warnings those that call for help, or what was said.

    :param places: the name of each warning's place, by its number.
    """
    _ = translator(language)
    return _and_buttons(_("ℹ️ 还没有记录，也没有转给别人"), calls, places, language, said)


def words_passed_on(
    calls: Sequence[tuple[Call, Alert]], places: Mapping[int, str], language: str
) -> Screen:
    """An officer reads what stood with the answer; of one call the buttons report it."""
    _ = translator(language)
    return _and_buttons(_("您写的话已转给值班员。"), calls, places, language, None)


def _and_buttons(
    said_of_it: str,
    calls: Sequence[tuple[Call, Alert]],
    places: Mapping[int, str],
    language: str,
    said: Report | None,
) -> Screen:
    _ = translator(language)
    head = bold(said_of_it)
    if not calls:
        return Screen(head)
    ask = _("要上报，请按：")
    if len(calls) == 1:
        call, alert = calls[0]
        buttons = report_buttons(call.id, language, homeward=alert.hazard.homeward)
        return Screen(f"{heading(alert, head, places.get(alert.id, ''), language)}\n{ask}", buttons)
    asked = (Report.HELP, Report.CANNOT) if len(calls) <= _FEW else (Report.HELP,)
    rows = [
        (
            Button(
                _("{report}：{warning}").format(
                    report=report_name(what, language),
                    warning=plain_title(alert, places.get(alert.id, ""), language),
                ),
                ReportTap(call.id, what).encode(),
            ),
        )
        for call, alert in calls[:_MOST_WARNINGS]
        for what in ((said,) if said else asked)
    ]
    return Screen(f"{head}\n{ask}", Inline(tuple(rows)))


def help_of_none(language: str, duty: str = FIRE_LINE) -> Screen:
    """Help was asked for in words while no warning that the person has answered is in force.

    :param duty: the duty officer to ring up, with the number (``Facts.duty_phone``).
    """
    _ = translator(language)
    words = _("还没有转给别人：您没有正在生效、已回应的预警。要支援，请打电话：{duty}")
    return Screen(words.format(duty=escape(duty)))
