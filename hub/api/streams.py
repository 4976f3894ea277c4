"""The event streams of the hub: every device as it changes, and what citizens are told, each a feed of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.api.fanout import Feed, Timing
from hub.live import Live
from hub.public import PublicService

STREAMS_MOST: Final = 4000
"""Most event streams at once; more are refused with 503. Each takes about 20 kB of the hub's memory."""
DEVICES: Final = Timing(beat_s=2.0, rest_s=0.5)
PUBLIC: Final = Timing(beat_s=5.0, rest_s=0.02)
LEFT: Final = "machikado.streams"
"""Where in a request's scope a ``Stream`` leaves itself, a list."""
PUBLIC_PACE_S: Final = 1.0
"""A stream of the public feed is sent to at most once in this time, but for a display that asks for ``at_once``."""


class DevicesTale:
    """Each device's view when it changes."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._seen = -1

    def beat(self, now: int) -> bytes:
        """See ``Tale.beat``: the hub's time."""
        return f"event: time\ndata: {now}\n\n".encode()

    def changes(self, now: int) -> Mapping[str, bytes]:
        """See ``Tale.changes``."""
        self._live.look(now)
        version = self._live.version
        if version == self._seen:
            return {}
        views, self._seen = self._live.views(now, self._seen), version
        return {view.device: _event("device", msgspec.json.encode(view)) for view in views}


class PublicTale:
    """Each service when it changes in more than its age; the ages of all come with the beat."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._seen = -1
        self._told: dict[str, PublicService] = {}

    def beat(self, now: int) -> bytes:
        """See ``Tale.beat``: the hub's time and the age of each device's last word [s]."""
        oldest: dict[str, int] = {}
        for service in self._told.values():
            if service.t is not None:
                oldest[service.device] = min(service.t, oldest.get(service.device, service.t))
        ages = {device: max(0, (now - t) // 1_000_000) for device, t in oldest.items()}
        return _event("beat", msgspec.json.encode({"now": now, "age": ages}))

    def changes(self, now: int) -> Mapping[str, bytes]:
        """See ``Tale.changes``."""
        self._live.look(now)
        version = self._live.version
        if version == self._seen:
            return {}
        views, self._seen = self._live.views(now, self._seen), version
        news: dict[str, bytes] = {}
        for service in self._live.services(views, now):
            before, self._told[service.key] = self._told.get(service.key), service
            if before is None or msgspec.structs.replace(before, t=service.t) != service:
                news[service.key] = _event("service", msgspec.json.encode(service))
        return news


class Feeds:
    """Both feeds of one hub; ``is_ending`` ends their streams."""

    def __init__(self, live: Live, now: Callable[[], int], is_ending: Callable[[], bool]) -> None:
        self.devices = Feed(DevicesTale(live), DEVICES, now, is_ending)
        self.public = Feed(PublicTale(live), PUBLIC, now, is_ending)
        for feed in (self.devices, self.public):
            live.watch(feed.wake)

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return self.devices.streams + self.public.streams


class Stream(Response):
    """One stream of a feed, refused where ``STREAMS_MOST`` are open.

    As a response it only leaves itself in ``scope[LEFT]``: it would keep every frame of the framework alive for hours. Who
    put the list there then serves it.
    """

    media_type = "text/event-stream"

    def __init__(self, feeds: Feeds, feed: Feed, pace_s: float = 0.0) -> None:
        super().__init__()
        self._feeds = feeds
        self._feed = feed
        self._pace_s = pace_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if self._feeds.streams >= STREAMS_MOST:
            text = f"{self._feeds.streams} event streams are open: at most {STREAMS_MOST}; try again later"
            refusal = Response(msgspec.json.encode({"error": text}), 503, media_type="application/json")
            await refusal(scope, receive, send)
            return
        left: list[Stream] = scope[LEFT]
        left.append(self)

    async def serve(self, receive: Receive, send: Send) -> None:
        """From its head to its end."""
        await self._feed.serve(receive, send, self._pace_s)


def _event(name: str, data: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
