"""How a message is stored in its delivery: derived from the fields of its class. Pure.

Rows queued by an earlier release must still be read: a field keeps the name it is stored under, one
added later has a default, and what no field is called is passed over. A field that equals its
default is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from data.tables.columns import from_milliseconds, to_milliseconds

if TYPE_CHECKING:
    from alerts.outbox.messages import Message

M = TypeVar("M", bound="Message")

_STORED_AS = "stored as"


def stored_as(name: str) -> dict[str, str]:
    """The metadata of a field that is stored under another name than its own."""
    return {_STORED_AS: name}


def encode(message: Message) -> dict[str, Any]:
    """What is stored of a message: values that JSON can hold, by their stored names."""
    stored = {}
    for known in _fields_of(type(message)):
        value = getattr(message, known.name)
        if value != known.default:
            stored[known.stored_as] = known.to_json(value)
    return stored


def decode(message_type: type[M], stored: Mapping[str, Any] | None) -> M:
    """The message that was stored.

    :raises TypeError: when a field without a default is missing.
    """
    if not stored:
        return message_type()
    return message_type(
        **{
            known.name: known.from_json(stored[known.stored_as])
            for known in _fields_of(message_type)
            if known.stored_as in stored
        }
    )


@dataclass(frozen=True, slots=True)
class _StoredField:
    name: str
    stored_as: str
    default: Any
    to_json: Callable[[Any], Any]
    from_json: Callable[[Any], Any]


_FIELDS: dict[type[Message], tuple[_StoredField, ...]] = {}


def _fields_of(message_type: type[Message]) -> tuple[_StoredField, ...]:
    if message_type not in _FIELDS:
        types = get_type_hints(message_type)
        _FIELDS[message_type] = tuple(
            _stored_field(known, types[known.name]) for known in fields(message_type)
        )
    return _FIELDS[message_type]


def _stored_field(known: Field[Any], its_type: Any) -> _StoredField:
    name = known.metadata.get(_STORED_AS, known.name)
    return _StoredField(known.name, name, known.default, *_converters(its_type))


def _converters(its_type: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """To JSON and from it. Moments are milliseconds since the epoch, as in every column."""
    if get_origin(its_type) in (Union, UnionType):
        its_type = next(each for each in get_args(its_type) if each is not type(None))
        to_json, from_json = _converters(its_type)
        return _unless_none(to_json), _unless_none(from_json)
    if get_origin(its_type) is tuple:
        to_json, from_json = _converters(get_args(its_type)[0])
        return (
            lambda values: [to_json(value) for value in values],
            lambda values: tuple(from_json(value) for value in values),
        )
    if isinstance(its_type, type) and issubclass(its_type, Enum):
        return (lambda member: member.value), its_type
    if its_type is datetime:
        return to_milliseconds, from_milliseconds
    return _as_it_is, _as_it_is


def _unless_none(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


def _as_it_is(value: Any) -> Any:
    return value
