"""Texts word by word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import check_number, out_of_range, wrong_type
from .coding import MOST, MOST_SYMBOLS, NamedInput, Steps, not_fitted
from .split import splitter
from .text import check_text
from .vocabulary import Symbol, SymbolCoding, Vocabulary


class Tokens(SymbolCoding):
    """Texts word by word; the vocabulary is that of the training set."""

    learnt: Vocabulary | None

    def __init__(self, call: str, field: str, most: object, embedding: object, split: object) -> None:
        self.most: int = check_number(call, f"{field}most", most, min=1, max=MOST_SYMBOLS, integer=True)
        self.embedding = check_number(call, f"{field}embedding", embedding, min=1, max=MOST, integer=True)
        splitter(call, f"{field}split", split)
        self._split = split
        self.learnt = None

    @classmethod
    def from_json(cls, call: str, json: Mapping[str, Any]) -> Tokens:
        """The encoder that was stored."""
        if "split" in json and json["split"] is None:
            raise wrong_type(call, "json.split", "a string, or left out", None)
        tokens = cls(call, "json.", json.get("most", 1000), json.get("embedding", 32), json.get("split"))
        vocabulary = json.get("vocabulary")
        if vocabulary is None:
            return tokens
        if not isinstance(vocabulary, list) or not all(isinstance(word, str) for word in vocabulary):
            raise wrong_type(call, "json.vocabulary", "a list of strings, or None", vocabulary)
        if len(vocabulary) > tokens.most:
            raise out_of_range(call, "json.vocabulary", f"at most {tokens.most} words", vocabulary)
        tokens.learnt = Vocabulary(vocabulary)
        return tokens

    @property
    def size(self) -> int:
        """A slot per word, and one for all others."""
        return 0 if self.learnt is None else self.learnt.size

    @property
    def known(self) -> Sequence[Symbol]:
        """The known words."""
        return [] if self.learnt is None else self.learnt.symbols

    def join(self, symbols: Sequence[Symbol]) -> str:
        """The words as a text, with spaces between them; characters without."""
        return ("" if self._split == "characters" else " ").join(map(str, symbols))

    def _words(self, call: str, field: str, input: object) -> list[str]:
        return splitter(call, "split", self._split)(check_text(call, field, input))

    def study(self, call: str, inputs: Sequence[NamedInput]) -> None:
        """Takes the most frequent words."""
        self.learnt = Vocabulary.of(inputs, self.most, lambda field, input: self._words(call, field, input))

    def steps(self, call: str, field: str, input: object) -> Steps:
        """One step per word. A text without words is one word that nobody knows: there is always an answer."""
        return self._known(call).steps(self.codes(call, field, input))

    def codes(self, call: str, field: str, input: object) -> npt.NDArray[np.uint32]:
        """The slot of every word."""
        return self._known(call).codes(self._words(call, field, input) or [None])

    def _known(self, call: str) -> Vocabulary:
        if self.learnt is None:
            raise not_fitted(call, "no vocabulary")
        return self.learnt

    def parts(self, call: str, field: str, input: object) -> list[str]:
        """The words."""
        return self._words(call, field, input) or [""]

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""
        split = {} if self._split is None else {"split": self._split}
        vocabulary = None if self.learnt is None else list(self.learnt.symbols)
        return {"type": "tokens", "most": self.most, "embedding": self.embedding, **split, "vocabulary": vocabulary}
