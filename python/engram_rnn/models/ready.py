"""Samples and settings that have been checked, and a run that has not begun."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..encoders import Encoder
from ..errors import named
from ..network import Network
from ..topology import Topology
from ..training.executors import Executors
from ..training.flat_set import Goals, Inputs, check_weights
from ..training.plan import RunPlan
from ..training.report import TrainingProgress

_Model = TypeVar("_Model")
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")

SWAP = Lock()
"""Held where a model gets what a fit has made, and where that is looked at."""


def of_one_fit(
    method: Callable[Concatenate[_Model, _Given], _Answer],
) -> Callable[Concatenate[_Model, _Given], _Answer]:
    """A method that answers by one fit from its begin to its end, whatever another thread fits meanwhile.

    It works on a copy, whose network is the model's: of a fit that goes on with it, it sees the newest weights.
    """

    @wraps(method)
    def answer(self: _Model, /, *given: _Given.args, **named: _Given.kwargs) -> _Answer:
        still = object.__new__(type(self))
        with SWAP:
            still.__dict__.update(self.__dict__)
        return method(still, *given, **named)

    return answer


@dataclass(frozen=True)
class Checked:
    """A sample that has been checked: an input, what is to be learnt of it, and the input's field."""

    input: Any
    answer: Any
    field: str
    weight: float = 1.0
    """How much it counts in training."""


def weighed(call: str, samples: Sequence[Checked], sample_weight: Any) -> Sequence[Checked]:  # noqa: ANN401
    """Samples with what each counts; without those that count nothing."""
    weights = check_weights(call, sample_weight, len(samples))
    return [replace(sample, weight=weight) for sample, weight in zip(samples, weights, strict=True) if weight > 0]


@dataclass(frozen=True)
class Parts:
    """What is trained on, and what is held out to judge by."""

    trained: Sequence[Checked]
    held_out: Sequence[Checked]


@dataclass(frozen=True)
class Settings(Topology):
    """What the parameters say of encoder and network, checked."""

    encoder: Encoder
    dropout: float
    initializer: str | None
    seed: int

    def network(self, call: str, inputs: int, outputs: int, output: str) -> Network:
        """A network that has learnt nothing yet, whose outputs are `'softmax'` or of another kind."""
        make = Network.gru if self.variant == "gru" else partial(Network.lstm, variant=self.variant)
        with named(call):
            return make(
                inputs,
                *self.hidden,
                outputs,
                output=output,
                bidirectional=self.bidirectional,
                embedding=self.encoder.embedding if self.variant != "synaptic" else 0,
                readout=self.readout,
                convolution=self.convolution,
                initializer=self.initializer,
                seed=self.seed,
            )


@dataclass(frozen=True)
class Callbacks:
    """What `fit` is given beside samples."""

    resume: bytes | None
    on_progress: Callable[[TrainingProgress], object] | None
    on_checkpoint: Callable[[bytes], object] | None
    executors: Executors | None


@dataclass(frozen=True)
class Prepared:
    """A run of a model that has not begun: nothing of it is in the model yet."""

    network: Network
    plan: RunPlan
    take: Callable[[], None]
    """Gives the model what the run is of: called once nothing is refused any more."""
    remarks: Sequence[str]
    """What else there is to say of the run, as advice."""
    weighted: bool
    """Whether the targets are distributions times a weight."""


Encoded = tuple[Inputs, Goals, Sequence[int]]
"""Steps of a sample, its targets, and at which steps these are."""
