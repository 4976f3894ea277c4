"""What a hub knows of one bridge in one month, gathered from store, ledger, blobs and alerts for the monthly report.

Rules it keeps:
- Nothing is filled in: an hour without a record is counted as such, a figure that nobody reported is None.
- The month is the city's: from the first local midnight to the next month's, or until now while it goes on.
- It only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from edge.contract.records import BlobManifest, kind_of
from edge.contract.records.delivery import BlobDropped
from hub.blobs import Where
from hub.bridge.hourly import MODE, TEMPERATURE, Hours
from hub.errors import ConfigError
from hub.ledger_port import AlertRow, EpochRow, LedgerAnswers, LostRow, QuarantineRow
from hub.store.port import Aggregate, Series, SeriesQuery, Store, Stored
from hub.store.question import POINTS_MAX

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
LEAD_DAYS: Final = 7
"""So much before the month belongs to its campaign, so that what happens on its first day has a before."""
HISTORY_DAYS: Final = 1100
"""How far back the hours are read that law and changes are computed from: a reference of a year, and two years."""
PIECE_US: Final = 30 * DAY_US
RECORDS_A_QUESTION: Final = 20_000
EPOCHS_TOLD: Final = 20
ROWS_A_PAGE: Final = 1000
MANIFESTS_MOST: Final = 5000
COVERED: Final = (MODE, TEMPERATURE, ("bridge_vibration", "rms_m_s2"))
"""What an hour should have: kind and a field of it."""


class Sources(NamedTuple):
    """Where it is read."""

    store: Store
    ledger: LedgerAnswers
    where: Callable[[str], Where]


class Month(NamedTuple):
    """A calendar month of a zone; ``t_from`` and ``t_to`` [µs UTC] end where ``now`` cut it."""

    year: int
    month: int
    t_from: int
    t_to: int
    whole: bool

    @property
    def with_lead(self) -> Month:
        """The month and the days before it."""
        return self._replace(t_from=self.t_from - LEAD_DAYS * DAY_US)

    @property
    def hours(self) -> int:
        """Whole hours in it."""
        return (self.t_to - self.t_from) // HOUR_US


def month_of(text: str, zone: ZoneInfo, now: int) -> Month:
    """The month that ``text`` names, e.g. ``2026-11``, as far as it has gone at ``now`` [µs UTC].

    Raises:
        ConfigError: it names none, or one that has not begun.
    """
    try:
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=zone)
    except ValueError as problem:
        raise ConfigError(f"month {text!r}: wanted year and month, e.g. 2026-11") from problem
    following = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    t_from, t_to = (round(each.timestamp() * 1e6) for each in (begin, following))
    if t_from + HOUR_US > now:
        raise ConfigError(f"month {text}: has not begun; name one that has")
    return Month(begin.year, begin.month, t_from, min(t_to, now // HOUR_US * HOUR_US), t_to <= now)


@dataclass(frozen=True)
class Coverage:
    """In how many hours of the month a kind was reported, and the holes [µs UTC]."""

    kind: str
    hours: int
    holes: list[tuple[int, int]]


@dataclass(frozen=True)
class SensorMonth:
    """A channel: hours by finding, the newest one, and its mean noise floor [m/s²]."""

    channel: str
    hours: dict[str, int]
    newest: tuple[int, str] | None
    noise_floor_m_s2: float | None


@dataclass(frozen=True)
class Sampling:
    """The sampling clock: measurements, deviation from the nominal rate with the median standard uncertainty of one [ppm],
    samples lost and jumps in the month."""

    readings: int
    mean_ppm: float
    std_ppm: float | None
    low_ppm: float
    high_ppm: float
    lost: int
    jumps: int | None


@dataclass(frozen=True)
class Waveform:
    """An announced waveform: its manifest with its time, how much of it the hub has, and why it never will have it."""

    t: int
    manifest: BlobManifest
    have: int
    whole: bool
    dropped: str | None


@dataclass(frozen=True)
class Passages:
    """Vehicles told, the largest peak among them [m/s²], and triggers above the bridge's limit."""

    count: int
    peak_m_s2: float | None
    triggers: int


@dataclass(frozen=True)
class Facts:
    """All of it.

    Attributes:
        modes: the single identifications of the month; temperatures: its hours.
        campaign_modes, campaign_temperatures: the same with the days before the month.
        hours: the bridge's life until the month's end.
    """

    month: Month
    epochs: list[EpochRow]
    lost: list[LostRow]
    refused: list[QuarantineRow]
    coverage: list[Coverage]
    sensors: list[SensorMonth]
    sampling: Sampling | None
    modes: list[Stored]
    temperatures: list[Series]
    campaign_modes: list[Stored]
    campaign_temperatures: list[Series]
    hours: Hours
    passages: Passages
    waveforms: list[Waveform]
    alerts: list[AlertRow]


def gather(sources: Sources, device: str, month: Month, channels: list[str]) -> Facts:
    """Read everything.

    Args:
        channels: those that the city file names; others that reported are added.

    Raises:
        StoreError, QueryError: store or ledger does not answer.
    """
    store, ledger = sources.store, sources.ledger
    modes = list(_records(store, device, MODE[0], month.with_lead))
    return Facts(
        month,
        ledger.completeness(device, EPOCHS_TOLD),
        [one for one in ledger.lost(device, ROWS_A_PAGE) if _touches(one.t_from or one.t, one.t_to or one.t, month)],
        _refused(ledger, device, month),
        [_coverage(store, device, kind, field, month) for kind, field in COVERED],
        _sensors(store, device, month, channels),
        _sampling(list(_records(store, device, "bridge_sampling", month))),
        [one for one in modes if one.t >= month.t_from],
        _hourly(store, device, TEMPERATURE, month),
        modes,
        _hourly(store, device, TEMPERATURE, month.with_lead),
        _history(store, device, month),
        _passages(store, device, month),
        _waveforms(sources, device, month),
        _alerts(ledger, device, month),
    )


def _touches(t_from: int, t_to: int | None, month: Month) -> bool:
    return t_from < month.t_to and (t_to is None or t_to >= month.t_from)


def _refused(ledger: LedgerAnswers, device: str, month: Month) -> list[QuarantineRow]:
    found = ledger.quarantine(device, 2**62, ROWS_A_PAGE)
    return [one for one in found if month.t_from <= one.t < month.t_to]


def _hourly(store: Store, device: str, quantity: tuple[str, str], month: Month) -> list[Series]:
    kind, field = quantity
    return store.series(SeriesQuery(device, kind, field, month.t_from, month.t_to, {}, HOUR_US, "mean", POINTS_MAX))


def _coverage(store: Store, device: str, kind: str, field: str, month: Month) -> Coverage:
    query = SeriesQuery(device, kind, field, month.t_from, month.t_to, {}, HOUR_US, "count", POINTS_MAX)
    seen = {point.t for series in store.series(query) for point in series.points}
    holes: list[tuple[int, int]] = []
    for t in range(month.t_from, month.t_to - HOUR_US + 1, HOUR_US):
        if t in seen:
            continue
        if holes and holes[-1][1] == t:
            holes[-1] = (holes[-1][0], t + HOUR_US)
        else:
            holes.append((t, t + HOUR_US))
    return Coverage(kind, len(seen), holes)


def _sensors(store: Store, device: str, month: Month, channels: list[str]) -> list[SensorMonth]:
    def asked(field: str, aggregate: Aggregate) -> dict[str, Series]:
        query = SeriesQuery(
            device,
            "bridge_sensor",
            field,
            month.t_from,
            month.t_to,
            {},
            HOUR_US,
            aggregate,
            POINTS_MAX,
        )
        return {one.tags["channel"]: one for one in store.series(query)}

    findings, noise = asked("finding", "last"), asked("noise_floor_m_s2", "mean")
    told = []
    for channel in [*channels, *sorted(set(findings) - set(channels))]:
        points = findings[channel].points if channel in findings else []
        hours: dict[str, int] = {}
        for point in points:
            hours[str(point.value)] = hours.get(str(point.value), 0) + 1
        floors = [float(point.value) for point in noise[channel].points] if channel in noise else []
        told.append(
            SensorMonth(
                channel, hours, (points[-1].t, str(points[-1].value)) if points else None,
                sum(floors) / len(floors) if floors else None,
            )
        )  # fmt: skip
    return told


def _sampling(records: list[Stored]) -> Sampling | None:
    if not records:
        return None
    ppm = [float(one.values["deviation_ppm"]) for one in records]
    jumps = [int(one.values["jumps"]) for one in records if "jumps" in one.values]
    stds = [float(one.values["deviation_std_ppm"]) for one in records if "deviation_std_ppm" in one.values]
    lost = _risen([int(one.values["samples_lost"]) for one in records])
    return Sampling(
        len(ppm), sum(ppm) / len(ppm), median(stds) if stds else None, min(ppm), max(ppm), lost,
        _risen(jumps) if jumps else None,
    )  # fmt: skip


def _risen(counts: list[int]) -> int:
    """How far a counter rose; a start of the device begins it anew."""
    risen, before = 0, counts[0]
    for count in counts:
        risen += count - before if count >= before else count
        before = count
    return risen


def _records(store: Store, device: str, kind: str, month: Month) -> Iterator[Stored]:
    """All records of a kind in the month, oldest first, however many."""
    waiting = [(t, min(t + DAY_US, month.t_to)) for t in range(month.t_from, month.t_to, DAY_US)][::-1]
    while waiting:
        first, end = waiting.pop()
        found = store.numbers(device, kind, first, end, RECORDS_A_QUESTION)
        if len(found) == RECORDS_A_QUESTION and end - first > 1:
            middle = (first + end) // 2
            waiting += [(middle, end), (first, middle)]
        else:
            yield from found


def _history(store: Store, device: str, month: Month) -> Hours:
    hours = Hours()
    for quantity, tag in ((MODE, "mode"), (TEMPERATURE, "sensor")):
        for begin in range(max(0, month.t_to - HISTORY_DAYS * DAY_US), month.t_to, PIECE_US):
            end = min(begin + PIECE_US, month.t_to)
            query = SeriesQuery(device, *quantity, begin, end, {}, HOUR_US, "mean", POINTS_MAX)
            for series in store.series(query):
                hours.tell(quantity, series.tags[tag], [(point.t, float(point.value)) for point in series.points])
    return hours


def _passages(store: Store, device: str, month: Month) -> Passages:
    peaks = [float(one.values["peak_m_s2"]) for one in _records(store, device, "bridge_passage", month)]
    return Passages(
        len(peaks), max(peaks, default=None), sum(1 for _ in _records(store, device, "bridge_trigger", month))
    )


def _waveforms(sources: Sources, device: str, month: Month) -> list[Waveform]:
    announced = sources.store.newest(device, kind_of(BlobManifest), month.t_from, MANIFESTS_MOST)
    given_up = {
        one.sha256: one.why
        for _, one in sources.store.newest(device, kind_of(BlobDropped), month.t_from, MANIFESTS_MOST)
        if isinstance(one, BlobDropped)
    }
    told = []
    for t, manifest in announced:
        if isinstance(manifest, BlobManifest) and t < month.t_to:
            where = sources.where(manifest.sha256)
            told.append(Waveform(t, manifest, where.have, where.file is not None, given_up.get(manifest.sha256)))
    return told


def _alerts(ledger: LedgerAnswers, device: str, month: Month) -> list[AlertRow]:
    found: list[AlertRow] = []
    before = 2**62
    while page := ledger.alerts(before, ROWS_A_PAGE):
        found += [one for one in page if one.device == device and _touches(one.alert.since, one.until, month)]
        before = page[-1].id
    return sorted(found, key=lambda one: one.alert.since)


def local(t: int, zone: ZoneInfo, form: str = "%m-%d %H:%M") -> str:
    """A time [µs UTC] in the city's zone."""
    return datetime.fromtimestamp(t / 1e6, UTC).astimezone(zone).strftime(form)
