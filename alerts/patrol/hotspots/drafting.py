"""The warning that a hotspot suggests to the commander of its county. Pure."""

from __future__ import annotations

from alerts.model import Level
from alerts.patrol.hotspots.model import Task, Verdict
from contacts.access import may_release
from contacts.divisions.codes import CODE_LENGTH, Tier
from contacts.people import Person


def may_draft(person: Person, task: Task) -> bool:
    """Whether the drafted warning is of use: to this person, and while it may be a fire."""
    return may_be_fire(task) and may_release(person, [task.county_code]).allowed


def may_be_fire(task: Task) -> bool:
    """Whether nobody has found that it is something else."""
    return task.verdict in (None, Verdict.FOREST_FIRE, Verdict.GRASSLAND_FIRE)


def target_of(task: Task) -> str:
    """The division that the warning is for: the township of the village nearest to the fire.

    The wind carries a fire to the next village; the county has many that it does not concern. Where
    no village is known to be near, the county: nobody may be left out by a guess.
    """
    if task.village_code is None:
        return task.county_code
    return task.village_code[: Tier.TOWNSHIP.digits].ljust(CODE_LENGTH, "0")


def warning_level(task: Task) -> Level:
    """Red for a forest fire somebody has seen; orange while it is not known (ours)."""
    return Level.RED if task.verdict is Verdict.FOREST_FIRE else Level.ORANGE
