"""Labelled samples in files, as the workbench reads them: CSV (`text,label`, or a label and steps) or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from typing import Any

Samples = tuple[list[Any], list[str]]
"""Inputs (texts, or lists of steps), and their labels."""


def read_samples(path: str | os.PathLike[str]) -> Samples:
    """The samples of a file: JSON where its name ends so, else CSV.

    CSV has rows `text,label`, or rows of a label and steps, each a number or several with spaces between them. JSON is
    a list of objects `{text, label}` or `{series, label}`. ValueError names the line or entry that is wrong.
    """
    name = os.fspath(path)
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            text = file.read()
        except UnicodeDecodeError as error:
            raise ValueError(f"{name}: no text in UTF-8: {error}") from None
    rows = _json(name, text) if name.lower().endswith(".json") else _csv(name, text)
    if not rows:
        raise ValueError(f"{name}: no samples, expected at least one")
    return [input for input, _ in rows], [label for _, label in rows]


def _csv(name: str, text: str) -> list[tuple[Any, str]]:
    try:
        lines = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise ValueError(f"{name}: no CSV: {error}") from None
    filled = [(number, cells) for number, cells in enumerate(lines, 1) if any(cell.strip() for cell in cells)]
    header = [cell.strip().lower() for cell in filled[0][1]] if filled else []
    is_named = header == ["text", "label"] or header[:1] == ["label"]
    body = filled[1:] if is_named else filled
    are_texts = header[0] == "text" if is_named else bool(body) and len(body[0][1]) == 2
    return [(_text_row if are_texts else _series_row)(f"{name}, line {number}", cells) for number, cells in body]


def _text_row(where: str, cells: list[str]) -> tuple[str, str]:
    if len(cells) != 2:
        raise ValueError(f"{where}: {len(cells)} columns, expected 2 (text,label)")
    text, label = (cell.strip() for cell in cells)
    if not text or not label:
        raise ValueError(f"{where}: the {'label' if text else 'text'} is empty")
    return text, label


def _series_row(where: str, cells: list[str]) -> tuple[list[list[float]], str]:
    label = cells[0].strip()
    if not label or len(cells) < 2:
        raise ValueError(f"{where}: {'no steps follow the label' if label else 'the label is empty'}")
    steps = []
    for column, cell in enumerate(cells[1:], 2):
        try:
            step = [_number(part) for part in cell.split()]
        except ValueError:
            step = []
        if not step or not all(map(math.isfinite, step)):
            raise ValueError(f"{where}: column {column} is {cell[:30]!r}, expected a number")
        steps.append(step)
    return steps, label


def _number(text: str) -> float:
    """A number as files have it: Python's own may have digits of any script, and lines between them."""
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    return float(text)


def _json(name: str, text: str) -> list[tuple[Any, str]]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name}: no JSON: {error}") from None
    if not isinstance(entries, list):
        raise ValueError(f"{name}: expected a list of objects")
    return [_entry(f"{name}, entry {number}", entry) for number, entry in enumerate(entries, 1)]


def _entry(where: str, entry: Any) -> tuple[Any, str]:  # noqa: ANN401
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: expected an object with text or series, and label")
    label, text, series = entry.get("label"), entry.get("text"), entry.get("series")
    if not isinstance(label, str) or not label:
        raise ValueError(f"{where}: the label is no text")
    if isinstance(text, str) and text:
        return text, label
    if isinstance(series, list) and series:
        return series, label
    raise ValueError(f"{where}: neither text nor series is there")
