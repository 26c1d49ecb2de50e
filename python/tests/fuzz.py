"""Fuzzes what reads files: whatever a reader is given, it answers with a value, a TypeError or a ValueError of its own.

    python python/tests/fuzz.py [--target packs] [--executions 1000000] [--seed 1]

Anything else is a finding: another exception, a panic, a crash, a call of more than two seconds, memory that grows. It
is printed with its seed and execution, and the exit code is 1. `test_hostile.py` runs a short form.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from mutate import Seed, TensorSeed, mutate_bytes, mutate_frame
from support import ROOT

from engram_rnn import (
    Encoder,
    Network,
    Pack,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    SequenceTranscriber,
    _engine,
    load,
    model_from_json,
)
from engram_rnn.errors import named
from engram_rnn.safetensors import Tensors, read_tensors, write_tensors
from engram_rnn.samples import read_samples
from engram_rnn.training.flat_set import flatten
from engram_rnn.training.plan import plan_run
from engram_rnn.training.run import run_plan

SLOW = 2.0
"""Seconds that no call on such small data may take."""
BOUND = 256 * 2**20
"""Most that the process may grow, in bytes, however often readers are called."""

# How messages of our own begin: the call, or the file and the place in it; those of Python begin with words.
_OWN = r"[\w./-]+(, (line|entry) \d+)?: "

Execute = Callable[[random.Random], object]
"""Draws a mutant and gives it to a reader, which may refuse it."""


class FindingError(Exception):
    """A reader answered as none may."""


def tried(execute: Execute, draw: random.Random) -> bool:
    """Whether a reader takes a mutant. What it refuses, it refuses in words of its own."""
    begun = time.monotonic()
    try:
        execute(draw)
        accepted = True
    except (TypeError, ValueError) as error:
        if not re.match(_OWN, str(error)) or type(error) not in (TypeError, ValueError):
            raise FindingError(f"{type(error).__name__}: {error}") from error
        accepted = False
    except (KeyboardInterrupt, FindingError):
        raise
    except BaseException as error:
        raise FindingError(f"{type(error).__name__}: {error}") from error
    if time.monotonic() - begun > SLOW:
        raise FindingError(f"it took {time.monotonic() - begun:.1f} s")
    return accepted


def _use(model: Any, draw: random.Random) -> None:
    """Does with a model what users do."""
    if isinstance(model, Network):
        model.activate_sequence([[0.5] * model.inputs] * 3)
        if draw.random() < 0.1 and len(model.biases) < 100:
            model.train([[[0.5] * model.inputs]] * 2, [[0.5] * model.outputs] * 2, iterations=2, learner="bptt")
            model.to_json()
    elif hasattr(model, "network_"):
        kind = model.encoder_.to_json()["type"]
        input = [1, 2] if kind == "numeric" else ["a", 1] if kind == "symbols" else "ab"
        if isinstance(model, SequenceGenerator):
            model.generate(input, count=3, seed=1, temperature=0.5, top_p=0.9)
            model.perplexity([input])
        elif isinstance(model, SequenceTranscriber):
            model.predict([input], beam=3)
        else:
            model.predict([input])
        if draw.random() < 0.1:
            model.to_json()


def _stored(of_networks: bool) -> list[Any]:
    """Models as JavaScript stores them in the second format, and small ones in the first, which Python writes."""
    files = sorted((ROOT / "tests/fixtures").glob("format-2/*.json"))
    stored = [file["model"] for file in (json.loads(path.read_text()) for path in files) if "model" in file]
    made: list[Any] = [
        Network.perceptron(1, 2, 1, seed=1),
        Network.lstm(1, 1, 1, seed=1),
        Network.lstm(1, 1, 2, variant="standard", output="softmax", readout="attention", seed=1),
        Network.gru(1, 1, 1, bidirectional=True, seed=1),
    ]
    given: dict[str, Any] = {"hidden": (1,), "epochs": 1, "seed": 1}
    made += [
        SequenceClassifier(**given, readout="mean", labels=["x", 1]).fit(["ab", "b"], ["x", 1]),
        SequenceClassifier(**given, multi_label=True, labels=["x", 1], thresholds={1: 0.2}).fit(
            ["ab", "b"], [["x", 1], []]
        ),
        SequenceTagger(**given, encoder=Encoder.symbols(embedding=1)).fit([["a", 1]], [[True, False]]),
        SequenceGenerator(**given, encoder=Encoder.symbols(embedding=1)).fit([["a", 1]]),
        SequenceTranscriber(**given, symbols=["x", 1]).fit([[1, 2, 4]], [["x", 1]]),
        SequencePredictor(**given, variant="gru", encoder=Encoder.numeric(missing="mask")).fit([[1, None, 3]]),
        SequenceRegressor(**given, bidirectional=True).fit([[1, 2], [3, 4]], [[5, 6], [7, 9]]),
        SequenceRegressor(**given, targets_at="each").fit([[1, 2]], [[None, 2]]),
    ]
    stored += [model.to_json() for model in made]
    return [each for each in stored if ("type" not in each) == of_networks]


def _models(of_networks: bool) -> Execute:
    seeds = [Seed(json) for json in _stored(of_networks)]
    return lambda draw: _use(model_from_json(draw.choice(seeds).mutant(draw)), draw)


def _encoders() -> Execute:
    texts, series = ["ab c", "b é"], [[1, 2], [3, 4.5, 6]]
    kinds: list[tuple[Encoder, Any]] = [
        (Encoder.bits(), texts),
        (Encoder.bytes(), texts),
        (Encoder.one_hot("abc"), texts),
        (Encoder.tokens(most=3, embedding=2), texts),
        (Encoder.tokens(split="[ é]+"), texts),
        (Encoder.symbols(), [list(text) for text in texts]),
        (Encoder.numeric(), series),
        (Encoder.numeric(channels=["x"], missing="mask", window=2, stride=1), [[{"x": 1}, {"x": None}, {"x": 2}]]),
    ]
    seeds = [(Seed(encoder.fit(inputs).to_json()), inputs[0]) for encoder, inputs in kinds]

    def execute(draw: random.Random) -> None:
        seed, input = draw.choice(seeds)
        encoder = Encoder.from_json(seed.mutant(draw))
        if encoder.is_fitted or encoder.size > 0:
            steps = encoder.encode(input)
            if len(steps) != len(encoder.parts(input)) or not np.isfinite(steps).all():
                raise FindingError(f"{encoder} answers with {steps}")
        encoder.to_json()

    return execute


def _checkpoints() -> Execute:
    def start() -> Network:
        return Network.lstm(1, 1, 1, variant="standard", seed=1)

    given = ([[[0.5], [1]], [[1.0]]], [[0.5], [1]])
    cases = []
    for options in (
        {"iterations": 2},
        {"iterations": 2, "precision": "f64", "optimizer": "sgd", "validation": 0.5},
        {"iterations": 2, "learner": "online", "patience": 3},
    ):
        saved: list[bytes] = []
        start().train(*given, **options, seed=1, checkpoint_every=1, on_checkpoint=saved.append)
        cases.append((options, saved[0]))

    def execute(draw: random.Random) -> None:
        options, saved = draw.choice(cases)
        changed = (mutate_frame if draw.random() < 0.8 else mutate_bytes)(saved, draw)
        network = networks.pop() if networks else start()
        try:
            # What is refused has changed nothing: the next one is given the same network.
            network.train(*given, **options, seed=1, resume=changed, on_progress=lambda _: True)
        except (TypeError, ValueError):
            networks.append(network)
            raise
        if not np.isfinite(network.weights).all():
            raise FindingError("weights that are no numbers")

    networks: list[Network] = []
    return execute


def _messages() -> Execute:
    """What a driver and its executors send each other."""
    given = ([[[0.5], [1]], [[1.0]], [[0.2]]] * 6, [[0.5], [1], [0]] * 6)
    kept: list[Any] = []

    class Executors:
        """Answers a batch in this process; the first part is another one, where there is one."""

        part: bytes | None = None

        @contextlib.contextmanager
        def begin(self, core: Any, plan: Any) -> Any:
            executor = _engine.Executor(core.program(), plan.set.stored(), None, plan.options["precision"], 1)

            def parts(batch: bytes, missing: list[int], steps: list[int]) -> Any:
                if self.part is not None:
                    self.part, part = None, self.part
                    yield part
                answers = [executor.compute(batch, shard, shard + 1) for shard in missing]
                kept.append((executor, batch, answers[0]))
                yield from answers

            yield parts

    def train(executors: Executors) -> None:
        network = Network.lstm(1, 1, 1, variant="standard", seed=1)
        flat = flatten("fuzz", ("X", "y"), *given, 1, 1)
        plan = plan_run("fuzz", network.core, flat, None, {"iterations": 1, "batch_size": 32, "seed": 1})
        run_plan("fuzz", network.core, plan, executors=executors)
        if not np.isfinite(network.weights).all():
            raise FindingError("weights that are no numbers")

    executors = Executors()
    train(executors)
    executor, batch, part = kept[0]

    def execute(draw: random.Random) -> None:
        change = mutate_frame if draw.random() < 0.8 else mutate_bytes
        # The engine says what is wrong with a message, not which call it came to.
        with named("fuzz"):
            if draw.random() < 0.7:
                executor.compute(change(batch, draw), *draw.choice([(0, 1), (1, 2), (0, 2), (1, 3), (2**40, 2**41)]))
            else:
                executors.part = change(part, draw)
                train(executors)
        kept.clear()

    return execute


def packs() -> list[bytes]:
    """Small packs of every class, before and in a run."""
    found = []
    given: dict[str, Any] = {"hidden": (1,), "epochs": 2, "seed": 1}
    bits = {**given, "class_weights": "balanced", "freeze": ["layer 0"]}
    for model, inputs, answers in (
        (SequenceClassifier(**bits), ["ab", "b", "a"], ["x", "y", "x"]),
        (SequenceClassifier(**given, multi_label=True, thresholds=0.3), ["ab", "b"], [["x", "y"], []]),
        (SequenceTagger(**given, validation=0.5), [[1, 2], [3.5, 2]], [["x", None], ["y", "x"]]),
        (SequenceGenerator(**given, piece=2), ["abc", "ba"], None),
        (SequenceTranscriber(**given), [[1, 2, 3], [4, 5]], ["ab", "b"]),
        (SequencePredictor(**given), [[1, 2, 3]], None),
        (SequenceRegressor(**given), [[1, 2, 3]], [4e6]),
    ):
        pack = Pack.of(model, inputs, answers)
        found.append(pack.to_bytes())
        pack.train(checkpoint_every=1)
        found.append(pack.to_bytes())
    return found


def _packs() -> Execute:
    files = packs()
    seeds = [TensorSeed(read_tensors("fuzz", content), ("run",), ("model",)) for content in files]

    def execute(draw: random.Random) -> None:
        at = draw.randrange(len(files))
        if draw.random() < 0.3:
            content = mutate_bytes(files[at], draw, draw.choice([None, 1500]))
        else:
            content = write_tensors(seeds[at].mutant(draw))
        pack = Pack.from_bytes(content)
        if pack.options["iterations"] <= 3 and len(pack.network.biases) < 100:
            pack.train()
        pack.to_bytes()

    return execute


def _tensors() -> Execute:
    arrays = {
        "a": np.arange(6, dtype=np.float64).reshape(2, 3),
        "b": np.ones(3, np.float32),
        "c": np.zeros((0, 2), np.uint32),
        "d": np.arange(5, dtype=np.uint8),
    }
    content = write_tensors(Tensors(arrays, {"format": "x", "é": "1"}))
    length = int.from_bytes(content[:8], "little")
    header, body = Seed(json.loads(content[8 : 8 + length])), content[8 + length :]

    def execute(draw: random.Random) -> None:
        if draw.random() < 0.5:
            changed = mutate_bytes(content, draw, draw.choice([None, 8, 8 + length]))
        else:
            text = json.dumps(header.mutant(draw)).encode()
            changed = (
                len(text).to_bytes(8, "little") + text + body[: draw.choice([len(body), draw.randrange(len(body))])]
            )
        read = read_tensors("read_tensors", changed)
        if sum(array.nbytes for array in read.arrays.values()) > len(changed):
            raise FindingError("more numbers than the file has")

    return execute


def _file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _samples() -> Execute:
    folder = Path(tempfile.mkdtemp(prefix="engram-fuzz-"))
    tables = [
        b'text,label\nab,x\n"b,\n",y\n',
        b"x,1,2 3\ny,4.5,-6 7\n",
        b"label,a,b\nx,1e3,2\n",
        "\ufeffé,x\n".encode(),
    ]
    entries = Seed([{"text": "ab", "label": "x"}, {"series": [1, [2, 3]], "label": "y"}])

    def execute(draw: random.Random) -> None:
        if draw.random() < 0.5:
            content = json.dumps(entries.mutant(draw)).encode()
            path = _file(folder / "samples.json", mutate_bytes(content, draw) if draw.random() < 0.3 else content)
        else:
            path = _file(folder / "samples.csv", mutate_bytes(draw.choice(tables), draw))
        inputs, labels = read_samples(path)
        if len(inputs) != len(labels) or not all(isinstance(label, str) and label for label in labels):
            raise FindingError(f"{inputs}, {labels}")

    return execute


def _files() -> Execute:
    """Files that are no JSON, and JSON of which bytes are damaged."""
    folder = Path(tempfile.mkdtemp(prefix="engram-fuzz-"))
    whole = [json.dumps(model).encode() for model in [*_stored(True), *_stored(False)]]

    def execute(draw: random.Random) -> None:
        content = mutate_bytes(draw.choice(whole), draw, draw.choice([None, 60]))
        _use(load(_file(folder / "model.json", content)), draw)

    return execute


TARGETS: dict[str, Callable[[], Execute]] = {
    "networks": lambda: _models(True),
    "models": lambda: _models(False),
    "files": _files,
    "encoders": _encoders,
    "checkpoints": _checkpoints,
    "messages": _messages,
    "packs": _packs,
    "tensors": _tensors,
    "samples": _samples,
}
"""What is fuzzed: each makes what draws a mutant and has it read."""


def draws(name: str, seed: int, execution: int) -> random.Random:
    """What an execution draws from, whichever went before."""
    return random.Random(f"{name} {seed} {execution}")


def run(name: str, executions: int, seed: int, first: int = 0) -> int:
    """Runs a target so many times; gives how many mutants were accepted."""
    execute = TARGETS[name]()
    accepted = 0
    for execution in range(first, first + executions):
        try:
            accepted += tried(execute, draws(name, seed, execution))
        except FindingError as error:
            raise FindingError(f"{name}: seed {seed}, execution {execution}: {error}") from error
        if execution % 1000 == 0:
            # A call that never ends is shown by where it stands.
            faulthandler.dump_traceback_later(120, exit=True)
    faulthandler.cancel_dump_traceback_later()
    return accepted


def _grown() -> int:
    """Most memory that the process had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("ENGRAM_FUZZ_SEED", "1")))
    given = parser.parse_args()
    faulthandler.enable()
    sound = True
    for name in [given.target] if given.target else TARGETS:
        run(name, min(given.executions, 500), given.seed)
        before, begun = _grown(), time.monotonic()
        try:
            accepted = run(name, given.executions, given.seed, given.first)
        except FindingError as error:
            print(error, flush=True)
            sound = False
            continue
        grown = _grown() - before
        took = time.monotonic() - begun
        print(
            f"fuzz {name}: {given.executions} executions, {accepted} accepted, seed {given.seed}, {took:.0f} s, "
            f"memory grew {grown / 2**20:.0f} MB",
            flush=True,
        )
        sound = sound and grown <= BOUND and accepted > 0
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
