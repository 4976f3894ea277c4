"""The counter: people, passages, air and tickets of one waiting area."""
