"""The buttons of a roster check: the answers, and beginning one. Pure."""

from __future__ import annotations

from alerts.roster_checks.model import StillThere
from bot.actions.codec import Action, DivisionCode, Id, action


@action("rk")
class RosterAnswer(Action):
    """Still me, not these places any more, or not me, to the check ``id``."""

    id: Id
    answer: StillThere


@action("rp")
class RosterCheckPreview(Action):
    """📋 全员核对, under /coverage: how many it would ask, or how the one that runs stands."""

    code: DivisionCode


@action("rb")
class RosterCheckStart(Action):
    """✅ 开始核对, under the preview."""

    code: DivisionCode
