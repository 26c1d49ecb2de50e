"""How far numbers that a model gives are from those that there are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..encoders.scale import scale_of
from ..training.flat_set import Values

_LARGEST = float(np.finfo(np.float64).max)


def errors_of(targets: Values, answers: Values) -> dict[str, float]:
    """`mae`, the mean absolute error, and `rmse`, the root of the mean squared one, of answers to targets."""
    with np.errstate(over="ignore"):
        distances = np.minimum(np.abs(targets - answers), _LARGEST)
    largest = float(distances.max())
    if largest == 0:
        return {"mae": 0.0, "rmse": 0.0}
    # As shares of the largest, so that no square or sum is infinite.
    shares = distances / largest
    return {"mae": float(shares.mean()) * largest, "rmse": float(np.sqrt((shares * shares).mean())) * largest}


def r2_of(targets: Values, answers: Values, weights: Values) -> float:
    """The share of the variance of weighted targets that answers explain, as :func:`scores_of` has it."""
    counted = weights > 0
    targets, answers, shares = targets[counted], answers[counted], weights[counted] / weights.sum()
    mean = float((shares * targets).sum())
    errors, spread = (float((shares * distances**2).sum()) for distances in (targets - answers, targets - mean))
    return float(errors == 0) if spread == 0 else max(1 - errors / spread, -_LARGEST)


def scores_of(targets: Values, answers: Values) -> dict[str, Any]:
    """Errors of answers, beside those of the targets' mean, and which share of the targets' variance they explain."""
    errors = errors_of(targets, answers)
    mean = errors_of(targets, np.full_like(targets, scale_of(targets).mean))
    if mean["rmse"] == 0:
        r2 = float(errors["rmse"] == 0)
    else:
        ratio = errors["rmse"] / mean["rmse"]
        r2 = max(1 - ratio * ratio, -_LARGEST)
    return {**errors, "r2": r2, "mean": mean}
