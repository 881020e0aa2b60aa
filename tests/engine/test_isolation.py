"""TLS in the helper process: the same as in the thread, and gone with whoever used it."""

from __future__ import annotations

import contextlib
import datetime
import errno
import itertools
import logging
import multiprocessing.spawn
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from loopback import PATIENCE, Inbox, Peer, Server, Sockets, Stop, data, good, http_proxy, silent, socks5_proxy

from binance_sockets.config import Backoff, Options
from binance_sockets.engine import gil, isolation, transport
from binance_sockets.engine.clock import Cancelled, Clock
from binance_sockets.engine.gil import GilWait
from binance_sockets.engine.isolation import helper
from binance_sockets.engine.pipes import Blocking, ByteStream
from binance_sockets.engine.talk import failed, raise_failure
from binance_sockets.engine.transport import SocketTransport
from binance_sockets.errors import ConfigError, ConnectError, ConnectionLost, ConnectTimeout, ProxyRejected
from binance_sockets.events import Gap, Reason
from binance_sockets.exchange import ConnectRequest

CLOCK = Clock()
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.skipif(not isolation.SUPPORTED, reason="this system hands no descriptors over")
NEEDS_PROC = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux shows all this in /proc")


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)


def server_context(ca: trustme.CA, *names: str, **dates: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*(names or ("127.0.0.1", "localhost")), **dates).configure_cert(context)
    return context


@pytest.fixture
def stop() -> Iterator[Stop]:
    with contextlib.closing(Stop()) as stop:
        yield stop


@pytest.fixture
def connect(stop: Stop) -> Iterator[Callable[..., Any]]:
    """``connect(url, timeout=…, **options)``. The helper ends with the test."""
    transports = []

    def connecting(url: str, timeout: float = PATIENCE, **options: Any) -> ByteStream:
        transports.append(SocketTransport(Options(**{"isolate": True, **options})))
        return transports[-1].connect(ConnectRequest(url), timeout, stop)

    yield connecting
    for each in transports:
        each.close()
    assert helper._start is None


def helper_pid() -> int:
    assert helper._start is not None and helper._start._process is not None
    return helper._start._process.pid


def wait_until(fact: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not fact():
        assert time.monotonic() < deadline, what
        pause.wait(0.005)


def exists(pid: int) -> bool:
    """Whether there is such a process, a zombie included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def read_exactly(stream: ByteStream, size: int, stop: Stop) -> bytes:
    wire = Blocking(stream, CLOCK.monotonic() + PATIENCE, stop, CLOCK)
    found, stream.early = bytearray(stream.early), b""
    while len(found) < size:
        more = wire.recv(65536)
        assert more, f"the end after {len(found)} bytes"
        found += more
    return bytes(found)


# -- refusals --


def _told(error: BaseException | None) -> list[Any]:
    """All that a user can see of an error and its causes, without what differs from run to run."""
    found: list[Any] = []
    while error is not None:
        facts = {name: value for name, value in vars(error).items() if name != "target"}
        text = str(error).replace(str(getattr(error, "target", " ")), "TARGET")
        number = None if isinstance(error, ConnectError) else getattr(error, "errno", None)
        found.append((type(error), text, number, facts))
        error = error.__cause__ if isinstance(error.__cause__, (OSError, ConnectError)) else None
    return found


def _expired(ca: trustme.CA) -> ssl.SSLContext:
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    return server_context(ca, not_before=past - datetime.timedelta(days=9), not_after=past)


def _self_signed(folder: pathlib.Path) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "self.pem"
    names = "subjectAltName=IP:127.0.0.1"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=self"]
    subprocess.run(
        [*made, "-addext", names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize(
    "case",
    ["wrong host", "unknown CA", "expired", "self-signed", "old TLS", "no TLS", "reset", "no server", "slow",
     "proxy refuses", "proxy wants a password", "SOCKS refuses", "empty ca_file", "HTTP 429"],
)  # fmt: skip
def test_refusals(connect: Callable[..., Any], ca: trustme.CA, ca_file: str, tmp_path: pathlib.Path, case: str) -> None:
    """Whatever keeps a TLS link from opening is the same error with the same text, facts and cause as without it."""
    tls: ssl.SSLContext | None = server_context(ca)
    script: Callable[[Peer], None] = good
    options: dict[str, Any] = {"ca_file": ca_file}
    proxy: Callable[[Peer], None] | None = None
    timeout = PATIENCE
    if case == "wrong host":
        tls = server_context(ca, "other.test", "127.0.0.9")
    elif case == "unknown CA":
        options = {}
    elif case == "expired":
        tls = _expired(ca)
    elif case == "self-signed":
        tls = _self_signed(tmp_path)
    elif case == "old TLS":
        assert tls is not None
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers("AES128-SHA")  # which no client of today offers
    elif case == "no TLS":
        tls, script = None, lambda peer: peer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    elif case == "reset":
        tls, script = None, lambda peer: (peer.read(PATIENCE), peer.reset())[1]
    elif case == "slow":
        tls, script, timeout = None, silent, 0.4
    elif case == "proxy refuses":
        proxy = http_proxy(answer=b"HTTP/1.1 503 Service Unavailable\r\nX-Why: closed\r\n\r\n")
    elif case == "proxy wants a password":
        proxy = http_proxy(answer=b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\n\r\n")
    elif case == "SOCKS refuses":
        pytest.importorskip("python_socks")
        proxy = socks5_proxy(("127.0.0.1", 1), code=2)
    elif case == "empty ca_file":
        (tmp_path / "empty.pem").write_text("nothing\n")
        options = {"ca_file": str(tmp_path / "empty.pem")}
    elif case == "HTTP 429":
        script = lambda peer: (peer.read_head(), peer.write(b"HTTP/1.1 429 No\r\nRetry-After: 7\r\n\r\n"))[1]  # noqa: E731
    told = []
    with Server(script, tls=tls) as server, contextlib.ExitStack() as stack:
        url = f"wss://127.0.0.1:{server.port if case != 'no server' else 1}"
        if proxy is not None:
            scheme = "socks5h" if case.startswith("SOCKS") else "http"
            options["proxy"] = f"{scheme}://127.0.0.1:{stack.enter_context(Server(proxy)).port}"
            url = "wss://exchange.test"
        if case == "slow":  # the start of the helper is not what is slow
            connect(stack.enter_context(Server(tls=server_context(ca))).url, ca_file=ca_file).close()
        for isolate in (False, True):
            with pytest.raises((ConnectError, ConfigError)) as caught:
                connect(url, timeout, isolate=isolate, **options)
            told.append(_told(caught.value))
    assert told[0] == told[1]


def test_errors_cross_unchanged() -> None:
    """What is raised there is raised here: kind, facts, text and the cause, if that is one of the system's."""
    error = ProxyRejected("a:1", "http://p:2", "answered 407", 407, {"x": "y"}, True)
    error.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    with pytest.raises(ProxyRejected) as caught:
        raise_failure(failed(error))
    assert (vars(caught.value), str(caught.value), caught.value.args) == (vars(error), str(error), error.args)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError) and caught.value.__cause__.errno == 111
    config = ConfigError("ca_file", "x", ("a", "b"), "hint")
    with pytest.raises(ConfigError) as wrong:
        raise_failure(failed(config))
    assert str(wrong.value) == str(config) and wrong.value.allowed == ("a", "b")
    with pytest.raises(ConnectError, match="ZeroDivisionError"):
        raise_failure(failed(ZeroDivisionError("x")))


def test_options(ca_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong value, a context that cannot be handed on, and a system that cannot isolate, are refused at once."""
    with pytest.raises(ConfigError, match=r"Options\.isolate: expected one of 'auto', True, False"):
        Options(isolate="yes")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="ca_file can"):
        Options(isolate=True, ssl_context=ssl.create_default_context())
    monkeypatch.setattr(transport, "SUPPORTED", False)
    with pytest.raises(ConfigError, match="on this system"):
        Sockets(options=Options(isolate=True))
    SocketTransport(Options(isolate="auto", ca_file=ca_file)).close()


# -- bytes --


def test_bytes_both_ways(connect: Callable[..., Any], ca: trustme.CA, ca_file: str, stop: Stop) -> None:
    """Megabytes in pieces of any size come back unchanged."""
    rng = random.Random(os.environ["TEST_SEED"])
    sent = [rng.randbytes(rng.choice((1, 100, 5_000, 70_000))) for _ in range(60)]
    total = sum(map(len, sent))

    def echo(peer: Peer) -> None:
        peer.accept()
        while more := peer.read():
            peer.write(more)

    with Server(echo, tls=server_context(ca)) as server:
        stream = connect(server.url, ca_file=ca_file)
        with contextlib.closing(stream):
            found = []
            reading = threading.Thread(target=lambda: found.append(read_exactly(stream, total, stop)))
            reading.start()
            for piece in sent:
                while stream.wants_write:  # flushed by the thread that writes: here that is this one
                    stream.flush()
                stream.write(piece)
            while stream.wants_write:
                stream.flush()
            reading.join(PATIENCE)
            assert found == [b"".join(sent)]


@NEEDS_PROC
def test_back_pressure(connect: Callable[..., Any], ca: trustme.CA, ca_file: str, stop: Stop) -> None:
    """A parent that does not read holds the server up; the helper keeps next to nothing meanwhile."""
    size, wrote = 40_000_000, threading.Event()
    block = random.Random(7).randbytes(1 << 16)

    def flood(peer: Peer) -> None:
        peer.accept()
        for at in range(0, size, len(block)):
            peer.write(block[: size - at])
        wrote.set()
        peer.read(PATIENCE)

    def memory() -> int:
        status = pathlib.Path(f"/proc/{helper_pid()}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    with (
        Server(flood, tls=server_context(ca)) as server,
        contextlib.closing(connect(server.url, ca_file=ca_file)) as stream,
    ):
        before = memory()
        assert not wrote.wait(0.5), "40 MB went somewhere"
        assert memory() - before < 4096
        found = read_exactly(stream, size, stop)
        assert found == (block * (size // len(block) + 1))[:size]
        assert wrote.wait(PATIENCE)


@pytest.mark.parametrize("how", ["in order", "reset", "broken record"])
def test_end_of_a_stream(connect: Callable[..., Any], ca: trustme.CA, ca_file: str, stop: Stop, how: str) -> None:
    """What came before the end is delivered, then the end is told as without the helper."""

    def script(peer: Peer) -> None:
        peer.accept()
        peer.write(b"last")
        peer.read(PATIENCE)  # it has them
        if how == "reset":
            peer.reset()
        elif how == "broken record":
            os.write(peer.sock.fileno(), b"\x17\x03\x03\x00\x20" + b"x" * 32)
            peer.read(PATIENCE)

    ends = []
    with Server(script, tls=server_context(ca)) as server:
        for isolate in (False, True):
            stream = connect(server.url, ca_file=ca_file, isolate=isolate)
            assert read_exactly(stream, 4, stop) == b"last"
            stream.write(b"go")
            try:
                read_exactly(stream, 1, stop)
            except AssertionError as exc:
                ends.append(str(exc))
            except (OSError, ConnectionLost) as exc:
                ends.append(str(exc))
            stream.close()
    assert ends[0] == ends[1]


def test_cancelled(connect: Callable[..., Any], stop: Stop) -> None:
    """A connect that is no longer wanted ends at once, here and in the helper, which lets the server go."""
    with Server(silent) as server:
        timer = threading.Thread(target=lambda: (server.arrived.get(timeout=PATIENCE), stop.stop()))
        timer.start()
        with pytest.raises(Cancelled):
            connect(server.url.replace("ws:", "wss:"))
        timer.join()
        peer = server.peers[0]
        while peer.read(PATIENCE):  # its hello, then the end
            pass
        assert peer.read(PATIENCE) == b""


# -- the process --


@NEEDS_PROC
def test_what_the_process_inherits(
    connect: Callable[..., Any], ca: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    """No secret of the environment, no open file, no terminal; and it leads a session of its own."""
    monkeypatch.setenv("BINANCE_API_SECRET", "hunter2")
    with (tmp_path / "open").open("w") as file, Server(tls=server_context(ca)) as server:
        os.set_inheritable(file.fileno(), True)
        stream = connect(server.url, ca_file=ca_file)
        pid = helper_pid()
        place = pathlib.Path("/proc") / str(pid)
        assert b"hunter2" not in (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
        links = [os.readlink(each) for each in (place / "fd").iterdir()]
        assert all(link == "/dev/null" or link.startswith(("socket:", "anon_inode:")) for link in links), links
        assert os.readlink(place / "cwd") == "/"
        assert os.getsid(pid) == pid
        stream.close()


def test_signals_are_the_parents(connect: Callable[..., Any], ca: trustme.CA, ca_file: str, stop: Stop) -> None:
    """Ctrl-C, and a signal to a whole group of processes, end the helper no earlier than its parent."""

    def script(peer: Peer) -> None:
        peer.accept()
        while more := peer.read():
            peer.write(more)

    with Server(script, tls=server_context(ca)) as server:
        stream = connect(server.url, ca_file=ca_file)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(helper_pid(), number)
        stream.write(b"still here")
        assert read_exactly(stream, 10, stop) == b"still here"
        stream.close()


def test_one_helper_for_all_and_none_after_the_last(ca: trustme.CA, ca_file: str) -> None:
    """Managers share one process; it is gone when the last of them is closed, and comes again."""
    with Server(tls=server_context(ca)) as server:
        managers = [Sockets(options=Options(ca_file=ca_file, isolate=True)) for _ in range(2)]
        for _ in range(2):
            pids = []
            for manager in managers:
                manager.start()
                manager.open(server.url, print)
                manager.wait_open("a", PATIENCE)
                assert manager.snapshot()["connections"]["a"]["links"][0]["isolated"] is True
                pids.append(helper_pid())
            assert pids[0] == pids[1]
            managers[0].close()
            assert exists(pids[0])
            managers[1].close()
            assert not exists(pids[0])


def test_a_helper_that_does_not_start(
    connect: Callable[..., Any],
    ca: trustme.CA,
    ca_file: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    stop: Stop,
) -> None:
    """Asked for, that is an error which says so; chosen by itself, TLS stays in the thread and one line says why."""
    with Server(tls=server_context(ca)) as server:
        for program in ("/nowhere/python", "/bin/false"):
            monkeypatch.setattr(multiprocessing.spawn, "_python_exe", os.fsencode(program))
            with pytest.raises(ConnectError, match="helper process that undoes TLS"):
                connect(server.url, ca_file=ca_file)
        auto = SocketTransport(Options(ca_file=ca_file))
        auto._isolate()
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                stream = auto.connect(ConnectRequest(server.url), PATIENCE, stop)
                assert not stream.isolated and stream.wait is None
                stream.close()
        assert sum("goes on in the threads" in record.message for record in caplog.records) == 1
        auto.close()


def test_a_helper_that_hangs(connect: Callable[..., Any], ca: trustme.CA, ca_file: str) -> None:
    """The deadline holds whatever the helper does; a helper that does not end is killed."""
    with Server(tls=server_context(ca)) as server:
        connect(server.url, ca_file=ca_file).close()
        pid = helper_pid()
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(ConnectTimeout, match="no answer of the helper"):
            connect(server.url, timeout=0.2, ca_file=ca_file)
        os.kill(pid, signal.SIGCONT)


def test_a_helper_that_goes_on_hanging_is_replaced(
    connect: Callable[..., Any], ca: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it has answered nobody for long it is killed, and the next connect has a new one; a short while is no
    proof.
    """
    monkeypatch.setattr(isolation, "_HUNG", 1.0)
    with Server(tls=server_context(ca)) as server:
        connect(server.url, ca_file=ca_file).close()
        pid = helper_pid()
        os.kill(pid, signal.SIGSTOP)
        for timeout in (0.2, 0.6):  # and half a second each, which the helper has for its answer
            assert helper_pid() == pid
            with pytest.raises(ConnectTimeout, match="no answer of the helper"):
                connect(server.url, timeout=timeout, ca_file=ca_file)
        connect(server.url, ca_file=ca_file).close()
        assert helper_pid() != pid
        assert not exists(pid)


def test_fork(connect: Callable[..., Any], ca: trustme.CA, ca_file: str, stop: Stop) -> None:
    """A forked child has a helper of its own, and leaves its parent's alone."""

    def script(peer: Peer) -> None:
        peer.accept()
        while more := peer.read():
            peer.write(more)

    code = """
    import os, sys
    from loopback import *
    from binance_sockets.config import Backoff, Options
    from binance_sockets.engine.isolation import helper
    from binance_sockets.engine.transport import SocketTransport
    transport, stop = SocketTransport(Options(ca_file=sys.argv[2], isolate=True)), Stop()
    mine = transport.connect(ConnectRequest(sys.argv[1]), 20, stop)
    before = helper._start._process.pid
    child = os.fork()
    if not child:
        other = transport.connect(ConnectRequest(sys.argv[1]), 20, stop)
        assert helper._start._process.pid != before
        other.close()
        transport.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    mine.write(b"x")
    select.select([mine], [], [], 20)
    assert mine.recv_into(memoryview(bytearray(9))) == 1
    mine.close()
    transport.close()
    """
    with Server(script, tls=server_context(ca)) as server:
        done = _run([sys.executable, "-X", "dev", "-W", "error", "-c", _dedented(code), server.url, ca_file])
        assert done == ("", "", 0)


def _dedented(code: str) -> str:
    return "\n".join(line[4:] for line in code.split("\n"))


def _process(command: list[str]) -> subprocess.Popen[str]:
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, env={**os.environ, "PYTHONPATH": paths}, **pipes)  # type: ignore[call-overload, no-any-return]


def _run(command: list[str]) -> tuple[str, str, int]:
    """What a process says on both ways, and its exit code."""
    with _process(command) as process:
        try:
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    return out, err, process.returncode


_HOLDER = """
    import os, sys, threading
    from loopback import *
    from binance_sockets.config import Backoff, Options
    from binance_sockets.engine.isolation import helper
    from binance_sockets.engine.transport import SocketTransport
    transport = SocketTransport(Options(ca_file=sys.argv[2], isolate=True))
    stream = transport.connect(ConnectRequest(sys.argv[1]), 20, Stop())
    child = os.fork()
    if not child:
        threading.Event().wait(60)
        os._exit(0)
    print(helper._start._process.pid, child, flush=True)
    threading.Event().wait(60)
"""


def _killed_parents(rounds: int, ca: trustme.CA, ca_file: str) -> None:
    with Server(tls=server_context(ca)) as server:
        for _ in range(rounds):
            with _process([sys.executable, "-c", _dedented(_HOLDER), server.url, ca_file]) as process:
                assert process.stdout is not None
                pid, child = map(int, process.stdout.readline().split())
                process.kill()
                process.wait(PATIENCE)
                try:
                    wait_until(lambda pid=pid: not exists(pid) or _is_zombie(pid), "the helper outlives its parent")
                finally:
                    os.kill(child, signal.SIGKILL)


def _is_zombie(pid: int) -> bool:
    """It has ended; whoever adopts orphans here does not ask."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


@NEEDS_PROC
def test_killed_parents() -> None:
    """SIGKILL of the parent ends the helper, also while a forked child of the parent goes on."""
    ca = trustme.CA()
    with ca.cert_pem.tempfile() as path:
        _killed_parents(2, ca, path)


def _killed_helpers(rounds: int, ca: trustme.CA, ca_file: str, stop: Stop) -> None:
    transport = SocketTransport(Options(ca_file=ca_file, isolate=True))
    with Server(tls=server_context(ca)) as server:

        def round_() -> None:
            streams = [transport.connect(ConnectRequest(server.url), PATIENCE, stop) for _ in range(2)]
            os.kill(helper_pid(), signal.SIGKILL)
            for stream in streams:
                with pytest.raises(ConnectionLost, match=r"helper process .* has ended"):
                    read_exactly(stream, 1, stop)
                stream.close()

        round_()
        before, pid = len(os.listdir("/proc/self/fd")), helper_pid()
        for _ in range(rounds):
            round_()
            assert not exists(pid)
            pid = helper_pid()
        assert len(os.listdir("/proc/self/fd")) <= before + 4  # ends of the server, which close in their own time
    transport.close()
    assert not exists(pid)


@NEEDS_PROC
def test_killed_helpers(ca: trustme.CA, ca_file: str, stop: Stop) -> None:
    """SIGKILL of the helper ends its links with that reason; the next connect has a new one; nothing is left behind."""
    _killed_helpers(3, ca, ca_file, stop)


@NEEDS_PROC
@pytest.mark.full
@pytest.mark.timeout(900)
def test_two_hundred_killed_helpers(ca: trustme.CA, ca_file: str, stop: Stop) -> None:
    """The same, two hundred times."""
    _killed_helpers(200, ca, ca_file, stop)


@NEEDS_PROC
@pytest.mark.full
@pytest.mark.timeout(1800)
def test_two_hundred_killed_parents(ca: trustme.CA, ca_file: str) -> None:
    """The same, two hundred times; each has a process to start, and that a helper."""
    _killed_parents(200, ca, ca_file)


_UNSHARE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]
_PROCESS_1 = "import subprocess, sys; exit(subprocess.call([sys.executable, '-c', {code!r}, *sys.argv[1:]]))"


@NEEDS_PROC
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare, to make a process with the number 1")
@pytest.mark.parametrize(
    ("number", "program"), [(1, "{code}"), pytest.param(2, _PROCESS_1, marks=pytest.mark.full)], ids=["1", "its child"]
)
def test_in_a_container(ca: trustme.CA, ca_file: str, number: int, program: str) -> None:
    """As the process with the number 1, which inherits all orphans, and as its child: links go through the helper, and
    behind close() nothing is left of it, not even a zombie."""
    if subprocess.run([*_UNSHARE, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody make a process namespace")
    code = _dedented("""
    import os, sys
    from loopback import *
    from binance_sockets import Options
    processes = lambda: sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    inbox, before = Inbox(), processes()
    manager = Sockets(options=Options(ca_file=sys.argv[2], isolate=True))
    manager.start()
    manager.open(sys.argv[1], inbox)
    print(inbox.next(), os.getpid(), len(processes()) - len(before))
    manager.close()
    print(processes() == before == [*range(1, os.getpid() + 1)])
    """)

    def script(peer: Peer) -> None:
        peer.accept()
        peer.write(data("a", 7))
        peer.behave()

    with Server(script, tls=server_context(ca)) as server:
        found = _run([*_UNSHARE, sys.executable, "-c", program.format(code=code), server.url, ca_file])
    assert found == (f"7 {number} 1\nTrue\n", "", 0)


_AROUND = {
    "in a notebook": "import asyncio\nasync def cell(): exec({code!r}, {{}})\nasyncio.run(cell())",
    "as a child of init": "import os\nif os.fork(): os._exit(0)\nexec({code!r}, {{}})",
    "spawned": """
import multiprocessing
child = multiprocessing.get_context("spawn").Process(target=exec, args=({code!r}, {{}}), daemon=True)
child.start(); child.join(); exit(child.exitcode)
""",
    "forked": """
import multiprocessing, binance_sockets
child = multiprocessing.get_context("fork").Process(target=exec, args=({code!r}, {{}}), daemon=True)
child.start(); child.join(); exit(child.exitcode)
""",
}


@pytest.mark.parametrize(
    "begin",
    [
        "frozen",
        "spawned",
        *(
            pytest.param(name, marks=pytest.mark.full)
            for name in ("python -c", "after the main thread", *_AROUND)
            if name != "spawned"
        ),
    ],
)
def test_ways_to_start(ca: trustme.CA, ca_file: str, tmp_path: pathlib.Path, begin: str) -> None:
    """It works without a script, in a program that is frozen into one file, after the main thread's end, inside a
    running event loop as notebooks have it, without a parent of its own, and in children of both kinds."""
    code = """
    import binance_sockets
    import sys, threading
    from loopback import *
    from binance_sockets import Options
    def on_message(message):
        print(message, flush=True)
        threading.Thread(target=manager.close).start()
    manager = Sockets(options=Options(ca_file=sys.argv[2], isolate=True))
    manager.start()
    if WAIT:
        def later():
            threading.main_thread().join()
            manager.open(sys.argv[1], on_message)
        manager.open("ws://127.0.0.1:1", lambda message: None, key="holds")
        threading.Thread(target=later).start()
    else:
        manager.open(sys.argv[1], on_message)
        manager.join()
    """.replace("if WAIT:", f"if {begin == 'after the main thread'}:")
    text = _dedented(code)
    command = [sys.executable, "-c", _AROUND[begin].format(code=text) if begin in _AROUND else text]
    if begin == "frozen":  # a program of one file, which starts itself
        program = tmp_path / "program"
        paths = [str(ROOT), str(ROOT / "tests")]
        first = f"import sys; sys.frozen, sys.executable, sys.path[:0] = True, {str(program)!r}, {paths!r}"
        program.write_text(f"#!{sys.executable}\n{first}\n{text}")
        program.chmod(0o755)
        command = [str(program)]

    def script(peer: Peer) -> None:
        peer.accept()
        peer.write(data("a", 1))
        peer.behave()

    with Server(script, tls=server_context(ca)) as server:
        out, err, code_ = _run([*command, server.url, ca_file])
        assert (out, code_) == ("1\n", 0), err


# -- under load --


class Feed:
    """Numbers, to every connection that is open, as an exchange sends its trades."""

    def __init__(self, interval: float = 0.001) -> None:
        self._interval = interval
        self._lock = threading.Lock()
        self._peers: list[Peer] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk, name="feed")
        self.number = 0

    def __enter__(self) -> Feed:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def script(self, peer: Peer) -> None:
        peer.accept()
        with self._lock:
            self._peers.append(peer)
        try:
            peer.behave()
        finally:
            with self._lock:
                self._peers.remove(peer)

    def _talk(self) -> None:
        while not self._over.wait(self._interval):
            with self._lock:
                self.number += 1
                for peer in self._peers:
                    with contextlib.suppress(OSError):
                        peer.write(data("a", self.number))


@contextlib.contextmanager
def fed(ca: trustme.CA, ca_file: str, inbox: Inbox, **options: Any) -> Iterator[tuple[Sockets, Inbox]]:
    """A manager with one socket that is fed, and the gaps it tells."""
    gaps = Inbox()
    feed = Feed()
    with (
        Server(feed.script, tls=server_context(ca)) as server,
        feed,
        contextlib.closing(Sockets(options=Options(ca_file=ca_file, **options))) as manager,
    ):
        manager.add_gap_listener(gaps)
        manager.start()
        manager.open(server.url, inbox, ids=True)
        manager.wait_open("a", PATIENCE)
        yield manager, gaps


def link_of(manager: Sockets) -> Any:
    return manager.snapshot()["connections"]["a"]["links"][0]


def drained(inbox: Inbox) -> list[int]:
    found = []
    while not inbox.empty():
        found.append(inbox.next())
    return found


def moves(ca: trustme.CA, ca_file: str) -> None:
    """The link moves to the helper by itself; no message is lost, doubled or reordered."""
    inbox = Inbox()
    with fed(ca, ca_file, inbox, backoff=Backoff(initial=0.05)) as (manager, gaps):
        found = [inbox.next()]
        wait_until(lambda: link_of(manager)["isolated"], "it did not move")
        assert link_of(manager)["left"] == Reason.CONTENDED.value
        found += [inbox.next() for _ in range(200)] + drained(inbox)
        assert gaps.empty()
    assert found == list(range(found[0], found[0] + len(found)))


def test_moves_when_reading_waits(ca: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten reads that waited are enough, where any wait counts.

    A thread that computes makes reads wait only where a core is free for it, which no machine under load promises.
    """
    monkeypatch.setattr(gil, "_NOTABLE", -1.0)
    monkeypatch.setattr(gil, "_SHARE", -1.0)
    moves(ca, ca_file)


@pytest.mark.full
def test_moves_beside_a_busy_thread(ca: trustme.CA, ca_file: str) -> None:
    """Beside a thread that computes. Needs two cores that do nothing else."""
    over = threading.Event()

    def spin() -> None:
        value = 0
        while not over.is_set():
            for step in range(1000):
                value = (value * 31 + step) & 0xFFFF

    spinner = threading.Thread(target=spin, name="spinner")
    spinner.start()
    try:
        moves(ca, ca_file)
    finally:
        over.set()
        spinner.join()


def test_the_snapshot_shows_how_long_reading_waited(
    ca: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a link that is read here, in seconds."""
    monkeypatch.setattr(gil, "_NOTABLE", 0.0)
    monkeypatch.setattr(gil, "_TIMES", 10**9)
    inbox = Inbox()
    with fed(ca, ca_file, inbox) as (manager, _):
        inbox.next()
        wait_until(lambda: link_of(manager)["gil_wait"] > 0.0, "nothing waited")
        assert link_of(manager)["isolated"] is False


def test_move_loses_nothing(ca: trustme.CA, ca_file: str) -> None:
    """Every number from before to behind the move arrives, once and in order."""
    inbox = Inbox()
    with fed(ca, ca_file, inbox) as (manager, gaps):
        first = inbox.next()
        numbers = [first]
        core = manager._core
        assert isinstance(core.transport, SocketTransport)
        core.transport._isolate()
        manager.reconnect("a")
        wait_until(lambda: link_of(manager)["isolated"], "it did not move")
        numbers += [inbox.next() for _ in range(200)]
        numbers += drained(inbox)
        assert gaps.empty()
    assert numbers == list(range(first, first + len(numbers)))


def test_death_of_the_helper_is_a_gap(ca: trustme.CA, ca_file: str) -> None:
    """A helper that is killed under load costs what came meanwhile: that is told as a gap, with the reason and the
    numbers around it; nothing comes twice or in another order."""
    inbox, reports = Inbox(), Inbox()
    with fed(ca, ca_file, inbox, isolate=True) as (manager, gaps):
        manager.add_state_listener(reports)
        numbers = [inbox.next() for _ in range(100)]
        os.kill(helper_pid(), signal.SIGKILL)
        gap: Gap = gaps.next()
        numbers += [inbox.next() for _ in range(100)] + drained(inbox)
        lost = reports.next()
        assert "helper process" in str(lost.error) and lost.reason is Reason.NETWORK
        assert gap.reason is Reason.NETWORK
    jumps = [(a, b) for a, b in itertools.pairwise(numbers) if b != a + 1]
    assert [(each.last_id, each.first_id) for each in gap.ids] == jumps and len(jumps) == 1
    assert numbers == sorted(set(numbers))


# -- the waits --


def test_waits_are_judged_by_share_and_number() -> None:
    """Many long waits within seconds count; few, short or rare ones do not."""

    def judged(waits: list[float], apart: float) -> int:
        calls: list[int] = []
        wait = GilWait(lambda: calls.append(1))
        for number, seconds in enumerate(waits):
            wait.add(seconds, 100.0 + number * apart)
        assert wait.seconds == pytest.approx(sum(seconds for seconds in waits if seconds >= 0.001))
        assert wait.long is bool(calls)
        return len(calls)

    assert judged([0.005] * 200, 0.01) == 1  # as beside a thread that computes; told once
    assert judged([0.0005] * 5000, 0.001) == 0
    assert judged([1.0] * 5, 0.1) == 0  # one calculation in C, or a collection
    assert judged([0.005] * 500, 0.5) == 0


def test_without_a_gil_nothing_is_measured(
    ca: trustme.CA, ca_file: str, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On free-threaded CPython, and with a context of one's own, ``"auto"`` leaves TLS in the thread."""
    context = ssl.create_default_context(cafile=ca_file)
    with Server(tls=server_context(ca)) as server:
        for no_gil, options in ((True, Options(ca_file=ca_file)), (False, Options(ssl_context=context))):
            monkeypatch.setattr(transport, "has_gil", lambda no_gil=no_gil: not no_gil)
            stream = SocketTransport(options).connect(ConnectRequest(server.url), PATIENCE, stop)
            assert stream.wait is None and not stream.isolated
            stream.close()
