"""Which numbers go with a sequence, or with each of its steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import RegressorMixin

from ..encoders import Encoder
from ..encoders.scale import Scale, restore, scale_of, standardise
from ..errors import check_choice, check_list, check_number, is_vector, out_of_range, plain, wrong_type
from ..training.executors import Executors
from ..training.flat_set import Inputs, Values, check_weights
from ..training.report import TrainingProgress
from .explanation import Explanation, Question, place_of
from .extension import ExtendableModel
from .parameters import REGRESSOR, RegressorParameters, with_parameters
from .ready import Callbacks, Checked, Encoded, Prepared, Settings, of_one_fit, weighed
from .regression_scores import scores_of
from .stream import SaysLast, SequenceStream

if TYPE_CHECKING:
    from typing_extensions import Unpack


_MOST_OUTPUTS = 65_536


@with_parameters(REGRESSOR, RegressorParameters)
class SequenceRegressor(RegressorMixin, ExtendableModel):  # type: ignore[misc]
    """Learns numbers from examples, in any units; the parameters are :class:`RegressorParameters`.

    Targets are normalised by the samples trained on, and answers are given back in their units. After `fit`, `outputs_`
    is how many numbers an answer has.

    >>> series = [np.sin(np.arange(length) / 3) * length for length in range(4, 24)]
    >>> model = SequenceRegressor(hidden=(8,), epochs=200, rate=0.02, seed=1)
    >>> model = model.fit(series, [100 * len(each) for each in series])
    >>> bool(abs(model.predict([series[3]])[0] - 700) < 100)
    True
    """

    _defaults = REGRESSOR
    _type = "SequenceRegressor"
    _meaning = ("targets_at",)

    outputs_: int
    _scales: list[Scale] | None = None

    def __init__(self, **parameters: Unpack[RegressorParameters]) -> None:
        super().__init__(**parameters)

    def _is_each(self, call: str) -> bool:
        """Whether every step of what the next `fit` learns has an answer."""
        return check_choice(call, "targets_at", self._parameter("targets_at"), ("last", "each")) == "each"

    def _readout(self) -> Any:  # noqa: ANN401
        return None if self._parameter("targets_at") == "each" else super()._readout()

    def _settings(self, call: str, first: object) -> Settings:
        readout = self._parameter("readout")
        if self._is_each(call) and readout is not None:
            expected = "left out with targets_at='each': every step has its answer"
            raise out_of_range(call, "readout", expected, readout)
        return super()._settings(call, first)

    def _outputs(self) -> tuple[int, str]:
        return self.outputs_, "linear"

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
    ) -> SequenceRegressor:
        """Learns from sequences and their numbers, and gives itself. What is wrong with the arguments changes nothing.

        The errors of the run are mean squares of targets that are normalised, so 1 is what the mean of the targets
        gets; :meth:`evaluate` gives errors in their units.

        Args:
            X: one input per sample, as the encoder takes it.
            y: one number per sample, or a list of `outputs` of them; with `targets_at='each'` a list of such, one per
                step, None where there is none to learn.
            sample_weight: as in :meth:`SequenceClassifier.fit`.
            resume: as in :meth:`SequenceClassifier.fit`.
            on_progress: as in :meth:`SequenceClassifier.fit`.
            on_checkpoint: as in :meth:`SequenceClassifier.fit`.
            executors: as in :meth:`SequenceClassifier.fit`.
        """
        call = "SequenceRegressor.fit"
        callbacks = Callbacks(resume, on_progress, on_checkpoint, executors)
        self._train(call, self.prepare(call, X, y, sample_weight), callbacks)
        return self

    def prepare(self, call: str, X: Collection[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        inputs, answers = check_list(call, "X", X), check_list(call, "y", y)
        settings = self._begin(call, inputs[0])
        goes_on = self._goes_on(settings)
        each = self._is_each(call)
        count = self.outputs_ if goes_on else self._find_outputs(call, answers, each)
        samples = weighed(call, self._check(call, ("X", "y"), inputs, answers, count, each), sample_weight)

        def check(validation: Any) -> Sequence[Checked]:  # noqa: ANN401
            return self._check(call, *self._held_out(call, validation), count, each)

        parts = self._split(call, settings.seed, samples, check)
        scales = self._scales if goes_on else self._measured(parts.trained, count)

        def encode(encoder: Encoder, sample: Checked) -> list[Encoded]:
            steps = self._steps_of(call, encoder, sample, each)
            first = len(steps) - len(sample.answer)
            learnt = [(first + at, row) for at, row in enumerate(sample.answer) if row is not None]
            targets = np.array([row for _, row in learnt]).reshape(-1, count)
            return [(steps, _each(standardise, targets, scales), [at for at, _ in learnt])]

        def take() -> None:
            self.outputs_, self._scales = count, scales

        return self._prepared(call, settings, parts, encode, (count, "linear"), take=take)

    def extend(self, X: Collection[Any], y: Collection[Any], *, normalization: str = "frozen") -> SequenceRegressor:  # noqa: N803
        """The regressor keeps what it has learnt, and knows more, as :meth:`SequenceClassifier.extend`. Gives itself.

        Args:
            X: inputs, as :meth:`fit` takes them, whose words or symbols the encoder is to know. They are not learnt
                here.
            y: their numbers, as :meth:`fit` takes them.
            normalization: whether inputs and targets are normalised as before (`'frozen'`), or by these samples
                (`'renewed'`): then all answers change, until `fit` with `warm_start` has learnt anew.
        """
        call = "SequenceRegressor.extend"
        encoder = self._extension(call, X, y, normalization)
        each = self._of_fit("targets_at") == "each"
        samples = self._check(call, ("X", "y"), X, y, self.outputs_, each)
        for sample in samples:
            self._steps_of(call, encoder, sample, each)
        # A model around a network that was not trained here has answers in the network's own units.
        renew = normalization == "renewed" and self._scales is not None
        scales = self._measured(samples, self.outputs_) if renew else self._scales

        def take() -> None:
            self._scales = scales

        self._grow(call, encoder, take=take)
        return self

    @staticmethod
    def _measured(samples: Sequence[Checked], count: int) -> list[Scale]:
        """Mean and deviation of each of so many numbers of answers."""
        rows = np.array([row for sample in samples for row in sample.answer if row is not None])
        return [scale_of(rows[:, output]) for output in range(count)]

    def _find_outputs(self, call: str, answers: list[Any], each: bool) -> int:
        """The number of outputs that was given, or else that the first answer has."""
        given = self._parameter("outputs")
        if given is not None:
            count: int = check_number(call, "outputs", given, min=1, max=_MOST_OUTPUTS, integer=True)
            return count
        first = answers[0]
        if each:
            first = next((row for row in first if row is not None), None) if is_vector(first) else None
        return max(len(first), 1) if is_vector(first) else 1

    def _check(
        self,
        call: str,
        fields: tuple[str, str],
        X: Any,  # noqa: ANN401, N803
        y: Any,  # noqa: ANN401
        count: int,
        each: bool,
    ) -> list[Checked]:
        """Checks samples, whose answers become rows of numbers, one or one per step."""
        pairs = self._pairs(call, fields, X, y)

        def rows(field: str, answer: Any) -> list[list[float] | None]:  # noqa: ANN401
            if not each:
                return [_row(call, field, answer, count)]
            if not is_vector(answer):
                raise wrong_type(call, field, "a list, an answer per step", answer)
            found = [
                None if row is None else _row(call, f"{field}[{step}]", row, count, "None or ")
                for step, row in enumerate(answer)
            ]
            if all(row is None for row in found):
                raise out_of_range(call, field, "at least one entry that is not None", answer)
            return found

        return [
            Checked(input, rows(f"{fields[1]}[{index}]", answer), f"{fields[0]}[{index}]")
            for index, (input, answer) in enumerate(pairs)
        ]

    def _steps_of(self, call: str, encoder: Encoder, sample: Checked, each: bool) -> Inputs:
        """The steps of a sample, whose answers have been counted against them."""
        steps = self._steps(call, encoder, sample.field, sample.input)
        if not each or len(steps) == len(sample.answer):
            return steps
        raise ValueError(
            f"{call}: {sample.field} has {len(steps)} steps for {len(sample.answer)} outputs, expected as many outputs "
            "as steps"
        )

    def _answers(self, outputs: Sequence[Values]) -> list[Values]:
        """Answers in their units, one or one per step: (answers, outputs) of each sequence."""
        last = self._of_fit("targets_at") == "last"
        return [_each(restore, steps[-1:] if last else steps, self._scales) for steps in outputs]

    @of_one_fit
    def predict(self, X: Collection[Any]) -> Any:  # noqa: ANN401, N803
        """The numbers of each sequence: (sequences), with several outputs (sequences, outputs).

        With `targets_at='each'` a list of arrays, one per sequence: (steps), with several outputs (steps, outputs).
        """
        call = "SequenceRegressor.predict"
        answers = self._answers(self._outputs_of(call, check_list(call, "X", X), "X"))
        if self.outputs_ == 1:
            answers = [rows[:, 0] for rows in answers]
        return answers if self._of_fit("targets_at") == "each" else np.array([rows[0] for rows in answers])

    @of_one_fit
    def stream(self) -> SequenceStream[Any]:
        """A sequence that comes step by step: after each step what :meth:`predict` gives for the sequence so far.

        A number, of several outputs an array (outputs), to the bit; with `targets_at='each'` that of the last step.
        TypeError for a bidirectional regressor.
        """

        def answer(outputs: Values, _: object) -> Any:  # noqa: ANN401
            [numbers] = _each(restore, outputs[None], self._scales)
            return float(numbers[0]) if self.outputs_ == 1 else numbers

        return self._streaming("SequenceRegressor.stream", lambda: SaysLast(answer))

    @of_one_fit
    def explain(
        self,
        input: Any,  # noqa: ANN401
        *,
        output: int = 0,
        at: int | None = None,
        method: str = "integrated",
        steps: int = 25,
        baseline: Any = None,  # noqa: ANN401
    ) -> Explanation:
        """Why a sequence gets a number: how much each of its pieces moved it, in the units of the targets.

        As :meth:`SequenceClassifier.explain`, for the number `output` of an answer that has several; with
        `targets_at='each'` for the step `at`, by default the last.
        """
        call = "SequenceRegressor.explain"
        question = Question(call, method, steps, baseline)
        self._fitted(call)
        place: int = check_number(call, "output", output, min=0, max=self.outputs_ - 1, integer=True)
        if at is not None and self._of_fit("targets_at") == "last":
            raise out_of_range(call, "at", "left out: a sequence has one answer", at)
        encoded = self._steps(call, self.encoder_, "input", input)
        attribution = self._attribution(question, encoded, place, place_of(call, at, len(encoded)))
        scale = None if self._scales is None else self._scales[place]
        return attribution.in_units(scale).explanation(call, self.encoder_, input)

    @of_one_fit
    def evaluate(self, X: Collection[Any], y: Collection[Any]) -> dict[str, Any]:  # noqa: N803
        """How well the regressor does on samples, in the units of the targets.

        Gives `mae` (mean absolute error), `rmse` (root of the mean squared one), `r2` (share of the targets' variance
        that the answers explain: 1 where all are right, 0 for answers as good as the mean of these targets, below 0 for
        worse) and `mean`, `mae` and `rmse` of always answering with that mean; of several outputs their means.
        `outputs` has the same of each output.
        """
        targets, answers, _ = self._judged("SequenceRegressor.evaluate", X, y)
        outputs = [scores_of(targets[:, output], answers[:, output]) for output in range(self.outputs_)]

        def over(*names: str) -> dict[str, float]:
            return {name: float(np.mean([scores[name] for scores in outputs])) for name in names}

        mean = {name: float(np.mean([scores["mean"][name] for scores in outputs])) for name in ("mae", "rmse")}
        return {**over("mae", "rmse", "r2"), "mean": mean, "outputs": outputs}

    @of_one_fit
    def score(self, X: Collection[Any], y: Collection[Any], sample_weight: Any = None) -> float:  # noqa: ANN401, N803
        """`r2` of :meth:`evaluate`; `sample_weight` says how much each sample counts, default: alike."""
        call = "SequenceRegressor.score"
        targets, answers, samples = self._judged(call, X, y)
        weights = None if sample_weight is None else np.array(check_weights(call, sample_weight, len(X)))[samples]
        columns = zip(targets.T, answers.T, strict=True)
        return float(np.mean([scores_of(*column, weights)["r2"] for column in columns]))

    def _judged(self, call: str, X: Any, y: Any) -> tuple[Values, Values, list[int]]:  # noqa: ANN401, N803
        """Targets of samples and the answers to them, (answers, outputs), and which sample each is of."""
        network = self._fitted(call)
        each = self._of_fit("targets_at") == "each"
        samples = self._check(call, ("X", "y"), X, y, self.outputs_, each)
        made = self._answers(
            network.run_steps(call, [self._steps_of(call, self.encoder_, sample, each) for sample in samples])
        )
        judged = [
            (row, answer, index)
            for index, (sample, answers) in enumerate(zip(samples, made, strict=True))
            for row, answer in zip(sample.answer, answers, strict=True)
            if row is not None
        ]
        targets, answers, of = zip(*judged, strict=True)
        return np.array(targets), np.array(answers), list(of)

    def _learnt(self) -> Mapping[str, Any]:
        return {"outputs": self.outputs_}

    def _answers_once(self) -> bool:
        return bool(self._of_fit("targets_at") == "last")

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        self.outputs_ = check_number(call, "json.outputs", json.get("outputs"), min=1, max=_MOST_OUTPUTS, integer=True)
        for name in ("targetsAt", "targets"):
            if name not in json:
                raise wrong_type(call, f"json.{name}", "what every regressor stores", None)
        targets = json["targets"]
        if targets is None or json.get("network") is None:
            return
        if not isinstance(targets, Mapping):
            raise wrong_type(call, "json.targets", "a dict", targets)
        for name in ("mean", "deviation"):
            if not is_vector(targets.get(name)):
                expected = f"a list of {self.outputs_} numbers"
                raise wrong_type(call, f"json.targets.{name}", expected, targets.get(name))
        mean, deviation = (
            _row(call, f"json.targets.{name}", targets[name], self.outputs_) for name in ("mean", "deviation")
        )
        if any(value < 0 for value in deviation):
            raise out_of_range(call, "json.targets.deviation", "numbers of at least 0", deviation)
        self._scales = [Scale(*both) for both in zip(mean, deviation, strict=True)]

    def _extras(self) -> dict[str, Any]:
        scales = self._scales
        targets = scales and {
            "mean": [scale.mean for scale in scales],
            "deviation": [scale.deviation for scale in scales],
        }
        return {"outputs": self.outputs_, "targetsAt": self._of_fit("targets_at"), "targets": targets}


def _row(call: str, field: str, value: Any, count: int, also: str = "") -> list[float]:  # noqa: ANN401
    """The numbers of one answer."""
    value = plain(value)
    if count == 1 and not is_vector(value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong_type(call, field, f"{also}a finite number", value)
        return [float(check_number(call, field, value))]
    if not is_vector(value):
        raise wrong_type(call, field, f"{also}a list of {count} numbers", value)
    if len(value) != count:
        raise ValueError(f"{call}: {field} has {len(value)} values, the model has {count}")
    return [float(check_number(call, f"{field}[{index}]", each)) for index, each in enumerate(value)]


def _each(measure: Callable[[Values, Scale], Values], rows: Values, scales: Sequence[Scale] | None) -> Values:
    """Every output of rows, (rows, outputs), by its own scale; rows are in units of their own where there is none."""
    if scales is None:
        return rows
    return np.stack([measure(rows[:, output], scale) for output, scale in enumerate(scales)], axis=1)
