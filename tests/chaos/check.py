"""The checker of the chaos harness: what was fed and promised against what the store and the ledger hold.

It knows nothing of how delivery works, and uses nothing of ``edge`` or ``hub``: journals, SQLite rows and InfluxDB points
are plain JSON here. A reading is told by its stream and number alone, so that it is found again whatever number of whatever
epoch it was given.

A record that an outbox promised to keep is *had*. It must be in the store, once, as it was; or in a quarantine, or declared
lost, where the plan gives a reason for that; or have gone with a card that was taken out of the device. Else it is lost.
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from tests.chaos.books import ENVELOPE, Held, Ledger, Outbox, Refused
from tests.chaos.panel import Had, Journalled

READING = "counter_ticket"
OF_THE_OUTBOX = ("gap", "epoch_opened")
"""Kinds that an outbox makes of its own; the journal has only what was appended to it."""
OF_THE_STORE = ("number", "raw_line", "time")


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a device: what its journal says, what it held in the end, and what it was fed.

    Attributes:
        stream: the name of its sensor's stream of readings.
        journal: as its agent wrote it.
        outbox: as it stood when the agent had ended.
        next: the number of the reading that would come next.
        taken: parts of the journal [bytes from, to) whose records stood on a card that was taken away.
    """

    stream: str
    journal: Journalled
    outbox: Outbox
    next: int
    taken: tuple[tuple[int, int], ...] = ()

    def is_gone(self, one: Had) -> bool:
        """Whether a record stood on a card that was taken away."""
        return any(start <= one.at < end for start, end in self.taken)


@dataclass(frozen=True, slots=True)
class Device:
    """Everything that is known of one device, in the end.

    Only a card that was exchanged or cloned is a reason for quarantines and for more than one epoch.

    Attributes:
        cards: one, or two where it was cloned.
        may_drop: its quota is small, so that it may declare records lost.
        stored: every row or point of it.
        ledgers: by epoch.
        refused: its entries in the hub's quarantine.
        says: what a reading must say, by stream and number.
    """

    name: str
    cards: tuple[Card, ...]
    may_drop: bool
    stored: Sequence[Held]
    ledgers: dict[str, Ledger]
    refused: Sequence[Refused]
    says: Callable[[str, int], dict[str, Any]]

    @property
    def was_exchanged(self) -> bool:
        """Whether its card was taken out or cloned."""
        return len(self.cards) > 1 or any(card.taken for card in self.cards)


@dataclass(slots=True)
class Verdict:
    """What is wrong, in records; all zero is what is promised.

    lost: had, and nowhere, and nobody says so. doubled: in the store more than once, under one number or as one reading
    under two. altered: says another thing or has another time than it was given, or was never given. reordered: a
    reading whose number is not above that of the reading before it. silent: numbers that the ledger does not account,
    or accounts without having stored, refused or declared them. vanished: fed before another reading that was kept, and
    not kept. unfounded: epochs begun though no card was exchanged. unfinished: devices that were not through in time.
    intruders: second agents that were not refused.
    """

    lost: int = 0
    doubled: int = 0
    altered: int = 0
    reordered: int = 0
    silent: int = 0
    vanished: int = 0
    unfounded: int = 0
    unfinished: int = 0
    intruders: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """The sum."""
        return sum(getattr(self, one.name) for one in fields(self) if one.name != "examples")

    @property
    def is_red(self) -> bool:
        """Whether anything is wrong."""
        return self.wrong > 0

    def __str__(self) -> str:
        if not self.is_red:
            return "green"
        found = [f"{one.name} {getattr(self, one.name)}" for one in fields(self) if one.name != "examples"]
        return "RED: " + ", ".join(one for one in found if not one.endswith(" 0"))


@dataclass(slots=True)
class Tally:
    """What is not wrong but is said, in records or readings.

    readings: fed. records: had. stored: in the store. declared: declared lost by a device of small quota. refused: in the
    hub's quarantine as another device's. aside: in a device's own quarantine. gone: with a card that was taken away.
    uncommitted: readings that an agent had not put on disk when it died, as stated.
    """

    readings: int = 0
    records: int = 0
    stored: int = 0
    declared: int = 0
    refused: int = 0
    aside: int = 0
    gone: int = 0
    uncommitted: int = 0

    def add(self, other: Tally) -> None:
        """Add another run's."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


class _Found(NamedTuple):
    by_number: dict[tuple[str, int], list[Held]]
    anywhere: set[object]


def check(devices: Iterable[Device]) -> tuple[Verdict, Tally]:
    """Compare, over all devices."""
    verdict, tally = Verdict(), Tally()
    for device in devices:
        found = _stored(device)
        _had(device, found, verdict, tally)
        _held(device, found, verdict)
        _ledgers(device, found, verdict)
        _fed(device, verdict, tally)
        tally.stored += len(device.stored)
    return verdict, tally


def identity(says: dict[str, Any]) -> str:
    """What a record says, without when: by this it is found again under another number."""
    return json.dumps({"kind": says["kind"], **_said(says)}, sort_keys=True)


def _said(says: dict[str, Any]) -> dict[str, Any]:
    """A record's own values. A store may hold defaults that a line leaves out, and 612 for 612.0."""
    own = {key: value for key, value in says.items() if key not in ENVELOPE and key not in OF_THE_STORE and value}
    return {key: int(value) if isinstance(value, float) and value.is_integer() else value for key, value in own.items()}


def _stored(device: Device) -> _Found:
    by_number: dict[tuple[str, int], list[Held]] = defaultdict(list)
    for one in device.stored:
        by_number[one.epoch, one.number].append(one)
    anywhere: set[object] = set()
    for one in device.stored:
        says = {**one.says, "kind": one.kind}
        anywhere |= {identity(says), (identity(says), one.t, one.says.get("step") or 0)}
    return _Found(by_number, anywhere)


def _is_anywhere(line: dict[str, Any], settled: bool, found: _Found) -> bool:
    """Whether a record stands under another number: a reading by its number, others by their time where they had one."""
    if line["kind"] == READING or not settled or "t" not in line:
        return identity(line) in found.anywhere
    return (identity(line), line["t"], line.get("step") or 0) in found.anywhere


def differs(line: dict[str, Any], settled: bool, held: Held) -> bool:
    """Whether a stored record says another thing than its line; that of an unsettled one had no time yet."""
    if line["kind"] != held.kind or any(held.says.get(key) != value for key, value in _said(line).items()):
        return True
    if not settled:
        return False
    return ("t" in line and line["t"] != held.t) or (line.get("step") or 0) != (held.says.get("step") or 0)


# -------------------------------------------------------------------- what was promised


def _had(device: Device, found: _Found, verdict: Verdict, tally: Tally) -> None:
    refused = {one.payload for one in device.refused}
    aside = {line for card in device.cards for line in card.outbox.aside}
    anew = _declared_anew(device)
    for card in device.cards:
        tally.records += len(card.journal.had)
        for one in card.journal.had:
            line = json.loads(one.line)
            place = found.by_number.get((one.epoch, one.number), ())
            if any(not differs(line, one.settled, held) for held in place) or _is_anywhere(line, one.settled, found):
                continue
            if _is_declared(device, one):
                tally.declared += 1
            elif device.was_exchanged and _is_among(one, refused):
                tally.refused += 1
            elif device.was_exchanged and _is_among(one, aside):
                tally.aside += 1
            elif card.is_gone(one):
                tally.gone += 1
            elif anew > 0 and one.epoch != card.outbox.epoch:
                tally.declared += 1
                anew -= 1
            else:
                verdict.lost += 1
                verdict.examples.append(f"{device.name} lost {one.epoch} {one.number} {one.line.decode()}")


def _is_declared(device: Device, one: Had) -> bool:
    ledger = device.ledgers.get(one.epoch)
    return device.may_drop and ledger is not None and one.number in ledger.declared_lost


def _declared_anew(device: Device) -> int:
    """How many losses a device declared under numbers that no record ever had: what had gone when its epoch ended."""
    if not (device.may_drop and device.was_exchanged):
        return 0
    had = {(one.epoch, one.number) for card in device.cards for one in card.journal.had}
    had |= {(card.outbox.epoch, number) for card in device.cards for number in card.outbox.lines}
    return sum(
        (epoch, number) not in had for epoch, ledger in device.ledgers.items() for number in ledger.declared_lost
    )


def _is_among(one: Had, lines: set[bytes]) -> bool:
    if one.line in lines:
        return True
    return not one.settled and identity(json.loads(one.line)) in {identity(json.loads(line)) for line in lines}


# -------------------------------------------------------------------- what the store holds


def _held(device: Device, found: _Found, verdict: Verdict) -> None:
    given: dict[tuple[str, int], list[tuple[dict[str, Any], bool, bool]]] = defaultdict(list)
    tried: set[str] = set()
    for card in device.cards:
        for one in card.journal.had:
            given[one.epoch, one.number].append((json.loads(one.line), one.settled, card.is_gone(one)))
        for number, line in card.outbox.lines.items():
            given[card.outbox.epoch, number].append((line, True, False))
        tried.update(identity(json.loads(line)) for line in card.journal.tried)
    for (epoch, number), held in found.by_number.items():
        verdict.doubled += len(held) - 1
        for stored in held:
            # The journal has none of the outbox's own records: a card that was put back may give one a number that the card
            # which was taken away had given to a record.
            of_the_outbox = stored.kind in OF_THE_OUTBOX
            lines = [
                (line, settled)
                for line, settled, is_gone in given.get((epoch, number), ())
                if not (of_the_outbox and is_gone)
            ]
            wrong = (
                all(differs(line, settled, stored) for line, settled in lines)
                if lines
                else not of_the_outbox and identity({**stored.says, "kind": stored.kind}) not in tried
            )
            if wrong or not _says_what_was_fed(device, stored):
                verdict.altered += 1
                verdict.examples.append(f"{device.name} altered {epoch} {number} {stored.says}, given as {lines}")
    _once_and_in_order(device, verdict)


def _says_what_was_fed(device: Device, one: Held) -> bool:
    if one.kind != READING:
        return True
    stream, number = str(one.says["service"])[0], int(one.says["ticket"])
    card = next((card for card in device.cards if card.stream == stream), None)
    return card is not None and 1 <= number < card.next and _said(one.says) == _said(device.says(stream, number))


def _once_and_in_order(device: Device, verdict: Verdict) -> None:
    places: dict[tuple[object, ...], set[tuple[str, int]]] = defaultdict(set)
    for one in device.stored:
        if one.kind not in OF_THE_OUTBOX:
            places[_whose(one)].add((one.epoch, one.number))
    for what, numbers in places.items():
        if len(numbers) > 1:
            verdict.doubled += len(numbers) - 1
            verdict.examples.append(f"{device.name} doubled {what} under {sorted(numbers)}")
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in sorted((one for one in device.stored if one.kind == READING), key=lambda one: (one.epoch, one.number)):
        seen[one.epoch, one.says["service"][0]].append(one.says["ticket"])
    for tickets in seen.values():
        first_times = list(dict.fromkeys(tickets))
        verdict.reordered += sum(after < before for before, after in itertools.pairwise(first_times))


def _whose(one: Held) -> tuple[object, ...]:
    """By what a record is the same one under two numbers: a reading by its number in its stream, others by all they say."""
    if one.kind == READING:
        return one.kind, one.says["service"][0], one.says["ticket"]
    t = one.t if one.says.get("mono") is None else None
    return identity({**one.says, "kind": one.kind}), t, one.says.get("mono"), one.says.get("step") or 0


# -------------------------------------------------------------------- what the ledger says


def _ledgers(device: Device, found: _Found, verdict: Verdict) -> None:
    in_force = {card.outbox.epoch: card.outbox.last for card in device.cards}
    begun = len(device.ledgers.keys() | in_force.keys())
    if begun > 1 and not device.was_exchanged:
        verdict.unfounded += begun - 1
        verdict.examples.append(f"{device.name}: {begun} epochs, and its card was never exchanged")
    for epoch, last in in_force.items():
        ledger = device.ledgers.get(epoch, Ledger())
        holes = [number for number in range(1, last + 1) if number not in ledger.accounted]
        if holes:
            verdict.silent += len(holes)
            verdict.examples.append(f"{device.name} not accounted {epoch} {holes[0]}… of {last}")
    for epoch, ledger in device.ledgers.items():
        said = ledger.refused | ledger.declared_lost
        for number in ledger.accounted:
            if (epoch, number) not in found.by_number and number not in said:
                verdict.silent += 1
                verdict.examples.append(f"{device.name} accounted and nowhere {epoch} {number}")


# -------------------------------------------------------------------- what was fed


def _fed(device: Device, verdict: Verdict, tally: Tally) -> None:
    for card in device.cards:
        tally.readings += card.next - 1
        kept = {
            line["ticket"]
            for line in (json.loads(one.line) for one in card.journal.had)
            if line["kind"] == READING and line["service"][0] == card.stream
        }
        kept |= {line["ticket"] for line in card.outbox.lines.values() if line["kind"] == READING}
        ends = [*card.journal.lives, card.next]
        for first, end in itertools.pairwise(ends):
            life = [number for number in range(first, end) if number in kept]
            missing = (life[-1] - first + 1 if life else 0) - len(life)
            if missing:
                verdict.vanished += missing
                verdict.examples.append(f"{device.name} vanished {missing} of {first}–{life[-1]}")
            tally.uncommitted += end - first - len(life) - missing
