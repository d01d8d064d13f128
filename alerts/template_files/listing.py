"""What the lists of tasks make of a warning: each called division has those that hold there.

A county's own list counts for the province's warning too: what its posts owe is for it to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.loop.tasks.model import Cause, CauseKind, NewTask, Responsible, Task, post_of
from alerts.model import Alert
from alerts.template_files import store
from alerts.template_files.files import files_of
from alerts.template_files.holding import as_template, line_of
from alerts.template_files.model import Folders, Origin, Template, TemplateKind
from contacts.divisions.codes import Tier, contains, county_of, tier_of
from data.database import Connection


def listed_tasks(
    folders: Folders, connection: Connection, alert: Alert, codes: Sequence[str], now: datetime
) -> Iterator[NewTask]:
    """What the posts of these divisions owe by the lists that hold there (``making.Maker``).

    The minutes count from the release, or the rise that asked everybody again; what is late before
    it is made is due a minute from now. A task ends with its warning, and is made once for each
    post, by list and place in it.
    """
    return _listed(folders, connection, alert, codes, now, shipped=is_narrow(alert))


MOST_COUNTIES = 3


def is_narrow(alert: Alert) -> bool:
    """Whether shipped lists make tasks of a warning: one of at most ``MOST_COUNTIES`` counties.

    For a province it would be tens of thousands that none of its offices has ever looked at (ours).
    """
    counties = {county_of(area) for area in alert.areas}
    return None not in counties and len(counties) <= MOST_COUNTIES


def any_listed(folders: Folders, connection: Connection, alert: Alert) -> bool:
    """Whether any list may make tasks of a warning; an office's own may, wherever it is."""
    return store.any_of(connection, TemplateKind.LIST) or any(
        template.task_list.is_for(alert.hazard, alert.level)
        for template in _files(folders, shipped=is_narrow(alert)).values()
    )


def _files(folders: Folders, *, shipped: bool) -> dict[str, Template]:
    files = files_of(TemplateKind.LIST, folders).templates
    if shipped:
        return dict(files)
    return {key: each for key, each in files.items() if each.origin is not Origin.SHIPPED}


def _listed(
    folders: Folders,
    connection: Connection,
    alert: Alert,
    codes: Sequence[str],
    now: datetime,
    *,
    shipped: bool,
) -> Iterator[NewTask]:
    """:param shipped: those that no office has looked at count, too."""
    files = _files(folders, shipped=shipped)
    own: dict[str, dict[str, Template | None]] = {}
    lines = {known: None for code in codes for known in line_of(code)}
    for version in store.newest(connection, TemplateKind.LIST, list(lines)):
        own.setdefault(version.division_code, {})[version.key] = as_template(version)
    if not own and not any(template.task_list.enabled for template in files.values()):
        return
    for code in codes:
        holding = dict(files)
        for above in line_of(code):
            holding.update({k: t for k, t in own.get(above, {}).items() if t is not None})
        for template in holding.values():
            if template.task_list.is_for(alert.hazard, alert.level):
                yield from _tasks(template, alert, code, now)


def listed_still(
    folders: Folders, connection: Connection, alert: Alert, tasks: Sequence[Task]
) -> set[int]:
    """Which of these tasks a warning, as it is now, still asks for: by a list that holds for its
    level, in or above its area. A warning that was widened still asks for what it has made."""
    made_in = {task.id: post_of(task.made_for).division_code for task in tasks}
    near = [task for task in tasks if _is_near(alert, made_in[task.id])]
    codes = sorted({made_in[task.id] for task in near})
    now = max((task.due_at for task in near), default=alert.created_at)
    every = _listed(folders, connection, alert, codes, now, shipped=True)
    listed = {task.key for task in every}
    return {task.id for task in near if task.key in listed}


def _is_near(alert: Alert, code: str) -> bool:
    return any(contains(area, code) or contains(code, area) for area in alert.areas)


TEMPLATES = "list:"
"""What the templates of such tasks begin with."""


def _tasks(template: Template, alert: Alert, code: str, now: datetime) -> Iterator[NewTask]:
    tier = tier_of(code)
    if tier is Tier.VILLAGE and template.origin is Origin.SHIPPED:
        return  # who moves people at night has a call to answer: no office has asked more of them
    begun = alert.asked_at or alert.released_at or alert.created_at
    for number, task in enumerate(template.task_list.tasks, start=1):
        if task.tier is tier:
            yield NewTask(
                title=task.title,
                due_at=max(begun + timedelta(minutes=task.minutes), now + timedelta(minutes=1)),
                responsible=Responsible(code, task.role),
                in_list=task.in_list,
                measure=task.measure,
                evidence=task.evidence,
                alert_id=alert.id,
                ends_with_alert=True,
                cause=Cause(CauseKind.ALERT, alert.id),
                template=f"{TEMPLATES}{template.key}:{number}",
                template_version=template.version,
            )
