"""Which of a few labels fits a whole sequence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin

from ..arithmetic import random_from, shuffled
from ..encoders import Encoder
from ..errors import check_list, check_number, check_positive, out_of_range, plain, wrong_type
from ..training.executors import Executors
from ..training.flat_set import Values
from ..training.report import TrainingProgress
from .labelled import Label, LabelledModel, Places, key, places_of
from .model import Callbacks, Checked, Encoded, Prepared, weighed
from .parameters import CLASSIFIER, with_parameters

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .parameters import ClassifierParameters

# Keeps the logarithm of a probability of 0 finite.
_LEAST = 1e-15


@with_parameters(CLASSIFIER)
class SequenceClassifier(ClassifierMixin, LabelledModel):  # type: ignore[misc]
    """Learns which label a sequence has, from examples; the parameters are :class:`ClassifierParameters`.

    >>> model = SequenceClassifier(hidden=(4,), epochs=60, rate=0.05, seed=1)
    >>> model.fit([[1, 2, 1], [7, 9, 8, 9], [2, 1], [8, 9, 7]], ["low", "high", "low", "high"]).predict([[8, 8]])
    array(['high'], dtype='<U4')
    """

    _defaults = CLASSIFIER
    _type = "SequenceClassifier"

    def __init__(self, **parameters: Unpack[ClassifierParameters]) -> None:
        super().__init__(**parameters)

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        if json.get("multiLabel") is not None:
            expected = "left out: several labels are told at once in JavaScript alone so far"
            raise out_of_range(call, "json.multiLabel", expected, json["multiLabel"])
        super()._restore(call, json)

    def fit(
        self,
        X: Sequence[Any],  # noqa: N803
        y: Sequence[Any],
        *,
        sample_weight: Sequence[float] | None = None,
        resume: bytes | None = None,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        executors: Executors | None = None,
    ) -> SequenceClassifier:
        """Learns from sequences and their labels, and gives itself. What is wrong with the arguments changes nothing.

        Args:
            X: one input per sample, as the encoder takes it: a text, or an array (steps, channels).
            y: one label per sample. One that no sample has is named in `result_.advice`.
            sample_weight: how much each sample counts, a number above 0 each, beside their mean over the targets; the
                error of the run is weighted, its accuracy is not. Samples in `validation` count 1. Default: 1 each.
            resume: a checkpoint of an earlier `fit` to go on from, to the same bits: with the same parameters (and
                seed) and samples.
            on_progress: is told how it goes, at most every 50 ms; if it returns True, the run stops.
            on_checkpoint: takes each checkpoint that is due, see the parameter `checkpoint_every`.
            executors: computes the batches instead of this process's threads, see :mod:`engram_rnn.ray`.
        """
        call = "SequenceClassifier.fit"
        callbacks = Callbacks(resume, on_progress, on_checkpoint, executors)
        self._train(call, self.prepare(call, X, y, sample_weight), callbacks)
        return self

    def prepare(self, call: str, X: Sequence[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        inputs = check_list(call, "X", X)
        settings = self._begin(call, inputs[0])
        given = check_list(call, "y", y)
        labels = self._labels if self._goes_on(settings) else self._find_labels(call, given)
        samples = weighed(call, self._check(call, ("X", "y"), inputs, given, labels), sample_weight)

        def check(validation: Any) -> Sequence[Checked]:  # noqa: ANN401
            return self._check_held_out(call, validation, labels)

        def order(samples: Sequence[Checked]) -> Sequence[Checked]:
            return _by_label(samples, settings.seed, len(labels))

        smoothing = check_number(call, "label_smoothing", self._parameter("label_smoothing"), min=0, below=1)
        parts = self._split(call, settings.seed, samples, check, order)
        found = Counter(sample.answer for sample in parts.trained)
        counts = [found[slot] for slot in range(len(labels))]
        weights = self._weights(call, counts, labels)

        def encode(encoder: Encoder, sample: Checked) -> Encoded:
            steps = self._steps(call, encoder, sample.field, sample.input)
            spread = smoothing / len(labels)
            target = [(1 - smoothing if slot == sample.answer else 0) + spread for slot in range(len(labels))]
            # A weighted target weighs its gradient; the weights of a set average to 1 when balanced.
            return steps, np.array([target]) * weights[sample.answer], [len(steps) - 1]

        return self._prepared(
            call,
            settings,
            parts,
            encode,
            (len(labels), "softmax"),
            take=lambda: self._take_labels(labels),
            remarks=self._remarks_on(counts, labels),
            weighted=self._parameter("class_weights") is not None,
        )

    def _answer(self, call: str, field: str, given: Any, places: Places) -> int:  # noqa: ANN401
        return self._slot(call, field, given, places)

    def _weights(self, call: str, counts: list[int], labels: list[Label]) -> list[float]:
        """Weight of every label, by its place."""
        given = self._parameter("class_weights")
        if given is None:
            return [1.0] * len(counts)
        if isinstance(given, str) and given == "balanced":
            total = sum(counts)
            return [total / (len(counts) * max(count, 1)) for count in counts]
        if not isinstance(given, Mapping):
            raise wrong_type(call, "class_weights", "'balanced' or a dict with a number for every label", given)
        by_label = {key(plain(label)): weight for label, weight in given.items()}
        weights = []
        for label in labels:
            field = f"class_weights[{label!r}]"
            weights.append(check_positive(call, field, by_label.pop(key(label), None)))
        for _, other in by_label:
            self._slot(call, "a key of class_weights", other, places_of(labels))
        return weights

    def predict_proba(self, X: Sequence[Any]) -> Values:  # noqa: N803
        """Probabilities of the labels of sequences, (sequences, labels), in the order of `classes_`."""
        call = "SequenceClassifier.predict_proba"
        return np.array([outputs[-1] for outputs in self._outputs_of(call, check_list(call, "X", X), "X")])

    def predict(self, X: Sequence[Any]) -> npt.NDArray[Any]:  # noqa: N803
        """The most probable label of each sequence."""
        call = "SequenceClassifier.predict"
        outputs = self._outputs_of(call, check_list(call, "X", X), "X")
        return self.classes_[[int(np.argmax(steps[-1])) for steps in outputs]]

    def evaluate(self, X: Sequence[Any], y: Sequence[Any]) -> dict[str, Any]:  # noqa: N803
        """How well the classifier does on samples.

        Gives `accuracy` (share of sequences that get their label), `loss` (mean cross-entropy in nats), `confusion`
        (how many sequences of the label of the row got the label of the column) and, for each label, `classes` with
        `precision`, `recall` and `count`; shares of nothing are 0.
        """
        call = "SequenceClassifier.evaluate"
        self._fitted(call)
        samples = self._check(call, ("X", "y"), X, y, self._labels)
        outputs = self._outputs_of(call, [sample.input for sample in samples], "X")
        confusion = np.zeros((len(self._labels), len(self._labels)), dtype=np.int64)
        loss = 0.0
        for sample, steps in zip(samples, outputs, strict=True):
            confusion[sample.answer, int(np.argmax(steps[-1]))] += 1
            loss -= math.log(max(float(steps[-1][sample.answer]), _LEAST))
        right, counts, got = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
        return {
            "accuracy": float(right.sum()) / len(samples),
            "loss": loss / len(samples),
            "confusion": confusion,
            "classes": {
                label: {
                    "precision": float(right[slot] / max(got[slot], 1)),
                    "recall": float(right[slot] / max(counts[slot], 1)),
                    "count": int(counts[slot]),
                }
                for slot, label in enumerate(self._labels)
            },
        }


def _by_label(samples: Sequence[Checked], seed: int, labels: int) -> list[Checked]:
    """The samples in an order of whose end every label has as large a share as of all."""
    random = random_from(seed)
    ranked: list[tuple[float, Checked]] = []
    groups: list[list[Checked]] = [[] for _ in range(labels)]
    for sample in samples:
        groups[sample.answer].append(sample)
    # Every sample's rank among those of its label, as a share: what ranks last is held out.
    for group in groups:
        own = shuffled(group, random)
        ranked += [((rank + random()) / len(own), sample) for rank, sample in enumerate(own)]
    return [sample for _, sample in sorted(ranked, key=lambda pair: pair[0])]
