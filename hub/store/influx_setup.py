"""Make the databases or buckets that the store needs, as often as one likes.

On 1.x: one database with a retention policy for records and one for aggregates, by InfluxQL. On 2.x: two buckets and
the DBRP mappings by which ``/query`` finds them, by the management interface; that path follows InfluxDB's published
interface and has not been run against a 2.x server.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from hub.errors import StoreError
from hub.store import influxql
from hub.store.influx_server import InfluxServer, InfluxTarget


class Retentions(NamedTuple):
    """How long records and aggregates are kept [days], 0 for ever."""

    raw_days: int = 0
    rollup_days: int = 0


FOREVER = Retentions()


class SetUp(NamedTuple):
    """What ``setup_influx`` did: the server's generation (1 or 2) and one line a step that changed something."""

    generation: int
    changed: list[str]


def setup_influx(target: InfluxTarget, keep: Retentions = FOREVER) -> SetUp:
    """Create what is missing and correct what differs; a second call changes nothing.

    Raises:
        StoreError: the server does not answer or refuses to.
    """
    server = InfluxServer(target)
    try:
        policies = ((target.retention, keep.raw_days), (target.rollup_retention, keep.rollup_days))
        if _is_second_generation(server):
            return SetUp(2, _set_up_buckets(server, policies))
        return SetUp(1, _set_up_database(server, policies))
    finally:
        server.close()


def _is_second_generation(server: InfluxServer) -> bool:
    """Whether the server has a buckets interface: 1.x answers 404 there, 2.x 200 or 401."""
    status, _ = server.request("GET", "/api/v2/buckets?limit=1")
    return status != 404


def _set_up_database(server: InfluxServer, policies: tuple[tuple[str, int], ...]) -> list[str]:
    database = influxql.name(server.target.database)
    changed: list[str] = []
    known = {str(row[0]) for series in server.ask("SHOW DATABASES", "") for row in series.values}
    if server.target.database not in known:
        server.ask(f"CREATE DATABASE {database}", "")
        changed.append(f"database {server.target.database} created")
    found = server.ask(f"SHOW RETENTION POLICIES ON {database}", "")
    durations = {str(row[0]): str(row[1]) for series in found for row in series.values}
    for name, days in policies:
        wanted = f"{days * 24}h0m0s" if days else "0s"
        if durations.get(name) == wanted:
            continue
        # The first policy is the default, so that a plain `SELECT … FROM health` finds the records.
        default = " DEFAULT" if name == server.target.retention else ""
        verb, done = ("ALTER", "changed") if name in durations else ("CREATE", "created")
        policy = f"{verb} RETENTION POLICY {influxql.name(name)} ON {database}"
        duration = f"{days}d" if days else "INF"
        shard = "7d" if not days or days >= 7 else "1d"
        server.ask(f"{policy} DURATION {duration} REPLICATION 1 SHARD DURATION {shard}{default}", "")
        changed.append(f"retention policy {name} {done}: {duration}")
    return changed


def _set_up_buckets(server: InfluxServer, policies: tuple[tuple[str, int], ...]) -> list[str]:
    organisation = _found(server, "orgs", {"org": server.target.organisation}, "orgs")
    if organisation is None:
        raise StoreError(f"InfluxDB has no organisation {server.target.organisation!r}; set [store] organisation")
    changed: list[str] = []
    for name, days in policies:
        full = f"{server.target.database}/{name}"
        rules = [{"type": "expire", "everySeconds": days * 86_400}] if days else []
        bucket = _found(server, "buckets", {"name": full, "orgID": organisation["id"]}, "buckets")
        if bucket is None:
            wanted = {"name": full, "orgID": organisation["id"], "retentionRules": rules}
            bucket = _call(server, "POST", "/api/v2/buckets", wanted)
            changed.append(f"bucket {full} created")
        elif [rule["everySeconds"] for rule in bucket.get("retentionRules", [])] != [days * 86_400] * len(rules):
            _call(server, "PATCH", f"/api/v2/buckets/{bucket['id']}", {"retentionRules": rules})
            changed.append(f"bucket {full} changed: {days} d")
        mapping = {"orgID": organisation["id"], "bucketID": bucket["id"]}
        if _found(server, "dbrps", mapping, "content") is None:
            policy = {"database": server.target.database, "retention_policy": name}
            default = name == server.target.retention
            _call(server, "POST", "/api/v2/dbrps", {**mapping, **policy, "default": default})
            changed.append(f"DBRP mapping {full} created")
    return changed


def _found(server: InfluxServer, what: str, by: dict[str, str], key: str) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = _call(server, "GET", f"/api/v2/{what}?{urlencode(by)}", None).get(key) or []
    return items[0] if items else None


def _call(server: InfluxServer, method: str, path: str, document: object | None) -> dict[str, Any]:
    status, content = server.request(method, path, document)
    if status == 404 and method == "GET":
        return {}
    if status >= 300:
        said = content[:200].decode(errors="replace").strip()
        raise StoreError(f"InfluxDB at {server.target.url}: {method} {path}: status {status}: {said}")
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise StoreError(f"InfluxDB at {server.target.url}: {path}: not its JSON: {problem}") from problem
