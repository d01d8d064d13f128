"""The handbook: each hazard, kind of work and phase has its card; a bad card is refused by line."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from alerts.handbook.finding import find_cards
from alerts.handbook.initials import initials
from alerts.handbook.model import Card, Phase, best_card, phase_of
from alerts.handbook.reading import read_card
from alerts.instructions import Work
from alerts.model import RESPONSES, WARNED_OF, Hazard, Level, State
from alerts.template_files.faults import BadTemplate, TemplateFault
from alerts.template_files.files import files_of
from alerts.template_files.model import Folders, Origin, TemplateKind
from bot.views.handbook_cards import body_html, card_screen
from bot.views.template_problems import bad_template_line
from tests.every_case import hold_for_every

CARD = """---
标题: 山洪来了：村里怎么转
灾种: 山洪灾害 暴雨
岗位：村责任人
阶段: 转、警
关键词: 沟口、铜锣
来源: 《山洪灾害防御预案编制导则》（SL 666-2014）
---
1. 逐户叫醒
2. **往高处走**
> 未接通知不得返回
"""

WITH_ENGLISH = (
    CARD.replace("灾种:", "title_en: Flash flood\n灾种:").replace("逐户叫醒", "逐户叫醒，拨打110")
    + "\n=== English ===\n1. Wake every house, ring 110\n2. **Go up**\n> Wait for word\n"
)

CARDS = TemplateKind.CARD


def shipped() -> dict[str, Card]:
    return {key: one.card for key, one in files_of(CARDS, Folders()).templates.items()}


def test_every_hazard_work_and_phase_has_a_card() -> None:
    cards = shipped().values()
    wanted = itertools.product((*WARNED_OF, *RESPONSES), Work, Phase)
    missing = [
        (hazard.value, work.value, phase.value)
        for hazard, work, phase in wanted
        if not any(card.is_for(hazard, work, phase) for card in cards)
    ]
    assert missing == []


def test_every_shipped_card_is_sound() -> None:
    assert files_of(CARDS, Folders()).bad == ()
    assert len(shipped()) > 60
    for card in shipped().values():
        assert "《" in card.source or "明白卡" in card.source or "避险" in card.source, card.key
        assert "541" not in card.source, "森林防火条例 was repealed by order 822"
        # No number that nobody published: the fire line and round-the-clock duty are all there is.
        assert set(re.findall(r"\d{2,}", card.body)) <= {"12119", "24"}, card.key
        if Hazard.FOREST_FIRE in card.hazards and Phase.MOVING in card.phases:
            assert "组织群众扑火" in card.body or Work.VILLAGE not in card.works
        if card.works == {Work.VILLAGE} and "moving" in card.key:
            assert "返回" in card.body and "return" in card.body_en, card.key


def test_every_shipped_card_says_the_same_in_english() -> None:
    def same(card: Card) -> None:
        assert card.title_en.isascii() and card.source_en.isascii(), "English titles and sources"
        assert 0 < len(card.title_en) <= 42  # whole on its button, behind the phase
        assert len(card.source_en.split("; ")) == len(card.source.split("；"))
        lines = list(zip(card.body.splitlines(), card.body_en.splitlines(), strict=True))
        for chinese, english in lines:  # step by step: its number, what is in bold, any figures
            assert re.findall(r"\d+", chinese) == re.findall(r"\d+", english), english
            assert chinese.count("**") == english.count("**"), english
            # Nothing Chinese is left but the names of buttons, as an English phone shows them.
            assert not re.search("[\u4e00-\u9fff]", english.replace("“🆘 求救 Help”", "")), english

    hold_for_every({card: card.key for card in shipped().values()}, same)


def test_a_reader_of_english_reads_english_and_everybody_else_chinese() -> None:
    card = shipped()["fire-ranger-moving"]
    for language in ("en", "en-GB"):
        text = card_screen(card, language).text
        assert "Fire: a ranger keeps safe first" in text and "Yourself first" in text
        assert "State Council Order No. 822" in text and "先保自己" not in text
    for language in ("zh", "zh-hans", "ko"):
        text = card_screen(card, language).text
        assert "先保自己" in text and "第822号" in text and "Yourself" not in text
    # An office that writes Chinese only: everybody reads that.
    own = card_screen(read_card(CARD, "own-card.md"), "en").text
    assert "逐户叫醒" in own and "The card itself is in Chinese" in own


def test_a_card_is_read_with_its_chinese_fields() -> None:
    card = read_card(CARD.encode(), "own-card.md")
    assert card.title == "山洪来了：村里怎么转"
    assert card.hazards == {Hazard.FLASH_FLOOD, Hazard.RAINSTORM}
    assert card.works == {Work.VILLAGE} and card.phases == {Phase.WARNED, Phase.MOVING}
    assert card.keywords == ("沟口", "铜锣")
    english = CARD.replace("标题", "title").replace("灾种: 山洪灾害 暴雨", "hazards: flash_flood")
    assert read_card(english, "own-card.md").hazards == {Hazard.FLASH_FLOOD}
    assert card.body_en == card.title_en == ""
    both = read_card(WITH_ENGLISH, "own-card.md")
    assert (
        both.body == card.body.replace("叫醒", "叫醒，拨打110") and both.title_en == "Flash flood"
    )
    assert both.body_en == "1. Wake every house, ring 110\n2. **Go up**\n> Wait for word"
    # As an office's editor writes it: a byte-order mark, lines ended as on Windows.
    windows = ("\ufeff" + CARD).replace("\n", "\r\n").encode()
    assert read_card(windows, "own-card.md") == card


BAD = {
    CARD.replace("灾种: 山洪灾害 暴雨", "灾种: 山洪 龙卷风"): (TemplateFault.UNKNOWN_HAZARD, 3),
    CARD.replace("岗位：村责任人", "岗位：村长家"): (TemplateFault.UNKNOWN_WORK, 4),
    CARD.replace("阶段: 转、警", "阶段: 中"): (TemplateFault.UNKNOWN_PHASE, 5),
    CARD.replace("关键词", "关键字"): (TemplateFault.UNKNOWN_FIELD, 6),
    CARD.replace("岗位：", "标题: "): (TemplateFault.FIELD_TWICE, 4),
    CARD.replace("岗位：村责任人\n", ""): (TemplateFault.MISSING_FIELD, 7),
    CARD.replace("岗位：村责任人", "岗位："): (TemplateFault.MISSING_FIELD, 4),
    CARD.replace("岗位：村责任人", "岗位"): (TemplateFault.NOT_A_FIELD, 4),
    CARD.removeprefix("---\n"): (TemplateFault.NO_HEAD, 1),
    CARD.replace("---\n1.", "1."): (TemplateFault.NOT_A_FIELD, 8),
    CARD.partition("1. ")[0]: (TemplateFault.NO_TEXT, 8),
    CARD.replace("1. ", "").replace("2. ", ""): (TemplateFault.NO_STEPS, 9),
    CARD + "![图](a.png)\n": (TemplateFault.NOT_SHOWN, 12),
    CARD + "\n".join(["3. " + "字" * 300] * 4): (TemplateFault.TEXT_TOO_LONG, 15),
    CARD.replace("往高处走", "往高处走" * 4000): (TemplateFault.TOO_LARGE, 1),
    WITH_ENGLISH.replace("\n2. **Go", "\nThen **Go"): (TemplateFault.STEPS_DIFFER, 14),
    WITH_ENGLISH.replace("ring 110", "ring 119"): (TemplateFault.NUMBERS_DIFFER, 14),
    WITH_ENGLISH.replace("=== English", "=== Englisch"): (TemplateFault.UNKNOWN_PART, 14),
    WITH_ENGLISH + "=== 英文\n1. Again\n": (TemplateFault.UNKNOWN_PART, 18),
    WITH_ENGLISH.replace("title_en: Flash flood\n", ""): (TemplateFault.MISSING_FIELD, 8),
    WITH_ENGLISH.replace("Flash flood", "F" * 61): (TemplateFault.TEXT_TOO_LONG, 3),
    WITH_ENGLISH.partition("1. Wake")[0]: (TemplateFault.NO_TEXT, 14),
    WITH_ENGLISH + "- " + "w" * 2000: (TemplateFault.TEXT_TOO_LONG, 18),
    WITH_ENGLISH + "| a | table |\n": (TemplateFault.NOT_SHOWN, 18),
}


def refusal_of(content: str | bytes, file: str = "own-card.md") -> BadTemplate:
    with pytest.raises(BadTemplate) as raised:
        read_card(content, file)
    return raised.value


def test_a_bad_card_is_refused_with_its_line() -> None:
    def refused(text: str) -> None:
        error = refusal_of(text)
        assert (error.fault, error.line) == BAD[text]
        for language in ("zh", "en"):
            line = bad_template_line(error, language)
            assert "own-card.md" in line and str(error.line) in line and "{" not in line

    hold_for_every(BAD, refused)
    for file in ("Card.md", "山洪.md", "a" * 41 + ".md"):
        assert refusal_of(CARD, file).fault is TemplateFault.BAD_NAME
    error = refusal_of(CARD.encode() + b"3. \xff\xfe\n")
    assert (error.fault, error.line) == (TemplateFault.NOT_TEXT, 12)


def test_the_own_folder_overrides_by_name_and_a_bad_card_of_it_is_left_out(tmp_path: Path) -> None:
    key = "flash-flood-village-moving"
    folders = Folders(cards=str(tmp_path))
    (tmp_path / f"{key}.md").write_text(CARD.replace("逐户叫醒", "先打锣"), encoding="utf-8")
    (tmp_path / "our-own.md").write_text(CARD, encoding="utf-8")
    (tmp_path / "broken.md").write_text("1. 没有头", encoding="utf-8")
    found = files_of(CARDS, folders)
    assert "先打锣" in found.templates[key].card.body
    assert found.templates["our-own"].origin is Origin.FOLDER
    [bad] = found.bad
    assert (bad.file, bad.line) == ("broken.md", 1)
    assert files_of(CARDS, folders) is found  # nothing changed: nothing is read
    # A card that is broken later: the shipped one stands in for it again.
    (tmp_path / f"{key}.md").write_text("---\n", encoding="utf-8")
    assert files_of(CARDS, folders).templates[key].card == shipped()[key]
    nowhere = Folders(cards=str(tmp_path / "nowhere"))
    assert files_of(CARDS, nowhere).templates.keys() == shipped().keys()


def test_initials_of_the_field_s_words() -> None:
    words = {
        "山洪": "sh",
        "暴雨": "by",
        "瞭望员": "lwy",
        "内涝": "nl",
        "道路结冰": "dljb",
        "检查站": "jcz",
        "汛期": "xq",
        "12119 火警": "12119hj",
        "①": "",
    }
    assert {word: initials(word) for word in words} == words


def test_cards_are_found_by_words_and_initials() -> None:
    cards = shipped().values()

    def best(words: str, work: Work | None = None) -> str:
        found = find_cards(cards, words, work)
        return found[0].key if found else ""

    cases = {
        ("山洪", Work.VILLAGE): "flash-flood-village-",
        ("sh", Work.VILLAGE): "flash-flood-village-",
        ("sh", Work.OFFICE): "flash-flood-village-",  # 山洪 itself before 山火, which is like it
        ("山火", Work.VILLAGE): "fire-village-",
        ("SH 转", Work.VILLAGE): "flash-flood-village-moving",
        ("泥石流 指挥员", None): "geological-command-moving",
        ("slhx", Work.RANGER): "danger-ranger-warned",
        ("瞭望塔", None): "fire-lookout-before",
        ("冰雹", Work.VILLAGE): "hail-village",
        ("火烧迹地", None): "fire-ranger-moving",
        ("漩涡", Work.VILLAGE): "waterlogging-village-moving",
        ("flash flood", Work.VILLAGE): "flash-flood-village-",
        ("Flash-flood warned", Work.VILLAGE): "flash-flood-village-warned",
        ("what to do in a landslide", Work.COMMAND): "geological-command-moving",
        ("fire danger", Work.RANGER): "danger-ranger-warned",
        ("wildfire lookout moving", None): "fire-lookout-moving",
        ("dam commander", None): "reservoir-command-moving",
        ("blizzards", Work.VILLAGE): "snowstorm-village",
        ("manhole", None): "waterlogging-village-warned",
        ("Zhang Wei", None): "",
        ("村长0", None): "",
        ("张强", None): "",
        ("s", None): "",
        ("", None): "",
        ("1390000", None): "",
    }
    hold_for_every(cases, lambda case: _same(best(*case), cases[case]))


def _same(found: str, wanted: str) -> None:
    assert found.startswith(wanted) if wanted else found == "", found


def test_the_phase_follows_from_the_warning() -> None:
    cases = {
        (Level.RED, None, State.RELEASED): Phase.MOVING,
        (Level.ORANGE, None, State.CLOSED): Phase.MOVING,
        (Level.RED, 720, State.RELEASED): Phase.WARNED,
        (Level.YELLOW, None, State.RELEASED): Phase.WARNED,
        (Level.BLUE, None, State.RELEASED): Phase.WARNED,
        (Level.RED, None, State.LIFTED): Phase.AFTER,
        (Level.RED, None, State.EXPIRED): Phase.AFTER,
    }
    assert {facts: phase_of(*facts) for facts in cases} == cases


def test_the_narrowest_card_is_the_best() -> None:
    cards = shipped().values()
    chosen = best_card(cards, Hazard.GEOLOGICAL, Work.COMMAND, Phase.MOVING)
    assert chosen is not None and chosen.key == "geological-command-moving"
    # No card of that phase: one of another phase is better than none.
    some = [card for card in cards if card.key == "hail-village"]
    assert best_card(some, Hazard.HAIL, Work.VILLAGE, Phase.AFTER) in some
    assert best_card(some, Hazard.HAIL, Work.RANGER, Phase.AFTER) is None


def test_what_a_card_says_is_shown_and_nothing_in_it_is_markup() -> None:
    assert body_html("# 头\n1. 一 **二** & 三\n- 四\n> 五\n") == (
        "<b>头</b>\n1. 一 <b>二</b> &amp; 三\n• 四\n<blockquote>五</blockquote>"
    )
    for card in shipped().values():
        for language in ("zh", "en"):
            shown = card_screen(card, language, next(iter(card.hazards))).text
            assert "**" not in shown and len(shown) < 1800, card.key
