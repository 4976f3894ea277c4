"""Simulated kiosks and other cabinets: providers of device status with faults, paper use, payments and sessions."""
