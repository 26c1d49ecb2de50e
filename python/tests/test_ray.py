"""Runs on a Ray cluster: the bits of one thread in Node, whoever computes, and whoever is lost."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import fsspec
import numpy as np
import pytest
from hosts import CASES, WORDS
from support import CLASSES, ROOT, hash_of, node, parameters, split

import engram_rnn.ray
from engram_rnn import Encoder, Pack, SequenceClassifier, load
from engram_rnn.__main__ import main
from engram_rnn.ray import Workers
from engram_rnn.ray.shares import nodes, shares

SEED = int(os.environ.get("ENGRAM_TEST_SEED", "1"))
# Seconds that what has to start may take on a busy machine.
PATIENCE = 300
EXAMPLES = str(ROOT / "python/examples")


@pytest.fixture(scope="module")
def cluster():
    """One raylet, to which tests add others."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    # What examples import, workers import too. Ray's workers give way to other programs, and would starve beside busy
    # ones: here they do not.
    given = {"PYTHONPATH": EXAMPLES, "RAY_worker_niceness": "0"}
    os.environ.update(given)
    room = {"include_dashboard": False, "object_store_memory": 100 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 5, **room})
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()
    for name in given:
        del os.environ[name]


def raylets(cluster, count):
    """Sees to so many raylets beside the head."""
    while len(cluster.worker_nodes) < count - 1:
        cluster.add_node(wait=False, num_cpus=3, object_store_memory=100 * 2**20)
    cluster.wait_for_nodes(PATIENCE)


def fresh(case, **changes):
    return CLASSES[case["type"]](**{**parameters(case["type"], case["options"], case["fit"]), **changes})


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_workers_gives_the_bits_of_one_thread_in_node(
    cluster, in_node, count, workers, name, monkeypatch
):
    monkeypatch.setattr("engram_rnn.ray.workers._START", PATIENCE)
    raylets(cluster, count)
    case = CASES[name]
    executors = Workers(workers, patience=60)
    model = fresh(case).fit(*split(case["type"], case["samples"]), executors=executors)
    assert {"hash": hash_of(model.network_), "error": model.result_.error} == in_node(name)
    assert executors.counts.parts > 0
    assert executors.counts.own == 0


LONG = {
    "type": "SequenceClassifier",
    "options": {"encoder": Encoder.bytes().to_json(), "hidden": [24], "seed": 6},
    "samples": [{"input": f"{word}{i}" * 4, "label": "ab"[i % 2]} for i in range(20) for word in WORDS],
    "fit": {"epochs": 12, "batchSize": 120, "checkpointEvery": 1},
}


class Disturbed:
    """Workers that are disturbed in the middle of the fifth batch, when the first part of it has come."""

    def __init__(self, workers, disturb):
        self.workers, self.disturb = workers, disturb
        self.batches = 0

    @contextlib.contextmanager
    def begin(self, core, plan):
        with self.workers.begin(core, plan) as parts:

            def disturbed(batch, missing, steps):
                self.batches += 1
                for number, part in enumerate(parts(batch, missing, steps)):
                    if self.batches == 5 and number == 0:
                        self.disturb()
                    yield part

            yield disturbed


def disturbed(disturb, **given):
    """A model whose run is disturbed, and who did what."""
    executors = Workers(**given)
    model = fresh(LONG).fit(*split(LONG["type"], LONG["samples"]), executors=Disturbed(executors, disturb))
    return model, executors.counts


@pytest.fixture(scope="module")
def alone():
    return hash_of(fresh(LONG, threads=1).fit(*split(LONG["type"], LONG["samples"])).network_)


@pytest.fixture
def killed(cluster):
    """Three raylets, and what kills one of them at once."""
    raylets(cluster, 3)
    victim = next(iter(cluster.worker_nodes))
    yield lambda: os.kill(victim.all_processes["raylet"][0].process.pid, signal.SIGKILL)
    cluster.remove_node(victim, allow_graceful=False)


def test_a_killed_raylet_changes_no_bit(killed, alone):
    model, counts = disturbed(killed, count=5, patience=2)
    assert hash_of(model.network_) == alone
    # Ray may take longer to tell of the death than the run takes here; what was missing was then late.
    assert counts.lost + counts.again > 0


class LeftError(Exception):
    """Ends a run that is to go on elsewhere."""


@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
def test_a_run_travels_from_node_over_a_cluster_that_loses_a_raylet_to_chromium(
    killed, chromium, seed, tmp_path, monkeypatch
):
    monkeypatch.setattr("engram_rnn.ray.workers._START", PATIENCE)
    print("seed", seed)
    draw = random.Random(seed)
    paths = tmp_path / "there.engram", tmp_path / "back.engram"
    options, fit = (
        {**LONG["options"], "labels": ["a", "b"], "dropout": 0.1, "seed": seed},
        {**LONG["fit"], "epochs": 20},
    )
    given = {"type": LONG["type"], "options": options, "samples": LONG["samples"], "fit": fit}
    whole = node("leave", **given, moment=draw.randint(1, 6), into=str(paths[0]))
    pack = Pack.load(paths[0])
    left = draw.randint(4, 8)

    def leave(_):
        nonlocal left
        left -= 1
        if left == 0:
            raise LeftError

    workers = Workers(4, patience=2)
    with pytest.raises(LeftError):
        pack.train(executors=Disturbed(workers, killed), checkpoint_every=1, on_checkpoint=leave)
    assert workers.counts.parts > 0
    assert workers.counts.lost + workers.counts.again > 0
    pack.save(paths[1])
    assert chromium.finish(paths[1]) == {"hash": whole, "stopped": "iterations"}


def workers_of(cluster):
    """Processes of the workers that wait for work or do some, on any raylet of the cluster."""
    raylets = {node.all_processes["raylet"][0].process.pid for node in [cluster.head_node, *cluster.worker_nodes]}
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            title = (path / "cmdline").read_bytes().rstrip(b"\0 ")
        except OSError:
            continue
        if parent in raylets and title in (b"ray::Worker", b"ray::Worker.compute"):
            found.append(int(path.name))
    return found


def test_a_worker_that_hangs_changes_no_bit(cluster, alone):
    stopped = []

    def stop():
        stopped.append(workers_of(cluster)[0])
        os.kill(stopped[0], signal.SIGSTOP)

    try:
        model, counts = disturbed(stop, count=2, patience=0.5)
    finally:
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert hash_of(model.network_) == alone
    assert counts.again + counts.own > 0


def test_a_killed_worker_changes_no_bit(cluster, alone):
    model, counts = disturbed(lambda: os.kill(workers_of(cluster)[0], signal.SIGKILL), count=1, patience=5)
    assert hash_of(model.network_) == alone
    assert counts.lost >= 1


def test_workers_join_when_there_is_room(cluster, alone):
    def grow():
        cluster.add_node(num_cpus=4, object_store_memory=100 * 2**20)
        until = time.monotonic() + 60
        while len(workers_of(cluster)) < 2 and time.monotonic() < until:
            time.sleep(0.1)

    # Only the head has four processors.
    model, counts = disturbed(grow, count=2, threads=4, patience=5)
    assert hash_of(model.network_) == alone
    assert counts.joined == 2


def test_without_a_worker_the_driver_computes(cluster, alone):
    executors = Workers(1, threads=64, patience=0.1)
    model = fresh(LONG).fit(*split(LONG["type"], LONG["samples"]), executors=executors)
    assert hash_of(model.network_) == alone
    assert executors.counts.own > 0
    assert executors.counts.joined == 0


DRIVER = """
import json, os, signal, sys
import engram_rnn.ray
from test_ray import LONG, fresh, split

path, address = sys.argv[1:]
seen = []
def told(checkpoint):
    seen.append(checkpoint)
    if len(seen) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
inputs, answers = split(LONG["type"], LONG["samples"])
engram_rnn.ray.fit(fresh(LONG), inputs, answers, workers=2, address=address, checkpoint=path, on_checkpoint=told)
"""


def test_a_run_goes_on_from_its_file_when_the_driver_has_died(cluster, alone, tmp_path):
    path = f"file://{tmp_path}/run.ckpt"
    command = [sys.executable, "-c", DRIVER, path, cluster.address]
    died = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False, timeout=120)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["run.ckpt"]
    inputs, answers = split(LONG["type"], LONG["samples"])
    begun = []
    model = engram_rnn.ray.fit(
        fresh(LONG),
        inputs,
        answers,
        workers=2,
        resume=path,
        checkpoint="memory://last.ckpt",
        on_checkpoint=begun.append,
    )
    assert hash_of(model.network_) == alone
    assert len(begun) == LONG["fit"]["epochs"] - 3
    assert fsspec.filesystem("memory").cat_file("last.ckpt") == begun[-1]


def test_shares_are_nodes_that_make_up_what_is_missing():
    print("seed", SEED)
    drawn = np.random.default_rng(SEED)
    for _ in range(500):
        count, workers = int(drawn.integers(1, 70)), int(drawn.integers(1, 9))
        steps = drawn.integers(1, 50, count).tolist()
        missing = np.flatnonzero(drawn.random(count) < drawn.random()).tolist()
        dealt = shares(missing, steps, workers)
        assert len(dealt) == workers
        assert sorted(shard for share in dealt for each in share for shard in range(*each)) == missing
        for start, end in (each for share in dealt for each in share):
            size = 1 << (end - start - 1).bit_length()
            assert start % size == 0
            assert end == count or end - start == size
        even = sum(steps[shard] for shard in missing) / workers
        most = max((steps[shard] for shard in missing), default=0)
        for share in dealt:
            assert sum(steps[shard] for each in share for shard in range(*each)) <= even + most
    assert shares(range(32), [1] * 32, 4) == [[(0, 8)], [(8, 16)], [(16, 24)], [(24, 32)]]
    assert list(nodes(0, 11, 11)) == [(0, 11)]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Workers(0), "Workers: count is 0, expected an integer between 1"),
        (lambda: Workers(1, threads=0), "Workers: threads is 0"),
        (lambda: Workers(1, patience=0), "Workers: patience is 0"),
        (lambda: engram_rnn.ray.fit("model", [], []), 'fit: model is "model", expected a sequence model'),
        (lambda: engram_rnn.ray.fit(SequenceClassifier(), ["a"], ["b"], resume=b""), "fit: seed is None"),
        (
            lambda: engram_rnn.ray.fit(SequenceClassifier(seed=1), ["a"], ["b"], checkpoint="memory://x"),
            "fit: checkpoint_every is 0, expected at least 1",
        ),
        (
            lambda: engram_rnn.ray.fit(fresh(LONG), ["a", "b"], ["a", "b"], workers=1, resume=b"no checkpoint"),
            "SequenceClassifier.fit: the checkpoint is",
        ),
    ],
)
def test_what_is_wrong_is_named(cluster, act, message):
    with pytest.raises((TypeError, ValueError), match=message):
        act()


class Liar:
    """Executors that give what no executor of the run gives."""

    def __init__(self, part):
        self.part = part

    @contextlib.contextmanager
    def begin(self, core, plan):
        yield lambda batch, missing, steps: iter([self.part(batch)])


@pytest.mark.parametrize(
    "part", [lambda batch: b"", lambda batch: batch, lambda batch: "text", lambda batch: batch[:40]]
)
def test_a_part_of_no_executor_is_refused(part):
    inputs, answers = split(LONG["type"], LONG["samples"])
    with pytest.raises((TypeError, ValueError)):
        fresh(LONG).fit(inputs, answers, executors=Liar(part))


@pytest.mark.parametrize("example", ["ray_tune", "ray_joblib", "ray_batches"])
def test_the_examples_find_classifiers_of_names(cluster, example, monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    assert __import__(example).main() >= 0.88


@pytest.fixture
def names(tmp_path):
    """First names and their language as CSV."""
    path = tmp_path / "names.csv"
    path.write_text("text,label\n" + "".join(f"{word}{i},{'ab'[i % 2]}\n" for i in range(12) for word in WORDS))
    return path


COMMAND = ["--epochs", "3", "--hidden", "6", "--seed", "1", "--quiet"]


def test_the_command_line_trains_on_a_cluster(cluster, names, tmp_path):
    alone, there = tmp_path / "alone.json", tmp_path / "there.json"
    assert main(["train", str(names), "--out", str(alone), *COMMAND]) == 0
    assert (
        main(["train", str(names), "--out", str(there), "--workers", "2", "--address", cluster.address, *COMMAND]) == 0
    )
    assert there.read_text() == alone.read_text()


def test_the_command_line_starts_ray_by_itself(names, tmp_path):
    alone, there = tmp_path / "alone.json", tmp_path / "there.json"
    assert main(["train", str(names), "--out", str(alone), *COMMAND]) == 0
    command = [sys.executable, "-m", "engram_rnn", "train", str(names), "--out", str(there), "--workers", "2", *COMMAND]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    assert there.read_text() == alone.read_text()


def test_the_command_line_goes_on_with_a_pack(cluster, tmp_path):
    path, into = tmp_path / "run.engram", tmp_path / "model.json"
    inputs, answers = split(LONG["type"], LONG["samples"])
    Pack.of(fresh(LONG), inputs, answers).save(path)
    assert main(["train", str(path), "--out", str(into), "--workers", "2", "--quiet"]) == 0
    whole = fresh(LONG).fit(inputs, answers)
    assert hash_of(load(into).network_) == hash_of(whole.network_)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_command_on_a_cluster_keeps_its_run_when_it_is_told_to_end(tmp_path):
    model = SequenceClassifier(hidden=(4,), epochs=10**8, error=-1.0, seed=1)
    Pack.of(model, ["ab", "b", "ca", "d"], ["x", "y", "x", "y"]).save(tmp_path / "run.engram")
    command = [sys.executable, "-m", "engram_rnn", "train", "run.engram", "--workers", "1", "--out", "kept.engram"]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, **output) as process:
        said = ""
        # The bar, or a line of progress, says that it trains.
        while " error " not in said:
            letter = process.stdout.read(1)
            assert letter != "", said
            said += letter
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM, rest
    assert "kept.engram: written" in rest
    assert Pack.load(tmp_path / "kept.engram").checkpoint is not None
