"""What the exchanges' REST clients share: one guarded GET with the sockets' proxy and TLS settings."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import tenacity
from requests.adapters import HTTPAdapter

from .._version import __version__
from ..config import Options
from ..engine.tls import client_context
from ..errors import ExchangeError, RateLimited
from .environment import is_loopback

__all__ = ["RestClient"]

_TIMEOUT = (2.0, 3.0)  # seconds to connect, and between two bytes
_PATIENCE = 5.0  # seconds for all attempts together, as somebody waits for the answer
_BODY_BYTES = 64 * 1024 * 1024  # the lists of all symbols have a few MB
_RATE_LIMITED = (429, 418)


class RestClient:
    """Unsigned REST calls to one base URL. Every call blocks for a few seconds at most and opens its own session.

    Args:
        base: scheme, host and, for a base-URL environment, the path of the product.
        options: proxy and TLS settings, the same as the sockets'.
    """

    def __init__(self, base: str, options: Options) -> None:
        self._base = base
        self._options = options

    def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The decoded body of one GET, tried again on network errors, 5xx and short ``Retry-After``.

        Args:
            path: below the base, with its leading slash.
            params: of the query.

        Raises:
            RateLimited: HTTP 429 or 418 that outlasted the patience of this call.
            ExchangeError: any other refusal, with the code and text that :meth:`refusal` found.
            requests.RequestException: the exchange could not be reached.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_temporary),
            wait=_wait,
            stop=tenacity.stop_any(tenacity.stop_after_attempt(3), tenacity.stop_before_delay(_PATIENCE)),
            reraise=True,
        )
        with self._session() as session:
            return retrying(self._get_once, session, path, params)

    def refusal(self, body: Any) -> tuple[int | None, str] | None:
        """Code and text of a refusal in the exchange's own shape, ``None`` where ``body`` is not of that shape.

        Args:
            body: the decoded body; ``None`` where it was no JSON.
        """
        return None

    def _get_once(self, session: requests.Session, path: str, params: Mapping[str, str]) -> Any:
        url = self._base + path
        with session.get(url, params=params, timeout=_TIMEOUT, allow_redirects=False, stream=True) as response:
            status = response.status_code
            if status in _RATE_LIMITED:
                raise RateLimited(status, _seconds(response.headers.get("Retry-After")))
            body = _decoded(_read(response))
        if status != 200 or body is None:
            kind = _ServerTrouble if status >= 500 else ExchangeError
            raise kind(*(self.refusal(body) or (None, f"HTTP {status} without a usable body")))
        return body

    @contextlib.contextmanager
    def _session(self) -> Iterator[requests.Session]:
        options = self._options
        loopback = is_loopback(urlsplit(self._base).hostname)
        with requests.Session() as session:
            session.headers["User-Agent"] = f"binance_sockets/{__version__}"
            session.headers["Connection"] = "close"  # closing a session leaves the sockets of its pool to the collector
            session.trust_env = options.proxy is None and not loopback
            if options.proxy and not loopback:
                session.proxies = {"http": options.proxy, "https": options.proxy}
            if options.ssl_context is not None or options.ca_file is not None:
                session.mount("https://", _ContextAdapter(client_context(options)))
            yield session


class _ContextAdapter(HTTPAdapter):
    """Uses a given SSLContext as it is. requests would add its own CAs to it, and so widen the sockets' trust."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        conn.cert_reqs = self._context.verify_mode


class _ServerTrouble(ExchangeError):
    """HTTP 5xx: worth another attempt."""


def _read(response: requests.Response) -> bytes:
    """The whole body, unless the server drips it for longer than the patience of one call, or it is absurdly large."""
    body = bytearray()
    end = time.monotonic() + _PATIENCE
    for chunk in response.iter_content(65_536):
        body += chunk
        if time.monotonic() > end or len(body) > _BODY_BYTES:
            raise requests.Timeout(f"the body did not end within {_PATIENCE:g} s or {_BODY_BYTES} bytes")
    return bytes(body)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _is_temporary(error: BaseException) -> bool:
    if isinstance(error, requests.exceptions.SSLError):
        return False
    return isinstance(error, (requests.ConnectionError, requests.Timeout, RateLimited, _ServerTrouble))


def _wait(state: tenacity.RetryCallState) -> float:
    """Half a second and growing, or what the exchange asked for; a long wait ends the call at ``stop_before_delay``."""
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, RateLimited):
        return error.retry_after if error.retry_after is not None else _PATIENCE
    return 0.5 * float(state.attempt_number)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None
