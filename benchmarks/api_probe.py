"""Somebody who asks the status API again and again for a device's newest record: when it is visible there."""

import contextlib
import http
import http.client
import json
import threading
import time
from types import TracebackType

from benchmarks.errors import MeasurementFailed
from benchmarks.fleet_plan import Answers
from simulators.servers import Place

EVERY_S = 0.02
TIMEOUT_S = 10.0
KIND = "counter_air"


class ApiProbe:
    """Asks `GET /api/v1/devices/DEVICE/latest` every 20 ms while the `with` block runs, in a thread of its own.

    A record's latency is from its own time, which a light device reads before it appends it, until an answer with it has
    arrived; so up to 20 ms and one request too long. Records between two answers are not seen and do not count.
    """

    def __init__(self, place: Place, device: str) -> None:
        self._place = place
        self._path = f"/api/v1/devices/{device}/latest"
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._problem: Exception | None = None
        self.answers = Answers()

    def __enter__(self) -> "ApiProbe":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._halt.set()
        self._thread.join()
        if self._problem is not None and error is None:
            raise MeasurementFailed(f"status API {self._path}: {self._problem}") from self._problem

    def _ask(self) -> None:
        seen = time.time_ns() // 1000
        api = http.client.HTTPConnection(self._place.host, self._place.port, timeout=TIMEOUT_S)
        try:
            with contextlib.closing(api):
                while not self._halt.wait(EVERY_S):
                    api.request("GET", self._path)
                    response = api.getresponse()
                    said = response.read()
                    if response.status != http.HTTPStatus.OK:
                        raise http.client.HTTPException(f"{response.status}: {said.decode(errors='replace')[:200]}")
                    found = json.loads(said)["latest"]
                    now = time.time_ns() // 1000
                    newest = max((one["t"] for one in found if one["kind"] == KIND), default=seen)
                    if newest > seen:
                        seen = newest
                        self.answers.add(newest / 1e6, now / 1e6, 1)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as problem:
            self._problem = problem
