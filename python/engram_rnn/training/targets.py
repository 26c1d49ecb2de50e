"""Which targets outputs can reach. Others are refused before training: the error would never fall."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .. import _engine
from ..errors import number
from .flat_set import FlatSet

_LINEAR = "other values need output='linear'"
_CLASSES = f"a class is 1 on an output of its own, and 0 on the others; {_LINEAR}"


class _Reach(NamedTuple):
    """What an output can be, and how a message says so."""

    min: float
    max: float
    expected: str
    kind: str
    remedy: str


_REACH = {
    "LOGISTIC": _Reach(0, 1, "a number from 0 to 1", "logistic", _CLASSES),
    "TANH": _Reach(-1, 1, "a number from -1 to 1", "hyperbolic tangents", _LINEAR),
    "IDENTITY": _Reach(-np.inf, np.inf, "a number", "linear", ""),
    "HLIM": _Reach(0, 1, "0 or 1", "hard limits", _CLASSES),
    "RELU": _Reach(0, np.inf, "a number of at least 0", "rectified", _LINEAR),
    "HARD_SIGMOID": _Reach(0, 1, "a number from 0 to 1", "hard sigmoids", _CLASSES),
    "SOFTMAX": _Reach(0, 1, "a number from 0 to 1", "softmax", _CLASSES),
}
# What rounding, and single precision, may add.
_SLACK = 1e-6


def check_targets(call: str, flat: FlatSet, squashes: list[str], *, once: bool, weighted: bool = False) -> None:
    """Refuses targets that outputs with these squashing functions cannot reach.

    With `once`, a sequence has one output, at its end. Where they are `weighted`, targets of softmax outputs are
    distributions times a weight of their own.
    """
    if flat.targets_are == "lists":
        if not once and len(squashes) > 1 and squashes[0] == "SOFTMAX":
            return
        raise ValueError(
            f"{call}: y has lists of symbols as targets, expected a network with softmax outputs at every step, the "
            "last of which says nothing"
        )
    ends = np.cumsum(flat.lengths) - 1
    early = np.setdiff1d(np.flatnonzero(flat.target_of_step != _engine.NO_TARGET), ends)
    if once and len(early) > 0:
        sample = int(np.searchsorted(ends, early[0]))
        raise ValueError(
            f"{call}: y[{sample}] has a target before the sequence's last step, expected none there: the network's "
            "read-out gives one answer for a sequence"
        )
    if all(name == "IDENTITY" for name in squashes):
        return
    if squashes == ["SOFTMAX"]:
        raise ValueError(
            f"{call}: the network has one softmax output, which is always 1; expected one output per class, or "
            "output='logistic'"
        )
    # A class is 1 on its own output and 0 on the others, but for what a model makes of it on purpose.
    if flat.targets_are == "classes":
        return
    reach = [_REACH[name] for name in squashes]
    targets = flat.targets
    weighted = weighted and squashes[0] == "SOFTMAX"
    least = np.array([each.min for each in reach]) - _SLACK
    most = np.array([np.inf if weighted else each.max for each in reach]) + _SLACK
    hard = np.array([name == "HLIM" for name in squashes])
    out = (targets < least) | (targets > most) | (hard & (abs(targets - np.round(targets)) > _SLACK))
    rows = np.flatnonzero(out.any(axis=1))
    if squashes[0] == "SOFTMAX":
        sums = targets.sum(axis=1)
        rows = np.flatnonzero(out.any(axis=1) | (sums <= 0 if weighted else abs(sums - 1) > _SLACK))
    if len(rows) == 0:
        return
    row = int(rows[0])
    step = int(np.flatnonzero(flat.target_of_step == row)[0])
    sample = int(np.searchsorted(np.cumsum(flat.lengths), step, side="right"))
    column = int(np.argmax(out[row])) if out[row].any() else None
    place = f"y[{sample}]"
    if column is None:
        what = f"{place} sums to {number(float(targets[row].sum()))}, expected 1"
    else:
        what = f"{place}, output {column}, is {number(float(targets[row][column]))}, expected {reach[column].expected}"
    kind, remedy = reach[column or 0].kind, reach[column or 0].remedy
    raise ValueError(f"{call}: {what}, as the outputs are {kind}: {remedy}")
