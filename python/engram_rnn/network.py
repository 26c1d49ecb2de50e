"""Networks: made or read from files, run, and trained."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _engine
from .convolution import READOUTS, check_convolution, rows_of, usual_initializer
from .errors import check_boolean, check_choice, check_list, check_number, named, out_of_range, wrong_type
from .network_json import Lowered, layers_from_json, layers_to_json
from .safetensors import json_bytes
from .storage import write_whole
from .training.flat_set import Inputs, Sequences, Values, flat_set, flatten, vectors
from .training.options import check_seed
from .training.plan import plan_run
from .training.report import TrainingProgress, TrainingResult
from .training.run import run_plan
from .training.targets import check_targets

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .training.options import NetworkOptions

_OUTPUTS = ("logistic", "softmax", "linear")
_INITIALIZERS = ("keras", "pytorch", "scaled")
_PEEPHOLES = ("ALL_TO_ALL", "ONE_TO_ONE", "ALL_TO_ELSE")


def _sizes(call: str, sizes: Sequence[Any], least: int = 3) -> list[int]:
    if len(sizes) < least:
        raise ValueError(f"{call}: got {len(sizes)} layers, expected at least {least} (input, hidden, output)")
    checked = enumerate(sizes)
    return [check_number(call, f"layer {index}", size, min=1, max=2**31, integer=True) for index, size in checked]


def _check_output(call: str, output: object, sizes: list[int]) -> str:
    """What the outputs are to be; a softmax needs two."""
    kind = check_choice(call, "output", output, _OUTPUTS)
    if kind == "softmax" and sizes[-1] == 1:
        expected = "'logistic' for one output, as a softmax of one is always 1, or one output per class"
        raise out_of_range(call, "output", expected, kind)
    return kind


def _seed(call: str, seed: int | None) -> int:
    return secrets.randbelow(2**32) if seed is None else check_seed(call, seed)


class Network:
    """Layers that work together, the same as JavaScript's `Network`.

    Made by :meth:`lstm`, :meth:`perceptron` or :meth:`from_json`. While one thread trains it, others may run
    sequences through it.

    >>> network = Network.lstm(1, 4, 2, variant="standard", output="softmax", seed=1)
    >>> network.activate_sequence([[0], [1], [1]]).shape
    (3, 2)
    """

    def __init__(self, lowered: Lowered) -> None:
        self._core, self._names = lowered

    @staticmethod
    def perceptron(
        *sizes: int, output: str = "logistic", initializer: str = "synaptic", seed: int | None = None
    ) -> Network:
        """Layers joined one to the next: sizes of input, hidden layers and output, at least 3.

        Args:
            sizes: neurons of each layer.
            output: `'logistic'` (each in (0, 1) on its own), `'softmax'` (probabilities) or `'linear'`.
            initializer: how first weights are drawn. `'synaptic'`: uniform in ±0.1. `'keras'`: Glorot-uniform, biases
                0. `'pytorch'`: weights and biases uniform in `±1 / sqrt(sources)`. `'he'`: for rectified neurons.
            seed: fixes the first weights: an integer from 0. Default: random.
        """
        call = "Network.perceptron"
        checked = _sizes(call, sizes)
        output = _check_output(call, output, checked)
        check_choice(call, "initializer", initializer, ("synaptic", "keras", "pytorch", "he"))
        with named(call):
            core = _engine.Network.perceptron(checked, output, initializer, _seed(call, seed))
        return Network(Lowered(core, list(core.names)))

    @staticmethod
    def lstm(
        *sizes: int,
        variant: str = "synaptic",
        output: str = "logistic",
        bidirectional: bool = False,
        embedding: int = 0,
        peepholes: str | None = "ALL_TO_ALL",
        hidden_to_hidden: bool = False,
        output_to_hidden: bool = False,
        output_to_gates: bool = False,
        input_to_output: bool = True,
        readout: str | None = None,
        convolution: Sequence[Mapping[str, int]] | None = None,
        initializer: str | None = None,
        seed: int | None = None,
    ) -> Network:
        """Long short-term memory: sizes of input, layers of cells and output, at least 3.

        Args:
            sizes: neurons, or cells, of each layer.
            variant: `'synaptic'`: Synaptic's topology. `'standard'`: the textbook's, as in PyTorch and Keras; the
                options from `peepholes` to `input_to_output` do not apply to it.
            output: as in :meth:`perceptron`.
            bidirectional: every hidden layer gets a twin that reads the sequence from its end. For `'standard'`.
            embedding: neurons of a layer of weighted sums between the input and the first cells, 0 to 65,536; 0 for
                none. For `'standard'`.
            peepholes: how cells project onto their gates, by the name of the connection type; None for not at all.
            hidden_to_hidden: cells project onto the other cells of their layer.
            output_to_hidden: outputs project onto the cells.
            output_to_gates: outputs project onto the gates.
            input_to_output: inputs project onto the outputs.
            readout: how the steps of a sequence become one before the output layer, so that it has one answer:
                `'last'`, `'mean'`, `'max'`, `'attention'` or `'mean+max'`. For `'standard'`. Default: none, an output
                at every step.
            convolution: layers of convolutions over time before the hidden ones, which may be none then: dicts of
                `filters`, `width` and, 1 if left out, `dilation`. For `'standard'`. Default: none.
            initializer: how first weights are drawn: `'keras'` (default), `'pytorch'` or `'scaled'` (default with
                `convolution`). For `'standard'`.
            seed: fixes the first weights: an integer from 0. Default: random.
        """
        call = "Network.lstm"
        variant = check_choice(call, "variant", variant, ("synaptic", "standard"))
        for name, value in (
            ("bidirectional", bidirectional),
            ("embedding", embedding),
            ("readout", readout),
            ("convolution", convolution),
            ("initializer", initializer),
        ):
            if variant == "synaptic" and value:
                raise out_of_range(call, name, "left out but with variant 'standard'", value)
        if peepholes is not None:
            check_choice(call, "peepholes", peepholes, _PEEPHOLES)
        return Network._recurrent(
            call,
            sizes,
            variant=variant,
            output=output,
            bidirectional=bidirectional,
            embedding=embedding,
            peepholes=peepholes,
            hidden_to_hidden=check_boolean(call, "hidden_to_hidden", hidden_to_hidden),
            output_to_hidden=check_boolean(call, "output_to_hidden", output_to_hidden),
            output_to_gates=check_boolean(call, "output_to_gates", output_to_gates),
            input_to_output=check_boolean(call, "input_to_output", input_to_output),
            readout=readout,
            convolution=convolution,
            initializer=initializer,
            seed=seed,
        )

    @staticmethod
    def gru(
        *sizes: int,
        reset: str = "after",
        output: str = "logistic",
        bidirectional: bool = False,
        embedding: int = 0,
        readout: str | None = None,
        convolution: Sequence[Mapping[str, int]] | None = None,
        initializer: str | None = None,
        seed: int | None = None,
    ) -> Network:
        """Gated recurrent units (Cho et al. 2014): sizes of input, layers of units and output, at least 3.

        Args:
            sizes: neurons, or units, of each layer.
            reset: `'after'`: the reset gate stands after the recurrent matrix, as in PyTorch. `'before'`: before it.
            output: as in :meth:`perceptron`.
            bidirectional: every hidden layer gets a twin that reads the sequence from its end.
            embedding: as in :meth:`lstm`.
            readout: as in :meth:`lstm`.
            convolution: as in :meth:`lstm`.
            initializer: as in :meth:`lstm`.
            seed: fixes the first weights: an integer from 0. Default: random.
        """
        call = "Network.gru"
        reset = check_choice(call, "reset", reset, ("after", "before"))
        return Network._recurrent(
            call,
            sizes,
            variant="gru" if reset == "after" else "gru_reset_before",
            output=output,
            bidirectional=bidirectional,
            embedding=embedding,
            peepholes=None,
            readout=readout,
            convolution=convolution,
            initializer=initializer,
            seed=seed,
        )

    @staticmethod
    def _recurrent(
        call: str,
        sizes: tuple[int, ...],
        *,
        variant: str,
        output: str,
        bidirectional: bool,
        embedding: int,
        peepholes: str | None,
        hidden_to_hidden: bool = False,
        output_to_hidden: bool = False,
        output_to_gates: bool = False,
        input_to_output: bool = False,
        readout: str | None,
        convolution: Sequence[Mapping[str, int]] | None,
        initializer: str | None,
        seed: int | None,
    ) -> Network:
        layers = check_convolution(call, convolution)
        checked = _sizes(call, sizes, 2 if layers else 3)
        if readout is not None:
            check_choice(call, "readout", readout, READOUTS)
        initializer = check_choice(call, "initializer", initializer or usual_initializer(layers), _INITIALIZERS)
        with named(call):
            core = _engine.Network.lstm(
                checked,
                output=_check_output(call, output, checked),
                bidirectional=check_boolean(call, "bidirectional", bidirectional),
                embedding=check_number(call, "embedding", embedding, min=0, max=65_536, integer=True),
                readout=readout,
                convolution=rows_of(layers),
                initializer=initializer,
                seed=_seed(call, seed),
                variant=variant,
                peepholes=peepholes,
                hidden_to_hidden=hidden_to_hidden,
                output_to_hidden=output_to_hidden,
                output_to_gates=output_to_gates,
                input_to_output=input_to_output,
            )
        return Network(Lowered(core, list(core.names)))

    @staticmethod
    def from_json(json: Mapping[str, Any]) -> Network:
        """A network from :meth:`to_json`, from JavaScript's `toJSON`, or from Synaptic's."""
        return Network(layers_from_json(json))

    def to_json(self) -> dict[str, Any]:
        """A model file as plain data, which `Network.fromJSON` opens in JavaScript."""
        return layers_to_json(self._core, self._names)

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return self._core.sizes[0]

    @property
    def outputs(self) -> int:
        """Number of outputs."""
        return self._core.sizes[-1]

    @property
    def output_squashes(self) -> list[str]:
        """Names of the squashing functions of the outputs."""
        return self._core.output_squashes

    @property
    def weights(self) -> Values:
        """A copy of the weights, also while the network is trained."""
        return self._core.parameters()[: self._core.weight_count]

    @property
    def biases(self) -> Values:
        """A copy of the biases, one per unit."""
        return self._core.parameters()[self._core.weight_count :]

    def _refuse_steps(self, call: str) -> None:
        if self._core.is_bidirectional:
            raise TypeError(f"{call}: a bidirectional network reads whole sequences; use activate_sequence")

    def activate(self, input: npt.ArrayLike) -> Values:
        """Activates the network for one step, from where the last one left it: (inputs) to (outputs).

        With a read-out, the outputs are the answer for the steps since the context was fresh.
        """
        call = "Network.activate"
        self._refuse_steps(call)
        return self._checked(call, self._core.activate(vectors(call, "input", [input], self.inputs).reshape(-1)))

    def reset_context(self) -> None:
        """Forgets traces, states and gains: the next step is the first of a sequence."""
        with named("Network.reset_context"):
            self._core.reset_context()

    def stepper(self, call: str) -> Stepper:
        """A sequence that has not begun, read step by step, with states of its own."""
        with named(call):
            return Stepper(call, self, _engine.Stream(self._core))

    def activate_sequence(self, steps: npt.ArrayLike) -> Values:
        """Outputs at every step of a sequence, from a fresh context: (steps, inputs) to (steps, outputs).

        Of a network with a read-out, (1, outputs): those of the whole sequence.
        """
        return self._run("Network.activate_sequence", [("steps", steps)])[0]

    def activate_sequences(self, sequences: Sequence[npt.ArrayLike]) -> list[Values]:
        """:meth:`activate_sequence` of several sequences at once, each as long as it likes, which is faster."""
        call = "Network.activate_sequences"
        if not isinstance(sequences, (list, tuple, np.ndarray)):
            raise wrong_type(call, "sequences", "a list of sequences", sequences)
        return self._run(call, [(f"sequences[{index}]", steps) for index, steps in enumerate(sequences)])

    def _run(self, call: str, sequences: Sequence[tuple[str, Any]]) -> list[Values]:
        return self.run_steps(call, [vectors(call, field, steps, self.inputs) for field, steps in sequences])

    def run_steps(self, call: str, sequences: Sequence[Inputs]) -> list[Values]:
        """Outputs at every step of sequences that have been checked, all in one form of a set."""
        if not sequences:
            return []
        flat = flat_set([(steps, np.empty((0, self.outputs)), []) for steps in sequences], self.inputs, self.outputs)
        with named(call):
            outputs = self._core.run_sequences(flat.stored())
        outputs = self._checked(call, outputs.reshape(-1, self.outputs))
        ends = np.cumsum(flat.lengths)
        if self._core.has_readout:
            return list(outputs[ends - 1][:, None])
        return np.split(outputs, ends[:-1].tolist())

    @staticmethod
    def _checked(call: str, outputs: Values) -> Values:
        if np.isnan(outputs).any():
            raise ValueError(
                f"{call}: an output is not a number: weights or inputs are too large to compute with, or the training "
                "diverged"
            )
        return outputs

    def train(
        self,
        X: Sequence[Any],  # noqa: N803
        y: Sequence[Any],
        *,
        sample_weight: Sequence[float] | None = None,
        resume: bytes | None = None,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        **options: Unpack[NetworkOptions],
    ) -> TrainingResult:
        """Trains, as JavaScript's `Trainer.trainAsync` does, to the same bits; returns when that is done.

        Args:
            X: one input per sample: a vector (inputs) for plain pairs, or an array (steps, inputs) for sequences.
            y: one target per sample: a vector (outputs), judged at the last step of a sequence, or a list with one
                per step, None where a step has none.
            sample_weight: how much each sample counts, 0 (not at all) or more, beside their mean over the targets; the
                error is weighted, the accuracy is not. Default: 1 each.
            resume: a checkpoint to go on from, as if the run had never stopped: same set, options and topology.
            on_progress: is told how the run goes, at most every 50 ms; if it returns True, the run stops.
            on_checkpoint: takes each checkpoint that is due, see the option `checkpoint_every`.
            options: see :class:`engram_rnn.NetworkOptions`.
        """
        call = "Network.train"
        flat = flatten(call, ("X", "y"), X, y, self.inputs, self.outputs, sample_weight)
        validation = options.get("validation", 0)
        held_out = None
        if isinstance(validation, tuple):
            fields = ("validation[0]", "validation[1]")
            held_out = flatten(call, fields, *_pair(call, validation), self.inputs, self.outputs)
        for each in (flat, held_out):
            if each is not None:
                check_targets(call, each, self.output_squashes, once=self._core.has_readout)
        plan = plan_run(call, self._core, flat, held_out, options)
        return run_plan(call, self._core, plan, resume=resume, on_progress=on_progress, on_checkpoint=on_checkpoint)

    def test(
        self,
        X: Sequence[Any],  # noqa: N803
        y: Sequence[Any],
        *,
        sample_weight: Sequence[float] | None = None,
        cost: str | None = None,
        precision: str = "f64",
    ) -> dict[str, float]:
        """Error and accuracy on a set, without learning; no accuracy where outputs are values.

        Args:
            X: as in :meth:`train`.
            y: as in :meth:`train`.
            sample_weight: as in :meth:`train`.
            cost: `'cross_entropy'`, `'mse'` or `'binary'`. Default: what a run on such a set reports.
            precision: number format for sequences, `'f64'` or `'f32'`, which is faster.
        """
        call = "Network.test"
        double = check_choice(call, "precision", precision, _engine.OPTIONS["precision"]["words"]) == "f64"
        if cost is not None:
            check_choice(call, "cost", cost, _engine.COSTS)
        flat = flatten(call, ("X", "y"), X, y, self.inputs, self.outputs, sample_weight)
        check_targets(call, flat, self.output_squashes, once=self._core.has_readout)
        with named(call):
            error, accuracy = self._core.test(flat.stored(), cost, flat.are_sequences, double)
        return {"error": error} if accuracy is None else {"error": error, "accuracy": accuracy}

    @property
    def core(self) -> _engine.Network:
        """The network in the engine."""
        return self._core

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes :meth:`to_json` to a file, which keeps what it has where that fails."""
        write_whole("Network.save", path, json_bytes(self.to_json()))

    def copy(self) -> Network:
        """A network of its own with the same weights and states."""
        return Network(Lowered(self._core.copy(), list(self._names)))

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], Network], tuple[dict[str, Any]]]:
        return Network.from_json, (self.to_json(),)

    def __repr__(self) -> str:
        return f"Network({' -> '.join(map(str, self._core.sizes))}, {len(self._core.parameters())} parameters)"


def _pair(call: str, validation: tuple[Any, ...]) -> tuple[Any, Any]:
    if len(validation) != 2:
        raise wrong_type(call, "validation", "a number between 0 and 1, or a tuple (X, y)", validation)
    return check_list(call, "validation[0]", validation[0]), check_list(call, "validation[1]", validation[1])


__all__ = ["Network", "Sequences"]


class Stepper:
    """A sequence on its way through a network; its steps have been checked."""

    def __init__(self, call: str, network: Network, stream: _engine.Stream) -> None:
        self._call, self._network, self._stream = call, network, stream

    def push(self, step: Inputs, stays: bool = True) -> Values:
        """Reads a step, a row or the symbol or bits of one; gives what :meth:`Network.activate_sequence` does.

        One that does not stay is taken back when the next one comes.
        """
        with named(self._call):
            outputs = self._stream.push(self._network._core, step, stays)
        return Network._checked(self._call, outputs)

    def reset(self) -> None:
        """The next step begins a sequence."""
        self._stream.reset()

    def copy(self) -> Stepper:
        """The sequence so far, to go on in another way."""
        return Stepper(self._call, self._network, self._stream.copy())
