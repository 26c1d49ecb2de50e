"""The second format of model files: neurons in runs of the same kind, blocks of weights as the text of their bytes."""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _engine
from .errors import check_choice, check_list, check_number, is_vector, out_of_range, wrong_type

_CALL = "Network.from_json"
MOST_NEURONS = 2**20
"""Most neurons of a file, in either format."""
MOST_CONNECTIONS = 2**25
"""Most connections of a file, in either format."""


def _numbers(field: str, value: Any, count: int) -> npt.NDArray[np.float64]:  # noqa: ANN401
    """Numbers of a file, of which there have to be `count`: base64 of their bytes, or a list."""
    if isinstance(value, str):
        try:
            octets = base64.b64decode(value, validate=True)
        except (ValueError, binascii.Error):
            raise out_of_range(_CALL, field, "base64 of doubles", value) from None
        if len(octets) != 8 * count:
            raise ValueError(f"{_CALL}: {field} has {len(octets)} bytes, {count} numbers have {8 * count}")
        numbers = np.frombuffer(octets, dtype="<f8").astype(np.float64)
        if not np.isfinite(numbers).all():
            raise out_of_range(_CALL, field, "finite numbers", value)
        return numbers
    if not is_vector(value):
        raise wrong_type(_CALL, field, "base64 of doubles, or a list of numbers", value)
    if len(value) != count:
        raise ValueError(f"{_CALL}: {field} has {len(value)} numbers, expected {count}")
    return np.array([check_number(_CALL, f"{field}[{index}]", number) for index, number in enumerate(value)])


def _entries(field: str, value: Any) -> list[Any]:  # noqa: ANN401
    """A list that may be empty."""
    if not isinstance(value, list):
        raise wrong_type(_CALL, field, "a list", value)
    return value


def neurons_of(runs: object) -> list[dict[str, Any]]:
    """The neurons of a file's runs, each as in the first format."""
    neurons: list[dict[str, Any]] = []
    for index, run in enumerate(check_list(_CALL, "json.neurons", runs)):
        field = f"json.neurons[{index}]"
        if not isinstance(run, Mapping):
            raise wrong_type(_CALL, field, "a dict", run)
        count = check_number(_CALL, f"{field}.count", run.get("count"), min=1, max=MOST_NEURONS, integer=True)
        if len(neurons) + count > MOST_NEURONS:
            raise ValueError(f"{_CALL}: json.neurons has more than {MOST_NEURONS} neurons")
        biases = _numbers(f"{field}.biases", run.get("biases"), count)
        context = run.get("context")
        states = np.zeros(3 * count) if context is None else _numbers(f"{field}.context", context, 3 * count)
        kind = {name: run[name] for name in ("layer", "squash", "fixed", "reversed", "pooling", "score") if name in run}
        steps = _entries(f"{field}.past", run.get("past", []))
        if len(steps) > _engine.MAX_DELAY:
            raise ValueError(f"{_CALL}: {field}.past has {len(steps)} entries, at most {_engine.MAX_DELAY} are allowed")
        pasts = [_numbers(f"{field}.past[{step}]", values, count).tolist() for step, values in enumerate(steps)]
        for place, (bias, context) in enumerate(zip(biases.tolist(), states.reshape(-1, 3).tolist(), strict=True)):
            state, old, activation = context
            past = {"past": [values[place] for values in pasts]} if pasts else {}
            neurons.append({**kind, "bias": bias, "state": state, "old": old, "activation": activation, **past})
    return neurons


def check_delay(field: str, value: object) -> int:
    """Checks the delay of a connection in a file."""
    most = _engine.MAX_DELAY
    return int(check_number(_CALL, field, value, min=-most, max=most, integer=True))


def connections_of(blocks: object, neurons: int) -> list[dict[str, Any]]:
    """The connections of a file's blocks, each as in the first format, source by source."""
    if not isinstance(blocks, list):
        raise wrong_type(_CALL, "json.blocks", "a list", blocks)
    connections: list[dict[str, Any]] = []
    for index, block in enumerate(blocks):
        field = f"json.blocks[{index}]"
        if not isinstance(block, Mapping):
            raise wrong_type(_CALL, field, "a dict", block)
        (source, columns), (target, rows) = (
            _range(f"{field}.{name}", block.get(name), neurons) for name in ("from", "to")
        )
        listed = _entries(f"{field}.delays", block.get("delays", []))
        delays = [check_delay(f"{field}.delays[{tap}]", delay) for tap, delay in enumerate(listed)]
        if len(set(delays)) < len(delays):
            raise out_of_range(_CALL, f"{field}.delays", "each delay once", listed)
        # A delay may join a layer to itself.
        overlap = source < target + rows and target < source + columns
        if overlap and (not delays or 0 in delays):
            raise out_of_range(_CALL, f"{field}.to", "other neurons than those of from", block.get("to"))
        taps = delays or [0]
        if len(connections) + rows * columns * len(taps) > MOST_CONNECTIONS:
            raise ValueError(f"{_CALL}: json.blocks has more than {MOST_CONNECTIONS} connections")
        count = rows * columns * len(taps)
        weights = _numbers(f"{field}.weights", block.get("weights"), count).reshape(rows, len(taps), columns).tolist()
        gater, by_source = _gater(field, block.get("gated"), columns, rows, neurons)
        for tap, column, row in itertools.product(range(len(taps)), range(columns), range(rows)):
            gated = None if gater is None else gater + (column if by_source else row)
            connections.append(
                {
                    "from": source + column,
                    "to": target + row,
                    "weight": weights[row][tap][column],
                    "gater": gated,
                    "fixed": block.get("fixed") is True,
                    "delay": taps[tap],
                }
            )
    return connections


def _range(field: str, given: object, neurons: int) -> tuple[int, int]:
    """The first of consecutive neurons, and how many they are."""
    if not isinstance(given, list) or len(given) != 2:
        raise wrong_type(_CALL, field, "a list of a position and a count", given)
    first = check_number(_CALL, f"{field}[0]", given[0], min=0, max=neurons - 1, integer=True)
    return first, check_number(_CALL, f"{field}[1]", given[1], min=1, max=neurons - first, integer=True)


def _gater(field: str, gated: object, columns: int, rows: int, neurons: int) -> tuple[int | None, bool]:
    """The first neuron that gates a block, if any does, and whether there is one per source."""
    if gated is None:
        return None, False
    if not isinstance(gated, Mapping):
        raise wrong_type(_CALL, f"{field}.gated", "a dict", gated)
    by_source = check_choice(_CALL, f"{field}.gated.by", gated.get("by"), ("target", "source")) == "source"
    most = neurons - (columns if by_source else rows)
    return check_number(_CALL, f"{field}.gated.first", gated.get("first"), min=0, max=most, integer=True), by_source
