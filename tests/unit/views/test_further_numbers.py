"""Whoever rings somebody up reads all their numbers, and who may not reads none of them."""

from __future__ import annotations

from dataclasses import replace

from alerts.escalation import Step
from bot.views import handbook
from bot.views.warnings import silent_list
from contacts.phones import former
from tests.unit.views import samples as s

OFFICE = "+864333230001x8"
PERSON = replace(s.VILLAGER, other_phones=f"{OFFICE}、{s.VILLAGER.phone}")


def test_the_first_number_stands_once_and_in_front() -> None:
    assert PERSON.numbers == (s.VILLAGER.phone, OFFICE)
    assert s.VILLAGER.numbers == (s.VILLAGER.phone,)


def test_a_number_that_is_somebody_elses_by_now_is_shown_to_nobody() -> None:
    left = replace(PERSON, phone=former(s.VILLAGER.phone, s.VILLAGER.id), other_phones=OFFICE)
    assert left.numbers == (OFFICE,)
    erased = replace(PERSON, phone=former("", s.VILLAGER.id), other_phones="")
    assert erased.numbers == ()


def test_the_handbook_shows_further_numbers_to_who_may_see_them() -> None:
    shown = handbook.entry_lines(handbook.HandbookEntry(PERSON, phone=True), "zh")
    assert [line for line in shown if "☎️" in line] == [
        f"　☎️ {s.VILLAGER.phone}",
        f"　☎️ {OFFICE}",
    ]
    hidden = handbook.entry_lines(handbook.HandbookEntry(PERSON), "zh")
    assert OFFICE not in "".join(hidden)


def test_the_list_of_the_silent_shows_further_numbers() -> None:
    row = replace(s.SILENT[0], person=PERSON)
    for seen in (True, False):
        screen = silent_list.silent_list(
            s.ALERT,
            [row],
            "zh",
            s.PLACE,
            s.NOW,
            total=1,
            step=Step.DUTY_OFFICER,
            show_phones=seen,
        )
        assert (OFFICE in screen.text) is seen
