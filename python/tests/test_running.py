"""How runs go: reports, stopping, signals, other threads, and what is refused beside the shared vectors."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import numpy as np
import pytest
from support import hash_of

from engram_rnn import Encoder, Network, Pack, SequenceClassifier, SequencePredictor, SequenceTagger

X = ["hello", "world", "apple", "grape", "stone", "river"] * 6
Y = ["a", "b"] * 18
LONG = {"hidden": (24,), "epochs": 1_000_000, "seed": 1}


def test_progress_is_told_and_can_stop_the_run():
    told = []

    def stop_later(progress):
        told.append(progress)
        return progress.iteration >= 5

    model = SequenceClassifier(**LONG, validation=0.2).fit(X, Y, on_progress=stop_later)
    assert model.result_.stopped == "aborted"
    last = told[-1]
    assert last.iterations == 1_000_000
    assert 5 <= last.iteration <= model.result_.iterations
    assert last.validation.error == last.error
    assert last.training.accuracy is not None
    assert last.per_second > 0
    assert model.predict(["hello"]).shape == (1,)


def test_a_callback_that_is_no_function_is_refused_before_the_run_begins():
    for field in ("on_progress", "on_checkpoint"):
        expected = f"{field} is 5, expected a function"
        model = SequenceClassifier(hidden=(2,), epochs=2, seed=1)
        with pytest.raises(TypeError, match=f"SequenceClassifier.fit: {expected}"):
            model.fit(X, Y, **{field: 5})
        assert not hasattr(model, "network_")
        pack = Pack.of(model, X, Y)
        before = hash_of(pack.network)
        with pytest.raises(TypeError, match=f"Pack.train: {expected}"):
            pack.train(checkpoint_every=1, **{field: 5})
        assert hash_of(pack.network) == before


def test_what_a_callback_raises_ends_the_run():
    def fail(progress):
        raise KeyError("no reason")

    model = SequenceClassifier(**LONG)
    with pytest.raises(KeyError, match="no reason"):
        model.fit(X, Y, on_progress=fail)
    # The weights of that moment are there, and the network can be trained again.
    assert model.predict(["hello"]).shape == (1,)
    model.set_params(warm_start=True, epochs=1).fit(X, Y)
    with pytest.raises(ValueError, match="my own words"):
        model.set_params(rate=own_words).fit(X, Y)


def own_words(iteration, last_error):
    raise ValueError("my own words")


def test_rates_of_numpy_are_numbers():
    expected = hash_of(SequenceClassifier(hidden=(3,), epochs=4, seed=1, rate=0.25).fit(X, Y).network_)
    for rate in (np.float32(0.25), np.array([0.25, 0.25]), [np.float16(0.25)]):
        assert hash_of(SequenceClassifier(hidden=(3,), epochs=4, seed=1, rate=rate).fit(X, Y).network_) == expected
    with pytest.raises(TypeError, match=r"rate is True, expected a number"):
        SequenceClassifier(rate=np.bool_(True)).fit(X, Y)


def test_what_is_no_label_is_named():
    for label, said in (
        (None, "None"),
        (float("nan"), "nan"),
        (np.array(["a"]), r"an array of shape \(1,\)"),
        ([1], "a list of 1"),
        (b"a", r"an object \(bytes\)"),
    ):
        with pytest.raises((TypeError, ValueError), match=f"^SequenceClassifier.fit: a label is {said}, expected "):
            SequenceClassifier(epochs=1).fit(["a", "b"], ["x", label])
        with pytest.raises(ValueError, match=rf'^SequenceClassifier.fit: y\[1\] is {said}, expected one of "x", "y"'):
            SequenceClassifier(epochs=1, labels=["x", "y"]).fit(["a", "b"], ["x", label])


def test_a_tagger_needs_a_label_to_learn_and_one_to_be_judged_by():
    X, y = [[1, 2], [3]], [["a", "b"], [None]]
    model = SequenceTagger(labels=["a", "b"], epochs=3, hidden=(2,), seed=1)
    with pytest.raises(ValueError, match="no step of what is trained on has a label"):
        model.fit(X, [[None, None], [None]])
    model.set_params(validation=(X, [[None, None], [None]]))
    with pytest.raises(ValueError, match="no step of what is held out has a label"):
        model.fit(X, y)
    assert not hasattr(model, "network_")
    assert model.set_params(validation=0).fit(X, y).result_.iterations == 3


def test_rates_and_costs_are_asked_for():
    asked = []

    def rate(iteration, last_error):
        asked.append(iteration)
        return 0.1 / iteration

    model = SequenceClassifier(hidden=(3,), epochs=3, seed=1, rate=rate).fit(X, Y)
    assert asked == [1, 2, 3]
    assert model.result_.iterations == 3
    with pytest.raises(TypeError, match=r"rate\(1, 0.0\) is None, expected a finite number"):
        model.set_params(rate=lambda iteration, error: None).fit(X, Y)
    network = Network.lstm(1, 2, 1, seed=1)
    result = network.train([[0.5]], [[1]], iterations=2, cost=lambda target, output: 7.0)
    assert result.error == 7


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name == "nt", reason="no signals to send")
def test_an_interrupt_ends_the_run():
    program = (
        "from engram_rnn import SequenceClassifier\n"
        "def told(progress): print('training', flush=True)\n"
        "try: SequenceClassifier(hidden=(24,), epochs=10**9).fit(['ab', 'cd'] * 20, [0, 1] * 20, on_progress=told)\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "training\n"
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=60)
    assert rest.endswith("interrupted\n")
    assert child.returncode == 0


def test_other_threads_go_on_and_may_ask_meanwhile():
    model = SequenceClassifier(**LONG, threads=2)
    is_over = threading.Event()
    thread = threading.Thread(target=lambda: model.fit(X, Y, on_progress=lambda _: is_over.is_set()))
    thread.start()
    while not hasattr(model, "network_"):
        time.sleep(0.001)
    answers = {model.predict_proba(["hello"])[0, 0] for _ in range(200)}
    with pytest.raises(TypeError, match="the network is being trained"):
        model.network_.train([np.zeros((2, 1))], [[1, 0]])
    is_over.set()
    thread.join(60)
    assert not thread.is_alive()
    # The lock of the interpreter was free: this thread asked while the other one published new weights.
    assert len(answers) > 1


def test_networks_of_several_threads_train_at_once():
    def train(results, seed):
        network = Network.lstm(1, 6, 2, variant="standard", output="softmax", seed=seed)
        samples = [np.arange(4)[:, None] * sign for sign in (-1, 1)] * 20
        network.train(samples, [[1, 0], [0, 1]] * 20, iterations=20, seed=seed, threads=2)
        results[seed] = hash_of(network)

    alone, together = {}, {}
    for seed in range(4):
        train(alone, seed)
    threads = [threading.Thread(target=train, args=(together, seed)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_checkpoints_of_others_are_refused():
    saved = []
    model = SequenceClassifier(hidden=(3,), epochs=2, checkpoint_every=1, seed=1)
    model.fit(X, Y, on_checkpoint=saved.append)
    other = SequenceClassifier(hidden=(4,), epochs=2, seed=1)
    with pytest.raises(ValueError, match=r"SequenceClassifier.fit: the checkpoint is of another network, set or run"):
        other.fit(X, Y, resume=saved[0])
    assert not hasattr(other, "network_")
    assert not hasattr(other, "classes_")
    for bytes in (b"", saved[0][:-8], saved[0][:50] + b"x" + saved[0][51:]):
        with pytest.raises(ValueError, match="the checkpoint is not"):
            model.fit(X, Y, resume=bytes)
    with pytest.raises(TypeError, match="resume is"):
        model.fit(X, Y, resume="text")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: SequenceClassifier().predict(["a"]), "SequenceClassifier.predict: the model has not been fitted yet"),
        (lambda: SequenceTagger().fit(["ab"], [["x"]], resume=None), "at least two different labels"),
        (
            lambda: SequenceTagger(labels=["x", "y"]).fit(["ab"], [["x"]]),
            r"X\[0\] has 16 steps for 1 labels, expected as many labels as steps",
        ),
        (lambda: SequencePredictor(encoder=Encoder.bits()).fit(["ab"]), "expected an encoder of numeric series"),
        (lambda: SequencePredictor().fit([[1]]), r"X\[0\] is a list of 1, expected at least two steps"),
        (lambda: SequencePredictor().fit([[1, "2"]]), r'X\[0\]\[1\] is "2", expected a finite number'),
        (lambda: SequencePredictor().fit([[1, None]]), r"numeric\(missing='mask'\) takes gaps"),
        (lambda: SequencePredictor().fit(np.array([[1.0, np.inf]])), r"X\[0\]\[1\] is inf, expected a finite number"),
        (lambda: SequencePredictor().fit([[10**400, 1]]), "expected a finite number"),
        (lambda: SequenceClassifier(labels=[1, True]).fit(["a"], [1]), "the label True"),
        (lambda: SequenceClassifier(class_weights={"a": 1}).fit(X, Y), r"class_weights\['b'\] is None"),
        (lambda: SequenceClassifier().fit(X, Y[:3]), "X has 36 samples, y 3, expected as many"),
        (lambda: SequenceClassifier().fit("text", Y), 'X is "text", expected a list'),
        (lambda: SequenceClassifier(validation=([], [])).fit(X, Y), r"validation\[0\] is a list of 0"),
        (lambda: Network.lstm(1, 2), "got 2 layers, expected at least 3"),
        (lambda: Network.lstm(1, 2**20, 1), "are allowed"),
        (lambda: Network.lstm(1, 2, 1).train([[1]], [[2]]), r"y\[0\], output 0, is 2, expected a number from 0 to 1"),
        (lambda: Network.lstm(1, 2, 1).train([[1]], [[1]], epochs=3), "epochs is not known; did you mean 'iterations'"),
        (lambda: Network.lstm(1, 2, 1).activate([1, 2]), "has 2 values, the network takes 1"),
        (lambda: Encoder.tokens(split="["), "with the flag u"),
    ],
)
def test_what_is_wrong_is_named(act, message):
    if "the label True" in message:
        # 1 and True have texts of their own, so they are two labels; a missing one is told as advice.
        assert message in act().result_.advice
        return
    with pytest.raises((TypeError, ValueError), match=message):
        act()


def test_a_sample_of_weight_two_is_the_sample_twice():
    inputs, labels = ["ab", "b", "ba"], ["x", "y", "x"]
    settings = {"epochs": 4, "batch_size": 99, "precision": "f64", "shuffle": False, "optimizer": "sgd", "rate": 0.5}
    make = partial(SequenceClassifier, hidden=(3,), seed=2, **settings)
    weighted = make().fit(inputs, labels, sample_weight=[1, 2, 1])
    doubled = make().fit(["ab", "b", "b", "ba"], ["x", "y", "y", "x"])
    assert np.allclose(weighted.network_.weights, doubled.network_.weights, rtol=0, atol=1e-12)
    assert abs(weighted.result_.error - doubled.result_.error) < 1e-12
    assert not np.allclose(weighted.network_.weights, make().fit(inputs, labels).network_.weights, rtol=0, atol=1e-12)
    pack = Pack.from_bytes(Pack.of(make(), inputs, labels, sample_weight=[1, 2, 1]).to_bytes())
    pack.train()
    assert np.array_equal(pack.network.weights, weighted.network_.weights)


def test_errors_are_weighted_means_also_by_a_cost_of_the_user():
    network = Network.perceptron(2, 3, 1, seed=1)
    X, y, weights = [[0, 1], [1, 1], [0, 0]], [[1], [0], [1]], [1, 3, 0.5]
    costs = [(network.activate(x)[0] - t[0]) ** 2 for x, t in zip(X, y, strict=True)]
    expected = float(np.average(costs, weights=weights))
    assert abs(network.test(X, y, sample_weight=weights)["error"] - expected) < 1e-12
    run = network.train(
        X,
        y,
        sample_weight=weights,
        cost=lambda target, output: float((target[0] - output[0]) ** 2),
        learner="bptt",
        precision="f64",
        rate=1e-300,
        iterations=1,
        error=-1,
    )
    assert abs(run.error - expected) < 1e-12


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1], "one number for each of 2"),
        ([1, -1], r"\[1\] is -1, expected a finite number of at least 0"),
        ([0, 0], "a number above 0 at least"),
    ],
)
def test_weights_that_are_none_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        SequenceClassifier().fit(["a", "b"], ["x", "y"], sample_weight=weights)
