"""Series of numbers: one step per row of channels, normalised by the training set."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import check_boolean, check_choice, check_number, is_vector, out_of_range, plain, wrong_type
from ..training.flat_set import unmasked
from .changes import Difference, changed, changes_of, check_differences, stored_differences
from .coding import MOST, Coding, ExplainedPart, NamedInput, Steps, in_order, not_fitted
from .row_reader import RowReader
from .scale import Scale, Values, restore, scale_of, standardise


def _check_channel_names(call: str, field: str, names: Sequence[Any]) -> list[str]:
    if not 1 <= len(names) <= MOST:
        raise out_of_range(call, field, f"1 to {MOST} names", names)
    seen: list[str] = []
    for index, name in enumerate(names):
        if not isinstance(name, str):
            raise wrong_type(call, f"{field}[{index}]", "a string", name)
        if name in seen:
            raise out_of_range(call, f"{field}[{index}]", "a name that has not come before", name)
        seen.append(str(name))
    return seen


class Numeric(Coding):
    """Series of numbers, one step per row of channels."""

    learnt: list[Scale] | None

    def __init__(
        self,
        call: str,
        field: str,
        channels: Any,  # noqa: ANN401
        normalize: object,
        missing: object,
        window: object = 1,
        stride: object = None,
        difference: object = False,
    ) -> None:
        self._names: list[str] | None = None
        if is_vector(channels):
            self._names = _check_channel_names(call, f"{field}channels", list(channels))
            self.channels = len(self._names)
        else:
            self.channels = check_number(call, f"{field}channels", channels, min=1, max=MOST, integer=True)
        self._normalize = check_boolean(call, f"{field}normalize", normalize)
        self._masked = check_choice(call, f"{field}missing", missing, ("refuse", "mask")) == "mask"
        most = MOST // self.channels
        self.window: int = check_number(call, f"{field}window", window, min=1, max=most, integer=True)
        self.stride: int = self.window
        if stride is not None:
            self.stride = check_number(call, f"{field}stride", stride, min=1, max=self.window, integer=True)
        self.differences: list[Difference] = check_differences(
            call, f"{field}difference", difference, [str(self.name_of(channel)) for channel in range(self.channels)]
        )
        self.learnt = None

    @classmethod
    def from_json(cls, call: str, json: Mapping[str, Any]) -> Numeric:
        """The encoder that was stored."""
        for name in ("mean", "deviation"):
            if name not in json:
                raise wrong_type(call, f"json.{name}", "a list of numbers, or None", None)
        if "stride" in json and json["stride"] is None:
            raise wrong_type(call, "json.stride", "a number, or left out", None)
        mean, deviation = json["mean"], json["deviation"]
        numeric = cls(
            call,
            "json.",
            json.get("channels", 1),
            json.get("normalize", True),
            json.get("missing", "refuse"),
            json.get("window", 1),
            json.get("stride"),
            json.get("difference", False),
        )
        if mean is None or deviation is None:
            return numeric

        def numbers(field: str, values: object) -> list[float]:
            if not isinstance(values, list):
                raise wrong_type(call, f"json.{field}", f"a list of {numeric.channels} numbers", values)
            if len(values) != numeric.channels:
                raise ValueError(f"{call}: json.{field} has {len(values)} values, the encoder has {numeric.channels}")
            return [check_number(call, f"json.{field}[{index}]", value) for index, value in enumerate(values)]

        means, deviations = numbers("mean", mean), numbers("deviation", deviation)
        if any(value < 0 for value in deviations):
            raise out_of_range(call, "json.deviation", "numbers of at least 0", deviation)
        numeric.learnt = [Scale(*both) for both in zip(means, deviations, strict=True)]
        return numeric

    @property
    def size(self) -> int:
        """The channels of a window's rows, and where gaps are taken, as many values that say what is there."""
        return self.channels * self.window * (2 if self._masked else 1)

    @property
    def masked(self) -> bool:
        """Whether a step also says which values are there."""
        return self._masked

    def name_of(self, channel: int) -> str | int:
        """What a channel is called by users: its name, or its place."""
        return channel if self._names is None else self._names[channel]

    def channel_of(self, call: str, field: str, value: Any) -> int:  # noqa: ANN401
        """The channel of a name, or a place."""
        if self._names is not None and isinstance(value, str):
            if value in self._names:
                return self._names.index(value)
            raise out_of_range(call, field, f"one of the channels {', '.join(self._names)}", value)
        channel: int = check_number(call, field, value, min=0, max=self.channels - 1, integer=True)
        return channel

    def value(self, call: str, field: str, value: Any) -> float:  # noqa: ANN401
        """A value of a step, NaN for a gap."""
        value = plain(value)
        if isinstance(value, bool):
            return float(value)
        is_gap = value is None or (isinstance(value, float) and math.isnan(value))
        if is_gap and self._masked:
            return math.nan
        expected = "a finite number" + (" (numeric(missing='mask') takes gaps)" if is_gap else "")
        if not isinstance(value, (int, float)):
            raise wrong_type(call, field, expected, value)
        try:
            if math.isfinite(value):
                return float(value)
        except OverflowError:
            pass
        raise out_of_range(call, field, expected, value)

    def row(self, call: str, field: str, step: Any) -> list[float]:  # noqa: ANN401
        """The values of a step, in the order of the channels, NaN for gaps."""
        channels, names = self.channels, self._names
        if isinstance(step, Mapping):
            if names is not None:
                return [self.value(call, f"{field}.{name}", step.get(name)) for name in names]
            found = ", ".join(f"'{name}'" for name in list(step)[: max(channels, 3)])
            what = "a number" if channels == 1 else f"a list of {channels} numbers"
            raise wrong_type(call, field, f"{what} (numeric(channels=[{found}]) takes dicts)", step)
        if is_vector(step):
            if len(step) == channels:
                return [self.value(call, f"{field}[{channel}]", value) for channel, value in enumerate(step)]
            raise ValueError(f"{call}: {field} has {len(step)} values, the encoder takes {channels}")
        if channels == 1:
            return [self.value(call, field, step)]
        if self._masked and step is None:
            return [math.nan] * channels
        expected = f"a list of {channels} numbers" + ("" if names is None else f", or a dict of {', '.join(names)}")
        raise wrong_type(call, field, expected, step)

    def rows(self, call: str, field: str, input: Any) -> Values:  # noqa: ANN401
        """The values of a series, (steps, channels), NaN for gaps."""
        if not is_vector(input):
            raise wrong_type(call, field, "a list of steps", input)
        input = unmasked(input)
        if isinstance(input, np.ndarray) and input.dtype.kind in "biuf":
            # An array of numbers is looked at as a whole; what is wrong with it is found below.
            rows = input.reshape(-1, 1) if input.ndim == 1 else input
            is_whole = rows.ndim == 2 and rows.shape[1] == self.channels
            values: Values = rows.astype(np.float64) if is_whole else np.empty((0, 0))
            if is_whole and not np.isinf(values).any() and (self._masked or not np.isnan(values).any()):
                return values
        listed = [self.row(call, f"{field}[{index}]", step) for index, step in enumerate(input)]
        return np.array(listed, dtype=np.float64).reshape(-1, self.channels)

    def study(self, call: str, inputs: Sequence[NamedInput]) -> None:
        """Takes mean and deviation of every channel, over the values that are there."""
        # A first value has no change that could count.
        changes = (
            changes_of(call, field, self.rows(call, field, input), self.differences, np.nan) for field, input in inputs
        )
        every = np.concatenate([np.empty((0, self.channels)), *changes])
        columns = [column[~np.isnan(column)] for column in every.T]
        for channel, column in enumerate(columns):
            if len(column) == 0:
                what = "value" if self.differences[channel] is False else "change from one value to another"
                name = self.name_of(channel)
                raise ValueError(f"{call}: channel {name} has no {what} in any step, expected at least one")
        if self._normalize:
            self.learnt = [scale_of(column) for column in columns]

    def extended(self, call: str, inputs: Sequence[NamedInput], renew: bool) -> Numeric:
        """The same, or one that has measured the inputs anew."""
        more = copy.copy(self)
        if renew:
            more.study(call, inputs)
        return more

    def steps(self, call: str, field: str, input: object) -> Steps:
        """One step per window: its values row by row; where gaps are taken, then 1 for each that is there, else 0."""
        return self.steps_of(call, field, self.rows(call, field, input))

    def steps_of(self, call: str, field: str, given: Values) -> Steps:
        """The steps of rows that :meth:`rows` has read."""
        self._refuse_unfitted(call)
        rows = self.scaled(changes_of(call, field, given, self.differences, 0.0))
        gaps = np.isnan(rows)
        steps = self._in_windows(np.where(gaps, 0.0, rows))
        return np.concatenate([steps, self._in_windows(~gaps)], axis=1) if self._masked else steps

    def scaled(self, rows: Values) -> Values:
        """Values, or changes, as the network reads them, NaN for gaps: (rows, channels)."""
        if self.learnt is None:
            return rows
        columns = [standardise(column, scale) for column, scale in zip(rows.T, self.learnt, strict=True)]
        return np.where(np.isnan(rows), np.nan, np.stack(columns, axis=1))

    def reader(self, call: str) -> RowReader:
        """Reads a series row by row."""
        self._refuse_unfitted(call)
        return RowReader(self)

    def _refuse_unfitted(self, call: str) -> None:
        if self._normalize and self.learnt is None:
            raise not_fitted(call, "not seen a training set")

    def _windows(self, count: int) -> list[int]:
        """Index of the first row of every window of a series of `count` rows; below 0 where rows are missing."""
        if count == 0:
            return []
        last = count - self.window
        return [*range(0, last, self.stride), last]

    def _in_windows(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The rows of each window as one; a window that starts before the series has copies of its first row."""
        firsts = np.array(self._windows(len(rows)), dtype=np.int64)
        places = np.maximum(firsts[:, None] + np.arange(self.window), 0)
        steps: npt.NDArray[Any] = rows[places].reshape(len(firsts), self.window * self.channels)
        return steps

    def parts(self, call: str, field: str, input: object) -> list[str]:
        """The number of each row, or the numbers of the first and the last of each window, from 1."""
        count = len(self.rows(call, field, input))
        if self.window == 1:
            return [str(step + 1) for step in range(count)]
        return [f"{max(first, 0) + 1} to {first + self.window}" for first in self._windows(count)]

    def explained(self, call: str, field: str, input: object, steps: Steps) -> list[ExplainedPart]:
        """The rows of a series: of a window, what a number did counts for its row."""
        return self.explained_rows(len(self.rows(call, field, input)), steps)

    def explained_rows(self, count: int, steps: Steps) -> list[ExplainedPart]:
        """So many rows of a series, by what each number of its steps did: (steps, size)."""
        rows = np.zeros((count, self.channels))
        for first, did in zip(self._windows(count), steps, strict=True):
            # After the values of all rows come what says that they are there.
            for half in did.reshape(-1, self.window, self.channels):
                for place, row in enumerate(half):
                    rows[max(first + place, 0)] += row
        return [ExplainedPart(str(index + 1), in_order(row), row.tolist()) for index, row in enumerate(rows)]

    def scale_of(self, channel: int) -> Scale | None:
        """What a channel's values, or changes, are measured by; None where nothing is."""
        return None if self.learnt is None else self.learnt[channel]

    def decode(self, channel: int, number: float, before: float) -> float:
        """The value of a channel that a number of a step stands for, after the last value that was there."""
        change = number if self.learnt is None else float(restore(np.array([number]), self.learnt[channel])[0])
        return changed(self.differences[channel], before, change)

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""
        return {
            "type": "numeric",
            "channels": self.channels if self._names is None else list(self._names),
            "normalize": self._normalize,
            **({"missing": "mask"} if self._masked else {}),
            **({} if self.window == 1 else {"window": self.window}),
            **({} if self.stride == self.window else {"stride": self.stride}),
            **stored_differences(self.differences, [str(self.name_of(channel)) for channel in range(self.channels)]),
            "mean": None if self.learnt is None else [scale.mean for scale in self.learnt],
            "deviation": None if self.learnt is None else [scale.deviation for scale in self.learnt],
        }
