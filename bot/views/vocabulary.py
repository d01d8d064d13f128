"""Levels, hazards, posts and states in the field's words, and those words read back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from alerts.calls import Call, Proxy, Report
from alerts.lifecycle import ChangeKind
from alerts.model import Family, Hazard, Level, State
from alerts.withdrawals.model import Doubt
from bot.locale import N_, translator
from contacts.coverage import HeldPost
from contacts.divisions.codes import Tier
from contacts.organisations import Organisation, organisation_of
from contacts.people import Contact, Person, Post, Role
from contacts.places import PlaceKind
from data.simplified import simplified

T = TypeVar("T")

_LEVELS: Mapping[Level, str] = {
    Level.RED: N_("红色"),
    Level.ORANGE: N_("橙色"),
    Level.YELLOW: N_("黄色"),
    Level.BLUE: N_("蓝色"),
}
_MARKS: Mapping[Level, str] = {
    Level.RED: "🔴",
    Level.ORANGE: "🟠",
    Level.YELLOW: "🟡",
    Level.BLUE: "🔵",
}
_HAZARDS: Mapping[Hazard, str] = {
    Hazard.RAINSTORM: N_("暴雨"),
    Hazard.FLASH_FLOOD: N_("山洪灾害"),
    Hazard.RIVER_FLOOD: N_("洪水"),
    Hazard.GEOLOGICAL: N_("地质灾害"),
    Hazard.WATERLOGGING: N_("内涝"),
    Hazard.TYPHOON: N_("台风"),
    Hazard.THUNDERSTORM_GALE: N_("雷雨大风"),
    Hazard.RESERVOIR: N_("水库险情"),
    Hazard.FOREST_FIRE_DANGER: N_("森林火险"),
    Hazard.FOREST_FIRE: N_("森林火灾"),
    Hazard.SNOWSTORM: N_("暴雪"),
    Hazard.GALE: N_("大风"),
    Hazard.HAIL: N_("冰雹"),
    Hazard.COLD_WAVE: N_("寒潮"),
    Hazard.ROAD_ICING: N_("道路结冰"),
    Hazard.FLOOD_RESPONSE: N_("防汛应急响应"),
    Hazard.FIRE_RESPONSE: N_("森林防灭火应急响应"),
    Hazard.FLOOD_RETURN: N_("转移群众返回"),
    Hazard.FIRE_RETURN: N_("转移群众返回"),
}

_GRADES: Mapping[Level, str] = {
    Level.RED: N_("Ⅰ级"),
    Level.ORANGE: N_("Ⅱ级"),
    Level.YELLOW: N_("Ⅲ级"),
    Level.BLUE: N_("Ⅳ级"),
}
_COMMANDS: Mapping[Family, str] = {Family.FLOOD: N_("防汛"), Family.FIRE: N_("森林防灭火")}
_KINDS: Mapping[ChangeKind, str] = {
    ChangeKind.ALERT: N_("发布"),
    ChangeKind.UPGRADE: N_("升级"),
    ChangeKind.STAGE: N_("进入新阶段"),
    ChangeKind.DOWNGRADE: N_("降级"),
    ChangeKind.CORRECT: N_("更正"),
    ChangeKind.EXTEND: N_("延长"),
    ChangeKind.ADD_AREA: N_("扩大"),
    ChangeKind.NARROW: N_("缩小"),
    ChangeKind.LIFT: N_("解除"),
    ChangeKind.CANCEL: N_("取消"),
    ChangeKind.EXPIRE: N_("到期"),
}

_FAMILIES: Mapping[Family, str] = {Family.FLOOD: N_("防汛"), Family.FIRE: N_("防火")}

_ROLES: Mapping[Role, str] = {
    Role.COMMANDER: N_("指挥长"),
    Role.DIRECTOR: N_("主任"),
    Role.DEPUTY_DIRECTOR: N_("副主任"),
    Role.FLOOD_OFFICE_HEAD: N_("防汛办主任"),
    Role.FIRE_OFFICE_HEAD: N_("森防办主任"),
    Role.DUTY_OFFICER: N_("值班员"),
    Role.STAFF: N_("工作人员"),
    Role.VILLAGE_RESPONSIBLE: N_("包保责任人"),
    Role.RANGER: N_("巡护员"),
    Role.LOOKOUT: N_("瞭望员"),
    Role.CHECKPOINT: N_("检查员"),
    Role.MONITORING: N_("监测责任人"),
    Role.WARNING: N_("预警责任人"),
    Role.EVACUATION: N_("转移责任人"),
    Role.INSPECTION: N_("巡查责任人"),
    Role.VILLAGE_CADRE: N_("包村干部"),
    Role.GRID_WORKER: N_("网格员"),
    Role.DISASTER_INFORMANT: N_("灾害信息员"),
    Role.HAZARD_OBSERVER: N_("群测群防员"),
    Role.RESERVOIR_HEAD: N_("水库行政责任人"),
    Role.RESERVOIR_ENGINEER: N_("水库技术责任人"),
    Role.RESERVOIR_INSPECTOR: N_("水库巡查责任人"),
    Role.DYKE_RESPONSIBLE: N_("堤防责任人"),
    Role.HAZARD_POINT_RESPONSIBLE: N_("隐患点防灾责任人"),
    Role.PLACE_RESPONSIBLE: N_("场所责任人"),
    Role.DEPARTMENT: N_("联络员"),
}
_ORGANISATIONS: Mapping[Organisation, str] = {
    Organisation.EMERGENCY: N_("应急"),
    Organisation.WATER: N_("水利"),
    Organisation.WEATHER: N_("气象"),
    Organisation.HYDROLOGY: N_("水文"),
    Organisation.FORESTRY: N_("林草"),
    Organisation.NATURAL_RESOURCES: N_("自然资源"),
    Organisation.HOUSING: N_("住建"),
    Organisation.TRANSPORT: N_("交通"),
    Organisation.TELECOM: N_("通信"),
    Organisation.POWER: N_("电力"),
    Organisation.POLICE: N_("公安"),
    Organisation.FIRE_RESCUE: N_("消防"),
    Organisation.HEALTH: N_("卫健"),
    Organisation.EDUCATION: N_("教育"),
    Organisation.TOURISM: N_("文旅"),
    Organisation.AGRICULTURE: N_("农业农村"),
    Organisation.CIVIL_AFFAIRS: N_("民政"),
    Organisation.ECOLOGY: N_("生态环境"),
    Organisation.PUBLICITY: N_("宣传"),
    Organisation.GRAIN: N_("粮储"),
    Organisation.FINANCE: N_("财政"),
    Organisation.RAILWAY: N_("铁路"),
    Organisation.ARMED_FORCES: N_("人武"),
}
_PLACE_KINDS: Mapping[PlaceKind, str] = {
    PlaceKind.RESERVOIR: N_("水库"),
    PlaceKind.DYKE: N_("堤防"),
    PlaceKind.HAZARD_POINT: N_("隐患点"),
    PlaceKind.SCHOOL: N_("学校"),
    PlaceKind.CARE_HOME: N_("养老院"),
    PlaceKind.CAMP: N_("营地"),
    PlaceKind.SCENIC_SPOT: N_("景区"),
    PlaceKind.SETTLEMENT: N_("屯组"),
    PlaceKind.OTHER: N_("其他地点"),
    PlaceKind.DEPARTMENT: N_("部门"),
}
_TIERS: Mapping[Tier, str] = {
    Tier.PROVINCE: N_("省级"),
    Tier.CITY: N_("市级"),
    Tier.COUNTY: N_("县级"),
    Tier.TOWNSHIP: N_("乡镇"),
    Tier.VILLAGE: N_("村级"),
}
_HELD_FROM: Mapping[Tier, str] = {
    Tier.PROVINCE: N_("省级{role}"),
    Tier.CITY: N_("市级{role}"),
    Tier.COUNTY: N_("县级{role}"),
    Tier.TOWNSHIP: N_("乡级{role}"),
    Tier.VILLAGE: N_("村级{role}"),
}
_REPORTS: Mapping[Report, str] = {
    Report.DONE: N_("已完成"),
    Report.MOVED: N_("已转移群众"),
    Report.CANNOT: N_("无法执行"),
    Report.HELP: N_("需要支援"),
}
_PROXIES: Mapping[Proxy, str] = {
    Proxy.PHONE: N_("电话叫应"),
    Proxy.IN_PERSON: N_("当面叫应"),
    Proxy.BROADCAST: N_("广播叫应"),
    Proxy.RUNNER: N_("派人当面通知"),
}
_STATES: Mapping[State, str] = {
    State.PENDING: N_("待第二人确认"),
    State.RELEASED: N_("叫应中"),
    State.CLOSED: N_("叫应已销号，预警有效"),
    State.LIFTED: N_("已解除"),
    State.CANCELLED: N_("误发，已取消"),
    State.EXPIRED: N_("已到期"),
    State.REFUSED: N_("未发布"),
}
_RESPONSE_STATES: Mapping[State, str] = {
    State.CLOSED: N_("叫应已销号，响应有效"),
    State.LIFTED: N_("已终止"),
    State.CANCELLED: N_("误启动，已取消"),
    State.REFUSED: N_("未启动"),
}
_RETURN_STATES: Mapping[State, str] = {
    State.CLOSED: N_("叫应已销号"),
    State.LIFTED: N_("已办结"),
    State.CANCELLED: N_("已取消"),
}
"""Where a response, or a call home, is in another state in other words than a warning."""
_CONTACTS: Mapping[Contact, str] = {
    Contact.OK: N_("联系正常"),
    Contact.NEVER_STARTED: N_("没有打开过机器人"),
    Contact.BLOCKED: N_("屏蔽了机器人"),
    Contact.DEACTIVATED: N_("Telegram 账号已注销"),
    Contact.REMOVED: N_("机器人被移出群"),
    Contact.REFUSED: N_("机器人不能在群里发言"),
    Contact.BOT_DOWN: N_("机器人暂时无法发言"),
}


def level_name(level: Level, language: str) -> str:
    """A level in words: 红色."""
    return translator(language)(_LEVELS[level])


def grade_name(hazard: Hazard, level: Level, language: str) -> str:
    """The level as it is said of what it is of: 红色 of a warning, Ⅰ级 of a response."""
    return translator(language)(_GRADES[level] if hazard.response else _LEVELS[level])


def thing_name(hazard: Hazard, language: str) -> str:
    """What it is called, within a sentence: 预警, 应急响应, or 返回通知."""
    if hazard.homeward:
        return translator(language)(N_("返回通知"))
    return translator(language)(N_("应急响应") if hazard.response else N_("预警")).lower()


def with_thing(words: str, hazard: Hazard, language: str) -> str:
    """``words``, in which ``{thing}`` stands for what it is called (``thing_name``): whatever is
    said of a warning and of a response alike."""
    return words.format(thing=thing_name(hazard, language))


def level_mark(level: Level) -> str:
    """A level as a coloured circle, which is read before any word is."""
    return _MARKS[level]


def mark_of(hazard: Hazard, level: Level) -> str:
    """What a title begins with: the colour of its level; a call home has none, and a house."""
    return "🏠" if hazard.homeward else level_mark(level)


def hazard_name(hazard: Hazard, language: str) -> str:
    """A hazard in words: 暴雨."""
    return translator(language)(_HAZARDS[hazard])


def family_name(family: Family, language: str) -> str:
    """Which command's hazards: 防汛, 防火."""
    return translator(language)(_FAMILIES[family])


def role_name(role: Role | str | None, language: str) -> str:
    """A post in words: 防汛办主任. An unknown role stays as it is written."""
    try:
        known = Role(role)
    except ValueError:
        return str(role or "")
    return translator(language)(_ROLES[known])


def held_name(held: Person | Post | HeldPost, language: str) -> str:
    """The role of a post in words, with the tier it is held from: 县级包保责任人; of whoever is of
    a department, with that: 水利联络员."""
    role = role_name(held.role, language)
    if (organisation := organisation_of(held.place_code)) is not None:
        _ = translator(language)
        return _("{department}{role}").format(
            department=organisation_name(organisation, language), role=role
        )
    if held.held_from is None:
        return role
    return translator(language)(_HELD_FROM[held.held_from]).format(role=role)


def office_name(place: str, role: Role, language: str) -> str:
    """A post with where it is: 黄泥河镇指挥长."""
    words = translator(language)(N_("{place}{role}"))
    return words.format(place=place, role=role_name(role, language)).strip()


def organisation_name(organisation: Organisation, language: str) -> str:
    """What a line of departments is called: 水利."""
    return translator(language)(_ORGANISATIONS[organisation])


def called_name(call: Call, person: Person, language: str) -> str:
    """As ``held_name``, of the post that the person is called for."""
    for post in person.posts:
        if post.role.value == call.role and post.division_code == call.division_code:
            return held_name(post, language)
    return role_name(call.role, language)


def post_name(person: Person | Post, language: str) -> str:
    """What somebody is, in words: 防汛办主任; with a title of their own 副市长（指挥长）."""
    role, title = held_name(person, language), own_title(person)
    if not title or title == role:
        return role
    return translator(language)(N_("{title}（{role}）")).format(title=title, role=role)


def own_title(held: Person | Post) -> str:
    """The title of a post, if it says more than its role and tier: 村级灾害信息员 does not."""
    before, role, after = held.title.partition(_ROLES[held.role])
    return "" if role and not after and (not before or before.endswith("级")) else held.title


def place_kind_name(kind: PlaceKind, language: str) -> str:
    """A kind of places in words: 水库."""
    return translator(language)(_PLACE_KINDS[kind])


def tier_name(tier: Tier, language: str) -> str:
    """A tier of divisions in words: 县级."""
    return translator(language)(_TIERS[tier])


def report_name(report: Report, language: str) -> str:
    """A report in words: 已转移群众."""
    return translator(language)(_REPORTS[report])


def done_name(report: Report, language: str, *, homeward: bool) -> str:
    """As ``report_name``; done after a call home is 已返回."""
    if homeward and report is Report.DONE:
        return translator(language)(N_("已返回"))
    return report_name(report, language)


def proxy_name(how: Proxy | str | None, language: str) -> str:
    """How somebody was reached by proxy, in words: 电话叫应."""
    try:
        known = Proxy(how)
    except ValueError:
        return str(how or "")
    return translator(language)(_PROXIES[known])


def state_name(state: State, hazard: Hazard | None, language: str) -> str:
    """The state of a warning in words: 叫应中; of a response 已终止, not 已解除.

    :param hazard: ``None``: not known.
    """
    own: Mapping[State, str] = {}
    if hazard is not None:
        own = _RESPONSE_STATES if hazard.response else own
        own = _RETURN_STATES if hazard.homeward else own
    return translator(language)(own.get(state) or _STATES[state])


def kind_name(kind: ChangeKind, language: str) -> str:
    """What was done to a warning, in a word: 升级."""
    return translator(language)(_KINDS[kind])


def contact_name(contact: Contact, language: str) -> str:
    """Whether the bot reaches a person, in words: 屏蔽了机器人."""
    return translator(language)(_CONTACTS[contact])


def headline(level: Level, hazard: Hazard, place: str, language: str) -> str:
    """The headline of a warning: 敦化市暴雨红色预警; without a place 暴雨红色预警."""
    _ = translator(language)
    if hazard.homeward:
        words = _("{place}转移群众返回通知") if place else _("转移群众返回通知")
        return words.format(place=place)
    if hazard.response:
        words = _("{place}{family}{grade}应急响应") if place else _("{family}{grade}应急响应")
        return words.format(
            place=place,
            family=_(_COMMANDS[hazard.family]),
            grade=grade_name(hazard, level, language),
        )
    words = _("{place}{hazard}{level}预警") if place else _("{hazard}{level}预警")
    return words.format(
        place=place,
        hazard=hazard_name(hazard, language),
        level=level_name(level, language),
    )


_LEVEL_WORDS: Mapping[str, Level] = {
    word: level
    for level, words in {
        Level.RED: "红 红色 红色预警 red 一级 1级 i级 i ⅰ级 ⅰ 🔴",
        Level.ORANGE: "橙 橙色 橙色预警 orange 二级 2级 ii级 ii ⅱ级 ⅱ 🟠",
        Level.YELLOW: "黄 黄色 黄色预警 yellow 三级 3级 iii级 iii ⅲ级 ⅲ 🟡",
        Level.BLUE: "蓝 蓝色 蓝色预警 blue 四级 4级 iv级 iv ⅳ级 ⅳ 🔵",
    }.items()
    for word in words.split()
}
_HAZARD_WORDS: Mapping[str, Hazard] = {
    word: hazard
    for hazard, words in {
        Hazard.RAINSTORM: "暴雨 大雨 强降雨 rain rainstorm",
        Hazard.FLASH_FLOOD: "山洪 山洪灾害 flash_flood flash-flood flashflood",
        Hazard.RIVER_FLOOD: "洪水 江河洪水 河流洪水 flood river_flood river-flood riverflood",
        Hazard.GEOLOGICAL: "地质 地质灾害 滑坡 泥石流 崩塌 geological landslide debris_flow",
        Hazard.WATERLOGGING: "内涝 积水 城市内涝 waterlogging",
        Hazard.TYPHOON: "台风 typhoon",
        Hazard.THUNDERSTORM_GALE: "雷雨大风 雷暴大风 雷暴 thunderstorm thunderstorm_gale",
        Hazard.RESERVOIR: "水库 水库险情 溃坝 reservoir dam",
        Hazard.FOREST_FIRE_DANGER: "森林火险 火险 fire_danger forest_fire_danger",
        Hazard.FOREST_FIRE: "森林火灾 山火 林火 火灾 fire wildfire forest_fire",
        Hazard.SNOWSTORM: "暴雪 大雪 强降雪 snow snowstorm blizzard",
        Hazard.GALE: "大风 强风 gale wind",
        Hazard.HAIL: "冰雹 hail",
        Hazard.COLD_WAVE: "寒潮 强降温 低温冰冻 cold cold_wave cold-wave coldwave",
        Hazard.FLOOD_RESPONSE: "防汛应急响应 防汛抗旱应急响应 防汛响应 flood_response",
        Hazard.FIRE_RESPONSE: "森林防灭火应急响应 防火应急响应 防火响应 fire_response",
        Hazard.ROAD_ICING: "道路结冰 路面结冰 结冰 icing ice road_icing road-icing",
    }.items()
    for word in words.split()
}


_SIGNAL = re.compile("预警信号|预警|警报|信号")


def level_at_start(text: str) -> tuple[Level, int] | None:
    """The level that ``text`` begins with, and the length of the words for it: 红色预警."""
    return _at_start(_LEVEL_WORDS, text)


def hazard_at_start(text: str) -> tuple[Hazard, int] | None:
    """The hazard that ``text`` begins with, and the length of the words for it: 暴雨预警."""
    return _at_start(_HAZARD_WORDS, text)


def _at_start(words: Mapping[str, T], text: str) -> tuple[T, int] | None:
    lower = simplified(text[:40]).lower()
    for length in range(min(len(lower), _LONGEST_WORD), 0, -1):
        meaning = words.get(lower[:length])
        if meaning is None or _goes_on(lower, length):
            continue
        signal = _SIGNAL.match(lower, length)
        return meaning, length if signal is None else signal.end()
    return None


def _goes_on(text: str, length: int) -> bool:
    """Whether an English word is longer than this."""
    tail = text[length - 1 : length + 1]
    return len(tail) == 2 and tail.isascii() and (tail.replace("_", "a").isalnum())


_LONGEST_WORD = max(map(len, {**_LEVEL_WORDS, **_HAZARD_WORDS}))


def parse_level(text: str) -> Level | None:
    """The level that a word of ``/warn`` means."""
    return _LEVEL_WORDS.get(simplified(text).strip().lower())


def parse_hazard(text: str) -> Hazard | None:
    """The hazard that a word of ``/warn`` means."""
    return _HAZARD_WORDS.get(simplified(text).strip().lower().removesuffix("预警"))


DOUBTS: Mapping[Doubt, str] = {
    Doubt.NOT_AWARE: N_("电话核实，本人不知情"),
    Doubt.NOT_DONE: N_("现场与所报不符"),
    Doubt.WRONG_PROXY: N_("代为登记有误，人没有叫到"),
}


def doubt_reason(reason: str, language: str) -> str:
    """Why an answer is doubted, plain: one of the ready reasons, or the officer's own words."""
    for why, words in DOUBTS.items():
        if reason == why.value:
            return translator(language)(words)
    return reason
