"""What can be wrong with what a receiver says."""

from edge.errors import EdgeError


class NmeaError(EdgeError):
    """A sentence is damaged or says what cannot be; nothing in it may be believed."""
