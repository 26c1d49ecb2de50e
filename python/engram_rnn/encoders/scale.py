"""Mean and deviation of the channels of series, and values measured by them.

Every number that a double can hold is a value: nothing here gives infinity or NaN. Sums go from the first value to
the last, as in JavaScript, so that both hosts have the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

# A channel stands still if its deviation is this small beside its mean. Rounding alone makes deviations of up to
# about 1e-13 of the mean in sets of millions of steps. What is measured moves by more, also times in milliseconds that
# are counted from 1970.
_STILL = 1e-12
# Most deviations from the mean that a value is given out as: finite also in single precision, times weights.
_FARTHEST = 1e30
# From here on squares are computed of values shifted by a power of two, which changes no digit.
_LARGE = 1e100
_SHIFT = 2.0**700
_LARGEST = float(np.finfo(np.float64).max)


class Scale(NamedTuple):
    """What values of one channel are measured by."""

    mean: float
    deviation: float
    """Standard deviation over the training set; 0 for a channel that stands still."""


def _sum(values: Values) -> float:
    """The sum from the first value to the last; NumPy's own sum adds in pairs."""
    return float(np.add.accumulate(values)[-1]) if len(values) else 0.0


def scale_of(values: Values) -> Scale:
    """Mean and deviation of values, of which there may be none, in two passes."""
    least, most = float(min(0.0, values.min(initial=0.0))), float(max(0.0, values.max(initial=0.0)))
    size = max(-least, most)
    if size == 0:
        return Scale(0.0, 0.0)
    factor = 1 / _SHIFT if size > _LARGE else _SHIFT if size < 1 / _LARGE else 1.0
    shifted = values * factor
    mean = _sum(shifted) / len(values)
    differences = shifted - mean
    deviation = float(np.sqrt(_sum(differences * differences) / len(values)))
    is_still = deviation <= _STILL * abs(mean)
    with np.errstate(over="ignore"):
        # Rounding may lead a little beyond the largest value, which may be the largest number.
        return Scale(
            min(max(float(np.float64(mean) / factor), least), most),
            0.0 if is_still else min(float(np.float64(deviation) / factor), _LARGEST),
        )


def standardise(values: Values, scale: Scale) -> Values:
    """Values in deviations from the mean; 0 always where the channel stands still."""
    mean, deviation = scale
    if deviation == 0:
        return np.zeros_like(values)
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        difference = values - mean
        near = difference / deviation
        far = (values / 2 - mean / 2) / (deviation / 2)
        scaled: Values = np.where(np.isfinite(difference), near, far)
    return np.clip(scaled, -_FARTHEST, _FARTHEST)


def restore(scaled: Values, scale: Scale) -> Values:
    """The values that so many deviations from the mean stand for."""
    mean, deviation = scale
    if deviation == 0:
        return np.full_like(scaled, mean)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        value = scaled * deviation + mean
        far = 2 * ((scaled / 2) * deviation + mean / 2)
    return np.where(np.isfinite(value), value, np.clip(far, -_LARGEST, _LARGEST))
