"""The shipped settings, read once in each process that runs tests, and what a bot makes of them.

Each story starts a bot of its own, with the shipped settings but for a few: the rules that they
mean and their fingerprints took a third of the time of its start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import cache
from typing import Any
from unittest.mock import patch

from bot import app
from bot.config import fingerprint
from bot.config.load import load
from bot.config.rules import AllRules, all_rules
from bot.config.settings import Settings

_digest = fingerprint.digest


@cache
def of_stories() -> Settings:
    """The shipped settings, but that nobody is expected to check in (stories run at any hour of any
    day), that the watch listens nowhere, and that no warning makes tasks unless a story enables a
    list of them."""
    shipped = load(None, {})
    return replace(
        shipped,
        patrol=replace(shipped.patrol, expected=False),
        watch=replace(shipped.watch, port=0),
        templates=replace(shipped.templates, shipped_lists=False),
    )


@cache
def _rules() -> AllRules:
    return all_rules(of_stories())


@cache
def _digest_of_stories(name: str) -> str:
    return _digest(getattr(of_stories(), name), name)


def _rules_of(settings: Settings) -> AllRules:
    """No rule is made of how Telegram is reached."""
    changed = {
        section.name
        for section in fields(settings)
        if getattr(settings, section.name) is not getattr(of_stories(), section.name)
    }
    return _rules() if changed <= {"telegram"} else all_rules(settings)


def _digest_of(section: Any, name: str) -> str:
    same = section is getattr(of_stories(), name)
    return _digest_of_stories(name) if same else _digest(section, name)


@contextmanager
def settings_known() -> Iterator[None]:
    """A bot that starts finds made what is made of the settings of stories."""
    with (
        patch.object(app, "all_rules", _rules_of),
        patch.object(fingerprint, "digest", _digest_of),
    ):
        yield
