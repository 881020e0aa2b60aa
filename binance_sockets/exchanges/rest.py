"""What the exchanges' REST clients share: guarded calls with the sockets' proxy and TLS settings."""

from __future__ import annotations

import contextlib
import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3 import connectionpool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util import retry

from .._version import __version__
from ..config import Options
from ..engine.allowance import Claim, Quota
from ..engine.budget import LONGEST_BAN, Budget, ban_seconds, shared, told_seconds
from ..engine.clock import Clock
from ..engine.tls import client_context
from ..errors import ExchangeError, RateLimited
from ..proxy import Proxy, proxy_for

__all__ = ["SECRET", "Answer", "RestClient", "hide_secrets", "was_not_done"]

_TIMEOUT = (2.0, 3.0)  # seconds to connect, and between two bytes
_PATIENCE = 5.0  # seconds for all attempts together, as somebody waits for the answer
_BODY_BYTES = 64 * 1024 * 1024  # the lists of all symbols have a few MB
_RATE_LIMITED = (429, 418)

Headers = Mapping[str, str] | Callable[[], Mapping[str, str]] | None

SECRET = re.compile(r"((?:signature|listenKey|token)=)[^&\s]+", re.IGNORECASE)
"""What is secret in a query."""


class Answer:
    """What came back from one attempt.

    Args:
        status: HTTP status.
        headers: by name, of any case.
        body: decoded; ``None`` where it was no JSON.
        asked: when the call was sent (monotonic seconds).
    """

    __slots__ = ("asked", "body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: Any, asked: float) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.asked = asked


class RestClient:
    """REST calls to one base URL. Any thread; every call blocks for a few seconds at most.

    Args:
        base: scheme, host and, for a base-URL environment, the path of the product.
        options: proxy and TLS settings, the same as the sockets'.
        keep: keep the connection open for the next call, until :meth:`close`. Default ``False``.
        quota: what the exchange allows, where calls have a weight; ``None`` (default) where they have none.

    Attributes:
        patience: seconds that one call may take, all attempts together.
        venue: host, and port if the base has one. All of the process share its ban, connects included.
    """

    patience = _PATIENCE

    def __init__(self, base: str, options: Options, *, keep: bool = False, quota: Quota | None = None) -> None:
        self._base = base
        self._quota = quota
        self._options = options
        self._keep = keep
        self._lock = threading.Lock()  # guards the one below
        self._kept: requests.Session | None = None
        self._own = Budget()  # of this machine, where nothing is shared
        self._clock = Clock()
        self.venue = urlsplit(base).netloc

    def claim(self, purpose: str, weight: int) -> Claim | None:
        """What paces calls of one kind that can wait; ``None`` where calls have no weight.

        Args:
            purpose: what they are for; purposes share evenly what the exchange allows.
            weight: of one call.
        """
        return None if self._quota is None else self._claim(self._quota, purpose, weight)

    def _claim(self, quota: Quota, purpose: str, weight: int) -> Claim:
        return Claim(lambda: self._budget_of(quota.venue), quota, purpose, weight, self._clock.monotonic)

    def get(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str] | None = None, *, weight: int = 0
    ) -> Any:
        """The decoded body of one GET, tried again on network errors, 5xx and short ``Retry-After``.

        Args:
            path: below the base, with its leading slash.
            params: of the query.
            headers: further ones.
            weight: what the call costs, where a claim has not paid for it. Default 0.

        Raises:
            RateLimited: HTTP 429 or 418 that outlasted the patience of this call, or an earlier one forbids it; or the
                weight that is allowed is used.
            ExchangeError: any other refusal, with the code and text that :meth:`refusal` found.
            requests.RequestException: the exchange could not be reached.
            ConfigError: the proxy that the environment names cannot be used.
        """
        return self.send("GET", path, lambda: urlencode(params), headers, repeat=True, weight=weight)

    def send(
        self,
        method: str,
        path: str,
        query: Callable[[], str],
        headers: Headers = None,
        *,
        repeat: bool = False,
        weight: int = 0,
    ) -> Any:
        """The decoded body of one call.

        Args:
            method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
            path: below the base, with its leading slash.
            query: makes the query, percent-encoded, anew for each attempt (a signature has a time).
            headers: further ones, or what makes them for each attempt.
            repeat: whether it may be made again although an earlier attempt may have succeeded. Where it may not, only
                refusals and failures to connect are tried again.
            weight: what it costs, where a claim has not paid for it. Default 0.

        Raises as :meth:`get` does.
        """
        self._refuse_while_banned()
        self._pay(weight)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_repeat if repeat else was_not_done),
            wait=_wait,
            stop=tenacity.stop_any(tenacity.stop_after_attempt(3), tenacity.stop_before_delay(_PATIENCE)),
            reraise=True,
        )
        with self._session() as session:
            return retrying(self._attempt, session, method, path, query, headers)

    @staticmethod
    def sleep(seconds: float) -> None:
        """Wait for one's turn, where somebody waits for the answer anyway."""
        time.sleep(seconds)

    def close(self) -> None:
        """Close what is kept open. A later call opens it again."""
        with self._lock:
            kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    # -- for subclasses ----------------------------------------------------------------------------------------------

    def refusal(self, body: Any) -> tuple[int | None, str] | None:
        """Code and text of a refusal in the exchange's own shape, ``None`` where ``body`` is not of that shape.

        Args:
            body: the decoded body; ``None`` where it was no JSON.
        """
        return None

    def decode(self, body: bytes) -> Any:
        """A body as JSON."""
        return msgspec.json.decode(body)

    def noted(self, path: str, answer: Answer) -> None:
        """An answer has come, whatever it is. May raise what it means."""

    # -- one attempt -------------------------------------------------------------------------------------------------

    def _attempt(
        self,
        session: requests.Session,
        method: str,
        path: str,
        query: Callable[[], str],
        headers: Headers,
    ) -> Any:
        asked = query()
        sent = headers() if callable(headers) else headers
        url = self._base + path + (f"?{asked}" if asked else "")
        begun = self._clock.monotonic()
        with session.request(
            method, url, headers=sent, timeout=_TIMEOUT, allow_redirects=False, stream=True
        ) as response:
            status = response.status_code
            limited = status in _RATE_LIMITED
            body = _told(response) if limited else _read(response)
            answer = Answer(status, response.headers, None if limited else self._decoded(body), begun)
        self.noted(path, answer)
        if status in _RATE_LIMITED:
            wait = _seconds(answer.headers.get("Retry-After"))
            wait = told_seconds(body) if wait is None else wait
            now, seconds = self._clock.monotonic(), ban_seconds(status, wait)
            self._budget.ban(status, seconds, now)
            if self._quota is not None:
                self._budget_of(self._quota.venue).allowance(self._quota).refused(seconds, now)
            raise RateLimited(status, wait)
        if status != 200 or answer.body is None:
            code, text = self.refusal(answer.body) or (None, f"HTTP {status} without a usable body")
            raise ExchangeError(code, text, status, outcome_unknown=status >= 500 and method != "GET")
        return answer.body

    def _decoded(self, body: bytes) -> Any:
        try:
            return self.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return None

    @property
    def _budget(self) -> Budget:
        return self._budget_of(self.venue)

    def _budget_of(self, venue: str) -> Budget:
        return shared().of(venue, self._options.limit_loopback) or self._own

    def _pay(self, weight: int) -> None:
        """For a call that somebody waits for: it stands in no line. On this machine there is no limit unless asked."""
        budget = None if self._quota is None else shared().of(self._quota.venue, self._options.limit_loopback)
        if weight and self._quota is not None and budget is not None:
            wait = budget.allowance(self._quota).pay(weight, self._clock.monotonic())
            if wait > 0:
                raise RateLimited(429, wait, message="not sent, as the request weight that is allowed is used")

    def _told_used(self, used: int, asked: float, quota: Quota | None) -> None:
        """The exchange has told how much of a limit is used."""
        if quota is not None:
            self._budget_of(quota.venue).allowance(quota).told(used, asked, self._clock.monotonic())

    def _refuse_while_banned(self) -> None:
        """A call while the exchange wants none would make the ban longer."""
        status, left = self._budget.banned(self._clock.monotonic())
        if left > 0:
            raise RateLimited(status, left, message=f"not sent, as the exchange answered HTTP {status}")

    # -- the session -------------------------------------------------------------------------------------------------

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return client_context(self._options)

    @contextlib.contextmanager
    def _session(self) -> Iterator[requests.Session]:
        if not self._keep:
            with self._made() as session:
                session.headers["Connection"] = "close"
                yield session
            return
        with self._lock:
            if self._kept is None:
                self._kept = self._made()
            session = self._kept
        yield session

    def _made(self) -> requests.Session:
        hide_secrets()
        parts = urlsplit(self._base)
        secure = parts.scheme == "https"
        proxy = proxy_for(parts.hostname or "", parts.port or (443 if secure else 80), secure, self._options.proxy)
        session = requests.Session()
        session.trust_env = False  # the sockets' rules count: no other proxies, CAs, or passwords from ~/.netrc
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers["User-Agent"] = f"binance_sockets/{__version__}"
        session.mount("http://", _Adapter(None))
        if secure:
            session.mount("https://", _Adapter(self._context))
        if proxy is not None:
            session.proxies = {parts.scheme: _url(proxy)}
        return session


class _Adapter(HTTPAdapter):
    """Uses a given SSLContext as it is. requests would add its own CAs to it, and so widen the sockets' trust."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pools.dispose_func = _close_pool  # else closing leaves the sockets to the collector

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, ssl_context=self._context, **kwargs)
        manager.pools.dispose_func = _close_pool
        return manager

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        if self._context is not None:
            conn.cert_reqs = self._context.verify_mode


def _close_pool(pool: Any) -> None:
    pool.close()


class _Hiding(logging.Filter):
    """Hides what is secret in a query from the log of urllib3, which shows whole URLs at level DEBUG."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(SECRET.sub(r"\1...", a) if isinstance(a, str) else a for a in record.args)
        return True


_hiding = _Hiding()


def hide_secrets() -> None:
    """Have urllib3 log no query's secrets."""
    for log in (connectionpool.log, retry.log):
        log.addFilter(_hiding)  # adds it once


def _url(proxy: Proxy) -> str:
    """A proxy's URL as requests wants it, credentials included."""
    scheme, host = str(proxy).split("://", 1)
    if proxy.credentials is None:
        return str(proxy)
    user, password = (quote(part, safe="") for part in proxy.credentials)
    return f"{scheme}://{user}:{password}@{host}"


def _read(response: requests.Response) -> bytes:
    """The whole body, unless the server drips it for longer than the patience of one call, or it is absurdly large."""
    body = bytearray()
    end = time.monotonic() + _PATIENCE
    for chunk in _pieces(response):
        body += chunk
        if time.monotonic() > end or len(body) > _BODY_BYTES:
            raise requests.Timeout(f"the body did not end within {_PATIENCE:g} s or {_BODY_BYTES} bytes")
    return bytes(body)


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """The body as it comes: ``iter_content`` waits until a piece is full, however slowly that may be."""
    read1 = getattr(response.raw, "read1", None)
    if read1 is None:  # urllib3 before 2.1
        yield from response.iter_content(512)
        return
    try:
        while chunk := read1(65_536, decode_content=True):
            yield chunk
    except HTTPError as exc:
        raise requests.ConnectionError(exc) from exc


def _told(response: requests.Response) -> bytes:
    """The body of a refusal, which matters less than that it is one."""
    try:
        return _read(response)
    except (requests.RequestException, OSError):
        return b""


def _may_repeat(error: BaseException) -> bool:
    """Worth another attempt, where one too many does no harm."""
    if isinstance(error, requests.exceptions.SSLError):
        return False
    if isinstance(error, ExchangeError) and error.status is not None and error.status >= 500:
        return True
    return isinstance(error, (requests.ConnectionError, requests.Timeout, RateLimited))


def was_not_done(error: BaseException) -> bool:
    """Worth another attempt, and surely without effect so far: refused, or never sent."""
    if isinstance(error, (RateLimited, requests.ConnectTimeout)):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectionError) and isinstance(reason, NewConnectionError)


def _wait(state: tenacity.RetryCallState) -> float:
    """Half a second and growing, or what the exchange asked for; a long wait ends the call at ``stop_before_delay``."""
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, RateLimited):
        return error.retry_after if error.retry_after is not None else _PATIENCE
    return 0.5 * float(state.attempt_number)


def _seconds(text: str | None) -> float | None:
    try:
        return min(max(0.0, float(text)), LONGEST_BAN) if text is not None else None
    except ValueError:
        return None
