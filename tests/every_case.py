"""Checks of many small cases in one test: each as a test of its own costs more than the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Case = TypeVar("Case")

MOST_SHOWN = 5


def hold_for_every(cases: Iterable[Case], check: Callable[[Case], None]) -> None:
    """Every case is checked, and those that fail are named, the first of them with what is wrong.

    :raises AssertionError: some failed, or there was none to check.
    """
    checked, failed = 0, []
    for case in cases:
        checked += 1
        try:
            check(case)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it is shown
            failed.append(f"{case}: {type(error).__name__}: {error}")
    assert checked, "no case was checked"
    shown = "\n\n".join(failed[:MOST_SHOWN])
    assert not failed, f"{len(failed)} of {checked} cases fail:\n{shown}"
