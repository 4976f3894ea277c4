"""Every size that the contract bounds, with its unit, in one place."""

RECORD_BYTES = 16 * 1024
"""Largest encoded record [bytes]; the outbox refuses more when it is appended."""

BATCH_BYTES = 64 * 1024
"""Largest batch payload [bytes], header included."""

BATCH_RECORDS = 1000
"""Most records in one batch."""

BLOB_CHUNK_BYTES = 256 * 1024
"""Largest blob chunk payload [bytes], header included."""

CONTROL_BYTES = 64 * 1024
"""Largest ack, state, configuration or command payload [bytes]."""

ACK_RANGES = 64
"""Most ranges above ``through`` that a ledger keeps and an ack carries; past it holes are filled first."""

REASON_CHARS = 500
"""Longest reason that a device gives for a configuration it did not adopt."""

LIST_ITEMS = 512
"""Most items of a list field in a record."""

NUMBER_MAX = 2**53 - 1
"""Largest record number: exact in a JavaScript number too."""

TIME_MIN_US = 1_577_836_800_000_000
"""Earliest credible UTC of a record [µs]: 2020-01-01, before the contract existed."""

TIME_MAX_US = 4_102_444_800_000_000
"""Latest credible UTC of a record [µs]: 2100-01-01."""
