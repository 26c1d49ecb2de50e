"""What the tests share: vectors of the JavaScript side, and its names in Python."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from engram_rnn import Encoder, Network, SequenceClassifier, SequencePredictor, SequenceTagger

ROOT = Path(__file__).parents[2]
CLASSES = {cls.__name__: cls for cls in (SequenceClassifier, SequencePredictor, SequenceTagger)}


def vectors(name: str) -> dict[str, Any]:
    return json.loads((ROOT / f"tests/vectors/{name}.json").read_text())


def snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def hash_of(network: Network) -> str:
    return hashlib.sha256(np.concatenate([network.weights, network.biases]).tobytes()).hexdigest()


def split(kind: str, samples: list[Any]) -> tuple[list[Any], list[Any] | None]:
    """Samples as X and y."""
    if kind == "SequencePredictor":
        return samples, None
    answer = "labels" if kind == "SequenceTagger" else "label"
    return [sample["input"] for sample in samples], [sample[answer] for sample in samples]


def parameters(kind: str, options: dict[str, Any], fit: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the options of a class and of its `fit` in JavaScript stand for."""
    given = {snake(name): value for name, value in {**options, **fit}.items()}
    if "encoder" in given:
        given["encoder"] = Encoder.from_json(given["encoder"])
    if isinstance(given.get("validation"), list) and kind != "SequencePredictor":
        given["validation"] = split(kind, given["validation"])
    return given
