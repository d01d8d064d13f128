"""The words of roster files: columns, posts, levels, purposes, in English and Chinese. Pure.

Whoever keeps a roster writes its headers and posts in the words of the place: each word known here
means one thing, whatever its case and inner spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

from contacts.divisions.codes import Tier
from contacts.groups import Purpose
from contacts.people import Role
from contacts.places import PlaceKind
from contacts.roster.sheet import Sheet
from data.errors import InvalidInput
from data.files import FileProblem


class RosterKind(Enum):
    """What a file lists; the value is the word of the command line."""

    DIVISIONS = "divisions"
    PLACES = "places"
    PEOPLE = "people"
    GROUPS = "groups"
    DUTY = "duty"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its contract name, its other names, whether a file must have it."""

    name: str
    also: tuple[str, ...]
    required: bool = True

    @property
    def label(self) -> str:
        """The Chinese name by which people know it."""
        return self.also[0]


DIVISION_CODE = Column(
    "division_code",
    ("区划代码", "行政区划代码", "所属区划代码", "所属区划", "所在区划", "区划", "division"),
)
EQUIPMENT = (
    Column("satellite_phone", ("卫星电话", "卫星电话号码", "卫星手机"), required=False),
    Column("loudspeaker", ("大喇叭", "广播", "应急广播", "喇叭"), required=False),
)
"""Columns of what a village or place has, whoever the row is about (``contacts.equipment``)."""

PHONE = Column("phone", ("电话", "手机", "手机号", "手机号码", "联系电话", "电话号码", "联系方式"))

COLUMNS: Mapping[RosterKind, tuple[Column, ...]] = {
    RosterKind.DIVISIONS: (
        Column("code", ("区划代码", "代码", "行政区划代码", "统计用区划代码")),
        Column("name", ("名称", "区划名称", "单位名称")),
        Column("level", ("级别", "层级"), required=False),
        Column("parent_code", ("上级代码", "上级区划代码", "父级代码"), required=False),
        Column("lon", ("经度", "longitude", "lng"), required=False),
        Column("lat", ("纬度", "latitude"), required=False),
    ),
    RosterKind.PLACES: (
        Column("kind", ("类型", "类别", "种类")),
        Column("name", ("名称", "地点名称", "水库名称", "隐患点名称", "单位名称")),
        DIVISION_CODE,
        Column("code", ("编号", "地点编号", "水库编号", "隐患点编号"), required=False),
        Column("lon", ("经度", "longitude", "lng"), required=False),
        Column("lat", ("纬度", "latitude"), required=False),
        Column("households", ("威胁户数", "户数", "受威胁户数"), required=False),
        Column("persons", ("威胁人数", "人数", "受威胁人数"), required=False),
        Column("below", ("下游村", "下游村庄", "下游影响村", "影响村"), required=False),
        *EQUIPMENT,
    ),
    RosterKind.PEOPLE: (
        Column("name", ("姓名", "名字")),
        PHONE,
        DIVISION_CODE,
        Column("role", ("职务", "角色", "岗位", "身份")),
        Column("rank", ("顺位", "次序", "排序", "顺序"), required=False),
        Column("telegram_id", ("电报号", "telegram", "telegram id"), required=False),
        Column("language", ("语言",), required=False),
        Column("title", ("称谓", "行政职务", "现任职务", "单位职务"), required=False),
        Column(
            "place", ("地点", "地点编号", "场所", "场所编号", "水库", "隐患点编号"), required=False
        ),
        Column("organisation", ("部门", "成员单位", "部门单位"), required=False),
        Column("hazards", ("灾种", "负责灾种"), required=False),
        Column("other_phones", ("其他电话",), required=False),
        Column(
            "tier",
            ("包保层级", "包保级别", "责任层级", "责任级别", "层级", "级别"),
            required=False,
        ),
        Column(
            "wecom",
            ("企业微信账号", "企业微信", "企微账号", "企微", "企业微信id", "企业微信userid"),
            required=False,
        ),
        Column(
            "email",
            (
                "邮箱",
                "电子邮箱",
                "电子邮件",
                "邮件",
                "邮箱地址",
                "邮件地址",
                "电子邮件地址",
                "e-mail",
            ),
            required=False,
        ),
        *EQUIPMENT,
    ),
    RosterKind.GROUPS: (
        Column("chat_id", ("群号", "群id", "群组id", "会话id", "chat id")),
        Column("title", ("群名", "群名称", "群组名称")),
        DIVISION_CODE,
        Column("purpose", ("用途",)),
    ),
    RosterKind.DUTY: (
        PHONE,
        Column("division_code", DIVISION_CODE.also, required=False),
        Column("starts_at", ("开始时间", "开始", "值班开始")),
        Column("ends_at", ("结束时间", "结束", "值班结束")),
    ),
}

ROLE_WORDS: Mapping[str, Role] = MappingProxyType(
    {
        **{role.value: role for role in Role},
        "指挥长": Role.COMMANDER,
        "总指挥": Role.COMMANDER,
        "指挥": Role.COMMANDER,
        "主任": Role.DIRECTOR,
        "局长": Role.DIRECTOR,
        "副指挥长": Role.DEPUTY_DIRECTOR,
        "副总指挥": Role.DEPUTY_DIRECTOR,
        "副主任": Role.DEPUTY_DIRECTOR,
        "副局长": Role.DEPUTY_DIRECTOR,
        "防汛办主任": Role.FLOOD_OFFICE_HEAD,
        "防办主任": Role.FLOOD_OFFICE_HEAD,
        "防汛抗旱办公室主任": Role.FLOOD_OFFICE_HEAD,
        "森防办主任": Role.FIRE_OFFICE_HEAD,
        "防火办主任": Role.FIRE_OFFICE_HEAD,
        "森林防火办主任": Role.FIRE_OFFICE_HEAD,
        "值班员": Role.DUTY_OFFICER,
        "值班人员": Role.DUTY_OFFICER,
        "值班长": Role.DUTY_OFFICER,
        "工作人员": Role.STAFF,
        "干事": Role.STAFF,
        "成员": Role.STAFF,
        "包保责任人": Role.VILLAGE_RESPONSIBLE,
        "村级包保责任人": Role.VILLAGE_RESPONSIBLE,
        "村级责任人": Role.VILLAGE_RESPONSIBLE,
        "防汛责任人": Role.VILLAGE_RESPONSIBLE,
        "责任人": Role.VILLAGE_RESPONSIBLE,
        "巡护员": Role.RANGER,
        "护林员": Role.RANGER,
        "瞭望员": Role.LOOKOUT,
        "了望员": Role.LOOKOUT,
        "检查员": Role.CHECKPOINT,
        "检查站人员": Role.CHECKPOINT,
        "监测责任人": Role.MONITORING,
        "监测": Role.MONITORING,
        "预警责任人": Role.WARNING,
        "预警": Role.WARNING,
        "转移责任人": Role.EVACUATION,
        "转移": Role.EVACUATION,
        "巡查责任人": Role.INSPECTION,
        "巡查": Role.INSPECTION,
        "包村干部": Role.VILLAGE_CADRE,
        "驻村干部": Role.VILLAGE_CADRE,
        "网格员": Role.GRID_WORKER,
        "灾害信息员": Role.DISASTER_INFORMANT,
        "群测群防员": Role.HAZARD_OBSERVER,
        "行政责任人": Role.RESERVOIR_HEAD,
        "水库行政责任人": Role.RESERVOIR_HEAD,
        "技术责任人": Role.RESERVOIR_ENGINEER,
        "水库技术责任人": Role.RESERVOIR_ENGINEER,
        "水库巡查责任人": Role.RESERVOIR_INSPECTOR,
        "堤防责任人": Role.DYKE_RESPONSIBLE,
        "防灾责任人": Role.HAZARD_POINT_RESPONSIBLE,
        "隐患点防灾责任人": Role.HAZARD_POINT_RESPONSIBLE,
        "隐患点责任人": Role.HAZARD_POINT_RESPONSIBLE,
        "场所责任人": Role.PLACE_RESPONSIBLE,
        "学校责任人": Role.PLACE_RESPONSIBLE,
        "部门联络员": Role.DEPARTMENT,
        "联络员": Role.DEPARTMENT,
        "部门责任人": Role.DEPARTMENT,
        "成员单位联络员": Role.DEPARTMENT,
        "单位联络员": Role.DEPARTMENT,
    }
)

LEVEL_WORDS: Mapping[str, Tier] = MappingProxyType(
    {
        **{tier.value: tier for tier in Tier},
        "省": Tier.PROVINCE,
        "省级": Tier.PROVINCE,
        "市": Tier.CITY,
        "市级": Tier.CITY,
        "地级": Tier.CITY,
        "州": Tier.CITY,
        "州级": Tier.CITY,
        "县": Tier.COUNTY,
        "县级": Tier.COUNTY,
        "区县": Tier.COUNTY,
        "区": Tier.COUNTY,
        "区级": Tier.COUNTY,
        "县区级": Tier.COUNTY,
        "乡": Tier.TOWNSHIP,
        "镇": Tier.TOWNSHIP,
        "乡镇": Tier.TOWNSHIP,
        "乡级": Tier.TOWNSHIP,
        "镇级": Tier.TOWNSHIP,
        "乡镇级": Tier.TOWNSHIP,
        "街道": Tier.TOWNSHIP,
        "街道级": Tier.TOWNSHIP,
        "村": Tier.VILLAGE,
        "村级": Tier.VILLAGE,
        "社区": Tier.VILLAGE,
        "社区级": Tier.VILLAGE,
    }
)

# By the words of ``alerts.model.Hazard``, which stands above: what is stored is the word.
HAZARD_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "rainstorm": "rainstorm",
        "暴雨": "rainstorm",
        "flash_flood": "flash_flood",
        "山洪": "flash_flood",
        "山洪灾害": "flash_flood",
        "river_flood": "river_flood",
        "洪水": "river_flood",
        "geological": "geological",
        "地质灾害": "geological",
        "waterlogging": "waterlogging",
        "内涝": "waterlogging",
        "typhoon": "typhoon",
        "台风": "typhoon",
        "thunderstorm_gale": "thunderstorm_gale",
        "雷雨大风": "thunderstorm_gale",
        "reservoir": "reservoir",
        "水库险情": "reservoir",
        "forest_fire_danger": "forest_fire_danger",
        "森林火险": "forest_fire_danger",
        "forest_fire": "forest_fire",
        "森林火灾": "forest_fire",
        "snowstorm": "snowstorm",
        "暴雪": "snowstorm",
        "gale": "gale",
        "大风": "gale",
        "hail": "hail",
        "冰雹": "hail",
        "cold_wave": "cold_wave",
        "寒潮": "cold_wave",
        "road_icing": "road_icing",
        "道路结冰": "road_icing",
    }
)

KIND_WORDS: Mapping[str, PlaceKind] = MappingProxyType(
    {
        **{kind.value: kind for kind in PlaceKind if kind is not PlaceKind.DEPARTMENT},
        "水库": PlaceKind.RESERVOIR,
        "堤防": PlaceKind.DYKE,
        "堤坝": PlaceKind.DYKE,
        "隐患点": PlaceKind.HAZARD_POINT,
        "地质灾害隐患点": PlaceKind.HAZARD_POINT,
        "学校": PlaceKind.SCHOOL,
        "幼儿园": PlaceKind.SCHOOL,
        "养老院": PlaceKind.CARE_HOME,
        "敬老院": PlaceKind.CARE_HOME,
        "福利院": PlaceKind.CARE_HOME,
        "营地": PlaceKind.CAMP,
        "工地": PlaceKind.CAMP,
        "景区": PlaceKind.SCENIC_SPOT,
        "景点": PlaceKind.SCENIC_SPOT,
        "屯": PlaceKind.SETTLEMENT,
        "组": PlaceKind.SETTLEMENT,
        "村民组": PlaceKind.SETTLEMENT,
        "自然屯": PlaceKind.SETTLEMENT,
        "其他": PlaceKind.OTHER,
    }
)

PURPOSE_WORDS: Mapping[str, Purpose] = MappingProxyType(
    {
        **{purpose.value: purpose for purpose in Purpose},
        "防汛": Purpose.FLOOD,
        "防火": Purpose.FIRE,
        "森林防火": Purpose.FIRE,
        "森防": Purpose.FIRE,
        "全部": Purpose.ALL,
        "综合": Purpose.ALL,
        "通用": Purpose.ALL,
    }
)

LANGUAGE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "zh": "zh",
        "zh-cn": "zh",
        "zh_cn": "zh",
        "chinese": "zh",
        "中文": "zh",
        "汉语": "zh",
        "en": "en",
        "english": "en",
        "英文": "en",
        "英语": "en",
    }
)

T = TypeVar("T")


def word(words: Mapping[str, T], text: str) -> T | None:
    """What ``text`` means, whatever its case and inner spaces; ``None`` when it is no such word."""
    return words.get(text) or words.get("".join(text.split()).lower())


def map_columns(
    sheet: Sheet, columns: tuple[Column, ...]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each of ``columns`` is in the sheet, and the sheet's columns that are none of them.

    :raises InvalidInput: MISSING_COLUMN (``column``, ``label``) or COLUMN_TWICE.
    """
    names = {
        _plain(alias): column.name for column in columns for alias in (column.name, *column.also)
    }
    places: dict[str, int] = {}
    ignored = []
    for place, written in enumerate(sheet.header):
        name = names.get(_plain(written))
        if name is None:
            ignored.append(written)
        elif name in places:
            raise InvalidInput(FileProblem.COLUMN_TWICE, file=sheet.file, column=written)
        else:
            places[name] = place
    for column in columns:
        if column.required and column.name not in places:
            raise InvalidInput(
                FileProblem.MISSING_COLUMN,
                file=sheet.file,
                column=column.name,
                label=column.label,
                found=", ".join(sheet.header)[:200],
            )
    return places, tuple(name for name in ignored if name)


def columns_in(header: tuple[str, ...], columns: tuple[Column, ...]) -> frozenset[str]:
    """Which of ``columns`` a header names."""
    words = {_plain(written) for written in header}
    return frozenset(
        column.name
        for column in columns
        if words & {_plain(alias) for alias in (column.name, *column.also)}
    )


def _plain(name: str) -> str:
    return "".join(name.split()).replace("_", "").replace("*", "").lower()
