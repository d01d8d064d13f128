"""The demo roster: invented people in the real places of one county of Jilin. Pure.

Every name and number is generated. The numbers are +86 199 0000 xxxx, handed out in order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random

from contacts.people import Role

PROVINCE = "220000000000"
CITY = "222400000000"  # 延边朝鲜族自治州
COUNTY = "222403000000"  # 敦化市
TOWNSHIPS = ("222403101", "222403100", "222403105", "222403108")  # 黄泥河 大石头 额穆 雁鸣湖
_VILLAGES = ("200", "201", "202", "203", "204", "205", "206")
_HEAD_VILLAGE = "222403101200"  # 威虎岭村
_RANGER_VILLAGE = "222403108206"  # 湖东村
_TELEPHONE_VILLAGE = "222403100203"  # in 大石头镇

_FIRST_ACCOUNT = 7_000_001  # Telegram ids
FLOOD_GROUP, TOWN_GROUP, FIRE_GROUP = -1_001_000_000_001, -1_001_000_000_002, -1_001_000_000_003

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    "建国 桂兰 海涛 春梅 德胜 玉珍 永强 秀芳 志刚 淑华 立军 凤英 大勇 丽娟 长林 晓东 国庆 金花 "
    "振山 雪梅 福来 红霞 保全 桂芝 铁军 艳秋 忠义 美玲 占山 玉兰 守业 春生 宝玉 秋菊 连喜 文波"
).split()


class Temper(Enum):
    """How a scripted person takes a warning. The seconds are in ``script``."""

    PROMPT = "prompt"
    AFTER_REMINDER = "after_reminder"
    LATE = "late"  # when the stand-in has been called already
    NEVER = "never"
    IN_GROUP = "in_group"  # presses the button of the group's post
    VISITOR = "visitor"  # not scripted: the visitor of the page holds this phone


class LinkState(Enum):
    """Whether the bot reaches a person when the sandbox opens."""

    LINKED = "linked"
    NEW = "new"  # has Telegram, in the roster by phone number, not linked yet
    BLOCKED = "blocked"
    GONE = "gone"  # the account was deleted, which the bot will find out
    NONE = "none"  # has no Telegram: a telephone is all


UNLINKED = frozenset({LinkState.NEW, LinkState.NONE})


@dataclass(frozen=True, slots=True)
class Character:
    """One person of the demo: post, Telegram account, and how they act."""

    name: str
    phone: str
    division_code: str
    role: Role
    rank: int
    account: int
    temper: Temper
    link: LinkState = LinkState.LINKED

    @property
    def number(self) -> str:
        """The telephone number as a program writes it."""
        return self.phone.replace(" ", "")


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """One work group and who is in it (Telegram ids)."""

    chat_id: int
    title: str
    division_code: str
    purpose: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DemoRoster:
    """Everybody of the demo, their groups, and the four whose phones the page shows first.

    ``officer`` is the duty officer of a township where somebody never answers; ``telephoned`` has
    no Telegram.
    """

    people: tuple[Character, ...]
    groups: tuple[DemoGroup, ...]
    commander: Character
    village_head: Character
    ranger: Character
    officer: Character
    telephoned: Character


def demo_roster(seed: int = 1) -> DemoRoster:
    """Make the demo roster; the same people for the same seed."""
    cast = list(_Casting(Random(seed)).everybody())
    first = {
        code: next(person for person in cast if (person.division_code, person.role) == (code, role))
        for code, role in (
            (COUNTY, Role.COMMANDER),
            (_HEAD_VILLAGE, Role.VILLAGE_RESPONSIBLE),
            (_RANGER_VILLAGE, Role.RANGER),
            (_TELEPHONE_VILLAGE, Role.VILLAGE_RESPONSIBLE),
        )
    }
    return DemoRoster(
        tuple(cast),
        tuple(_groups(cast)),
        first[COUNTY],
        first[_HEAD_VILLAGE],
        first[_RANGER_VILLAGE],
        _busiest_officer(cast),
        first[_TELEPHONE_VILLAGE],
    )


def _busiest_officer(cast: list[Character]) -> Character:
    """The township's duty officer with the most people to ring up eight minutes after a release."""
    silent = [
        person.division_code[:9]
        for person in cast
        if person.temper is Temper.NEVER and person.rank == 1
    ]
    return max(
        (person for person in cast if person.role is Role.DUTY_OFFICER),
        key=lambda officer: silent.count(officer.division_code[:9]),
    )


def people_csv(roster: DemoRoster) -> str:
    """The people file, as ``jiaoying import people`` reads it."""
    rows = [
        (
            person.name,
            person.phone,
            person.division_code,
            person.role.value,
            person.rank,
            "" if person.link in UNLINKED else person.account,
            "zh",
        )
        for person in roster.people
    ]
    header = ("name", "phone", "division_code", "role", "rank", "telegram_id", "language")
    return _csv([header, *rows])


def groups_csv(roster: DemoRoster) -> str:
    """The groups file, as ``jiaoying import groups`` reads it."""
    rows = [
        (group.chat_id, group.title, group.division_code, group.purpose) for group in roster.groups
    ]
    return _csv([("chat_id", "title", "division_code", "purpose"), *rows])


class _Casting:
    """Gives out names, numbers and accounts in order."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0
        names = [surname + given for surname in _SURNAMES for given in _GIVEN]
        self._names = random.sample(names, len(names))

    def everybody(self) -> Iterator[Character]:
        yield self._someone(PROVINCE, Role.DUTY_OFFICER)
        for role in (Role.COMMANDER, Role.FLOOD_OFFICE_HEAD, Role.DUTY_OFFICER):
            yield self._someone(CITY, role)
        yield self._someone(COUNTY, Role.COMMANDER, temper=Temper.VISITOR)
        yield self._someone(COUNTY, Role.DEPUTY_DIRECTOR)
        yield self._someone(COUNTY, Role.FLOOD_OFFICE_HEAD)
        yield self._someone(COUNTY, Role.FIRE_OFFICE_HEAD)
        yield self._someone(COUNTY, Role.DUTY_OFFICER)
        for township in TOWNSHIPS:
            yield self._someone(township + "000", Role.COMMANDER)
            yield self._someone(township + "000", Role.DUTY_OFFICER)
        yield from self._villages()
        yield self._someone(_RANGER_VILLAGE, Role.RANGER, temper=Temper.VISITOR)
        for code, role in (
            ("222403101201", Role.RANGER),
            ("222403105203", Role.RANGER),
            ("222403100205", Role.RANGER),
            ("222403108000", Role.LOOKOUT),
            ("222403105000", Role.LOOKOUT),
            ("222403101000", Role.CHECKPOINT),
        ):
            yield self._someone(code, role)

    def _villages(self) -> Iterator[Character]:
        codes = [township + village for township in TOWNSHIPS for village in _VILLAGES]
        slow = [Temper.AFTER_REMINDER] * 4 + [Temper.LATE] * 2 + [Temper.NEVER] * 2
        tempers = slow + [Temper.IN_GROUP] * 2
        tempers += [Temper.PROMPT] * (len(codes) - len(tempers))
        self._random.shuffle(tempers)
        links = {
            "222403101203": LinkState.NEW,
            "222403100202": LinkState.BLOCKED,
            "222403105204": LinkState.NEW,
            "222403108203": LinkState.GONE,
            _TELEPHONE_VILLAGE: LinkState.NONE,
        }
        for number, (code, temper) in enumerate(zip(codes, tempers, strict=True)):
            yield self._someone(
                code,
                Role.VILLAGE_RESPONSIBLE,
                temper=Temper.VISITOR if code == _HEAD_VILLAGE else temper,
                link=links.get(code, LinkState.LINKED),
            )
            if number % 2 == 0 or code == "222403101203":
                yield self._someone(code, Role.VILLAGE_RESPONSIBLE, rank=2)

    def _someone(
        self,
        code: str,
        role: Role,
        *,
        rank: int = 1,
        temper: Temper = Temper.PROMPT,
        link: LinkState = LinkState.LINKED,
    ) -> Character:
        self._count += 1
        return Character(
            self._names[self._count],
            f"+86 199 0000 {self._count:04d}",
            code,
            role,
            rank,
            _FIRST_ACCOUNT + self._count,
            Temper.VISITOR if link in UNLINKED else temper,
            link,
        )


def _groups(people: list[Character]) -> Iterator[DemoGroup]:
    here = [person for person in people if person.link not in UNLINKED]
    county = [person for person in here if person.division_code[:6] == COUNTY[:6]]

    def accounts(chosen: list[Character]) -> tuple[int, ...]:
        return tuple(person.account for person in chosen)

    patrol = (Role.RANGER, Role.LOOKOUT, Role.CHECKPOINT)
    flood = [person for person in county if person.role not in patrol]
    town = [person for person in flood if person.division_code.startswith(TOWNSHIPS[0])]
    yield DemoGroup(FLOOD_GROUP, "敦化市防汛工作群", COUNTY, "flood", accounts(flood))
    yield DemoGroup(TOWN_GROUP, "黄泥河镇防汛群", TOWNSHIPS[0] + "000", "flood", accounts(town))
    fire = [person for person in county if person.role in patrol or person.division_code == COUNTY]
    yield DemoGroup(FIRE_GROUP, "敦化市森林防火群", COUNTY, "fire", accounts(fire))


def _csv(rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
