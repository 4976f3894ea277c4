"""The broker set up once, and its files kept in step with the register ever after.

``set_up_broker`` remembers in ``broker.json``, beside the register, which broker it is and where it stands; each change of
the register is then followed by ``refresh_broker``. The broker reads its files again on SIGHUP.
"""

from __future__ import annotations

import pwd
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from provisioning import mosquitto, nats
from provisioning.errors import ProvisioningError
from provisioning.register import (
    MOSQUITTO_ACCESS,
    MOSQUITTO_PASSWORDS,
    write_mosquitto,
    write_nats,
    write_nats_users,
    write_private,
)

BROKER_FILE = "broker.json"

Kind = Literal["nats", "mosquitto", "nats-cluster"]


class BrokerPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which broker, and where.

    Attributes:
        host: address that it listens on; ``127.0.0.1`` for this machine only, ``0.0.0.0`` for all.
        store: folder where it keeps retained states.
        routes: of a cluster, each node's address for the others, ``HOST:PORT``; host, port and store then stand in the
            nodes' own files (``provisioning/nats_cluster.py``).
        account: user that Mosquitto runs as when it is started by root, and who then owns its files; None for the
            account that provisions.
    """

    kind: Kind
    store: str
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 1883
    account: str | None = None
    routes: list[str] = []


def set_up_broker(directory: Path, place: BrokerPlace) -> Path:
    """Remember the broker in ``directory``, write its files, and return its configuration's path.

    Raises:
        ProvisioningError: the account is not known, or a file cannot be read or written.
    """
    _owner(place.account)
    write_private(directory / BROKER_FILE, msgspec.json.format(msgspec.json.encode(place), indent=1).decode() + "\n")
    return _write(directory, place)


def broker_place(directory: Path) -> BrokerPlace | None:
    """The broker that was set up in ``directory``, None when there was none yet.

    Raises:
        ProvisioningError: its file cannot be read.
    """
    path = directory / BROKER_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=BrokerPlace)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ProvisioningError(f"{path}: {problem}; set the broker up again") from problem


def refresh_broker(directory: Path) -> Path | None:
    """Write the broker's files again from the register; None when no broker was set up in ``directory``.

    Raises:
        ProvisioningError: a file cannot be read or written.
    """
    place = broker_place(directory)
    return None if place is None else _write(directory, place)


def _write(directory: Path, place: BrokerPlace) -> Path:
    if place.kind == "nats":
        return write_nats(directory, nats.NatsSettings(place.host, place.port, place.store))
    if place.kind == "nats-cluster":
        return write_nats_users(directory, place.routes)
    here = directory.resolve()
    settings = mosquitto.MosquittoSettings(
        place.host,
        place.port,
        place.store,
        str(here / MOSQUITTO_PASSWORDS),
        str(here / MOSQUITTO_ACCESS),
        user=place.account,
    )
    return write_mosquitto(directory, settings, _owner(place.account))


def _owner(account: str | None) -> int | None:
    if account is None:
        return None
    try:
        return pwd.getpwnam(account).pw_uid
    except KeyError:
        raise ProvisioningError(f"account {account!r}: not known here; install the broker first") from None
