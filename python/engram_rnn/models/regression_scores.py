"""How far numbers that a model gives are from those that there are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..encoders.scale import scale_of
from ..training.flat_set import Values

_LARGEST = float(np.finfo(np.float64).max)


def errors_of(targets: Values, answers: Values, weights: Values | None = None) -> dict[str, float]:
    """`mae`, the mean absolute error, and `rmse`, the root of the mean squared one, of answers to targets.

    `weights` says how much each counts; without, alike.
    """
    with np.errstate(over="ignore"):
        distances = np.minimum(np.abs(targets - answers), _LARGEST)
    largest = float(distances.max())
    if largest == 0:
        return {"mae": 0.0, "rmse": 0.0}
    # As shares of the largest, so that no square or sum is infinite.
    shares = distances / largest
    mean, square = (float(np.average(each, weights=weights)) for each in (shares, shares * shares))
    return {"mae": mean * largest, "rmse": float(np.sqrt(square)) * largest}


def scores_of(targets: Values, answers: Values, weights: Values | None = None) -> dict[str, Any]:
    """Errors of answers, beside those of the targets' mean, and which share of the targets' variance they explain."""
    errors = errors_of(targets, answers, weights)
    middle = scale_of(targets).mean if weights is None else float(np.average(targets, weights=weights))
    mean = errors_of(targets, np.full_like(targets, middle), weights)
    if mean["rmse"] == 0:
        r2 = float(errors["rmse"] == 0)
    else:
        ratio = errors["rmse"] / mean["rmse"]
        r2 = max(1 - ratio * ratio, -_LARGEST)
    return {**errors, "r2": r2, "mean": mean}
