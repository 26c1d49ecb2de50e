"""Texts that are encoded alike whatever the training set: bit by bit, byte by byte, character by character."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import out_of_range, wrong_type
from .coding import Coding, NamedInput, Steps
from .vocabulary import Symbol, SymbolCoding, Vocabulary


def check_text(call: str, field: str, input: object) -> str:
    """Checks a text, which may be empty. Halves of surrogate pairs become U+FFFD, as UTF-8 has none."""
    if not isinstance(input, str):
        raise wrong_type(call, field, "a string", input)
    try:
        input.encode()
        return str(input)
    except UnicodeEncodeError:
        return input.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class TextCoding(Coding):
    """An encoding of texts that is the same whatever the training set."""

    def study(self, call: str, inputs: Sequence[NamedInput]) -> None:
        """Refuses inputs of another kind."""
        for field, input in inputs:
            check_text(call, field, input)


def _octets(text: str) -> npt.NDArray[np.uint8]:
    """The bytes of a text in UTF-8."""
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _signs(bits: npt.NDArray[np.uint8]) -> Steps:
    """Bits as -1 and 1."""
    return bits.astype(np.float64) * 2 - 1


def _characters_of_bytes(text: str, times: int) -> list[str]:
    """The character that each byte of a text in UTF-8 belongs to, `times` times."""
    return [character for character in text for _ in range(times * len(character.encode()))]


class Bits(TextCoding):
    """Texts bit by bit."""

    size = 1

    def steps(self, call: str, field: str, input: object) -> Steps:
        """One step of one value per bit."""
        return _signs(self.codes(call, field, input)).reshape(-1, 1)

    def codes(self, call: str, field: str, input: object) -> npt.NDArray[np.uint8]:
        """The bits of every byte, most significant first, as 0 and 1."""
        return np.unpackbits(_octets(check_text(call, field, input)))

    def steps_of_character(self, character: str) -> int:
        """The bits of its bytes."""
        return 8 * len(character.encode())

    def parts(self, call: str, field: str, input: object) -> list[str]:
        """The character of each bit."""
        return _characters_of_bytes(check_text(call, field, input), 8)

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""
        return {"type": "bits"}


class Bytes(TextCoding):
    """Texts byte by byte."""

    size = 8

    def steps(self, call: str, field: str, input: object) -> Steps:
        """One step of eight values per byte."""
        return _signs(np.unpackbits(self.codes(call, field, input))).reshape(-1, 8)

    def codes(self, call: str, field: str, input: object) -> npt.NDArray[np.uint8]:
        """The bytes."""
        return _octets(check_text(call, field, input))

    def steps_of_character(self, character: str) -> int:
        """Its bytes."""
        return len(character.encode())

    def parts(self, call: str, field: str, input: object) -> list[str]:
        """The character of each byte."""
        return _characters_of_bytes(check_text(call, field, input), 1)

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""
        return {"type": "bytes"}


class OneHot(TextCoding, SymbolCoding):
    """Texts character by character, each of an alphabet."""

    def __init__(self, call: str, field: str, alphabet: object) -> None:
        if not isinstance(alphabet, str):
            raise wrong_type(call, field, "a string", alphabet)
        if alphabet == "":
            raise out_of_range(call, field, "at least one character", alphabet)
        self._vocabulary: Vocabulary = Vocabulary(check_text(call, field, alphabet))

    def symbols_of(self, call: str, field: str, input: object) -> list[Symbol]:
        """The characters."""
        return list(check_text(call, field, input))

    def join(self, symbols: Sequence[Symbol]) -> str:
        """The characters as a text."""
        return "".join(map(str, symbols))

    def parts(self, call: str, field: str, input: object) -> list[str]:
        """The characters."""
        return list(check_text(call, field, input))

    def to_json(self) -> dict[str, Any]:
        """The encoder as plain data."""
        return {"type": "oneHot", "alphabet": self.join(self.known)}
