"""Telephone numbers: one stored form for what people write. Pure.

Stored is the international form, ``+8613900000001``. Accepted are Chinese mobile numbers (11 digits
from 13 to 19), landlines with their area code, both with or without +86 or 0086, and any foreign
number that bears its country code; with spaces, dashes, dots, brackets and full-width digits. A
landline may have an extension (0433-3230001转801), stored as ``+864333230001x801``.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from data.errors import InvalidInput

CHINA = "+86"
MAX_STORED = 20
"""Characters of a stored number."""

_FORMER = "~"


class PhoneProblem(Enum):
    """Why a text is no telephone number."""

    EMPTY = "empty"
    SCIENTIFIC = "scientific"  # 1.39E+10: Excel dropped the digits; nothing to guess
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    NOT_CHINESE = "not_chinese"  # bare or +86, but neither a mobile number nor area code + number


_SEPARATORS = re.compile(r"[\s\-.()\u00ad\u2010-\u2015\u200b-\u200f\u202a-\u202e\ufeff]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d*)?E[+\-]?\d+", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_STORED_MOBILE = re.compile(r"\+861[3-9]\d{9}", re.ASCII)
_EXTENSION = re.compile(r"\s*(?:转|分机|ext\.?|x|#)\s*(\d{1,5})$", re.IGNORECASE)
# Area codes are 10, 2x (two digits) or three digits from 3 to 9; numbers have seven or eight.
_LANDLINE = re.compile(r"(10|2\d)[2-9]\d{7}|[3-9]\d{2}[2-9]\d{6,7}")


LONGEST_NUMBER = 100
"""Characters that a number may be written with (ours)."""


def normalise(text: str) -> str:
    """The international form of ``text``.

    :raises InvalidInput: with a ``PhoneProblem``; ``text`` is among the facts.
    """
    if _STORED_MOBILE.fullmatch(text):  # nearly all, and a file holds tens of thousands
        return text
    if len(text) > LONGEST_NUMBER:
        raise InvalidInput(PhoneProblem.NOT_DIGITS, text=text[:40])
    return _normalised(text)


def _normalised(text: str) -> str:
    written = unicodedata.normalize("NFKC", text).strip().lstrip("'")
    if not written:
        raise InvalidInput(PhoneProblem.EMPTY, text=text)
    if _SCIENTIFIC.fullmatch(written):
        raise InvalidInput(PhoneProblem.SCIENTIFIC, text=text)
    extension = _EXTENSION.search(written)
    if extension is not None:
        line = normalise(written[: extension.start()])
        if is_mobile(line):
            raise InvalidInput(PhoneProblem.NOT_DIGITS, text=text[:40])
        return f"{line}x{extension[1]}"
    number = _SEPARATORS.sub("", written.removeprefix("tel:"))
    if number.startswith("00"):
        number = "+" + number[2:]
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidInput(PhoneProblem.NOT_DIGITS, text=text[:40])
    if number.startswith("+") and not number.startswith(CHINA):
        # E.164: at most 15 digits; the shortest numbers with a country code have 7.
        if not 7 <= len(digits) <= 15 or digits[0] == "0":
            raise InvalidInput(PhoneProblem.WRONG_LENGTH, text=text[:40], digits=len(digits))
        return number
    coded = number.startswith(CHINA) or (len(digits) == 13 and digits.startswith("86"))
    return CHINA + _chinese(digits[2:] if coded else digits, text, coded)


def display(phone: str) -> str:
    """A stored number as people here write it: ``139 0000 0001``; foreign ones stay as they are."""
    phone = phone.partition(_FORMER)[0]
    line, _, extension = phone.partition("x")
    if extension:
        return f"{display(line)} 转 {extension}"
    national = phone.removeprefix(CHINA)
    if phone.startswith(CHINA) and _MOBILE.fullmatch(national):
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    if phone.startswith(CHINA):
        area = 2 if national.startswith(("10", "2")) else 3
        return f"0{national[:area]}-{national[area:]}"
    return phone


def is_mobile(phone: str) -> bool:
    """Whether a stored number is a Chinese mobile one."""
    return _STORED_MOBILE.fullmatch(phone) is not None


def is_former(phone: str) -> bool:
    """Whether a stored number is marked as somebody's no more (``former``)."""
    return _FORMER in phone


def former(phone: str, person_id: int) -> str:
    """What a stored number becomes for somebody whose successor bears it: nobody else's, ever."""
    mark = f"{_FORMER}{person_id}"
    return phone[: MAX_STORED - len(mark)] + mark


def masked(phone: str) -> str:
    """A stored number with its middle hidden, for those who may not read it: ``139****0001``."""
    shown = phone.partition(_FORMER)[0].removeprefix(CHINA)
    head = 3 if phone.startswith(CHINA) else 4
    return f"{shown[:head]}****{shown[-4:]}" if len(shown) > head + 4 else f"****{shown[-2:]}"


def _chinese(national: str, text: str, coded: bool) -> str:
    if _MOBILE.fullmatch(national):
        return national
    landline = national.removeprefix("0")
    # Spreadsheets drop the zero of an area code; but 10 digits that begin with 1 are more likely a
    # mobile number with one missing than Beijing without its zero.
    sure = coded or landline != national or not landline.startswith("1")
    if sure and _LANDLINE.fullmatch(landline):
        return landline
    if len(national) != 11:
        raise InvalidInput(PhoneProblem.WRONG_LENGTH, text=text[:40], digits=len(national))
    raise InvalidInput(PhoneProblem.NOT_CHINESE, text=text[:40])
