"""What a device says of itself that a person should know: its own alarms, and sources that fail.

A record that comes late never turns the state back.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from edge.contract.records import DeviceAlarm, Record, SourceState
from hub.judgement import Alert
from hub.newest import Newest
from hub.words import Words

Severity = Literal["info", "warning", "critical"]

WORDS: Final[Mapping[str, tuple[Severity, Words]]] = MappingProxyType(
    {
        "no_acks": (
            "warning",
            Words(
                ja="端末が送ったデータの保存確認が届いていません",
                easy="きかいの データが とどいたか わかりません",
                en="What the device sends is not confirmed as stored",
            ),
        ),
        "outbox_full": (
            "critical",
            Words(
                ja="端末の保存領域が一杯で、古いデータを破棄しています",
                easy="きかいの データが いっぱいです。ふるい データを すてています",
                en="The device's outbox is full; old readings are being dropped",
            ),
        ),
        "disk_full": (
            "critical",
            Words(
                ja="端末のディスクに空きがありません",
                easy="きかいの ディスクが いっぱいです",
                en="The device's disk is full",
            ),
        ),
        "clock_unknown": (
            "warning",
            Words(
                ja="端末の時計が合っていません",
                easy="きかいの とけいが あっていません",
                en="The device does not know the time",
            ),
        ),
        "clock_stepped": (
            "info",
            Words(
                ja="端末の時計が補正されました", easy="きかいの とけいを なおしました", en="The device's clock was set"
            ),
        ),
        "overheated": (
            "warning",
            Words(ja="端末が高温です", easy="きかいが とても あついです", en="The device is too hot"),
        ),
        "source_failed": (
            "warning",
            Words(
                ja="センサーからの入力が止まっています",
                easy="センサーの データが とまっています",
                en="A sensor line of the device has failed",
            ),
        ),
        "model_failed": (
            "info",
            Words(
                ja="推定モデルを読み込めず、簡易な規則で動いています",
                easy="かんたんな けいさんで うごいています",
                en="A model could not be loaded; the plain rule is used instead",
            ),
        ),
        "config_rolled_back": (
            "warning",
            Words(
                ja="新しい設定で起動できず、元の設定に戻しました",
                easy="あたらしい せっていが つかえません。まえの せっていに もどしました",
                en="The new configuration did not work; the former one is back in force",
            ),
        ),
        "two_devices_with_one_identity": (
            "critical",
            Words(
                ja="同じ名前の端末が2台あります",
                easy="おなじ なまえの きかいが 2だい あります",
                en="Two devices use one identity",
            ),
        ),
    }
)
"""How grave each alarm code of the contract is, and how it is said."""


class DeviceAlerts:
    """The alarms of one device that are on."""

    def __init__(self) -> None:
        self._alarms: Newest[bool] = Newest()
        self._sources: Newest[bool] = Newest()

    def observe(self, record: Record, t: int) -> None:
        """Take one record; others than alarms and source states say nothing here."""
        if isinstance(record, DeviceAlarm):
            self._alarms.take(record.code, t, record.active)
        elif isinstance(record, SourceState):
            self._sources.take(record.source, t, record.state == "failed")

    def alerts(self) -> list[Alert]:
        """One alert an alarm that is on; failed sources are one alert, since the first of them."""
        on = {code: t for code, t, active in self._alarms.items() if active}
        failed = [t for _, t, is_failed in self._sources.items() if is_failed]
        if failed:
            on["source_failed"] = min(failed)
        elif self._sources.items():
            on.pop("source_failed", None)
        return [
            Alert(key=f"device_{code}", severity=WORDS[code][0], text=WORDS[code][1], since=t)
            for code, t in sorted(on.items())
        ]
