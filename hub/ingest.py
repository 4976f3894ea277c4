"""Ingest: validates what devices send and makes of it one step to commit. It decides; it does no I/O.

Rules it keeps:
- A bad record refuses itself only; a bad payload refuses itself only. Both are in the quarantine with their reason.
- A record is stored once: a number that is accounted is not stored again. A different record under an accounted number
  is a conflict, quarantined and answered as such.
- Every batch is answered, also one that brought nothing new: the ack may have been lost.
- The step is computed from the accounts as committed; it holds only when whoever commits it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat

from edge.contract import limits
from edge.contract.batch import Batch, Header, decode_batch
from edge.contract.blob import decode_chunk
from edge.contract.codec import UnknownRecord, digest_of
from edge.contract.control import ReportedConfig, State, decode
from edge.contract.errors import ContractError, HeaderError, TopicError
from edge.contract.ranges import RangeSet
from edge.contract.records import EpochClosed, Gap, Record
from edge.contract.topics import Address, Channel, parse_topic
from hub.ledger import Account
from hub.step import PAYLOAD_KEPT_BYTES, Lost, Quarantined, Received, Step
from hub.store.port import Row

TOPICS_REMEMBERED = 100_000
DECLARING = frozenset({Gap, EpochClosed})
"""Kinds that say something of the stream itself."""


AreStored = Callable[[Sequence[Row]], Sequence[bool]]


class Ingest:
    """Turns messages into steps.

    Args:
        account_of: the committed account of a device's epoch.
        are_stored: whether exactly these rows of one batch stand in the store under their numbers; asked only of repeated
            numbers.
    """

    def __init__(self, account_of: Callable[[str, str], Account], are_stored: AreStored) -> None:
        self._account_of = account_of
        self._are_stored = are_stored
        self._addresses: dict[str, Address] = {}

    def step(self, messages: Iterable[Received]) -> Step:
        """Everything that ``messages``, in order, change."""
        step = Step()
        for message in messages:
            try:
                address = self._address(message.topic)
                if address.channel is Channel.UP:
                    self._batch(step, address.device, message)
                elif address.channel is Channel.STATE:
                    self._state(step, address.device, message)
                elif address.channel is Channel.CONFIG_REPORTED:
                    reported = decode(ReportedConfig, message.payload)
                    step.reported.append((address.device, reported, message.arrival_us))
                elif address.channel is Channel.BLOB:
                    step.chunks.append((address.device, decode_chunk(message.payload)))
                elif address.channel is not Channel.CMD_REPLY:
                    raise TopicError(f"channel {address.channel!r}: this hub does not take it from a device")
            except HeaderError as problem:
                if self._address(message.topic).channel is Channel.UP:
                    step.unreadable.append((self._address(message.topic).device, digest_of(message.payload)))
                step.quarantined.append(_refused_message(message, self._device(message), str(problem)))
            except ContractError as problem:
                step.quarantined.append(_refused_message(message, self._device(message), str(problem)))
        for key, line in step.newest.items():
            step.accounts[key] = step.accounts[key].with_digest(digest_of(line))
        return step

    def _address(self, topic: str) -> Address:
        address = self._addresses.get(topic)
        if address is None:
            address = parse_topic(topic)
            if len(self._addresses) >= TOPICS_REMEMBERED:
                self._addresses.clear()
            self._addresses[topic] = address
        return address

    def device_of(self, topic: str) -> str | None:
        """The device that a topic names, None for a topic that is none."""
        try:
            return self._address(topic).device
        except TopicError:
            return None

    def _device(self, message: Received) -> str | None:
        address = self._addresses.get(message.topic)
        return address.device if address else None

    def _state(self, step: Step, device: str, message: Received) -> None:
        if not message.payload:
            return
        state = decode(State, message.payload)
        step.states[device] = (state, message.arrival_us)
        if state.status == "online" and state.epoch is not None:
            step.owe(device, state.epoch, hello=state.hello)

    def _batch(self, step: Step, device: str, message: Received) -> None:
        batch = decode_batch(message.payload)
        header = batch.header
        first, last = header.first, header.last
        step.heard[device] = message.arrival_us
        key = (device, header.epoch)
        account = step.accounts.get(key) or self._account_of(device, header.epoch)
        if account.extends(first):
            new_count, repeated, conflict = header.count, 0, False
        else:
            new_count = account.missing_in(first, last).count
            repeated = header.count - new_count
            conflict = bool(repeated) and self._conflicts(step, account, device, batch, message)
            if not new_count:
                step.owe(device, header.epoch, conflict=conflict)
                return
        later = account.stored_numbers(first, last, new_count, None)
        if not DECLARING.isdisjoint(map(type, batch.records)):
            later, lost = self._declarations(device, batch, later, message.arrival_us)
        else:
            lost = []
        if not account.takes(later):
            step.owe(device, header.epoch, conflict=conflict, fill=True)
            return
        refused = 0
        if repeated or not _take_clean(step, device, batch):
            for number, record, line in _numbered(batch):
                if not (repeated and account.has(number)):
                    refused += not self._record(step, device, header, number, record, line, message)
        if last > account.last:
            step.newest[key] = batch.lines[-1]
        step.accounts[key] = later.with_refused(refused) if refused else later
        step.lost += lost
        step.owe(device, header.epoch, conflict=conflict)

    def _record(
        self,
        step: Step,
        device: str,
        header: Header,
        number: int,
        record: Record | UnknownRecord | ContractError,
        line: bytes,
        message: Received,
    ) -> bool:
        """Take one new record; False when it is refused."""
        if isinstance(record, ContractError):
            reason = str(record)
        else:
            t = record.t
            if t is None:
                t = _timed_by_hub(record, header, message.arrival_us)
            if limits.TIME_MIN_US <= t <= limits.TIME_MAX_US:
                step.rows.append(Row(device, header.epoch, number, t, record, line))
                return True
            reason = (
                f"time {t} µs: wanted {limits.TIME_MIN_US}–{limits.TIME_MAX_US} (2020–2100); set the device's clock"
            )
        step.quarantined.append(_refused_record(message, device, header.epoch, number, reason, line))
        return False

    def _declarations(self, device: str, batch: Batch, account: Account, arrival_us: int) -> tuple[Account, list[Lost]]:
        """What records say of the stream itself: gaps and the epoch's end."""
        lost: list[Lost] = []
        for record in batch.records:
            if type(record) is Gap:
                account, numbers = account.declared_lost(record.ranges)
                if numbers:
                    lost.append(Lost(device, batch.header.epoch, numbers, record, arrival_us))
            elif type(record) is EpochClosed:
                account = account.with_end()
        return account, lost

    def _conflicts(self, step: Step, account: Account, device: str, batch: Batch, message: Received) -> bool:
        """Quarantine what differs from the record that is accounted under its number."""
        epoch = batch.header.epoch
        pending = {row.number: row.line for row in step.rows if (row.device, row.epoch) == (device, epoch)}
        otherwise = _accounted_otherwise(step, device, epoch)
        repeated = [
            Row(device, epoch, number, record.t, record, line)
            for number, record, line in _numbered(batch)
            if account.has(number)
            and not isinstance(record, ContractError)
            and record.t is not None
            and number not in otherwise
        ]
        others = [row for row in repeated if row.number in pending and pending[row.number] != row.line]
        asked = [row for row in repeated if row.number not in pending]
        if asked:
            others += [row for row, same in zip(asked, self._are_stored(asked), strict=True) if not same]
        for row in sorted(others, key=lambda row: row.number):
            reason = "another record stands under this number: two devices with one identity"
            step.quarantined.append(_refused_record(message, device, epoch, row.number, reason, row.line))
        return bool(others)


_row: Callable[[Iterable[object]], Row] = partial(tuple.__new__, Row)
"""``Row._make`` without a line of Python a row."""


def _take_clean(step: Step, device: str, batch: Batch) -> bool:
    """Take a whole batch of known records with credible times at once; False when it must be looked at one by one."""
    if batch.clean is None:
        return False
    header = batch.header
    if header.count == 1:
        record = batch.clean[0]
        if record.t is None or record.t < limits.TIME_MIN_US:
            return False
        step.rows.append(Row(device, header.epoch, header.first, record.t, record, batch.lines[0]))
        return True
    times = [record.t for record in batch.clean]
    if None in times or min(times) < limits.TIME_MIN_US:  # type: ignore[type-var, operator]
        return False
    numbers = range(header.first, header.last + 1)
    step.rows += map(
        _row, zip(repeat(device), repeat(header.epoch), numbers, times, batch.clean, batch.lines, strict=False)
    )
    return True


def _accounted_otherwise(step: Step, device: str, epoch: str) -> RangeSet:
    """Numbers that this step, which is not committed yet, refuses or declares lost: no row stands under them."""
    refused = (
        (one.number, one.number)
        for one in step.quarantined
        if one.number is not None and (one.device, one.epoch) == (device, epoch)
    )
    lost = (numbers for one in step.lost if (one.device, one.epoch) == (device, epoch) for numbers in one.numbers)
    return RangeSet((*refused, *lost))


def _numbered(batch: Batch) -> Iterable[tuple[int, Record | UnknownRecord | ContractError, bytes]]:
    return zip(range(batch.header.first, batch.header.last + 1), batch.records, batch.lines, strict=True)


def _timed_by_hub(record: Record | UnknownRecord, header: Header, arrival_us: int) -> int:
    """Arrival less the record's age by the device's own monotonic clock [µs UTC]."""
    mono = record.mono if isinstance(record, Record) else None
    if mono is None or header.sent_mono is None:
        return arrival_us
    return arrival_us - max(0, header.sent_mono - mono)


def _refused_message(message: Received, device: str | None, reason: str) -> Quarantined:
    payload = message.payload
    return Quarantined(
        message.arrival_us, message.topic, device, None, None, reason, payload[:PAYLOAD_KEPT_BYTES], len(payload)
    )


def _refused_record(message: Received, device: str, epoch: str, number: int, reason: str, line: bytes) -> Quarantined:
    return Quarantined(
        message.arrival_us, message.topic, device, epoch, number, reason, line[:PAYLOAD_KEPT_BYTES], len(line)
    )
