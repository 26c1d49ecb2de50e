"""How well labels are chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..training.flat_set import Values

# Keeps the logarithm of a probability of 0 finite.
_LEAST = 1e-15


def surprise(probability: float) -> float:
    """How surprising it is, in nats, that something of a probability was there."""
    return -math.log(max(probability, _LEAST))


def ratio(part: float, whole: float) -> float:
    """A share, which is 0 of nothing."""
    return part / whole if whole > 0 else 0.0


def agreement(right: int, got: int, count: int) -> dict[str, Any]:
    """Scores of a label: of `got` that were given it and `count` that have it, `right` agree."""
    return {
        "precision": ratio(right, got),
        "recall": ratio(right, count),
        "f1": ratio(2 * right, got + count),
        "count": count,
    }


def evaluation_of(labels: Sequence[Any], slots: Sequence[int], probabilities: Values) -> dict[str, Any]:
    """Scores of probabilities (samples, labels); `slots` are the places of the samples' labels."""
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    loss = 0.0
    for slot, row in zip(slots, probabilities, strict=True):
        confusion[slot, int(np.argmax(row))] += 1
        loss += surprise(float(row[slot]))
    right, counts, got = (
        sums.tolist() for sums in (confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0))
    )
    return {
        "accuracy": sum(right) / len(slots),
        "loss": loss / len(slots),
        "confusion": confusion,
        "classes": {label: agreement(*each) for label, *each in zip(labels, right, got, counts, strict=True)},
    }
