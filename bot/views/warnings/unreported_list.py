"""Who has answered but reported nothing, to the officers above: whom to ring up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.calls import Call
from alerts.model import Alert
from bot.actions.warnings import RingAboutReport, StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.screen import Button, Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import held_name
from bot.views.warnings.parts import heading, state_line
from contacts.people import Person

MOST_LISTED = 12
"""Persons in one list (ours): of the others it says how many."""


@dataclass(frozen=True, slots=True)
class Unreported:
    """Somebody who has answered, was asked for a report and has not given it.

    ``ringing`` is the name of the officer who rings them up now; ``show_phone``: the reader may see
    their number.
    """

    call: Call
    person: Person
    place: str
    ringing: str = ""
    show_phone: bool = True


def unreported_list(
    alert: Alert,
    rows: Sequence[Unreported],
    language: str,
    place: str,
    *,
    total: int,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The list, with a button for each who is not being rung up; none once the warning is over.

    :param total: how many there are, listed or not.
    """
    _ = translator(language)
    shout = bold(_("📝 已回应未反馈 {count} 人").format(count=total))
    lines = [heading(alert, shout, place, language)]
    if not alert.in_force:
        lines.append(state_line(alert, language, zone))
    elif rows:
        lines.append(_("催过本人，还没有反馈。请打电话问清：人转移了没有，要不要支援。"))
    for row in rows:
        lines += ["", *_person(row, language, zone)]
    if total > len(rows):
        lines += ["", _("另有 {count} 人，请看态势。").format(count=total - len(rows))]
    return Screen("\n".join(lines), _buttons(alert, rows, language) if alert.in_force else None)


def nobody_left(alert: Alert, language: str, place: str) -> Screen:
    """What the list becomes when everybody on it has reported."""
    _ = translator(language)
    return Screen(heading(alert, bold(_("✅ 名单上的人都已反馈")), place, language))


def ring_toast(ringing: Person | None, language: str, *, instead: bool) -> str:
    """Toast after 我来联系.

    :param ringing: who rings them up now; ``None``: there is nothing to ring for any more.
    :param instead: that is somebody else, who was first.
    """
    _ = translator(language)
    if ringing is None:
        return _("已经反馈了，或已经结束，不用再联系")
    if instead:
        return _("{name} 正在联系").format(name=shorten(ringing.name, 30))
    return _("✅ 已记录：您来联系")


def _person(row: Unreported, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    at = _("{time} 已回应").format(time=clock(row.call.answered_at, zone))
    lines = [
        f"<b>{name(row.person.name)}</b> {held_name(row.person, language)}",
        f"{escape(shorten(row.place, 60))} · {at}",
    ]
    if row.show_phone:
        lines.append(f"　☎️ {' / '.join(row.person.numbers)}")
    if row.ringing:
        lines.append("　📲 " + _("{name} 正在联系").format(name=name(row.ringing)))
    return lines


def _buttons(alert: Alert, rows: Sequence[Unreported], language: str) -> Inline:
    _ = translator(language)
    buttons = [
        (
            Button(
                _("📞 我来联系：{name}").format(name=shorten(row.person.name, 16)),
                RingAboutReport(row.call.id).encode(),
            ),
        )
        for row in rows
        if not row.ringing
    ]
    return Inline((*buttons, (Button(_("📊 看态势"), StatusOf(alert.id).encode()),)))
