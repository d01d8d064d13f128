"""A provider's words that nobody foresaw say nothing that is not for everybody."""

from __future__ import annotations

import pytest

from bot.channels.unforeseen import LONGEST, in_words

TOKEN = "Zm9vYmFyMTIzNDU2Nzg5MA"


@pytest.mark.parametrize(
    ("code", "text", "read"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "触发流控", "isv.BUSINESS_LIMIT_CONTROL 触发流控"),
        (99992361, None, "99992361"),
        ("cause", "fog 13900000001", "cause fog …"),
        ("cause", "号码13900000001停机", "cause …"),
        ("to 13900000001", f"{TOKEN} https://a.cn/x?k=1 no", "to … … … no"),
        (TOKEN, "", "…"),
        ("a\0b", "1390\x0000\x0100001\n x", "ab … x"),
        ("", "\0", "?"),
    ],
)
def test_numbers_tokens_and_addresses_are_left_out(
    code: str | int, text: object, read: str
) -> None:
    assert in_words(code, text) == read


def test_the_beginning_of_a_number_is_none_of_its_words() -> None:
    """What is long is cut, and never within a number."""
    for length in range(380, 401):
        said = in_words("x", " " * length + "13900000001")
        assert "139" not in said and len(said) <= LONGEST
