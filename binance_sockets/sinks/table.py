"""The last messages as a table."""

from __future__ import annotations

import importlib
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from .._html import html_table
from ..errors import ConfigError
from ..events import is_error

__all__ = ["Table"]

_SHOWN = 10  # rows in a notebook


class Table:
    """Give this to any socket as its callback, in the views dict, typed and unified: it keeps the last messages and
    makes columns of them when asked.

    A column is a field; nested ones have dots (``k.c``), and values stay what they are in the message: text where the
    exchange sends text. The kind of an event is one, too: ``type``, of the typed view ``e`` as the exchange has it. A
    message without a field has ``None`` there. Taking a message costs an append.
    All methods may be called from any thread.

    Args:
        maxlen: rows that are kept, above 0; the oldest go first. Default 10,000.

    Attributes:
        received: rows taken, those that have gone included.
    """

    def __init__(self, maxlen: int = 10_000) -> None:
        if not isinstance(maxlen, int) or isinstance(maxlen, bool) or maxlen < 1:
            raise ConfigError("maxlen", maxlen, "a whole number above 0")
        self._lock = threading.Lock()
        self._messages: deque[Any] = deque(maxlen=maxlen)
        self.received = 0

    def __call__(self, message: Any) -> None:
        """Take a message; of a list each element is a row. The last payload of a connection that gives up is none."""
        if is_error(message):
            return
        with self._lock:
            if isinstance(message, list):
                self._messages.extend(message)
                self.received += len(message)
            else:
                self._messages.append(message)
                self.received += 1

    def __len__(self) -> int:
        """Rows."""
        return len(self._messages)

    @property
    def latest(self) -> Any:
        """The newest message; ``None`` before the first."""
        with self._lock:
            return self._messages[-1] if self._messages else None

    def clear(self) -> None:
        """Forget all rows."""
        with self._lock:
            self._messages.clear()

    def to_list(self) -> list[Any]:
        """The rows as they came, the oldest first."""
        with self._lock:
            return list(self._messages)

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns: a list of equal length for each field, oldest message first.

        Raises:
            ConfigError: a message is neither a dict nor an event, such as the bytes of ``view="raw"``.
        """
        return _columns(self.to_list())

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``.

        Raises:
            ImportError: pandas is not installed.
            ConfigError: as :meth:`to_dict`.
        """
        return _package("pandas").DataFrame(self.to_dict())

    def to_polars(self) -> Any:
        """A ``polars.DataFrame``.

        Raises:
            ImportError: polars is not installed.
            ConfigError: as :meth:`to_dict`.
        """
        return _package("polars").DataFrame(self.to_dict(), strict=False)

    def to_arrow(self) -> Any:
        """A ``pyarrow.Table``.

        Raises:
            ImportError: pyarrow is not installed.
            ConfigError: as :meth:`to_dict`.
        """
        return _package("pyarrow").table(self.to_dict())

    def __repr__(self) -> str:
        return f"<Table: {len(self)} of {self._messages.maxlen} rows, {self.received} received>"

    def _repr_html_(self) -> str:
        newest = self.to_list()[-_SHOWN:]
        columns = _columns(newest)
        rows = [[values[row] for values in columns.values()] for row in range(len(newest))]
        return html_table(list(columns), rows, repr(self)[1:-1])


def _columns(messages: list[Any]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    for row, message in enumerate(messages):
        for name, value in _fields(message).items():
            column = columns.setdefault(name, [])
            column.extend([None] * (row - len(column)))
            column.append(value)
    for column in columns.values():
        column.extend([None] * (len(messages) - len(column)))
    return columns


def _fields(message: Any) -> dict[str, Any]:
    """The fields of a message, nested ones with dots."""
    if isinstance(message, msgspec.Struct):
        kind = message.__struct_config__
        tag = {} if kind.tag_field is None else {kind.tag_field: kind.tag}
        message = {**tag, **{name: getattr(message, name) for name in message.__struct_fields__}}
    elif not isinstance(message, Mapping):
        hint = "Use view='dict', 'typed' or 'unified'"
        raise ConfigError("message", type(message).__name__, "a dict or an event", hint)
    fields: dict[str, Any] = {}
    for name, value in message.items():
        if isinstance(value, (msgspec.Struct, Mapping)):
            fields.update({f"{name}.{inner}": part for inner, part in _fields(value).items()})
        else:
            fields[name] = value
    return fields


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"this needs {name}: pip install {name}", name=name) from error
