"""The layers that a run holds: which of a network's layers a name stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import is_vector, out_of_range, wrong_type

# Layers that begin a unit of a recurrent network, which has several.
_FIRST = ("inputGate", "resetGate")
_REVERSED = "reversed "
_CONVOLUTION = "convolution"


def _names_of(layers: Sequence[str]) -> list[list[str]]:
    """What each layer may be called.

    Its name, for those of recurrent units `layer 0` and so on, from the input, and for convolutions, both ways,
    `convolution 0` and so on.
    """
    unit = convolution = -1
    names = []
    for index, name in enumerate(layers):
        if name in _FIRST:
            unit += 1
        if name == _CONVOLUTION:
            convolution += 1
        if name in (_CONVOLUTION, _REVERSED + _CONVOLUTION):
            names.append([name, f"{_CONVOLUTION} {convolution}"])
            continue
        names.append([name, f"layer {unit}"] if unit >= 0 and index < len(layers) - 1 else [name])
    return names


def frozen_layers(call: str, freeze: Any, layers: Sequence[str]) -> list[int]:  # noqa: ANN401
    """Checks what is to be frozen, and gives the places of the layers; `layers` are all names, from the input."""
    if not is_vector(freeze):
        raise wrong_type(call, "freeze", "a list of names of layers", freeze)
    names = _names_of(layers)[1:]
    known = dict.fromkeys(each[-1] for each in names if not each[-1].startswith(_REVERSED))
    expected = "one of " + ", ".join(f"'{each}'" for each in known)
    held: set[int] = set()
    for index, name in enumerate(freeze):
        if not isinstance(name, str):
            raise wrong_type(call, f"freeze[{index}]", expected, name)
        own = [place for place, each in enumerate(names, 1) if name in each]
        if not own:
            raise out_of_range(call, f"freeze[{index}]", expected, name)
        held.update(own)
    if len(held) == len(names):
        raise ValueError(f"{call}: freeze names every layer, expected one to be left that learns")
    return sorted(held)
