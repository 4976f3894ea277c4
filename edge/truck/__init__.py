"""Collection trucks: where they are, where they stand, what they have collected. Never who drives."""
