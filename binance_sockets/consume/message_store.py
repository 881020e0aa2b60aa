"""Messages kept by their type."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from .._html import html_table
from ..errors import ConfigError
from ..sinks.table import Table

__all__ = ["MessageStore"]


class MessageStore:
    """A store for each type of message: ``"ticker"``, ``"trade"`` or what you call them. Any thread.

    >>> store = MessageStore("ticker", "trade")
    >>> store.set_data("trade", [{"p": "1.5"}, {"p": "2.5"}])
    >>> store.append("trade", {"p": "3.5"})
    >>> len(store.get_data("trade"))
    3

    Args:
        message_types: names of the types; without any, each name that is used makes its store.
        maxlen: messages that are kept of each type, above 0; the oldest go first. Default 100,000.

    Raises:
        ConfigError: for a name that is no text, or a bad ``maxlen``.
    """

    def __init__(self, *message_types: str, maxlen: int = 100_000) -> None:
        self._lock = threading.Lock()  # guards the dict
        self._maxlen = maxlen
        self._known = message_types
        Table(maxlen)  # which refuses a bad one
        self._tables: dict[str, Table] = {}
        for each in message_types:
            self.table(each)

    def set_data(self, message_type: str, messages: Iterable[Any]) -> None:
        """Keep these in place of what was kept of that type; the newest ``maxlen`` of them.

        Raises:
            ConfigError: there is no such type.
        """
        table = Table(self._maxlen)
        for message in messages:
            table(message)
        self.table(message_type)
        with self._lock:
            self._tables[message_type] = table

    def append(self, message_type: str, message: Any) -> None:
        """Keep one more. ``functools.partial(store.append, "trade")`` is a callback.

        Raises:
            ConfigError: there is no such type.
        """
        self.table(message_type)(message)

    def get_data(self, message_type: str) -> list[Any]:
        """What is kept of that type, the oldest first.

        Raises:
            ConfigError: there is no such type.
        """
        return self.table(message_type).to_list()

    def table(self, message_type: str) -> Table:
        """The :class:`~binance_sockets.Table` of that type, for columns, pandas, polars and Arrow.

        Raises:
            ConfigError: there is no such type.
        """
        if not isinstance(message_type, str) or (self._known and message_type not in self._known):
            raise ConfigError("message_type", message_type, self._known or "the name of a type")
        with self._lock:
            return self._tables.setdefault(message_type, Table(self._maxlen))

    @property
    def message_types(self) -> tuple[str, ...]:
        """The types that there are."""
        with self._lock:
            return tuple(self._tables)

    def __repr__(self) -> str:
        with self._lock:
            counts = ", ".join(f"{name} {len(table)}" for name, table in self._tables.items())
        return f"<MessageStore: {counts or 'empty'}>"

    def _repr_html_(self) -> str:
        with self._lock:
            found = list(self._tables.items())
        return html_table(("type", "messages"), [(name, f"{len(table):,}") for name, table in found])
