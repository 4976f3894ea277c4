"""What can go wrong on a device, in one line a person can act on."""


class EdgeError(Exception):
    """Something on the device does not work; the message says what to do."""


class ConfigError(EdgeError):
    """The device's configuration is refused."""


class SourceError(EdgeError):
    """A source cannot deliver: its line is gone or talks nonsense."""


class OutboxError(EdgeError):
    """The outbox cannot take or give records."""


class ModelError(EdgeError):
    """A model cannot be loaded or run; the plain rule is used instead."""


class RecordingError(EdgeError):
    """A recording cannot be read or replayed."""


class WatchError(EdgeError):
    """The agent cannot be watched."""


class KeeperError(EdgeError):
    """Raw observations cannot be kept, or what is asked for is not held."""
