"""The files of ``deploy/one-machine``: broker and hub on one Debian machine, from the same builders as everything else.

``write`` writes them again after a builder has changed; a test holds folder and builders together.
"""

from __future__ import annotations

from pathlib import Path

from provisioning import mosquitto
from provisioning.access import HUB_USER
from provisioning.compose import OURS, Node, compose_text, service
from provisioning.device import PASSWORD_FILE
from provisioning.register import MOSQUITTO_ACCESS, MOSQUITTO_PASSWORDS
from provisioning.toml_text import toml_text
from provisioning.units import broker_unit, hub_unit

PROGRAM = "/opt/machikado/bin/machikado"
NATS_PROGRAM = "/opt/machikado/bin/nats-server"
SETTINGS = Path("/etc/machikado")
MOSQUITTO_FOLDER = Path("/etc/mosquitto")


HUB_STATE = "/var/lib/machikado/hub"
MOSQUITTO_IMAGE: dict[str, Node] = {"image": "eclipse-mosquitto:2"}
ON_HOST: dict[str, Node] = {"network_mode": "host"}
"""A container on the machine's own network, so that the same addresses hold as without containers."""
MOSQUITTO_MOUNTS = (
    "./mosquitto.conf:/etc/mosquitto/mosquitto.conf:ro",
    *(f"/etc/mosquitto/{name}:/etc/mosquitto/{name}:ro" for name in (MOSQUITTO_PASSWORDS, MOSQUITTO_ACCESS)),
    "mosquitto:/var/lib/mosquitto",
)


def hub_mounts(config: str, volume: str) -> tuple[str, ...]:
    """What a hub's container sees: its settings from this folder, city and secret from the machine, and its state."""
    own = tuple(f"{SETTINGS / 'hub' / name}" for name in ("city.toml", PASSWORD_FILE))
    return (
        f"./{config}:{SETTINGS / 'hub' / 'hub.toml'}:ro",
        *(f"{path}:{path}:ro" for path in own),
        f"{volume}:{HUB_STATE}",
    )


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
        "store": {"path": f"{HUB_STATE}/hub.sqlite"},
        "api": {"host": "127.0.0.1", "port": 8000},
    }


def files() -> dict[str, str]:
    """Every generated file of the folder by name."""
    hub = str(SETTINGS / "hub" / "hub.toml")
    services = {
        "mosquitto": service(
            "mosquitto -c /etc/mosquitto/mosquitto.conf", MOSQUITTO_MOUNTS, (), MOSQUITTO_IMAGE | ON_HOST
        ),
        "hub": service(
            f"machikado hub run {hub}",
            hub_mounts("hub.toml", "hub"),
            ("mosquitto",),
            OURS | ON_HOST,
        ),
    }
    return {
        "mosquitto.conf": mosquitto.configuration(mosquitto_settings()),
        "hub.toml": toml_text(hub_table(), "The hub of one machine; every setting that is not here has its default."),
        "machikado-hub.service": hub_unit(PROGRAM, hub, ("mosquitto.service", "machikado-broker.service")),
        "machikado-broker.service": broker_unit(NATS_PROGRAM, str(SETTINGS / "broker" / "nats-server.conf")),
        "compose.yaml": compose_text(services, ("mosquitto", "hub")),
    }


def write(folder: Path) -> None:
    """Write the generated files into ``folder``."""
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
