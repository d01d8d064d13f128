"""Divisions and boundaries that another process imports are known to those that run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC
from pathlib import Path

import pytest

from bot.board.server import _drawn
from bot.services import geography as geography_module
from bot.services.geography import AHEAD_SECONDS, LOOK_SECONDS, Geography
from contacts.divisions.boundary_file import boundaries_path, import_boundaries, load_boundaries
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import load_gazetteer
from contacts.roster.columns import RosterKind
from contacts.roster.importing import import_file
from data.database import Connection, Database, signal
from data.errors import InvalidInput, StoreBusy
from data.reference import JILIN_COUNTIES
from data.reference_versions import IMPORTED
from tests.roster import COUNTY, NOW, PROVINCE, TOWNSHIP
from tests.waiting import PassTime, until

pytestmark = pytest.mark.one_database


NEW_VILLAGE = "222403101299"


@pytest.fixture
def elsewhere(filled_url: str) -> Iterator[Database]:
    """The same database, as the command line opens it."""
    made = Database(filled_url)
    yield made
    made.close()


def geography_of(database: Database, folder: Path) -> Geography:
    return Geography(database, lambda: load_boundaries(database.url, folder))


@asynccontextmanager
async def followed(geography: Geography) -> AsyncIterator[None]:
    following = asyncio.create_task(geography.follow())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def import_division(database: Database, folder: Path) -> None:
    file = folder / "divisions.csv"
    file.write_text(
        f"code,name,level,parent_code\n{NEW_VILLAGE},新立村,village,{TOWNSHIP}\n", encoding="utf-8"
    )
    report = import_file(database, RosterKind.DIVISIONS, file, NOW, zone=UTC)
    assert not report.problems.total


def import_county(database: Database, folder: Path) -> None:
    file = folder / "drawn.geojson"
    file.write_bytes(JILIN_COUNTIES.read_bytes().replace(b"\n", b" \n"))
    import_boundaries(database, file, boundaries_path(database.url, folder), NOW)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """One for each time the divisions were loaded."""
    made: list[Connection] = []

    def load(connection: Connection) -> Gazetteer:
        made.append(connection)
        return load_gazetteer(connection)

    monkeypatch.setattr(geography_module, "load_gazetteer", load)
    return made


async def test_the_first_call_for_help_after_a_start_finds_the_divisions_loaded(
    database: Database, tmp_path: Path, pass_time: PassTime, loads: list[Connection]
) -> None:
    geography = geography_of(database, tmp_path)
    loading = asyncio.create_task(geography.load_ahead())
    await pass_time(AHEAD_SECONDS / 2)
    assert not loads  # what was left undone is sent first
    await pass_time(AHEAD_SECONDS / 2)
    await loading
    assert COUNTY in geography.gazetteer
    assert len(loads) == 1


async def test_divisions_that_cannot_be_loaded_ahead_are_loaded_when_asked_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_connection: Connection) -> Gazetteer:
        raise StoreBusy

    monkeypatch.setattr(geography_module, "AHEAD_SECONDS", 0.0)
    geography = geography_of(database, tmp_path)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(geography_module, "load_gazetteer", locked)
        await geography.load_ahead()
    assert COUNTY in geography.gazetteer


async def test_divisions_imported_by_another_process_are_known_a_moment_later(
    database: Database, elsewhere: Database, tmp_path: Path, pass_time: PassTime
) -> None:
    geography = geography_of(database, tmp_path)
    before = geography.gazetteer
    assert NEW_VILLAGE not in before
    async with followed(geography):
        await pass_time(LOOK_SECONDS)
        import_division(elsewhere, tmp_path)
        await pass_time(LOOK_SECONDS)
        await until(lambda: NEW_VILLAGE in geography.gazetteer, "never known")
        now_known = geography.gazetteer
        await pass_time(LOOK_SECONDS)  # nothing was imported: nothing is loaded
        assert geography.gazetteer is now_known is not before


async def test_boundaries_imported_by_another_process_are_drawn_a_moment_later(
    database: Database, elsewhere: Database, tmp_path: Path, pass_time: PassTime
) -> None:
    geography = geography_of(database, tmp_path)
    before = geography.boundaries
    async with followed(geography):
        import_county(elsewhere, tmp_path)
        await pass_time(LOOK_SECONDS)
        await until(lambda: geography.boundaries is not before, "never drawn")
        assert COUNTY in geography.boundaries.codes


async def test_what_is_imported_before_it_was_asked_for_is_loaded_once(
    database: Database, elsewhere: Database, tmp_path: Path
) -> None:
    geography = geography_of(database, tmp_path)
    import_division(elsewhere, tmp_path)
    loaded = geography.gazetteer
    assert NEW_VILLAGE in loaded
    geography.reload()
    assert geography.gazetteer is loaded


async def test_a_file_of_boundaries_that_is_bad_leaves_the_old_in_use(
    database: Database, elsewhere: Database, tmp_path: Path
) -> None:
    geography = geography_of(database, tmp_path)
    before = geography.boundaries
    import_county(elsewhere, tmp_path)
    boundaries_path(database.url, tmp_path).write_bytes(b"{}")
    with pytest.raises(InvalidInput):
        geography.reload()
    assert geography.boundaries is before
    geography.reload()  # said once


async def test_the_signal_alone_is_enough(
    database: Database,
    elsewhere: Database,
    tmp_path: Path,
    store_kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL tells other processes, SQLite those who share the process."""
    monkeypatch.setattr(geography_module, "LOOK_SECONDS", 1e6)
    importing = database if store_kind == "sqlite" else elsewhere
    geography = geography_of(database, tmp_path)
    assert NEW_VILLAGE not in geography.gazetteer
    async with followed(geography):
        import_division(importing, tmp_path)

        def known() -> bool:  # told again until the other listens
            importing.do(lambda c: signal(c, IMPORTED))
            return NEW_VILLAGE in geography.gazetteer

        await until(known, "never known")


async def test_the_board_s_map_is_drawn_anew_after_an_import(
    database: Database, elsewhere: Database, tmp_path: Path
) -> None:
    geography = geography_of(database, tmp_path)
    drawn = _drawn(PROVINCE, geography)
    geography.reload()
    assert drawn.shows(geography)
    import_county(elsewhere, tmp_path)
    geography.reload()
    assert not drawn.shows(geography)
