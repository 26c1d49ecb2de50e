"""A run that travels: model, encoder, options, data and checkpoint in one file, which JavaScript opens and writes, too.

A pack is a file of safetensors, so that other tools can look inside. Its metadata say what it is (`format`, `version`)
and, as JSON, what the run is told (`run`: `options` with JavaScript's names, `set` and `heldOut` with the sizes of the
sets, `weighted`, `remarks`, `freeze`). Its arrays are `model` (its JSON in UTF-8), the sets (`set.inputs`,
`set.targets`, `set.targetOfStep`, `set.lengths`, `set.weights` where samples have some, and the same with `heldOut.`)
and `checkpoint`.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from . import _engine
from .documented import documented
from .errors import (
    check_boolean,
    check_callback,
    check_choice,
    check_names,
    check_number,
    named,
    out_of_range,
    wrong_type,
)
from .files import AnyModel, model_from_json
from .models.model import SequenceModel
from .network import Network
from .safetensors import Tensors, json_bytes, parse_json, read_tensors, write_tensors
from .storage import check_path, write_whole
from .training.executors import Executors
from .training.flat_set import FlatSet, TargetsAre
from .training.freeze import frozen_layers
from .training.options import check_engine_option, check_rate, check_threads
from .training.plan import RunPlan, plan_run
from .training.printer import Printer
from .training.report import TrainingProgress, TrainingResult
from .training.run import run_plan
from .training.targets import check_targets

FORMAT = "engram-pack"
"""What the metadata of a pack say that it is."""
VERSION = "1"
"""The version of packs that this module reads and writes."""

# Options of a pack beside those of the engine's table, by their names in Python.
_OWN = ("rate", "cost", "held_out", "held_out_error")
_INPUTS = {"rows": np.float64, "symbols": np.uint32, "bits": np.uint8}


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


_WORDS = {_camel(name): name for name in (*_engine.OPTIONS, *_OWN)}
# What changes no bit, and is of one host alone.
_LOCAL = ("checkpoint_every",)
_COSTS = {_camel(name): name for name in _engine.COSTS}


@documented
@dataclasses.dataclass
class Pack:
    """A run with all that it needs to go on: opened by :meth:`load` or :meth:`from_bytes`, made by :meth:`of`.

    >>> from engram_rnn import SequenceClassifier
    >>> model = SequenceClassifier(hidden=(4,), epochs=3, seed=1)
    >>> pack = Pack.from_bytes(Pack.of(model, [[1, 2], [7, 9]], ["low", "high"]).to_bytes())
    >>> pack.train().iterations
    3
    >>> pack.model.predict([[8, 9]]).shape
    (1,)
    """

    model: AnyModel
    """What is trained, in place: a sequence model or a :class:`Network`."""
    set: FlatSet
    """What is learnt from, as the engine reads it."""
    held_out: FlatSet | None
    """Samples of their own that the run is judged by."""
    options: dict[str, Any]
    """What the run is told: :class:`NetworkOptions` but for `threads` and `validation`, and `held_out`, samples at the
    end of the set that it is judged by, and `held_out_error`, at which it stops."""
    checkpoint: bytes | None = None
    """Where the run goes on; None from the start."""
    weighted: bool = False
    """Whether the targets are distributions times a weight."""
    remarks: Sequence[str] = ()
    """What else there is to say of the run, as advice."""
    freeze: Sequence[str] | None = None
    """Names of layers that do not learn; None for none."""
    _start: tuple[Network, Network] | None = dataclasses.field(default=None, init=False, repr=False, compare=False)
    """The network of a run that has begun here without a checkpoint, and a copy as it was before."""

    @staticmethod
    def of(model: SequenceModel, X: Collection[Any], y: Any = None, sample_weight: Any = None) -> Pack:  # noqa: N803, ANN401
        """The run that `model.fit(X, y, sample_weight=sample_weight)` would begin; the model itself is not changed.

        TypeError or ValueError for what `fit` would refuse, and for a rate that is a function, which no file can hold.
        """
        call = "Pack.of"
        if not isinstance(model, SequenceModel):
            raise wrong_type(call, "model", "a sequence model", model)
        copied = copy.copy(model)
        prepared = copied.prepare(call, X, y, sample_weight)
        plan = prepared.plan
        if plan.rate is not None:
            raise wrong_type(
                call, "rate", "a number or a list of numbers, since a file can hold no function", plan.rate
            )
        prepared.take()
        options = {name: plan.options[name] for name in _WORDS.values() if name not in _LOCAL}
        stored = model_from_json(copied.to_json())
        remarks = tuple(prepared.remarks)
        return Pack(stored, plan.set, plan.held_out, options, None, prepared.weighted, remarks, plan.freeze)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Pack:
        """The pack of a file that Python or JavaScript wrote; refuses as :meth:`from_bytes` does."""
        with open(check_path("Pack.load", "path", path), "rb") as file:
            return Pack.from_bytes(file.read())

    @staticmethod
    def from_bytes(content: bytes) -> Pack:
        """The pack of a file's bytes. ValueError or TypeError for what is none, or is broken."""
        return _read("Pack.from_bytes", content)

    def to_bytes(self) -> bytes:
        """The pack as the bytes of a file."""
        run: dict[str, Any] = {
            "options": {_camel(name): value for name, value in self.options.items()},
            "weighted": self.weighted,
            "remarks": list(self.remarks),
        }
        if self.freeze is not None:
            run["freeze"] = list(self.freeze)
        if isinstance(self.options["cost"], str):
            run["options"]["cost"] = _camel(self.options["cost"])
        json = self.model.to_json()
        if self.checkpoint is None and self._start is not None:
            # A run without a checkpoint goes on from its start, wherever the network is by now.
            start = self._start[1].to_json()
            json = start if isinstance(self.model, Network) else {**json, "network": start}
        arrays: dict[str, npt.NDArray[Any]] = {"model": np.frombuffer(json_bytes(json), np.uint8)}
        for name, flat in (("set", self.set), ("heldOut", self.held_out)):
            if flat is None:
                continue
            form = next(form for form, kind in _INPUTS.items() if flat.inputs.dtype == kind)
            run[name] = {
                "inputSize": flat.input_size,
                "outputSize": flat.output_size,
                "inputsAre": form,
                "targetsAre": flat.targets_are,
                "sequences": flat.are_sequences,
            }
            arrays[f"{name}.inputs"] = flat.inputs
            arrays[f"{name}.targets"] = flat.targets
            arrays[f"{name}.targetOfStep"] = flat.target_of_step
            arrays[f"{name}.lengths"] = flat.lengths
            if flat.weights is not None:
                arrays[f"{name}.weights"] = flat.weights
        if self.checkpoint is not None:
            arrays["checkpoint"] = np.frombuffer(self.checkpoint, np.uint8)
        metadata = {"format": FORMAT, "version": VERSION, "run": json_bytes(run).decode()}
        return write_tensors(Tensors(arrays, metadata))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes :meth:`to_bytes` to a file, which keeps what it has where that fails."""
        write_whole("Pack.save", path, self.to_bytes())

    @property
    def network(self) -> Network:
        """The network that is trained."""
        return self.model if isinstance(self.model, Network) else self.model.network_

    def plan(
        self, call: str, *, threads: object = "auto", iterations: object = None, checkpoint_every: object = 0
    ) -> RunPlan:
        """What the run is started with; parameters as in :meth:`train`."""
        given = {name: value for name, value in self.options.items() if name not in ("held_out", "held_out_error")}
        if given["cost"] is None:
            del given["cost"]
        given |= {"threads": threads, "checkpoint_every": checkpoint_every, "freeze": self.freeze}
        if iterations is not None:
            given["iterations"] = iterations
        plan = plan_run(call, self.network.core, self.set, self.held_out, given)
        exact = {name: self.options[name] for name in ("error", "held_out", "held_out_error")}
        return dataclasses.replace(plan, options={**plan.options, **exact})

    def train(
        self,
        *,
        threads: int | str = "auto",
        iterations: int | None = None,
        checkpoint_every: int = 0,
        log: bool | int = False,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        executors: Executors | None = None,
    ) -> TrainingResult:
        """Goes on with the run to its end, to the bits of one that never left, and trains `model` by that.

        It goes on from :attr:`checkpoint`, without one from the start, whatever a call before has made of `model`.

        Args:
            threads: threads that share the batches, 1 to 64; the result is the same. Default: as there is work for.
            iterations: most iterations (epochs), those before included, of the run from now on, also where a rate is
                spread over them. Default: as the run was told.
            checkpoint_every: makes a checkpoint every so many iterations; 0 for never.
            log: True for a bar of progress, or iterations between two lines.
            on_progress: is told how it goes, at most every 50 ms; if it returns True, the run stops.
            on_checkpoint: takes each checkpoint that is due; :attr:`checkpoint` has it then, too, so that
                :meth:`save` writes the run as it stands.
            executors: computes the batches instead of this process's threads, see :mod:`engram_rnn.ray`.
        """
        call = "Pack.train"
        check_threads(call, threads)
        check_callback(call, "on_checkpoint", on_checkpoint)
        plan = self.plan(call, threads=threads, iterations=iterations, checkpoint_every=checkpoint_every)

        def take(checkpoint: bytes) -> None:
            self.checkpoint = checkpoint
            if on_checkpoint is not None:
                on_checkpoint(checkpoint)

        def start() -> None:
            # From now on the run is one of so many iterations, wherever it goes.
            self.options["iterations"] = plan.options["iterations"]

        def restart() -> None:
            # What is in a run is refused by the engine.
            if self.checkpoint is not None or self.network.core.in_run:
                return
            if self._start is None:
                self._start = self.network, self.network.copy()
            of, as_it_was = self._start
            if self.network is not of:
                raise TypeError("the model has another network by now, expected the one that the run trains")
            of.core.take(as_it_was.core)

        with Printer(call, log, on_progress) as printer:
            result = run_plan(
                call,
                self.network.core,
                plan,
                resume=self.checkpoint,
                remarks=self.remarks,
                on_ready=restart,
                on_start=start,
                on_progress=printer.take,
                on_checkpoint=take,
                executors=executors,
            )
        if not isinstance(self.model, Network):
            self.model.result_ = result
        return result


def _object(call: str, field: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong_type(call, field, "an object", value)
    return value


def _options(call: str, given: dict[str, Any]) -> dict[str, Any]:
    """The options of a pack, checked."""
    check_names(f"{call}: options", given, list(_WORDS))
    options = {}
    for name, python in _WORDS.items():
        field, value = f"options.{name}", given.get(name)
        if python in _LOCAL:
            continue
        if python in _engine.OPTIONS:
            options[python] = check_engine_option(call, python, value)
        elif python == "rate":
            if callable(value):
                raise wrong_type(call, field, "a number or a list of numbers", value)
            options[python] = check_rate(call, field, value)
        elif python == "cost":
            options[python] = None if value is None else _COSTS[check_choice(call, field, value, list(_COSTS))]
        elif python == "held_out":
            options[python] = check_number(call, field, value, min=0, max=2**32 - 1, integer=True)
        else:
            options[python] = check_number(call, field, value, min=-1)
    return options


def _set(call: str, name: str, given: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], network: Network) -> FlatSet:
    """A set of a pack, checked against its network."""

    def array(part: str, dtype: Any, axes: int) -> npt.NDArray[Any]:  # noqa: ANN401
        field = f"{name}.{part}"
        found = arrays.pop(field, None)
        if found is None or found.dtype != dtype or found.ndim != axes:
            raise ValueError(f"{call}: tensor '{field}' is not there, or not {axes}-dimensional {np.dtype(dtype)}")
        return found

    known = ("inputSize", "outputSize", "inputsAre", "targetsAre", "sequences")
    check_names(f"{call}: {name}", given, known)
    sizes: list[int] = []
    for field, of_network in (("inputSize", network.inputs), ("outputSize", network.outputs)):
        size = check_number(call, f"{name}.{field}", given.get(field), min=1, max=2**31, integer=True)
        if size != of_network:
            raise out_of_range(call, f"{name}.{field}", f"{of_network}, as the network has", size)
        sizes.append(size)
    form = check_choice(call, f"{name}.inputsAre", given.get("inputsAre"), list(_INPUTS))
    targets_are: Any = check_choice(call, f"{name}.targetsAre", given.get("targetsAre"), get_args(TargetsAre))
    inputs = array("inputs", _INPUTS[form], 2 if form == "rows" else 1)
    targets = array("targets", np.float64, 2)
    columns = {
        "inputs": (sizes[0], form == "rows", inputs),
        "targets": (2 if targets_are == "classes" else sizes[1], True, targets),
    }
    for part, (expected, applies, found) in columns.items():
        if applies and found.shape[1] != expected:
            raise out_of_range(call, f"tensor '{name}.{part}'", f"one of {expected} columns", list(found.shape))
    flat = FlatSet(
        sizes[0],
        sizes[1],
        inputs,
        targets,
        array("targetOfStep", np.uint32, 1),
        array("lengths", np.uint32, 1),
        check_boolean(call, f"{name}.sequences", given.get("sequences")),
        targets_are,
        array("weights", np.float64, 1) if f"{name}.weights" in arrays else None,
    )
    with named(call):
        # The engine looks at lengths, places and whether numbers are finite.
        flat.stored()
    if targets_are == "lists":
        if len(targets) > 0:
            raise ValueError(f"{call}: tensor '{name}.targets' has numbers, expected none with lists")
        return flat
    used = np.unique(flat.target_of_step[flat.target_of_step != _engine.NO_TARGET])
    if len(used) == 0:
        raise ValueError(f"{call}: {name} has no target, expected at least one")
    if targets_are == "rows" and len(used) < len(targets):
        raise ValueError(f"{call}: {name} has {len(targets)} targets, {len(used)} of them at a step, expected all")
    return flat


def _read(call: str, content: bytes) -> Pack:
    tensors = read_tensors(call, content)
    if tensors.metadata.get("format") != FORMAT:
        raise out_of_range(call, "the file's format", f"'{FORMAT}'", tensors.metadata.get("format"))
    if tensors.metadata.get("version") != VERSION:
        expected = f"'{VERSION}' (the version that this engram reads)"
        raise out_of_range(call, "the pack's version", expected, tensors.metadata.get("version"))
    text = tensors.metadata.get("run", "").encode("utf-8", "replace")
    run = _object(call, "run", parse_json(call, "run", text))
    check_names(f"{call}: run", run, ("options", "set", "heldOut", "weighted", "remarks", "freeze"))
    arrays = dict(tensors.arrays)
    stored = arrays.pop("model", None)
    if stored is None or stored.dtype != np.uint8:
        raise ValueError(f"{call}: tensor 'model' is not there, or not of bytes")
    json_of_model: Mapping[str, Any] = _object(call, "model", parse_json(call, "model", stored.tobytes()))
    model = model_from_json(json_of_model)
    network = model if isinstance(model, Network) else getattr(model, "network_", None)
    if network is None:
        raise ValueError(f"{call}: the model has no network, expected one that the run trains")
    options = _options(call, _object(call, "options", run.get("options")))
    weighted = check_boolean(call, "weighted", run.get("weighted"))
    remarks = run.get("remarks")
    if not isinstance(remarks, list) or not all(isinstance(remark, str) for remark in remarks):
        raise wrong_type(call, "remarks", "a list of texts", remarks)

    def checked(name: str) -> FlatSet:
        flat = _set(call, name, _object(call, name, run.get(name)), arrays, network)
        check_targets(call, flat, network.output_squashes, once=network.core.has_readout, weighted=weighted)
        return flat

    flat, held_out = checked("set"), checked("heldOut") if "heldOut" in run else None
    share = options["held_out"]
    if share > 0 and (held_out is not None or share >= len(flat)):
        expected = "0 with samples of their own" if held_out is not None else f"less than the {len(flat)} samples"
        raise out_of_range(call, "options.heldOut", expected, share)
    checkpoint = arrays.pop("checkpoint", None)
    if checkpoint is not None and checkpoint.dtype != np.uint8:
        raise ValueError(f"{call}: tensor 'checkpoint' is not of bytes")
    if arrays:
        raise out_of_range(call, "a tensor", "one of those that a pack has", next(iter(arrays)))
    saved = None if checkpoint is None else checkpoint.tobytes()
    freeze = run.get("freeze")
    if freeze is not None:
        frozen_layers(call, freeze, network.core.names)
    return Pack(model, flat, held_out, options, saved, weighted, tuple(remarks), freeze)
