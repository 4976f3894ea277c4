"""A device provisioned: files that the agent reads, secrets that stay, names that are refused."""

from __future__ import annotations

import base64
import random
import re
import stat
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge import config as edge_config
from provisioning import mosquitto, nats
from provisioning.access import HUB_USER
from provisioning.broker import BrokerPlace, set_up_broker
from provisioning.device import Broker, DeviceRequest, provision_device, provision_hub, read_settings
from provisioning.errors import ProvisioningError
from provisioning.register import (
    MOSQUITTO_ACCESS,
    MOSQUITTO_PASSWORDS,
    REGISTER_FILE,
    enrol,
    read_register,
    write_mosquitto,
    write_nats,
    write_private,
)
from simulators import programs

SOURCES: list[dict[str, Any]] = [
    {"kind": "gpsd", "name": "gnss", "port": 2947},
    {"kind": "serial", "path": "/dev/ttyUSB0"},
]


def request(folder: Path, **changes: Any) -> DeviceRequest:
    wanted = DeviceRequest(
        name="truck-01",
        family="truck",
        out_dir=folder / "truck-01",
        broker=Broker(host="10.0.0.5", port=1884),
        sources=SOURCES,
        pipeline={"stop_radius_m": 25.0, "points": [{"code": "kb1", "lat_deg": 35.5}]},
        clock={"trust": "system"},
    )
    return msgspec.structs.replace(wanted, **changes)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_agent_reads_the_configuration_that_was_written(tmp_path: Path) -> None:
    done = provision_device(request(tmp_path), tmp_path / "broker", random.Random(1).randbytes)

    raw = tomllib.loads(done.config.read_text())
    config: edge_config.DeviceConfig = edge_config.convert(raw, edge_config.DeviceConfig, "")

    assert (config.device.name, config.device.family) == ("truck-01", "truck")
    assert (config.hub.host, config.hub.port, config.hub.username) == ("10.0.0.5", 1884, "truck-01")
    assert Path(config.hub.password_file) == done.password_file
    assert config.clock.trust == "system"
    assert config.source == SOURCES
    assert config.pipeline == request(tmp_path).pipeline


def test_paths_are_those_of_the_device_when_it_is_provisioned_elsewhere(tmp_path: Path) -> None:
    there = request(tmp_path, config_dir=Path("/etc/machikado/truck-01"), state_dir=Path("/var/lib/machikado/truck-01"))

    done = provision_device(there, tmp_path / "broker", random.Random(1).randbytes)
    raw = tomllib.loads(done.config.read_text())
    unit = done.unit.read_text()

    assert raw["hub"]["password_file"] == "/etc/machikado/truck-01/broker.password"
    assert raw["outbox"]["path"] == "/var/lib/machikado/truck-01/outbox.sqlite"
    assert "agent run /etc/machikado/truck-01/DEVICE.toml" in unit
    assert "ReadWritePaths" not in unit


def test_every_file_is_its_owners_only_and_the_secret_stands_in_one(tmp_path: Path) -> None:
    done = provision_device(request(tmp_path), tmp_path / "broker", random.Random(1).randbytes)

    secret = done.password_file.read_text().strip()

    assert len(secret) == 32
    assert {
        mode(path) for path in (done.config, done.password_file, done.unit, tmp_path / "broker" / REGISTER_FILE)
    } == {0o600}
    assert secret not in done.config.read_text() + done.unit.read_text()


def test_provisioning_again_changes_nothing(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes
    first = provision_device(request(tmp_path), tmp_path / "broker", random_bytes)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    second = provision_device(request(tmp_path), tmp_path / "broker", random_bytes)

    assert first == second
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_renewing_gives_a_new_secret_to_this_device_only(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes
    other = enrol(tmp_path / "broker", "truck-02", random_bytes)
    old = provision_device(request(tmp_path), tmp_path / "broker", random_bytes).password_file.read_text()

    new = provision_device(request(tmp_path), tmp_path / "broker", random_bytes, renew=True).password_file.read_text()

    users = read_register(tmp_path / "broker").users
    assert new != old
    assert users["truck-01"].secret == new.strip()
    assert users["truck-02"].secret == other


def test_a_changed_setting_keeps_the_secret(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes
    old = provision_device(request(tmp_path), tmp_path / "broker", random_bytes)
    secret = old.password_file.read_text()

    new = provision_device(request(tmp_path, broker=Broker(host="10.0.0.9")), tmp_path / "broker", random_bytes)

    assert new.password_file.read_text() == secret
    assert tomllib.loads(new.config.read_text())["hub"]["host"] == "10.0.0.9"


def edited(path: Path) -> str:
    """Fill in what the owner knows."""
    path.write_text(path.read_text().replace("/dev/ttyUSB0", "/dev/i2c-1"))
    return path.read_text()


def test_a_configuration_that_was_edited_stays_and_its_secret_can_be_renewed(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes
    first = provision_device(request(tmp_path), tmp_path / "broker", random_bytes)
    secret, by_hand = first.password_file.read_text(), edited(first.config)

    again = provision_device(
        request(tmp_path, broker=Broker(host="10.0.0.9")), tmp_path / "broker", random_bytes, renew=True
    )

    assert (first.kept, again.kept) == (False, True)
    assert again.config.read_text() == by_hand
    assert again.password_file.read_text() != secret
    assert "SupplementaryGroups=i2c\n" in again.unit.read_text()


def test_a_replaced_configuration_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes
    first = provision_device(request(tmp_path), tmp_path / "broker", random_bytes)
    written, by_hand = first.config.read_text(), edited(first.config)

    again = provision_device(request(tmp_path), tmp_path / "broker", random_bytes, replace=True)

    assert not again.kept
    assert again.config.read_text() == written
    assert again.config.with_name("DEVICE.toml.before").read_text() == by_hand


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: text, "is the configuration of 'truck-01', family 'truck'; wanted 'truck-01', family 'bridge'"),
        (lambda text: text.replace("truck-01", "truck-07"), "is the configuration of 'truck-07'"),
        (lambda text: text + "[hub", "was edited and is not TOML"),
        (lambda text: "", "is the configuration of None"),
    ],
)
def test_another_devices_configuration_is_refused_before_anything_is_written(
    tmp_path: Path, spoil: Callable[[str], str], says: str
) -> None:
    random_bytes = random.Random(1).randbytes
    first = provision_device(request(tmp_path), tmp_path / "broker", random_bytes)
    first.config.write_text(spoil(first.config.read_text()))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(ProvisioningError, match=re.escape(says)):
        provision_device(request(tmp_path, family="bridge"), tmp_path / "broker", random_bytes, renew=True)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "Truck 1"}, "device name 'Truck 1': wanted 1–48 of a–z"),
        ({"name": "hub."}, "device name 'hub.'"),
        ({"name": "../etc"}, "device name '../etc'"),
        ({"name": "a\nuser b"}, "device name 'a\\nuser b'"),
        ({"family": "tram"}, "family 'tram': wanted one of bridge, truck, gate, kiosk, counter"),
        ({"broker": Broker(port=0)}, "broker port 0: wanted 1–65535"),
        ({"sources": [{"name": "Front Door"}]}, "source name 'Front Door'"),
        ({"pipeline": {"reach_m": None}}, "TOML has no NoneType"),
    ],
)
def test_a_bad_request_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(ProvisioningError) as refusal:
        provision_device(request(tmp_path, **changes), tmp_path / "broker", random.Random(1).randbytes)

    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.rglob("*.toml"))
    assert not list(tmp_path.rglob("*.password"))


def test_the_hub_gets_a_user_that_no_device_can_be_called(tmp_path: Path) -> None:
    path = provision_hub(tmp_path / "hub", tmp_path / "broker", random.Random(1).randbytes)

    assert path.read_text().strip() == read_register(tmp_path / "broker").users[HUB_USER].secret
    assert mode(path) == 0o600


def test_the_brokers_files_are_the_same_each_time_and_their_owners_only(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes
    enrol(tmp_path, "truck-01", random_bytes)
    passwords, access = tmp_path / MOSQUITTO_PASSWORDS, tmp_path / MOSQUITTO_ACCESS
    settings = mosquitto.MosquittoSettings("127.0.0.1", 1883, "/var/lib/x", str(passwords), str(access))
    files = [write_mosquitto(tmp_path, settings), passwords, access]
    files.append(write_nats(tmp_path, nats.NatsSettings("127.0.0.1", 1883, "/var/lib/x")))
    before = [path.read_text() for path in files]

    write_mosquitto(tmp_path, settings)
    write_nats(tmp_path, nats.NatsSettings("127.0.0.1", 1883, "/var/lib/x"))

    assert [path.read_text() for path in files] == before
    assert {mode(path) for path in files} == {0o600}


def test_a_hash_equals_the_one_that_mosquittos_own_tool_makes(tmp_path: Path) -> None:
    if programs.MOSQUITTO.path() is None:
        pytest.skip("Mosquitto is not installed: apt-get install mosquitto")
    file = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(file), "truck-01", "secret"], check=True, timeout=20)
    line = file.read_text().strip()
    salt = line.split("$")[3]

    ours = mosquitto.password_hash("secret", base64.b64decode(salt))

    assert f"truck-01:{ours}" == line


def test_a_damaged_register_is_named_and_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / REGISTER_FILE).write_text('{"users": {"Truck 1": {"secret": "x", "salt": "eA=="}}}')

    with pytest.raises(ProvisioningError, match="not a register"):
        enrol(tmp_path, "truck-01", random.Random(1).randbytes)

    assert "Truck 1" in (tmp_path / REGISTER_FILE).read_text()


def test_a_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(ProvisioningError, match="cannot be written"):
        write_private(tmp_path / "taken" / "x.toml", "a = 1")


def test_a_broker_that_is_set_up_learns_of_every_device_provisioned_after_it(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes
    files = [
        set_up_broker(tmp_path / kind, BrokerPlace(kind=kind, store=str(tmp_path / "store")))
        for kind in ("nats", "mosquitto")
    ]
    access = tmp_path / "mosquitto" / MOSQUITTO_ACCESS

    for directory in (tmp_path / "nats", tmp_path / "mosquitto"):
        provision_device(request(tmp_path), directory, random_bytes)
        provision_hub(tmp_path / "hub", directory, random_bytes)

    assert 'user: "truck-01"' in files[0].read_text()
    assert "user truck-01\n" in access.read_text()
    assert f"user {HUB_USER}\n" in access.read_text()
    assert files[1].read_text().count("password_file") == 1


def test_a_broker_under_an_unknown_account_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ProvisioningError, match="account 'nobody-at-all': not known here"):
        set_up_broker(tmp_path, BrokerPlace(kind="mosquitto", store="/x", account="nobody-at-all"))

    assert list(tmp_path.iterdir()) == []


def test_settings_from_a_file_fill_a_request(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[[source]]\nkind = "nmea"\npath = "/dev/ttyUSB0"\n[clock]\ntrust = "system"\n')

    done = provision_device(
        msgspec.structs.replace(request(tmp_path), **read_settings(file)),
        tmp_path / "broker",
        random.Random(1).randbytes,
    )

    assert tomllib.loads(done.config.read_text())["source"] == [{"kind": "nmea", "path": "/dev/ttyUSB0"}]
    assert "SupplementaryGroups=dialout" in done.unit.read_text()


@pytest.mark.parametrize("text", ["[device]\nname = 'x'", "source = 3", "[[source", "[hub]\nport = 1"])
def test_settings_that_are_not_a_devices_own_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text)

    with pytest.raises(ProvisioningError, match=r"settings\.toml"):
        read_settings(tmp_path / "settings.toml")
