"""What a device may say to the hub, and the hub to a device: topics, records, batches, acks, limits.

Both ends import this package and nothing else of each other. It needs only the standard library and msgspec.
The promise of version 1: a payload that decoded once decodes for ever (``tests/samples/v1``).
"""
