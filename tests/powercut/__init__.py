"""Power cuts: every write that was not synced may be lost, and every state that is left is opened by the production code."""
