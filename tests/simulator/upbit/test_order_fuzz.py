"""Whatever orders accounts send, money is conserved, what is locked is what they need, and events tell the truth."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from simulator.helpers import START

from binance_sockets.simulator import LimitOverrides, UpbitOptions
from binance_sockets.simulator.accounts import Account
from binance_sockets.simulator.feed import Feed
from binance_sockets.simulator.injections import FaultBoard
from binance_sockets.simulator.ledger import Ledger
from binance_sockets.simulator.market.book import BUY, SELL
from binance_sockets.simulator.market.clock import SimClock
from binance_sockets.simulator.market.world import World
from binance_sockets.simulator.playback import NoPlayback
from binance_sockets.simulator.session import Services
from binance_sockets.simulator.upbit.backend import WALLET, Backend, House
from binance_sockets.simulator.upbit.errors import Refused
from binance_sockets.simulator.upbit.limits import Limits
from binance_sockets.simulator.upbit.listing import Listing
from binance_sockets.simulator.upbit.numbers import encode
from binance_sockets.simulator.upbit.regions import REGIONS
from binance_sockets.simulator.upbit.tokens import SCOPES
from binance_sockets.simulator.upbit.trading import Desk
from binance_sockets.simulator.upbit.trading.orders import OPEN, Ticket
from binance_sockets.simulator.upbit.trading.rows import order_row

CODES = ("KRW-BTC", "BTC-ETH", "KRW-XRP")
BALANCES = {"KRW": "50000000", "BTC": "2", "ETH": "30.12345678", "XRP": "100000"}
MOVES = st.tuples(
    st.sampled_from(["place", "place", "place", "cancel", "step", "deposit"]),
    st.integers(0, 1),  # who
    st.sampled_from(CODES),
    st.sampled_from([BUY, SELL]),
    st.sampled_from(["limit", "limit", "limit", "price", "market", "best"]),
    st.integers(-60, 60),  # ticks from the best price
    st.integers(1, 40),  # how much
    st.sampled_from(["", "", "ioc", "fok", "post_only"]),
    st.sampled_from(["", "", "reduce", "cancel_maker", "cancel_taker"]),
)


class Round:
    """A region with two accounts, and what it told them."""

    def __init__(self, seed: int) -> None:
        world = World(seed)
        feed = Feed(world, SimClock(1.0))
        faults = FaultBoard(lambda: None, {})
        services = Services(feed, faults, Ledger(), LimitOverrides(), set(), NoPlayback())
        options = UpbitOptions()
        house = House(REGIONS["upbit"])
        self.accounts = house.accounts
        self.members = [
            house.accounts.create(f"k{n}", secret="s", permissions=SCOPES, balances={WALLET: BALANCES})
            for n in range(2)
        ]
        listing = Listing(world, house.region, CODES)
        self.backend = Backend(house, listing, services, options, Limits(options))
        self.desk = Desk(self.backend, world)
        self.markets = {code: listing.market(listing.coins[code], START) for code in CODES}
        self.told: list[dict[str, tuple[Decimal, Decimal]]] = [{}, {}]
        self.states: list[dict[str, dict[str, Any]]] = [{}, {}]
        for n, member in enumerate(self.members):
            member.listen(WALLET, lambda event, n=n: self.hear(n, event))

    def hear(self, n: int, event: dict[str, Any]) -> None:
        """Events as a client reads them."""
        message = json.loads(encode(event), parse_float=Decimal, parse_int=Decimal)
        if message["type"] == "myAsset":
            self.told[n] |= {row["currency"]: (row["balance"], row["locked"]) for row in message["assets"]}
            return
        before = self.states[n].get(message["uuid"])
        assert (before is None) == (message["state"] == "wait")
        assert before is None or before["state"] not in ("done", "cancel")
        if before is not None:
            assert message["executed_volume"] >= before["executed_volume"]
        if message["state"] == "trade":
            grown = message["executed_volume"] - (before or {"executed_volume": 0})["executed_volume"]
            assert grown == message["volume"] > 0
        self.states[n][message["uuid"]] = message

    def play(self, move: tuple[Any, ...]) -> None:
        kind, n, code, side, type_, away, much, tif, smp = move
        member, market = self.members[n], self.markets[code]
        if kind == "step":
            for _ in range(much):
                market.step()
        elif kind == "deposit":
            self.desk.deposit(member, "KRW", str(much))
        elif kind == "cancel":
            rows = [row for row in self.desk.orders(member) if row.state == OPEN]
            if rows:
                self.desk.cancel(rows[away % len(rows)])
        else:
            best = market.book.best(side) or market.last_trade().price
            lots = much * market.instrument.typical_qty // 3 + 1
            spends = type_ == "price" or (type_ == "best" and side == BUY)
            ticket = Ticket(
                side=BUY if type_ == "price" else SELL if type_ == "market" else side, type=type_,
                price=max(1, best + away) if type_ == "limit" else None, lots=None if spends else lots,
                budget=much * 10**12 // 7 if spends and code.startswith("KRW") else much * 10**6 if spends else None,
                tif=tif if type_ in ("limit", "best") else "", smp="" if tif == "post_only" else smp,
            )  # fmt: skip
            try:
                self.desk.place(member, market, ticket)
            except Refused as refused:
                assert str(refused.name).startswith("insufficient_funds")

    def check(self) -> None:
        total: Counter[str] = Counter()
        for n, member in enumerate(self.members):
            self._check_member(n, member, total)
        for pot in (self.accounts.fees, self.accounts.crowd):
            total.update(pot)
        assert {asset: amount for asset, amount in total.items() if amount} == dict(self.accounts.deposited)

    def _check_member(self, n: int, member: Account, total: Counter[str]) -> None:
        wallet = member.wallet(WALLET)
        needed: Counter[str] = Counter()
        for order in self.desk.orders(member):
            needed[order.paid_in] += order.locked
            assert order.locked == order.needed
            row, told = order_row(order), self.states[n][order.uuid]
            assert Decimal(row["executed_volume"]) == told["executed_volume"]
            assert Decimal(row["locked"]) == told["locked"]
            assert (row["state"] == "wait") == (told["state"] in ("wait", "trade", "prevented"))
            assert sum(fill.funds for fill in order.fills) == order.funds
            in_book = order.market.open_orders(f"upbit/{member.uid}").get(order.number)
            assert (in_book is not None) == (order.state == OPEN)
            assert in_book is None or (in_book.remaining, in_book.prevented) == (order.remaining, order.prevented)
            assert Decimal(row["prevented_volume"]) == told["prevented_volume"]
        for asset in wallet.assets:
            assert wallet.free(asset) >= 0
            assert wallet.locked(asset) == needed[asset]
            total[asset] += wallet.total(asset)
        for currency, (free, locked) in self.told[n].items():
            assert (free.scaleb(8), locked.scaleb(8)) == (wallet.free(currency), wallet.locked(currency))


@given(seed=st.integers(0, 50), moves=st.lists(MOVES, min_size=1, max_size=40))
def test_orders_of_any_kind(seed: int, moves: list[tuple[Any, ...]]) -> None:
    """After each move, of two accounts that meet the crowd, each other and themselves."""
    round_ = Round(seed)
    for move in moves:
        round_.play(move)
        round_.check()
