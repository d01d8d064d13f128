"""An office's first warning: it is told once which lists of tasks there are, and which are used."""

from __future__ import annotations

from datetime import datetime

from alerts.loop.tasks import making_store
from alerts.model import Alert
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.template_files import store
from alerts.template_files.holding import line_of
from alerts.template_files.model import Folders, TemplateKind
from contacts import people_store
from contacts.access import may_release
from data.database import Connection


def tell_once(folders: Folders, connection: Connection, alert: Alert, now: datetime) -> None:
    """Tell whoever released the first warning of their division, unless somebody there, or above,
    has changed a list already; nobody where an office does without the shipped ones.
    """
    if not folders.shipped_lists:
        return
    sender = people_store.person(connection, alert.sender_id)
    if sender is None or sender.telegram_id is None:
        return
    division = sender.division_code
    if not may_release(sender, [division]).allowed:
        return
    if making_store.any_before(connection, alert.id, division):
        return
    if store.newest(connection, TemplateKind.LIST, line_of(division)):
        return
    told = to_person(sender, MessageKind.LISTS_TOLD, Lane.REST, alert_id=alert.id)
    outbox_store.add(connection, told, now)
