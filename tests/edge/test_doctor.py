"""The device's doctor: a sound device is called sound, and each thing that is broken is named with its remedy."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import pty
import random
import socket
import sqlite3
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import pytest

from edge.clock import Reading
from edge.config import HubTable
from edge.doctor import (
    Check,
    check_broker,
    check_clock,
    check_disk,
    check_models,
    check_outbox,
    check_password_file,
    check_ports,
    examine,
)
from edge.outbox_schema import connect
from provisioning.device import Broker, DeviceRequest, provision_device
from tests.provisioning.mqtt import Client
from tests.provisioning.running import KINDS, Running, running_broker

RIGHT = Reading(mono_us=1, offset_us=1, quality="synchronised", error_s=0.001)


@pytest.fixture(scope="module", params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_broker(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture
def serial_port() -> Iterator[str]:
    near, far = pty.openpty()
    yield os.ttyname(far)
    os.close(near)
    os.close(far)


def provisioned(broker: Running, folder: Path, serial_port: str) -> Path:
    request = DeviceRequest(
        name="truck-01",
        family="truck",
        out_dir=folder / "truck-01",
        broker=Broker(host="127.0.0.1", port=broker.server.port),
        sources=[{"kind": "nmea", "path": serial_port}],
        quota_mib=1,
    )
    return provision_device(request, broker.directory, random.Random(5).randbytes).config


def hub_table(broker: Running, folder: Path, user: str = "truck-01", secret: str | None = None) -> HubTable:
    file = folder / "secret"
    file.write_text((broker.secret(user) if secret is None else secret) + "\n")
    return HubTable(port=broker.server.port, username=user, password_file=str(file))


def only(checks: list[Check], name: str) -> Check:
    (found,) = (each for each in checks if each.name == name)
    return found


def test_a_sound_device_has_nothing_to_mend(broker: Running, tmp_path: Path, serial_port: str) -> None:
    checks = examine(provisioned(broker, tmp_path, serial_port), RIGHT)

    assert [each for each in checks if each.outcome != "ok"] == []
    assert {"configuration", "outbox", "disk", "clock", "password file", "broker", "login", "topics"} <= {
        each.name for each in checks
    }
    assert only(checks, f"port {serial_port}").outcome == "ok"


def test_findings_are_json_for_programs(broker: Running, tmp_path: Path, serial_port: str) -> None:
    checks = examine(provisioned(broker, tmp_path, serial_port), RIGHT)

    told = json.loads(msgspec.json.encode(checks))

    assert told[0]["name"] == "configuration"
    assert {each["outcome"] for each in told} == {"ok"}


def test_a_mistyped_key_is_named_with_its_neighbour_and_nothing_else_is_tried(
    broker: Running, tmp_path: Path, serial_port: str
) -> None:
    config = provisioned(broker, tmp_path, serial_port)
    config.write_text(config.read_text().replace("quota_mib", "quota_mb"))

    (check,) = examine(config, RIGHT)

    assert check.outcome == "fail"
    assert "quota_mb; did you mean 'quota_mib'?" in check.says
    assert check.mend


def test_a_missing_file_is_one_finding(tmp_path: Path) -> None:
    (check,) = examine(tmp_path / "DEVICE.toml", RIGHT)

    assert (check.name, check.outcome) == ("configuration", "fail")


def test_a_wrong_password_is_told_from_an_absent_broker(broker: Running, tmp_path: Path) -> None:
    wrong = list(check_broker("truck-01", hub_table(broker, tmp_path, secret="wrong"), 5))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        absent = list(check_broker("truck-01", HubTable(port=free.getsockname()[1]), 5))

    assert [(each.name, each.outcome) for each in wrong] == [("broker", "ok"), ("login", "fail")]
    assert "'truck-01'" in wrong[1].says
    assert [(each.name, each.outcome) for each in absent] == [("broker", "fail")]


def test_something_that_is_no_broker_is_found_out_in_bounded_time(tmp_path: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()

        (check,) = check_broker("truck-01", HubTable(port=deaf.getsockname()[1]), 0.3)

    assert "does not speak MQTT" in check.says


def test_a_host_that_does_not_exist_is_one_finding() -> None:
    (check,) = check_broker("truck-01", HubTable(host="no-such-host.invalid"), 1)

    assert (check.name, check.outcome) == ("broker", "fail")


def test_a_device_under_anothers_secret_is_told_where_the_broker_says_so(broker: Running, tmp_path: Path) -> None:
    checks = list(check_broker("bridge-01", hub_table(broker, tmp_path, "truck-01"), 5))

    # Mosquitto grants every subscription and serves none that is refused: it cannot be asked.
    assert checks[-1].outcome == {"nats": "fail", "mosquitto": "ok"}[broker.kind]


def test_the_doctor_does_not_push_the_agents_connection_out(broker: Running, tmp_path: Path) -> None:
    with Client(broker.server.port, "truck-01", broker.secret("truck-01"), client_id="machikado-truck-01") as agent:
        checks = list(check_broker("truck-01", hub_table(broker, tmp_path), 5))
        agent.say("machikado/v1/x", b"still here")

        lost = agent.lost

    assert checks[-1].outcome == "ok"
    assert lost == 0


def test_an_outbox_that_an_agent_uses_is_well(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    agent = connect(path)

    check = check_outbox(path)
    agent.close()

    assert (check.outcome, "in use" in check.says) == ("ok", True)


def test_an_outbox_that_is_rubbish_or_of_a_newer_agent_is_named(tmp_path: Path) -> None:
    rubbish, other, newer = tmp_path / "a.sqlite", tmp_path / "b.sqlite", tmp_path / "c.sqlite"
    rubbish.write_bytes(b"not a database, but long enough to look at" * 100)
    sqlite3.connect(other).close()
    database = sqlite3.connect(newer)
    database.executescript("CREATE TABLE runs (count INTEGER); PRAGMA user_version = 99;")
    database.close()

    found = [check_outbox(path) for path in (rubbish, other, newer)]

    assert [each.outcome for each in found] == ["fail", "fail", "fail"]
    assert "damaged" in found[0].says
    assert "is no outbox" in found[1].says
    assert "newer agent" in found[2].says


def test_an_outbox_whose_folder_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    check = check_outbox(tmp_path / "file" / "outbox.sqlite")

    assert (check.outcome, "is no folder" in check.says) == ("fail", True)


def test_an_outbox_that_this_user_may_not_reach_is_named() -> None:
    near, far = multiprocessing.Pipe()

    stranger = multiprocessing.get_context("fork").Process(target=_look_as_nobody, args=(far,))
    stranger.start()
    told = str(near.recv()) if near.poll(20) else ""
    stranger.join(20)

    assert "cannot be written by this user" in told


def _look_as_nobody(answer: Connection) -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    answer.send(check_outbox(Path("/root/somewhere/outbox.sqlite")).says)


def test_an_outbox_larger_than_the_disk_is_a_warning(tmp_path: Path) -> None:
    assert check_disk(tmp_path, 1e9).outcome == "warn"
    assert check_disk(tmp_path / "not" / "yet", 1).outcome == "ok"


@pytest.mark.parametrize(
    ("reading", "outcome"),
    [
        (RIGHT, "ok"),
        (RIGHT._replace(quality="holdover"), "warn"),
        (Reading(mono_us=1, offset_us=None, quality="unknown", error_s=None), "fail"),
    ],
)
def test_a_clock_is_judged_by_its_quality(reading: Reading, outcome: str) -> None:
    check = check_clock(reading, "ntp")

    assert check.outcome == outcome
    assert bool(check.mend) == (outcome != "ok")


def test_a_port_that_is_not_there_or_is_no_device_is_named(tmp_path: Path) -> None:
    sources: list[dict[str, object]] = [{"path": "/dev/ttyNOPE9"}, {"path": "/dev/shm"}, {"path": "relative/file"}]

    absent, folder = check_ports(sources)

    assert "No such file" in absent.says
    assert "no device" in folder.says


def test_a_model_whose_file_was_changed_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.onnx").write_bytes(b"model")
    (tmp_path / "bad.onnx").write_bytes(b"tampered")
    entry = {"version": "1", "sha256": hashlib.sha256(b"model").hexdigest(), "inputs": [], "outputs": []}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"a": {**entry, "file": "good.onnx"}, "b": {**entry, "file": "bad.onnx"}}))

    good, bad = check_models(manifest)
    (none,) = check_models(tmp_path / "absent.json")

    assert (good.name, good.outcome) == ("model a", "ok")
    assert (bad.outcome, "SHA-256" in bad.says) == ("warn", True)
    assert none.outcome == "warn"


def test_a_secret_that_others_may_read_or_that_is_empty_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x\n")
    file.chmod(0o644)
    open_to_all = check_password_file(HubTable(password_file=str(file)))
    file.write_text("\n")
    empty = check_password_file(HubTable(password_file=str(file)))
    absent = check_password_file(HubTable(password_file=str(tmp_path / "none")))

    assert (open_to_all.outcome, open_to_all.mend) == ("warn", f"chmod 600 {file}")
    assert empty.outcome == "fail"
    assert absent.outcome == "fail"


def test_whatever_is_wrong_has_a_remedy(tmp_path: Path) -> None:
    unknown = Reading(mono_us=1, offset_us=None, quality="unknown", error_s=None)
    (tmp_path / "DEVICE.toml").write_text(
        '[device]\nname = "truck-01"\nfamily = "truck"\n'
        f'[hub]\nport = 1\npassword_file = "{tmp_path}/none"\n'
        f'[outbox]\npath = "{tmp_path}/DEVICE.toml/outbox.sqlite"\n'
        '[[source]]\nkind = "nmea"\npath = "/dev/ttyNOPE9"\n'
    )

    checks = examine(tmp_path / "DEVICE.toml", unknown, 1)
    wrong = [each for each in checks if each.outcome != "ok"]

    assert {"outbox", "clock", "port /dev/ttyNOPE9", "password file", "broker"} <= {each.name for each in wrong}
    assert all(each.mend and "\n" not in each.says for each in wrong)
