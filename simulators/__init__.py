"""Physical simulators with ground truth, replay of recordings, fault injection."""
