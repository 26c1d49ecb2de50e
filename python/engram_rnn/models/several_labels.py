"""Several labels at once: each has a probability of its own, and a threshold from which a sequence has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arithmetic import total
from ..errors import check_number, out_of_range, plain, wrong_type
from ..training.flat_set import Values
from .label_scores import agreement, ratio, surprise
from .labelled import Label, key

_USUAL = 0.5


def check_thresholds(call: str, labels: Sequence[Label], given: Any) -> list[float]:  # noqa: ANN401
    """The threshold of each label, by its place."""
    if given is None:
        return [_USUAL] * len(labels)
    if not isinstance(given, Mapping):
        if isinstance(given, bool) or not isinstance(plain(given), (int, float)):
            raise wrong_type(call, "thresholds", "a number, or a dict with a number for each label", given)
        return [_threshold(call, "thresholds", given)] * len(labels)
    by_label = {key(plain(label)): threshold for label, threshold in given.items()}
    thresholds = [_threshold(call, f"thresholds[{label!r}]", by_label.pop(key(label), _USUAL)) for label in labels]
    for _, other in by_label:
        raise out_of_range(call, "a key of thresholds", "one of the labels", other)
    return thresholds


def _threshold(call: str, field: str, value: Any) -> float:  # noqa: ANN401
    threshold: float = check_number(call, field, value, min=0, below=1)
    if threshold == 0:
        raise out_of_range(call, field, "a number above 0 and below 1", value)
    return threshold


def target_of(count: int, slots: Sequence[int], smoothing: float) -> list[float]:
    """A target: 1 for what a sequence has, 0 for the rest, or between by so much smoothing."""
    return [1 - smoothing / 2 if slot in slots else smoothing / 2 for slot in range(count)]


def _average_precision(probabilities: Values, has: npt.NDArray[np.bool_]) -> float:
    """The mean of the precisions at each place of a ranking where one more of those that have the label is found.

    Equal probabilities are found at once; 0 where none has it.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked, found = probabilities[order], np.cumsum(has[order])
    precision, before = 0.0, 0
    for place in np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)).tolist():
        right = int(found[place])
        precision += ratio(right - before, int(found[-1])) * (right / (place + 1))
        before = right
    return precision


def multi_evaluation_of(
    labels: Sequence[Label], thresholds: Sequence[float], slots: Sequence[Sequence[int]], probabilities: Values
) -> dict[str, Any]:
    """Scores of probabilities (samples, labels); `slots` are the places of the samples' labels."""
    has = np.array([[slot in own for slot in range(len(labels))] for own in slots])
    given = probabilities >= np.array(thresholds)
    wrong = (given != has).sum(axis=1)
    classes: dict[Label, dict[str, Any]] = {}
    loss = 0.0
    for slot, label in enumerate(labels):
        column, own = probabilities[:, slot], has[:, slot]
        right, got, count = (int(each.sum()) for each in (given[:, slot] & own, given[:, slot], own))
        precision = {"average_precision": _average_precision(column, own)}
        classes[label] = {**agreement(right, got, count), **precision}
        loss += total(
            surprise(float(share if is_there else 1 - share)) for share, is_there in zip(column, own, strict=True)
        )
    known = [scores["average_precision"] for scores in classes.values() if scores["count"] > 0]
    return {
        "accuracy": 1 - ratio(int(wrong.sum()), has.size),
        "exact": ratio(int((wrong == 0).sum()), len(slots)),
        "loss": loss / len(slots),
        "average_precision": ratio(total(known), len(known)),
        "classes": classes,
    }
