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
