"""Which of a few labels fits every step of a sequence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..encoders import Encoder
from ..errors import check_list
from ..training.executors import Executors
from ..training.flat_set import Inputs, Values
from ..training.report import TrainingProgress
from .explanation import Explanation, Question
from .labelled import Label, LabelledModel, Places, check_labels
from .parameters import LABELLED, LabelledParameters, with_parameters
from .ready import Callbacks, Checked, Encoded, Prepared, of_one_fit, weighed
from .stream import SequenceStream

if TYPE_CHECKING:
    from typing_extensions import Unpack


@with_parameters(LABELLED, LabelledParameters)
class SequenceTagger(LabelledModel):
    """Learns a label per step: per character, per word, per row of numbers.

    The parameters are :class:`LabelledParameters`.

    >>> model = SequenceTagger(encoder=Encoder.one_hot("abe"), hidden=(4,), epochs=80, rate=0.05, seed=1)
    >>> model.fit(["abe", "eb"], [["vowel", "other", "vowel"], ["vowel", "other"]]).predict(["ba"])[0].tolist()
    ['other', 'vowel']
    """

    _defaults = LABELLED
    _type = "SequenceTagger"

    def __init__(self, **parameters: Unpack[LabelledParameters]) -> None:
        super().__init__(**parameters)

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
    ) -> SequenceTagger:
        """Learns from sequences and the labels of their steps, and gives itself.

        Args:
            X: one input per sample, as the encoder takes it.
            y: one list per sample with a label for each of its steps, None where there is none to learn.
            sample_weight: as in :meth:`SequenceClassifier.fit`.
            resume: as in :meth:`SequenceClassifier.fit`.
            on_progress: as in :meth:`SequenceClassifier.fit`.
            on_checkpoint: as in :meth:`SequenceClassifier.fit`.
            executors: as in :meth:`SequenceClassifier.fit`.
        """
        call = "SequenceTagger.fit"
        callbacks = Callbacks(resume, on_progress, on_checkpoint, executors)
        self._train(call, self.prepare(call, X, y, sample_weight), callbacks)
        return self

    def prepare(self, call: str, X: Collection[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        inputs = check_list(call, "X", X)
        settings = self._begin(call, inputs[0])
        given = [check_list(call, f"y[{index}]", each) for index, each in enumerate(check_list(call, "y", y))]
        found = [label for each in given for label in each if label is not None]
        labels = self._labels if self._goes_on(settings) else self._find_labels(call, found)
        samples = weighed(call, self._check(call, ("X", "y"), inputs, given, labels), sample_weight)

        def check(validation: Any) -> Sequence[Checked]:  # noqa: ANN401
            return self._check_held_out(call, validation, labels)

        parts = self._split(call, settings.seed, samples, check)
        for what, part in (("is trained on", parts.trained), ("is held out", parts.held_out)):
            if part and all(slot is None for sample in part for slot in sample.answer):
                raise ValueError(f"{call}: no step of what {what} has a label, expected at least one")
        used = {slot for sample in parts.trained for slot in sample.answer}

        def encode(encoder: Encoder, sample: Checked) -> list[Encoded]:
            steps = self._steps_of(call, encoder, sample)
            at = [step for step, slot in enumerate(sample.answer) if slot is not None]
            targets = np.eye(len(labels))[[sample.answer[step] for step in at]].reshape(-1, len(labels))
            return [(steps, targets, at)]

        return self._prepared(
            call,
            settings,
            parts,
            encode,
            (len(labels), "softmax"),
            take=lambda: self._take_labels(labels),
            remarks=self._remarks_on([slot in used for slot in range(len(labels))], labels),
        )

    def _answer(self, call: str, field: str, given: Any, places: Places) -> list[int | None]:  # noqa: ANN401
        return [
            None if label is None else self._slot(call, f"{field}[{step}]", label, places, "None or ")
            for step, label in enumerate(check_list(call, field, given))
        ]

    def _steps_of(self, call: str, encoder: Encoder, sample: Checked) -> Inputs:
        steps = self._steps(call, encoder, sample.field, sample.input)
        if len(steps) == len(sample.answer):
            return steps
        raise ValueError(
            f"{call}: {sample.field} has {len(steps)} steps for {len(sample.answer)} labels, expected as many labels "
            "as steps"
        )

    def extend(
        self,
        X: Collection[Any] | None = None,  # noqa: N803
        y: Collection[Any] | None = None,
        *,
        labels: Collection[Label] | None = None,
        normalization: str = "frozen",
    ) -> SequenceTagger:
        """The tagger keeps what it has learnt, and knows more, as :meth:`SequenceClassifier.extend`. Gives itself.

        Args:
            X: as there.
            y: labels of their steps, as :meth:`fit` takes them.
            labels: as there.
            normalization: as there.
        """
        call = "SequenceTagger.extend"
        encoder = self._extension(call, X, y, normalization)
        all_labels = self._labels if labels is None else check_labels(call, labels, self._labels)
        if X is not None:
            for sample in self._check(call, ("X", "y"), X, y, all_labels):
                self._steps_of(call, encoder, sample)
        self._grow(call, encoder, len(all_labels), lambda: self._know(all_labels))
        return self

    @of_one_fit
    def predict_proba(self, X: Collection[Any]) -> list[Values]:  # noqa: N803
        """Probabilities of the labels at every step, for each sequence (steps, labels), in the order of `classes_`."""
        call = "SequenceTagger.predict_proba"
        return [steps[:, self._columns] for steps in self._outputs_of(call, check_list(call, "X", X), "X")]

    @of_one_fit
    def predict(self, X: Collection[Any]) -> list[npt.NDArray[Any]]:  # noqa: N803
        """The most probable label of every step, for each sequence (steps)."""
        call = "SequenceTagger.predict"
        outputs = self._outputs_of(call, check_list(call, "X", X), "X")
        return [self._label_array[np.argmax(steps, axis=1)] for steps in outputs]

    @of_one_fit
    def stream(self) -> SequenceStream[Values]:
        """A sequence that comes step by step: after each step, what :meth:`predict_proba` says of it.

        (labels), in the order of `classes_`, to the bit. TypeError for a bidirectional tagger.
        """
        return self._label_stream("SequenceTagger.stream")

    @of_one_fit
    def explain(
        self,
        input: Any,  # noqa: ANN401
        *,
        at: int | None = None,
        label: Label | None = None,
        method: str = "integrated",
        steps: int = 25,
        baseline: Any = None,  # noqa: ANN401
    ) -> Explanation:
        """Why a step has its label: :meth:`SequenceClassifier.explain` for the step `at`, by default the last."""
        return self._explained(Question("SequenceTagger.explain", method, steps, baseline), input, label, at)

    @of_one_fit
    def score(self, X: Collection[Any], y: Collection[Any]) -> float:  # noqa: N803
        """Share of steps that get their label, 0 to 1."""
        call = "SequenceTagger.score"
        self._fitted(call)
        samples = self._check(call, ("X", "y"), X, y, self._labels)
        encoded = [self._steps_of(call, self.encoder_, sample) for sample in samples]
        right = count = 0
        for sample, outputs in zip(samples, self._fitted(call).run_steps(call, encoded), strict=True):
            for slot, got in zip(sample.answer, np.argmax(outputs, axis=1), strict=True):
                count += slot is not None
                right += slot == got
        return right / count if count > 0 else 0.0
