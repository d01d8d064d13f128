"""Whether a typed text is a cry for help or of alarm: 着火了, 救命, 有人落水, 决堤. Pure.

Somebody in danger writes to whoever is open on the phone. Such words must reach a person, whatever
else the text might have been taken for; a false alarm costs a look.
"""

from __future__ import annotations

import re
from enum import Enum

from alerts.typed_answers import plain

LONGEST = 1000
"""Characters looked at."""

SHORT = 14
"""A text of so many characters is only this: never an answer somebody was asked to write."""


class Cry(Enum):
    """What is the matter, the most pressing first."""

    RESCUE = "rescue"  # whoever writes is in danger themselves, or somebody near them is
    FIRE = "fire"
    FLOOD = "flood"  # a dyke or dam gives way, the water comes, a slope slides


_WORDS: tuple[tuple[Cry, str], ...] = (
    (
        Cry.RESCUE,
        r"救命|救救|快救|来救|求救|求援|呼救|迷路|迷失方向|找不到路|走失|走丢|失踪|失联"
        r"|落水|溺水|掉(?:进|到|下|入)?了?\S{0,4}(?:水|河|江|湖|库|井|沟|坑|崖)|冲走|卷走|车翻|翻车|断了(?:腿|胳膊)|(?:腿|胳膊)断|(?:遇到?|碰到|有)(?:黑?熊|野猪|老虎)"
        r"|被困|困住|困在|埋住|被埋|压住|受伤|摔伤|骨折|昏迷|晕倒|出不去|出不来|下不来"
        r"|触电|遇险|有危险|快不行|被(?:蛇|熊|野猪)|sos|mayday"
        r"|\bhelp\b|\brescue\b|\b(?:i am|i'm|im|we are|we're|got|get) lost\b|\blost in\b"
        r"|\bstuck\b|\btrapped\b|\bdrown"
        r"|\b(?:fell|fallen|is|was|in) (?:in|into) the (?:water|river)\b|\bin the (?:water|river)\b"
        r"|\binjured\b|\bhurt\b|\bstranded\b|\bswept away\b|\bburied\b",
    ),
    (
        Cry.FIRE,
        r"着火|起火|失火|着起来|烧起来|烧着|烧山|冒烟|浓烟|有烟|见烟|看到烟|看见烟|起烟|火烧|山火"
        r"|林火|火灾|火苗|明火|大火|有火|火光|\bfire\b|\bsmoke\b|\bburning\b|\bflames?\b",
    ),
    (
        Cry.FLOOD,
        r"决堤|决口|溃堤|溃坝|溃口|垮坝|垮堤|漫堤|漫坝|漫顶|管涌|堤坝?(?:要|快)?(?:垮|塌|破|断)"
        r"|坝(?:要|快)?(?:垮|塌|破|断)|进水了|水进(?:村|屋|家|院)|淹(?:了|没|到|进)|山洪(?:来|下来|暴发|爆发)"
        r"|洪水来|发大水|泥石流|塌方|滑坡|山体(?:滑|塌)|房(?:子|屋)?(?:塌|倒)"
        r"|\b(?:dam|dike|dyke|levee|embankment)\b.{0,24}\b(?:br[eo]\w*|burst\w*|fail\w*|gave|gone|overflow\w*)"
        r"|\bflash flood\b|\blandslide\b|\bmudslide\b|\bflooding\b|\bflooded\b",
    ),
)
_FOUND = tuple((cry, re.compile(words)) for cry, words in _WORDS)

# What takes the word back when it stands just before it: 没有着火, 防止起火, 如果决堤, 哪里着火了.
_DENIED = "没有?|未|无|不是|并非|不会|误报|不存在"
_PREVENTED = "不要|禁止|严禁|防止|预防|严防|(?<!消)防(?!队|汛)|防范|避免|演练|演习"
_SUPPOSED = "如果?|若|一旦|万一|要是|假如|昨天|去年|上次"
_ASKED = "是否|是不是|有没有|有无|哪里|哪儿|哪个|什么地方"
_ENGLISH = r"\b(?:no|not|without|if|where is the|any|prevent|isn't|is there a?)\b"
_BEFORE = re.compile(
    rf"(?:{_DENIED}|{_PREVENTED}|{_SUPPOSED}|{_ASKED}|{_ENGLISH})[^,.!?;啊呀快来救]{{0,4}}$"
)
# The same when it stands just behind: 着火了吗, 山火已扑灭, 森林火险等级.
_OVER = "已?扑灭|已灭|灭了|熄灭|已?获救|已?脱险|已?解除|点已"
_NAMES = "风险|隐患|危险性|火险|等级|预警|演练|防范"
_ENGLISH_AFTER = r"\balarm\b|\bdrill\b|\bdanger (?:is|level)|\bis out\b"
_AFTER = re.compile(
    rf"[^,.!?;]{{0,4}}(?:吗|么\?|没有?\?|没$|不\?|{_OVER}|{_NAMES}|{_ENGLISH_AFTER})|[^,.!?;]{{0,6}}\?"
)
_WHAT_CAN_BE_DONE = re.compile(r"(?:/help|帮助|使用帮助)")


def cry_in(text: str) -> Cry | None:
    """What is the matter, if the text says so; ``None`` for anything else."""
    if not text or len(text) > LONGEST:
        return None
    words = re.sub(r"[，。！；、\n]", lambda mark: _MARKS[mark.group()], plain(text))
    words = words.replace("。", ".").replace("、", ",")
    if _WHAT_CAN_BE_DONE.fullmatch(words):
        return None
    for cry, pattern in _FOUND:
        for found in pattern.finditer(words):
            if _BEFORE.search(words[: found.start()]) or _AFTER.match(words[found.end() :]):
                continue
            return cry
    return None


def only_a_cry(text: str) -> bool:
    """Whether a text that is one can be nothing else: it is short."""
    return len(text.strip()) <= SHORT


_MARKS = {"，": ",", "。": ".", "！": "!", "；": ";", "、": ",", "\n": ","}
