"""Mutations of plain data, arrays and bytes: most stays right, so that what is behind the first checks is seen."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from engram_rnn.safetensors import Tensors

STRANGE = [
    *(None, True, False, 0, 1, -1, 0.5, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**53, 2**64, 10**400),
    *(float("nan"), float("inf"), "", "0", "x", "input", "attention", "\ud800", "\x00" * 9),
    *([], [[]], [None], {}, {"type": "bits"}, [1] * 9),
]
"""Values that are most likely to hurt. Nobody changes them in place."""

# How many changes a mutant has: most of them few, since each is likely to be refused.
_CHANGES = (1, 1, 2, 3)

Path = tuple[Any, ...]


def places(value: Any, path: Path = ()) -> list[Path]:
    """Where something stands in plain data, but the whole."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, inner in items:
        found += [(*path, key), *places(inner, (*path, key))]
    return found


class Seed:
    """Plain data that is mutated, and where something stands in it."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.places = places(value)

    def mutant(self, draw: random.Random) -> Any:
        """The data with one to three changes, which shares with it what has not changed."""
        value = self.value
        for _ in range(draw.choice(_CHANGES)):
            value = _changed(value, draw.choice(self.places), draw)
        return value


def _changed(value: Any, path: Path, draw: random.Random) -> Any:
    """A copy of plain data with a change at a place, unless that is no more."""
    key, rest = path[0], path[1:]
    if not isinstance(value, dict if isinstance(key, str) else list):
        return value
    if (key not in value) if isinstance(value, dict) else (key >= len(value)):
        return value
    holder = value.copy()
    if rest:
        holder[key] = _changed(holder[key], rest, draw)
        return holder
    held = holder[key]
    match draw.randrange(5):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, held)
        case 2 if isinstance(held, (int, float)) and not isinstance(held, bool):
            # Python's integers may be larger than any float: these grow by integers.
            holder[key] = held + draw.choice([1, -1, 7, 10**9])
        case 3 if isinstance(held, str) and held:
            at = draw.randrange(len(held))
            holder[key] = held[:at] + draw.choice(["", "A", "=", "\x00", "/"]) + held[at + draw.randrange(3) :]
        case _:
            holder[key] = draw.choice(STRANGE)
    return holder


def mutate_bytes(content: bytes, draw: random.Random, first: int | None = None) -> bytes:
    """Bytes of which some have changed, all of them among the `first`, and some with their end cut off."""
    damaged = bytearray(content)
    for _ in range(draw.choice(_CHANGES)):
        damaged[draw.randrange(min(first or len(damaged), len(damaged)))] = draw.randrange(256)
    return bytes(damaged[: draw.randrange(len(damaged))] if draw.random() < 0.2 else damaged)


_WORDS = [0, 1, 2, 0xFF, 2**32 - 1, 2**32, 2**62, 2**64 - 1]
_NUMBERS = [0, 1, 255, 2**32 - 1, 2**31, float("nan"), float("inf"), 1e308, -1]


def checksum(words: list[int]) -> int:
    """The checksum of a frame, see src/train/frame.rs."""
    sum = 0xCBF29CE484222325
    for word in words:
        sum = ((sum ^ word) * 0x100000001B3) & (2**64 - 1)
        sum = (sum << 23 | sum >> 41) & (2**64 - 1)
    return sum


def mutate_frame(content: bytes, draw: random.Random) -> bytes:
    """A frame of which some words have changed, with a checksum that holds: what nobody sent by accident."""
    words = np.frombuffer(content, "<u8").tolist()[:-1]
    for _ in range(draw.choice(_CHANGES)):
        at = draw.randrange(1, len(words))
        match draw.randrange(5):
            case 0:
                del words[at:]
                if len(words) < 2:
                    break
            case 1:
                words.insert(at, words[at])
            case 2:
                words[at] = (words[at] + draw.choice([1, -1])) % 2**64
            case 3:
                words[at] ^= 1 << draw.randrange(64)
            case _:
                words[at] = draw.choice(_WORDS)
    return np.array([*words, checksum(words)], "<u8").tobytes()


class TensorSeed:
    """A file of safetensors that is mutated in places that other tools could have written."""

    def __init__(self, tensors: Tensors, texts: tuple[str, ...] = (), arrays: tuple[str, ...] = ()) -> None:
        self.tensors = tensors
        self._texts = {name: Seed(json.loads(tensors.metadata[name])) for name in texts}
        self._arrays = {name: Seed(json.loads(tensors.arrays[name].tobytes())) for name in arrays}

    def mutant(self, draw: random.Random) -> Tensors:
        """The file with one to three changes: in an array, or in what metadata and arrays hold as JSON."""
        arrays, metadata = dict(self.tensors.arrays), dict(self.tensors.metadata)
        names = [*arrays, *self._texts, *self._texts, *self._arrays, *self._arrays]
        for _ in range(draw.choice(_CHANGES)):
            name = draw.choice(names)
            if name in self._texts:
                metadata[name] = _text(self._texts[name].mutant(draw)).decode()
            elif name in self._arrays:
                arrays[name] = np.frombuffer(_text(self._arrays[name].mutant(draw)), np.uint8)
            elif name in arrays:
                array = _changed_array(arrays[name], draw)
                if array is None:
                    del arrays[name]
                else:
                    arrays[name] = array
        return Tensors(arrays, metadata)


def _text(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "replace")


def _changed_array(array: np.ndarray, draw: random.Random) -> np.ndarray | None:
    """An array with another shape, type or number; None for none."""
    with np.errstate(all="ignore"):
        match draw.randrange(5):
            case 0:
                return None
            case 1:
                return array.reshape(-1)[: draw.randrange(array.size + 1)]
            case 2:
                return array.astype(draw.choice([np.float64, np.float32, np.uint32, np.uint8]))
            case 3:
                return np.concatenate([array, array[: draw.randint(0, 2)]])
            case _ if array.size > 0:
                changed = array.copy()
                value = np.array(draw.choice(_NUMBERS)).astype(array.dtype)
                changed.reshape(-1)[draw.randrange(array.size)] = value
                return changed
    return array
