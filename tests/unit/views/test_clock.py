"""Times of another day bear their date, long durations are no minutes; one place formats both."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.locale.local_day import LocalDay
from bot.views.clock import BEIJING, ago, clock, day_clock, lead, span
from bot.views.warnings import call, group_post
from bot.views.warnings.parts import sent_line
from tests.unit.test_architecture import MODULES, nodes
from tests.unit.views import samples as s

NOW = datetime(2026, 7, 2, 16, 30, tzinfo=UTC)  # 00:30 of the 3rd in Beijing
TODAY = LocalDay(BEIJING, NOW)
FILES_OF_THEIR_OWN = {"clock.py", "ledger.py", "pdf.py", "import_text.py"}
"""Reports and lists of rows have whole dates in a column."""


@pytest.mark.parametrize(
    ("ago_minutes", "said"),
    [
        (0, "00:30"),
        (30, "00:00"),
        (31, "07-02 23:59"),
        (24 * 60, "07-02 00:30"),
        (365 * 24 * 60, "2025-07-03 00:30"),
        (-24 * 60, "07-04 00:30"),
    ],
)
def test_a_time_of_another_day_bears_its_date(ago_minutes: int, said: str) -> None:
    """It is the day where it is read that counts, not that of UTC."""
    assert clock(NOW - timedelta(minutes=ago_minutes), TODAY) == said


def test_what_always_has_its_day_has_the_year_only_if_it_is_another() -> None:
    assert day_clock(NOW, TODAY) == "07-03 00:30"
    assert day_clock(NOW - timedelta(days=365), TODAY) == "2025-07-03 00:30"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "1 分钟"),
        (119, "119 分钟"),
        (120, "2 小时"),
        (540, "9 小时"),
        (2879, "47 小时 59 分"),
        (2880, "2 天"),
        (3000, "2 天 2 小时"),
    ],
)
def test_durations_from_two_hours_on_are_no_minutes(minutes: int, said: str) -> None:
    assert ago(minutes * 60, "zh") == said
    assert "分钟" not in span(max(minutes, 120) * 60, "zh")


@pytest.mark.parametrize(
    ("minutes", "said"), [(90, "90 分钟"), (150, "2 小时 30 分"), (180, "3 小时")]
)
def test_lead_times_too(minutes: int, said: str) -> None:
    assert lead(minutes, "zh") == said


def test_the_release_of_another_day_is_said_with_its_date() -> None:
    """The case of the issue: 20:16 发布, two days ago."""
    two_days_on = LocalDay(BEIJING, s.START + timedelta(days=2))
    assert "07-03 03:00 发布" in sent_line(s.ALERT, "", "zh", two_days_on)
    assert "07-03" not in sent_line(s.ALERT, "", "zh", LocalDay(BEIJING, s.START))


def test_reminders_of_a_long_silence_say_days() -> None:
    reminder = call.remind_message(s.ALERT, 31, "zh", s.PLACE, sender_line=s.FROM, minutes=3000)
    assert "已 2 天 2 小时没有收到您的回应" in reminder.text
    chase = group_post.chase_message(s.ALERT, "zh", s.PLACE, [], total=3, minutes=3000)
    assert "2 天 2 小时了" in chase.text


def test_views_format_times_in_one_place() -> None:
    views = Path(clock.__code__.co_filename).parent
    strange = [
        f"{file.name}: {line.strip()}"
        for file in views.rglob("*.py")
        if file.name not in FILES_OF_THEIR_OWN
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"%[HMS]|strftime|seconds\S* // 60\b", line)
    ]
    assert not strange


DATED_ALWAYS = {
    "bot.views.warnings.stages.plan_line",
    "bot.views.warnings.card_replies.recorded_mark",
}
"""Of these every time bears its date, on whatever day it is read."""


def with_a_zone() -> set[str]:
    """Functions of views that show times, by their full names."""
    return {
        f"{module}.{node.name}"
        for module, file in MODULES.items()
        if module.startswith("bot.views.")
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef)
        and "zone" in {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)}
    }


def without_their_zone(file: Path, shown: set[str]) -> Iterator[str]:
    """Calls of them that leave the zone, and with it the day on which it is read, to chance."""
    names = {}
    for node in nodes(file):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot.views"):
            names |= {it.asname or it.name: f"{node.module}.{it.name}" for it in node.names}
    for node in nodes(file):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        head, _, rest = called.partition(".")
        full = ".".join(filter(None, (names.get(head, ""), rest)))
        given = [ast.unparse(arg) for arg in (*node.args, *(key.value for key in node.keywords))]
        if full in shown and not any("zone" in each or each.startswith("*") for each in given):
            yield full


def test_whoever_shows_a_time_says_on_which_day_it_is_read() -> None:
    """Without it a time of yesterday would bear no date."""
    shown = with_a_zone() - DATED_ALWAYS
    assert len(shown) > 100
    found = {
        f"{module}: {name}"
        for module, file in MODULES.items()
        if module.startswith("bot.") and not module.startswith(("bot.sandbox", "bot.console"))
        for name in without_their_zone(file, shown)
    }
    assert found == set()
