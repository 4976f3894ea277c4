"""Library gate and reading seats on the device: passages, people inside, tagged articles, seats, antennas."""
