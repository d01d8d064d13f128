"""Every message people read, compared with a file: in Chinese and in English.

``JIAOYING_WRITE_GOLDEN=1 pytest tests/unit/views/test_golden.py`` writes them anew; read the
difference before it is committed.
"""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from pathlib import Path

import pytest

from bot.locale import LANGUAGES
from bot.views.problems import CODES, KINDS, old_button, problem, try_again
from bot.views.screen import ForceReply, Inline, RemoveReply, ReplyKeyboard, Screen
from data.errors import InvalidInput
from tests.every_case import hold_for_every
from tests.unit.views.screens import SCREENS, toasts

GOLDEN = Path(__file__).parent / "golden"


def drawn(screen: Screen) -> str:
    """A screen as text: what is read, then the keyboard."""
    lines = [screen.text]
    keyboard = screen.keyboard
    if isinstance(keyboard, Inline | ReplyKeyboard):
        lines.append("-- inline" if isinstance(keyboard, Inline) else "-- keyboard")
        for row in keyboard.rows:
            lines.append(
                " | ".join(
                    f"[{button.text}]"
                    + (f" {button.data}" if button.data else "")
                    + (" (location)" if button.request_location else "")
                    + (" (contact)" if button.request_contact else "")
                    for button in row
                )
            )
    elif isinstance(keyboard, ForceReply):
        lines.append(f"-- asks for words: {keyboard.placeholder or ''}".rstrip())
    elif isinstance(keyboard, RemoveReply):
        lines.append("-- keyboard removed")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_read_as_in_their_golden_files(language: str) -> None:
    hold_for_every(
        SCREENS, lambda name: compare(f"{name}.{language}.txt", drawn(SCREENS[name](language)))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_toasts_read_as_in_their_golden_file(language: str) -> None:
    compare(f"toasts.{language}.txt", "\n".join(dict.fromkeys(toasts(language))) + "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_read_as_in_their_golden_file(language: str) -> None:
    lines = [f"{code}: {problem(InvalidInput(code), language)}" for code in CODES]
    lines += [f"{kind.__name__}: {problem(kind('x'), language)}" for kind in KINDS]
    lines += [old_button(language), try_again(language)]
    compare(f"refusals.{language}.txt", "\n".join(lines) + "\n")


def test_no_golden_file_is_left_over() -> None:
    names = [*SCREENS, "toasts", "refusals"]
    wanted = {f"{name}.{language}.txt" for name in names for language in LANGUAGES}
    assert {file.name for file in GOLDEN.glob("*.txt")} == wanted


def test_nothing_filled_in_leaves_an_empty_bracket_or_two_marks() -> None:
    found = [
        f"{name}: {line}"
        for name, shown in SCREENS.items()
        for line in drawn(shown("zh")).splitlines()
        if re.search("（）|[，。；：]{2}|、[，。；、）]", line)
    ]
    assert found == []


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("JIAOYING_WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"no {file.name}; see the top of this file"
    wanted = file.read_text(encoding="utf-8")
    assert text == wanted, "\n".join(unified_diff(wanted.splitlines(), text.splitlines(), name))
