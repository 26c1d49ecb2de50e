"""Lists of symbols: notes, commands, identifiers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import check_number, is_vector, number, out_of_range, plain, wrong_type
from .coding import MOST, MOST_SYMBOLS, NamedInput
from .vocabulary import Symbol, SymbolCoding, Vocabulary


def _check_symbols(call: str, field: str, value: Any) -> list[Symbol]:  # noqa: ANN401
    """Checks a list of symbols."""
    if not is_vector(value):
        raise wrong_type(call, field, "a list of symbols (texts or numbers)", value)
    symbols: list[Symbol] = []
    for index, symbol in enumerate(value.tolist() if isinstance(value, np.ndarray) else value):
        place = f"{field}[{index}]"
        symbol = plain(symbol)
        if isinstance(symbol, bool) or not isinstance(symbol, (str, int, float)):
            raise wrong_type(call, place, "a string or a number", symbol)
        if isinstance(symbol, float) and not math.isfinite(symbol):
            raise out_of_range(call, place, "a string or a finite number", symbol)
        symbols.append(symbol)
    return symbols


def _check_known(call: str, field: str, value: object, most: int) -> Vocabulary:
    """Checks known symbols, each of which may come once."""
    symbols = _check_symbols(call, field, value)
    if len(symbols) > most:
        raise out_of_range(call, field, f"at most {most} symbols", symbols)
    seen: set[Symbol] = set()
    for index, symbol in enumerate(symbols):
        if symbol in seen:
            raise out_of_range(call, f"{field}[{index}]", "a symbol that has not come before", symbol)
        seen.add(symbol)
    return Vocabulary(symbols)


class Symbols(SymbolCoding):
    """Lists of symbols, which are given, or those of the training set."""

    def __init__(self, call: str, field: str, embedding: object, most: object) -> None:
        self.embedding = check_number(call, f"{field}embedding", embedding, min=0, max=MOST, integer=True)
        # None where the symbols were given.
        self._most: int | None = None
        if most is not None:
            self._most = check_number(call, f"{field}most", most, min=1, max=MOST_SYMBOLS, integer=True)

    @classmethod
    def of(cls, call: str, symbols: object, most: object, embedding: object) -> Symbols:
        """The encoder of what users ask for."""
        if symbols is None:
            return cls(call, "", embedding, 1000 if most is None else most)
        if most is not None:
            raise out_of_range(call, "most", "left out where symbols are given", most)
        coding = cls(call, "", embedding, None)
        coding._vocabulary = _check_known(call, "symbols", symbols, MOST_SYMBOLS)
        if not coding._vocabulary.symbols:
            raise out_of_range(call, "symbols", "at least one", symbols)
        return coding

    @classmethod
    def from_json(cls, call: str, json: Mapping[str, Any]) -> Symbols:
        """The encoder that was stored."""
        most, vocabulary = json.get("most"), json.get("vocabulary")
        coding = cls(call, "json.", json.get("embedding"), most)
        if vocabulary is None and most is not None:
            return coding
        coding._vocabulary = _check_known(call, "json.vocabulary", vocabulary, MOST_SYMBOLS if most is None else most)
        return coding

    @property
    def learnt(self) -> Vocabulary | None:
        """The known symbols."""
        return self._vocabulary

    @learnt.setter
    def learnt(self, vocabulary: Vocabulary | None) -> None:
        # What was given is not forgotten.
        if self._most is not None:
            self._vocabulary = vocabulary

    def symbols_of(self, call: str, field: str, input: object) -> list[Symbol]:
        """The symbols of a list."""
        return _check_symbols(call, field, input)

    def join(self, symbols: Sequence[Symbol]) -> list[Symbol]:
        """The symbols as a list."""
        return list(symbols)

    def study(self, call: str, inputs: Sequence[NamedInput]) -> None:
        """Takes the most frequent symbols, unless they were given."""
        most = MOST_SYMBOLS if self._most is None else self._most
        self.learnt = Vocabulary.of(inputs, most, partial(self.symbols_of, call))

    def alone(self, step: Any) -> Any:  # noqa: ANN401
        """The list of one symbol."""
        return [step]

    def parts(self, call: str, field: str, input: object) -> list[str]:
        """The symbols, as texts."""
        symbols = self.symbols_of(call, field, input)
        return [symbol if isinstance(symbol, str) else number(symbol) for symbol in symbols]

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""
        vocabulary = None if self._vocabulary is None else list(self._vocabulary.symbols)
        most = None if self._most is None else max(self._most, len(self.known))
        return {"type": "symbols", "most": most, "embedding": self.embedding, "vocabulary": vocabulary}
