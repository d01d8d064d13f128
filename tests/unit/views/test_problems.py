"""Every error code has a sentence in Chinese and in English."""

from __future__ import annotations

import importlib
import pkgutil
from enum import Enum
from string import Formatter

import pytest

import alerts
import contacts
import data
from alerts.lookup import AlertProblem
from alerts.model import State
from alerts.preview import DraftProblem
from bot.locale import LANGUAGES
from bot.views.problems import CODES, KINDS, old_button, problem, problem_screen, try_again
from bot.views.screen import LONGEST_TOAST, length, toast
from contacts.linking import LinkRefusal
from data import errors
from data.errors import Conflict, InvalidInput, JiaoyingError, NotAllowed, StoreBusy, StoreError
from tests.every_case import hold_for_every

# Files are imported at the command line, whose words are in bot/views/roster/import_text.py.
AT_THE_COMMAND_LINE = {
    "FileProblem",
    "BoundaryProblem",
    "BoundaryRefusal",
    "ZoneFileProblem",
    "CardFileProblem",
}
# Why the command wall stays shut is said on its own page: bot/board/pages.py.
ON_THE_BOARD = {"BoardRefusal"}
SUFFIXES = ("Problem", "Refusal", "Access", "Validity")


def reasons() -> list[Enum]:
    """The members of every enum below the edge whose name says that it refuses something."""
    found: dict[str, type[Enum]] = {}
    for package in (alerts, contacts, data):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name:
                continue
            for member in vars(importlib.import_module(module.name)).values():
                if isinstance(member, type) and issubclass(member, Enum):
                    found[f"{member.__module__}.{member.__name__}"] = member
    return [
        member
        for kind in found.values()
        if kind.__name__.endswith(SUFFIXES)
        and kind.__name__ not in AT_THE_COMMAND_LINE | ON_THE_BOARD
        for member in kind
    ]


def kinds() -> list[type[JiaoyingError]]:
    """The whole exception tree."""
    return [
        member
        for member in vars(errors).values()
        if isinstance(member, type) and issubclass(member, JiaoyingError)
    ]


def test_every_reason_has_a_sentence_of_its_own() -> None:
    assert [reason for reason in reasons() if reason not in CODES] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_error_has_a_sentence(language: str) -> None:
    assert set(kinds()) <= set(KINDS)
    assert all(problem(kind("anything"), language) for kind in kinds())


def test_the_nearest_kind_speaks() -> None:
    assert problem(StoreBusy("x"), "zh") != problem(StoreError("x"), "zh")
    order = list(KINDS)
    for kind in order:
        known = [below for below in kind.__subclasses__() if below in order]
        assert all(order.index(below) <= order.index(kind) for below in known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_fits_a_toast_even_without_its_facts(language: str) -> None:
    def fits(code: Enum) -> None:
        bare = problem(InvalidInput(code), language)
        assert "{" not in bare
        assert length(bare) <= LONGEST_TOAST
        names = {name for _, name, _, _ in Formatter().parse(CODES[code]) if name}
        full = problem(InvalidInput(code, **dict.fromkeys(names, "<字>" * 500)), language)
        assert length(toast(full)) <= LONGEST_TOAST

    hold_for_every(CODES, fits)


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_are_told_in_words(language: str) -> None:
    long = problem(InvalidInput(DraftProblem.TEXT_TOO_LONG, length=5000, most=1000), language)
    assert "5000" in long
    assert "1000" in long
    over = problem(Conflict(AlertProblem.OVER, alert=3, state=State.CANCELLED), language)
    assert ("已取消" if language == "zh" else "cancelled") in over
    taken = problem_screen(NotAllowed(LinkRefusal.ACCOUNT_TAKEN, name="<b>王"), language)
    assert "&lt;b&gt;王" in taken.text


def test_an_unexpected_failure_says_that_nothing_was_recorded() -> None:
    assert try_again("zh") == "没有成功，请再试一次"
    assert "没有记录" in old_button("zh")
