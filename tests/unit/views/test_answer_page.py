"""What every answer page is: small, without scripts, and nobody's words are markup in it."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

import pytest

from bot.channels.answer_page import HEADERS
from bot.locale import LANGUAGES
from bot.views.answer_page import (
    STYLE,
    Figures,
    Notice,
    PageFacts,
    answered_page,
    notice_page,
    open_page,
    over_page,
    sure_page,
)

HOSTILE = "\"><script>alert(1)</script>\u202e' &amp; <b>"
TYPED = Figures(HOSTILE, HOSTILE, HOSTILE)
VOID = {"meta", "input"}


class Reader(HTMLParser):
    """Collects the tags, and fails on one that is not closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def pages(language: str) -> list[str]:
    facts = PageFacts(
        "<b>🔴 敦化市暴雨红色预警</b>", language, HOSTILE, places=(HOSTILE, "大石头水库" * 20)
    )
    return [
        open_page(facts),
        answered_page(facts),
        answered_page(facts, own_answer=False, figures=TYPED, wrong=HOSTILE),
        over_page(facts),
        sure_page(facts, "<b>真的是 5000 户？</b>", TYPED),
        *(notice_page(notice, HOSTILE) for notice in Notice),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_small_whole_and_hold_no_markup_of_others(language: str) -> None:
    for page in pages(language):
        assert len(page.encode()) < 10_000
        reader = Reader()
        reader.feed(page)
        assert reader.open == [] and not reader.seen & {"script", "img", "link", "iframe"}


def test_only_the_pages_own_style_is_allowed() -> None:
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = HEADERS["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    assert "unsafe" not in policy and f"<style>{STYLE}</style>" in pages("zh")[0]


@pytest.mark.parametrize(
    ("duty", "href"),
    [
        ("镇值班2 139 0000 0001", "tel:13900000001"),
        ("县防办 0433-6230110 转 801", "tel:04336230110"),
        ("值班员 +8613900000001", "tel:+8613900000001"),
        ("12119", "tel:12119"),
    ],
)
def test_the_duty_number_is_rung_by_a_tap(duty: str, href: str) -> None:
    assert f'<a href="{href}">' in over_page(PageFacts("", "zh", duty))


def test_without_a_number_nothing_is_offered() -> None:
    assert "值班电话" not in over_page(PageFacts("", "zh"))
    assert "<a " not in over_page(PageFacts("", "zh", "找村部"))
