"""The parameters of the sequence classes: names and defaults, and how a class declares them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .. import _engine
from ..documented import document, texts_of
from ..training.options import EngineOptions, Rate, standard

if TYPE_CHECKING:
    from ..encoders import Encoder

Class = TypeVar("Class", bound=type)


class ModelParameters(EngineOptions, total=False):
    """Parameters that every sequence class has."""

    encoder: Encoder | None
    """Turns inputs into steps. The model takes a copy. What was fitted before keeps what it learnt; else the copy
    learns from the samples that are trained on. Default: bits for texts; for series numeric, with as many channels as
    the first has."""
    hidden: Collection[int]
    """Cells of each LSTM layer, from the input to the output. Default (32,); () for convolutions alone."""
    convolution: Sequence[Mapping[str, int]] | None
    """Convolutions over time before the recurrent layers: dicts of `filters` (rectified neurons), `width` (steps that
    each reads, this one and those before) and `dilation` (from one of these steps to the next; 1 if left out). With
    `bidirectional` each also has a twin that looks ahead. A stride is a window of the encoder. Not with variant
    'synaptic'. Default None."""
    dropout: float
    """Share of the hidden neurons that the next layer does not see in a training step, against learning by heart: from
    0 and below 1. Default 0."""
    variant: Literal["standard", "gru", "synaptic"]
    """'standard' (default): the textbook's LSTM. 'gru': gated recurrent units. 'synaptic': Synaptic's topology, with
    peepholes; neither bidirectional nor with an encoder of words."""
    initializer: Literal["keras", "pytorch", "scaled"] | None
    """How first weights are drawn: as in Keras, as in PyTorch, or engram's own. Not with variant 'synaptic'. Default
    None: 'keras', with `convolution` 'scaled'."""
    seed: int | None
    """Fixes first weights, splits and shuffles: an integer from 0. Default None: random."""
    epochs: int
    """Most times the training samples are gone through. Default 100."""
    rate: Rate
    """Learning rate. Default 0.01."""
    validation: float | tuple[Collection[Any], Collection[Any]] | Sequence[Any]
    """What is held out of training to judge by: samples of their own, as `(X, y)` (of a predictor a list of series,
    of a generator one of texts), or a share of the samples, from 0 and below 1, drawn at random (by class, for a
    classifier). Of a single series a predictor holds out the end, judged with the steps before as context. Default
    0."""
    threads: int | Literal["auto"]
    """Threads that share the batches, 1 to 64; the result is the same, to the bit. Default 'auto': as many as the
    machine has and the batch has work for."""
    freeze: Sequence[str] | None
    """Layers that do not learn: 'embedding', 'layer 0' (the first of the recurrent ones, both ways where it has two),
    'output'. With `warm_start` they keep what they have learnt. Default None: all learn."""
    log: bool | int
    """Says how it goes: by a bar for True, where tqdm is installed (else a line about every second), or by a line
    every so many epochs. Default False."""
    warm_start: bool
    """Whether `fit` goes on from where the last one ended, instead of from new weights. Default False."""


class LabelledParameters(ModelParameters, total=False):
    """Parameters of the classes that choose among labels."""

    labels: Collection[Any] | None
    """The labels, at least two: texts, finite numbers, True and False; in this order they are the model's outputs.
    Default None: those of the samples, sorted."""
    bidirectional: bool
    """Every layer also reads the sequence from its end, and what follows sees both. Default False."""


class ClassifierParameters(LabelledParameters, total=False):
    """Parameters of :class:`SequenceClassifier`."""

    readout: Literal["last", "mean", "max", "attention", "mean+max"] | None
    """How the steps of a sequence become one. 'last': the hidden state at the end; with `bidirectional` each
    direction's own. 'mean', 'max': over the steps, cell by cell. 'mean+max': both, side by side. 'attention': the mean,
    weighted by a softmax over the steps of a learnt score. All but 'last' of one direction need whole sequences,
    without `truncate`; variant 'synaptic' knows 'last' only. Default None: 'last', 'max' with `bidirectional`, and
    'mean+max' with `convolution`."""
    class_weights: Literal["balanced"] | Mapping[Any, float] | None
    """How much each label's samples count: 'balanced' for as much in all for every label, or a number above 0 for
    each. Not with `multi_label`. Default None: every sample counts 1."""
    multi_label: bool
    """Whether a sequence may have several of the labels at once, or none: each has a probability of its own then, and
    samples have lists of labels. scikit-learn's cross-validation cannot stratify these: give it a splitter, as
    `cv=KFold(3)`. Not with `class_weights`. Default False."""
    thresholds: float | Mapping[Any, float] | None
    """With `multi_label`: from which probability on a sequence has a label, above 0 and below 1; of all labels, or a
    dict with that of some. Default None: 0.5."""
    label_smoothing: float
    """Share of certainty that is spread over all labels, from 0 and below 1. Default 0."""


class PredictorParameters(ModelParameters, total=False):
    """Parameters of :class:`SequencePredictor`."""

    outputs: Sequence[str | int] | None
    """Channels to predict, by name, or by place where channels have none. Default None: all that are no covariates."""
    covariates: Sequence[str | int] | None
    """Channels that are known ahead: the day of the week, a price that was set. At every step the network also reads
    theirs of the rows that it is to predict. Default None: there are none."""
    horizon: int
    """Rows that the network predicts at once, 1 to 1,000; a series to learn from has one row more at least. Default
    1."""
    hold_out: Literal["series", "end"] | None
    """What a share in `validation` holds out: 'series', whole ones drawn at random, or 'end', the end of each, judged
    with the steps before as context. Default None: the end of a single series, else whole ones."""


class RegressorParameters(ModelParameters, total=False):
    """Parameters of :class:`SequenceRegressor`."""

    bidirectional: bool
    """Every layer also reads the sequence from its end, and what follows sees both. Default False."""
    outputs: int | None
    """Numbers of an answer, 1 to 65,536. Default None: as many as the first answer has."""
    targets_at: Literal["last", "each"]
    """'last' (default): a sequence has one answer. 'each': each of its steps has one, or None; then there is no
    `readout`."""
    readout: Literal["last", "mean", "max", "attention", "mean+max"] | None
    """As of :class:`ClassifierParameters`."""


class GeneratorParameters(ModelParameters, total=False):
    """Parameters of :class:`SequenceGenerator`.

    The encoder is one of symbols: `one_hot`, `tokens` or `symbols`; by default texts are cut into characters,
    `Encoder.tokens(split='characters')`, and lists read with `Encoder.symbols()`. With `truncate`, texts are learnt
    from begin to end, instead of in pieces: with an update of the weights after every so many symbols of the texts of
    a batch, each of which takes its states along, or with `stateful=False` one after their ends. `stateful` is True by
    default, and says nothing without `truncate`.
    """

    piece: int | None
    """Symbols of a piece, 1 to 1,000,000: longer texts are learnt in pieces of so many, each read after the piece
    before it, of which nothing is learnt then. Not with `truncate`. Default None: 100."""


class TranscriberParameters(ModelParameters, total=False):
    """Parameters of :class:`SequenceTranscriber`, which learns whole sequences: `truncate` is None."""

    bidirectional: bool
    """Every layer also reads the sequence from its end, and what follows sees both. Default False."""
    symbols: Sequence[str | float] | None
    """All symbols that may be said, each once: texts and finite numbers. Default None: those of the samples that are
    trained on."""


# Options of training that a model sets itself, or has its own of the name.
_NOT_FOR_FIT = ("learner", "iterations", "dropout", "seed")
ENGINE_NAMES = tuple(name for name in _engine.OPTIONS if name not in _NOT_FOR_FIT)
"""Parameters that the engine's table describes."""

MODEL: dict[str, Any] = {
    "encoder": None,
    "hidden": (32,),
    "convolution": None,
    "dropout": 0.0,
    "variant": "standard",
    "initializer": None,
    "seed": None,
    "epochs": 100,
    "rate": 0.01,
    "validation": 0,
    "threads": "auto",
    "freeze": None,
    "log": False,
    "warm_start": False,
    **{name: standard(name, "sequences") for name in ENGINE_NAMES},
    "error": 0.0,
    # As many as the set is large for.
    "batch_size": None,
}
LABELLED: dict[str, Any] = {"labels": None, **MODEL, "bidirectional": False}
PREDICTOR: dict[str, Any] = {**MODEL, "outputs": None, "covariates": None, "horizon": 1, "hold_out": None}
REGRESSOR: dict[str, Any] = {**MODEL, "bidirectional": False, "outputs": None, "targets_at": "last", "readout": None}
GENERATOR: dict[str, Any] = {**MODEL, "piece": None, "stateful": True}
TRANSCRIBER: dict[str, Any] = {**MODEL, "bidirectional": False, "symbols": None}
CLASSIFIER: dict[str, Any] = {
    **LABELLED,
    "readout": None,
    "class_weights": None,
    "label_smoothing": 0.0,
    "multi_label": False,
    "thresholds": None,
}


_TEXTS: dict[type, Mapping[str, str]] = {
    described: texts_of(described)
    for described in (
        EngineOptions,
        ModelParameters,
        LabelledParameters,
        ClassifierParameters,
        PredictorParameters,
        RegressorParameters,
        GeneratorParameters,
        TranscriberParameters,
    )
}


def _texts(described: type) -> Mapping[str, str]:
    """What there is to say of each parameter of a class, of its own first."""
    texts: dict[str, str] = {}
    for among in (described, LabelledParameters, ModelParameters, EngineOptions):
        for name, text in _TEXTS[among].items():
            if name in described.__annotations__:
                texts.setdefault(name, text)
    return texts


for _described in _TEXTS:
    document(_described, "Parameters", _texts(_described))


def with_parameters(defaults: Mapping[str, Any], described: type) -> Callable[[Class], Class]:
    """Declares the parameters of a class, and says what they are.

    scikit-learn reads them from the signature of `__init__`.
    """

    def declare(cls: Class) -> Class:
        document(cls, "Parameters", _texts(described))
        own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        named = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value) for name, value in defaults.items()
        ]
        vars(cls)["__init__"].__signature__ = inspect.Signature([own, *named])
        return cls

    return declare
