"""The sequence classes are estimators as scikit-learn knows them."""

import json
import pickle

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from support import CLASSES, ROOT, hash_of, node

from engram_rnn import (
    Encoder,
    Network,
    Pack,
    SequenceClassifier,
    SequencePredictor,
    SequenceRegressor,
    SequenceTagger,
    SequenceTranscriber,
    load,
    model_from_json,
)


@pytest.fixture(scope="module")
def names():
    """First names and their language, every fourth."""
    data = json.loads((ROOT / "examples/names/first-names.json").read_text())
    samples = [(name, language) for language in ("turkish", "italian") for name in data[language][::4]]
    return [name for name, _ in samples], np.array([language for _, language in samples])


def series(count, seed=1):
    """Arrays (steps, 2) that rise or fall."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, count)
    slopes = np.where(labels, 1, -1)
    lengths = random.integers(4, 9, count)
    noise = [random.normal(size=(length, 2)) / 5 for length in lengths]
    return [each + slope * np.arange(len(each))[:, None] for each, slope in zip(noise, slopes, strict=True)], labels


ROWS = [[1.0, 2.0], [2.0, 3.0], [3.0, 1.0], [5.0, 4.0]]


def test_cross_val_score_on_texts(names):
    model = SequenceClassifier(encoder=Encoder.bytes(), hidden=(8,), epochs=12, rate=0.02, seed=1)
    scores = cross_val_score(model, *names, cv=3)
    assert len(scores) == 3
    assert scores.mean() > 0.75


def test_cross_val_score_on_arrays_in_processes_of_their_own():
    model = SequenceClassifier(hidden=(4,), epochs=15, rate=0.05, seed=1)
    here, there = cross_val_score(model, *series(60), cv=3), cross_val_score(model, *series(60), cv=3, n_jobs=2)
    assert here.tolist() == there.tolist()
    assert here.mean() > 0.9


def test_grid_search_over_hidden_sizes():
    search = GridSearchCV(
        SequenceClassifier(epochs=10, rate=0.05, seed=1), {"hidden": [(1,), (6,)], "bidirectional": [False, True]}, cv=2
    )
    X, y = series(50)
    search.fit(X, y)
    assert search.best_score_ > 0.85
    assert search.best_params_["hidden"] in [(1,), (6,)]
    assert len(search.cv_results_["params"]) == 4
    assert search.predict(X[:3]).shape == (3,)


def test_a_pipeline_feeds_it(names):
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = make_pipeline(
        lower, SequenceClassifier(encoder=Encoder.bytes(), hidden=(6,), epochs=10, rate=0.02, seed=1)
    )
    X = [name.upper() for name in names[0]]
    pipeline.set_params(sequenceclassifier__epochs=12)
    assert pipeline.fit(X, names[1]).score(X, names[1]) > 0.8
    assert pipeline[-1].result_.iterations == 12


@pytest.mark.parametrize("cls", CLASSES.values())
def test_parameters_are_those_of_the_signature(cls):
    model = cls(hidden=(3,), rate=0.5, clip_norm=None)
    parameters = model.get_params()
    assert (parameters["hidden"], parameters["rate"], parameters["clip_norm"]) == ((3,), 0.5, None)
    assert clone(model).get_params() == parameters
    assert model.set_params(epochs=7).epochs == 7
    assert repr(model) == f"{cls.__name__}(clip_norm=None, epochs=7, hidden=(3,), rate=0.5)"
    with pytest.raises(ValueError, match="Invalid parameter 'units'"):
        model.set_params(units=3)
    with pytest.raises(TypeError, match="units is not known; did you mean 'hidden'"):
        cls(units=3)


def test_what_the_engine_refuses_names_the_call():
    model = SequenceClassifier(encoder=Encoder.bytes(), hidden=(65_536,), seed=1)
    with pytest.raises(ValueError, match=r"^SequenceClassifier.fit: layers \[8, 65536, 2\] make \d+ connections"):
        model.fit(["a", "b"], ["a", "b"])


def test_one_direction_is_read_at_its_end_and_two_at_their_largest_by_default():
    X, y = ["aab", "bba"], ["b", "a"]
    one, two = (
        SequenceClassifier(bidirectional=both, hidden=(2,), epochs=1, seed=1).fit(X, y) for both in (False, True)
    )
    assert [one.to_json()["readout"], two.to_json()["readout"]] == ["last", "max"]
    # Only the last step of one direction can be learnt from with a truncated gradient.
    one.set_params(truncate=2).fit(X, y)
    with pytest.raises(TypeError, match="truncate"):
        two.set_params(truncate=2).fit(X, y)
    # Files of before read-outs had a choice say nothing of it.
    old = {name: value for name, value in one.to_json().items() if name != "readout"}
    assert SequenceClassifier.from_json(old).to_json()["readout"] == "last"


def test_fit_changes_no_parameter():
    X, y = series(20)
    encoder = Encoder.numeric(channels=2)
    model = SequenceClassifier(encoder=encoder, hidden=[3], epochs=2)
    before = model.get_params()
    model.fit(X, y)
    assert model.get_params() == before
    assert model.encoder is encoder
    assert not encoder.is_fitted
    assert model.encoder_.is_fitted
    assert is_classifier(model)


def test_fit_begins_anew_and_warm_start_goes_on():
    X, y = series(20)
    model = SequenceClassifier(hidden=(3,), epochs=2, seed=5).fit(X, y)
    first = hash_of(model.network_)
    assert hash_of(model.fit(X, y).network_) == first
    model.set_params(warm_start=True)
    assert hash_of(model.fit(X, y).network_) != first


def test_what_is_fitted_is_pickled():
    X, y = series(20)
    model = SequenceClassifier(hidden=(3,), epochs=3, seed=5).fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    assert copy.predict_proba(X).tolist() == model.predict_proba(X).tolist()
    assert clone(copy).get_params() == model.get_params()


def test_labels_are_given_back_as_they_were_given():
    X, y = series(20)
    model = SequenceClassifier(hidden=(3,), epochs=20, rate=0.05, seed=5).fit(X, y)
    assert model.classes_.tolist() == [0, 1]
    assert model.predict(X).dtype == y.dtype
    assert model.score(X, y) == model.evaluate(X, y)["accuracy"]
    evaluation = model.evaluate(X, y)
    assert evaluation["confusion"].sum() == 20
    assert sum(each["count"] for each in evaluation["classes"].values()) == 20
    mixed = SequenceClassifier(labels=["no", 1], hidden=(2,), epochs=1).fit(X, ["no" if label else 1 for label in y])
    assert mixed.classes_.tolist() == ["no", 1]
    with pytest.raises(TypeError, match="expected the parameter labels"):
        SequenceClassifier(epochs=1).fit(X, ["no" if label else 1 for label in y])


def test_a_tagger_in_cross_validation():
    X = ["banana", "cab", "deed", "aback", "beach", "cafe"] * 3
    y = [["vowel" if letter in "ae" else "other" for letter in word] for word in X]
    model = SequenceTagger(encoder=Encoder.one_hot("abcdefhkn"), hidden=(4,), epochs=30, rate=0.05, seed=2)
    assert cross_val_score(model, X, y, cv=3).mean() > 0.95
    assert model.fit(X, y).predict(["bad"])[0].tolist() == ["other", "vowel", "other"]


def test_a_predictor_in_a_grid_search():
    X = [np.sin(np.arange(30) / 4 + start) for start in range(6)]
    search = GridSearchCV(SequencePredictor(epochs=60, rate=0.02, seed=1), {"hidden": [(1,), (6,)]}, cv=3).fit(X)
    assert search.best_score_ > -0.1
    assert search.best_estimator_.generate(X[0], 5).shape == (5, 1)
    assert search.predict(X).shape == (6, 1)


def test_a_regressor_answers_in_the_units_of_its_targets():
    X = [np.sin(np.arange(steps) / 2) for steps in range(5, 45)]
    sums = np.array([100 * each.sum() + 5000 for each in X])
    model = SequenceRegressor(hidden=(8,), epochs=150, rate=0.02, seed=1)
    score = cross_val_score(model, X, sums, cv=2)
    assert (score > 0.9).all(), score
    scores = model.fit(X, sums).evaluate(X, sums)
    assert scores["rmse"] < 20 < 90 < scores["mean"]["rmse"]
    assert scores["r2"] == model.score(X, sums)
    # Two outputs, as the first answer has; of answers that are all the same each is foreseen.
    both = model.fit(X, np.stack([sums, np.full(40, 7.0)], axis=1))
    assert both.predict(X).shape == (40, 2)
    assert both.evaluate(X, [[total, 7] for total in sums])["outputs"][1]["r2"] == 1
    steps = SequenceRegressor(targets_at="each", hidden=(8,), epochs=150, rate=0.02, seed=1)
    running = [[*np.cumsum(each)[:-1], None] for each in X]
    assert steps.fit(X, running).evaluate(X, running)["r2"] > 0.9
    assert [len(answer) for answer in steps.predict(X[:3])] == [5, 6, 7]


@pytest.mark.parametrize(
    ("parameters", "y", "error", "message"),
    [
        ({}, ["3"], TypeError, 'y[0] is "3", expected a finite number'),
        ({}, [True], TypeError, "y[0] is True, expected a finite number"),
        ({}, [float("nan")], ValueError, "y[0] is nan, expected a finite number"),
        ({"outputs": 2}, [3], TypeError, "y[0] is 3, expected a list of 2 numbers"),
        ({"outputs": 2}, [[3]], ValueError, "y[0] has 1 values, the model has 2"),
        ({"outputs": 0}, [3], ValueError, "outputs is 0, expected an integer between 1 and 65536"),
        ({"targets_at": "each"}, [3], TypeError, "y[0] is 3, expected a list, an answer per step"),
        ({"targets_at": "each"}, [[None, None]], ValueError, "y[0] is a list of 2, expected at least one entry"),
        ({"targets_at": "each"}, [[1]], ValueError, "X[0] has 2 steps for 1 outputs, expected as many outputs as"),
        ({"targets_at": "each", "readout": "mean"}, [[1, 2]], ValueError, 'readout is "mean", expected left out'),
        ({"validation": [[1]]}, [3], TypeError, "validation is a list of 1, expected a tuple (X, y)"),
        ({}, [3, 4], ValueError, "X has 1 samples, y 2, expected as many"),
    ],
)
def test_what_a_regressor_refuses(parameters, y, error, message):
    model = SequenceRegressor(hidden=(2,), epochs=1, seed=1, **parameters)
    with pytest.raises(error) as caught:
        model.fit([[1, 2]], y)
    assert f"SequenceRegressor.fit: {message}" in str(caught.value)
    assert not hasattr(model, "network_")


def test_a_rising_series_goes_on_to_rise():
    stairs = [[1000.0 * first + step for step in range(6)] for first in range(5)]
    model = SequencePredictor(encoder=Encoder.numeric(difference=True), hidden=(4,), epochs=100, rate=0.02, seed=1)
    made = model.fit(stairs).generate([200, 201], 3)
    np.testing.assert_allclose(made[:, 0], [202, 203, 204], atol=0.05)
    scores = model.evaluate(stairs)
    assert scores["rmse"] < 0.05 < scores["last"]["rmse"]
    assert "advice" not in scores
    assert SequencePredictor.from_json(model.to_json()).generate([200, 201], 3).tolist() == made.tolist()


@pytest.mark.parametrize(
    ("parameters", "act", "error", "message"),
    [
        ({"horizon": 0}, None, ValueError, "fit: horizon is 0, expected an integer between 1 and 1000"),
        ({"horizon": 9}, None, ValueError, "fit: X[0] is a list of 4, expected at least 10 steps"),
        ({"outputs": ["z"]}, None, ValueError, 'fit: outputs[0] is "z", expected one of the channels x, y'),
        ({"outputs": ["x", "x"]}, None, ValueError, 'fit: outputs[1] is "x", expected a channel that has not come'),
        ({"outputs": ["x"], "covariates": ["x"]}, None, ValueError, 'no covariates, as "x" is'),
        ({"covariates": ["x", "y"]}, None, ValueError, "expected fewer channels than all: one is to be predicted"),
        ({"hold_out": "end", "validation": [[[1, 2]] * 3]}, None, ValueError, "left out where validation is no share"),
        ({"hold_out": "end", "validation": 0.1}, None, ValueError, "a share that holds out some steps of 4"),
        ({"outputs": ["x"]}, lambda model: model.generate(ROWS, 2), ValueError, "count is 2, expected at most 1 (the"),
        (
            {"covariates": ["y"]},
            lambda model: model.predict([ROWS]),
            TypeError,
            "covariates[0] is None, expected a list",
        ),
        ({}, lambda model: model.forecast(ROWS, [1]), ValueError, "covariates is a list of 1, expected left out"),
        ({}, lambda model: model.evaluate([ROWS], start=9), ValueError, "expected one with values from row 9 on"),
        ({}, lambda model: model.evaluate([ROWS], season=0), ValueError, "evaluate: season is 0, expected an integer"),
    ],
)
def test_what_a_predictor_refuses(parameters, act, error, message):
    encoder = Encoder.numeric(channels=["x", "y"], difference={"y": "relative"})
    model = SequencePredictor(encoder=encoder, hidden=(2,), epochs=1, seed=1, **parameters)
    with pytest.raises(error) as caught:
        model.fit([ROWS])
        if act is not None:
            act(model)
    assert message in str(caught.value)


def test_changes_that_are_none_are_refused():
    with pytest.raises(ValueError, match=r"difference is .twice., expected one of 'relative'"):
        Encoder.numeric(difference="twice")
    with pytest.raises(TypeError, match="z is not known"):
        Encoder.numeric(channels=["x", "y"], difference={"z": True})
    with pytest.raises(ValueError, match=r"\[1\]\[0\] is 0.*a number above 0"):
        Encoder.numeric(channels=2, difference={"0": "relative"}).fit([[[1, 0], [0, 0]]])
    with pytest.raises(ValueError, match="channel 0 has no change from one value to another"):
        Encoder.numeric(difference=True).fit([[1], [2]])


def test_what_is_not_fitted_says_so():
    for model in (SequenceClassifier(), SequenceRegressor(), SequencePredictor(), SequenceTranscriber()):
        with pytest.raises(NotFittedError, match="predict: the model has not been fitted yet; call fit first"):
            model.predict([[1, 2]])


def test_three_dimensional_arrays_are_sequences():
    X, y = np.stack([np.linspace(0, end, 5)[:, None] for end in (-1, 1, -2, 2)]), [0, 1, 0, 1]
    model = SequenceClassifier(hidden=(3,), epochs=60, rate=0.05, seed=1).fit(X, y)
    assert model.score(X, y) == 1


def test_what_a_mask_hides_is_missing():
    series = [np.ma.masked_array([[step, index] for step in range(4)], mask=False) for index in range(6)]
    for each in series:
        each[2, 0] = np.ma.masked
    labels = [0, 1] * 3
    given = {"hidden": (2,), "epochs": 2, "seed": 1}
    with pytest.raises(TypeError, match=r"fit: X\[0\]\[2\]\[0\] is None, expected a finite number"):
        SequenceClassifier(**given).fit(series, labels)
    encoder = Encoder.numeric(channels=2, missing="mask")
    masked = SequenceClassifier(**given, encoder=encoder).fit(series, labels)
    gaps = [each.astype(float).filled(np.nan) for each in series]
    told = SequenceClassifier(**given, encoder=encoder).fit(gaps, labels)
    assert hash_of(masked.network_) == hash_of(told.network_)
    network = Network.lstm(2, 2, 1, variant="standard", seed=1)
    with pytest.raises(TypeError, match=r"steps\[2\]\[0\] is None"):
        network.activate_sequence(series[0])


def test_texts_that_are_no_utf_8_are_kept(tmp_path):
    # JavaScript's texts may have halves of surrogate pairs.
    labels = ["\ud800", "b"]
    model = SequenceClassifier(hidden=(2,), epochs=1, seed=1).fit(["x", "y"], labels)
    model.save(tmp_path / "model.json")
    assert load(tmp_path / "model.json").classes_.tolist() == model.classes_.tolist()
    pack = Pack.of(SequenceClassifier(hidden=(2,), epochs=1, seed=1), ["x", "y"], labels)
    assert Pack.from_bytes(pack.to_bytes()).model.classes_.tolist() == model.classes_.tolist()
    assert node("ask", path=str(tmp_path / "model.json"), inputs=["x"]) == model.predict_proba(["x"]).tolist()


def test_parameters_set_after_fit_are_those_of_the_next_and_not_of_the_file():
    model = SequenceClassifier(hidden=(3,), epochs=2, seed=1).fit([[1, 2, 3], [3, 2, 1]], ["up", "down"])
    before = model.to_json()
    model.set_params(hidden=(2, 2), bidirectional=True, variant="gru", readout="mean")
    assert model.to_json() == before
    read = model_from_json(model.to_json())
    assert np.array_equal(read.predict_proba([[1, 2]]), model.predict_proba([[1, 2]]))
    with pytest.raises(ValueError, match=r"hidden is a list of 2, expected \[3\], as it was fitted"):
        model.set_params(warm_start=True).fit([[1, 2, 3], [3, 2, 1]], ["up", "down"])
    model.set_params(warm_start=False).fit([[1, 2, 3], [3, 2, 1]], ["up", "down"])
    stored = model.to_json()
    assert (stored["hidden"], stored["variant"], stored["readout"]) == ([2, 2], "gru", "mean")
