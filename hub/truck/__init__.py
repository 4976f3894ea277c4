"""Collection trucks as the hub sees them."""
