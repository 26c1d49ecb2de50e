"""The options of training.

Those that the engine reads stand in its own table, from which their names, checks and defaults come; those that only
this side reads stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from .. import _engine
from ..errors import (
    check_boolean,
    check_choice,
    check_names,
    check_number,
    is_vector,
    out_of_range,
    plain,
    wrong_type,
)

Rate = float | Sequence[float] | Callable[[int, float], float]
"""Learning rate: a number, one per equal share of the iterations, or a function of the iteration and its last error."""


class EngineOptions(TypedDict, total=False):
    """Options of training that the engine reads, of networks and of sequence models; names as in its table."""

    shuffle: bool
    """A new random order after every iteration. Default False for pairs, True for sequences."""
    error: float
    """The run stops when the error is no larger; below 0 for never. For pairs, 0 is as if it were left out, as in
    Synaptic. Default 0.005; 0 for sequence models."""
    patience: int
    """The run stops when the error (of the held-out samples, if there are any) has not become less for so many
    iterations; and however it ends, it gives back the best weights. 0 for never. Default 0."""
    checkpoint_every: int
    """Makes a checkpoint every so many iterations; 0 for never. Default 0."""
    optimizer: Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]
    """Optimiser of the sequence rule. Default adam."""
    weight_decay: float | None
    """Weight decay of the sequence rule, from 0. Default 0.01 for adamw, else 0."""
    decay: Mapping[str, Any] | None
    """How the rate changes over the iterations: `{'type': 'step', 'every': n, 'factor': f}`,
    `{'type': 'cosine', 'floor': f}` or `{'type': 'plateau', 'patience': n, 'factor': f}`. Default: it does not."""
    warm_up: int
    """Iterations over which the rate grows evenly to its full value. Default 0."""
    truncate: int | None
    """Steps that the gradient of the sequence rule goes back at most, at least 1. Default: all."""
    stateful: bool
    """With `truncate`: an update after every so many steps of a batch's sequences, which take their states along from
    one to the next, instead of one after their ends. Default False."""
    group_by_length: bool
    """Makes batches of sequences of like length, where the order is shuffled. Default False."""
    batch_size: int | None
    """Sequences per update of the sequence rule, 1 to 65,536. Default 32; for sequence models an eighth of the
    samples, 32 at most."""
    clip_norm: float | None
    """Longest gradient of an update of the sequence rule; None for any. Default 1."""
    precision: Literal["f32", "f64"]
    """Number format of the sequence rule. Default f32."""


class NetworkOptions(EngineOptions, total=False):
    """Options of :meth:`Network.train`."""

    learner: Literal["online", "bptt"]
    """The learning rule. online: Synaptic's rule (LSTM-g), an update at every target; default for pairs. bptt: exact
    back-propagation through time, an update per batch; default for sequences."""
    iterations: int
    """Most iterations over the set. Default 100,000 for pairs, 100 for sequences."""
    dropout: float
    """Share of the hidden neurons that later layers do not see in a training step, from 0 and below 1. Default 0."""
    seed: int
    """Fixes the shuffles and what dropout drops: an integer from 0. Default: random."""
    rate: Rate
    """Learning rate. Default 0.2 for pairs, 0.01 for sequences."""
    cost: str | Callable[[Any, Any], float]
    """The cost that is reported as error: 'cross_entropy', 'mse', 'binary', or a function of target and output.
    Default: squared error for pairs; for sequences cross-entropy on logistic and softmax outputs."""
    validation: float | tuple[Sequence[Any], Sequence[Any]]
    """What the run is judged by: samples of their own, (X, y), or a share of the set, from its end, that is held out
    of training, from 0 and below 1. Default 0."""
    threads: int | Literal["auto"]
    """Threads that share the batches of bptt, 1 to 64; the result is the same, to the bit. Default 'auto': as many
    as the machine has and the batch has work for."""
    freeze: Sequence[str] | None
    """Layers that do not learn in this run: 'embedding', 'layer 0' (the first of the recurrent ones, both ways where it
    has two), 'output', or any name that the network's file has. They keep their weights, in the run's precision, and
    what learns does so by the same gradients as without. Default None: all learn."""


OWN_OPTIONS = ("rate", "cost", "validation", "threads", "freeze")
"""Options that only this side reads."""
OPTION_NAMES = (*_engine.OPTIONS, *OWN_OPTIONS)
"""Names of all options of a run."""


def _bounds(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("min", "max", "below", "integer") if name in entry}


def check_seed(call: str, seed: object) -> int:
    """Checks what fixes random numbers."""
    return int(check_number(call, "seed", seed, **_bounds(_engine.OPTIONS["seed"])))


def check_rate(call: str, field: str, rate: Any) -> Any:  # noqa: ANN401
    """Checks a learning rate."""
    if callable(rate):
        return rate
    if not is_vector(rate):
        if isinstance(plain(rate), bool) or not isinstance(plain(rate), (int, float)):
            raise wrong_type(call, field, "a number, a list of numbers or a function", rate)
        return check_number(call, field, rate, min=0)
    if len(rate) == 0:
        raise out_of_range(call, field, "at least one number", rate)
    return [check_number(call, f"{field}[{index}]", value, min=0) for index, value in enumerate(rate)]


def check_threads(call: str, threads: object) -> int | None:
    """Checks how many threads are asked for; None for what the batch has work for."""
    if threads == "auto":
        return None
    return int(check_number(call, "threads", threads, min=1, max=64, integer=True))


def _check_entry(call: str, field: str, value: Any, entry: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if entry.get("optional") and value is None:
        return None
    match entry["kind"]:
        case "flag":
            return check_boolean(call, field, value)
        case "number":
            return check_number(call, field, value, **_bounds(entry))
        case "choice":
            return check_choice(call, field, value, entry["words"])
        case _:
            if not isinstance(value, Mapping):
                raise wrong_type(call, field, "a dict {'type': ...}", value)
            word = check_choice(call, f"{field}.type", value.get("type"), list(entry["variants"]))
            fields: Mapping[str, Any] = entry["variants"][word]
            for name in value:
                if name != "type":
                    check_names(f"{call}: {field}", [name], list(fields))
            checked = {
                name: _check_entry(call, f"{field}.{name}", value.get(name), inner) for name, inner in fields.items()
            }
            return {"type": word, **checked}


def check_engine_option(call: str, name: str, value: object) -> Any:  # noqa: ANN401
    """Checks an option by the engine's table."""
    return _check_entry(call, name, value, _engine.OPTIONS[name])


def standard(name: str, of: Literal["pairs", "sequences"]) -> Any:  # noqa: ANN401
    """The default of an option of the engine, for pairs or for sequences."""
    value = _engine.OPTIONS[name]["standard"]
    return value[of] if isinstance(value, dict) else value
