"""The bot is killed with kill -9 in an alert: nothing is lost, and duplicates are bounded."""

from pathlib import Path

import pytest

from bench import crash
from bench.killing import survive
from bot.telegram.dispatcher import IN_FLIGHT
from tests.faults.counting import Count
from tests.forked import forked_bot


def test_a_killed_bot_loses_no_call_and_no_tap(
    tmp_path: Path, counted: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash, "bot_process", forked_bot)
    found = survive(tmp_path, kills=4, persons=150)
    assert (found.calls, found.lost_calls) == (150, 0)
    assert found.kills_while_sending > 0
    assert found.taps > 50
    assert (found.lost_taps, found.recorded_twice) == (0, 0)
    assert max(found.doubles) <= IN_FLIGHT
    assert (found.left_claimed, found.left_in_inbox) == (0, 0)
    assert found.trail_whole
    counted(
        f"kill -9 ×{found.kills}: 叫应与点击 calls and taps",
        trials=found.calls + found.taps,
        lost=found.lost_calls + found.lost_taps,
        twice=sum(found.doubles) + found.recorded_twice,
        bound=IN_FLIGHT * found.kills,
    )
