"""Convolutions below recurrent layers, and the read-outs of a sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import _engine
from .errors import check_list, check_names, check_number, wrong_type

READOUTS = (*_engine.READOUTS, "mean+max")
"""How the steps of a sequence become one."""


def usual_initializer(convolution: Sequence[object]) -> str:
    """How first weights are drawn where nothing else is asked for: what was best on average of the sets in
    BENCHMARKS.md. Those with convolutions were measured with engram's own.
    """
    return "scaled" if len(convolution) > 0 else "keras"


def check_convolution(call: str, given: Any) -> list[dict[str, int]]:  # noqa: ANN401
    """Checks layers of convolutions; none for None."""
    is_none = given is None or (isinstance(given, (list, tuple)) and len(given) == 0)
    layers = [] if is_none else check_list(call, "convolution", given)
    if len(layers) > 64:
        raise ValueError(f"{call}: convolution has {len(layers)} entries, at most 64 are allowed")
    return [_check_layer(call, f"convolution[{index}]", layer) for index, layer in enumerate(layers)]


def _check_layer(call: str, field: str, layer: Any) -> dict[str, int]:  # noqa: ANN401
    if not isinstance(layer, Mapping):
        raise wrong_type(call, field, "a dict", layer)
    check_names(f"{call}: {field}", layer, ["filters", "width", "dilation"])
    reach = _engine.MAX_DELAY

    def whole(name: str, value: object, most: int) -> int:
        return int(check_number(call, f"{field}.{name}", value, min=1, max=most, integer=True))

    width = whole("width", layer.get("width"), reach + 1)
    most = reach if width == 1 else reach // (width - 1)
    return {
        "filters": whole("filters", layer.get("filters"), 65_536),
        "width": width,
        "dilation": whole("dilation", layer.get("dilation", 1), most),
    }


def rows_of(convolution: Sequence[Mapping[str, int]]) -> list[int]:
    """Convolutions as the engine takes them."""
    return [layer[name] for layer in convolution for name in ("filters", "width", "dilation")]
