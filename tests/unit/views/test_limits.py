"""Whatever people type, Telegram accepts the message: its length, tags and buttons."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.calls import Report
from alerts.completeness import Standing
from alerts.reports import PostReport, ReportFact
from alerts.silence import ListPage, Only, Ringing, SilentPlace
from bot.actions.named_places import PlaceCommand
from bot.actions.parsing import parse
from bot.locale import LANGUAGES
from bot.views import handbook, membership, named_places
from bot.views.division_menu import Choice, DivisionMenu
from bot.views.roster import invitations
from bot.views.screen import (
    LONGEST_CAPTION,
    LONGEST_TEXT,
    LONGEST_TOAST,
    Button,
    ForceReply,
    Inline,
    ReplyKeyboard,
    Screen,
    bold,
    cut,
    escape,
    length,
    method,
    payload,
    quote,
    toast,
    visible_length,
)
from bot.views.warnings import (
    call,
    confirmation,
    ending,
    follow_up,
    group_post,
    places_reported,
    progress,
    release_wizard,
    silent_list,
    stand_ins,
    tasks,
    unreported_list,
)
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Candidate, Division
from tests.every_case import hold_for_every
from tests.unit.views import samples as s
from tests.unit.views.screens import SCREENS

NASTY = [
    "<b>粗</b><script>alert(1)</script> & &lt; &amp;amp; <a href='tg://user?id=1'>x</a>",
    "*a* _b_ `c` [d](e) ~f~ ||g|| \\",
    "😀" * 2100,  # 4,200 of Telegram's characters: a message holds 4,096
    "字" * 4200,
    "<" * 4200,
    "\u202eמִזְרָח \u2066 عربى \u200f" * 300,
    "{name} {0} {} %s {place!r}",
    "一\n二\r\n三\x00四\ud800五",
    "",
    "   ",
]
words = st.one_of(  # the nasty ones are tried each by itself
    st.text(max_size=300),
    st.text(alphabet="<>&;'\"/ab😀\u202e\n{}", max_size=1200),
)
ALLOWED = {"b", "i", "blockquote", "code", "pre", "a"}  # of those Telegram's HTML mode knows


class TagChecker(HTMLParser):
    """Checks markup as Telegram does: no unknown, crossed or open tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert [key for key, _ in attrs] == (["href"] if tag == "a" else [])
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def acceptable(screen: Screen, most: int = LONGEST_TEXT) -> None:
    """What Telegram checks of a message."""
    tags = TagChecker()
    tags.feed(screen.text)
    tags.close()
    assert tags.open == []
    assert 0 < visible_length(screen.text) <= most
    json.dumps(payload(screen, 1), ensure_ascii=False).encode()  # no lone surrogate
    assert not set("\u202e\u2066\x00") & set(screen.text)
    keyboard = screen.keyboard
    if isinstance(keyboard, Inline | ReplyKeyboard):
        assert 0 < sum(map(len, keyboard.rows)) <= 100
        for button in (button for row in keyboard.rows for button in row):
            assert button.text.strip()
            assert length(button.text) <= 128
            if button.data is not None:
                assert parse(button.data) is not None


def every_view(text: str, language: str) -> Iterator[Screen]:
    """Each view with ``text`` in every place where people's words can stand."""
    alert = replace(s.EXERCISE, description=text, close_reason=text)
    person = replace(s.VILLAGER, name=text)
    helped = s.HELP._replace(report_text=text)
    gone = s.DISCHARGED._replace(discharge_reason=text)
    silent = [
        silent_list.SilentCall(
            s.CALL,
            person,
            text,
            stand_in=text,
            tried=s.CALLED_IN_VAIN[0].tried,
            failing=dict.fromkeys(person.numbers),
        )
    ] * 8
    draft = replace(s.DRAFT, text=text, exercise=True)
    places = [
        progress.PlaceProgress(
            code, text, s.PROGRESS, Standing(code, 99_999, 99_999, 999, 999, 999, 999)
        )
        for code in (f"22240310{n}000" for n in range(9))
    ]
    found = [Candidate(Division("222403000000", text, Tier.COUNTY), text)] * 8
    area = DivisionMenu("222403000000", text, [Choice("222403000000", text)] * 50)
    entries = [handbook.HandbookEntry(person, phone=True)] * 50
    sender_line = call.sender_line(person, text, language, phone=True)
    yield call.call_message(alert, 9007199254740991, language, text, sender_line=sender_line)
    yield call.remind_message(
        alert, 1, language, text, sender_line=sender_line, minutes=0, stand_in_for=text
    )
    for call_state in (s.CALL, s.ACKNOWLEDGED, helped, gone):
        yield call.answered_message(
            alert, call_state, None, language, text, sender_line=sender_line, by=text
        )
    yield stand_ins.stood_down_message(alert, gone, text, language, text, by=text)
    yield call.which_call([(s.CALL, alert)] * 20, {7: text}, language)
    yield follow_up.report_recorded(helped, language, alert, text, of=text)
    there = [("222403101201", str(number)) for number in range(20)]
    names = dict.fromkeys(there, text)
    told = [ReportFact(31, Report.HELP, s.NOW, 9, 9, text, *where, True) for where in there]
    yield call.answered_message(
        alert, helped, None, language, text, posts=text, places=names, reports=told
    )
    stands = [PostReport(where, Report.MOVED, s.NOW, 100_000, 100_000) for where in there]
    yield places_reported.places_list(alert, 9007199254740991, stands, names, language, text)
    yield places_reported.one_place(alert, 1, 9999, stands[0], text, language, text)
    yield follow_up.ask_moved(language, alert, text, of=text)
    yield follow_up.ask_reason(Report.HELP, language, alert, text, of=text)
    yield follow_up.report_due_message(alert, s.CALL, language, text, left=[text] * 40)
    late = unreported_list.Unreported(s.CALL, person, text, text)
    yield unreported_list.unreported_list(alert, [late] * 12, language, text, total=999)
    request = replace(s.TAKEN, text=text)
    in_need = follow_up.HelpCall(request, person, text, text)
    yield follow_up.help_wanted(alert, in_need, language)
    yield follow_up.help_list(alert, [in_need] * 12, language, total=999)
    yield follow_up.help_news(alert, request, language, text, taker=person, by=text)
    yield follow_up.ask_figures(9007199254740991, 100_000, 100_000, language, alert, text)
    yield call.not_counted([(s.CALL, alert)] * 20, {7: text}, language)
    yield ending.confirm_close(alert, 99, text, "0a1b2c3d", language, text)
    yield silent_list.confirm_discharge(silent[0], text, "0a1b2c3d", language, alert, text)
    yield group_post.post_message(
        alert, language, text, sender_line=sender_line, progress=s.PROGRESS
    )
    yield group_post.chase_message(alert, language, text, silent * 7, total=99, minutes=5)
    yield silent_list.silent_list(alert, silent, language, text, s.NOW, total=99, page=ListPage(3))
    yield silent_list.call_options(alert, silent[0], language, s.NOW, text)
    yield silent_list.silent_list(
        alert,
        [replace(row, ringing=Ringing(1, 2, text, s.NOW)) for row in silent],
        language,
        text,
        s.NOW,
        total=99_999,
        page=ListPage(3, "222403000000", Only.NOT_RUNG),
        figures=silent_list.ListFigures(99_999, 99_999, 99_999, Tier.TOWNSHIP, ""),
    )
    silent_there = SilentPlace("222403101000", 99_999, 99_999)
    many = [silent_list.NamedPlace(silent_there, text)] * 300
    yield silent_list.silent_places(alert, many, language, text, s.NOW, page=1)
    yield silent_list.ask_discharge_reason(silent[0], language, alert, text)
    yield progress.progress_card(alert, s.PROGRESS, language, text, s.NOW, by_division=places)
    yield ending.summary_message(
        replace(s.SUMMARY, alert=replace(s.CLOSED, status=alert.status, close_reason=text)),
        language,
        text,
        names=dict.fromkeys(s.NAMES, text),
    )
    yield ending.ask_cancel(alert, language, text)
    yield ending.ask_lift(alert, language, text)
    yield ending.ended_message(replace(s.LIFTED, status=alert.status), language, text, by=text)
    yield group_post.chase_over(replace(s.CLOSED, status=alert.status), language, text)
    yield group_post.post_replaced(replace(s.LIFTED, status=alert.status), language, text)
    yield ending.closed_note(alert, language, text, by=text)
    yield confirmation.confirm_request(alert, s.COUNTS, language, text, sender_line=sender_line)
    yield confirmation.confirm_done(
        replace(s.REFUSED, status=alert.status), language, text, by=text
    )
    yield confirmation.released_message(alert, language, text, by=text)
    yield release_wizard.preview(draft, s.COUNTS, 1, language, text, nonce="a")
    yield release_wizard.ask_text(draft.level, draft.hazard, language, text, [text] * 3)
    yield release_wizard.ask_area(
        language,
        area,
        page=7,
        level=draft.level,
        hazard=draft.hazard,
        chosen=text,
        waters=True,
    )
    drill = release_wizard.draft_line(draft.level, draft.hazard, language, exercise=True)
    for line in ("", drill):
        yield release_wizard.area_ambiguous(text, found, 99, language, draft=line)
        yield release_wizard.area_unknown(text, found, language, draft=line)
    yield progress.nothing_running(language, text)
    for command in PlaceCommand:
        yield named_places.no_such_place(text, command, language)
    yield invitations.all_linked(text, language)
    yield handbook.handbook(area, entries, language, page=1)
    yield handbook.search_results(text, [(entries[0], text)] * 50, language)
    yield handbook.search_results(text, [], language)
    lines = [progress.StatusLine(alert, text, s.PROGRESS)] * 12
    yield progress.status_list(lines, language, s.NOW)
    yield tasks.tasks([(s.CALL, alert), (helped, alert)] * 9, {7: text}, language)
    yield membership.linked(person, text, language)
    yield membership.group_hello(text, language, known=True, place=text)
    yield membership.group_hello(text, language, known=False)


@pytest.mark.slow
@settings(max_examples=25)
@given(text=words, language=st.sampled_from(LANGUAGES))
def test_any_text_makes_a_message_telegram_takes(text: str, language: str) -> None:
    for screen in every_view(text, language):
        acceptable(screen)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", NASTY)
def test_the_worst_texts_make_messages_telegram_takes(text: str, language: str) -> None:
    for screen in every_view(text, language):
        acceptable(screen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_golden_message_is_one_telegram_takes(language: str) -> None:
    hold_for_every(SCREENS, lambda name: acceptable(SCREENS[name](language)))


@pytest.mark.parametrize("name", [name for name in SCREENS if "exercise" in name])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exercise_says_so(name: str, language: str) -> None:
    assert "【演练】" in SCREENS[name](language).text


def test_every_view_of_an_exercise_begins_with_the_mark() -> None:
    """DESIGN rule 7. A list of several warnings marks each; a draft is not yet an exercise."""
    for screen in every_view("敦化市", "zh"):
        plain = re.sub(r"<[^>]+>", "", screen.text)
        if "暴雨红色预警" in plain and "第 4 步" not in plain:
            listed = plain.startswith(("📊 态势", "📋 我的任务"))
            assert plain.startswith("【演练】") or (listed and "【演练】" in plain)
    marked = call.call_message(s.EXERCISE, 1, "zh", "敦化市", sender_line="王")
    assert marked.text.startswith("<b>【演练】")
    again = call.remind_message(s.EXERCISE, 1, "zh", "敦化市", sender_line="王", minutes=2)
    assert again.text.startswith("<b>【演练】")
    assert again.text.count("【演练】") == 1


def test_a_warning_of_the_longest_text_is_kept_whole() -> None:
    words = "转" * 1000
    alert = replace(s.ALERT, description=words)
    screen = call.remind_message(
        alert, 1, "zh", s.PLACE, sender_line="王", minutes=2, stand_in_for="张三"
    )
    assert words in screen.text
    answered = call.answered_message(alert, s.MOVED, None, "zh", s.PLACE, sender_line="王")
    assert words in answered.text


def test_a_full_silent_list_is_not_cut() -> None:
    """Names of the roster's longest (64 characters): all eight entries and the time are there."""
    long = replace(s.BLOCKED, name="尼" * 64)
    silent = [
        silent_list.SilentCall(
            s.SILENT[2].call,
            long,
            "村" * 64,
            stand_in="代" * 64,
            tried=s.CALLED_IN_VAIN[1].tried,
            failing=dict.fromkeys(long.numbers),
        )
    ] * 8
    screen = silent_list.silent_list(
        s.EXERCISE, silent, "zh", "市" * 64, s.NOW, total=99, page=ListPage(9)
    )
    assert "80. " in screen.text
    assert screen.text.endswith("更新于 03:12")


@given(text=st.text(alphabet="<>&;ab😀字", max_size=400), most=st.integers(5, 300))
def test_cutting_keeps_the_beginning_and_the_limit(text: str, most: int) -> None:
    whole = f"{bold(text)}{quote(text)}"
    short = cut(whole, most)
    assert visible_length(short) <= most
    assert whole.startswith(short[: short.index("…")]) if "…" in short else short == whole


def test_cutting_never_splits_an_entity_or_a_pair() -> None:
    assert cut(escape("<" * 10), 4) == "&lt;&lt;&lt;…"
    assert cut("<b>" + "😀" * 10 + "</b>", 5) == "<b>😀😀…</b>"
    assert cut("<b>ab</b>cdefghijk", 4) == "<b>ab</b>c…"


def test_a_caption_is_shorter_than_a_message() -> None:
    screen = Screen("字" * 3000, photo="file")
    assert visible_length(screen.text) == LONGEST_CAPTION
    assert method(screen) == "sendPhoto"
    assert payload(screen, 5)["photo"] == "file"
    assert "text" not in payload(screen, 5)


@given(st.text(max_size=500))
def test_a_toast_is_plain_and_short(text: str) -> None:
    assert length(toast(text)) <= LONGEST_TOAST


def test_the_request_of_a_new_message() -> None:
    screen = Screen("a", Inline(((Button("收到", "a:1"),),)), silent=True)
    assert payload(screen, 5, reply_to=9) == {
        "chat_id": 5,
        "parse_mode": "HTML",
        "text": "a",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"inline_keyboard": [[{"text": "收到", "callback_data": "a:1"}]]},
        "disable_notification": True,
        "reply_parameters": {"message_id": 9, "allow_sending_without_reply": True},
    }
    assert method(screen) == "sendMessage"


def test_an_edit_takes_inline_keyboards_only() -> None:
    edit = payload(Screen("a", ForceReply("x")), 5, message_id=8)
    assert "reply_markup" not in edit
    assert edit["message_id"] == 8
    assert method(Screen("a"), message_id=8) == "editMessageText"
    assert method(Screen("a", photo="f"), message_id=8) == "editMessageCaption"
    assert "photo" not in payload(Screen("a", photo="f"), 5, message_id=8)


def test_a_button_refuses_data_telegram_would_refuse() -> None:
    with pytest.raises(ValueError):
        Button("x", "字" * 22)  # 66 bytes
    assert Button("", "a:1").text == "…"
