"""Just enough MQTT 3.1.1 to publish and count at the speed of a plain socket.

Pure functions over bytes; the sockets are in `load.py`. Source: MQTT Version 3.1.1, OASIS Standard, clauses 2.2.3
(remaining length) and 3.1, 3.3, 3.4, 3.8 (packets).
"""

import struct
from collections.abc import Iterator

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 0x20, 0x30, 0x40, 0x90, 0xD0
DISCONNECT = b"\xe0\x00"
HIGHEST_PACKET_ID = 65_535
_CLEAN_SESSION, _PASSWORD, _USER = 0x02, 0x40, 0x80


def remaining_length(count: int) -> bytes:
    """The variable-length field of the fixed header: 7 bits a byte, lowest first, at most four bytes.

    Raises ValueError above 268,435,455.
    """
    if not 0 <= count <= 268_435_455:
        raise ValueError(f"remaining length {count}: wanted 0 to 268435455")
    encoded = bytearray()
    while True:
        count, low = divmod(count, 128)
        encoded.append(low | (0x80 if count else 0))
        if not count:
            return bytes(encoded)


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("!H", len(raw)) + raw


def connect(client_id: str, username: str | None, password: str | None, keepalive_s: int) -> bytes:
    """A CONNECT packet with a clean session."""
    flags = _CLEAN_SESSION
    payload = _text(client_id)
    if username is not None:
        flags |= _USER
        payload += _text(username)
    if password is not None:
        flags |= _PASSWORD
        payload += _text(password)
    body = _text("MQTT") + struct.pack("!BBH", 4, flags, keepalive_s) + payload
    return b"\x10" + remaining_length(len(body)) + body


def publish(topic: str, payload: bytes, packet_id: int) -> bytes:
    """A PUBLISH packet at QoS 1."""
    body = _text(topic) + struct.pack("!H", packet_id) + payload
    return b"\x32" + remaining_length(len(body)) + body


def subscribe(topic_filter: str, qos: int, packet_id: int = 1) -> bytes:
    """A SUBSCRIBE packet for one filter."""
    body = struct.pack("!H", packet_id) + _text(topic_filter) + bytes([qos])
    return b"\x82" + remaining_length(len(body)) + body


def puback(packet_id: int) -> bytes:
    """A PUBACK packet."""
    return struct.pack("!BBH", PUBACK, 2, packet_id)


def packets(received: bytes | bytearray) -> Iterator[tuple[int, int, int]]:
    """Each whole packet in `received` as (first byte, start of body, end).

    What is left after the last one is the beginning of a packet that has not wholly arrived.
    """
    at, size = 0, len(received)
    while at + 2 <= size:
        length, shift, start = 0, 0, at + 1
        while True:
            if start >= size:
                return
            byte = received[start]
            length |= (byte & 0x7F) << shift
            start, shift = start + 1, shift + 7
            if byte < 0x80:
                break
        end = start + length
        if end > size:
            return
        yield received[at], start, end
        at = end


def publish_payload_start(first_byte: int, received: bytes | bytearray, start: int) -> int:
    """Where the payload of a PUBLISH begins: after the topic, and after the packet id above QoS 0."""
    topic_end = start + 2 + (received[start] << 8 | received[start + 1])
    return topic_end + (2 if first_byte & 0x06 else 0)
