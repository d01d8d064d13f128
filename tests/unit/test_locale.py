"""The English catalogue has every text that users can see, and no unused one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from alerts.model import Hazard, Level
from alerts.template_files.frames import read_frame
from alerts.templates import texts
from bot import locale
from bot.locale import CATALOGUE, N_, _catalogue, translator
from bot.locale.catalogue import read_catalogue
from bot.views.problems import CODES
from contacts.divisions.codes import CodeValidity
from data.templates import TEMPLATES
from tests.unit.test_architecture import MODULES, nodes

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
Nodes = Iterable[ast.AST]
_FRAME = read_frame((TEMPLATES / "cards" / "evacuation.toml").read_bytes(), "evacuation.toml")
# What no N_ can mark: the lines of the texts that ship for warnings, and cards' frame.
SHIPPED_LINES = frozenset(
    text
    for text in (
        *(_FRAME.title, _FRAME.picture, _FRAME.below, _FRAME.wall, _FRAME.no_return, _FRAME.foot),
        *(text for line in _FRAME.lines for text in (line.heading, line.text)),
    )
    if re.search(r"[\u4e00-\u9fff]", text)
) | frozenset(
    line
    for hazard in Hazard
    if (TEMPLATES / "warnings" / f"{hazard.value}.toml").exists()
    for level in Level
    for text in texts(hazard, level)
    for line in text.splitlines()
)


def sources(*folders: str) -> Iterator[tuple[Path, Nodes]]:
    for name, file in MODULES.items():
        if name.partition(".")[0] in folders:
            yield file.relative_to(ROOT), nodes(file)


def marked_calls(tree: Nodes) -> Iterator[ast.Call]:
    """``_(...)``, ``self._(...)``, ``N_(...)`` and ``translator(language)(...)``."""
    for node in tree:
        if isinstance(node, ast.Call) and node.args:
            called = node.func.func if isinstance(node.func, ast.Call) else node.func
            name = getattr(called, "id", getattr(called, "attr", ""))
            if isinstance(node.func, ast.Call) and name == "translator":
                yield node
            if name in {"_", "N_"}:
                yield node


def constants(tree: Nodes) -> Iterator[ast.Constant]:
    for node in tree:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


def wanted() -> dict[str, str]:
    """msgid -> the place that wants it."""
    found: dict[str, str] = {}
    for file, tree in sources("bot"):
        for call in marked_calls(tree):
            text = call.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found.setdefault(text.value, f"{file}:{text.lineno}")
    for line in SHIPPED_LINES:
        found.setdefault(line, "data/templates")
    return found


def fields(text: str) -> set[str]:
    return {name.partition(".")[0] for _, name, _, _ in Formatter().parse(text) if name is not None}


def po_entry(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'msgid "{escaped}"\nmsgstr ""\n'


def test_every_string_has_its_english() -> None:
    english = _catalogue("en")
    missing = {text: place for text, place in wanted().items() if not english.get(text)}
    listing = "\n".join(f"#: {place}\n{po_entry(text)}" for text, place in missing.items())
    assert not missing, f"{len(missing)} without English; paste and fill in:\n\n{listing}"


def test_the_catalogue_is_read_as_a_library_for_such_files_reads_it() -> None:
    """The library warns of a line it does not understand, and goes on: here it does not."""
    catalogue = Path(locale.__file__).parent / CATALOGUE.format(language="en")
    with catalogue.open("rb") as file:
        messages = read_po(file, locale="en", abort_invalid=True)
    assert _catalogue("en") == {m.id: m.string for m in messages if m.id and m.string}


def test_an_entry_that_is_doubtful_or_empty_is_nobodys_text() -> None:
    text = r"""
        msgid ""
        msgstr "Language: en\n"
        msgid "甲"
        "乙"
        msgstr ""
        "a\""
        #, fuzzy
        msgid "丙"
        msgstr "c"
        # nothing yet
        msgid "丁"
        msgstr ""
        msgid "戊"
        msgstr "e"
    """
    assert read_catalogue(text.splitlines()) == {"甲乙": 'a"', "戊": "e"}


@pytest.mark.parametrize(
    "line", ['msgctxt "a"', 'msgid_plural "b"', "msgid a", 'msgstr "a', "what", '"first"']
)
def test_a_line_no_catalogue_has_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        read_catalogue([line])


def test_no_english_for_strings_that_are_gone() -> None:
    alive = {
        str(node.value)
        for _, tree in sources("bot", "alerts", "contacts", "data")
        for node in constants(tree)
    }
    alive |= SHIPPED_LINES
    stale = [text for text in _catalogue("en") if text not in alive]
    assert stale == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    differing = [
        text
        for text, english in _catalogue("en").items()
        if english and fields(text) != fields(english)
    ]
    assert differing == []


def test_nothing_is_put_together_inside_the_mark() -> None:
    """``_(f"...")`` and ``_("a" + b)`` can never be found in a catalogue."""
    built = [
        f"{file}:{call.lineno}"
        for file, tree in sources("bot")
        for call in marked_calls(tree)
        if isinstance(call.args[0], (ast.JoinedStr, ast.BinOp))
        or (
            isinstance(call.args[0], ast.Call)
            and getattr(call.args[0].func, "attr", "") == "format"
        )
    ]
    assert built == []


def test_no_english_is_left_chinese() -> None:
    """A translation may quote a button's Chinese word, but not be the Chinese text itself."""
    copied = [
        text
        for text, english in _catalogue("en").items()
        if english == text and CHINESE.search(text)
    ]
    assert copied == []


@pytest.mark.parametrize("language", ["zh", "zh-hans", "zh_CN", "ko", ""])
def test_chinese_is_the_source_and_the_fallback(language: str) -> None:
    assert translator(language)("收到") == "收到"


def test_a_string_without_english_stays_readable() -> None:
    assert translator("en")("尚未翻译的一句话") == "尚未翻译的一句话"
    assert translator("en-US")("") == ""


def test_marking_changes_nothing() -> None:
    assert N_("红") == "红"


def test_the_catalogue_is_where_the_package_data_says() -> None:
    assert (ROOT / "bot" / "locale" / CATALOGUE.format(language="en")).is_file()


def test_what_is_said_in_chat_quotes_in_one_way() -> None:
    """「收到」, never “收到”: keys and words to type look the same everywhere."""
    by_command_line = ("import_text.py", "reading_text.py", "template_sheet.py")
    in_chat = {text: place for text, place in wanted().items() if "bot/views" in place}
    assert "您已接手，办完请按「已解决」" in in_chat
    other = [
        text
        for text, place in in_chat.items()
        if re.search("[“”]", text) and not any(file in place for file in by_command_line)
    ]
    assert other == []


def test_one_word_says_that_somebody_is_unreachable() -> None:
    english = _catalogue("en")
    other_words = re.compile("收不到消息|群收不到|收不到的人|失联|联系不到|无法联系|够不着|叫不到")
    assert not [text for text in english if other_words.search(text)]
    said = {text: english[text] for text in english if "联系不上" in text}
    assert said
    assert not {text: words for text, words in said.items() if "nreachable" not in words}


NUMBER_BESIDE = frozenset(
    {
        # The list, the card or the key itself has the numbers: it is read with them.
        "值班员收到要打电话通知的人",
        "收到请回复 1；有事请直接写下来，值班员会看到。",
        "没有值班员：请在通讯录登记值班员，或导入值班表；没有值班员，未回应名单就没有人接。",
        "⏰ 派去 {village} 的 {runner} 没有答复，请打电话或另派人",
        "发现烟火先报 12119 和值班员，不擅自扑火",
        "烟火报 12119 和值班员",
        "登记进山未出的人，报值班员",
        "快到期没有人答复，问值班员",
        "请马上按「📍 一键报位」。再不报位，将通知值班员找您。",
        # They are listed below it (``to_ring``, ``Facts.duty_phone``).
        "您不能发布，请打电话请指挥员决定。",
        "现在没有值班员能收到，请立即打电话！",
        "🔏 您的姓名、职务、电话、位置、照片和回应，只用于防汛、森林防火的预警叫应与处置。"
        "位置保存 {days} 天；其余在岗期间保存，离任后可要求删除。要查看、更正，请找上面的值班员。",
    }
)
CONTACT = re.compile(
    "(找|问|向|告诉|联系|通知|打电话给|打电话请|电话：?)[^。；，]{0,8}(值班员|指挥员)"
    "|值班员[^。；，]{0,6}打电话"
)


def test_whoever_is_told_to_ring_a_duty_officer_reads_the_number() -> None:
    """A placeholder for it, or a number; the rest is listed above, each with where it stands."""
    spoken = [
        text
        for text in _catalogue("en")
        if CONTACT.search(text) and not re.search(r"\{(duty|phone|who|name)\}|/handbook|/who", text)
    ]
    assert {*spoken} - NUMBER_BESIDE == set()


COMMAND_LINE = re.compile("console_problems|import_text|reading_text|views/test_calls")
OF_OTHERS = {
    "TokenProblem",
    "RequestProblem",
    "PublishingProblem",
    "HistoryProblem",
    "BackupProblem",
    "RestoreProblem",
    "PostProblem",
    "TestProblem",
}
"""Refusals that the command line or another system gets, and no chat."""
OUR_CODES = re.compile(r"config\.toml|jiaoying [a-z]|(^|[^-])--[a-z]|\[[a-z_]+\]")


def test_no_key_of_the_settings_and_no_option_is_read_in_chat() -> None:
    """Whoever presses buttons is told whom to ask, not which key of which file to change."""
    elsewhere = {text for code, text in CODES.items() if type(code).__name__ in OF_OTHERS}
    shown = {
        text: place
        for text, place in wanted().items()
        if "bot/views" in place and OUR_CODES.search(text) and text not in elsewhere
    }
    assert {text for text, place in shown.items() if not COMMAND_LINE.search(place)} == set()


NOTHING_NEXT = frozenset(
    # All is as they want it, or it says what a right one looks like.
    {"Outcome.NOTHING_NEW", "TemplateProblem.NOTHING_CHANGED", "TemplateProblem.NOTHING_TO_RESET"}
    | {"TaskProblem.NOTHING_CHANGED", "Outcome.TOO_LONG", "SkyProblem.NO_GROUP"}
    | {"NumberTaken.PHONE_TAKEN"}
    | {f"CodeValidity.{code.name}" for code in CodeValidity}
)


def test_a_refusal_says_what_to_do_next() -> None:
    next_step = re.compile("请|：/|发 /|按「|不用|不能请")
    mute = {
        f"{type(code).__name__}.{code.name}"
        for code, text in CODES.items()
        if type(code).__name__ not in OF_OTHERS and not next_step.search(text)
    }
    assert mute == NOTHING_NEXT - {"CodeValidity.OK"}


def test_minutes_are_put_together_where_they_become_hours() -> None:
    """``ago`` and ``span`` say hours from two on; a sentence of its own would say 1400 分钟."""
    chosen = {"您能去看吗？请在 {minutes} 分钟内答复。", "{count} 分钟"}  # of the settings; keys
    own = {
        text
        for text, place in wanted().items()
        if re.search(r"\{[a-z]+\} ?分", text) and "views/clock.py" not in place
    }
    assert {text for text in own if "{most}" not in text} == chosen


def test_no_mark_stands_twice_and_none_is_half_wide() -> None:
    twice = re.compile(r"[，。；：！？、]{2}|（）|[\u4e00-\u9fff][,;!?][\u4e00-\u9fff]|（。|：。")
    assert [text for text in _catalogue("en") if twice.search(text)] == []
