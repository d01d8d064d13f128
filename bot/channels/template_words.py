"""The words that go into a registered template of a carrier or a cloud. Pure.

A template's places are filled by name (Aliyun) or in order (Tencent Cloud). Nowhere may one be
empty, hold a signature's marks, or be longer than 35 characters in an SMS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.views.warnings.spoken import LONGEST_VARIABLE, TEXT_VARIABLES

LONGEST_SPOKEN = 105
"""Characters of what is to be done, for a voice: as many as the SMS' three places hold (ours)."""

# 语音模板规范: a template for the voice may not hold these. What a variable may hold is not said.
_UNSPEAKABLE = re.compile(r"[#/:%¥【】\[\]{}<>-]+")
_SIGNATURE_MARKS = str.maketrans({"【": "“", "】": "”", "[": "(", "]": ")"})

_EMPTY = {"sender": "上级指挥部"}
_NOTHING = "请立即回应"  # this is always true


def variables(given: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """What stands in the places of a template, by the names it has there.

    :param given: of a call, in pieces of at most 35 characters. ``text`` is as much of them as one
        place holds: there is nearly always but one for what is to be done.
    """
    whole = _whole(given)
    fits = len(whole) <= LONGEST_VARIABLE
    known = {"text": whole if fits else whole[: LONGEST_VARIABLE - 1] + "…", **given}
    return {name: _filled(name, known.get(name, "")) for name in names}


def spoken_variables(given: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The same for a voice: ``text`` is all of it, without what a voice cannot say."""
    known = {**given, "text": _whole(given)[:LONGEST_SPOKEN]}
    said = {name: _UNSPEAKABLE.sub("，", known.get(name, "")).strip("， ") for name in names}
    return {name: _filled(name, text) for name, text in said.items()}


def _whole(given: Mapping[str, str]) -> str:
    return "".join(given.get(f"text{place}", "") for place in range(1, TEXT_VARIABLES + 1))


def _filled(name: str, text: str) -> str:
    return text.translate(_SIGNATURE_MARKS).strip() or _EMPTY.get(name, _NOTHING)
