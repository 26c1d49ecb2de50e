"""What the layers of a network say of the parameters of a model around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .network import Network


@dataclass(frozen=True)
class Topology:
    """Parameters of a model that its network shows, too."""

    hidden: Sequence[int]
    convolution: Sequence[Mapping[str, int]]
    bidirectional: bool
    variant: str
    readout: str | None
    """None for models with an answer at every step."""


def topology_of(network: Network) -> Topology:
    """The topology that a network has."""
    layers = network.core.layers()

    def named(name: str) -> list[int]:
        return [size for layer, size, _ in layers if layer == name]

    filters, gates, gru = named("convolution"), named("inputGate"), named("resetGate")
    # Above others of both directions a layer has a block from each.
    taps = [
        delays or [0]
        for source, target, delays in network.core.blocks()
        if target == "convolution" and source != "reversed convolution"
    ]
    convolution = [
        {"filters": size, "width": len(delays), "dilation": delays[1] if len(delays) > 1 else 1}
        for size, delays in zip(filters, taps, strict=False)
    ]
    readout = next((pooling for _, _, pooling in layers if pooling is not None), None)
    return Topology(
        hidden=gru or (gates if gates or filters else [size for _, size, _ in layers[1:-1]]),
        convolution=convolution,
        bidirectional=network.core.is_bidirectional,
        variant="gru" if gru else "standard" if named("candidate") or not gates else "synaptic",
        readout="mean+max" if named("second readout") else readout,
    )


def said_of(topology: Topology) -> Iterator[tuple[str, object]]:
    """What a model or a network says of the topology, in words that compare."""
    yield "hidden", list(topology.hidden)
    # A convolution that reads one step shows no distance between steps.
    yield (
        "convolution",
        [{**layer, "dilation": 1 if layer["width"] == 1 else layer["dilation"]} for layer in topology.convolution],
    )
    yield "bidirectional", topology.bidirectional
    # Without recurrent layers all variants are one.
    yield "variant", topology.variant if topology.hidden else "standard"
    # A network that pools nothing answers at its last step, or at each.
    yield "readout", topology.readout or "last"


def check_topology(call: str, stated: Topology, network: Network) -> None:
    """Refuses a stored model whose parameters say another topology than its network has."""
    for (name, value), (_, has) in zip(said_of(stated), said_of(topology_of(network)), strict=True):
        if value != has:
            raise ValueError(f"{call}: json.{name} is {value!r}, expected {has!r}, as json.network has it")
