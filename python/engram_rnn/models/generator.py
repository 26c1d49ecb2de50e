"""What goes on in the manner of texts, or of lists of symbols."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..arithmetic import random_from
from ..encoders import Encoder
from ..encoders.vocabulary import Symbol, SymbolCoding
from ..errors import check_boolean, check_list, check_number, out_of_range, plain
from ..network import Stepper
from ..training.executors import Executors
from ..training.flat_set import Values
from ..training.options import check_seed
from ..training.report import TrainingProgress
from .extension import ExtendableModel
from .label_scores import surprise
from .parameters import GENERATOR, GeneratorParameters, with_parameters
from .ready import Callbacks, Checked, Encoded, Prepared, Settings, of_one_fit, weighed
from .sampling import Sampling, draw
from .stream import SaysLast, SequenceStream

if TYPE_CHECKING:
    from typing_extensions import Unpack


_MOST = 1_000_000
_PIECE = 100

Codes = npt.NDArray[np.uint32]
"""The steps of a text: the one before it, then the slot of each symbol."""


@dataclass(frozen=True)
class NextSymbol:
    """What may come next."""

    probabilities: dict[Symbol, float]
    """Probability of every known symbol, the most probable first; with `end` they sum to 1."""
    end: float
    """Probability that the text ends here."""


@with_parameters(GENERATOR, GeneratorParameters)
class SequenceGenerator(ExtendableModel):
    """Learns to go on in the manner of texts, symbol by symbol: characters, words, notes or commands.

    It learns where texts begin and end, too. The parameters are :class:`GeneratorParameters`.

    >>> model = SequenceGenerator(encoder=Encoder.one_hot("abc"), hidden=(8,), rate=0.03, seed=1)
    >>> model.fit(["abcabc", "bcabca", "cabc"]).generate("ab", count=4, temperature=0)
    'cabc'
    """

    _defaults = GENERATOR
    _type = "SequenceGenerator"

    def __init__(self, **parameters: Unpack[GeneratorParameters]) -> None:
        super().__init__(**parameters)

    def _usual_encoder(self, first: object) -> Encoder:
        return Encoder.tokens(split="characters") if isinstance(first, str) else Encoder.symbols()

    def _settings(self, call: str, first: object) -> Settings:
        settings = super()._settings(call, first)
        if not isinstance(settings.encoder.coding, SymbolCoding):
            expected = "an encoder of symbols: one_hot, tokens or symbols"
            raise out_of_range(call, "encoder", expected, self._parameter("encoder"))
        return settings

    def _input_size(self, call: str, encoder: Encoder) -> int:
        """Slots of the encoder, and one step before every text, from which its first symbol is told."""
        return encoder.size + 1

    def _outputs(self) -> tuple[int, str]:
        """The known symbols, and the end, in the slot that the encoder has for symbols that are not known."""
        return self._parameter("encoder").size, "softmax"

    def fit(
        self,
        X: Collection[Any],  # noqa: N803
        y: object = None,
        *,
        sample_weight: Collection[float] | None = None,
        resume: bytes | None = None,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        executors: Executors | None = None,
    ) -> SequenceGenerator:
        """Learns from texts, and gives itself. What is wrong with the arguments changes nothing.

        Symbols that the encoder does not know are read, and not learnt to be made.

        Args:
            X: texts, or lists of symbols, that begin and end where such begin and end, of at least one symbol each.
            y: not used: the targets are the texts themselves.
            sample_weight: how much each text counts, as in :meth:`SequenceClassifier.fit`.
            resume: as in :meth:`SequenceClassifier.fit`.
            on_progress: as in :meth:`SequenceClassifier.fit`.
            on_checkpoint: as in :meth:`SequenceClassifier.fit`.
            executors: as in :meth:`SequenceClassifier.fit`.
        """
        call = "SequenceGenerator.fit"
        callbacks = Callbacks(resume, on_progress, on_checkpoint, executors)
        self._train(call, self.prepare(call, X, y, sample_weight), callbacks)
        return self

    def prepare(self, call: str, X: Collection[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        texts = check_list(call, "X", X)
        settings = self._begin(call, texts[0])
        piece = self._piece(call)
        samples = weighed(call, _named("X", texts), sample_weight)

        def check(validation: Any) -> Sequence[Checked]:  # noqa: ANN401
            return _named("validation", check_list(call, "validation", validation))

        parts = self._split(call, settings.seed, samples, check)
        self._study(call, settings, parts)

        def encode(encoder: Encoder, sample: Checked) -> list[Encoded]:
            codes = _codes(call, encoder, sample.field, sample.input)
            self._refuse_empty(call, sample.field, sample.input, len(codes) - 1)
            return list(_pieces(encoder, codes, piece or len(codes)))

        outputs = (settings.encoder.size, "softmax")
        return self._prepared(call, settings, parts, encode, outputs, targets_are="classes")

    def extend(self, X: Collection[Any], *, normalization: str = "frozen") -> SequenceGenerator:  # noqa: N803
        """The generator keeps what it has learnt, and knows the symbols of texts, too. Gives itself.

        As :meth:`SequenceClassifier.extend`: between the symbols it had, and the end, probabilities stay in their
        ratios, until `fit` with `warm_start` has learnt the new ones.

        Args:
            X: texts, or lists of symbols, as :meth:`fit` takes them. They are not learnt here.
            normalization: `'frozen'` or `'renewed'`, which is the same for symbols.
        """
        call = "SequenceGenerator.extend"
        encoder = self._extension(call, X, None, normalization)
        for sample in _named("X", check_list(call, "X", X)):
            _codes(call, encoder, sample.field, sample.input)
        self._grow(call, encoder, encoder.size, end=True)
        return self

    def _piece(self, call: str) -> int | None:
        """Symbols of a piece; None where texts are read whole."""
        piece = self._parameter("piece")
        if self._parameter("truncate") is None:
            return int(check_number(call, "piece", _PIECE if piece is None else piece, min=1, max=_MOST, integer=True))
        if piece is not None:
            raise out_of_range(call, "piece", "left out with truncate, with which texts are read whole", piece)
        return None

    def _options(self, call: str, settings: Settings, count: int) -> dict[str, Any]:
        options = super()._options(call, settings, count)
        stateful = check_boolean(call, "stateful", options["stateful"])
        return {**options, "stateful": stateful and options["truncate"] is not None}

    @of_one_fit
    def generate(
        self,
        start: Any = "",  # noqa: ANN401
        *,
        count: int = 100,
        until: Symbol | None = None,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> Any:  # noqa: ANN401
        """What goes on from the start of a text, which may be empty: what is made, without the start.

        It ends where the model ends a text, at `until`, or after `count` symbols. One seed makes one text, that of
        JavaScript.

        Args:
            start: a text or list, as :meth:`fit` takes them.
            count: most symbols to make, 1 to 1,000,000.
            until: a symbol that ends what is made, which does not come with it. Default: none but the end of a text.
            temperature: 0 and above: with 0 the most probable symbol is taken, with less than 1 the probable ones more
                often than their probability says, with more less often.
            top_k: draws from so many of the most probable symbols, 1 to 1,000,000. Default: all.
            top_p: draws from the most probable symbols that together have this share, above 0, up to 1.
            seed: fixes what is drawn: an integer from 0. Default: random.
        """
        call = "SequenceGenerator.generate"
        network = self._fitted(call)
        check_number(call, "count", count, min=1, max=_MOST, integer=True)
        sampling = Sampling(
            check_number(call, "temperature", temperature, min=0),
            None if top_k is None else check_number(call, "top_k", top_k, min=1, max=_MOST, integer=True),
            check_number(call, "top_p", top_p, min=0, max=1),
        )
        if sampling.top_p == 0:
            raise out_of_range(call, "top_p", "a number above 0, up to 1", top_p)
        random = random_from(secrets.randbelow(2**32) if seed is None else check_seed(call, seed))
        coding = _symbols(self.encoder_)
        known = coding.known
        ends = [len(known)]
        if until is not None:
            ends.append(_place(call, known, until))
        stepper = network.stepper(call)
        probabilities = _after(stepper, _codes(call, self.encoder_, "start", start))
        made: list[Symbol] = []
        while (code := draw(probabilities, sampling, random())) not in ends:
            made.append(known[code])
            if len(made) == count:
                break
            probabilities = stepper.push(np.array([code], dtype=np.uint32))
        return coding.join(made)

    @of_one_fit
    def next(self, text: Any = "") -> NextSymbol:  # noqa: ANN401
        """How probable each symbol is to follow a text, which may be empty."""
        call = "SequenceGenerator.next"
        stepper = self._fitted(call).stepper(call)
        return self._said(_after(stepper, _codes(call, self.encoder_, "text", text)))

    def _said(self, outputs: Values) -> NextSymbol:
        known, shares = _symbols(self.encoder_).known, outputs.tolist()
        order = np.argsort(-outputs[:-1], kind="stable").tolist()
        return NextSymbol({known[slot]: shares[slot] for slot in order}, shares[-1])

    @of_one_fit
    def stream(self) -> SequenceStream[NextSymbol]:
        """A text that comes step by step: after each piece what :meth:`next` says of the text so far, to the bit."""
        call = "SequenceGenerator.stream"
        self._fitted(call)
        return self._streaming(call, lambda: SaysLast(lambda outputs, _: self._said(outputs)), begin=self.encoder_.size)

    @of_one_fit
    def perplexity(self, X: Collection[Any]) -> float:  # noqa: N803
        """How surprising texts are to the model.

        That is e to the mean of minus the logarithm of the probability of each next symbol, ends included: 1 is
        foreseen, as many as there are symbols is guessed. Symbols that the encoder does not know are not counted.
        """
        return math.exp(self._surprise("SequenceGenerator.perplexity", X))

    @of_one_fit
    def score(self, X: Collection[Any], y: object = None) -> float:  # noqa: N803
        """Minus the logarithm of :meth:`perplexity`: 0 is perfect."""
        return -self._surprise("SequenceGenerator.score", X)

    def _surprise(self, call: str, X: Collection[Any]) -> float:  # noqa: N803
        """The mean surprise of each next symbol, in nats."""
        network = self._fitted(call)
        total, count = 0.0, 0
        for sample in _named("X", check_list(call, "X", X)):
            codes = _codes(call, self.encoder_, sample.field, sample.input)
            following, known = _targets(self.encoder_, codes)
            stepper = network.stepper(call)
            for code, target, is_known in zip(codes, following.tolist(), known.tolist(), strict=True):
                probabilities = stepper.push(np.array([code]))
                if is_known:
                    total += surprise(float(probabilities[target]))
                    count += 1
        return total / count


def _symbols(encoder: Encoder) -> SymbolCoding:
    coding = encoder.coding
    assert isinstance(coding, SymbolCoding), "the settings have been checked"
    return coding


def _named(field: str, texts: Sequence[Any]) -> list[Checked]:
    return [Checked(text, None, f"{field}[{index}]") for index, text in enumerate(texts)]


def _place(call: str, known: Sequence[Symbol], until: Any) -> int:  # noqa: ANN401
    """The place of the symbol that ends what is made."""
    symbol = plain(until)
    if isinstance(symbol, bool) or not isinstance(symbol, (str, int, float)) or symbol not in known:
        raise out_of_range(call, "until", f"a symbol that the encoder knows, one of {len(known)}", until)
    return known.index(symbol)


def _codes(call: str, encoder: Encoder, field: str, text: Any) -> Codes:  # noqa: ANN401
    """The steps of a text; the empty one has none but that before it."""
    codes = np.array([encoder.size], dtype=np.uint32)
    # An encoder of words tells a text without any from one of none.
    if isinstance(text, str) and text == "":
        return codes
    return np.concatenate([codes, _symbols(encoder).codes(call, field, text)])


def _after(stepper: Stepper, codes: Codes) -> Values:
    """What the network says after all of a text."""
    outputs = np.empty(0)
    for code in codes:
        outputs = stepper.push(np.array([code]))
    return outputs


def _targets(encoder: Encoder, codes: Codes) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """What follows each step of a text, a symbol or the end, and where that is known."""
    end = encoder.size - 1
    following = np.append(codes[1:], np.uint32(end))
    known = following != end
    known[-1] = True
    return following, known


def _pieces(encoder: Encoder, codes: Codes, piece: int) -> Iterator[Encoded]:
    """A text in pieces of so many steps, each behind the piece before it."""
    following, known = _targets(encoder, codes)
    for start in range(0, len(codes), piece):
        first, end = max(start - piece, 0), start + piece
        at = start + np.flatnonzero(known[start:end])
        yield codes[first:end], following[at], (at - first).tolist()
