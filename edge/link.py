"""Link: decides what is sent next, what is sent again, and what an ack means.

Rules it keeps:
- Nothing but its state is sent until the hub has answered this connection's greeting for this epoch; an ack that was owed
  for what another life of this card had sent is no answer, for more of it may be to come.
- Only an ack makes a record evictable; a PUBACK does not.
- At most ``window_batches`` and ``window_bytes`` are unacknowledged at once; what is not acked in time is sent again,
  and at once what was overtaken: brokers keep the order, so an ack of a later batch means that it was lost.
- What an earlier boot observed travels without this boot's monotonic time, by which the hub would misjudge its age.
- Alarms leave first; then what was observed since the hub began to answer and what waited before that share the link by
  weight, each oldest first, so that a night offline, or without a hub, does not hide what happens now.
- An ack of a lower generation is ignored; one of a higher generation that knows less is a rewind.
- Of the backlog only so much is under way as the hub answers soon (``edge/pace.py``), so that a city that comes back
  together does not stand in its own way.
- With ``linger_s`` live records wait for company (``edge/linger.py``); alarms and what is hurried take along what waits.
- A hub that knows more numbers than we have given, or another record under one of ours, means that this card was
  restored or cloned: a new epoch begins.
- A payload that the hub cannot read is halved until the culprit stands alone, and is then declared lost.

It does no networking and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, NamedTuple

import msgspec

from edge.contract.batch import encode_batch
from edge.contract.codec import digest_of
from edge.contract.control import Ack
from edge.contract.limits import BATCH_BYTES, BATCH_RECORDS
from edge.contract.ranges import Range, RangeSet
from edge.linger import Linger
from edge.outbox import Outbox
from edge.outbox_rows import Held
from edge.pace import Pace

HEADER_ROOM = 256


class LinkConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the link is shared and bounded.

    Attributes:
        pack_from_bytes: batches of at least so many bytes of lines are sent packed.
        linger_s: how long live records may wait for others, so that a metered line carries fewer batches.
    """

    window_batches: int = 32
    window_bytes: int = 512 * 1024
    batch_records: int = 500
    batch_bytes: int = 32 * 1024
    ack_timeout_s: float = 10.0
    ack_timeout_most_s: float = 120.0
    hello_every_s: float = 5.0
    no_ack_alarm_s: float = 180.0
    backlog_delay_s: float = 0.75
    live_weight: int = 3
    backlog_weight: int = 1
    pack_from_bytes: int = 1024
    linger_s: Annotated[float, msgspec.Meta(ge=0.0, le=3600.0)] = 0.0


class Publish(NamedTuple):
    """One batch to publish."""

    payload: bytes
    first: int
    last: int


class _InFlight(NamedTuple):
    """A batch under way; ``backlog``: bytes of its lines, unpacked as the hub will read them, 0 when it is none."""

    first: int
    last: int
    size: int
    digest: str
    due: float
    attempt: int
    sent_at: float
    backlog: int


class _Chosen(NamedTuple):
    held: Held
    of_backlog: bool


class Link:
    """The session with the hub over whatever carries it.

    Attributes:
        hello: names this connection's greeting; said with the device's state, and again by the ack that answers it.
        acked_at: when the hub's last ack for this outbox came [s, the caller's clock], None before the first.
        conflict: the hub holds another record under a number of ours.
    """

    def __init__(self, outbox: Outbox, config: LinkConfig, new_hello: Callable[[], str]) -> None:
        self._outbox = outbox
        self._config = config
        self._new_hello = new_hello
        self.hello = ""
        self._connected = False
        self._greeted = False
        self._answered = False
        self._hello_due = 0.0
        self._pace = Pace(config.window_bytes, config.backlog_delay_s)
        self._linger = Linger(config.linger_s)
        self._in_flight: list[_InFlight] = []
        self._sent = RangeSet()
        self._live_from = 1
        self._credit = 0
        self._attempts: dict[Range, int] = {}
        self._suspects: list[Range] = []
        self._asked_at: float | None = None
        self._pubacks_since_ack = 0
        self.acked_at: float | None = None
        self.conflict = False
        self.asked_to_fill = False

    # ---------------------------------------------------------------- connection

    def connected(self, now: float) -> None:
        """The connection stands: greet, and resend what was under way."""
        self._connected = True
        self._greeted = self._answered = False
        self.hello = self._new_hello()
        self._hello_due = now
        self._asked_at = None
        self._pubacks_since_ack = 0
        self._in_flight.clear()
        self._live_from = self._outbox.last + 1

    def disconnected(self) -> None:
        """The connection is gone."""
        self._connected = False
        self._greeted = False
        self._in_flight.clear()
        self._outbox.link_closed()

    @property
    def is_connected(self) -> bool:
        """Whether the broker has let us in."""
        return self._connected

    @property
    def is_open(self) -> bool:
        """Whether the hub has answered on this connection."""
        return self._connected and self._greeted

    @property
    def is_idle(self) -> bool:
        """Whether the hub answers and has every record that may be sent: the line is free for what is less important."""
        if not self.is_open or self._in_flight:
            return False
        ready = self._outbox.open_numbers()
        return not ready.difference(self._linger.held(self._live_of(ready)))

    @property
    def in_flight_bytes(self) -> int:
        """Bytes sent and not acked."""
        return sum(sent.size for sent in self._in_flight)

    def hello_due(self, now: float) -> bool:
        """Whether the device's state must be published (again) because the hub has not answered yet."""
        if not self._connected or self._greeted or now < self._hello_due:
            return False
        self._hello_due = now + self._config.hello_every_s
        self._asks(now)
        return True

    def puback(self) -> None:
        """The broker took a publish: no proof of storage, only counted against the acks that should follow."""
        self._pubacks_since_ack += 1

    def no_acks(self, now: float) -> bool:
        """Whether the broker has taken publishes for minutes while no ack came to what asks for one."""
        if not self._connected or not self._pubacks_since_ack or self._asked_at is None:
            return False
        return now - self._asked_at > self._config.no_ack_alarm_s

    def _asks(self, now: float) -> None:
        """Something is sent that the hub answers with an ack."""
        if self._asked_at is None:
            self._asked_at = now

    # ---------------------------------------------------------------- sending

    def hurry(self) -> None:
        """What was appended so far must not wait for company."""
        self._linger.release(self._outbox.last)

    def next_batches(self, now: float, mono_us: int) -> list[Publish]:
        """Everything that may be published now; ``mono_us`` is stamped for records that the hub must time."""
        self._expire(now)
        if not self.is_open:
            return []
        made: list[Publish] = []
        while len(self._in_flight) < self._config.window_batches and self.in_flight_bytes < self._config.window_bytes:
            chosen = self._choose(now)
            if chosen is None:
                break
            made.append(self._dispatch(chosen.held, chosen.of_backlog, now, mono_us))
        return made

    def _dispatch(self, held: Held, of_backlog: bool, now: float, mono_us: int) -> Publish:
        of_this_boot = held.first >= self._outbox.this_boot_from
        sent_mono = mono_us if of_this_boot else None
        backlog = sum(map(len, held.lines)) if of_backlog else 0
        payload = encode_batch(self._outbox.epoch, held.first, held.lines, sent_mono, self._config.pack_from_bytes)
        attempt = self._attempts.get((held.first, held.last), 0)
        timeout = min(self._config.ack_timeout_s * 2**attempt, self._config.ack_timeout_most_s)
        self._in_flight.append(
            _InFlight(held.first, held.last, len(payload), digest_of(payload), now + timeout, attempt, now, backlog)
        )
        self._sent = self._sent.add(held.first, held.last)
        self._asks(now)
        return Publish(payload, held.first, held.last)

    def _expire(self, now: float) -> None:
        overdue = [sent for sent in self._in_flight if sent.due <= now]
        if not overdue:
            return
        for sent in overdue:
            self._attempts[(sent.first, sent.last)] = min(sent.attempt + 1, 8)
        self._in_flight = [sent for sent in self._in_flight if sent.due > now]
        if not self._in_flight:
            # Nothing at all is answered: the hub may be gone. Ask for it before sending a window into the void again.
            self._greeted = False
            self._hello_due = now

    def _choose(self, now: float) -> _Chosen | None:
        under_way = RangeSet((sent.first, sent.last) for sent in self._in_flight)
        urgent = self._outbox.urgent_numbers().difference(under_way)
        if urgent:
            self.hurry()
            return self._read(urgent, of_backlog=False)
        ready = self._outbox.open_numbers().difference(under_way)
        if not ready:
            return None
        live = self._live_of(ready)
        backlog = ready.difference(live)
        self._linger.look(live, now)
        live = live.difference(self._linger.held(live))
        if backlog and not self._pace.allows(sum(sent.backlog for sent in self._in_flight), now):
            backlog = RangeSet()
        if live and backlog:
            self._credit = (self._credit + 1) % (self._config.live_weight + self._config.backlog_weight)
        if live and (not backlog or self._credit < self._config.live_weight):
            return self._read(live, of_backlog=False)
        return self._read(backlog, of_backlog=True)

    def _live_of(self, numbers: RangeSet) -> RangeSet:
        """Those that were appended since the hub began to answer."""
        return numbers.intersection(RangeSet([(self._live_from, max(self._outbox.last, self._live_from))]))

    def _read(self, numbers: RangeSet, of_backlog: bool) -> _Chosen | None:
        most_bytes = min(self._config.batch_bytes, BATCH_BYTES - HEADER_ROOM)
        if of_backlog:
            most_bytes = self._pace.batch_bytes(most_bytes)
        for first, last in numbers:
            last = min(last, first + min(self._config.batch_records, BATCH_RECORDS) - 1)
            for suspect_first, suspect_last in self._suspects:
                if suspect_first <= first <= suspect_last:
                    last = min(last, suspect_last)
            if first < self._outbox.this_boot_from:
                last = min(last, self._outbox.this_boot_from - 1)
            return _Chosen(self._outbox.read(first, last, most_bytes), of_backlog)
        return None

    # ---------------------------------------------------------------- acks

    def ack(self, ack: Ack, now: float) -> None:
        """Take an ack; the outbox is changed accordingly."""
        if ack.generation < self._outbox.generation:
            return
        if ack.unreadable is not None:
            self._unreadable(ack.unreadable)
            return
        if ack.epoch != self._outbox.epoch:
            return
        if ack.hello == self.hello:
            self._answered = True
            # The hub has come past all that was sent before: what it does not name was lost on the way, not slow.
            self._attempts.clear()
        if not self._answered:
            return
        self._asked_at, self.acked_at = None, now
        self._pubacks_since_ack = 0
        if self._is_another(ack):
            return
        if ack.generation > self._outbox.generation:
            self._outbox.rewind(ack.through, ack.ranges, ack.generation)
            self._in_flight.clear()
        else:
            self._outbox.account(ack.through, ack.ranges)
        if not self._greeted:
            self._live_from = self._outbox.last + 1
            self._pace.begin()
            self._outbox.link_opened()
        self._greeted = self._connected
        named = RangeSet([(1, ack.through), *ack.ranges] if ack.through >= 1 else ack.ranges)
        self._take_off(named, now, overtaken_is_lost=not ack.fill)
        self._attempts = {key: attempt for key, attempt in self._attempts.items() if not named.covers(*key)}
        self._suspects = [key for key in self._suspects if not named.covers(*key)]
        self.asked_to_fill = ack.fill
        if ack.fill:
            self._live_from = self._outbox.last + 1

    def _take_off(self, named: RangeSet, now: float, overtaken_is_lost: bool) -> None:
        """Forget what was sent and is accounted; and what was sent before that and is not, so that it is sent again."""
        answered = [at for at, sent in enumerate(self._in_flight) if named.covers(sent.first, sent.last)]
        for at in answered:
            self._pace.answered(self._in_flight[at].sent_at, now, self._in_flight[at].backlog > 0)
        if overtaken_is_lost and answered:
            del self._in_flight[: answered[-1] + 1]
        else:
            self._in_flight = [sent for sent in self._in_flight if not named.covers(sent.first, sent.last)]

    def _is_another(self, ack: Ack) -> bool:
        """Begin a new epoch when the hub's knowledge shows that this outbox is a copy."""
        known = RangeSet([(1, ack.through), *ack.ranges] if ack.through >= 1 else ack.ranges)
        if ack.last > self._outbox.last:
            self._outbox.begin_epoch("behind_the_hub", known, self._sent)
        else:
            ours = self._outbox.digest(ack.last) if ack.digest is not None and ack.last else None
            # A hub that knows a number which this card never sent has it from another life of it, whatever it holds there.
            foreign = known.intersection(self._outbox.never_sent())
            if not ack.conflict and not foreign and (ours is None or ours == ack.digest):
                return False
            self.conflict = True
            self._outbox.begin_epoch("differs_from_the_hub", known, self._sent)
        self._in_flight.clear()
        self._sent = RangeSet()
        self._linger.begin()
        self._greeted = False
        self._hello_due = 0.0
        self._live_from = 1
        return True

    def _unreadable(self, digest: str) -> None:
        """The hub could not read a payload: halve it, or give its only record up."""
        sent = next((sent for sent in self._in_flight if sent.digest == digest), None)
        if sent is None:
            return
        self._in_flight.remove(sent)
        self._suspects = [range for range in self._suspects if not sent.first <= range[0] <= sent.last]
        if sent.first == sent.last:
            self._outbox.give_up(sent.first)
            return
        middle = (sent.first + sent.last) // 2
        self._suspects += [(sent.first, middle), (middle + 1, sent.last)]
