"""What can become of the account of a person whose post gives rights. Pure."""

from __future__ import annotations

from enum import Enum


class AccountEvent(Enum):
    """What those above are told."""

    ASKED = "asked"  # an account wants to be this person: they may approve it
    LINKED = "linked"
    UNLINKED = "unlinked"
    POST_TAKEN = "post_taken"  # a post of theirs that gives rights is no longer theirs
    COMMAND_LINE = "command_line"  # the command line acts in their name, and they cannot read it
    TOKEN_MADE = "token_made"  # a token of the API acts in their name: to themselves, if they read
    USED = "used"  # a new account used the rights of the post for the first time
