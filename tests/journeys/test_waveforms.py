"""The engineer who wants the raw waveform: of what passed, and of any other time that the bridge still holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pymseed
import pytest

from machikado.main import main
from tests.journeys.station import Station, running_station, until

NAME = "bridge-01"
RATE_HZ = 200.0


@pytest.fixture
def waveform(tmp_path: Path) -> Path:
    """Half a minute of quiet with a strong swing at 9 s, in steps that single precision holds exactly."""
    rng = np.random.default_rng(1)
    samples = np.round(rng.normal(0.0, 40.0, (6000, 3)))
    samples[1800:2400] += np.round(4000.0 * np.sin(2 * np.pi * 3.0 * np.arange(600) / RATE_HZ))[:, None]
    path = tmp_path / "bridge.npy"
    np.save(path, (samples * 2.0**-12).astype(np.float32))
    path.with_suffix(".toml").write_text(f"rate_hz = {RATE_HZ}\n")
    return path


def blobs(station: Station) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = station.ask(f"/api/v1/devices/{NAME}/blobs")["blobs"]
    return found


def test_a_passages_waveform_and_one_that_is_asked_for_arrive_as_they_were_recorded(
    waveform: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_station("nats", tmp_path / "station") as station:
        station.device(
            NAME,
            "bridge",
            {"kind": "recording", "path": str(waveform), "repeat": False},
            pipeline={
                "passages": {"long_s": 5.0, "trigger_peak_m_s2": 0.1},
                "waveforms": {"before_s": 1.0, "after_s": 1.0},
                "novelty": {"model": ""},
            },
        )
        until(lambda: any(one["whole"] for one in blobs(station)))
        [passage] = blobs(station)
        until(lambda: station.ask(f"/api/v1/devices/{NAME}/latest")["latest"] != [])
        asked = main(
            ["hub", "keep", NAME, "--hub", str(station.hub.place.configuration), "--json",
             "--from", str(passage["t_from"] - 500_000), "--to", str(passage["t_from"])]
        )  # fmt: skip
        said = json.loads(capsys.readouterr().out)
        until(lambda: sum(one["whole"] for one in blobs(station)) == 2)
        kinds = {one["kind"] for one in station.ask(f"/api/v1/devices/{NAME}/latest")["latest"]}
        content = station.raw(f"/api/v1/blobs/{said['blob']}")

    assert asked == 0
    assert {"bridge_passage", "bridge_trigger", "raw_held", "blob"} <= kinds
    traces = [np.concatenate([np.array(part.np_datasamples) for part in trace])
              for trace in pymseed.MS3TraceList.from_buffer(content, unpack_data=True)]  # fmt: skip
    assert len(traces) == 3
    recorded = np.load(waveform)
    kept = np.column_stack(traces)
    starts = [at for at in range(len(recorded) - len(kept)) if (recorded[at] == kept[0]).all()]
    assert any((recorded[at : at + len(kept)] == kept).all() for at in starts)


def test_what_is_not_held_is_refused_in_the_devices_words(
    waveform: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_station("nats", tmp_path / "station") as station:
        station.device(NAME, "bridge", {"kind": "recording", "path": str(waveform)})
        until(lambda: station.is_complete(NAME))

        status = main(
            ["hub", "keep", NAME, "--hub", str(station.hub.place.configuration),
             "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:01:00Z"]
        )  # fmt: skip

    assert status == 1
    assert "refused: waveform from 2026-01-01T00:00:00+00:00" in capsys.readouterr().out
