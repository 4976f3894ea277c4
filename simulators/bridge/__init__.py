"""The bridge as a simulated girder under traffic."""
