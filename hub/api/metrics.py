"""Prometheus' text format: the hub's counters and every device's liveness."""

from __future__ import annotations

from collections.abc import Iterator

from hub.live import View
from hub.writer import Counters


def metrics_text(
    counters: Counters,
    totals: dict[str, int],
    views: list[View],
    inbox_bytes: int,
    broker_connected: bool,
    groups_served: int | None = None,
) -> str:
    """The page behind ``/metrics`` (exposition format 0.0.4); ``groups_served`` of a hub that is one of several."""
    lines = [*_lines(counters, totals, views, inbox_bytes, broker_connected)]
    if groups_served is not None:
        lines += _one("machikado_cluster_groups", "gauge", "groups of shards that this hub serves", groups_served)
    return "\n".join(lines) + "\n"


def _lines(
    counters: Counters, totals: dict[str, int], views: list[View], inbox_bytes: int, broker_connected: bool
) -> Iterator[str]:
    yield from _one("machikado_hub_messages_total", "counter", "messages committed since the start", counters.messages)
    yield from _one("machikado_hub_records_total", "counter", "records stored since the start", counters.records)
    yield from _one("machikado_hub_refused_total", "counter", "refusals since the start", counters.refused)
    yield from _one("machikado_hub_steps_total", "counter", "commits since the start", counters.steps)
    yield from _one("machikado_hub_store_failures_total", "counter", "commits that failed", counters.store_failures)
    yield from _one("machikado_hub_inbox_bytes", "gauge", "payload bytes not yet committed", inbox_bytes)
    yield from _one("machikado_hub_broker_connected", "gauge", "1 while the broker is there", int(broker_connected))
    for name, value in totals.items():
        yield from _one(f"machikado_ledger_{name}", "gauge", f"{name} in the ledger", value)
    yield "# HELP machikado_device_live 1 while the device is heard"
    yield "# TYPE machikado_device_live gauge"
    for view in views:
        labels = f'{{device="{view.device}",family="{view.family}"}}'
        yield f"machikado_device_live{labels} {int(view.liveness == 'live')}"


def _one(name: str, kind: str, text: str, value: int) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    yield f"{name} {value}"
