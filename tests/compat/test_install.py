"""What ``import binance_sockets.compat.install`` adds to what is installed, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

REAL_TWISTED = {
    "twisted/__init__.py": "",
    "twisted/web.py": "",
    "twisted/internet/__init__.py": "",
    "twisted/internet/error.py": "class ReactorNotRunning(Exception): pass\n",
    "twisted/internet/reactor.py": """
        import sys
        from twisted.internet.error import ReactorNotRunning

        class Real:
            running = False
            stopped = 0

            def stop(self):
                if not self.running:
                    raise ReactorNotRunning()
                self.stopped += 1

            def callFromThread(self, function, *args):
                function(*args)

        del sys.modules["twisted.internet.reactor"]
        sys.modules["twisted.internet.reactor"] = Real()
    """,
}
ONE = {
    "binance/__init__.py": "from binance.client import Client\nclass BinanceSocketManager: theirs = True\n",
    "binance/client.py": "class Client: theirs = True\n",
    "binance/enums.py": "SIDE_BUY = 'theirs'\n",
    "binance/exceptions.py": "class BinanceAPIException(Exception): theirs = True\n",
    "binance/helpers.py": "",
}
ZERO = {
    **ONE,
    "binance/__init__.py": "",
    "binance/websockets.py": "class BinanceSocketManager: theirs = True\n",
    "binance/depthcache.py": "from .websockets import BinanceSocketManager\nclass DepthCache: theirs = True\n",
}


def run(code: str, folder: Path, files: dict[str, str], *words: str) -> str:
    """What a fresh interpreter prints, beside packages made of ``files``."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    script = folder / "script.py"
    script.write_text(textwrap.dedent(code))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    how = words or ("-X", "dev", "-W", "error")
    done = subprocess.run([sys.executable, *how, str(script)], env=env, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_is_importable_where_nothing_is_installed(tmp_path: Path) -> None:
    """All modules and names that scripts import; what is not there raises as if nothing had been installed."""
    code = """
        import binance_sockets.compat.install
        import binance.websockets, binance.client, binance.enums
        from binance import BinanceSocketManager, Client, SIDE_BUY, BinanceAPIException
        from binance.client import Client as same, BinanceAPIException, BinanceRequestException
        from binance.enums import *
        from binance.exceptions import BinanceAPIException, BinanceOrderException, BinanceWithdrawException
        from binance.helpers import date_to_milliseconds, interval_to_milliseconds
        from binance.websockets import BinanceSocketManager as manager
        from binance.websockets import BinanceClientFactory, BinanceClientProtocol, connectWS, reactor
        from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
        from twisted.internet import reactor as second, ssl
        from twisted.internet.error import ReactorAlreadyRunning, ReactorNotRunning
        from twisted.internet.protocol import ReconnectingClientFactory
        import twisted.internet.reactor
        from binance_sockets.compat import BinanceSocketManager as ours
        assert manager is BinanceSocketManager is ours and Client is same
        assert reactor is second is twisted.internet.reactor
        assert (KLINE_INTERVAL_1MINUTE, ORDER_TYPE_LIMIT, WEBSOCKET_DEPTH_5) == ("1m", "LIMIT", "5")
        assert interval_to_milliseconds("4h") == 14_400_000
        assert (reactor.running, reactor._stopped) == (False, False)
        reactor.stop()
        ssl.ClientContextFactory()
        for name in ("binance.nosuch", "twisted.web", "binance.depth"):
            try:
                __import__(name)
            except ModuleNotFoundError:
                print(name)
        try:
            from binance import AsyncClient
        except ImportError as error:
            print("AsyncClient" in str(error))
    """
    assert run(code, tmp_path, {}) == "binance.nosuch\ntwisted.web\nbinance.depth\nTrue\n"


def test_what_is_installed_of_1_x_wins(tmp_path: Path) -> None:
    """Its client, enums, exceptions and exports stay; ``binance.websockets`` is added."""
    code = """
        import binance_sockets.compat.install
        import binance, binance.client, binance.enums, binance.websockets
        from binance_sockets.compat import BinanceSocketManager
        assert binance.client.Client.theirs and binance.enums.SIDE_BUY == "theirs"
        assert binance.BinanceSocketManager.theirs
        assert binance.websockets.BinanceSocketManager is BinanceSocketManager
    """
    run(code, tmp_path, ONE)


def test_of_a_real_0_7_only_the_sockets_change(tmp_path: Path) -> None:
    """The client and depth cache are its own, on today's sockets; a module that was imported before stays."""
    code = """
        import binance_sockets.compat.install
        import binance.client, binance.depthcache, binance.websockets
        from binance_sockets.compat import BinanceSocketManager
        assert binance.client.Client.theirs and binance.depthcache.DepthCache.theirs
        assert binance.websockets.BinanceSocketManager is BinanceSocketManager
        assert binance.depthcache.BinanceSocketManager is BinanceSocketManager
    """
    run(code, tmp_path, ZERO)
    before = """
        import binance.websockets
        import binance_sockets.compat.install
        import binance.websockets
        assert binance.websockets.BinanceSocketManager.theirs
    """
    run(before, tmp_path, ZERO)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("import twisted.internet.reactor", id="before"),
        pytest.param("pass", id="after", marks=pytest.mark.full),
    ],
)
def test_a_real_reactor_stays_the_real_one(first: str, tmp_path: Path) -> None:
    """``stop`` closes managers and raises nothing for them; without managers it raises, and stops, as ever."""
    code = f"""
        {first}
        import binance_sockets.compat.install
        import twisted.web
        from twisted.internet import error
        from twisted.internet import reactor
        from binance_sockets.compat import BinanceSocketManager
        assert type(reactor).__name__ == "Real"
        try:
            reactor.stop()
        except error.ReactorNotRunning:
            print("raised")
        bm = BinanceSocketManager()
        bm.start()
        reactor.stop()
        print(bm.is_alive())
        reactor.running = True
        reactor.stop()
        print(reactor.stopped)
    """
    assert run(code, tmp_path, REAL_TWISTED) == "raised\nFalse\n1\n"


WAYS = [("-m", "binance_sockets", "run"), pytest.param(("-m", "binance_sockets.compat"), marks=pytest.mark.full)]


@pytest.mark.parametrize("way", WAYS)
def test_a_script_is_the_main_program(way: tuple[str, ...], tmp_path: Path) -> None:
    """``__main__``, ``sys.argv``, ``sys.path`` and what is beside it are as with ``python script.py``."""
    code = """
        import sys
        import beside
        assert __name__ == "__main__" and __file__ == sys.argv[0]
        assert sys.modules["__main__"].__dict__ is globals()
        print(sys.path[0] == beside.__file__.rpartition("/")[0], sys.argv[1:])
    """
    assert run(code, tmp_path, {"beside.py": ""}, *way) == "True []\n"
    script = str(tmp_path / "script.py")
    done = subprocess.run(
        [sys.executable, *way, script, "--count", "3", "-v"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=50,
    )  # fmt: skip
    assert done.stdout == "True ['--count', '3', '-v']\n"


def test_a_script_stays_the_main_program(tmp_path: Path) -> None:
    """Also after its last line, when only callbacks run: what they pickle is found, and the process ends with it."""
    code = """
        import pickle, sys, threading

        class Order:
            pass

        def later():
            threading.main_thread().join()
            assert sys.modules["__main__"].__dict__ is globals()
            print(type(pickle.loads(pickle.dumps(Order()))) is Order)

        threading.Thread(target=later).start()
    """
    assert run(code, tmp_path, {}, "-m", "binance_sockets.compat") == "True\n"


def test_processes_that_a_script_spawns_find_what_it_imports(tmp_path: Path) -> None:
    """They import the script anew, and so its old imports; their own children do likewise."""
    code = """
        import multiprocessing
        from binance.enums import KLINE_INTERVAL_1MINUTE
        from binance.websockets import BinanceSocketManager
        from beside import SIDE

        def child(pipe, deeper):
            pipe.send((BinanceSocketManager.__module__, KLINE_INTERVAL_1MINUTE, SIDE))
            if deeper:
                start(pipe, False)

        def start(pipe, deeper):
            process = multiprocessing.get_context("spawn").Process(target=child, args=(pipe, deeper))
            process.start()
            process.join()

        if __name__ == "__main__":
            here, there = multiprocessing.Pipe()
            start(there, True)
            print([here.recv(), here.recv()] == [("binance_sockets.compat.manager", "1m", "BUY")] * 2)
    """
    beside = {"beside.py": "from binance.enums import SIDE_BUY as SIDE\n"}
    assert run(code, tmp_path, beside, "-m", "binance_sockets.compat") == "True\n"


@pytest.mark.parametrize("way", WAYS)
def test_a_script_that_is_not_there(way: tuple[str, ...], tmp_path: Path) -> None:
    """One line says so, with exit code 2; so does a call without a script."""
    for words in ([], ["nosuch.py"]):
        done = subprocess.run(
            [sys.executable, *way, *words], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "nosuch.py" in done.stderr or not words
        assert "Traceback" not in done.stderr
