"""MH-Z19 carbon dioxide module: the request for a reading and its answer in ppm, at 9600 baud.

An answer is FF 86, concentration u16 big-endian, four bytes that differ between versions, and a checksum: the two's
complement of the sum of the seven bytes between start and checksum.

Source: Winsen MH-Z19B user's manual, command 0x86.
"""

from firmware_bridge.errors import PayloadMalformed

BAUD = 9_600
READ_CO2 = bytes.fromhex("ff 01 86 00 00 00 00 00 79")
ANSWER_BYTES = 9
_START = b"\xff\x86"


def checksum(packet: bytes) -> int:
    """Checksum of a 9-byte command or answer, over its bytes 1–7."""
    return -sum(packet[1:8]) & 0xFF


def co2_ppm(answer: bytes) -> int:
    """Carbon dioxide in ppm from one 9-byte answer; raises PayloadMalformed when it is not one."""
    if len(answer) != ANSWER_BYTES or not answer.startswith(_START):
        raise PayloadMalformed(f"CO2 answer is {answer.hex()}, wanted 9 bytes from ff86; ask again")
    if checksum(answer) != answer[8]:
        raise PayloadMalformed(f"CO2 answer's checksum is {answer[8]:02x}, wanted {checksum(answer):02x}; ask again")
    return int.from_bytes(answer[2:4], "big")


def answer_of(ppm: int) -> bytes:
    """The module's answer that says so many ppm; the bytes that differ between versions are noughts."""
    packet = _START + ppm.to_bytes(2, "big") + bytes(4)
    return packet + bytes([checksum(packet + b"\0")])


class Mhz19Decoder:
    """Bytes in, as they come; CO2 readings in ppm out. Bytes that are no part of an answer are counted."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self.answers = 0
        self.skipped_bytes = 0

    def feed(self, received: bytes) -> list[int]:
        """Readings in ppm that `received` completed, in order; it holds at most 9 bytes between calls."""
        readings: list[int] = []
        for byte in received:
            self._pending.append(byte)
            while self._pending and not self._may_be_an_answer():
                del self._pending[0]
                self.skipped_bytes += 1
            if len(self._pending) == ANSWER_BYTES:
                readings.append(co2_ppm(bytes(self._pending)))
                self._pending.clear()
                self.answers += 1
        return readings

    def _may_be_an_answer(self) -> bool:
        begins_right = self._pending.startswith(_START[: len(self._pending)])
        complete = len(self._pending) == ANSWER_BYTES
        return begins_right and (not complete or checksum(bytes(self._pending)) == self._pending[8])
