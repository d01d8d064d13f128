"""The telephone numbers in one cell: several, with notes and extensions, the mobile first. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from contacts.phones import CHINA, is_mobile, normalise
from data.errors import InvalidInput

_NUMBER = re.compile(
    r"(?<![\d+])(?:"
    r"(?P<mobile>(?:(?:\+|00)?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4})"
    r"|\(?(?P<area>0(?:10|2\d|[3-9]\d{2}))\)?[-\s]*(?P<landline>[2-9]\d{2,3}[-\s]?\d{4})"
    r"|(?P<local>[2-9]\d{6,7})"
    r")(?!\d)"
    r"(?:\s*(?:转|-|—|ext\.?|#|x)\s*(?P<extension>\d{1,5})(?!\d))?",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\([^()\d]*\)")
# The short number of a company's own network is dialled by nobody else.
_SHORT = re.compile(
    r"(?:短号|集群网?号?|虚拟网|小号)\s*:?\s*\d{3,6}(?!\d)|(?<=\d)\s*\(\d{3,6}\)(?!\s*\d)"
)
_AREA_CODES: Mapping[str, str] = {
    "2201": "0431",
    "2202": "0432",
    "2203": "0434",
    "2204": "0437",
    "2205": "0435",
    "2206": "0439",
    "2207": "0438",
    "2208": "0436",
    "2224": "0433",
}
"""By the first digits of a division's code."""


_ONE_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


def phones_in(text: str, division_code: str = "") -> tuple[str, ...]:
    """The numbers of a cell in their stored form, mobile ones first, each once.

    Empty when a digit of it belongs to no number that can be understood: then the cell is shown to
    whoever wrote it. A number without an area code has that of the one before it, or of the place.

    :param division_code: where the person is; empty when that is not known.
    """
    if _ONE_MOBILE.fullmatch(text):
        return (CHINA + text,)
    written = _NOTE.sub(" ", unicodedata.normalize("NFKC", text).strip().lstrip("'"))
    written = _SHORT.sub(" ", written)
    found: list[str] = []
    area = _AREA_CODES.get(division_code[:4], "")
    end = 0
    for match in _NUMBER.finditer(written):
        if any(letter.isdigit() for letter in written[end : match.start()]):
            return ()
        end = match.end()
        area = match["area"] or area
        if match["local"] and not area:
            return ()
        number = match["mobile"] or area + (match["landline"] or match["local"] or "")
        if match["extension"]:
            number += "转" + match["extension"]
        try:
            found.append(normalise(number))
        except InvalidInput:
            return ()
    if any(letter.isdigit() for letter in written[end:]):
        return ()
    return tuple(sorted(dict.fromkeys(found), key=lambda phone: not is_mobile(phone)))
