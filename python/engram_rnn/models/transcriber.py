"""Which symbols a sequence says, in their order, where nobody has written down at which steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arithmetic import edit_distance
from ..encoders import Encoder
from ..encoders.row_reader import RowReader
from ..encoders.vocabulary import Symbol
from ..errors import check_boolean, check_list, check_number, describe, is_vector, out_of_range, plain, wrong_type
from ..training.executors import Executors
from ..training.flat_set import Values
from ..training.report import TrainingProgress
from .extension import ExtendableModel
from .labelled import text_of
from .parameters import TRANSCRIBER, TranscriberParameters, with_parameters
from .ready import Callbacks, Checked, Encoded, Prepared, of_one_fit, weighed
from .stream import SequenceStream
from .transcripts import BestPath, beam_search, best_path, steps_to_say

if TYPE_CHECKING:
    from typing_extensions import Unpack


_MOST_BEGINNINGS = 1000


class _Said(NamedTuple):
    """What a sequence says, and the field that it was given in."""

    field: str
    symbols: list[Symbol]
    is_text: bool


@with_parameters(TRANSCRIBER, TranscriberParameters)
class SequenceTranscriber(ExtendableModel):
    """Learns to read a short list of symbols out of a long sequence: letters of handwriting, gestures, words of sounds.

    Samples say what a sequence says, and not when; the model finds that out (connectionist temporal classification,
    Graves et al. 2006). The parameters are :class:`TranscriberParameters`. After `fit`, `symbols_` has all symbols, in
    the order of the network's outputs, behind which stands one that says nothing.

    >>> model = SequenceTranscriber(hidden=(8,), rate=0.05, seed=1)
    >>> model = model.fit([[0, 0, 5, 5, 0, 0, 0, -5, 0], [0, -5, -5, 0, 0, -5, 0, 0]], ["ud", "dd"])
    >>> model.predict([[0, 0, 5, 5, 0, 0, -5, 0]])
    ['ud']
    """

    _defaults = TRANSCRIBER
    _type = "SequenceTranscriber"

    symbols_: list[Symbol]
    _is_text: bool

    def __init__(self, **parameters: Unpack[TranscriberParameters]) -> None:
        super().__init__(**parameters)

    def _outputs(self) -> tuple[int, str]:
        return len(self.symbols_) + 1, "softmax"

    def fit(
        self,
        X: Collection[Any],  # noqa: N803
        y: Collection[Any],
        *,
        sample_weight: Collection[float] | None = None,
        resume: bytes | None = None,
        on_progress: Callable[[TrainingProgress], object] | None = None,
        on_checkpoint: Callable[[bytes], object] | None = None,
        executors: Executors | None = None,
    ) -> SequenceTranscriber:
        """Learns from sequences and what they say, and gives itself. What is wrong with the arguments changes nothing.

        The error of the run is minus the logarithm of the probability of what a sequence says, in nats, its accuracy
        the share of the sequences that are read without an error.

        Args:
            X: one input per sample, as the encoder takes it.
            y: one text per sample, of which each character is a symbol, or one list of texts and numbers, in all
                samples alike; without any symbol where nothing is said. A sequence needs a step for each symbol, and
                one between two that are the same.
            sample_weight: as in :meth:`SequenceClassifier.fit`.
            resume: as in :meth:`SequenceClassifier.fit`.
            on_progress: as in :meth:`SequenceClassifier.fit`.
            on_checkpoint: as in :meth:`SequenceClassifier.fit`.
            executors: as in :meth:`SequenceClassifier.fit`.
        """
        call = "SequenceTranscriber.fit"
        callbacks = Callbacks(resume, on_progress, on_checkpoint, executors)
        self._train(call, self.prepare(call, X, y, sample_weight), callbacks)
        return self

    def prepare(self, call: str, X: Collection[Any], y: Any, sample_weight: Any = None) -> Prepared:  # noqa: N803, ANN401
        """Checks and encodes samples, as :meth:`fit` does, and changes nothing."""
        inputs = check_list(call, "X", X)
        settings = self._begin(call, inputs[0])
        goes_on = self._goes_on(settings)
        checked = self._check(call, ("X", "y"), inputs, y, self._is_text if goes_on else None)
        samples = weighed(call, checked, sample_weight)
        is_text = samples[0].answer.is_text

        def check(validation: Any) -> Sequence[Checked]:  # noqa: ANN401
            return self._check(call, *self._held_out(call, validation), is_text)

        parts = self._split(call, settings.seed, samples, check)
        symbols = self.symbols_ if goes_on else self._find_symbols(call, parts.trained)

        def encode(encoder: Encoder, sample: Checked) -> list[Encoded]:
            return [self._encoded(call, encoder, sample, symbols)]

        def take() -> None:
            self.symbols_, self._is_text = symbols, is_text

        outputs = (len(symbols) + 1, "softmax")
        return self._prepared(call, settings, parts, encode, outputs, take=take, targets_are="lists")

    def extend(
        self,
        X: Collection[Any] | None = None,  # noqa: N803
        y: Collection[Any] | None = None,
        *,
        symbols: Collection[Symbol] | None = None,
        normalization: str = "frozen",
    ) -> SequenceTranscriber:
        """The transcriber keeps what it has learnt, and knows more, as :meth:`SequenceClassifier.extend`. Gives itself.

        What it reads stays nearly the same, until `fit` with `warm_start` is given samples of the new symbols, with
        some of the old ones.

        Args:
            X: as there.
            y: what they say, as :meth:`fit` takes it.
            symbols: symbols that come behind the others; single characters where samples say texts.
            normalization: as there.
        """
        call = "SequenceTranscriber.extend"
        encoder = self._extension(call, X, y, normalization)
        more = [] if symbols is None else _check_symbols(call, "symbols", symbols)
        for index, symbol in enumerate(more):
            if symbol in self.symbols_:
                raise out_of_range(call, f"symbols[{index}]", "a symbol that the model does not have", symbol)
            if self._is_text and not (isinstance(symbol, str) and len(symbol) == 1):
                raise out_of_range(call, f"symbols[{index}]", "one character, as what it reads are texts", symbol)
        known = [*self.symbols_, *more]
        if X is not None:
            for sample in self._check(call, ("X", "y"), X, y, self._is_text):
                self._encoded(call, encoder, sample, known)

        def take() -> None:
            self.symbols_ = known
            if self._parameter("symbols") is not None:
                self.set_params(symbols=list(known))

        # The output that says nothing stays the last.
        self._grow(call, encoder, len(known) + 1, take, end=True)
        return self

    def _encoded(self, call: str, encoder: Encoder, sample: Checked, symbols: Sequence[Symbol]) -> Encoded:
        """A sample as the network takes it, which must have steps enough for what it says."""
        said: _Said = sample.answer
        slots = _slots(call, said, symbols)
        steps = self._steps(call, encoder, sample.field, sample.input)
        needed = steps_to_say(slots)
        if needed > len(steps):
            count = f"{len(slots)} symbol{'' if len(slots) == 1 else 's'}"
            raise ValueError(
                f"{call}: {said.field} has {count}, to say which takes {needed} steps, of which the input has "
                f"{len(steps)}"
            )
        return steps, np.array(slots, dtype=np.uint32), range(len(slots))

    def _find_symbols(self, call: str, trained: Sequence[Checked]) -> list[Symbol]:
        """The symbols that were given, or else those that are said, in their order."""
        given = self._parameter("symbols")
        if given is not None:
            return _check_symbols(call, "symbols", given)
        found = list(dict.fromkeys(symbol for sample in trained for symbol in sample.answer.symbols))
        if not found:
            raise ValueError(f"{call}: samples say nothing, expected a symbol at least, or the parameter symbols")
        return found

    def _check(self, call: str, fields: tuple[str, str], X: Any, y: Any, is_text: bool | None) -> list[Checked]:  # noqa: ANN401, N803
        """Checks samples, which say texts or lists as `is_text` tells, if anything, and else all alike."""
        checked, are = [], is_text
        for index, (input, output) in enumerate(self._pairs(call, fields, X, y)):
            field = f"{fields[1]}[{index}]"
            are = isinstance(output, str) if are is None else are
            if isinstance(output, str) != are or not (are or is_vector(output)):
                alike = "a text, or a list, as in all samples"
                expected = alike if is_text is None else "a text" if is_text else "a list of symbols"
                raise wrong_type(call, field, expected, output)
            symbols = [_check_symbol(call, f"{field}[{at}]", symbol) for at, symbol in enumerate(output)]
            checked.append(Checked(input, _Said(field, symbols, are), f"{fields[0]}[{index}]"))
        return checked

    def _read(self, call: str, inputs: Sequence[Any], beam: int | None) -> list[list[int]]:
        """Places of the symbols that inputs say."""
        if beam is not None:
            check_number(call, "beam", beam, min=1, max=_MOST_BEGINNINGS, integer=True)
        outputs = self._outputs_of(call, inputs, "X")
        return [best_path(each) if beam is None else beam_search(each, int(beam)) for each in outputs]

    @of_one_fit
    def predict(self, X: Collection[Any], *, beam: int | None = None) -> list[Any]:  # noqa: N803
        """What each sequence says, as the samples had it: texts, or lists.

        Args:
            X: inputs, as :meth:`fit` takes them.
            beam: how many beginnings of lists are kept at every step of a search for the most probable list, 1 to
                1,000. Default: no search, but the most probable output of every step.
        """
        call = "SequenceTranscriber.predict"
        read = self._read(call, check_list(call, "X", X), beam)
        return [self._said(slots) for slots in read]

    def _said(self, slots: Sequence[int]) -> Any:  # noqa: ANN401
        """Symbols as the samples had them: a text, or a list."""
        symbols = [self.symbols_[slot] for slot in slots]
        return "".join(map(text_of, symbols)) if self._is_text else symbols

    @of_one_fit
    def stream(self) -> SequenceStream[Any]:
        """A sequence that comes step by step: after each step what :meth:`predict` reads in it so far, without `beam`.

        What has been read stays, but for what the last step of a window said that is not whole yet. TypeError for a
        bidirectional model.
        """
        return self._streaming("SequenceTranscriber.stream", lambda: _SaysPath(self._said))

    @of_one_fit
    def evaluate(self, X: Collection[Any], y: Collection[Any], *, beam: int | None = None) -> dict[str, float]:  # noqa: N803
        """How well the transcriber reads samples.

        Gives `error_rate`, symbols to be inserted, deleted or replaced to make what is right of what was read
        (Levenshtein 1966), as a share of all symbols that are right: the character error rate, which may be above 1,
        and is the number of symbols where no sample says anything; and `accuracy`, the share of the sequences that are
        read without an error. `beam` is as in :meth:`predict`.
        """
        return self._evaluate("SequenceTranscriber.evaluate", X, y, beam)

    @of_one_fit
    def score(self, X: Collection[Any], y: Collection[Any]) -> float:  # noqa: N803
        """`accuracy` of :meth:`evaluate`."""
        return self._evaluate("SequenceTranscriber.score", X, y, None)["accuracy"]

    def _evaluate(self, call: str, X: Any, y: Any, beam: int | None) -> dict[str, float]:  # noqa: ANN401, N803
        self._fitted(call)
        samples = self._check(call, ("X", "y"), X, y, self._is_text)
        right = [_slots(call, sample.answer, self.symbols_) for sample in samples]
        read = self._read(call, [sample.input for sample in samples], beam)
        errors = [edit_distance(slots, own) for slots, own in zip(read, right, strict=True)]
        return {
            "error_rate": sum(errors) / max(sum(map(len, right)), 1),
            "accuracy": errors.count(0) / len(errors),
        }

    def _learnt(self) -> Mapping[str, Any]:
        return {"symbols": self.symbols_}

    def _answers_once(self) -> bool:
        return False

    def _restore(self, call: str, json: Mapping[str, Any]) -> None:
        self._is_text = check_boolean(call, "json.text", json.get("text"))
        symbols = json.get("symbols")
        if symbols is not None or json.get("network") is not None:
            self.symbols_ = _check_symbols(call, "json.symbols", symbols)

    def _extras(self) -> dict[str, Any]:
        return {"symbols": list(self.symbols_), "text": self._is_text}


class _SaysPath:
    """What a transcriber says as steps come."""

    def __init__(self, said: Callable[[Sequence[int]], Any]) -> None:
        self._said, self._path = said, BestPath()

    def hear(self, outputs: Values, stays: bool) -> None:
        self._path.step(outputs, stays)

    def answer(self, rows: RowReader | None) -> Any:  # noqa: ANN401
        return self._said(self._path.slots)


def _check_symbol(call: str, field: str, value: Any) -> Symbol:  # noqa: ANN401
    """Checks a symbol, and gives it without NumPy's types."""
    symbol = plain(value)
    if isinstance(symbol, float) and math.isfinite(symbol):
        return symbol
    if isinstance(symbol, (str, int)) and not isinstance(symbol, bool):
        return symbol
    raise wrong_type(call, field, "a text or a finite number", value)


def _check_symbols(call: str, field: str, given: Any) -> list[Symbol]:  # noqa: ANN401
    """Checks symbols that are given beforehand."""
    symbols: list[Symbol] = []
    for index, each in enumerate(check_list(call, field, given)):
        symbol = _check_symbol(call, f"{field}[{index}]", each)
        if symbol in symbols:
            raise out_of_range(call, f"{field}[{index}]", "every symbol once", symbol)
        symbols.append(symbol)
    return symbols


def _slots(call: str, said: _Said, symbols: Sequence[Symbol]) -> list[int]:
    """The places of the symbols that a sequence says."""
    places = {symbol: slot for slot, symbol in enumerate(symbols)}
    for at, symbol in enumerate(said.symbols):
        if symbol not in places:
            raise out_of_range(call, f"{said.field}[{at}]", f"one of {', '.join(map(describe, symbols))}", symbol)
    return [places[symbol] for symbol in said.symbols]
