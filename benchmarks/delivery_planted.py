"""Whether the checker of `delivery` turns red when a bug is planted in the real agent or the real hub.

The same rig, feeds and kills as `delivery --quick`, over NATS into SQLite, once for each bug of `tests/chaos/planted.py`. The
value is what the checker found wrong; an aim that is missed means a checker that sees nothing. An outbox with
`synchronous=OFF` is not among the bugs: SIGKILL leaves the system's cache alone, so only the simulation can show it.

`--quick`: the first two bugs. Long: all of them.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from benchmarks.delivery import Form, measure
from benchmarks.delivery_check import Verdict
from benchmarks.delivery_rig import Planted
from benchmarks.figures import Figure

FORM = Form((), 800, 2, 6.0, 10.0, 0, 0.0)
MODULE = "tests.chaos.planted"
PLANTED = {
    "outbox_in_memory": Planted(agent=(MODULE, "outbox_in_memory")),
    "acked_before_commit": Planted(hub=(MODULE, "acked_before_commit")),
    "forgotten_when_sent": Planted(agent=(MODULE, "forgotten_when_sent")),
    "stored_under_two_numbers": Planted(hub=(MODULE, "stored_under_two_numbers")),
}


def run(quick: bool) -> Iterator[Figure]:
    """One figure a bug."""
    for bug, planted in list(PLANTED.items())[: 2 if quick else None]:
        with tempfile.TemporaryDirectory(prefix="machikado-planted-") as folder:
            verdict = measure(Path(folder), "nats", None, FORM, planted).verdict
        seen = ", ".join(f"{one.name} {getattr(verdict, one.name)}" for one in fields(Verdict))
        yield Figure(f"planted-{bug.replace('_', '-')}", verdict.wrong, "records", seen, aim="> 0")
