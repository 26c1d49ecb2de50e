"""Measures runs on Ray on this machine: 1 and 2 workers in turn, and what a batch costs beside its shards.

    npm run build:python
    target/python/bin/python benches/cluster.py [--hidden 128] [--batch 512] [--steps 64] [--epochs 4] [--rounds 5]

Prints the time of a batch, the ratio, and the constants of the cost model in docs/scaling.md, from the processor time
of this process, which other programs on the machine disturb less.
"""

import argparse
import statistics
import time

import numpy as np

from engram_rnn import Encoder, SequenceClassifier
from engram_rnn.ray import Workers

BATCHES = 4
INPUTS, CLASSES = 32, 10


def seconds_per_batch(given: argparse.Namespace, workers: Workers | None) -> tuple[float, float]:
    """Seconds between two batches of a run, the least over its epochs; and the processor time of this process."""
    random = np.random.default_rng(1)
    X = list(random.normal(size=(given.batch * BATCHES, given.steps, INPUTS)))
    y = [index % CLASSES for index in range(len(X))]
    model = SequenceClassifier(
        encoder=Encoder.numeric(channels=INPUTS),
        hidden=(given.hidden,),
        epochs=given.epochs,
        batch_size=given.batch,
        checkpoint_every=1,
        threads=1,
        seed=1,
    )
    ends: list[tuple[float, float]] = []

    def ended(_: bytes) -> None:
        ends.append((time.perf_counter(), time.process_time()))

    model.fit(X, y, executors=workers, on_checkpoint=ended)
    # The first epoch has the start in it.
    passed = np.diff(np.array(ends), axis=0) / BATCHES
    return float(passed[:, 0].min()), float(passed[:, 1].min())


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    sides = {"one thread": None, "1 worker": Workers(1, patience=60), "2 workers": Workers(2, patience=60)}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(given.rounds):
        for name, workers in sides.items():
            times[name].append(seconds_per_batch(given, workers))
    medians = {
        name: [1000 * statistics.median(column) for column in zip(*each, strict=True)] for name, each in times.items()
    }
    for name, (passed, own) in medians.items():
        rounds = ", ".join(f"{1000 * each:.1f}" for each, _ in times[name])
        print(f"{name:11} {passed:7.1f} ms per batch ({rounds}), {own:.2f} ms of this process")
    alone, one, two = medians.values()
    print(f"2 workers against 1: {one[0] / two[0]:.2f}")
    print(f"a shard: {alone[1] / -(-given.batch // 16):.3f} ms")
    print(f"a batch: {2 * one[1] - two[1]:.2f} ms, and for every worker {two[1] - one[1]:.2f} ms, of the driver")


if __name__ == "__main__":
    main()
