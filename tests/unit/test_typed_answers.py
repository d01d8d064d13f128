"""What a typed text means: 收到, figures in words, a cry for help; and what none of them is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.cries import Cry, cry_in
from alerts.figures_in_words import number_of, parse_moved, says_about, says_moved
from alerts.typed_answers import further_words, says_received, tells_of_need

RECEIVED = (
    "收到|收到！|已收到|OK 收到|Received|收到，马上转移|收到 谢谢|收到👌|收到了"
    "|好的收到|好的，收到|收到，謝謝|收到，馬上轉移|收到收到|收到！收到！|明白，收到"
    "|知道了，收到|我收到了|收到。|收到~|【收到】|“收到”|收到马上转移"
    "|收到正在组织转移|收到预警，马上转移|收到通知|✅收到|收到🙏🙏|收 到|报告，收到"
    "|收到，没有人员伤亡|收到，没问题|收到没问题|收到，要转移吗？"
    "|Received, moving now|Roger that|copy|received with thanks|RECEIVED!|roger."
    "|收到李主任|收到王镇长，马上办|收到立马去|收到赶紧转移|收到但是路断了|收到群众已转移|收到啊"
    "|收到預警，立即轉移|收到請支援|已經收到|收到嘍|收到\n马上组织|嗯收到|收到，桥断了|ｏｋ　收到"
).split("|")
NOT_RECEIVED = (
    "1|OK|好的|知道了|明白|没收到|未收到|收不到|收到没有？|谁收到了|收到？|收到?"
    "|收到没|收到吗|收到了吗|收到了没|收到不|收到否|沒收到|收到嗎|誰收到了|收到 没有"
    "|收到，没有？|没有收到|还没收到|我没收到|你收到了吗|是否收到|有没有收到"
    "|什么时候收到|收到一条诈骗短信|收到的人请举手|收到请回复|收到请扣1"
    "|请大家收到回复|收到了没有收到都回一下|received?|not received|Received nothing"
    "|did you receive|who received this|收到！？|收到...?|受到|收|到"
    "|村长0怎么还没回应？|不收到|收到 了吗|怎么收到|他收到了|收到了谁|大家都收到了吗"
    "|收到全部通知了吗|收到立即转移的通知了吗|收到马上转移？|收到李主任的电话了没|收到，是吗"
    "|收到村民求助|收到没人|I haven't received it|received it?|等收到再说||👍|王村长收到"
).split("|")


@pytest.mark.parametrize("text", RECEIVED)
def test_what_means_received(text: str) -> None:
    assert says_received(text)


@pytest.mark.parametrize("text", NOT_RECEIVED)
def test_what_does_not_mean_received(text: str) -> None:
    assert not says_received(text)


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("收到请支援", True),
        ("收到但是无法执行", True),
        ("收到但路断了去不了", True),
        ("收到可是没人手", True),
        ("收到我就去不了", True),
        ("收到尽快派人来", True),
        ("收到，桥断了", True),
        ("收到，马上转移", False),
        ("收到，没有人员伤亡", False),
        ("收到，马上派人去通知", False),
        ("收到预警，没问题", False),
    ],
)
def test_what_stands_with_the_answer_may_tell_of_need(text: str, need: bool) -> None:
    assert says_received(text)
    assert tells_of_need(further_words(text)) is need


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("收到，请支援！", "请支援"),
        ("收到！收到预警了，路断了", "路断了"),
        ("收到。", ""),
        ("Received, but the road is cut", "but the road is cut"),
    ],
)
def test_what_is_written_with_the_answer(text: str, words: str) -> None:
    assert further_words(text) == words


@given(
    st.sampled_from(["收到", "收到了", "已收到", "好的，收到", "received"]),
    st.lists(st.sampled_from(["👌", "🙏", "！", "。", " ", "～", "👍🏻", "\n", "…"]), max_size=6),
)
def test_pictures_and_punctuation_change_nothing(word: str, marks: list[str]) -> None:
    assert says_received(word + "".join(marks))
    assert says_received("".join(marks) + word)


@given(
    st.sampled_from(
        ["没", "未", "还没", "没有", "沒", "谁", "誰", "你们", "是否", "怎么还没", "都没"]
    ),
    st.sampled_from(["收到", "收到了", "收到👌", "收到，谢谢"]),
    st.sampled_from(["", "！", "。", "🙏"]),
)
def test_denied_and_asked_of_others_is_never_an_answer(before: str, word: str, mark: str) -> None:
    assert not says_received(before + word + mark)


@given(
    st.sampled_from(["收到", "收到了", "已收到", "我收到"]),
    st.sampled_from(["", " ", "，", "了"]),
    st.sampled_from(["吗", "没", "没有", "嗎", "否", "不", "么"]),
    st.sampled_from(["", "？", "?", "！", " ？"]),
)
def test_a_question_is_never_an_answer(word: str, gap: str, asked: str, mark: str) -> None:
    assert not says_received(word + gap + asked + mark)


@given(st.text(max_size=40))
def test_a_text_without_the_word_is_never_an_answer(text: str) -> None:
    words = text.casefold()
    if not any(word in words for word in ("收", "received", "roger", "cop")):
        assert not says_received(text)


FIGURES = {
    "十二户三十五人": (12, 35),
    "已转移12户35人": (12, 35),
    "12户，35人": (12, 35),
    "１２户３５人": (12, 35),
    "两户六人": (2, 6),
    "兩戶六人": (2, 6),
    "壹拾贰户叁拾陆人": (12, 36),
    "壹拾貳戶叄拾陸人": (12, 36),
    "俩户仨人": (2, 3),
    "两户五口人": (2, 5),
    "三十五号人": (None, 35),
    "每户三人": None,
    "12户35人，还有3人不走": None,
    "又转移3户8人": None,
    "共15户43人，其中老人5人": (15, 43),
    "12户35人（含孩子3人）": (12, 35),
    "新增3户8人": None,
    "还有三个老人": None,
    "累计15户": (15, None),
    "一百二十人": (None, 120),
    "三户": (3, None),
    "两千三百零五人": (None, 2305),
    "一百零五户三百二十人": (105, 320),
    "一百二户": (120, None),
    "廿三人": (None, 23),
    "十户十人": (10, 10),
    "一万二千人": (None, 12000),
    "一万二人": (None, 12000),
    "二〇人": (None, 20),
    "1,200人": (None, 1200),
    "两家六口": (2, 6),
    "十二，三十五": (12, 35),
    "共转移十二户、三十五人。": (12, 35),
    "十二户共三十五人，全部安置": (12, 35),
    "零户零人": (0, 0),
    "一百二十余人": None,
    "大约12户": None,
    "12户左右": None,
    "几十人": None,
    "三五户": None,
    "十五六人": None,
    "12至15户": None,
    "第一批12户": None,
    "12户3人5人": None,
    "都转移了": None,
    "各位领导，已转移12户35人": (12, 35),
    "12户35人，无剩余": (12, 35),
    "各户3人": None,
    "5号人都走了": None,
}


@pytest.mark.parametrize(("text", "figures"), FIGURES.items())
def test_figures_in_words(text: str, figures: tuple[int | None, int | None] | None) -> None:
    assert parse_moved(text) == figures


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("12户 35人", True),
        ("十二户共三十五人，全部安置。", True),
        ("已转移群众12户", True),
        ("全村安全撤出12户35人👌", True),
        ("老人三个", False),
        ("准备转移12户", False),
        ("桥上有3人", False),
        ("还有5户", False),
        ("各位领导，已转移12户35人", True),
        ("5号人都走了", False),
        ("12 35", False),
    ],
)
def test_only_figures_of_who_was_moved_say_so(text: str, moved: bool) -> None:
    assert says_moved(text) is moved


@pytest.mark.parametrize(
    "text", ["一百二十余人", "大约12户", "三五户", "近百人", "十来户", "12户左右"]
)
def test_a_round_number_is_asked_about(text: str) -> None:
    assert says_about(text) and parse_moved(text) is None


def spoken(number: int) -> str:
    """A number below 100,000 as it is spoken: 一万二千零五."""
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千"]
    if number >= 10_000:
        low = number % 10_000
        gap = "零" if 0 < low < 1000 else ""
        return spoken(number // 10_000) + "万" + gap + (spoken(low) if low else "")
    text = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += digits[digit] + units[place]
        elif text and number % 10**place:
            text += "零" if not text.endswith("零") else ""
    return text or "零"


@given(st.integers(0, 99_999))
def test_every_number_is_read_as_it_is_spoken(number: int) -> None:
    assert number_of(spoken(number)) == number


@given(st.integers(0, 9_999), st.integers(0, 9_999))
def test_spoken_figures_are_read(households: int, persons: int) -> None:
    assert parse_moved(f"{spoken(households)}户{spoken(persons)}人") == (households, persons)


CRIES = (
    "着火了|冒烟|救命|我迷路了|有人落水|决堤|着火了，快来人|东山冒烟了|后山起火"
    "|着火啦！|我们被困了|Fire!|help|Help me|SOS|I'm lost|we are lost"
    "|someone fell into the river|the dam broke|smoke on the east hill"
    "|person in the water|dike breached|著火了|決堤了|冒煙了|救命啊|堤快垮了"
    "|收到，有人落水|水进村了|有人被冲走了|溃坝了|山洪来了|房子塌了|help!"
    "|there is a fire|消防快来着火了|有没有人啊着火了|谁家着火了|小孩掉河里了"
    "|没信号被困山里|无法下山迷路了|昨天进山迷路了|不知走到哪里了迷路了|不会游泳掉河里了"
    "|我迷路了怎么办？|救命有人吗|没有人吗救命|着火了怎么办？|着火了快发预警"
    "|无人机发现着火|防火办吗着火了"
    "|火警|有火情|冒黑烟|山着了|跑火了|走丢了|救救我|车陷了|陷泥里了|麻达山了|下不了山|不是演习着火了"
    "|翻船了|河涨水了|墙倒了|🆘|🔥🔥|S.O.S|救！命|can't move|人不見了|大壩漏水"
    "|我腿断了|车翻了|i am stuck|somebody is drowning|lost in the forest"
).split("|")
NO_CRIES = (
    "没有着火|未着火|没冒烟|没有人落水|哪里着火了？|着火了吗？|火已扑灭|无人被困|收到"
    "|今天巡山正常|如果决堤怎么办|森林火险等级|防止起火|/help|没有火灾"
    "|村长0怎么还没回应？|12户35人|无火情|火险红色预警|no fire|is there a fire?"
    "|未发现冒烟|没有发现着火|敦化市|桥断了，车过不去|两台车，卧床老人 3 名"
    "|已全部电话核实|人在外地，已由副主任负责|立即转移低洼地群众|没发现有人落水"
    "|严防山火|山火情况怎么样？|有没有人被困|有人被困吗？|没有房屋进水|失联人员名单|受伤人员已送医"
    "|走失老人已找到|沒有著火|無火情|火情已处置|缺陷|lost my phone|进水口|"
).split("|")


@pytest.mark.parametrize("text", CRIES)
def test_a_cry_is_heard(text: str) -> None:
    assert cry_in(text) is not None


@pytest.mark.parametrize("text", NO_CRIES)
def test_what_is_no_cry(text: str) -> None:
    assert cry_in(text) is None


def test_what_is_the_matter() -> None:
    assert [cry_in(text) for text in ("着火了", "救命", "决堤")] == [
        Cry.FIRE,
        Cry.RESCUE,
        Cry.FLOOD,
    ]
