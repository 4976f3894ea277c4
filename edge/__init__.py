"""The device: source → pipeline → outbox → link."""

__version__ = "0.1.0"
