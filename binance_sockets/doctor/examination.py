"""The whole examination: which checks there are, in which order they stand, and which run beside each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from ..config import Options, check_number
from ..errors import ConfigError
from ..exchanges.binance.api_products import API_ROWS, ApiProduct
from ..exchanges.binance.keys import ApiKey
from ..exchanges.binance.products import ENVIRONMENTS, Product, product_of
from ..exchanges.binance.urls import Environment
from ..exchanges.binance.user_products import UserProduct, user_product
from ..exchanges.environment import BASE_URL_VARIABLE
from .accounts import examine_account, examine_key
from .advice import failed
from .bounds import Bounds, in_parallel
from .findings import Finding, Outcome
from .machine import examine_machine
from .network import Host, examine_host, examine_trust
from .rest import Rest, examine_clock, examine_rest
from .routes import API_ROUTE, examine_api, examine_route, routes_of

__all__ = ["examine"]

_USER_ROUTE = "private"
_ACCOUNTS = {"margin": "spot", "portfolio": ""}
"""Accounts beside those of the products, with the product whose REST host they share."""


class _Task(NamedTuple):
    """A check that needs hosts."""

    check: str
    subject: str
    urls: tuple[str, ...]
    run: Callable[[], list[Finding]]


def examine(
    environment: str | None = None,
    *,
    tld: str = "com",
    products: Sequence[str] | None = None,
    routes: Sequence[str] | None = None,
    accounts: Sequence[str] | None = None,
    options: Options | None = None,
    key: ApiKey | None = None,
    timeout: float = 45.0,
) -> list[Finding]:
    """Check everything between this machine and the exchange, and say in words what is wrong and what to do.

    Nothing is ordered or changed, and nothing is left behind. Hosts, and later routes and accounts, are checked beside
    each other; what needs a host that cannot be reached is skipped. It opens a few connections to each host and uses
    less than 100 of the request weight.

    Args:
        environment: ``"live"``, ``"testnet"``, ``"demo"``, ``"data"`` or a base URL; ``None`` takes the variable
            ``BINANCE_SOCKETS_BASE_URL``, else live.
        tld: ``"com"``, or ``"us"`` for Binance.US.
        products: of ``"spot"``, ``"usdm"``, ``"coinm"`` and ``"options"``; ``None`` for all that the environment has.
        routes: of ``"public"`` and ``"market"``, ``"streams"`` (those of a product without routes), ``"api"`` (the
            WebSocket API) and ``"private"`` (user data); ``None`` for all.
        accounts: of ``"margin"`` (cross margin, by a listen token) and ``"portfolio"`` (portfolio margin), whose user
            data is examined beside that of the products. ``None`` for both where ``products`` is ``None``, else for
            none: then that the exchange refuses one of them is no failure, as few have it.
        options: proxy, TLS, compression and deadlines as the sockets are to have them; ``None`` for ``Options()``.
        key: an :class:`~binance_sockets.ApiKey` to examine; ``None`` (default) for public data alone.
        timeout: seconds for everything together. What has not ended by then has failed.

    Returns:
        A finding per check, in the order in which things are needed: settings, machine, trust, hosts, REST, clock,
        routes, key, accounts.

    Raises:
        ConfigError: for a bad argument. A bad environment variable is a finding.

    Any thread; it blocks for ``timeout`` seconds at most, a second or two as a rule.
    """
    check_number("timeout", timeout, zero=False, infinite=False)
    options = Options() if options is None else options
    if not isinstance(options, Options):
        raise ConfigError("options", options, "an Options object")
    if key is not None and not isinstance(key, ApiKey):
        raise ConfigError("key", f"a {type(key).__name__}", "an ApiKey or None")
    try:
        chosen = Environment.resolve(environment, tld, credentials=key is not None)
    except ConfigError as exc:
        if environment is not None or exc.name != BASE_URL_VARIABLE:
            raise
        return [failed("settings", "environment", exc)]
    bounds = Bounds(options, timeout)
    rows = _chosen(chosen, products)
    beside = _beside(chosen, accounts, products is None)
    examination = _Examination(chosen, environment, rows, _checked(rows, routes), key, bounds)
    return examination.run(beside, optional=accounts is None)


def _beside(environment: Environment, accounts: Sequence[str] | None, everything: bool) -> list[UserProduct]:
    """The accounts beside those of the products that are to be examined."""
    if accounts is None:
        if not everything or environment.tld != "com":
            return []
        rows = [user_product(name) for name in _ACCOUNTS]
        return [row for row in rows if environment.name not in ENVIRONMENTS or environment.name in row.hosts]
    if isinstance(accounts, str) or not set(accounts) <= _ACCOUNTS.keys():
        given = accounts if isinstance(accounts, str) else [*accounts]
        raise ConfigError("accounts", given, f"a list of {', '.join(map(repr, _ACCOUNTS))}")
    rows = [user_product(name, environment.tld) for name in dict.fromkeys(accounts)]
    for row in rows:
        row.endpoint(environment)  # raises for what is not there
    return rows


def _chosen(environment: Environment, products: Sequence[str] | None) -> list[Product]:
    if isinstance(products, str):
        raise ConfigError("products", products, "a list of names")
    names = environment.products() if products is None else tuple(products)
    for name in names:
        environment.endpoint(name)  # raises for what is not there
    return [product_of(name, environment.tld) for name in dict.fromkeys(names)]


def _checked(products: Sequence[Product], routes: Sequence[str] | None) -> set[str] | None:
    """What was asked for; one that none of the products has would be examined by nothing, and so never fail."""
    if routes is None:
        return None
    known = {*chain.from_iterable(map(routes_of, products)), _USER_ROUTE}
    if {product.name for product in products} & {row.name for row in API_ROWS}:
        known.add(API_ROUTE)
    if isinstance(routes, str) or not set(routes) <= known:
        names = ", ".join(product.name for product in products)
        raise ConfigError(
            "routes",
            routes if isinstance(routes, str) else [*routes],
            f"a list of {', '.join(map(repr, sorted(known)))} for {names}",
        )
    return set(routes)


def _without_rest(row: UserProduct) -> list[Finding]:
    checks = ("user",) if row.name in _ACCOUNTS else ("signed", "user")
    return [Finding(check, row.name, Outcome.SKIPPED, "REST does not answer") for check in checks]


class _Examination:
    """One run of it."""

    def __init__(
        self,
        environment: Environment,
        given: str | None,
        products: Sequence[Product],
        routes: set[str] | None,
        key: ApiKey | None,
        bounds: Bounds,
    ) -> None:
        self._environment = environment
        self._given = given
        self._products = products
        self._routes = routes
        self._key = key
        self._bounds = bounds
        self._beside: list[UserProduct] = []
        self._optional = False
        self._unreachable: dict[Host, str] = {}
        self._refused: set[str] = set()  # products whose REST does not answer: asking on makes a ban longer

    def run(self, beside: list[UserProduct], optional: bool) -> list[Finding]:
        """All checks; ``beside`` the accounts of the products these, which are no failure where ``optional``."""
        self._beside, self._optional = beside, optional
        found = [self._settings(), *examine_machine(), examine_trust(self._bounds)]
        found += self._hosts()
        rest = self._rest()
        self._refused = {each.finding.subject for each in rest if each.finding.outcome is Outcome.FAILED}
        found += [each.finding for each in rest]
        found.append(examine_clock([each.sample for each in rest if each.sample is not None]))
        results = self._side_by_side([*self._route_tasks(), *self._account_tasks()])
        found += [each for each in results if each.check in ("route", "compression")]
        found.append(examine_key(self._key))
        found += [each for each in results if each.check in ("signed", "user")]
        return found

    def _settings(self) -> Finding:
        name = self._environment.name
        kind = f"environment {name}" if name in ENVIRONMENTS else f"base URL {name}"
        origin = "as asked for" if self._given is not None else "by default"
        if self._given is None and os.environ.get(BASE_URL_VARIABLE):
            origin = f"by the variable {BASE_URL_VARIABLE}"
        names = ", ".join(product.name for product in self._products)
        return Finding("settings", "environment", Outcome.OK, f"{kind} {origin}, tld {self._environment.tld}: {names}")

    # -- hosts -------------------------------------------------------------------------------------------------------

    def _wants(self, route: str) -> bool:
        return self._routes is None or route in self._routes

    def _hosts(self) -> list[Finding]:
        hosts = list(dict.fromkeys(Host.of(url) for url in self._urls()))
        tasks = [partial(examine_host, host, self._bounds) for host in hosts]
        results = in_parallel(tasks, self._bounds, lambda number: [self._late("tcp", str(hosts[number]))])
        for host, findings in zip(hosts, results, strict=True):
            bad = next((each.check for each in findings if each.outcome is Outcome.FAILED), None)
            if bad is not None:
                self._unreachable[host] = f"{bad} of {host} failed"
        return list(chain.from_iterable(results))

    def _urls(self) -> list[str]:
        urls = []
        for product in self._products:
            endpoint = self._environment.endpoint(product.name)
            urls.append(endpoint.rest)
            if any(map(self._wants, routes_of(product))):
                urls.append(endpoint.streams)
        urls += [row.endpoint(self._environment).streams for row in self._api_rows()]
        for _, user in self._users():
            found = user.endpoint(self._environment)
            urls += [found.rest, found.streams]
        return urls

    def _api_rows(self) -> list[ApiProduct]:
        """Of the products that have a WebSocket API here."""
        names = [product.name for product in self._products]
        if self._environment.tld != "com" or not self._wants(API_ROUTE):
            return []
        named = self._environment.name in ENVIRONMENTS
        return [row for row in API_ROWS if row.name in names and (not named or self._environment.name in row.hosts)]

    def _users(self) -> list[tuple[str, UserProduct]]:
        """Of the products whose user data is to be examined."""
        if self._key is None:
            return []
        wanted = self._wants(_USER_ROUTE)
        named = self._environment.name in ENVIRONMENTS
        rows = [(product.name, user_product(product.name, product.tld)) for product in self._products if wanted]
        own = [(name, row) for name, row in rows if not named or self._environment.name in row.hosts]
        beside = self._beside if wanted or not self._optional else []  # who names one means it
        return [*own, *((_ACCOUNTS[row.name], row) for row in beside)]

    # -- REST --------------------------------------------------------------------------------------------------------

    def _rest(self) -> list[Rest]:
        def task(product: Product) -> Rest:
            base = self._environment.endpoint(product.name).rest
            skipped = self._skipped("rest", product.name, base)
            return Rest(skipped[0]) if skipped else examine_rest(product, base, self._bounds)

        tasks = [partial(task, product) for product in self._products]
        return in_parallel(tasks, self._bounds, lambda number: Rest(self._late("rest", self._products[number].name)))

    # -- routes and accounts -----------------------------------------------------------------------------------------

    def _route_tasks(self) -> list[_Task]:
        found: list[_Task] = []
        for product in self._products:
            url = self._environment.endpoint(product.name).streams
            for route in filter(self._wants, routes_of(product)):
                check = partial(examine_route, self._environment, product, route, self._bounds)
                found.append(_Task("route", f"{product.name} {route}", (url,), check))
        for row in self._api_rows():
            check = partial(examine_api, row, self._environment, self._bounds)
            found.append(_Task("route", f"{row.name} {API_ROUTE}", (row.endpoint(self._environment).streams,), check))
        return found

    def _account_tasks(self) -> list[_Task]:
        found = []
        for product, row in self._users():
            assert self._key is not None
            endpoint = row.endpoint(self._environment)
            if product in self._refused:
                check = partial(_without_rest, row)
            else:
                optional = self._optional and row in self._beside
                check = partial(examine_account, row, self._environment, self._key, self._bounds, optional=optional)
            found.append(_Task("user", row.name, (endpoint.rest, endpoint.streams), check))
        return found

    def _side_by_side(self, tasks: Sequence[_Task]) -> list[Finding]:
        def run(task: _Task) -> list[Finding]:
            return self._skipped(task.check, task.subject, *task.urls) or task.run()

        results = in_parallel(
            [partial(run, task) for task in tasks],
            self._bounds,
            lambda number: [self._late(tasks[number].check, tasks[number].subject)],
        )
        return list(chain.from_iterable(results))

    def _skipped(self, check: str, subject: str, *urls: str) -> list[Finding]:
        """A finding where one of the hosts cannot be reached; else none."""
        reasons = [self._unreachable[host] for host in map(Host.of, urls) if host in self._unreachable]
        return [Finding(check, subject, Outcome.SKIPPED, reason) for reason in reasons[:1]]

    def _late(self, check: str, subject: str) -> Finding:
        fact = f"not done within the {self._bounds.timeout:g} s for everything"
        meaning = "The network or the exchange is very slow, or holds connections without a word"
        return Finding(check, subject, Outcome.FAILED, fact, meaning, "Give it more time, or examine one product alone")
