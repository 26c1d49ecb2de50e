"""What the models have in common that choose among labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import check_list, describe, number, out_of_range, wrong_type
from .model import SequenceModel

Label = str | int | float | bool
"""What may be a label."""


def text_of(label: Label) -> str:
    """A label as a key of JavaScript's objects: no two labels may have the same."""
    if isinstance(label, bool):
        return str(label).lower()
    return label if isinstance(label, str) else number(label)


def plain(label: Any) -> Any:  # noqa: ANN401
    """A label without NumPy's types."""
    return label.item() if isinstance(label, np.generic) else label


def key(label: Any) -> tuple[bool, Any]:  # noqa: ANN401
    """What tells labels apart, also 1 from True."""
    return isinstance(label, bool), label


def check_labels(call: str, given: object) -> list[Label]:
    """Checks a list of labels."""
    labels = [plain(label) for label in check_list(call, "labels", given)]
    places: dict[str, int] = {}
    for index, label in enumerate(labels):
        field = f"labels[{index}]"
        if not isinstance(label, (str, bool, int, float)):
            raise wrong_type(call, field, "a string, a number, True or False", label)
        if isinstance(label, float) and not math.isfinite(label):
            raise out_of_range(call, field, "a finite number", label)
        before = places.setdefault(text_of(label), index)
        if before != index:
            expected = f"another text than that of labels[{before}], {describe(labels[before])}"
            raise out_of_range(call, field, expected, label)
    if len(labels) < 2:
        raise out_of_range(call, "labels", "at least two different labels", labels)
    return labels


class LabelledModel(SequenceModel):
    """Base of the models that choose among labels. After `fit`, `classes_` has these in the order of the outputs."""

    classes_: npt.NDArray[Any]
    _labels: list[Label]

    def _find_labels(self, call: str, found: Sequence[Any]) -> list[Label]:
        """The labels that were given, or else those that were found, sorted."""
        given = self._parameter("labels")
        if given is not None:
            return check_labels(call, given)
        by_key = {key(plain(label)): plain(label) for label in found}
        try:
            return check_labels(call, sorted(by_key.values()))
        except TypeError as error:
            if str(error).startswith(call):
                raise
            raise TypeError(f"{call}: labels of several kinds have no order, expected the parameter labels") from None

    def _take_labels(self, labels: list[Label]) -> None:
        self._labels = labels
        of_one_kind = len({type(label) for label in labels}) == 1
        self.classes_ = np.array(labels, dtype=None if of_one_kind else object)

    def _restore(self, call: str) -> None:
        self._take_labels(check_labels(call, self._parameter("labels")))

    def _outputs(self) -> tuple[int, str]:
        return len(self._labels), "softmax"

    @staticmethod
    def _slot(call: str, field: str, label: Any, labels: list[Label], also: str = "") -> int:  # noqa: ANN401
        """Place of a label; `also` says what else the field may be."""
        try:
            slots = [index for index, known in enumerate(labels) if key(known) == key(plain(label))]
        except ValueError:
            slots = []
        if not slots:
            raise out_of_range(call, field, f"{also}one of {', '.join(map(describe, labels))}", label)
        return slots[0]

    @staticmethod
    def _remarks_on(counts: Sequence[int], labels: list[Label]) -> list[str]:
        """What there is to say of labels that none of the samples trained on has."""
        missing = [describe(label) for label, count in zip(labels, counts, strict=True) if count == 0]
        if not missing:
            return []
        return [f"no sample to train on has the label{'s' if len(missing) > 1 else ''} {', '.join(missing)}"]

    def _extras(self) -> dict[str, Any]:
        return {"labels": list(self._labels)}
