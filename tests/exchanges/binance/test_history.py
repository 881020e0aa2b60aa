"""The checker of histories: an honest record passes, and every planted fault is found and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from binance_sockets.exchanges.binance.history import Verdict, check

STREAM = "bnbbtc@trade"


def trade(number: int) -> dict[str, Any]:
    return {"e": "trade", "E": 1_790_000_000_000, "s": "BNBBTC", "t": number}


def sent(numbers: Sequence[int], stream: str = STREAM) -> list[dict[str, Any]]:
    return [{"time": float(n), "product": "spot", "stream": stream, "data": trade(n)} for n in numbers]


def received(numbers: Sequence[int], *gaps: dict[str, Any], key: str = STREAM) -> list[dict[str, Any]]:
    start = {"life": 1, "time": 0.0, "conn_key": key}
    return [start, *({"life": 1, "time": 0.0, "data": trade(n)} for n in numbers), *({"gap": gap} for gap in gaps)]


def gap(last: float, resumed: float, ids: Sequence[Any] = (), key: str = STREAM) -> dict[str, Any]:
    return {"conn_key": key, "streams": [STREAM], "last_received": last, "resumed": resumed, "ids": list(ids)}


def judged(came: Sequence[int], *gaps: dict[str, Any]) -> Verdict:
    (verdict,) = check(sent(range(10)), received(came, *gaps))
    return verdict


def words(verdict: Verdict) -> list[str]:
    return [str(offence) for offence in verdict.offences]


@pytest.mark.parametrize(
    ("came", "found"),
    [
        ([2, 3, 4, 5], []),
        ([2, 3, 5], ["lost 4"]),
        ([2, 3, 3, 4], ["doubled 3"]),
        ([2, 4, 3, 5], ["reordered 3"]),
        ([2, 3, 11, 4], ["unknown 11"]),
        ([2, 5, 3, 3, 6], ["reordered 3", "doubled 3", "lost 4"]),
    ],
)
def test_planted_faults_are_named(came: list[int], found: list[str]) -> None:
    """What is lost, doubled, reordered or never sent is told by its id, and nothing else."""
    assert words(judged(came)) == found


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (gap(2.5, 5.5), []),
        (gap(3.5, 5.5), ["lost 3"]),
        (gap(0.0, 9.0, [[STREAM, 2, 6]]), []),
        (gap(0.0, 9.0, [[STREAM, 3, 6]]), ["lost 3"]),
        (gap(0.0, 9.0, [[STREAM, 2, 5]]), ["lost 5"]),
        (gap(0.0, 4.5, [[STREAM, 2, None]]), ["lost 5"]),
        (gap(0.0, 9.0, key="ethbtc@trade"), ["lost 3", "lost 4", "lost 5"]),
    ],
)
def test_a_gap_excuses_what_lies_in_it_alone(told: dict[str, Any], found: list[str]) -> None:
    """By ids where the gap names some, else by its times; that of another socket excuses nothing."""
    verdict = judged([1, 2, 6, 7], told)
    assert words(verdict) == found
    assert verdict.told == 3 - len(found)


@given(st.integers(2, 40), st.data())
def test_any_single_fault_in_any_history_is_found(length: int, data: st.DataObject) -> None:
    """One message taken out, sent twice or moved: exactly that offence, wherever it happens."""
    whole = list(range(length))
    kind = data.draw(st.sampled_from(("none", "lost", "doubled", "reordered")))
    place = data.draw(st.integers(1, length - 2)) if length > 2 else 0
    came = list(whole)
    if kind == "lost" and length > 2:
        del came[place]
    elif kind == "doubled":
        came.insert(data.draw(st.integers(place + 1, length)), place)
    elif kind == "reordered" and length > 2:
        came.insert(data.draw(st.integers(place + 1, length - 1)), came.pop(place))
    (verdict,) = check(sent(whole), received(came))
    if came == whole:
        assert not verdict.offences
    else:
        assert words(verdict) == [f"{kind} {place}"]


def carried(first: float, last: float, stream: str = STREAM) -> dict[str, Any]:
    return {"life": 1, "carried": [[stream, first, last]]}


@pytest.mark.parametrize(
    ("came", "found"),
    [
        (range(20), 0),
        (range(3, 17), 0),
        (range(10), 7),  # its second half is missing
        (range(10, 20), 7),  # its first half
        ((), 14),  # all of it
        ((2, 18), 15),  # what lies between two messages is judged in any case
    ],
)
def test_what_was_sent_while_a_stream_was_carried_must_come(came: Sequence[int], found: int) -> None:
    """Also before its first message and behind its last one; but for a second at each end, by two clocks."""
    (verdict,) = check(sent(range(20)), [*received(came), carried(2.0, 17.0)])
    assert verdict.came == len(came)
    assert [offence.kind for offence in verdict.offences] == ["lost"] * found


@pytest.mark.parametrize("kept", [range(10), range(10, 20), range(3, 4)])
def test_a_record_without_moments_is_judged_between_its_messages(kept: range) -> None:
    """As those of earlier versions are."""
    (verdict,) = check(sent(range(20)), received(kept))
    assert not verdict.offences
    assert not list(check(sent(range(20)), received([])))


def test_a_gap_at_the_end_of_a_socket_covers_what_is_left() -> None:
    """The last id is known, and nothing came behind it; where no message had come, by its times."""
    lines = [*received(range(10)), carried(0.0, 19.0)]
    for told in (gap(8.5, 19.5, [[STREAM, 9, None]]), gap(8.5, 19.5)):
        (verdict,) = check(sent(range(20)), [*lines, {"gap": told}])
        assert (words(verdict), verdict.told) == ([], 9)
    (verdict,) = check(sent(range(20)), [*lines, {"gap": gap(8.5, 15.5, [[STREAM, 9, None]])}])
    assert words(verdict) == ["lost 16", "lost 17", "lost 18"]


def test_a_stream_that_brought_nothing_is_judged_where_something_was_sent() -> None:
    """Nothing sent while it was carried, or nothing recorded of it at all: there is nothing to say."""
    key = f"streams={STREAM}/ethbtc@trade"
    lines = [*received([], key=key), carried(2.0, 17.0), carried(2.0, 17.0, "ethbtc@trade")]
    lines[1:] = [{"life": 1, "carried": [each for line in lines[1:] for each in line["carried"]]}]
    (verdict,) = check([*sent([1, 5, 16, 18]), *sent([1, 2, 17, 19], "ethbtc@trade")], lines)
    assert (verdict.stream, words(verdict)) == (STREAM, ["lost 5", "lost 16"])


@given(st.sets(st.integers(0, 29)), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_lost_is_what_did_not_come_was_not_told_and_had_to(
    came: set[int], first: int, last: int, gone: int, back: int
) -> None:
    """For any messages, any time in which a stream was carried and any gap."""
    lines = [*received(sorted(came)), carried(float(first), float(last)), {"gap": gap(gone, back)}]
    had_to = {*range(first + 1, last), *range(min(came, default=0), max(came, default=-1))} - came
    if came and first + 1 < last:  # one stretch, in which the socket lived
        had_to = {*range(min(first + 1, *came), max(last, max(came) + 1))} & set(range(30)) - came
    had_to &= set(range(30))
    offences = {offence.position for verdict in check(sent(range(30)), lines) for offence in verdict.offences}
    assert offences == had_to - set(range(gone, back + 1))


def test_wrapped_messages_and_products_are_told_apart() -> None:
    """A multiplex socket is judged stream by stream, under the product of its conn key."""
    ledger = [{**row, "product": "usdm"} for name in ("a@aggTrade", "b@aggTrade") for row in sent(range(4), name)]
    for row in ledger:
        row["data"]["a"] = row["data"]["t"]
    rows = received([], key="usdm:streams=a@aggTrade/b@aggTrade")
    for name, numbers in (("a@aggTrade", (0, 1, 2)), ("b@aggTrade", (0, 2, 3))):
        rows += [{"life": 1, "time": 0.0, "data": {"stream": name, "data": {"a": n}}} for n in numbers]
    rows.append({"life": 1, "time": 0.0, "data": {"e": "error", "m": "Max reconnect retries reached"}})
    found = {verdict.stream: words(verdict) for verdict in check(ledger, rows)}
    assert found == {"a@aggTrade": [], "b@aggTrade": ["lost 1"]}


def test_candles_are_judged_by_what_they_hold_and_rest_stands_for_the_rest() -> None:
    """Each state of a candle must come, unless a candle over REST stands for it."""
    name = "bnbbtc@kline_1m"

    def candle(open_time: int, volume: str, **more: Any) -> dict[str, Any]:
        return {"e": "kline", "k": {"t": open_time, "v": volume}, **more}

    rows = [candle(0, "1"), candle(0, "2"), candle(60, "1"), candle(60, "2"), candle(120, "1")]
    ledger = [{"time": 0.0, "product": "spot", "stream": name, "data": row} for row in rows]

    def found(*came: dict[str, Any], backfill: bool = False) -> list[str]:
        lines = [{"life": 1, "time": 0.0, "conn_key": name, "backfill": backfill}]
        lines += [{"life": 1, "time": 0.0, "data": row} for row in came]
        (verdict,) = check(ledger, lines)
        return words(verdict)

    assert found(*rows) == []
    assert found(rows[0], rows[1], rows[4]) == ["lost 60", "lost 60"]
    assert found(rows[0], rows[1], candle(60, "2", backfilled=True), rows[4]) == []
    assert found(rows[0], rows[1], rows[3], rows[4]) == ["lost 60"]
    assert found(rows[0], rows[1], rows[3], rows[4], backfill=True) == []  # its last state was never missing
    assert found(rows[0], rows[1], rows[2], rows[4], backfill=True) == ["lost 60"]


def test_a_history_is_older_than_the_record() -> None:
    """What came over REST from before the first message that was recorded must be in order; the rest is judged."""

    def found(*numbers: int, rest: int) -> list[str]:
        lines = received(numbers)
        for line in lines[1:]:
            line["data"] = {**line["data"], "backfilled": True} if line["data"]["t"] < rest else line["data"]
        (verdict,) = check(sent(range(5, 10)), lines)
        assert verdict.came == len(numbers)
        return words(verdict)

    assert found(3, 4, 5, 6, 7, rest=6) == []
    assert found(3, 4, 5, 7, rest=6) == ["lost 6"]
    assert found(3, 4, 5, 6, rest=4) == ["unknown 4"]
    assert found(3, 3, 4, 2, 5, 6, rest=5) == ["doubled 3", "reordered 2"]
    assert found(4, 5, 6, 3, rest=5) == ["reordered 3"]


def test_records_that_do_not_belong_together_are_refused() -> None:
    """Nothing sent on a stream, or messages of a socket without a start: that proves nothing."""
    with pytest.raises(ValueError, match="nothing is recorded as sent on bnbbtc@trade"):
        list(check(sent([1], "ethbtc@trade"), received([1])))
    with pytest.raises(ValueError, match="without a start"):
        list(check(sent([1]), received([1])[1:]))
