"""What each has to do in a response: ready words, by level. Pure.

They follow what the levels of the plans set going: Ⅳ watch and consult; Ⅲ the deputy in charge;
Ⅱ the commander, forces forward; Ⅰ everybody. Every Chinese string is one entry of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.model import Family, Hazard, Level

Lines = tuple[str, ...]


def response_instruction(hazard: Hazard, work: str, level: Level) -> Lines:
    """What this work (a value of ``alerts.instructions.Work``) has to do now."""
    if work == "command":
        return _COMMAND[level]
    if work == "office":
        return _OFFICE[level]
    return (_VILLAGE_FIRE if hazard.family is Family.FIRE else _VILLAGE)[level]


_COMMAND: Mapping[Level, Lines] = {
    Level.RED: (
        "立即到指挥部坐镇，成员单位集中办公",
        "启动本级相应响应，逐级叫应到村",
        "队伍、车辆、物资全部投入，先转移群众",
    ),
    Level.ORANGE: (
        "立即到指挥部，组织会商，明确重点乡村",
        "启动本级相应响应，派工作组下去",
        "队伍、车辆、物资前置到位",
    ),
    Level.YELLOW: ("到岗会商，部署重点部位巡查", "队伍待命，物资备齐"),
    Level.BLUE: ("安排值守，保持电话畅通", "关注会商结果，随时到岗"),
}
_OFFICE: Mapping[Level, Lines] = {
    Level.RED: (
        "全员到岗，按预案分组，一小时一报",
        "守住未回应名单，逐个打电话叫应",
        "滚动汇总险情、转移、队伍，报指挥长",
    ),
    Level.ORANGE: (
        "到指挥部集中，按预案履行本单位职责",
        "守住未回应名单，逐个打电话叫应",
        "滚动汇总险情、转移、队伍，报指挥长",
    ),
    Level.YELLOW: ("到岗值守，参加会商", "按预案检查本单位队伍、物资"),
    Level.BLUE: ("24 小时值守，通知到各级责任人", "有险情立即上报"),
}
_VILLAGE: Mapping[Level, Lines] = {
    Level.RED: (
        "全体到岗，接到预警立即转移",
        "危险区逐户有人盯，铜锣、喇叭、手电随身",
        "有险情先撤人再上报",
    ),
    Level.ORANGE: ("到岗到位，转移准备做好", "加密巡查，有险情先撤人再上报"),
    Level.YELLOW: ("加密巡查，电话保持畅通", "有险情先撤人再上报"),
    Level.BLUE: ("留意通知，电话保持畅通", "有情况立即上报"),
}
_VILLAGE_FIRE: Mapping[Level, Lines] = {
    Level.RED: (
        "全体到岗，封住进山路口，接到预警立即转移",
        "不组织群众扑火，先保人员安全",
        "发现烟火打 12119",
    ),
    Level.ORANGE: ("到岗到位，封住进山路口，做好转移准备", "发现烟火打 12119"),
    Level.YELLOW: ("加密巡护，劝返进山人员", "发现烟火打 12119"),
    Level.BLUE: ("留意通知，电话保持畅通", "发现烟火打 12119"),
}
