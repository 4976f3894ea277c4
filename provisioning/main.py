"""Composition root of provisioning: the only place that draws secrets for it."""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from edge.contract.families import FAMILIES
from provisioning.access import NODES_USER
from provisioning.broker import BrokerPlace, Kind, broker_place, set_up_broker
from provisioning.device import Broker, DeviceRequest, Provisioned, provision_device, provision_hub, read_settings
from provisioning.errors import ProvisioningError
from provisioning.register import enrol

PLACEHOLDER = "CHANGE-ME"
"""Stands in a default where only the place itself can tell the port."""


class Wanted(NamedTuple):
    """What the command line asks for.

    Attributes:
        broker: ``HOST:PORT`` as the device sees it, or several with commas between them.
        kind: the broker to set up beside the register; None leaves that as it is.
        out: folder of the device's files.
        register: folder of the broker's register.
        settings: TOML with the device's sources and tables; None for the family's defaults.
        renew: whether the secret is drawn anew.
        replace: whether a configuration that somebody edited is put aside.
    """

    name: str
    family: str
    broker: str
    kind: Kind | None
    out: Path
    register: Path
    settings: Path | None
    renew: bool
    replace: bool


def device(wanted: Wanted) -> Provisioned:
    """Provision a device, and set the broker up where that is asked for.

    Raises:
        ProvisioningError: something is refused, or a file cannot be written.
    """
    broker = _brokers(wanted.broker)
    tables = default_settings(wanted.family) if wanted.settings is None else read_settings(wanted.settings)
    request = DeviceRequest(name=wanted.name, family=wanted.family, out_dir=wanted.out, broker=broker, **tables)
    done = provision_device(request, wanted.register, secrets.token_bytes, wanted.renew, wanted.replace)
    if wanted.kind is not None:
        _set_up(wanted.register, wanted.kind, broker)
    return done


def hub(out: Path, register: Path, renew: bool) -> Path:
    """Give the hub its user; the file of its secret.

    Raises:
        ProvisioningError: a file cannot be read or written.
    """
    return provision_hub(out, register, secrets.token_bytes, renew)


def nodes(register: Path, routes: list[str]) -> Path:
    """Set a NATS cluster up beside the register; the file that every node includes.

    Raises:
        ProvisioningError: a route is no ``HOST:PORT``, or a file cannot be read or written.
    """
    for route in routes:
        _address(route)
    enrol(register, NODES_USER, secrets.token_bytes)
    before = broker_place(register)
    store = str(register.resolve() / "store") if before is None else before.store
    return set_up_broker(register, BrokerPlace(kind="nats-cluster", store=store, routes=routes))


def default_settings(family: str) -> dict[str, Any]:
    """The sources and the pipeline that a device of a family starts with, ports being ``PLACEHOLDER``.

    Raises:
        ProvisioningError: there is no such family.
    """
    if family not in FAMILIES:
        raise ProvisioningError(f"family {family!r}: wanted one of {', '.join(FAMILIES)}")
    return read_settings(Path(str(files("provisioning") / "defaults" / f"{family}.toml")))


def has_placeholder(config: Path) -> bool:
    """Whether a port in a device's file still has to be filled in."""
    return PLACEHOLDER in config.read_text(encoding="utf-8")


def _brokers(text: str) -> Broker:
    """One broker, or the nodes of a cluster in the order in which they are tried."""
    several = [_address(each.strip()) for each in text.split(",")]
    return several[0] if len(several) == 1 else Broker(host=[f"{each.host}:{each.port}" for each in several])


def _address(text: str) -> Broker:
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, "1883"
    if not host or not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
        raise ProvisioningError(f"broker {text!r}: wanted HOST:PORT, e.g. hub.example:1883")
    return Broker(host=host, port=int(port))


def _set_up(register: Path, kind: Kind, broker: Broker) -> None:
    """A broker that serves more than this machine listens to all; its place is kept when it was set up before."""
    if not isinstance(broker.host, str):
        raise ProvisioningError(f"--kind {kind}: sets one broker up; for the nodes of a cluster: provision nodes")
    here = broker.host in ("127.0.0.1", "localhost", "::1")
    before = broker_place(register)
    place = BrokerPlace(
        kind=kind,
        store=str(register.resolve() / "store") if before is None else before.store,
        host="127.0.0.1" if here else "0.0.0.0",
        port=broker.port,
        account=None if before is None else before.account,
    )
    set_up_broker(register, place)
