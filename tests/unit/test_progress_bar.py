"""The bar of long commands: on a terminal, and only when somebody has waited."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from bot.console.progress import PATIENCE_SECONDS, progress


class Screen(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "seconds", "shown"),
    [(True, PATIENCE_SECONDS + 1, True), (True, 0.5, False), (False, 60.0, False)],
)
def test_when_it_is_shown(terminal: bool, seconds: float, shown: bool) -> None:
    screen, now = Screen(terminal), [0.0]
    with progress("导入", screen, lambda: now[0]) as tell:
        now[0] = seconds
        tell(2000, 46_000)
        tell(46_000, 46_000)
    assert ("导入" in screen.getvalue()) is shown


def test_a_bar_moves_before_anybody_knows_how_much_there_is() -> None:
    waiting: list[tuple[float, Callable[[], None]]] = []

    def later(seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        waiting.append((seconds, act))
        return waiting.clear

    screen = Screen(terminal=True)
    with progress("导入", screen, lambda: 0.0, later):
        assert screen.getvalue() == ""
        [(seconds, begin)] = waiting
        assert seconds == PATIENCE_SECONDS
        begin()
        assert "导入" in screen.getvalue()
    shown = screen.getvalue()
    assert waiting == [], "called off"
    begin()
    assert screen.getvalue() == shown, "nothing is begun any more"
