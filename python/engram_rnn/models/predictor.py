"""What comes next in a series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arithmetic import rounded
from ..encoders import Encoder
from ..encoders.coding import Steps
from ..encoders.numeric import Numeric
from ..errors import check_list, check_number, is_vector, out_of_range, wrong_type
from ..training.executors import Executors
from ..training.flat_set import Values
from ..training.report import TrainingProgress
from .model import Callbacks, Checked, Encoded, Parts, Prepared, SequenceModel, Settings
from .parameters import MODEL, with_parameters

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .parameters import ModelParameters


@with_parameters(MODEL)
class SequencePredictor(SequenceModel):
    """Learns to continue numeric series: at every step, the values of the next one.

    The parameters are :class:`ModelParameters`; the encoder is a numeric one. With an encoder that takes gaps, a step
    is learnt from where no value of the next one is missing.

    >>> wave = np.sin(np.arange(100) / 4)
    >>> model = SequencePredictor(hidden=(8,), epochs=200, rate=0.02, seed=1).fit([wave])
    >>> bool(abs(model.predict([wave])[0, 0] - np.sin(25)) < 0.1)
    True
    """

    _defaults = MODEL
    _type = "SequencePredictor"

    def __init__(self, **parameters: Unpack[ModelParameters]) -> None:
        super().__init__(**parameters)

    def _settings(self, call: str, first: object) -> Settings:
        settings = super()._settings(call, first)
        if not isinstance(settings.encoder.coding, Numeric):
            raise out_of_range(call, "encoder", "an encoder of numeric series", self._parameter("encoder"))
        if settings.encoder.coding.window > 1:
            expected = "one without a window: a predictor continues a series row by row"
            raise out_of_range(call, "encoder", expected, self._parameter("encoder"))
        return settings

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        for name in ("outputs", "covariates", "horizon"):
            if json.get(name) is not None:
                expected = "left out: what a predictor predicts is chosen in JavaScript alone so far"
                raise out_of_range(call, f"json.{name}", expected, json[name])

    def _outputs(self) -> tuple[int, str]:
        return _numeric(self._parameter("encoder")).channels, "linear"

    def fit(
        self,
        X: Sequence[Any],  # noqa: N803
        y: object = None,
        *,
        resume: bytes | None = None,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        executors: Executors | None = None,
    ) -> SequencePredictor:
        """Learns from series of at least two steps, and gives itself.

        The error of the result is squared, averaged over the channels and measured in their deviations.

        Args:
            X: series, each a list of numbers (one channel) or an array (steps, channels).
            y: not used: the targets are the series themselves.
            resume: as in :meth:`SequenceClassifier.fit`.
            on_progress: as in :meth:`SequenceClassifier.fit`.
            on_checkpoint: as in :meth:`SequenceClassifier.fit`.
            executors: as in :meth:`SequenceClassifier.fit`.
        """
        call = "SequencePredictor.fit"
        callbacks = Callbacks(resume, on_progress, on_checkpoint, executors)
        self._train(call, self.prepare(call, X, y), callbacks)
        return self

    def prepare(self, call: str, X: Sequence[Any], y: Any) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        series = check_list(call, "X", X)
        settings = self._begin(call, series[0])

        def check(field: str, series: list[Any]) -> list[Checked]:
            return [Checked(input, 1, f"{field}[{index}]") for index, input in enumerate(series)]

        parts = self._end(call, series) or self._split(
            call,
            settings.seed,
            check("X", series),
            lambda validation: check("validation", check_list(call, "validation", validation)),
        )

        def encode(encoder: Encoder, sample: Checked) -> Encoded:
            return _encode(call, encoder, sample)

        return self._prepared(call, settings, parts, encode, (_numeric(settings.encoder).channels, "linear"))

    def _end(self, call: str, series: list[Any]) -> Parts | None:
        """A single series as two: its begin to train on, and all of it, of which a share at the end is judged."""
        validation = self._parameter("validation")
        if len(series) != 1 or isinstance(validation, (list, tuple, bool)) or validation == 0:
            return None
        whole = series[0]
        if not is_vector(whole):
            raise wrong_type(call, "X[0]", "a list of steps", whole)
        share = check_number(call, "validation", validation, min=0, max=1)
        start = len(whole) - rounded(share * len(whole))
        if start < 2 or start >= len(whole):
            expected = f"a share that holds out some steps of {len(whole)} and leaves at least two"
            raise out_of_range(call, "validation", expected, share)
        return Parts([Checked(whole[:start], 1, "X[0]")], [Checked(whole, start, "X[0]")])

    def predict(self, X: Sequence[Any]) -> Values:  # noqa: N803
        """The values that follow each series: (series, channels)."""
        call = "SequencePredictor.predict"
        series = check_list(call, "X", X)
        following = [self._continue(call, f"X[{index}]", each, 1) for index, each in enumerate(series)]
        return np.concatenate(following)

    def generate(self, series: object, count: int) -> Values:
        """The `count` steps that follow a series, each made from those before it: (count, channels)."""
        call = "SequencePredictor.generate"
        check_number(call, "count", count, min=1, max=1_000_000, integer=True)
        return self._continue(call, "series", series, count)

    def _continue(self, call: str, field: str, series: object, count: int) -> Values:
        """What follows a series."""
        step_on = self._fitted(call).stepping(call)
        coding = _numeric(self.encoder_)
        # Of a predicted step every value is there.
        present = np.ones(coding.size - coding.channels)
        following = np.empty(0)
        for step in self._steps(call, self.encoder_, field, series):
            following = step_on(step)
        made = [following]
        while len(made) < count:
            made.append(step_on(np.concatenate([made[-1], present])))
        return coding.decode(np.array(made))

    def score(self, X: Sequence[Any], y: object = None) -> float:  # noqa: N803
        """How well each step is foreseen: minus the mean squared error, averaged over the channels and measured in
        their deviations; 0 is perfect, and -1 what the mean of a channel would get.
        """
        call = "SequencePredictor.score"
        network = self._fitted(call)
        samples = [
            _encode(call, self.encoder_, Checked(input, 1, f"X[{index}]"))
            for index, input in enumerate(check_list(call, "X", X))
        ]
        outputs = network.run_steps(call, [steps for steps, _, _ in samples])
        errors = [(made[at] - targets) ** 2 for made, (_, targets, at) in zip(outputs, samples, strict=True)]
        return -float(np.concatenate(errors).mean())


def _numeric(encoder: Encoder) -> Numeric:
    coding = encoder.coding
    assert isinstance(coding, Numeric), "the settings have been checked"
    return coding


def _encode(call: str, encoder: Encoder, sample: Checked) -> Encoded:
    """The steps of a series but the last, and as their targets the steps that follow, without those that have gaps."""
    steps = encoder.coding.steps(call, sample.field, sample.input)
    if len(steps) < 2:
        raise out_of_range(call, sample.field, "at least two steps", sample.input)
    at = _learnable(steps, sample.answer, _numeric(encoder).channels)
    if not at:
        after = "the first" if sample.answer == 1 else f"the first {sample.answer}"
        expected = f"at least one step, after {after}, of which no value is missing"
        raise out_of_range(call, sample.field, expected, sample.input)
    return steps[:-1], steps[1:][at, : _numeric(encoder).channels], at


def _learnable(steps: Steps, start: int, channels: int) -> list[int]:
    """Which steps have a target: those whose next one, from `start` on, has all its values."""
    is_whole = (steps[1:, channels:] != 0).all(axis=1)
    return [step for step, whole in enumerate(is_whole) if whole and step + 1 >= start]
