"""The proxy between the parts: what it passes is whole and in order, and each of its faults is what it says."""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.chaos.mqtt_frames import PacketCutter, sent_again
from tests.chaos.proxy import TcpProxy

HOST = "127.0.0.1"
WAIT_S = 5.0
PUBLISH_1 = bytes.fromhex("32 0c 0003 612f62 0007 68656c6c6f".replace(" ", ""))
PUBLISH_0 = bytes.fromhex("30 0a 0003 612f62 68656c6c6f".replace(" ", ""))
PINGREQ = b"\xc0\x00"


class Far:
    """A server that keeps what it gets, and says what it is told to."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.connections: list[socket.socket] = []

    def accept(self) -> socket.socket:
        self._listener.settimeout(WAIT_S)
        connection, _ = self._listener.accept()
        connection.settimeout(WAIT_S)
        self.connections.append(connection)
        return connection

    def close(self) -> None:
        for one in (self._listener, *self.connections):
            one.close()


@pytest.fixture
def far() -> Iterator[Far]:
    with contextlib.closing(Far()) as made:
        yield made


@pytest.fixture
def proxy(far: Far) -> Iterator[TcpProxy]:
    with TcpProxy(HOST, far.port, random.Random(3), mqtt=True) as made:
        yield made


def connect(proxy: TcpProxy) -> socket.socket:
    near = socket.create_connection((HOST, proxy.port), timeout=WAIT_S)
    near.settimeout(WAIT_S)
    return near


def got(connection: socket.socket, count: int) -> bytes:
    """So many bytes."""
    found = b""
    while len(found) < count:
        found += connection.recv(count - len(found)) or pytest.fail(f"ended after {found!r}")
    return found


def is_silent(connection: socket.socket, for_s: float = 0.2) -> bool:
    connection.settimeout(for_s)
    try:
        return not connection.recv(1) and pytest.fail("ended")
    except TimeoutError:
        return True
    finally:
        connection.settimeout(WAIT_S)


def has_ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_bytes_pass_both_ways_whole_and_in_order(far: Far, proxy: TcpProxy) -> None:
    with connect(proxy) as near:
        server = far.accept()
        large = PUBLISH_1 * 20_000
        threading.Thread(target=near.sendall, args=(large,), daemon=True).start()
        server.sendall(b"down")

        assert got(server, len(large)) == large
        assert got(near, 4) == b"down"


def test_a_cut_ends_connections_and_lets_nobody_in_until_it_is_mended(far: Far, proxy: TcpProxy) -> None:
    with connect(proxy) as near:
        server = far.accept()
        near.sendall(PINGREQ)
        assert got(server, 2) == PINGREQ

        proxy.cut()

        assert has_ended(near)
        assert has_ended(server)
    with contextlib.suppress(OSError), connect(proxy) as refused:
        assert has_ended(refused)

    proxy.mend()

    with connect(proxy) as near:
        near.sendall(PINGREQ)
        assert got(far.accept(), 2) == PINGREQ


def test_a_silent_direction_holds_what_is_under_way_and_the_other_passes(far: Far, proxy: TcpProxy) -> None:
    with connect(proxy) as near:
        server = far.accept()
        proxy.up.silent += 1
        near.sendall(PINGREQ)
        server.sendall(b"down")
        assert got(near, 4) == b"down"
        assert is_silent(server)

        proxy.up.silent -= 1

        assert got(server, 2) == PINGREQ


@pytest.mark.parametrize("gone", ["near", "far"])
def test_half_open_ends_one_side_and_leaves_the_other_without_a_word(far: Far, proxy: TcpProxy, gone: str) -> None:
    with connect(proxy) as near:
        server = far.accept()
        sides = {"near": near, "far": server}
        left = sides["far" if gone == "near" else "near"]
        near.sendall(PINGREQ)
        assert got(server, 2) == PINGREQ

        proxy.half_open("near" if gone == "near" else "far")

        assert has_ended(sides[gone])
        left.sendall(PINGREQ)
        assert is_silent(left)


def test_a_delayed_direction_is_late(far: Far, proxy: TcpProxy) -> None:
    with connect(proxy) as near:
        server = far.accept()
        proxy.up.delay_s = 0.3
        began_s = time.monotonic()
        near.sendall(PINGREQ)

        assert got(server, 2) == PINGREQ
        assert time.monotonic() - began_s >= 0.3


def test_only_whole_publishes_at_qos_1_are_doubled_with_dup_set(far: Far, proxy: TcpProxy) -> None:
    proxy.up.duplicate_probability = 1.0
    wanted = PINGREQ + PUBLISH_1 + b"\x3a" + PUBLISH_1[1:] + PUBLISH_0
    with connect(proxy) as near:
        server = far.accept()
        for byte in PINGREQ + PUBLISH_1 + PUBLISH_0:
            near.sendall(bytes([byte]))

        assert got(server, len(wanted)) == wanted
    assert proxy.doubled == 1


def test_requests_are_answered_500_and_never_arrive(far: Far, proxy: TcpProxy) -> None:
    proxy.set_500(True)
    asked = http.client.HTTPConnection(HOST, proxy.port, timeout=WAIT_S)
    asked.request("POST", "/write", body=b"x" * 100_000)
    assert asked.getresponse().status == 500

    proxy.set_500(False)

    with connect(proxy) as near:
        near.sendall(PINGREQ)
        assert got(far.accept(), 2) == PINGREQ


def test_packets_are_cut_the_same_however_they_arrive() -> None:
    stream = PINGREQ + PUBLISH_1 + PUBLISH_0 + b"\x32\x80\x01" + b"y" * 128
    packets = [PINGREQ, PUBLISH_1, PUBLISH_0, b"\x32\x80\x01" + b"y" * 128]
    for piece in (1, 2, 3, 7, len(stream)):
        cutter = PacketCutter()
        found = [one for at in range(0, len(stream), piece) for one in cutter.feed(stream[at : at + piece])]
        assert found == packets

    assert [sent_again(one) is None for one in packets] == [True, False, True, False]


def test_what_is_no_mqtt_is_said() -> None:
    with pytest.raises(ValueError, match="not MQTT"):
        PacketCutter().feed(b"\x30\xff\xff\xff\xff\x01")
