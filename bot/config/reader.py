"""Tables of text and numbers to frozen dataclasses, with one clear message for each mistake.

The dataclass is the schema: its fields are the known keys, their types and ``setting(...)``
metadata the allowed values, their defaults the built-in defaults. Text from the environment goes
through the same checks as the file, and a complaint names the variable instead of the file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bot.config.errors import SettingError, SettingFault


class Secret:
    """A text that no log, traceback or repr shows; ``reveal()`` where it is really needed."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; do not log it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('…')" if self._text else "Secret('')"


@dataclass(frozen=True, slots=True)
class EnvText:
    """A value from the environment, still text, with its variable's name for complaints."""

    text: str
    variable: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value may be, beyond its type. ``wanted_*`` are words for people."""

    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    check: Callable[[str], bool] | None = None
    wanted_zh: str = ""
    wanted_en: str = ""
    hidden: bool = False
    not_empty: bool = False


def setting(default: Any = MISSING, **rule: Any) -> Any:
    """A dataclass field with a :class:`Rule`; keyword arguments are the rule's."""
    checked = Rule(**rule)
    return field(default=default, metadata={"rule": checked}, repr=not checked.hidden)


_TYPE_WORDS = {
    int: ("整数", "a whole number"),
    float: ("数字", "a number"),
    str: ("文字（加引号）", 'a text in quotes ("...")'),
    bool: ("true 或 false", "true or false"),
    Secret: ("文字（加引号）", 'a text in quotes ("...")'),
}


class TableReader:
    """Reads one tree of tables; ``where`` names the file in complaints."""

    def __init__(self, schema: type, where: str) -> None:
        self._where = where
        self._known = sorted(known_keys(schema))

    def table(self, cls: type[Any], raw: Any, path: str = "") -> Any:
        """``raw`` as an instance of the dataclass ``cls``.

        :raises SettingError: an unknown key, a wrong type, a value out of range; the first found.
        """
        short_form = getattr(cls, "from_one_value", None)
        if short_form is not None and not isinstance(raw, dict):
            hint = _hints(cls)[fields(cls)[0].name]
            return short_form(self._value(hint, _rule(fields(cls)[0]), raw, path))
        if not isinstance(raw, dict):
            # A token or an address written where its table belongs must not be quoted.
            raise self._wrong(
                SettingFault.WRONG_TYPE,
                path,
                raw,
                (f"一节（[{path}]）", f"a [{path}] table"),
                hidden=True,
            )
        hints = _hints(cls)
        for key, value in raw.items():
            if key not in hints:
                raise self._unknown(_join(path, key), value)
        given = {
            item.name: self._value(
                hints[item.name], _rule(item), raw[item.name], _join(path, item.name)
            )
            for item in fields(cls)
            if item.name in raw
        }
        return cls(**given)

    def _value(self, hint: Any, rule: Rule, raw: Any, path: str) -> Any:
        if is_dataclass(hint):
            assert isinstance(hint, type)
            return self.table(hint, raw, path)
        if get_origin(hint) is tuple:
            return self._sequence(get_args(hint)[0], rule, raw, path)
        return self._scalar(hint, rule, raw, path)

    def _sequence(self, item: Any, rule: Rule, raw: Any, path: str) -> tuple[Any, ...]:
        if isinstance(raw, EnvText) and not is_dataclass(item):
            words = (word.strip() for word in raw.text.split(","))
            raw = [EnvText(word, raw.variable) for word in words if word]
        if not isinstance(raw, list):
            shape = ("列表 [..., ...]", "a list [..., ...]")
            hidden = rule.hidden or is_dataclass(item)
            raise self._wrong(SettingFault.WRONG_TYPE, path, raw, shape, hidden=hidden)
        values = tuple(
            self._value(item, rule, part, f"{path}.{at}" if is_dataclass(item) else path)
            for at, part in enumerate(raw)
        )
        if rule.not_empty and not values:
            raise self._wrong(
                SettingFault.NOT_ALLOWED, path, raw, ("非空列表", "a list that is not empty")
            )
        return values

    def _scalar(self, hint: type, rule: Rule, raw: Any, path: str) -> Any:
        value = self._parsed(hint, raw)
        if value is None and isinstance(raw, dict) and any(_env_leaves(raw)):
            raise self._unknown(path, raw)  # a variable that goes one level too deep
        if value is None:
            words = (rule.wanted_zh, rule.wanted_en) if rule.wanted_zh else _TYPE_WORDS[hint]
            raise self._wrong(SettingFault.WRONG_TYPE, path, raw, words, hidden=rule.hidden)
        text = value.reveal() if isinstance(value, Secret) else value
        if rule.choices and text not in rule.choices:
            raise self._wrong(
                SettingFault.NOT_ALLOWED,
                path,
                raw,
                (" / ".join(rule.choices), " / ".join(rule.choices)),
            )
        if isinstance(text, (int, float)) and not _within(text, rule):
            raise self._wrong(SettingFault.NOT_ALLOWED, path, raw, _range_words(rule))
        if (rule.pattern and not re.fullmatch(rule.pattern, str(text))) or (
            rule.check is not None and not rule.check(str(text))
        ):
            words = (rule.wanted_zh, rule.wanted_en)
            raise self._wrong(SettingFault.NOT_ALLOWED, path, raw, words, hidden=rule.hidden)
        return value

    def _parsed(self, hint: type, raw: Any) -> Any:
        """``raw`` as ``hint``, or ``None`` when it is not one."""
        if isinstance(raw, EnvText):
            return _PARSE_TEXT[hint](raw.text.strip())
        if hint is float and type(raw) in (int, float):
            return float(raw)
        if hint is Secret and isinstance(raw, str):
            return Secret(raw.strip())
        return raw if type(raw) is hint else None

    def _unknown(self, path: str, raw: Any) -> SettingError:
        variable = next((leaf.variable for leaf in _env_leaves(raw)), "")
        last = path.rpartition(".")[2]
        near = difflib.get_close_matches(path, self._known, n=1, cutoff=0.6) or [
            key for key in self._known if key.rpartition(".")[2] == last
        ]
        shown = _variable_of(near[0]) if near and variable else (near[0] if near else "")
        return SettingError(
            SettingFault.UNKNOWN_KEY,
            variable or self._where,
            key=variable or path,
            closest=shown,
            closest_zh=f"；最接近的是“{shown}”" if shown else "，请对照 config.toml",
            closest_en=f'; the closest is "{shown}"' if shown else "; see config.toml",
        )

    def _wrong(
        self,
        fault: SettingFault,
        path: str,
        raw: Any,
        wanted: tuple[str, str],
        *,
        hidden: bool = False,
    ) -> SettingError:
        leaf = next(_env_leaves(raw), None)
        shown = leaf.text if isinstance(raw, EnvText) and leaf else raw
        text = "…" if hidden else repr(shown)
        return SettingError(
            fault,
            leaf.variable if leaf else self._where,
            key=leaf.variable if isinstance(raw, EnvText) and leaf else path,
            value=text if len(text) <= 60 else text[:60] + "…",
            wanted_zh=wanted[0],
            wanted_en=wanted[1],
        )


def known_keys(schema: type, path: str = "") -> Iterator[str]:
    """Every dotted key of a schema; a list of tables shows as its index 0."""
    for name, hint in _hints(schema).items():
        key = _join(path, name)
        item = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if is_dataclass(item):
            assert isinstance(item, type)
            inner = key if item is hint else f"{key}.0"
            yield from known_keys(item, inner)
            if hasattr(item, "from_one_value"):
                yield key
        elif get_origin(hint) not in (Union, UnionType):
            yield key


def _hints(schema: type) -> dict[str, Any]:
    """The types of its fields: to find out what they mean takes most of the time of reading."""
    return _found_hints(schema)


_found_hints = cache(get_type_hints)


def _variable_of(key: str) -> str:
    return "JIAOYING_" + key.upper().replace(".", "__")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _rule(item: Any) -> Rule:
    rule = item.metadata.get("rule")
    return rule if isinstance(rule, Rule) else Rule()


def _env_leaves(raw: Any) -> Iterator[EnvText]:
    if isinstance(raw, EnvText):
        yield raw
    elif isinstance(raw, (dict, list)):
        for part in raw.values() if isinstance(raw, dict) else raw:
            yield from _env_leaves(part)


def _within(number: float, rule: Rule) -> bool:
    return (rule.low is None or number >= rule.low) and (rule.high is None or number <= rule.high)


def _range_words(rule: Rule) -> tuple[str, str]:
    if rule.high is None:
        return f"不小于 {rule.low:g} 的数", f"{rule.low:g} or more"
    return f"{rule.low:g} 到 {rule.high:g} 之间的数", f"between {rule.low:g} and {rule.high:g}"


def _number(kind: type) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return kind(text)
        except ValueError:
            return None

    return parse


_PARSE_TEXT: Mapping[type, Callable[[str], Any]] = {
    int: _number(int),
    float: _number(float),
    str: str,
    bool: {"true": True, "1": True, "false": False, "0": False}.get,
    Secret: Secret,
}
