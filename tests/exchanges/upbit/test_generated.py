"""The start methods and their table: written from it, and none is missing."""

from __future__ import annotations

from generators import script

from binance_sockets import UpbitSocketManager
from binance_sockets.exchanges.upbit.kinds import KINDS


def test_the_methods_are_what_the_table_says() -> None:
    """To the letter; each type of streams has its method, and each method is in the table."""
    with script("generate_upbit") as generator:
        assert generator.TARGET.read_text(encoding="utf-8") == generator.source(), "run: make sockets"
        written = {method.name: method.type for method in generator.METHODS}
    assert {*written.values(), "indicator_signal"} == KINDS.keys()
    starters = {name for name in dir(UpbitSocketManager) if name.startswith("start_")}
    assert starters == {*written, "start_order_book", "start_socket"}
