"""What can go wrong in the hub, in one line an operator can act on."""


class HubError(Exception):
    """Something in the hub does not work; the message says what to do."""


class ConfigError(HubError):
    """The hub's configuration or the city file is refused."""


class StoreError(HubError):
    """The store cannot take or give readings now; the same step may be tried again."""


class StoreRefused(HubError):
    """The store will never take this reading, in the store's own words."""


class QueryError(HubError):
    """A question is refused: unknown name, too large, or not well formed."""


class BusyError(HubError):
    """The hub makes as many large answers as it may; the same question may be asked again."""


class ApartFailed(HubError):
    """Work that is done in a process of its own was not done; the message is its last line."""


class DrawingError(HubError):
    """A drawing cannot be made in the form that was asked for."""


class SeriesRefused(HubError):
    """A series for analysis cannot be read or judged; the message names column, row, value and what was wanted."""


class RecordingRefused(HubError):
    """A recording given for an offline analysis cannot be read, or holds too little."""
