"""The frames of Feishu's long connection: its ``pbbp2.Frame``, by hand. Pure.

Two small messages of protocol buffers (proto2)::

    Header { string key = 1; string value = 2; }
    Frame  { uint64 SeqID = 1; uint64 LogID = 2; int32 service = 3; int32 method = 4;
             repeated Header headers = 5; string payload_encoding = 6; string payload_type = 7;
             bytes payload = 8; string LogIDNew = 9; }

Feishu's own Python client is not used (``docs/adr/0009-long-connections-of-our-own.md``); a test
connects it to a server that speaks these frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

CONTROL = 0
"""``method`` of a ping and a pong."""

DATA = 1
"""``method`` of an event or a callback, and of what is answered to it."""

MOST_FIELDS = 500
"""Of one frame, and of one header (ours): a frame has a dozen, a megabyte half a million."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_WORD = (1 << 64) - 1


class BadFrame(ValueError):
    """What arrived is no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. ``headers``: in the order they came; a key stands once."""

    method: int
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""
    service: int = 0
    seq_id: int = 0
    log_id: int = 0
    payload_encoding: str = ""
    payload_type: str = ""
    log_id_new: str = ""


def encode(frame: Frame) -> bytes:
    """A frame as it travels."""
    parts = [
        _number(1, frame.seq_id),
        _number(2, frame.log_id),
        _number(3, frame.service),
        _number(4, frame.method),
    ]
    for key, value in frame.headers.items():
        parts.append(_bytes(5, _bytes(1, key.encode()) + _bytes(2, value.encode())))
    for number, text in ((6, frame.payload_encoding), (7, frame.payload_type)):
        if text:
            parts.append(_bytes(number, text.encode()))
    if frame.payload:
        parts.append(_bytes(8, frame.payload))
    if frame.log_id_new:
        parts.append(_bytes(9, frame.log_id_new.encode()))
    return b"".join(parts)


def decode(data: bytes) -> Frame:
    """The frame that arrived; fields that are not known are left out.

    :raises BadFrame: it is none.
    """
    numbers: dict[int, int] = {}
    texts: dict[int, bytes] = {}
    headers: dict[str, str] = {}
    try:
        for number, value in _fields(data):
            if isinstance(value, int):
                numbers[number] = value
            elif number == 5:
                header = {key: part for key, part in _fields(value) if isinstance(part, bytes)}
                headers[header.get(1, b"").decode()] = header.get(2, b"").decode()
            else:
                texts[number] = value
        return Frame(
            method=_signed(numbers.get(4, CONTROL)),
            headers=headers,
            payload=texts.get(8, b""),
            service=_signed(numbers.get(3, 0)),
            seq_id=numbers.get(1, 0),
            log_id=numbers.get(2, 0),
            payload_encoding=texts.get(6, b"").decode(),
            payload_type=texts.get(7, b"").decode(),
            log_id_new=texts.get(9, b"").decode(),
        )
    except UnicodeDecodeError as error:
        raise BadFrame("text that is none") from error


def _number(field_number: int, value: int) -> bytes:
    return _varint(field_number << 3 | _VARINT) + _varint(value & _WORD)


def _bytes(field_number: int, value: bytes) -> bytes:
    return _varint(field_number << 3 | _LENGTH) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Each field's number and value; of those with a length their bytes."""
    at = read = 0
    while at < len(data):
        read += 1
        if read > MOST_FIELDS:
            raise BadFrame("too many fields")
        tag, at = _read_varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _read_varint(data, at)
            yield tag >> 3, value
            continue
        if kind == _LENGTH:
            length, at = _read_varint(data, at)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise BadFrame(f"wire type {kind}")
        if at + length > len(data):
            raise BadFrame("it ends too early")
        if kind == _LENGTH:
            yield tag >> 3, data[at : at + length]
        at += length


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise BadFrame("a number without an end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte <= 0x7F:
            return value & _WORD, at
        shift += 7


def _signed(value: int) -> int:
    """An ``int32``: a negative one travels as 64 bits."""
    return value - (1 << 64) if value >> 63 else value
