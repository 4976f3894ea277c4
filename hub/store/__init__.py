"""Stores of readings behind one port: SQLite (embedded) and InfluxDB."""
