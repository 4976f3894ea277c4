"""The files of ``deploy/one-machine``: broker and hub on one Debian machine, from the same builders as everything else.

``write`` writes them again after a builder has changed; a test holds folder and builders together.
"""

from __future__ import annotations

from pathlib import Path

from provisioning import mosquitto
from provisioning.access import HUB_USER
from provisioning.device import PASSWORD_FILE
from provisioning.register import MOSQUITTO_ACCESS, MOSQUITTO_PASSWORDS
from provisioning.toml_text import toml_text
from provisioning.units import broker_unit, hub_unit

PROGRAM = "/opt/machikado/bin/machikado"
NATS_PROGRAM = "/opt/machikado/bin/nats-server"
SETTINGS = Path("/etc/machikado")
MOSQUITTO_FOLDER = Path("/etc/mosquitto")


def mosquitto_settings(folder: Path = MOSQUITTO_FOLDER) -> mosquitto.MosquittoSettings:
    """Mosquitto for all devices in reach, with its password and access files in ``folder``."""
    return mosquitto.MosquittoSettings(
        host="0.0.0.0",
        port=1883,
        directory="/var/lib/mosquitto",
        password_file=str(folder / MOSQUITTO_PASSWORDS),
        access_file=str(folder / MOSQUITTO_ACCESS),
    )


def hub_table() -> dict[str, object]:
    """The hub's configuration on the same machine as its broker, its pages for this machine only."""
    return {
        "city": str(SETTINGS / "hub" / "city.toml"),
        "broker": {
            "host": "127.0.0.1",
            "port": 1883,
            "username": HUB_USER,
            "password_file": str(SETTINGS / "hub" / PASSWORD_FILE),
        },
        "store": {"path": "/var/lib/machikado/hub/hub.sqlite"},
        "api": {"host": "127.0.0.1", "port": 8000},
    }


def files() -> dict[str, str]:
    """Every generated file of the folder by name."""
    hub = str(SETTINGS / "hub" / "hub.toml")
    return {
        "mosquitto.conf": mosquitto.configuration(mosquitto_settings()),
        "hub.toml": toml_text(hub_table(), "The hub of one machine; every setting that is not here has its default."),
        "machikado-hub.service": hub_unit(PROGRAM, hub, ("mosquitto.service", "machikado-broker.service")),
        "machikado-broker.service": broker_unit(NATS_PROGRAM, str(SETTINGS / "broker" / "nats-server.conf")),
    }


def write(folder: Path) -> None:
    """Write the generated files into ``folder``."""
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
