"""Attachments: what goes beside the records; keeper, shelf and sender put together for the agent.

Rules it keeps:
- A content goes on the shelf first, then its manifest among the records; once that is committed, its chunks may leave.
- A keeper or a shelf that fails is said once and costs no record.
- A command is answered once: with the blob that was put aside for it, or with the reason why not.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.blob_sender import BlobSender
from edge.blobs import Content, Shelf
from edge.clock import Reading
from edge.contract.control import BlobAck, Command, CommandReply
from edge.contract.records import BlobDropped, BlobManifest, Record
from edge.delivery import Delivery
from edge.errors import KeeperError, OutboxError
from edge.keeper import Keeper
from edge.log import Log

HOUR_US = 3_600_000_000


class Attachments:
    """Used from the agent's thread."""

    def __init__(self, shelf: Shelf, sender: BlobSender, keeper: Keeper | None, log: Log, generation: int) -> None:
        """``generation``: the hub's, as the outbox last knew it; a hub may be restored while the device is off."""
        self._shelf = shelf
        self._sender = sender
        self._keeper = keeper
        self._log = log
        self._numbered: list[str] = []
        self._generation = generation

    def unannounced(self, reading: Reading) -> list[Record]:
        """Manifests that a former life put on the shelf and did not number."""
        found = self._shelf.unannounced()
        self._numbered += [manifest.sha256 for manifest in found]
        return [msgspec.structs.replace(manifest, t=reading.mono_us) for manifest in found]

    def saw(self, delivery: Delivery, records: Sequence[Record]) -> None:
        """A delivery came, and these records of it."""
        if self._keeper is None:
            return
        try:
            self._keeper.saw(delivery, records)
        except KeeperError as problem:
            self._failed(problem)

    def due(self, reading: Reading) -> list[Record]:
        """What is to be reported of contents that became worth sending."""
        if self._keeper is None or reading.offset_us is None:
            return []
        try:
            found = self._keeper.due(reading.mono_us + reading.offset_us)
            return [record for one in found for record in self._reported(one, reading)]
        except (KeeperError, OutboxError) as problem:
            self._failed(problem)
            return []

    def committed(self) -> None:
        """The outbox has committed what was reported."""
        for sha256 in self._numbered:
            self._shelf.announced(sha256)
        self._numbered.clear()

    def next_chunk(self, now: float, reading: Reading) -> bytes | None:
        """The chunk to publish now; None while the clock is not known, by which the day's budget is counted."""
        if reading.offset_us is None:
            return None
        return self._sender.next_chunk(now, (reading.mono_us + reading.offset_us) // HOUR_US)

    def ack(self, ack: BlobAck, reading: Reading) -> list[Record]:
        """Take the hub's answer to a chunk; what is to be reported of it."""
        refused = self._sender.ack(ack, reading.mono_us / 1e6)
        return [] if refused is None else [BlobDropped(t=reading.mono_us, sha256=refused, why="refused_by_hub")]

    def hub_has_generation(self, generation: int) -> None:
        """A higher one than before: the hub was restored."""
        if generation > self._generation:
            self._generation = generation
            self._sender.rewound()

    def disconnected(self) -> None:
        """The connection is gone."""
        self._sender.disconnected()

    def obey(self, command: Command, reading: Reading) -> tuple[CommandReply, list[Record]]:
        """Do what a command asks; the reply, and what is to be reported."""
        if command.name == "ping":
            return CommandReply(id=command.id, outcome="done"), []
        if self._keeper is None:
            return _refused(command, "this device keeps no raw observations"), []
        try:
            content = self._keeper.cut(command.t_from, command.t_to)
            records = self._put(content, reading)
        except (KeeperError, OutboxError) as problem:
            return _refused(command, str(problem)), []
        return CommandReply(id=command.id, outcome="done", blob=content.sha256), records

    def close(self) -> None:
        """Put on disk what waits."""
        if self._keeper is not None:
            try:
                self._keeper.close()
            except KeeperError as problem:
                self._failed(problem)
        self._shelf.close()

    def _reported(self, found: Content | Record, reading: Reading) -> list[Record]:
        if isinstance(found, Content):
            return self._put(found, reading)
        return [msgspec.structs.replace(found, t=reading.mono_us)]

    def _put(self, content: Content, reading: Reading) -> list[Record]:
        records = [msgspec.structs.replace(record, t=reading.mono_us) for record in self._shelf.put(content)]
        self._numbered += [record.sha256 for record in records if isinstance(record, BlobManifest)]
        self._log.state("attachments", "working", "")
        return records

    def _failed(self, problem: Exception) -> None:
        self._log.state("attachments", "failed", str(problem))


def _refused(command: Command, reason: str) -> CommandReply:
    return CommandReply(id=command.id, outcome="refused", reason=reason)
