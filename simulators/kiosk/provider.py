"""A kiosk's service provider: the true state of its devices as XFS4IoT words, and the messages that tell them.

The envelope and the words are CEN XFS4IoT's; the member ``kiosk`` of a status and the events ``Kiosk.…`` are the kiosk
application's own, as ``edge/kiosk/xfs4iot.py`` describes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

VERSION = "2.0"
WELL_KIOSK: dict[str, object] = {
    "common.device": "online",
    "printer.media": "notPresent",
    "printer.paper.upper": "full",
    "printer.paper.lower": "full",
    "printer.toner": "full",
    "cardReader.media": "notPresent",
    "cardReader.chipPower": "noCard",
    "cashAcceptor.banknoteReader": "ok",
    "cashAcceptor.intermediateStacker": "empty",
    "auxiliaries.cabinetDoor": "closed",
    "auxiliaries.UPS.powering": False,
    "auxiliaries.UPS.low": False,
    "vendorMode.service": "inactive",
    "kiosk.backend": "reachable",
    "kiosk.network": "ok",
}
WELL_ROBOT: dict[str, object] = {
    "robot.pose": "known",
    "robot.battery": "full",
    "robot.drive": "ok",
    "robot.power": "battery",
}


class Provider:
    """The words by path, what is left of the supplies, and the messages made of them."""

    def __init__(self, supplies: dict[str, tuple[int, int]], well: dict[str, object] = WELL_KIOSK) -> None:
        self._well = well
        self._words = dict(well)
        self.charge_percent: float | None = None
        self._changed: set[str] = set()
        self.supplies = supplies

    def set(self, path: str, word: object) -> None:
        """A device says another word; ``changes`` tells it."""
        if self._words[path] != word:
            self._words[path] = word
            self._changed.add(path)

    def mend(self, path: str) -> None:
        """A device is well again."""
        self.set(path, self._well[path])

    def changes(self) -> Iterator[bytes]:
        """One event with the words that changed since the last call, if any did."""
        if self._changed:
            words = {path: self._words[path] for path in sorted(self._changed)}
            self._changed.clear()
            yield _message({"type": "unsolicited", "name": "Common.StatusChangedEvent"}, self._told(words))

    def supply_event(self) -> bytes:
        """What is left of every supply."""
        return _message({"type": "unsolicited", "name": "Kiosk.SupplyEvent"}, {"supplies": self._left()})

    def answer(self, request: bytes) -> Iterator[bytes]:
        """What the provider answers to one command: an acknowledgement, and a completion when it can be done."""
        try:
            asked = json.loads(request)["header"]
            name, request_id = str(asked["name"]), int(asked["requestId"])
        except (ValueError, KeyError, TypeError):
            yield _message({"type": "acknowledge", "name": "", "status": "invalidMessage"}, {})
            return
        about = {"name": name, "requestId": request_id}
        yield _message({"type": "acknowledge", **about}, {})
        if name == "Common.Status":
            payload = self._told(self._words)
            kiosk = payload.setdefault("kiosk", {})
            assert isinstance(kiosk, dict)
            kiosk["supplies"] = self._left()
            yield _message({"type": "completion", **about, "completionCode": "success"}, payload)
        else:
            yield _message({"type": "completion", **about, "completionCode": "unsupportedCommand"}, {})

    def _told(self, words: dict[str, object]) -> dict[str, object]:
        """A status payload of these words, with the battery's charge where there is one."""
        payload = _nested(words)
        if self.charge_percent is not None:
            kiosk = payload.setdefault("kiosk", {})
            assert isinstance(kiosk, dict)
            kiosk["battery"] = {"chargePercent": round(self.charge_percent, 1)}
        return payload

    def _left(self) -> dict[str, object]:
        return {name: {"left": left, "capacity": capacity} for name, (left, capacity) in self.supplies.items()}


def job_started(job: str) -> bytes:
    """The kiosk application's event when it begins a session."""
    return _message({"type": "unsolicited", "name": "Kiosk.JobStartedEvent"}, {"jobId": job})


def document_retracted() -> bytes:
    """The printer's event when it has drawn back what nobody took."""
    return _message({"type": "unsolicited", "name": "Printer.MediaAutoRetractedEvent"}, {"retractResult": "ok"})


def session_ended(certificate: str, outcome: str, duration_ms: int, copies: int, job: str | None = None) -> bytes:
    """The kiosk application's event at the end of a session."""
    payload: dict[str, object] = {
        "certificate": certificate, "outcome": outcome, "durationMs": duration_ms, "copies": copies,
    }  # fmt: skip
    if job is not None:
        payload["jobId"] = job
    return _message({"type": "unsolicited", "name": "Kiosk.SessionEndedEvent"}, payload)


def _message(header: dict[str, object], payload: dict[str, object]) -> bytes:
    return json.dumps({"header": {**header, "version": VERSION}, "payload": payload}, separators=(",", ":")).encode()


def _nested(words: dict[str, object]) -> dict[str, object]:
    root: dict[str, object] = {}
    for path, word in words.items():
        *branches, leaf = path.split(".")
        node = root
        for branch in branches:
            child = node.setdefault(branch, {})
            assert isinstance(child, dict)
            node = child
        node[leaf] = word
    return root
