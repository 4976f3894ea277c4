"""Pace: how much backlog may be under way, told by how long the hub takes to answer.

Rules it keeps:
- While answers come soon the window grows; when they come late it shrinks, so that answers take about ``target_s``,
  however many devices share the hub: what happens now then waits no longer behind anyone's backlog.
- Growth is the same for all, shrinking in proportion, so that devices end with equal shares (Chiu and Jain, 1989).
- It never stops: the least window is one small batch, and when even that is too much the batches get pauses, bounded.
- Only backlog is held back; alarms and live records are not its business.

The delay is the whole one. LEDBAT (RFC 6817) takes off the shortest that was seen, but who connects to a busy hub has
never seen it idle, aims at more, and takes what the others give up: measured, twenty times their share. A line whose way
there and back takes longer than ``target_s`` gets its backlog through a small batch at a time; give such a device a
larger ``link.backlog_delay_s``.

It reads no clock and knows no numbers of records.
"""

from __future__ import annotations

LEAST_BYTES = 8 * 1024
"""The smallest batch of backlog that is still worth its header and ack [bytes]."""
FIRST_BYTES = LEAST_BYTES
"""The window of a new connection [bytes]."""
SLOWEST_S = 30.0
"""The longest pause between two batches [s]."""
SHRINKS = 0.5, 0.8
"""What is kept of a window that was too large; so much is given up even for little that shares become equal."""
PAUSES_MOST = 7
"""The longest pause, in answers' delays."""


class Pace:
    """The window of one connection.

    Args:
        most_bytes: above it the window never grows [bytes].
        target_s: how long an answer may take [s].
    """

    def __init__(self, most_bytes: int, target_s: float) -> None:
        self._most = float(most_bytes)
        self._least = float(min(LEAST_BYTES, most_bytes))
        self._target_s = target_s
        self.begin()

    def begin(self) -> None:
        """Begin anew: another connection, or a hub that answers again."""
        self._window = float(min(FIRST_BYTES, self._most))
        self._doubling = True
        self._round_from = 0.0
        self._rests_until = 0.0

    @property
    def window_bytes(self) -> int:
        """How much backlog may be unanswered [bytes]; one batch may always be under way."""
        return int(max(self._window, self._least))

    def batch_bytes(self, most: int) -> int:
        """How large the next batch of backlog may be [bytes]: as the window; who is many need not be two batches ahead."""
        return min(most, self.window_bytes)

    def allows(self, under_way: int, now: float) -> bool:
        """Whether another batch may leave while ``under_way`` bytes of backlog are unanswered."""
        if now < self._rests_until:
            return False
        return under_way == 0 or under_way + self._least / 2 <= self._window

    def answered(self, sent_at: float, now: float, of_backlog: bool) -> None:
        """The hub has answered a batch that left at ``sent_at``; the window changes once a round of answers."""
        delay_s = now - sent_at
        if sent_at < self._round_from:
            return
        if delay_s > self._target_s:
            self._doubling = False
            kept = min(max(self._target_s / delay_s, SHRINKS[0]), SHRINKS[1])
            self._window = max(self._window * kept, self._least / (1 + PAUSES_MOST))
            self._round_from = now
        elif of_backlog:
            self._doubling = self._doubling and delay_s < self._target_s / 2
            grown = self._window if self._doubling else self._least / 2
            self._window = min(self._window + grown, self._most)
            self._round_from = now
        if self._window < self._least:
            self._rests_until = now + min(delay_s * (self._least / self._window - 1.0), SLOWEST_S)
