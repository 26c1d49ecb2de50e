"""Samples in the flat arrays that the engine reads, checked on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _engine
from ..errors import check_number, is_vector, wrong_type

Values = npt.NDArray[np.float64]
Sequences = Sequence[tuple[Values, Values, Sequence[int]]]
"""Samples that have been checked: steps (steps, inputs), targets (targets, outputs), and at which steps these are."""


@dataclass(frozen=True)
class FlatSet:
    """A data set in flat arrays."""

    input_size: int
    output_size: int
    inputs: Values
    """(steps, input_size)"""
    targets: Values
    """(targets, output_size)"""
    target_of_step: npt.NDArray[np.uint32]
    """Index of the target of every step, or NO_TARGET."""
    lengths: npt.NDArray[np.uint32]
    """Steps of every sample."""
    are_sequences: bool = True
    """Whether any sample is a list of steps."""

    def stored(self) -> _engine.DataSet:
        """The set in the engine."""
        flat = self.inputs.reshape(-1), self.targets.reshape(-1)
        return _engine.DataSet(self.input_size, self.output_size, *flat, self.target_of_step, self.lengths)

    def __len__(self) -> int:
        return len(self.lengths)


def flat_set(samples: Sequences, input_size: int, output_size: int, *, are_sequences: bool = True) -> FlatSet:
    """Samples one after the other."""
    lengths = np.array([len(steps) for steps, _, _ in samples], dtype=np.uint32)
    target_of_step = np.full(int(lengths.sum()), _engine.NO_TARGET, dtype=np.uint32)
    first = row = 0
    for steps, _, at in samples:
        places = first + np.asarray(at, dtype=np.int64)
        target_of_step[places] = np.arange(row, row + len(places))
        row += len(places)
        first += len(steps)
    inputs = np.concatenate([steps for steps, _, _ in samples])
    targets = np.concatenate([targets for _, targets, _ in samples])
    return FlatSet(input_size, output_size, inputs, targets, target_of_step, lengths, are_sequences)


def vectors(call: str, field: str, rows: Any, size: int, who: str = "the network takes") -> Values:  # noqa: ANN401
    """Checks a list of vectors of finite numbers, (rows, size), at least one."""
    if isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.dtype.kind in "biuf" and len(rows) > 0:
        whole: Values = rows.astype(np.float64)
        if whole.shape[1] == size and np.isfinite(whole).all():
            return whole
    if not is_vector(rows):
        raise wrong_type(call, field, "a list of input vectors", rows)
    if len(rows) == 0:
        raise ValueError(f"{call}: {field} is empty, expected at least one step")
    return np.array([vector(call, f"{field}[{index}]", row, size, who) for index, row in enumerate(rows)])


def vector(call: str, field: str, row: Any, size: int, who: str) -> list[float]:  # noqa: ANN401
    """Checks a vector of finite numbers."""
    if not is_vector(row):
        raise wrong_type(call, field, f"a list of {size} numbers", row)
    if len(row) != size:
        raise ValueError(f"{call}: {field} has {len(row)} values, {who} {size}")
    return [
        float(value) if isinstance(value, (bool, np.bool_)) else check_number(call, f"{field}[{index}]", value)
        for index, value in enumerate(row)
    ]


def flatten(
    call: str, fields: tuple[str, str], inputs: object, outputs: object, input_size: int, output_size: int
) -> FlatSet:
    """Checks and flattens samples as users write them: inputs and targets under the names of their fields."""
    listed = []
    for field, values in zip(fields, (inputs, outputs), strict=True):
        if not is_vector(values):
            raise wrong_type(call, field, "a list with one entry per sample", values)
        listed.append(list(values))  # type: ignore[call-overload]
    if len(listed[0]) != len(listed[1]):
        raise ValueError(
            f"{call}: {fields[0]} has {len(listed[0])} samples, {fields[1]} {len(listed[1])}, expected as many"
        )
    if not listed[0]:
        raise ValueError(f"{call}: {fields[0]} is empty, expected at least one sample")
    samples, are_sequences = [], False
    for index, (input, output) in enumerate(zip(*listed, strict=True)):
        name, goal = f"{fields[0]}[{index}]", f"{fields[1]}[{index}]"
        is_sequence = is_vector(input) and len(input) > 0 and is_vector(input[0])
        are_sequences |= is_sequence
        steps = vectors(call, name, input if is_sequence else [input], input_size)
        if is_sequence and is_vector(output) and any(entry is None or is_vector(entry) for entry in output):
            if len(output) != len(steps):
                raise ValueError(f"{call}: {goal} has {len(output)} steps, its input {len(steps)}")
            at = [step for step, entry in enumerate(output) if entry is not None]
            rows = [vector(call, f"{goal}[{step}]", output[step], output_size, "the network gives") for step in at]
        else:
            at = [len(steps) - 1]
            rows = [vector(call, goal, output, output_size, "the network gives")]
        samples.append((steps, np.array(rows, dtype=np.float64).reshape(-1, output_size), at))
    flat = flat_set(samples, input_size, output_size, are_sequences=are_sequences)
    if len(flat.targets) == 0:
        raise ValueError(f"{call}: {fields[1]} has no target, expected at least one")
    return flat
