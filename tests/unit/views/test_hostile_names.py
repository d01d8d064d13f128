"""A name with markup in it is shown as written: escaped exactly once."""

from __future__ import annotations

import html
import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.screen import Screen
from tests.unit.views import distress_screens, hotspot_screens, shift_screens
from tests.unit.views import samples as s

View = Callable[[str], Screen]
MODULES = (distress_screens, hotspot_screens, shift_screens)
PEOPLE = ("RANGER", "OFFICER", "DEPUTY")
TAG = re.compile(r"</?(b|i|u|s|a|code|pre|blockquote)( [^<>]*)?>")
NAMES = st.text("<>&;b/\"'ampl刘 ", min_size=1, max_size=20).map(lambda text: f"王{text}林")


def read(screen: Screen) -> str:
    """What the reader sees."""
    return html.unescape(TAG.sub("", screen.text))


def views() -> list[tuple[str, View]]:
    """Every view of the patrol side, made with the samples as they are now."""
    for module in MODULES:
        importlib.reload(module)
    return [
        *distress_screens.spot(),
        *hotspot_screens.verification(),
        *shift_screens.shifts(),
    ]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    views()


@pytest.mark.slow
@settings(max_examples=20)
@given(names=st.tuples(NAMES, NAMES, NAMES))
def test_a_name_is_shown_as_it_is_written(names: tuple[str, ...]) -> None:
    new = dict(zip(PEOPLE, names, strict=True))
    known = {key: getattr(s, key).name for key in PEOPLE}
    plain = {key: read(view("zh")) for key, view in views()}
    with ExitStack() as stack:
        for key in PEOPLE:
            stack.enter_context(patch.object(s, key, replace(getattr(s, key), name=new[key])))
        for key, view in views():
            expected = plain[key]
            for name in PEOPLE:
                expected = expected.replace(known[name], f"\0{name}\0")
            for name in PEOPLE:
                expected = expected.replace(f"\0{name}\0", " ".join(new[name].split()))
            assert " ".join(read(view("zh")).split()) == " ".join(expected.split()), key
