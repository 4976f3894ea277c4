"""Messages a second that a broker passes from the light load generator to a subscriber that only counts.

Nothing is decoded or stored: no ingest figure behind the same broker can be above these, and the generator's own
processor time says whether it was the limit.

`--quick`: 40,000 messages a broker and size. Long: 200,000.
"""

from collections.abc import Callable, Iterable, Iterator

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.load import Lane, Load, Player
from benchmarks.sink import Sink, Subscription
from simulators import brokers
from simulators.servers import Server

DEVICES, WINDOW = 4, 500
PAYLOAD_BYTES = (100, 1_500)
QUICK_MESSAGES, LONG_MESSAGES = 40_000, 200_000
BROKERS: dict[str, Callable[[], Server]] = {
    "mosquitto": lambda: brokers.mosquitto(brokers.deep_mosquitto),
    "nats": brokers.nats,
}


def run(quick: bool) -> Iterable[Figure]:
    """Each broker with small and with batch-sized payloads, the subscriber at QoS 0 as the hub's is."""
    messages = QUICK_MESSAGES if quick else LONG_MESSAGES
    for name, launch in BROKERS.items():
        for payload_bytes in PAYLOAD_BYTES:
            with launch() as broker:
                yield from _measure(name, broker, payload_bytes, messages)


def _measure(name: str, broker: Server, payload_bytes: int, messages: int) -> Iterator[Figure]:
    payloads = [b"%08d" % number + b"x" * (payload_bytes - 8) for number in range(messages // DEVICES)]
    lanes = [Lane(f"device-{device}", f"ceiling/{device}", payloads) for device in range(DEVICES)]
    said = f"{messages} messages of {payload_bytes} B, QoS 1 in, QoS 0 out, {DEVICES} light publishers, {name}"
    with (
        Sink(Subscription(broker.host, broker.port, "ceiling/#", 0, messages)) as sink,
        Player(Load(broker.host, broker.port, lanes, WINDOW)) as player,
    ):
        player.go()
        played, counted = player.played(), sink.counted()
    if counted.messages != messages:
        raise MeasurementFailed(f"ceiling: {name} passed on {counted.messages} of {messages} messages")
    rate = messages / (counted.ended_s - played.started_s)
    yield Figure(f"ceiling-{name}-{payload_bytes}-bytes", rate, "messages/s", said)
    yield Figure(f"ceiling-{name}-{payload_bytes}-bytes-generator", played.cpu_share, "cores", said)
