"""Commands are found without importing the others."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from bot.cli import WRITTEN_IN, command_of, parser
from bot.console.import_kinds import IMPORT_KINDS, ImportKind, table_lines
from tests.every_case import hold_for_every

ROOT = Path(__file__).parent.parent.parent


def commands(of: argparse.ArgumentParser) -> set[str]:
    (verbs,) = (action for action in of._actions if isinstance(action.choices, dict))
    assert isinstance(verbs.choices, dict)
    return set(verbs.choices)


def test_each_command_is_where_it_is_said_to_be() -> None:
    for written in WRITTEN_IN.values():
        for command in written:
            assert commands(parser(command)) == set(written)
    every = {command for written in WRITTEN_IN.values() for command in written}
    assert commands(parser()) == commands(parser("no such command")) == every


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["check"], "check"),
        (["--config", "run", "check", "敦化市"], "check"),
        (["--config=run", "check"], "check"),
        (["--help"], None),
        ([], None),
    ],
)
def test_the_command_is_the_first_word(words: list[str], command: str | None) -> None:
    assert command_of(words) == command


def test_every_kind_of_import_is_there_and_described() -> None:
    written = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in written if line.startswith("| `")] == table_lines()

    importing = parser("import")

    def check(kind: ImportKind) -> None:
        assert callable(kind.imports())
        assert (ROOT / "docs" / f"{kind.page}.md").is_file()
        given = importing.parse_args(["import", kind.word, "a.csv"])
        for option in kind.takes:
            assert hasattr(given, option.removeprefix("--").replace("-", "_")), option

    hold_for_every(IMPORT_KINDS, check)
