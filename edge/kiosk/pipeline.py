"""A certificate kiosk's pipeline: status words, counts and sessions in, its state, supplies and sessions out."""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.contract.quantity import Code
from edge.errors import ConfigError
from edge.kiosk.power import power
from edge.kiosk.provider_words import provider_words
from edge.kiosk.sessions import sessions
from edge.kiosk.state import state
from edge.kiosk.supplies import SupplyName, supplies
from edge.pipeline import Pipeline

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ``[pipeline]`` table.

    Attributes:
        supplies: codes in records of the provider's supplies (paper trays and toner); others are left out.
        stale_after_s: without a word from the provider for so long nothing is known.
        cash_only: certificates cannot be paid for but with the kiosk's own cash unit; else its fault only degrades.
        forecast_over_s: the time over which use is measured to forecast when a supply is empty.
        forecast_least: less use than this in that time gives no forecast [sheets, or the supply's own unit].
    """

    supplies: Annotated[dict[SupplyName, Code], msgspec.Meta(max_length=8)] = msgspec.field(
        default_factory=lambda: {"upper": "tray1", "lower": "tray2", "toner": "toner"}
    )
    stale_after_s: Seconds = 45.0
    cash_only: bool = True
    forecast_over_s: Seconds = 2 * 3600.0
    forecast_least: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 8


def pipeline(config: object) -> Pipeline:
    """Status words, counts and sessions to kiosk records, in order.

    Raises:
        ConfigError: ``config`` is not a kiosk's.
    """
    if not isinstance(config, Config):
        raise ConfigError(f"pipeline settings are {type(config).__name__}, wanted a kiosk's; check the device's family")
    return Pipeline(
        provider_words(config.stale_after_s),
        state(config.cash_only),
        supplies(config.supplies, config.forecast_over_s, config.forecast_least),
        power(),
        sessions(),
    )
