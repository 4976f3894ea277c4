"""A collection truck on its round, seen by a satellite receiver."""
