"""Trained models, their cards and how they were trained."""
