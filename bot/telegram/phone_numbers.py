"""Telephone numbers in what goes to Telegram: found, or taken out. Pure.

Every number of the roster is shown as ``contacts.phones.display`` writes it, or as it is stored; in
these forms it is found in any text, caption or button, whichever view made it. What people type in
other forms is not touched.
"""

from __future__ import annotations

import re

# 139 0000 0001, 0433-6230110 转 801, +8613900000001.
_MOBILE = re.compile(rb"(?<![0-9])(1[3-9][0-9]) [0-9]{4} ([0-9]{4})(?![0-9])")
_LANDLINE = re.compile(
    rb"(?<![0-9])(0[0-9]{2,3}-)[0-9]{3,4}([0-9]{4})(?![0-9])(?: \xe8\xbd\xac [0-9]{1,5})?"
)
_WHOLE = re.compile(rb"(?<![0-9+])(\+[1-9][0-9]{2,4})[0-9]{1,8}([0-9]{4})(?![0-9])")
_FORMS = (_MOBILE, _LANDLINE, _WHOLE)


def without_numbers(body: bytes) -> bytes:
    """The same request with the middle of every telephone number hidden."""
    for form in _FORMS:
        body = form.sub(rb"\1****\2", body)
    return body


def numbers_in(body: bytes) -> tuple[str, ...]:
    """The telephone numbers of a request, as they are shown in it."""
    return tuple(found.group().decode() for form in _FORMS for found in form.finditer(body))
