"""MQTT 3.1.1 packets cut out of a byte stream, and the copy that a client sends when it believes a PUBLISH was lost."""

from __future__ import annotations

PUBLISH = 0x30
DUP = 0x08
QOS_MASK = 0x06
QOS_1 = 0x02
PACKET_MOST_BYTES = 1 << 20


class PacketCutter:
    """Bytes in, as they come; whole packets out (MQTT 3.1.1, section 2.2).

    Raises ValueError when the stream is no MQTT: a remaining length of more than four bytes, or a packet above 1 MiB.
    """

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, received: bytes) -> list[bytes]:
        """The packets that ``received`` completed, in order."""
        self._pending += received
        packets = []
        while (size := _packet_size(self._pending)) and len(self._pending) >= size:
            packets.append(bytes(self._pending[:size]))
            del self._pending[:size]
        return packets


def _packet_size(pending: bytearray) -> int:
    """Bytes of the first packet, header included; 0 while its header is not whole."""
    length = 0
    for at in range(1, 5):
        if at >= len(pending):
            return 0
        length |= (pending[at] & 0x7F) << 7 * (at - 1)
        if not pending[at] & 0x80:
            if length > PACKET_MOST_BYTES:
                raise ValueError(f"MQTT packet of {length} bytes: at most {PACKET_MOST_BYTES}")
            return at + 1 + length
    raise ValueError(f"not MQTT: remaining length {pending[1:5].hex()} does not end after four bytes")


def sent_again(packet: bytes) -> bytes | None:
    """A PUBLISH at QoS 1 as it is sent a second time (section 3.3.1.1: DUP set, all else the same); None for others."""
    if packet[0] & 0xF0 != PUBLISH or packet[0] & QOS_MASK != QOS_1:
        return None
    return bytes([packet[0] | DUP]) + packet[1:]
