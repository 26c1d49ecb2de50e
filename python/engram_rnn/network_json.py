"""The layers of a network as model JSON and back, checked field by field on the way in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from . import _engine
from .dense_json import MOST_CONNECTIONS, MOST_NEURONS, check_delay, connections_of, neurons_of
from .errors import check_choice, check_number, named, out_of_range, wrong_type

_CALL = "Network.from_json"
_FIELDS = ("bias", "state", "old", "activation")


class Lowered(NamedTuple):
    """A network in the engine, and the names that its layers have in files."""

    core: _engine.Network
    names: list[str | None]


def layers_to_json(core: _engine.Network, names: list[str | None]) -> dict[str, Any]:
    """A model file of a network."""
    fields, sources, targets, weights, gaters, fixed, delays, pasts = core.parts()
    past_of = _pasts_of(pasts.tolist())
    last = len(core.sizes) - 1
    places = [
        "input" if layer == 0 else "output" if layer == last else layer - 1
        for layer, size in enumerate(core.sizes)
        for _ in range(size)
    ]
    neurons: list[dict[str, Any]] = []
    for index, (layer, row) in enumerate(zip(places, fields.reshape(len(places), -1).tolist(), strict=True)):
        bias, state, old, activation, squash, is_fixed, is_reversed, pooling, score = row
        neurons.append(
            {
                "trace": {"elegibility": {}, "extended": {}},
                "state": state,
                "old": old,
                "activation": activation,
                "bias": bias,
                "layer": layer,
                "squash": _engine.SQUASHES[int(squash)],
                **({"fixed": True} if is_fixed else {}),
                **({"reversed": True} if is_reversed else {}),
                **({"pooling": _engine.READOUTS[int(pooling) - 1]} if pooling else {}),
                **({"score": int(score)} if score >= 0 else {}),
                **({"past": past_of[index]} if index in past_of else {}),
            }
        )
    columns = (sources, targets, weights, gaters, fixed, delays)
    connections = [
        {
            "from": source,
            "to": target,
            "weight": weight,
            "gater": None if gater < 0 else gater,
            **({"fixed": True} if is_fixed else {}),
            **({"delay": delay} if delay else {}),
        }
        for source, target, weight, gater, is_fixed, delay in zip(*(column.tolist() for column in columns), strict=True)
    ]
    layers = {} if all(name is None for name in names) else {"layers": [name or "" for name in names]}
    return {"engram": 1, "neurons": neurons, "connections": connections, **layers}


def _pasts_of(rows: list[float]) -> dict[int, list[float]]:
    """Activations of steps before, by the place of their neuron."""
    pasts, at = {}, 0
    while at < len(rows):
        end = at + 2 + int(rows[at + 1])
        pasts[int(rows[at])] = rows[at + 2 : end]
        at = end
    return pasts


def _past(field: str, neuron: Mapping[str, Any]) -> list[float]:
    given = _list(f"{field}.past", neuron.get("past", []), _engine.MAX_DELAY)
    return [check_number(_CALL, f"{field}.past[{index}]", value) for index, value in enumerate(given)]


def _dict(field: str, value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    if not isinstance(value, Mapping):
        raise wrong_type(_CALL, field, "a dict", value)
    return value


def _list(field: str, value: object, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise wrong_type(_CALL, field, "a list", value)
    if len(value) > most:
        raise ValueError(f"{_CALL}: {field} has {len(value)} entries, at most {most} are allowed")
    return value


def _neuron(value: object, index: int, count: int) -> tuple[str | int, list[float]]:
    """The layer of a neuron, and its fields."""
    field = f"json.neurons[{index}]"
    neuron = _dict(field, value)
    layer = neuron.get("layer")
    if layer not in ("input", "output"):
        given = int(layer) if isinstance(layer, str) and re.fullmatch("[0-9]{1,9}", layer) else layer
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise wrong_type(_CALL, f"{field}.layer", "'input', 'output' or a number", layer)
        layer = check_number(_CALL, f"{field}.layer", given, min=0, max=count, integer=True)
    squash = neuron.get("squash")
    if squash is not None and squash not in _engine.SQUASHES:
        raise out_of_range(_CALL, f"{field}.squash", f"None or one of {', '.join(_engine.SQUASHES)}", squash)
    fields = [
        0.0 if name not in neuron and name != "bias" else check_number(_CALL, f"{field}.{name}", neuron.get(name))
        for name in _FIELDS
    ]
    code = 0 if squash is None else _engine.SQUASHES.index(squash)
    pooling = _pooling(field, neuron, count)
    return layer, [*fields, code, neuron.get("fixed") is True, neuron.get("reversed") is True, *pooling]


def _pooling(field: str, neuron: Mapping[str, Any], count: int) -> tuple[int, int]:
    """Code of a neuron's pooling, and the neuron that scores."""
    pooling = neuron.get("pooling")
    if pooling is None:
        return 0, -1
    code = _engine.READOUTS.index(check_choice(_CALL, f"{field}.pooling", pooling, _engine.READOUTS)) + 1
    if pooling != "attention":
        return code, -1
    return code, check_number(_CALL, f"{field}.score", neuron.get("score"), min=0, max=count - 1, integer=True)


def layers_from_json(value: object) -> Lowered:
    """The network of a model file, engram's or Synaptic's."""
    json = _dict("json", value)
    if json.get("engram", 1) not in (1, 2):
        raise out_of_range(_CALL, "json.engram", "1 or 2 (the formats that this version reads)", json["engram"])
    if json.get("engram") == 2:
        neurons_in_full = neurons_of(json.get("neurons"))
        dense = connections_of(json.get("blocks"), len(neurons_in_full))
        others = _list("json.connections", json.get("connections"), MOST_CONNECTIONS)
        json = {**json, "neurons": neurons_in_full, "connections": [*dense, *others]}
    given = _list("json.neurons", json.get("neurons"), MOST_NEURONS)
    neurons = [_neuron(neuron, index, len(given)) for index, neuron in enumerate(given)]
    sources, targets, weights, gaters, fixed, delays = [], [], [], [], [], []
    for index, entry in enumerate(_list("json.connections", json.get("connections"), MOST_CONNECTIONS)):
        field = f"json.connections[{index}]"
        connection = _dict(field, entry)

        def place(name: str, field: str = field, connection: Mapping[str, Any] = connection) -> int:
            given = connection.get(name)
            # Synaptic's files may have digits as text.
            if isinstance(given, str) and re.fullmatch("[0-9]{1,9}", given):
                given = int(given)
            end = len(neurons) - 1
            return int(check_number(_CALL, f"{field}.{name}", given, min=0, max=end, integer=True))

        sources.append(place("from"))
        targets.append(place("to"))
        weights.append(check_number(_CALL, f"{field}.weight", connection.get("weight")))
        gaters.append(-1 if connection.get("gater") is None else place("gater"))
        fixed.append(connection.get("fixed") is True)
        delays.append(check_delay(f"{field}.delay", connection.get("delay", 0)))
    pasts: list[float] = []
    for index, neuron in enumerate(given):
        if past := _past(f"json.neurons[{index}]", neuron):
            pasts += [index, len(past), *past]
    layers: dict[str | int, list[int]] = {"input": []}
    layers.update((number, []) for number in sorted({layer for layer, _ in neurons if isinstance(layer, int)}))
    layers["output"] = []
    for index, (layer, _) in enumerate(neurons):
        layers[layer].append(index)
    for end in ("input", "output"):
        if not layers[end]:
            raise ValueError(f"{_CALL}: json.neurons has none with layer '{end}', expected at least one")
    listed = _list("json.layers", json.get("layers", []), len(neurons) + 2)
    names = [name if isinstance(name, str) and name else None for name in listed][: len(layers)]
    names += [None] * (len(layers) - len(names))
    usual = ["input", *(f"hidden {index}" for index in range(1, len(layers) - 1)), "output"]
    with named(_CALL):
        core = _engine.Network.from_parts(
            [len(layer) for layer in layers.values()],
            [name or other for name, other in zip(names, usual, strict=True)],
            np.array([place for layer in layers.values() for place in layer], dtype=np.uint32),
            np.array([fields for _, fields in neurons], dtype=np.float64).reshape(-1),
            np.array(sources, dtype=np.uint32),
            np.array(targets, dtype=np.uint32),
            np.array(weights, dtype=np.float64),
            np.array(gaters, dtype=np.int64),
            np.array(fixed, dtype=np.bool_),
            np.array(delays, dtype=np.int32),
            np.array(pasts, dtype=np.float64),
        )
    return Lowered(core, names)
