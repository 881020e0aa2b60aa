"""The neutral manager: a registry of connections by conn_key, on which each exchange's own one is built."""

from .core import Registration
from .manager import Manager

__all__ = ["Manager", "Registration"]
