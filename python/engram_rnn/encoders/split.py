"""How a text is cut into words: by regular expressions over properties of Unicode, as JavaScript has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from .._engine import Pattern
from ..errors import out_of_range, wrong_type

SPLIT_NAMES = ("words", "whitespace", "characters")
"""Names of the ways in which texts are cut, besides regular expressions."""

_LONGEST = 1000

# One picture, whatever it is made of: a flag of two letters; or people, things and tones of skin that are
# joined, with the tags of regional flags; a key (the mark of a key is one that stays with its letter).
_FLAG = r"\p{Regional_Indicator}{2}"
_PICTURE = r"\p{Extended_Pictographic}\p{Emoji_Modifier}?[\u{E0020}-\u{E007F}]*"
_EMOJI = rf"{_FLAG}|{_PICTURE}(?:\u200D{_PICTURE})*|[#*]\u20E3"

# Letters and digits with their marks, and the joiners that are written within words of Persian and Hindi.
_RUN = r"[\p{L}\p{N}\p{M}\u200C\u200D]"
# Sign and point before the first digit, where nothing stands before that they could belong to.
_SIGN = r"(?<![\p{L}\p{N}\p{M}.])[+\-]?\.?(?=\p{Nd})"
# What does not end a word: point and comma between digits (Unicode's Annex 29, rules WB11 and WB12), the sign
# of an exponent, a sharp or flat after a letter.
_JOINER = r"(?<=\p{Nd})[.,](?=\p{Nd})|(?<=\p{Nd}[eE])[+\-](?=\p{Nd})|(?<=\p{L}\p{M}*)[#♯♭♮](?!\u20E3)"
_WORD = rf"(?:{_SIGN})?[\p{{L}}\p{{N}}]{_RUN}*(?:(?:{_JOINER}){_RUN}*)*"

_PATTERNS = {
    "words": rf"{_EMOJI}|{_WORD}|\p{{Emoji_Presentation}}",
    "whitespace": r"\S+",
    "characters": rf"{_EMOJI}|\r\n|\P{{M}}[\p{{M}}\u200C\u200D]*|\p{{M}}+",
    # The rule of models that were stored before there was a choice: their vocabularies are made of such words.
    "old": r"[\p{L}\p{N}]+",
}
_pattern = cache(Pattern)


def _fold(word: str) -> str:
    """The word without its case. A Turkish capital I with its dot is an i; Unicode would leave the dot behind."""
    return word.lower().replace("i\u0307", "i")


def _normalised(text: str) -> str:
    """Composed letters, plain minus signs, and nothing that is invisible: soft hyphens, how a symbol looks."""
    return re.sub("[\u00ad\ufe0e\ufe0f]", "", unicodedata.normalize("NFC", text)).replace("\u2212", "-")


def splitter(call: str, field: str, split: object) -> Callable[[str], list[str]]:
    """The function that cuts a text in the way that was asked for.

    `split` is a name, or the source of a regular expression for what lies between words; None in models that were
    stored before there was a choice.
    """
    if split is None:
        return lambda text: _pattern(_PATTERNS["old"]).find_all(text.lower())
    expected = ", ".join(f"'{name}'" for name in SPLIT_NAMES) + " or the source of a regular expression"
    if not isinstance(split, str):
        raise wrong_type(call, field, expected, split)
    if split in SPLIT_NAMES:
        pattern = _pattern(_PATTERNS[split])
        return lambda text: [_fold(word) for word in pattern.find_all(_normalised(text))]
    # Letters alone are a name that is misspelt. Whoever means the letters writes (?:...) around them.
    if re.fullmatch("[A-Za-z]*", split):
        raise out_of_range(call, field, expected, split)
    if len(split.encode("utf-16-le", "surrogatepass")) > 2 * _LONGEST:
        raise out_of_range(call, field, f"{expected} of at most {_LONGEST} characters", split)
    try:
        separator = _pattern(split)
    except ValueError as error:
        raise out_of_range(call, field, f"{expected} with the flag u ({error})", split) from None
    return lambda text: [_fold(word) for word in separator.split(_normalised(text))]
