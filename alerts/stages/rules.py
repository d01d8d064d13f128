"""The stages that each hazard can be planned in: when, whom for, what is to be done. Pure.

"131631" (Inner Mongolia): a week, three days and a day before it begins, then six, three hours and
one. Others count "1262" (Fujian: twelve hours name the areas, six take positions, two move people)
or "631" (Jiangxi); which stages there are is configuration. Whom each is for is ours: first those
who plan, then the townships, then the villages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.model import WARNED_OF, Family, Hazard, Level
from contacts.divisions.codes import Tier
from contacts.people import Role
from contacts.targeting import Circle

HOUR, DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class StageRule:
    """One stage: ``lead`` minutes before the danger is expected.

    It is for these ``roles`` (none named: all that the hazard calls) of these ``tiers``, and for
    everybody whom a stage before it was for. ``actions``: what is to be done, a line of the
    warning. ``at_most``: the highest level it goes out with; ``None``: the plan's own.
    """

    lead: int
    tiers: frozenset[Tier]
    actions: str
    roles: frozenset[Role] = frozenset()
    at_most: Level | None = None


StageRules = Mapping[Hazard, tuple[StageRule, ...]]
"""The stages of each hazard, the earliest first; none: it cannot be planned."""


def circles(
    rules: tuple[StageRule, ...], stage: int, called: frozenset[Role]
) -> tuple[Circle, ...]:
    """Whom the warning is for at a stage: those of this stage and of all before it.

    :param stage: minutes of lead.
    :param called: the roles that the hazard calls.
    """
    return tuple(
        Circle(tier, (rule.roles or called) & called)
        for rule in rules
        if rule.lead >= stage
        for tier in Tier
        if tier in rule.tiers and (rule.roles or called) & called
    )


def rule_of(rules: tuple[StageRule, ...], lead: int) -> StageRule | None:
    """The stage with this lead, if it is still configured."""
    return next((rule for rule in rules if rule.lead == lead), None)


_PLANNING = frozenset({Tier.PROVINCE, Tier.CITY, Tier.COUNTY})
_TOWNSHIPS = _PLANNING | {Tier.TOWNSHIP}
_ALL = frozenset(Tier)

FLOOD_STAGES = (
    StageRule(7 * DAY, _PLANNING, "会商研判，排查隐患，检查预案、队伍、物资。", at_most=Level.BLUE),
    StageRule(3 * DAY, _TOWNSHIPS, "核对责任人和转移名单，检查安置点、路线。", at_most=Level.BLUE),
    StageRule(DAY, _ALL, "责任人到岗，逐户告知，做好转移准备。", at_most=Level.YELLOW),
    StageRule(6 * HOUR, _ALL, "队伍、物资预置到位，老弱病残幼先转移。"),
    StageRule(3 * HOUR, _ALL, "危险区群众转移，停课停工停业，封控危险路桥。"),
    StageRule(1 * HOUR, _ALL, "立即转移危险区所有群众，不漏一户，未接通知不得返回。"),
)
FIRE_STAGES = (
    StageRule(3 * DAY, _TOWNSHIPS, "检查队伍、装备、卡点，核对重点人员。", at_most=Level.YELLOW),
    StageRule(DAY, _ALL, "封山守卡，加密巡护，宣传禁火。"),
    StageRule(6 * HOUR, _ALL, "全员上岗，队伍靠前驻防，严禁一切野外用火。"),
)

DEFAULT_STAGES: StageRules = {
    hazard: FIRE_STAGES if hazard.family is Family.FIRE else FLOOD_STAGES
    for hazard in WARNED_OF
    if hazard is not Hazard.FOREST_FIRE  # it is there, or it is not: nobody expects one
}
"""Ours."""
