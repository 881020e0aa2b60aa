"""TLS: who is trusted, and how records become bytes, over real sockets and record by record."""

from __future__ import annotations

import contextlib
import datetime
import os
import pathlib
import random
import select
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import certifi
import pytest
import trustme
from loopback import CLOSE, PATIENCE, PING, PONG, TEXT, Inbox, Peer, Server, Sockets, Stop, data, frame, http_proxy

from binance_sockets.config import Options
from binance_sockets.engine import secure as secure_module
from binance_sockets.engine import talk, transport
from binance_sockets.engine.clock import Clock
from binance_sockets.engine.frames import FrameReader
from binance_sockets.engine.isolation import SUPPORTED
from binance_sockets.engine.pipes import Blocking, PlainStream, TlsStream
from binance_sockets.engine.transport import SocketTransport
from binance_sockets.engine.websocket import WebSocket
from binance_sockets.errors import CertificateRejected, ConfigError, ConnectError, ConnectionLost
from binance_sockets.exchange import ConnectRequest

CLOCK = Clock()
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)


def server_context(ca: trustme.CA, *names: str, version: ssl.TLSVersion | None = None, **dates: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*(names or ("127.0.0.1", "localhost", "exchange.test")), **dates).configure_cert(context)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def client_context(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca.configure_trust(context)
    return context


@pytest.fixture
def stop() -> Iterator[Stop]:
    with contextlib.closing(Stop()) as stop:
        yield stop


@pytest.fixture
def connect(stop: Stop) -> Callable[..., TlsStream]:
    def connecting(url: str, **options: Any) -> Any:
        return SocketTransport(Options(**options)).connect(ConnectRequest(url), PATIENCE, stop)

    return connecting


# -- trust --


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("secure", [False, True])
def test_the_address_to_begin_with(
    secure: bool, isolate: bool, ca: trustme.CA, ca_file: str, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked of whoever dials, wherever TLS is undone."""
    if isolate and (not secure or not SUPPORTED):
        pytest.skip("nothing to undo elsewhere")
    asked: list[Any] = []
    real = talk.Order.line
    monkeypatch.setattr(talk.Order, "line", lambda order: asked.append(order.turn) or real(order))
    for module in (transport, secure_module):
        dialled = module.dial
        monkeypatch.setattr(module, "dial", lambda *args, dial=dialled: asked.append(args[0].turn) or dial(*args))
    with Server(tls=server_context(ca) if secure else None) as server:
        options = Options(ca_file=ca_file, isolate=isolate)
        SocketTransport(options).connect(ConnectRequest(server.url, turn=1), PATIENCE, stop).close()
    assert asked == [1]


def test_custom_ca_file(connect: Callable[..., Any], ca: trustme.CA, ca_file: str) -> None:
    """A server whose CA is in ``ca_file`` is trusted, by address and by name."""
    with Server(tls=server_context(ca)) as server:
        connect(server.url, ca_file=ca_file).close()
        connect(f"wss://localhost:{server.port}", ca_file=ca_file).close()
        assert len(server.heads) == 2


def test_custom_context(connect: Callable[..., Any], ca: trustme.CA) -> None:
    """A context of the user's is used as it is."""
    with Server(tls=server_context(ca)) as server:
        connect(server.url, ssl_context=client_context(ca)).close()


def test_unknown_ca(connect: Callable[..., Any], ca: trustme.CA) -> None:
    """A certificate of an unknown CA is rejected by default; the request never leaves."""
    with Server(tls=server_context(ca)) as server:
        with pytest.raises(CertificateRejected, match=r"certificate is not accepted: .*issuer.*ca_file"):
            connect(server.url)
        assert server.heads == []


def test_wrong_host_name(connect: Callable[..., Any], ca: trustme.CA, ca_file: str) -> None:
    """A certificate for another name, or another address, is rejected, and the text names the host."""
    with Server(tls=server_context(ca, "other.test", "127.0.0.9")) as server:
        with pytest.raises(CertificateRejected, match=r"IP address mismatch.*127"):
            connect(server.url, ca_file=ca_file)
        with pytest.raises(CertificateRejected, match=r"Hostname mismatch.*localhost"):
            connect(f"wss://localhost:{server.port}", ca_file=ca_file)
        assert server.heads == []


def test_expired_certificate(connect: Callable[..., Any], ca: trustme.CA, ca_file: str) -> None:
    """An expired certificate is rejected."""
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    context = server_context(ca, not_before=past - datetime.timedelta(days=9), not_after=past)
    with Server(tls=context) as server, pytest.raises(CertificateRejected, match="expired"):
        connect(server.url, ca_file=ca_file)


def test_certificate_is_checked_behind_a_proxy(connect: Callable[..., Any], ca: trustme.CA, ca_file: str) -> None:
    """Through a proxy the certificate must be the exchange's, whoever answers."""
    with Server(tls=server_context(ca)) as server, Server(http_proxy(("127.0.0.1", server.port))) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        connect("wss://exchange.test", proxy=url, ca_file=ca_file).close()
        with pytest.raises(CertificateRejected, match=r"other\.test"):
            connect("wss://other.test", proxy=url, ca_file=ca_file)


def test_gives_up_at_once(ca: trustme.CA) -> None:
    """A socket whose server is not trusted gives up after one attempt, and says why."""
    inbox, reports = Inbox(), Inbox()
    with Server(tls=server_context(ca)) as server, contextlib.closing(Sockets()) as manager:
        manager.add_error_listener(reports)
        manager.start()
        manager.open(server.url, inbox)
        assert inbox.next()["m"] == "Max reconnect retries reached"
        assert isinstance(reports.next().error, CertificateRejected)
        manager.close()
        assert len(server.peers) == 1


def test_no_tls_at_all(connect: Callable[..., Any]) -> None:
    """A server that speaks plain text, says nothing sensible, or ends or resets the connection is a ConnectError."""

    def resets(peer: Peer) -> None:
        peer.read(PATIENCE)
        peer.reset()

    scripts: list[Callable[[Peer], Any]] = [
        lambda peer: peer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        lambda peer: (peer.read(PATIENCE), peer.write(b"\x16\x03\x03\x00\x05hello")),
        lambda peer: peer.read(PATIENCE),
        resets,
    ]
    for script in scripts:
        with Server(script) as server, pytest.raises(ConnectError, match="TLS handshake failed") as caught:
            connect(server.url.replace("ws:", "wss:"))
        assert type(caught.value) is ConnectError


def test_server_refuses_our_version(connect: Callable[..., Any], ca: trustme.CA) -> None:
    """Where no common TLS version exists, the error is a ConnectError with the reason."""
    context = client_context(ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    only_old = server_context(ca, version=ssl.TLSVersion.TLSv1_2)
    with Server(tls=only_old) as server, pytest.raises(ConnectError, match=r"(?i)protocol.version"):
        connect(server.url, ssl_context=context)


def test_unreadable_ca_file(connect: Callable[..., Any], ca: trustme.CA, tmp_path: pathlib.Path) -> None:
    """A CA file without certificates is a ConfigError, every time."""
    path = tmp_path / "empty.pem"
    path.write_text("nothing in here\n")
    transport = SocketTransport(Options(ca_file=str(path)))
    with Server(tls=server_context(ca)) as server, contextlib.closing(Stop()) as stop:
        for _ in range(2):
            with pytest.raises(ConfigError, match="ca_file") as caught:
                transport.connect(ConnectRequest(server.url), PATIENCE, stop)
            assert caught.value.__cause__ is not None


def test_one_context_for_all(ca: trustme.CA, ca_file: str, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many threads connect at once, one context is made, at the first connect."""
    made: list[ssl.SSLContext] = []
    real = ssl.create_default_context

    def counting(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        made.append(real(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", counting)
    transport = SocketTransport(Options(ca_file=ca_file))
    assert made == []
    with Server(tls=server_context(ca)) as server, ThreadPoolExecutor(8) as pool:
        for stream in pool.map(lambda _: transport.connect(ConnectRequest(server.url), PATIENCE, stop), range(16)):
            stream.close()
    assert len(made) == 1
    assert made[0].verify_mode is ssl.CERT_REQUIRED and made[0].check_hostname


# -- the system's CAs --


def hashed_name(ca: trustme.CA, folder: pathlib.Path) -> str:
    """The name under which OpenSSL finds a CA in a directory."""
    path = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    asked = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(path)]
    found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    path.unlink()
    return f"{found}.0"


@pytest.fixture
def system(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A system whose CAs would be in this directory, which is empty, and in no file."""
    folder = tmp_path / "certs"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    return folder


@pytest.mark.parametrize("content", ["nothing", "no directory", "other names", "garbage", "a dangling link"])
def test_useless_ca_directory(
    connect: Callable[..., Any],
    ca: trustme.CA,
    system: pathlib.Path,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
) -> None:
    """Where the system's directory of CAs is of no use, those of certifi are trusted; ``ca_file`` comes on top."""
    authorities = tmp_path / "certifi.pem"
    ca.cert_pem.write_to_path(str(authorities))
    monkeypatch.setattr(certifi, "where", lambda: str(authorities))
    if content == "no directory":
        system.rmdir()
    elif content == "other names":
        ca.cert_pem.write_to_path(str(system / "company.pem"))
    elif content == "garbage":
        (system / "0123abcd.0").write_text("no certificate\n")
    elif content == "a dangling link":
        (system / "0123abcd.0").symlink_to(system / "gone.pem")
    with Server(tls=server_context(ca)) as server:
        connect(server.url).close()
        more = tmp_path / "more.pem"
        trustme.CA().cert_pem.write_to_path(str(more))
        connect(server.url, ca_file=str(more)).close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl names the file")
@pytest.mark.parametrize("others", ["{}", "/nowhere{sep}{}", "{}{sep}/nowhere"], ids=["alone", "last", "first"])
def test_useful_ca_directory(
    connect: Callable[..., Any], ca: trustme.CA, system: pathlib.Path, monkeypatch: pytest.MonkeyPatch, others: str
) -> None:
    """A directory of the system with one CA that OpenSSL finds is what is trusted; certifi adds nothing to it. The
    variable may name several directories."""
    monkeypatch.setenv("SSL_CERT_DIR", others.format(system, sep=os.pathsep))
    monkeypatch.setattr(certifi, "where", lambda: pytest.fail("certifi was asked"))
    name = hashed_name(ca, system)
    (system / "01234567.0").write_text("garbage beside it\n")
    ca.cert_pem.write_to_path(str(system / name))
    with Server(tls=server_context(ca)) as server:
        connect(server.url).close()


@contextlib.contextmanager
def streaming(
    script: Callable[[Peer], None], ca: trustme.CA, ca_file: str, inbox: Inbox, **tls: Any
) -> Iterator[Sockets]:
    """A started manager with one socket to a TLS server that follows ``script``."""
    with (
        Server(script, tls=server_context(ca, **tls)) as server,
        contextlib.closing(Sockets(options=Options(ca_file=ca_file))) as manager,
    ):
        manager.start()
        manager.open(server.url, inbox)
        yield manager


@pytest.mark.parametrize("version", VERSIONS)
def test_session_is_resumed(ca: trustme.CA, ca_file: str, stop: Stop, version: ssl.TLSVersion) -> None:
    """The second connect to a server resumes the first one's TLS session."""
    reused: list[bool] = []

    def script(peer: Peer) -> None:
        assert peer.tls
        reused.append(bool(peer.tls.session_reused))
        peer.accept()
        peer.behave()

    transport = SocketTransport(Options(ca_file=ca_file))
    with Server(script, tls=server_context(ca, version=version)) as server:
        for _ in range(3):
            transport.connect(ConnectRequest(server.url), PATIENCE, stop).close()
    assert reused == [False, True, True]


@pytest.mark.parametrize("version", VERSIONS)
def test_frames_behind_the_response(ca: trustme.CA, ca_file: str, version: ssl.TLSVersion) -> None:
    """Frames in the same record as the handshake response, and in the records behind it, are not lost."""

    def script(peer: Peer) -> None:
        peer.accept(data("a", 1) + data("a", 2))
        for number in range(3, 40):
            peer.write(data("a", number))
        peer.behave()

    inbox = Inbox()
    with streaming(script, ca, ca_file, inbox, version=version):
        assert [inbox.next() for _ in range(39)] == list(range(1, 40))


def test_both_directions_at_once(ca: trustme.CA, ca_file: str) -> None:
    """A flood of messages and pings over TLS arrives in order; pings are answered as often as the exchange allows."""
    payload, pongs = "x" * 3000, []

    def script(peer: Peer) -> None:
        peer.accept()

        def talk() -> None:
            for number in range(300):
                peer.write(data("a", [number, payload]) + frame(PING, b"%d" % number))

        talking = threading.Thread(target=talk)
        talking.start()
        opcode = PONG
        while opcode != CLOSE:
            opcode, answer = peer.read_frame()
            if opcode == PONG:
                pongs.append(int(answer))
        talking.join(PATIENCE)

    inbox = Inbox()
    with streaming(script, ca, ca_file, inbox) as manager:
        assert [inbox.next()[0] for _ in range(300)] == list(range(300))
        manager.close()
    assert pongs[0] == 0 and pongs == sorted(set(pongs))


# -- record by record --


class Records:
    """A TLS server in memory behind a socket pair: what it wants to send lies in ``take()`` first."""

    def __init__(self, context: ssl.SSLContext, sock: socket.socket) -> None:
        self.sock = sock
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._in, self._out, server_side=True)

    def pump(self, step: Callable[[], Any]) -> Any:
        """Run ``step`` until it has what it needs."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.flush()
                found = self.sock.recv(65536)
                assert found
                self._in.write(found)

    def handshake(self) -> None:
        self.pump(self.tls.do_handshake)
        self.flush()

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += self.pump(lambda: self.tls.read(size))
        return found

    def seal(self, *payloads: bytes) -> bytes:
        """One record for each payload."""
        for payload in payloads:
            self.tls.write(payload)
        return self._out.read()

    def say_goodbye(self) -> bytes:
        """A close_notify alert."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        return self._out.read()

    def flush(self) -> None:
        found = self._out.read()
        if found:
            self.sock.sendall(found)


@contextlib.contextmanager
def shaken(client: ssl.SSLContext, server: ssl.SSLContext, stop: Stop) -> Iterator[tuple[TlsStream, Records]]:
    """A TLS stream after its handshake, and the server's end."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE)
    plain = PlainStream(ours)
    stream = TlsStream(plain, client, "localhost")
    records = Records(server, theirs)
    shaking = threading.Thread(target=records.handshake)
    shaking.start()
    stream.handshake(Blocking(plain, CLOCK.monotonic() + PATIENCE, stop, CLOCK))
    shaking.join(PATIENCE)
    with theirs, contextlib.closing(stream):
        yield stream, records


@pytest.fixture(params=VERSIONS, ids=lambda version: version.name)
def ends(request: pytest.FixtureRequest, ca: trustme.CA, stop: Stop) -> Iterator[tuple[TlsStream, Records]]:
    """Both ends of a connection, in each version of TLS."""
    with shaken(client_context(ca), server_context(ca, version=request.param), stop) as both:
        yield both


def read_all(stream: TlsStream, size: int = 65536) -> bytes:
    """What is there, read as a link does: once more while ``pending``."""
    found = b""
    view = memoryview(bytearray(size))
    with contextlib.suppress(BlockingIOError):
        while True:
            count = stream.recv_into(view)
            found += view[:count]
            if not count or not (stream.pending or count == size):
                break
    return found


def test_many_records_in_one_segment(ends: tuple[TlsStream, Records]) -> None:
    """All records that have arrived together come with one read."""
    stream, records = ends
    payloads = [b"%03d" % number for number in range(200)]
    records.sock.sendall(records.seal(*payloads))
    view = memoryview(bytearray(65536))
    count = stream.recv_into(view)
    assert view[:count] == b"".join(payloads)
    assert not stream.pending


@pytest.mark.parametrize("view_size", [100_000, 20_000])
def test_more_than_the_tls_layer_is_fed_at_once(ends: tuple[TlsStream, Records], view_size: int) -> None:
    """Large records, cut anywhere by the feeding, come whole; a full view says that there is more."""
    stream, records = ends
    sent = random.Random(7).randbytes(60_000)
    sealed = records.seal(sent)
    sender = threading.Thread(target=records.sock.sendall, args=(sealed,))
    sender.start()
    view, found = memoryview(bytearray(view_size)), b""
    while len(found) < len(sent):
        try:
            count = stream.recv_into(view)
        except BlockingIOError:
            assert not stream.pending
            select.select([stream.fileno()], [], [], PATIENCE)
            continue
        assert stream.pending or count < view_size
        found += view[:count]
    sender.join(PATIENCE)
    assert found == sent
    assert not stream._rest.obj, "an idle link keeps no ciphertext"


def test_frames_behind_a_response_that_fills_a_read(ca: trustme.CA, ca_file: str) -> None:
    """Data in the record of a response whose end is that of a handshake read, which only the TLS layer knows of."""

    def script(peer: Peer) -> None:
        peer.read_head()
        bare = len(peer.upgrade(b"X-Fill: \r\n"))
        peer.write(peer.upgrade(b"X-Fill: " + b"x" * (4096 - bare) + b"\r\n") + data("a", 1))
        peer.behave()

    inbox = Inbox()
    with streaming(script, ca, ca_file, inbox):
        assert inbox.next() == 1


def test_an_alert_tells_why(ends: tuple[TlsStream, Records]) -> None:
    """The peer of a damaged record gets an alert."""
    stream, records = ends
    sealed = bytearray(records.seal(b"genuine"))
    sealed[-1] ^= 1
    records.sock.sendall(sealed)
    with pytest.raises(ssl.SSLError):
        stream.recv_into(memoryview(bytearray(100)))
    with pytest.raises(ssl.SSLError, match=r"(?i)bad.record.mac"):
        records.read(1)


def test_data_counts_although_tls_cannot_answer(ends: tuple[TlsStream, Records]) -> None:
    """An answer of TLS that cannot be sent ends the link behind the data that came with the question."""
    stream, records = ends
    records.sock.close()
    stream._out.write(b"x" * (1 << 20))
    stream._out.write(b"more than the write buffer takes")
    stream._answer(5)
    assert stream.pending
    with pytest.raises(ConnectionLost, match="does not read"):
        stream.recv_into(memoryview(bytearray(100)))


def test_small_reads_of_many_records(ends: tuple[TlsStream, Records]) -> None:
    """A buffer smaller than what has arrived gets it in pieces; ``pending`` says that there is more."""
    stream, records = ends
    sent = b"".join(b"%05d" % number for number in range(500))
    records.sock.sendall(records.seal(*(sent[at : at + 5] for at in range(0, len(sent), 5))))
    view, found = memoryview(bytearray(7)), b""
    while len(found) < len(sent):
        try:
            found += view[: stream.recv_into(view)]
        except BlockingIOError:
            assert not stream.pending
    assert found == sent


def test_one_record_in_pieces(ends: tuple[TlsStream, Records]) -> None:
    """A record that arrives byte by byte is nothing until it is whole."""
    stream, records = ends
    sealed = records.seal(b"whole")
    for at in range(len(sealed)):
        assert read_all(stream) == b""
        records.sock.sendall(sealed[at : at + 1])
    assert read_all(stream) == b"whole"


@pytest.mark.parametrize("polite", [True, False], ids=["close_notify", "ragged"])
def test_ends(ends: tuple[TlsStream, Records], polite: bool) -> None:
    """What came before the end is read first; the end is 0, whether announced or not, and stays so."""
    stream, records = ends
    records.sock.sendall(records.seal(b"last words") + (records.say_goodbye() if polite else b""))
    records.sock.shutdown(socket.SHUT_WR)
    assert read_all(stream) == b"last words"
    view = memoryview(bytearray(100))
    assert stream.recv_into(view) == 0
    assert stream.recv_into(view) == 0


def test_an_end_that_only_tls_knows_of(ends: tuple[TlsStream, Records]) -> None:
    """A close_notify behind data ends the link although the peer keeps its socket open, which nothing else shows."""
    stream, records = ends
    records.sock.sendall(records.seal(frame(TEXT, b"last words")) + records.say_goodbye())
    link = WebSocket(stream, FrameReader(1000), 0.0)
    assert [bytes(message) for message in link.receive(0.0)] == [b"last words"]
    assert link.more and link.ended is None
    assert link.receive(0.0) == []
    assert link.ended is not None and not link.more


def test_damage_behind_a_good_record(ends: tuple[TlsStream, Records]) -> None:
    """What came before a damaged record counts, although both arrived together; then the link ends with the reason."""
    stream, records = ends
    good, damaged = records.seal(frame(TEXT, b"genuine")), bytearray(records.seal(frame(TEXT, b"false")))
    damaged[-1] ^= 1
    records.sock.sendall(good + damaged)
    link = WebSocket(stream, FrameReader(1000), 0.0)
    assert [bytes(message) for message in link.receive(0.0)] == [b"genuine"]
    assert link.more and link.ended is None
    assert link.receive(0.0) == []
    assert "the connection broke" in str(link.ended)


def test_an_answer_of_tls_leaves_at_once(ca: trustme.CA, stop: Stop) -> None:
    """What TLS itself has to answer is sent although no data came with the question."""
    client, server = client_context(ca), server_context(ca, version=ssl.TLSVersion.TLSv1_3)
    ca.configure_trust(server)
    server.verify_mode = ssl.CERT_OPTIONAL
    client.post_handshake_auth = server.post_handshake_auth = True
    with shaken(client, server, stop) as (stream, records):
        records.tls.verify_client_post_handshake()
        records.tls.do_handshake()
        records.flush()
        with pytest.raises(BlockingIOError):
            stream.recv_into(memoryview(bytearray(100)))
        assert records.sock.recv(65536)


def test_damaged_record(ends: tuple[TlsStream, Records]) -> None:
    """A record that was changed on its way ends the link with the reason, and none of it is delivered."""
    stream, records = ends
    sealed = bytearray(records.seal(frame(TEXT, b"genuine")))
    sealed[-1] ^= 1
    records.sock.sendall(sealed)
    link = WebSocket(stream, FrameReader(1000), 0.0)
    assert link.receive(0.0) == []
    assert link.ended is not None and "the connection broke" in str(link.ended)


def test_large_write_while_reading(ends: tuple[TlsStream, Records]) -> None:
    """A large write to a peer that is slow to read goes out in the end, and reading goes on meanwhile."""
    stream, records = ends
    sent = bytes(range(256)) * 3000
    stream.write(sent)
    assert stream.wants_write
    records.sock.sendall(records.seal(b"meanwhile"))
    assert read_all(stream) == b"meanwhile"
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(records.read(len(sent))))
    reader.start()
    while stream.wants_write:
        stream.flush()
    reader.join(PATIENCE)
    assert received == [sent]


def test_session_tickets(ends: tuple[TlsStream, Records]) -> None:
    """Session tickets of TLS 1.3 make the descriptor readable without data: no message, no end, no blocking."""
    stream, _ = ends
    view = memoryview(bytearray(100))
    with pytest.raises(BlockingIOError):
        stream.recv_into(view)
