"""Texts word by word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import check_number, out_of_range, wrong_type
from .coding import MOST, MOST_SYMBOLS, NamedInput
from .split import splitter
from .text import check_text
from .vocabulary import Symbol, SymbolCoding, Vocabulary


class Tokens(SymbolCoding):
    """Texts word by word; the vocabulary is that of the training set."""

    _unknown = "no vocabulary"

    def __init__(self, call: str, field: str, most: object, embedding: object, split: object) -> None:
        self.most: int = check_number(call, f"{field}most", most, min=1, max=MOST_SYMBOLS, integer=True)
        self.embedding = check_number(call, f"{field}embedding", embedding, min=1, max=MOST, integer=True)
        splitter(call, f"{field}split", split)
        self._split = split

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
    def learnt(self) -> Vocabulary | None:
        """The known words."""
        return self._vocabulary

    @learnt.setter
    def learnt(self, vocabulary: Vocabulary | None) -> None:
        self._vocabulary = vocabulary

    def join(self, symbols: Sequence[Symbol]) -> str:
        """The words as a text, with spaces between them; characters without."""
        return ("" if self._split == "characters" else " ").join(map(str, symbols))

    def symbols_of(self, call: str, field: str, input: object) -> list[str]:
        """The words."""
        return splitter(call, "split", self._split)(check_text(call, field, input))

    def study(self, call: str, inputs: Sequence[NamedInput]) -> None:
        """Takes the most frequent words."""
        self.learnt = Vocabulary.of(inputs, self.most, partial(self.symbols_of, call))

    def codes(self, call: str, field: str, input: object) -> npt.NDArray[np.uint32]:
        """The slot of every word. A text without words is one word that nobody knows: there is always an answer."""
        return self.fitted(call).codes(self.symbols_of(call, field, input) or [None])

    def parts(self, call: str, field: str, input: object) -> list[str]:
        """The words."""
        return self.symbols_of(call, field, input) or [""]

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""
        split = {} if self._split is None else {"split": self._split}
        vocabulary = None if self.learnt is None else list(self.learnt.symbols)
        most = max(self.most, len(self.known))
        return {"type": "tokens", "most": most, "embedding": self.embedding, **split, "vocabulary": vocabulary}
