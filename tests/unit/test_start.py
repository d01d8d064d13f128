"""A killed bot is back soon: what the first message does not need is not imported before it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.name_index import NameIndex
from contacts.divisions.store import shipped_divisions

NOT_BEFORE_THE_FIRST_MESSAGE = (
    "PIL",
    "alembic",
    "click",
    "cryptography",
    "openpyxl",
    "prometheus_client",
    "reportlab",
    "requests",
    "segno",
    "shapely",
)


@pytest.mark.slow
def test_a_bot_starts_without_what_it_needs_later() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, bot.cli; bot.cli.parser()\n"
            "from bot.telegram import library; library.load(); import bot.app, bot.console.board\n"
            f"print(*(name for name in {NOT_BEFORE_THE_FIRST_MESSAGE} if name in sys.modules))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def test_names_are_indexed_at_the_first_search(monkeypatch: pytest.MonkeyPatch) -> None:
    indexed = []
    monkeypatch.setattr(NameIndex, "add", lambda *_: indexed.append(1))
    gazetteer = Gazetteer(shipped_divisions())
    assert gazetteer.path("222403000000") == "延边州 敦化市"
    assert gazetteer.parent("222403000000") == gazetteer.get("222400000000")
    assert not indexed
    gazetteer.find("敦化")
    assert indexed
