"""One telephone: what happens on it, and what the carrier tells of that. Pure.

Whatever its owner or the passing of time does returns what is to be told to jiaoying, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

REPORTS, ANSWERS = "/v1/reports", "/v1/answers"

RINGS = timedelta(seconds=30)
"""Then nobody is there (ours)."""

WAITS = timedelta(seconds=15)
"""For a key, once all is said; then the carrier hangs up (ours)."""

PACE = 1.1
"""A human voice takes so many times the least that a text takes (ours)."""

SAY_SECONDS = 0.2
"""A character of what is said after a key, spoken (ours)."""

LONGEST_SMS = 500  # characters that its keys take


class NotNow(ValueError):
    """What cannot be done with a telephone at this moment; the text says what to do instead."""


class Line(Enum):
    """What the telephone is doing."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"


class Ended(Enum):
    """How a call ended, as the telephone's own list shows it."""

    MISSED = "missed"
    REJECTED = "rejected"
    HEARD = "heard"
    CUT_SHORT = "cut_short"


@dataclass(frozen=True, slots=True)
class Told:
    """A report or an answer for jiaoying; ``body`` lacks its event."""

    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words that are spoken from ``began`` on, for so many seconds."""

    text: str
    began: datetime
    seconds: float


@dataclass(slots=True)
class VoiceCall:
    """The call on the line."""

    id: str
    text: str
    seconds: float  # that it takes to hear the text
    began: datetime
    picked_up_at: datetime | None = None
    spoken: list[Spoken] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def all_said_at(self) -> datetime:
        """When the voice comes to its end."""
        last = self.spoken[-1]
        return last.began + timedelta(seconds=last.seconds)


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call of the telephone's own list."""

    at: datetime
    ended: Ended
    keys: str


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """An SMS on the telephone."""

    text: str
    at: datetime
    mine: bool


@dataclass(slots=True)
class Telephone:
    """A plain telephone with a number; times are aware UTC.

    :param held: SMS the carrier keeps until the telephone is in the network again.
    """

    number: str
    on: bool = True
    signal: bool = True
    call: VoiceCall | None = None
    past: list[PastCall] = field(default_factory=list)
    messages: list[ShortMessage] = field(default_factory=list)
    held: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def line(self) -> Line:
        """What it is doing."""
        if self.call is None:
            return Line.IDLE
        return Line.RINGING if self.call.picked_up_at is None else Line.TALKING

    @property
    def reached(self) -> bool:
        """Whether the network finds it."""
        return self.on and self.signal

    @property
    def _absence(self) -> str:
        """Why the network does not find it, in the contract's words."""
        return "out_of_reach" if self.on else "powered_off"

    # -- what the carrier does ---------------------------------------------------------------------

    def ring(self, call: Mapping[str, Any], now: datetime) -> list[Told]:
        """A call comes in."""
        if not self.reached:
            return [_failed(call["id"], self._absence, now)]
        if self.call is not None:
            return [_failed(call["id"], "busy", now)]
        seconds = round(max(float(call["seconds"]) * PACE, 1.0), 1)
        self.call = VoiceCall(call["id"], call["text"], seconds, now)
        return []

    def write(self, message: Mapping[str, Any], now: datetime) -> list[Told]:
        """An SMS comes in, or waits at the carrier."""
        if not self.reached:
            self.held.append(message)
            return []
        self.messages.append(ShortMessage(message["text"], now, mine=False))
        return [_report(message["id"], "delivered", now)]

    def says(self, text: str, now: datetime) -> None:
        """The voice says this now, whatever it was saying."""
        if self.call is None or self.call.picked_up_at is None or not text:
            return
        again = text == self.call.text
        seconds = self.call.seconds if again else round(len(text) * SAY_SECONDS, 1)
        self.call.spoken.append(Spoken(text, now, seconds))

    def writes_back(self, text: str, now: datetime) -> None:
        """What jiaoying says to a reply comes as an SMS."""
        if text:
            self.messages.append(ShortMessage(text, now, mine=False))

    def take_back(self, call_id: str, now: datetime) -> bool:
        """The call stops ringing, or the SMS never comes; ``False``: too late for that."""
        if self.call is not None and self.call.id == call_id and self.line is Line.RINGING:
            self._end(Ended.MISSED, now)
            return True
        kept = [message for message in self.held if message["id"] != call_id]
        found = len(kept) < len(self.held)
        self.held = kept
        return found

    def pass_time(self, now: datetime) -> list[Told]:
        """Nobody picks up for ever, and nobody is waited for on the line."""
        if self.call is not None:
            if self.line is Line.RINGING and now - self.call.began >= RINGS:
                return [self._unanswered("no_answer", Ended.MISSED, now)]
            if self.line is Line.TALKING and now >= self.call.all_said_at + WAITS:
                return self.hang_up(now)
        late = [one for one in self.held if datetime.fromisoformat(one["valid_until"]) < now]
        self.held = [one for one in self.held if one not in late]
        return [_failed(one["id"], self._absence, now) for one in late]

    # -- what its owner does -----------------------------------------------------------------------

    def pick_up(self, now: datetime) -> list[Told]:
        """Answer the ringing call: the voice begins.

        :raises NotNow: it does not ring.
        """
        if self.call is None or self.line is not Line.RINGING:
            raise NotNow("现在没有来电 / it does not ring")
        self.call.picked_up_at = now
        self.says(self.call.text, now)
        return [_report(self.call.id, "delivered", now)]

    def press(self, key: str, now: datetime) -> list[Told]:
        """Press a key while the voice speaks.

        :raises NotNow: nobody listens to keys.
        """
        if key not in {*"0123456789*#"} or len(key) != 1:
            raise NotNow("没有这个键 / no such key")
        if self.call is None or self.line is not Line.TALKING:
            raise NotNow("没有通话，按键没有用；来电时先接听 / no call: pick up first")
        self.call.keys.append(key)
        told = {"channel": "voice", "id": self.call.id, "from": self.number, "key": key}
        return [Told(ANSWERS, {**told, "at": now.isoformat()})]

    def hang_up(self, now: datetime) -> list[Told]:
        """End the call; whoever did not hear the text to its end has not heard it.

        :raises NotNow: there is no call.
        """
        call = self.call
        if call is None or call.picked_up_at is None:
            raise NotNow("没有通话 / no call")
        seconds = round((now - call.picked_up_at).total_seconds(), 1)
        heard = seconds >= call.seconds
        self._end(Ended.HEARD if heard or call.keys else Ended.CUT_SHORT, now)
        length = {"seconds": seconds, "message_seconds": call.seconds}
        if heard:
            return [_report(call.id, "heard", now, **length)]
        return [_report(call.id, "failed", now, cause="cut_short", **length)]

    def reject(self, now: datetime) -> list[Told]:
        """Refuse the ringing call.

        :raises NotNow: it does not ring.
        """
        if self.line is not Line.RINGING:
            raise NotNow("现在没有来电 / it does not ring")
        return [self._unanswered("rejected", Ended.REJECTED, now)]

    def reply(self, text: str, now: datetime) -> list[Told]:
        """Send an SMS to where the warnings come from.

        :raises NotNow: it is empty, too long, or there is no network.
        """
        text = text.strip()
        if not text:
            raise NotNow("没有写内容 / it is empty")
        if len(text) > LONGEST_SMS:
            raise NotNow(f"短信最长 {LONGEST_SMS} 个字 / at most {LONGEST_SMS} characters")
        if not self.reached:
            raise NotNow("没有信号，发不出去 / no network")
        self.messages.append(ShortMessage(text, now, mine=True))
        told = {"channel": "sms", "from": self.number, "text": text, "at": now.isoformat()}
        return [Told(ANSWERS, told)]

    def switch(self, now: datetime, *, on: bool, signal: bool) -> list[Told]:
        """Turn it off or on, carry it out of the network or back; SMS that waited arrive."""
        told: list[Told] = []
        self.on, self.signal = on, signal
        if not self.reached and self.line is Line.TALKING:
            told = self.hang_up(now)
        elif not self.reached and self.line is Line.RINGING:
            told = [self._unanswered(self._absence, Ended.MISSED, now)]
        elif self.reached:
            waiting, self.held = self.held, []
            told = [each for message in waiting for each in self.write(message, now)]
        return told

    def _unanswered(self, cause: str, ended: Ended, now: datetime) -> Told:
        assert self.call is not None
        call_id = self.call.id
        self._end(ended, now)
        return _failed(call_id, cause, now)

    def _end(self, ended: Ended, now: datetime) -> None:
        assert self.call is not None
        self.past.append(PastCall(now, ended, "".join(self.call.keys)))
        self.call = None


def _report(call_id: str, state: str, now: datetime, **more: Any) -> Told:
    return Told(REPORTS, {"id": call_id, "state": state, "at": now.isoformat(), **more})


def _failed(call_id: str, cause: str, now: datetime) -> Told:
    return _report(call_id, "failed", now, cause=cause)
