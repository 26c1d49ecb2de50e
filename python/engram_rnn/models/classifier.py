"""Which of a few labels fits a whole sequence, or which of them do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin

from ..arithmetic import random_from, shuffled
from ..encoders import Encoder
from ..errors import check_boolean, check_list, check_number, check_positive, is_vector, out_of_range, plain, wrong_type
from ..training.executors import Executors
from ..training.flat_set import Values, check_weights
from ..training.report import TrainingProgress
from .explanation import Explanation, Question
from .label_scores import evaluation_of
from .labelled import Label, LabelledModel, Places, check_label, check_labels, key, places_of
from .parameters import CLASSIFIER, ClassifierParameters, with_parameters
from .ready import Callbacks, Checked, Encoded, Prepared, of_one_fit, weighed
from .several_labels import check_thresholds, multi_evaluation_of, target_of
from .stream import SequenceStream

if TYPE_CHECKING:
    from typing_extensions import Unpack


@with_parameters(CLASSIFIER, ClassifierParameters)
class SequenceClassifier(ClassifierMixin, LabelledModel):  # type: ignore[misc]
    """Learns which label a sequence has, from examples, or with `multi_label` which labels.

    The parameters are :class:`ClassifierParameters`.

    >>> model = SequenceClassifier(hidden=(4,), epochs=60, rate=0.05, seed=1)
    >>> model.fit([[1, 2, 1], [7, 9, 8, 9], [2, 1], [8, 9, 7]], ["low", "high", "low", "high"]).predict([[8, 8]])
    array(['high'], dtype='<U4')
    >>> model = model.set_params(multi_label=True)
    >>> model = model.fit([[1, 2], [9, 8, 9], [1, 9]], [["low"], ["high"], ["low", "high"]])
    >>> [labels.tolist() for labels in model.predict([[8, 9], [2, 1]])]
    [['high'], ['low']]
    """

    _defaults = CLASSIFIER
    _type = "SequenceClassifier"
    _meaning = ("multi_label",)

    def __init__(self, **parameters: Unpack[ClassifierParameters]) -> None:
        super().__init__(**parameters)

    def _is_multi(self, call: str, *, of_fit: bool = True) -> bool:
        """Whether a sequence may have several labels; without, thresholds are refused."""
        given = self._of_fit("multi_label") if of_fit else self._parameter("multi_label")
        is_multi = check_boolean(call, "multi_label", given)
        thresholds = self._parameter("thresholds")
        if not of_fit and not is_multi and thresholds is not None:
            expected = "left out without multi_label: the most probable label is given"
            raise out_of_range(call, "thresholds", expected, thresholds)
        return is_multi

    def _thresholds(self, call: str) -> list[float]:
        """With `multi_label`: from which probability on a sequence has each label."""
        return check_thresholds(call, self._labels, self._parameter("thresholds"))

    def _outputs(self) -> tuple[int, str]:
        return len(self._labels), "logistic" if self._of_fit("multi_label") else "softmax"

    def fit(
        self,
        X: Collection[Any],  # noqa: N803
        y: Collection[Any],
        *,
        sample_weight: Collection[float] | None = None,
        resume: bytes | None = None,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        executors: Executors | None = None,
    ) -> SequenceClassifier:
        """Learns from sequences and their labels, and gives itself. What is wrong with the arguments changes nothing.

        Args:
            X: one input per sample, as the encoder takes it: a text, or an array (steps, channels).
            y: one label per sample; with `multi_label` a list per sample, of any of the labels or none, each once. A
                label that no sample has is named in `result_.advice`.
            sample_weight: how much each sample counts, 0 (not at all) or more, beside their mean over the targets; the
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

    def prepare(self, call: str, X: Collection[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        inputs = check_list(call, "X", X)
        settings = self._begin(call, inputs[0])
        is_multi = self._is_multi(call, of_fit=False)
        given = check_list(call, "y", y)
        if is_multi and isinstance(y, np.ndarray) and y.ndim > 1:
            expected = "a list of each sample's labels (of an indicator matrix, those of its ones)"
            raise wrong_type(call, "y", expected, y)
        if is_multi:
            given = [_labels_of(call, f"y[{index}]", each) for index, each in enumerate(given)]
        found = [label for each in given for label in each] if is_multi else given
        labels = self._labels if self._goes_on(settings) else self._find_labels(call, found)
        samples = weighed(call, self._check(call, ("X", "y"), inputs, given, labels, is_multi), sample_weight)

        def check(validation: Any) -> Sequence[Checked]:  # noqa: ANN401
            return self._check_held_out(call, validation, labels, is_multi)

        def order(samples: Sequence[Checked]) -> Sequence[Checked]:
            return _by_label(samples, settings.seed, len(labels))

        if is_multi:
            check_thresholds(call, labels, self._parameter("thresholds"))
        smoothing = check_number(call, "label_smoothing", self._parameter("label_smoothing"), min=0, below=1)
        parts = self._split(call, settings.seed, samples, check, None if is_multi else order)
        counted = Counter(slot for sample in parts.trained for slot in sample.answer)
        counts = [counted[slot] for slot in range(len(labels))]
        weights = self._weights(call, counts, labels, is_multi)

        def target(slots: list[int]) -> Values:
            if is_multi:
                return np.array(target_of(len(labels), slots, smoothing))
            [own] = slots
            spread = smoothing / len(labels)
            shares = [(1 - smoothing if slot == own else 0) + spread for slot in range(len(labels))]
            # A weighted target weighs its gradient; the weights of a set average to 1 when balanced.
            return np.array(shares) * weights[own]

        def encode(encoder: Encoder, sample: Checked) -> list[Encoded]:
            steps = self._steps(call, encoder, sample.field, sample.input)
            return [(steps, target(sample.answer)[None], [len(steps) - 1])]

        return self._prepared(
            call,
            settings,
            parts,
            encode,
            (len(labels), "logistic" if is_multi else "softmax"),
            take=lambda: self._take_labels(labels),
            remarks=self._remarks_on(counts, labels),
            weighted=self._parameter("class_weights") is not None,
        )

    def _answer(self, call: str, field: str, given: Any, places: Places, is_multi: bool = False) -> list[int]:  # noqa: ANN401
        if not is_multi:
            return [self._slot(call, field, given, places)]
        slots: list[int] = []
        for index, label in enumerate(_labels_of(call, field, given)):
            slot = self._slot(call, f"{field}[{index}]", label, places)
            if slot in slots:
                raise out_of_range(call, f"{field}[{index}]", "a label that has not come before", label)
            slots.append(slot)
        return slots

    def _weights(self, call: str, counts: list[int], labels: list[Label], is_multi: bool) -> list[float]:
        """Weight of every label, by its place."""
        given = self._parameter("class_weights")
        if given is None:
            return [1.0] * len(counts)
        if is_multi:
            raise out_of_range(call, "class_weights", "left out with multi_label: choose thresholds", given)
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

    def extend(
        self,
        X: Collection[Any] | None = None,  # noqa: N803
        y: Collection[Any] | None = None,
        *,
        labels: Collection[Label] | None = None,
        thresholds: Any = None,  # noqa: ANN401
        normalization: str = "frozen",
    ) -> SequenceClassifier:
        """The classifier keeps what it has learnt, and knows more: labels, words, symbols. Gives itself.

        Weights stay as they are, to the bit. Between the labels it had, probabilities stay in their ratios. What the
        encoder did not know was read as unknown, and goes on to be, until `fit` with `warm_start` has learnt it, which
        itself adds nothing to what the first one found; give it some of the old samples, too. The parameters `labels`,
        `thresholds` and `encoder` are set to what the classifier knows then. To the bits of JavaScript.

        Args:
            X: inputs as :meth:`fit` takes them, whose words or symbols the encoder is to know, the most frequent first,
                1,000,000 in all at most. They are not learnt here.
            y: their labels, which are checked.
            labels: labels that come behind the others, of other texts than these.
            thresholds: those of the new labels, as the parameter of that name. Default: 0.5 each.
            normalization: whether series are normalised as before (`'frozen'`), or by these inputs (`'renewed'`): then
                all answers change, until `fit` has learnt anew.

        Raises:
            TypeError: during a `fit` in another thread.
            NotFittedError: before the first.
            ValueError: for labels that it has.

        >>> model = SequenceClassifier(hidden=(4,), epochs=60, rate=0.05, warm_start=True, seed=1)
        >>> model = model.fit([[1, 2, 1], [7, 9, 8], [2, 1], [8, 9]], ["low", "high", "low", "high"])
        >>> model.extend(labels=["higher"]).fit([[99, 98], [1, 2], [9, 8]], ["higher", "low", "high"]).classes_.tolist()
        ['high', 'higher', 'low']
        """
        call = "SequenceClassifier.extend"
        encoder = self._extension(call, X, y, normalization)
        all_labels = self._labels if labels is None else check_labels(call, labels, self._labels)
        more = all_labels[len(self._labels) :]
        is_multi = self._is_multi(call)
        if thresholds is not None and not (is_multi and more):
            raise out_of_range(call, "thresholds", "left out where no label has one", thresholds)
        own = check_thresholds(call, more, thresholds)
        if X is not None:
            for sample in self._check(call, ("X", "y"), X, y, all_labels, is_multi):
                self._steps(call, encoder, sample.field, sample.input)
        before = self._thresholds(call)

        def take() -> None:
            self._know(all_labels)
            if more and (self._parameter("thresholds") is not None or thresholds is not None):
                self.set_params(thresholds=dict(zip(all_labels, [*before, *own], strict=True)))

        self._grow(call, encoder, len(all_labels), take)
        return self

    @of_one_fit
    def predict_proba(self, X: Collection[Any]) -> Values:  # noqa: N803
        """Probabilities of the labels of sequences, (sequences, labels), in the order of `classes_`.

        Those of a sequence sum to 1; with `multi_label` each is on its own.
        """
        call = "SequenceClassifier.predict_proba"
        return self._probabilities(call, check_list(call, "X", X))[:, self._columns]

    def _probabilities(self, call: str, inputs: Sequence[Any]) -> Values:
        return np.array([outputs[-1] for outputs in self._outputs_of(call, inputs, "X")])

    def _decided(self, call: str, probabilities: Values) -> npt.NDArray[np.bool_]:
        """With `multi_label`: which labels sequences are given, (sequences, labels)."""
        return probabilities >= np.array(self._thresholds(call))

    @of_one_fit
    def predict(self, X: Collection[Any]) -> Any:  # noqa: ANN401, N803
        """The most probable label of each sequence, an array (sequences).

        With `multi_label` a list of arrays: the labels of each sequence whose probability is their threshold or more,
        in the order of `classes_`; there may be none.
        """
        call = "SequenceClassifier.predict"
        probabilities = self._probabilities(call, check_list(call, "X", X))
        if self._is_multi(call):
            return [self.classes_[has[self._columns]] for has in self._decided(call, probabilities)]
        return self._label_array[np.argmax(probabilities, axis=1)]

    @of_one_fit
    def stream(self) -> SequenceStream[Values]:
        """A sequence that comes step by step: after each step what :meth:`predict_proba` says of the sequence so far.

        (labels), in the order of `classes_`, to the bit. TypeError for a bidirectional classifier.
        """
        return self._label_stream("SequenceClassifier.stream")

    @of_one_fit
    def explain(
        self,
        input: Any,  # noqa: ANN401
        *,
        label: Label | None = None,
        method: str = "integrated",
        steps: int = 25,
        baseline: Any = None,  # noqa: ANN401
    ) -> Explanation:
        """Why a sequence has a label: how much each of its pieces moved the label's probability, by the exact gradient.

        Pieces are characters, words, symbols, or rows and their channels. In windows, a row gets what all windows with
        it did; of channels with `difference`, the row to which the change leads. To the bits of JavaScript.

        Args:
            input: an input, as :meth:`fit` takes them.
            label: whose probability is explained. Default: the most probable label.
            method: `'integrated'`: integrated gradients (Sundararajan, Taly & Yan 2017), the mean gradient on the way
                from the baseline to the input, times the way; the attributions sum to what the probability changes on
                it. `'gradient'`: gradient times input (Shrikumar et al. 2016), as fast as one pass of training, but
                where the answer is nearly certain it says little.
            steps: intervals that `'integrated'` cuts the way into, 1 to 1,000; those where the answer changes abruptly
                are halved, up to ten times as many in all.
            baseline: an input of as many steps to start from. Default: steps of zeros, which is no symbol of a text,
                and of a normalised series the mean of the training set.
        """
        return self._explained(Question("SequenceClassifier.explain", method, steps, baseline), input, label)

    @of_one_fit
    def evaluate(self, X: Collection[Any], y: Collection[Any]) -> dict[str, Any]:  # noqa: N803
        """How well the classifier does on samples.

        Gives `accuracy` (share of sequences that get their label), `loss` (mean cross-entropy in nats), `confusion`
        (how many sequences of the label of the row got the label of the column, in the order of `classes`) and, for
        each label, `classes` with `precision`, `recall`, `f1` (their harmonic mean) and `count`; shares of nothing are
        0.

        With `multi_label`, `accuracy` is the share of decisions that are right, one per sequence and label; `exact` the
        share of sequences that get all of their labels, and no other; `loss` the mean over the sequences of the binary
        cross-entropies, in nats, summed over the labels; `classes` has `average_precision`, too, of which
        `average_precision` is the mean over the labels that some sequence has. There is no `confusion`.
        """
        call = "SequenceClassifier.evaluate"
        self._fitted(call)
        samples = self._check(call, ("X", "y"), X, y, self._labels, self._is_multi(call))
        probabilities = self._probabilities(call, [sample.input for sample in samples])
        slots = [sample.answer for sample in samples]
        if not self._is_multi(call):
            return evaluation_of(self._labels, [own for [own] in slots], probabilities)
        return multi_evaluation_of(self._labels, self._thresholds(call), slots, probabilities)

    @of_one_fit
    def score(self, X: Collection[Any], y: Collection[Any], sample_weight: Any = None) -> float:  # noqa: ANN401, N803
        """Share of sequences that get their label, 0 to 1; with `multi_label` that get all of theirs, and no other.

        `sample_weight` says how much each counts; default: alike.
        """
        call = "SequenceClassifier.score"
        self._fitted(call)
        if self._is_multi(call):
            samples = self._check(call, ("X", "y"), X, y, self._labels, True)
            decided = self._decided(call, self._probabilities(call, [sample.input for sample in samples]))
            right = [
                sorted(sample.answer) == np.flatnonzero(has).tolist()
                for sample, has in zip(samples, decided, strict=True)
            ]
        else:
            # Labels may be of kinds that scikit-learn's score does not take. Others than the model's are wrong; but 1
            # is True, as there, where the model does not tell them apart.
            pairs = self._pairs(call, ("X", "y"), X, y)
            made = np.argmax(self._probabilities(call, [input for input, _ in pairs]), axis=1).tolist()
            labels = [check_label(call, f"y[{index}]", label) for index, (_, label) in enumerate(pairs)]
            places = places_of(self._labels)
            right = [
                places[key(label)] == slot if key(label) in places else label == self._labels[slot]
                for slot, label in zip(made, labels, strict=True)
            ]
        return float(np.average(right, weights=check_weights(call, sample_weight, len(right))))

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        super()._restore(call, json)
        stored = json.get("thresholds")
        if stored is not None:
            given = check_list(call, "json.thresholds", stored)
            if len(given) != len(self._labels):
                expected = f"one entry for each of {len(self._labels)} labels"
                raise out_of_range(call, "json.thresholds", expected, stored)
            self.set_params(thresholds=dict(zip(self._labels, given, strict=True)))
        if self._is_multi(call, of_fit=False):
            self._thresholds(call)

    def _extras(self) -> dict[str, Any]:
        call = "SequenceClassifier.to_json"
        several = {"multiLabel": True, "thresholds": self._thresholds(call)} if self._is_multi(call) else {}
        return {**super()._extras(), **several}


def _labels_of(call: str, field: str, given: Any) -> list[Any]:  # noqa: ANN401
    """The labels of a sample, of which there may be none, in any order."""
    if isinstance(given, (set, frozenset)):
        return list(given)
    return [] if is_vector(given) and len(given) == 0 else check_list(call, field, given)


def _by_label(samples: Sequence[Checked], seed: int, labels: int) -> list[Checked]:
    """The samples in an order of whose end every label has as large a share as of all."""
    random = random_from(seed)
    ranked: list[tuple[float, Checked]] = []
    groups: list[list[Checked]] = [[] for _ in range(labels)]
    for sample in samples:
        groups[sample.answer[0]].append(sample)
    # Every sample's rank among those of its label, as a share: what ranks last is held out.
    for group in groups:
        own = shuffled(group, random)
        ranked += [((rank + random()) / len(own), sample) for rank, sample in enumerate(own)]
    return [sample for _, sample in sorted(ranked, key=lambda pair: pair[0])]
