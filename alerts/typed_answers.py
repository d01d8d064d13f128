"""Whether a typed text means 收到: the answer to a call, in words. Pure.

Whoever is called writes as people write: 收到👌, 收到，马上转移, Received. That counts. What might
be a question (收到没有？), a denial (没收到) or mere politeness (好的) does not: then the person
is asked to press the button, which costs a tap. A warning taken for answered costs more.
"""

from __future__ import annotations

import re
import unicodedata

from data.simplified import simplified

LONGEST = 500
"""Characters looked at: a longer text is no answer."""


def plain(text: str) -> str:
    """``text`` in one form: half-width, lower case, in simplified characters."""
    return simplified(unicodedata.normalize("NFKC", text).casefold()).strip()


def further_words(text: str) -> str:
    """What an answer says beside 收到, as it was written: 收到，但路断了 says 但路断了."""
    found = _WORD.search(simplified(text[:LONGEST]))
    return "" if found is None else text[found.end() :].strip(" ,.!~，。！～\n")


def tells_of_need(words: str) -> bool:
    """Whether what stands with the answer is against it, or asks for something: 没人手, 派人来."""
    return _NEED.search(plain(words)) is not None


def says_received(text: str) -> bool:
    """Whether the text means 收到, and nothing else."""
    if len(text) > LONGEST:
        return False
    words = _spaced(plain(text))
    return _in_chinese(words) or _in_english(words)


# What may stand before the word. A name may not: 王村长收到 may be said of somebody else.
_COURTESY = (
    r"(?:好的?|好嘞|ok(?:ay)?|嗯+|是的?|行|遵命|明白|知道了?|报告(?:领导)?|领导好?|(?:您|你)好"
    r"|各位领导|谢谢|感谢|已经?|我们?|俺们?|本人)"
)
# What may follow at once, without a pause.
_PARTICLE = r"[了啦喽哈哒咯呀哇啊噢哦嘞哟呢辣]"
_OBJECT = (
    r"(?:(?:此|该|这条|这个)?(?:红色|橙色|黄色|蓝色|暴雨|山洪|洪水|火险)*"
    r"(?:预警|通知|消息|信息|指令|命令|任务|短信))"
)
_OURS = "(?:我们?|俺们?|咱们?|我?村里?|全村|这边|群众|村民)"
_FOLLOWS = (
    r"(?:谢谢|感谢|辛苦|多谢|明白|知道|好的|立即|立刻|立马|马上|即刻|现在|正在|正|已经?|都已|请放心|放心"
    rf"|{_OURS}?(?:这就|马上|立马|立即|在路上|在组织|正在|已经?|都已|就?去)"
    r"|照办|遵照|遵命|坚决|全力|执行|按要求|一定|保证|准备|开始|组织|落实|转移|赶紧|赶快|抓紧|尽快|尽力|就办|但是?|可是|不过|请支援"
    r"|没问题|没有问题|没人受伤|收到"
    r"|[\u4e00-\u9fff]{0,2}(?:领导|书记|主任|[镇县乡村局市队站所]长|指挥长?|总)(?= |$))"
)
_CHINESE = re.compile(
    rf"(?:{_COURTESY} ?)*+收 ?到(?P<direct>{_PARTICLE}*(?:{_OBJECT}{_PARTICLE}*)?)(?P<rest>.*)",
    re.DOTALL,
)
_ASKED = re.compile(r"(?:了|过)?(?:没有?|吗|嘛|么|否|不|无|与否|是不是|是吧|吧|几|多少|谁)?[ ]*[?]")
_ONLY_ASKED = re.compile(
    r"(?:了|过)?(?:没有?|吗|嘛|么|否|不|无|与否|[是对]吗|是不是|是吧|对吧)[ ]*"
)
_ENDS_ASKING = re.compile(
    r"(?:[?]|(?:没有?|吗|嘛|么|否|不)[啊呀呢]?)[ ]*$"
)  # 收到马上转移的通知了吗
_DENIED = re.compile(
    r"(?:没|未|不|没有)(?:有|曾|能|再)?收到|收不到|未能收|谁收到|哪些?.{0,6}收到|收到(?:了|过)?(?:没(?!有?(?:问题|事))|吗|嘛|么|否|不)"
    r"|是否.{0,4}收到|有没有.{0,4}收到|请.{0,8}回复|请.{0,8}收到"
)
_WORD = re.compile(  # possessive: nothing is tried twice
    rf"(?:收\s*到{_PARTICLE}*+(?:{_OBJECT}{_PARTICLE}*+)?+[^\w?]*+)++"
    r"|\b(?:received|roger|copy|copied)\b[^\w?]*+",
    re.IGNORECASE,
)
_NEED = re.compile(
    r"但|可是|不过|只是|就是(?!了)|然而|无法|没法|没办法|不能|[去走过来进出动到撤移实行完成]不[了去来到开成]"
    r"|没有?(?:人手|人[去来干抬管开]|车|船|油|电|信号|网|路|工具|物资|钥匙)|缺|不够|不足"
    r"|(?:路|桥|电|信号|网)\S{0,3}(?:断|堵|塌|停|冲|没)|(?:请|求|急|需|要|快|速)\S{0,4}(?:支援|增援|救援|帮)"
    r"|(?:请|求|快|速|多|再)\S{0,2}派|派\S{0,3}来|怎么办|咋[办整]|在外地|住院|不在(?:村|岗|家|本地)"
    r"|\b(?:but|cannot|can't|unable|need|help|cut off)\b"
)
_ENGLISH = re.compile(
    r"(?:(?:ok(?:ay)?|yes|message|warning|alert|roger|i|we)[ ]+)*"
    r"(?:received|roger|copy|copied)(?P<rest>.*)",
    re.DOTALL,
)
_ENGLISH_FOLLOWS = re.compile(
    r"[ ]*(?:[.!~:;]|,|and\b|with thanks\b|thanks\b|thank you\b|thx\b|that\b|sir\b|now\b|ok\b|"
    r"moving\b|will\b|the (?:warning|alert|message)\b|loud and clear\b).*",
    re.DOTALL,
)
_ENGLISH_DENIED = re.compile(r"\b(?:not|no|never|nothing|didn't|haven't|hasn't|who|anyone)\b|[?]")


def _spaced(words: str) -> str:
    """Pictures, punctuation and blanks as one blank; question marks are kept: they turn all."""
    kept = [
        char if char == "?" or unicodedata.category(char)[0] in "LN" or char in ".,!~'" else " "
        for char in words
    ]
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def _in_chinese(words: str) -> bool:
    pausing = re.sub(r"[ .,!~']+", " ", words).strip()
    found = _CHINESE.fullmatch(pausing)
    if found is None or _DENIED.search(pausing):
        return False
    rest = found["rest"]
    if _ASKED.match(rest.lstrip()) or _ONLY_ASKED.fullmatch(rest.strip()):
        return False
    if not rest or rest.startswith(" "):
        return True
    return re.match(_FOLLOWS, rest) is not None and not _ENDS_ASKING.search(rest)


def _in_english(words: str) -> bool:
    words = words.lstrip(" .!~,'")
    found = _ENGLISH.fullmatch(words)
    if found is None:
        return False
    rest = found["rest"].strip(" .!~,")
    if not rest and "?" not in words:
        return True
    if _ENGLISH_DENIED.search(words.split(",")[0] if "," in words else words):
        return False
    return _ENGLISH_FOLLOWS.fullmatch(found["rest"]) is not None
