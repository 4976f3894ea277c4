"""A counter's waiting area, its people and its ticket machine."""
