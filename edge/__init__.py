"""The device: source → pipeline → outbox → link."""
