"""Our name for a call, with the time it was queued, where a cloud keeps only a few characters."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.events import Handle, OutgoingCall
from bot.channels.stamped_names import Named, read_name, stamped_name
from contacts.channels import Channel


@given(st.integers(1, 10**12), st.integers(1, 9), st.integers(1, 4_000_000_000))
def test_a_name_is_read_as_it_was_written(delivery_id: int, attempt: int, queued: int) -> None:
    at, handle = datetime.fromtimestamp(queued, UTC), Handle(delivery_id, attempt)
    call = OutgoingCall(
        handle, Channel.VOICE, "call", "+8613900000010", "", {}, {}, 0.0, False, at, queued_at=at
    )
    assert read_name(stamped_name(call)) == Named(handle, queued)
    short = stamped_name(call, 15)
    assert len(short) <= 15 and read_name(short) in (Named(handle, queued), Named(handle, None))


@given(st.text(max_size=20))
def test_what_is_no_name_of_ours_is_none(text: str) -> None:
    assert read_name(f"PROD#{text}") is None
    assert read_name("812-1.") is None and read_name("812-1.thiy1c_") is None
    assert read_name("812-1." + "z" * 9) is None
