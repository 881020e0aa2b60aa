"""The golden samples in ``tests/data``: made-up messages in the real shape, as ``tests/data/README.rst`` describes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from binance_sockets.exchanges.binance.families import FAMILIES
from binance_sockets.exchanges.binance.names import parse

__all__ = [
    "MARKETS", "Sample", "closest", "compact", "differences", "leaves", "market_samples", "names", "parse", "read",
    "rows", "shape",
]  # fmt: skip

DATA = Path(__file__).parent / "data"
MARKETS = tuple(FAMILIES)


@dataclass(frozen=True)
class Sample:
    """A market message.

    Args:
        market: one of :data:`MARKETS`.
        key: its row in the table of streams.
        number: of the sample in its file.
        stream: the stream that carries it.
        payload: the message on a raw connection.
    """

    market: str
    key: str
    number: int
    stream: str
    payload: Any

    @property
    def id(self) -> str:
        return f"{self.market}-{self.key}-{self.number}"

    @property
    def raw(self) -> bytes:
        """As sent on a raw connection."""
        return compact(self.payload)

    @property
    def combined(self) -> bytes:
        """As sent on a combined connection."""
        return compact({"stream": self.stream, "data": self.payload})


def compact(message: object) -> bytes:
    """A message's text on the wire."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def read(path: str) -> dict[str, Any]:
    """One file, such as ``control/ack``."""
    document: dict[str, Any] = json.loads((DATA / f"{path}.json").read_text(encoding="utf-8"))
    return document


def names(folder: str) -> list[str]:
    """The files of a folder, without their ending."""
    return sorted(path.stem for path in (DATA / folder).glob("*.json"))


def rows(market: str) -> set[str]:
    """The keys of the streams that the exchange serves today."""
    return {row.key for row in FAMILIES[market] if row.retired is None}


@cache
def market_samples(*markets: str) -> tuple[Sample, ...]:
    """All samples of these markets; of every market if none is named."""
    return tuple(
        Sample(market, key, number, row["stream"], row["payload"])
        for market in markets or MARKETS
        for key in names(market)
        for number, row in enumerate(read(f"{market}/{key}")["samples"], 1)
    )


def shape(value: Any) -> Any:
    """The fields and JSON types of a value; of an array the distinct shapes of its rows."""
    if isinstance(value, dict):
        return {key: shape(row) for key, row in value.items()}
    if isinstance(value, list):
        found: list[Any] = []
        for row in map(shape, value):
            if row not in found:
                found.append(row)
        return found
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, (int, float)) else "text"


def differences(got: Any, wanted: Any, path: str = "") -> list[str]:
    """Paths at which a shape differs from the wanted one; an empty array fits every array."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        found = [f"{path}.{key}" for key in sorted(got.keys() ^ wanted.keys())]
        for key in sorted(got.keys() & wanted.keys()):
            found += differences(got[key], wanted[key], f"{path}.{key}")
        return found
    if isinstance(got, list) and isinstance(wanted, list):
        return [part for row in got if wanted for part in closest(row, wanted, f"{path}[]")]
    return [] if got == wanted else [f"{path}: {_kind(got)} is not {_kind(wanted)}"]


def _kind(one: Any) -> str:
    return one if isinstance(one, str) else type(one).__name__


def closest(got: Any, wanted: Iterable[Any], path: str = "") -> list[str]:
    """The differences from that wanted shape from which there are fewest."""
    return min((differences(got, one, path) for one in wanted), key=len)


def leaves(value: Any) -> Iterator[Any]:
    """Every text and number in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for row in value:
            yield from leaves(row)
    else:
        yield value
