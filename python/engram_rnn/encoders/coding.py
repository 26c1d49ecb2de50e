"""What an encoder does, whatever its kind: how inputs become steps, and what that takes from a training set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..training.flat_set import Inputs

Steps = npt.NDArray[np.float64]
"""The steps of an input: (steps, size)."""

MOST = 65_536
"""Most values of a step, and of what is learnt for a symbol."""

MOST_SYMBOLS = 1_000_000
"""Most symbols that an encoder knows."""


class NamedInput(NamedTuple):
    """An input, and the field of a call that it stands in."""

    field: str
    input: Any


@dataclass(frozen=True)
class ExplainedPart:
    """A piece of an input, and what it did to an answer."""

    part: str
    """The piece in the input's own words; of a series the number of the row, from 1."""
    attribution: float
    """How much it moved the answer, in the units of that."""
    channels: list[float] | None = None
    """Of a series: the same by channel; of channels with gaps, that a value is there counts for it."""


class Coding(ABC):
    """One kind of encoder. Inputs come from users, so every method checks them."""

    embedding: int = 0
    """Length of the vector that a model learns for every symbol; 0 where steps go in as they are."""

    learnt: Any = None
    """What was taken from a training set, never changed in place; None before, and where there is nothing to take."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Values per step. 0 while that depends on a training set that was not seen yet."""

    @abstractmethod
    def study(self, call: str, inputs: Sequence[NamedInput]) -> None:
        """Takes from the training set what has to be known of it. What is refused changes nothing."""

    def extended(self, call: str, inputs: Sequence[NamedInput], renew: bool) -> Coding:
        """An encoding that knows what inputs have beside, behind what it knows; `renew` measures series anew."""
        return self

    @abstractmethod
    def steps(self, call: str, field: str, input: object) -> Steps:
        """Steps of an input: (steps, size). None for an empty input."""

    def codes(self, call: str, field: str, input: object) -> Inputs:
        """The steps of an input as a set holds them: a symbol or a byte for each where that says all, else rows."""
        return self.steps(call, field, input)

    def alone(self, step: Any) -> Any:  # noqa: ANN401
        """The input that a step, or a piece of a text, is alone."""
        return step

    @abstractmethod
    def parts(self, call: str, field: str, input: object) -> list[str]:
        """What each step of an input stands for, in the input's own words: as many texts as steps."""

    def steps_of_character(self, character: str) -> int:
        """Steps of a piece that :meth:`parts` names, which several may have."""
        return 1

    def explained(self, call: str, field: str, input: object, steps: Steps) -> list[ExplainedPart]:
        """The pieces of an input, by what each number of its steps did: (steps, numbers)."""
        texts = self.parts(call, field, input)
        did = [in_order(step) for step in steps]
        parts, at = [], 0
        while at < len(texts):
            end = at + self.steps_of_character(texts[at])
            parts.append(ExplainedPart(texts[at], in_order(did[at:end])))
            at = end
        return parts

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""


def in_order(values: Iterable[float]) -> float:
    """The sum from the first value to the last, as in JavaScript; NumPy adds in pairs."""
    total = 0.0
    for value in values:
        total += float(value)
    return total


def not_fitted(call: str, what: str) -> TypeError:
    """The error of an encoding that has not learnt yet what it needs."""
    return TypeError(f"{call}: the encoder has {what} yet; fit it first")
