"""Judgement of a library gate and its seats."""
