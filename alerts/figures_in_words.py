"""How many households and persons were moved, from what somebody typed. Pure.

Digits or numerals (十二户三十五人, １２户, 两户六人). What is only about so many (一百二十余人)
and what could mean two things is not guessed: ``None``, and the person is asked again.
"""

from __future__ import annotations

import re
import unicodedata

from data.simplified import simplified

LONGEST = 120
"""Characters of a text that holds two figures; a longer one is no figure."""

_SPELLED = str.maketrans("壹贰叁参伍肆陆柒捌玖拾佰仟俩仨", "一二三三五四六七八九十百千两三")
"""Numerals as bills are written, and as two and three are said with nothing behind: 俩, 仨.

Of simplified characters: 貳 and 陸 have become 贰 and 陆 before."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}

_NUMERAL = r"[零〇一二三四五六七八九十百千万两廿卅]+"
_NUMBER = rf"(?:[0-9]+(?:,[0-9]{{3}})*|{_NUMERAL})"
_HOUSEHOLDS = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?:个)?(?:户|家|households?|hh?(?![a-z]))", re.IGNORECASE
)
_PERSONS = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?:[个口]人|号人(?!\w)|个|人|口|名|位|persons?|people|p(?![a-z]))",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?P<households>{_NUMBER})[\s,、/;]+(?P<persons>{_NUMBER})")
_MOVED = re.compile(
    "(?:已经?|刚|一?共计?|总共|合计|累计|全部?|全村|[本我]村|都|是|安全|转移|撤[离出]|转出|安置|群众|村民|人员"
    "|走|出来|到位|完成|完毕?|好|了|各位领导|领导好?|报告|无剩余|无遗漏)*"
)
_OF_THEM = re.compile("[(,、]?(?:其中|包括|包含|含)")
"""What follows speaks of some of them: 12户35人，其中老人5人."""
_MORE = re.compile("[又再]|新增|另外?|追加|还有|(?<!无)剩|第.{1,3}批|各(?!位)")
"""What makes the figures those of a part: a report is of all."""
_ABOUT = re.compile(
    rf"{_NUMBER}\s*(?:[余多几来]|左右|上下)|[几数]\s*[十百千万户家人名口]|近\s*{_NUMBER}"
    rf"|(?:约|大约|大概|大致|差不多|将近|接近|超过|不到|至少|估计|可能|about|around|some|over)\s*{_NUMBER}"
    r"|[一二三四五六七八九两]{2}\s*[户家人名口个位]"
    rf"|(?:户|家|人|名|口)\s*(?:左右|上下|以上|以下|多|余)",
    re.IGNORECASE,
)


def says_about(text: str) -> bool:
    """Whether only a round number is said (一百二十余人, 大约12户): how many exactly?"""
    return len(text) <= LONGEST and _ABOUT.search(_plain(text)) is not None


def parse_moved(text: str) -> tuple[int | None, int | None] | None:
    """Households and persons, each ``None`` where it was not said; ``None``: cannot be told."""
    if len(text) > LONGEST or says_about(text):
        return None
    written = _OF_THEM.split(_plain(text))[0]
    if _MORE.search(written):
        return None
    if re.search(r"[-−+][0-9]|[0-9]\.[0-9]|[0-9]\s*[-~至到]\s*[0-9]|没|未|无法|不", written):
        return None
    if (both := _BARE.fullmatch(written)) is not None:
        return _both(number_of(both["households"]), number_of(both["persons"]))
    households = [found["number"] for found in _HOUSEHOLDS.finditer(written)]
    rest = _HOUSEHOLDS.sub(" ", written)
    if not households and re.search("户|家(?!人)", rest):  # 每户三人, 好些户六口
        return None
    persons = [found["number"] for found in _PERSONS.finditer(rest)]
    left = _PERSONS.sub(" ", rest)
    # Two of a kind may mean two things, and a sum would be a guess; so may a number of nothing.
    if len(households) > 1 or len(persons) > 1 or not (households or persons):
        return None
    if re.search(rf"[0-9]|{_NUMERAL}", left.replace("一共", " ").replace("全部", " ")):
        return None
    return _both(
        number_of(households[0]) if households else None,
        number_of(persons[0]) if persons else None,
        said=(bool(households), bool(persons)),
    )


def says_moved(text: str) -> bool:
    """Whether it is nothing but the figures of who was moved: 12户35人, 已转移十二户.

    准备转移12户 and 桥上有3人 hold figures, too.
    """
    if len(text) > LONGEST:
        return False
    written = _plain(text)
    if "号" in written:  # 5号人都走了: on the fifth, or five of them
        return False
    left = _PERSONS.sub("", _HOUSEHOLDS.sub("", written))
    return _MOVED.fullmatch(re.sub(r"\W", "", left)) is not None


def _plain(text: str) -> str:
    return simplified(unicodedata.normalize("NFKC", text)).translate(_SPELLED).strip()


def number_of(text: str) -> int | None:
    """The number that digits or numerals stand for: 一百二十 and 120; ``None`` for none.

    Numerals are read as they are spoken (一百二 is 120) and as they are spelled out (一二〇).
    """
    if re.fullmatch(r"[0-9]+(?:,[0-9]{3})*", text):
        digits = text.replace(",", "")
        return int(digits) if len(digits) <= 7 else None
    text = text.replace("廿", "二十").replace("卅", "三十")
    if text.count("万") == 1:
        over, under = text.split("万")
        high = number_of(over) if over else None
        low = _under_ten_thousand(under, 10_000) if under else 0
        return None if high is None or low is None or high >= 10_000 else high * 10_000 + low
    return _under_ten_thousand(text, None)


def _under_ten_thousand(text: str, above: int | None) -> int | None:
    """``above``: the unit before, which a lone digit at the end counts tenths of: 一万二."""
    if not text:
        return None
    if all(char in _DIGITS for char in text):
        if above is not None and len(text) == 1:
            return _DIGITS[text] * above // 10
        return int("".join(str(_DIGITS[char]) for char in text)) if len(text) <= 7 else None
    total, digit, unit = 0, None, above or 100_000
    zero = False
    for place, char in enumerate(text):
        if char in _UNITS:
            if _UNITS[char] >= unit or (digit is None and not (char == "十" and place == 0)):
                return None
            unit = _UNITS[char]
            total += (1 if digit is None else digit) * unit
            digit, zero = None, False
        elif char in _DIGITS and digit is None:
            if _DIGITS[char]:
                digit = _DIGITS[char]
            else:
                zero = True
        else:
            return None
    if digit is not None:
        total += digit * unit // 10 if unit > 10 and not zero else digit
    return total


def _both(
    households: int | None, persons: int | None, said: tuple[bool, bool] = (True, True)
) -> tuple[int | None, int | None] | None:
    """The figures, unless one that was said could not be read."""
    if (said[0] and households is None) or (said[1] and persons is None):
        return None
    return households, persons
