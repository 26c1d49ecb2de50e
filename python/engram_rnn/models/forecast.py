"""What a predictor reads at a step and is to answer there: rows of a series on the one side, inputs and targets of its
network on the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..encoders.coding import ExplainedPart
from ..encoders.numeric import Numeric
from ..encoders.scale import Scale
from ..errors import check_list, check_number, describe, is_vector, out_of_range, wrong_type

Values = npt.NDArray[np.float64]

MOST_AHEAD = 1000
"""Most rows that are predicted at once."""


class Forecast:
    """The layout of a predictor.

    At a step the network reads the row of the step, then of each of the `horizon` rows to come the covariates; it
    answers with the outputs of each of these rows.
    """

    outputs: list[int]
    """Places of the channels that are predicted."""
    covariates: list[int]
    """Places of the channels that are known ahead."""

    def __init__(self, call: str, coding: Numeric, outputs: Any, covariates: Any, horizon: Any) -> None:  # noqa: ANN401
        self.coding = coding
        self.horizon: int = check_number(call, "horizon", horizon, min=1, max=MOST_AHEAD, integer=True)
        self.covariates = [] if covariates is None else _channels(call, "covariates", coding, covariates)
        others = [channel for channel in range(coding.channels) if channel not in self.covariates]
        self.outputs = others if outputs is None else _channels(call, "outputs", coding, outputs)
        if not self.outputs:
            expected = "fewer channels than all: one is to be predicted"
            raise out_of_range(call, "covariates", expected, covariates)
        both = [channel for channel in self.outputs if channel in self.covariates]
        if both:
            expected = f"channels that are no covariates, as {describe(coding.name_of(both[0]))} is"
            raise out_of_range(call, "outputs", expected, outputs)

    @property
    def input_size(self) -> int:
        """Numbers of a step that the network reads."""
        return self.coding.size + self.horizon * len(self.covariates) * (2 if self.coding.masked else 1)

    @property
    def output_size(self) -> int:
        """Numbers that it answers with: those of the first row, then of the next."""
        return self.horizon * len(self.outputs)

    @property
    def unknown(self) -> list[int]:
        """Channels that are neither predicted nor known ahead."""
        return [each for each in range(self.coding.channels) if each not in self.outputs + self.covariates]

    def inputs(self, steps: Values, count: int) -> Values:
        """What the network reads at the first `count` steps; the covariates of all rows to come must be there."""
        if not self.covariates:
            return steps[:count]
        ahead = np.arange(count)[:, None] + np.arange(1, 1 + self.horizon)
        offsets = (0, self.coding.channels) if self.coding.masked else (0,)
        read = [
            steps[:, [offset + channel for channel in self.covariates]][ahead].reshape(count, -1) for offset in offsets
        ]
        return np.concatenate([steps[:count], *read], axis=1)

    def targets(self, steps: Values, count: int) -> tuple[Values, npt.NDArray[np.bool_]]:
        """What it is to answer at the first `count` steps, and at which of them no value is missing."""
        ahead = np.arange(count)[:, None] + np.arange(1, 1 + self.horizon)
        targets = steps[:, self.outputs][ahead].reshape(count, -1)
        if not self.coding.masked:
            return targets, np.ones(count, dtype=bool)
        there = steps[:, [self.coding.channels + channel for channel in self.outputs]][ahead].reshape(count, -1)
        return targets, (there != 0).all(axis=1)

    def output_of(self, call: str, channel: Any, ahead: Any) -> tuple[int, Scale | None]:  # noqa: ANN401
        """The output for a channel so many rows ahead, and what it is measured by."""
        place = 0
        if channel is not None:
            found = self.coding.channel_of(call, "channel", channel)
            if found not in self.outputs:
                raise out_of_range(call, "channel", "a channel that is predicted", channel)
            place = self.outputs.index(found)
        row = check_number(call, "ahead", ahead, min=1, max=self.horizon, integer=True)
        return (row - 1) * len(self.outputs) + place, self.coding.scale_of(self.outputs[place])

    def explained(self, steps: Values) -> list[ExplainedPart]:
        """The rows of a series and, where there are covariates, those to come, by what each number did."""
        size, count = self.coding.size, len(self.covariates)
        rows = np.zeros((len(steps) + (self.horizon if count else 0), size))
        rows[: len(steps)] = steps[:, :size]
        for at, step in enumerate(steps):
            for place, did in enumerate(step[size:].tolist()):
                # After the covariates of all rows comes what says that they are there.
                half, ahead = divmod(place // count, self.horizon)
                rows[at + 1 + ahead, self.covariates[place % count] + half * self.coding.channels] += did
        return self.coding.explained_rows(len(rows), rows)

    def last_values(self, rows: Values) -> Values:
        """The last value of each channel of rows, NaN for those that have had none."""
        there = [column[~np.isnan(column)] for column in rows.T]
        return np.array([column[-1] if len(column) else np.nan for column in there])

    def future(self, call: str, field: str, rows: Values, given: Any, count: int) -> Values:  # noqa: ANN401
        """The `count` rows that follow those of a series, of which a user gives the covariates; none where the model
        has none. What else such a row has is told from the last values, and not looked at."""
        if not self.covariates:
            if given is not None:
                raise out_of_range(call, field, "left out: the model has none", given)
            return np.empty((0, self.coding.channels))
        entries = check_list(call, field, given)
        if len(entries) != count:
            raise ValueError(f"{call}: {field} has {len(entries)} rows, expected {count}")
        made = np.tile(self.last_values(rows), (count, 1))
        for ahead, entry in enumerate(entries):
            for place, channel in enumerate(self.covariates):
                where, value = self._covariate(call, f"{field}[{ahead}]", entry, place, channel)
                made[ahead, channel] = self.coding.value(call, where, value)
        return made

    def _covariate(self, call: str, field: str, row: Any, place: int, channel: int) -> tuple[str, Any]:  # noqa: ANN401
        """The field of a covariate in a row of these, and its value."""
        count = len(self.covariates)
        if is_vector(row):
            if len(row) == count:
                return f"{field}[{place}]", row[place]
            raise ValueError(f"{call}: {field} has {len(row)} values, the model has {count} covariates")
        if isinstance(row, Mapping):
            name = self.coding.name_of(channel)
            return f"{field}.{name}", row.get(name)
        if count == 1:
            return field, row
        raise wrong_type(call, field, f"a list of {count} numbers, or a dict of them", row)

    def decode(self, answer: Values, last_values: Values) -> Values:
        """An answer as rows of outputs in their units, after these last values of all channels: (horizon, outputs)."""
        rows = np.empty((self.horizon, len(self.outputs)))
        before = last_values[self.outputs]
        for ahead, numbers in enumerate(answer.reshape(self.horizon, -1)):
            for place, channel in enumerate(self.outputs):
                rows[ahead, place] = self.coding.decode(channel, float(numbers[place]), float(before[place]))
            before = rows[ahead]
        return rows

    def check_start(self, call: str, field: str, last_values: Values) -> None:
        """Refuses a series without a value that the changes of an output can start from."""
        for channel in self.outputs:
            if self.coding.differences[channel] is not False and np.isnan(last_values[channel]):
                name = describe(self.coding.name_of(channel))
                raise ValueError(
                    f"{call}: {field} has no value of channel {name}, expected one that changes can start from"
                )

    def following(self, answer: Values, covariates: Values | None) -> Values:
        """The row that follows as a step: the first row of an answer, with covariates as they stand in another step."""
        # Of a predicted row every value is there.
        step = np.ones(self.coding.size) if covariates is None else covariates.copy()
        step[self.outputs] = answer[: len(self.outputs)]
        if self.coding.masked:
            step[[self.coding.channels + channel for channel in self.outputs]] = 1
        return step


def _channels(call: str, field: str, coding: Numeric, given: Sequence[Any]) -> list[int]:
    """The places of channels that a parameter names."""
    found: list[int] = []
    for index, entry in enumerate(check_list(call, field, given)):
        channel = coding.channel_of(call, f"{field}[{index}]", entry)
        if channel in found:
            raise out_of_range(call, f"{field}[{index}]", "a channel that has not come before", entry)
        found.append(channel)
    return found
