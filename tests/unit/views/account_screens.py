"""The texts about whose account it is, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from bot.views import accounts
from bot.views.screen import Screen
from contacts.api_tokens import ApiToken, Scope
from contacts.link_requests import LinkRequest, Proof
from tests.unit.views import samples as s

View = Callable[[str], Screen]

PLACE = "延边州 敦化市"
WANTED = LinkRequest(1, 77_001, 5, "<b>王 @wang", code_at=s.NOW)


def account_news() -> Iterator[tuple[str, View]]:
    """What an account reads that wants to be somebody, and those above them."""
    person = s.SENDER
    for proof, asked in ((Proof.CODE, True), (Proof.PHONE, False)):
        yield (
            f"account_waits_{proof.name.lower()}",
            lambda language, proof=proof, asked=asked: accounts.wait_for_more(  # type: ignore[misc]
                person, proof, PLACE, language, asked=asked
            ),
        )
    yield "account_asked", lambda language: accounts.ask_to_approve(person, WANTED, PLACE, language)
    yield "account_approved", lambda language: accounts.approved(person, PLACE, language)
    yield (
        "account_refused",
        lambda language: accounts.refused(person, PLACE, language, new_code=True),
    )
    yield "account_refused_asker", accounts.refused_to_asker
    yield "account_linked", lambda language: accounts.linked(person, PLACE, "李主任", language)
    yield "account_unlinked", lambda language: accounts.unlinked(person, PLACE, "李主任", language)
    gone = replace(person, active=False)
    yield "account_left", lambda language: accounts.unlinked(gone, PLACE, "", language)
    yield (
        "account_post_taken",
        lambda language: accounts.post_taken(person, PLACE, "commander", language),
    )
    unproven = replace(person, unproven=True)
    yield (
        "account_to_be_proven",
        lambda language: accounts.ask_to_approve(
            unproven, LinkRequest(1, 101, None, ""), PLACE, language
        ),
    )
    villager = replace(s.VILLAGER, unproven=True)
    yield (
        "account_to_be_proven_for_a_shift",
        lambda language: accounts.ask_to_approve(
            villager, LinkRequest(1, 101, None, ""), PLACE, language
        ),
    )
    yield (
        "account_command_line",
        lambda language: accounts.command_line(person, PLACE, language),
    )
    token = ApiToken(
        3, 1, "省应急平台", "ab12", "", frozenset({Scope.READ, Scope.RELEASE}), "222403000000",
        s.NOW, "root", s.NOW + timedelta(days=365),
    )  # fmt: skip
    for name, own in (("account_token", True), ("account_token_above", False)):
        yield (
            name,
            lambda language, own=own: accounts.token_made(  # type: ignore[misc]
                person, PLACE, token, PLACE, language, own=own
            ),
        )
    yield "account_used", lambda language: accounts.used(person, PLACE, language)
