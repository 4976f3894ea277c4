"""The hub's doctor: a sound hub is called sound, and each thing that is broken is named with its remedy."""

from __future__ import annotations

import json
import random
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hub.city_file import CITIES
from hub.config import ApiTable, BrokerTable, StoreTable
from hub.doctor import (
    Check,
    check_address,
    check_broker,
    check_city,
    check_disk,
    check_influx,
    check_password_file,
    check_store,
    examine,
)
from hub.schema import open_writer
from provisioning.access import HUB_USER
from provisioning.device import provision_hub
from provisioning.toml_text import toml_text
from simulators import brokers, programs
from tests.provisioning.mqtt import Client
from tests.provisioning.running import KINDS, Running, running_broker

CITY = str(CITIES / "ota.toml")


@pytest.fixture(scope="module", params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_broker(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


def hub_file(broker: Running, folder: Path) -> Path:
    password = provision_hub(folder / "hub", broker.directory, random.Random(5).randbytes)
    table = {
        "city": CITY,
        "broker": {"port": broker.server.port, "username": HUB_USER, "password_file": str(password)},
        "store": {"path": str(folder / "hub" / "hub.sqlite")},
        "api": {"port": 0},
    }
    path = folder / "hub.toml"
    path.write_text(toml_text(table))
    return path


def wrong(checks: list[Check]) -> list[Check]:
    return [each for each in checks if each.outcome != "ok"]


def test_a_sound_hub_has_nothing_to_mend_before_and_after_its_first_start(broker: Running, tmp_path: Path) -> None:
    path = hub_file(broker, tmp_path)

    before = examine(path)
    database = open_writer(tmp_path / "hub" / "hub.sqlite")
    during = examine(path)
    database.close()

    assert wrong(before) == []
    assert wrong(during) == []
    assert [each.name for each in before] == [
        "configuration", "city", "store", "disk", "password file", "broker", "login", "topics", "address",
    ]  # fmt: skip


def test_findings_are_json_for_programs(broker: Running, tmp_path: Path) -> None:
    told = json.loads(msgspec.json.encode(examine(hub_file(broker, tmp_path))))

    assert {each["outcome"] for each in told} == {"ok"}


def test_a_mistyped_key_is_named_with_its_neighbour(broker: Running, tmp_path: Path) -> None:
    path = hub_file(broker, tmp_path)
    path.write_text(path.read_text().replace("password_file", "pasword_file"))

    (check,) = examine(path)

    assert "did you mean 'password_file'?" in check.says


def test_every_problem_of_the_city_is_a_finding_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "city.toml"
    text = Path(CITY).read_text(encoding="utf-8")
    file.write_text(text.replace('facility = "honcho"', 'facility = "nowhere"').replace('["mon", "thu"]', '["mon"]'))

    found = check_city(str(file))
    (absent,) = check_city(str(tmp_path / "none.toml"))
    (unset,) = check_city("")

    assert len(found) == text.count('facility = "honcho"') > 1
    assert all("facility 'nowhere' is not known" in each.says for each in found)
    assert "cannot be read" in absent.says
    assert unset.outcome == "fail"


def test_a_store_that_is_rubbish_or_of_a_newer_hub_is_named(tmp_path: Path) -> None:
    rubbish, newer = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    rubbish.write_bytes(b"not a database, but long enough to look at" * 100)
    open_writer(newer).close()
    database = sqlite3.connect(newer)
    database.execute("PRAGMA user_version = 99")
    database.close()
    (tmp_path / "file").write_text("")

    found = [check_store(path) for path in (rubbish, newer, tmp_path / "file" / "hub.sqlite")]

    assert [each.outcome for each in found] == ["fail", "fail", "fail"]
    assert "damaged" in found[0].says
    assert "newer hub" in found[1].says
    assert "is no folder" in found[2].says


def test_a_disk_is_measured_where_the_store_will_lie(tmp_path: Path) -> None:
    check = check_disk(tmp_path / "not" / "yet")

    assert str(tmp_path) in check.says
    assert check_disk(Path("/proc/self")).outcome == "fail"


def test_a_wrong_password_is_told_from_an_absent_broker(broker: Running, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wrong\n")
    table = BrokerTable(port=broker.server.port, username=HUB_USER, password_file=str(tmp_path / "secret"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        absent = list(check_broker(BrokerTable(port=free.getsockname()[1]), 5))

    refused = list(check_broker(table, 5))

    assert [(each.name, each.outcome) for each in refused] == [("broker", "ok"), ("login", "fail")]
    assert [(each.name, each.outcome) for each in absent] == [("broker", "fail")]


def test_a_hub_under_a_devices_user_is_told_where_the_broker_says_so(broker: Running, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(broker.secret("truck-01"))
    table = BrokerTable(port=broker.server.port, username="truck-01", password_file=str(tmp_path / "secret"))

    checks = list(check_broker(table, 5))

    # Mosquitto grants every subscription and serves none that is refused: it cannot be asked.
    assert checks[-1].outcome == {"nats": "fail", "mosquitto": "ok"}[broker.kind]


def test_the_doctor_does_not_push_the_hubs_connection_out(broker: Running, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(broker.secret(HUB_USER))
    table = BrokerTable(port=broker.server.port, username=HUB_USER, password_file=str(tmp_path / "secret"))
    with Client(broker.server.port, HUB_USER, broker.secret(HUB_USER), client_id=table.client_id) as hub:
        checks = list(check_broker(table, 5))
        hub.say("machikado/v1/x", b"still here")

        lost = hub.lost

    assert checks[-1].outcome == "ok"
    assert lost == 0


def test_an_address_that_another_program_has_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        taken = check_address(ApiTable(port=other.getsockname()[1]), 0.3)

    assert taken.outcome == "fail"
    assert check_address(ApiTable(port=0), 0.3).outcome == "ok"
    assert check_address(ApiTable(port=70_000), 0.3).outcome == "fail"


def test_an_influxdb_that_is_not_there_is_named_and_none_is_asked_for_with_sqlite() -> None:
    store = StoreTable(path="x", kind="influx", influx_url="http://127.0.0.1:1")

    (absent,) = check_influx(store, 1)
    (nonsense,) = check_influx(msgspec.structs.replace(store, influx_url="file:///etc/passwd"), 1)

    assert absent.outcome == "fail"
    assert "no http address" in nonsense.says
    assert list(check_influx(StoreTable(path="x"), 1)) == []


def test_a_running_influxdb_is_greeted_by_its_version(tmp_path: Path) -> None:
    if programs.INFLUXD_DEBIAN.path() is None:
        pytest.skip(f"InfluxDB is not installed: {programs.INFLUXD_DEBIAN.install}")
    with brokers.influxdb_1_6(tmp_path) as server:
        store = StoreTable(path="x", kind="influx", influx_url=f"http://127.0.0.1:{server.port}")

        (check,) = check_influx(store, 5)

    assert (check.outcome, "InfluxDB 1." in check.says) == ("ok", True)


def test_a_secret_that_others_may_read_or_that_is_empty_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x\n")
    file.chmod(0o644)
    open_to_all = check_password_file(BrokerTable(password_file=str(file)))
    file.write_text("\n")

    assert (open_to_all.outcome, open_to_all.mend) == ("warn", f"chmod 600 {file}")
    assert check_password_file(BrokerTable(password_file=str(file))).outcome == "fail"
    assert check_password_file(BrokerTable(password_file=str(tmp_path / "none"))).outcome == "fail"


def test_whatever_is_wrong_has_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "hub.toml"
    broker = {"port": 1, "password_file": str(tmp_path / "none")}
    path.write_text(
        toml_text({"broker": broker, "store": {"path": str(tmp_path / "file" / "x")}, "api": {"host": "192.0.2.1"}})
    )

    found = wrong(examine(path, 1))

    assert {each.name for each in found} >= {"city", "store", "password file", "broker", "address"}
    assert all(each.mend and "\n" not in each.says for each in found)
