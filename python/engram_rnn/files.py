"""Models in files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from .errors import check_choice, wrong_type
from .models import (
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    SequenceTranscriber,
)
from .network import Network
from .safetensors import is_safetensors
from .storage import check_path

_CLASSES = {
    cls.__name__: cls
    for cls in (
        SequenceClassifier,
        SequenceTagger,
        SequencePredictor,
        SequenceRegressor,
        SequenceGenerator,
        SequenceTranscriber,
    )
}

AnyModel = (
    SequenceClassifier
    | SequenceTagger
    | SequencePredictor
    | SequenceRegressor
    | SequenceGenerator
    | SequenceTranscriber
    | Network
)


def model_from_json(json: Mapping[str, Any]) -> AnyModel:
    """The model that plain data holds, of whichever class it is."""
    call = "model_from_json"
    if not isinstance(json, Mapping):
        raise wrong_type(call, "json", "a dict", json)
    if "type" not in json:
        return Network.from_json(json)
    return _CLASSES[check_choice(call, "json.type", json["type"], list(_CLASSES))].from_json(json)


def load(path: str | os.PathLike[str]) -> AnyModel:
    """The model, or network, of a file that Python or JavaScript wrote.

    ValueError for a file that is none.
    """
    place = check_path("load", "path", path)
    if is_safetensors(place):
        raise ValueError(f"load: {place} holds tensors, expected JSON; Pack.load opens a packed run")
    with open(place, encoding="utf-8") as file:
        try:
            content = json.load(file)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"load: {place} is no JSON: {error}") from None
    return model_from_json(content)
