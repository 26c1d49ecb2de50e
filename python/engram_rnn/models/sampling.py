"""How a symbol is drawn from probabilities: the same in every runtime, so that one seed makes one text."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..arithmetic import rounded, total
from ..training.flat_set import Values

# Least probability whose logarithm is taken: a normal number.
_LEAST = 1e-300
_LN2 = math.log(2)
_SQRT2 = math.sqrt(2)


class Sampling(NamedTuple):
    """What shapes the draw, checked."""

    temperature: float
    """From 0: below 1 the probable becomes more probable, above 1 less; 0 takes the most probable always."""
    top_k: int | None
    """How many of the most probable are drawn from; None for all."""
    top_p: float
    """The most probable that together have this share are drawn from."""


def _logarithm(value: float) -> float:
    """Natural logarithm of a normal number above 0, by sums and products alone: `math.log` differs by platform."""
    half, power = math.frexp(value)
    mantissa, exponent = 2 * half, power - 1
    if mantissa > _SQRT2:
        mantissa, exponent = half, power
    # ln m = 2 artanh((m - 1) / (m + 1)), of which |s| is below 0.172.
    s = (mantissa - 1) / (mantissa + 1)
    series = 0.0
    for odd in range(21, 0, -2):
        series = series * s * s + 1 / odd
    return 2 * s * series + exponent * _LN2


def _exponential(value: float) -> float:
    """The exponential of a number of at most 0, likewise."""
    if value < -700:
        return 0.0
    twos = rounded(value / _LN2)
    rest = value - twos * _LN2
    series = 1.0
    for term in range(18, 0, -1):
        series = 1 + (series * rest) / term
    return math.ldexp(series, twos)


def draw(probabilities: Values, sampling: Sampling, random: float) -> int:
    """One of the places of `probabilities`; `random` is in [0, 1)."""
    # Of equal ones the first.
    order: list[int] = np.argsort(-probabilities, kind="stable").tolist()
    if sampling.temperature == 0:
        return order[0]
    shares: list[float] = probabilities.tolist()
    top = max(shares[order[0]], _LEAST)
    most = sampling.top_p * total(shares)
    likely: list[tuple[int, float]] = []
    share = 0.0
    for place in order[: sampling.top_k]:
        if share >= most:
            break
        probability = max(shares[place], _LEAST)
        share += probability
        # As shares of the largest, so that no power is too large or all too small.
        scaled = sampling.temperature == 1
        weight = probability if scaled else _exponential(_logarithm(probability / top) / sampling.temperature)
        likely.append((place, weight))
    left = random * total(weight for _, weight in likely)
    for place, weight in likely:
        left -= weight
        if left < 0:
            return place
    return likely[-1][0]
