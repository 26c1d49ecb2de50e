"""What every host does to the same bits: cases of runs, and Chromium as one of the hosts."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from support import ROOT

from engram_rnn import Encoder

WORDS = ["ada", "bela", "caspar", "dilan", "ezgi", "fabrizio", "giovanna", "hasan", "ilaria", "kemal", "luca", "mehmet"]
RANDOM = np.random.default_rng(5)
SERIES = [RANDOM.normal(size=(int(length), 2)).tolist() for length in RANDOM.integers(2, 12, 100)]
TEXTS = [{"input": f"{word}{i}", "label": "ab"[i % 2]} for i in range(9) for word in WORDS]
VOWELS = [{"input": w + v, "labels": [c in "aeiou" for c in w + v]} for w in WORDS for v in WORDS[:6]]
NUMBERS = [{"input": steps, "label": int(sum(map(sum, steps)) > 0)} for steps in SERIES]
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
CASES: dict[str, dict[str, Any]] = {
    "bits of texts, in single precision, dropout, a share held out": {
        "type": "SequenceClassifier",
        "options": {
            "encoder": Encoder.bits().to_json(),
            "hidden": [6, 5],
            "dropout": 0.2,
            "labels": ["a", "b"],
            "seed": 3,
        },
        "samples": TEXTS,
        "fit": {"epochs": 4, "batchSize": 70, "validation": 0.25, "rate": 0.02, "checkpointEvery": 1},
    },
    "bits of texts, in double precision, clipped, not shuffled": {
        "type": "SequenceClassifier",
        "options": {"encoder": Encoder.bits().to_json(), "hidden": [6], "labels": ["a", "b"], "seed": 6},
        "samples": TEXTS,
        "fit": {"epochs": 3, "batchSize": 50, "precision": "f64", "clipNorm": 0.02, "shuffle": False},
    },
    "numbers, in double precision, clipped": {
        "type": "SequenceClassifier",
        "options": {"encoder": Encoder.numeric(channels=2).to_json(), "hidden": [7], "labels": [0, 1], "seed": 4},
        "samples": NUMBERS,
        "fit": {"epochs": 3, "batchSize": 100, "clipNorm": 0.05, "precision": "f64"},
    },
    "numbers, in single precision, dropout, read both ways by gated units, the first layer frozen": {
        "type": "SequenceClassifier",
        "options": {
            "encoder": Encoder.numeric(channels=2).to_json(),
            "hidden": [4, 4],
            "variant": "gru",
            "bidirectional": True,
            "dropout": 0.3,
            "labels": [0, 1],
            "seed": 7,
        },
        "samples": NUMBERS,
        # The gradient is longer than this with the frozen layer's part of it, and without.
        "fit": {"epochs": 3, "batchSize": 100, "clipNorm": 0.05, "freeze": ["layer 0"]},
    },
    "labels of steps, in single precision, not clipped": {
        "type": "SequenceTagger",
        "options": {
            "encoder": Encoder.one_hot(ALPHABET).to_json(),
            "hidden": [5],
            "labels": [False, True],
            "seed": 5,
        },
        "samples": VOWELS,
        "fit": {"epochs": 3, "batchSize": 40, "clipNorm": None},
    },
    "labels of steps, in double precision, clipped, dropout": {
        "type": "SequenceTagger",
        "options": {
            "encoder": Encoder.one_hot(ALPHABET).to_json(),
            "hidden": [5, 4],
            "dropout": 0.25,
            "labels": [False, True],
            "seed": 8,
        },
        "samples": VOWELS,
        "fit": {"epochs": 3, "batchSize": 64, "clipNorm": 0.01, "precision": "f64"},
    },
}


class Chromium:
    """A page that does what is asked, see chromium.mjs."""

    def __init__(self) -> None:
        command = ["node", str(Path(__file__).parent / "chromium.mjs")]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, task: str, **given: Any) -> Any:
        """What a task of host.mjs gives in the page."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"task": task, **given}) + "\n")
        self._process.stdin.flush()
        # Before the first answer, set-up may say what it installs.
        lines = (line for line in self._process.stdout if line.startswith("{"))
        answer = json.loads(next(lines, '{"error": "the process has ended"}'))
        assert "error" not in answer, answer
        return answer["value"]

    def finish(self, path: Path) -> Any:
        """Finishes the packed run of a file."""
        return self.ask("finish", content=base64.b64encode(path.read_bytes()).decode())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
