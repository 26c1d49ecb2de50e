"""The cost of a batch on a cluster: a formula, and a simulation of messages that checks it. See docs/scaling.md.

    python3 docs/scaling.py            # the tables of docs/scaling.md
    python3 docs/scaling.py --shard 5 --message 0.5      # with other measurements

One driver, and workers with a machine each. All that is sent goes through the driver's link.
"""

import argparse
import heapq
from dataclasses import dataclass

GIGABIT = 1e9 / 8


@dataclass(frozen=True)
class Model:
    """A network and its run."""

    name: str
    parameters: int
    shard: float
    """Seconds of one thread for a shard of 16 sequences, forward and backward."""

    @property
    def megabytes(self) -> float:
        """Of the parameters, and of a gradient."""
        return 4e-6 * self.parameters


@dataclass(frozen=True)
class Cost:
    """Seconds that are the same for every megabyte, and those that grow with it."""

    fixed: float
    megabyte: float

    def of(self, model: Model) -> float:
        """For a model's parameters."""
        return self.fixed + self.megabyte * model.megabytes


@dataclass(frozen=True)
class Cluster:
    """What a batch costs beside its shards, and the links."""

    batch: Cost
    """Of the driver per batch: the batch written down, the step of the optimiser, and the judging."""
    message: Cost
    """Of the driver per worker and batch: a call, its answer, and the part added."""
    latency: float
    """Seconds from one machine to another."""
    link: float
    """Bytes per second of each machine's link, each way."""


def formula(model: Model, cluster: Cluster, shards: int, workers: int) -> float:
    """Seconds per batch, B + S/W c + 2 l + m + W max(m, s): see docs/scaling.md."""
    used = min(workers, shards)
    message, sent = cluster.message.of(model), 1e6 * model.megabytes / cluster.link
    computed = -(-shards // used) * model.shard
    return cluster.batch.of(model) + computed + 2 * (cluster.latency + sent) + used * max(message, sent)


def simulate(model: Model, cluster: Cluster, shards: int, workers: int) -> float:
    """Seconds per batch, message by message: the driver's processor, both ways of its link, and the workers."""
    used = min(workers, shards)
    half, sent = cluster.message.of(model) / 2, 1e6 * model.megabytes / cluster.link
    processor = cluster.batch.of(model)
    down = 0.0
    done: list[float] = []
    for worker in range(used):
        share = (worker + 1) * shards // used - worker * shards // used
        # A call, and its answer later, each have half of a message's cost.
        processor += half
        down = max(down, processor) + sent
        heapq.heappush(done, down + cluster.latency + share * model.shard)
    up = 0.0
    while done:
        up = max(up, heapq.heappop(done)) + sent
        processor = max(processor, up + cluster.latency) + half
    return processor


def lstm(inputs: int, hidden: int, outputs: int) -> int:
    """Weights and biases of a standard LSTM with a head."""
    return 4 * hidden * (inputs + hidden + 1) + outputs * (hidden + 1)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shard", type=float, default=3.5, help="ms per shard at H128, T64, I32")
    parser.add_argument("--small-shard", type=float, default=0.27, help="ms per shard at H32, T32, I32")
    parser.add_argument("--batch", type=float, nargs=2, default=(2.0, 4.5), help="ms per batch, and per MB")
    parser.add_argument("--message", type=float, nargs=2, default=(1.0, 2.7), help="ms per worker, and per MB")
    parser.add_argument("--latency", type=float, default=0.1, help="ms from machine to machine")
    given = parser.parse_args()

    def cost(pair: tuple[float, float]) -> Cost:
        return Cost(pair[0] / 1000, pair[1] / 1000)

    small = Model("H32, T32", lstm(32, 32, 10), given.small_shard / 1000)
    large = Model("H128, T64", lstm(32, 128, 10), given.shard / 1000)
    widest = Model("H512, T64", lstm(32, 512, 10), large.shard * lstm(32, 512, 10) / large.parameters)
    gigabits = (1, 10, 25)
    clusters = [Cluster(cost(given.batch), cost(given.message), given.latency / 1000, g * GIGABIT) for g in gigabits]
    for model, batch in [(small, 32), (small, 512), (large, 512), (large, 4096), (widest, 4096)]:
        shards = -(-batch // 16)
        alone = cost(given.batch).of(model) + shards * model.shard
        print(f"\n{model.name}, batches of {batch} ({1000 * alone:.0f} ms on one thread, {model.megabytes:.2f} MB):\n")
        print("| workers | 1 Gbit/s | 10 Gbit/s | 25 Gbit/s | formula, 10 Gbit/s |\n| --- | --- | --- | --- | --- |")
        for workers in (2, 4, 8, 16, 32, 64, 128, 256, 512):
            times = [simulate(model, cluster, shards, workers) for cluster in clusters]
            times.append(formula(model, clusters[1], shards, workers))
            print(f"| {workers} | " + " | ".join(f"{alone / each:.2f}" for each in times) + " |")


if __name__ == "__main__":
    main()
