"""Upbit as a venue of the simulator: its streams, its REST calls, its accounts."""
