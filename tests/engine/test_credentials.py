"""Credentials of links: obtained before each attempt, renewed in time on the job thread, re-made, proven, told."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fake_exchange import (
    FINAL,
    START,
    Badge,
    Bench,
    Dials,
    FakeExchange,
    Jobs,
    batch,
    calm,
    data,
    joined,
    later,
    says,
    server,
)

from binance_sockets.engine.metrics import connection_snapshot
from binance_sockets.errors import ConnectError, CredentialError, RateLimited
from binance_sockets.events import Reason
from binance_sockets.exchange import ControlFrame, Effect, Lease
from binance_sockets.testing import Drop, Refuse, Script, Send

REST_DOWN = CredentialError("the exchange cannot be reached")


def bench(*outcomes: Script | Refuse, badge: Badge, **fields: Any) -> Bench:
    return Bench(*outcomes, exchange=FakeExchange(badge=badge, stale_after=1e9), **fields)


def credential(bench: Bench) -> dict[str, Any]:
    found: Any = connection_snapshot(bench.connection, bench.clock.monotonic())["links"][0]["credential"]
    return dict(found)


# -- obtaining --


def test_obtained_before_each_attempt() -> None:
    """Also before those that fail to connect; the request is made afterwards, with what was obtained."""
    badge = Badge()
    run = bench(server(Drop(after=20)), Refuse(ConnectError("x", "y")), server(), badge=badge)
    run.run(stop_at=40)
    assert badge.at("obtain") == run.attempts == [0.0, 20.5, 21.75]
    assert [request.url for _, request in run.transport.attempts] == ["ws://fake.invalid/main?badge=1"] * 3


def test_a_failure_to_obtain_backs_off() -> None:
    """It is a failed attempt whose reason is the credential; nothing is dialled with an old one."""
    badge = Badge()
    badge.fails = [REST_DOWN, REST_DOWN, None]
    run = bench(server(), badge=badge).run(stop_at=40)
    assert (badge.at("obtain"), run.attempts) == ([0.0, 0.5, 1.75], [1.75])
    assert run.reasons[:2] == [("backoff", "credential")] * 2
    assert run.steps[:3] == [(0.0, "failed"), (0.5, "failed"), (1.75, "obtained")]


def test_a_permanent_failure_gives_up_at_once() -> None:
    """A wrong API key does not get better; the callback hears the last word."""
    badge = Badge()
    badge.fails = [CredentialError("no such API key", permanent=True)]
    run = bench(server(), badge=badge).run()
    assert (badge.at("obtain"), run.payloads, run.errors) == ([0.0], [FINAL], ["no such API key"])
    assert run.states[-1] == (0.0, "closed")


def test_the_exchange_may_ask_to_wait() -> None:
    """Retry-After of a credential call is waited for, and costs no attempt."""
    badge = Badge()
    badge.fails = [RateLimited(429, 90.0), None]
    run = bench(server(), badge=badge).run(stop_at=100)
    assert badge.at("obtain") == [0.0, 90.0]
    assert run.changes[1][1].attempt == 0


def test_what_others_raise_is_not_quoted() -> None:
    """An exception of an HTTP library may carry the URL, and with it the key."""
    badge = Badge()
    badge.fails = [OSError("PUT /listenKey?listenKey=abc123"), None]
    run = bench(server(), badge=badge).run(stop_at=5)
    told = [str(change.error) for _, change in run.credentials if change.error] + [
        str(change.error) for _, change in run.changes if change.error
    ]
    assert told == ["the credential failed with OSError"] * 2


# -- renewing --


def test_renewed_again_and_again() -> None:
    """Each time a little earlier than asked for, so that many do not meet; the link stays open."""
    badge = Badge(proves_url=False)
    run = bench(server(), badge=badge).run(stop_at=1000)
    times = [0.0, *badge.at("renew")]
    waits = [round(later - earlier, 3) for earlier, later in itertools.pairwise(times)]
    assert len(run.attempts) == 1 and len(waits) >= 10
    assert all(80 <= wait <= 100 for wait in waits) and len(set(waits)) > 5
    assert [step for _, step in run.steps] == ["obtained"] + ["renewed"] * len(waits)


def test_renewed_on_the_job_thread() -> None:
    """A slow renewal delays no message: the link goes on, and takes the result when it comes."""
    jobs, badge = Jobs(), Badge(renew_after=10, proves_url=False)
    run = bench(server(*(data("a", n, after=4) for n in range(8))), badge=badge, submit=jobs)
    run.clock.at(25, jobs.run)
    run.run(stop_at=33)
    assert run.payloads == list(range(8))
    assert run.steps[1] == (25.0, "renewed")
    assert len(badge.at("renew")) == 1, "the next one is due after the result"


def test_a_failed_renewal_is_retried() -> None:
    """After a back-off of its own, told each time; the link stays open and the plan is kept afterwards."""
    badge = Badge(proves_url=False)
    badge.fails = [None, REST_DOWN, REST_DOWN, REST_DOWN, None]
    run = bench(server(), badge=badge).run(stop_at=150)
    first = badge.at("renew")[0]
    waits = [round(at - first, 3) for at in badge.at("renew")[1:4]]
    assert 0.5 <= waits[0] <= 1 and 1.5 <= waits[1] <= 3 and 3.5 <= waits[2] <= 7
    assert [step for _, step in run.steps][:5] == ["obtained", "failed", "failed", "failed", "renewed"]
    told = [change.renew_in for _, change in run.credentials]
    assert all(wait is not None and wait <= 4 for wait in told[1:4]) and (told[4] or 0) >= 80
    assert len(run.attempts) == 1


def test_a_life_without_renewal_ends_in_a_new_link() -> None:
    """The exchange would say nothing, and send nothing: the link is left, and the gap begins where it was good."""
    badge = Badge(renew_after=100, life=300, proves_url=False)
    badge.fails = [None, *[REST_DOWN] * 1000]
    run = bench(server(), server(), badge=badge)
    run.clock.at(300, badge.fails.clear)
    run.run(stop_at=320)
    assert badge.at("obtain") == [0.0, 300.0]
    assert (300.0, "ended") in run.steps
    assert run.gaps[0].last_received == pytest.approx(START, abs=1)
    assert len(badge.at("renew")) < 12, "no storm meanwhile"


def test_another_credential_asks_for_another_link() -> None:
    """A renewal that brings another one restarts the link with it."""
    badge = Badge(proves_url=False)
    run = bench(server(), server(), badge=badge)

    def change() -> None:
        badge.effect, badge.number = Effect.CHANGED, 2

    run.clock.at(50, change)
    run.clock.at(105, lambda: setattr(badge, "effect", Effect.KEPT))
    run.run(stop_at=120)
    assert len(run.attempts) == 2 and "backoff" not in [state for _, state in run.states]
    assert [step for _, step in run.steps] == ["obtained", "changed", "obtained"]
    assert run.gaps[0].last_received == pytest.approx(START, abs=1), "it may have been dead since it was obtained"


def test_a_resent_credential_goes_over_the_open_link() -> None:
    """The streams are asked for again on the same WebSocket; the answer makes it count."""
    badge = Badge(proves_url=False, effect=Effect.RESENT)
    run = bench(server(), badge=badge).run(stop_at=110)
    assert [json.loads(sent)["list"] for sent in run.transport.links[0].texts()] == [["a"], ["a"]]
    assert [step for _, step in run.steps] == ["obtained", "renewed"]
    assert (run.gaps, len(run.attempts)) == ([], 1)


def test_a_refused_resend_is_a_lost_link() -> None:
    """The exchange did not take the new one: the next link obtains another."""
    badge = Badge(proves_url=False, effect=Effect.RESENT)
    answers: Iterator[dict[str, Any]] = iter([{"ok": True}, {"ok": False, "why": [-1209, "bad token"]}])
    first = Script(
        react=lambda opcode, payload: [says(ref=json.loads(payload)["ref"], **next(answers))] if opcode == 1 else []
    )
    run = bench(first, server(), badge=badge).run(stop_at=120)
    assert run.reasons[0] == ("backoff", "credential")
    assert [step for _, step in run.steps] == ["obtained", "failed", "obtained"]


def test_a_refused_subscription_of_private_data_ends_the_link() -> None:
    """There is nothing else to see on it. What the exchange refuses for good is not tried again."""
    badge = Badge(proves_url=False)
    run = bench(server(refuses=["a"]), server(), badge=badge).run(stop_at=5)
    assert run.reasons[0] == ("backoff", "credential") and len(run.attempts) == 2

    refused = Script(react=lambda opcode, payload: [says(ref=1, ok=False, why=[401, "unknown key"])])
    run = bench(refused, server(), badge=Badge(proves_url=False)).run()
    assert (len(run.attempts), run.payloads, run.errors) == (1, [FINAL], ["unknown key (code 401)"])


def test_a_notice_ends_the_credential() -> None:
    """The exchange says that it has expired: a new one is obtained and a new link opened at once."""
    badge = Badge()
    lively = [data("a", number, after=1.0) for number in range(49)]
    run = bench(server(*lively, says(key="expired", after=1)), server(), badge=badge).run(stop_at=60)
    assert badge.at("obtain") == [0.0, 50.0]
    assert [step for _, step in run.steps][-3:] == ["ended", "obtained", "renewed"]
    assert run.gaps[0].last_received == pytest.approx(START + 50, abs=6)


def test_a_result_for_an_earlier_socket_is_dropped() -> None:
    """The link was lost meanwhile, and has obtained its own."""
    jobs, badge = Jobs(), Badge(renew_after=10, proves_url=False)
    badge.fails = [None, None, REST_DOWN]
    run = bench(server(Drop(after=15)), server(), badge=badge, submit=jobs)
    run.clock.at(17, jobs.run)
    run.run(stop_at=20)
    assert [step for _, step in run.steps] == ["obtained", "obtained"]
    assert credential(run)["failed"] == 0


# -- proof --


def test_a_handshake_proves_nothing() -> None:
    """Where the exchange takes any URL, the link counts as open when a renewal shows that the credential is good."""
    jobs, badge = Jobs(), Badge()
    run = bench(server(), badge=badge, submit=jobs)
    seen: list[tuple[Any, bool, bool]] = []

    def look() -> None:
        shot = connection_snapshot(run.connection, run.clock.monotonic())
        seen.append((credential(run)["proven"], shot["streams"]["a"]["confirmed"], run.connection.links[0].ready))

    run.clock.at(1, look)
    run.clock.at(2, jobs.run)
    run.clock.at(3, look)
    run.run(stop_at=4)
    assert seen == [(None, False, False), ("renewal", True, True)]


def test_a_first_message_proves_it() -> None:
    """Though the renewal that was asked for at once has not come."""
    jobs, badge = Jobs(), Badge()
    run = bench(server(data("a", 1, after=2), Drop(after=1)), server(data("a", 2, after=2)), badge=badge, submit=jobs)
    seen: list[Any] = []
    for at in (1, 2.5, 4, 6):
        run.clock.at(at, lambda: seen.append(credential(run)["proven"]))
    run.run(stop_at=7)
    assert seen == [None, "message", None, "message"]
    assert [gap.resumed - START for gap in run.gaps] == [5.5], "a gap ends when the next link is proven"


def test_an_answer_proves_it() -> None:
    """Where the exchange answers the request for private data."""
    run = bench(server(), badge=Badge(proves_url=False))
    seen: list[Any] = []
    run.clock.at(1, lambda: seen.append(credential(run)["proven"]))
    run.run(stop_at=2)
    assert (seen, credential(run)["proven"]) == (["answer"], None)


def test_unproven_is_retried_until_proven() -> None:
    """A renewal that fails right after the opening is tried again; until then nobody is told that it is open."""
    badge = Badge()
    badge.fails = [None, REST_DOWN, REST_DOWN, None]
    run = bench(server(), badge=badge)
    run.clock.at(0.2, lambda: run.history.append(f"ready {run.connection.links[0].ready}"))
    run.run(stop_at=10)
    assert [line for line in run.history if line.startswith(("credential", "ready"))] == [
        "credential obtained", "credential failed", "ready False", "credential failed", "credential renewed",
    ]  # fmt: skip


# -- a month --


@pytest.mark.parametrize(
    ("seed", "days"), [(0, 3), *(pytest.param(seed, 30, marks=pytest.mark.full) for seed in range(5))]
)
def test_a_month_of_renewals_with_faults(seed: int, days: int) -> None:
    """Renewals fail at random, for up to 20 minutes in a row, links drop, keys expire: always renewed in time."""
    rng = random.Random(seed)
    day, life, renew_after = 86_400.0, 3600.0, 1440.0
    badge = Badge(renew_after=renew_after, life=life)
    outcomes = [server(Drop(after=rng.uniform(60, day))) for _ in range(400)]
    run = bench(*outcomes, badge=badge, options=calm(0.5, seed=seed, max_reconnects=None))
    good_until = [0.0]
    worst: list[float] = []
    outage = [0.0]
    called = badge._called

    def exchange(name: str) -> None:
        now = run.now
        called(name)
        if now < outage[0]:
            raise REST_DOWN
        if rng.random() < 0.01:
            outage[0] = now + rng.uniform(1, 1200)
            raise REST_DOWN
        if name == "renew":
            worst.append(good_until[0] - now)
        good_until[0] = now + life

    badge._called = exchange  # type: ignore[method-assign]
    run.run(stop_at=days * day)
    assert min(worst) > 0, "every renewal found a living credential"
    assert [step for _, step in run.steps].count("ended") == 0
    calls = len(badge.calls)
    assert calls < days * day / (renew_after * 0.8) + 2 * len(run.attempts) + 30 * 60, "no storm"
    by_minute: dict[int, int] = {}
    for at, _ in badge.calls:
        by_minute[int(at // 60)] = by_minute.get(int(at // 60), 0) + 1
    assert max(by_minute.values()) <= 12


# -- planned changes --


def stuck(*steps: Any) -> Script:
    """A server whose link stays open whatever the client does."""
    return Script(steps, lambda opcode, payload: [])


def test_a_change_at_24_hours_obtains_and_proves_anew() -> None:
    """The next WebSocket is obtained for and proven before the old one ends; no gap."""
    badge = Badge(life=1e6, renew_after=1e6)
    exchange = FakeExchange(badge=badge, stale_after=1e9, max_age=1000.0)
    run = Bench(server(*(data("a", n, after=85) for n in range(10))), server(), exchange=exchange).run(stop_at=1010)
    assert len(badge.at("obtain")) == 2 and 880 <= badge.at("obtain")[1] <= 980
    assert run.payloads == list(range(10)) and run.gaps == []
    assert [state for _, state in run.states] == ["connecting", "open", "closing", "closed"]


def test_a_dead_link_whose_next_one_cannot_be_had_is_lost() -> None:
    """It stays open, but brings nothing any more: that is no OPEN."""
    badge = Badge()
    run = bench(server(says(key="expired", after=50)), server(), badge=badge)
    run.clock.at(49, lambda: badge.fails.extend([REST_DOWN, REST_DOWN, None]))
    run.run(stop_at=60)
    assert [state for _, state in run.states][1:4] == ["open", "backoff", "connecting"]
    assert badge.at("obtain")[0] == 0.0 and len(badge.at("obtain")) == 4
    assert len(run.gaps) == 1 and run.gaps[0].reason.value == "credential"


def test_a_revoked_key_ends_a_link_that_is_still_open() -> None:
    """The old WebSocket is not kept for ever, though nobody closes it."""
    badge = Badge()
    run = bench(stuck(says(key="expired", after=50)), badge=badge)
    run.clock.at(49, lambda: badge.fails.append(CredentialError("revoked", permanent=True)))
    run.run()
    assert run.payloads == [FINAL] and run.states[-1][1] == "closed" and run.now < 60


def test_a_credential_that_ends_during_a_planned_change_leaves_a_gap() -> None:
    """The change itself would have lost nothing, but the old WebSocket was dead before it ended."""
    badge = Badge(life=1e6, renew_after=1e6)
    exchange = FakeExchange(badge=badge, stale_after=1e9)
    jobs = Jobs()
    lively = [data("a", number, after=1.0) for number in range(19)]
    first = server(*lively, says(bye="maintenance", after=1), says(key="expired", after=2))
    run = Bench(first, server(), server(), exchange=exchange, submit=jobs)
    for at in (5, 25, 35, 45):  # the next one is proven when the old one is dead
        run.clock.at(at, jobs.run)
    run.run(stop_at=60)
    assert run.gaps[0].reason.value == "credential"
    assert 15 <= run.gaps[0].last_received - START <= 22


def test_a_message_of_the_old_one_does_not_prove_the_new_one() -> None:
    """While both are open only a renewal does."""
    jobs, badge = Jobs(), Badge(life=1e6, renew_after=1e6)
    exchange = FakeExchange(badge=badge, stale_after=1e9)
    first = server(
        *(data("a", n, after=5) for n in range(4)), says(bye="soon", after=1), *(data("a", n) for n in (4, 5))
    )
    run = Bench(first, server(), exchange=exchange, submit=jobs)
    seen: list[Any] = []
    run.clock.at(22, lambda: seen.append([socket.proven for socket in run.connection.links[0].sockets]))
    run.clock.at(23, jobs.run)
    run.clock.at(24, lambda: seen.append([socket.proven for socket in run.connection.links[0].sockets][-1:]))
    run.run(stop_at=40)
    assert seen == [["message", None], ["renewal"]]


# -- since when nothing surely came --


class Told(Badge):
    """What each call is answered, and how long that takes; for ever as the last one."""

    def __init__(self, obtain: Sequence[Effect] = (), renew: Sequence[Effect] = (), takes: float = 0.0) -> None:
        super().__init__(renew_after=100.0, life=1e6)
        self.said = {"obtain": list(obtain), "renew": list(renew)}
        self.takes = takes

    def obtain(self) -> Lease:
        super().obtain()
        return self._answer("obtain")

    def renew(self) -> Lease:
        super().renew()
        return self._answer("renew")

    def _answer(self, call: str) -> Lease:
        assert self.clock is not None
        self.clock.now += self.takes
        said = self.said[call]
        return dataclasses.replace(self.lease, effect=said.pop(0) if said else Effect.KEPT)


def alive(*steps: Any, seconds: int = 150) -> list[Any]:
    """What a server sends with something every second that shows its link to live, and is no event."""
    timed = [(float(number), says(ok=True, ref=999)) for number in range(1, seconds)]
    now = 0.0
    for step in steps:
        now += step.after
        timed.append((now, step))
    timed.sort(key=lambda each: each[0])
    starts = [0.0, *(at for at, _ in timed)]
    return [Send(step.data, at - before) for (at, step), before in zip(timed, starts, strict=False)]


def test_a_credential_was_good_when_it_was_asked_for_not_when_the_answer_came() -> None:
    """What ended in between was still good then: the gap of a later change begins at the question."""
    badge = Told(renew=[Effect.KEPT, Effect.CHANGED], takes=5.0)
    run = bench(server(*alive()), server(), badge=badge).run(stop_at=150)
    (gap,) = run.gaps
    asked = badge.at("renew")[0]
    assert (gap.reason, gap.last_received) == (Reason.CREDENTIAL, START + asked)


def test_an_event_that_waited_proves_nothing_of_the_time_at_which_it_was_read() -> None:
    """A slow callback reads late what was sent long before, by a credential that may have ended since."""
    badge = Told(renew=[Effect.KEPT, Effect.CHANGED])
    run = bench(server(*alive(data("a", 1, after=10.0), data("a", 2, after=1.0))), server(), badge=badge)
    run._callback = lambda payload: run.clock.advance(run.clock.now + 30.0) if payload == 1 else None
    run.run(stop_at=150)
    assert run.payloads == [1, 2]
    (gap,) = run.gaps
    assert START <= gap.last_received <= START + 11.0


def test_a_change_that_an_attempt_in_vain_has_told_counts() -> None:
    """A new key was obtained and the connect failed: the open WebSocket has the old one, which is dead."""
    badge = Told(obtain=[Effect.KEPT, Effect.CHANGED])
    refused = Refuse(ConnectError("fake", "refused"))
    run = bench(stuck(*alive(data("a", 1, after=10.0))), refused, server(data("a", 2, after=1.0)), badge=badge)
    run.clock.at(50.0, run.connection.reconnect)
    run.run(stop_at=90)
    (gap,) = run.gaps
    assert gap.last_received <= START + 10.0
    assert run.payloads == [1, 2]


def test_a_change_that_the_next_one_is_told_concerns_both() -> None:
    """The successor is renewed to be proven, and gets another credential: the old WebSocket is dead with it."""
    badge = Told(renew=[Effect.KEPT, Effect.CHANGED])
    jobs, last = Jobs(), server(data("a", 2, after=1.0))
    run = bench(stuck(*alive(data("a", 1, after=10.0))), server(), last, badge=badge, submit=jobs)
    run.clock.at(50.0, run.connection.reconnect)
    for at in (5.0, 58.0, 70.0):
        run.clock.at(at, jobs.run)
    run.run(stop_at=90)
    (gap,) = run.gaps
    assert gap.last_received <= START + 50.0
    assert run.payloads == [1, 2]


def test_an_end_that_comes_with_another_notice_is_not_forgotten() -> None:
    """Both in one read, in either order: it is the credential that leaves a gap."""
    notices = [says(key="expired"), says(bye="maintenance")]
    for order in (notices, notices[::-1]):
        badge = Badge(life=1e6, renew_after=1e6)
        first = server(data("a", 1, after=10.0), batch(*order, after=20.0))
        run = bench(first, server(), badge=badge).run(stop_at=50)
        assert [gap.reason for gap in run.gaps] == [Reason.CREDENTIAL]


def test_an_end_that_both_websockets_of_a_change_are_told_ends_the_change() -> None:
    """The successor is subscribed, and terminated before it has taken over: it is not what things go on with."""
    badge = Badge(life=1e6, renew_after=1e6)
    old = stuck(*[data("a", number, after=1.0) for number in range(53)], says(key="expired", after=0.5))
    ended = server(says(key="expired", after=2.5))
    run = bench(old, ended, server(data("a", 99, after=5.0)), badge=badge)
    run.clock.at(51.0, run.connection.reconnect)
    run.run(stop_at=90)
    assert run.payloads == [*range(53), 99]
    (gap,) = run.gaps
    assert gap.resumed >= START + 53.5


class Joined(FakeExchange):
    """Its badge stands in the URL, which asks for nothing: streams are joined besides."""

    def control_frames(self, group: Any, wanted: Any, added: Any, removed: Any, next_id: Any) -> list[ControlFrame]:
        badge, self.badge = self.badge, None
        try:
            return super().control_frames(group, wanted, added, removed, next_id)
        finally:
            self.badge = badge


def test_a_renewal_does_not_prove_what_a_join_asks_for() -> None:
    """The credential lives, and the exchange has not said yet that it sends anything."""
    slow = server()
    react = slow.react
    slow.react = lambda opcode, payload: [later(3.0, step) for step in react(opcode, payload)]
    run = Bench(slow, exchange=Joined(badge=Badge(), stale_after=1e9))
    seen: list[bool] = []
    for at in (2.0, 4.0):
        run.clock.at(at, lambda: seen.append(run.connection.roster.settled.is_set()))
    run.run(stop_at=5.0)
    assert seen == [False, True]


def test_a_renewal_of_a_websocket_that_is_told_to_be_dead_does_not_make_it_live_again() -> None:
    """It was asked for before the end was known. Asking for the streams again would have events come behind a gap that
    is not told before the next one takes over."""
    badge = Badge(renew_after=100.0, life=1e6, proves_url=False, effect=Effect.RESENT)
    jobs, dials = Jobs(), Dials()
    first = server(*alive(data("a", 1, after=10.0), says(key="terminated", after=100.0)))
    run = bench(first, server(), badge=badge, submit=jobs, dial=dials.dial)
    run.clock.at(110.2, jobs.run)
    run.clock.at(115.0, dials.run)
    run.run(stop_at=140)
    assert badge.at("renew") == [110.2]
    assert len(joined(run.transport.links[0])) == 1
    assert [gap.reason for gap in run.gaps] == [Reason.CREDENTIAL]


def test_a_change_for_the_credential_is_not_forgotten_over_a_later_wish() -> None:
    """While copies may still come from the last change the next one waits; who asks for another one gets this one."""
    badge = Badge(life=1e6, renew_after=1e6)
    old = server(*alive(data("a", 1, after=48.0), data("a", 2, after=1.0)))
    dying = server(data("a", 2), *alive(says(key="expired", after=2.0), seconds=60))
    run = bench(old, dying, server(data("a", 3, after=1.0)), badge=badge)
    run.clock.at(50.0, run.connection.reconnect)
    run.clock.at(53.0, run.connection.reconnect)
    run.run(stop_at=100)
    assert [gap.reason for gap in run.gaps] == [Reason.CREDENTIAL]
    assert run.payloads == [1, 2, 3]


@pytest.mark.parametrize("fails", [[], [REST_DOWN]])
def test_a_next_websocket_that_ends_while_it_renews_takes_no_renewal_along(fails: list[BaseException | None]) -> None:
    """The one before goes on, and the credential is renewed for it as ever, though there is no other to be had."""
    jobs, badge = Jobs(), Badge()
    first = server(*[data("a", number, after=10.0) for number in range(1, 60)])
    refused = [Refuse(ConnectError("x", "y"))] * 30
    run = bench(first, server(Drop(after=0.5)), *refused, badge=badge, submit=jobs, options=calm(max_reconnects=None))
    run.clock.at(20.0, run.connection.reconnect)
    run.clock.at(20.9, lambda: badge.fails.extend(fails))
    for second in (1.0, *range(21, 400)):
        run.clock.at(float(second), jobs.run)
    run.run(stop_at=390)
    renewed = [1.0, *badge.at("renew")[1:]]
    assert renewed[1] == 21.0 and renewed[-1] > 290
    assert all(after - before <= 100 for before, after in itertools.pairwise(renewed))
    assert "ended" not in [change.step.value for _, change in run.credentials]
    assert run.gaps == []
