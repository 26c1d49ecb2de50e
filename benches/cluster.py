"""Measures runs on Ray on this machine: 1 and 2 workers in turn, and what a batch costs beside its shards.

    npm run build:python
    target/python/bin/python benches/cluster.py [--hidden 128] [--batch 512] [--steps 64] [--rounds 5]

Prints seconds per batch (medians), their ratio, and the constants of the cost model in docs/scaling.md.
"""

import argparse
import statistics
import time

import numpy as np

from engram_rnn import Encoder, SequenceClassifier
from engram_rnn.ray import Workers

BATCHES = 4
INPUTS, CLASSES = 32, 10


def seconds_per_batch(given: argparse.Namespace, workers: Workers | None) -> float:
    """Median time between two batches of a run: computing, sending, adding, and the step of the optimiser."""
    random = np.random.default_rng(1)
    X = list(random.normal(size=(given.batch * BATCHES, given.steps, INPUTS)))
    y = [index % CLASSES for index in range(len(X))]
    model = SequenceClassifier(
        encoder=Encoder.numeric(channels=INPUTS),
        hidden=(given.hidden,),
        epochs=3,
        batch_size=given.batch,
        checkpoint_every=1,
        threads=1,
        seed=1,
    )
    ends: list[float] = []
    model.fit(X, y, executors=workers, on_checkpoint=lambda _: ends.append(time.perf_counter()))
    # The first epoch has the start in it.
    return statistics.median(np.diff(ends)) / BATCHES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    sides = {"one thread": None, "1 worker": Workers(1, patience=60), "2 workers": Workers(2, patience=60)}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(given.rounds):
        for name, workers in sides.items():
            times[name].append(seconds_per_batch(given, workers))
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, seconds in medians.items():
        print(f"{name:11} {1000 * seconds:8.1f} ms per batch ({', '.join(f'{1000 * each:.1f}' for each in times[name])})")
    alone, one, two = medians.values()
    shards = -(-given.batch // 16)
    print(f"2 workers against 1: {one / two:.2f}")
    print(f"a shard: {1000 * alone / shards:.3f} ms; beside the shards, 1 worker: {1000 * (one - alone):.2f} ms")


if __name__ == "__main__":
    main()
