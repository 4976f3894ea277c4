"""Monthly reports from a hub's files, read beside a running hub or a stopped one; nothing is written to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Never
from zoneinfo import ZoneInfo

from hub.bridge import month, month_judged, month_spectra, report_page
from hub.city import context_of
from hub.config import HubConfig, load
from hub.display.markup import Markup
from hub.errors import ConfigError, StoreError
from hub.ledger_reader import LedgerReader
from hub.process import blob_files, city_of, influx_target
from hub.schema import open_reader
from hub.store.influx import InfluxStore
from hub.store.port import Store
from hub.store.sqlite import SqliteStore


def bridge_month(config_path: Path, device: str, asked: str, now: Callable[[], int]) -> Markup:
    """The monthly report of a bridge as an HTML page.

    Args:
        asked: the month, e.g. ``2026-11``.
        now: the time [µs UTC].

    Raises:
        HubError: the configuration, the device or the month is refused, or the files cannot be read.
    """
    config = load(config_path)
    if config.cluster is not None:
        raise ConfigError(f"{config_path}: a cluster's ledger is in JetStream; reports are made of one hub's file only")
    city = city_of(config)
    context = context_of(city, device)
    if context.family != "bridge":
        raise ConfigError(f"device {device!r}: is a {context.family}; the monthly report is for a bridge")
    made = now()
    asked_month = month.month_of(asked, ZoneInfo(city.time_zone), made)
    path = Path(config.store.path)
    if not path.exists():
        raise StoreError(f"hub file {path}: is not there; has the hub been started once?")
    reader = open_reader(path)
    try:
        store = _store(config, reader)
        sources = month.Sources(store, LedgerReader(reader), blob_files(config, store).where)
        facts = month.gather(sources, device, asked_month, [part.code for part in context.channels])
        spectra = month_spectra.read(store, device, asked_month.with_lead, [part.code for part in context.channels])
    finally:
        reader.close()
    return report_page.page(month_judged.judge(facts, context), spectra, city.name.ja, city.demo, made)


def _store(config: HubConfig, reader: sqlite3.Connection) -> Store:
    if config.store.kind == "influx":
        return InfluxStore(influx_target(config.store))
    return SqliteStore(reader, reader, _written, _written)


def _written(*_: str) -> Never:
    raise StoreError("hub file: a report only reads")
