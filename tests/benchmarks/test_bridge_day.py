"""The benchmark of a bridge's day: its configuration is the documented one, and its line counts what MQTT carries."""

from __future__ import annotations

from pathlib import Path

from benchmarks.bridge_day import metered
from benchmarks.bridge_day_process import agent, pipeline
from benchmarks.girder_recording import girder_recording
from edge.config import parse
from provisioning.toml_text import toml_text

MINUTES = 13


def test_the_page_on_devices_has_a_bridge_on_a_metered_line() -> None:
    loaded = parse(metered())

    assert loaded.config.link.linger_s == loaded.config.agent.health_every_s == 600.0


def test_a_metered_bridge_sends_everything_in_few_messages(tmp_path: Path) -> None:
    recording = girder_recording(tmp_path / "girder.rec", MINUTES * 60.0)
    table = metered()
    table["outbox"]["path"] = str(tmp_path / "outbox.sqlite")
    table["pipeline"]["passages"] = {"on": 1e6}
    device = tmp_path / "DEVICE.toml"
    device.write_text(toml_text(table, "A bridge on a metered line."), encoding="utf-8")

    sent = agent(recording, device, MINUTES * 60.0)

    assert sent["messages"]["up"] <= 12
    assert {"BridgeVibration", "BridgeSpectrum", "BridgeMode", "Health"} <= set(sent["lines"])
    assert sum(sent["bytes"].values()) < sum(sent["lines"].values())
    assert pipeline(recording)["records"] > 100
