"""What the sequence classes have in common: an encoder, a network of standard LSTM layers, training."""

from __future__ import annotations

import math
import os
import secrets
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from ..arithmetic import random_from, rounded, shuffled
from ..convolution import READOUTS, check_convolution, usual_initializer
from ..encoders import Encoder
from ..encoders.coding import NamedInput
from ..encoders.row_reader import RowReader
from ..errors import (
    check_boolean,
    check_choice,
    check_list,
    check_names,
    check_number,
    is_vector,
    out_of_range,
    plain,
    wrong_type,
)
from ..network import Network
from ..safetensors import json_bytes
from ..storage import write_whole
from ..topology import check_topology, said_of
from ..training.flat_set import FlatSet, Inputs, TargetsAre, Values, flat_set
from ..training.options import check_engine_option, check_rate, check_seed
from ..training.plan import plan_run
from ..training.printer import Printer
from ..training.report import TrainingResult
from ..training.run import run_plan
from .explanation import Attribution, Question, attribution_of
from .parameters import ENGINE_NAMES
from .ready import SWAP, Callbacks, Checked, Encoded, Parts, Prepared, Settings, of_one_fit
from .stream import Answer, Says, SequenceStream

Model = TypeVar("Model", bound="SequenceModel")

SQUASH = {"logistic": "LOGISTIC", "softmax": "SOFTMAX", "linear": "IDENTITY"}
"""What outputs of a kind squash with."""
# Most sequences per update unless asked for.
_BATCH = 32
# Fewest updates of an epoch unless asked for: small sets get small batches.
_UPDATES = 8


class SequenceModel(BaseEstimator):  # type: ignore[misc]
    """Base of the sequence classes.

    Attributes after `fit`: `encoder_` (the model's own copy, with what it learnt), `network_`
    (:class:`engram_rnn.Network`), `seed_` and `result_` (:class:`engram_rnn.TrainingResult`).
    """

    _defaults: ClassVar[Mapping[str, Any]]
    _type: ClassVar[str]

    encoder_: Encoder
    network_: Network
    encoder: Encoder | None
    seed_: int
    result_: TrainingResult
    _topology: Settings
    """That of `network_`: parameters may be set after `fit`, for the next one."""
    _meaning: ClassVar[tuple[str, ...]] = ()
    """Parameters that say what the outputs of the network mean."""
    _meant: Mapping[str, Any]
    """Those of `network_`."""

    def __init__(self, **parameters: Any) -> None:  # noqa: ANN401
        check_names(type(self).__name__, parameters, list(self._defaults))
        for name, value in {**self._defaults, **parameters}.items():
            setattr(self, name, value)

    def _parameter(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self, name, None)

    def _asked(self) -> Mapping[str, Any]:
        """What the outputs of the next network are to mean."""

        def value(given: Any) -> Any:  # noqa: ANN401
            return [plain(entry) for entry in given] if is_vector(given) else plain(given)

        return {name: value(self._parameter(name)) for name in self._meaning}

    def _learnt(self) -> Mapping[str, Any]:
        """What a class found in its samples, by the names of the parameters that may say it."""
        return {}

    def _of_fit(self, name: str) -> Any:  # noqa: ANN401
        """A parameter of :attr:`_meaning`, as it was when the network was made; before, as it is."""
        return self._meant[name] if hasattr(self, "network_") else self._parameter(name)

    def _readout(self) -> Any:  # noqa: ANN401
        """How the steps become one; None for models with an answer at every step."""
        if "readout" not in self._defaults or self._parameter("readout") is not None:
            return self._parameter("readout")
        if self._parameter("convolution"):
            return "mean+max"
        return "max" if self._parameter("bidirectional") else "last"

    def _usual_encoder(self, first: object) -> Encoder:
        """The encoder of inputs like this one, where none is given."""
        if isinstance(first, str):
            return Encoder.bits()
        channels = len(first[0]) if is_vector(first) and len(first) > 0 and is_vector(first[0]) else 1  # type: ignore
        return Encoder.numeric(channels=channels)

    @abstractmethod
    def _outputs(self) -> tuple[int, str]:
        """Number of outputs of the fitted model, and what they are."""

    def _settings(self, call: str, first: object) -> Settings:
        """Checks the parameters of encoder and network; `first` is an input."""
        encoder = self._parameter("encoder")
        if encoder is None:
            encoder = self._usual_encoder(first)
        if not isinstance(encoder, Encoder):
            raise wrong_type(call, "encoder", "an Encoder", encoder)
        convolution = check_convolution(call, self._parameter("convolution"))
        given = self._parameter("hidden")
        sizes = [] if convolution and is_vector(given) and len(given) == 0 else check_list(call, "hidden", given)
        hidden = [
            check_number(call, f"hidden[{index}]", size, min=1, max=65_536, integer=True)
            for index, size in enumerate(sizes)
        ]
        has_both = "bidirectional" in self._defaults
        bidirectional = has_both and check_boolean(call, "bidirectional", self._parameter("bidirectional"))
        variant = check_choice(call, "variant", self._parameter("variant"), ("standard", "gru", "synaptic"))
        if variant == "synaptic" and bidirectional:
            raise out_of_range(call, "bidirectional", "False with variant 'synaptic'", bidirectional)
        if variant == "synaptic" and convolution:
            raise out_of_range(call, "convolution", "left out with variant 'synaptic'", convolution)
        if variant == "synaptic" and encoder.embedding > 0:
            raise out_of_range(call, "encoder", "one without an embedding with variant 'synaptic'", encoder)
        initializer = self._parameter("initializer")
        if variant == "synaptic" and initializer is not None:
            raise out_of_range(call, "initializer", "left out with variant 'synaptic'", initializer)
        if variant != "synaptic":
            usual = usual_initializer(convolution)
            asked = usual if initializer is None else initializer
            initializer = check_choice(call, "initializer", asked, ("keras", "pytorch", "scaled"))
        readout = self._readout()
        if readout is not None:
            check_choice(call, "readout", readout, READOUTS)
            if variant == "synaptic" and readout != "last":
                raise out_of_range(call, "readout", "'last' with variant 'synaptic'", readout)
        seed = self._parameter("seed")
        return Settings(
            encoder=encoder.copy(),
            hidden=hidden,
            bidirectional=bidirectional,
            dropout=check_engine_option(call, "dropout", self._parameter("dropout")),
            variant=variant,
            initializer=initializer,
            readout=readout if variant != "synaptic" else None,
            convolution=convolution,
            seed=secrets.randbelow(2**32) if seed is None else check_seed(call, seed),
        )

    def _begin(self, call: str, first: object) -> Settings:
        """The settings of this `fit`: new ones, or with `warm_start` those of the last."""
        if not check_boolean(call, "warm_start", self._parameter("warm_start")) or not hasattr(self, "network_"):
            return self._settings(call, first)
        dropout = check_engine_option(call, "dropout", self._parameter("dropout"))
        settings = self._settings(call, first)
        asked = {**dict(said_of(settings)), **self._asked()}
        for name, has in {**dict(said_of(self._topology)), **self._meant}.items():
            if asked[name] != has:
                raise out_of_range(call, name, f"{has!r}, as it was fitted: warm_start goes on with it", asked[name])
        for name, has in self._learnt().items():
            given = self._parameter(name)
            if given is not None and (list(given) if is_vector(given) else given) != has:
                raise out_of_range(call, name, f"{has!r}, as it was fitted: warm_start goes on with it", given)
        encoder = self._parameter("encoder")
        if isinstance(encoder, Encoder) and encoder.unfitted() != self.encoder_.unfitted():
            raise out_of_range(call, "encoder", f"{self.encoder_.unfitted()}, as it was fitted", encoder)
        return replace(settings, encoder=self.encoder_, dropout=dropout, seed=self.seed_)

    def _goes_on(self, settings: Settings) -> bool:
        return hasattr(self, "network_") and settings.encoder is self.encoder_

    def _split(
        self,
        call: str,
        seed: int,
        samples: Sequence[Checked],
        check: Callable[[Any], Sequence[Checked]],
        order: Callable[[Sequence[Checked]], Sequence[Checked]] | None = None,
    ) -> Parts:
        """What is trained on, then what is held out.

        `check` checks samples of their own; `order` puts those to be held out last.
        """
        validation = self._parameter("validation")
        if isinstance(validation, (list, tuple)):
            return Parts(samples, check(validation))
        if isinstance(validation, bool) or not isinstance(validation, (int, float, np.number)):
            expected = "samples of their own or a number between 0 and 1"
            raise wrong_type(call, "validation", expected, validation)
        share = check_number(call, "validation", validation, min=0, max=1)
        if share == 0:
            return Parts(samples, [])
        end = len(samples) - rounded(share * len(samples))
        if end < 1 or end >= len(samples):
            expected = f"a share that holds out some and not all of {len(samples)} samples"
            raise out_of_range(call, "validation", expected, share)
        ordered = shuffled(samples, random_from(seed)) if order is None else order(samples)
        return Parts(ordered[:end], ordered[end:])

    def _steps(self, call: str, encoder: Encoder, field: str, input: object) -> Inputs:
        """The steps of an input, of which a model needs at least one."""
        steps = encoder.coding.codes(call, field, input)
        self._refuse_empty(call, field, input, len(steps))
        return steps

    @staticmethod
    def _refuse_empty(call: str, field: str, input: object, steps: int) -> None:
        if steps == 0:
            raise out_of_range(call, field, "an input of at least one step (leave empty ones out, or pad them)", input)

    @staticmethod
    def _pairs(call: str, fields: tuple[str, str], X: Any, y: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401, N803
        """Inputs with their answers, as many of one as of the other."""
        inputs, answers = check_list(call, fields[0], X), check_list(call, fields[1], y)
        if len(inputs) != len(answers):
            raise ValueError(
                f"{call}: {fields[0]} has {len(inputs)} samples, {fields[1]} {len(answers)}, expected as many"
            )
        return list(zip(inputs, answers, strict=True))

    @staticmethod
    def _held_out(call: str, validation: Any) -> tuple[tuple[str, str], Any, Any]:  # noqa: ANN401
        """Samples of their own to be judged by: the names of their fields, inputs and answers."""
        if not isinstance(validation, tuple) or len(validation) != 2:
            raise wrong_type(call, "validation", "a tuple (X, y) or a number between 0 and 1", validation)
        return ("validation[0]", "validation[1]"), *validation

    def _input_size(self, call: str, encoder: Encoder) -> int:
        """Numbers of a step that the network reads, once the encoder has learnt."""
        return encoder.size

    @abstractmethod
    def prepare(self, call: str, X: Collection[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as `fit` does, and changes nothing."""

    def _study(self, call: str, settings: Settings, parts: Parts) -> None:
        """The encoder learns from the samples trained on, unless the one that was given had been fitted."""
        encoder = settings.encoder
        if not self._goes_on(settings) and not encoder.is_fitted:
            encoder.coding.study(call, [NamedInput(checked.field, checked.input) for checked in parts.trained])

    def _prepared(
        self,
        call: str,
        settings: Settings,
        parts: Parts,
        encode: Callable[[Encoder, Checked], Sequence[Encoded]],
        outputs: tuple[int, str],
        take: Callable[[], None] = lambda: None,
        remarks: Sequence[str] = (),
        weighted: bool = False,
        targets_are: TargetsAre = "rows",
    ) -> Prepared:
        """Encodes samples; `encode` makes one sequence of a sample, or several.

        `take` gives the model what its class has beside encoder and network.
        """
        self._study(call, settings, parts)
        encoder = settings.encoder
        count, kind = outputs
        goes_on = self._goes_on(settings)
        size = self._input_size(call, encoder)

        def flat(samples: Sequence[Checked]) -> FlatSet:
            sequences = [(each, checked.weight) for checked in samples for each in encode(encoder, checked)]
            encoded, weights = zip(*sequences, strict=True)
            return flat_set(encoded, size, count, weights, targets_are=targets_are)

        trained, held_out = flat(parts.trained), flat(parts.held_out) if parts.held_out else None
        if goes_on:
            network = self.network_
            self._refuse_kind(call, "network_", network, kind)
        else:
            network = settings.network(call, size, count, kind)
        plan = plan_run(call, network.core, trained, held_out, self._options(call, settings, len(trained)))

        asked = self._asked()

        def take_all() -> None:
            with SWAP:
                # That of the fit before is not this one's, which may be interrupted.
                self.__dict__.pop("result_", None)
                self.encoder_, self.network_, self.seed_ = encoder, network, settings.seed
                self._topology, self._meant = settings, asked
                take()

        return Prepared(network, plan, take_all, remarks, weighted)

    def _train(self, call: str, prepared: Prepared, callbacks: Callbacks) -> None:
        """Trains; what is refused has changed nothing."""
        with Printer(call, self._parameter("log"), callbacks.on_progress) as printer:
            self.result_ = run_plan(
                call,
                prepared.network.core,
                prepared.plan,
                resume=callbacks.resume,
                remarks=prepared.remarks,
                on_start=prepared.take,
                on_progress=printer.take,
                on_checkpoint=callbacks.on_checkpoint,
                executors=callbacks.executors,
            )

    def _options(self, call: str, settings: Settings, count: int) -> dict[str, Any]:
        """Options of the run, from the parameters; `count` sequences are trained on."""
        options = {name: self._parameter(name) for name in ENGINE_NAMES}
        if options["batch_size"] is None:
            options["batch_size"] = max(1, min(_BATCH, math.ceil(count / _UPDATES)))
        epochs = check_number(call, "epochs", self._parameter("epochs"), min=1, max=2**32 - 1, integer=True)
        return {
            **options,
            "learner": "bptt",
            "iterations": epochs,
            "rate": check_rate(call, "rate", self._parameter("rate")),
            "threads": self._parameter("threads"),
            "freeze": self._parameter("freeze"),
            "dropout": settings.dropout,
            "seed": settings.seed,
        }

    def _fitted(self, call: str) -> Network:
        """The network, which must have been fitted."""
        network = getattr(self, "network_", None)
        if not isinstance(network, Network):
            raise NotFittedError(f"{call}: the model has not been fitted yet; call fit first")
        return network

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def _outputs_of(self, call: str, inputs: Sequence[Any], field: str) -> list[Values]:
        """Outputs at every step of inputs."""
        network = self._fitted(call)
        steps = [self._steps(call, self.encoder_, f"{field}[{index}]", input) for index, input in enumerate(inputs)]
        return network.run_steps(call, steps)

    def _attribution(self, question: Question, input: Inputs, output: int, at: int) -> Attribution:
        """What each number of an input did to an output at a step."""
        call = question.call

        def read(field: str, baseline: Any) -> Inputs:  # noqa: ANN401
            return self._steps(call, self.encoder_, field, baseline)

        return attribution_of(question, self._fitted(call), input, output, at, read)

    def _streaming(
        self,
        call: str,
        says: Callable[[], Says[Answer]],
        *,
        begin: int | None = None,
        row: Callable[[str, RowReader, Any], Values] | None = None,
    ) -> SequenceStream[Answer]:
        """A sequence that comes step by step."""
        network = self._fitted(call)
        if network.core.is_bidirectional:
            raise TypeError(f"{call}: a bidirectional model reads whole sequences, expected one that reads forwards")
        return SequenceStream(call, network, self.encoder_, says, begin=begin, row=row)

    @of_one_fit
    def to_json(self) -> dict[str, Any]:
        """The fitted model as plain data, which `fromJSON` of the class opens in JavaScript."""
        network = self._fitted(f"{self._type}.to_json")
        topology = self._topology
        return {
            "engram": 1,
            "type": self._type,
            "encoder": self.encoder_.to_json(),
            "hidden": list(topology.hidden),
            **({"convolution": list(topology.convolution)} if topology.convolution else {}),
            **({"bidirectional": True} if topology.bidirectional else {}),
            **({"dropout": topology.dropout} if topology.dropout > 0 else {}),
            **({} if topology.initializer is None else {"initializer": topology.initializer}),
            **({} if topology.variant == "standard" else {"variant": topology.variant}),
            **({"readout": topology.readout or "last"} if self._answers_once() else {}),
            "seed": self.seed_,
            "network": network.to_json(),
            **self._extras(),
        }

    def _answers_once(self) -> bool:
        """Whether the fitted model has one answer for a sequence."""
        return "readout" in self._defaults

    def _extras(self) -> dict[str, Any]:
        """What a class stores beside what all store."""
        return {}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes :meth:`to_json` to a file, which keeps what it has where that fails."""
        write_whole(f"{self._type}.save", path, json_bytes(self.to_json()))

    @classmethod
    def from_json(cls: type[Model], json: Mapping[str, Any]) -> Model:
        """A model from :meth:`to_json`, or from the `toJSON` of the class in JavaScript."""
        call = f"{cls._type}.from_json"
        if not isinstance(json, Mapping):
            raise wrong_type(call, "json", "a dict", json)
        if isinstance(json.get("engram"), bool) or json.get("engram") not in (1, 2):
            expected = "1 or 2 (the formats that this version reads)"
            raise out_of_range(call, "json.engram", expected, json.get("engram"))
        if json.get("type") != cls._type:
            raise out_of_range(call, "json.type", f"'{cls._type}'", json.get("type"))
        names = (
            "hidden",
            "convolution",
            "bidirectional",
            "dropout",
            "variant",
            "initializer",
            "readout",
            "seed",
            "labels",
            "outputs",
            "covariates",
            "horizon",
            "symbols",
        )
        own = {**{name: name for name in names}, "targetsAt": "targets_at", "multiLabel": "multi_label"}
        given = {}
        for name, parameter in own.items():
            if name not in json or parameter not in cls._defaults:
                continue
            # A transcriber that has not been fitted has no symbols yet.
            if json[name] is None and name != "symbols":
                raise wrong_type(call, f"json.{name}", "what such a model stores, or left out", None)
            given[parameter] = json[name]
        if "readout" in cls._defaults and json.get("targetsAt") != "each":
            # Files of before read-outs had a choice say nothing of it.
            given.setdefault("readout", "last")
        encoder = Encoder.from_json(json.get("encoder"))  # type: ignore[arg-type]
        model = cls(encoder=encoder, **given)
        settings = model._settings(call, None)
        model._restore(call, json)
        if json.get("network") is None:
            return model
        network = Network.from_json(json["network"])
        check_topology(call, settings, network)
        count, kind = model._outputs()
        size = model._input_size(call, encoder)
        if (network.inputs, network.outputs) != (size, count):
            raise ValueError(
                f"{call}: json.network has {network.inputs} inputs and {network.outputs} outputs, encoder and labels "
                f"ask for {size} and {count}"
            )
        model._refuse_kind(call, "json.network", network, kind)
        model.encoder_, model.network_, model.seed_ = settings.encoder, network, settings.seed
        model._topology, model._meant = settings, model._asked()
        # A later `fit` begins anew, but for what the file says of labels, symbols and outputs.
        model.encoder = encoder.unfitted()
        return model

    def _refuse_kind(self, call: str, field: str, network: Network, kind: str) -> None:
        """Refuses a network whose outputs are of another kind than the model's."""
        if any(squash != SQUASH[kind] for squash in network.output_squashes):
            raise ValueError(f"{call}: {field} has outputs that are not {kind}, as those of a {self._type} are")

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        """Makes of the parameters of a stored model what `fit` would have made."""
