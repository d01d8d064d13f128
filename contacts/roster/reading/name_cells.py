"""The persons in one cell: names without inner spaces, with the title written in brackets. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_BRACKETED = re.compile(r"[（(]([^（()）]*)[)）]")
_SEPARATORS = re.compile(r"[、，,;；/\n]+")
_VACANT = frozenset({"空缺", "暂缺", "缺", "无", "待定", "/", "-", "—", "——", "空"})
# 张三/村书记, 张三 村书记: what follows a name and is an office is no second person.
_OFFICE = re.compile(
    r"([\u3400-\u9fff]{2,4})[、，,;；/\s]+"
    r"([\u3400-\u9fff]{0,8}(?:书记|主任|[镇乡县市局站所组屯村]长|会计|委员|[格林息]员))"
    r"(?=$|[、，,;；/\s])"
)
_NOTES = re.compile(r"^(男|女|.族|兼|代|党员|群众|新任|新|\d*岁?)$")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af·]+")
_SPACES = re.compile(r"\s+")


class Named(NamedTuple):  # made by the ten thousand
    """One person's name as written in a cell, and the title behind it (空 when there is none)."""

    name: str
    title: str = ""


def persons_in(text: str) -> tuple[Named, ...]:
    """The persons of a cell; empty where it says that there is nobody (空缺, 无, /).

    张 三 is 张三, 王五（女） is 王五, 子一（副市长） is 子一 with a title, as is 子一/副市长;
    张三、李四 are two. A name in other letters stays as it is.
    """
    if text.strip() in _VACANT:
        return ()
    if text.isalnum():  # no bracket, no space, no mark between two
        return (Named(text),)
    text = _OFFICE.sub(r"\1（\2）", text.strip())
    pieces = [piece.strip() for piece in _SEPARATORS.split(_outside_brackets(text))]
    if len(pieces) < 2 or not all(_is_name(piece) for piece in pieces if piece):
        return (_named(text),) if text.strip() else ()
    return tuple(_named(piece.replace("\0", "、")) for piece in pieces if piece)


def spaced_out(text: str) -> tuple[str, ...]:
    """Names of two or more characters that only spaces part: 张三 李四."""
    pieces = _SPACES.split(text.strip())
    whole = all(len(piece) > 1 and _HAN.fullmatch(piece) for piece in pieces)
    return tuple(pieces) if whole and len(pieces) > 1 else ()


def closed_up(text: str) -> str:
    """A Chinese name without the spaces that make names of two characters as wide as of three."""
    joined = _SPACES.sub("", text)
    return joined if _HAN.fullmatch(joined) else text.strip()


def _outside_brackets(text: str) -> str:
    """The text with the commas that stand in brackets hidden."""
    return _BRACKETED.sub(lambda found: _SEPARATORS.sub("\0", found[0]), text)


def _is_name(piece: str) -> bool:
    joined = _SPACES.sub("", _BRACKETED.sub("", piece))
    return _HAN.fullmatch(joined) is not None and 1 < len(joined) <= 15


def _named(text: str) -> Named:
    titles = [
        note.strip()
        for note in _BRACKETED.findall(text)
        if note.strip() and not _NOTES.match(unicodedata.normalize("NFKC", note.strip()))
    ]
    name = _BRACKETED.sub("", text)
    return Named(closed_up(name) if name.strip() else text.strip(), "、".join(titles))
