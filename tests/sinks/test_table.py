"""Table: the last messages as columns of equal length, for all three packages or a clear error."""

import sys
import threading
from typing import Any

import msgspec
import pytest
from patience import PATIENCE

from binance_sockets import unified
from binance_sockets.errors import ConfigError
from binance_sockets.sinks import Table


class Event(msgspec.Struct):
    symbol: str
    price: str


def test_columns_of_what_came_last() -> None:
    """Nested fields have dots, absent ones are None, the oldest rows go, the last payload is no row."""
    table = Table(maxlen=3)
    table({"s": "gone"})
    table({"s": "BTCUSDT", "k": {"c": "1"}})
    table(Event("ETHUSDT", "2"))
    table({"s": "BNBUSDT"})
    table({"e": "error", "m": "Max reconnect retries reached"})
    assert table.to_dict() == {
        "s": ["BTCUSDT", None, "BNBUSDT"],
        "k.c": ["1", None, None],
        "symbol": [None, "ETHUSDT", None],
        "price": [None, "2", None],
    }
    assert (len(table), table.received, table.latest) == (3, 4, {"s": "BNBUSDT"})
    table.clear()
    assert table.to_dict() == {} and table.latest is None


def test_events_of_several_kinds_can_be_told_apart() -> None:
    """By the column that JSON has it in."""
    table = Table()
    head: Any = {"exchange": "e", "product": "p", "symbol": "s", "instrument": None, "time_ns": 1, "received_ns": 2}
    table(unified.IndexPrice(**head, price=1.5))
    table(unified.OpenInterest(**head, open_interest=1.0, open_interest_value=2.0))
    assert table.to_dict()["type"] == ["index_price", "open_interest"]


def test_an_array_is_as_many_rows() -> None:
    """As streams of all symbols send them; the rows can be had back as they came."""
    table = Table(maxlen=3)
    table([{"s": "BTCUSDT"}, {"s": "ETHUSDT"}])
    table([{"s": "BNBUSDT"}, {"s": "XRPUSDT"}])
    assert table.to_dict() == {"s": ["ETHUSDT", "BNBUSDT", "XRPUSDT"]}
    assert table.to_list() == [{"s": "ETHUSDT"}, {"s": "BNBUSDT"}, {"s": "XRPUSDT"}]
    assert (table.received, table.latest) == (4, {"s": "XRPUSDT"})


@pytest.mark.parametrize(
    ("package", "method"), [("pandas", "to_pandas"), ("polars", "to_polars"), ("pyarrow", "to_arrow")]
)
def test_the_packages(package: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame of the same shape where the package is there; else an error that says what to install."""
    table = Table()
    table({"s": "BTCUSDT", "p": 1.5})
    table({"s": "ETHUSDT"})
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, package, None)
        with pytest.raises(ImportError, match=f"pip install {package}"):
            getattr(table, method)()
    pytest.importorskip(package)
    assert getattr(table, method)().shape == (2, 2)


def test_reading_while_messages_come() -> None:
    """Columns are of equal length whatever is being added."""
    table = Table(maxlen=50)
    writer = threading.Thread(target=lambda: [table({"a": number, "b": number}) for number in range(5_000)])
    writer.start()
    while writer.is_alive():
        columns = table.to_dict()
        assert columns.get("a") == columns.get("b")
    writer.join(PATIENCE)
    assert table.to_dict()["a"] == list(range(4_950, 5_000))


def test_html_is_escaped() -> None:
    """What the network sends is text in a notebook, not markup."""
    table = Table()
    table({"<s>": "<script>"})
    assert "<script>" not in table._repr_html_() and "&lt;script&gt;" in table._repr_html_()


def test_bad_arguments_and_messages_are_refused() -> None:
    """No table of nothing, and none of bytes."""
    with pytest.raises(ConfigError):
        Table(maxlen=0)
    table = Table()
    table(b"{}")
    with pytest.raises(ConfigError, match="a dict or an event"):
        table.to_dict()
