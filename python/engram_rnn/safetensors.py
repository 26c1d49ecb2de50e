"""Safetensors: named arrays of numbers in one file (https://github.com/huggingface/safetensors).

A file is the length of its header (8 bytes, little-endian), the header as JSON, and the bytes of the arrays one after
the other. What is read comes from outside: every size and offset is checked before an array is made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import check_choice, out_of_range, wrong_type
from .storage import Path

# Longest header that the format allows, in bytes.
_MOST_HEADER = 100_000_000
# Most axes of an array.
_MOST_AXES = 8
# The types of numbers that are read, little-endian.
_TYPES = {"F64": "<f8", "F32": "<f4", "U32": "<u4", "U8": "|u1"}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}


@dataclass(frozen=True)
class Tensors:
    """What a file of safetensors holds."""

    arrays: Mapping[str, npt.NDArray[Any]]
    metadata: Mapping[str, str]
    """Texts that the file carries beside the arrays."""


def is_safetensors(path: Path) -> bool:
    """Whether a file begins as one of tensors does, and not as JSON or other text."""
    with open(path, "rb") as file:
        begin = file.read(9)
    return begin[8:] == b"{" and int.from_bytes(begin[:8], "little") <= os.path.getsize(path)


def parse_json(call: str, field: str, content: bytes) -> Any:  # noqa: ANN401
    """Parses JSON that comes from outside; no name may stand twice in an object."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice")
        return found

    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{call}: {field} is no JSON: {error}") from None


def json_bytes(value: object) -> bytes:
    """Plain data as JSON in UTF-8.

    Halves of surrogate pairs, which texts of JavaScript may have, are written as JSON's escapes.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


def _size(call: str, field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(call, field, "an integer", value)
    if not 0 <= value < 2**53:
        raise out_of_range(call, field, "an integer from 0 and below 2^53", value)
    return value


def _sizes(call: str, field: str, value: object) -> list[int]:
    if not isinstance(value, list):
        raise wrong_type(call, field, "a list of sizes", value)
    if len(value) > _MOST_AXES:
        raise out_of_range(call, field, f"at most {_MOST_AXES} entries", value)
    return [_size(call, f"{field}[{index}]", size) for index, size in enumerate(value)]


def read_tensors(call: str, content: bytes) -> Tensors:
    """Reads a file, from its bytes; the arrays are copies.

    TypeError or ValueError for one that is not whole, or has holes, overlaps or types of numbers other than F64, F32,
    U32 and U8.
    """
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise wrong_type(call, "content", "bytes", content)
    content = bytes(content)
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(_MOST_HEADER, len(content) - 8):
        raise ValueError(f"{call}: the file is no safetensors: it has {len(content)} bytes, its header {length}")
    header = parse_json(call, "the header", content[8 : 8 + length])
    if not isinstance(header, dict):
        raise wrong_type(call, "the header", "an object", header)
    body = memoryview(content)[8 + length :]
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise wrong_type(call, "__metadata__", "an object of texts", metadata)
    places = []
    for name, entry in header.items():
        field = f"tensor {name[:40]!r}"
        if not isinstance(entry, dict):
            raise wrong_type(call, field, "an object", entry)
        dtype = np.dtype(_TYPES[check_choice(call, f"{field}.dtype", entry.get("dtype"), list(_TYPES))])
        shape = _sizes(call, f"{field}.shape", entry.get("shape"))
        offsets = _sizes(call, f"{field}.data_offsets", entry.get("data_offsets"))
        count = dtype.itemsize
        for size in shape:
            count *= size
        if len(offsets) != 2 or offsets[1] > len(body) or offsets[1] - offsets[0] != count:
            expected = f"[begin, end] of {count} bytes within {len(body)}"
            raise ValueError(f"{call}: {field}.data_offsets is {offsets}, expected {expected}")
        places.append((offsets[0], offsets[1], name, dtype, shape))
    end = 0
    for begin, finish, name, _, _ in sorted(places, key=lambda place: place[:2]):
        if begin != end:
            raise ValueError(f"{call}: tensor {name[:40]!r} begins at {begin}, expected {end}: no holes, no overlaps")
        end = finish
    if end != len(body):
        raise ValueError(f"{call}: the file has {len(body)} bytes of numbers, its header tells of {end}")
    arrays = {
        name: np.frombuffer(body[begin:finish], dtype).astype(dtype.newbyteorder("=")).reshape(shape)
        for begin, finish, name, dtype, shape in places
    }
    return Tensors(arrays, metadata)


def write_tensors(tensors: Tensors) -> bytes:
    """Writes a file. Arrays of wide numbers come first: each begins at a multiple of its numbers' size."""
    header: dict[str, Any] = {"__metadata__": dict(tensors.metadata)}
    parts = []
    end = 0
    for name, array in sorted(tensors.arrays.items(), key=lambda entry: -entry[1].itemsize):
        dtype = array.dtype.newbyteorder("<")
        part = np.ascontiguousarray(array, dtype).tobytes()
        header[name] = {"dtype": _NAMES[dtype], "shape": list(array.shape), "data_offsets": [end, end + len(part)]}
        end += len(part)
        parts.append(part)
    text = json_bytes(header)
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])
