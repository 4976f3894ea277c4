"""A kiosk's pipeline: status words, counts and sessions in, its state, supplies, power, sessions and sums out.

Every cabinet has the same steps; which words mean what is its table (``cabinets.py``).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.contract.quantity import Code
from edge.contract.records.kiosk import Cabinet
from edge.errors import ConfigError
from edge.kiosk.cabinets import CABINETS
from edge.kiosk.configuration import configuration
from edge.kiosk.items import SupplyName
from edge.kiosk.jobs import jobs
from edge.kiosk.power import power
from edge.kiosk.provider_words import provider_words
from edge.kiosk.retained import retained
from edge.kiosk.service_time import service_time
from edge.kiosk.sessions import sessions
from edge.kiosk.state import state
from edge.kiosk.supplies import supplies
from edge.kiosk.takings import takings
from edge.pipeline import Pipeline

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ``[pipeline]`` table.

    Attributes:
        cabinet: which machine it is: which table of states holds.
        supplies: codes in records of the devices' supplies (paper trays, toner, colourants); others are left out.
        stale_after_s: without a word from a source for so long nothing of it is known.
        cash_only: certificates cannot be paid for but with the kiosk's own cash unit; else its fault only degrades.
        forecast_over_s: the time over which use is measured to forecast when a supply is empty.
        forecast_least: less use than this in that time gives no forecast [sheets, or the supply's own unit].
        job_most_s: a job that has not ended by then ended unknown.
        power_confirm_s: on battery and low for so long, power is failing.
        power_clear_s: on mains again for so long, it is not any more.
    """

    cabinet: Cabinet = "kiosk"
    supplies: Annotated[dict[SupplyName, Code], msgspec.Meta(max_length=16)] = msgspec.field(
        default_factory=lambda: {"upper": "tray1", "lower": "tray2", "toner": "toner"}
    )
    stale_after_s: Seconds = 45.0
    cash_only: bool = True
    forecast_over_s: Seconds = 2 * 3600.0
    forecast_least: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 8
    job_most_s: Seconds = 1800.0
    power_confirm_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 10.0
    power_clear_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 60.0


def pipeline(config: object) -> Pipeline:
    """Status words, counts and sessions to kiosk records, in order.

    Raises:
        ConfigError: ``config`` is not a kiosk's.
    """
    if not isinstance(config, Config):
        raise ConfigError(f"pipeline settings are {type(config).__name__}, wanted a kiosk's; check the device's family")
    table = CABINETS[config.cabinet]
    return Pipeline(
        provider_words(table, config.stale_after_s),
        jobs(config.job_most_s),
        power(config.power_confirm_s, config.power_clear_s),
        retained(),
        state(table, config.cash_only),
        service_time(),
        supplies(config.supplies, config.forecast_over_s, config.forecast_least),
        takings(),
        configuration(),
        sessions(),
    )
