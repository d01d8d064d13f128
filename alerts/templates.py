"""What to write in a warning, and how near the danger is: composed, not copied. Pure.

Every Chinese string here is one entry of the catalogue, so a text is joined line by line and
translated line by line. The stages follow the lead time ("1262": 12 hours before, name the key
areas; 6, take positions; 2, move the people).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from alerts.model import Family, Hazard, Level
from alerts.responses.words import response_texts


class Urgency(Enum):
    """How near the danger is: what the lead time and the colour leave to do."""

    MOVE = "move"  # people leave now
    PREPARE = "prepare"  # everybody at their place, the weakest leave first
    CHECK = "check"  # lists, shelters, routes
    WATCH = "watch"
    NOTICE = "notice"


def lead_choices() -> tuple[int, ...]:
    """Lead times offered, in minutes: "1262" and "631" (Fujian, Jiangxi)."""
    return (720, 360, 180, 120, 60)


def urgency(level: Level, lead_minutes: int | None) -> Urgency:
    """How near it is. Without a lead time a red warning means now."""
    if level is Level.YELLOW:
        return Urgency.WATCH
    if level is Level.BLUE:
        return Urgency.NOTICE
    if lead_minutes is None:
        return Urgency.MOVE if level is Level.RED else Urgency.PREPARE
    if lead_minutes <= 120:
        return Urgency.MOVE
    return Urgency.PREPARE if lead_minutes <= 360 else Urgency.CHECK


MOVING = frozenset({Urgency.MOVE, Urgency.PREPARE})
"""People move, or prepare to."""


def texts(hazard: Hazard, level: Level) -> tuple[str, ...]:
    """Texts to choose from, the usual one first; each of one to three lines."""
    if hazard.response:
        return response_texts(hazard, level)
    near = urgency(level, None)
    situation = (_GRAVE if level in (Level.RED, Level.ORANGE) else _MILD)[hazard]
    order = _orders(hazard)[near]
    more = _MORE_FIRE if hazard.family is Family.FIRE else _MORE
    if hazard in OF_WINTER:
        more = _MORE_COLD
    return (
        f"{situation}\n{order}",
        f"{situation}\n{order}\n{more[near]}",
        order,
    )


OF_WINTER = frozenset({Hazard.SNOWSTORM, Hazard.COLD_WAVE, Hazard.ROAD_ICING})
"""Hazards of cold and snow: nobody flees from water."""


def _orders(hazard: Hazard) -> Mapping[Urgency, str]:
    if hazard is Hazard.FOREST_FIRE:
        return _ORDER_FIRE
    if hazard is Hazard.FOREST_FIRE_DANGER:
        return _ORDER_DANGER
    if hazard is Hazard.WATERLOGGING:
        return _ORDER_CITY
    if hazard in _OF_WIND:
        return _ORDER_WIND
    if hazard in OF_WINTER:
        return _ORDER_COLD
    return _ORDER_MOVE


_OF_WIND = frozenset({Hazard.TYPHOON, Hazard.THUNDERSTORM_GALE, Hazard.GALE, Hazard.HAIL})


# -- the warning's text: the situation ---------------------------------------------------------

_GRAVE: Mapping[Hazard, str] = {
    Hazard.RAINSTORM: "预计将出现强降雨，山洪、滑坡、内涝风险很高。",
    Hazard.FLASH_FLOOD: "山洪可能随时暴发，沟口、河谷、低洼处十分危险。",
    Hazard.RIVER_FLOOD: "河水快速上涨，可能漫堤，沿河低洼处十分危险。",
    Hazard.GEOLOGICAL: "山体滑坡、崩塌、泥石流风险很高，可能随时发生。",
    Hazard.WATERLOGGING: "短时雨量大，低洼路段、地下空间可能迅速进水。",
    Hazard.TYPHOON: "受台风影响，将有大风和强降雨。",
    Hazard.THUNDERSTORM_GALE: "将出现雷雨大风，易倒树、断电、掀屋顶。",
    Hazard.RESERVOIR: "水库出现险情，下游沿岸十分危险。",
    Hazard.FOREST_FIRE_DANGER: "森林火险等级极高，遇火即燃，极易成灾。",
    Hazard.FOREST_FIRE: "发生森林火灾，火势可能快速蔓延。",
    Hazard.SNOWSTORM: "将出现强降雪，易封路、断电、压塌棚房。",
    Hazard.GALE: "将出现大风，易倒树、断电、掀屋顶。",
    Hazard.HAIL: "将出现冰雹，易伤人、毁棚、砸车。",
    Hazard.COLD_WAVE: "强冷空气来袭，气温剧降，易冻伤、断供。",
    Hazard.ROAD_ICING: "道路严重结冰，极易发生交通事故。",
}

_MILD: Mapping[Hazard, str] = {
    Hazard.RAINSTORM: "预计将有较强降雨，局地可能出现山洪、内涝。",
    Hazard.FLASH_FLOOD: "有发生山洪的可能，沟口、河谷须注意。",
    Hazard.RIVER_FLOOD: "河水上涨，沿河低洼处须注意。",
    Hazard.GEOLOGICAL: "有发生滑坡、崩塌、泥石流的可能。",
    Hazard.WATERLOGGING: "低洼路段、地下空间可能积水。",
    Hazard.TYPHOON: "台风可能带来风雨影响。",
    Hazard.THUNDERSTORM_GALE: "可能出现雷雨大风。",
    Hazard.RESERVOIR: "水库水位偏高，须加强巡查。",
    Hazard.FOREST_FIRE_DANGER: "森林火险等级较高，野外用火危险。",
    Hazard.FOREST_FIRE: "附近发现林火，正在处置。",
    Hazard.SNOWSTORM: "将有较强降雪，出行和棚房须注意。",
    Hazard.GALE: "可能出现大风。",
    Hazard.HAIL: "局地可能出现冰雹。",
    Hazard.COLD_WAVE: "气温明显下降，须防寒保暖。",
    Hazard.ROAD_ICING: "道路可能结冰，出行须注意。",
}

# -- the warning's text: the order -------------------------------------------------------------

_ORDER_MOVE: Mapping[Urgency, str] = {
    Urgency.MOVE: "立即转移危险区、低洼地群众，逐户叫到人，不漏一户。",
    Urgency.PREPARE: "危险区老弱病残幼先转移，其余群众做好转移准备。",
    Urgency.WATCH: "责任人到岗，加强巡查，有险情先撤人。",
    Urgency.NOTICE: "请留意天气和水情，保持电话畅通。",
}
_ORDER_CITY: Mapping[Urgency, str] = {
    Urgency.MOVE: "立即关停下穿通道、地下空间，转移低洼处人员。",
    Urgency.PREPARE: "排水力量到位，低洼处、地下空间人员准备撤离。",
    Urgency.WATCH: "巡查低洼路段、下穿通道，备好排水设备。",
    Urgency.NOTICE: "请留意积水路段，保持电话畅通。",
}
_ORDER_WIND: Mapping[Urgency, str] = {
    Urgency.MOVE: "立即停止户外作业，转移危房、工棚、大棚内人员。",
    Urgency.PREPARE: "停止高处和水上作业，加固设施，危房人员先转移。",
    Urgency.WATCH: "检查危房、广告牌、树木，提醒群众少外出。",
    Urgency.NOTICE: "请留意天气变化，保持电话畅通。",
}
_ORDER_COLD: Mapping[Urgency, str] = {
    Urgency.MOVE: "立即转移危房、大棚内人员，看护好老弱困难户，停止不必要出行。",
    Urgency.PREPARE: "看望老弱困难户，查危房、大棚，做好除雪防滑、保供保暖。",
    Urgency.WATCH: "巡查危房、大棚、坡道、桥面，提醒群众防寒防滑。",
    Urgency.NOTICE: "请留意天气变化，防寒防滑，保持电话畅通。",
}
_ORDER_DANGER: Mapping[Urgency, str] = {
    Urgency.MOVE: "严禁一切野外用火，封山守卡，全员上岗。",
    Urgency.PREPARE: "严禁野外用火，加密巡护，队伍靠前待命。",
    Urgency.WATCH: "管住野外用火，加强巡护瞭望。",
    Urgency.NOTICE: "进山不带火，发现烟火打 12119。",
}
_ORDER_FIRE: Mapping[Urgency, str] = {
    Urgency.MOVE: "立即转移受威胁群众，非专业人员不得扑火。",
    Urgency.PREPARE: "受威胁村屯准备转移，队伍集结，非专业人员不得扑火。",
    Urgency.WATCH: "封住进山路口，盯住火情，随时准备转移。",
    Urgency.NOTICE: "请勿进山，发现烟火打 12119。",
}

_MORE: Mapping[Urgency, str] = {
    Urgency.MOVE: "打电话、敲门、敲锣、喇叭一起用；未接通知不得返回。",
    Urgency.PREPARE: "夜间尤其危险，能早转的天黑前转完。",
    Urgency.WATCH: "重点看河道、沟口、陡坡、老旧房屋。",
    Urgency.NOTICE: "有情况立即上报。",
}
_MORE_COLD: Mapping[Urgency, str] = {
    Urgency.MOVE: "有人受困立即上报；取暖防煤气中毒。",
    Urgency.PREPARE: "取暖防煤气中毒；校车、客车该停就停。",
    Urgency.WATCH: "重点看独居老人、困难户。",
    Urgency.NOTICE: "有情况立即上报。",
}
_MORE_FIRE: Mapping[Urgency, str] = {
    Urgency.MOVE: "保证人员安全第一；火情报 12119。",
    Urgency.PREPARE: "检查装备、车辆、通信；火情报 12119。",
    Urgency.WATCH: "重点看林缘、地边、坟头。",
    Urgency.NOTICE: "有情况立即上报。",
}
