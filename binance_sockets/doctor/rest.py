"""REST of one product, and the clock: whether it answers, what is used of its weight, how far the clocks are apart."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

from ..errors import BinanceSocketsError, ExchangeError
from ..exchanges.binance.clock_offset import Sample, measured
from ..exchanges.binance.products import Product
from ..exchanges.binance.rest import SignedRest
from ..exchanges.binance.user_products import user_product
from .advice import explain, failed
from .bounds import Bounds
from .findings import Finding, Outcome

__all__ = ["Rest", "Sample", "examine_clock", "examine_rest"]

_SAMPLES = 4  # the first pays for the connect
_USED_WEIGHT = "x-mbx-used-weight-1m"
_MUCH = 0.8  # share of the weight that other programs may use before it is worth a word
_AHEAD = 1.0  # seconds that a time stamp may be ahead of the exchange's clock
_BEHIND = 5.0  # seconds that it may be behind: the default recvWindow
_SHARE = 0.5  # of these limits from which on it is worth a word


class Rest(NamedTuple):
    """What REST of one product has told."""

    finding: Finding
    sample: Sample | None = None


def examine_rest(product: Product, base: str, bounds: Bounds) -> Rest:
    """Ask the time a few times. Blocks within the bounds, and for 5 s more where the answer drips."""
    path = user_product(product.name, product.tld).time_path
    samples: list[Sample] = []
    with closing(SignedRest(base, bounds.options, None, path)) as rest:
        try:
            while len(samples) < _SAMPLES and not (samples and bounds.over):
                samples.append(measured(rest, path, base, bounds.clock))
        except BinanceSocketsError as exc:
            if not samples:
                return Rest(failed("rest", product.name, exc))
        best = min(samples, key=lambda sample: sample.error)
        return Rest(_weight(product, rest.used.get(_USED_WEIGHT), best), best)


def _weight(product: Product, used: int | None, best: Sample) -> Finding:
    limit = product.weight_per_minute
    fact = f"answers in {best.error * 2000:.0f} ms"
    if used is None:
        return Finding("rest", product.name, Outcome.OK, fact)
    fact += f", request weight used in this minute: {used}" + ("" if limit is None else f" of {limit}")
    if limit is None or used < _MUCH * limit:
        return Finding("rest", product.name, Outcome.OK, fact)
    meaning = "Other programs behind this address use most of the weight; soon everybody is refused (429), then banned"
    return Finding("rest", product.name, Outcome.WARNING, fact, meaning, "Find them, and have them ask less often")


def examine_clock(samples: Sequence[Sample]) -> Finding:
    """This machine's clock, by the best of all samples."""
    if not samples:
        return Finding("clock", "", Outcome.SKIPPED, "REST does not tell the time")
    best = min(samples, key=lambda sample: sample.error)
    way = "ahead of" if best.offset >= 0 else "behind"
    fact = f"{abs(best.offset):.3f} s {way} {best.host}, within {best.error * 1000:.0f} ms"
    share = max(best.offset / _AHEAD, -best.offset / _BEHIND) - best.error
    if share <= _SHARE:
        return Finding("clock", "", Outcome.OK, fact)
    _, advice = explain(ExchangeError(-1021, ""))
    if share <= 1:
        meaning = f"Beyond {_AHEAD:g} s ahead, or {_BEHIND:g} s behind, signed requests are refused with -1021"
        return Finding("clock", "", Outcome.WARNING, fact, meaning, advice)
    meaning = (
        "The exchange refuses signed requests with this time (-1021). This package corrects itself after the first"
        " refusal; other programs do not, and ages and delays that are measured here are wrong by as much"
    )
    return Finding("clock", "", Outcome.FAILED, fact, meaning, advice)
