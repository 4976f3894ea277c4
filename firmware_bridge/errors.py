"""Everything that can go wrong on the serial line, one class a cause."""


class FirmwareBridgeError(Exception):
    """Any error of the serial line; its message is one line that says what to do."""


class StuffingError(FirmwareBridgeError):
    """Bytes between two delimiters are not a consistent-overhead encoding of anything."""


class FrameTooLong(FirmwareBridgeError):
    """A payload is above what one frame carries."""


class MessageRefused(FirmwareBridgeError):
    """A message cannot be put on the wire, because a field does not fit its place there."""


class PayloadMalformed(FirmwareBridgeError):
    """A frame arrived intact, but its payload is not what its message type says."""


class LineMisconfigured(FirmwareBridgeError):
    """The serial port cannot be set as asked; trying again will not help."""
