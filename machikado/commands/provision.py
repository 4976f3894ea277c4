"""``machikado provision``: a device's or the hub's identity, secret, configuration and service unit."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from edge.contract.families import FAMILIES

HELP = "Give a device (or the hub) its identity, its secret, its configuration and its service unit."

EPILOG = """\
  machikado provision hub
  machikado provision device kamata-bridge --family bridge --broker hub.example:1883 --kind mosquitto

Doing it again keeps the secret and takes over what changed; a DEVICE.toml that you edited
stays as it is. The broker must then read its files again (SIGHUP)."""

REGISTER_HELP = "folder of the broker's register, which holds all secrets (default: %(default)s)"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    actions = parser.add_subparsers(dest="action", required=True, metavar="WHAT")
    device = actions.add_parser("device", help="one device", description="Write DEVICE.toml, broker.password and unit.")
    device.add_argument("name", metavar="NAME", help="1–32 of a–z, 0–9 and hyphen, e.g. kamata-bridge")
    device.add_argument("--family", required=True, metavar="F", help=", ".join(FAMILIES))
    device.add_argument(
        "--broker", default="127.0.0.1:1883", metavar="HOST:PORT",
        help="as the device sees it; the nodes of a cluster with commas between them (default: %(default)s)",
    )  # fmt: skip
    device.add_argument("--kind", choices=("nats", "mosquitto"), help="also write this broker's own files")
    device.add_argument("--out", type=Path, metavar="DIR", help="folder of its files (default: var/devices/NAME)")
    device.add_argument("--register", type=Path, default=Path("var/broker"), metavar="DIR", help=REGISTER_HELP)
    device.add_argument(
        "--from", type=Path, dest="settings", metavar="SETTINGS.toml",
        help="its [[source]] and [pipeline], [link], [clock], [agent] (default: the family's, with a port to fill in)",
    )  # fmt: skip
    device.add_argument("--renew", action="store_true", help="draw a new secret")
    device.add_argument(
        "--replace", action="store_true", help="write a DEVICE.toml that was edited anew; the old is kept as .before"
    )  # fmt: skip
    device.add_argument("--json", action="store_true", help="print the files' paths as JSON")
    device.set_defaults(run=_device)
    hub = actions.add_parser("hub", help="the hub's user", description="Write the hub's broker.password.")
    hub.add_argument("--out", type=Path, default=Path("var/hub"), metavar="DIR", help="default: %(default)s")
    hub.add_argument("--register", type=Path, default=Path("var/broker"), metavar="DIR", help=REGISTER_HELP)
    hub.add_argument("--renew", action="store_true", help="draw a new secret")
    hub.add_argument("--json", action="store_true", help="print the file's path as JSON")
    hub.set_defaults(run=_hub)
    nodes = actions.add_parser(
        "nodes",
        help="the nodes of a NATS cluster",
        description="Write nats-users.conf, which the configuration of every node includes: users, and the nodes' own.",
    )
    nodes.add_argument(
        "routes", nargs="+", metavar="HOST:PORT", help="each node's address for the others, e.g. n1:6222"
    )
    nodes.add_argument("--register", type=Path, default=Path("var/broker"), metavar="DIR", help=REGISTER_HELP)
    nodes.add_argument("--json", action="store_true", help="print the file's path as JSON")
    nodes.set_defaults(run=_nodes)


def _device(arguments: argparse.Namespace) -> int:
    from provisioning.main import Wanted, device, has_placeholder

    done = device(
        Wanted(
            name=arguments.name,
            family=arguments.family,
            broker=arguments.broker,
            kind=arguments.kind,
            out=arguments.out or Path("var/devices") / arguments.name,
            register=arguments.register,
            settings=arguments.settings,
            renew=arguments.renew,
            replace=arguments.replace,
        )
    )
    unfinished = has_placeholder(done.config)
    if arguments.json:
        paths = {"config": str(done.config), "password_file": str(done.password_file), "unit": str(done.unit)}
        print(
            json.dumps(
                {"name": done.name, "family": done.family, **paths, "port_to_fill_in": unfinished, "kept": done.kept}
            )
        )
        return 0
    for what, path in (("settings", done.config), ("secret", done.password_file), ("service", done.unit)):
        print(f"{what:<9}{os.fspath(path)}")
    if done.kept:
        print("kept     the settings, as they were edited; --replace writes them anew and keeps the old beside them")
    if unfinished:
        print(f"next     put the real port in the place of CHANGE-ME in {done.config}")
    print(f"check    machikado doctor --device {done.config}")
    return 0


def _nodes(arguments: argparse.Namespace) -> int:
    from provisioning.main import nodes

    path = nodes(arguments.register, arguments.routes)
    print(json.dumps({"users": str(path)}) if arguments.json else f"users    {path}")
    return 0


def _hub(arguments: argparse.Namespace) -> int:
    from provisioning.main import hub

    path = hub(arguments.out, arguments.register, arguments.renew)
    print(json.dumps({"password_file": str(path)}) if arguments.json else f"secret   {path}")
    return 0
