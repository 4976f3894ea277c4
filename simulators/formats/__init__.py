"""Recordings that no agent made, one format a file, each read as what an agent's sources would have delivered."""
