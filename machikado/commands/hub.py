"""``machikado hub``: ingest, store, judgement, status API and pages."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from machikado.numbers import WAIT_S, whole

HELP = "Run the hub, set its InfluxDB up, give a device another configuration, or ask it for a waveform."

SEE_DEPLOY = "see deploy/ for one that works"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser(
        "run", help="run until Ctrl-C", description="Run the hub until Ctrl-C: ingest, store, judgement, API and pages."
    )
    run.add_argument("config", type=Path, metavar="HUB.toml", help=SEE_DEPLOY)
    run.set_defaults(run=_run)
    _add_setup_influx(actions)
    _add_configure(actions)
    _add_keep(actions)
    _add_backup(actions)
    restored = actions.add_parser(
        "restored",
        help="say that the hub's file came from a backup",
        description="For a file that was put back by other means than 'hub restore': stop the hub, put its file back, run "
        "this, start the hub. The devices then send again what the backup lacks, as far as they still hold it, and declare "
        "the rest lost.",
    )
    restored.add_argument("config", type=Path, metavar="HUB.toml", help=SEE_DEPLOY)
    restored.set_defaults(run=_restored)


def _add_backup(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    backup = actions.add_parser(
        "backup",
        help="copy the hub's files while it runs",
        description="Make a consistent copy of the hub's files in a new folder, running or not, and check it. What InfluxDB "
        "holds is not in it; the command for that is printed. The files of blobs are not in it either: they never change, "
        "copy their folder.",
    )
    backup.add_argument("config", type=Path, metavar="HUB.toml", help=SEE_DEPLOY)
    backup.add_argument("destination", type=Path, metavar="DEST", help="a folder that is not there yet")
    backup.add_argument("--json", action="store_true", help="the manifest as JSON")
    backup.set_defaults(run=_backup)
    restore = actions.add_parser(
        "restore",
        help="put a backup in the place of the hub's files",
        description="With the hub stopped: check a backup, keep what stands there under another name, and put the backup "
        "in its place. Start the hub then: the devices send again what the backup lacks, as far as they still hold it, and "
        "declare the rest lost.",
    )
    restore.add_argument("config", type=Path, metavar="HUB.toml", help=SEE_DEPLOY)
    restore.add_argument("backup", type=Path, metavar="BACKUP", help="a folder that 'hub backup' made")
    restore.add_argument("--json", action="store_true", help="what was done as JSON")
    restore.set_defaults(run=_restore)


def _add_setup_influx(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    setup = actions.add_parser(
        "setup-influx",
        help="make database or buckets and their retention",
        description="Create what the hub needs in InfluxDB (1.x or 2.x) and correct what differs. Running it again "
        "changes nothing.",
    )
    setup.add_argument("config", type=Path, metavar="HUB.toml", help=SEE_DEPLOY)
    setup.add_argument(
        "--keep-days", type=whole(0, 36_500), default=0, metavar="D", help="records; 0 for ever (default)"
    )
    setup.add_argument(
        "--keep-rollup-days", type=whole(0, 36_500), default=0, metavar="D", help="aggregates; 0 for ever (default)"
    )
    setup.add_argument("--json", action="store_true", help="what was done as JSON")
    setup.set_defaults(run=_setup_influx)


def _add_configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    configure = actions.add_parser(
        "configure",
        help="give a device another [pipeline]",
        description="Publish a desired configuration (retained). The device checks it, tries it for half a minute, and "
        "adopts it or goes back to the one before; it reports which.",
    )
    configure.add_argument("device", metavar="DEVICE", help="the device's name")
    configure.add_argument(
        "--pipeline", type=Path, required=True, metavar="FILE", help="TOML: a [pipeline] table, or a whole DEVICE.toml"
    )
    configure.add_argument("--hub", type=Path, required=True, metavar="HUB.toml", help="for broker and password")
    configure.add_argument(
        "--wait",
        type=WAIT_S,
        default=0.0,
        metavar="S",
        help="wait so long for the device's report (try 60; default: 0)",
    )
    configure.add_argument("--json", action="store_true", help="revision and outcome as JSON")
    configure.set_defaults(run=_configure)


def _add_keep(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    keep = actions.add_parser(
        "keep",
        help="ask a device for the raw waveform of some time",
        description="Ask a device to send what it observed between two times and still holds. It arrives as a blob: see "
        "/api/v1/devices/DEVICE/blobs. Times are RFC 3339, µs since 1970, or ago: --from=-10m.",
    )
    keep.add_argument("device", metavar="DEVICE", help="the device's name")
    keep.add_argument("--from", dest="t_from", required=True, metavar="TIME", help="the beginning")
    keep.add_argument("--to", dest="t_to", default="now", metavar="TIME", help="the end (default: now)")
    keep.add_argument("--hub", type=Path, required=True, metavar="HUB.toml", help="for broker and password")
    keep.add_argument("--wait", type=WAIT_S, default=10.0, metavar="S", help="wait so long for the reply (default: 10)")
    keep.add_argument("--json", action="store_true", help="the reply as JSON")
    keep.set_defaults(run=_keep)


def _run(arguments: argparse.Namespace) -> int:
    from hub.main import run

    run(arguments.config)
    return 0


def _setup_influx(arguments: argparse.Namespace) -> int:
    from hub.main import setup_influx
    from hub.store.influx_setup import Retentions

    done = setup_influx(arguments.config, Retentions(arguments.keep_days, arguments.keep_rollup_days))
    if arguments.json:
        print(json.dumps({"generation": done.generation, "changed": done.changed}))
        return 0
    print("\n".join(done.changed) if done.changed else f"InfluxDB {done.generation}.x: everything is there already")
    return 0


def _backup(arguments: argparse.Namespace) -> int:
    import msgspec

    from hub.main import back_up

    made = back_up(arguments.config, arguments.destination)
    if arguments.json:
        print(msgspec.json.encode(made).decode())
        return 0
    print(f"{arguments.destination}: {made.accounted} records of {made.devices} devices, generation {made.generation}")
    if made.store == "influx":
        print(
            "The readings are InfluxDB's: back them up now, after the books and never before. InfluxDB 1.x:\n"
            f"  influxd backup -portable -db DATABASE {arguments.destination}/influxdb\n"
            f"2.x:\n  influx backup --bucket BUCKET {arguments.destination}/influxdb"
        )
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from hub.main import restore

    done = restore(arguments.config, arguments.backup)
    aside = "" if done.aside is None else str(done.aside)
    if arguments.json:
        print(json.dumps({"generation": done.generation, "records": done.manifest.accounted, "aside": aside}))
        return 0
    print(
        f"generation {done.generation}: {done.manifest.accounted} records are back; start the hub, the devices will see it"
    )
    if aside:
        print(f"what stood there: {aside}")
    return 0


def _restored(arguments: argparse.Namespace) -> int:
    from hub.main import raise_generation

    print(f"generation {raise_generation(arguments.config)}: start the hub, the devices will see it")
    return 0


def _configure(arguments: argparse.Namespace) -> int:
    from hub.main import configure_device

    revision, report = configure_device(arguments.hub, arguments.device, arguments.pipeline, arguments.wait)
    if report is not None:
        outcome, reason = str(report.outcome), report.reason
    elif arguments.wait > 0:
        outcome, reason = (
            "no_report",
            f"nothing heard within {arguments.wait:g} s; the device finds it when it connects",
        )
    else:
        outcome, reason = "published", ""
    if arguments.json:
        print(json.dumps({"device": arguments.device, "revision": revision, "outcome": outcome, "reason": reason}))
    else:
        print(f"{arguments.device}: revision {revision}: {outcome}" + (f": {reason}" if reason else ""))
    return 1 if outcome in ("refused", "rolled_back", "no_report") else 0


def _keep(arguments: argparse.Namespace) -> int:
    from hub.main import keep_of_device

    reply = keep_of_device(arguments.hub, arguments.device, arguments.t_from, arguments.t_to, arguments.wait)
    outcome, reason = ("no_reply", "is it connected?") if reply is None else (reply.outcome, reply.reason)
    blob = None if reply is None else reply.blob
    if arguments.json:
        print(json.dumps({"device": arguments.device, "outcome": outcome, "reason": reason, "blob": blob}))
    else:
        print(f"{arguments.device}: {outcome}" + (f": {reason}" if reason else "") + (f": blob {blob}" if blob else ""))
    return 0 if outcome == "done" else 1
