"""Channels as changes from row to row, and back: a series that rises without end has changes that stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import check_choice, check_names, out_of_range, plain, wrong_type

Values = npt.NDArray[np.float64]

Difference = bool | Literal["relative"]
"""How the values of a channel are read: as they are, as differences, or as shares of the value before."""

_LARGEST = float(np.finfo(np.float64).max)


def _check(call: str, field: str, value: object) -> Difference:
    value = plain(value)
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise wrong_type(call, field, "True, False or 'relative', or a dict of these by channel", value)
    check_choice(call, field, value, ("relative",))
    return "relative"


def check_differences(call: str, field: str, value: Any, channels: Sequence[str]) -> list[Difference]:  # noqa: ANN401
    """How each channel is read; `channels` are their names."""
    if not isinstance(value, Mapping):
        return [_check(call, field, value)] * len(channels)
    check_names(call, value, channels)
    return [_check(call, f"{field}[{name!r}]", value.get(name, False)) for name in channels]


def stored_differences(kinds: Sequence[Difference], channels: Sequence[str]) -> dict[str, Any]:
    """What a file says of the differences."""
    if all(kind == kinds[0] for kind in kinds):
        return {} if kinds[0] is False else {"difference": kinds[0]}
    return {"difference": {name: kind for name, kind in zip(channels, kinds, strict=True) if kind is not False}}


def _refuse_relative(call: str, where: str, value: float) -> None:
    expected = "a number above 0 (difference='relative' divides by it; difference=True takes any)"
    raise out_of_range(call, where, expected, value)


def _change(kind: Difference, before: Values, after: Values) -> Values:
    """The changes from values to those after them."""
    with np.errstate(over="ignore"):
        change = after / before - 1 if kind == "relative" else after - before
    return np.clip(change, -_LARGEST, _LARGEST)


def changes_of(call: str, field: str, rows: Values, kinds: Sequence[Difference], first: float) -> Values:
    """The rows of a series, (rows, channels), as changes from the last value of each channel that is no gap (NaN).

    `first` stands for the change of a first value, of which there is none. ValueError for numbers of a relative channel
    that are not above 0.
    """
    refused = np.array([kind == "relative" for kind in kinds]) & (rows <= 0)
    if refused.any():
        row, channel = (int(place) for place in np.argwhere(refused)[0])
        where = f"{field}[{row}]" + ("" if len(kinds) == 1 else f"[{channel}]")
        _refuse_relative(call, where, float(rows[row, channel]))
    made = rows.copy()
    for channel, kind in enumerate(kinds):
        if kind is False:
            continue
        there = np.flatnonzero(~np.isnan(rows[:, channel]))
        values = rows[there, channel]
        made[there[:1], channel] = first
        made[there[1:], channel] = _change(kind, values[:-1], values[1:])
    return made


def change_of(call: str, field: str, kind: Difference, before: float, value: float) -> float:
    """What :func:`changes_of` says of one value, NaN for a gap, after the last one that was none, NaN where that is
    missing: the change of a first value is 0."""
    if kind == "relative" and value <= 0:
        _refuse_relative(call, field, value)
    if kind is False or np.isnan(value):
        return value
    return 0.0 if np.isnan(before) else float(_change(kind, np.array([before]), np.array([value]))[0])


def changed(kind: Difference, before: float, change: float) -> float:
    """The value that a change leads to: what :func:`changes_of` takes back."""
    if kind is False:
        return change
    value = before + before * change if kind == "relative" else before + change
    return min(max(value, -_LARGEST), _LARGEST)
