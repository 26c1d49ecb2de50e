"""Python and Node side by side: what one writes the other opens, answers alike, and goes on with to the same bits."""

import base64
import json
import re

import numpy as np
import pytest
from support import CLASSES, hash_of, made_of, node, parameters, read_of, split, vectors, weights_of

from engram_rnn import Encoder, Network, SequenceClassifier, SequenceGenerator, SequenceTranscriber, load

TRAINING = vectors("training")
# One of each class, with encoders that learn, layers that read both ways, and dropout.
SOME = [
    "two layers that read both ways, with dropout, smoothing and a share held out, in double precision",
    "rows of numbers, weighted labels, clipping, a batch of more than one shard",
    "lists of symbols",
    "truth values as labels, a rate per share, gradients without bound",
    "the topology of Synaptic",
    "several labels at once, or none, smoothed, a share held out",
    "words of sentences, a share of them held out",
    "letters of texts in pieces, some of them not known, a share held out",
    "words of texts that are read whole, in double precision",
    "texts that are read, of weighted samples, some of them held out",
    "lists that are read from both sides, of symbols that are given, in double precision",
    "several series, by momentum, some held out",
    "channels with names and gaps",
    "two numbers for a sequence, in units of their own, the largest of the steps from both sides",
    "a number for most steps",
]


def ask(model, inputs):
    if isinstance(model, SequenceGenerator):
        return made_of(model, inputs)
    if isinstance(model, SequenceTranscriber):
        return read_of(model, inputs)
    if hasattr(model, "generate"):
        return [model.generate(input, 3).tolist() for input in inputs]
    answers = model.predict_proba(inputs) if hasattr(model, "predict_proba") else model.predict(inputs)
    return [np.asarray(answer).tolist() for answer in answers]


def in_order(stored):
    """Plain data with connections in an order of their own: files of the second format have blocks of them first."""
    network = stored.get("network", stored)
    network["connections"].sort(key=lambda connection: (connection["from"], connection["to"]))
    return stored


@pytest.fixture(params=SOME)
def case(request):
    return TRAINING[request.param]


def fitted(case, **changes):
    model = CLASSES[case["type"]](**{**parameters(case["type"], case["options"], case["fit"]), **changes})
    return model.fit(*split(case["type"], case["samples"]), sample_weight=weights_of(case["samples"]))


def test_javascript_opens_what_python_writes_and_trains_it_further(case, tmp_path):
    model = fitted(case)
    path, further = tmp_path / "model.json", tmp_path / "further.json"
    model.save(path)
    inputs, answers = split(case["type"], case["samples"])
    assert node("ask", path=str(path), inputs=inputs) == ask(model, inputs)
    said = node("further", path=str(path), into=str(further), samples=case["samples"], fit=case["fit"])
    model.set_params(warm_start=True).fit(inputs, answers, sample_weight=weights_of(case["samples"]))
    assert said["error"] == model.result_.error
    assert hash_of(load(further).network_) == hash_of(model.network_)
    assert in_order(load(further).to_json()) == in_order(model.to_json())


def camel(scores):
    return {re.sub("_([a-z])", lambda letter: letter[1].upper(), name): value for name, value in scores.items()}


@pytest.mark.parametrize(
    "name",
    [
        "several labels at once, or none, smoothed, a share held out",
        "rows of numbers, weighted labels, clipping, a batch of more than one shard",
    ],
)
def test_a_classifier_is_judged_alike(name, tmp_path):
    case = TRAINING[name]
    model, path = fitted(case, epochs=40, rate=0.02), tmp_path / "model.json"
    model.save(path)
    inputs, labels = split(case["type"], case["samples"])
    said = node("classify", path=str(path), samples=case["samples"])
    assert [labels.tolist() for labels in model.predict(inputs)] == said["labels"]
    scores, others = camel(model.evaluate(inputs, labels)), said["scores"]
    assert model.score(inputs, labels) == others.get("exact", others["accuracy"])
    # Logarithms are each platform's own.
    assert scores.pop("loss") == pytest.approx(others.pop("loss"), rel=1e-12)
    scores["classes"] = {str(label): camel(each) for label, each in scores["classes"].items()}
    if "confusion" in scores:
        scores["confusion"] = scores["confusion"].tolist()
    assert scores == others


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("changes of one channel of three, two rows at once, the end of each held out", {"season": 7, "start": 3}),
        ("differences with gaps, known ahead", {"steps": 3}),
        ("several series, by momentum, some held out", {"steps": 4, "season": 2}),
        ("channels with names and gaps", {}),
    ],
)
def test_what_a_predictor_foresees_is_judged_alike(name, options, tmp_path):
    case = TRAINING[name]
    model, path = fitted(case), tmp_path / "model.json"
    model.save(path)
    inputs, ahead = case["samples"], case.get("ahead")
    given = {"from" if option == "start" else option: value for option, value in options.items()}
    said = node("judge", path=str(path), inputs=inputs, options=given, **({"ahead": ahead} if ahead else {}))
    made = [model.forecast(each, ahead[index] if ahead else None) for index, each in enumerate(inputs)]
    assert [rows.tolist() for rows in made] == said["forecasts"]
    # What is summed up of errors is summed in NumPy's order.
    scores, others = model.evaluate(inputs, **options), said["scores"]
    assert scores["count"] == others["count"]
    advice = others.get("advice", "").replace("({ difference: true })", "(difference=True)")
    assert scores.get("advice", "") == advice
    for mine, theirs in zip([scores, *scores["ahead"]], [others, *others["ahead"]], strict=True):
        for kind in ("last", "season") if "season" in options else ("last",):
            assert mine[kind] == pytest.approx(theirs[kind], rel=1e-12)
        assert (mine["mae"], mine["rmse"]) == pytest.approx((theirs["mae"], theirs["rmse"]), rel=1e-12)
    assert in_order(load(path).to_json()) == in_order(json.loads(path.read_text()))


def test_a_run_goes_on_from_the_other_sides_checkpoint(case, tmp_path):
    inputs, answers = split(case["type"], case["samples"])
    fit = {**case["fit"], "checkpointEvery": 2}
    # The samples do not fit into the same batches a second time: the checkpoint brings their order.
    saved = []
    given = parameters(case["type"], case["options"], fit)
    whole = CLASSES[case["type"]](**given).fit(
        inputs, answers, sample_weight=weights_of(case["samples"]), on_checkpoint=saved.append
    )
    path = tmp_path / "model.json"
    options = {"type": case["type"], "options": case["options"], "samples": case["samples"], "into": str(path)}
    there = node("fit", **options, fit=fit)
    assert [base64.b64encode(checkpoint).decode() for checkpoint in saved] == there["checkpoints"]
    node("fit", **options, fit=fit, resume=base64.b64encode(saved[0]).decode())
    assert hash_of(load(path).network_) == hash_of(whole.network_)
    resumed = CLASSES[case["type"]](**given).fit(
        inputs, answers, sample_weight=weights_of(case["samples"]), resume=base64.b64decode(there["checkpoints"][0])
    )
    assert hash_of(resumed.network_) == hash_of(whole.network_)


def test_a_generator_weighs_texts_and_is_surprised_alike(tmp_path):
    texts, path = ["abcabc", "bca", "acb", "abc d"], tmp_path / "model.json"
    options = {"encoder": Encoder.one_hot("abc").to_json(), "hidden": [5], "seed": 3}
    fit, weights = {"epochs": 12, "piece": 2, "truncate": None}, [1, 2.5, 0.25, 1]
    node(
        "fit", type="SequenceGenerator", options=options, samples=texts, fit={**fit, "weights": weights}, into=str(path)
    )
    model = SequenceGenerator(**parameters("SequenceGenerator", options, fit)).fit(texts, sample_weight=weights)
    assert hash_of(load(path).network_) == hash_of(model.network_)
    told = node("perplexity", path=str(path), texts=["abca", "x", "cab"])
    # Logarithms are each platform's own.
    assert model.perplexity(["abca", "x", "cab"]) == pytest.approx(told, rel=1e-12)
    assert np.exp(-model.score(["abca"])) == pytest.approx(model.perplexity(["abca"]), rel=1e-12)


@pytest.mark.parametrize("beam", [None, 4])
def test_a_transcriber_is_judged_alike(beam, tmp_path):
    case = TRAINING["texts that are read, of weighted samples, some of them held out"]
    model, path = fitted(case), tmp_path / "model.json"
    model.save(path)
    told = node("transcribe", path=str(path), samples=case["samples"], beam=beam)
    scores = model.evaluate(*split(case["type"], case["samples"]), beam=beam)
    assert (scores["error_rate"], scores["accuracy"]) == (told["errorRate"], told["accuracy"])
    assert scores["error_rate"] < 1


XOR = [([0, 0], [0]), ([0, 1], [1]), ([1, 0], [1]), ([1, 1], [0])]
BITS = [([[index >> bit & 1] for bit in range(5)], [index & 1, 1 - (index & 1)]) for index in range(20)]
NETWORKS = {
    "pairs by the online rule": (
        lambda: Network.lstm(2, 3, 1, seed=6),
        XOR,
        {"iterations": 120, "rate": 0.3, "shuffle": True},
    ),
    "sequences by the online rule": (
        lambda: Network.lstm(1, 4, 2, seed=2),
        BITS,
        {"iterations": 5, "learner": "online", "rate": [0.1, 0.05]},
    ),
    "sequences, squared error, a share held out": (
        lambda: Network.lstm(1, 4, 2, variant="standard", seed=3),
        BITS,
        {"iterations": 6, "validation": 0.25, "precision": "f64"},
    ),
    "a perceptron": (
        lambda: Network.perceptron(2, 4, 1, seed=4),
        XOR,
        {"iterations": 90, "rate": 0.5},
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_train_to_the_same_bits(name, tmp_path):
    make, samples, options = NETWORKS[name]
    network = make()
    paths = tmp_path / "network.json", tmp_path / "trained.json"
    paths[0].write_text(json.dumps(network.to_json()))
    there = [{"input": input, "output": output} for input, output in samples]
    options = {"error": 0, "seed": 7, **options}
    said = node("train", path=str(paths[0]), into=str(paths[1]), set=there, options=options)
    inputs, outputs = zip(*samples, strict=True)
    result = network.train(inputs, outputs, **options)
    assert (said["error"], said["accuracy"]) == (result.error, result.accuracy)
    assert in_order(network.to_json()) == in_order(load(paths[1]).to_json())
    assert hash_of(load(paths[1])) == hash_of(network)


def test_a_vocabulary_of_more_words_than_a_step_has_values_goes_to_javascript_and_back(tmp_path):
    words = [f"word{index}" for index in range(70_000)]
    model = SequenceClassifier(encoder=Encoder.symbols(symbols=words, embedding=2), hidden=(2,), epochs=1, seed=1)
    model.fit([[words[0], words[69_999]], [words[1]]], ["a", "b"])
    model.save(tmp_path / "model.json")
    inputs = [[words[69_999], "none of them"], [words[65_536]]]
    answers = node("ask", path=str(tmp_path / "model.json"), inputs=inputs)
    assert answers == ask(model, inputs)
    assert ask(load(tmp_path / "model.json"), inputs) == answers
