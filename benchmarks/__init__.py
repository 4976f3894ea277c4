"""Side-by-side measurements against peers; each prints one JSON line a figure."""
