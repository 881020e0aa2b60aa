"""A recorder in the hands of who starts sockets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from binance_sockets import ConfigError, Recorder, SocketManager


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda recorder, manager: recorder.start("btcusdt@trade"), "method: expected a start_"),
        (
            lambda recorder, manager: recorder.start(manager.start_trade_socket, "A", print),
            "It is then= of the recorder",
        ),
        (lambda recorder, manager: recorder.start(manager.start_trade_socket, "A", callback=print), "It is then="),
    ],
)
def test_what_it_cannot_start(call: Any, named: str, tmp_path: Path) -> None:
    """Said in words, before anything is started."""
    with Recorder(tmp_path / "got.jsonl") as recorder, SocketManager(environment="http://127.0.0.1:9") as manager:
        with pytest.raises(ConfigError, match=named):
            call(recorder, manager)
        assert not manager.snapshot()["connections"]
