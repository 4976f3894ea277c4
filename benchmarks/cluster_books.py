"""What the cluster's ledger bucket and InfluxDB say of a device, read with nats-py and InfluxQL, without the hub's code."""

import asyncio
import json
from typing import Any

import nats
from nats.js.errors import NotFoundError

from benchmarks import influx
from benchmarks.delivery_rig import InfluxDatabase
from tests.chaos.books import Ledger

BUCKET = "machikado_ledger"
STREAM = f"KV_{BUCKET}"
ANSWER_S = 5.0


def read_accounts(urls: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every account in the bucket by device and epoch."""
    return asyncio.run(_accounts(urls))


async def _accounts(urls: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    client = await nats.connect(urls, connect_timeout=int(ANSWER_S), error_cb=_ignored)
    try:
        stream = client.jetstream(timeout=ANSWER_S)
        info = await stream.stream_info(STREAM, subjects_filter=f"$KV.{BUCKET}.*.account.>")
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for subject in info.state.subjects or {}:
            try:
                message = await stream.get_last_msg(STREAM, subject)
            except NotFoundError:
                continue
            device, epoch = subject.split(".")[-2:]
            found[device, epoch] = json.loads(message.data or b"{}")
        return found
    finally:
        await client.close()


async def _ignored(problem: Exception) -> None:
    """A node that was killed is passed over."""


def cluster_ledger(urls: list[str], database: InfluxDatabase, device: str, epoch: str) -> Ledger:
    """What the bucket accounts of one epoch, and what InfluxDB says was refused or lost."""
    ledger = Ledger()
    account = read_accounts(urls).get((device, epoch), {})
    ledger.accounted.update(range(1, account.get("through", 0) + 1))
    for first, last in account.get("ranges", []):
        ledger.accounted.update(range(first, last + 1))
    for one in _evidence(database, "hub_quarantine", device):
        if one["epoch"] == epoch and one["number"] >= 0:
            ledger.conflicts += "two devices" in one["reason"]
            ledger.refused.add(one["number"])
    for one in _evidence(database, "hub_lost", device):
        if one["epoch"] == epoch:
            ledger.declared_lost.update(range(one["first"], one["last"] + 1))
    return ledger


def stored_between(database: InfluxDatabase, kind: str, device: str, above: int, last: int) -> int:
    """How many tickets above one and up to another are stored."""
    which = f'"device" = \'{device}\' AND "ticket" > {above} AND "ticket" <= {last}'
    query = f'SELECT count("ticket") AS n FROM "raw"."{kind}" WHERE {which}'
    return sum(int(one["n"]) for one in influx.records(database.server.place, database.name, query))


def _evidence(database: InfluxDatabase, measurement: str, device: str) -> list[dict[str, Any]]:
    query = f'SELECT * FROM "rollup"."{measurement}" WHERE "device" = \'{device}\''
    return influx.records(database.server.place, database.name, query)
