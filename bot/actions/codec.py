"""What a tap says, as the text a button carries, and back. Pure.

A button carries at most 64 bytes, its callback data: ``r:17:done``. An action is a class that
declares its prefix and its fields, and nothing else; how it is written follows from the types::

    @action("r")
    class ReportTap(Action):
        call_id: Id
        report: Report

Each type has bounds, so the longest data of an action is known, and is checked, when its class is
made. A field is *absent* while it has a default outside of its bounds (``None``; page 0 where pages
are written from 1; an empty code): its part is empty, and empty parts at the end are left out.

Callback data is public: anybody can forge it, and buttons of an older version live for years in
old chats. ``parse`` takes only what ``encode`` writes, and gives ``None`` for all else. That an
action parses says nothing about who may do it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from dataclasses import Field as DataclassField
from enum import Enum
from operator import call
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from contacts.divisions.codes import CODE_LENGTH

LONGEST = 64
"""Bytes of callback data that Telegram takes."""


class FieldCodec(ABC):
    """How the value of a field is written: at most ``longest`` ASCII characters, no colon."""

    longest: int

    @abstractmethod
    def write(self, value: Any) -> str:
        """The text of ``value``, which is trusted to be within the bounds."""

    @abstractmethod
    def read(self, text: str) -> Any:
        """The value that is written as ``text``, and in no other way.

        :raises ValueError: no value is written so.
        """

    def allows(self, value: Any) -> bool:
        """Whether ``value`` is within the bounds."""
        try:
            return bool(self.read(self.write(value)) == value)
        except (AttributeError, TypeError, ValueError):
            return False


class Number(FieldCodec):
    """A whole number from ``least`` to ``most``, in decimal."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        self.longest = max(len(str(least)), len(str(most)))

    def write(self, value: int) -> str:
        """Its digits."""
        return str(value)

    def read(self, text: str) -> int:
        """Without leading zeros, signs or spaces, which ``int`` would take."""
        value = int(text)
        if not self.least <= value <= self.most or str(value) != text:
            raise ValueError(text)
        return value


class Text(FieldCodec):
    """A text that fits the regular expression ``pattern``; ``longest`` characters at most."""

    def __init__(self, pattern: str, longest: int) -> None:
        self.pattern = re.compile(pattern)
        self.longest = longest

    def write(self, value: str) -> str:
        """As it is."""
        return value

    def read(self, text: str) -> str:
        """As it is."""
        if len(text) > self.longest or self.pattern.fullmatch(text) is None:
            raise ValueError(text)
        return text


class Member(FieldCodec):
    """A member of an ``Enum`` of texts, by its value."""

    def __init__(self, kind: type[Enum]) -> None:
        self.members = {member.value: member for member in kind}
        for value in self.members:
            if not isinstance(value, str) or not value.isascii() or ":" in value:
                raise TypeError(f"{kind.__name__}: {value!r} cannot be part of callback data")
        self.longest = max(map(len, self.members))

    def write(self, value: Enum) -> str:
        """Its value."""
        return str(value.value)

    def read(self, text: str) -> Enum:
        """By value."""
        member = self.members.get(text)
        if member is None:
            raise ValueError(text)
        return member


Id = Annotated[int, Number(1, 10**18 - 1)]
"""The number of a row; fits a signed 64-bit column."""
Page = Annotated[int, Number(0, 99_999)]
"""A page of a list, from 0."""
DivisionCode = Annotated[str, Text(f"[0-9]{{{CODE_LENGTH}}}", CODE_LENGTH)]


NEVER = object()
"""``Field.absent`` of a field that always has a value."""


class Action:
    """One thing a button can ask for. Each is declared with ``action``."""

    __slots__ = ()
    form: ClassVar[Form]

    def encode(self) -> str:
        """The callback data."""
        return self.form.write(self)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an action. The value ``absent`` is written as nothing."""

    name: str
    codec: FieldCodec
    absent: Any

    @property
    def needed(self) -> bool:
        """Whether it is always written."""
        return self.absent is NEVER

    def read(self, text: str) -> Any:
        """The value that is written as ``text``.

        :raises ValueError: no value is written so.
        """
        return self.codec.read(text) if text or self.needed else self.absent


class Form:
    """How one kind of action is written: its prefix, then its fields or words that never change.

    A warning brings answers by the thousand: what is bound once, and the way of its own for the
    kinds with one field, make ``parse`` twice as fast as a loop over the fields.
    """

    read: Callable[[str], Action | None]
    """The action with this text after its prefix; ``None`` when none is written so."""

    def __init__(self, kind: type[Action], data: str) -> None:
        self.kind, self.data = kind, data
        self._make: Callable[..., Action] = kind
        self.prefix, _, self.words = data.partition(":")
        self.fields = _fields(kind)
        if bool(self.words) == bool(self.fields):
            raise TypeError(f"{kind.__name__} needs either fields or words after its prefix")
        self.longest = len(data) + sum(1 + field.codec.longest for field in self.fields)
        if self.longest > LONGEST:
            raise TypeError(f"{kind.__name__} takes up to {self.longest} bytes of {LONGEST}")
        needed = [count for count, field in enumerate(self.fields, 1) if field.needed]
        self._fewest, self._most = max(needed, default=0), len(self.fields)
        self._writers = [(field.name, field.codec.write, field.absent) for field in self.fields]
        self._readers = [field.codec.read if field.needed else field.read for field in self.fields]
        if self.words:
            self.read = self._read_words
        elif self._fewest == self._most == 1:
            self.read = self._read_one
        else:
            self.read = self._read_fields

    def write(self, action: Action) -> str:
        """The callback data of an action of this kind."""
        data = self.data
        for name, write, absent in self._writers:
            value = getattr(action, name)
            data += ":" if value == absent else ":" + write(value)
        for _ in range(self._most - self._fewest):  # nothing stands for what is absent at the end
            data = data.removesuffix(":")
        return data

    def _read_words(self, text: str) -> Action | None:
        return self._make() if text == self.words else None

    def _read_one(self, text: str) -> Action | None:
        try:
            return self._make(self._readers[0](text))
        except ValueError:
            return None

    def _read_fields(self, text: str) -> Action | None:
        parts = text.split(":")
        count = len(parts)
        if not self._fewest <= count <= self._most or (count > self._fewest and not parts[-1]):
            return None
        try:
            return self._make(*map(call, self._readers, parts))
        except ValueError:
            return None


def _fields(kind: type[Action]) -> tuple[Field, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in fields(kind))  # type: ignore[arg-type]


def _field(declared: DataclassField[Any], hint: Any) -> Field:
    """How a field is written, from its type and its default.

    :raises TypeError: the type has no bounds, or the field could be read in two ways.
    """
    optional = get_origin(hint) in (Union, UnionType)
    if optional:
        (hint,) = (inner for inner in get_args(hint) if inner is not NoneType)
    codec: FieldCodec | None = None
    if get_origin(hint) is Annotated:
        codec = next((extra for extra in get_args(hint) if isinstance(extra, FieldCodec)), None)
    elif isinstance(hint, type) and issubclass(hint, Enum):
        codec = Member(hint)
    if codec is None:
        raise TypeError(f"{declared.name}: {hint} has no bounds")
    default = declared.default
    absent = NEVER if default is MISSING or codec.allows(default) else default
    if (optional and absent is not None) or (absent is not NEVER and codec.allows("")):
        raise TypeError(f"{declared.name}: nothing tells when it is absent")
    return Field(declared.name, codec, absent)


forms: dict[str, Form] = {}
"""Of what is declared by now, by prefix."""
A = TypeVar("A", bound=Action)


@dataclass_transform(frozen_default=True)
def action(data: str) -> Callable[[type[A]], type[A]]:
    """Declare an action: its class becomes a frozen dataclass that ``parse`` knows.

    :param data: the prefix; for an action without fields all of its data, as ``h:yes``.
    :raises TypeError: the prefix is taken, a field's type has no bounds, or the data may become
        longer than Telegram takes.
    """

    def declare(declared: type[A]) -> type[A]:
        kind = dataclass(frozen=True, slots=True)(declared)
        form = kind.form = Form(kind, data)
        if form.prefix in forms:
            other = forms[form.prefix].kind.__name__
            raise TypeError(f"{kind.__name__}: {form.prefix!r} is the prefix of {other}")
        forms[form.prefix] = form
        return kind

    return declare
