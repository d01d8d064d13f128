"""The rights of a group's member as the library wants them: all of them, however new.

Telegram adds a right now and then, and a Bot API server of another age leaves some out. The library
then cannot read the update at all, and that the bot may not write in a group would be lost for want
of a right that nobody here asks for.
"""

from __future__ import annotations

import inspect
from typing import Any

from telegram import ChatMember, ChatMemberAdministrator, ChatMemberRestricted

_GIVEN = ("self", "user", "status", "api_kwargs")


def _required(kind: type[ChatMember]) -> list[str]:
    """Its fields. Of somebody restricted also those with a default: it is refused all the same."""
    parameters = inspect.signature(kind.__init__).parameters.values()
    return [
        parameter.name
        for parameter in parameters
        if parameter.name not in _GIVEN
        and (parameter.default is parameter.empty or kind is ChatMemberRestricted)
    ]


_REQUIRED = {
    ChatMember.RESTRICTED: _required(ChatMemberRestricted),
    ChatMember.ADMINISTRATOR: _required(ChatMemberAdministrator),
}
_UNSAID = {"until_date": 0, "is_member": True}
"""What is taken for a field that was left out; a right that was left out is not given."""


def complete(update: dict[str, Any]) -> dict[str, Any]:
    """The update, with every right said of the members in it whose rights are said at all."""
    changed = update.get("my_chat_member")
    if not isinstance(changed, dict):
        return update
    members = {
        key: _complete(changed[key])
        for key in ("old_chat_member", "new_chat_member")
        if isinstance(changed.get(key), dict)
    }
    return {**update, "my_chat_member": {**changed, **members}}


def _complete(member: dict[str, Any]) -> dict[str, Any]:
    required = _REQUIRED.get(member.get("status", ""))
    if required is None or not any(key.startswith("can_") for key in member):
        return member
    return {**{name: _UNSAID.get(name, False) for name in required}, **member}
