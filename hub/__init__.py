"""The hub: ingest, ledger, stores, judgement, status API, displays."""
