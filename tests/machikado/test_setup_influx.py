"""``hub setup-influx`` on a real InfluxDB: everything once, nothing the second time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from machikado.main import main
from simulators import programs
from simulators.brokers import influxdb_1_8


def test_what_the_hub_needs_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if programs.INFLUXD_1_8.path() is None:
        pytest.skip(f"InfluxDB 1.8.3 is not here: {programs.INFLUXD_1_8.install}")
    hub = tmp_path / "hub.toml"
    with influxdb_1_8() as server:
        hub.write_text(
            f'[store]\npath = "{tmp_path}/hub.sqlite"\nkind = "influx"\n'
            f'influx_url = "http://127.0.0.1:{server.port}"\ninflux_bucket = "machikado/raw"\n'
        )

        first = main(["hub", "setup-influx", str(hub), "--keep-days", "30", "--json"])
        second = main(["hub", "setup-influx", str(hub), "--keep-days", "30", "--json"])

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (first, second) == (0, 0)
    assert told[0]["generation"] == 1
    assert told[0]["changed"][:2] == ["database machikado created", "retention policy raw created: 30d"]
    assert told[1]["changed"] == []
