"""Callback data back to actions. Pure.

Importing it declares every action there is: a process that only sends does without most of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.actions import (
    accounts,
    areas,
    changes,
    codec,
    cut_off,
    daily,
    distress,
    drafts,
    duty,
    evacuation,
    field_reports,
    handbook,
    handbook_cards,
    hotspots,
    households,
    mechanism,
    named_places,
    proxy_reports,
    red_days,
    release,
    responses,
    roll_calls,
    roster_checks,
    shifts,
    sky_pictures,
    stages,
    tables,
    tasks,
    templates,
    test_calls,
    typed_words,
    warnings,
    water,
)
from bot.actions.codec import LONGEST, Action

TOPICS = (
    accounts,
    areas,
    changes,
    cut_off,
    daily,
    distress,
    drafts,
    duty,
    evacuation,
    field_reports,
    handbook,
    handbook_cards,
    hotspots,
    households,
    mechanism,
    named_places,
    proxy_reports,
    red_days,
    release,
    responses,
    roll_calls,
    roster_checks,
    shifts,
    sky_pictures,
    stages,
    tables,
    tasks,
    templates,
    test_calls,
    typed_words,
    warnings,
    water,
)
"""Every file of actions."""


def parse(data: str) -> Action | None:
    """The action that ``data`` encodes; ``None`` when it is forged or of another version."""
    if len(data) > LONGEST or not data.isascii():
        return None
    prefix, _, rest = data.partition(":")
    form = codec.forms.get(prefix)
    return None if form is None else form.read(rest)


def actions() -> Mapping[str, type[Action]]:
    """Every action there is, by its prefix."""
    return {prefix: form.kind for prefix, form in codec.forms.items()}
