"""The drawing that a warning on its way is for, and what came of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from contacts.area_shapes import Resolved
from data.geo.shapes import Shape, ShapeNote


@dataclass(frozen=True, slots=True)
class DrawnArea:
    """A drawing, as it is kept between two taps; see ``contacts.area_shapes.Resolved``."""

    shape: str  # GeoJSON, WGS-84
    name: str = ""  # of the file, the stretch of a river, the reservoir
    notes: tuple[str, ...] = ()  # the words of ShapeNote
    drawn: bool = True  # by a person, on some map: it may be read as GCJ-02
    villages: int = 0
    besides: int = 0  # places called in addition
    unplaced: int = 0
    left_out: int = 0
    left_out_of: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    beyond: bool = False
    by_table: bool = False  # its villages are listed, not looked for on the map

    @classmethod
    def of(cls, shape: Shape, found: Resolved, name: str, *, drawn: bool = True) -> Self:
        """The drawing and what lies in it."""
        return cls(
            shape.geojson(),
            name,
            tuple(sorted(note.value for note in shape.notes)),
            drawn,
            found.villages,
            len(found.besides),
            found.unplaced,
            found.left_out,
            found.left_out_of,
            found.elsewhere[:_MOST_NAMED],
            found.beyond,
        )

    @property
    def gcj02(self) -> bool:
        """Whether it was read as one on a Chinese web map."""
        return ShapeNote.CONVERTED.value in self.notes

    def as_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Back from them."""
        listed = {key: tuple(state.get(key, ())) for key in ("notes", "left_out_of", "elsewhere")}
        return cls(**{**state, **listed})


_MOST_NAMED = 200
