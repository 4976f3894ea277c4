"""The bridge: acceleration to levels, spectra, tracked modes, passages and a novelty score."""
