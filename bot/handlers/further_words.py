"""What is written with 收到 (收到，请支援; 收到但路断了): a report, or for an officer to read."""

from __future__ import annotations

from alerts import alert_store, call_store
from alerts.cries import cry_in
from alerts.reports import CALLING_FOR_HELP
from alerts.typed_answers import further_words, tells_of_need
from alerts.typed_reports import report_said
from bot.handlers import follow_up
from bot.handlers.context import Context
from bot.messages.channel_words import tell_officers
from bot.views.warnings.unused_words import words_passed_on, words_unused
from contacts.channels import Channel
from data.database import Connection


def will_hear(
    c: Connection, context: Context, call_id: int | None, *, quietly: bool = False
) -> None:
    """Record the need that stands with the answer, or pass it on, in the running unit.

    :param call_id: the call that is answered; ``None``: it is not told which.
    :param quietly: in a group nobody is told what became of it.
    """
    text = context.message.text or ""
    words = further_words(text)
    said = report_said(words)
    asks = said in CALLING_FOR_HELP
    if said is not None and asks and call_id is not None and not quietly:
        follow_up.record_said(c, context, call_id, said, words)
    elif asks or (tells_of_need(words) and cry_in(text) is None):  # a cry goes on by itself
        _pass_on(c, context, call_id, text, quietly=quietly)


def _pass_on(
    c: Connection, context: Context, call_id: int | None, text: str, *, quietly: bool
) -> None:
    told = tell_officers(
        c,
        [context.known()],
        Channel.TELEGRAM,
        text,
        context.services.gazetteer.path,
        context.now,
        recorded=call_id is not None,
        written_at=context.done_at,
        zone=context.zone,
    )
    call = None if call_id is None else call_store.call(c, call_id)
    alert = None if call is None else alert_store.alert(c, call.alert_id)
    found = [] if call is None or alert is None else [(call, alert)]
    if quietly or not (found or told):
        return
    places = {alert.id: context.facts(c).area(alert) for _, alert in found}
    screen = words_passed_on if told else words_unused
    context.will_say(c, screen(found, places, context.language))
