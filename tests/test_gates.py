"""The gates of ``conftest.py`` catch what they are there for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

BAD = """
import gc, logging, os, random, socket, subprocess, sys, threading, warnings
from types import SimpleNamespace
from binance_sockets import ApiKey, ConfigError, SocketManager
from binance_sockets.exchanges.binance.credentials import ListenKey

def test_leaves_a_thread(monkeypatch):
    import conftest
    monkeypatch.setattr(conftest, "PATIENCE", 0.1)
    threading.Thread(target=threading.Event().wait, name="binance_sockets:left", daemon=True).start()

def test_connects_beyond_loopback():
    try:
        socket.socket().connect(("192.0.2.1", 80))
    except OSError:
        pass

def test_looks_up_a_name():
    try:
        socket.getaddrinfo("exchange.example", 443)
    except OSError:
        pass

def test_warns():
    warnings.warn("something is off")

def test_leaves_a_socket_open():
    socket.socket()
    gc.collect()

def test_raises_in_a_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

SECRET = "neverToBeSaid" * 3

def test_logs_a_secret():
    ApiKey("k" * 20, SECRET)
    logging.getLogger("anybody").warning("with %s", SECRET)

def test_logs_a_traceback_with_a_secret():
    ApiKey("k" * 20, SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("anybody").exception("failed")

def test_prints_a_signature():
    print(ApiKey("k" * 20, SECRET).sign("text"))

def test_an_error_says_an_api_key():
    ApiKey("keyOfSomebody" * 3, SECRET)
    ConfigError("name", "keyOfSomebody" * 3, "another")

def test_a_child_says_what_it_was_given():
    code = "import os; print(os.environ['BINANCE_API_SECRET'])"
    subprocess.run([sys.executable, "-c", code], env={"BINANCE_API_SECRET": SECRET[::-1]}, capture_output=True)

def test_a_snapshot_shows_a_listen_key():
    key = ListenKey(SimpleNamespace(call=lambda *_, **__: {"listenKey": SECRET[1:]}, close=lambda: None), "/path")
    key.obtain()
    class Shows(SocketManager):
        def snapshot(self):
            return {"url": key.key}
    Shows().close()
"""

GOOD = """
import os, random, socket, threading
from binance_sockets import ApiKey

def test_loopback_is_open():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass

def test_invalid_names_are_unknown():
    try:
        socket.getaddrinfo("nobody.invalid", 443)
    except socket.gaierror:
        pass

def test_threads_that_end_are_fine():
    threading.Thread(target=threading.Event().wait, args=(0.05,), name="binance_sockets:soon").start()

def test_settings_are_gone():
    assert "BINANCE_SOCKETS_BASE_URL" not in os.environ
    assert "https_proxy" not in os.environ

def test_keys_that_are_not_said_are_fine():
    print(ApiKey("k" * 20, "neverToBeSaid" * 3))

def test_seeded():
    assert random.random() == 0.13436424411240122
"""


def test_every_gate_closes(tmp_path: Path) -> None:
    """Each bad test fails or errs, each good one passes, under the project's own settings."""
    for name in ("conftest.py", "kept_secrets.py", "binance_keys.py", "patience.py"):
        shutil.copy(HERE / name, tmp_path / name)
    shutil.copy(HERE.parent / "setup.cfg", tmp_path / "setup.cfg")
    (tmp_path / "e2e").mkdir()
    shutil.copy(HERE / "e2e" / "tables.py", tmp_path / "e2e" / "tables.py")
    (tmp_path / "test_bad.py").write_text(BAD)
    (tmp_path / "test_good.py").write_text(GOOD)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n0",
            "-q",
            "-rA",
            "-p",
            "no:cacheprovider",
            "--import-mode=prepend",
            str(tmp_path),
        ],
        cwd=tmp_path,
        env={"TEST_SEED": "1", "BINANCE_SOCKETS_BASE_URL": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"},
        capture_output=True,
        text=True,
    )
    refused = set(re.findall(r"^(?:FAILED|ERROR) test_bad\.py::(\w+)", done.stdout, re.M))
    passed = set(re.findall(r"^PASSED test_good\.py::(\w+)", done.stdout, re.M))
    assert refused == set(re.findall(r"def (test_\w+)", BAD)), done.stdout
    assert passed == set(re.findall(r"def (test_\w+)", GOOD)), done.stdout
    assert "threads left behind: ['binance_sockets:left']" in done.stdout
    for where in (
        "log of anybody", "traceback in the log of anybody", "Captured stdout call", "ConfigError",
        "output of a child process", "snapshot()",
    ):  # fmt: skip
        assert re.search(rf"secrets were said: \[.*\.\.\. in {re.escape(where)}'", done.stdout), where
    assert "network beyond loopback: ['connect to 192.0.2.1:80']" in done.stdout
    assert "network beyond loopback: ['look up exchange.example']" in done.stdout
