"""A cabinet's service provider: the true state of its devices as XFS4IoT words, and the messages that tell them.

The envelope and the words are CEN XFS4IoT's; the members ``kiosk``, ``terminal`` and ``robot`` of a status and the events
``Kiosk.…`` are the application's own, as ``edge/kiosk/xfs4iot.py`` describes them. What it lets slip about people stands
where vendors put such things: beside the words, in an application's events, in a log line, in the name of a job.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

VERSION = "2.0"


class Provider:
    """The words by path, what is left of the supplies, and the messages made of them.

    Words on paths under ``ipp`` are for the printer, which is asked by itself.
    """

    def __init__(self, well: Mapping[str, object], services: Sequence[str] = ()) -> None:
        self._well = dict(well)
        self.words = dict(well)
        self._services = services
        self._changed: set[str] = set()
        self.charge_percent: float | None = None
        self.supplies: dict[str, tuple[int, int]] = {}
        self.slips: str | None = None

    def set(self, path: str, word: object) -> None:
        """A device says another word; ``changes`` tells it."""
        if self.words.get(path) != word:
            self.words[path] = word
            self._changed.add(path)

    def mend(self, path: str) -> None:
        """A device is well again."""
        self.set(path, self._well[path])

    def changes(self) -> Iterator[bytes]:
        """One event with the words that changed since the last call, if any did."""
        words = {path: self.words[path] for path in sorted(self._changed) if not path.startswith("ipp.")}
        self._changed.clear()
        if words:
            yield self.event("Common.StatusChangedEvent", self._told(words))

    def supply_event(self) -> Iterator[bytes]:
        """What is left of every supply that it counts."""
        if self.supplies:
            yield self.event("Kiosk.SupplyEvent", {"supplies": self._left()})

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
            payload = self._told({path: word for path, word in self.words.items() if not path.startswith("ipp.")})
            kiosk = payload.setdefault("kiosk", {})
            assert isinstance(kiosk, dict)
            kiosk["supplies"] = self._left()
            yield _message({"type": "completion", **about, "completionCode": "success"}, payload)
        elif name == "ServicePublisher.GetServices":
            found = {"vendorName": "Simulated", "services": [{"serviceURI": uri} for uri in self._services] or None}
            yield _message({"type": "completion", **about, "completionCode": "success"}, found)
        else:
            yield _message({"type": "completion", **about, "completionCode": "unsupportedCommand"}, {})

    def event(self, name: str, payload: dict[str, object]) -> bytes:
        """An event that nobody asked for."""
        slipped = {} if self.slips is None else {"note": self.slips}
        return _message({"type": "unsolicited", "name": name}, {**payload, **slipped})

    def _told(self, words: dict[str, object]) -> dict[str, object]:
        """A status payload of these words, with the battery's charge where there is one."""
        payload = _nested(words)
        if self.charge_percent is not None:
            kiosk = payload.setdefault("kiosk", {})
            assert isinstance(kiosk, dict)
            kiosk["battery"] = {"chargePercent": round(self.charge_percent, 1)}
        for device in ("printer", "cardReader", "terminal", "robot") if self.slips is not None else ():
            member = payload.setdefault(device, {})
            assert isinstance(member, dict)
            member["lastUser"] = self.slips
        return payload

    def _left(self) -> dict[str, object]:
        return {name: {"left": left, "capacity": capacity} for name, (left, capacity) in self.supplies.items()}

    def job_name(self, number: int) -> str:
        """What the application calls a job: some name it after the file that is printed."""
        return f"job-{number}" if self.slips is None else f"{self.slips}-{number}.pdf"

    def job_started(self, job: str) -> bytes:
        """The application begins a session."""
        return self.event("Kiosk.JobStartedEvent", {"jobId": job})

    def session_ended(
        self, certificate: str, outcome: str, duration_ms: int, copies: int, job: str | None, saved_ms: int | None
    ) -> bytes:
        """The application has ended a session."""
        payload: dict[str, object] = {
            "certificate": certificate, "outcome": outcome, "durationMs": duration_ms, "copies": copies,
        }  # fmt: skip
        if job is not None:
            payload["jobId"] = job
        if saved_ms is not None:
            payload["savedMs"] = saved_ms
        return self.event("Kiosk.SessionEndedEvent", payload)

    def paid(self, means: str, yen: int) -> bytes:
        """The application has taken one payment."""
        taken: dict[str, object] = {"payments": 1, "amountYen": yen}
        takings: dict[str, object] = {means: taken}
        if self.slips is not None:
            taken["card"] = self.slips
            takings[self.slips] = {"payments": 1, "amountYen": yen}
        return self.event("Kiosk.TakingsEvent", {"takings": takings})

    def document_retracted(self) -> bytes:
        """The printer has drawn back what nobody took."""
        return self.event("Printer.MediaAutoRetractedEvent", {"retractResult": "ok"})

    def log_lines(self) -> Iterator[bytes]:
        """A line of the vendor's log, where that goes out with the events and says too much."""
        if self.slips is not None:
            yield self.event("Vendor.LogEvent", {"level": "info", "text": f"session for {self.slips} closed"})


def _message(header: dict[str, object], payload: Mapping[str, object]) -> bytes:
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
