"""HTML and MarkdownV2 are read as Telegram reads them; offsets count UTF-16 units."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.bot_api.errors import ApiError
from bot.sandbox.bot_api.formatting import formatted, slice_utf16, utf16_length

TAGS = {"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "code": "code"}
TAGS |= {"pre": "pre", "tg-spoiler": "spoiler", "blockquote": "blockquote"}
WORDS = st.text(st.characters(exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc")), min_size=1)


def test_offsets_count_utf16_units() -> None:
    text, entities = formatted("🆘 <b>收到</b> <a href='https://a.cn/?x=1&amp;y=2'>图</a>", "HTML")
    assert text == "🆘 收到 图"
    assert entities == [
        {"offset": 3, "length": 2, "type": "bold"},
        {"offset": 6, "length": 1, "type": "text_link", "url": "https://a.cn/?x=1&y=2"},
    ]


def test_language_of_a_block_and_expandable_quote() -> None:
    _, entities = formatted('<pre><code class="language-py">x</code></pre>', "HTML")
    assert entities == [{"offset": 0, "length": 1, "type": "pre", "language": "py"}]
    _, entities = formatted("<blockquote expandable>x</blockquote>", "HTML")
    assert entities == [{"offset": 0, "length": 1, "type": "expandable_blockquote"}]


def test_white_space_at_the_ends_goes() -> None:
    assert formatted(" \n<b> a </b>\n", "HTML") == (
        "a",
        [{"offset": 0, "length": 1, "type": "bold"}],
    )


def test_commands_and_mentions_are_found() -> None:
    _, entities = formatted("/warn@a_bot 红 @wang 1/2", None)
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == [
        ("bot_command", 0, 11),
        ("mention", 14, 5),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("收<br>", 'Unsupported start tag "br" at byte offset 3'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_wrong_html_is_refused_with_the_place(text: str, reason: str) -> None:
    with pytest.raises(ApiError) as refusal:
        formatted(text, "HTML")
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*a", "Can't find end of Bold entity at byte offset 0"),
        ("*a _b* c", "Can't find end of Bold entity at byte offset 5"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
    ],
)
def test_wrong_markdown_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ApiError) as refusal:
        formatted(text, "MarkdownV2")
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"


def test_markdown() -> None:
    text, entities = formatted("*收到* \\. ||x|| [图](https://a\\.cn)\n>q", "MarkdownV2")
    assert text == "收到 . x 图\nq"
    kinds = [
        (entity["type"], slice_utf16(text, entity["offset"], entity["length"]))
        for entity in entities
    ]
    assert kinds == [("bold", "收到"), ("spoiler", "x"), ("text_link", "图"), ("blockquote", "q")]


@given(st.lists(st.tuples(st.sampled_from([*TAGS, ""]), WORDS), min_size=1))
def test_every_entity_covers_what_its_tag_enclosed(parts: list[tuple[str, str]]) -> None:
    markup = "".join(
        f"<{tag}>{escape(word)}</{tag}>" if tag else escape(word) for tag, word in parts
    )
    text, entities = formatted(markup, "HTML")
    assert text == "".join(word for _, word in parts)
    marked = [entity for entity in entities if entity["type"] in TAGS.values()]
    assert [
        (entity["type"], slice_utf16(text, entity["offset"], entity["length"])) for entity in marked
    ] == [(TAGS[tag], word) for tag, word in parts if tag]
    assert all(entity["offset"] + entity["length"] <= utf16_length(text) for entity in entities)
