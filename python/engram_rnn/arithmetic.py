"""Numbers as JavaScript computes them, so that both hosts split sets and write messages alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = 0xFFFFFFFF


def rounded(value: float) -> int:
    """The nearest whole number, halves up."""
    floor = math.floor(value)
    return floor + (value - floor >= 0.5)


def total(values: Iterable[float]) -> float:
    """The sum of numbers, one after the other; `sum` of later versions of Python corrects its rounding."""
    result = 0.0
    for value in values:
        result += value
    return result


def to_precision(value: float, digits: int) -> str:
    """A number to so many significant digits, as `Number.prototype.toPrecision` writes it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if -7 < exponent < digits:
        return f"{value:.{digits - 1 - exponent}f}"
    return f"{mantissa}e{exponent:+d}"


def random_from(seed: int) -> Callable[[], float]:
    """A stream of numbers in [0, 1), fixed by the seed (mulberry32)."""
    # All bits of the seed count, those from the 33rd on as well.
    state = (seed ^ (seed >> 32) * 0x9E3779B1) & _MASK

    def unit() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & _MASK
        mixed = ((state ^ (state >> 15)) * (state | 1)) & _MASK
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & _MASK)) & _MASK
        return float(mixed ^ (mixed >> 14)) / 2**32

    return unit


def shuffled(items: Sequence[T], random: Callable[[], float]) -> list[T]:
    """The items in a random order (Fisher and Yates)."""
    result = list(items)
    for last in range(len(result) - 1, 0, -1):
        other = math.floor(random() * (last + 1))
        result[last], result[other] = result[other], result[last]
    return result


def edit_distance(one: Sequence[object], other: Sequence[object]) -> int:
    """Fewest insertions, deletions and replacements that make one list, or text, the other (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        following = [i]
        for j, right in enumerate(other, 1):
            following.append(min(row[j - 1] + (left != right), row[j] + 1, following[j - 1] + 1))
        row = following
    return row[-1]
