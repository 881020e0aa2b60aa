"""From a host name to a TLS stream: name look-up, TCP, proxy, certificate check. The same here and in the helper."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable

from ..errors import CertificateRejected, ConfigError, ConnectError, ConnectTimeout
from .clock import Cancel, Clock, wait_event
from .pipes import Blocking, PlainStream, TlsStream
from .tcp import Target, dial

__all__ = ["Once", "TlsConnector"]


class TlsConnector:
    """Opens TLS streams with one context, which is made when it is first needed. All methods may be called anywhere.

    Args:
        make: makes the context.
        clock: real time.

    Attributes:
        stream: makes the streams; takes what :class:`~.pipes.TlsStream` does.
    """

    def __init__(self, make: Callable[[], ssl.SSLContext], clock: Clock) -> None:
        self.stream: Callable[[PlainStream, ssl.SSLContext, str, ssl.SSLSession | None], TlsStream] = TlsStream
        self._context = Once(make)
        self._clock = clock
        self._sessions: dict[tuple[str, int], ssl.SSLSession] = {}

    def connect(self, target: Target, cancel: Cancel) -> TlsStream:
        """Blocks until the target's deadline at the latest.

        Raises:
            ConnectError, ConfigError, Cancelled
        """
        plain = dial(target, cancel, self._clock)
        try:
            return self._secured(plain, target, cancel)
        except BaseException:
            plain.close()
            raise

    def _secured(self, plain: PlainStream, target: Target, cancel: Cancel) -> TlsStream:
        stream = self.stream(plain, self._made(), target.host, self._sessions.get((target.host, target.port)))
        try:
            stream.handshake(Blocking(plain, target.deadline, cancel, self._clock))
        except TimeoutError as exc:
            raise ConnectTimeout(str(target), f"no TLS handshake within {target.timeout:g} s") from exc
        except ssl.SSLCertVerificationError as exc:
            detail = f"its certificate is not accepted: {exc.verify_message}"
            raise CertificateRejected(str(target), f"{detail} (check clock, host name, ca_file and proxies)") from exc
        except (ssl.SSLError, OSError) as exc:
            raise ConnectError(str(target), f"TLS handshake failed: {exc}") from exc
        return stream

    def _made(self) -> ssl.SSLContext:
        try:
            return self._context.get()
        except ConfigError as exc:  # anew, as threads must not share one traceback
            raise ConfigError(exc.name, exc.value, exc.allowed, exc.hint) from exc
        except Exception as exc:
            raise ConfigError("ssl_context", "none", "one of yours, as the default one fails") from exc

    def keep_session(self, host: str, port: int, stream: TlsStream) -> None:
        """Offer the session of ``stream``, once data has come over it, to the same server next time."""
        if stream.session is not None:
            self._sessions[host, port] = stream.session


class Once:
    """A context that is made once, at first need, by one thread; others wait for it outside any lock."""

    def __init__(self, make: Callable[[], ssl.SSLContext]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._claimed = False
        self._done = threading.Event()
        self._value: ssl.SSLContext | None = None
        self._failure: Exception | None = None

    def get(self) -> ssl.SSLContext:
        """The value. Raises what making it raised."""
        with self._lock:
            mine, self._claimed = not self._claimed, True
        if mine:
            try:
                self._value = self._make()
            except Exception as exc:
                self._failure = exc
            finally:
                self._done.set()
        wait_event(self._done, None)
        if self._failure is not None:
            raise self._failure
        assert self._value is not None
        return self._value
