"""What the tests share: vectors of the JavaScript side, and its names in Python."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from engram_rnn import (
    Encoder,
    Network,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    SequenceTranscriber,
)

ROOT = Path(__file__).parents[2]
CLASSES = {
    cls.__name__: cls
    for cls in (
        SequenceClassifier,
        SequenceGenerator,
        SequencePredictor,
        SequenceRegressor,
        SequenceTagger,
        SequenceTranscriber,
    )
}
# Classes whose samples are inputs alone.
_INPUTS = ("SequenceGenerator", "SequencePredictor")


def vectors(name: str) -> dict[str, Any]:
    return json.loads((ROOT / f"tests/vectors/{name}.json").read_text())


def snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def hash_of(network: Network) -> str:
    return hashlib.sha256(np.concatenate([network.weights, network.biases]).tobytes()).hexdigest()


def split(kind: str, samples: list[Any]) -> tuple[list[Any], list[Any] | None]:
    """Samples as X and y."""
    if kind in _INPUTS:
        return samples, None
    # A classifier of several labels at once has a list of them, as a tagger.
    answer = next((name for name in ("output", "labels") if samples and name in samples[0]), "label")
    return [sample["input"] for sample in samples], [sample[answer] for sample in samples]


def made_of(model: SequenceGenerator, inputs: list[Any]) -> list[Any]:
    """What a generator makes of texts, see `madeOf` in cases.mjs."""
    answers = []
    for seed, input in enumerate(inputs):
        told = model.next(input)
        made = [
            model.generate(input, count=12, seed=seed),
            model.generate(input, count=9, seed=seed, temperature=0.6, top_k=5),
            model.generate(input, count=9, seed=seed, temperature=1.7, top_p=0.8, until=model.encoder_.coding.known[0]),
            model.generate(input, count=5, temperature=0),
        ]
        answers.append([made, [list(pair) for pair in told.probabilities.items()], told.end])
    return answers


def read_of(model: SequenceTranscriber, inputs: list[Any]) -> list[Any]:
    """What a transcriber reads, see `readOf` in cases.mjs."""
    return [model.predict(inputs), *(model.predict(inputs, beam=beam) for beam in (1, 3, 50))]


def weights_of(samples: list[Any]) -> list[float] | None:
    """What samples count, where they say it."""
    weighted = any(isinstance(sample, dict) and "weight" in sample for sample in samples)
    return [sample.get("weight", 1) for sample in samples] if weighted else None


def parameters(kind: str, options: dict[str, Any], fit: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the options of a class and of its `fit` in JavaScript stand for."""
    given = {snake(name): value for name, value in {**options, **fit}.items()}
    if "encoder" in given:
        given["encoder"] = Encoder.from_json(given["encoder"])
    if isinstance(given.get("validation"), list) and kind not in _INPUTS:
        given["validation"] = split(kind, given["validation"])
    return given


def node(task: str, **given: Any) -> Any:
    """What the twin in Node answers."""
    assert shutil.which("node"), "Node is needed to compare with"
    text = json.dumps({"task": task, **given})
    command = ["node", str(ROOT / "python/tests/twin.mjs")]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def finish(path: Path) -> Any:
    """Finishes the packed run of a file in Node."""
    return node("finish", content=base64.b64encode(path.read_bytes()).decode())
