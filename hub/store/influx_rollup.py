"""Condensed windows in InfluxDB: measurement ``<kind>_1m`` or ``<kind>_1h``, fields ``<field>_count``, ``_min`` … ``_last``.

A window's key is its device, its record tags and its beginning, so writing it again replaces it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hub.errors import QueryError, StoreError, StoreRefused
from hub.store import influxql
from hub.store.influx_server import InfluxServer, InfluxTarget, ResultSeries
from hub.store.lineprotocol import escape_key, escape_measurement
from hub.store.port import Rollup, Summary, Width

LINES_A_REQUEST = 2000


class InfluxRollups:
    """Windows in the target's ``rollup_retention``."""

    def __init__(self, target: InfluxTarget) -> None:
        """Nothing is connected here."""
        self._server = InfluxServer(target)
        self._retention = target.rollup_retention

    def write_rollups(self, rollups: Sequence[Rollup]) -> None:
        """Store windows durably, each in the place of what stood there.

        Raises:
            StoreError: nothing may be believed stored; try again.
        """
        for at in range(0, len(rollups), LINES_A_REQUEST):
            body = "\n".join(_line_of(one) for one in rollups[at : at + LINES_A_REQUEST])
            try:
                self._server.write(self._retention, body.encode())
            except StoreRefused as problem:
                raise StoreError(
                    f"InfluxDB refuses windows: {problem}; look at the types in {self._retention}"
                ) from problem

    def rollups(self, device: str, kind: str, width: Width, t_from: int, t_to: int) -> list[Rollup]:
        """The windows that begin in [t_from, t_to) [µs UTC], by beginning and tags.

        Raises:
            QueryError: there are more than one answer may hold.
            StoreError: the store does not answer.
        """
        answer = self._server.ask(influxql.rollups(device, f"{kind}_{width}", self._retention, t_from, t_to))
        if len(answer) >= influxql.GROUPS_MAX:
            raise QueryError(f"windows of {kind}: more than {influxql.GROUPS_MAX} series")
        found = [one for series in answer for one in _rollups_of(series, device, kind, width)]
        return sorted(found, key=lambda one: (one.start, sorted(one.tags.items())))

    def close(self) -> None:
        """Give the connections back."""
        self._server.close()


def _line_of(one: Rollup) -> str:
    tags = "".join(f",{escape_key(key)}={escape_key(word)}" for key, word in sorted(one.tags.items()))
    fields = ",".join(
        f"{name}_count={by.readings}i,{name}_min={by.min!r},{name}_max={by.max!r},"
        f"{name}_mean={by.mean!r},{name}_sum={by.sum!r},{name}_last={by.last!r}"
        for name, by in one.fields.items()
    )
    measurement = escape_measurement(f"{one.kind}_{one.width}")
    return f"{measurement},device={escape_key(one.device)}{tags} {fields} {one.start * 1000}"


def _rollups_of(series: ResultSeries, device: str, kind: str, width: Width) -> list[Rollup]:
    tags = {key: word for key, word in series.tags.items() if key != "device" and word}
    found: list[Rollup] = []
    for values in series.values:
        by: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for column, value in zip(series.columns[1:], values[1:], strict=True):
            if value is not None:
                name, _, what = column.rpartition("_")
                by[name][what] = int(value) if what == "count" else float(value)
        fields = {name: _summary(parts) for name, parts in by.items()}
        found.append(Rollup(device, kind, width, tags, int(values[0]) // 1000, fields))
    return found


def _summary(parts: dict[str, float]) -> Summary:
    return Summary(int(parts["count"]), parts["min"], parts["max"], parts["mean"], parts["sum"], parts["last"])
