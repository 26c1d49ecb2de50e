"""Texts of fields where `help` finds them: behind an annotation, only editors look."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Mapping
from functools import cache
from typing import TypeVar

Class = TypeVar("Class", bound=type)


@cache
def _classes(module: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of the fields of a module's classes; none where its source is not there."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    classes: dict[str, dict[str, str]] = {}
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        texts = classes[node.name] = {}
        for field, after in zip(node.body, node.body[1:], strict=False):
            if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                continue
            if field.target.id.startswith("_"):
                continue
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and type(after.value.value) is str:
                texts[field.target.id] = " ".join(after.value.value.split())
    return classes


def texts_of(cls: type) -> Mapping[str, str]:
    """What the source says of a class's own fields."""
    return _classes(cls.__module__).get(cls.__name__, {})


def document(cls: type, heading: str, texts: Mapping[str, str]) -> None:
    """Adds the texts of fields to what a class says of itself."""
    if not texts or cls.__doc__ is None:
        return
    fields = [
        textwrap.fill(f"{name}: {text}", 100, initial_indent=" " * 4, subsequent_indent=" " * 8)
        for name, text in texts.items()
    ]
    cls.__doc__ = "\n".join([inspect.cleandoc(cls.__doc__), "", f"{heading}:", *fields, ""])


def documented(cls: Class) -> Class:
    """A class whose `help` tells what its fields are."""
    document(cls, "Attributes", texts_of(cls))
    return cls
