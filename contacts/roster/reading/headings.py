"""What a column of an office's list holds, by what is written above it. Pure.

Nobody writes 姓名,电话 alone: 责任人姓名, 联系手机, 所在村（社区）, 县级包保领导. Each heading is
one ``Field``; that of a person may say the role, too, and the tier that the person is sent from.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from contacts.divisions.codes import Tier
from contacts.people import Role
from contacts.roster.columns import COLUMNS, ROLE_WORDS, RosterKind


class Field(Enum):
    """What a column holds; the value is its name among our own columns where there is one."""

    NAME = "name"
    PHONE = "phone"
    OFFICE_PHONE = "office_phone"
    TITLE = "title"
    ROLE = "role"
    RANK = "rank"
    TELEGRAM_ID = "telegram_id"
    LANGUAGE = "language"
    WECOM = "wecom"
    EMAIL = "email"
    DIVISION = "division_code"  # a code, or a whole path in one cell
    ORGANISATION = "organisation"  # 部门、成员单位: 水利局
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    PLACE = "place"  # a reservoir, a hazard point, a hamlet
    PLACE_CODE = "place_code"
    HOUSEHOLDS = "households"
    PERSONS = "persons"
    LON = "lon"
    LAT = "lat"
    HAZARDS = "hazards"
    OTHER_PHONES = "other_phones"
    TIER = "tier"
    SATELLITE_PHONE = "satellite_phone"  # of the village or place, whoever holds it
    LOUDSPEAKER = "loudspeaker"
    DATE = "date"
    PRIVATE = "private"  # an identity or account number: never kept
    NOTHING = "nothing"  # 序号, 备注: known, and of no use here
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Heading:
    """What is above one column. ``group``: the upper of two rows of headings."""

    text: str
    field: Field
    group: str = ""
    role: Role | None = None
    held_from: Tier | None = None
    place_kind: str = ""


PLACE_KINDS: Mapping[str, str] = {
    "水库": "reservoir",
    "塘坝": "reservoir",
    "堤防": "dyke",
    "堤段": "dyke",
    "险段": "dyke",
    "隐患点": "hazard_point",
    "灾害点": "hazard_point",
    "学校": "school",
    "幼儿园": "school",
    "敬老院": "care_home",
    "养老院": "care_home",
    "养老机构": "care_home",
    "营地": "camp",
    "工棚": "camp",
    "景区": "scenic_spot",
    "景点": "scenic_spot",
    "自然屯": "settlement",
    "自然村": "settlement",
    "村民小组": "settlement",
    "屯": "settlement",
    "组": "settlement",
}
"""What kind of place a heading names: 水库名称, 隐患点, 屯."""

TIER_WORDS: tuple[tuple[str, Tier], ...] = (
    ("省级", Tier.PROVINCE),
    ("州级", Tier.CITY),
    ("市州级", Tier.CITY),
    ("地市级", Tier.CITY),
    ("县级", Tier.COUNTY),
    ("市级", Tier.COUNTY),  # of a county-level city's own list: 龙井市 writes 市级 of itself
    ("县（市、区）", Tier.COUNTY),
    ("县市区", Tier.COUNTY),
    ("乡镇", Tier.TOWNSHIP),
    ("乡级", Tier.TOWNSHIP),
    ("镇级", Tier.TOWNSHIP),
    ("街道", Tier.TOWNSHIP),
    ("村级", Tier.VILLAGE),
    ("村（社区）", Tier.VILLAGE),
    ("社区", Tier.VILLAGE),
)

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PREFIX = re.compile(
    r"^(所在|所属|所辖|责任|包保|包联|管护|巡护|管辖|归属|服务|联系|帮扶|负责|驻|包)(的)?"
)
_PRIVATE = re.compile(r"身份证|证件号|公民身份|银行|账号|账户|社保")
_NOTHING = re.compile(
    r"^(序号?|编号|no\.?|备注|说明|性别|民族|年龄|出生.*|学历|政治面貌|.*面积|星期|网格(名称|编号)?"
    r"|.*照片|.*签字|传真)$"
)
_PHONE = re.compile(r"电话|手机|联系方式|联系号码|^号码|phone|mobile|^tel")
_OFFICE = re.compile(r"办公|固定|固话|座机|单位|值班|值守|宅电|office")
_OF_PLACES: tuple[tuple[re.Pattern[str], Field], ...] = (
    (re.compile(r"(水库|堤防|隐患点|灾害点|点位|野外|统一)编[号码]"), Field.PLACE_CODE),
    (re.compile(r"威胁户数|^户数$"), Field.HOUSEHOLDS),
    (re.compile(r"威胁人[数口]|^人[数口]$"), Field.PERSONS),
    (re.compile(r"^经度|^lon$|longitude"), Field.LON),
    (re.compile(r"^纬度|^lat$|latitude"), Field.LAT),
    (re.compile(r"卫星(电话|手机|终端)|海事卫星|天通|satellite"), Field.SATELLITE_PHONE),
    (
        re.compile(
            r"^(有无|有没有|村级?|农村|应急|无线|高音|智能|户外)*(大?喇叭|广播|村村响)"
            r"(站|点|系统|终端|设备|设施)?(数量?|个数|台数|套数|情况|号码|电话)?$|loudspeaker"
        ),
        Field.LOUDSPEAKER,
    ),
)
_DATE = re.compile(r"^(值班|带班|值守)?(日期|日子)$|^date$|^值班时间$")
_PERSON = re.compile(
    r"带班|主班|副班|[白夜早中晚]班|值班人|值班长|值守人|(主任|支书|法人)$|(网格|[河湖林园队连村片栋屯组站所镇乡局处科])长$|^[ab]角$|两委成员$|姓名|名字|责任人|负责人|联系人|联络员|领导|干部|书记|院长|校长|所长|[防管测长林灾监格息护查望警协理河报]员$|值班员$"
)
_BOTH = re.compile(r"(.+?)(?:以及|[及和与、/+]).*(?:电话|手机|方式|号码)")
_OFFICE_HEADING = re.compile(
    r"(村|社区|乡镇?|镇|街道)?副?(党?支?部?书记|主任|镇长|乡长|站长|组长|屯长)"
)
_CODE = re.compile(r"(区划|村|乡镇|行政|统计).*(代码|编码)|^(代码|编码)$")
_DIVISION = re.compile(
    r"^(行政)?区划$|^区域$|^(工作|驻守|值守|瞭望|执勤|岗位)(地点?|区域|位置)$|^(责任|包保|管护|巡护|监管)?(区域?|片区|地段|范围)$|辖区$|所在地$|^地区$|^属地$|^地点$"
    r"|^地址$|^位置$|^area$|^division$|^单位$"
)
_ORGANISATION = re.compile(
    r"^(成员|工作|所在|所属|责任|牵头)?(单位)?部门(单位)?(名称)?$|^(成员|工作)单位(名称)?$"
)
_TIERS: tuple[tuple[Field, frozenset[str]], ...] = (
    (Field.PROVINCE, frozenset("省 省份 province".split())),
    (Field.CITY, frozenset("市 市州 州 地市 州市 地级市 市/州 city".split())),
    (
        Field.COUNTY,
        frozenset("县 县市区 县市 区县 县区 区 县级 县/市/区 市县 县、市、区 county".split()),
    ),
    (
        Field.TOWN,
        frozenset(
            "乡镇 乡 镇 街道 乡镇街道 镇街 街镇 乡镇/街道 乡、镇、街道 镇乡 乡、街道 镇、街道"
            " town township".split()
        ),
    ),
    (
        Field.VILLAGE,
        frozenset(
            "村 社区 行政村 村社区 村居 村屯 村组 村委会 村/社区 村、社区 村民委员会 建制村"
            " village".split()
        ),
    ),
)
_ROLE_HEADINGS: tuple[tuple[str, Role], ...] = tuple(
    sorted(
        (
            (word, role)
            for word, role in {
                **{
                    word: role
                    for word, role in ROLE_WORDS.items()
                    if not word.isascii() and len(word) > 2
                },
                "包保领导": Role.VILLAGE_RESPONSIBLE,
                "包保人": Role.VILLAGE_RESPONSIBLE,
                "包保责任": Role.VILLAGE_RESPONSIBLE,
                "包村领导": Role.VILLAGE_CADRE,
                "监测员": Role.MONITORING,
                "预警员": Role.WARNING,
                "巡查员": Role.INSPECTION,
                "转移员": Role.EVACUATION,
                "监测人": Role.MONITORING,
                "网格长": Role.GRID_WORKER,
                "网格名称": Role.GRID_WORKER,
                "群测群防": Role.HAZARD_OBSERVER,
            }.items()
        ),
        key=lambda pair: -len(pair[0]),
    )
)
_VAGUE = frozenset({"联络员", "防汛责任人", "责任人", "村级责任人", "工作人员", "副局长", "副主任"})
"""Words that a title or a heading says of anybody: no role follows from them."""


LONGEST_HEADING = 200
"""Characters of a heading that are looked at (ours): what is longer is a note."""


def plain(text: str) -> str:
    """A heading without spaces, stars, colons; full-width marks as the usual ones."""
    found = "".join(unicodedata.normalize("NFKC", text[:LONGEST_HEADING]).split()).lower()
    return found.replace("*", "").replace("_", "").strip(":：")


def office_in(text: str) -> str:
    """The title that a heading gives to those below it: 村书记; empty for 责任人, 姓名."""
    base = _BRACKETS.sub("", plain(text))
    if both := _BOTH.match(base):
        base = both[1]
    return base if _OFFICE_HEADING.fullmatch(base) else ""


@lru_cache(2000)
def heading(text: str, group: str = "") -> Heading:
    """What the column under ``text`` holds; ``group`` is what stands above ``text`` itself."""
    field, place_kind = _field(text)
    both = group + text
    role = tier = None
    if field in (Field.NAME, Field.PHONE, Field.OFFICE_PHONE, Field.TITLE):
        role, tier = role_in(both), tier_in(both)
    return Heading(text, field, group, role, tier, place_kind)


def role_in(text: str) -> Role | None:
    """The role that a heading, a title or a file's name says of everybody below; None: no one."""
    written = plain(text)
    for word, role in _ROLE_HEADINGS:
        if word in written and word not in _VAGUE:
            return role
    return None


def roles_in(text: str) -> frozenset[Role]:
    """All roles that a title names: 瞭望员、检查员登记表 is of two."""
    written = plain(text)
    found = set()
    for word, role in _ROLE_HEADINGS:
        if word in written and word not in _VAGUE:
            found.add(role)
            written = written.replace(word, "\0")
    return frozenset(found)


def tier_in(text: str) -> Tier | None:
    """The tier that a heading, a role or a title says somebody is sent from: 县级包保领导."""
    for word, tier in TIER_WORDS:
        if word in text or plain(word) in plain(text):
            return tier
    return None


def nearest(text: str) -> str:
    """The known heading that looks most like ``text``; empty when none does."""
    known = sorted(_CONTRACT, key=len)
    found = difflib.get_close_matches(plain(text), known, n=1, cutoff=0.75)
    return found[0] if found else ""


_CONTRACT: dict[str, Field] = {
    plain(alias): Field(column.name)
    for column in COLUMNS[RosterKind.PEOPLE]
    for alias in (column.name, *column.also)
    if column.name in {field.value for field in Field}
}
# In a list that an office keeps, 职务 is what the person is called; whether it is a role as well
# the word itself says (``people_list``).
_CONTRACT["职务"] = Field.TITLE


def _field(text: str) -> tuple[Field, str]:
    whole = plain(text)
    base = _BRACKETS.sub("", whole) or whole
    base = base.rstrip("0123456789") or base  # 值班员1
    if not base:
        return Field.NOTHING, ""
    if _PRIVATE.search(whole):
        return Field.PRIVATE, ""
    for pattern, field in _OF_PLACES:
        if pattern.search(base):
            return field, ""
    if (both := _BOTH.match(base)) and _PERSON.search(both[1]):
        return Field.NAME, ""
    known = _CONTRACT.get(whole) or _CONTRACT.get(base)
    if known is not None:
        return known, _kind_of(base) if known is Field.PLACE else ""
    if _DATE.match(base):
        return Field.DATE, ""
    if _NOTHING.match(base):
        return Field.NOTHING, ""
    if _PHONE.search(base):
        return (Field.OFFICE_PHONE if _OFFICE.search(whole) else Field.PHONE), ""
    return _place_or_person(base)


def _kind_of(base: str) -> str:
    return next((kind for word, kind in PLACE_KINDS.items() if word in base), "")


def _place_or_person(base: str) -> tuple[Field, str]:
    if _CODE.search(base):
        return Field.DIVISION, ""
    if _ORGANISATION.search(base):
        return Field.ORGANISATION, ""
    if re.search("职务|职称|职位|头衔|^职责$", base):
        return Field.TITLE, ""
    if re.search("角色|岗位|身份|(责任|责任人|人员)类[型别]", base):
        return Field.ROLE, ""
    bare = _PREFIX.sub("", base)
    bare = re.sub("(名称|别)$", "", bare) or bare
    tier = next(
        (kind for kind, names in _TIERS if bare in names or bare.removesuffix("名") in names), None
    )
    if tier is not None:
        own = base.startswith(("所", bare))
        # 责任区, 管护区 are no districts.
        return (tier if own or bare != "区" else Field.DIVISION), ""
    if _DIVISION.search(base) or _DIVISION.search(bare):
        return Field.DIVISION, ""
    if not _PERSON.search(base):
        for word, kind in PLACE_KINDS.items():
            if bare == word or (word in bare and base.endswith(("名称", "名", word))):
                return Field.PLACE, kind
        return Field.UNKNOWN, ""
    return Field.NAME, ""
