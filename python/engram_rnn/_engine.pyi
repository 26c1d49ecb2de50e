"""The engine, in Rust: see python/src. Private to the package, which checks what users give."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__version__: str
SHARD: int
NO_TARGET: int
OPTIONS: dict[str, dict[str, Any]]
SQUASHES: list[str]
READOUTS: list[str]
MAX_DELAY: int
COSTS: list[str]

_Floats = npt.NDArray[np.float64]

class Host(Protocol):
    def started(self) -> None: ...
    def rate(self, iteration: int, last_error: float) -> float: ...
    def cost(self, outputs: _Floats, steps: npt.NDArray[np.uint32]) -> float: ...
    def schedule(self, iteration: int, error: float, rate: float) -> bool: ...
    def progress(self, report: dict[str, Any]) -> bool: ...
    def checkpoint(self, checkpoint: bytes) -> None: ...
    def parts(self, batch: bytes, missing: list[int], steps: list[int]) -> Iterator[bytes]: ...

class Pattern:
    def __init__(self, source: str) -> None: ...
    def find_all(self, text: str) -> list[str]: ...
    def split(self, text: str) -> list[str]: ...

class DataSet:
    def __init__(
        self,
        input_size: int,
        output_size: int,
        inputs: _Floats | npt.NDArray[np.uint32] | npt.NDArray[np.uint8],
        targets: _Floats | None,
        are_classes: bool,
        target_of_step: npt.NDArray[np.uint32],
        lengths: npt.NDArray[np.uint32],
        weights: _Floats | None,
    ) -> None: ...
    def __len__(self) -> int: ...
    @property
    def steps(self) -> int: ...

class Executor:
    def __init__(
        self,
        program: npt.NDArray[np.uint64],
        set: DataSet,
        held_out: DataSet | None,
        precision: str,
        threads: int,
    ) -> None: ...
    def compute(self, batch: bytes, start: int, end: int) -> bytes: ...

class Stream:
    def __init__(self, network: Network) -> None: ...
    def push(
        self, network: Network, step: _Floats | npt.NDArray[np.uint32] | npt.NDArray[np.uint8], stays: bool
    ) -> _Floats: ...
    def reset(self) -> None: ...
    def copy(self) -> Stream: ...

class Network:
    @staticmethod
    def perceptron(sizes: list[int], output: str, initializer: str, seed: int) -> Network: ...
    @staticmethod
    def lstm(
        sizes: list[int],
        *,
        variant: str,
        output: str,
        bidirectional: bool,
        embedding: int,
        peepholes: str | None,
        hidden_to_hidden: bool,
        output_to_hidden: bool,
        output_to_gates: bool,
        input_to_output: bool,
        readout: str | None,
        convolution: list[int],
        initializer: str,
        seed: int,
    ) -> Network: ...
    @staticmethod
    def from_parts(
        sizes: list[int],
        names: list[str],
        order: npt.NDArray[np.uint32],
        neurons: _Floats,
        sources: npt.NDArray[np.uint32],
        targets: npt.NDArray[np.uint32],
        weights: _Floats,
        gaters: npt.NDArray[np.int64],
        fixed: npt.NDArray[np.bool_],
        delays: npt.NDArray[np.int32],
        pasts: _Floats,
    ) -> Network: ...
    def parts(
        self,
    ) -> tuple[
        _Floats,
        npt.NDArray[np.uint32],
        npt.NDArray[np.uint32],
        _Floats,
        npt.NDArray[np.int64],
        npt.NDArray[np.bool_],
        npt.NDArray[np.int32],
        _Floats,
    ]: ...
    @property
    def sizes(self) -> list[int]: ...
    @property
    def names(self) -> list[str]: ...
    def attribute(self, set: DataSet, intervals: int) -> tuple[_Floats, float, float]: ...
    def layers(self) -> list[tuple[str, int, str | None]]: ...
    def blocks(self) -> list[tuple[str, str, list[int]]]: ...
    @property
    def output_squashes(self) -> list[str]: ...
    @property
    def is_bidirectional(self) -> bool: ...
    @property
    def has_readout(self) -> bool: ...
    @property
    def weight_count(self) -> int: ...
    def program(self) -> npt.NDArray[np.uint64]: ...
    @property
    def in_run(self) -> bool: ...
    def inherit(self, old: Network, slots: int, more: int, end: bool) -> None: ...
    def copy(self) -> Network: ...
    def take(self, other: Network) -> None: ...
    def parameters(self) -> _Floats: ...
    def activate(self, input: _Floats) -> _Floats: ...
    def reset_context(self) -> None: ...
    def run_sequences(self, set: DataSet) -> _Floats: ...
    def test(self, set: DataSet, cost: str | None, sequences: bool, double: bool) -> tuple[float, float | None]: ...
    def train(
        self,
        set: DataSet,
        held_out: DataSet | None,
        options: Mapping[str, Any],
        threads: int,
        host: Host,
        resume: bytes | None,
        *,
        hands_out: bool,
        held: list[int],
    ) -> dict[str, Any]: ...
