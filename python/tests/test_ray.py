"""Runs on a Ray cluster: the bits of one thread in Node, whoever computes, and whoever is lost."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from support import CLASSES, hash_of, node, parameters, split

import engram_rnn.ray
from engram_rnn import Encoder, SequenceClassifier, load
from engram_rnn.ray import Workers
from engram_rnn.ray.shares import nodes, shares

WORDS = ["ada", "bela", "caspar", "dilan", "ezgi", "fabrizio", "giovanna", "hasan", "ilaria", "kemal", "luca", "mehmet"]
RANDOM = np.random.default_rng(5)
SERIES = [RANDOM.normal(size=(int(length), 2)).tolist() for length in RANDOM.integers(2, 12, 100)]
CASES = {
    "bits of texts, dropout, a share held out": {
        "type": "SequenceClassifier",
        "options": {"encoder": Encoder.bits().to_json(), "hidden": [6, 5], "dropout": 0.2, "seed": 3},
        "samples": [{"input": f"{word}{i}", "label": "ab"[i % 2]} for i in range(9) for word in WORDS],
        "fit": {"epochs": 4, "batchSize": 70, "validation": 0.25, "rate": 0.02, "checkpointEvery": 1},
    },
    "numbers, in double precision, clipped": {
        "type": "SequenceClassifier",
        "options": {"encoder": Encoder.numeric(channels=2).to_json(), "hidden": [7], "seed": 4},
        "samples": [{"input": steps, "label": int(sum(map(sum, steps)) > 0)} for steps in SERIES],
        "fit": {"epochs": 3, "batchSize": 100, "clipNorm": 0.05, "precision": "f64"},
    },
    "labels of steps": {
        "type": "SequenceTagger",
        "options": {"encoder": Encoder.one_hot("abcdefghijklmnopqrstuvwxyz").to_json(), "hidden": [5], "seed": 5},
        "samples": [{"input": w + v, "labels": [c in "aeiou" for c in w + v]} for w in WORDS for v in WORDS[:6]],
        "fit": {"epochs": 3, "batchSize": 40, "clipNorm": None},
    },
}


@pytest.fixture(scope="module")
def cluster():
    """One raylet, to which tests add others."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    room = {"include_dashboard": False, "object_store_memory": 100 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 5, **room})
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def raylets(cluster, count):
    """Sees to so many raylets beside the head."""
    while len(cluster.worker_nodes) < count - 1:
        cluster.add_node(num_cpus=3, object_store_memory=100 * 2**20)
    cluster.wait_for_nodes()


def fresh(case, **changes):
    return CLASSES[case["type"]](**{**parameters(case["type"], case["options"], case["fit"]), **changes})


@pytest.fixture(scope="module")
def in_node(tmp_path_factory):
    """Hash and error of a case, trained by one thread in Node."""
    known = {}

    def train(name):
        if name not in known:
            case, path = CASES[name], tmp_path_factory.mktemp("node") / "model.json"
            given = {key: case[key] for key in ("type", "options", "samples")}
            said = node("fit", **given, fit={**case["fit"], "threads": 1}, into=str(path))
            known[name] = hash_of(load(path).network_), said["error"]
        return known[name]

    return train


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_workers_gives_the_bits_of_one_thread_in_node(cluster, in_node, count, workers, name):
    raylets(cluster, count)
    case = CASES[name]
    executors = Workers(workers, patience=60)
    model = fresh(case).fit(*split(case["type"], case["samples"]), executors=executors)
    assert (hash_of(model.network_), model.result_.error) == in_node(name)
    assert executors.counts.parts > 0
    assert executors.counts.own == 0


LONG = {
    "type": "SequenceClassifier",
    "options": {"encoder": Encoder.bytes().to_json(), "hidden": [24], "seed": 6},
    "samples": [{"input": f"{word}{i}" * 4, "label": "ab"[i % 2]} for i in range(20) for word in WORDS],
    "fit": {"epochs": 12, "batchSize": 120, "checkpointEvery": 1},
}


def disturbed(disturb, **given):
    """A model whose run is disturbed from another thread once it goes, and who did what."""
    executors = Workers(**given)
    is_told = threading.Event()
    thread = threading.Thread(target=lambda: (is_told.wait(60), disturb()))
    thread.start()

    def told(checkpoint):
        is_told.set()
        # Until it has happened: otherwise the run might be over before.
        thread.join()

    inputs, answers = split(LONG["type"], LONG["samples"])
    model = fresh(LONG).fit(inputs, answers, executors=executors, on_checkpoint=told)
    return model, executors.counts


@pytest.fixture(scope="module")
def alone():
    return hash_of(fresh(LONG, threads=1).fit(*split(LONG["type"], LONG["samples"])).network_)


def actors():
    """Process ids of the workers that live."""
    from ray.util.state import list_actors

    return [actor.pid for actor in list_actors(filters=[("state", "=", "ALIVE")], detail=True)]


def test_a_killed_raylet_changes_no_bit(cluster, alone):
    raylets(cluster, 3)
    victim = cluster.worker_nodes[-1] if isinstance(cluster.worker_nodes, list) else next(iter(cluster.worker_nodes))

    def kill():
        os.kill(victim.all_processes["raylet"][0].process.pid, signal.SIGKILL)

    model, counts = disturbed(kill, count=5, patience=2)
    assert hash_of(model.network_) == alone
    assert counts.lost > 0
    cluster.remove_node(victim, allow_graceful=False)
