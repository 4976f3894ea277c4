"""The adapter to a JetStream key-value bucket, and to what the hubs of a cluster tell each other, over nats-py.

nats-py is asyncio; the hub's threads are not. One event loop in a thread of its own serves them all: every call here
blocks its caller for a bounded time, and many keys are read or written at once.

Rules it keeps:
- A swap has three outcomes: written (its revision), refused (another revision stands), or unknown: it may have been
  written or may yet be, so the caller reads.
- It reads from the stream's leader, never from a follower that may be behind.
- A server that goes is replaced by the next of the list; what was asked meanwhile is unknown, never repeated by itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import KeyValueConfig, StorageType
from nats.js.errors import APIError, NotFoundError

from hub.cluster.port import Conflict, Entry, Outcome, Swap, Unknown, Written
from hub.errors import StoreError

ANSWER_S: Final = 2.0
"""How long one request waits for its answer [s]."""
CALL_S: Final = 30.0
"""Most that a call blocks its thread, however many keys it is about [s]."""
AT_ONCE: Final = 500
"""Most requests that are under way at the same time."""
BUCKET_BYTES: Final = 1024 * 1024 * 1024
"""Most that the bucket keeps on disk, reserved when it is made; past it writes are refused."""
VALUE_BYTES: Final = 256 * 1024
OPEN_S: Final = 60.0
"""How long the bucket may take to be there at the start: three servers choose their leader first [s]."""

_WRONG_SEQUENCE = frozenset({10071, 10164})
_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_EXPECTED_OF = "Nats-Expected-Last-Subject-Sequence-Subject"

T = TypeVar("T")


class Servers(NamedTuple):
    """Where the cluster is, and how to log in."""

    urls: list[str]
    user: str
    password: str
    replicas: int
    bucket_bytes: int = BUCKET_BYTES


class _State(msgspec.Struct, frozen=True):
    last_seq: int = 0
    subjects: dict[str, int] | None = None


class _Info(msgspec.Struct, frozen=True):
    state: _State = _State()
    total: int = 0
    offset: int = 0
    error: dict[str, object] | None = None


_decode_info = msgspec.json.Decoder(_Info).decode


class Bucket:
    """A bucket of a cluster; usable from many threads between ``open`` and ``close``."""

    def __init__(self, servers: Servers, name: str, log: Callable[[str, str, str], None]) -> None:
        """Nothing is connected here."""
        self._servers = servers
        self._name = name
        self._log = log
        self._prefix = f"$KV.{name}."
        self._stream = f"KV_{name}"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: Client | None = None

    def open(self, stop: threading.Event) -> None:
        """Connect and make the bucket where it is not there, waiting for the cluster.

        Raises:
            StoreError: ``stop`` was set, or the cluster is not there within ``OPEN_S``; nothing is left open.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._thread.start()
        problem = "no answer"
        for _ in range(int(OPEN_S / 0.5)):
            try:
                self._call(self._open())
                self._log("ledger bucket", "working", "")
                return
            except StoreError as why:
                problem = str(why)
                self._log("ledger bucket", "waiting", problem)
            if stop.wait(0.5):
                break
        self.close()
        raise StoreError(f"{problem}; is the cluster up, with JetStream on {self._servers.replicas} servers?")

    def close(self) -> None:
        """Leave; harmless when it is not open."""
        if self._loop is None or self._thread is None:
            return
        if self._client is not None:
            try:
                asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result(ANSWER_S)
            except (NatsError, OSError, FutureTimeout):
                self._log("ledger bucket", "closed", "without a goodbye")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_S)
        self._loop = self._thread = self._client = None

    # ---------------------------------------------------------------- keys

    def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Those of the keys that are there.

        Raises:
            StoreError: no answer.
        """
        return self._call(self._read(keys))

    def keys(self, pattern: str, least_revision: int = 0) -> list[str]:
        """The keys that match a subject pattern (``*`` one part, ``>`` all that follow).

        Raises:
            StoreError: no answer, or one from a server that does not know ``least_revision`` yet.
        """
        return self._call(self._keys(pattern, least_revision))

    def swap(self, swaps: Sequence[Swap]) -> list[Outcome]:
        """Write keys, each on its own condition; the outcomes in the same order.

        Raises:
            StoreError: it is not known of any of them whether they were written.
        """
        return self._call(self._swap(swaps))

    def put(self, key: str, value: bytes) -> None:
        """Write a key whatever stood there.

        Raises:
            StoreError: it may not have been written.
        """
        self._call(self._put(key, value))

    def delete(self, key: str) -> None:
        """Take a key away for good.

        Raises:
            StoreError: it may still be there.
        """
        request = msgspec.json.encode({"filter": self._prefix + key})
        self._call(self._ask(f"$JS.API.STREAM.PURGE.{self._stream}", request))

    # ---------------------------------------------------------------- what hubs tell each other

    def tell(self, subject: str, payload: bytes) -> None:
        """Send to every hub that listens now; lost where nobody does, or while the connection is away."""
        if self._loop is not None and self._client is not None:
            asyncio.run_coroutine_threadsafe(self._tell(subject, payload), self._loop)

    def hear(self, subject: str, take: Callable[[bytes], None]) -> None:
        """Have ``take`` called, in the loop's thread, with what is told; it must be quick.

        Raises:
            StoreError: no connection.
        """

        async def taken(message: Msg) -> None:
            take(message.data)

        async def subscribe() -> None:
            await self._connected().subscribe(subject, cb=taken)

        self._call(subscribe())

    # ---------------------------------------------------------------- in the loop's thread

    async def _open(self) -> None:
        if self._client is None:
            self._client = await nats.connect(
                self._servers.urls,
                user=self._servers.user or None,
                password=self._servers.password or None,
                name="machikado hub",
                connect_timeout=int(ANSWER_S),
                reconnect_time_wait=1,
                max_reconnect_attempts=-1,
                ping_interval=2,
                max_outstanding_pings=2,
                error_cb=self._on_error,
                disconnected_cb=self._on_disconnected,
                reconnected_cb=self._on_reconnected,
            )
        config = KeyValueConfig(
            self._name,
            history=1,
            replicas=self._servers.replicas,
            storage=StorageType.FILE,
            max_bytes=self._servers.bucket_bytes,
            max_value_size=VALUE_BYTES,
            direct=False,
        )
        stream = self._connected().jetstream(timeout=ANSWER_S)
        try:
            await stream.stream_info(self._stream)
        except NotFoundError:
            await stream.create_key_value(config)

    async def _read(self, keys: Sequence[str]) -> dict[str, Entry]:
        stream = self._connected().jetstream(timeout=ANSWER_S)

        async def one(key: str) -> Entry | None:
            try:
                found = await stream.get_last_msg(self._stream, self._prefix + key)
            except NotFoundError:
                return None
            return Entry(found.data or b"", found.seq or 0)

        found = await _all([one(key) for key in keys])
        return {key: entry for key, entry in zip(keys, found, strict=True) if entry is not None}

    async def _keys(self, pattern: str, least_revision: int) -> list[str]:
        found: list[str] = []
        while True:
            request = msgspec.json.encode({"subjects_filter": self._prefix + pattern, "offset": len(found)})
            info = await self._ask(f"$JS.API.STREAM.INFO.{self._stream}", request)
            if info.state.last_seq < least_revision:
                raise StoreError("ledger bucket: its leader is still catching up")
            subjects = info.state.subjects or {}
            found += [subject.removeprefix(self._prefix) for subject in subjects]
            if not subjects or len(found) >= info.total:
                return found

    async def _ask(self, subject: str, request: bytes) -> _Info:
        answer = await self._connected().request(subject, request, timeout=ANSWER_S)
        info = _decode_info(answer.data)
        if info.error is not None:
            raise StoreError(f"ledger bucket: {info.error.get('description')}")
        return info

    async def _swap(self, swaps: Sequence[Swap]) -> list[Outcome]:
        stream = self._connected().jetstream(timeout=ANSWER_S)

        async def one(swap: Swap) -> Outcome:
            headers = {_EXPECTED: str(swap.revision)}
            if swap.guard is not None:
                headers[_EXPECTED_OF] = self._prefix + swap.guard
            try:
                return Written((await stream.publish(self._prefix + swap.key, swap.value, headers=headers)).seq)
            except APIError as problem:
                if problem.err_code in _WRONG_SEQUENCE:
                    return Conflict()
                return Unknown(str(problem.description))
            except (TimeoutError, NatsError, OSError) as problem:
                return Unknown(repr(problem))

        return await _all([one(swap) for swap in swaps])

    async def _put(self, key: str, value: bytes) -> None:
        await self._connected().jetstream(timeout=ANSWER_S).publish(self._prefix + key, value)

    async def _tell(self, subject: str, payload: bytes) -> None:
        try:
            await self._connected().publish(subject, payload)
        except (NatsError, StoreError, OSError):
            # The listeners look into the store themselves after an outage.
            return

    async def _on_error(self, problem: Exception) -> None:
        """nats-py tells every failed attempt to connect; the outage is logged once, below."""

    async def _on_disconnected(self) -> None:
        self._log("ledger bucket", "away", "the connection to its server is gone")

    async def _on_reconnected(self) -> None:
        self._log("ledger bucket", "working", "")

    def _connected(self) -> Client:
        if self._client is None:
            raise StoreError("ledger bucket: not open")
        return self._client

    def _call(self, work: Awaitable[T]) -> T:
        """Run in the loop's thread and wait.

        Raises:
            StoreError: no answer.
        """
        loop = self._loop
        if loop is None:
            raise StoreError("ledger bucket: not open")
        try:
            return asyncio.run_coroutine_threadsafe(_awaited(work), loop).result(CALL_S)
        except (TimeoutError, NatsError, OSError, FutureTimeout) as problem:
            words = " ".join(str(problem).split()) or type(problem).__name__
            raise StoreError(f"ledger bucket at {', '.join(self._servers.urls)}: {words}") from problem


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _all(works: list[Any]) -> list[Any]:
    """The results of coroutines in order, at most ``AT_ONCE`` of them under way."""
    results: list[Any] = []
    try:
        while works:
            part, works = works[:AT_ONCE], works[AT_ONCE:]
            results += await asyncio.gather(*part)
    finally:
        for left in works:
            left.close()
    return results
