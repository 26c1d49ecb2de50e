"""What the models have in common that choose among labels."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import check_list, describe, number, out_of_range, plain, wrong_type
from ..training.flat_set import Values
from .explanation import Explanation, Question, place_of
from .extension import ExtendableModel
from .ready import Checked
from .stream import SaysLast, SequenceStream

Label = str | int | float | bool
"""What may be a label."""
Places = Mapping[tuple[bool, Any], int]
"""The place of every label, by its key, in the order of the places."""


def text_of(label: Label) -> str:
    """A label as a key of JavaScript's objects: no two labels may have the same."""
    if isinstance(label, bool):
        return str(label).lower()
    return label if isinstance(label, str) else number(label)


def key(label: Any) -> tuple[bool, Any]:  # noqa: ANN401
    """What tells labels apart, also 1 from True."""
    return isinstance(label, bool), label


def places_of(labels: Iterable[Label]) -> Places:
    """The places of labels."""
    return {key(label): slot for slot, label in enumerate(labels)}


def check_label(call: str, field: str, given: object) -> Label:
    """Checks a label, and gives it without NumPy's types."""
    label = plain(given)
    if not isinstance(label, (str, bool, int, float)):
        raise wrong_type(call, field, "a string, a number, True or False", given)
    if isinstance(label, float) and not math.isfinite(label):
        raise out_of_range(call, field, "a finite number", given)
    if isinstance(label, int) and abs(label) > 2**53:
        raise out_of_range(call, field, "an integer that JavaScript has, too, of at most 2 ** 53", given)
    return label


def check_labels(call: str, given: object, before: Sequence[Label] = ()) -> list[Label]:
    """Checks a list of labels; gives them behind those that were there before."""
    labels = [
        check_label(call, f"labels[{index}]", each) for index, each in enumerate(check_list(call, "labels", given))
    ]
    known = {text_of(label) for label in before}
    places: dict[str, int] = {}
    for index, label in enumerate(labels):
        if text_of(label) in known:
            expected = "another text than those of the labels that the model has"
            raise out_of_range(call, f"labels[{index}]", expected, label)
        first = places.setdefault(text_of(label), index)
        if first != index:
            expected = f"another text than that of labels[{first}], {describe(labels[first])}"
            raise out_of_range(call, f"labels[{index}]", expected, label)
    labels = [*before, *labels]
    if len(labels) < 2:
        raise out_of_range(call, "labels", "at least two different labels", labels)
    return labels


class LabelledModel(ExtendableModel):
    """Base of the models that choose among labels.

    After `fit`, `classes_` has these sorted, as scikit-learn takes them to be, whatever order the parameter `labels`
    has; labels of several kinds, which have no order, as they were given.
    """

    classes_: npt.NDArray[Any]
    _labels: list[Label]
    """In the order of the network's outputs."""
    _label_array: npt.NDArray[Any]
    """The same."""
    _columns: list[int]
    """The output of each of `classes_`."""

    def _find_labels(self, call: str, found: Sequence[Any]) -> list[Label]:
        """The labels that were given, or else those that were found, sorted."""
        given = self._parameter("labels")
        if given is not None:
            return check_labels(call, given)
        checked = [check_label(call, "a label", label) for label in found]
        by_key: dict[Any, Any] = {key(label): label for label in checked}
        try:
            labels = sorted(by_key.values())
        except TypeError:
            raise TypeError(f"{call}: labels of several kinds have no order, expected the parameter labels") from None
        return check_labels(call, labels)

    @abstractmethod
    def _answer(self, call: str, field: str, given: Any, places: Places) -> Any:  # noqa: ANN401
        """Checks what is to be learnt of a sample, and gives places instead of labels."""

    def _check(
        self,
        call: str,
        fields: tuple[str, str],
        X: Any,  # noqa: ANN401, N803
        y: Any,  # noqa: ANN401
        labels: list[Label],
        *more: Any,  # noqa: ANN401
    ) -> list[Checked]:
        """Checks samples, under the names of their fields; `more` is what :meth:`_answer` takes beside labels."""
        pairs = self._pairs(call, fields, X, y)
        places = places_of(labels)
        return [
            Checked(input, self._answer(call, f"{fields[1]}[{index}]", answer, places, *more), f"{fields[0]}[{index}]")
            for index, (input, answer) in enumerate(pairs)
        ]

    def _check_held_out(self, call: str, validation: Any, labels: list[Label], *more: Any) -> list[Checked]:  # noqa: ANN401
        """Checks samples of their own to be judged by."""
        return self._check(call, *self._held_out(call, validation), labels, *more)

    def _take_labels(self, labels: list[Label]) -> None:
        self._labels = labels
        of_one_kind = len({type(label) for label in labels}) == 1
        array = np.array(labels, dtype=None if of_one_kind else object)
        # NumPy leaves zeros at the end of a text out, and makes floats of large integers.
        self._label_array = array if array.tolist() == labels else np.array(labels, dtype=object)
        try:
            self._columns = sorted(range(len(labels)), key=lambda slot: labels[slot])
        except TypeError:
            self._columns = list(range(len(labels)))
        self.classes_ = self._label_array[self._columns]

    def _know(self, labels: list[Label]) -> None:
        """Takes labels of an extension, which the next `fit` has, too."""
        self._take_labels(labels)
        if self._parameter("labels") is not None:
            self.set_params(labels=list(labels))

    def _learnt(self) -> Mapping[str, Any]:
        return {"labels": self._labels}

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        self._take_labels(check_labels(call, self._parameter("labels")))

    def _outputs(self) -> tuple[int, str]:
        return len(self._labels), "softmax"

    @staticmethod
    def _slot(call: str, field: str, label: Any, places: Places, also: str = "") -> int:  # noqa: ANN401
        """Place of a label; `also` says what else the field may be."""
        try:
            slot = places.get(key(plain(label)))
        except TypeError:
            # What has no hash is no label.
            slot = None
        if slot is None:
            known = ", ".join(describe(label) for _, label in places)
            raise out_of_range(call, field, f"{also}one of {known}", label)
        return slot

    @staticmethod
    def _remarks_on(counts: Sequence[int], labels: list[Label]) -> list[str]:
        """What there is to say of labels that none of the samples trained on has."""
        missing = [describe(label) for label, count in zip(labels, counts, strict=True) if count == 0]
        if not missing:
            return []
        return [f"no sample to train on has the label{'s' if len(missing) > 1 else ''} {', '.join(missing)}"]

    def _label_stream(self, call: str) -> SequenceStream[Values]:
        """Probabilities after each step, in the order of `classes_`."""
        return self._streaming(call, lambda: SaysLast(lambda outputs, _: outputs[self._columns]))

    def _explained(self, question: Question, input: Any, label: Any, at: int | None = None) -> Explanation:  # noqa: ANN401
        """Why a label is as probable as it is, at a step or the last."""
        call = question.call
        network = self._fitted(call)
        steps = self._steps(call, self.encoder_, "input", input)
        place = place_of(call, at, len(steps))
        if label is not None:
            slot = self._slot(call, "label", label, places_of(self._labels))
        else:
            [outputs] = network.run_steps(call, [steps])
            slot = int(np.argmax(outputs[-1 if len(outputs) == 1 else place]))
        attribution = self._attribution(question, steps, slot, place)
        return attribution.explanation(call, self.encoder_, input, self._labels[slot])

    def _extras(self) -> dict[str, Any]:
        return {"labels": list(self._labels)}
