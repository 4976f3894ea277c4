"""Service units that systemd itself accepts and calls well locked up."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.units import agent_unit, broker_unit, hub_unit

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here: apt-get install systemd"
)

STATE = "/var/lib/machikado/truck-01"
UNITS = {
    "agent": agent_unit("truck-01", sys.executable, "/etc/machikado/truck-01/DEVICE.toml", STATE),
    "serial": agent_unit("truck-01", sys.executable, "/etc/machikado/truck-01/DEVICE.toml", STATE, ["/dev/ttyUSB0"]),
    "hub": hub_unit(sys.executable, "/etc/machikado/hub/HUB.toml", ("mosquitto.service",)),
    "broker": broker_unit(sys.executable, "/etc/machikado/broker/nats-server.conf"),
}


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_accepts_the_unit_without_a_word(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"machikado-{name}.service"
    file.write_text(UNITS[name])

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=60
    )

    assert file.name not in done.stderr
    assert done.returncode == 0, done.stderr


@needs_systemd
@pytest.mark.parametrize(("name", "most"), [("agent", 2.0), ("serial", 3.0), ("hub", 2.0), ("broker", 2.0)])
def test_systemd_calls_the_exposure_low(name: str, most: float, tmp_path: Path) -> None:
    file = tmp_path / f"machikado-{name}.service"
    file.write_text(UNITS[name])

    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)

    assert found is not None, done.stderr
    assert float(found[1]) <= most


def test_an_agent_may_still_ask_the_kernel_whether_its_clock_is_right() -> None:
    lines = UNITS["agent"].splitlines()

    assert "ProtectClock=yes" not in lines
    assert lines.index("SystemCallFilter=adjtimex clock_adjtime") > lines.index("SystemCallFilter=~@privileged")


def test_an_agent_starts_without_network_or_time_and_for_ever() -> None:
    unit = UNITS["agent"]

    assert "online" not in unit
    assert "time-sync" not in unit
    assert "Restart=always" in unit
    assert "StartLimitIntervalSec=0" in unit
    assert "WatchdogSec=60" in unit


def test_only_an_agent_with_a_serial_line_sees_devices() -> None:
    assert "PrivateDevices=yes" in UNITS["agent"]
    assert "PrivateDevices" not in UNITS["serial"]
    assert "SupplementaryGroups=dialout" in UNITS["serial"]


def test_a_state_folder_elsewhere_is_opened_by_name() -> None:
    unit = agent_unit("truck-01", "/opt/machikado/bin/machikado", "/srv/t/DEVICE.toml", "/srv/t")

    assert "ReadWritePaths=/srv/t" in unit.splitlines()
