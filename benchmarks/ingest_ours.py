"""Our hub at work: the same readings as batches of the contract, counted when the hub's acks account for them."""

from benchmarks.devices import device_lane
from benchmarks.errors import MeasurementFailed
from benchmarks.hub_station import hub, stored_and_refused
from benchmarks.ingest_peers import DEVICES, LIMIT_S, WINDOW, Case, Measured, players
from benchmarks.load import Load
from benchmarks.memory import memory_of
from simulators.servers import Server


def measure_ours(case: Case, broker: Server) -> Measured:
    """Play the case's devices into a fresh hub until every reading is acked, which it does only after its commit.

    Raises MeasurementFailed when not everything is acked within the limit, or when the ledger says otherwise.
    """
    each = case.messages // DEVICES
    names = [f"counter-b{index}" for index in range(DEVICES)]
    lanes = [device_lane(name, f"{index:016x}", each, case.batch) for index, name in enumerate(names)]
    with (
        hub(broker.place) as ours,
        players(case, Load(broker.host, broker.port, lanes, WINDOW, timeout_s=LIMIT_S)) as publishers,
    ):
        publishers.go()
        played = publishers.played()
        counts = [stored_and_refused(ours.place, name) for name in names]
        stored, refused = (sum(column) for column in zip(*counts, strict=True))
        if stored != case.readings or refused:
            raise MeasurementFailed(
                f"{case.name}: everything was acked, but the ledger has {stored} of {case.readings} stored, "
                f"{refused} refused"
            )
        readings_per_s = case.readings / (played.ended_s - played.started_s)
        return Measured(readings_per_s, stored, memory_of(ours.pid).peak_resident_mb)
