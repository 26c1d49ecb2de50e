"""Packs: a run that begins in Node, goes on in Python and ends in Node has the weights of one that never left."""

import dataclasses
import json
import os
import random

import numpy as np
import pytest
import safetensors.numpy
from support import CLASSES, finish, hash_of, node, parameters, split, vectors, weights_of

from engram_rnn import Encoder, Network, Pack, SequenceClassifier
from engram_rnn.safetensors import Tensors, read_tensors, write_tensors

SEED = int(os.environ.get("ENGRAM_TEST_SEED", "1"))
TRAINING = vectors("training")
EPOCHS = 40
ROWS = "rows of numbers, weighted labels, clipping, a batch of more than one shard"
WORDS = "words of sentences, truncated"
SERIES = "several series, by momentum, some held out"


def encoder_of(name):
    """The encoder of one of the vectors, before it has learnt."""
    return TRAINING[name]["options"]["encoder"]


def texts(count):
    return [{"input": f"w{index * 7919 % 1000}", "label": "ab"[index % 3 == 0]} for index in range(count)]


def series(count):
    def step(index, step):
        return [float(np.cos(index + step)), index % 7 - step / 3]

    return [{"input": [step(index, at) for at in range(3 + index % 5)], "label": index % 3} for index in range(count)]


def tags(count):
    return [
        {"input": f"one {index} three", "labels": ["x", "y" if index % 2 else None, "xy"[index % 2]]}
        for index in range(count)
    ]


# A class, its options, samples and options of `fit`: bits, rows, tags; dropout, clipping; both precisions.
RUNS = {
    "bits, with dropout and samples held out": (
        "SequenceClassifier",
        {"labels": ["a", "b"], "encoder": {"type": "bits"}, "hidden": [6], "dropout": 0.3},
        texts(90),
        {"validation": 0.2, "batchSize": 20},
    ),
    "rows, clipped, weighted, in double precision": (
        "SequenceClassifier",
        {"labels": [0, 1, 2], "encoder": encoder_of(ROWS), "hidden": [7], "bidirectional": True},
        series(90),
        {"clipNorm": 0.05, "precision": "f64", "classWeights": "balanced", "batchSize": 40},
    ),
    "tags of words, with dropout, a rate that falls": (
        "SequenceTagger",
        {
            "labels": ["x", "y"],
            "encoder": encoder_of(WORDS),
            "hidden": [5, 4],
            "dropout": 0.2,
        },
        tags(60),
        {"decay": {"type": "cosine", "floor": 0.1}, "optimizer": "adamw"},
    ),
    "tags in double precision, samples of their own to be judged by": (
        "SequenceTagger",
        {"labels": ["x", "y"], "encoder": encoder_of(WORDS)},
        tags(40),
        {"precision": "f64", "validation": tags(9), "patience": 30},
    ),
    "tags of words, embedding and first layer frozen, clipped": (
        "SequenceTagger",
        {"labels": ["x", "y"], "encoder": encoder_of(WORDS), "hidden": [4, 3], "bidirectional": True},
        tags(60),
        {"freeze": ["embedding", "layer 0"], "clipNorm": 0.05, "batchSize": 40},
    ),
    "letters of texts, in pieces": (
        "SequenceGenerator",
        {"encoder": {"type": "oneHot", "alphabet": "w0123456789"}, "hidden": [5], "dropout": 0.2},
        [sample["input"] for sample in texts(50)],
        {"piece": 2, "validation": 0.2},
    ),
    "symbols that are read, clipped": (
        "SequenceTranscriber",
        {"encoder": encoder_of(SERIES), "hidden": [5], "bidirectional": True},
        [{"input": [index % 5, 4, index % 3, -4, 1, 0], "output": "ud"[: 1 + index % 2]} for index in range(40)],
        {"clipNorm": 0.05, "batchSize": 20},
    ),
    "a series foretold": (
        "SequencePredictor",
        {"encoder": encoder_of(SERIES), "hidden": [5]},
        [[float(np.sin(step / (2 + speed))) for step in range(40)] for speed in range(20)],
        {"groupByLength": True},
    ),
}


class LeftError(Exception):
    """Ends a run that is to go on elsewhere."""


@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_travels_ends_as_one_that_never_left(name, seed, tmp_path):
    kind, options, samples, fit = RUNS[name]
    draw = random.Random(f"{name} {seed}")
    paths = tmp_path / "there.engram", tmp_path / "back.engram"
    given = {"type": kind, "options": {**options, "seed": seed}, "samples": samples, "fit": {**fit, "epochs": EPOCHS}}
    whole = node("leave", **given, moment=draw.randint(1, EPOCHS // 3), into=str(paths[0]))
    pack = Pack.load(paths[0])
    left = draw.randint(1, EPOCHS // 4)

    def leave(_):
        nonlocal left
        left -= 1
        if left == 0:
            raise LeftError

    with pytest.raises(LeftError):
        pack.train(threads=1 + 2 * (seed % 2), checkpoint_every=1, on_checkpoint=leave)
    pack.save(paths[1])
    assert finish(paths[1]) == {"hash": whole, "stopped": "iterations"}, f"seed {seed}"
    # What was left behind here is whole, too: it goes on in Python.
    assert Pack.load(paths[1]).train().stopped == "iterations"
    pack.train()
    assert hash_of(pack.network) == whole


@pytest.mark.parametrize("name", TRAINING)
def test_a_run_that_was_packed_before_it_began(name, tmp_path):
    case = TRAINING[name]
    path = tmp_path / "run.engram"
    given = {"type": case["type"], "options": case["options"], "samples": case["samples"], "fit": case["fit"]}
    here = node("pack", **given, into=str(path))
    pack = Pack.load(path)
    assert pack.checkpoint is None
    pack.train(threads=3)
    assert hash_of(pack.network) == here
    model = CLASSES[case["type"]](**parameters(case["type"], case["options"], case["fit"]))
    inputs, answers = split(case["type"], case["samples"])
    Pack.of(model, inputs, answers, weights_of(case["samples"])).save(path)
    assert not hasattr(model, "network_")
    assert finish(path)["hash"] == here


NETWORKS = {
    "pairs by the online rule": (
        [2, 3, 1],
        {"seed": 6},
        [{"input": [a, b], "output": [a ^ b]} for a in (0, 1) for b in (0, 1)],
        {"iterations": 300, "rate": 0.3, "shuffle": True},
    ),
    "a frozen layer, by the online rule": (
        [2, 3, 1],
        {"seed": 9},
        [{"input": [a, b], "output": [a ^ b]} for a in (0, 1) for b in (0, 1)],
        {"iterations": 200, "rate": 0.3, "freeze": ["output"]},
    ),
    "sequences, squared error, a share held out": (
        [1, 4, 2],
        {"variant": "standard", "seed": 3},
        [
            {"input": [[index >> bit & 1] for bit in range(5)], "output": [index & 1, 1 - (index & 1)]}
            for index in range(20)
        ],
        {"iterations": 60, "validation": 0.25, "precision": "f64", "rate": [0.02, 0.01]},
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_run_of_a_network_travels_too(name, tmp_path):
    sizes, options, samples, train = NETWORKS[name]
    path = tmp_path / "run.engram"
    given = {"sizes": sizes, "options": options, "set": samples, "train": {"error": -1, "seed": 7, **train}}
    whole = node("leaveNetwork", **given, moment=5, into=str(path))
    pack = Pack.load(path)
    pack.save(path)
    pack.train()
    assert isinstance(pack.model, Network)
    assert hash_of(pack.model) == whole
    assert finish(path)["hash"] == whole


def packed():
    model = SequenceClassifier(hidden=(2,), epochs=3, seed=1)
    return Pack.of(model, ["ab", "b", "c"], ["x", "y", "x"])


@pytest.mark.parametrize(
    ("encoder", "kind"),
    [
        (Encoder.bits(), np.uint8),
        (Encoder.bytes(), np.uint8),
        (Encoder.one_hot("abé"), np.uint32),
        (Encoder.tokens(embedding=2), np.uint32),
        (Encoder.tokens(embedding=2, split="[é ]+"), np.uint32),
        (Encoder.symbols(), np.uint32),
    ],
    ids=repr,
)
def test_a_set_holds_a_number_per_step_and_trains_as_its_rows(encoder, kind):
    inputs = ["ab é", "é", "👍 b a"]
    model = SequenceClassifier(encoder=encoder, hidden=(3,), epochs=5, seed=2, precision="f64", batch_size=2)
    X = [list(text) for text in inputs] if encoder == Encoder.symbols() else inputs
    pack = Pack.of(model, X, ["x", "y", "x"])
    assert (pack.set.inputs.dtype, pack.set.inputs.ndim) == (kind, 1)
    # What encode gives, as Network.train takes it.
    rows = np.concatenate([pack.model.encoder_.encode(each) for each in X])
    as_rows = Pack.from_bytes(pack.to_bytes())
    as_rows.set = dataclasses.replace(pack.set, inputs=rows)
    pack.train()
    as_rows.train()
    assert hash_of(pack.network) == hash_of(as_rows.network)
    answers = pack.network.activate_sequences([pack.model.encoder_.encode(each) for each in X])
    assert pack.model.predict_proba(X).tolist() == [steps[-1].tolist() for steps in answers]


def test_more_iterations_than_the_run_was_asked_for():
    pack = packed()
    pack.train(checkpoint_every=3)
    assert pack.checkpoint is not None
    assert pack.train(iterations=5).iterations == 5
    whole = SequenceClassifier(hidden=(2,), epochs=5, seed=1).fit(["ab", "b", "c"], ["x", "y", "x"])
    assert hash_of(pack.network) == hash_of(whole.network_)


def test_frozen_layers_stay_frozen_in_a_pack():
    model = SequenceClassifier(hidden=(2, 2), epochs=3, seed=1, freeze=["layer 0"], precision="f64")
    inputs, answers = ["ab", "b", "c"], ["x", "y", "x"]
    pack = Pack.from_bytes(Pack.of(model, inputs, answers).to_bytes())
    assert pack.freeze == ["layer 0"]
    before = pack.network.to_json()
    pack.train()
    after = pack.network.to_json()
    model.fit(inputs, answers)
    assert hash_of(pack.network) == hash_of(model.network_)
    # Input to cells of the first recurrent layer; after these come those of the second, and the output.
    first = {at for at, neuron in enumerate(before["neurons"]) if neuron["layer"] in range(6)}
    moved = [
        was["to"]
        for was, now in zip(before["connections"], after["connections"], strict=True)
        if was["weight"] != now["weight"]
    ]
    assert moved
    assert not first & set(moved)
    for at in first:
        assert before["neurons"][at]["bias"] == after["neurons"][at]["bias"]
    # The next run learns all.
    model.set_params(freeze=None, warm_start=True).fit(inputs, answers)
    assert hash_of(pack.network) != hash_of(model.network_)


def test_a_function_does_not_travel():
    model = SequenceClassifier(rate=lambda iteration, last: 0.1)
    with pytest.raises(TypeError, match=r"Pack\.of: rate is .*expected a number or a list"):
        Pack.of(model, ["ab", "b"], ["x", "y"])


def test_what_is_no_pack_is_refused():
    whole = packed().to_bytes()
    for content, message in (
        (b"", "0 bytes"),
        (b"\xff" * 100, "its header"),
        (whole[:-1], "data_offsets|bytes of numbers"),
        (write_tensors(Tensors({}, {"format": "pt"})), "the file's format"),
    ):
        with pytest.raises(ValueError, match=message):
            Pack.from_bytes(content)
    tensors = read_tensors("test", whole)
    newer = Tensors(tensors.arrays, {**tensors.metadata, "version": "2"})
    with pytest.raises(ValueError, match="the pack's version is \"2\", expected '1'"):
        Pack.from_bytes(write_tensors(newer))
    run = json.loads(tensors.metadata["run"])
    run["options"]["batchSize"] = 10**9
    with pytest.raises(ValueError, match="batch_size is 1000000000"):
        Pack.from_bytes(write_tensors(Tensors(tensors.arrays, {**tensors.metadata, "run": json.dumps(run)})))
    for freeze, message in (
        (["layer 7"], r"freeze\[0\] is \"layer 7\", expected one of 'layer 0', 'output'"),
        (["layer 0", "output"], "freeze names every layer"),
    ):
        run = {**json.loads(tensors.metadata["run"]), "freeze": freeze}
        with pytest.raises(ValueError, match=message):
            Pack.from_bytes(write_tensors(Tensors(tensors.arrays, {**tensors.metadata, "run": json.dumps(run)})))
    with pytest.raises(TypeError, match=r"Pack\.from_bytes: content is"):
        Pack.from_bytes("text")


def test_other_tools_look_inside():
    arrays = safetensors.numpy.load(packed().to_bytes())
    assert len(arrays["set.lengths"]) == 3
    assert arrays["set.lengths"].sum() == len(arrays["set.inputs"])
    assert json.loads(arrays["model"].tobytes())["type"] == "SequenceClassifier"
