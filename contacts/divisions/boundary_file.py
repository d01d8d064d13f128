"""The file of county boundaries: which one is in use, and importing another.

The bot prefers ``boundaries.geojson`` beside the database to the boundaries that ship. An imported
file is checked, converted and put in place whole or not at all, and entered in the audit trail.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import known_divisions
from data import audit
from data.database import Connection, Database, sqlite_path
from data.errors import InvalidInput, StoreUnwritable
from data.files import read_file
from data.geo.boundaries import (
    Boundaries,
    convert_boundaries,
    read_features,
    written_features,
)
from data.geo.drawing_files import as_geojson
from data.private_files import write_private
from data.reference import JILIN_COUNTIES
from data.reference_versions import BOUNDARIES, count_up

FILE_NAME = "boundaries.geojson"


class BoundaryRefusal(Enum):
    """Why boundaries that are well-formed are not taken."""

    UNKNOWN_CODES = "unknown_codes"
    NOT_LON_LAT = "not_lon_lat"  # lat before lon, or metres of a projection


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """What was imported, or with ``dry_run`` would be; ``box`` is west, south, east, north."""

    file: str
    boundaries: int
    box: tuple[float, float, float, float]
    target: Path
    unchanged: bool
    converted: bool
    dry_run: bool
    kept: int = 0
    """Boundaries in use that the file does not draw, and that stay."""
    vanishing: tuple[str, ...] = ()
    """The codes of boundaries in use that are gone with it."""
    agreed: bool = True

    @property
    def written(self) -> bool:
        """Whether it is put in place."""
        return not (self.dry_run or self.unchanged or (self.vanishing and not self.agreed))


def boundaries_path(database_url: str, folder: Path) -> Path:
    """Where imported boundaries lie: beside an SQLite database, else in ``folder``."""
    database = sqlite_path(database_url)
    return (database.parent if database else folder) / FILE_NAME


def boundaries_in_use(database_url: str, folder: Path) -> Path:
    """The file the bot reads: the imported one, else the one that ships."""
    imported = boundaries_path(database_url, folder)
    return imported if imported.exists() else JILIN_COUNTIES


def load_boundaries(database_url: str, folder: Path) -> Boundaries:
    """The boundaries in use, ready to be asked."""
    return Boundaries.from_geojson(boundaries_in_use(database_url, folder).read_bytes())


def import_boundaries(
    database: Database,
    path: Path,
    target: Path,
    now: datetime,
    *,
    gcj02: bool = False,
    dry_run: bool = False,
    instead: bool = False,
    agreed: bool = False,
) -> BoundaryReport:
    """Check ``path`` and put it at ``target``, with the boundaries in use that it does not draw.

    :param instead: its boundaries replace all others. Without ``agreed`` nothing is written where
        some would vanish.
    :param gcj02: the file was drawn on a Chinese web map: convert it to WGS-84.
    :raises InvalidInput: with a ``FileProblem``, ``BoundaryProblem``, ``BoundaryRefusal`` or
        ``DrawingProblem``.
    :raises StoreUnwritable: when ``target`` cannot be written.
    """
    content = as_geojson(read_file(path).removeprefix(b"\xef\xbb\xbf"))
    if gcj02:
        content = convert_boundaries(content)
    drawn = Boundaries.from_geojson(content)
    box = _check(drawn, database.read(known_divisions), path.name)
    in_use = target if target.exists() else JILIN_COUNTIES
    gazetteer = database.read(known_divisions)
    others = [
        feature
        for feature in read_features(in_use.read_bytes())
        if (code := feature["properties"]["code"]) not in drawn.codes and code in gazetteer
    ]
    vanishing: tuple[str, ...] = ()
    if instead:
        vanishing = tuple(feature["properties"]["code"] for feature in others)
    elif others:
        content = written_features([*read_features(content), *others])
    unchanged = target.exists() and target.read_bytes() == content
    report = BoundaryReport(
        path.name,
        len(drawn.codes),
        box,
        target,
        unchanged,
        gcj02,
        dry_run,
        0 if instead else len(others),
        vanishing,
        agreed,
    )
    if report.written:
        _put(target, content)
        detail = {
            "file": path.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "boundaries": len(drawn.codes),
            "converted": gcj02,
        }
        entry = audit.Entry("import.boundaries", "roster", detail=detail)

        def unit(connection: Connection) -> None:
            count_up(connection, BOUNDARIES)
            audit.append(connection, now, [entry])

        database.do(unit)
    return report


def _check(drawn: Boundaries, gazetteer: Gazetteer, file: str) -> tuple[float, float, float, float]:
    unknown = [code for code in drawn.codes if code not in gazetteer]
    if unknown:
        raise InvalidInput(
            BoundaryRefusal.UNKNOWN_CODES, file=file, total=len(unknown), codes=unknown[:5]
        )
    boxes = [drawn.bounds(code) for code in drawn.codes]
    wests, souths, easts, norths = zip(*boxes, strict=True)
    box = (min(wests), min(souths), max(easts), max(norths))
    # China lies between 73 and 136 east, 3 and 54 north: swapped, they do not overlap.
    west, south, east, north = box
    if west < 72 or east > 138 or south < 0 or north > 56:
        raise InvalidInput(BoundaryRefusal.NOT_LON_LAT, file=file, box=box)
    return box


def _put(target: Path, content: bytes) -> None:
    try:
        write_private(target, content)
    except OSError as error:
        raise StoreUnwritable(
            "unwritable", path=str(target), reason=error.strerror or type(error).__name__
        ) from error
