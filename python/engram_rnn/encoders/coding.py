"""What an encoder does, whatever its kind: how inputs become steps, and what that takes from a training set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..training.flat_set import Inputs

Steps = npt.NDArray[np.float64]
"""The steps of an input: (steps, size)."""

MOST = 65_536
"""Most values, or symbols, of a step."""


class NamedInput(NamedTuple):
    """An input, and the field of a call that it stands in."""

    field: str
    input: Any


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

    @abstractmethod
    def steps(self, call: str, field: str, input: object) -> Steps:
        """Steps of an input: (steps, size). None for an empty input."""

    def codes(self, call: str, field: str, input: object) -> Inputs:
        """The steps of an input as a set holds them: a symbol or a byte for each where that says all, else rows."""
        return self.steps(call, field, input)

    @abstractmethod
    def parts(self, call: str, field: str, input: object) -> list[str]:
        """What each step of an input stands for, in the input's own words: as many texts as steps."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""


def not_fitted(call: str, what: str) -> TypeError:
    """The error of an encoding that has not learnt yet what it needs."""
    return TypeError(f"{call}: the encoder has {what} yet; fit it first")
