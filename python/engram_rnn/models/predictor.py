"""What comes next in a series."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arithmetic import rounded
from ..encoders import Encoder
from ..encoders.coding import Steps
from ..encoders.numeric import Numeric
from ..encoders.row_reader import RowReader
from ..errors import check_choice, check_list, check_number, describe, is_vector, out_of_range, wrong_type
from ..network import Stepper
from ..training.executors import Executors
from ..training.flat_set import Values
from ..training.report import TrainingProgress
from .explanation import Explanation, Question, attribution_of
from .extension import ExtendableModel
from .forecast import MOST_AHEAD, Forecast
from .forecast_scores import ForecastJudge
from .parameters import PREDICTOR, PredictorParameters, with_parameters
from .ready import Callbacks, Checked, Encoded, Parts, Prepared, Settings, of_one_fit, weighed
from .stream import SaysLast, SequenceStream

if TYPE_CHECKING:
    from typing_extensions import Unpack


_MOST_STEPS = 1_000_000


@with_parameters(PREDICTOR, PredictorParameters)
class SequencePredictor(ExtendableModel):
    """Learns to continue numeric series: at every step, the values of the next one.

    The parameters are :class:`PredictorParameters`; the encoder is a numeric one. With an encoder that takes gaps, a
    step is learnt from where no value of the next one is missing. Of series that rise or fall without end let it learn
    the changes: `Encoder.numeric(difference=True)`.

    >>> wave = np.sin(np.arange(100) / 4)
    >>> model = SequencePredictor(hidden=(8,), epochs=200, rate=0.02, seed=1).fit([wave])
    >>> bool(abs(model.predict([wave])[0, 0] - np.sin(25)) < 0.1)
    True
    """

    _defaults = PREDICTOR
    _type = "SequencePredictor"
    _meaning = ("outputs", "covariates", "horizon")

    def __init__(self, **parameters: Unpack[PredictorParameters]) -> None:
        super().__init__(**parameters)

    def _settings(self, call: str, first: object) -> Settings:
        settings = super()._settings(call, first)
        if not isinstance(settings.encoder.coding, Numeric):
            raise out_of_range(call, "encoder", "an encoder of numeric series", self._parameter("encoder"))
        if settings.encoder.coding.window > 1:
            expected = "one without a window: a predictor continues a series row by row"
            raise out_of_range(call, "encoder", expected, self._parameter("encoder"))
        return settings

    def _forecast(self, call: str) -> Forecast:
        """What the fitted model reads and answers."""
        return Forecast(call, _numeric(self.encoder_), *map(self._of_fit, self._meaning))

    def _asked_forecast(self, call: str, encoder: Encoder) -> Forecast:
        """What the next network is to read and to answer."""
        return Forecast(call, _numeric(encoder), *map(self._parameter, self._meaning))

    def _input_size(self, call: str, encoder: Encoder) -> int:
        return self._asked_forecast(call, encoder).input_size

    def _outputs(self) -> tuple[int, str]:
        return self._asked_forecast(self._type, self._parameter("encoder")).output_size, "linear"

    def fit(
        self,
        X: Collection[Any],  # noqa: N803
        y: object = None,
        *,
        sample_weight: Collection[float] | None = None,
        resume: bytes | None = None,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        executors: Executors | None = None,
    ) -> SequencePredictor:
        """Learns from series of at least two steps (`horizon` and one), and gives itself.

        The error of the result is squared, averaged over the outputs and in deviations of what the encoder makes of
        them.

        Args:
            X: series, each a list of numbers (one channel) or an array (steps, channels).
            y: not used: the targets are the series themselves.
            sample_weight: how much each series counts, as in :meth:`SequenceClassifier.fit`.
            resume: as in :meth:`SequenceClassifier.fit`.
            on_progress: as in :meth:`SequenceClassifier.fit`.
            on_checkpoint: as in :meth:`SequenceClassifier.fit`.
            executors: as in :meth:`SequenceClassifier.fit`.
        """
        call = "SequencePredictor.fit"
        callbacks = Callbacks(resume, on_progress, on_checkpoint, executors)
        self._train(call, self.prepare(call, X, y, sample_weight), callbacks)
        return self

    def prepare(self, call: str, X: Collection[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        series = check_list(call, "X", X)
        settings = self._begin(call, series[0])
        forecast = self._asked_forecast(call, settings.encoder)

        def check(field: str, series: list[Any]) -> list[Checked]:
            return [Checked(input, 1, f"{field}[{index}]") for index, input in enumerate(series)]

        samples = weighed(call, check("X", series), sample_weight)
        parts = self._ends(call, samples, forecast.horizon) or self._split(
            call,
            settings.seed,
            samples,
            lambda validation: check("validation", check_list(call, "validation", validation)),
        )

        def encode(encoder: Encoder, sample: Checked) -> list[Encoded]:
            return [_encode(call, forecast, sample)]

        return self._prepared(call, settings, parts, encode, (forecast.output_size, "linear"))

    def extend(self, X: Collection[Any], *, normalization: str = "frozen") -> SequencePredictor:  # noqa: N803
        """The predictor keeps its weights, and measures series anew where that is asked. Gives itself.

        For series that have come to another level or scale since the first `fit`, whose normalisation later ones keep.
        Answers change by that, until `fit` with `warm_start` has learnt the new series.

        Args:
            X: series, as :meth:`fit` takes them.
            normalization: `'frozen'`, which changes nothing, or `'renewed'`, by these series.
        """
        call = "SequencePredictor.extend"
        encoder = self._extension(call, X, None, normalization)
        for index, series in enumerate(check_list(call, "X", X)):
            self._steps(call, encoder, f"X[{index}]", series)
        self._grow(call, encoder)
        return self

    def _ends(self, call: str, series: Sequence[Checked], horizon: int) -> Parts | None:
        """Each series as two: its begin to train on, and all of it, of which a share at the end is judged."""
        validation, hold_out = self._parameter("validation"), self._parameter("hold_out")
        is_share = not isinstance(validation, (list, tuple, bool))
        if hold_out is not None:
            check_choice(call, "hold_out", hold_out, ("series", "end"))
            if not is_share:
                raise out_of_range(call, "hold_out", "left out where validation is no share", hold_out)
        if not is_share or validation == 0:
            return None
        if (hold_out or ("end" if len(series) == 1 else "series")) == "series":
            return None
        share = check_number(call, "validation", validation, min=0, max=1)
        trained, held_out = [], []
        for index, sample in enumerate(series):
            whole, field = sample.input, sample.field
            if not is_vector(whole):
                raise wrong_type(call, field, "a list of steps", whole)
            start = len(whole) - rounded(share * len(whole))
            if start < 1 + horizon or start + horizon > len(whole):
                some = "some" if horizon == 1 else f"at least {horizon}"
                least = _in_words(1 + horizon)
                expected = f"a share that holds out {some} steps of {len(whole)} and leaves at least {least}"
                raise out_of_range(call, "validation", expected + (f" ({field})" if index > 0 else ""), share)
            trained.append(replace(sample, input=whole[:start], answer=1))
            held_out.append(replace(sample, answer=start))
        return Parts(trained, held_out)

    @of_one_fit
    def predict(self, X: Collection[Any], covariates: Collection[Any] | None = None) -> Values:  # noqa: N803
        """The values that follow each series: (series, outputs), the first row of :meth:`forecast`.

        With covariates, these of the `horizon` rows to come, for each series.
        """
        call = "SequencePredictor.predict"
        series = check_list(call, "X", X)
        given = [None] * len(series) if covariates is None else check_list(call, "covariates", covariates)
        if len(given) != len(series):
            raise ValueError(f"{call}: covariates has {len(given)} entries for {len(series)} series, expected as many")
        return np.array(
            [
                self._direct(call, (f"X[{index}]", f"covariates[{index}]"), each, ahead)[0]
                for index, (each, ahead) in enumerate(zip(series, given, strict=True))
            ]
        )

    @of_one_fit
    def forecast(self, series: object, covariates: Collection[Any] | None = None) -> Values:
        """The `horizon` rows that follow a series, predicted at once: (horizon, outputs).

        They are not made one from another, so errors do not add up as in :meth:`generate`.

        Args:
            series: rows, as :meth:`fit` takes them.
            covariates: those of the `horizon` rows to come, where the model has some: rows of numbers, dicts of them,
                or numbers where there is one.
        """
        return self._direct("SequencePredictor.forecast", ("series", "covariates"), series, covariates)

    def _direct(self, call: str, fields: tuple[str, str], series: object, covariates: object) -> Values:
        network = self._fitted(call)
        forecast = self._forecast(call)
        rows, steps = self._rows(call, forecast, fields, series, covariates, forecast.horizon)
        last = forecast.last_values(rows)
        forecast.check_start(call, fields[0], last)
        outputs = network.run_steps(call, [forecast.inputs(steps, len(rows))])
        return forecast.decode(outputs[0][-1], last)

    @of_one_fit
    def generate(self, series: object, count: int, covariates: Collection[Any] | None = None) -> Values:
        """The `count` rows that follow a series, each made from those before it: (count, outputs).

        ValueError also where the model reads channels that it does not predict, and that are no covariates. Covariates
        are those of the `count` rows to come and of `horizon - 1` more.
        """
        call = "SequencePredictor.generate"
        check_number(call, "count", count, min=1, max=_MOST_STEPS, integer=True)
        network = self._fitted(call)
        forecast = self._forecast(call)
        if count > 1:
            _check_known(call, forecast, "count", 1, count)
        ahead = count - 1 + forecast.horizon
        rows, steps = self._rows(call, forecast, ("series", "covariates"), series, covariates, ahead)
        last = forecast.last_values(rows)
        forecast.check_start(call, "series", last)
        stepper = network.stepper(call)
        answer = np.empty(0)
        for input in forecast.inputs(steps, len(rows)):
            answer = stepper.push(input)
        return _continue(forecast, stepper, answer, steps[len(rows) - 1 :], last, count)

    @of_one_fit
    def explain(
        self,
        series: Any,  # noqa: ANN401
        covariates: Collection[Any] | None = None,
        *,
        channel: str | int | None = None,
        ahead: int = 1,
        method: str = "integrated",
        steps: int = 25,
        baseline: Any = None,  # noqa: ANN401
    ) -> Explanation:
        """Why a value is predicted: how much each row of the series, and each of its channels, moved it, in its units.

        As :meth:`SequenceClassifier.explain`. Of a channel with `difference` the change from the row before is
        explained (with `'relative'` as a share of the value there), and a change in the series counts for the row to
        which it leads; with covariates, the parts go on with the rows to come.

        Args:
            series: rows, as :meth:`fit` takes them.
            covariates: those of the `horizon` rows to come, where the model has some, as :meth:`forecast` takes them.
            channel: which of those that are predicted. Default: the first.
            ahead: how many rows ahead, 1 to `horizon`.
            method: as in :meth:`SequenceClassifier.explain`.
            steps: as in :meth:`SequenceClassifier.explain`.
            baseline: a series of as many rows to start from; with the same covariates.
        """
        call = "SequencePredictor.explain"
        question = Question(call, method, steps, baseline)
        network = self._fitted(call)
        forecast = self._forecast(call)
        output, scale = forecast.output_of(call, channel, ahead)

        def read(field: str, given: Any) -> Values:  # noqa: ANN401
            rows, encoded = self._rows(call, forecast, (field, "covariates"), given, covariates, forecast.horizon)
            return forecast.inputs(encoded, len(rows))

        inputs = read("series", series)
        attribution = attribution_of(question, network, inputs, output, len(inputs) - 1, read).in_units(scale)
        return Explanation(attribution.answer, attribution.baseline, forecast.explained(attribution.steps))

    @of_one_fit
    def stream(self) -> SequenceStream[Values]:
        """A series that comes row by row: after each row what :meth:`forecast` gives for the series so far.

        (horizon, outputs), to the bit. With covariates, `push` takes those of the rows to come, which are read as they
        were known then: where they turn out otherwise, a stream says what it would have said. Where outputs are
        changes, the first row must have values that these can start from.
        """
        call = "SequencePredictor.stream"
        self._fitted(call)
        forecast = self._forecast(call)

        def row(call: str, rows: RowReader, covariates: Any) -> Values:  # noqa: ANN401
            forecast.check_start(call, "step", rows.last_values)
            future = forecast.future(call, "covariates", rows.last_values[None], covariates, forecast.horizon)
            ahead, steps = rows.copy(), [rows.step()]
            for index, each in enumerate(future):
                ahead.take(call, f"covariates[{index}]", each)
                steps.append(ahead.step())
            own: Values = forecast.inputs(np.array(steps), 1)[0]
            return own

        def answer(outputs: Values, rows: RowReader | None) -> Values:
            assert rows is not None, "the encoder is one of series"
            return forecast.decode(outputs, rows.last_values)

        return self._streaming(call, lambda: SaysLast(answer), row=row)

    def _rows(
        self,
        call: str,
        forecast: Forecast,
        fields: tuple[str, str],
        series: object,
        covariates: object,
        count: int,
    ) -> tuple[Values, Steps]:
        """The rows of a series; and as steps these, and after them `count` of which the covariates are known, where
        there are some."""
        rows = self._own_rows(call, forecast, fields[0], series)
        future = forecast.future(call, fields[1], rows, covariates, count)
        return rows, forecast.coding.steps_of(call, fields[0], np.concatenate([rows, future]))

    def _own_rows(self, call: str, forecast: Forecast, field: str, series: object) -> Values:
        """The rows of a series, of which there is one at least."""
        rows = forecast.coding.rows(call, field, series)
        self._refuse_empty(call, field, series, len(rows))
        return rows

    @of_one_fit
    def evaluate(
        self,
        X: Collection[Any],  # noqa: N803
        *,
        steps: int | None = None,
        season: int | None = None,
        start: int = 1,
    ) -> dict[str, Any]:
        """How well series are predicted, in their units, from every step and for each number of steps ahead.

        Gives `mae` and `rmse`; the same as `last` of repeating the last value and, with a season, as `season` of the
        value of the same place in the last one; `count` values that were compared; and as `ahead` all of these for each
        step ahead, of which the others are means. `advice` says so where the forecasts are no better than these.

        Args:
            X: series, as :meth:`fit` takes them.
            steps: steps ahead to judge, 1 to 1,000. Beyond `horizon`, forecasts are made from forecasts. Default:
                `horizon`.
            season: steps of a season, as 24 for hours of a day, to compare with the last one. Default: none.
            start: first row of each series that is judged, from 1; those before are context only.
        """
        call = "SequencePredictor.evaluate"
        network = self._fitted(call)
        forecast = self._forecast(call)
        horizon, coding, outputs = forecast.horizon, forecast.coding, forecast.outputs
        count = horizon if steps is None else check_number(call, "steps", steps, min=1, max=MOST_AHEAD, integer=True)
        period = 0 if season is None else check_number(call, "season", season, min=1, max=_MOST_STEPS, integer=True)
        check_number(call, "start", start, min=1, max=_MOST_STEPS, integer=True)
        if count > horizon:
            _check_known(call, forecast, "steps", horizon, count)
        judge = ForecastJudge(count, len(outputs), period > 0)
        for index, series in enumerate(check_list(call, "X", X)):
            rows = self._own_rows(call, forecast, f"X[{index}]", series)
            encoded = coding.steps_of(call, f"X[{index}]", rows)
            # Where there are covariates, those of the rows to come are read too.
            end = len(rows) - (horizon if forecast.covariates else 1)
            stepper = network.stepper(call)
            for step, input in enumerate(forecast.inputs(encoded, max(end, 0))):
                answer = stepper.push(input)
                if step + 1 < max(start, period):
                    continue
                last = forecast.last_values(rows[: step + 1])
                if count > horizon:
                    made = _continue(forecast, stepper.copy(), answer, encoded[step:], last, min(count, end - step))
                else:
                    made = forecast.decode(answer, last)[: min(count, len(rows) - 1 - step)]
                for ahead, forecasts in enumerate(made):
                    row = step + 1 + ahead
                    before = (
                        rows[row - period * -(-(ahead + 1) // period)] if period else np.full(coding.channels, np.nan)
                    )
                    judge.take(ahead, rows[row][outputs], forecasts, last[outputs], before[outputs])
        changes = all(coding.differences[channel] is not False for channel in outputs)
        remedy = "Train for more epochs, or on more series"
        if not changes:
            remedy += "; of series that rise or fall, learn the changes: numeric(difference=True)"
        evaluation = judge.finish(remedy)
        if evaluation is None:
            expected = f"one with values from row {max(start, period)} on, and before"
            raise out_of_range(call, "X", expected, X)
        return evaluation

    @of_one_fit
    def score(self, X: Collection[Any], y: object = None) -> float:  # noqa: N803
        """How well each step is foreseen: minus the mean squared error, averaged over the outputs and measured in
        deviations of what the encoder makes of them; 0 is perfect, and -1 what the mean would get.
        """
        call = "SequencePredictor.score"
        network = self._fitted(call)
        forecast = self._forecast(call)
        samples = [
            _encode(call, forecast, Checked(input, 1, f"X[{index}]"))
            for index, input in enumerate(check_list(call, "X", X))
        ]
        outputs = network.run_steps(call, [steps for steps, _, _ in samples])
        errors = [(made[at] - targets) ** 2 for made, (_, targets, at) in zip(outputs, samples, strict=True)]
        return -float(np.concatenate(errors).mean())

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        self._asked_forecast(call, self._parameter("encoder"))

    def _extras(self) -> dict[str, Any]:
        forecast = self._forecast(self._type)
        coding = forecast.coding
        is_usual = not forecast.unknown and forecast.outputs == sorted(forecast.outputs)
        return {
            **({} if is_usual else {"outputs": [coding.name_of(channel) for channel in forecast.outputs]}),
            **(
                {"covariates": [coding.name_of(channel) for channel in forecast.covariates]}
                if forecast.covariates
                else {}
            ),
            **({} if forecast.horizon == 1 else {"horizon": forecast.horizon}),
        }


def _numeric(encoder: Encoder) -> Numeric:
    coding = encoder.coding
    assert isinstance(coding, Numeric), "the settings have been checked"
    return coding


def _in_words(count: int) -> str:
    """A count as messages say it."""
    return "two" if count == 2 else str(count)


def _check_known(call: str, forecast: Forecast, field: str, most: int, actual: int) -> None:
    """Refuses to go on from predicted rows where these say too little."""
    if not forecast.unknown:
        return
    names = ", ".join(describe(forecast.coding.name_of(channel)) for channel in forecast.unknown)
    because = f"the next rows' {names} would not be known, being neither outputs nor covariates"
    raise out_of_range(call, field, f"at most {most} ({because}; take a longer horizon)", actual)


def _continue(
    forecast: Forecast, stepper: Stepper, answer: Values, steps: Steps, last_values: Values, count: int
) -> Values:
    """Rows that follow the answer of a stepper, each made from those before; `steps` are those from the answer's on."""
    known, values = list(steps), last_values.copy()
    made: list[Values] = []
    while True:
        row = forecast.decode(answer, values)[0]
        made.append(row)
        if len(made) == count:
            return np.array(made)
        values[forecast.outputs] = row
        at = len(made)
        known[at : at + 1] = [forecast.following(answer, known[at] if forecast.covariates else None)]
        answer = stepper.push(forecast.inputs(np.array(known[at : at + 1 + forecast.horizon]), 1)[0])


def _encode(call: str, forecast: Forecast, sample: Checked) -> Encoded:
    """What is read at the steps of a series, and as their targets the rows that follow, without those with gaps."""
    steps = forecast.coding.steps(call, sample.field, sample.input)
    count = len(steps) - forecast.horizon
    if count < 1:
        raise out_of_range(call, sample.field, f"at least {_in_words(1 + forecast.horizon)} steps", sample.input)
    targets, whole = forecast.targets(steps, count)
    at = [step for step in range(count) if whole[step] and step + 1 >= sample.answer]
    if not at:
        after = "the first" if sample.answer == 1 else f"the first {sample.answer}"
        rows = "at least one step" if forecast.horizon == 1 else f"at least {forecast.horizon} steps in a row"
        raise out_of_range(call, sample.field, f"{rows}, after {after}, of which no value is missing", sample.input)
    return forecast.inputs(steps, count), targets[at], at
