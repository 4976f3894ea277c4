"""A disk that loses power: what a process wrote and synced is recorded, and every state that may be left is rebuilt."""
