"""Where a kiosk's items come from: service provider, printers, power supply, and the files that it issues by."""

from __future__ import annotations

from typing import Final

from edge.errors import SourceError
from edge.kiosk.files_source import FilesSettings, FilesSource
from edge.kiosk.ipp_source import IppSettings, IppSource
from edge.kiosk.nut_source import NutSettings, NutSource
from edge.kiosk.publisher_source import PublisherSettings, PublisherSource
from edge.kiosk.snmp_source import SnmpSettings, SnmpSource
from edge.kiosk.xfs4iot_source import Xfs4IotSettings, Xfs4IotSource
from edge.source import Source

Settings = Xfs4IotSettings | PublisherSettings | IppSettings | SnmpSettings | NutSettings | FilesSettings
_KINDS: Final = ("xfs4iot", "xfs4iot_publisher", "ipp", "snmp", "nut", "files")


def open_source(settings: object) -> Source:
    """The source that a ``[[source]]`` table asks for; nothing is opened before it runs.

    Raises:
        SourceError: the settings are not a kiosk's.
    """
    match settings:
        case Xfs4IotSettings():
            return Xfs4IotSource(settings)
        case PublisherSettings():
            return PublisherSource(settings)
        case IppSettings():
            return IppSource(settings)
        case SnmpSettings():
            return SnmpSource(settings)
        case NutSettings():
            return NutSource(settings)
        case FilesSettings():
            return FilesSource(settings)
    raise SourceError(f"source settings are {type(settings).__name__}; give kind = one of {', '.join(_KINDS)}")
