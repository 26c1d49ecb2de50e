"""Why a model answers what it answers: how much each piece of an input moved one of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..encoders import Encoder
from ..encoders.coding import ExplainedPart
from ..encoders.scale import Scale, restore
from ..errors import check_choice, check_number, named, out_of_range
from ..network import Network
from ..training.flat_set import Inputs, Values, flat_set


@dataclass(frozen=True)
class Explanation:
    """Why a model answers what it answers."""

    answer: float
    """What was explained: a probability, or a number in the units of the targets or of the series."""
    baseline: float
    """The same for the baseline."""
    parts: list[ExplainedPart]
    """The pieces of the input in their order, each with what it did, in units of the answer; above 0 it raised it."""
    label: Any = field(default=None, kw_only=True)
    """Of models that choose among labels: the one whose probability was explained."""


@dataclass(frozen=True)
class Question:
    """How an answer is explained, as :meth:`SequenceClassifier.explain` is asked."""

    call: str
    method: str
    steps: int
    baseline: Any

    def intervals(self) -> int:
        """Intervals of the way, 0 for the gradient."""
        steps: int = check_number(self.call, "steps", self.steps, min=1, max=1000, integer=True)
        method = check_choice(self.call, "method", self.method, ("integrated", "gradient"))
        return 0 if method == "gradient" else steps


@dataclass(frozen=True)
class Attribution:
    """What each number of an input did to one output, and that output for input and baseline."""

    steps: Values
    """(steps, numbers)."""
    answer: float
    baseline: float

    def in_units(self, scale: Scale | None) -> Attribution:
        """The same in the units of what a scale measures."""
        if scale is None:
            return self
        answer, baseline = restore(np.array([self.answer, self.baseline]), scale).tolist()
        return Attribution(self.steps * scale.deviation, answer, baseline)

    def explanation(self, call: str, encoder: Encoder, input: object, label: object = None) -> Explanation:
        """The attribution by the pieces of an input."""
        parts = encoder.coding.explained(call, "input", input, self.steps)
        return Explanation(self.answer, self.baseline, parts, label=label)


def place_of(call: str, at: int | None, steps: int) -> int:
    """Checks the index of a step; the last for None."""
    return steps - 1 if at is None else int(check_number(call, "at", at, min=0, max=steps - 1, integer=True))


def attribution_of(
    question: Question, network: Network, input: Inputs, output: int, at: int, read: Callable[[str, Any], Inputs]
) -> Attribution:
    """What each number of an input did to an output at a step; `read` makes steps of the baseline."""
    call = question.call
    intervals = question.intervals()
    target = np.zeros((1, network.outputs))
    target[0, output] = 1
    samples = [(input, target, [at])]
    if question.baseline is not None:
        baseline = read("baseline", question.baseline)
        if len(baseline) != len(input):
            expected = f"as many steps as the input has ({len(input)})"
            raise out_of_range(call, "baseline", expected, len(baseline))
        samples.append((baseline, target, [at]))
    flat = flat_set(samples, network.inputs, network.outputs)
    with named(call):
        of_inputs, answer, before = network.core.attribute(flat.stored(), intervals)
    if not np.isfinite([*of_inputs, answer, before]).all():
        because = "weights or inputs are too large to compute with, or the training diverged"
        raise ValueError(f"{call}: what a step did is not a finite number: {because}")
    return Attribution(of_inputs.reshape(len(input), -1), answer, before)
