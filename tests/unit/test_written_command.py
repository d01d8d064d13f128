"""Commands as people write them."""

from __future__ import annotations

import pytest

from bot.handlers.written_command import words_of, written_command


@pytest.mark.parametrize(
    "text",
    [
        "/warn 红 暴雨",
        "／warn 红 暴雨",
        "/warn红 暴雨",
        "/Warn@jiaoying_bot\n红 暴雨",
        " ／ｗａｒｎ　红 暴雨",
    ],
)
def test_a_command_is_found_however_it_is_typed(text: str) -> None:
    assert written_command(text) == ("warn", "红 暴雨")


@pytest.mark.parametrize("text", ["warn 红", "请发 /warn", "/", "／红", "/warn2 红"])
def test_what_is_no_command_is_none(text: str) -> None:
    written = written_command(text)
    assert written is None or written[0] != "warn"


@pytest.mark.parametrize("line", ["敦化市 红 明天", "敦化市，紅、明天", "　敦化市,红;明天 "])
def test_words_stand_between_blanks_or_commas(line: str) -> None:
    assert words_of(line) == ["敦化市", "红", "明天"]
