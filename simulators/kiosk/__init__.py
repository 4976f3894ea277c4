"""A simulated certificate kiosk: a provider of device status with faults, paper use and sessions."""
