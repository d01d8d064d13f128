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


# Said in danger and by nobody else: no word beside them takes them back.
_CALLS = (
    r"救\W{0,2}命|救救|快救|来救|快来人|来人[啊呀哪呐]|帮帮(?:我|忙)"
    r"|(?<![a-z])s\W?o\W?s(?![a-z])|🆘|mayday"
)
# A part of the body, and not 手机, 手续, 脚手架, 腰带, a leg of a table.
_LIMB = (
    "(?:(?<![桌椅凳床])(?<![桌椅凳]子)腿|(?<!三)脚(?!手|印|架)|胳膊"
    "|(?<!脚)手(?![机电续工头表持推提动套咪])|腰(?![带线]))"
)
# 滑坡监测正常, 塌方已清 are rounds and repairs, done every day.
_LOOKED_AFTER = (
    "(?!(?:体|点|处|沟|路段|监测)*(?:稳定|正常|[无没]变化|无异常|已巡查|已清|已通(?![知报])|已设))"
)
_WORDS: tuple[tuple[Cry, str], ...] = (
    (
        Cry.RESCUE,
        rf"{_CALLS}|求救|求援|呼救|救人(?!员)|求助(?!电话|热线)|(?:需要?|请求|请|快|等|派|要)\S{{0,3}}救援(?!队|物资)|(?<!拨打110)(?<!拨打119)报警(?!器|电话|系统)"
        r"|迷路|迷山|迷失|麻[达搭]山?|(?:我|俺)们?\S{0,2}转向|走迷糊|找不[到着]\S{0,2}(?:路|道|北)|走失|走丢|失踪|失联"
        r"|(?:人|孩子?|老头|老太太)(?:不见|丢|找不[到着])了|找不[到着]人了"
        r"|[走出爬]不(?:出去?|出来|去|来|上来)|回不去|下不(?:来|了山|去山|山)|上不(?:来|了岸|去岸)"
        r"|落水|溺水|(?:掉|摔|滚|跌|坠|栽)(?:进|到|下|入)?了?\S{0,4}(?:水|河|江|湖|库|井|沟|坑|崖|窟窿|山坡)"
        r"|(?:摔|滚|跌)下(?:去|来|山)|坠落"
        r"|(?:冲|卷|刮)走|车翻|翻车|翻船|船翻|沉船|船沉|(?<!缺)陷(?:住|进|里|在|泥|沟|坑|车|水|了)|熄火在|车打?误(?:住|在|里|了)|泡水里"
        r"|被困|困[住在]|困(?:水|山|屋|车|河|楼)|围困|水围|包围(?!起来|圈)|[被水火]包围|成了?孤岛|撑不住|坚持不住"
        r"|[爬躲]\S{0,2}(?:树(?![沟村屯])|房顶|屋顶)|(?<![装安设架挂放])在(?:房|屋)顶(?!上?[装安设架挂])"
        r"|埋住|被埋|埋人|人埋|压住(?!点|火)|压着人|砸[着到中伤]|被砸|受伤|[摔烧烫冻]伤|骨折|昏迷|昏(?:倒|过去)|晕(?:倒|过去|了)"
        rf"|中暑|冻僵|流血|出血|{_LIMB}\S{{0,2}}(?:断(?![网电水钱断续开])|折(?![纸扣腾])|崴)|断了(?:腿|胳膊)|不能动|动不了|走不了了|走不动"
        r"|出人命|没气了|心脏病|心梗|触电|雷劈|雷击|爆炸|遇险(?!情)|有危险|快不行"
        r"|被(?:蛇|熊|野猪|狗|狼|蜂)|[蛇狗熊]咬|(?:遇[到见]?|碰[到见]|有)(?:黑?熊(?![岭沟屯])|熊瞎子|野猪(?!肉)|狼(?![狗毒沟牙])|东?北?老?虎(?![子林头屯山沟钳河保皮机]))"
        r"|\bhelp\b|\brescue\b|\b(?:i am|i'm|im|we are|we're|got|get) lost\b|^lost\W*$|\blost in\b"
        r"|\bstuck\b|\btrapped\b|\bdrown|\bbleeding\b|\boverboard\b"
        r"|\bcan(?:'t|not) (?:move|get out)\b"
        r"|\b(?:fell|fallen|is|was|in) (?:in|into) the (?:water|river)\b|\bin the (?:water|river)\b"
        r"|\binjured\b|\bhurt\b|\bstranded\b|\bswept away\b|\bburied\b",
    ),
    (
        Cry.FIRE,
        r"着火|起火|失火|跑火|着起来|烧起来|燃起来|烧着|烧山|(?<!发)烧(?:(?<!秸秆烧)了(?![香纸])|[房到]|过(?!的))|(?<!不)冒(?:[黑白青大浓])?烟|[浓黑白青大]烟(?![囱酒花草叶厂])|有烟(?![囱酒花草叶厂])|见烟|看到烟|看见烟|发现烟|起烟"
        r"|烟雾(?!报警|弹)|烟很?大|烟柱|火烧|山火|林火|火灾|火苗|明火|大火(?!锅)|有火(?![车腿炉])|火光|火点|火着|火大了|火上山|火过来|火势(?!变?小|减|可控|平稳)"
        r"|(?:有|现|起)\S{0,2}火情|火警(?!电话|号)|(?:山|林子?|树|草|甸子|垛|柴|秸秆|房子?|屋子?|地里)着了|^🔥+$"
        r"|\bfire\b|\bsmoke\b|\bburning\b|\bflames?\b",
    ),
    (
        Cry.FLOOD,
        r"决堤|决口|溃堤|溃坝|溃口|垮坝|垮堤|漫堤|漫坝|漫顶|管涌|(?:堤|坝)(?:(?!没|无|不|未|是否|有无|有没)\S){0,2}(?:不行|(?:没[守保挡顶]|[守保挡顶]不)住|垮|塌|破|断(?!面)|漏|渗|裂)"
        r"|进水(?![口阀管闸渠量]|正常)|水进(?:村|屋|家|院)|淹水|淹(?:了|没|到|进)|水涨|(?<![送供打提运拉开热饭])水(?:上来|过来|下来)|涨水"
        r"|(?<![送供打提运拉开热饭])水(?![管桶表])\S{0,3}[到没过]了?(?:炕|腰|膝|胸|脖|窗|床)|山洪(?:来|下来|暴发|爆发)"
        rf"|洪水来|发大水|(?:泥石流|塌方|滑坡){_LOOKED_AFTER}|山体?\S?(?:滑(?!坡)|塌)|房(?:子|屋)?(?:倒?塌|倒)|塌房|墙(?:倒?塌|倒)"
        r"|\b(?:dam|dike|dyke|levee|embankment)\b.{0,24}\b(?:br[eo]\w*|burst\w*|fail\w*|gave|gone|overflow\w*)"
        r"|\bflash flood\b|\blandslide\b|\bmudslide\b|\bflooding\b|\bflooded\b"
        r"|\b(?:river|water) is (?:rising|coming)\b",
    ),
)
_FOUND = tuple((cry, re.compile(words)) for cry, words in _WORDS)
_CALLED = re.compile(_CALLS)

# What takes the word back when it stands before it. Between 没 and what did not happen stands only
# who and what it might have happened to: 没有人落水; 没信号迷路了 is a cry.
_DENIED = (
    "(?:没有?|未|无(?!人机|线)|不是|并非|不会|误报|不存在)"
    "(?:任何|什么|[一哪][辆台]车|[一哪][头只匹][牛羊猪马]|[一哪][户家处个条座头只名位辆]|一|谁|啥|人员?|群众|村民|老人|孩子|学生|游客|工人|老?百姓|司机"
    "|车辆|牲畜|牛羊|房屋|房子|农田|庄稼|道路|路段|桥梁|地方|山体|发生|发现|出现|看[到见]|听说|[听见]到?|接到|报告|造成"
    "|有|被|再次?|新的?|明显|大的?|过)*+"
)
_PREVENTED = (
    "不要|禁止|严禁|防止|预防|严防|(?<!消)防(?!队|汛|火[办员队指站])|防范|避免"
    "|(?<!不是)(?:演练|演习)"
)
# 可能引发山洪、泥石流 is a forecast; 大坝可能决堤 is none.
_FORECAST = (
    "(?:可能(?:引发|诱发|导致|造成)|(?<!消)防[范御]|谨防|警惕)"
    "(?:发生|局地|中小河流|山洪|洪水|泥石流|滑坡|崩塌|塌方|山体|内涝|地质|次生|灾害|[及和或与、等的])*+"
)
_SUPPOSED = "如果?|若|一旦|万一|要是|假如|去年|前年|上次"
_ASKED = "是否|是不是|有没有|有无"
_ENGLISH = r"\b(?:no|not|without|if|where is the|any|prevent|isn't|is there a?)\b"
_BEFORE = re.compile(
    rf"(?:{_DENIED}|{_FORECAST}|(?:{_PREVENTED}|{_SUPPOSED}|{_ASKED}|{_ENGLISH})[^,.!?;啊呀快来救]{{0,4}})$"
)
# Somebody who is lost asks where, and has been since yesterday; a fire of yesterday is out.
_BEFORE_FACT = re.compile("(?:昨天|昨日|前天|哪里|哪儿|哪个|什么地方)[^,.!?;啊呀快来救]{0,4}$")
# The same when it stands just behind: 着火了吗, 山火已扑灭, 森林火险等级.
_OVER = (
    "[^,.!?;]{0,4}(?:已?扑灭|已灭|灭了|熄灭|已?获救|已?脱险|已?解除|点已"
    r"|已处置|已?控制住?|已?送医|已?找到|已回)"
)
_NAMES = (
    "(?:的|灾害?|性|发生|人员|没)*(?:风?险|隐患|危险性|火险|等级|预警|演练|防[范控治御]"
    "|方案|信号测试|名单|范围|区(?!里))"
)
_QUESTION = r"[了过着]?(?:人|点|情)?(?:吗|么\?|没有?\?|没$|不\?|\?)"
_ENGLISH_AFTER = r"[^,.!?;]{0,4}(?:\balarm\b|\bdrill\b|\bdanger (?:is|level)|\bis out\b)"
_AFTER = re.compile(rf"{_OVER}|{_NAMES}|{_QUESTION}|{_ENGLISH_AFTER}")
# 山火情况怎么样？ asks; 着火了怎么办？ is asked by somebody who sees it.
_AFTER_FACT = re.compile(
    r"[^.!?;]{0,6}(?:没有?|[无未])复燃"
    r"|(?![^,.!?;]{0,4}(?:怎么办|咋|怎么整|有人|谁|快))[^,.!?;]{0,6}\?"
)
# Of persons only: a fire burns on when those who live there were moved.
_SAVED = re.compile(
    "(?:人员|群众|村民|老人|游客|学生|的)?已(?:全部|经|都|安全|被)*(?:救出|转移|上岸)"
)
# Of water only that was let in: 灌溉抽水，水上来了.
_PIPED = re.compile("(?:灌溉|打井|自来水|供水)(?:抽水)?,?$")
_WHAT_CAN_BE_DONE = re.compile(r"(?:/help|帮助|使用帮助)")


def cry_in(text: str) -> Cry | None:
    """What is the matter, if the text says so; ``None`` for anything else."""
    if not text or len(text) > LONGEST:
        return None
    words = re.sub(r"[，。！；\n]", lambda mark: _MARKS[mark.group()], plain(text))
    words = words.replace("。", ".")
    if _WHAT_CAN_BE_DONE.fullmatch(words):
        return None
    for cry, pattern in _FOUND:
        for found in pattern.finditer(words):
            if not _taken_back(cry, found[0], words[: found.start()], words[found.end() :]):
                return cry
    return None


def _taken_back(cry: Cry, word: str, before: str, after: str) -> bool:
    """Whether what stands beside the word says that it did not happen, or asks whether it did."""
    if _CALLED.fullmatch(word):
        return False
    if _BEFORE.search(before) or _AFTER.match(after):
        return True
    if word.startswith("水") and _PIPED.search(before):
        return True
    if cry is Cry.RESCUE and _SAVED.match(after):
        return True
    fact = cry is not Cry.RESCUE
    return fact and bool(_BEFORE_FACT.search(before) or _AFTER_FACT.match(after))


def calls_for_help(text: str) -> bool:
    """Whether it is said in danger, and by nobody else: 救命. 骨折住院 may be said of another."""
    return _CALLED.search(plain(text)) is not None


def only_a_cry(text: str) -> bool:
    """Whether a text that is one can be nothing else: it is short."""
    return len(text.strip()) <= SHORT


_MARKS = {"，": ",", "。": ".", "！": "!", "；": ";", "\n": ","}
