"""What each post has to do about a warning: at most three short lines, composed. Pure.

Evacuation has five points: who organises, who moves, when, where to, and that nobody returns
without permission. In a fire: 12119, and no untrained person fights it (DOMAIN). Every Chinese
string is one entry of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from alerts.loop.evacuation.return_words import return_instruction
from alerts.model import Family, Hazard, Level
from alerts.responses.words import response_instruction
from alerts.templates import OF_WINTER, Urgency, urgency
from contacts.people import COMMANDING, PATROLLING, Role

Lines = tuple[str, ...]


class Work(Enum):
    """The kinds of work a role does in a warning."""

    VILLAGE = "village"
    COMMAND = "command"
    OFFICE = "office"
    RANGER = "ranger"
    LOOKOUT = "lookout"
    CHECKPOINT = "checkpoint"


def instruction(
    hazard: Hazard, level: Level, role: Role | str | None, lead_minutes: int | None = None
) -> Lines:
    """What this post has to do now: at most three short lines."""
    work, near = work_of(role), urgency(level, lead_minutes)
    if hazard.response:
        return response_instruction(hazard, work.value, level)
    if hazard.homeward:
        return return_instruction(work.value)
    if work is Work.VILLAGE:
        return _village(hazard, near)
    if work is Work.COMMAND:
        return (_COMMAND_FIRE if hazard.family is Family.FIRE else _COMMAND)[near]
    if work is Work.OFFICE:
        return (_OFFICE_FIRE if hazard.family is Family.FIRE else _OFFICE)[near]
    if hazard is Hazard.FOREST_FIRE:
        return _PATROL_FIRE[work]
    if hazard is Hazard.FOREST_FIRE_DANGER:
        return _PATROL_DANGER[work]
    return _PATROL_FLOOD


def work_of(role: Role | str | None) -> Work:
    """The kind of work of a role; whoever is unknown gets the village's, which is everybody's."""
    try:
        known = Role(role) if role is not None else Role.VILLAGE_RESPONSIBLE
    except ValueError:
        return Work.VILLAGE
    if known in (Role.COMMANDER, Role.DIRECTOR, Role.DEPUTY_DIRECTOR):
        return Work.COMMAND
    if known in COMMANDING or known in (Role.DUTY_OFFICER, Role.STAFF, Role.DEPARTMENT):
        return Work.OFFICE
    return Work(known.value) if known in PATROLLING else Work.VILLAGE


def _village(hazard: Hazard, near: Urgency) -> Lines:
    if hazard is Hazard.FOREST_FIRE:
        return _VILLAGE_FIRE[near]
    if hazard is Hazard.FOREST_FIRE_DANGER:
        return _VILLAGE_DANGER[near]
    if near is Urgency.MOVE:
        return (_WHO_MOVES[hazard], _WHERE_TO[hazard], _RETURN)
    return (_VILLAGE_COLD if hazard in OF_WINTER else _VILLAGE)[near]


# -- those responsible for a village -----------------------------------------------------------

_WHO_MOVES: Mapping[Hazard, str] = {
    Hazard.RAINSTORM: "马上逐户叫醒危险区、低洼处群众，按名单清点",
    Hazard.FLASH_FLOOD: "马上逐户叫醒沟口、河谷、低洼处群众，按名单清点",
    Hazard.RIVER_FLOOD: "马上逐户叫醒沿河、滩地、低洼处群众，按名单清点",
    Hazard.GEOLOGICAL: "马上逐户叫醒坡脚、沟口、切坡建房户，按名单清点",
    Hazard.WATERLOGGING: "马上叫出地下室、低洼处的人，进水处别碰电",
    Hazard.TYPHOON: "马上转移危房、工棚、大棚里的人，按名单清点",
    Hazard.THUNDERSTORM_GALE: "马上叫停户外作业，转移危房、工棚里的人",
    Hazard.RESERVOIR: "马上逐户叫醒坝下、下游沿岸群众，按名单清点",
    Hazard.SNOWSTORM: "马上查危房、大棚、彩钢棚，把里面的人转出来",
    Hazard.GALE: "马上叫停户外、高处作业，转移危房、工棚里的人",
    Hazard.HAIL: "马上叫户外的人进屋，牲畜、车辆入棚",
    Hazard.COLD_WAVE: "马上逐户看望独居老人、困难户，问清取暖",
    Hazard.ROAD_ICING: "马上在坡道、桥面、急弯设提示，劝阻不必要出行",
}
_WHERE_TO: Mapping[Hazard, str] = {
    Hazard.RAINSTORM: "有人带队去安置点，不走河道、漫水桥，老弱有专人",
    Hazard.FLASH_FLOOD: "往两侧高处走，不顺沟走、不涉水，老弱有专人",
    Hazard.RIVER_FLOOD: "有人带队去高处安置点，不过漫水桥，老弱有专人",
    Hazard.GEOLOGICAL: "往滑坡两侧走，不顺坡走、不留人看家，老弱有专人",
    Hazard.WATERLOGGING: "守住下穿通道和积水路口，不让人车涉水",
    Hazard.TYPHOON: "去坚固房屋，远离广告牌、大树、电线，老弱有专人",
    Hazard.THUNDERSTORM_GALE: "进坚固房屋，远离广告牌、大树、电线",
    Hazard.RESERVOIR: "有人带队去高处安置点，不走下游河道，老弱有专人",
    Hazard.SNOWSTORM: "去坚固房屋，及时除屋顶、棚顶积雪，老弱有专人",
    Hazard.GALE: "进坚固房屋，远离广告牌、大树、电线",
    Hazard.HAIL: "进坚固房屋，远离玻璃窗、大树、简易棚",
    Hazard.COLD_WAVE: "缺取暖的接到安置点；防煤气中毒，防火",
    Hazard.ROAD_ICING: "撒盐铲冰，校车、客车停运或绕行",
}
_RETURN = "未接通知谁也不得返回；转完报户数、人数"

_VILLAGE: Mapping[Urgency, Lines] = {
    Urgency.PREPARE: (
        "危险区老弱病残幼现在先转移",
        "逐户对清：谁组织、转谁、何时转、转到哪",
        "铜锣、口哨、喇叭、手电、车辆备好，人不离岗",
    ),
    Urgency.CHECK: (
        "核对危险区名单，定好每户由谁来叫",
        "查看安置点、转移路线和喇叭、铜锣",
        "24 小时有人值守，电话保持畅通",
    ),
    Urgency.WATCH: (
        "巡查河道、沟口、陡坡、老旧房屋，有险情先撤人再上报",
        "告诉危险区每户：随时准备转移",
    ),
    Urgency.NOTICE: ("留意天气和水情，电话保持畅通", "有情况立即上报"),
}

_VILLAGE_COLD: Mapping[Urgency, Lines] = {
    Urgency.PREPARE: (
        "逐户看望独居老人、困难户，缺取暖的先接走",
        "查危房、大棚、彩钢棚，停用有险的",
        "铲雪、防滑、发电、车辆备好，人不离岗",
    ),
    Urgency.CHECK: (
        "核对独居老人、困难户、危房名单，每户定好由谁来看",
        "备好融雪剂、铁锹、取暖和安置点",
        "24 小时有人值守，电话保持畅通",
    ),
    Urgency.WATCH: ("巡查危房、大棚、坡道、桥面", "提醒防煤气中毒，少出行"),
    Urgency.NOTICE: ("留意天气，提醒防寒防滑", "有情况立即上报"),
}

_VILLAGE_DANGER: Mapping[Urgency, Lines] = {
    Urgency.MOVE: (
        "全村禁火：不烧荒、不烧纸、进山不带火",
        "路口有人守，盯住坟头、地边和重点人员",
        "发现烟火打 12119，不组织群众上山扑火",
    ),
    Urgency.PREPARE: (
        "喇叭逐屯宣传禁火，看住坟头、地边",
        "守好进山路口，收缴火种",
        "发现烟火打 12119，不组织群众上山扑火",
    ),
    Urgency.CHECK: (
        "核对巡护员、卡点排班和重点人员名单",
        "检查喇叭、电话、车辆",
        "发现烟火打 12119",
    ),
    Urgency.WATCH: ("宣传禁火，劝阻烧荒、烧纸", "发现烟火打 12119"),
    Urgency.NOTICE: ("提醒村民进山不带火", "发现烟火打 12119"),
}
_VILLAGE_FIRE: Mapping[Urgency, Lines] = {
    Urgency.MOVE: (
        "马上转移下风向和林缘住户，按名单清点，老弱有专人",
        "走远离火线的路去安置点；不组织群众扑火，火情报 12119",
        "未接通知谁也不得返回；转完报户数、人数",
    ),
    Urgency.PREPARE: (
        "下风向、林缘的老弱病残幼现在先转移",
        "逐户对清：谁组织、转谁、何时转、转到哪",
        "不组织群众扑火；火情报 12119",
    ),
    Urgency.CHECK: (
        "核对林缘住户名单、安置点和转移路线",
        "清点进山人员，叫他们下山",
        "不组织群众扑火；火情报 12119",
    ),
    Urgency.WATCH: ("清点进山人员，叫他们下山", "不组织群众扑火；火情报 12119"),
    Urgency.NOTICE: ("告诉村民不要进山", "火情报 12119"),
}

# -- commanders and offices --------------------------------------------------------------------

_COMMAND: Mapping[Urgency, Lines] = {
    Urgency.MOVE: (
        "到岗指挥，盯住未回应的村，逐级叫应",
        "定死五件事：谁组织、转谁、何时转、转到哪、不许擅自返回",
        "队伍、车辆、物资立即前出，封控危险路桥",
    ),
    Urgency.PREPARE: (
        "到岗会商，明确重点乡村和转移对象",
        "队伍、车辆、物资预置到位",
        "老弱病残幼和高风险户先转移",
    ),
    Urgency.CHECK: (
        "会商研判，点名到重点乡村",
        "检查值守、安置点、队伍、物资",
        "备好停课、停工、停业、停运、封路方案",
    ),
    Urgency.WATCH: ("安排值守，调度重点乡村巡查", "队伍待命"),
    Urgency.NOTICE: ("安排值守，关注雨情水情",),
}
_COMMAND_FIRE: Mapping[Urgency, Lines] = {
    Urgency.MOVE: (
        "到岗指挥，盯住未回应的村和巡护员",
        "先转移受威胁群众，再组织专业队伍",
        "严禁非专业人员扑火，保证通信和撤离路线",
    ),
    Urgency.PREPARE: (
        "到岗会商，队伍靠前驻防",
        "封山守卡，管住火源",
        "明确受威胁村屯和转移路线",
    ),
    Urgency.CHECK: ("会商研判，点名到重点林区", "检查队伍、装备、通信、卡点"),
    Urgency.WATCH: ("调度巡护、瞭望、卡点到岗", "队伍待命"),
    Urgency.NOTICE: ("安排值守，关注火险变化",),
}
_OFFICE: Mapping[Urgency, Lines] = {
    Urgency.MOVE: (
        "守住未回应名单，逐个打电话叫应",
        "汇总转移户数、人数，报指挥员",
        "核实险情，协调支援",
    ),
    Urgency.PREPARE: (
        "守住未回应名单，逐个打电话叫应",
        "查队伍、物资、安置点是否到位",
        "滚动汇总雨情、水情、险情",
    ),
    Urgency.CHECK: ("通知到每个乡镇，抽查村级值守", "滚动汇总雨情、水情、险情"),
    Urgency.WATCH: ("抽查值守，汇总险情", "有变化立即报指挥员"),
    Urgency.NOTICE: ("关注雨情水情，有变化立即报指挥员",),
}
_OFFICE_FIRE: Mapping[Urgency, Lines] = {
    Urgency.MOVE: (
        "守住未回应名单，逐个打电话叫应",
        "核实火点、火势、风向和人员，报指挥员",
        "协调专业队伍和转移车辆",
    ),
    Urgency.PREPARE: (
        "守住未回应名单，逐个打电话叫应",
        "查巡护、瞭望、卡点是否在岗",
        "队伍、装备、车辆待命",
    ),
    Urgency.CHECK: ("查巡护、瞭望、卡点是否在岗", "滚动汇总火险、热点"),
    Urgency.WATCH: ("查巡护、瞭望、卡点是否在岗", "有火情立即报指挥员"),
    Urgency.NOTICE: ("关注火险变化，有火情立即报指挥员",),
}

# -- rangers, lookouts, checkpoints ------------------------------------------------------------

_PATROL_FIRE: Mapping[Work, Lines] = {
    Work.RANGER: (
        "先保自己：往河滩、宽路、已烧过的地方撤，不往山上、下风跑",
        "到安全处一键报位，说清火点、火势、风向、有无人员",
        "不擅自扑火；火情报 12119",
    ),
    Work.LOOKOUT: (
        "盯住烟头，报方位、距离、烟色、蔓延方向",
        "火近瞭望塔时立即撤离",
    ),
    Work.CHECKPOINT: (
        "封住路口，只放消防队伍和撤离群众",
        "登记进山未出的人，报值班员",
        "火近时立即撤离",
    ),
}
_PATROL_DANGER: Mapping[Work, Lines] = {
    Work.RANGER: (
        "加密巡护坟头、地边、林缘，劝阻一切野外用火",
        "按时一键报位",
        "发现烟火先报 12119 和值班员，不擅自扑火",
    ),
    Work.LOOKOUT: (
        "瞭望不间断，发现烟点立即报方位、距离",
        "烟火报 12119 和值班员",
    ),
    Work.CHECKPOINT: (
        "逐车逐人登记，收缴火种，劝返无关人员",
        "烟火报 12119 和值班员",
    ),
}
_PATROL_FLOOD: Lines = (
    "先保自己：远离河道、沟口、陡坡",
    "看到险情，现场上报照片和位置",
)
