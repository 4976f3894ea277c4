"""How busy a counter is, and how long one waits there."""
