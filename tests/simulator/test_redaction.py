"""What the simulator shows of what it was sent has no secrets; its attributes have all, for tests that want them."""

from __future__ import annotations

import contextlib
import json

import pytest
import websocket
from simulator.helpers import LISTED, get, ws_url
from simulator.members import by_ed25519, by_hmac

from binance_sockets.simulator import DEMO_API_KEY, Simulator
from binance_sockets.simulator.redaction import without_secrets

TOKEN = "tok-en_1." + "x7" * 12


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/private/ws?listenKey=short&events=A", "/private/ws?listenKey=[5 characters hidden]&events=A"),
        ("/ws/" + "aB3d" * 16, "/ws/[64 characters hidden]"),
        ('{"params":{"signature":"ab+/cd==","x":1}}', '{"params":{"signature":"[8 characters hidden]","x":1}}'),
        (f'{{"listenToken" : "{TOKEN}"}}', f'{{"listenToken" : "[{len(TOKEN)} characters hidden]"}}'),
        ("{'apiKey': 'k-1'}", "{'apiKey': '[3 characters hidden]'}"),
        (r"b'{\"apiKey\": \"k-1\"}'", r"b'{\"apiKey\": \"[3 characters hidden]\"}'"),
        ("/ws/btcusdt@trade/ethusdt@depth20@100ms", "/ws/btcusdt@trade/ethusdt@depth20@100ms"),
        ("/stream?streams=" + "/".join(["btcusdt@trade"] * 9), "/stream?streams=" + "/".join(["btcusdt@trade"] * 9)),
    ],
)
def test_what_is_hidden(text: str, shown: str) -> None:
    """What is called a secret, and what is as long as one; in a URL, in JSON, in a ``repr``; nothing else."""
    assert without_secrets(text) == shown


def test_connections_show_no_secret() -> None:
    """Listen keys in paths and names, signatures and API keys in requests: kept, not printed, nor told over HTTP."""
    hmac, ed25519 = by_hmac(), by_ed25519()
    with Simulator(symbols=LISTED) as sim, contextlib.ExitStack() as stack:
        for member in (hmac, ed25519):
            sim.accounts.create(member.api_key, **member.arguments)
        key = hmac.call(sim, "POST", "/usdm/fapi/v1/listenKey").json()["listenKey"]

        def open_(path: str) -> websocket.WebSocket:
            return stack.enter_context(contextlib.closing(websocket.create_connection(ws_url(sim) + path, timeout=10)))

        open_(f"/usdm/private/ws?listenKey={key}&events=ACCOUNT_UPDATE")
        by_name = open_("/usdm/private/stream")
        by_name.send(json.dumps({"method": "SUBSCRIBE", "params": [key], "id": 1}))
        by_name.recv()
        api = open_("/spot/ws-api/v3")
        secrets = {key}
        for number, member in enumerate((hmac, ed25519)):
            params = member.signed()
            secrets |= {params["signature"], member.api_key}
            request = {"id": number, "method": "userDataStream.subscribe.signature", "params": params}
            api.send(json.dumps(request))
            assert json.loads(api.recv())["status"] == 200

        status, state = get(sim, "/control/state")
        assert status == 200
        told = json.dumps(state)
        for shown in (repr(sim.connections), str(sim.connections), repr(sim.history), told):
            assert "ws-api" in shown and "characters hidden]" in shown
            assert not [secret for secret in secrets if secret in shown]
        assert key in sim.connections[0].path and key in sim.connections[1].streams
        assert key in sim.history[0].path
        assert hmac.api_key.encode() in sim.connections[2].control[0].payload
        assert DEMO_API_KEY not in told
