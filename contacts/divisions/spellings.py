"""How people write the name of a place: spellings that mean the same, short forms, bare names.

The statistical register writes 太平村委会, 延边朝鲜族自治州 and 四平市铁东区…社区居民委员会;
people write 太平村, 延边州 or 延边. Three strengths of likeness are used by the gazetteer:

- ``short_name``: the same name as people print it (for display);
- ``canonical``: equal for every spelling of one full name (太平村民委员会 = 太平村委会 = 太平村);
- ``bare_name``: without the word that says what it is (敦化市 -> 敦化): weaker, often ambiguous.
"""

from __future__ import annotations

import re
import unicodedata

_PEOPLES = (
    "蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|"
    "傣族|黎族|傈僳族|佤族|畲族|高山族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|"
    "仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|阿昌族|普米族|塔吉克族|怒族|乌孜别克族|俄罗斯族|"
    "鄂温克族|德昂族|保安族|裕固族|京族|塔塔尔族|独龙族|鄂伦春族|赫哲族|门巴族|珞巴族|基诺族"
    "|蒙古|维吾尔|哈萨克|柯尔克孜"
)
_AUTONOMOUS = re.compile(rf"(?<=..)(?:{_PEOPLES})*自治(?=[州县旗]$)")
_ETHNIC_TOWNSHIP = re.compile(rf"(?<=..)(?:{_PEOPLES})+(?=[乡镇]$)")
_NOTE = re.compile(r"[(（][^()（）]*[)）]")
_SPACE = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")

# What the register or a letterhead appends -> what people say. Longest first.
_OFFICES = {
    "社区居民委员会": "社区",
    "社区居委会": "社区",
    "社区委会": "社区",
    "村村民委员会": "村",
    "村民委员会": "村",
    "村村委会": "村",
    "村委会": "村",
    "村委": "村",
}
_OFFICE = re.compile("(?:" + "|".join(_OFFICES) + ")$")
_SAME_KIND = {
    "居民委员会": "社区",
    "居委会": "社区",
    "街道办事处": "街道",
    "街道办": "街道",
    "人民政府": "",
    "政府": "",
    "汽车经济技术开发区": "汽开区",
    "高新技术产业开发区": "高新区",
    "高新技术开发区": "高新区",
    "经济技术开发区": "经开区",
    "经济开发区": "经开区",
}
_KIND = re.compile("(?<=..)(?:" + "|".join(_SAME_KIND) + ")$")

# Customary short forms that no rule gives.
_CUSTOMARY = {"前郭尔罗斯": "前郭", "长白山保护开发区": "", "长白山池": "池"}

_BARE = re.compile(
    rf"(?<=..)(?:(?:{_PEOPLES})*自治区|特别行政区|虚拟生活区|生活区|社区|街道|地区|高新区|经开区|省|市|州|盟|县|区"
    r"|旗|镇|乡|村)$"
)


def plain(text: str) -> str:
    """``text`` with half-width digits and signs, and without any space."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


LONGEST_NAME = 80
"""Characters of a name that is looked at; a longer one is no division's, and comes from anybody."""


def short_name(name: str) -> str:
    """``name`` as people print it: 延边朝鲜族自治州 -> 延边州, 太平村委会 -> 太平村.

    Nothing is guessed: an 居委会 stays one, a 民族乡 keeps its people's name.
    """
    if len(name) > LONGEST_NAME:
        return name
    if "(" in name or "（" in name:
        name = _NOTE.sub("", name) or name
    if "自治" in name:
        name = _AUTONOMOUS.sub("", name)
    if name.startswith(("前郭", "长白山")):
        for long, short in _CUSTOMARY.items():
            if name.startswith(long) and len(name) > len(long):
                name = short + name[len(long) :]
    if name.endswith(("委会", "委员会", "村委")):
        return _OFFICE.sub(lambda match: _OFFICES[match[0]], name)
    if name.endswith(("特殊乡镇", "特殊街道")) and len(name) > 5:
        return name[:-4]
    return name


def canonical(name: str) -> str:
    """The form in which all spellings of one full name are equal. Takes ``plain`` text."""
    if len(name) > LONGEST_NAME:
        return name
    name = short_name(name)
    if name.endswith(("村", "社区")):  # most of them, and nothing more to do
        return name
    if "族" in name:
        name = _ETHNIC_TOWNSHIP.sub("", name)
    if name.endswith(("会", "区", "处", "办", "府", "镇", "道")):
        name = _KIND.sub(lambda match: _SAME_KIND[match[0]], name)
    return name


def bare_name(canonical_name: str) -> str | None:
    """敦化市 -> 敦化; None when nothing of two characters would be left (新村, 市)."""
    if len(canonical_name) > LONGEST_NAME:
        return None
    bare = _BARE.sub("", canonical_name)
    return bare if bare != canonical_name else None


def kind_of(canonical_name: str) -> str:
    """The word at the end that says what it is (市, 镇, 村, 社区 ...), or an empty string."""
    match = _BARE.search(canonical_name[-LONGEST_NAME:])
    return match[0] if match else ""


_SEPARATOR = re.compile(r"[\s/\\|>,;:，、；：·→—–-]+")


def pieces(text: str) -> list[str]:
    """``text`` split where people separate the parts of a path; digits and signs half-width."""
    words = _SEPARATOR.split(unicodedata.normalize("NFKC", text))
    return [word for word in map(plain, words) if word]


def without_path(name: str, above: list[str]) -> str:
    """``name`` without the names of the divisions ``above`` (top down) that it begins with.

    四平市铁东区平东街东晟社区 -> 东晟社区: the register writes 平东街 for 平东街道 in places.
    One name in front is no path but part of the name: 敦化市林业局.
    """
    rest, removed = name, 0
    for upper in above:
        for spelling in (upper, upper.removesuffix("道")):
            left = rest.removeprefix(spelling)
            if left != rest and len(left) > 1 and not left.endswith("虚拟生活区"):
                rest, removed = left, removed + 1
                break
    return rest if removed > 1 else name
