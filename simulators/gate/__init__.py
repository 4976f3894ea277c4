"""A simulated library gate: people and tagged articles through two antennas, seats taken and left."""
