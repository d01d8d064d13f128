"""The buttons of warnings planned in stages. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from bot.actions.codec import Action, Id, Number, Text, action


class PlanStep(Enum):
    """What a button does while a plan is being made; ``PlanTap.value`` says with what."""

    START = "start"  # from the release wizard
    ONSET = "onset"  # value: hours from now; empty: asked anew
    SELF = "self"  # value: "1": by itself, "0": asked before each stage
    CONFIRM = "confirm"  # value: the nonce of the preview
    STOP = "stop"


@action("yp")
class PlanTap(Action):
    """A step of making a plan."""

    step: PlanStep
    value: Annotated[str, Text("[a-z0-9]*", longest=16)] = ""


class StageAct(Enum):
    """What a button does with a plan."""

    SHOW = "show"
    LOOK = "look"  # with a lead: what this stage would say, and whom it would call
    RELEASE = "release"  # with a lead: this stage goes out
    SKIP = "skip"  # with a lead: it does not
    ALL = "all"  # the whole warning, now: asks
    ALL_NOW = "all_now"
    MOVE = "move"  # asks when it is expected
    SELF = "self"
    ASK = "ask"
    CANCEL = "cancel"  # asks
    CANCEL_NOW = "cancel_now"


@action("ys")
class StageTap(Action):
    """Something is done with a plan, or one of its stages (minutes of ``lead``)."""

    plan_id: Id
    act: StageAct
    lead: Annotated[int, Number(0, 99_999)] | None = None
