"""From texts and series to the steps that a network takes, and what has to be remembered for it."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..errors import check_choice, check_list, wrong_type
from .changes import Difference
from .coding import Coding, NamedInput, Steps
from .numeric import Numeric
from .symbols import Symbols
from .text import Bits, Bytes, OneHot
from .tokens import Tokens

_KINDS = ("bits", "bytes", "oneHot", "tokens", "symbols", "numeric")


def _coding_of(call: str, json: Any) -> Coding:  # noqa: ANN401
    if not isinstance(json, Mapping):
        raise wrong_type(call, "json", "a dict", json)
    match check_choice(call, "json.type", json.get("type"), _KINDS):
        case "bits":
            return Bits()
        case "bytes":
            return Bytes()
        case "oneHot":
            return OneHot(call, "json.alphabet", json.get("alphabet"))
        case "tokens":
            return Tokens.from_json(call, json)
        case "symbols":
            return Symbols.from_json(call, json)
        case _:
            return Numeric.from_json(call, json)


class Encoder:
    """Turns one input (a text, a series) into steps.

    An encoder is data: it is stored with the model, with what it took from the training set. A model has a copy of the
    encoder that it is given, so that several may be given the same. Encoders are made by the functions below.

    >>> Encoder.one_hot("abc").encode("ab").tolist()  # the last slot is for other symbols
    [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    """

    def __init__(self, coding: Coding) -> None:
        if not isinstance(coding, Coding):
            raise TypeError("Encoder: made by none but its functions, expected Encoder.symbols() or another")
        self._coding = coding

    @property
    def size(self) -> int:
        """Values per step. 0 while that depends on a training set that was not seen yet."""
        return self._coding.size

    @property
    def embedding(self) -> int:
        """Length of the vector that a model learns for every symbol; 0 where steps go in as they are."""
        return self._coding.embedding

    @property
    def is_fitted(self) -> bool:
        """Whether something was taken from a training set."""
        return self._coding.learnt is not None

    @property
    def coding(self) -> Coding:
        """The kind of encoder, which says what is wrong by the call and the field it is given."""
        return self._coding

    def fit(self, X: Collection[Any]) -> Encoder:  # noqa: N803
        """Takes from the training set what has to be known of it, in place of what was known before; gives itself.

        A model does so with its copy, unless the encoder that it was given had been fitted. TypeError or ValueError for
        what :meth:`encode` refuses.
        """
        call = "Encoder.fit"
        inputs = check_list(call, "X", X)
        self._coding.study(call, [NamedInput(f"X[{index}]", input) for index, input in enumerate(inputs)])
        return self

    def encode(self, input: object) -> Steps:
        """The steps of one input, an array (steps, :attr:`size`).

        An empty text or list has none, which no model takes; but to :meth:`tokens` a text without words, also the empty
        one, is one unknown word. TypeError for inputs of another kind, and before :meth:`fit` where that is needed;
        ValueError for numbers that are not finite, and rows of another length.
        """
        return self._coding.steps("Encoder.encode", "input", input)

    def parts(self, input: object) -> list[str]:
        """What each step of an input stands for, as many texts as :meth:`encode` gives steps.

        The words of a text (to write their labels down for a SequenceTagger), its characters, for bits and bytes the
        character that they belong to, symbols; for series the number of the step, from 1.
        """
        return self._coding.parts("Encoder.parts", "input", input)

    def unfitted(self) -> Encoder:
        """An encoder of the same options that knows nothing of a training set."""
        coding = copy.copy(self._coding)
        coding.learnt = None
        return Encoder(coding)

    def copy(self) -> Encoder:
        """An encoder of its own that knows the same."""
        return Encoder(copy.copy(self._coding))

    def extended(self, call: str, inputs: Sequence[NamedInput], renew: bool) -> Encoder:
        """An encoder that knows what inputs have beside, and with `renew` has measured series anew."""
        return Encoder(self._coding.extended(call, inputs, renew))

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data, as `toJSON` gives it in JavaScript."""
        return self._coding.to_json()

    @staticmethod
    def from_json(json: Mapping[str, Any]) -> Encoder:
        """An encoder from :meth:`to_json`, or from JavaScript's `toJSON`."""
        return Encoder(_coding_of("Encoder.from_json", json))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encoder) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        json = self.to_json()
        shown = {name: value for name, value in json.items() if name not in ("type", "vocabulary", "mean", "deviation")}
        name = "one_hot" if json["type"] == "oneHot" else json["type"]
        return f"Encoder.{name}({', '.join(f'{key}={value!r}' for key, value in shown.items() if value is not None)})"

    @staticmethod
    def bits() -> Encoder:
        """Texts bit by bit: the bits of UTF-8, most significant first, one step each, as -1 and 1."""
        return Encoder(Bits())

    @staticmethod
    def bytes() -> Encoder:
        """Texts byte by byte: the bytes of UTF-8, one step of 8 values (its bits, as -1 and 1) each."""
        return Encoder(Bytes())

    @staticmethod
    def one_hot(alphabet: str) -> Encoder:
        """Texts character by character, 1 in its slot and 0 elsewhere; others than of the alphabet share a last one."""
        return Encoder(OneHot("Encoder.one_hot", "alphabet", alphabet))

    @staticmethod
    def tokens(*, most: int = 1000, embedding: int = 32, split: str = "words") -> Encoder:
        r"""Texts word by word.

        Case does not count, nor whether letters are composed of several characters (Unicode's form NFC). One step per
        word, 1 in its slot; models learn a vector for every word. Unknown words share a last slot.

        Args:
            most: words in the vocabulary at most, 1 to 1,000,000; the most frequent of the training set are taken.
            embedding: length of the vector that is learnt for every word, 1 to 65,536.
            split: how a text is cut. `'words'`: letters and digits with their marks; a number keeps sign, point, comma
                and exponent, a note its sharp, and an emoji is a word. `'whitespace'`: whatever stands between spaces.
                `'characters'`: every letter with its marks. Any other text is the source of a regular expression of
                JavaScript, with its flag `u` and at most 1,000 characters, for what lies between words: `'[,;]\\s*'`.
                A pattern that takes for ever does so at every text, so load models with a pattern only from where you
                would load code.
        """
        return Encoder(Tokens("Encoder.tokens", "", most, embedding, split))

    @staticmethod
    def symbols(
        *, symbols: Sequence[str | float] | None = None, most: int | None = None, embedding: int = 0
    ) -> Encoder:
        """Lists of symbols (notes, commands), texts or numbers, 1 in its slot and 0 elsewhere; 3 is not '3'.

        Args:
            symbols: the known ones, each once, 1,000,000 at most. Default: the most frequent of the training set.
            most: symbols that are taken from the training set at most, 1 to 1,000,000; not with `symbols`. Default
                1,000.
            embedding: length of the vector that is learnt for every symbol, up to 65,536; 0 for none.
        """
        return Encoder(Symbols.of("Encoder.symbols", symbols, most, embedding))

    @staticmethod
    def numeric(
        *,
        channels: int | Sequence[str] = 1,
        normalize: bool = True,
        missing: str = "refuse",
        window: int = 1,
        stride: int | None = None,
        difference: Difference | Mapping[str, Difference] = False,
    ) -> Encoder:
        """Series of numbers, one step per row of channels.

        Args:
            channels: values per step, 1 to 65,536; or the names of the channels, for rows that are dicts.
            normalize: shifts and scales every channel to mean 0 and deviation 1 over the training set. A channel that
                stands still there is 0 always; a value is at most 1e30 deviations away.
            missing: what becomes of None and NaN. `'refuse'`: they are errors. `'mask'`: they are 0 (the mean, where
                normalised), and every step says, in as many values more, which values are there: 1, or 0.
            window: rows of the series that make one step. Every row stands in a step: the last one is the window that
                ends with the series, and a shorter series starts with copies of its first row.
            stride: rows from the start of a window to that of the next, at most the window. Default: the window.
            difference: what a step says of a channel. False: its value. True: the difference from the value before, for
                series that rise or fall without end. `'relative'`: that difference as a share of the value before,
                which must be above 0. A first value has not changed, and is 0. Mean and deviation are those of the
                changes. A dict gives each channel its own, by its name, or its place as text where channels have none.
        """
        return Encoder(Numeric("Encoder.numeric", "", channels, normalize, missing, window, stride, difference))
