"""Departments beside the tiers: who of them answered a warning, and what they still owe. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alerts.loop.mechanism.standing import Answer, DepartmentStanding, Owing, Wanted, worst_first
from alerts.model import Alert
from bot.actions.mechanism import DepartmentsPage
from bot.actions.warnings import StatusOf
from bot.locale import N_, translator
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, escape, name
from bot.views.vocabulary import organisation_name
from bot.views.warnings.parts import title
from contacts.organisations import organisation_of

SHOWN = 6
"""Departments named in a card."""

ON_A_PAGE = 15


@dataclass(frozen=True, slots=True)
class Departments:
    """The departments that a warning called; ``names``: of their divisions, by code."""

    standings: Sequence[DepartmentStanding] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many have answered."""
        return sum(one.answer is Answer.ANSWERED for one in self.standings)

    @property
    def owing(self) -> Owing:
        """Their tasks together."""
        return sum((one.owing for one in self.standings), Owing())

    def place(self, one: DepartmentStanding) -> str:
        """Its division's name; empty where all are of one."""
        alone = len({other.division_code for other in self.standings}) == 1
        return "" if alone else self.names.get(one.division_code, one.division_code)


NO_DEPARTMENTS = Departments()
_ANSWERS = {
    Answer.ANSWERED: N_("已回应"),
    Answer.WAITING: N_("未回应"),
    Answer.ENDED: N_("不用回应"),
}


def answer_name(answer: Answer, language: str) -> str:
    """What became of the call to a department, in a word."""
    return translator(language)(_ANSWERS[answer])


def departments_in_card(departments: Departments, language: str) -> list[str]:
    """The line of departments in a card, and who of them is wanted (HTML); none: none is called."""
    if not departments.standings:
        return []
    _ = translator(language)
    every, owing = len(departments.standings), departments.owing
    words = _("🏢 部门已回应 {done}/{every}").format(done=departments.answered, every=every)
    if owing.every:
        words += _("，任务办结 {done}/{every}").format(done=owing.handed_in, every=owing.every)
    if owing.overdue:
        words += _("，逾期 {count}").format(count=owing.overdue)
    lines = [bold(words)]

    def named(some: Sequence[DepartmentStanding]) -> str:
        shown = [
            departments.place(one) + organisation_name(one.organisation, language)
            for one in some[:SHOWN]
        ]
        more = _("等{count}家").format(count=len(some)) if len(some) > SHOWN else ""
        return escape(_("、").join(shown) + more)

    silent = [one for one in departments.standings if one.answer is Answer.WAITING]
    late = [one for one in departments.standings if one.owing.overdue]
    if silent:
        lines.append(_("　未回应：{names}").format(names=named(silent)))
    if late:
        lines.append(_("　任务逾期：{names}").format(names=named(late)))
    return lines


def departments_in_list(departments: Departments, language: str) -> list[str]:
    """The line of departments in the list of warnings; none: none is called."""
    if not departments.standings:
        return []
    return [departments_in_card(departments, language)[0]]


def departments_button(
    alert: Alert, departments: Departments, language: str
) -> tuple[tuple[Button, ...], ...]:
    """The row with the way to all of them; no row where none is called."""
    if not departments.standings:
        return ()
    _ = translator(language)
    words = _("🏢 部门 {done}/{every}").format(
        done=departments.answered, every=len(departments.standings)
    )
    return ((Button(words, DepartmentsPage(alert.id).encode()),),)


def departments_page(
    alert: Alert, area: str, departments: Departments, language: str, *, page: int = 0
) -> Screen:
    """Every department of a warning, those who did not answer first.

    :param area: the name of its areas.
    """
    _ = translator(language)
    every = worst_first(departments.standings)
    last = last_page(len(every), ON_A_PAGE)
    page = max(0, min(page, last))
    lines = [title(alert, area, language), bold(_("🏢 部门联动")), ""]
    for one in every[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]:
        where = departments.place(one)
        lines.append((f"{name(where)} " if where else "") + _line(one, language))
    if not every:
        lines.append(_("这次没有叫应部门。"))
    elif any(one.answer is Answer.WAITING for one in every):
        lines += ["", _("电话在「📵 未回应」名单里。")]
    turn = page_buttons(page, last, lambda number: DepartmentsPage(alert.id, number), language)
    back = Button(_("📊 看态势"), StatusOf(alert.id).encode())
    return Screen("\n".join(lines), Inline((*((turn,) if turn else ()), (back,))))


def _line(one: DepartmentStanding, language: str) -> str:
    _ = translator(language)
    who = escape(_("、").join(one.names[:3]))
    words = {
        Answer.ANSWERED: _("✅ <b>{department}</b> 已回应（{names}）"),
        Answer.WAITING: _("📵 <b>{department}</b> 未回应（{names}）"),
        Answer.ENDED: _("▫️ <b>{department}</b> 不用回应（{names}）"),
    }[one.answer]
    line = words.format(department=organisation_name(one.organisation, language), names=who)
    told = owing_words(one.owing, language)
    return f"{line} · {told}" if told else line


def owing_words(owing: Owing, language: str) -> str:
    """How a department's tasks stand, in a few words; empty where it has none."""
    _ = translator(language)
    if not owing.every:
        return ""
    told = _("任务 {done}/{every}").format(done=owing.handed_in, every=owing.every)
    if owing.open:
        told += _("，未接手 {count}").format(count=owing.open)
    if owing.overdue:
        told += _("，逾期 {count}").format(count=owing.overdue)
    return told


def wanted_line(wanted: Wanted | None, language: str) -> list[str]:
    """In a preview: how many departments are called, and which have nobody (plain)."""
    if wanted is None:
        return []
    _ = translator(language)
    line = _("🏢 部门 {there}/{named} 家").format(there=wanted.there, named=wanted.named)
    missing = [organisation_of(code) for code in wanted.missing]
    names = [organisation_name(one, language) for one in dict.fromkeys(missing) if one is not None]
    if names and wanted.there < wanted.named:
        line += _("（没有联络员：{names}）").format(names=_("、").join(names))
    return [line]
