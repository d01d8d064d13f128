"""Commands are found without importing the others."""

from __future__ import annotations

import argparse

import pytest

from bot.cli import WRITTEN_IN, command_of, parser


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
