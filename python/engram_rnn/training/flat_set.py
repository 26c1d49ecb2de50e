"""Samples in the flat arrays that the engine reads, checked on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .. import _engine
from ..errors import check_list, check_number, is_vector, out_of_range, wrong_type

Values = npt.NDArray[np.float64]
Inputs = Values | npt.NDArray[np.uint32] | npt.NDArray[np.uint8]
TargetsAre = Literal["rows", "classes", "lists"]
"""What the targets of a set are: rows of a number per output; classes, each of which is 1 on an output of its own; or
lists of symbols that samples say, nobody knows when (connectionist temporal classification, Graves et al. 2006)."""
Goals = Values | npt.NDArray[np.uint32]
"""Targets of a sample: rows (targets, outputs), or classes, or symbols, (targets)."""
Sequences = Sequence[tuple[Inputs, Goals, Sequence[int]]]
"""Samples that have been checked: steps as a set holds them, targets, and at which steps these are (of a list the first
ones)."""


@dataclass(frozen=True)
class FlatSet:
    """A data set in flat arrays."""

    input_size: int
    output_size: int
    inputs: Inputs
    """(steps, input_size) numbers; or (steps) symbols, each of which stands for a row that is 1 at this place and 0
    elsewhere; or (steps) bytes, whose lowest bits are the values of a step, the highest first, as -1 and 1."""
    targets: Values
    """(targets, output_size). For classes (output_size, 2): what a target has on its own output, and on all others. For
    lists (0, output_size)."""
    target_of_step: npt.NDArray[np.uint32]
    """Index of the target of every step, or NO_TARGET. A list has its symbols here, where the first steps are."""
    lengths: npt.NDArray[np.uint32]
    """Steps of every sample."""
    are_sequences: bool = True
    """Whether any sample is a list of steps."""
    targets_are: TargetsAre = "rows"
    """What the targets are."""
    weights: Values | None = None
    """How much every sample counts; None where each counts 1."""

    def stored(self) -> _engine.DataSet:
        """The set in the engine."""
        inputs, targets = self.inputs.reshape(-1), None if self.targets_are == "lists" else self.targets.reshape(-1)
        sizes, steps = (self.input_size, self.output_size), (self.target_of_step, self.lengths)
        return _engine.DataSet(*sizes, inputs, targets, self.targets_are == "classes", *steps, self.weights)

    def target_at(self, step: int) -> Values:
        """The values of the target of a step that has one, (output_size); not of lists."""
        target = int(self.target_of_step[step])
        if self.targets_are == "rows":
            row: Values = self.targets[target]
            return row
        own, other = self.targets[target]
        row = np.full(self.output_size, other)
        row[target] = own
        return row

    def step_weights(self) -> Values:
        """How much the sample of each step counts, (steps)."""
        weights = np.ones(len(self.lengths)) if self.weights is None else self.weights
        return np.repeat(weights, self.lengths)

    def __len__(self) -> int:
        return len(self.lengths)


def check_weights(call: str, given: Any, count: int) -> list[float]:  # noqa: ANN401
    """Checks what so many samples count, some of them more than nothing; None for 1 each."""
    if given is None:
        return [1.0] * count
    weights = check_list(call, "sample_weight", given)
    if len(weights) != count:
        raise out_of_range(call, "sample_weight", f"one number for each of {count} samples", given)
    checked = [check_number(call, f"sample_weight[{index}]", weight, min=0) for index, weight in enumerate(weights)]
    if not any(checked):
        raise out_of_range(call, "sample_weight", "a number above 0 at least", given)
    return checked


def flat_set(
    samples: Sequences,
    input_size: int,
    output_size: int,
    weights: Sequence[float] = (),
    *,
    are_sequences: bool = True,
    targets_are: TargetsAre = "rows",
) -> FlatSet:
    """Samples one after the other, all in the same form, and what each counts, if not alike."""
    lengths = np.array([len(steps) for steps, _, _ in samples], dtype=np.uint32)
    target_of_step = np.full(int(lengths.sum()), _engine.NO_TARGET, dtype=np.uint32)
    first = row = 0
    for steps, goals, at in samples:
        places = first + np.asarray(at, dtype=np.int64)
        target_of_step[places] = np.arange(row, row + len(places)) if targets_are == "rows" else goals
        row += len(places)
        first += len(steps)
    inputs: Inputs = np.concatenate([steps for steps, _, _ in samples])
    targets: Values = np.empty((0, output_size))
    if targets_are == "classes":
        targets = np.tile([1.0, 0.0], (output_size, 1))
    elif targets_are == "rows":
        targets = np.concatenate([goals for _, goals, _ in samples])
    given = None if all(weight == 1 for weight in weights) else np.array(weights)
    sizes = (input_size, output_size)
    return FlatSet(*sizes, inputs, targets, target_of_step, lengths, are_sequences, targets_are, given)


def unmasked(values: Any) -> Any:  # noqa: ANN401
    """Values without NumPy's masks, under which numbers lie that nobody is to see: None in their place."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    seen = np.array(values.data, dtype=object)
    seen[np.ma.getmaskarray(values)] = None
    return seen


def vectors(call: str, field: str, rows: Any, size: int, who: str = "the network takes") -> Values:  # noqa: ANN401
    """Checks a list of vectors of finite numbers, (rows, size), at least one."""
    rows = unmasked(rows)
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
    call: str,
    fields: tuple[str, str],
    inputs: object,
    outputs: object,
    input_size: int,
    output_size: int,
    sample_weight: object = None,
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
    weights = check_weights(call, sample_weight, len(samples))
    counted = [sample for sample, weight in zip(samples, weights, strict=True) if weight > 0]
    positive = [weight for weight in weights if weight > 0]
    flat = flat_set(counted, input_size, output_size, positive, are_sequences=are_sequences)
    if len(flat.targets) == 0:
        raise ValueError(f"{call}: {fields[1]} has no target, expected at least one")
    return flat
