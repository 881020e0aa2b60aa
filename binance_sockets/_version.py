"""The version, read by ``setup.cfg``, the User-Agent and the changelog's test."""

__version__ = "0.1.0"
