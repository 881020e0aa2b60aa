"""MessageStore: each type of message has its own, bounded, from any thread."""

from __future__ import annotations

from functools import partial

import pytest
from consume.test_stream import in_thread
from loopback import PATIENCE

from binance_sockets import ConfigError, MessageStore


def test_what_is_set_replaces_and_what_is_appended_follows() -> None:
    """Per type; the others are as they were."""
    store = MessageStore("ticker", "trade")
    store.set_data("trade", [{"p": "1"}, {"p": "2"}])
    store.append("trade", {"p": "3"})
    assert store.get_data("trade") == [{"p": "1"}, {"p": "2"}, {"p": "3"}]
    store.set_data("trade", [{"p": "4"}])
    assert (store.get_data("trade"), store.get_data("ticker")) == ([{"p": "4"}], [])
    assert store.message_types == ("ticker", "trade")


def test_its_length_is_bounded() -> None:
    """The newest stay, of those that are set as of those that are appended."""
    store = MessageStore(maxlen=2)
    store.set_data("a", [1, 2, 3])
    assert store.get_data("a") == [2, 3]
    store.append("a", 4)
    assert store.get_data("a") == [3, 4]


def test_a_type_is_a_table() -> None:
    """With columns, wrapped messages with dots."""
    store = MessageStore("trade")
    store.append("trade", {"stream": "btcusdt@trade", "data": {"p": "1.5"}})
    assert store.table("trade").to_dict() == {"stream": ["btcusdt@trade"], "data.p": ["1.5"]}


def test_without_names_any_type_may_be_used() -> None:
    """With names, others are refused, so that a slip of the pen shows."""
    assert MessageStore().get_data("anything") == []
    store = MessageStore("trade")
    with pytest.raises(ConfigError, match=r"^message_type: expected one of 'trade'; got 'trades'|expected 'trade'"):
        store.append("trades", {})
    for bad in (5, None):
        with pytest.raises(ConfigError):
            MessageStore().get_data(bad)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        MessageStore(maxlen=0)


def test_many_threads_append() -> None:
    """Nothing is lost, also while the type is new."""
    store = MessageStore()
    results = [in_thread(lambda: [store.append("a", number) for number in range(500)]) for _ in range(4)]
    for result in results:
        assert result.get(timeout=PATIENCE) == [None] * 500
    assert sorted(store.get_data("a")) == sorted([*range(500)] * 4)


def test_it_is_a_callback_of_a_type() -> None:
    """By ``functools.partial``."""
    store = MessageStore("trade")
    partial(store.append, "trade")({"p": "1"})
    assert len(store.table("trade")) == 1


def test_notebooks_show_counts() -> None:
    """Of each type, with nothing that is not escaped."""
    store = MessageStore("<b>")
    store.append("<b>", 1)
    assert store._repr_html_() == (
        "<table><thead><tr><th>type</th><th>messages</th></tr></thead>"
        "<tbody><tr><td>&lt;b&gt;</td><td>1</td></tr></tbody></table>"
    )
    assert repr(store) == "<MessageStore: <b> 1>"
