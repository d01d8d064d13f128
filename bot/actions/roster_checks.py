"""The buttons of a roster check: the answers, and beginning one. Pure."""

from __future__ import annotations

from typing import Annotated

from alerts.roster_checks.model import StillThere
from bot.actions.codec import Action, DivisionCode, Id, Number, action


@action("rk")
class RosterAnswer(Action):
    """Still me, not these places any more, or not me, to the check ``id``."""

    id: Id
    answer: StillThere


PostNumber = Annotated[int, Number(1, 9_999)]
"""Which of a person's posts, counted from 1."""


@action("rn")
class RosterPostGone(Action):
    """Of several posts this one is not theirs any more; ``division`` is where it is.

    A newer roster may have put another post in its place.
    """

    id: Id
    number: PostNumber
    division: DivisionCode


@action("rp")
class RosterCheckPreview(Action):
    """📋 全员核对, under /coverage: how many it would ask, or how the one that runs stands."""

    code: DivisionCode


@action("rb")
class RosterCheckStart(Action):
    """✅ 开始核对, under the preview."""

    code: DivisionCode
