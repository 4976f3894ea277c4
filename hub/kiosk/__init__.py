"""Judgement of a certificate kiosk."""
