"""What can go wrong on a device, in one line a person can act on."""

import os


class EdgeError(Exception):
    """Something on the device does not work; the message says what to do."""


def reason_of(problem: Exception) -> str:
    """Why a file cannot be read, in its library's first line and without its advice to programmers."""
    if isinstance(problem, OSError) and problem.errno and problem.errno > 0:
        return os.strerror(problem.errno)  # pyserial puts path and number into its own text
    said = (str(problem).splitlines() or ["unreadable"])[0]
    return "it holds objects of Python or is cut" if "pickle" in said else said


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
