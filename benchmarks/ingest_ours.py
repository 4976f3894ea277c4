"""Our hub at work: the same readings as batches of the contract, counted when the hub's acks account for them."""

from benchmarks.devices import device_lane
from benchmarks.errors import NotBuilt
from benchmarks.ingest_peers import DEVICES, LIMIT_S, WINDOW, Case, Measured, players
from benchmarks.load import Load
from benchmarks.memory import memory_of
from simulators.servers import Place, Server


def measure_ours(case: Case, broker: Server, hub: Server) -> Measured:
    """Play the case's devices until every reading is acked, which the hub does only after its commit.

    Raises MeasurementFailed when not everything is acked within the limit.
    """
    each = case.messages // DEVICES
    lanes = [device_lane(f"counter-b{index}", f"{index:016x}", each, case.batch) for index in range(DEVICES)]
    with players(case, Load(broker.host, broker.port, lanes, WINDOW, timeout_s=LIMIT_S)) as publishers:
        publishers.go()
        played = publishers.played()
    readings_per_s = case.readings / (played.ended_s - played.started_s)
    return Measured(readings_per_s, case.readings, memory_of(hub.pid).peak_resident_mb)


def hub_at(broker: Place, influx: Place, database: str) -> Server:
    """The hub between that broker and that InfluxDB, as a server to start.

    Raises NotBuilt: there is no hub process to start.
    """
    raise NotBuilt(
        f"database {database}: machikado has no hub process to put between broker {broker.port} and InfluxDB "
        f"{influx.port}; the lines above are the peers' alone"
    )
