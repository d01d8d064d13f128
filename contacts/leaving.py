"""Who leaves: out of the roster at once, whatever account, buttons or links they still hold.

An import only adds and changes: a person missing from a file may be in another. So leaving is said
by name. Whoever stands in a file that is imported later is in the roster again.
"""

from __future__ import annotations

from datetime import datetime

from contacts import people_store
from contacts.linking import untie
from data import audit
from data.database import Connection


def retire(connection: Connection, person_id: int, now: datetime, actor: int | None = None) -> bool:
    """Take a person out of the roster and untie the account; False: they were out already.

    What they answered and did stays, as does the trail. Their number is free for nobody else: it
    belongs to the row that an import brings back.

    :param actor: who asked for it; ``None`` for the operator at the command line.
    """
    known = people_store.person(connection, person_id)
    if known is None or not known.active:
        return False
    untie(connection, known, now)
    people_store.set_active(connection, person_id, active=False)
    entry = audit.Entry("person.retired", f"person:{person_id}", actor, {})
    audit.append(connection, now, [entry])
    return True
