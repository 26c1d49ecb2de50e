"""What users of scikit-learn and pandas hand over, and what they set between two fits."""

import enum
import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_predict, cross_val_score

from engram_rnn import (
    Encoder,
    SequenceClassifier,
    SequenceGenerator,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    load,
    model_from_json,
)

TEXTS = ["aab", "abab", "ba", "baba"]


class Table:
    """A table as pandas and polars have them: what it goes through are the names of its columns."""

    columns = ("text", "label")

    def __len__(self):
        return 4

    def __iter__(self):
        return iter(self.columns)


def small(kind, **parameters):
    return kind(**{"hidden": (4,), "epochs": 3, "seed": 1, **parameters})


def test_tables_sets_matrices_and_dates_are_no_lists_of_inputs():
    model = small(SequenceClassifier).fit(TEXTS, ["x", "x", "y", "y"])
    for given in (Table(), {"aab", "ba"}, {"aab": 1}, "aab", np.ones((1, 2)).view(np.matrix)):
        for call in (model.predict, model.predict_proba, lambda given: model.fit(given, ["x", "y"])):
            with pytest.raises(TypeError, match=r"SequenceClassifier\.\w+: X is .*, expected a list"):
                call(given)
    with pytest.raises(TypeError, match=r"X is .*expected a list, as a column of the table is"):
        small(SequenceGenerator).fit(Table())
    with pytest.raises(TypeError, match=r"y is .*expected a list"):
        model.fit(TEXTS[:2], {"x", "y"})
    with pytest.raises(TypeError, match=r"hidden is .*expected a list"):
        small(SequenceClassifier, hidden={8, 4}).fit(TEXTS, ["x", "x", "y", "y"])
    days = np.array(["2020-01-01", "2020-01-02"], dtype="M8[ns]")
    for dates in (days, days.astype("M8[s]"), days - days[0]):
        with pytest.raises(TypeError, match=r"Encoder.encode: input\[0\] is an object"):
            Encoder.numeric(normalize=False).encode(dates)
        with pytest.raises(TypeError, match=r"y\[0\] is an object"):
            small(SequenceRegressor).fit([[1], [2]], dates)
        with pytest.raises(TypeError, match=r"a label is an object"):
            model.fit(TEXTS[:2], dates)


def test_classes_are_sorted_as_scikit_learn_takes_them_to_be():
    random = np.random.default_rng(0)
    y = np.array(["no", "yes"] * 20)
    X = np.array([random.normal(size=(6, 1)) + (1 if label == "yes" else -1) for label in y])
    given = {"hidden": (4,), "epochs": 15, "rate": 0.03, "seed": 1}
    for labels in (["no", "yes"], ["yes", "no"]):
        model = SequenceClassifier(labels=labels, **given)
        assert cross_val_score(model, X, y, cv=2, scoring="roc_auc").min() > 0.9
        model.fit(X, y)
        assert model.classes_.tolist() == ["no", "yes"]
        probabilities = model.predict_proba(X)
        assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))
        stream = model.stream()
        for step in X[0]:
            said = stream.push(step)
        assert_array_equal(said, probabilities[0])
        assert model.to_json()["labels"] == labels
        assert model.explain(X[0], label="yes").answer == probabilities[0][1]
    numbers = (y == "yes").astype(int)
    for labels in ([0, 1], [1, 0]):
        model = SequenceClassifier(labels=labels, **given)
        assert VotingClassifier([("a", model)], voting="soft").fit(X, numbers).score(X, numbers) > 0.9
        shares = cross_val_predict(model, X, numbers, cv=2, method="predict_proba")
        assert ((shares[:, 1] > 0.5) == numbers).mean() > 0.9
    tagger = small(SequenceTagger, labels=["y", "x"], epochs=30, rate=0.05)
    tagger.fit([[1.0, 9.0], [9.0, 1.0]], [["x", "y"], ["y", "x"]])
    assert tagger.classes_.tolist() == ["x", "y"]
    [shares] = tagger.predict_proba([[1.0, 9.0]])
    assert_array_equal(tagger.classes_[shares.argmax(axis=1)], tagger.predict([[1.0, 9.0]])[0])


def test_what_outputs_mean_is_as_it_was_fitted():
    steps = np.arange(20.0) * 0.3
    series = [np.stack([np.sin(steps + k), 1000 + 500 * np.cos(steps + k)], 1) for k in range(3)]
    predictor = small(SequencePredictor, outputs=[0], horizon=2).fit(series)
    before, judged, stored = predictor.forecast(series[0]), predictor.evaluate(series), predictor.to_json()
    for changed in ({"outputs": [1]}, {"outputs": None}, {"horizon": 4}, {"covariates": [1]}):
        other = clone(predictor).fit(series).set_params(**changed)
        assert_array_equal(other.forecast(series[0]), before)
        assert other.evaluate(series) == judged
        assert other.to_json() == stored
        with pytest.raises(ValueError, match=r"fit: .*, as it was fitted: warm_start goes on with it"):
            other.set_params(warm_start=True).fit(series)
    for first, later in (
        ({"readout": "mean"}, {"targets_at": "each", "readout": None}),
        ({"targets_at": "each"}, {"targets_at": "last"}),
        ({}, {"dropout": 5, "initializer": "bogus", "hidden": "x"}),
    ):
        each = first.get("targets_at") == "each"
        regressor = small(SequenceRegressor, **first).fit([[1, 2], [2, 3]], [[1.0, 2.0]] * 2 if each else [1.0, 2.0])
        answers = regressor.predict([[1, 2]])
        assert_array_equal(model_from_json(regressor.set_params(**later).to_json()).predict([[1, 2]]), answers)
    regressor = small(SequenceRegressor).fit([[1, 2], [2, 3]], [1.0, 2.0])
    answers = regressor.predict([[1, 2]])
    assert_array_equal(regressor.set_params(targets_at="each").predict([[1, 2]]), answers)
    assert regressor.to_json()["targetsAt"] == "last"
    assert len(regressor.fit([[1, 2]], [[1.0, 2.0]]).predict([[1, 2]])[0]) == 2
    classifier = small(SequenceClassifier).fit(TEXTS, ["x", "x", "y", "y"])
    said = classifier.predict(TEXTS)
    assert_array_equal(classifier.set_params(multi_label=True, thresholds=0.3).predict(TEXTS), said)
    assert classifier.score(TEXTS, said) == 1
    assert_array_equal(model_from_json(classifier.to_json()).predict(TEXTS), said)


def test_a_model_from_a_file_begins_anew_as_any_other(tmp_path):
    series = [np.sin(np.arange(20) / 3 + first) for first in range(3)]
    larger = [1000 + 300 * each for each in series]
    model = small(SequencePredictor).fit(series)
    model.save(tmp_path / "model.json")
    read = load(tmp_path / "model.json").set_params(**model.get_params())
    assert_array_equal(read.predict(series), model.predict(series))
    loaded = load(tmp_path / "model.json").set_params(epochs=3)
    assert_array_equal(loaded.fit(larger).predict(larger), model.fit(larger).predict(larger))
    assert_array_equal(clone(loaded).fit(larger).predict(larger), model.predict(larger))
    words = small(SequenceClassifier, encoder=Encoder.tokens(embedding=2)).fit(["a b", "c"], ["x", "y"])
    again = model_from_json(words.to_json()).fit(["d", "e f"], ["x", "y"])
    assert again.encoder_.to_json()["vocabulary"] == ["d", "e", "f"]


def test_labels_of_every_kind_come_back_as_they_are():
    class Way(str, enum.Enum):
        UP = "up"
        DOWN = "down"

    X = [[1, 2, 3], [3, 2, 1]] * 3
    given = {"epochs": 40, "rate": 0.05}
    for labels in ([Way.UP, Way.DOWN], ["a", "a\0"], ["a", 0], [True, 0], [1, 1.5], [0.5, 1.5], [2**53, 2**53 - 1]):
        model = small(SequenceClassifier, labels=labels, **given).fit(X, labels * 3)
        assert model.predict(X).tolist() == labels * 3, labels
        assert model.score(X, labels * 3) == model.evaluate(X, labels * 3)["accuracy"] == 1
        assert model.score(X, labels[::-1] * 3) == 0
        assert model_from_json(model.to_json()).predict(X).tolist() == labels * 3
    assert model.score(X[:2], [2**53, 7]) == 0.5, "a label that the model does not know is wrong"
    for large in (2**53 + 1, -(10**400)):
        with pytest.raises(ValueError, match=r"expected an integer that JavaScript has, too"):
            model.set_params(labels=None).fit(X[:2], [large, 0])


def test_several_labels_may_be_sets():
    model = small(SequenceClassifier, multi_label=True)
    model.fit(TEXTS, [{"x"}, set(), frozenset(["x", "y"]), {"y"}])
    assert model.classes_.tolist() == ["x", "y"]
    with pytest.raises(TypeError, match=r"fit: y is an array of shape \(4, 2\), expected a list of each"):
        model.fit(TEXTS, np.array([[1, 0], [0, 1], [1, 0], [0, 1]]))


def test_booleans_are_booleans():
    for wrong in ("False", None, 1):
        with pytest.raises(TypeError, match=r"fit: bidirectional is .*, expected True or False"):
            small(SequenceClassifier, bidirectional=wrong).fit(TEXTS, ["x", "x", "y", "y"])
    with pytest.raises(ValueError, match=r'fit: initializer is "", expected one of'):
        small(SequenceClassifier, initializer="").fit(TEXTS, ["x", "x", "y", "y"])
    model = small(SequenceClassifier, epochs=100_000, error=-1)
    model.fit(TEXTS, ["x", "x", "y", "y"], on_progress=lambda progress: np.float64(progress.error) < 9)
    assert model.result_.stopped == "aborted"


def test_executors_are_looked_at_first():
    model = small(SequenceClassifier).fit(TEXTS, ["x", "x", "y", "y"])
    before = model.to_json()
    with pytest.raises(TypeError, match=r"fit: executors is 3, expected executors"):
        model.fit(TEXTS, ["p", "q", "p", "q"], executors=3)
    assert model.to_json() == before


def test_damaged_files_are_refused():
    regressor = small(SequenceRegressor).fit([[1, 2], [2, 3]], [1000.0, 2000.0]).to_json()
    encoder = regressor["encoder"]
    without = {name: value for name, value in encoder.items() if name != "mean"}
    for changed, message in (
        ({"targets": {"mean": 7, "deviation": 0}}, "json.targets.mean is 7, expected a list of 1 numbers"),
        ({"engram": True}, "json.engram is True"),
        ({"hidden": None}, "json.hidden is None"),
        ({"seed": None}, "json.seed is None"),
        ({"initializer": False}, "initializer is False"),
        ({"bidirectional": "mean"}, 'bidirectional is "mean", expected True or False'),
        ({"encoder": without}, "json.mean is None, expected a list of numbers"),
        ({"encoder": {**encoder, "stride": None}}, "json.stride is None"),
        ({"encoder": {**encoder, "window": "x"}}, 'json.window is "x"'),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            model_from_json({**regressor, **changed})
    for name in ("outputs", "targetsAt", "targets"):
        with pytest.raises(TypeError, match=f"json.{name} is None"):
            model_from_json({key: value for key, value in regressor.items() if key != name})


def test_warm_start_refuses_what_would_be_another_model():
    given = {"warm_start": True, "encoder": Encoder.bytes()}
    model = small(SequenceClassifier, **given).fit(TEXTS, ["x", "x", "y", "y"])
    assert model.set_params(labels=["x", "y"]).fit(TEXTS, ["x", "x", "y", "y"])
    for changed in ({"labels": ["y", "x"]}, {"encoder": Encoder.bits()}):
        with pytest.raises(ValueError, match=r"fit: \w+ is .*, as it was fitted"):
            clone(model).fit(TEXTS, ["x", "x", "y", "y"]).set_params(**changed).fit(TEXTS, ["x", "x", "y", "y"])
    regressor = small(SequenceRegressor, warm_start=True).fit([[1, 2], [2, 3]], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"fit: outputs is 2, expected 1, as it was fitted"):
        regressor.set_params(outputs=2).fit([[1, 2], [2, 3]], [[1.0, 2.0]] * 2)


def test_streams_and_predictions_are_of_one_fit():
    series = [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]
    regressor = small(SequenceRegressor).fit(series, [1.0, 2.0])
    stream, answer = regressor.stream(), regressor.predict(series[:1])[0]
    regressor.fit(series, [100.0, 200.0])
    for step in series[0]:
        said = stream.push(step)
    assert said == answer
    classifier = small(SequenceClassifier, labels=["x", "y"]).fit(series, ["x", "y"])
    stream, shares = classifier.stream(), classifier.predict_proba(series[:1])[0]
    classifier.set_params(labels=["z", "y", "x"]).fit(series, ["x", "y"])
    for step in series[0]:
        said = stream.push(step)
    assert_array_equal(said, shares)
    # While another thread fits targets of other sizes, answers are of one fit or the other.
    model = small(SequenceRegressor, epochs=1).fit(series, [1.0, 2.0])
    answers = []

    def predict():
        while not done.is_set():
            answers.append(float(model.predict(series[:1])[0]))

    done = threading.Event()
    thread = threading.Thread(target=predict)
    thread.start()
    for round in range(40):
        model.fit(series, [1e6, 2e6] if round % 2 else [1.0, 2.0])
    done.set()
    thread.join()
    assert all(0 < answer < 3 or 5e5 < answer < 3e6 for answer in answers), answers


def test_scores_before_fit_and_weights_of_other_numbers_are_refused():
    with pytest.raises(NotFittedError, match=r"SequenceClassifier.score: the model has not been fitted yet"):
        small(SequenceClassifier).score(TEXTS, ["x", "x", "y", "y"])
    model = small(SequenceClassifier).fit(TEXTS, ["x", "x", "y", "y"])
    with pytest.raises(ValueError, match=r"score: sample_weight is a list of 2, expected one number for each"):
        model.score(TEXTS, ["x", "x", "y", "y"], sample_weight=[1, 2])
    assert model.explain("ab", steps=3.0).label in ("x", "y")


def test_what_has_no_length_is_no_list():
    sparse = pytest.importorskip("scipy.sparse")
    model = SequenceClassifier(hidden=(2,), epochs=1, seed=1).fit([[1], [2]], ["a", "b"])
    for call, act, field in [
        ("fit", lambda: model.fit(sparse.eye(2, format="csr"), ["a", "b"]), "X"),
        ("fit", lambda: model.fit([[1], [2]], sparse.eye(2, format="csr")), "y"),
        ("fit", lambda: model.fit(np.array(3), ["a"]), "X"),
        ("fit", lambda: model.fit([[1], [2]], np.array("a")), "y"),
        ("predict", lambda: model.predict(sparse.eye(2, format="csr")), "X"),
    ]:
        with pytest.raises(TypeError, match=rf"^SequenceClassifier.{call}: {field} is .*, expected a list"):
            act()


def test_a_score_takes_equal_labels_to_be_the_same():
    rows = [[1, 2, 1], [7, 9, 8], [2, 1], [8, 9]]
    model = SequenceClassifier(hidden=(4,), epochs=60, rate=0.05, seed=1).fit(rows, [False, True, False, True])
    for labels in ([0, 1, 0, 1], [0.0, 1.0, 0.0, 1.0], np.array([False, True, False, True])):
        assert model.score(rows, labels) == 1
    assert model.score(rows, ["zz"] * 4) == 0
    apart = SequenceClassifier(hidden=(4,), labels=[True, 1.5, 0], epochs=60, rate=0.05, seed=1)
    apart.fit(rows, [0, True, 0, True])
    assert apart.score(rows, [0, True, 0, True]) == 1
    assert apart.score(rows, [False, 1, False, 1]) == 1


def test_samples_that_count_nothing_are_left_out():
    rows, labels, weights = [[1, 2], [9, 8], [5], [6]], ["a", "b", "b", "a"], [1, 2, 0, 0.0]
    made = lambda: SequenceClassifier(hidden=(3,), labels=["a", "b"], epochs=5, seed=1)  # noqa: E731
    model = made().fit(rows, labels, sample_weight=weights)
    other = made().fit(rows[:2], labels[:2], sample_weight=weights[:2])
    np.testing.assert_array_equal(model.network_.weights, other.network_.weights)
    with pytest.raises(ValueError, match=r"sample_weight is .*, expected a number above 0 at least"):
        made().fit(rows, labels, sample_weight=[0] * 4)
    with pytest.raises(ValueError, match=r"sample_weight\[1\] is -1"):
        made().fit(rows, labels, sample_weight=[1, -1, 1, 1])


def test_a_regressor_weighs_samples_in_its_score_as_scikit_learn_does():
    rows, numbers, weights = [[1], [2], [3], [4]], [10, 25, 30, 35], [1, 2, 3, 0]
    model = SequenceRegressor(hidden=(4,), epochs=20, seed=1).fit(rows, numbers)
    expected = r2_score(numbers, model.predict(rows), sample_weight=weights)
    assert model.score(rows, numbers, sample_weight=weights) == pytest.approx(expected)
    assert model.score(rows, numbers, sample_weight=[1] * 4) == pytest.approx(model.score(rows, numbers))
    assert model.score(rows[:1], numbers[:1], sample_weight=[1]) == model.score(rows[:1], numbers[:1]) == 0


def test_a_rate_that_a_function_gives_is_not_below_0():
    model = SequenceClassifier(hidden=(3,), epochs=5, seed=1, rate=lambda iteration, error: -1)
    with pytest.raises(ValueError, match=r"rate\(1, 0.*\) is -1"):
        model.fit([[1], [2]], ["a", "b"])


def test_what_is_told_of_a_fit_is_not_told_of_the_next_one():
    model = SequenceClassifier(hidden=(3,), epochs=3, seed=1).fit([[1], [2]], ["a", "b"])
    assert model.result_.iterations == 3

    def fail(_):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        model.set_params(epochs=10**6).fit([[1], [2]], ["u", "v"], on_progress=fail)
    assert model.classes_.tolist() == ["u", "v"]
    assert not hasattr(model, "result_")


def test_a_run_that_has_done_the_epochs_that_are_asked_for_does_no_other():
    checkpoints = []
    made = lambda epochs, **more: SequenceClassifier(hidden=(4,), epochs=epochs, seed=1, **more)  # noqa: E731
    rows, labels = [[1, 2, 1], [7, 9, 8, 9]], ["a", "b"]
    made(12, checkpoint_every=5).fit(rows, labels, on_checkpoint=checkpoints.append)
    five = made(5).fit(rows, labels).network_.weights
    for epochs in (5, 3):
        model = made(epochs).fit(rows, labels, resume=checkpoints[0])
        assert model.result_.iterations == 5
        np.testing.assert_array_equal(model.network_.weights, five)
