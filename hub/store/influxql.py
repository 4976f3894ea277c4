"""InfluxQL texts for what the hub asks, with every name and word quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.store.port import SeriesQuery

LATEST_SERIES_MAX = 2000
"""Most series that one question about a device's newest records may touch."""

GROUPS_MAX = 500
"""Most series in the answer to one question for aggregates."""


def name(text: str) -> str:
    """An identifier in its quotation marks."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def word(text: str) -> str:
    """A string in its quotation marks."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def measurement(retention: str, kind: str) -> str:
    """A measurement of one retention policy."""
    return f"{name(retention)}.{name(kind)}"


def _between(t_from: int, t_to: int) -> list[str]:
    """Conditions for ``t`` in [t_from, t_to) µs: by the point's millisecond, and by ``t`` where that is too coarse."""
    first_ms, end_ms = t_from // 1000, -(-t_to // 1000)
    conditions = [f"time >= {first_ms * 1_000_000}", f"time < {end_ms * 1_000_000}"]
    if first_ms * 1000 != t_from:
        conditions.append(f'"t" >= {t_from}')
    if end_ms * 1000 != t_to:
        conditions.append(f'"t" < {t_to}')
    return conditions


def _where(device: str, tags: Mapping[str, str], t_from: int, t_to: int) -> str:
    conditions = [f'"device" = {word(device)}', *(f"{name(key)} = {word(value)}" for key, value in tags.items())]
    return " AND ".join([*conditions, *_between(t_from, t_to)])


def readings(query: SeriesQuery, retention: str, tags: Sequence[str], offset: int) -> str:
    """Single readings of one field with their exact time and tags, oldest first, from ``offset`` on."""
    columns = ", ".join([name(query.field), '"t"', *(name(tag) for tag in tags)])
    where = _where(query.device, query.tags, query.t_from, query.t_to)
    source = measurement(retention, query.kind)
    return f"SELECT {columns} FROM {source} WHERE {where} ORDER BY time ASC LIMIT {query.limit + 1} OFFSET {offset}"


def windows(query: SeriesQuery, retention: str, tags: Sequence[str]) -> str:
    """One aggregate of one field in windows of ``every_us``, for each series."""
    group = ", ".join([f"time({query.every_us}u)", *(name(tag) for tag in tags)])
    where = _where(query.device, query.tags, query.t_from, query.t_to)
    return (
        f"SELECT {query.aggregate}({name(query.field)}) AS value FROM {measurement(retention, query.kind)} "
        f"WHERE {where} GROUP BY {group} fill(none) LIMIT {query.limit + 1} SLIMIT {GROUPS_MAX}"
    )


def numbers(device: str, kind: str, retention: str, columns: Sequence[str], t_from: int, t_to: int, limit: int) -> str:
    """Several fields and tags of a kind's records with their exact time and number, oldest first."""
    chosen = ", ".join(name(column) for column in ("t", "number", *columns))
    where = _where(device, {}, t_from, t_to)
    return f"SELECT {chosen} FROM {measurement(retention, kind)} WHERE {where} ORDER BY time ASC LIMIT {limit}"


def latest(device: str, retention: str) -> str:
    """The two newest points of every series of a device: the newest may be half written."""
    return (
        f'SELECT * FROM {name(retention)}./.*/ WHERE "device" = {word(device)} '
        f"GROUP BY * ORDER BY time DESC LIMIT 2 SLIMIT {LATEST_SERIES_MAX}"
    )


def newest(device: str, kind: str, retention: str, t_from: int, limit: int) -> str:
    """The newest points of a kind since ``t_from`` with all their fields and tags, newest first."""
    where = f'"device" = {word(device)} AND time >= {t_from // 1000 * 1_000_000}'
    return f"SELECT * FROM {measurement(retention, kind)} WHERE {where} ORDER BY time DESC LIMIT {limit}"


def numbers_timed_by_the_hub(kind: str, retention: str, device: str, epoch: str, low: int, high: int) -> str:
    """Which numbers of ``low``–``high`` are stored already with a time that the hub gave."""
    return (
        f'SELECT "number" FROM {measurement(retention, kind)} WHERE "device" = {word(device)} '
        f'AND "epoch" = {word(epoch)} AND "clock" = \'hub\' AND "number" >= {low} AND "number" <= {high}'
    )


def between(
    kind: str, retention: str, tags: Mapping[str, str], times_ns: tuple[int, int], numbers: tuple[int, int]
) -> str:
    """The points with these tags and a time and a number from the first to the last given."""
    conditions = [f"{name(key)} = {word(value)}" for key, value in tags.items()]
    conditions += [f"time >= {times_ns[0]}", f"time <= {times_ns[1]}"]
    conditions += [f'"number" >= {numbers[0]}', f'"number" <= {numbers[1]}']
    return f"SELECT * FROM {measurement(retention, kind)} WHERE {' AND '.join(conditions)}"


def rollups(device: str, condensed: str, retention: str, t_from: int, t_to: int) -> str:
    """The condensed windows of one measurement that begin in [t_from, t_to) µs, for each series."""
    where = f'"device" = {word(device)} AND time >= {t_from * 1000} AND time < {t_to * 1000}'
    return f"SELECT * FROM {measurement(retention, condensed)} WHERE {where} GROUP BY * SLIMIT {GROUPS_MAX}"
