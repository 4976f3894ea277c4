"""VL53L1X in two zones: who walks through, from the zones that are occupied one after the other.

A zone code has bit 2 for the front zone and bit 1 for the back one. Only the paths 0, 1, 3, 2, 0 and 0, 2, 3, 1, 0 are a
passage; who turns back, lingers or jumps a zone is none.

Rules the counter keeps:
- A code repeated is one state; when both zones are empty the path begins anew.
- It holds at most ``STATES_MOST`` states, whatever it is fed.

Source: ST UM2600, people counting by the two-zone algorithm.
"""

from typing import Final, Literal

from firmware_bridge.errors import PayloadMalformed

FRONT, BACK = 2, 1
BOTH = FRONT | BACK
STATES_MOST: Final = 8
_PASSAGES: Final[dict[tuple[int, ...], Literal["in", "out"]]] = {
    (0, FRONT, BOTH, BACK, 0): "in",
    (0, BACK, BOTH, FRONT, 0): "out",
}


class TwoZoneCounter:
    """Zone codes in, one after the other; "in" (front to back) or "out" with the code that completes a passage."""

    def __init__(self) -> None:
        self._path = [0]

    def feed(self, code: int) -> Literal["in", "out"] | None:
        """Take the zones that are occupied now; raises PayloadMalformed when ``code`` is not 0 to 3."""
        if not 0 <= code <= BOTH:
            raise PayloadMalformed(f"zone code is {code}, wanted 0 to {BOTH}; check the sensor's firmware")
        if code != self._path[-1] and len(self._path) < STATES_MOST:
            self._path.append(code)
        if code:
            return None
        passage = _PASSAGES.get(tuple(self._path))
        self._path = [0]
        return passage
