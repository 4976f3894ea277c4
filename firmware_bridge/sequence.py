"""Frame numbers of one direction of the line: what is next, and what an arriving number means.

Rules it keeps:
- Number 0 belongs to the HELLO that a boot begins with; then 1, 2 … 65535, and after that 1 again.
- A step forward of at most 32767 is loss, counted exactly; the frame is accepted.
- A number seen among the last 16 accepted frames with the same checksum is a duplicate, never accepted twice.
- Any other step back means a boot whose HELLO was lost, or a loss too long to measure: frames are withheld,
  counted, until a HELLO says which.
- A HELLO with another boot identity is a restart. Losses are counted within a boot; what the old boot still sent
  after its last frame that arrived cannot be known and is not counted.

It does no I/O, reads no clock and holds 16 numbers at most.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

BOOT_SEQUENCE = 0
LAST_SEQUENCE = 65535
MAX_MEASURABLE_STEP = 32767
REMEMBERED_FRAMES = 16


def sequence_after(sequence: int) -> int:
    """The frame number that follows `sequence` (0–65535): 0 never comes again within a boot."""
    return sequence % LAST_SEQUENCE + 1


class Verdict(Enum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    WITHHELD = "withheld"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do with a frame, how many before it were lost, and whether the other end restarted."""

    verdict: Verdict
    lost: int = 0
    restarted: bool = False


class SequenceJudge:
    """Judges the numbers of arriving intact frames, one direction of one line."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._boot_id: int | None = None
        self._withheld = 0
        self._recent: deque[tuple[int, int]] = deque(maxlen=REMEMBERED_FRAMES)

    @property
    def boot_id(self) -> int | None:
        """Boot identity from the last HELLO, None before the first."""
        return self._boot_id

    @property
    def awaiting_hello(self) -> bool:
        """Whether frames are being withheld until the other end says HELLO."""
        return self._withheld > 0

    def judge(self, sequence: int, checksum: int, hello_boot_id: int | None) -> Judgement:
        """Judge one intact frame by its number (0–65535) and its CRC-32; `hello_boot_id` is None but for a HELLO."""
        if hello_boot_id is None and sequence == BOOT_SEQUENCE:
            return Judgement(Verdict.REFUSED)
        if (sequence, checksum) in self._recent:
            return Judgement(Verdict.DUPLICATE)
        if hello_boot_id is not None:
            return self._hello(sequence, checksum, hello_boot_id)
        step = self._step_to(sequence)
        if self.awaiting_hello or not 1 <= step <= MAX_MEASURABLE_STEP:
            self._withheld += 1
            return Judgement(Verdict.WITHHELD)
        return self._accept(sequence, checksum, lost=step - 1)

    def _hello(self, sequence: int, checksum: int, boot_id: int) -> Judgement:
        begins_a_boot = sequence == BOOT_SEQUENCE
        other_boot = self._boot_id is not None and boot_id != self._boot_id
        heard_before = self._last is not None
        self._boot_id = boot_id
        if heard_before and (begins_a_boot or other_boot):
            lost = max(0, sequence - self._withheld)
            self._recent.clear()
            return self._accept(sequence, checksum, lost, restarted=True)
        step = self._step_to(sequence)
        lost = max(0, step - 1 - self._withheld) if step <= MAX_MEASURABLE_STEP else 0
        return self._accept(sequence, checksum, lost)

    def _step_to(self, sequence: int) -> int:
        """How many frames after the last accepted one `sequence` is, round the ring of 65535; 1 when none came yet."""
        return 1 if self._last is None else (sequence - self._last) % LAST_SEQUENCE

    def _accept(self, sequence: int, checksum: int, lost: int, restarted: bool = False) -> Judgement:
        self._last = sequence
        self._withheld = 0
        self._recent.append((sequence, checksum))
        return Judgement(Verdict.ACCEPTED, lost, restarted)
