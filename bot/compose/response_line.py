"""An emergency response in one line: ``/response 防汛 Ⅱ级 敦化市 成员单位到指挥部集中``. Pure.

Read as a warning's line is (``release_line``), with the command's name for the hazard. What a
response is said with is skipped, so that 敦化市提升防汛应急响应至Ⅱ级 is read too. 终止 ends it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from alerts.model import Hazard
from bot.compose.release_line import LineReader, ReleaseLine
from contacts.divisions.gazetteer import Gazetteer
from contacts.places import KnownPlaces

_FIRE = re.compile("森林防灭火|森林防火|森防|防火|fire", re.IGNORECASE)
_FLOOD = re.compile("防汛抗旱|防汛|flood", re.IGNORECASE)
_END = re.compile("终止|结束|解除|end(?![a-z])", re.IGNORECASE)
_FILLER = re.compile(
    "(?:启动|提升|提高|升级|降低|降级|下调|上调|调整)(?:至|到|为)?|应急响应|响应|指挥部|[至到为的]|(?:raise|adjust)(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ResponseLine:
    """What a line says: as a warning's, with the response for the hazard; or that it ends."""

    said: ReleaseLine
    end: bool


def parse_response_line(line: str, gazetteer: Gazetteer, *, within: str) -> ResponseLine:
    """Read the words after ``/response``.

    :param within: the commander's division, preferred where a name is not unique.
    """
    reader = _ResponseReader(line, gazetteer, within, KnownPlaces())
    while reader.rest and not reader.text_begins and reader.take():
        pass
    return ResponseLine(reader.line(), reader.end)


@dataclass(slots=True)
class _ResponseReader(LineReader):
    end: bool = False

    def _take_hazard(self) -> bool:
        found = _END.match(self.rest)
        if found is not None and not self._said_all:
            self.end = True
            return self._go_on(len(found[0]))
        for hazard, words in ((Hazard.FIRE_RESPONSE, _FIRE), (Hazard.FLOOD_RESPONSE, _FLOOD)):
            found = words.match(self.rest)
            if found is not None and self.hazard is None:
                self.hazard = hazard
                return self._go_on(len(found[0]))
        found = _FILLER.match(self.rest)
        # 启动 after all else was said begins the text: 启动后立即到岗.
        glued = not self.between and found is not None and found[0].endswith("响应")
        if found is not None and (glued or not self._said_all):
            return self._go_on(len(found[0]))
        return False

    @property
    def _said_all(self) -> bool:
        return self.level is not None and self.hazard is not None and self._placed
