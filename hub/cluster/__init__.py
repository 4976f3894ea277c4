"""Several hubs over one set of devices: shards leased in JetStream, the ledger a key-value bucket beside InfluxDB."""
