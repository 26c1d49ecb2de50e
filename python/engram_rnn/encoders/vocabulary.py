"""A list of known symbols: each has a slot, and all others share one after the last."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .coding import MOST_SYMBOLS, Coding, NamedInput, Steps, not_fitted

Symbol = str | int | float
"""A symbol: a text or a number. A number is never the text that is written like it."""


def _in_order(symbol: Symbol) -> tuple[bool, Symbol | bytes]:
    """What ties are sorted by: numbers before texts, and texts as JavaScript compares them, by units of UTF-16."""
    is_text = isinstance(symbol, str)
    return is_text, symbol.encode("utf-16-be", "surrogatepass") if isinstance(symbol, str) else symbol


class Vocabulary:
    """Known symbols, each at its slot; one that comes again counts once."""

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        self.symbols: list[Symbol] = list(dict.fromkeys(symbols))
        self._slots = {symbol: slot for slot, symbol in enumerate(self.symbols)}

    @classmethod
    def of(
        cls, inputs: Sequence[NamedInput], most: int, symbols_of: Callable[[str, object], Sequence[Symbol]]
    ) -> Vocabulary:
        """The most frequent symbols of a training set, `most` at most."""
        counts: Counter[Symbol] = Counter()
        for field, input in inputs:
            counts.update(symbols_of(field, input))
        # Ties in an order of their own, so that the same set gives the same vocabulary.
        ranked = sorted(counts, key=lambda symbol: (-counts[symbol], *_in_order(symbol)))
        return cls(ranked[:most])

    def extended(
        self, inputs: Sequence[NamedInput], symbols_of: Callable[[str, object], Sequence[Symbol]]
    ) -> Vocabulary:
        """These symbols, and behind them what inputs have beside, the most frequent first; as many as there may be."""

        def others(field: str, input: object) -> list[Symbol]:
            return [symbol for symbol in symbols_of(field, input) if symbol not in self._slots]

        found = Vocabulary.of(inputs, MOST_SYMBOLS, others)
        return Vocabulary([*self.symbols, *found.symbols][: max(MOST_SYMBOLS, len(self.symbols))])

    @property
    def size(self) -> int:
        """Slots: those of the symbols, and one for all others."""
        return len(self.symbols) + 1

    def codes(self, symbols: Iterable[Symbol | None]) -> npt.NDArray[np.uint32]:
        """The slots of symbols. None is never known."""
        last = len(self.symbols)
        slots = [last if symbol is None else self._slots.get(symbol, last) for symbol in symbols]
        return np.array(slots, dtype=np.uint32)

    def steps(self, codes: npt.NDArray[np.uint32]) -> Steps:
        """One step per code, 1 in its slot and 0 elsewhere: (codes, size)."""
        steps = np.zeros((len(codes), self.size))
        steps[np.arange(len(codes)), codes] = 1
        return steps


class SymbolCoding(Coding):
    """One kind of encoder whose steps are symbols, each of a vocabulary or not known."""

    _vocabulary: Vocabulary | None = None
    _unknown: ClassVar[str] = "no symbols"
    """What it has before a training set was seen."""

    @abstractmethod
    def symbols_of(self, call: str, field: str, input: object) -> Sequence[Symbol]:
        """The symbols of an input."""

    @abstractmethod
    def join(self, symbols: Sequence[Symbol]) -> Any:  # noqa: ANN401
        """An input of these symbols."""

    @property
    def size(self) -> int:
        """A slot per symbol, and one for all others; 0 before a training set was seen."""
        return 0 if self._vocabulary is None else self._vocabulary.size

    @property
    def known(self) -> Sequence[Symbol]:
        """The known symbols, each at its slot; none before a training set was seen."""
        return [] if self._vocabulary is None else self._vocabulary.symbols

    def fitted(self, call: str) -> Vocabulary:
        """The vocabulary, which must be there."""
        if self._vocabulary is None:
            raise not_fitted(call, self._unknown)
        return self._vocabulary

    def extended(self, call: str, inputs: Sequence[NamedInput], renew: bool) -> SymbolCoding:
        """An encoding that knows the symbols of inputs, too."""
        more = copy.copy(self)
        more._vocabulary = self.fitted(call).extended(inputs, partial(self.symbols_of, call))
        return more

    def steps(self, call: str, field: str, input: object) -> Steps:
        """One step per symbol, 1 in its slot."""
        return self.fitted(call).steps(self.codes(call, field, input))

    def codes(self, call: str, field: str, input: object) -> npt.NDArray[np.uint32]:
        """The slot of every symbol; that after the last for those that are not known."""
        return self.fitted(call).codes(self.symbols_of(call, field, input))
