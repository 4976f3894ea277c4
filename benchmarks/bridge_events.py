"""How soon a passage's trigger and its waveform leave a bridge, and that the largest are sent and the others can be had.

A real agent reads a real serial line (the microcontroller's frames, 24-bit counts of three axes at 200 Hz, in real time) and
sends over a real broker to a real hub. On quiet noise pass, one after the other: a vehicle, a knock on one sensor alone, a
smaller vehicle, and the largest. The trigger is `bridge_trigger`, timed from the sample that exceeded the limit to the
message's arrival behind the broker; the waveform is timed from its last sample until the hub has it whole. What was not
sent is asked for afterwards. Quick: windows of 3 s before and 6 s after; long: 30 s and 60 s.
"""

import json
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import paho.mqtt.client as paho
from numpy.typing import NDArray
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.ceiling import BROKERS
from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.hub_station import hub
from benchmarks.live_agents import agent
from edge.contract.batch import decode_batch
from edge.contract.records import Record
from edge.contract.records.bridge import BridgePassage, BridgeTrigger
from edge.contract.topics import Channel, topic
from firmware_bridge.framing import FrameEncoder
from firmware_bridge.message_codec import encode_message
from firmware_bridge.messages import Acceleration, Hello, Message, SensorKind, pack_counts
from hub.main import keep_of_device
from provisioning.toml_text import toml_text
from simulators.servers import Place
from simulators.wire import PtyLine

DEVICE = "bridge-01"
RATE_HZ, LSB_M_S2, SIZE = 200, 1e-6, 25
NOISE_M_S2, SWING_HZ, PASSES_S = 1e-2, 3.0, 3.0
LIMIT_M_S2 = 0.15
START_S = 20.0
WAIT_S = 60.0
RAW_BYTES = 3 * 3
"""Three axes of 24 bit."""


@dataclass(frozen=True, slots=True)
class Form:
    """Window before and after a passage [s], and from one event to the next."""

    before_s: float
    after_s: float
    between_s: float

    @property
    def seconds(self) -> float:
        """Length of the whole."""
        return START_S + 3 * self.between_s + self.after_s + 4.0


QUICK, LONG = Form(3.0, 6.0, 13.0), Form(30.0, 60.0, 100.0)
PEAKS = (0.5, 0.3, 1.0)
KNOCK_AT = 0.6
"""The knock on one sensor comes so far between the first vehicle and the second."""


@dataclass(slots=True)
class Heard:
    """Records as they came behind the broker, each with when [µs UTC]."""

    records: list[tuple[int, Record]] = field(default_factory=list)

    def take(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        """See paho."""
        now = time.time_ns() // 1000
        self.records += [(now, one) for one in decode_batch(bytes(message.payload)).records if isinstance(one, Record)]


def run(quick: bool) -> Iterator[Figure]:
    """Run it once and judge."""
    form = QUICK if quick else LONG
    with tempfile.TemporaryDirectory(prefix="machikado-events-") as folder:
        yield from _measured(Path(folder), form)


def _measured(folder: Path, form: Form) -> Iterator[Figure]:
    line = PtyLine(folder / "mcu")
    line.open()
    heard = Heard()
    with BROKERS["nats"]() as broker, hub(broker.place) as station:
        listener = _listening(broker.place, heard)
        with agent(folder, "bridge", _config(folder, broker.place, form)):
            sensor = threading.Thread(target=_play, args=(line, samples(form)), daemon=True)
            sensor.start()
            whole = _watch(station.place, sensor)
            sent = _blobs(station.place)
            small = _nth_passage(heard, 1)
            asked = keep_of_device(
                station.place.configuration, DEVICE, str(small - 1_000_000), str(small + 1_000_000), 10.0
            )  # fmt: skip
            _until(lambda: sum(one["whole"] for one in _blobs(station.place)) == len(sent) + 1)
        listener.disconnect()
        listener.loop_stop()
    line.close()
    yield from _figures(form, heard, sent, whole, asked is not None and asked.outcome == "done")


def samples(form: Form) -> NDArray[np.int32]:
    """Counts of three axes, (n, 3): noise, three vehicles, and a knock on the first axis alone."""
    rng = np.random.default_rng(1)
    made = rng.normal(0.0, NOISE_M_S2, (round(form.seconds * RATE_HZ), 3))
    t = np.arange(round(PASSES_S * RATE_HZ)) / RATE_HZ
    swing = np.sin(2.0 * np.pi * SWING_HZ * t) * np.hanning(len(t))
    for number, peak in enumerate(PEAKS):
        at = round((START_S + number * form.between_s) * RATE_HZ)
        made[at : at + len(t)] += peak * swing[:, None] * np.array([1.0, 0.8, 0.6])
    knock = round((START_S + KNOCK_AT * form.between_s + PASSES_S / 2.0) * RATE_HZ)
    made[knock : knock + len(t) // 4, 0] += 0.4 * np.sin(2.0 * np.pi * 8.0 * t[: len(t) // 4])
    return np.round(made / LSB_M_S2).astype(np.int32)


def _play(line: PtyLine, counts: NDArray[np.int32]) -> None:
    """The microcontroller, in real time."""
    encoder = FrameEncoder()

    def say(message: Message) -> None:
        line.write(encoder.encode(*encode_message(message)))

    hello = Hello(7, (1, 0, 0), SensorKind.ACCELEROMETER, RATE_HZ * 1000, 8389, round(LSB_M_S2 * 1e12))
    began_s = time.monotonic()
    for first in range(0, len(counts), SIZE):
        if first % (RATE_HZ * 5) == 0:
            say(hello)
        part = counts[first : first + SIZE]
        time.sleep(max(0.0, began_s + (first + len(part)) / RATE_HZ - time.monotonic()))
        say(Acceleration(first, pack_counts([(int(x), int(y), int(z)) for x, y, z in part])))


def _config(folder: Path, broker: Place, form: Form) -> Path:
    table = {
        "device": {"name": DEVICE, "family": "bridge"},
        "hub": {"port": broker.port},
        "outbox": {"path": str(folder / "outbox.sqlite")},
        "clock": {"trust": "system"},
        "pipeline": {
            "passages": {"long_s": 5.0, "trigger_peak_m_s2": LIMIT_M_S2},
            "waveforms": {"before_s": form.before_s, "after_s": form.after_s},
            "novelty": {"model": ""},
        },
        "source": [{"kind": "serial", "path": str(folder / "mcu")}],
    }
    path = folder / "DEVICE.toml"
    path.write_text(toml_text(table, "A bridge in a benchmark."), encoding="utf-8")
    return path


def _listening(broker: Place, heard: Heard) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.on_message = heard.take
    client.connect(broker.host, broker.port)
    client.subscribe(topic(DEVICE, Channel.UP))
    client.loop_start()
    return client


def _watch(station: Place, sensor: threading.Thread) -> dict[str, int]:
    """When each blob was seen whole at the hub [µs UTC]; until the sensor has ended and nothing is on its way."""
    whole: dict[str, int] = {}
    ended_s: float | None = None
    while ended_s is None or time.monotonic() - ended_s < 2.0:
        if not sensor.is_alive() and ended_s is None:
            ended_s = time.monotonic()
        for one in _blobs(station):
            if one["whole"]:
                whole.setdefault(one["sha256"], time.time_ns() // 1000)
        time.sleep(0.1)
    return whole


def _nth_passage(heard: Heard, n: int) -> int:
    times = sorted({record.t or 0 for _, record in heard.records if isinstance(record, BridgePassage)})
    if len(times) <= n:
        raise MeasurementFailed(f"bridge-events: {len(times)} passages were told, wanted more than {n}")
    return times[n]


def _blobs(station: Place) -> list[dict[str, Any]]:
    url = f"http://{station.host}:{station.port}/api/v1/devices/{DEVICE}/blobs"
    with urllib.request.urlopen(url, timeout=10.0) as answer:
        found: list[dict[str, Any]] = json.load(answer)["blobs"]
    return found


def _until(holds: Any) -> None:
    ends_s = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > ends_s:
            raise MeasurementFailed(f"bridge-events: not within {WAIT_S:g} s")
        time.sleep(0.1)


def _figures(
    form: Form, heard: Heard, sent: list[dict[str, Any]], whole: dict[str, int], had: bool
) -> Iterator[Figure]:
    said = f"three vehicles and a knock on one of three axes, windows of {form.before_s:g} + {form.after_s:g} s, in real time"
    triggers = {record.t: came for came, record in reversed(heard.records) if isinstance(record, BridgeTrigger)}
    passages = {record.t for _, record in heard.records if isinstance(record, BridgePassage)}
    late = [(came - (t or 0)) / 1e6 for t, came in triggers.items()]
    yield Figure("bridge-events-passages", len(passages), "records", said, aim=f"== {len(PEAKS)}")
    yield Figure("bridge-events-triggers", len(triggers), "messages", said, aim=f"== {len(PEAKS)}")
    yield Figure("bridge-events-trigger-latency-worst", max(late, default=WAIT_S), "s", said, aim="<= 2")
    delays = [(whole.get(one["sha256"], 10**18) - one["t_to"]) / 1e6 for one in sent]
    yield Figure("bridge-events-waveform-latency-worst", max(delays, default=WAIT_S), "s", said, aim="<= 10")
    # The first is the largest so far, the second is smaller, the third is the largest again.
    yield Figure("bridge-events-waveforms-sent", len(sent), "waveforms", said, aim="== 2")
    yield Figure("bridge-events-unsent-had-on-request", float(had), "1 = yes", said, aim="== 1")
    raw = (form.before_s + form.after_s) * RATE_HZ * RAW_BYTES
    sizes = f"{said}; raw 24 bit is {raw:.0f} bytes"
    yield Figure("bridge-events-waveform-size", max((one["size"] for one in sent), default=0), "byte", sizes,
                 "raw 24 bit", raw, "<= 1 x peer")  # fmt: skip
