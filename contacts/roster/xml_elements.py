"""Walking the XML of a workbook's parts, a piece at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

PIECE = 256 * 1024  # bytes

Attributes = dict[str, str]
Begin = Callable[[Attributes], None]
End = Callable[[], None]


class Elements:
    """Walks one XML part: what to do where an element begins or ends, by its name without prefix.

    What stands between is in ``_text`` until somebody takes it.
    """

    def __init__(self, starts: Mapping[str, Begin], ends: Mapping[str, End]) -> None:
        self._starts, self._ends = starts, ends
        # By the name as it is written: half a million cells shall not have it taken apart.
        self._begin_of: dict[str, Begin | None] = {}
        self._end_of: dict[str, End | None] = {}
        self._text: list[str] = []

    def read(self, archive: zipfile.ZipFile, part: str) -> None:
        """Read the whole part.

        :raises ValueError: it declares a document type.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._stop
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _no_document_type
        with archive.open(part) as stream:
            self._walk(iter(lambda: stream.read(PIECE), b""), parser)
        parser.Parse(b"", True)

    def _walk(self, pieces: Iterator[bytes], parser: expat.XMLParserType) -> None:
        for piece in pieces:
            parser.Parse(piece, False)

    def _start(self, name: str, attributes: Attributes) -> None:
        try:
            act = self._begin_of[name]
        except KeyError:
            act = self._begin_of[name] = self._starts.get(name.rpartition(":")[2])
        if act is not None:
            act(attributes)

    def _stop(self, name: str) -> None:
        try:
            act = self._end_of[name]
        except KeyError:
            act = self._end_of[name] = self._ends.get(name.rpartition(":")[2])
        if act is not None:
            act()

    def _take(self) -> str:
        """The text since the last one was taken or dropped."""
        text = "".join(self._text)
        self._text.clear()
        return text


def _no_document_type(*_: object) -> None:
    raise ValueError("a document type in a workbook")
