"""What somebody reported, as a task for the list of problems: 无法执行, 需要支援, 隐患."""

from __future__ import annotations

from dataclasses import dataclass

from alerts import call_store, help_store
from alerts.loop.tasks.model import LONGEST_TITLE, Cause, CauseKind, TaskProblem
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.positions import store as position_store
from contacts import people_store
from contacts.access import may_be_informed, require
from contacts.people import Person
from data.database import Connection
from data.errors import NotFound


@dataclass(frozen=True, slots=True)
class Reported:
    """A report as a task begins with it. ``spot``: WGS-84 lon and lat."""

    title: str
    words: str
    division_code: str
    place_code: str = ""
    alert_id: int | None = None
    spot: tuple[float, float] | None = None


def reported(connection: Connection, cause: Cause, reader: Person) -> Reported:
    """What a report says, for whoever is informed of its division.

    :raises NotFound: with ``UNKNOWN``: there is no such report.
    :raises NotAllowed: ``reader`` is not informed there.
    """
    found = _OF[cause.kind](connection, cause.id) if cause.kind in _OF else None
    if found is None:
        raise NotFound(TaskProblem.UNKNOWN, task=cause.id)
    require(may_be_informed(reader, found.division_code), division=found.division_code)
    return found


def _of_help(connection: Connection, request_id: int) -> Reported | None:
    request = help_store.request(connection, request_id)
    if request is None:
        return None
    calls = call_store.calls(connection, [request.call_id])
    place = calls[0].place_code if calls else ""
    return _reported(request.text or "", request.division_code, place, request.alert_id)


def _of_field_report(connection: Connection, report_id: int) -> Reported | None:
    report = field_report_store.field_report(connection, report_id)
    sender = None if report is None else people_store.person(connection, report.person_id)
    if report is None or sender is None:
        return None
    position = (
        None
        if report.position_id is None
        else position_store.position(connection, report.position_id)
    )
    spot = None if position is None or position.doubts else (position.fix.lon, position.fix.lat)
    code = report.division_code or sender.division_code
    return _reported(report.caption or "", code, sender.place_code, report.alert_id, spot)


def _reported(
    words: str,
    division_code: str,
    place_code: str,
    alert_id: int | None,
    spot: tuple[float, float] | None = None,
) -> Reported:
    """The first line is the title, if there is one; else it is asked for."""
    line = " ".join(words.split())
    title = line[:LONGEST_TITLE]
    rest = line if len(line) > LONGEST_TITLE else ""
    return Reported(title, rest, division_code, place_code, alert_id, spot)


_OF = {CauseKind.HELP: _of_help, CauseKind.FIELD_REPORT: _of_field_report}
