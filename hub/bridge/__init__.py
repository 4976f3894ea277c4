"""The bridge in the hub: its judgement."""
