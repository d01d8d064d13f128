"""What a column of a list of cards or households holds, by what is written above it. Pure.

The lists follow the tables of flash-flood plans (SL 666-2014) and the sheets of geological hazard
points: 需转移户数, 转移路线, 安置地点, 转移责任人 and its 联系电话 beside it; or, household by
household, 户主, 家庭人口, 重点人员, 帮扶人. Each county writes them its own way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class CardField(Enum):
    """What a column holds."""

    CODE = "code"  # of a division
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    GROUP = "group"  # 屯、组
    POINT = "point"  # the name of a hazard point
    POINT_CODE = "point_code"
    HAZARDS = "hazards"
    ALL_HOUSEHOLDS = "all_households"  # of the whole village
    ALL_PERSONS = "all_persons"
    BOTH = "both"  # 12户35人
    HOUSEHOLDS = "households"
    PERSONS = "persons"
    ORGANISER = "organiser"
    ORGANISER_PHONE = "organiser_phone"
    SIGNAL = "signal"
    WHEN = "when"
    ROUTE = "route"
    SHELTER = "shelter"
    LON = "lon"  # of the shelter
    LAT = "lat"
    CAPACITY = "capacity"
    KEY_HOLDER = "key_holder"
    KEY_PHONE = "key_phone"
    NUMBER = "number"  # of a household
    HEAD = "head"
    HEAD_PHONE = "head_phone"
    FRAIL = "frail"
    FRAIL_WHO = "frail_who"
    CARER = "carer"
    CARER_PHONE = "carer_phone"
    ADDRESS = "address"
    WATCH = "watch"  # who watches and warns: the roster has them
    NOTHING = "nothing"  # 序号, 备注: known, and of no use here
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CardColumn:
    """What is above one column, and what it holds."""

    text: str
    field: CardField


F = CardField
_WHERE = frozenset({F.CODE, F.TOWN, F.VILLAGE, F.GROUP, F.POINT})
_OF_CARDS = frozenset(
    {F.BOTH, F.HOUSEHOLDS, F.PERSONS, F.ROUTE, F.SHELTER, F.SIGNAL, F.WHEN, F.ORGANISER}
)
_OF_HOUSEHOLDS = frozenset(
    {F.PERSONS, F.HEAD_PHONE, F.FRAIL, F.FRAIL_WHO, F.CARER, F.ADDRESS, F.NUMBER, F.ROUTE}
)

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*:：、/\-—_]")
_GENERIC = re.compile(
    r"^(姓名|名称|名字|电话|联系电话|手机|手机号码?|电话号码|联系方式|负责人|责任人|联系人|户数|人数|人口"
    r"|人口数|经度|纬度|坐标|位置|地点|职务|数量|可容纳人数|容量)$"
)
_PHONE = re.compile(r"电话|手机|联系方式|号码")
_OWNERS: tuple[tuple[re.Pattern[str], CardField], ...] = tuple(
    (re.compile(words), owner)
    for words, owner in (
        (r"帮扶|结对|监护|照顾|照料|一对一|搀扶|包户|帮转", F.CARER_PHONE),
        (r"钥匙|安置|避险点|避灾点|避难|管理员|管护人", F.KEY_PHONE),
        (r"监测|巡查|预警|技术|报警|值班", F.WATCH),
        (r"户主|农户|本人|家庭|住户", F.HEAD_PHONE),
        (r"转移|撤离|组织|责任|负责|带队|包村|防灾|村干部|书记|主任|村长", F.ORGANISER_PHONE),
    )
)
_OWN = {field.value.replace("_", ""): field for field in F if field is not F.UNKNOWN} | {
    "divisioncode": F.CODE
}
"""The names of our own columns."""

_PHONE_OF = {
    F.ORGANISER: F.ORGANISER_PHONE,
    F.KEY_HOLDER: F.KEY_PHONE,
    F.SHELTER: F.KEY_PHONE,
    F.CAPACITY: F.KEY_PHONE,
    F.HEAD: F.HEAD_PHONE,
    F.CARER: F.CARER_PHONE,
    F.WATCH: F.WATCH,
}

# In this order: the first that a heading has decides. Each is a pattern, or several.
_WORDS: tuple[tuple[re.Pattern[str], CardField], ...] = tuple(
    (re.compile("|".join(words.split())), field)
    for words, field in (
        ("区划代码 行政区划 ^代码$ 村代码", F.CODE),
        ("^(序号?|备注|说明|附注|单位|性别|年龄|民族|日期|照片|no\\.?)$", F.NOTHING),
        ("身份证 面积 财产 房屋", F.NOTHING),
        ("经度 longitude ^lng$", F.LON),
        ("纬度 latitude", F.LAT),
        ("(隐患点|灾害点|危险区|防治点|统一|野外)编?号", F.POINT_CODE),
        ("户号 户编号 住户编号 ^门牌号$", F.NUMBER),
        ("钥匙 管理员 管护人", F.KEY_HOLDER),
        ("(安置|避险|避灾|避难).{0,4}(负责人|责任人|联系人|管理|姓名)", F.KEY_HOLDER),
        ("容量 容纳 可安置 安置(能力|人数|人口|规模) 接收人数", F.CAPACITY),
        ("^(需|应|拟)?(转移|安置)?户数?人(口|数)数?$ 户人", F.BOTH),
        ("(重点|特殊|弱势|老弱|困难).{0,6}(姓名|名单)", F.FRAIL_WHO),
        ("重点人 特殊人 特殊群体 弱势 老弱 行动不便 需帮助 脆弱 特困 重点户 健康", F.FRAIL),
        ("人员类别 人员类型", F.FRAIL),
        ("帮扶 结对 监护 照顾 照料 一对一 搀扶 包户 帮转", F.CARER),
        ("户主 住户姓名 农户姓名 ^农户$ ^住户$ ^householder$", F.HEAD),
        ("(总|全村|常住|户籍|辖区)户", F.ALL_HOUSEHOLDS),
        ("(总|全村|常住|户籍|辖区)人", F.ALL_PERSONS),
        ("户数", F.HOUSEHOLDS),
        ("人口 人数 成员数 人员数", F.PERSONS),
        ("路线 路径 线路", F.ROUTE),
        ("信号 预警方式 报警方式 警报", F.SIGNAL),
        ("时机 转移时间 撤离时间 何时 条件 临界 指标 阈值", F.WHEN),
        ("监测 巡查 预警 技术 警报员 报警员 信息员 值班", F.WATCH),
        ("责任人 负责人 组织 带队 包村 转移人 村干部 书记 村主任 村长 组长 屯长", F.ORGANISER),
        ("灾种 灾害类型 灾害种类 风险类型 灾害名称 ^类型$", F.HAZARDS),
        ("安置 避险点 避险地 避灾 避难 安全区 安全地", F.SHELTER),
        ("隐患点 灾害点 危险区 风险点 防治点 风险区", F.POINT),
        ("自然村 自然屯 屯 村民小?组 ^组别?$ 村组 小组", F.GROUP),
        ("行政村 所在村 ^村 村名 社区", F.VILLAGE),
        ("乡镇 ^乡 ^镇 街道", F.TOWN),
        ("^(所在|所属)?县 县市区 县区 ^区县", F.COUNTY),
        ("^(所在|所属)?(市|州)", F.CITY),
        ("地址 住址 门牌", F.ADDRESS),
    )
)


def plain(text: str) -> str:
    """A heading without spaces, brackets and marks, full-width letters as the usual ones."""
    found = "".join(unicodedata.normalize("NFKC", text).split()).lower()
    return _BRACKETS.sub("", found)


def columns_of(upper: Sequence[str], lower: Sequence[str] = ()) -> tuple[CardColumn, ...]:
    """What the columns hold below one row of headings, or below two.

    :param upper: the only row, or the one whose cells stand over several of ``lower``.
    """
    found: list[CardColumn] = []
    group, before = "", F.UNKNOWN
    for at in range(max(len(upper), len(lower))):
        above = upper[at] if at < len(upper) else ""
        below = lower[at] if at < len(lower) else ""
        if above:
            group = above
        text = below if below and below != above else above
        over = group if below and below != above else ""
        field = _field(text, over, before)
        found.append(CardColumn(" ".join(filter(None, (over, text))), field))
        if field in _PHONE_OF:
            before = field
    return tuple(_best_organiser(found))


def is_of_cards(columns: Sequence[CardColumn]) -> bool:
    """Whether these are headings of a list of cards."""
    fields = {column.field for column in columns}
    return bool(fields & _WHERE) and len(fields & _OF_CARDS) >= 2


def is_of_households(columns: Sequence[CardColumn]) -> bool:
    """Whether these are headings of a list of households."""
    fields = {column.field for column in columns}
    return F.HEAD in fields and bool(fields & _OF_HOUSEHOLDS)


def _field(text: str, group: str, before: CardField) -> CardField:
    word = plain(text)
    if not word:
        return F.UNKNOWN
    if word in _OWN:
        return _OWN[word]
    whole = plain(group) + word if _GENERIC.match(word) else word
    if _PHONE.search(word):
        owner = next((owner for words, owner in _OWNERS if words.search(whole)), None)
        return owner or _PHONE_OF.get(before, F.NOTHING)
    if word in ("负责人", "责任人", "联系人", "姓名") and whole == word:
        # Beside the shelter it is the shelter's, beside a name of somebody it is theirs.
        return F.KEY_HOLDER if before in (F.SHELTER, F.CAPACITY) else F.ORGANISER
    if word in ("名称", "地点", "位置") and whole == word:
        return F.UNKNOWN
    found = next((field for words, field in _WORDS if words.search(whole)), F.UNKNOWN)
    if found in (F.LON, F.LAT):
        # Of the shelter only: where a hazard point lies, its own list says.
        elsewhere = re.search(r"隐患|灾害|危险|村|起点", whole) is not None
        beside = before in (F.SHELTER, F.CAPACITY, F.KEY_HOLDER)
        named = re.search(r"安置|避", whole) is not None
        return found if named or (beside and not elsewhere) else F.NOTHING
    return found


def _best_organiser(columns: list[CardColumn]) -> list[CardColumn]:
    """Of several who are responsible, the one who moves the people; the others are in the roster.

    A telephone belongs to the column before it.
    """
    who = [at for at, column in enumerate(columns) if column.field is F.ORGANISER]
    if len(who) < 2:
        return columns
    best = min(who, key=lambda at: (_nearness(columns[at].text), at))
    kept = list(columns)
    mine = False
    for at, column in enumerate(columns):
        if column.field is F.ORGANISER:
            mine = at == best
        other = column.field is F.ORGANISER_PHONE and not mine
        if (column.field is F.ORGANISER and at != best) or other:
            kept[at] = CardColumn(column.text, F.NOTHING)
    return kept


def _nearness(text: str) -> int:
    word = plain(text)
    for rank, words in enumerate((r"转移|撤离|组织|带队", r"村|社区|屯|组", r"防灾")):
        if re.search(words, word):
            return rank
    return 3
