"""Where a manager connects to: the environment variable, TLS and proxies, through its options alone."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from e2e.conftest import Tls
from e2e.harness import FINAL, managed, nothing_left, options, say
from loopback import Server, http_proxy, socks5_proxy
from patience import PATIENCE

from binance_sockets.errors import CertificateRejected
from binance_sockets.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
from binance_sockets import SocketManager

manager = SocketManager()
prices = []

def on_trade(trade):
    prices.append(trade["p"])
    if len(prices) == 3:
        print(*prices)
        manager.close()

manager.start_trade_socket("BTCUSDT", on_trade)
manager.start()
manager.start_futures_multiplex_socket(["btcusdt@markPrice@1s", "btcusdt@bookTicker"], lambda message: None)
"""


def test_the_variable_points_an_unmodified_script_at_the_simulator() -> None:
    """A script without a word about environments runs against BINANCE_SOCKETS_BASE_URL, all products, and ends."""
    with Simulator(speed=20.0) as sim:
        environment = {**os.environ, "BINANCE_SOCKETS_BASE_URL": sim.url, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=environment,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert len([float(price) for price in done.stdout.split()]) == 3
        assert {attempt.product for attempt in sim.history} >= {"spot"}
        assert all("binance_sockets/" in attempt.headers["User-Agent"] for attempt in sim.history)
        (warning,) = done.stderr.splitlines()
        assert f"BINANCE_SOCKETS_BASE_URL is set: what names no environment connects to {sim.url}" in warning


def test_an_own_authority_is_trusted_by_file(tmp_path: Path) -> None:
    """``ca_file`` is all that a private authority needs; data arrives over TLS, from single and multiplex sockets."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = _server_context(authority)
    trusting = replace(options(), ca_file=str(tmp_path / "ca.pem"))
    with Simulator(ssl_context=tls) as sim, managed(sim, trusting) as (manager, record):
        manager.start_symbol_book_ticker_socket("BTCUSDT", record.on_message)
        manager.start_multiplex_socket(["btcusdt@bookTicker"], record.on_message)
        manager.start()
        record.wait(lambda record: len({"stream" in message for message in record.messages}) == 2, "both forms")
        assert not record.errors


def test_an_unknown_authority_is_refused_at_once(tls_sim: Simulator) -> None:
    """Without trust there is no second attempt: one payload and a report that says what is wrong."""
    with nothing_left(tls_sim), managed(tls_sim) as (manager, record):
        manager.start_trade_socket("BTCUSDT", record.on_message)
        manager.start()
        manager.join(PATIENCE)
        assert record.messages == [FINAL]
        (report,) = record.errors
        assert isinstance(report.error, CertificateRejected)
        assert report.final


@pytest.mark.parametrize("kind", ["http", "socks5h"])
def test_a_proxy_carries_plain_sockets(sim: Simulator, kind: str) -> None:
    """``proxy`` leads to hosts that only the proxy can reach; data arrives through it."""
    target = ("127.0.0.1", sim.port)
    with Server(http_proxy(target) if kind == "http" else socks5_proxy(target)) as proxy:
        through = replace(options(), proxy=f"{kind}://127.0.0.1:{proxy.port}")
        with nothing_left(sim), managed("http://exchange.invalid:8080", through) as (manager, record):
            manager.start_trade_socket("AAAUSDT", record.on_message)
            manager.start()
            say(sim, "spot", ["aaausdt@trade"], 1)
            record.wait_messages(1)
            assert b"exchange.invalid:8080" in proxy.peers[0].head


def test_a_proxy_carries_tls(tls_sim: Simulator, tls: Tls) -> None:
    """TLS goes end to end through a proxy: the certificate of the far host is what is verified."""
    with Server(http_proxy(("127.0.0.1", tls_sim.port))) as proxy:
        through = replace(options(), proxy=f"http://127.0.0.1:{proxy.port}", ssl_context=tls.client)
        with nothing_left(tls_sim), managed("https://exchange.invalid:9443", through) as (manager, record):
            manager.start_trade_socket("BTCUSDT", record.on_message)
            manager.start()
            manager.join(PATIENCE)
            (report,) = record.errors
            assert isinstance(report.error, CertificateRejected)  # of 127.0.0.1, not of exchange.invalid
            assert b"CONNECT exchange.invalid:9443" in proxy.peers[0].head


def _server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
