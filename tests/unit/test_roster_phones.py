"""The ways people write telephone numbers, and the one form in which they are stored."""

from __future__ import annotations

import pytest

from contacts.phones import PhoneProblem, display, masked, normalise
from data.errors import InvalidInput


@pytest.mark.parametrize(
    "written",
    [
        "13900000001",
        " 139 0000 0001 ",
        "139-0000-0001",
        "+8613900000001",
        "+86 139 0000 0001",
        "0086 13900000001",
        "8613900000001",
        "１３９０００００００１",
        "＋86 139 0000 0001",
        "'13900000001",
        "tel:13900000001",
        "\u202d13900000001\u202c",  # copied from a phone's address book
    ],
)
def test_a_mobile_number_has_one_form(written: str) -> None:
    assert normalise(written) == "+8613900000001"


@pytest.mark.parametrize(
    ("written", "stored", "shown"),
    [
        ("0432-62345678", "+8643262345678", "0432-62345678"),
        ("(0431) 88901234", "+8643188901234", "0431-88901234"),
        ("010 62345678", "+861062345678", "010-62345678"),
        ("0434-3223344", "+864343223344", "0434-3223344"),
        ("+7 912 345 6789", "+79123456789", "+79123456789"),
        ("00850 2 123 4567", "+85021234567", "+85021234567"),
    ],
)
def test_landlines_and_foreign_numbers(written: str, stored: str, shown: str) -> None:
    assert normalise(written) == stored
    assert display(stored) == shown
    assert normalise(stored) == stored


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", PhoneProblem.EMPTY),
        ("1.39E+10", PhoneProblem.SCIENTIFIC),
        ("1.39e10", PhoneProblem.SCIENTIFIC),
        ("一三九", PhoneProblem.NOT_DIGITS),
        ("139x0000001", PhoneProblem.NOT_DIGITS),
        ("=13900000001", PhoneProblem.NOT_DIGITS),
        ("1390000000", PhoneProblem.WRONG_LENGTH),
        ("139000000011", PhoneProblem.WRONG_LENGTH),
        ("88901234", PhoneProblem.WRONG_LENGTH),  # a landline without its area code
        ("+1234567890123456", PhoneProblem.WRONG_LENGTH),
        ("12900000000", PhoneProblem.NOT_CHINESE),
        ("+86 12345678901", PhoneProblem.NOT_CHINESE),
    ],
)
def test_nonsense_is_refused_with_a_reason(written: str, problem: PhoneProblem) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalise(written)
    assert refused.value.code is problem


def test_a_hidden_number_shows_its_ends_only() -> None:
    assert masked("+8613900000001") == "139****0001"
    assert "2345" not in masked("+8643262345678")
    assert masked("+861234") == "****34"


def test_a_number_as_people_write_it() -> None:
    assert display("+8613900000001") == "139 0000 0001"
