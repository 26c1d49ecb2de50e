"""Series read row by row: the steps of a stream, to the bit those of the whole series so far."""

from __future__ import annotations

import copy
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from .changes import change_of
from .coding import Steps
from .scale import Values

if TYPE_CHECKING:
    from .numeric import Numeric


class RowReader:
    """Reads the rows of a series, and says what step ends with the last of them."""

    last_values: Values
    """The last value of each channel that was there; NaN before."""

    def __init__(self, coding: Numeric) -> None:
        self._coding = coding
        self.last_values = np.full(coding.channels, np.nan)
        # The last rows, as the network reads them, NaN for gaps.
        self._rows: deque[Values] = deque(maxlen=coding.window)
        self._count = 0

    def take(self, call: str, field: str, values: Values) -> None:
        """Takes a row, NaN for gaps: (channels). ValueError for values that have no change; then it was not taken."""
        coding = self._coding
        changes = [
            change_of(call, field if coding.channels == 1 else f"{field}[{channel}]", kind, before, value)
            for channel, (kind, before, value) in enumerate(
                zip(coding.differences, self.last_values.tolist(), values.tolist(), strict=True)
            )
        ]
        self._rows.append(coding.scaled(np.array([changes]))[0])
        self.last_values = np.where(np.isnan(values), self.last_values, values)
        self._count += 1

    @property
    def stays(self) -> bool:
        """Whether the step that ends with the last row is also one of the series as it goes on."""
        first = self._count - self._coding.window
        return first >= 0 and first % self._coding.stride == 0

    def step(self) -> Values:
        """The step that ends with the last row; before a whole window, copies of the first row are in front."""
        missing = self._coding.window - len(self._rows)
        rows: Steps = np.array([self._rows[0]] * missing + list(self._rows))
        gaps = np.isnan(rows)
        values = np.where(gaps, 0.0, rows).ravel()
        return np.concatenate([values, ~gaps.ravel()]) if self._coding.masked else values

    def copy(self) -> RowReader:
        """A reader that goes on from here on its own."""
        other = copy.copy(self)
        other._rows = self._rows.copy()
        return other
