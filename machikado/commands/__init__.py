"""One module a command: its arguments, and whom it calls."""
