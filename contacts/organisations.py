"""The departments beside a command: 水利, 气象, 电力 and the others that owe their part. Pure.

A department of a division is a place of it (``PlaceKind.DEPARTMENT``): its liaisons hold posts
there, the first is called and the others stand in, as at a reservoir. Which departments there are
follows the members of the national flood-control plan (国办函〔2022〕48号) and the forest-fire plan
(国办函〔2020〕99号), by the names that counties give them since 2018.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Organisation(Enum):
    """A line of departments; the value is what codes and files hold."""

    EMERGENCY = "emergency"
    WATER = "water"
    WEATHER = "weather"
    HYDROLOGY = "hydrology"
    FORESTRY = "forestry"
    NATURAL_RESOURCES = "natural_resources"
    HOUSING = "housing"
    TRANSPORT = "transport"
    TELECOM = "telecom"
    POWER = "power"
    POLICE = "police"
    FIRE_RESCUE = "fire_rescue"
    HEALTH = "health"
    EDUCATION = "education"
    TOURISM = "tourism"
    AGRICULTURE = "agriculture"
    CIVIL_AFFAIRS = "civil_affairs"
    ECOLOGY = "ecology"
    PUBLICITY = "publicity"
    GRAIN = "grain"
    FINANCE = "finance"
    RAILWAY = "railway"
    ARMED_FORCES = "armed_forces"


LABELS: Mapping[Organisation, str] = MappingProxyType(
    {
        Organisation.EMERGENCY: "应急",
        Organisation.WATER: "水利",
        Organisation.WEATHER: "气象",
        Organisation.HYDROLOGY: "水文",
        Organisation.FORESTRY: "林草",
        Organisation.NATURAL_RESOURCES: "自然资源",
        Organisation.HOUSING: "住建",
        Organisation.TRANSPORT: "交通",
        Organisation.TELECOM: "通信",
        Organisation.POWER: "电力",
        Organisation.POLICE: "公安",
        Organisation.FIRE_RESCUE: "消防",
        Organisation.HEALTH: "卫健",
        Organisation.EDUCATION: "教育",
        Organisation.TOURISM: "文旅",
        Organisation.AGRICULTURE: "农业农村",
        Organisation.CIVIL_AFFAIRS: "民政",
        Organisation.ECOLOGY: "生态环境",
        Organisation.PUBLICITY: "宣传",
        Organisation.GRAIN: "粮储",
        Organisation.FINANCE: "财政",
        Organisation.RAILWAY: "铁路",
        Organisation.ARMED_FORCES: "人武",
    }
)
"""What people call them."""

_SPELLINGS: Mapping[Organisation, str] = {
    Organisation.EMERGENCY: "应急管理 应急 安监",
    Organisation.WATER: "水利 水务 河长制 水库管理",
    Organisation.WEATHER: "气象",
    Organisation.HYDROLOGY: "水文",
    Organisation.FORESTRY: "林业和草原 林草 林业 森林经营 国有林",
    Organisation.NATURAL_RESOURCES: "自然资源和规划 自然资源 国土资源 国土 地质环境监测",
    Organisation.HOUSING: "住房和城乡建设 住房城乡建设 住建 城乡建设 城市管理 城管 市政",
    Organisation.TRANSPORT: "交通运输 交通 公路 路政",
    Organisation.TELECOM: (
        "通信管理 通信 电信 中国移动 移动公司 移动分公司 联通 铁塔 工业和信息化 工信"
    ),
    Organisation.POWER: "供电 电力 国网 电业",
    Organisation.POLICE: "公安 交警 派出所",
    Organisation.FIRE_RESCUE: "消防救援 消防",
    Organisation.HEALTH: "卫生健康 卫健 卫生 疾控 医保 人民医院",
    Organisation.EDUCATION: "教育",
    Organisation.TOURISM: "文化广播电视和旅游 文化和旅游 文广旅 文广新 文旅 旅游",
    Organisation.AGRICULTURE: "农业农村 农业 畜牧",
    Organisation.CIVIL_AFFAIRS: "民政",
    Organisation.ECOLOGY: "生态环境 环保",
    Organisation.PUBLICITY: "宣传部 融媒体 广播电视台 网信",
    Organisation.GRAIN: "粮食和物资储备 粮储 粮食 发展和改革 发改 商务",
    Organisation.FINANCE: "财政",
    Organisation.RAILWAY: "铁路 车务段 工务段",
    Organisation.ARMED_FORCES: "人民武装部 人武 武装部 武警",
}
_BY_SPELLING: tuple[tuple[str, Organisation], ...] = tuple(
    sorted(
        (
            (spelling, organisation)
            for organisation, spellings in _SPELLINGS.items()
            for spelling in spellings.split()
        ),
        key=lambda pair: -len(pair[0]),
    )
)
_EXACT: Mapping[str, Organisation] = {
    **{organisation.value: organisation for organisation in Organisation},
    **dict(_BY_SPELLING),
    **{label: organisation for organisation, label in LABELS.items()},
}
_OFFICE = re.compile(
    r"(局|委|委员会|厅|办|办公室|中心|公司|大队|支队|总队|中队|站|所|处|段|队|台|部|医院|部门|系统)$"
)
_NO_DEPARTMENT = re.compile(
    r"(村|村委会|居委会|村民委员会|居民委员会|社区|政府|街道办|街道办事处|党委|指挥部|指挥部办公室|防汛办|防办|森防办)$"
)
"""What may hold such a word and is none: a village 水利村, a command's own office."""
AT_DEPARTMENT = "-department-"
"""What stands in the code of a department, and of no other place."""

_BY_VALUE: Mapping[str, Organisation] = {one.value: one for one in Organisation}
_OF_TITLE = re.compile(r"^(.+?(?:局|委|厅|中心|公司|大队|支队|站|台|部))(?=.)")
_BARE = frozenset({"", "省", "市", "州", "县", "区"})


def organisation_in(text: str) -> Organisation | None:
    """The line of departments that a unit's name tells: 敦化市水利局 is of ``WATER``.

    ``None`` for whatever is no department: a village's committee, a town's government.
    """
    written = "".join(text.split())
    if not written:
        return None
    exact = _EXACT.get(written.lower())
    if exact is not None:
        return exact
    if _NO_DEPARTMENT.search(written) or not _OFFICE.search(written):
        return None
    # Of 住房和城乡建设局防汛办公室 and 市政府应急办 the last words say whose office it is.
    return next((one for spelling, one in _BY_SPELLING if spelling in written), None)


def place_code(division_code: str, organisation: Organisation) -> str:
    """The code of a division's department, as of a place."""
    return f"{division_code}{AT_DEPARTMENT}{organisation.value}"


def place_name(organisation: Organisation) -> str:
    """What the department is called as a place, before its post: 水利部门, 联络员."""
    return f"{LABELS[organisation]}部门"


def organisation_of(code: str) -> Organisation | None:
    """The line of the department whose place code this is; ``None``: it is no department's."""
    _, at, word = code.partition(AT_DEPARTMENT)
    return _BY_VALUE.get(word) if at else None


def unit_in(text: str) -> str:
    """The unit that a title begins with, if it is a department: 水利局副局长 tells 水利局."""
    found = _OF_TITLE.match("".join(text.split()))
    return found[1] if found and organisation_in(found[1]) else ""


def unit_name(text: str) -> str:
    """A department's name without that of its division: 敦化市水利局 is 水利局."""
    written, organisation = "".join(text.split()), organisation_in(text)
    starts = [
        written.find(spelling)
        for spelling, one in _BY_SPELLING
        if one is organisation and spelling in written
    ]
    return written[min(starts) :] if starts else written


def names_no_division(text: str) -> bool:
    """Whether a department's name leaves open of which division it is: 水利局, 市气象局."""
    written, name = "".join(text.split()), unit_name(text)
    return organisation_in(text) is not None and written.removesuffix(name) in _BARE
