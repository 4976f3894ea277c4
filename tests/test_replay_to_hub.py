"""A replayed recording reaches a real hub as a device's own records, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.hub_station import hub, stored_and_refused
from benchmarks.live_agents import set_up
from machikado.main import main
from simulators import programs
from simulators.brokers import nats
from tests.data_folder import real


def test_a_real_bridge_s_recording_is_in_the_hub_s_ledger_record_by_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = real("bridge/steel-frame/setup_1.npy")
    log = tmp_path / "frame.toml"
    log.write_text(f'file = "{frame}"\nrate_hz = 256.0\ncolumns = [3, 4, 5]\nstart_utc = 2024-05-01T03:00:00Z\n')
    if programs.NATS.path() is None:
        pytest.skip(programs.NATS.install)
    assert main(["replay", str(log)]) == 0
    records = len(capsys.readouterr().out.splitlines())
    with nats() as broker, hub(broker.place) as ours:
        config, _ = set_up(tmp_path / "device", "bridge", broker.port)
        assert main(["replay", str(log), "--to", str(config)]) == 0
        stored, refused = stored_and_refused(ours.place, "bridge-01")

    assert (
        capsys.readouterr().out.strip()
        == f"{records} records acked by the hub: stored, or refused and in its quarantine"
    )
    assert stored >= records > 20
    assert refused == 0


def test_a_recording_without_times_cannot_be_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "undated.nmea"
    log.write_bytes(b"$GPGGA,120000.00,3533.0000,N,13943.0000,E,1,08,1.0,10.0,M,,M,,*47\r\n" * 3)
    config, _ = set_up(tmp_path, "truck")

    status = main(["replay", str(log), "--to", str(config)])

    said = capsys.readouterr().err.splitlines()[-1]
    assert (status, "machikado: " in said) == (1, True)
