"""A snapshot as text for a terminal of 80 columns: what is shown, how it is, and what is wrong first in the eye."""

from __future__ import annotations

from edge.watch import Snapshot, SourceSeen, Standing

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", None: " "}
NAME_WIDTH = 30
VALUE_WIDTH = 16


def as_text(snapshot: Snapshot) -> str:
    """The snapshot, one line a thing."""
    whose = "agent runs" if snapshot.agent_runs else "NO AGENT RUNS: sources read directly, nothing is sent"
    head = f"{snapshot.device} ({snapshot.family}, {snapshot.agent_version}): {whose}"
    blocks = [head, *_standing(snapshot.standing), ""]
    blocks += [_source(source) for source in snapshot.sources]
    blocks.append("")
    for line in snapshot.lines:
        value = "–" if line.value is None else line.value if isinstance(line.value, str) else f"{line.value:.9g}"
        shown = f"{value} {line.unit}".strip()
        blocks.append(f"{SIGNS[line.verdict]} {line.name:<{NAME_WIDTH}} {shown:<{VALUE_WIDTH}} {line.note}".rstrip())
    return "\n".join(blocks)


def _standing(standing: Standing) -> list[str]:
    error = "" if standing.clock_error_s is None else f", ±{standing.clock_error_s:g} s"
    ack = "none yet" if standing.last_ack_s is None else f"{standing.last_ack_s:.0f} s ago"
    depth = "not to be read" if standing.outbox_records is None else f"{standing.outbox_records} records wait"
    size = "" if standing.outbox_bytes is None else f", {standing.outbox_bytes / 1024:.0f} KiB held"
    oldest = "" if standing.outbox_oldest_s is None else f", oldest {standing.outbox_oldest_s:.0f} s"
    return [
        f"  clock   {standing.clock_quality}{error}",
        f"  outbox  {depth}{oldest}{size}",
        f"  broker  {standing.broker}; last ack {ack}",
    ]


def _source(source: SourceSeen) -> str:
    age = "" if source.age_s is None else f", newest {source.age_s:.1f} s old"
    firmware = "" if source.firmware is None else f", firmware {source.firmware}"
    sign = SIGNS["ok" if source.state == "delivering" else "fail"]
    return f"{sign} source {source.name}: {source.state}, {source.items} items{age}{firmware}"
