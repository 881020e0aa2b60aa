"""How long tests wait for facts."""

PATIENCE = 40.0
"""Seconds that a test waits for a fact before it fails: machines that others use pause for ten."""
