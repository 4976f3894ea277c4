"""Identity, broker credentials and access rules, service units."""
