"""What can be wrong with a template or a handbook card, and in which line it stands. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Any

from data.errors import InvalidInput


class TemplateFault(Enum):
    """Why a file is refused. The facts name ``file``, ``line`` (from 1) and what else is known."""

    NOT_TEXT = "not_text"  # not UTF-8
    TOO_LARGE = "too_large"
    BAD_NAME = "bad_name"  # a button could not name it
    OTHER_NAME = "other_name"  # a hazard's texts in a file called otherwise
    OTHER_FRAME = "other_frame"  # a card's frame in a file called otherwise
    NO_HEAD = "no_head"  # a card begins with its fields between two lines ---
    NOT_A_FIELD = "not_a_field"  # a line of the head that is no "name: value"
    UNKNOWN_FIELD = "unknown_field"
    FIELD_TWICE = "field_twice"
    MISSING_FIELD = "missing_field"
    UNKNOWN_HAZARD = "unknown_hazard"
    UNKNOWN_WORK = "unknown_work"
    UNKNOWN_PHASE = "unknown_phase"
    UNKNOWN_LEVEL = "unknown_level"
    UNKNOWN_TIER = "unknown_tier"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_LIST = "unknown_list"
    UNKNOWN_EVIDENCE = "unknown_evidence"
    NO_TEXT = "no_text"
    TEXT_TOO_LONG = "text_too_long"
    NO_STEPS = "no_steps"  # a card is followed step by step
    STEPS_DIFFER = "steps_differ"  # between a card's Chinese and its English
    NUMBERS_DIFFER = "numbers_differ"  # a telephone number in one of the two only
    UNKNOWN_PART = "unknown_part"  # a card has one line === English, and no other of that kind
    NOT_SHOWN = "not_shown"  # a picture, a table: a chat shows none
    NOT_TOML = "not_toml"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_DEPARTMENT = "unknown_department"
    OWED_TWICE = "owed_twice"  # the same of one department at one level
    NO_KIND = "no_kind"  # neither .toml nor .md
    TOO_MANY = "too_many"
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"  # {…} that a card says nothing of
    MISSING_PLACEHOLDER = "missing_placeholder"  # no card may lack it
    UNKNOWN_SURFACE = "unknown_surface"
    MINUTES = "minutes"  # none, negative, or more than a month


class BadTemplate(InvalidInput):
    """A template or card that is refused; nothing of it is used."""

    def __init__(self, fault: TemplateFault, file: str, line: int, **facts: Any) -> None:
        super().__init__(fault, file=file, line=line, **facts)
        self.fault, self.file, self.line = fault, file, line
