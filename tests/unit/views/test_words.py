"""Small readers and writers of the views: typed numbers, menu texts, words of /warn, bars."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.calls import Proxy, Report
from alerts.conversation_store import ConversationTopic
from alerts.figures_in_words import parse_moved
from alerts.instructions import instruction
from alerts.model import RELEASED_BY_NAME, Hazard, Level, State
from bot.locale import LANGUAGES, _catalogue
from bot.views import clock, figures, menu, questions, vocabulary
from bot.views.menu import Item
from bot.views.screen import Inline
from bot.views.warnings import call, ending, follow_up, release_wizard, silent_list
from contacts.divisions.codes import Tier
from contacts.people import Contact, Post, Role
from tests.unit.views import samples as s
from tests.unit.views.screens import SCREENS


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12户 35人", (12, 35)),
        ("１２户３５人", (12, 35)),
        ("转移12户,共35人。", (12, 35)),
        ("35人 12户", (12, 35)),
        ("12 35", (12, 35)),
        ("12，35", (12, 35)),
        ("35人", (None, 35)),
        ("0户0人", (0, 0)),
        ("12户", (12, None)),
        ("12 households 35 people", (12, 35)),
        ("12户3人5人", None),
        ("12户 35", None),
        ("35", None),
        ("都转移了", None),
        ("", None),
        ("-3人", None),
        ("1.5人", None),
        ("9999999999人", None),
        ("12户" * 100, None),
    ],
)
def test_figures_are_read_or_asked_again(
    typed: str, expected: tuple[int | None, int | None] | None
) -> None:
    assert parse_moved(typed) == expected


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_the_example_s_own_form_is_always_read(households: int, persons: int) -> None:
    assert parse_moved(f"{households}户 {persons}人") == (households, persons)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("item", Item)
def test_a_menu_button_is_known_in_every_language(item: Item, language: str) -> None:
    text = menu.label(item, language)
    assert menu.item_of(text) is item
    assert text in menu.texts(item)


def test_other_words_are_no_menu_button() -> None:
    assert menu.item_of("收到") is None
    assert menu.item_of("") is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", Role)
def test_every_post_has_its_keyboard(role: Role, language: str) -> None:
    person = s.replace(s.VILLAGER, role=role)
    buttons = [button for row in menu.menu_for(person, language).rows for button in row]
    texts = {button.text for button in buttons}
    assert menu.label(Item.TASKS, language) in texts
    for button in buttons:
        assert button.request_location is (menu.item_of(button.text) is Item.POSITION)
    if role in (Role.RANGER, Role.LOOKOUT, Role.CHECKPOINT, Role.VILLAGE_RESPONSIBLE):
        assert menu.label(Item.DISTRESS, language) in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contract_s_words_are_on_the_buttons(language: str) -> None:
    def texts(name: str) -> str:
        keyboard = SCREENS[name](language).keyboard
        assert keyboard is not None
        return " ".join(b.text for row in getattr(keyboard, "rows", ()) for b in row)

    for name in ("call", "remind", "post", "chase", "call_stand_in"):
        assert "收到" in texts(name)
    for name in ("preview", "confirm_request"):
        assert "确认发布" in texts(name)
    assert "未回应" in texts("progress_card")
    assert "销号" in texts("progress_card")
    for word in ("一键报位", "现场上报", "求救"):
        assert word in texts("linked_ranger")


def test_a_call_has_one_button() -> None:
    keyboard = SCREENS["call"]("zh").keyboard
    assert isinstance(keyboard, Inline)
    assert [len(row) for row in keyboard.rows] == [1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_enum_member_has_a_word(language: str) -> None:
    words = [
        *(vocabulary.level_name(level, language) for level in Level),
        *(vocabulary.hazard_name(hazard, language) for hazard in Hazard),
        *(vocabulary.role_name(role, language) for role in Role),
        *(vocabulary.tier_name(tier, language) for tier in Tier),
        *(vocabulary.held_name(replace(s.RANGER, held_from=tier), language) for tier in Tier),
        *(vocabulary.report_name(report, language) for report in Report),
        *(vocabulary.proxy_name(proxy, language) for proxy in Proxy),
        *(
            vocabulary.state_name(state, hazard, language)
            for state in State
            for hazard in (None, *Hazard)
        ),
        *(vocabulary.contact_name(contact, language) for contact in Contact),
    ]
    assert all(words)
    if language == "en":
        assert [word for word in words if re.search("[\u4e00-\u9fff]", word)] == []


def test_a_response_ends_in_its_own_words_and_so_does_a_call_home() -> None:
    def said(hazard: Hazard) -> list[str]:
        ends = (State.LIFTED, State.CANCELLED)
        return [vocabulary.state_name(state, hazard, "zh") for state in ends]

    assert said(Hazard.RAINSTORM) == ["已解除", "误发，已取消"]
    assert said(Hazard.FLOOD_RESPONSE) == ["已终止", "误启动，已取消"]
    assert said(Hazard.FLOOD_RETURN) == ["已办结", "已取消"]


def test_a_role_is_named_with_the_tier_that_it_is_held_from() -> None:
    person = replace(s.VILLAGER, held_from=Tier.COUNTY, title="副市长")
    assert vocabulary.held_name(person, "zh") == "县级包保责任人"
    assert vocabulary.held_name(person, "en") == "Village responsible, county level"
    assert vocabulary.post_name(person, "zh") == "副市长（县级包保责任人）"
    named = replace(person, title="村级包保责任人", held_from=Tier.VILLAGE)
    assert vocabulary.post_name(named, "zh") == "村级包保责任人"


def test_the_list_of_the_silent_names_the_tier_of_the_post_called_for() -> None:
    called = Post("222403101201", Role.VILLAGE_RESPONSIBLE, held_from=Tier.TOWNSHIP)
    row = replace(s.SILENT[0], person=replace(s.SENDER, others=(called,)), call=s.CALL)
    shown = silent_list.silent_list(s.ALERT, [row], "zh", s.PLACE, s.NOW, total=1)
    assert "乡级包保责任人" in shown.text


NOT_OUR_WORDS = {
    "注销": "销号",
    "中位": "半数在……内",
    "护林员": "巡护员",
    "未应答": "未回应",
    "应答用时": "回应用时",
    "不列了": "取消",
    "不，返回": "返回",
    "不发了": "取消",
    "不点了": "取消",
    "不可达": "联系不上",
    "送不到": "联系不上",
    "叫不应": "联系不上",
    "叫不到": "联系不上",
}


@pytest.mark.parametrize(("word", "ours"), NOT_OUR_WORDS.items())
def test_the_trade_has_one_word_for_one_thing(word: str, ours: str) -> None:
    said = {*_catalogue("en"), *(line for way in every_instruction() for line in way)}
    # Telegram's accounts are 注销; calls and people are not.
    found = [text for text in said if word in text and not text.startswith("Telegram 账号已注销")]
    assert found == [], f"{word} is said {ours} here"


def every_instruction() -> list[tuple[str, ...]]:
    return [
        tuple(instruction(hazard, level, role))
        for hazard in Hazard
        for level in Level
        for role in Role
    ]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("hazard", RELEASED_BY_NAME)
def test_words_of_a_one_line_release_are_understood(level: Level, hazard: Hazard) -> None:
    name = vocabulary.level_name(level, "zh")
    for text in (name, name[0], level.value, level.value.upper(), f" {name} "):
        assert vocabulary.parse_level(text) is level
    for text in (vocabulary.hazard_name(hazard, "zh"), hazard.value):
        assert vocabulary.parse_hazard(text) is hazard
    assert vocabulary.parse_level("紫") is None
    assert vocabulary.parse_hazard("地震") is None


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_the_bar_is_full_only_when_all_have_answered(done: int, more: int) -> None:
    total = done + more
    drawn = figures.bar(done, total)
    assert len(drawn) == 10
    assert ("░" in drawn) is bool(more or not total)
    assert ("▓" in drawn) is bool(done)
    assert (figures.percent(done, total) == "100%") is (more == 0)


def test_times_are_beijing_s() -> None:
    assert clock.clock(s.START) == "03:00"
    assert clock.day_clock(s.START) == "07-03 03:00"
    assert clock.clock(None) == "--:--"
    assert clock.ago(-5, "zh") == clock.ago(59, "zh") == "不到 1 分钟"
    assert clock.ago(7260, "zh") == "2 小时 1 分"
    assert clock.span(59.6, "zh") == "1 分钟"
    assert clock.lead(90, "zh") == "90 分钟"


def test_the_sender_s_number_is_shown_only_when_asked() -> None:
    assert "139" not in call.sender_line(s.SENDER, "敦化市", "zh")
    assert "+8613900000001" in call.sender_line(s.SENDER, "敦化市", "zh", phone=True)


def test_no_phone_number_reaches_a_group() -> None:
    golden = Path(__file__).parent / "golden"
    for name in ("chase", "post", "post_progress", "post_closed", "cancelled_exercise_group"):
        assert "+86" not in (golden / f"{name}.zh.txt").read_text(encoding="utf-8")


def test_every_prompt_about_a_warning_names_it_and_its_place() -> None:
    wizard = (s.ALERT.level, s.ALERT.hazard)
    for language, named in (("zh", "敦化市暴雨红色预警"), ("en", "敦化市")):
        prompts = [
            follow_up.ask_moved(language, s.ALERT, s.PLACE),
            follow_up.moved_not_understood(language, s.ALERT, s.PLACE),
            follow_up.ask_figures(31, 12_000, None, language, s.ALERT, s.PLACE),
            follow_up.ask_reason(Report.HELP, language, s.ALERT, s.PLACE),
            follow_up.report_due_message(s.ALERT, s.CALL, language, s.PLACE),
            silent_list.call_options(s.ALERT, s.SILENT[0], language, s.NOW, s.PLACE),
            silent_list.ask_discharge_reason(s.SILENT[0], language, s.ALERT, s.PLACE),
            silent_list.confirm_discharge(
                s.SILENT[0], "人在外地", "0a1b2c3d", language, s.ALERT, s.PLACE
            ),
            ending.ask_cancel(s.ALERT, language, s.PLACE),
            ending.ask_lift(s.ALERT, language, s.PLACE),
            ending.ask_close_reason(s.ALERT, 4, language, s.PLACE),
            ending.confirm_close(s.ALERT, 4, "已核实", "0a1b2c3d", language, s.PLACE),
            questions.not_taken(ConversationTopic.CLOSE, language, about=(s.ALERT, s.PLACE)),
            release_wizard.ask_own_text(*wizard, language, s.PLACE, 1000),
            release_wizard.ask_lead(*wizard, language, s.PLACE),
        ]
        for screen in prompts:
            assert named in screen.text, screen.text
